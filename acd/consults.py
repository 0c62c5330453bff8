"""Consults: the agent talks with somebody else about a call, whose caller hears music meanwhile.

A consult is a call that the agent makes: to an agent it is offered at once, to a group it waits in the line, a number
is dialled for it (then it is elsewhere until answered). It belongs to its talk, and ends with it at the latest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd.agents import Agent, AgentInput, Reason
from acd.calls import IN_LINE, Call, CallInput, CallKind, CallState, Offer, Outcome, Stage
from acd.dispatcher import REASON_OF_END
from acd.events import CallArrived, OfferFailure
from acd.ids import CallId
from acd.matching import take_call
from acd.notices import ConsultEnd, OfferEnd
from acd.rules import Destination, SkillGroup

if TYPE_CHECKING:
    from acd.queues import Line
    from acd.talks import Talks

ENDS = {
    OfferEnd.UNANSWERED: ConsultEnd.UNANSWERED,
    OfferEnd.REJECTED: ConsultEnd.REJECTED,
    OfferEnd.FAILED: ConsultEnd.UNREACHABLE,
}


def made(flow: Talks, call: Call, to: Destination, group: SkillGroup) -> Call:
    """A consult of the agent who talks in `call`, not begun yet; it counts as one of `group`."""
    assert call.talk is not None
    consult_id = CallId(f"{call.id}+{call.consults_made + 1}")
    asker = call.talk.agent.record
    arrival = CallArrived(
        consult_id,
        "",
        call.arrival.caller_number,
        asker.name or asker.id,
        group=group.id,
        tier=call.tier,
        pbx=call.arrival.pbx,
    )
    now = flow.now
    return Call(
        consult_id,
        arrival,
        "",
        group,
        (),
        call.tier,
        0,
        now,
        now,
        0,
        call.tier,
        kind=CallKind.CONSULT,
        about=call,
        asked_to=to,
    )


def to_agent(flow: Talks, call: Call, to: Destination, agent: Agent) -> None:
    """Ring `agent`, who is ready."""
    consult = _begin(flow, call, made(flow, call, to, call.group))
    flow.read_terms(consult)
    flow.offer(consult, agent)


def to_group(flow: Talks, call: Call, consult: Call) -> None:
    """Let the consult wait in its group's line."""
    flow.settle(_begin(flow, call, consult))


def to_number(flow: Talks, call: Call, to: Destination) -> None:
    """Let the number be dialled."""
    consult = made(flow, call, to, call.group)
    consult.number = to.name
    consult.step(CallInput.SEND)
    _begin(flow, call, consult)


def _begin(flow: Talks, call: Call, consult: Call) -> Call:
    call.consults_made += 1
    consult.ticket = flow.ticket()
    flow.calls[consult.id] = call.consult = consult
    flow.arrange(call, Stage.CONSULTING)
    return consult


def answered(flow: Talks, consult: Call) -> None:
    """The party talks with the agent."""
    assert consult.about is not None
    consult.about.stage_since = flow.now
    flow.tell_talk(consult.about)


def number_answered(flow: Talks, consult: Call) -> None:
    """The number that was dialled answers."""
    consult.step(CallInput.ACCEPT)
    consult.number, consult.talking_since, consult.stage_since = "", flow.now, flow.now
    answered(flow, consult)


def number_failed(flow: Talks, consult: Call, why: OfferFailure) -> None:
    """It can't or won't."""
    over(flow, consult, ConsultEnd(why))


def not_taken(flow: Talks, offer: Offer, how: OfferEnd, reason: Reason | None, by: str) -> None:
    """The agent who was asked for doesn't take it: not ready, and the consult is over."""
    agent, consult = offer.agent, offer.call
    flow.end_offer(offer, how)
    consult.offers = ()
    agent.turn = flow.ticket()
    agent.call = agent.offer = None
    busy = how is OfferEnd.FAILED and reason is Reason.BUSY
    with flow.nobody_matched():
        over(flow, consult, ConsultEnd.BUSY if busy else ENDS[how])
        flow.move(agent, AgentInput.FAILED, reason or REASON_OF_END[how], by)


def leave_if_nobody(flow: Talks, consult: Call) -> None:
    """Nobody who may serve it is logged in any more."""
    is_live = flow.calls.get(consult.id) is consult
    if is_live and consult.state is CallState.WAITING and not is_staffed(consult, consult.lines):
        over(flow, consult, ConsultEnd.NOBODY)


def is_staffed(consult: Call, lines: tuple[Line, ...]) -> bool:
    """Whether anybody is logged in who may serve the consult, besides the agent who asks."""
    assert consult.about is not None
    assert consult.about.talk is not None
    asker = consult.about.talk.agent
    return any(line.staff > (line in asker.lines) for line in lines)


def over(flow: Talks, consult: Call, why: ConsultEnd, *, lost: bool = False) -> None:
    """The consult is over, the agent is back with the caller; `lost`: the party's phone died."""
    call = consult.about
    assert call is not None
    with flow.nobody_matched():
        close(flow, call, Outcome.CONSULT_OVER, lost=lost)
        if call.released is None:
            flow.arrange(call, Stage.CONNECTED, ended=why)


def close(flow: Talks, call: Call, outcome: Outcome, *, lost: bool = False) -> None:
    """End the consult of `call`: nobody rings for it any more, and its party is free, without wrap-up."""
    consult = call.consult
    assert consult is not None
    call.consult = None
    take_call(consult)
    if consult.state in IN_LINE:
        flow.count(consult, -1)
    party = consult.talk.agent if consult.talk is not None else None
    consult.talk = None
    flow.finish(consult, outcome)
    if consult.offers:
        flow.withdraw_all(consult)
    if party is not None and outcome is Outcome.CONSULT_OVER:
        flow.let_go(party, 0, lost=lost)
