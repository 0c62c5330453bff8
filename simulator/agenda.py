"""What will happen when, in the world: a heap of appointments. Time is an argument, as everywhere."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

from acd.ids import Instant

Action = Callable[..., None]
"""What is done at an appointment, told what was given with it and, last, the instant it was due."""

Appointment = tuple[Instant, int]
"""The instant, and the number by which it is known."""

DEAD_MAX = 64
"""So many cancelled appointments may always stay in the heap; more only while they are the smaller part of it."""


class Agenda:
    """Appointments in the order of time; those of one instant in the order they were made."""

    def __init__(self) -> None:
        self._heap: list[Appointment] = []
        self._kept: dict[int, tuple[Action, tuple[Any, ...]]] = {}
        """What is to be done, by the appointment's number; one not in here was cancelled."""
        self._made = 0

    def __len__(self) -> int:
        """How many there are that were not cancelled."""
        return len(self._kept)

    def at(self, when: int, do: Action, *what: Any) -> Appointment:
        """Have `do(*what, when)` done at `when`; an instant that has passed means: as soon as possible."""
        self._made = number = self._made + 1
        self._kept[number] = do, what
        appointment = (Instant(when), number)
        heappush(self._heap, appointment)
        return appointment

    def cancel(self, appointment: Appointment) -> None:
        """Never mind; nothing happens if it was kept or cancelled already."""
        self._kept.pop(appointment[1], None)
        if len(self._heap) > 2 * len(self._kept) + DEAD_MAX:
            self._heap[:] = [each for each in self._heap if each[1] in self._kept]
            heapify(self._heap)

    def next_due(self) -> Instant | None:
        """The instant of the first appointment that was not cancelled."""
        heap, kept = self._heap, self._kept
        while heap:
            if heap[0][1] in kept:
                return heap[0][0]
            heappop(heap)
        return None

    def advance(self, now: Instant) -> None:
        """Keep every appointment that is due at `now` or before, and those they make in turn."""
        heap, kept = self._heap, self._kept
        while heap and heap[0][0] <= now:
            when, number = heappop(heap)
            appointed = kept.pop(number, None)
            if appointed is not None:
                appointed[0](*appointed[1], when)
