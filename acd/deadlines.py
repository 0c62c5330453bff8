"""What will be due when. The truth stands in the fields of agents and offers, here only the order of time."""

from heapq import heappop, heappush
from typing import Any, NamedTuple

from acd.ids import Instant, new_tuple


class Due(NamedTuple):
    at: Instant
    ticket: int
    """Order of setting: what was set first is due first, among equals."""
    field: str
    subject: Any


class Deadlines:
    """A heap of dues. A due counts only while its subject's field still holds that very due.

    So clearing or setting the field anew is enough to call a deadline off; its entry is dropped when it comes up.
    """

    def __init__(self) -> None:
        self._heap: list[Due] = []
        self.tickets = 0
        """The last one drawn."""

    def set(self, subject: Any, field: str, at: int) -> None:
        """Write a due for `at` into `subject.field` and have it come up then."""
        self.tickets += 1
        due = new_tuple(Due, (at, self.tickets, field, subject))
        setattr(subject, field, due)
        heappush(self._heap, due)

    def set_again(self, subject: Any, field: str, at: int, ticket: int) -> None:
        """Like `set`, with the ticket that this due drew when it was set first, in another life."""
        due = Due(Instant(at), ticket, field, subject)
        setattr(subject, field, due)
        heappush(self._heap, due)

    def next(self) -> Instant | None:
        """The earliest instant at which something is due."""
        heap = self._heap
        while heap:
            due = heap[0]
            at, _, field, subject = due
            if getattr(subject, field) is due:
                return at
            heappop(heap)
        return None

    def pop(self, now: Instant) -> Due | None:
        """The first that is due at `now` or before, its field cleared; None when nothing is."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            due = heappop(heap)
            _, _, field, subject = due
            is_live: bool = getattr(subject, field) is due
            if is_live:
                setattr(subject, field, None)
                return due
        return None
