"""What clients are told of talks: stages, consults, transfers, recordings, and (supervisors) who listens."""

from typing import Literal

from acd.calls import Call, CallState, Monitor, Stage
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.notices import (
    CallDialled,
    CallIntercepted,
    CallTransferred,
    MonitorChanged,
    RecordingChanged,
    TalkChanged,
)
from acd.protocol.wire import Wire
from acd.router import Router
from acd.rules import Destination, DestinationKind


class AboutView(Wire):
    """Of a consult: who asks, and about which call."""

    call: str
    by: str
    by_name: str
    group: str
    caller_number: str
    caller_name: str


class ConsultView(Wire):
    """Of a talk: the consult that belongs to it, who is asked, and (`party`) the agent who rings or talks, if any."""

    call: str
    to: str
    name: str
    """What the group or agent is called; empty for a number."""
    answered: bool
    party: str | None
    party_name: str


class TalkView(Wire):
    """A talk is arranged otherwise. `ended` says why the consult that was there is over."""

    type: Literal["talk"] = "talk"
    call: str
    agent: str
    stage: str
    consult: ConsultView | None
    ended: str | None


class DialledView(Wire):
    """The agent calls a number; the own phone rings first."""

    type: Literal["dialled"] = "dialled"
    call: str
    agent: str
    group: str
    number: str


class TransferredView(Wire):
    """The agent has given the caller away; `attended`: after a consult."""

    type: Literal["transferred"] = "transferred"
    call: str
    agent: str
    to: str
    name: str
    attended: bool


class InterceptedView(Wire):
    """The supervisor `by` has taken the caller from the agent."""

    type: Literal["intercepted"] = "intercepted"
    call: str
    agent: str
    by: str


class MonitorView(Wire):
    """The phone of the supervisor `by` rings for, takes part in, or has left the talk of the agent."""

    type: Literal["monitor"] = "monitor"
    monitor: str
    by: str
    agent: str
    call: str
    mode: str
    state: str
    why: str | None


class RecordingView(Wire):
    """The call is recorded in `path`, or not; `why` it can't be, where that is it."""

    type: Literal["recording"] = "recording"
    call: str
    agent: str | None
    state: str
    path: str
    why: str


TalkEvent = TalkView | DialledView | TransferredView | InterceptedView | MonitorView | RecordingView


# --- as they happen ---------------------------------------------------------------------------------------------------


def talk_view(talk: TalkChanged, router: Router) -> TalkView:
    consult = None
    if talk.consult is not None and talk.to is not None:
        consult = _consult(talk.consult, talk.to, talk.answered, talk.party, router)
    return TalkView(call=talk.call, agent=talk.agent, stage=talk.stage, consult=consult, ended=talk.ended)


def dialled_view(call: CallDialled, _router: Router) -> DialledView:
    return DialledView(call=call.call, agent=call.agent, group=call.group, number=call.number)


def transferred_view(call: CallTransferred, router: Router) -> TransferredView:
    name = _name_of(call.to, router)
    return TransferredView(call=call.call, agent=call.agent, to=str(call.to), name=name, attended=call.attended)


def intercepted_view(call: CallIntercepted, _router: Router) -> InterceptedView:
    return InterceptedView(call=call.call, agent=call.agent, by=call.by)


def monitor_view(monitor: MonitorChanged, _router: Router) -> MonitorView:
    return MonitorView(
        monitor=monitor.monitor,
        by=monitor.by,
        agent=monitor.agent,
        call=monitor.call,
        mode=monitor.mode,
        state=monitor.state,
        why=monitor.why,
    )


def recording_view(recording: RecordingChanged, _router: Router) -> RecordingView:
    return RecordingView(
        call=recording.call, agent=recording.agent, state=recording.state, path=recording.path, why=recording.why
    )


def _consult(call: CallId, to: Destination, answered: bool, party: AgentId | None, router: Router) -> ConsultView:
    return ConsultView(
        call=call,
        to=str(to),
        name=_name_of(to, router),
        answered=answered,
        party=party,
        party_name=_agents_name(party, router) if party is not None else "",
    )


def _name_of(to: Destination, router: Router) -> str:
    """What the group or agent is called to which a destination leads."""
    if to.kind is DestinationKind.AGENT:
        return _agents_name(AgentId(to.name), router)
    group = router.rules.groups.get(GroupId(to.name)) if to.kind is DestinationKind.GROUP else None
    return group.name if group is not None else ""


def _agents_name(agent: AgentId, router: Router) -> str:
    """Also of one who is gone from the configuration, and talks still."""
    found = router.agents.get(agent)
    return found.record.name if found is not None else ""


# --- as they are, for a snapshot --------------------------------------------------------------------------------------


def stage_now(call: Call) -> Stage | None:
    return call.stage if call.state is CallState.TALKING else None


def stage_since_now(call: Call) -> Instant | None:
    """Since when the talk is in its stage; of a consult that is answered, since then."""
    return call.stage_since if call.state is CallState.TALKING else None


def consult_now(call: Call, router: Router) -> ConsultView | None:
    """The consult that belongs to the call's talk."""
    consult = call.consult
    if consult is None or consult.asked_to is None:
        return None
    offer = consult.talk or next(iter(consult.offers), None)
    party = offer.agent.id if offer is not None else None
    return _consult(consult.id, consult.asked_to, call.is_answered_consult, party, router)


def about(call: Call | None) -> AboutView | None:
    """Who asks in the consult `call`, about which call; None: it is no consult."""
    if call is None or call.about is None:
        return None
    of = call.about
    asker = of.talk.agent if of.talk is not None else None
    return AboutView(
        call=of.id,
        by=asker.id if asker is not None else "",
        by_name=asker.record.name if asker is not None else "",
        group=of.group.id,
        caller_number=of.arrival.caller_number,
        caller_name=of.arrival.caller_name,
    )


def monitor_now(monitor: Monitor) -> MonitorView:
    return MonitorView(
        monitor=monitor.id,
        by=monitor.by,
        agent=monitor.agent,
        call=monitor.call,
        mode=monitor.mode,
        state=monitor.state,
        why=None,
    )
