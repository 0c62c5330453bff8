"""What became of a talk is told in the call's story; a consult's says who asks, and about which call."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd import events as ev
from acd import notices as say
from acd.calls import Stage
from acd.explain import present
from acd.explain.answers import from_json
from acd.explain.words import LANGUAGES
from acd.ids import OfferId
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


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (ev.OfferFailed(OfferId("c1+1", 1), ev.OfferFailure.REJECTED), "rejected"),
        (ev.OfferFailed(OfferId("c1+1", 1), ev.OfferFailure.BUSY), "busy"),
        (ev.ReconnectAsked("ann"), "by the agent's word"),
    ],
)
def test_why_a_consult_is_over_is_said(end: ev.Event, why: str) -> None:
    seen = talking()
    seen << [ev.ConsultAsked("ann", BOB), end]
    assert f"The consult is over ({why}): ann Ann talks with the caller again." in seen.said("c1")


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
    """Ann consults the group; it rings at Bob."""
    seen = talking()
    seen.at(5_000) << ev.ConsultAsked("ann", TICKETS)
    return seen


def test_a_consults_story_is_of_who_asks_about_which_call() -> None:
    seen = asked()
    title, *lines = seen.said("c1+1").splitlines()
    assert title.startswith("Consult of ann Ann about call c1: c1+1, ")
    assert any(line.endswith("ann Ann consults Tickets (tickets) about call c1.") for line in lines)
    assert seen.kinds("c1+1")[0] == "consult-begun"


def test_its_beginning_is_told_once_and_only_as_it_begins() -> None:
    seen = asked()
    seen.at(6_000) << answered("c1+1")
    seen << ev.ConferenceAsked("ann")
    assert seen.kinds("c1+1").count("consult-begun") == 1
    seen.witness.entries["c1+1"].clear()
    seen << ev.TransferAsked("ann")
    assert seen.kinds("c1+1") == ["ended"], "where its beginning was in an older journal"


def test_a_consult_that_led_to_a_transfer_says_so_and_the_call_goes_on_with_the_party() -> None:
    seen = asked()
    seen.at(6_000) << answered("c1+1")
    seen.at(9_000) << ev.TransferAsked("ann")
    assert "it led to a transfer" in seen.said("c1+1")
    assert seen.said("c1").splitlines()[2].strip().startswith("It talks with bob Bob since ")
    assert [line[10:] for line in seen.said("c1").splitlines()[-2:]] == [
        "ann Ann transfers the call to Tickets (tickets) after a consult.",
        "bob Bob talks with the caller now.",
    ]


def test_what_led_to_the_ring_of_a_consult_is_who_asked_or_who_became_free() -> None:
    assert "Rings at bob Bob: ann Ann asked." in asked().said("c1+1")
    seen = talking()
    seen << [ev.NotReadyAsked("bob", "lunch"), ev.ConsultAsked("ann", TICKETS), ev.ReadyAsked("bob")]
    assert "Rings at bob Bob: the agent went ready." in seen.said("c1+1")


def test_a_consult_of_one_agent_says_so_and_shows_nobody_else() -> None:
    """Skills don't matter: the agent may serve none of the call's group."""
    rules = centre(group("desk", desk=1), agents={"ann": {"desk": 1}, "bob": {}, "cy": {"desk": 1}})
    seen = Seen(rules)
    seen << [*ready("ann"), arrives("c1", "desk"), answered("c1"), *ready("bob", "cy"), ev.ConsultAsked("ann", BOB)]
    assert [line[10:] for line in seen.said("c1+1").splitlines()[-2:]] == [
        "Rings at bob: ann asked.",
        "That agent was asked for.",
    ]


def test_the_answer_to_a_consult_and_a_number_reached_are_told_as_such() -> None:
    seen = asked()
    seen.at(8_000) << answered("c1+1")
    assert "bob Bob answers, after 0:03." in seen.said("c1+1")
    seen = talking()
    seen.at(1_000) << ev.DialAsked("bob", "0571")
    call = next(each for each in seen.router.calls if each != "c1")
    seen.at(3_000) << answered(call)
    seen.at(5_000) << ev.NumberAnswered(call)
    told = [line[10:] for line in seen.said(call).splitlines()]
    assert told[-2:] == ["bob Bob calls 0571, for desk.", "Reached after 0:04: bob Bob and who was called talk."]


def test_the_live_state_tells_a_consult_as_well() -> None:
    seen = asked()
    why = from_json(present.why_live(seen.router, seen.now, call="c1+1"))
    assert why == present.of_call(seen.router, "c1+1", seen.now)
    seen.witness.entries.clear()
    assert seen.said("c1+1").startswith("Consult of ann Ann about call c1: c1+1, ")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], []),
        ([ev.HoldAsked("ann")], ["The caller is on hold."]),
        ([ev.ConsultAsked("ann", TICKETS)], ["ann Ann consults Tickets (tickets), who has not answered yet."]),
        (
            [ev.ConsultAsked("ann", TICKETS), answered("c1+1")],
            ["ann Ann consults Tickets (tickets); the caller hears music."],
        ),
        (
            [ev.ConsultAsked("ann", TICKETS), answered("c1+1"), ev.ConferenceAsked("ann")],
            ["Tickets (tickets) takes part."],
        ),
    ],
)
def test_where_a_talk_stands_is_said_with_its_stage(events: list[ev.Event], expected: list[str]) -> None:
    seen = talking()
    seen << events
    now = seen.said("c1").partition("As it is now:")[2].split("\n\n")[0].splitlines()
    assert now[1].strip().startswith("It talks with ann Ann since ")
    assert [line.strip() for line in now[2:]] == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_a_talk_is_said_in_every_language(language: str) -> None:
    seen = asked()
    seen << [answered("c1+1"), ev.ReconnectAsked("ann"), ev.TransferAsked("ann", BOB)]
    for call in ("c1", "c1+1"):
        assert "{" not in seen.said(call, language)
