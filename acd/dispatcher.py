"""The verbs of routing: offer, connect, return, finish. Each moves agent and call together and says what it did.

Only here do agents and calls change; :mod:`acd.router` decides which verb an event means.
"""

from __future__ import annotations

from itertools import count

from acd.agents import Agent, AgentInput, AgentState, Reason
from acd.calls import Call, CallInput, CallState, Offer, Outcome, ServiceRank
from acd.commands import Command, OfferCall, ReleaseCall, WithdrawOffer
from acd.deadlines import Deadlines
from acd.ids import CallId, Instant
from acd.matching import best_agent, best_call, first_match, place_agent, place_call, take_agent, take_call
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, Notice, OfferEnd, OfferEnded
from acd.queues import Lines

# The words that every call meets, as plain names: an enum's attribute is looked up through its metaclass each time.
READY, WRAP_UP, TALKING = AgentState.READY, AgentState.WRAP_UP, CallState.TALKING
OFFERED, ACCEPTED, WITHDRAWN = AgentInput.OFFERED, AgentInput.ACCEPTED, AgentInput.WITHDRAWN
CALL_OVER, WRAP_UP_OVER = AgentInput.CALL_OVER, AgentInput.WRAP_UP_OVER
OFFER, ACCEPT, END = CallInput.OFFER, CallInput.ACCEPT, CallInput.END
RELEASED_BY_CALLER = Outcome.RELEASED_BY_CALLER

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
        self.ticket = count(1).__next__
        """The next number of arrival: whatever else ties, who came first goes first."""

    # --- agents ---------------------------------------------------------------------------------------------------

    def move(self, agent: Agent, word: AgentInput, reason: str = "", by: str = "") -> None:
        """Let `word` act on the agent, tell it, and if the agent is ready now, find a call."""
        if agent.placed:
            take_agent(agent)
        before = agent.state
        agent.step(word, reason, by)
        state = agent.state
        if state is not before:
            agent.since = self.now
        if state is not WRAP_UP:
            agent.wrap_up_until = None
        self._tell(agent)
        if state is READY:
            if word is not WITHDRAWN:
                agent.idle_rank = self.ticket()
            self._seek_call(agent)

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
        call = agent.call
        call_id = call.id if call is not None else None
        self.out.append(
            AgentChanged(agent.id, agent.state, agent.reason, agent.pending, agent.by, call_id, agent.since)
        )

    # --- waiting --------------------------------------------------------------------------------------------------

    def enqueue(self, call: Call) -> None:
        """Tell that the call waits, and ring the best agent who is ready, if there is one."""
        self.out.append(
            CallQueued(
                call.id,
                call.group.id,
                call.entry,
                call.caller_number,
                call.caller_name,
                call.tier,
                call.waiting_since,
                not call.rank.behind_returned,
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
        if call.placed:
            take_call(call)
        if agent.placed:
            take_agent(agent)
        now, group = self.now, call.group
        call.step(OFFER)
        agent.step(OFFERED)
        agent.since = now
        offer = call.offer = agent.offer = Offer(call.next_offer(), call, agent)
        agent.call = call
        self.deadlines.set(offer, "rings_until", now + group.ring_ms)
        self.out.append(
            OfferCall(
                offer.id,
                agent.id,
                agent.record.device,
                group.id,
                call.entry,
                call.caller_number,
                call.caller_name,
                now - call.waiting_since,
                group.ring_ms,
            )
        )
        self._tell(agent)

    def arm(self, offer: Offer) -> None:
        """Let an offer made earlier ring for the group's ring time from now."""
        self.deadlines.set(offer, "rings_until", self.now + offer.call.group.ring_ms)

    def connect(self, offer: Offer) -> None:
        """The agent's phone answered and talks with the caller."""
        call, agent, now = offer.call, offer.agent, self.now
        offer.rings_until = None
        call.step(ACCEPT)
        call.talking_since = now
        agent.step(ACCEPTED)
        agent.since = now
        self.out.append(CallConnected(call.id, agent.id, call.group.id, now - call.waiting_since))
        self._tell(agent)

    def fail(self, offer: Offer, how: OfferEnd, reason: Reason | None = None, by: str = "") -> None:
        """The offer did not lead to talk, by the agent's side: not ready for the agent, and the call comes back."""
        call, agent = offer.call, offer.agent
        self._end_offer(offer, how)
        call.declined |= {agent.id}
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
        self.move(agent, WITHDRAWN)

    def _end_offer(self, offer: Offer, how: OfferEnd) -> None:
        offer.rings_until = None
        offer.call.offer = None
        self.out.append(OfferEnded(offer.id, offer.agent.id, how))

    def _return(self, call: Call) -> None:
        call.step(CallInput.RETURN)
        call.rank = ServiceRank(False, -call.tier, call.waiting_since - call.credit_ms, call.ticket)

    # --- ends -----------------------------------------------------------------------------------------------------

    def caller_left(self, call: Call) -> None:
        """The caller is gone: what rang stops, who talked has wrap-up."""
        if call.state is TALKING:
            self.finish_talk(call, call.released or RELEASED_BY_CALLER)
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
        call.offer = None  # else the two hold each other in memory until the next collection
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
        call.step(END)
        del self.calls[call.id]
        now, talked_from = self.now, call.talking_since
        if talked_from is None:
            talked_from = now
        waited, talked = talked_from - call.waiting_since, now - talked_from
        agent_id = agent.id if agent is not None else None
        self.out.append(CallFinished(call.id, call.group.id, agent_id, outcome, waited, talked))

    def _wrap_up(self, agent: Agent, wrap_up_ms: int) -> None:
        """Wrap-up of `wrap_up_ms`; none at all for an agent who is to be logged out after this call."""
        agent.offer = None
        if wrap_up_ms and not (agent.pending and agent.pending.state is AgentState.LOGGED_OUT):
            self.move(agent, CALL_OVER)
            agent.call = None
            self.deadlines.set(agent, "wrap_up_until", self.now + wrap_up_ms)
        else:
            agent.call = None
            agent.step(CALL_OVER)
            self.move(agent, WRAP_UP_OVER)
