"""Transfers: the agent gives the caller to somebody else, and has wrap-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd import consults, recordings
from acd.agents import Agent
from acd.callflow import Way
from acd.calls import Call, CallInput, Cause, Leave, Offer, Outcome, Stage
from acd.commands import ConnectCall, LeaveWith, WithdrawOffer
from acd.notices import CallConnected, CallMoved, CallSent, CallTransferred
from acd.rules import Destination, DestinationKind

if TYPE_CHECKING:
    from acd.talks import Talks

PERSONAL_MS = 30_000
"""How long a call that is given to an agent waits for that agent alone."""


# --- after a consult --------------------------------------------------------------------------------------------------


def attended(flow: Talks, call: Call, *, lost: bool = False) -> None:
    """The caller goes to the party of the consult, who has answered; `lost`: the agent's phone died."""
    assert call.talk is not None
    assert call.consult is not None
    assert call.consult.asked_to is not None
    agent, wrap_up_ms = call.talk.agent, call.group.wrap_up_ms
    flow.out.append(CallTransferred(call.id, agent.id, call.consult.asked_to, attended=True))
    with flow.nobody_matched():
        if call.consult.talk is None:
            _leave_with(flow, call, call.consult.asked_to)
        else:
            _hand_over(flow, call, call.consult.talk)
        flow.let_go(agent, wrap_up_ms, lost=lost)


def _leave_with(flow: Talks, call: Call, to: Destination) -> None:
    assert call.consult is not None
    flow.out.append(CallSent(call.id, call.group.id, to, Cause.TRANSFER))
    flow.out.append(LeaveWith(call.id, call.consult.id))
    call.leaving = Leave(to, Cause.TRANSFER, call.consult.id)
    _close(flow, call)
    call.step(CallInput.SEND)
    call.talk = None


def _hand_over(flow: Talks, call: Call, was: Offer) -> None:
    """The call is the party's from now."""
    consult, party = was.call, was.agent
    offer = Offer(call.next_offer(), call, party)
    flow.out.append(ConnectCall(call.id, offer.id, consult.id, was.id))
    _close(flow, call)
    assert call.talking_since is not None
    call.talk = party.offer = offer
    call.talked_with, party.call = party.id, call
    if consult.asked_to is not None and consult.asked_to.kind is DestinationKind.GROUP:
        call.group = consult.group
        call.steps_done, call.in_group_since = 0, call.talking_since
    for monitor in flow.monitors.values():
        if monitor.agent == party.id:
            monitor.call = call.id
    waited_ms = call.talking_since - call.waiting_since
    flow.out.append(CallConnected(call.id, party.id, call.group.id, waited_ms, call.kind))
    flow.remember_agent(call, party)
    flow.tell(party)
    recordings.begin(flow, call)


def _close(flow: Talks, call: Call) -> None:
    consults.close(flow, call, Outcome.TRANSFERRED)
    call.stage, call.stage_since = Stage.CONNECTED, flow.now


# --- without ----------------------------------------------------------------------------------------------------------


def to_line(flow: Talks, call: Call, way: Way) -> None:
    """Into a group: the call waits there with its whole wait, not ahead of the line."""
    agent = _give_away(flow, call, _inside(way))
    with flow.nobody_matched():
        flow.let_go(agent, call.group.wrap_up_ms)
        _wait_again(flow, call)
        before, call.came_through = call.group, frozenset()
        flow.change_group(call, way)
        if before is not way.group:
            flow.out.append(CallMoved(call.id, before.id, way.group.id, Cause.TRANSFER))
        flow.settle(call)
    if call.placed:
        flow.leave_if_nobody(call)


def _inside(way: Way) -> Destination:
    return Destination(DestinationKind.GROUP, way.group.id)


def to_agent(flow: Talks, call: Call, to: Destination, named: Agent) -> None:
    """To `named`: the call waits for that agent alone, for a while."""
    agent = _give_away(flow, call, to)
    with flow.nobody_matched():
        flow.let_go(agent, call.group.wrap_up_ms)
        _wait_again(flow, call)
        call.personal = named
        flow.deadlines.set(call, "personal_until", flow.now + PERSONAL_MS)
        flow.settle(call)


def outside(flow: Talks, call: Call, to: Destination, cause: Cause = Cause.TRANSFER) -> None:
    """Out of our hands."""
    agent = _give_away(flow, call, to)
    call.talk, call.stage = None, Stage.CONNECTED
    flow.send(call, Leave(to, cause))
    flow.let_go(agent, call.group.wrap_up_ms)


def _give_away(flow: Talks, call: Call, to: Destination) -> Agent:
    """The agent's phone is let go; who that was."""
    assert call.talk is not None
    agent = call.talk.agent
    flow.out.append(CallTransferred(call.id, agent.id, to, attended=False))
    flow.out.append(WithdrawOffer(call.talk.id))
    call.declined |= {agent.id}
    return agent


def _wait_again(flow: Talks, call: Call) -> None:
    flow.forget_talk(call)
    call.step(CallInput.RETURN)
    call.returned = False


# --- nobody's wish ----------------------------------------------------------------------------------------------------


def bring_back(flow: Talks, call: Call) -> None:
    """The agent's phone hung up on a caller on hold, who comes back ahead of the line. Nobody is matched yet."""
    assert call.talk is not None
    agent = call.talk.agent
    flow.forget_talk(call)
    flow.count(call, 1)
    call.declined |= {agent.id}
    flow.return_call(call)
    flow.let_go(agent, call.group.wrap_up_ms)
    flow.enqueue(call)
