"""What a group's calls take, and how long agents stay away. Learned from commands and notices.

An agent's *turn* goes from the ring to the agent's being in no call any more: free again, or away.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from acd.agents import AgentState
from acd.calls import Outcome
from acd.commands import OfferCall
from acd.expected_wait.recent import Arrivals, Durations, Rate
from acd.expected_wait.staffing import HANDLING
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, OfferEnd, OfferEnded

SUCCEEDS_MIN = 0.1


@dataclass(slots=True)
class Handling:
    """What is known of one group."""

    turns: Durations = field(default_factory=Durations)
    """Those that led to talk, with wrap-up, and those that failed, a ring long."""
    failed: Rate = field(default_factory=Rate)
    """The share of turns that failed by the agent: the call comes back, and the agent is away."""
    rings: Durations = field(default_factory=Durations)
    """From a call's first ring to its talk, rings in vain and the wait between them included."""
    gives_up: Rate = field(default_factory=Rate)
    """Callers who gave up for each second waited, by all: who was answered would have waited longer. That is the
    estimate of greatest likelihood for exponential patience (Brown and others, Statistical Analysis of a Telephone Call
    Center, Journal of the American Statistical Association 100, 2005)."""

    @property
    def succeeds(self) -> float:
        """The share of turns that lead to talk. Never 0: that nobody answers any more is no lasting state."""
        return max(SUCCEEDS_MIN, 1 - self.failed.value)


@dataclass(slots=True)
class _Turn:
    group: GroupId
    begun: Instant
    failed: bool = False


class Learner:
    """Follows the router's outputs."""

    def __init__(self) -> None:
        self.groups: defaultdict[GroupId, Handling] = defaultdict(Handling)
        self.absences: defaultdict[str, Durations] = defaultdict(Durations)
        """How long agents are not ready, by the reason given."""
        self.arrivals = Arrivals()
        self._turns: dict[AgentId, _Turn] = {}
        self._rung_since: dict[CallId, Instant] = {}
        self._away: dict[AgentId, tuple[str, Instant]] = {}

    def queued(self, call: CallQueued, now: Instant) -> None:
        if not call.returned:
            self.arrivals.add(call.group, call.tier, now)

    def offered(self, offer: OfferCall, now: Instant) -> None:
        self._turns[offer.agent] = _Turn(offer.group, now)
        self._rung_since.setdefault(offer.call, now)

    def offer_ended(self, offer: OfferEnded, _now: Instant) -> None:
        """Of one withdrawn nothing is learned: the caller left, or somebody else was quicker."""
        if offer.how is OfferEnd.WITHDRAWN:
            self._turns.pop(offer.agent, None)
        elif offer.agent in self._turns:
            self._turns[offer.agent].failed = True

    def connected(self, talk: CallConnected, now: Instant) -> None:
        handling = self.groups[talk.group]
        handling.gives_up.add(0, talk.waited_ms / 1000, now)
        since = self._rung_since.pop(talk.call, None)
        if since is not None:
            handling.rings.add(now - since, now)

    def finished(self, call: CallFinished, now: Instant) -> None:
        self._rung_since.pop(call.call, None)
        if call.group is not None and call.agent is None and call.outcome is not Outcome.REFUSED:
            gave_up = call.outcome is Outcome.ABANDONED
            self.groups[call.group].gives_up.add(gave_up, call.waited_ms / 1000, now)

    def agent_changed(self, change: AgentChanged, now: Instant) -> None:
        if change.state not in HANDLING:
            self._end_turn(change.agent, now)
        self._follow_absence(change, now)

    def _end_turn(self, agent: AgentId, now: Instant) -> None:
        turn = self._turns.pop(agent, None)
        if turn is not None:
            handling = self.groups[turn.group]
            handling.turns.add(now - turn.begun, now)
            handling.failed.add(turn.failed, 1, now)

    def _follow_absence(self, change: AgentChanged, now: Instant) -> None:
        """One that ended in logging out was another kind of absence."""
        reason, since = self._away.pop(change.agent, ("", now))
        if change.state is AgentState.NOT_READY:
            self._away[change.agent] = (reason, since) if reason == change.reason else (change.reason, now)
        elif reason and change.state is not AgentState.LOGGED_OUT:
            self.absences[reason].add(now - since, now)
