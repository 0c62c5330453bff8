"""Tickets: numbers drawn one after another, as at a counter. Whatever else ties, who drew first goes first."""

from operator import length_hint

_END = 2**62
"""More than are ever drawn; what `length_hint` can still count."""


class Tickets:
    """`draw()` gives the next number, 1 at first; `drawn` tells how many have been given.

    An iterator's own method, for every call and every idle agent draws one; `itertools.count` is as quick, but can't
    be read without drawing.
    """

    __slots__ = ("_numbers", "draw")

    def __init__(self, drawn: int = 0) -> None:
        self._numbers = iter(range(drawn + 1, _END))
        self.draw = self._numbers.__next__

    @property
    def drawn(self) -> int:
        """The number given last; 0: none yet."""
        return _END - 1 - length_hint(self._numbers)
