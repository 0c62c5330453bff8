"""How long things take: named distributions of seconds, described plainly::

180  or  {"constant": 180}      always 180 s
{"exponential": 180}            mean 180 s
{"uniform": [5, 15]}            from 5 to 15 s
{"lognormal": [180, 90]}        mean 180 s, standard deviation 90 s
"""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from math import exp, log, sqrt
from random import Random
from typing import Protocol


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
        return rng.expovariate(1.0) * self.mean_s

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

    def __post_init__(self) -> None:
        _not_negative(self)
        if self.mean_s == 0:
            raise ValueError("lognormal has a mean above 0")

    def sample_s(self, rng: Random) -> float:
        variance = log(1 + (self.sd_s / self.mean_s) ** 2)
        return self.mean_s * exp(rng.gauss(-variance / 2, sqrt(variance)))

    def scaled(self, factor: float) -> "Lognormal":
        return replace(self, mean_s=self.mean_s * factor, sd_s=self.sd_s * factor)


AnyDistribution = Constant | Exponential | Uniform | Lognormal

KINDS: dict[str, tuple[type[AnyDistribution], int]] = {
    "constant": (Constant, 1),
    "exponential": (Exponential, 1),
    "uniform": (Uniform, 2),
    "lognormal": (Lognormal, 2),
}
"""By name: the kind and how many numbers describe it."""


def parse(description: object) -> AnyDistribution:
    """The distribution so described (see the top of this file). Raises ValueError, saying what is allowed."""
    if _is_number(description):
        return Constant(float(description))  # type: ignore[arg-type]
    if not isinstance(description, Mapping) or len(description) != 1:
        raise ValueError(f"{description!r} is no distribution; write seconds, or one of {', '.join(KINDS)}")
    [(name, given)] = description.items()
    if name not in KINDS:
        raise ValueError(f"{name!r} is no distribution; there are {', '.join(KINDS)}")
    kind, count = KINDS[name]
    numbers = list(given) if isinstance(given, list | tuple) else [given]
    if len(numbers) != count or not all(map(_is_number, numbers)):
        raise ValueError(f"{name} takes {'one number' if count == 1 else 'two numbers'} of seconds, not {given!r}")
    return kind(*map(float, numbers))


def sample_ms(distribution: Distribution, rng: Random) -> int:
    """One duration in whole milliseconds."""
    return round(distribution.sample_s(rng) * 1000)


def _is_number(given: object) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _not_negative(distribution: AnyDistribution) -> None:
    for value in astuple(distribution):
        if not 0 <= value < float("inf"):
            raise ValueError(f"a distribution's seconds are finite and not negative; {value:g} is not")
