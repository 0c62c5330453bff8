"""The figures of a study by name: how each is made of what was counted, and how it is written.

Figures of calls are about those that arrived in the day or the interval; those of lines and agents about the time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf

from simulator.figures import SERVICE_LEVEL
from simulator.study.counts import STATES, Cell, GroupCounts, Waits
from simulator.study.statistics import Difference, Estimate, Pair, difference, mean, mean_difference, ratio


class Unit(StrEnum):
    A_DAY = "a day"
    SHARE = "share"
    SECONDS = "s"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure: a ratio of what cells count, or the mean of what is exact in each replication."""

    key: str
    unit: Unit
    formula: str
    pair: Callable[[Cell, int], Pair] | None = None
    """Of a cell, and the place of T among the study's."""
    exact: Callable[[Waits], int | None] | None = None
    """Milliseconds, of a whole day."""

    @property
    def most(self) -> float:
        """None can be above."""
        return 1.0 if self.unit is Unit.SHARE else inf

    @property
    def by_interval(self) -> bool:
        """Whether there is one for each half hour."""
        return self.pair is not None


def of_day(measure: Measure, counts: Sequence[GroupCounts], threshold: int = 0) -> Estimate:
    """Of the whole day, of one group's counts in each replication; `threshold`: which T."""
    if measure.exact is not None:
        return mean(_exacts(measure, counts))
    return ratio(_pairs(measure, [each.day for each in counts], threshold), measure.most)


def of_interval(measure: Measure, counts: Sequence[GroupCounts], interval: int) -> Estimate:
    return ratio(_pairs(measure, [each.cells[interval] for each in counts], 0), measure.most)


def of_both(measure: Measure, first: Sequence[GroupCounts], second: Sequence[GroupCounts]) -> Difference:
    """How much the second day is above the first."""
    if measure.exact is not None:
        return mean_difference(_exacts(measure, first), _exacts(measure, second))
    pairs = [_pairs(measure, [each.day for each in side], 0) for side in (first, second)]
    return difference(*pairs)


def _pairs(measure: Measure, cells: Sequence[Cell], threshold: int) -> list[Pair]:
    assert measure.pair is not None
    return [measure.pair(cell, threshold) for cell in cells]


def _exacts(measure: Measure, counts: Sequence[GroupCounts]) -> list[float | None]:
    assert measure.exact is not None
    found = [measure.exact(each.waits) for each in counts]
    return [None if each is None else each / 1000 for each in found]


def _a_day(key: str, formula: str) -> Measure:
    return Measure(key, Unit.A_DAY, formula, lambda cell, _: (getattr(cell, key), cell.days))


def _of_ended(key: str, count: str) -> Measure:
    formula = f"{count.replace('_', ' ')} / (offered - unfinished)"
    return Measure(key, Unit.SHARE, formula, lambda cell, _: (getattr(cell, count), cell.offered - cell.unfinished))


def _agents(place: int, state: str) -> Measure:
    key = "agents_" + state.replace("-", "_")
    formula = f"time of all agents in the state {state} / time"
    return Measure(key, Unit.NUMBER, formula, lambda cell, _: (cell.agents_ms[place], cell.time_ms))


_ALL = (
    _a_day("offered", "calls that came, those repeated by callers who gave up among them"),
    _a_day("answered", "answered by people"),
    _a_day("abandoned", "callers who left before an answer"),
    _a_day("sent_elsewhere", "sent to a destination outside"),
    _a_day("refused", "refused on arrival"),
    _a_day("merged", "callers who wait for a callback already"),
    _a_day("unfinished", "neither answered nor over when the run ended"),
    _a_day("returned", "how often a call came back ahead of the line, by when it did"),
    Measure(
        "service_level",
        Unit.SHARE,
        SERVICE_LEVEL,
        lambda cell, n: (cell.answered_within[n], cell.answered + cell.abandoned - cell.abandoned_within[n]),
    ),
    _of_ended("answered_share", "answered"),
    _of_ended("sent_elsewhere_share", "sent_elsewhere"),
    _of_ended("refused_share", "refused"),
    Measure(
        "abandonment",
        Unit.SHARE,
        "abandoned / (answered + abandoned)",
        lambda cell, _: (cell.abandoned, cell.answered + cell.abandoned),
    ),
    Measure(
        "mean_wait_s",
        Unit.SECONDS,
        "the waits of the answered, from arrival, rings included / answered: the average speed of answer",
        lambda cell, _: (cell.waited_ms / 1000, cell.answered),
    ),
    Measure("p50_wait_s", Unit.SECONDS, "half of the answered waited no longer", exact=lambda waits: waits.p50_ms),
    Measure("p90_wait_s", Unit.SECONDS, "90 % of the answered waited no longer", exact=lambda waits: waits.p90_ms),
    Measure("p99_wait_s", Unit.SECONDS, "99 % of the answered waited no longer", exact=lambda waits: waits.p99_ms),
    Measure(
        "longest_wait_s",
        Unit.SECONDS,
        "the longest wait of a replication, answered or not; the mean of it over replications",
        exact=lambda waits: waits.longest_ms,
    ),
    Measure(
        "aht_s",
        Unit.SECONDS,
        "time of all agents in ringing, talking and wrap-up / answered",
        lambda cell, _: (cell.handling_ms / 1000, cell.answered),
    ),
    Measure("queue_mean", Unit.NUMBER, "calls in line, over time", lambda cell, _: (cell.queue_ms, cell.time_ms)),
    Measure(
        "queue_max",
        Unit.NUMBER,
        "the most calls in line at once in a replication; the mean of it over replications",
        lambda cell, _: (cell.queue_max, 1),
    ),
    Measure(
        "occupancy",
        Unit.SHARE,
        "(ringing + talking + wrap-up) / (the same + ready), of all agents who have the group's skills",
        lambda cell, _: (cell.handling_ms, cell.handling_ms + cell.ready_ms),
    ),
    Measure(
        "agents_logged_in",
        Unit.NUMBER,
        "time of all agents logged in / time",
        lambda cell, _: (cell.logged_in_ms, cell.time_ms),
    ),
    *(_agents(place, state) for place, state in enumerate(STATES)),
)

MEASURES: dict[str, Measure] = {measure.key: measure for measure in _ALL}
