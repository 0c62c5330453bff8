"""What became of a talk is told in the call's story; a consult's says who asks, and about which call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd import events as ev
from acd import notices as say
from acd.calls import CallKind, Stage
from acd.explain import present
from acd.explain.answers import from_json
from acd.explain.words import LANGUAGES
from acd.rules import AgentRecord, Destination, DestinationKind
from tests.conversation import answered, arrives, centre, group, ready
from tests.unit.explaining import Seen

BOB = Destination(DestinationKind.AGENT, "bob")
TICKETS = Destination(DestinationKind.GROUP, "tickets")
NUMBER = Destination(DestinationKind.NUMBER, "0571")


def talking() -> Seen:
    """Ann talks with c1; Bob is ready."""
    rules = centre(group("desk"), replace(group("tickets"), name="Tickets"), agents=["ann", "bob"])
    named = {each: AgentRecord(each, f"PJSIP/{each}", each.title()) for each in rules.agents}
    seen = Seen(replace(rules, agents=named))
    seen << [*ready("ann"), arrives("c1", "desk", caller_number="030"), answered("c1"), *ready("bob")]
    return seen


def told(seen: Seen, *notices: say.TalkNotice) -> list[str]:
    """The sentences that the notices add, without their times."""
    before = len(seen.said("c1").splitlines())
    for notice in notices:
        seen.witness.out.append(notice)
    seen.witness.out.clear()
    return [line[10:] for line in seen.said("c1").splitlines()[before:]]


def consulting(to: Destination, answered: bool = False, party: str | None = None) -> say.TalkChanged:
    return say.TalkChanged("c1", "ann", Stage.CONSULTING, "k1", to, answered, party)


def over(why: say.ConsultEnd, stage: Stage = Stage.CONNECTED) -> say.TalkChanged:
    return say.TalkChanged("c1", "ann", stage, "k1", TICKETS, ended=why)


def test_hold_and_retrieve() -> None:
    seen = talking()
    assert told(seen, say.TalkChanged("c1", "ann", Stage.HELD), say.TalkChanged("c1", "ann", Stage.CONNECTED)) == [
        "ann Ann puts the caller on hold.",
        "ann Ann talks with the caller again.",
    ]


def test_a_consult_from_its_beginning_to_the_transfer() -> None:
    seen = talking()
    conference = say.TalkChanged("c1", "ann", Stage.CONFERENCE, "k1", BOB, True, "bob")
    notices = [consulting(BOB, party="bob"), consulting(BOB, True, "bob"), conference]
    assert told(seen, *notices, say.CallTransferred("c1", "ann", BOB, True)) == [
        "ann Ann consults bob Bob: it rings at bob Bob.",
        "ann Ann and bob Bob talk; the caller hears music.",
        "ann Ann, bob Bob and the caller talk.",
        "ann Ann transfers the call to bob Bob after a consult.",
    ]


def test_a_consult_of_a_group_or_a_number() -> None:
    assert told(talking(), consulting(TICKETS), consulting(NUMBER), consulting(NUMBER, True)) == [
        "ann Ann consults Tickets (tickets); the caller hears music.",
        "ann Ann consults the number 0571; the caller hears music.",
        "ann Ann and the number 0571 talk; the caller hears music.",
    ]


def test_why_a_consult_is_over_is_said() -> None:
    assert told(talking(), over(say.ConsultEnd.LEFT), over(say.ConsultEnd.NOBODY, Stage.HELD)) == [
        "The consult of Tickets (tickets) is over (the other party hung up): ann Ann talks with the caller again.",
        "The consult of Tickets (tickets) is over (nobody who may serve that group is logged in any more):"
        " the caller stays on hold.",
    ]


def test_an_outgoing_call_a_blind_transfer_and_an_interception() -> None:
    assert told(
        talking(),
        say.CallDialled("c1", "ann", "tickets", "0571"),
        say.CallTransferred("c1", "ann", TICKETS, False),
        say.CallIntercepted("c1", "ann", "sue"),
    ) == [
        "ann Ann calls 0571, for Tickets (tickets).",
        "ann Ann transfers the call to Tickets (tickets).",
        "sue takes the caller from ann Ann.",
    ]


def test_who_listens_and_what_is_recorded_decides_nothing() -> None:
    """So neither is in the story."""
    changed = say.MonitorChanged("m1", "sue", "ann", "c1", ev.MonitorMode.LISTEN, say.MonitorState.ON)
    assert told(talking(), changed, say.RecordingChanged("c1", "ann", say.RecordingState.ON, "c1.wav")) == []


# --- a consult --------------------------------------------------------------------------------------------------------


def asked() -> Seen:
    """Ann consults the group; its call is k1, offered to Bob before the consult is told."""
    seen = talking()
    seen.at(5_000) << arrives("k1", "tickets")
    own, consult = seen.router.calls["c1"], seen.router.calls["k1"]
    own.stage, own.consult = Stage.CONSULTING, consult
    consult.kind, consult.about, consult.asked_to = CallKind.CONSULT, own, TICKETS
    seen.witness.out.append(consulting(TICKETS, party="bob"))
    return seen


def test_a_consults_story_is_of_who_asks_about_which_call() -> None:
    seen = asked()
    title, *lines = seen.said("k1").splitlines()
    assert title.startswith("Consult of ann Ann about call c1: k1, ")
    assert any(line.endswith("ann Ann consults Tickets (tickets) about call c1.") for line in lines)
    assert seen.kinds("k1")[0] == "consult-begun"


def test_its_beginning_is_told_once_and_only_as_it_begins() -> None:
    seen = asked()
    seen.witness.out.append(consulting(TICKETS, party="bob"))
    seen.now = 6_000
    seen << ev.DeadlineReached()
    seen.witness.out.append(consulting(TICKETS, True, "bob"))
    assert seen.kinds("k1").count("consult-begun") == 1
    seen.witness.entries["k1"].clear()
    seen.witness.out.append(consulting(TICKETS, True, "bob"))
    assert seen.kinds("k1") == [], "where its beginning was in an older journal"


def test_the_live_state_tells_a_consult_as_well() -> None:
    seen = asked()
    why = from_json(present.why_live(seen.router, seen.now, call="k1"))
    assert why == present.of_call(seen.router, "k1", seen.now)
    seen.witness.entries.clear()
    assert seen.said("k1").startswith("Consult of ann Ann about call c1: k1, ")


@pytest.mark.parametrize(
    ("stage", "accept", "expected"),
    [
        (Stage.CONNECTED, False, ""),
        (Stage.HELD, False, "The caller is on hold."),
        (Stage.CONSULTING, False, "ann Ann consults Tickets (tickets), who has not answered yet."),
        (Stage.CONSULTING, True, "ann Ann consults Tickets (tickets); the caller hears music."),
        (Stage.CONFERENCE, True, "Tickets (tickets) takes part."),
    ],
)
def test_where_a_talk_stands_is_said_with_its_stage(stage: Stage, accept: bool, expected: str) -> None:
    seen = asked()
    if accept:
        seen << answered("k1")
    own = seen.router.calls["c1"]
    own.stage = stage
    if stage in (Stage.CONNECTED, Stage.HELD):
        own.consult = None
    now = seen.said("c1").partition("As it is now:")[2].split("\n\n")[0].splitlines()
    assert now[1].strip().startswith("It talks with ann Ann since ")
    assert [line.strip() for line in now[2:]] == [expected] * bool(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_a_talk_is_said_in_every_language(language: str) -> None:
    seen = asked()
    for notice in (consulting(BOB), over(say.ConsultEnd.BUSY), say.CallTransferred("c1", "ann", BOB, False)):
        seen.witness.out.append(notice)
    for call in ("c1", "k1"):
        assert "{" not in seen.said(call, language)
