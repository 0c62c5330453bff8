"""Erlang B, C and A: one line of like agents in its steady state, exactly, by sums that lose no digits.

    erlang_b(erlangs, lines)                          the share of calls that find all lines busy
    erlang_c(calls_per_h, aht_s, agents)              M/M/n: everybody waits as long as it takes
    erlang_a(calls_per_h, aht_s, agents, patience_s)  M/M/n+M: callers leave after an exponential patience

Calls come by Poisson, handling times are exponential with mean `aht_s`, the first comer is served first. Shares are
from 0 to 1, times are seconds. What arrives sees the steady state (Wolff, "Poisson arrivals see time averages", 1982).
"""

from dataclasses import dataclass
from functools import cached_property
from math import exp, expm1, inf, isfinite
from typing import NamedTuple, Protocol

STATES_MAX = 20_000_000
"""The longest line that is summed up; nobody's patience makes a longer one in earnest."""


class Steady(Protocol):
    """The figures of a line in its steady state."""

    @property
    def delayed(self) -> float:
        """The share of calls that find no agent free."""

    @property
    def blocked(self) -> float:
        """The share of calls that are turned away."""

    @property
    def abandonment(self) -> float:
        """The share of calls whose callers give up."""

    @property
    def line(self) -> float:
        """The mean number of calls that wait."""

    @property
    def wait_s(self) -> float:
        """The mean wait of all calls, with those that don't wait and those given up."""

    @property
    def asa_s(self) -> float:
        """The mean wait of the answered calls: the average speed of answer."""

    @property
    def occupancy(self) -> float:
        """The share of the agents' time that calls take."""

    def answered_within(self, t_s: float) -> float:
        """The share of all calls answered within `t_s` (a wait of exactly that much is within)."""

    def service_level(self, t_s: float) -> float:
        """answered within T / (answered + abandoned after T)"""


def erlang_b(erlangs: float, lines: int) -> float:
    """The share of calls blocked, of `erlangs` of work on so many lines: B(0) = 1, B(n) = aB(n-1) / (n + aB(n-1)).

    Erlang, "Solution of some problems in the theory of probabilities", 1917. The recursion adds only positive numbers.
    Raises ValueError for what is no load or no number of lines.
    """
    _not_negative("the load in erlangs", erlangs)
    _number_of("lines", lines)
    blocked = 1.0
    for n in range(1, lines + 1):
        blocked = erlangs * blocked / (n + erlangs * blocked)
    return blocked


def erlang_c(calls_per_h: float, aht_s: float, agents: int) -> "ErlangC":
    """Raises ValueError where there is no steady state: with as much work as agents, or more, the line only grows."""
    demand = _checked(calls_per_h, aht_s, agents)
    if 0 < demand >= agents:
        raise ValueError(
            f"no steady state: {demand:g} erlangs of work ({calls_per_h:g} calls an hour of {aht_s:g} s) for "
            f"{agents} agents make a line that grows without end; take at least {int(demand) + 1} agents, or give "
            "the callers' patience (Erlang A)"
        )
    return ErlangC(calls_per_h, aht_s, agents)


def erlang_a(calls_per_h: float, aht_s: float, agents: int, patience_s: float) -> "ErlangA":
    """With patience there is a steady state under any load. Raises ValueError for values that can't be used."""
    _checked(calls_per_h, aht_s, agents)
    _positive("the mean patience in seconds", patience_s)
    return ErlangA(calls_per_h, aht_s, agents, patience_s)


@dataclass(frozen=True, slots=True)
class ErlangB:
    """M/M/n/n: who finds all lines busy is turned away, and nobody waits."""

    calls_per_h: float
    aht_s: float
    agents: int

    def __post_init__(self) -> None:
        _checked(self.calls_per_h, self.aht_s, self.agents)

    @property
    def blocked(self) -> float:
        return erlang_b(_erlangs(self.calls_per_h, self.aht_s), self.agents)

    @property
    def occupancy(self) -> float:
        carried = _erlangs(self.calls_per_h, self.aht_s) * (1 - self.blocked)
        return carried / self.agents if self.agents else 0.0

    delayed = abandonment = line = wait_s = asa_s = property(lambda _: 0.0)

    def answered_within(self, t_s: float) -> float:  # noqa: ARG002 - who is answered is answered at once
        return 1 - self.blocked

    def service_level(self, t_s: float) -> float:
        """answered within T / all: whoever is blocked was promised an answer too"""
        return self.answered_within(t_s)


