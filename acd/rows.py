"""Rows: sorted, cheap at both ends and not dear in the middle, for a handful of entries or a hundred thousand.

Nearly every row is short and nearly every entry comes last and leaves near the front; then a row is one list. A long
one is cut into chunks, so that no step moves more than `CHUNK_MAX` entries. (A SortedList of sortedcontainers takes
four times as long on short rows, and those are a quarter of a call's cost: docs/decisions/0004.)
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from itertools import chain
from operator import itemgetter
from typing import Any, Generic, TypeVar

E = TypeVar("E", bound=tuple[Any, ...])

CHUNK_MAX = 1_000

_first = itemgetter(0)


class Row(Generic[E]):
    """Entries, each different from all others, smallest first.

    `chunks` are sorted lists that follow each other; none is empty but the only one. Others may read them, and find
    the first entry as `chunks[0][0]`.
    """

    __slots__ = ("chunks",)

    def __init__(self) -> None:
        self.chunks: list[list[E]] = [[]]

    def __bool__(self) -> bool:
        return bool(self.chunks[0])

    def __len__(self) -> int:
        return sum(map(len, self.chunks))

    def __iter__(self) -> Iterator[E]:
        return chain.from_iterable(self.chunks)

    def nth(self, n: int) -> E:
        """The entry that has `n` before it."""
        for chunk in self.chunks:
            if n < len(chunk):
                return chunk[n]
            n -= len(chunk)
        raise IndexError(n)

    def index(self, entry: E) -> int:
        """How many entries stand before `entry`."""
        at = self._chunk_of(entry)
        return sum(map(len, self.chunks[:at])) + bisect_left(self.chunks[at], entry)

    def put(self, entry: E) -> None:
        """Let `entry` stand at its place."""
        chunk = self.chunks[-1]
        if chunk and entry < chunk[-1]:
            self._insert(entry)
        elif len(chunk) < CHUNK_MAX:
            chunk.append(entry)
        else:
            self.chunks.append([entry])

    def take(self, entry: E) -> None:
        """Let `entry`, which must stand here, stand here no more."""
        chunks = self.chunks
        at = 0 if len(chunks) == 1 else self._chunk_of(entry)
        chunk = chunks[at]
        taken = chunk.pop(bisect_left(chunk, entry))
        assert taken == entry
        if not chunk and len(chunks) > 1:
            del chunks[at]

    def _insert(self, entry: E) -> None:
        at = self._chunk_of(entry)
        chunk = self.chunks[at]
        insort(chunk, entry)
        if len(chunk) > CHUNK_MAX:
            half = CHUNK_MAX // 2
            self.chunks.insert(at + 1, chunk[half:])
            del chunk[half:]

    def _chunk_of(self, entry: E) -> int:
        """The last chunk that begins with `entry` or before it; else the first of all."""
        return max(0, bisect_right(self.chunks, entry, key=_first) - 1)
