"""A talk that is found in the PBX, and of which nothing is known here: a daemon that lost its journal adopts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd.agents import AWAY, Agent, AgentInput, AgentState, Pending, Reason
from acd.calls import Call, CallState, Offer
from acd.events import TalkFound
from acd.ids import Instant
from acd.notices import CallConnected
from acd.overflow import grants
from acd.rules import SkillGroup

if TYPE_CHECKING:
    from acd.talks import Talks


def talk(flow: Talks, event: TalkFound, group: SkillGroup, agent: Agent) -> None:
    """The agent, who has no other call, talks; who isn't logged in by then becomes not ready after it."""
    arrival, since = event.arrival, Instant(min(event.since, flow.now))
    needs, tier, credit_ms = grants(arrival, arrival.entry, flow.rules)
    came = since if arrival.waiting_since is None else Instant(min(arrival.waiting_since, since))
    call = Call(arrival.call, arrival, arrival.entry, group, needs, tier, credit_ms, came, came, flow.ticket(), tier)
    call.state, call.offers_made = CallState.TALKING, event.offer.number
    call.talking_since = call.stage_since = since
    flow.calls[call.id] = call
    flow.read_terms(call)
    call.talked_with = agent.id
    call.talk = agent.offer = Offer(event.offer, call, agent)
    agent.call = call
    if agent.state in AWAY and agent.pending is None:
        agent.pending = Pending(AgentState.NOT_READY, agent.reason or Reason.CONNECTION_LOST, agent.by)
    flow.out.append(CallConnected(call.id, agent.id, group.id, since - came))
    before = agent.state
    flow.move(agent, AgentInput.FOUND)
    if before is AgentState.LOGGED_OUT:
        flow.come_or_go(agent, before)
    flow.remember_agent(call, agent)
