"""What clients are told of the core's outputs, field by field; and that snapshot and events agree."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.agents import AgentState, Pending
from acd.calls import CallKind, Cause, Monitor, MonitorState, Outcome, RecordingState, Stage
from acd.ids import OfferId
from acd.protocol import VERSION, talk_views, views
from acd.router import Router
from acd.rules import Destination, DestinationKind, OverflowStep, Rules
from tests.conversation import Conversation, answered, arrives, centre, failed, group, ready

OFFER = OfferId("c1", 2)
NOBODY = Router(Rules())
BOB = Destination(DestinationKind.AGENT, "bob")
TOLD: list[tuple[Any, dict[str, Any]]] = [
    (
        say.AgentChanged("ann", AgentState.TALKING, "", Pending(AgentState.NOT_READY, "lunch", "sue"), "", "c1", 77),
        {
            "type": "agent",
            "agent": "ann",
            "state": "talking",
            "reason": "",
            "pending": {"state": "not-ready", "reason": "lunch", "by": "sue"},
            "by": "",
            "call": "c1",
            "since": 77,
        },
    ),
    (
        cmd.OfferCall(OFFER, "ann", "PJSIP/ann", "desk", "100", "030", "张伟", 1_500, 15_000),
        {
            "type": "offer",
            "call": "c1",
            "offer": 2,
            "agent": "ann",
            "group": "desk",
            "entry": "100",
            "caller_number": "030",
            "caller_name": "张伟",
            "waited_ms": 1_500,
            "ring_ms": 15_000,
            "kind": "incoming",
            "about": None,
            "number": "",
        },
    ),
    (
        say.OfferEnded(OFFER, "ann", say.OfferEnd.WITHDRAWN),
        {"type": "offer_ended", "call": "c1", "offer": 2, "agent": "ann", "how": "withdrawn"},
    ),
    (
        say.CallQueued("c1", "desk", "100", "030", "张伟", 3, 55, True),
        {
            "type": "call",
            "call": "c1",
            "state": "waiting",
            "group": "desk",
            "entry": "100",
            "caller_number": "030",
            "caller_name": "张伟",
            "tier": 3,
            "returned": True,
            "waiting_since": 55,
            "agent": None,
            "talking_since": None,
            "sent_to": None,
            "kind": "incoming",
            "about": None,
            "number": "",
            "stage": None,
            "stage_since": None,
            "consult": None,
            "recording": None,
        },
    ),
    (say.StepTaken("c1", "desk", 2), {"type": "step", "call": "c1", "group": "desk", "step": 2}),
    (
        say.CallMoved("c1", "desk", "night", Cause.CLOSED),
        {"type": "moved", "call": "c1", "group": "desk", "to": "night", "cause": "closed"},
    ),
    (
        say.CallSent("c1", "desk", Destination(DestinationKind.VOICEMAIL, "12"), Cause.STEP),
        {"type": "sent", "call": "c1", "group": "desk", "to": "voicemail:12", "cause": "step"},
    ),
    (say.TierChanged("c1", 4, "sue"), {"type": "tier", "call": "c1", "tier": 4, "by": "sue"}),
    (say.RulesInForce("sue"), {"type": "rules", "by": "sue"}),
    (
        say.CallConnected("c1", "ann", "desk", 900),
        {
            "type": "connected",
            "call": "c1",
            "agent": "ann",
            "group": "desk",
            "waited_ms": 900,
            "kind": "incoming",
            "about": None,
            "entry": "",
            "caller_number": "",
            "caller_name": "",
        },
    ),
    (
        say.CallFinished("c1", "desk", None, Outcome.ABANDONED, 900, 0),
        {
            "type": "finished",
            "call": "c1",
            "group": "desk",
            "agent": None,
            "outcome": "abandoned",
            "waited_ms": 900,
            "talked_ms": 0,
            "kind": "incoming",
            "recording": "",
            "why": None,
        },
    ),
    (
        say.CallFinished(
            "c1",
            "desk",
            "ann",
            Outcome.NOT_REACHED,
            900,
            0,
            CallKind.OUTGOING,
            "rec/c1.wav",
            ev.OfferFailure.BUSY,
        ),
        {
            "type": "finished",
            "call": "c1",
            "group": "desk",
            "agent": "ann",
            "outcome": "not-reached",
            "waited_ms": 900,
            "talked_ms": 0,
            "kind": "outgoing",
            "recording": "rec/c1.wav",
            "why": "busy",
        },
    ),
    (
        say.TalkChanged("c1", "ann", Stage.CONSULTING, "c1-k1", BOB, True, "bob"),
        {
            "type": "talk",
            "call": "c1",
            "agent": "ann",
            "stage": "consulting",
            "consult": {
                "call": "c1-k1",
                "to": "agent:bob",
                "name": "",
                "answered": True,
                "party": "bob",
                "party_name": "",
            },
            "ended": None,
        },
    ),
    (
        say.TalkChanged("c1", "ann", Stage.CONNECTED, ended=say.ConsultEnd.NOBODY),
        {"type": "talk", "call": "c1", "agent": "ann", "stage": "connected", "consult": None, "ended": "nobody"},
    ),
    (
        say.CallDialled("c1", "ann", "desk", "0571"),
        {"type": "dialled", "call": "c1", "agent": "ann", "group": "desk", "number": "0571"},
    ),
    (
        say.CallTransferred("c1", "ann", BOB, False),
        {"type": "transferred", "call": "c1", "agent": "ann", "to": "agent:bob", "name": "", "attended": False},
    ),
    (
        say.CallIntercepted("c1", "ann", "sue"),
        {"type": "intercepted", "call": "c1", "agent": "ann", "by": "sue"},
    ),
    (
        say.MonitorChanged(
            "m1", "sue", "ann", "c1", ev.MonitorMode.BARGE, MonitorState.OVER, ev.OfferFailure.UNANSWERED
        ),
        {
            "type": "monitor",
            "monitor": "m1",
            "by": "sue",
            "agent": "ann",
            "call": "c1",
            "mode": "barge",
            "state": "over",
            "why": "unanswered",
        },
    ),
    (
        say.RecordingChanged("c1", "ann", RecordingState.OFF, "rec/c1.wav", "the disk is full"),
        {
            "type": "recording",
            "call": "c1",
            "agent": "ann",
            "state": "off",
            "path": "rec/c1.wav",
            "why": "the disk is full",
        },
    ),
    (say.PbxChanged("gone"), {"type": "pbx", "why_lost": "not linked yet", "lost": []}),
]
UNTOLD = [
    cmd.WithdrawOffer(OFFER),
    cmd.KeepWaiting("c1"),
    cmd.ReleaseCall("c1"),
    cmd.RefuseCall("c1", cmd.RefusalCause.UNKNOWN_ENTRY, ""),
    cmd.PlayPrompt("c1", "sorry"),
    cmd.OfferCallback("c1"),
    cmd.SendElsewhere("c1", Destination(DestinationKind.HANG_UP)),
    cmd.TellPosition("c1", 2),
    cmd.AnswerOffer(OFFER),
    cmd.HoldCall("c1", OFFER),
    cmd.ResumeCall("c1", OFFER),
    cmd.BeginConsult("c1", OFFER, "c1-k1"),
    cmd.Confer("c1", OFFER, "c1-k1"),
    cmd.ConnectCall("c1", OFFER, "c1-k1", OFFER),
    cmd.LeaveWith("c1", "c1-k1"),
    cmd.SendDigits("c1", "1"),
    cmd.StartMonitor("m1", OFFER, "PJSIP/sue", ev.MonitorMode.LISTEN, 15_000),
    cmd.ChangeMonitor("m1", ev.MonitorMode.BARGE),
    cmd.EndMonitor("m1"),
    cmd.Record("c1", ev.RecordingWord.START, "desk", "ann"),
    say.Refused("ann", say.RefusalCode.NOT_NOW, ""),
]


@pytest.mark.parametrize(("output", "expected"), TOLD, ids=lambda each: type(each).__name__)
def test_an_output_is_told_with_these_fields(output: Any, expected: dict[str, Any]) -> None:
    event = views.view(output, NOBODY)
    assert event is not None
    text = event.model_dump_json()
    assert json.loads(text) == expected
    assert text.startswith('{"type":'), "the session puts the number before it"
    assert type(event).model_validate_json(text) == event


@pytest.mark.parametrize("output", UNTOLD, ids=lambda each: type(each).__name__)
def test_what_is_the_pbxs_business_or_one_clients_is_not_told(output: Any) -> None:
    assert views.view(output, NOBODY) is None


def test_every_output_of_the_core_is_told_or_left_out_on_purpose() -> None:
    kinds = {type(output) for output, _ in TOLD} | {type(output) for output in UNTOLD}
    commands = {*get_args(cmd.Command), *get_args(cmd.TalkCommand), *get_args(cmd.SupervisionCommand)}
    assert kinds == {*commands, cmd.TellPosition, *get_args(say.Notice)}


def test_replies_have_their_form() -> None:
    assert json.loads(views.Hello(server="s").model_dump_json()) == {"type": "hello", "version": VERSION, "server": "s"}
    refused = views.Answer(id=3, ok=False, error=views.Problem(code="not-now", message="later"))
    assert json.loads(refused.model_dump_json()) == {
        "type": "answer",
        "id": 3,
        "ok": False,
        "error": {"code": "not-now", "message": "later"},
        "result": None,
    }
    assert json.loads(views.Answer(id=None, ok=True).model_dump_json()) == {
        "type": "answer",
        "id": None,
        "ok": True,
        "error": None,
        "result": None,
    }
    dry = views.DifferenceView(lines=["groups.desk.ring_s: 15 -> 20"], need_restart=0, applied=False)
    assert json.loads(views.Answer(id=1, ok=True, result=dry).model_dump_json())["result"] == {
        "lines": ["groups.desk.ring_s: 15 -> 20"],
        "need_restart": 0,
        "applied": False,
    }


# --- snapshots ------------------------------------------------------------------------------------------------

STEPS = [
    [*ready("ann")],
    [arrives("c1", caller_name="李娜", tier=2)],
    [ev.NotReadyAsked("ann", "lunch")],
    [answered("c1")],
    [ev.ForcedLogOut("ann", "sue")],
]


def test_an_agent_in_a_snapshot_is_as_the_last_event_told() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann"]))
    for n, step in enumerate(STEPS):
        talk.at(1_000 * n) << step
        told = [views.view(each, talk.router) for each in talk.heard if isinstance(each, say.AgentChanged)]
        assert views.agent_now(talk.router.agents["ann"]) == told[-1]


def test_a_call_in_a_snapshot_says_where_it_is() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann"]))
    talk.at(1_000) << arrives("c1", caller_name="李娜", tier=2)
    assert views.view(talk.heard[0], talk.router) == views.call_now(talk.router.calls["c1"], talk.router)
    talk.at(2_000) << ready("ann")
    offered = views.call_now(talk.router.calls["c1"], talk.router)
    assert (offered.state, offered.agent, offered.talking_since) == ("offered", "ann", None)
    talk << failed("c1")
    returned = views.call_now(talk.router.calls["c1"], talk.router)
    assert (returned.state, returned.agent, returned.returned) == ("waiting", None, True)
    talk.at(3_000) << [ev.ReadyAsked("ann"), answered("c1", 2)]
    talks = views.call_now(talk.router.calls["c1"], talk.router)
    assert (talks.state, talks.agent, talks.talking_since, talks.waiting_since) == ("talking", "ann", 3_000, 1_000)


def test_a_call_on_its_way_elsewhere_says_where_to() -> None:
    step = OverflowStep(5_000, to=Destination(DestinationKind.NUMBER, "02112"))
    talk = Conversation(centre(replace(group("desk"), steps=(step,)), agents=["ann"]))
    talk.at(1_000) << arrives("c1")
    talk.at(6_000).tick()
    view = views.call_now(talk.router.calls["c1"], talk.router)
    assert (view.state, view.sent_to, view.agent) == ("elsewhere", "number:02112", None)


# --- talks ----------------------------------------------------------------------------------------------------


def consulting() -> Conversation:
    """Ann talks with c1 and consults Bob, who rings, as the core would have it."""
    talk = Conversation(centre(group("desk"), agents=["ann", "bob"]))
    talk << [*ready("ann"), arrives("c1", caller_number="030", caller_name="李娜"), answered("c1")]
    talk << [*ready("bob"), arrives("k1")]
    own, consult = talk.router.calls["c1"], talk.router.calls["k1"]
    own.stage, own.consult, own.recording = Stage.CONSULTING, consult, RecordingState.PAUSED
    consult.kind, consult.about, consult.asked_to = CallKind.CONSULT, own, BOB
    for agent in talk.router.agents.values():
        agent.record = replace(agent.record, name=agent.id.title())
    return talk


def test_a_snapshot_tells_the_stage_the_consult_and_the_recording() -> None:
    talk = consulting()
    shown = views.call_now(talk.router.calls["c1"], talk.router)
    assert (shown.state, shown.stage, shown.recording, shown.kind) == ("talking", "consulting", "paused", "incoming")
    assert shown.stage_since == talk.router.calls["c1"].stage_since == talk.now
    assert shown.consult == talk_views.ConsultView(
        call="k1", to="agent:bob", name="Bob", answered=False, party="bob", party_name="Bob"
    )
    talk << answered("k1")
    assert views.call_now(talk.router.calls["c1"], talk.router).consult == shown.consult.model_copy(
        update={"answered": True}
    )


def test_a_call_that_is_not_in_talk_has_no_stage() -> None:
    talk = consulting()
    shown = views.call_now(talk.router.calls["k1"], talk.router)
    assert (shown.stage, shown.stage_since) == (None, None)


def test_a_snapshot_and_the_event_tell_the_same_of_a_consult() -> None:
    talk = consulting()
    told = views.view(say.TalkChanged("c1", "ann", Stage.CONSULTING, "k1", BOB, False, "bob"), talk.router)
    assert isinstance(told, talk_views.TalkView)
    assert told.consult == views.call_now(talk.router.calls["c1"], talk.router).consult


def test_who_is_consulted_is_told_by_whom_and_about_which_call() -> None:
    """With the ring, and by a snapshot."""
    talk = consulting()
    about = talk_views.AboutView(
        call="c1", by="ann", by_name="Ann", group="desk", caller_number="030", caller_name="李娜"
    )
    offer = views.view(next(each for each in talk.heard if isinstance(each, cmd.OfferCall)), talk.router)
    assert isinstance(offer, views.OfferView)
    assert (offer.kind, offer.about) == ("consult", about)
    assert views.call_now(talk.router.calls["k1"], talk.router).about == about
    waits = say.CallQueued("k1", "desk", "desk", "", "", 0, 0, False, CallKind.CONSULT)
    queued = views.view(waits, talk.router)
    assert isinstance(queued, views.CallView)
    assert queued.about == about


def test_the_second_agent_hears_all_of_the_call_with_its_connection() -> None:
    """Who was consulted has never been offered the call itself."""
    talk = consulting()
    told = views.view(say.CallConnected("c1", "bob", "desk", 900), talk.router)
    assert isinstance(told, views.ConnectedView)
    assert (told.entry, told.caller_number, told.caller_name) == ("desk", "030", "李娜")


def test_a_number_that_is_dialled_is_told_until_it_is_reached() -> None:
    talk = consulting()
    call = talk.router.calls["c1"]
    call.kind, call.number = CallKind.OUTGOING, "0571"
    assert views.call_now(call, talk.router).number == "0571"
    call.number = ""
    assert views.call_now(call, talk.router).number == ""


def test_a_place_is_told_with_its_name() -> None:
    talk = consulting()
    names = {
        "agent:bob": "Bob",
        "group:desk": "The desk",
        "number:0571": "",
        "group:gone": "",
        "agent:gone": "",
        "entry:100": "",
    }
    talk.reload(centre(replace(group("desk"), name="The desk"), agents=["ann", "bob"]))
    talk.router.agents["bob"].record = replace(talk.router.agents["bob"].record, name="Bob")
    for text, name in names.items():
        kind, _, of = text.partition(":")
        told = views.view(say.CallTransferred("c1", "ann", Destination(DestinationKind(kind), of), False), talk.router)
        assert isinstance(told, talk_views.TransferredView)
        assert (told.to, told.name) == (text, name)


def test_a_monitor_in_a_snapshot_is_as_the_event_told() -> None:
    talk = consulting()
    monitor = Monitor("m1", "sue", "ann", "c1", ev.MonitorMode.LISTEN)
    told = say.MonitorChanged("m1", "sue", "ann", "c1", ev.MonitorMode.LISTEN, MonitorState.RINGING)
    assert talk_views.monitor_now(monitor) == views.view(told, talk.router)
