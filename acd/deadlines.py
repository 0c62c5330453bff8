"""What will be due when. The truth stands in the fields of agents and offers; here is only the order of time."""

from heapq import heappop, heappush
from typing import Any, NamedTuple

from acd.ids import Instant


class Due(NamedTuple):
    at: Instant
    ticket: int
    """Order of setting: what was set first is due first, among equals."""
    field: str
    subject: Any


class Deadlines:
    """A heap of (instant, field of a subject). An entry counts only while that field still holds that instant.

    So changing or clearing the field is enough to call a deadline off; its entry is dropped when it comes up.
    """

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self._tickets = 0

    def set(self, subject: Any, field: str, at: Instant) -> None:
        """Write `at` into `subject.field` and have it come up then."""
        setattr(subject, field, at)
        self._tickets += 1
        heappush(self._heap, Due(at, self._tickets, field, subject))

    def next(self) -> Instant | None:
        """The earliest instant at which something is due."""
        heap = self._heap
        while heap and getattr(heap[0].subject, heap[0].field) != heap[0].at:
            heappop(heap)
        return heap[0].at if heap else None

    def pop(self, now: Instant) -> Due | None:
        """The first that is due at `now` or before, its field cleared; None when nothing is."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            due = heappop(heap)
            if getattr(due.subject, due.field) == due.at:
                setattr(due.subject, due.field, None)
                return due
        return None
