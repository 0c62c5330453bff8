"""What clients are told: answers, and the core's outputs as events."""

from typing import Literal

from acd.agents import Agent, Pending
from acd.calls import Call, CallState
from acd.commands import Command, OfferCall
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, Notice, OfferEnded, PbxChanged
from acd.protocol import VERSION
from acd.protocol.wire import Wire


class Problem(Wire):
    """Why a request changed nothing: a code for programs, a message for people."""

    code: str
    message: str


class Hello(Wire):
    type: Literal["hello"] = "hello"
    version: int = VERSION
    server: str


class Answer(Wire):
    """To a request; `id` is None only when the request's own could not be read."""

    type: Literal["answer"] = "answer"
    id: int | None
    ok: bool
    error: Problem | None = None


class PendingView(Wire):
    state: str
    reason: str
    by: str


class AgentView(Wire):
    """An agent as seen by clients; `since` is the instant of the last change, in ms UTC."""

    type: Literal["agent"] = "agent"
    agent: str
    state: str
    reason: str
    pending: PendingView | None
    by: str
    call: str | None
    since: int


class OfferView(Wire):
    """Your phone rings, or (to a supervisor) the phone of `agent` does."""

    type: Literal["offer"] = "offer"
    call: str
    offer: int
    agent: str
    group: str
    entry: str
    caller_number: str
    caller_name: str
    waited_ms: int
    ring_ms: int


class OfferEndedView(Wire):
    type: Literal["offer_ended"] = "offer_ended"
    call: str
    offer: int
    agent: str
    how: str


class CallView(Wire):
    """A live call: `waiting` (also while it is offered) or `talking`."""

    type: Literal["call"] = "call"
    call: str
    state: Literal["waiting", "offered", "talking"]
    group: str
    entry: str
    caller_number: str
    caller_name: str
    tier: int
    returned: bool
    waiting_since: int
    agent: str | None = None
    talking_since: int | None = None


class ConnectedView(Wire):
    type: Literal["connected"] = "connected"
    call: str
    agent: str
    group: str
    waited_ms: int


class FinishedView(Wire):
    type: Literal["finished"] = "finished"
    call: str
    group: str | None
    agent: str | None
    outcome: str
    waited_ms: int
    talked_ms: int


class PbxView(Wire):
    """Whether calls can be routed; `why_lost` says what is wrong when they can't."""

    type: Literal["pbx"] = "pbx"
    why_lost: str | None


class GroupView(Wire):
    id: str
    name: str


class AgentEntry(Wire):
    id: str
    name: str


class Snapshot(Wire):
    """All there is to know at log-in; the events that follow change it. An agent's tells of that agent only."""

    type: Literal["snapshot"] = "snapshot"
    user: str
    role: Literal["agent", "supervisor"]
    now: int
    not_ready_reasons: list[str]
    groups: list[GroupView]
    names: list[AgentEntry]
    agents: list[AgentView]
    calls: list[CallView]
    pbx: PbxView


class Goodbye(Wire):
    """The last event before the server closes the connection."""

    type: Literal["goodbye"] = "goodbye"
    code: str
    message: str


Event = AgentView | OfferView | OfferEndedView | CallView | ConnectedView | FinishedView | PbxView | Snapshot | Goodbye
Reply = Hello | Answer


def view(output: Command | Notice) -> Event | None:
    """What clients are told of an output of the core; None for what is the PBX's business only."""
    match output:
        case AgentChanged():
            return AgentView(
                agent=output.agent,
                state=output.state,
                reason=output.reason,
                pending=_pending(output.pending),
                by=output.by,
                call=output.call,
                since=output.since,
            )
        case OfferCall():
            return _offer_view(output)
        case OfferEnded():
            return OfferEndedView(call=output.offer.call, offer=output.offer.number, agent=output.agent, how=output.how)
        case CallQueued():
            return _queued_view(output)
        case CallConnected():
            return ConnectedView(call=output.call, agent=output.agent, group=output.group, waited_ms=output.waited_ms)
        case CallFinished():
            return _finished_view(output)
        case PbxChanged():
            return PbxView(why_lost=output.why_lost)
        case _:
            return None


def _pending(pending: Pending | None) -> PendingView | None:
    return None if pending is None else PendingView(state=pending.state, reason=pending.reason, by=pending.by)


def _offer_view(offer: OfferCall) -> OfferView:
    return OfferView(
        call=offer.call,
        offer=offer.offer.number,
        agent=offer.agent,
        group=offer.group,
        entry=offer.entry,
        caller_number=offer.caller_number,
        caller_name=offer.caller_name,
        waited_ms=offer.waited_ms,
        ring_ms=offer.ring_ms,
    )


def _queued_view(call: CallQueued) -> CallView:
    return CallView(
        call=call.call,
        state="waiting",
        group=call.group,
        entry=call.entry,
        caller_number=call.caller_number,
        caller_name=call.caller_name,
        tier=call.tier,
        returned=call.returned,
        waiting_since=call.waiting_since,
    )


def _finished_view(call: CallFinished) -> FinishedView:
    return FinishedView(
        call=call.call,
        group=call.group,
        agent=call.agent,
        outcome=call.outcome,
        waited_ms=call.waited_ms,
        talked_ms=call.talked_ms,
    )


def agent_now(agent: Agent) -> AgentView:
    """An agent as it is, for a snapshot."""
    return AgentView(
        agent=agent.id,
        state=agent.state,
        reason=agent.reason,
        pending=_pending(agent.pending),
        by=agent.by,
        call=agent.call.id if agent.call is not None else None,
        since=agent.since,
    )


LIVE: dict[CallState, Literal["waiting", "offered", "talking"]] = {
    CallState.WAITING: "waiting",
    CallState.OFFERED: "offered",
    CallState.TALKING: "talking",
}


def _with(call: Call) -> str | None:
    """Who talks, or is rung first."""
    offer = call.talk or next(iter(call.offers), None)
    return offer.agent.id if offer is not None else None


def call_now(call: Call) -> CallView:
    """A live call as it is, for a snapshot."""
    return CallView(
        call=call.id,
        state=LIVE[call.state],
        group=call.group.id,
        entry=call.entry,
        caller_number=call.arrival.caller_number,
        caller_name=call.arrival.caller_name,
        tier=call.tier,
        returned=call.returned,
        waiting_since=call.waiting_since,
        agent=_with(call),
        talking_since=call.talking_since,
    )
