"""From calls, agents and rates to a wait and its spread. Pure functions; all times are seconds.

With k calls to be begun (the asker's the last), each departure brings the asker one place forward, and they come at
the rate of the agents' getting free, plus that of giving up for each call still ahead:

    mean     = sum of 1 / (r + i q)     over i = 0..k-1
    variance = sum of 1 / (r + i q)^2

r the rate of all agents together, q that of giving up of one who waits. It is exact for exponential handling times and
patience: the estimator QL_m of Ibrahim & Whitt, Real-Time Delay Estimation in Overloaded Multiserver Queues with
Abandonments (Management Science 55, 2009). With q = 0 it is Erlang's: k / r, and k / r^2.

Handling times are not exponential. Many agents together get free at random all the same, over a short time; over a
long one their departures are as regular as the handling times are. For s agents in equilibrium, whose handling times
have the squared coefficient of variation c, the number of departures in a time in which each handles x calls has
1 + (c - 1) g(x) times the variance of a random one, g from 0 to 1; for Erlang-2 times g(x) = 1 - (1 - e^(-4x)) / (4x)
exactly (Cox, Renewal Theory, 1962, 4.5), and that form is taken for all.

Calls that come later and are served sooner, at the rate h, bring the asker back: r - h stands for r in the sums, and
the variance has the factor (r + h) / (r - h): with q = 0 the busy periods of M/M/1, one for each step forward.
"""

from collections.abc import Sequence
from math import exp, log, sqrt
from typing import NamedTuple

from acd.expected_wait.recent import Moments

Z_90 = 1.2815515655446004
"""The normal distribution's 90 % quantile."""
OVERTAKEN_MAX = 0.9
"""A larger share would mean no end, and is a passing one: calls of a high tier don't fill a centre for long."""
SUMMED = 40
"""How many terms are added one by one; the rest is an integral, off by less than 1 part in 10,000."""


class Wait(NamedTuple):
    """Mean and variance."""

    mean: float
    variance: float


class Kind(NamedTuple):
    """So many `agents` whose turns are like those `seen`; a broken number where some won't be free after theirs."""

    agents: float
    seen: Moments


class Frees(NamedTuple):
    """How soon agents get free."""

    per_s: float
    error: float
    """The variance of the relative error of `per_s`: it was measured."""
    variation: float
    """The squared coefficient of variation of their turns."""


class Band(NamedTuple):
    """The waits that 10, 50 and 90 of 100 such callers don't exceed."""

    low: float
    median: float
    high: float


def together(kinds: Sequence[Kind], scale: float, besides: float) -> Frees:
    """The rates of all kinds added up; times `scale` for agents not known, plus `besides` of agents coming back."""
    rates = [agents / seen.mean for agents, seen in kinds]
    total = sum(rates)
    shares = [rate / total for rate in rates]
    mean = sum(share * seen.mean for share, (_, seen) in zip(shares, kinds))
    square = sum(share * (seen.variance + seen.mean**2) for share, (_, seen) in zip(shares, kinds))
    error = sum(share**2 * seen.variance / seen.mean**2 / seen.n for share, (_, seen) in zip(shares, kinds))
    return Frees(total * scale + besides, error, square / mean**2 - 1)


def until_begun(calls: float, frees: Frees, agents: int, gives_up: float, overtaken: float) -> Wait:
    """How long until the last of `calls` is begun by `agents` who get free as `frees` says.

    `gives_up` is the rate q above, `overtaken` the rate of those who come later and are begun sooner.
    """
    rate = max(frees.per_s - overtaken, frees.per_s * (1 - OVERTAKEN_MAX))
    first, second = _sums(calls, rate, gives_up)
    dispersion = 1 + (frees.variation - 1) * _settled(calls / agents)
    # The first departure of regular times comes sooner than of random ones: (c - 1) / 2 of a step, Cox 4.2.
    mean = first + (dispersion - 1) / (2 * rate)
    both_ways = (2 * frees.per_s - rate) / rate
    return Wait(mean, second * dispersion * both_ways + frees.error * mean * mean)


def _sums(calls: float, rate: float, gives_up: float) -> tuple[float, float]:
    """The sums over 1 / (rate + i gives_up) and over its square; of a broken term, its part."""
    if not gives_up:
        return calls / rate, calls / rate**2
    whole = min(int(calls), SUMMED)
    terms = [1 / (rate + i * gives_up) for i in range(whole)]
    first, second = sum(terms), sum([term * term for term in terms])
    if calls > whole:
        # Midpoint rule: each term is the integral over the unit around it.
        low, high = rate + (whole - 0.5) * gives_up, rate + (calls - 0.5) * gives_up
        first += log(high / low) / gives_up
        second += (1 / low - 1 / high) / gives_up
    return first, second


def _settled(handled_each: float) -> float:
    """g(x) above."""
    x = 4 * handled_each
    return 1 - (1 - exp(-x)) / x


def band(wait: Wait) -> Band:
    """The quantiles of the gamma distribution with this mean and variance (Wilson & Hilferty, 1931).

    For one call ahead of exponential agents it is the exponential, for many the normal distribution.
    """
    mean, variance = wait
    if variance <= 0:
        return Band(mean, mean, mean)
    shape = mean * mean / variance
    middle, step = 1 - 1 / (9 * shape), Z_90 / (3 * sqrt(shape))
    low, median, high = (mean * max(0.0, root) ** 3 for root in (middle - step, middle, middle + step))
    return Band(low, median, high)
