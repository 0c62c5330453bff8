"""The verbs of routing: offer, connect, return, finish. Each moves agent and call together and says what it did.

Only here do agents and calls change; :mod:`acd.router` decides which verb an event means.
"""

from __future__ import annotations

from acd.agents import Agent, AgentInput, AgentState, Reason
from acd.calls import Call, CallInput, CallState, Offer, Outcome, ServiceRank
from acd.commands import Command, OfferCall, ReleaseCall, WithdrawOffer
from acd.deadlines import Deadlines
from acd.ids import CallId, Instant
from acd.matching import best_agent, best_call, first_match, place_agent, place_call, take_agent, take_call
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, Notice, OfferEnd, OfferEnded
from acd.queues import Lines

REASON_OF_END = {
    OfferEnd.UNANSWERED: Reason.NO_ANSWER,
    OfferEnd.REJECTED: Reason.REJECTED,
}


class Dispatcher:
    """Lines, deadlines and live calls, and the only code that changes an agent's or a call's state."""

    def __init__(self) -> None:
        self.now = Instant(0)
        self.out: list[Command | Notice] = []
        self.lines = Lines()
        self.deadlines = Deadlines()
        self.calls: dict[CallId, Call] = {}
        self.may_offer = False
        """False while the PBX is out of reach: calls and agents wait for each other."""
        self._tickets = 0

    def ticket(self) -> int:
        """The next number of arrival: whatever else ties, who came first goes first."""
        self._tickets += 1
        return self._tickets

    # --- agents ---------------------------------------------------------------------------------------------------

    def move(self, agent: Agent, word: AgentInput, reason: str = "", by: str = "") -> None:
        """Let `word` act on the agent, tell it, and if the agent is ready now, find a call."""
        take_agent(agent)
        self._step(agent, word, reason, by)
        if agent.state is not AgentState.WRAP_UP:
            agent.wrap_up_until = None
        self._tell(agent)
        if agent.state is AgentState.READY:
            if word is not AgentInput.WITHDRAWN:
                agent.idle_rank = (self.now, self.ticket())
            self._seek_call(agent)

    def _step(self, agent: Agent, word: AgentInput, reason: str = "", by: str = "") -> None:
        before = agent.state
        agent.step(word, reason, by)
        if agent.state is not before:
            agent.since = self.now

    def drop_pending(self, agent: Agent) -> None:
        """Forget the pending state: its cause is gone."""
        agent.pending = None
        self._tell(agent)

    def _seek_call(self, agent: Agent) -> None:
        call = best_call(agent) if self.may_offer else None
        if call is None:
            place_agent(agent)
        else:
            self.offer(call, agent)

    def _tell(self, agent: Agent) -> None:
        call = agent.call.id if agent.call is not None else None
        self.out.append(AgentChanged(agent.id, agent.state, agent.reason, agent.pending, agent.by, call, agent.since))

    # --- waiting --------------------------------------------------------------------------------------------------

    def enqueue(self, call: Call) -> None:
        """Tell that the call waits, and ring the best agent who is ready, if there is one."""
        returned = not call.rank.behind_returned
        self.out.append(
            CallQueued(
                call.id,
                call.group.id,
                call.entry,
                call.caller_number,
                call.caller_name,
                call.tier,
                call.waiting_since,
                returned,
            )
        )
        agent = best_agent(call) if self.may_offer else None
        if agent is None:
            place_call(call)
        else:
            self.offer(call, agent)

    def match_all(self) -> None:
        """Offer, in the order of service, every waiting call for which an agent is ready."""
        while (call := first_match(list(self.lines))) is not None:
            agent = best_agent(call)
            assert agent is not None
            self.offer(call, agent)

    # --- offers ---------------------------------------------------------------------------------------------------

    def offer(self, call: Call, agent: Agent) -> None:
        """Ring `agent` for `call`."""
        take_call(call)
        take_agent(agent)
        call.step(CallInput.OFFER)
        self._step(agent, AgentInput.OFFERED)
        offer = call.offer = agent.offer = Offer(call.next_offer(), call, agent)
        agent.call = call
        self.arm(offer)
        self.out.append(
            OfferCall(
                offer.id,
                agent.id,
                agent.record.device,
                call.group.id,
                call.entry,
                call.caller_number,
                call.caller_name,
                self.now - call.waiting_since,
                call.group.ring_ms,
            )
        )
        self._tell(agent)

    def arm(self, offer: Offer) -> None:
        """Let the offer ring for the group's ring time from now."""
        self.deadlines.set(offer, "rings_until", Instant(self.now + offer.call.group.ring_ms))

    def connect(self, offer: Offer) -> None:
        """The agent's phone answered and talks with the caller."""
        call, agent = offer.call, offer.agent
        offer.rings_until = None
        call.step(CallInput.ACCEPT)
        call.talking_since = self.now
        self._step(agent, AgentInput.ACCEPTED)
        self.out.append(CallConnected(call.id, agent.id, call.group.id, self.now - call.waiting_since))
        self._tell(agent)

    def fail(self, offer: Offer, how: OfferEnd, reason: Reason | None = None, by: str = "") -> None:
        """The offer did not lead to talk, by the agent's side: not ready for the agent, and the call comes back."""
        call, agent = offer.call, offer.agent
        self._end_offer(offer, how)
        call.declined.add(agent.id)
        self._return(call)
        agent.call = agent.offer = None
        self.move(agent, AgentInput.FAILED, reason or REASON_OF_END[how], by)
        self.enqueue(call)

    def withdraw(self, offer: Offer) -> None:
        """The caller left first: the agent is blameless and keeps the place in the idle order."""
        agent = offer.agent
        self.out.append(WithdrawOffer(offer.id))
        self._end_offer(offer, OfferEnd.WITHDRAWN)
        agent.call = agent.offer = None
        self.move(agent, AgentInput.WITHDRAWN)

    def _end_offer(self, offer: Offer, how: OfferEnd) -> None:
        offer.rings_until = None
        offer.call.offer = None
        self.out.append(OfferEnded(offer.id, offer.agent.id, how))

    def _return(self, call: Call) -> None:
        call.step(CallInput.RETURN)
        call.rank = ServiceRank(False, *call.rank[1:])

    # --- ends -----------------------------------------------------------------------------------------------------

    def caller_left(self, call: Call) -> None:
        """The caller is gone: what rang stops, who talked has wrap-up."""
        if call.state is CallState.TALKING:
            self.finish_talk(call, call.released or Outcome.RELEASED_BY_CALLER)
            return
        take_call(call)
        offer = call.offer
        self._finish(call, None, call.released or Outcome.ABANDONED)
        if offer is not None:
            self.withdraw(offer)

    def finish_talk(self, call: Call, outcome: Outcome) -> None:
        """Caller and agent have parted: the call is over and the agent goes to wrap-up."""
        assert call.offer is not None
        agent = call.offer.agent
        self._finish(call, agent, outcome)
        self._wrap_up(agent, call.group.wrap_up_ms)

    def lose_phone(self, call: Call) -> None:
        """The agent's phone died in the talk: the caller goes ahead of the line, the agent becomes not ready."""
        assert call.offer is not None
        assert call.talking_since is not None
        agent = call.offer.agent
        call.waiting_since = Instant(call.waiting_since + self.now - call.talking_since)
        call.offer = call.talking_since = None
        self._return(call)
        agent.call = agent.offer = None
        self.move(agent, AgentInput.FAILED, Reason.DEVICE_UNAVAILABLE)
        self.enqueue(call)

    def release(self, call: Call, outcome: Outcome) -> None:
        """Ask the PBX to end the call; it is over when the PBX says that the caller left."""
        call.released = outcome
        self.out.append(ReleaseCall(call.id))

    def _finish(self, call: Call, agent: Agent | None, outcome: Outcome) -> None:
        call.step(CallInput.END)
        del self.calls[call.id]
        talked_from = self.now if call.talking_since is None else call.talking_since
        waited, talked = talked_from - call.waiting_since, self.now - talked_from
        agent_id = agent.id if agent is not None else None
        self.out.append(CallFinished(call.id, call.group.id, agent_id, outcome, waited, talked))

    def _wrap_up(self, agent: Agent, wrap_up_ms: int) -> None:
        """Wrap-up of `wrap_up_ms`; none at all for an agent who is to be logged out after this call."""
        agent.offer = None
        if wrap_up_ms and not (agent.pending and agent.pending.state is AgentState.LOGGED_OUT):
            self.move(agent, AgentInput.CALL_OVER)
            agent.call = None
            self.deadlines.set(agent, "wrap_up_until", Instant(self.now + wrap_up_ms))
        else:
            agent.call = None
            self._step(agent, AgentInput.CALL_OVER)
            self.move(agent, AgentInput.WRAP_UP_OVER)
