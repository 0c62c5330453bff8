"""What one replication counts: plain frozen values, small enough to be sent between processes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

from acd.agents import AgentState
from acd.ids import GroupId
from simulator.summary import HANDLING

STATES = tuple(AgentState)
"""In the order of `Cell.agents_ms`."""
BIN_MS = 5_000
BINS = 120
"""Of the histogram of waits, and one more for all that are longer."""

_HANDLING = [n for n, state in enumerate(STATES) if state in HANDLING]
_READY = STATES.index(AgentState.READY)
_LOGGED_OUT = STATES.index(AgentState.LOGGED_OUT)


@dataclass(frozen=True, slots=True)
class Cell:
    """The calls of one group that arrived in one interval of the day, and the line and the agents in that time.

    A call counts once, where it came first. All days of the replication are counted together.
    """

    days: int = 0
    time_ms: int = 0
    """How long the interval was, in all days."""
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    sent_elsewhere: int = 0
    refused: int = 0
    merged: int = 0
    returned: int = 0
    """How often a call came back ahead of the line, by when it did."""
    answered_within: tuple[int, ...] = ()
    """By each T of the study."""
    abandoned_within: tuple[int, ...] = ()
    waited_ms: int = 0
    """Of the answered ones, together."""
    waited_in_vain_ms: int = 0
    """Of the abandoned ones, together."""
    queue_ms: int = 0
    """The calls in line, together; one that rings stands in no line."""
    queue_max: int = 0
    agents_ms: tuple[int, ...] = (0,) * len(STATES)
    """All agents together in each state."""

    @property
    def unfinished(self) -> int:
        """Neither answered nor over when the run ended."""
        others = self.sent_elsewhere + self.refused + self.merged
        return self.offered - self.answered - self.abandoned - others

    @property
    def handling_ms(self) -> int:
        return sum(self.agents_ms[n] for n in _HANDLING)

    @property
    def ready_ms(self) -> int:
        return self.agents_ms[_READY]

    @property
    def logged_in_ms(self) -> int:
        return sum(self.agents_ms) - self.agents_ms[_LOGGED_OUT]

    def __add__(self, other: "Cell") -> "Cell":
        """Both intervals, one after the other."""
        return Cell(
            days=max(self.days, other.days),
            queue_max=max(self.queue_max, other.queue_max),
            answered_within=_sums(self.answered_within, other.answered_within),
            abandoned_within=_sums(self.abandoned_within, other.abandoned_within),
            agents_ms=_sums(self.agents_ms, other.agents_ms),
            **{name: getattr(self, name) + getattr(other, name) for name in PLAIN},
        )


PLAIN = (
    "time_ms",
    "offered",
    "answered",
    "abandoned",
    "sent_elsewhere",
    "refused",
    "merged",
    "returned",
    "waited_ms",
    "waited_in_vain_ms",
    "queue_ms",
)
"""The fields that are simply added."""


def _sums(these: tuple[int, ...], those: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(these, those, strict=True)) if these and those else these or those


def together(cells: Iterable[Cell]) -> Cell:
    """The whole day of its intervals."""
    return reduce(Cell.__add__, cells, Cell())


@dataclass(frozen=True, slots=True)
class Waits:
    """Of the calls of a replication, from arrival, rings included; quantiles are exact, of the answered."""

    answered: tuple[int, ...] = (0,) * (BINS + 1)
    """How many waited how long: bin n is from n times `BIN_MS`."""
    abandoned: tuple[int, ...] = (0,) * (BINS + 1)
    p50_ms: int | None = None
    p90_ms: int | None = None
    p99_ms: int | None = None
    longest_ms: int | None = None
    """Of any call, answered or not."""


@dataclass(frozen=True, slots=True)
class GroupCounts:
    """Of one group, or of all."""

    cells: tuple[Cell, ...]
    """By interval of the day."""
    day: Cell
    """All of them together."""
    waits: Waits


@dataclass(frozen=True, slots=True)
class Replication:
    """One life of the scenario."""

    number: int
    seed: int
    hours: float
    """Virtual ones that were lived, with those that don't count."""
    all: GroupCounts
    groups: Mapping[GroupId, GroupCounts] = field(default_factory=dict)
    callers: Mapping[str, int] = field(default_factory=dict)
    """What only the callers know: calls blocked before they came to the router, calls repeated."""

    def of(self, group: GroupId | None) -> GroupCounts:
        """None: of all."""
        return self.all if group is None else self.groups[group]
