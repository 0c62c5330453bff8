"""When the calls of one entry point come.

    Poisson(per_h)                       at a constant rate
    Piecewise(((0, 10), (28_800_000, 200)))  at rates by the clock of the day: 10 an hour from 0:00, 200 from 8:00
    Burst(base, at_ms, for_ms, times)    for a while `times` as many, each day or on one
    Uncertain(base, deviation)           some days more than expected, other days less
    Recorded(instants)                   when they came

Instants count from a midnight: the time of the day is what is left of them after whole days.

All but recorded calls know nothing of each other, and all rates are constant for a while. So the number of calls that
are to be expected until the next one is exponential with mean 1, whatever the rates, and the next call comes when the
rates have made up that number: nothing is tried and thrown away, and nothing is cut in steps.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf, log
from operator import itemgetter
from random import Random
from typing import Protocol

from acd.ids import Instant

MS_PER_H = 3_600_000
DAY_MS = 24 * MS_PER_H


class Arrivals(Protocol):
    """A plain value; what a run draws and remembers of it is in what `of_run` gives."""

    def of_run(self, rng: Random) -> "Arrivals":
        """These arrivals in one run; what belongs to a day and not to a call is drawn by `rng`."""
        ...

    def next_after(self, at: Instant, rng: Random) -> Instant | None:
        """The next arrival after one at `at` (or after the beginning); None when there will be none."""
        ...

    def scaled(self, faster: float) -> "Arrivals":
        """The same, with days that are `faster` times as short."""
        ...


class Rated(ABC):
    """Calls that know nothing of each other, at a rate that is constant for a while."""

    __slots__ = ()

    @abstractmethod
    def rate(self, at: int) -> tuple[float, float]:
        """Calls an hour at `at`, and the instant until which it stays so (`inf`: for ever)."""

    @abstractmethod
    def scaled(self, faster: float) -> "Rated": ...

    def of_run(self, rng: Random) -> "Rated":  # noqa: ARG002 - most days are alike
        return self

    def next_after(self, at: Instant, rng: Random) -> Instant | None:
        since, expected = at, rng.expovariate(1.0)
        while True:
            per_h, until = self.rate(since)
            before = per_h * (until - since) / MS_PER_H if per_h else 0.0
            if expected < before:
                return Instant(since + round(expected / per_h * MS_PER_H))
            if until == inf:
                return None
            since, expected = Instant(int(until)), expected - before


@dataclass(frozen=True, slots=True)
class Poisson(Rated):
    """At a constant rate."""

    per_h: float

    def __post_init__(self) -> None:
        _rate(self.per_h)

    def rate(self, at: int) -> tuple[float, float]:  # noqa: ARG002 - it is always the same
        return self.per_h, inf

    def next_after(self, at: Instant, rng: Random) -> Instant | None:
        """As for any rates, without a look at until when they hold."""
        per_h = self.per_h
        return Instant(at + round(-log(1.0 - rng.random()) / per_h * MS_PER_H)) if per_h else None

    def scaled(self, faster: float) -> "Poisson":
        return Poisson(self.per_h * faster)


@dataclass(frozen=True, slots=True)
class Piecewise(Rated):
    """At rates that change by the clock: (from ms of the day, calls an hour), every day the same.

    Before the first the last one holds, since the day before.
    """

    rates: tuple[tuple[int, float], ...]
    day_ms: int = DAY_MS

    def __post_init__(self) -> None:
        begins = [from_ms for from_ms, _ in self.rates]
        if not begins or begins != sorted(set(begins)):
            raise ValueError(f"rates begin one after the other in the day, and there is at least one; not {begins}")
        if begins[0] < 0 or begins[-1] >= self.day_ms:
            raise ValueError(f"rates begin from 0 ms to before {self.day_ms} ms of the day, not at {begins}")
        for _, per_h in self.rates:
            _rate(per_h)

    def rate(self, at: int) -> tuple[float, float]:
        rates = self.rates
        day, ms = divmod(at, self.day_ms)
        n = bisect_right(rates, ms, key=itemgetter(0))
        per_h = rates[n - 1][1]
        if len({each for _, each in rates}) == 1:
            return per_h, inf
        begins_ms = rates[n][0] if n < len(rates) else self.day_ms + rates[0][0]
        return per_h, day * self.day_ms + begins_ms

    def scaled(self, faster: float) -> "Piecewise":
        rates = tuple((round(from_ms / faster), per_h * faster) for from_ms, per_h in self.rates)
        return Piecewise(rates, round(self.day_ms / faster))


@dataclass(frozen=True, slots=True)
class Burst(Rated):
    """`times` as many calls as by `base` from `at_ms` of the day, `for_ms` long; on every day, or on day `day` alone.

    Days count from 0.
    """

    base: Rated
    at_ms: int
    for_ms: int
    times: float
    day: int | None = None
    day_ms: int = DAY_MS

    def __post_init__(self) -> None:
        _rate(self.times)
        if not 0 <= self.at_ms < self.day_ms:
            raise ValueError(f"a burst begins from 0 ms to before {self.day_ms} ms of the day, not at {self.at_ms}")
        if not 0 < self.for_ms <= self.day_ms:
            raise ValueError(f"a burst is longer than 0 ms and no longer than a day, not {self.for_ms} ms")

    def of_run(self, rng: Random) -> "Burst":
        return replace(self, base=self.base.of_run(rng))

    def rate(self, at: int) -> tuple[float, float]:
        per_h, until = self.base.rate(at)
        begins = self._begins(at)
        if begins <= at < begins + self.for_ms:
            return per_h * self.times, min(until, begins + self.for_ms)
        return per_h, min(until, begins) if begins > at else until

    def _begins(self, at: int) -> int:
        """The beginning of the burst that goes on at `at`, else of the next; of one day's: of that."""
        if self.day is not None:
            return self.day * self.day_ms + self.at_ms
        begins = at - (at - self.at_ms) % self.day_ms
        return begins if at < begins + self.for_ms else begins + self.day_ms

    def scaled(self, faster: float) -> "Burst":
        at_ms, for_ms, day_ms = (round(ms / faster) for ms in (self.at_ms, self.for_ms, self.day_ms))
        return replace(self, base=self.base.scaled(faster), at_ms=at_ms, for_ms=for_ms, day_ms=day_ms)


