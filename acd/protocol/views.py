"""What clients are told: answers, and the core's outputs as events."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from pydantic import Field

from acd.agents import Agent, Pending
from acd.calls import Call, CallKind, CallState
from acd.commands import Command, OfferCall
from acd.notices import (
    AgentChanged,
    CallConnected,
    CallDialled,
    CallFinished,
    CallIntercepted,
    CallMoved,
    CallQueued,
    CallSent,
    CallTransferred,
    MonitorChanged,
    Notice,
    OfferEnded,
    PbxChanged,
    RecordingChanged,
    RulesInForce,
    StepTaken,
    TalkChanged,
    TierChanged,
)
from acd.protocol import VERSION, talk_views
from acd.protocol.talk_views import AboutView, ConsultView, MonitorView, TalkEvent
from acd.protocol.wire import Wire
from acd.router import Router


class Problem(Wire):
    """Why a request changed nothing: a code for programs, a message for people."""

    code: str
    message: str


class Hello(Wire):
    type: Literal["hello"] = "hello"
    version: int = VERSION
    server: str


class DifferenceView(Wire):
    """What a reload or a change comes to: a line for each thing that differs; `applied` is false for a dry run.

    `need_restart` of the lines are about what is left as it is until then.
    """

    lines: list[str]
    need_restart: int
    applied: bool


class ExpectedWaitView(Wire):
    """How long the call will wait from now; or `withheld` says why that can't be known, and the rest is null."""

    low_ms: int | None = None
    median_ms: int | None = None
    high_ms: int | None = None
    withheld: str | None = None


class ExplanationView(Wire):
    """Why it is so: the facts for programs, as :mod:`acd.explain` has them, and a text for people in each language."""

    facts: dict[str, Any]
    text: dict[str, str]
    expected_wait: ExpectedWaitView | None = None
    """Of a call that waits."""


class DirectoryAgent(Wire):
    id: str
    name: str
    state: str


class DirectoryGroup(Wire):
    id: str
    name: str


class DirectoryView(Wire):
    """Who may be consulted; `left_out` tells how many more there are."""

    agents: list[DirectoryAgent]
    groups: list[DirectoryGroup]
    left_out: int


Result = DifferenceView | ExplanationView | DirectoryView


class Answer(Wire):
    """To a request; `id` is None only when the request's own could not be read. `result` is what was asked for."""

    type: Literal["answer"] = "answer"
    id: int | None
    ok: bool
    error: Problem | None = None
    result: Result | None = None


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
    """Your phone rings, or (to a supervisor) the phone of `agent` does. `number` is dialled once it is answered."""

    type: Literal["offer"] = "offer"
    kind: str = "incoming"
    about: AboutView | None = None
    number: str = ""
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


LiveState = Literal["waiting", "offered", "talking", "elsewhere"]


class CallView(Wire):
    """A live call. `agent` is who talks, or is rung first; `sent_to` where it is on its way to, when elsewhere.

    `number` has been dialled and not been reached yet. `stage` and `stage_since` are given while it talks.
    """

    type: Literal["call"] = "call"
    kind: str = "incoming"
    about: AboutView | None = None
    number: str = ""
    call: str
    state: LiveState
    group: str
    entry: str
    caller_number: str
    caller_name: str
    tier: int
    returned: bool
    waiting_since: int
    agent: str | None = None
    talking_since: int | None = None
    sent_to: str | None = None
    stage: str | None = None
    stage_since: int | None = None
    consult: ConsultView | None = None
    recording: str | None = None


class StepView(Wire):
    """A waiting call has been long enough in `group` for its overflow step number `step`, from 1."""

    type: Literal["step"] = "step"
    call: str
    group: str
    step: int


class MovedView(Wire):
    """A call goes on waiting in another group; a `call` event with what it waits with there follows."""

    type: Literal["moved"] = "moved"
    call: str
    group: str
    to: str
    cause: str


