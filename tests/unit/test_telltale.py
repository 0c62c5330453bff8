"""The log tells every fact of an agent and a call in one line, with the ids as fields."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from structlog.testing import capture_logs

from acd import events as ev
from acd import notices as say
from acd.calls import MonitorState, RecordingState, Stage
from acd.owner import Step
from acd.rules import Destination, DestinationKind, OverflowStep, difference
from acd.telltale import WORDS, Telltale
from tests.conversation import Conversation, answered, arrives, centre, failed, group, ready

AWAY = Destination(DestinationKind.NUMBER, "02112")
LATE = replace(group("late"), steps=(OverflowStep(0, tier=3), OverflowStep(1_000, to=AWAY)))
RULES = centre(group("desk"), LATE, agents=["ann", "bob"])
OTHERS = centre(group("desk"), LATE, group("night"), agents=["ann", "bob"])


def told(*events: object) -> list[dict[str, object]]:
    talk = Conversation(RULES, linked=False)
    with capture_logs() as lines:
        for event in events:
            if isinstance(event, int):
                talk.at(event).tick()
            else:
                talk << event
            Telltale().watch(tuple(talk.heard), Step(talk.now, ev.DeadlineReached(), 0.0))
    return [dict(line) for line in lines]


BOB = Destination(DestinationKind.AGENT, "bob")
OF_TALKS: dict[str, say.Notice] = {
    "talk changed": say.TalkChanged("c1", "ann", Stage.CONSULTING, "k1", BOB, True, "bob"),
    "call dialled": say.CallDialled("c1", "ann", "desk", "0571"),
    "call transferred": say.CallTransferred("c1", "ann", BOB, False),
    "call intercepted": say.CallIntercepted("c1", "ann", "sue"),
    "monitor changed": say.MonitorChanged("m1", "sue", "ann", "c1", ev.MonitorMode.LISTEN, MonitorState.ON),
    "recording changed": say.RecordingChanged("c1", "ann", RecordingState.ON, "rec/c1.wav"),
}


@pytest.mark.parametrize("event", OF_TALKS)
def test_what_becomes_of_talks_is_told_with_all_its_fields_as_json(event: str) -> None:
    with capture_logs() as lines:
        Telltale().watch((OF_TALKS[event],), Step(0, ev.DeadlineReached(), 0.0))
    (line,) = lines
    assert line["event"] == event
    assert line["call"] == "c1"
    assert {each.name for each in fields(OF_TALKS[event])} <= line.keys()
    assert "to" not in line or line["to"] == "agent:bob"
    assert json.dumps(line)


def test_a_call_from_its_arrival_to_its_end() -> None:
    lines = told(ev.PbxFound(), ready("ann")[0], ready("ann")[1], arrives("c1"), answered("c1"), ev.CallerLeft("c1"))
    assert [(line["event"], line.get("call")) for line in lines if line["event"] != "agent changed"] == [
        ("PBX changed", None),
        ("call waits", "c1"),
        ("call connected", "c1"),
        ("call finished", "c1"),
    ]
    assert [line["state"] for line in lines if line["event"] == "agent changed"] == [
        "not-ready",
        "ready",
        "ringing",
        "talking",
        "wrap-up",
    ]
    assert {line["log_level"] for line in lines} == {"info"}


def test_every_notice_and_refusal_is_told_and_can_be_written_as_json() -> None:
    lines = told(
        ev.PbxFound(),
        *ready("ann", "bob"),
        arrives("c1", caller_name="张伟"),
        ev.NotReadyAsked("ann", "lunch"),
        failed("c1"),
        answered("c1", 2),
        ev.ForcedLogOut("bob", "sue"),
        arrives("c2", "nowhere"),
        ev.ReadyAsked("nobody"),
        ev.CallerLeft("c1"),
        arrives("c3"),
        ev.ForcedTier("c3", 2, "sue"),
        ev.ForcedMove("c3", "late", "sue"),
        0,
        1_000,
        ev.RulesChanged(difference(RULES, OTHERS), "sue"),
    )
    assert {line["event"] for line in lines} == set(WORDS.values()) - OF_TALKS.keys()
    sent = next(line for line in lines if line["event"] == "call sent elsewhere")
    assert {key: sent[key] for key in ("call", "group", "to", "cause")} == {
        "call": "c3",
        "group": "late",
        "to": "number:02112",
        "cause": "step",
    }
    whole = json.dumps(lines, ensure_ascii=False)
    assert "张伟" in whole
    assert "by='sue'" in whole, "who forced the pending state is told"


def test_a_pbx_is_named() -> None:
    lines = told(ev.PbxFound("north"), ev.PbxLost("cut", "south"))
    assert [(line["event"], line["pbx"], line["why_lost"]) for line in lines] == [
        ("PBX changed", "north", None),
        ("PBX changed", "south", "cut"),
    ]
