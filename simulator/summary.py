"""A run in a few figures, counted from what the router gives out and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acd.agents import AgentState
from acd.calls import CallKind, Outcome
from acd.commands import OfferCall
from acd.events import Event
from acd.ids import AgentId, CallId, Instant
from acd.notices import AgentChanged, CallConnected, CallDialled, CallFinished, CallQueued, CallSent
from acd.router import Output

HANDLING = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})

SERVICE_LEVEL_FORMULA = "answered within T / (answered + abandoned)"


@dataclass(slots=True)
class Summary:
    """Counts of calls and sums of time.

    A caller's call counts once, by the first of these that happened: answered, or the outcome of one that never was; of
    consults and agents' own calls nothing but the agents' time. So
    `calls` is `answered` + `abandoned` + `sent_elsewhere` + `merged` + `refused` + `live`.
    """

    within_ms: int = 20_000
    """T of the service level."""
    calls: int = 0
    """Those that came."""
    answered: int = 0
    answered_within: int = 0
    abandoned: int = 0
    abandoned_within: int = 0
    sent_elsewhere: int = 0
    merged: int = 0
    """Those whose caller waited for a callback already."""
    refused: int = 0
    callbacks: int = 0
    """Calls for which an agent's phone rang to call the customer back."""
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
        return self.calls - self.answered - self.abandoned - self.sent_elsewhere - self.merged - self.refused

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
            f"{self.sent_elsewhere} sent elsewhere, {self.live} live; returned {self.returned} times; "
            f"service level in {self.within_ms / 1000:g} s {self.service_level:.1%} = {SERVICE_LEVEL_FORMULA}; "
            f"ASA {self.asa_ms / 1000:.1f} s; "
            f"occupancy {self.occupancy:.1%}; at most {self.queue_max} in line"
        )


class Tally:
    """Makes a `Summary` of a router's outputs, step by step."""

    def __init__(self, within_ms: int = 20_000) -> None:
        self.summary = Summary(within_ms)
        self._unanswered: dict[CallId, bool] = {}
        """The live calls: whether each has yet to be answered."""
        self._called_back: set[CallId] = set()
        self._dialled: set[CallId] = set()
        """The agents' own calls."""
        self._in_line: set[CallId] = set()
        self._agents: dict[AgentId, tuple[AgentState, Instant]] = {}

    def watch(self, _event: Event, outputs: Output, now: Instant) -> None:
        """Count what came of one event."""
        counts = COUNTS
        for output in outputs:
            kind = type(output)
            if kind in counts:
                counts[kind](self, output, now)
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

    def _came(self, call: CallId) -> None:
        """Something is heard of the call, perhaps for the first time."""
        if call not in self._unanswered:
            self._unanswered[call] = True
            self.summary.calls += 1

    def _queued(self, notice: CallQueued, _now: Instant) -> None:
        if notice.kind is not CallKind.INCOMING:
            return
        self._came(notice.call)
        self._in_line.add(notice.call)
        self.summary.returned += notice.returned

    def _dialled_out(self, notice: CallDialled, _now: Instant) -> None:
        self._dialled.add(notice.call)

    def _sent(self, notice: CallSent, _now: Instant) -> None:
        if notice.call in self._dialled:
            return
        self._came(notice.call)
        self._in_line.discard(notice.call)

    def _offered(self, command: OfferCall, _now: Instant) -> None:
        if command.callback and command.call not in self._called_back | self._dialled:
            self._called_back.add(command.call)
            self.summary.callbacks += 1

    def _connected(self, notice: CallConnected, _now: Instant) -> None:
        if not self._unanswered.get(notice.call):
            return
        self._unanswered[notice.call] = False
        summary = self.summary
        summary.answered += 1
        summary.answered_within += notice.waited_ms <= summary.within_ms
        summary.delayed += notice.waited_ms > 0
        summary.waited_ms += notice.waited_ms

    def _finished(self, notice: CallFinished, _now: Instant) -> None:
        if notice.kind is not CallKind.INCOMING:
            self._dialled.discard(notice.call)
            return
        self._came(notice.call)
        self._in_line.discard(notice.call)
        self._called_back.discard(notice.call)
        if self._unanswered.pop(notice.call):
            self._finished_unanswered(notice)

    def _finished_unanswered(self, notice: CallFinished) -> None:
        summary = self.summary
        if notice.outcome is Outcome.REFUSED:
            summary.refused += 1
        elif notice.outcome is Outcome.SENT_ELSEWHERE:
            summary.sent_elsewhere += 1
        elif notice.outcome is Outcome.MERGED:
            summary.merged += 1
        else:
            summary.abandoned += 1
            summary.abandoned_within += notice.waited_ms <= summary.within_ms
            summary.delayed += notice.waited_ms > 0
            summary.waited_in_vain_ms += notice.waited_ms

    def _agent_changed(self, notice: AgentChanged, now: Instant) -> None:
        state = notice.state
        self._spend(notice.agent, state, now)
        if state is AgentState.RINGING and notice.call is not None:
            self._in_line.discard(notice.call)

    def _spend(self, agent: AgentId, state: AgentState, now: Instant) -> None:
        agents = self._agents
        if agent in agents:
            before, since = agents[agent]
            if before in HANDLING:
                self.summary.handling_ms += now - since
            elif before is AgentState.READY:
                self.summary.ready_ms += now - since
        agents[agent] = state, now


COUNTS: dict[type, Callable[[Tally, Any, Instant], None]] = {
    OfferCall: Tally._offered,
    CallQueued: Tally._queued,
    CallSent: Tally._sent,
    CallDialled: Tally._dialled_out,
    CallConnected: Tally._connected,
    CallFinished: Tally._finished,
    AgentChanged: Tally._agent_changed,
}


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
