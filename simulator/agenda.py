"""What will happen when, in the world: a heap of appointments. Time is an argument, as everywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from acd.ids import Instant

Action = Callable[[Instant], None]
"""What is done at an appointment, told the instant it was due."""


@dataclass(slots=True, eq=False)
class Appointment:
    at: Instant
    do: Action | None

    def cancel(self) -> None:
        self.do = None


class Agenda:
    """Appointments in the order of time; those of one instant in the order they were made."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, Appointment]] = []
        self._made = 0

    def at(self, when: int, do: Action) -> Appointment:
        """Have `do(when)` done at `when`; an instant that has passed means: as soon as possible."""
        appointment = Appointment(Instant(when), do)
        self._made += 1
        heappush(self._heap, (appointment.at, self._made, appointment))
        return appointment

    def next_due(self) -> Instant | None:
        """The instant of the first appointment that was not cancelled."""
        heap = self._heap
        while heap and heap[0][2].do is None:
            heappop(heap)
        return heap[0][0] if heap else None

    def advance(self, now: Instant) -> None:
        """Keep every appointment that is due at `now` or before, and those they make in turn."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            appointment = heappop(heap)[2]
            if appointment.do is not None:
                appointment.do(appointment.at)
