"""Two scenarios, or one by two sets of rules, on the same chances."""

from dataclasses import dataclass

from acd.ids import GroupId
from simulator.study.findings import Study
from simulator.study.measures import MEASURES, of_both
from simulator.study.statistics import Difference


@dataclass(frozen=True, slots=True)
class Comparison:
    """Replication n of each has the same seed: the same callers at the same times, wherever the rules let them be."""

    command: str
    first: Study
    second: Study

    @property
    def groups(self) -> list[GroupId]:
        """Those that are in both."""
        return [group for group in self.first.groups if group in self.second.groups]

    def difference(self, key: str, group: GroupId | None = None) -> Difference:
        """How much the second's figure of a day is above the first's."""
        return of_both(MEASURES[key], self.first.of(group), self.second.of(group))
