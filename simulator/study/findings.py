"""A study: all replications of a scenario, what is to be told of them, and whether its promises are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from acd.ids import GroupId
from simulator.scenarios import Promise, Scenario
from simulator.study.counts import GroupCounts, Replication
from simulator.study.measures import MEASURES, of_day, of_interval
from simulator.study.statistics import Estimate

WITHIN_MS = 20_000
"""T of the service level where nothing is promised of it."""
MS_PER_MIN = 60_000


def thresholds_ms(scenario: Scenario) -> tuple[int, ...]:
    """The Ts of the promises; the first is the one that reports are about."""
    promised = [round(each.within_s * 1000) for each in scenario.promises if each.within_s is not None]
    return tuple(dict.fromkeys(promised)) or (WITHIN_MS,)


class Verdict(StrEnum):
    KEPT = "kept"
    NOT_KEPT = "not kept"
    NOT_SURE = "not sure"
    """The interval holds the bound, or isn't known."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A promise, and what became of it."""

    promise: Promise
    estimate: Estimate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Study:
    """What was lived, and how it was asked for."""

    scenario: Scenario
    command: str
    """That repeats it."""
    seed: int
    days: int
    within_ms: tuple[int, ...]
    replications: tuple[Replication, ...]

    @property
    def hours(self) -> float:
        """Virtual ones, together."""
        return sum(each.hours for each in self.replications)

    @property
    def groups(self) -> list[GroupId]:
        return list(self.scenario.rules.groups)

    @property
    def intervals(self) -> int:
        return len(self.replications[0].all.cells)

    def of(self, group: GroupId | None) -> list[GroupCounts]:
        """Of each replication; None: of all calls and agents."""
        return [each.of(group) for each in self.replications]

    def day(self, key: str, group: GroupId | None = None) -> Estimate:
        return of_day(MEASURES[key], self.of(group))

    def interval(self, key: str, n: int, group: GroupId | None = None) -> Estimate:
        return of_interval(MEASURES[key], self.of(group), n)

    def callers(self) -> Mapping[str, float]:
        """What only the callers know, a day on the average."""
        days = self.days * len(self.replications)
        return {what: sum(each.callers[what] for each in self.replications) / days for what in CALLERS}

    def promises(self) -> list[Checked]:
        """Each that the scenario makes, checked."""
        return [self._checked(each) for each in self.scenario.promises]

    def _checked(self, promise: Promise) -> Checked:
        threshold = 0 if promise.within_s is None else self.within_ms.index(round(promise.within_s * 1000))
        estimate = of_day(MEASURES[promise.figure], self.of(promise.group), threshold)
        return Checked(promise, estimate, verdict(promise, estimate))


CALLERS = ("made", "blocked")
"""What `Replication.callers` counts: calls made in all, and those of them that found no line free."""


def verdict(promise: Promise, estimate: Estimate) -> Verdict:
    """Whether the promise is kept wherever in its interval the figure truly lies; or nowhere; or here and there."""
    low, high = estimate.low, estimate.high
    if low is None or high is None:
        return Verdict.NOT_SURE
    if promise.is_kept_by(low) and promise.is_kept_by(high):
        return Verdict.KEPT
    is_below = promise.at_least is not None and high < promise.at_least
    is_above = promise.at_most is not None and low > promise.at_most
    return Verdict.NOT_KEPT if is_below or is_above else Verdict.NOT_SURE


def broken(checked: Sequence[Checked]) -> bool:
    """Whether one of them is surely not kept."""
    return any(each.verdict is Verdict.NOT_KEPT for each in checked)


def clock(scenario: Scenario, interval: int) -> str:
    """The time of day at which that interval begins, by the clock on the wall that a scenario's instants show."""
    minute = (scenario.begin + interval * scenario.interval_ms) // MS_PER_MIN
    return f"{minute // 60 % 24:02}:{minute % 60:02}"
