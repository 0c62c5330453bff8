"""How long things take: named distributions of seconds, described plainly::

180  or  {"constant": 180}      always 180 s
{"exponential": 180}            mean 180 s
{"uniform": [5, 15]}            from 5 to 15 s
{"lognormal": [180, 90]}        mean 180 s, standard deviation 90 s
{"empirical": [30, 45, 45]}     one of these, as they were measured
{"empirical": [[30, 1], [45, 2]]}  the same: 30 s once, 45 s twice
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, field, replace
from itertools import accumulate
from math import exp, fsum, log, sqrt
from random import Random
from typing import Any, Protocol


class Distribution(Protocol):
    """Seconds that differ from time to time."""

    @property
    def mean_s(self) -> float: ...

    def sample_s(self, rng: Random) -> float:
        """One duration, never negative; all randomness is `rng`'s."""
        ...

    def scaled(self, factor: float) -> "Distribution":
        """The same shape with every duration times `factor`."""
        ...


@dataclass(frozen=True, slots=True)
class Constant:
    mean_s: float

    def __post_init__(self) -> None:
        _not_negative(self)

    def sample_s(self, rng: Random) -> float:  # noqa: ARG002 - chance has no part in it
        return self.mean_s

    def scaled(self, factor: float) -> "Constant":
        return Constant(self.mean_s * factor)


@dataclass(frozen=True, slots=True)
class Exponential:
    mean_s: float

    def __post_init__(self) -> None:
        _not_negative(self)

    def sample_s(self, rng: Random) -> float:
        return -log(1.0 - rng.random()) * self.mean_s

    def scaled(self, factor: float) -> "Exponential":
        return Exponential(self.mean_s * factor)


@dataclass(frozen=True, slots=True)
class Uniform:
    low_s: float
    high_s: float

    def __post_init__(self) -> None:
        _not_negative(self)
        if self.low_s > self.high_s:
            raise ValueError(f"uniform goes from the lower to the higher: {self.low_s:g} is above {self.high_s:g}")

    @property
    def mean_s(self) -> float:
        return (self.low_s + self.high_s) / 2

    def sample_s(self, rng: Random) -> float:
        return rng.uniform(self.low_s, self.high_s)

    def scaled(self, factor: float) -> "Uniform":
        return Uniform(self.low_s * factor, self.high_s * factor)


@dataclass(frozen=True, slots=True)
class Lognormal:
    """Given by its own mean and standard deviation, not by those of its logarithm."""

    mean_s: float
    sd_s: float
    _of_log: tuple[float, float] = field(init=False, compare=False, repr=False)
    """Mean and standard deviation of the logarithm of what `mean_s` is multiplied by."""

    def __post_init__(self) -> None:
        _none_negative((self.mean_s, self.sd_s))
        if self.mean_s == 0:
            raise ValueError("lognormal has a mean above 0")
        variance = log(1 + (self.sd_s / self.mean_s) ** 2)
        object.__setattr__(self, "_of_log", (-variance / 2, sqrt(variance)))

    def sample_s(self, rng: Random) -> float:
        return self.mean_s * exp(rng.gauss(*self._of_log))

    def scaled(self, factor: float) -> "Lognormal":
        return replace(self, mean_s=self.mean_s * factor, sd_s=self.sd_s * factor)


@dataclass(frozen=True, slots=True)
class Empirical:
    """One of the values measured, each as likely as it was frequent: `counts` times, or once where none are given."""

    values_s: tuple[float, ...]
    counts: tuple[float, ...] = ()
    _up_to: tuple[float, ...] = field(init=False, compare=False, repr=False)
    """How many values there are up to each one."""

    def __post_init__(self) -> None:
        if not self.values_s:
            raise ValueError("empirical has at least one value")
        if self.counts and len(self.counts) != len(self.values_s):
            raise ValueError(f"empirical has a count for each value: {len(self.counts)} for {len(self.values_s)}")
        _none_negative((*self.values_s, *self.counts))
        object.__setattr__(self, "_up_to", tuple(accumulate(self.counts)))
        if self.counts and not self._up_to[-1]:
            raise ValueError("empirical has at least one value that is counted")

    @property
    def mean_s(self) -> float:
        if not self.counts:
            return fsum(self.values_s) / len(self.values_s)
        return fsum(value * count for value, count in zip(self.values_s, self.counts)) / self._up_to[-1]

    def sample_s(self, rng: Random) -> float:
        if not self.counts:
            return self.values_s[int(rng.random() * len(self.values_s))]
        return self.values_s[bisect_right(self._up_to, rng.random() * self._up_to[-1])]

    def scaled(self, factor: float) -> "Empirical":
        return Empirical(tuple(value * factor for value in self.values_s), self.counts)


Formula = Constant | Exponential | Uniform | Lognormal
AnyDistribution = Formula | Empirical

KINDS: dict[str, tuple[type[Formula], int]] = {
    "constant": (Constant, 1),
    "exponential": (Exponential, 1),
    "uniform": (Uniform, 2),
    "lognormal": (Lognormal, 2),
}
"""By name: the kind and how many numbers describe it."""
NAMES = ", ".join([*KINDS, "empirical"])


def parse(description: object) -> AnyDistribution:
    """The distribution so described (see the top of this file). Raises ValueError, saying what is allowed."""
    if _is_number(description):
        return Constant(float(description))  # type: ignore[arg-type]
    if not isinstance(description, Mapping) or len(description) != 1:
        raise ValueError(f"{description!r} is no distribution; write seconds, or one of {NAMES}")
    [(name, given)] = description.items()
    if name == "empirical":
        return _empirical(given)
    if name not in KINDS:
        raise ValueError(f"{name!r} is no distribution; there are {NAMES}")
    kind, count = KINDS[name]
    numbers = list(given) if isinstance(given, list | tuple) else [given]
    if len(numbers) != count or not all(map(_is_number, numbers)):
        raise ValueError(f"{name} takes {'one number' if count == 1 else 'two numbers'} of seconds, not {given!r}")
    return kind(*map(float, numbers))


def _empirical(given: object) -> Empirical:
    rows: list[Any] = list(given) if isinstance(given, list | tuple) else [given]
    if all(map(_is_number, rows)):
        return Empirical(tuple(map(float, rows)))
    if all(isinstance(row, list | tuple) and len(row) == 2 and all(map(_is_number, row)) for row in rows):
        return Empirical(tuple(float(value) for value, _ in rows), tuple(float(count) for _, count in rows))
    raise ValueError(f"empirical takes a list of seconds, or of [seconds, how often], not {given!r}")


def sample_ms(distribution: Distribution, rng: Random) -> int:
    """One duration in whole milliseconds."""
    return round(distribution.sample_s(rng) * 1000)


def _is_number(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _not_negative(distribution: Formula) -> None:
    _none_negative(astuple(distribution))


def _none_negative(values: Iterable[float]) -> None:
    for value in values:
        if not 0 <= value < float("inf"):
            raise ValueError(f"a distribution's seconds are finite and not negative; {value:g} is not")