@dataclass(frozen=True)
class ErlangC:
    """M/M/n. Made by `erlang_c`. (Erlang 1917; Cooper, "Introduction to Queueing Theory", 1981, section 3.4.)"""

    calls_per_h: float
    aht_s: float
    agents: int
    blocked = 0.0
    abandonment = 0.0

    @cached_property
    def delayed(self) -> float:
        """C from B: B / (1 - ρ(1 - B))"""
        blocked = erlang_b(_erlangs(self.calls_per_h, self.aht_s), self.agents)
        return blocked / (1 - self.occupancy * (1 - blocked))

    @property
    def _spare_per_s(self) -> float:
        """How much faster than they come calls are handled while all agents are busy: nµ - λ."""
        return self.agents / self.aht_s - self.calls_per_h / 3600

    @property
    def wait_s(self) -> float:
        return self.delayed / self._spare_per_s if self.calls_per_h else 0.0

    @property
    def asa_s(self) -> float:
        return self.wait_s

    @property
    def line(self) -> float:
        return self.calls_per_h / 3600 * self.wait_s

    @property
    def occupancy(self) -> float:
        return _erlangs(self.calls_per_h, self.aht_s) / self.agents if self.agents else 0.0

    def answered_within(self, t_s: float) -> float:
        return 1 - self.delayed * exp(-self._spare_per_s * _waited(t_s))

    def service_level(self, t_s: float) -> float:
        return self.answered_within(t_s)


class _Sums(NamedTuple):
    """Over the states with j = 0, 1, 2... waiting, of their weights w(j) = Π λ / (nµ + kθ), k = 1..j."""

    first: float
    """w(0), in the scale of the others: 1, or less where they would have grown beyond all floating numbers."""
    log_scale: float
    """-log of the same, which may be too small for a float."""
    all: float
    """Σ w(j)"""
    waiting: float
    """Σ j w(j)"""
    ahead_s: float
    """Σ w(j) (1/(nµ + θ) + ... + 1/(nµ + jθ))"""


