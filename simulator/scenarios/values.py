"""A call centre described, as plain frozen values, and what is promised of its days."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from acd.ids import GroupId, Instant
from acd.rules import Rules
from simulator.figures import Figures, Result
from simulator.settings import SimulatorSettings

DAY_MS = 86_400_000


class Figure(StrEnum):
    """Of which something can be promised; those of :class:`simulator.figures.Figures` bear its names.

    Each is one number of all the days that count of a run, the warm-up left out: sums over sums, not the mean of the
    days' own. Calls count in the group that they came to first, repeated ones each time, and waits from arrival, rings
    included. *Ended* are all calls but those that still wait or ring at the end of the run.
    """

    SERVICE_LEVEL = "service_level"
    """answered within `within_s` / (answered + abandoned after `within_s`)"""
    ANSWERED_SHARE = "answered_share"
    """answered / ended: by people, that is; who was sent elsewhere or refused counts against it."""
    ABANDONMENT = "abandonment"
    """abandoned / (answered + abandoned)"""
    SENT_ELSEWHERE_SHARE = "sent_elsewhere_share"
    """sent elsewhere / ended: to a number, a voicemail box, or away."""
    REFUSED_SHARE = "refused_share"
    """refused / ended: the group was full or closed, and had nowhere to send them."""
    MEAN_WAIT_S = "mean_wait_s"
    """The sum of the waits of the answered / answered: the average speed of answer."""
    P90_WAIT_S = "p90_wait_s"
    """The smallest wait that at least nine of ten answered calls didn't exceed."""
    LONGEST_WAIT_S = "longest_wait_s"
    """Of any call that ended, answered or not."""
    OCCUPANCY = "occupancy"
    """(ringing + talking + wrap-up) / (the same + ready), all agents together whose skills cover the group's needs."""


SHARES = frozenset(Figure) - {Figure.MEAN_WAIT_S, Figure.P90_WAIT_S, Figure.LONGEST_WAIT_S}
"""Those from 0 to 1; the others are seconds."""

_NAMES: Mapping[Figure, str] = {
    Figure.SERVICE_LEVEL: "answered",
    Figure.ANSWERED_SHARE: "answered by people",
    Figure.ABANDONMENT: "abandoned",
    Figure.SENT_ELSEWHERE_SHARE: "sent elsewhere",
    Figure.REFUSED_SHARE: "refused",
    Figure.MEAN_WAIT_S: "mean wait of the answered",
    Figure.P90_WAIT_S: "wait of nine in ten answered",
    Figure.LONGEST_WAIT_S: "longest wait",
    Figure.OCCUPANCY: "occupancy of the agents",
}


def value(figure: Figure, of: Figures) -> float | None:
    """`figure` as `Figure` defines it; None where there is nothing to divide by.

    A service level is that of the T with which `of` was counted.
    """
    ended = of.offered - of.unfinished
    if figure is Figure.ANSWERED_SHARE:
        return of.answered / ended if ended else None
    if figure is Figure.SENT_ELSEWHERE_SHARE:
        return of.sent_elsewhere / ended if ended else None
    if figure is Figure.REFUSED_SHARE:
        return of.refused / ended if ended else None
    got: float | None = getattr(of, figure)
    return got


@dataclass(frozen=True, slots=True)
class Promise:
    """That a figure, of one group or of all calls, is within bounds."""

    figure: Figure
    group: GroupId | None = None
    at_least: float | None = None
    at_most: float | None = None
    within_s: float | None = None
    """T of a service level; of no other figure."""

    def value(self, result: Result) -> float | None:
        """What the figure came to, in a result that was counted with `within_s`; None: there was nothing to count."""
        return value(self.figure, result.all if self.group is None else result.groups[self.group])

    def is_kept_by(self, value: float | None) -> bool:
        """Whether `value` is what was promised; where there was nothing to count, nothing was kept."""
        if value is None:
            return False
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)

    def text(self) -> str:
        """In words: "tickets: at least 80 % answered within 20 s"."""
        bounds = [
            f"{word} {self._written(bound)}"
            for word, bound in (("at least", self.at_least), ("at most", self.at_most))
            if bound is not None
        ]
        within = "" if self.within_s is None else f" within {self.within_s:g} s"
        name = f"{_NAMES[self.figure]}{within}"
        said = f"{' and '.join(bounds)} {name}" if self._counts_calls() else f"{name} {' and '.join(bounds)}"
        return f"{self.group or 'all'}: {said}"

    def _counts_calls(self) -> bool:
        return self.figure in SHARES and self.figure is not Figure.OCCUPANCY

    def _written(self, bound: float) -> str:
        return f"{100 * bound:g} %" if self.figure in SHARES else f"{bound:g} s"


@dataclass(frozen=True, slots=True)
class FaultPlan:
    """How often things go wrong between the PBX, the clients and the router; all 0: never."""

    late: float = 0.0
    """The probability that a message comes late; so for the next three."""
    duplicate: float = 0.0
    reordered: float = 0.0
    lost: float = 0.0
    link_drops_per_h: float = 0.0
    clock_jumps_per_h: float = 0.0
    socket_drops_per_agent_h: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A call centre: by what rules it routes, who calls, who works when, and what it promises."""

    path: Path
    name: str
    """The file's, without .toml."""
    title: str
    about: str
    rules: Rules
    people: SimulatorSettings
    promises: tuple[Promise, ...]
    begin: Instant
    """Of the first day."""
    zone: str
    """Of all times of day in the file."""
    interval_ms: int
    """What reports divide a day into."""
    warm_up_days: int
    """They come first and don't count."""
    days: int
    """How many count, if nobody asks for others; so below."""
    replications: int
    seats: int | None = None
    """The most agents at work at once."""
    faults: FaultPlan = FaultPlan()
    day_ms: int = DAY_MS