class SentView(Wire):
    """A call is on its way to a destination outside, such as `number:02112345`."""

    type: Literal["sent"] = "sent"
    call: str
    group: str
    to: str
    cause: str


class TierView(Wire):
    """A waiting call has another tier; `by` a supervisor, or (empty) by a step or changed rules."""

    type: Literal["tier"] = "tier"
    call: str
    tier: int
    by: str


class ConnectedView(Wire):
    """Caller and agent talk. After a transfer by consult this is the first that the second agent hears of the call."""

    type: Literal["connected"] = "connected"
    kind: str = "incoming"
    about: AboutView | None = None
    entry: str = ""
    caller_number: str = ""
    caller_name: str = ""
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
    kind: str = "incoming"
    recording: str = ""
    why: str | None = None
    """Why the number of an outgoing call wasn't reached."""


class LostPbx(Wire):
    """One of several PBXs, out of reach."""

    name: str
    why: str


class PbxView(Wire):
    """Whether calls can be routed; `why_lost` says what is wrong when they can't.

    Of several PBXs `lost` are those that are out of reach while others are not.
    """

    type: Literal["pbx"] = "pbx"
    why_lost: str | None
    lost: list[LostPbx] = Field(default_factory=list)


class RulesView(Wire):
    """Other rules hold now, changed by `by`; a fresh snapshot follows."""

    type: Literal["rules"] = "rules"
    by: str


class GroupView(Wire):
    """`gone` from the configuration, but its last calls are still served."""

    id: str
    name: str
    recording: str = "none"
    gone: bool = False


class AgentEntry(Wire):
    id: str
    name: str


class Snapshot(Wire):
    """All there is to know, at log-in and when other rules hold; the events that follow change it.

    An agent's tells of that agent only, and not of monitors.
    """

    type: Literal["snapshot"] = "snapshot"
    user: str
    role: Literal["agent", "supervisor"]
    now: int
    not_ready_reasons: list[str]
    groups: list[GroupView]
    names: list[AgentEntry]
    agents: list[AgentView]
    calls: list[CallView]
    monitors: list[MonitorView]
    pbx: PbxView


class Goodbye(Wire):
    """The last event before the server closes the connection."""

    type: Literal["goodbye"] = "goodbye"
    code: str
    message: str


CallEvent = CallView | StepView | MovedView | SentView | TierView | ConnectedView | FinishedView | TalkEvent
Event = AgentView | OfferView | OfferEndedView | CallEvent | PbxView | RulesView | Snapshot | Goodbye
Reply = Hello | Answer


def view(output: Command | Notice, router: Router) -> Event | None:
    """What clients are told of an output of the core; None for what is the PBX's business only."""
    make = VIEWS.get(type(output))
    return make(output, router) if make is not None else None


def _agent_view(agent: AgentChanged, _router: Router) -> AgentView:
    return AgentView(
        agent=agent.agent,
        state=agent.state,
        reason=agent.reason,
        pending=_pending(agent.pending),
        by=agent.by,
        call=agent.call,
        since=agent.since,
    )


def _pending(pending: Pending | None) -> PendingView | None:
    return None if pending is None else PendingView(state=pending.state, reason=pending.reason, by=pending.by)


