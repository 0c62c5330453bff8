"""Ours beside theirs: replications in all cores, and whether each figure agrees.

A figure agrees when it is within 2.5 of the published half-widths. Fewer replications than theirs know their own mean
less well, and what they don't know counts too: the root of the sum of both squares. At 1000 replications nothing of
ours is added.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import hypot, sqrt
from statistics import covariance, fmean, variance
from typing import NamedTuple

from acd.router import Router
from simulator.seeds import of_replication
from simulator.validation import published
from simulator.validation.days import MMC, MMC_AB, TELETHON, Day, Example, MakeRouter
from simulator.validation.published import Figure

HALF_WIDTHS = 2.5
REPLICATIONS = 1000
NORMAL_95 = 1.96
EXAMPLES = {
    "mmc": (MMC, published.MMC),
    "mmc-ab": (MMC_AB, published.MMC_AB),
    "telethon": (TELETHON, published.TELETHON),
}


class Verdict(NamedTuple):
    """One figure of ours, and how far it is from the published."""

    figure: Figure
    mean: float
    half_width: float
    """Of our own 95 % confidence interval."""
    allowed: float

    @property
    def agrees(self) -> bool:
        return abs(self.mean - self.figure.mean) <= self.allowed


def replicate(
    example: Example, seed: int, count: int, processes: int | None = None, make_router: MakeRouter = Router
) -> list[Day]:
    """So many replications; the same whatever the number of processes (None: one for each core; 1: none of its own)."""
    seeds = [of_replication(seed, n) for n in range(count)]
    one = partial(example.day, make_router=make_router)
    if processes == 1:
        return list(map(one, seeds))
    with ProcessPoolExecutor(processes) as pool:
        return list(pool.map(one, seeds, chunksize=max(1, count // 100)))


def verdicts(figures: Iterable[Figure], days: Sequence[Day]) -> list[Verdict]:
    """Every figure of these replications, beside the published."""
    return [_verdict(figure, days) for figure in figures]


def _verdict(figure: Figure, days: Sequence[Day]) -> Verdict:
    parts = [float(getattr(day, figure.part)) for day in days]
    if isinstance(figure.whole, str):
        wholes = [float(getattr(day, figure.whole)) for day in days]
    else:
        wholes = [figure.whole or 1.0] * len(days)
    mean, half_width = ratio_of_means(parts, wholes)
    unknown = half_width if len(days) < REPLICATIONS else 0.0
    return Verdict(figure, mean, half_width, HALF_WIDTHS * hypot(figure.half_width, unknown))


def ratio_of_means(parts: Sequence[float], wholes: Sequence[float]) -> tuple[float, float]:
    """The ratio, and the half-width of its 95 % confidence interval by the delta method."""
    whole = fmean(wholes)
    ratio = fmean(parts) / whole
    spread = variance(parts) - 2 * ratio * covariance(parts, wholes) + ratio**2 * variance(wholes)
    return ratio, NORMAL_95 * sqrt(max(spread, 0.0) / len(parts)) / whole
