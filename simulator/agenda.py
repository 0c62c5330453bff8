"""What will happen when, in the world: a heap of appointments. Time is an argument, as everywhere."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Any

from acd.ids import Instant

Action = Callable[..., None]
"""What is done at an appointment, told what was given with it and, last, the instant it was due."""

Appointment = list[Any]
"""The instant, the number by which it is known, what is done (None: no more), and what is told."""

DO = 2

DEAD_MAX = 64
"""So many cancelled appointments may always stay in the heap; more only while they are the smaller part of it."""


class Agenda:
    """Appointments in the order of time; those of one instant in the order they were made."""

    def __init__(self) -> None:
        self._heap: list[Appointment] = []
        self._dead = 0
        """How many in the heap were cancelled."""
        self._made = 0

    def __len__(self) -> int:
        """How many there are that were not cancelled."""
        return len(self._heap) - self._dead

    def at(self, when: int, do: Action, *what: Any) -> Appointment:
        """Have `do(*what, when)` done at `when`; an instant that has passed means: as soon as possible."""
        self._made = number = self._made + 1
        appointment = [when, number, do, what]
        heappush(self._heap, appointment)
        return appointment

    def cancel(self, appointment: Appointment) -> None:
        """Never mind; nothing happens if it was kept or cancelled already."""
        if appointment[DO] is None:
            return
        appointment[DO] = None
        self._dead += 1
        if 2 * self._dead > len(self._heap) + DEAD_MAX:
            self._heap[:] = [each for each in self._heap if each[DO] is not None]
            heapify(self._heap)
            self._dead = 0

    def next_due(self) -> Instant | None:
        """The instant of the first appointment that was not cancelled."""
        heap = self._heap
        while heap:
            first = heap[0]
            if first[DO] is not None:
                due: Instant = first[0]
                return due
            heappop(heap)
            self._dead -= 1
        return None

    def advance(self, now: Instant) -> None:
        """Keep every appointment that is due at `now` or before, and those they make in turn."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            appointment = heappop(heap)
            when, _, do, what = appointment
            if do is None:
                self._dead -= 1
            else:
                appointment[DO] = None
                do(*what, when)