@dataclass(frozen=True, slots=True)
class Uncertain(Rated):
    """Each day's rate is that of `base` times a factor of that day, gamma distributed with mean 1.

    `deviation` is the factor's standard deviation. The days of this value itself are average ones: its runs' differ.
    """

    base: Rated
    deviation: float
    day_ms: int = DAY_MS

    def __post_init__(self) -> None:
        _rate(self.deviation)

    def of_run(self, rng: Random) -> Rated:
        base = self.base.of_run(rng)
        return _Days(base, self.deviation**-2, self.day_ms, rng) if self.deviation else base

    def rate(self, at: int) -> tuple[float, float]:
        return self.base.rate(at)

    def scaled(self, faster: float) -> "Uncertain":
        return replace(self, base=self.base.scaled(faster), day_ms=round(self.day_ms / faster))


@dataclass(slots=True, eq=False)
class _Days(Rated):
    """One run's, from the first day asked for to the last: each has its factor drawn as it begins."""

    base: Rated
    shape: float
    """Of the gamma distribution: 1 / deviation²."""
    day_ms: int
    rng: Random
    day: int = -1
    factor: float = 1.0

    def rate(self, at: int) -> tuple[float, float]:
        day = at // self.day_ms
        if day != self.day:
            self.day, self.factor = day, self.rng.gammavariate(self.shape, 1 / self.shape)
        per_h, until = self.base.rate(at)
        if not per_h and until == inf:
            return per_h, until
        return per_h * self.factor, min(until, (day + 1) * self.day_ms)

    def scaled(self, faster: float) -> Rated:
        raise NotImplementedError("scale what the run is of")


@dataclass(frozen=True, slots=True)
class Recorded:
    """Exactly then, in order; several may come in one millisecond."""

    instants: Sequence[Instant]

    def __post_init__(self) -> None:
        if any(later < sooner for sooner, later in pairwise(self.instants)):
            raise ValueError("recorded arrivals are in the order of time")

    def of_run(self, rng: Random) -> "_Reader":  # noqa: ARG002 - nothing of it is chance
        return _Reader(self.instants)

    def next_after(self, at: Instant, rng: Random) -> Instant | None:  # noqa: ARG002
        n = bisect_right(self.instants, at)
        return self.instants[n] if n < len(self.instants) else None

    def scaled(self, faster: float) -> "Recorded":
        return Recorded(tuple(Instant(round(at / faster)) for at in self.instants))

    def moved(self, by_ms: int) -> "Recorded":
        """The same, later by so much; into another day."""
        return Recorded(tuple(Instant(at + by_ms) for at in self.instants))


@dataclass(slots=True, eq=False)
class _Reader:
    """One run's: those of one instant come one after the other."""

    instants: Sequence[Instant]
    n: int = 0
    """How many have come, or were before the beginning."""

    def of_run(self, rng: Random) -> "_Reader":  # noqa: ARG002
        return _Reader(self.instants)

    def next_after(self, at: Instant, rng: Random) -> Instant | None:  # noqa: ARG002
        instants = self.instants
        while self.n < len(instants) and instants[self.n] < at:
            self.n += 1
        if self.n == len(instants):
            return None
        self.n += 1
        return instants[self.n - 1]

    def scaled(self, faster: float) -> Recorded:
        return Recorded(self.instants).scaled(faster)


def _rate(given: float) -> None:
    if not 0 <= given < inf:
        raise ValueError(f"rates, factors and deviations of arrivals are finite and not negative; {given:g} is not")