@dataclass(frozen=True)
class ErlangA:
    """M/M/n+M. Made by `erlang_a`.

    Palm, "Research on telephone traffic carried by full availability groups", 1957; Mandelbaum and Zeltyn, "Service
    engineering in action: the Palm/Erlang-A queue", 2007; the law of the wait: Baccelli and Hebuterne, "On queues with
    impatient customers", 1981. With j waiting, calls leave at the rate nµ + jθ, so the states above n have the weights
    of `_Sums`; a caller who finds j before them is served with the probability nµ / (nµ + (j+1)θ), and then has waited
    1/(nµ + θ) + ... + 1/(nµ + (j+1)θ) on the average.
    """

    calls_per_h: float
    aht_s: float
    agents: int
    patience_s: float
    blocked = 0.0

    @property
    def _in(self) -> float:
        """λ, per second."""
        return self.calls_per_h / 3600

    @property
    def _out(self) -> float:
        """nµ, per second."""
        return self.agents / self.aht_s

    @cached_property
    def _sums(self) -> _Sums:
        return _sums(self._in, self._out, 1 / self.patience_s)

    @cached_property
    def delayed(self) -> float:
        """B times the states from n on, over the same and those below: `all` B / (`all` B + w(0) (1 - B))."""
        blocked, sums = erlang_b(_erlangs(self.calls_per_h, self.aht_s), self.agents), self._sums
        busy = sums.all * blocked
        return busy / (busy + sums.first * (1 - blocked))

    @property
    def line(self) -> float:
        return self.delayed * self._sums.waiting / self._sums.all

    @property
    def abandonment(self) -> float:
        """Everybody in line gives up at the rate θ."""
        return min(self.wait_s / self.patience_s, 1.0)

    @property
    def wait_s(self) -> float:
        """By Little's law; of no calls: none."""
        return self.line / self._in if self._in else 0.0

    @property
    def asa_s(self) -> float:
        """0 where nobody is answered."""
        if not self._in or not self.agents:
            return 0.0
        in_all = self.delayed * self._sums.ahead_s / self._sums.all * self._out / self._in
        return in_all / (1 - self.abandonment)

    @property
    def occupancy(self) -> float:
        return self._in * (1 - self.abandonment) / self._out if self.agents else 0.0

    def answered_within(self, t_s: float) -> float:
        return 1 - self.abandonment - self._answered_after(t_s)

    def service_level(self, t_s: float) -> float:
        late = self._answered_after(t_s)
        abandoned_late = max(self.longer_than(t_s) - late, 0.0)
        whole = 1 - self.abandonment + abandoned_late
        return (1 - self.abandonment - late) / whole if whole else 0.0

    def longer_than(self, t_s: float) -> float:
        """The share of all calls that wait longer than `t_s`, answered then or not."""
        return self.delayed * exp(-_waited(t_s) / self.patience_s) * self._tail(t_s, self._out)

    def _answered_after(self, t_s: float) -> float:
        waited_and_answered = max(self.delayed - self.abandonment, 0.0)
        return waited_and_answered * self._tail(t_s, self._out + 1 / self.patience_s)

    def _tail(self, t_s: float, out: float) -> float:
        """∫ from t / ∫ from 0 of exp(λ (1 - exp(-θx)) / θ - `out` x) dx: incomplete gamma functions as their series."""
        leave, patient = 1 / self.patience_s, exp(-_waited(t_s) / self.patience_s)
        whole, rest = _sums(self._in, out, leave), _sums(self._in * patient, out, leave)
        grown = -expm1(-t_s * leave) * self._in / leave - out * t_s + rest.log_scale - whole.log_scale
        return min(exp(grown) * rest.all / whole.all, 1.0)


def _sums(rate: float, base: float, step: float) -> _Sums:
    """1 + rate/(base + step) + ... until nothing is added any more; scaled down whenever it grows out of hand."""
    weight = total = first = 1.0
    waiting = ahead_s = behind = scale = 0.0
    j = 0
    while True:
        j += 1
        out = base + j * step
        ratio = rate / out
        weight *= ratio
        behind += 1 / out
        total += weight
        waiting += j * weight
        ahead_s += weight * behind
        if weight <= total * 1e-18 * (1 - ratio):
            return _Sums(first, scale, total, waiting, ahead_s)
        if weight > GREAT:
            first, weight, total = first / GREAT, weight / GREAT, total / GREAT
            waiting, ahead_s, scale = waiting / GREAT, ahead_s / GREAT, scale + LOG_GREAT
        if j == STATES_MAX:
            raise ValueError(
                f"{rate * 3600:g} calls an hour with a mean patience of {1 / step:g} s make a line of more than "
                f"{STATES_MAX:,} calls; take more agents or less patience"
            )


LOG_GREAT = 460.0
GREAT = exp(LOG_GREAT)


def _erlangs(calls_per_h: float, aht_s: float) -> float:
    return calls_per_h * aht_s / 3600


def _checked(calls_per_h: float, aht_s: float, agents: int) -> float:
    """The work in erlangs, of values that can be used."""
    _not_negative("calls per hour", calls_per_h)
    _positive("the average handling time in seconds", aht_s)
    _number_of("agents", agents)
    return _erlangs(calls_per_h, aht_s)


def _waited(t_s: float) -> float:
    _not_negative("the wait in seconds", t_s)
    return t_s


def _not_negative(what: str, value: float) -> None:
    if not 0 <= value < inf:
        raise ValueError(f"{what}: a finite number of at least 0 is wanted, not {value:g}")


def _positive(what: str, value: float) -> None:
    if not (isfinite(value) and value > 0):
        raise ValueError(f"{what}: a finite number above 0 is wanted, not {value:g}")


def _number_of(what: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"the number of {what} is a whole number of at least 0, not {value!r}")
