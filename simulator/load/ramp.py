"""Which rate is tried next, and which one held. Pure."""

from __future__ import annotations

from collections.abc import Sequence

FIRST, FACTOR, NEAR = 50.0, 2.0, 1.15
"""Calls a second: where an automatic ramp begins, how it rises, and how near to the limit it gets."""


class Ramp:
    """Given rates in their order until one doesn't hold; without any, doubled until then and halved in between."""

    def __init__(self, rates: Sequence[float] = (), most: float = float("inf")) -> None:
        self._left = list(rates)
        self._is_auto = not rates
        self._most = most
        self.held = 0.0
        """The highest that held."""
        self.broken: float | None = None
        """The lowest that didn't."""

    def next(self) -> float | None:
        """The next rate, calls a second; None when there is nothing left to find out."""
        if self._is_auto:
            return self._next_auto()
        return self._left.pop(0) if self._left and self.broken is None else None

    def tell(self, rate: float, *, held: bool) -> None:
        """How that one went."""
        if held:
            self.held = max(self.held, rate)
        else:
            self.broken = min(rate, self.broken or rate)

    def _next_auto(self) -> float | None:
        if self.broken is None:
            rate = min(self.held * FACTOR or FIRST, self._most)
            return None if rate <= self.held else rate
        if not self.held:
            return self.broken / FACTOR if self.broken > 1 else None
        between = round((self.broken * self.held) ** 0.5, 1)
        return None if self.broken / self.held <= NEAR or not self.held < between < self.broken else between
