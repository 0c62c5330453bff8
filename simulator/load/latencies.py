"""Delays as figures: every value is kept, so every percentile is exact. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

LATE_S = 1.0


@dataclass(frozen=True, slots=True)
class Delays:
    """Of so many, ms. All are 0 where there was none."""

    n: int
    p50: float
    p99: float
    p999: float
    max: float

    def as_json(self) -> dict[str, Any]:
        """As a table of JSON."""
        return asdict(self)


def delays(values_ms: Iterable[float]) -> Delays:
    """Percentiles by nearest rank: the smallest value that so many of all don't exceed."""
    ordered = sorted(values_ms)
    return Delays(len(ordered), *(percentile(ordered, share) for share in (0.5, 0.99, 0.999, 1.0)))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of values in order; 0 if there is none."""
    if not ordered:
        return 0.0
    return round(ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)], 3)


class Pushes:
    """What was said to the daemon, and the clients' word that the push of it has come: two processes, either first."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], float] = {}
        self._seen: dict[tuple[str, str], float] = {}

    def said(self, rows: Iterable[Sequence[Any]]) -> None:
        """Call, offer or agent, and when."""
        self._said.update({(call, other): at for call, other, at in rows})

    def seen(self, rows: Iterable[Sequence[Any]]) -> None:
        """Likewise, by a client."""
        self._seen.update({(call, other): at for call, other, at in rows})

    def collect(self) -> list[float]:
        """The delays, ms, of those that are known from both sides by now; each once."""
        both = [key for key in self._said if key in self._seen]
        return [(self._seen.pop(key) - self._said.pop(key)) * 1000 for key in both]

    def late(self, now: float) -> int:
        """How many pushes haven't come for `LATE_S`; they aren't waited for any more."""
        overdue = [key for key, at in self._said.items() if now - at > LATE_S]
        for key in overdue:
            del self._said[key]
        return len(overdue)
