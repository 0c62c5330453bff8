"""What a scenario expects of a day, as intervals: the mean of its arrivals, and of what its people do."""

from collections.abc import Iterable

from acd.ids import GroupId
from simulator.arrivals import MS_PER_H, Arrivals, Rated, Recorded
from simulator.distributions import Distribution
from simulator.erlang.day import Interval
from simulator.kinds import Kind
from simulator.scenarios import Scenario

DAY_S = 86_400


def intervals(scenario: Scenario, groups: Iterable[GroupId] | None = None) -> list[Interval]:
    """The first day that counts, of the calls that come to these groups first; None: of all.

    Handling is the mean of answering, talk and wrap-up, over all calls of the interval. Raises ValueError for arrivals
    of which nothing can be expected.
    """
    begin = scenario.begin + scenario.warm_up_days * scenario.day_ms
    starts = range(begin, begin + scenario.day_ms, scenario.interval_ms)
    entries = [entry for entry, point in scenario.rules.entries.items() if groups is None or point.group in set(groups)]
    return [_interval(scenario, entries, start) for start in starts]


def _interval(scenario: Scenario, entries: Iterable[str], start: int) -> Interval:
    end = start + scenario.interval_ms
    arrivals = scenario.people.arrivals
    calls = {entry: expected(arrivals[entry], start, end) for entry in entries if entry in arrivals}
    total = sum(calls.values())
    # without calls any handling does
    weights = (
        {entry: count / total for entry, count in calls.items()}
        if total
        else dict.fromkeys(calls, 1 / (len(calls) or 1))
    )
    aht_s = sum(weight * _aht_s(scenario, entry) for entry, weight in weights.items())
    patience_s = sum(weight * _of(scenario, entry, "patience_s").mean_s for entry, weight in weights.items())
    return Interval(start // 1000 % DAY_S, scenario.interval_ms / 1000, total, aht_s or 1.0, patience_s or 1.0)


def _aht_s(scenario: Scenario, entry: str) -> float:
    group = scenario.rules.groups[scenario.rules.entries[entry].group]
    wrap_up_s = min(_of(scenario, entry, "wrap_up_s").mean_s, group.wrap_up_ms / 1000)
    return scenario.people.answer_s.mean_s + _of(scenario, entry, "talk_s").mean_s + wrap_up_s


def _of(scenario: Scenario, entry: str, name: str) -> Distribution:
    """What holds for the callers of that entry point."""
    own = getattr(scenario.people.callers.get(entry, Kind()), name)
    found: Distribution = getattr(scenario.people, name) if own is None else own
    return found


def expected(arrivals: Arrivals, since: int, until: int) -> float:
    """The mean number of calls from `since` to before `until`; of recorded ones, how many there are."""
    if isinstance(arrivals, Recorded):
        return float(sum(since <= at < until for at in arrivals.instants))
    if not isinstance(arrivals, Rated):
        raise ValueError(f"of arrivals like {type(arrivals).__name__} no number can be expected")
    calls, at = 0.0, float(since)
    while at < until:
        per_h, changes = arrivals.rate(int(at))
        end = min(changes, until)
        calls, at = calls + per_h * (end - at) / MS_PER_H, end
    return calls
