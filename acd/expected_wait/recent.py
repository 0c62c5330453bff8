"""What has been seen lately, as sums that fade: little memory, no edge at which the past falls off.

Time is an argument, as everywhere. Floats are good enough: no routing follows from them.
"""

from math import exp
from typing import NamedTuple

from acd.ids import GroupId, Instant

KEEP = 250
"""A duration counts e^(-n / this) after n more. That weighs as much as 500 of equal weight: their mean is known to 3 to
5 % (the variation of handling times is 0.7 to 1). With fewer, a centre's crowded hours are those in which the mean is
taken too long by chance."""
KEEP_MS = 4 * 3_600_000
"""And e^(-age / this): an hour of the morning says little about the evening."""


class Moments(NamedTuple):
    """Of durations in seconds. `n` is how many of equal weight would say as much."""

    n: float
    mean: float
    variance: float


NONE_SEEN = Moments(0.0, 0.0, 0.0)
_STAYS = exp(-1 / KEEP)


class Durations:
    """Recent durations of one kind."""

    __slots__ = ("_at", "_known", "_known_until", "_squares", "_sum", "_weight", "_weight_squares", "since")

    def __init__(self) -> None:
        self._weight = self._weight_squares = self._sum = self._squares = 0.0
        self._at = Instant(0)
        self._known, self._known_until = NONE_SEEN, 0
        self.since: Instant | None = None
        """When the first that was ever seen began."""

    def add(self, duration_ms: int, now: Instant) -> None:
        """One that ended `now`."""
        if self.since is None:
            self.since = Instant(now - duration_ms)
        stays, duration = _STAYS * exp((self._at - now) / KEEP_MS), duration_ms / 1000
        self._weight = self._weight * stays + 1
        self._weight_squares = self._weight_squares * stays * stays + 1
        self._sum = self._sum * stays + duration
        self._squares = self._squares * stays + duration * duration
        self._at = now
        self._known_until = 0

    def moments(self, now: Instant) -> Moments:
        """Those known at `now`: what is old counts less, so fewer are known. Good for a minute if nothing comes."""
        if now >= self._known_until and self._weight:
            self._known, self._known_until = self._reckon(now), now + 60_000
        return self._known

    def _reckon(self, now: Instant) -> Moments:
        n = self._weight**2 / self._weight_squares
        mean = self._sum / self._weight
        biased = max(0.0, self._squares / self._weight - mean * mean)
        return Moments(n * exp((self._at - now) / KEEP_MS), mean, biased * n / (n - 1) if n > 1 else 0.0)


class Rate:
    """How often something happens in a stretch of something else, recently: callers giving up in time waited."""

    __slots__ = ("_at", "_of", "_times")

    def __init__(self) -> None:
        self._times = self._of = 0.0
        self._at = Instant(0)

    def add(self, times: int, of: float, now: Instant) -> None:
        """So many `times` in a stretch `of` that ended `now`."""
        fading = exp((self._at - now) / KEEP_MS)
        self._times = self._times * fading + times
        self._of = self._of * fading + of
        self._at = now

    @property
    def value(self) -> float:
        """The one over the other; 0 when nothing was seen."""
        return self._times / self._of if self._of else 0.0


class Arrivals:
    """How often calls come, by group and tier."""

    FADE_MS = 1_800_000
    """Arrivals change faster than handling does: half an hour is the usual interval of a centre's plans."""

    def __init__(self) -> None:
        self._since: Instant | None = None
        self._counts: dict[tuple[GroupId, int], tuple[float, Instant]] = {}

    def add(self, group: GroupId, tier: int, now: Instant) -> None:
        self._since = now if self._since is None else self._since
        self._counts[group, tier] = (self._now(group, tier, now) + 1, now)

    def above(self, tier: int, now: Instant) -> list[tuple[GroupId, float]]:
        """Calls a second with a higher tier than `tier`, by group; a group may stand in the list more than once."""
        if self._since is None or now <= self._since:
            return []
        seen_s = self.FADE_MS / 1000 * (1 - exp((self._since - now) / self.FADE_MS))
        return [(group, self._now(group, t, now) / seen_s) for group, t in self._counts if t > tier]

    def _now(self, group: GroupId, tier: int, now: Instant) -> float:
        count, at = self._counts.get((group, tier), (0.0, now))
        return count * exp((at - now) / self.FADE_MS)
