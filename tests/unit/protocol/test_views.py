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
from acd.calls import Cause, Outcome
from acd.ids import OfferId
from acd.protocol import VERSION, views
from acd.rules import Destination, DestinationKind, OverflowStep
from tests.conversation import Conversation, answered, arrives, centre, failed, group, ready

OFFER = OfferId("c1", 2)
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
        {"type": "connected", "call": "c1", "agent": "ann", "group": "desk", "waited_ms": 900},
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
        },
    ),
    (say.PbxChanged("gone"), {"type": "pbx", "why_lost": "gone"}),
]
UNTOLD = [
    cmd.WithdrawOffer(OFFER),
    cmd.KeepWaiting("c1"),
    cmd.ReleaseCall("c1"),
    cmd.RefuseCall("c1", cmd.RefusalCause.UNKNOWN_ENTRY, ""),
    cmd.PlayPrompt("c1", "sorry"),
    cmd.OfferCallback("c1"),
    cmd.SendElsewhere("c1", Destination(DestinationKind.HANG_UP)),
    say.Refused("ann", say.RefusalCode.NOT_NOW, ""),
]


@pytest.mark.parametrize(("output", "expected"), TOLD, ids=lambda each: type(each).__name__)
def test_an_output_is_told_with_these_fields(output: Any, expected: dict[str, Any]) -> None:
    event = views.view(output)
    assert event is not None
    text = event.model_dump_json()
    assert json.loads(text) == expected
    assert text.startswith('{"type":'), "the session puts the number before it"
    assert type(event).model_validate_json(text) == event


@pytest.mark.parametrize("output", UNTOLD, ids=lambda each: type(each).__name__)
def test_what_is_the_pbxs_business_or_one_clients_is_not_told(output: Any) -> None:
    assert views.view(output) is None


def test_every_output_of_the_core_is_told_or_left_out_on_purpose() -> None:
    kinds = {type(output) for output, _ in TOLD} | {type(output) for output in UNTOLD}
    assert kinds == {*get_args(cmd.Command), *get_args(say.Notice)}


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
        told = [views.view(each) for each in talk.heard if isinstance(each, say.AgentChanged)]
        assert views.agent_now(talk.router.agents["ann"]) == told[-1]


def test_a_call_in_a_snapshot_says_where_it_is() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann"]))
    talk.at(1_000) << arrives("c1", caller_name="李娜", tier=2)
    assert views.view(talk.heard[0]) == views.call_now(talk.router.calls["c1"])
    talk.at(2_000) << ready("ann")
    offered = views.call_now(talk.router.calls["c1"])
    assert (offered.state, offered.agent, offered.talking_since) == ("offered", "ann", None)
    talk << failed("c1")
    returned = views.call_now(talk.router.calls["c1"])
    assert (returned.state, returned.agent, returned.returned) == ("waiting", None, True)
    talk.at(3_000) << [ev.ReadyAsked("ann"), answered("c1", 2)]
    talks = views.call_now(talk.router.calls["c1"])
    assert (talks.state, talks.agent, talks.talking_since, talks.waiting_since) == ("talking", "ann", 3_000, 1_000)


def test_a_call_on_its_way_elsewhere_says_where_to() -> None:
    step = OverflowStep(5_000, to=Destination(DestinationKind.NUMBER, "02112"))
    talk = Conversation(centre(replace(group("desk"), steps=(step,)), agents=["ann"]))
    talk.at(1_000) << arrives("c1")
    talk.at(6_000).tick()
    view = views.call_now(talk.router.calls["c1"])
    assert (view.state, view.sent_to, view.agent) == ("elsewhere", "number:02112", None)
