"""A run in a few figures, counted from what the router gives out and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acd.agents import AgentState
from acd.calls import Outcome
from acd.ids import AgentId, CallId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued
from acd.router import Output

HANDLING = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})

SERVICE_LEVEL_FORMULA = "answered within T / (answered + abandoned)"


@dataclass(slots=True)
class Summary:
    """Counts of calls and sums of time; a call that was answered counts as answered whatever came after."""

    within_ms: int = 20_000
    """T of the service level."""
    calls: int = 0
    """Those that came into a line; refused ones not."""
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    abandoned_within: int = 0
    refused: int = 0
    returned: int = 0
    """How often a call came back ahead of the line."""
    delayed: int = 0
    """Calls that waited at all, rings included."""
    waited_ms: int = 0
    """Of the answered ones, together."""
    waited_in_vain_ms: int = 0
    """Of the abandoned ones, together."""
    handling_ms: int = 0
    """All agents together in ringing, talking and wrap-up."""
    ready_ms: int = 0
    queue_max: int = 0
    """The most calls in line at once; one that rings stands in no line."""

    @property
    def live(self) -> int:
        """Calls waiting for an answer when the run ended, less those that did when it began."""
        return self.calls - self.answered - self.abandoned

    @property
    def service_level(self) -> float:
        """By `SERVICE_LEVEL_FORMULA`, 0..1."""
        return _share(self.answered_within, self.answered + self.abandoned)

    @property
    def abandonment(self) -> float:
        """abandoned / (answered + abandoned), 0..1."""
        return _share(self.abandoned, self.answered + self.abandoned)

    @property
    def delay_probability(self) -> float:
        """delayed / (answered + abandoned), 0..1."""
        return _share(self.delayed, self.answered + self.abandoned)

    @property
    def asa_ms(self) -> float:
        """Average speed of answer: the mean wait of the answered."""
        return _share(self.waited_ms, self.answered)

    @property
    def occupancy(self) -> float:
        """(ringing + talking + wrap-up) / (the same + ready), 0..1."""
        return _share(self.handling_ms, self.handling_ms + self.ready_ms)

    def __str__(self) -> str:
        return (
            f"{self.calls} calls: {self.answered} answered, {self.abandoned} abandoned ({self.abandonment:.1%}), "
            f"{self.live} live; returned {self.returned} times; service level in {self.within_ms / 1000:g} s "
            f"{self.service_level:.1%} = {SERVICE_LEVEL_FORMULA}; ASA {self.asa_ms / 1000:.1f} s; "
            f"occupancy {self.occupancy:.1%}; at most {self.queue_max} in line"
        )


class Tally:
    """Makes a `Summary` of a router's outputs, step by step."""

    def __init__(self, within_ms: int = 20_000) -> None:
        self.summary = Summary(within_ms)
        self._unanswered: set[CallId] = set()
        self._in_line: set[CallId] = set()
        self._agents: dict[AgentId, tuple[AgentState, Instant]] = {}

    def take(self, outputs: Output, now: Instant) -> None:
        """Count one step's outputs."""
        for output in outputs:
            count = COUNTS.get(type(output))
            if count is not None:
                count(self, output, now)
        if len(self._in_line) > self.summary.queue_max:
            self.summary.queue_max = len(self._in_line)

    def end(self, now: Instant) -> Summary:
        """The summary, with every agent's time until `now`."""
        for agent, (state, _) in list(self._agents.items()):
            self._spend(agent, state, now)
        return self.summary

    def cut(self, now: Instant) -> Summary:
        """The summary until `now`; from here on a new one is counted, with the calls and agents there are."""
        until_now = self.end(now)
        self.summary = Summary(until_now.within_ms)
        return until_now

    def _queued(self, notice: CallQueued, _now: Instant) -> None:
        self._in_line.add(notice.call)
        if notice.returned:
            self.summary.returned += 1
        else:
            self.summary.calls += 1
            self._unanswered.add(notice.call)

    def _connected(self, notice: CallConnected, _now: Instant) -> None:
        if notice.call not in self._unanswered:
            return
        self._unanswered.remove(notice.call)
        summary = self.summary
        summary.answered += 1
        summary.answered_within += notice.waited_ms <= summary.within_ms
        summary.delayed += notice.waited_ms > 0
        summary.waited_ms += notice.waited_ms

    def _finished(self, notice: CallFinished, _now: Instant) -> None:
        self._in_line.discard(notice.call)
        summary = self.summary
        if notice.outcome is Outcome.REFUSED:
            summary.refused += 1
        if notice.call not in self._unanswered:
            return
        self._unanswered.remove(notice.call)
        summary.abandoned += 1
        summary.abandoned_within += notice.waited_ms <= summary.within_ms
        summary.delayed += notice.waited_ms > 0
        summary.waited_in_vain_ms += notice.waited_ms

    def _agent_changed(self, notice: AgentChanged, now: Instant) -> None:
        self._spend(notice.agent, notice.state, now)
        if notice.state is AgentState.RINGING and notice.call is not None:
            self._in_line.discard(notice.call)

    def _spend(self, agent: AgentId, state: AgentState, now: Instant) -> None:
        before, since = self._agents.get(agent, (AgentState.LOGGED_OUT, now))
        self._agents[agent] = (state, now)
        if before in HANDLING:
            self.summary.handling_ms += now - since
        elif before is AgentState.READY:
            self.summary.ready_ms += now - since


COUNTS: dict[type, Callable[[Tally, Any, Instant], None]] = {
    CallQueued: Tally._queued,
    CallConnected: Tally._connected,
    CallFinished: Tally._finished,
    AgentChanged: Tally._agent_changed,
}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
