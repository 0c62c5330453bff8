"""Where a search by simulation begins: crews that Erlang's formulas would send to work.

Of each group and half hour: the agents that keep the group's promise if it has them to itself. That is too many where
one crew serves several groups, for together they need fewer; so a half hour's needs are scaled down to what all calls
together, pooled, would need. Crews are then filled, always the one that fills most of what is missing.
"""

from collections.abc import Mapping, Sequence

from acd.ids import GroupId
from simulator.erlang.crews import Crew
from simulator.erlang.day import Interval
from simulator.erlang.forecast import intervals
from simulator.erlang.inverses import Target, agents_for
from simulator.scenarios import Figure, Scenario
from simulator.shifts import Shift

WHERE_NOTHING_IS_PROMISED = Target(service_level=0.8, within_s=20)


def beginning(scenario: Scenario, all_crews: Sequence[Crew]) -> dict[str, int]:
    """How many in each crew. Raises ValueError for arrivals of which nothing can be expected."""
    needs = _needs(scenario)
    presence = {crew.name: _presence(scenario, crew) for crew in all_crews}
    serves = {crew.name: crew.serves(scenario) for crew in all_crews}
    found = dict.fromkeys(presence, 0)
    while True:
        useful = {name: _useful(needs, serves[name], presence[name]) for name in found}
        name = max(useful, key=lambda each: useful[each])
        if useful[name] < IDLE:
            return found
        found[name] += 1
        _work(needs, serves[name], presence[name])


IDLE = 0.2
"""Nobody comes for so small a part of a shift: what a few minutes before the shift lack, no crowd can mend."""


def _needs(scenario: Scenario) -> dict[str, list[float]]:
    """Agents by group and interval."""
    alone = {group: _agents(intervals(scenario, [group]), target(scenario, group)) for group in scenario.rules.groups}
    pooled = _agents(intervals(scenario), target(scenario, None))
    for n, together in enumerate(pooled):
        apart = sum(needs[n] for needs in alone.values())
        for needs in alone.values():
            needs[n] *= min(1.0, together / apart) if apart else 1.0
    return {str(group): needs for group, needs in alone.items()}


def _agents(day: Sequence[Interval], wanted: Target) -> list[float]:
    return [float(agents_for(each.demand("a"), wanted)) for each in day]


def target(scenario: Scenario, group: GroupId | None) -> Target:
    """What is promised of the group, or of all; of neither: 80 % in 20 s."""
    said: dict[str, float] = {}
    for promise in scenario.promises:
        name = TARGETS.get(promise.figure)
        bound = promise.at_most if promise.figure in AT_MOST else promise.at_least
        if name is not None and bound is not None and promise.group in (None, group):
            said[name] = bound
            if promise.within_s is not None:
                said["within_s"] = promise.within_s
    wanted = Target(**said)
    return WHERE_NOTHING_IS_PROMISED if wanted.says_nothing else wanted


TARGETS = {
    Figure.SERVICE_LEVEL: "service_level",
    Figure.ANSWERED_SHARE: "answered",
    Figure.ABANDONMENT: "abandonment",
    Figure.MEAN_WAIT_S: "asa_s",
    Figure.OCCUPANCY: "occupancy_max",
}
"""What of a promise Erlang's formulas know."""
AT_MOST = frozenset({Figure.ABANDONMENT, Figure.MEAN_WAIT_S, Figure.OCCUPANCY})


def _presence(scenario: Scenario, crew: Crew) -> list[float]:
    """Of each interval, the share of it that a member of the crew is there, on the average."""
    begin = scenario.begin % scenario.day_ms
    starts = range(begin, begin + scenario.day_ms, scenario.interval_ms)
    shifts = [scenario.people.shifts.get(agent) for agent in crew.members]
    there = [sum(_there(each, start, scenario) for each in shifts) for start in starts]
    return [total / len(crew.members) for total in there]


def _there(shifts: Sequence[Shift] | None, start: int, scenario: Scenario) -> float:
    """The share of the interval from `start` that lies in the shifts, on whichever day they began; None: always."""
    if shifts is None:
        return 1.0
    end, days = start + scenario.interval_ms, (-scenario.day_ms, 0, scenario.day_ms)
    common = (min(end, each.to_ms + day) - max(start, each.from_ms + day) for each in shifts for day in days)
    return sum(max(0, each) for each in common) / scenario.interval_ms


def _useful(needs: Mapping[str, list[float]], serves: Sequence[str], presence: Sequence[float]) -> float:
    """The share of the shift for which one more in the crew would fill what is missing."""
    fills = (min(there, sum(needs[group][n] for group in serves)) for n, there in enumerate(presence) if there)
    return sum(fills) / (sum(presence) or 1.0)


def _work(needs: Mapping[str, list[float]], serves: Sequence[str], presence: Sequence[float]) -> None:
    """One more is there, and takes from each group's need in proportion."""
    for n, there in enumerate(presence):
        missing = sum(needs[group][n] for group in serves)
        left = max(0.0, missing - there) / missing if missing else 0.0
        for group in serves:
            needs[group][n] *= left
