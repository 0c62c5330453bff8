"""What several replications say together: a figure with its confidence interval, and a difference with its own.

A figure is a ratio of sums: all that was counted above the line in all replications over all below it. Its standard
error is the jackknife's, from what it would be without each replication in turn; the interval is Student's t with one
degree of freedom less than there are replications. Where everything below the line is the same (calls a day) that is
the mean with its usual interval, to the last digit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum, inf, sqrt

from simulator.study.extras import extra

CONFIDENCE = 0.95
INTERVAL = "95 % by Student's t over replications; of ratios (sum over sum) with the jackknife's standard error"

Pair = tuple[float, float]
"""What one replication counted above and below the line."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure; None where there was nothing to divide by. Without an interval where it can't be known.

    No figure is below 0, and none is above `most`; nor are the ends of its interval.
    """

    value: float | None
    half_width: float | None = None
    most: float = inf

    @property
    def low(self) -> float | None:
        return None if self.value is None or self.half_width is None else max(self.value - self.half_width, 0.0)

    @property
    def high(self) -> float | None:
        return None if self.value is None or self.half_width is None else min(self.value + self.half_width, self.most)


@dataclass(frozen=True, slots=True)
class Difference:
    """How much the second is above the first, replication by replication on the same chances."""

    value: float | None
    half_width: float | None = None
    unpaired_half_width: float | None = None
    """That of the same numbers, had they come from chances of their own."""

    @property
    def narrower(self) -> float | None:
        """How many times the interval is narrower than the unpaired one; None where it has no width or isn't known."""
        return self.unpaired_half_width / self.half_width if self.unpaired_half_width and self.half_width else None

    @property
    def is_sure(self) -> bool:
        """Whether 0 lies outside the interval."""
        return self.value is not None and self.half_width is not None and abs(self.value) > self.half_width


NOTHING = Estimate(None)


def ratio(pairs: Sequence[Pair], most: float = inf) -> Estimate:
    """The sum of what is above the line over the sum of what is below."""
    return Estimate(_of_sums(pairs), _half_width(_without_each(pairs), len(pairs) - 1), most)


def mean(values: Sequence[float | None]) -> Estimate:
    """Of those that are there."""
    return ratio([(value, 1) for value in values if value is not None])


def difference(first: Sequence[Pair], second: Sequence[Pair]) -> Difference:
    """Of two ratios whose replications belong together, one by one."""
    assert len(first) == len(second), "the replications are pairs"
    one, other = _of_sums(first), _of_sums(second)
    if one is None or other is None:
        return Difference(None)
    ones, others, freedom = _without_each(first), _without_each(second), len(first) - 1
    if ones is None or others is None:
        return Difference(other - one)
    paired = _half_width([b - a for a, b in zip(ones, others, strict=True)], freedom)
    apart = t_quantile(2 * freedom) * sqrt(_variance(ones) + _variance(others)) if freedom else None
    return Difference(other - one, paired, apart)


def mean_difference(first: Sequence[float | None], second: Sequence[float | None]) -> Difference:
    """Of the means, over the replications in which both are there."""
    both = [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None]
    return difference([(a, 1) for a, _ in both], [(b, 1) for _, b in both])


@cache
def t_quantile(freedom: int) -> float:
    """How many standard errors the interval goes to each side."""
    quantile: Callable[[float, float], float] = extra("scipy.special").stdtrit
    return float(quantile(freedom, (1 + CONFIDENCE) / 2))


def _of_sums(pairs: Sequence[Pair]) -> float | None:
    above, below = fsum(pair[0] for pair in pairs), fsum(pair[1] for pair in pairs)
    return above / below if below else None


def _without_each(pairs: Sequence[Pair]) -> list[float] | None:
    """The ratio without each replication in turn; None where one of these has nothing to divide by."""
    above, below = fsum(pair[0] for pair in pairs), fsum(pair[1] for pair in pairs)
    if any(below == pair[1] for pair in pairs):
        return None
    return [(above - pair[0]) / (below - pair[1]) for pair in pairs]


def _half_width(without_each: list[float] | None, freedom: int) -> float | None:
    if without_each is None or freedom < 1:
        return None
    return t_quantile(freedom) * sqrt(_variance(without_each))


def _variance(without_each: list[float]) -> float:
    """The jackknife's, of the figure itself."""
    n = len(without_each)
    middle = fsum(without_each) / n
    return (n - 1) / n * fsum((each - middle) ** 2 for each in without_each)
