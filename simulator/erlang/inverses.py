"""The formulas the other way round: how many agents, lines or calls keep a target.

More agents never make a figure worse, nor do fewer calls (the tests hold the formulas to that), so the least number
that keeps a target is found by doubling and halving, and is the least: one fewer doesn't keep it.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from math import ceil

from simulator.erlang.formulas import ErlangB, Steady, erlang_a, erlang_b, erlang_c

AGENTS_MAX = 1_000_000
"""Where a search for agents or lines gives up."""
MODELS = ("a", "b", "c")


@dataclass(frozen=True, slots=True)
class Demand:
    """What comes, and by which formula it is judged: `model` a (with a patience), b (nobody waits) or c."""

    calls_per_h: float
    aht_s: float
    patience_s: float | None = None
    model: str = "c"

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise ValueError(f"there are Erlang {', '.join(MODELS)}, not {self.model!r}")
        if self.model == "a" and self.patience_s is None:
            raise ValueError("Erlang A needs the callers' mean patience (--patience); without one take Erlang C")

    @property
    def erlangs(self) -> float:
        return self.calls_per_h * self.aht_s / 3600

    def with_agents(self, agents: int) -> Steady:
        """The figures. Raises ValueError for values that can't be used, and where there is no steady state."""
        if self.model == "a":
            assert self.patience_s is not None, "checked at birth"
            return erlang_a(self.calls_per_h, self.aht_s, agents, self.patience_s)
        queue = erlang_c if self.model == "c" else ErlangB
        return queue(self.calls_per_h, self.aht_s, agents)


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be kept; None: no matter. Shares are from 0 to 1."""

    service_level: float | None = None
    within_s: float = 20.0
    asa_s: float | None = None
    """At most, the mean wait of the answered."""
    abandonment: float | None = None
    """At most."""
    answered: float | None = None
    """At least: the share of all calls that people answer, however late."""
    blocking: float | None = None
    """At most: the share of calls turned away (Erlang B)."""
    occupancy_max: float | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value, seconds = getattr(self, each.name), each.name.endswith("_s")
            if value is not None and not 0 <= value <= (float("inf") if seconds else 1):
                wanted = "seconds, at least 0" if seconds else "a share from 0 to 1"
                raise ValueError(f"{each.name.replace('_', ' ')} is {wanted}, not {value:g}")
        if self.occupancy_max == 0:
            raise ValueError("occupancy max is above 0: agents who may never be busy answer no calls")

    @property
    def says_nothing(self) -> bool:
        return self == Target(within_s=self.within_s)

    def kept(self, queue: Steady) -> bool:
        """Figures that nothing is wanted of are not even worked out."""
        return (
            _at_least(self.service_level, lambda: queue.service_level(self.within_s))
            and _at_least(self.answered, lambda: 1 - queue.abandonment - queue.blocked)
            and _at_most(self.asa_s, lambda: queue.asa_s)
            and _at_most(self.abandonment, lambda: queue.abandonment)
            and _at_most(self.blocking, lambda: queue.blocked)
            and _at_most(self.occupancy_max, lambda: queue.occupancy)
        )


def _at_least(limit: float | None, figure: Callable[[], float]) -> bool:
    return limit is None or figure() >= limit - CLOSE


def _at_most(limit: float | None, figure: Callable[[], float]) -> bool:
    return limit is None or figure() <= limit + CLOSE


CLOSE = 1e-12
"""What rounding may take from a figure that is just as wanted."""


def agents_for(demand: Demand, target: Target) -> int:
    """The fewest agents with whom the target is kept. Without calls: none.

    Raises ValueError when the target says nothing, or so many agents as nobody has don't keep it.
    """
    if target.says_nothing:
        raise ValueError("nothing is to be kept: say a service level, a mean wait, an abandonment, an occupancy...")
    if demand.calls_per_h == 0:
        return 0
    least = int(demand.erlangs) + 1 if demand.model == "c" else 0
    return _least(lambda agents: target.kept(demand.with_agents(agents)), least, "agents keep this target")


def trunks_for(erlangs: float, blocking: float) -> int:
    """The fewest lines on which no greater share of calls is blocked."""
    if not 0 < blocking <= 1:
        raise ValueError(f"blocking is a share above 0 and at most 1, not {blocking:g}; no number of lines excludes it")
    return _least(lambda lines: erlang_b(erlangs, lines) <= blocking, 0, "lines block so few calls")


def calls_for(agents: int, demand: Demand, target: Target) -> float:
    """The most calls an hour, of the demand's kind, that so many agents can take and keep the target.

    Raises ValueError when the target limits no number of calls.
    """
    if agents == 0:
        return 0.0

    def kept(calls_per_h: float) -> bool:
        return target.kept(replace(demand, calls_per_h=calls_per_h).with_agents(agents))

    high = agents * 3600 / demand.aht_s
    if demand.model == "c":
        high *= 1 - 1e-12  # the load itself has no steady state
    elif kept(high * CROWD):
        raise ValueError("the target is kept however many calls come: it limits nothing; say a service level too")
    else:
        high *= CROWD
    low = 0.0
    while high - low > high * 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if kept(middle) else (low, middle)
    return low


CROWD = 100
"""How many times the work they can do agents are thought to meet at most."""


def with_shrinkage(agents: int, shrinkage: float) -> int:
    """Positions: how many must be on the roster, when this share of their paid time is spent otherwise."""
    if not 0 <= shrinkage < 1:
        raise ValueError(f"shrinkage is a share of at least 0 and below 1, not {shrinkage:g}")
    return ceil(round(agents / (1 - shrinkage), 9))


def _least(kept: Callable[[int], bool], least: int, what: str) -> int:
    """The least number from `least` on for which it holds, as for all above it."""
    if kept(least):
        return least
    low, step = least, 1  # low never keeps it
    while not kept(low + step):
        low, step = low + step, step * 2
        if low > AGENTS_MAX:
            raise ValueError(f"not even {AGENTS_MAX:,} {what}; ask for less")
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if kept(middle) else (middle, high)
    return high
