"""Outgoing calls: an agent calls a number. The agent's phone is rung first, then the number; from then on it is a call
like any other, whose caller is who was dialled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd import recordings
from acd.agents import Agent, AgentInput, AgentState, Pending, Reason
from acd.calls import Call, CallKind, CallState, Offer, Outcome
from acd.commands import ReleaseCall
from acd.events import CallArrived, OfferFailure
from acd.ids import CallId
from acd.notices import CallConnected, CallDialled, OfferEnd
from acd.rules import SkillGroup

if TYPE_CHECKING:
    from acd.talks import Talks

MAY_DIAL = (AgentState.READY, AgentState.NOT_READY, AgentState.WRAP_UP)


def dial(flow: Talks, agent: Agent, number: str, group: SkillGroup) -> None:
    """Ring the agent's own phone for a call to `number`."""
    ticket, now = flow.ticket(), flow.now
    call_id = CallId(f"out-{now}-{ticket}")
    arrival = CallArrived(call_id, "", number, group=group.id, pbx=agent.record.pbx)
    call = Call(call_id, arrival, "", group, (), 0, 0, now, now, ticket, 0, kind=CallKind.OUTGOING, number=number)
    flow.calls[call.id] = call
    flow.read_terms(call)
    flow.out.append(CallDialled(call.id, agent.id, group.id, number))
    if agent.state is AgentState.NOT_READY and not agent.awaits_phone:
        agent.pending = Pending(AgentState.NOT_READY, _reason_after(agent), agent.by)
    if agent.state is not AgentState.READY:
        agent.idle_rank, agent.wrap_up_until = flow.ticket(), None
    flow.offer(call, agent, AgentInput.DIAL)
    if flow.tracks_load:
        flow.note_load(agent)


def _reason_after(agent: Agent) -> str:
    """As before; but whoever dials has a client again."""
    return Reason.LOGGED_IN if agent.reason == Reason.CONNECTION_LOST else agent.reason


def not_taken(flow: Talks, offer: Offer, how: OfferEnd) -> None:
    """The agent's own phone doesn't answer: the call is over, and the agent what he or she was before."""
    call, agent = offer.call, offer.agent
    flow.end_offer(offer, how)
    call.offers = ()
    agent.call = agent.offer = None
    flow.finish(call, Outcome.NOT_REACHED)
    flow.move(agent, AgentInput.WITHDRAWN)


def number_answered(flow: Talks, call: Call) -> None:
    """Agent and number talk."""
    assert call.talk is not None
    call.number, call.talking_since, call.stage_since = "", flow.now, flow.now
    flow.remember_agent(call, call.talk.agent)
    waited_ms = flow.now - call.waiting_since
    flow.out.append(CallConnected(call.id, call.talk.agent.id, call.group.id, waited_ms, call.kind))
    recordings.begin(flow, call)


def number_failed(flow: Talks, call: Call, why: OfferFailure) -> None:
    """It can't or won't: the call is over."""
    if call.state is CallState.TALKING:
        call.unreached = why
        flow.out.append(ReleaseCall(call.id))
        flow.finish_talk(call, Outcome.NOT_REACHED)


def phone_gone(flow: Talks, call: Call, *, lost: bool) -> None:
    """The agent's own phone is gone before the number has answered; `lost`: it died."""
    assert call.talk is not None
    agent = call.talk.agent
    with flow.nobody_matched():
        flow.out.append(ReleaseCall(call.id))
        flow.finish_talk(call, Outcome.NOT_REACHED)
        if lost and agent.state is AgentState.READY:
            flow.move(agent, AgentInput.GO_NOT_READY, Reason.DEVICE_UNAVAILABLE)
