"""What managers ask of a day, per group and in all: service level, waits, abandonment, occupancy.

A call counts once, in the group that it came to first, wherever it is answered; consults and agents' own calls don't.
Agents don't belong to groups: a group's occupancy is that of the agents whose skills cover its needs, with all they do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple

from acd.agents import AgentState
from acd.calls import IN_LINE, CallKind, Outcome
from acd.events import CallArrived, Event
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished
from acd.overflow import first_group
from acd.router import Output, Router
from acd.skills import cover
from simulator.summary import HANDLING

SERVICE_LEVEL = "answered within T / (answered + abandoned after T)"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group or all; None where there is nothing to divide by. Waits count from arrival, rings included."""

    offered: int
    answered: int
    abandoned: int
    sent_elsewhere: int
    refused: int
    merged: int
    unfinished: int
    """Neither answered nor over, as far as is known."""
    service_level: float | None
    """By `SERVICE_LEVEL`."""
    mean_wait_s: float | None
    """Of the answered: the average speed of answer."""
    p90_wait_s: float | None
    """Nine of ten answered calls were answered by then."""
    longest_wait_s: float | None
    """Of any call, answered or not."""
    abandonment: float | None
    """abandoned / (answered + abandoned)"""
    occupancy: float | None
    """(ringing + talking + wrap-up) / (the same + ready)"""


class Result(NamedTuple):
    all: Figures
    groups: dict[GroupId, Figures]


@dataclass(slots=True)
class _Calls:
    """Of one group, so far."""

    offered: int = 0
    waits_ms: list[int] = field(default_factory=list)
    """Of the answered; below, of those that were not, by outcome."""
    ended_ms: dict[Outcome, list[int]] = field(default_factory=dict)

    def ended(self, outcome: Outcome) -> list[int]:
        return self.ended_ms.get(outcome, [])


@dataclass(slots=True)
class _Seen:
    """A live call."""

    group: GroupId | None
    answered: bool = False
    lost: bool = False
    """Not known to the present router, and not told again so far."""


@dataclass(slots=True)
class _Hours:
    """An agent's time so far."""

    state: AgentState
    since: Instant
    handling_ms: int = 0
    ready_ms: int = 0

    def become(self, state: AgentState, at: Instant) -> None:
        if self.state in HANDLING:
            self.handling_ms += at - self.since
        elif self.state is AgentState.READY:
            self.ready_ms += at - self.since
        self.state, self.since = state, at


class Count:
    """Watches a run, straight or simulated, and makes its `Result`."""

    def __init__(self, within_ms: int) -> None:
        """`within_ms` is the T of the service level."""
        self._within_ms = within_ms
        self._router: Router | None = None
        self._live: dict[CallId, _Seen] = {}
        self._groups: dict[GroupId | None, _Calls] = {}
        self._hours: dict[AgentId, _Hours] = {}

    def begin(self, router: Router, now: Instant) -> None:
        """From now it is this router. Calls that wait in it count from here; talks that go on don't."""
        self._router = router
        for call_id, seen in self._live.items():
            seen.lost = call_id not in router.calls
        for call in router.calls.values():
            if call.state in IN_LINE and call.kind is CallKind.INCOMING:
                self._came(call.id, call.group.id)
        for agent in router.agents.values():
            self._hours.setdefault(agent.id, _Hours(agent.state, now)).become(agent.state, now)

    def watch(self, event: Event, outputs: Output, now: Instant) -> None:  # noqa: ARG002 - a watcher is told when
        """One event, and what came of it."""
        if isinstance(event, CallArrived) and self._router is not None:
            group = first_group(event, self._router.rules)
            self._came(event.call, group, found=event.waiting_since is not None)
        for output in outputs:
            count = COUNTS.get(type(output))
            if count is not None:
                count(self, output)

    def result(self, end: Instant) -> Result:
        """All figures, with every agent's time until `end`."""
        assert self._router is not None, "something has been watched"
        rules = self._router.rules
        for hours in self._hours.values():
            hours.become(hours.state, end)
        of_all = self._figures(self._groups.values(), rules.agents)
        groups = {
            group.id: self._figures(
                [self._groups.get(group.id, _Calls())],
                [agent.id for agent in rules.agents.values() if cover(agent.skills, group.needs)],
            )
            for group in rules.groups.values()
        }
        return Result(of_all, groups)

    def _came(self, call: CallId, group: GroupId | None, found: bool = True) -> None:
        """A new call, or one that is known; if it was lost sight of, it must be `found` waiting to be the same."""
        seen = self._live.get(call)
        if seen is not None and (found or not seen.lost):
            seen.lost = False
        else:
            self._live[call] = _Seen(group)
            self._of(group).offered += 1

    def _of(self, group: GroupId | None) -> _Calls:
        return self._groups.setdefault(group, _Calls())

    def _connected(self, notice: CallConnected) -> None:
        seen = self._live.get(notice.call)
        if seen is not None and not seen.answered:
            seen.answered = True
            self._of(seen.group).waits_ms.append(notice.waited_ms)

    def _finished(self, notice: CallFinished) -> None:
        seen = self._live.pop(notice.call, None)
        if seen is not None and not seen.answered:
            self._of(seen.group).ended_ms.setdefault(notice.outcome, []).append(notice.waited_ms)

    def _agent_changed(self, notice: AgentChanged) -> None:
        hours = self._hours.setdefault(notice.agent, _Hours(AgentState.LOGGED_OUT, notice.since))
        if notice.state is not hours.state:
            hours.become(notice.state, notice.since)

    def _figures(self, many: Iterable[_Calls], agents: Iterable[AgentId]) -> Figures:
        calls = _together(many)
        waits, left = sorted(calls.waits_ms), calls.ended(Outcome.ABANDONED)
        answered, abandoned = len(waits), len(left)
        in_time = sum(wait <= self._within_ms for wait in waits)
        too_late = sum(wait > self._within_ms for wait in left)
        ended = [wait for waits in calls.ended_ms.values() for wait in waits]
        hours = [self._hours[agent] for agent in agents if agent in self._hours]
        handling, ready = sum(each.handling_ms for each in hours), sum(each.ready_ms for each in hours)
        return Figures(
            offered=calls.offered,
            answered=answered,
            abandoned=abandoned,
            sent_elsewhere=len(calls.ended(Outcome.SENT_ELSEWHERE)),
            refused=len(calls.ended(Outcome.REFUSED)),
            merged=len(calls.ended(Outcome.MERGED)),
            unfinished=calls.offered - answered - len(ended),
            service_level=_share(in_time, answered + too_late),
            mean_wait_s=_share(sum(waits) / 1000, answered),
            p90_wait_s=waits[ceil(0.9 * answered) - 1] / 1000 if waits else None,
            longest_wait_s=max([*waits, *ended]) / 1000 if waits or ended else None,
            abandonment=_share(abandoned, answered + abandoned),
            occupancy=_share(handling, handling + ready),
        )


COUNTS: dict[type, Callable[[Count, Any], None]] = {
    CallConnected: Count._connected,
    CallFinished: Count._finished,
    AgentChanged: Count._agent_changed,
}


def _together(many: Iterable[_Calls]) -> _Calls:
    all_of_them = _Calls()
    for calls in many:
        all_of_them.offered += calls.offered
        all_of_them.waits_ms += calls.waits_ms
        for outcome, waits in calls.ended_ms.items():
            all_of_them.ended_ms.setdefault(outcome, []).extend(waits)
    return all_of_them


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