def _offer_view(offer: OfferCall, router: Router) -> OfferView:
    call = router.calls.get(offer.call)
    return OfferView(
        kind=call.kind if call is not None else CallKind.INCOMING,
        about=talk_views.about(call),
        number=offer.callback,
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


def _offer_ended_view(offer: OfferEnded, _router: Router) -> OfferEndedView:
    return OfferEndedView(call=offer.offer.call, offer=offer.offer.number, agent=offer.agent, how=offer.how)


def _queued_view(call: CallQueued, router: Router) -> CallView:
    return CallView(
        kind=call.kind,
        about=talk_views.about(router.calls.get(call.call)),
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


def _step_view(taken: StepTaken, _router: Router) -> StepView:
    return StepView(call=taken.call, group=taken.group, step=taken.step)


def _moved_view(move: CallMoved, _router: Router) -> MovedView:
    return MovedView(call=move.call, group=move.group, to=move.to, cause=move.cause)


def _sent_view(sent: CallSent, _router: Router) -> SentView:
    return SentView(call=sent.call, group=sent.group, to=str(sent.to), cause=sent.cause)


def _tier_view(changed: TierChanged, _router: Router) -> TierView:
    return TierView(call=changed.call, tier=changed.tier, by=changed.by)


def _connected_view(talk: CallConnected, router: Router) -> ConnectedView:
    call = router.calls.get(talk.call)
    return ConnectedView(
        kind=talk.kind,
        about=talk_views.about(call),
        entry=call.entry if call is not None else "",
        caller_number=call.arrival.caller_number if call is not None else "",
        caller_name=call.arrival.caller_name if call is not None else "",
        call=talk.call,
        agent=talk.agent,
        group=talk.group,
        waited_ms=talk.waited_ms,
    )


def _finished_view(call: CallFinished, _router: Router) -> FinishedView:
    return FinishedView(
        call=call.call,
        group=call.group,
        agent=call.agent,
        outcome=call.outcome,
        waited_ms=call.waited_ms,
        talked_ms=call.talked_ms,
        kind=call.kind,
        recording=call.recording,
        why=call.why,
    )


VIEWS: dict[type, Callable[[Any, Router], Event]] = {
    AgentChanged: _agent_view,
    OfferCall: _offer_view,
    OfferEnded: _offer_ended_view,
    CallQueued: _queued_view,
    StepTaken: _step_view,
    CallMoved: _moved_view,
    CallSent: _sent_view,
    TierChanged: _tier_view,
    CallConnected: _connected_view,
    CallFinished: _finished_view,
    TalkChanged: talk_views.talk_view,
    CallDialled: talk_views.dialled_view,
    CallTransferred: talk_views.transferred_view,
    CallIntercepted: talk_views.intercepted_view,
    MonitorChanged: talk_views.monitor_view,
    RecordingChanged: talk_views.recording_view,
    PbxChanged: lambda _, router: pbx_now(router),
    RulesInForce: lambda rules, _: RulesView(by=rules.by),
}
"""How each output that clients are told of is told; names, and what the output doesn't tell, are the router's."""


def addressed(snapshot: Snapshot, users: Iterable[str]) -> Iterator[str]:
    """The JSON of `snapshot` for each of `users`, written once."""
    text = snapshot.model_dump_json(exclude={"user"})
    for user in users:
        yield f'{{"user":{json.dumps(user)},{text[1:]}'


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


def pbx_now(router: Router) -> PbxView:
    """What can be reached."""
    return PbxView(
        why_lost=router.pbx_lost, lost=[LostPbx(name=name, why=why) for name, why in router.pbxs_lost.items()]
    )


LIVE: dict[CallState, LiveState] = {
    CallState.WAITING: "waiting",
    CallState.OFFERED: "offered",
    CallState.TALKING: "talking",
    CallState.ELSEWHERE: "elsewhere",
}


def _with(call: Call) -> str | None:
    """Who talks, or is rung first."""
    offer = call.talk or next(iter(call.offers), None)
    return offer.agent.id if offer is not None else None


def call_now(call: Call, router: Router) -> CallView:
    """A live call as it is, for a snapshot."""
    return CallView(
        kind=call.kind,
        about=talk_views.about(call),
        number=call.callback or call.number,
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
        sent_to=str(call.leaving.to) if call.state is CallState.ELSEWHERE and call.leaving is not None else None,
        stage=talk_views.stage_now(call),
        stage_since=talk_views.stage_since_now(call),
        consult=talk_views.consult_now(call, router),
        recording=call.recording,
    )
