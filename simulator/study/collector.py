"""Watches one life of a scenario and counts it: by group, and by half hour of arrival.

Cheap per event: what an agent does is counted once for all agents of the same skills, not for each group they serve.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from math import ceil
from typing import Any

from acd.agents import AgentState
from acd.calls import CallKind, Outcome
from acd.events import CallArrived, Event
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished, CallMoved, CallQueued, CallSent
from acd.overflow import first_group
from acd.router import Output
from acd.rules import Rules
from acd.skills import cover
from simulator.study.counts import BIN_MS, BINS, STATES, Cell, GroupCounts, Waits, together
from simulator.study.levels import Calendar, Level

Crew = dict[AgentState, Level]
"""How many agents of the same groups are in each state."""
NOWHERE = GroupId("")
"""The group of calls that the rules have no group for."""


class _Calls:
    """Of one group, so far: counts by interval, and every wait."""

    def __init__(self, intervals: int, thresholds: int) -> None:
        self.counts: list[dict[str, int]] = [{} for _ in range(intervals)]
        self.within = {kind: [[0] * thresholds for _ in range(intervals)] for kind in ("answered", "abandoned")}
        self.waits_ms = {"answered": array("q"), "abandoned": array("q")}
        self.longest_ms = -1

    def count(self, what: str, interval: int, by: int = 1) -> None:
        counts = self.counts[interval]
        counts[what] = counts.get(what, 0) + by

    def waited(self, what: str, interval: int, waited_ms: int, within_ms: Sequence[int]) -> None:
        self.waits_ms[what].append(waited_ms)
        self.count("waited_ms" if what == "answered" else "waited_in_vain_ms", interval, waited_ms)
        within = self.within[what][interval]
        for n, limit_ms in enumerate(within_ms):
            within[n] += waited_ms <= limit_ms


class Collector:
    """A watcher of `VirtualTime`; makes `GroupCounts` of what it saw in the time that counts."""

    def __init__(self, rules: Rules, calendar: Calendar, within_ms: Sequence[int]) -> None:
        """`within_ms` are the Ts of service levels."""
        self._rules, self._calendar, self._within_ms = rules, calendar, tuple(within_ms)
        self._groups = {group: self._no_calls() for group in (*rules.groups, NOWHERE)}
        self._known: set[CallId] = set()
        """All calls that came, for one that is told of twice is one."""
        self._open: dict[CallId, tuple[_Calls, int]] = {}
        """The calls that count and have no answer yet: where and in which interval they came."""
        self._in_line: dict[CallId, GroupId] = {}
        self._line = Level(calendar)
        self._lines = {group: Level(calendar) for group in self._groups}
        self._states = dict.fromkeys(rules.agents, AgentState.LOGGED_OUT)
        self._crew_of, self._crews = self._crewed()

    def _no_calls(self) -> _Calls:
        return _Calls(self._calendar.intervals, len(self._within_ms))

    def _crewed(self) -> tuple[dict[AgentId, Crew], dict[frozenset[GroupId], Crew]]:
        """Agents who may serve the same groups are one crew."""
        crew_of: dict[AgentId, Crew] = {}
        crews: dict[frozenset[GroupId], Crew] = {}
        for agent, record in self._rules.agents.items():
            serves = frozenset(id_ for id_, group in self._rules.groups.items() if cover(record.skills, group.needs))
            crew = crews.setdefault(serves, {state: Level(self._calendar) for state in STATES})
            crew[AgentState.LOGGED_OUT].now += 1
            crew_of[agent] = crew
        return crew_of, crews

    @property
    def is_waiting(self) -> bool:
        """Whether a call that counts has no end yet."""
        return bool(self._open)

    def watch(self, event: Event, outputs: Output, now: Instant) -> None:
        """One event, and what came of it."""
        if type(event) is CallArrived and self._calendar.holds(now) and event.call not in self._known:
            self._arrived(event, now)
        counts = COUNTS
        for output in outputs:
            kind = type(output)
            if kind in counts:
                counts[kind](self, output, now)

    # --- calls ----------------------------------------------------------------------------------------------------

    def _arrived(self, event: CallArrived, now: Instant) -> None:
        calls = self._groups.get(first_group(event, self._rules), self._groups[NOWHERE])
        interval = self._calendar.interval(now)
        self._known.add(event.call)
        self._open[event.call] = calls, interval
        calls.count("offered", interval)

    def _connected(self, notice: CallConnected, _now: Instant) -> None:
        calls, interval = self._open.pop(notice.call, NOT_COUNTED)
        if calls is not None:
            calls.count("answered", interval)
            calls.waited("answered", interval, notice.waited_ms, self._within_ms)
            if notice.waited_ms > calls.longest_ms:
                calls.longest_ms = notice.waited_ms

    def _finished(self, notice: CallFinished, now: Instant) -> None:
        if notice.call in self._in_line:
            self._leaves_line(notice.call, now)
        calls, interval = self._open.pop(notice.call, NOT_COUNTED)
        if calls is not None:
            ended = ENDS.get(notice.outcome, "abandoned")
            calls.count(ended, interval)
            calls.longest_ms = max(calls.longest_ms, notice.waited_ms)
            if ended == "abandoned":
                calls.waited(ended, interval, notice.waited_ms, self._within_ms)

    # --- lines ----------------------------------------------------------------------------------------------------

    def _queued(self, notice: CallQueued, now: Instant) -> None:
        if notice.kind is not CallKind.INCOMING:
            return
        self._stands_in(notice.call, notice.group, now)
        if notice.returned and self._calendar.holds(now):
            self._groups[notice.group].count("returned", self._calendar.interval(now))

    def _moved(self, notice: CallMoved, now: Instant) -> None:
        if notice.call in self._in_line:
            self._stands_in(notice.call, notice.to, now)

    def _sent(self, notice: CallSent, now: Instant) -> None:
        if notice.call in self._in_line:
            self._leaves_line(notice.call, now)

    def _stands_in(self, call: CallId, group: GroupId, now: Instant) -> None:
        if call in self._in_line:
            self._leaves_line(call, now)
        self._in_line[call] = group
        self._line.change(1, now)
        self._lines[group].change(1, now)

    def _leaves_line(self, call: CallId, now: Instant) -> None:
        self._line.change(-1, now)
        self._lines[self._in_line.pop(call)].change(-1, now)

    # --- agents ---------------------------------------------------------------------------------------------------

    def _agent_changed(self, notice: AgentChanged, now: Instant) -> None:
        before, state = self._states[notice.agent], notice.state
        if state is AgentState.RINGING and notice.call in self._in_line:
            self._leaves_line(notice.call, now)
        if state is not before:
            agent = notice.agent
            self._states[agent] = state
            crew = self._crew_of[agent]
            crew[before].change(-1, now)
            crew[state].change(1, now)

    # --- the end --------------------------------------------------------------------------------------------------

    def result(self) -> tuple[GroupCounts, Mapping[GroupId, GroupCounts]]:
        """Of all, and of each group."""
        for level in self._levels():
            level.close()
        groups = {
            group: self._counts([calls], self._lines[group], group)
            for group, calls in self._groups.items()
            if group != NOWHERE
        }
        return self._counts(list(self._groups.values()), self._line, None), groups

    def _levels(self) -> list[Level]:
        return [self._line, *self._lines.values(), *(level for crew in self._crews.values() for level in crew.values())]

    def _counts(self, many: Sequence[_Calls], line: Level, group: GroupId | None) -> GroupCounts:
        crews = [crew for serves, crew in self._crews.items() if group is None or group in serves]
        cells = tuple(self._cell(n, many, line, crews) for n in range(self._calendar.intervals))
        return GroupCounts(cells, together(cells), _waits(many))

    def _cell(self, n: int, many: Sequence[_Calls], line: Level, crews: Sequence[Crew]) -> Cell:
        days = self._calendar.days
        time = Cell(
            days=days,
            time_ms=days * self._calendar.length_ms(n),
            queue_ms=line.sums_ms[n],
            queue_max=line.maxima[n],
            agents_ms=tuple(sum(crew[state].sums_ms[n] for crew in crews) for state in STATES),
        )
        return together([time, *(_cell_of_calls(calls, n) for calls in many)])


NOT_COUNTED: tuple[None, int] = (None, 0)

ENDS = {
    Outcome.REFUSED: "refused",
    Outcome.SENT_ELSEWHERE: "sent_elsewhere",
    Outcome.MERGED: "merged",
}
"""How calls without an answer end, besides being abandoned."""

COUNTS: dict[type, Callable[[Collector, Any, Instant], None]] = {
    CallConnected: Collector._connected,
    CallFinished: Collector._finished,
    CallQueued: Collector._queued,
    CallMoved: Collector._moved,
    CallSent: Collector._sent,
    AgentChanged: Collector._agent_changed,
}


def _cell_of_calls(calls: _Calls, n: int) -> Cell:
    within = {f"{kind}_within": tuple(by_interval[n]) for kind, by_interval in calls.within.items()}
    return Cell(**calls.counts[n], **within)  # type: ignore[arg-type]


def _waits(many: Sequence[_Calls]) -> Waits:
    answered, abandoned = (
        sorted(wait for calls in many for wait in calls.waits_ms[kind]) for kind in ("answered", "abandoned")
    )
    longest_ms = max(calls.longest_ms for calls in many)
    p50_ms, p90_ms, p99_ms = (_quantile(answered, share) for share in (0.5, 0.9, 0.99))
    return Waits(
        _histogram(answered),
        _histogram(abandoned),
        p50_ms,
        p90_ms,
        p99_ms,
        longest_ms if longest_ms >= 0 else None,
    )


def _histogram(waits_ms: Sequence[int]) -> tuple[int, ...]:
    bins = [0] * (BINS + 1)
    for wait in waits_ms:
        bins[min(wait // BIN_MS, BINS)] += 1
    return tuple(bins)


def _quantile(in_order: Sequence[int], share: float) -> int | None:
    """So great a share waited no longer."""
    return in_order[ceil(share * len(in_order)) - 1] if in_order else None
