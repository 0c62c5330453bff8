"""The stages of a talk, and what comes of it when somebody hangs up in one (docs/call-control.md)."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.agents import AgentState, Pending
from acd.calls import Outcome, Stage
from acd.ids import OfferId
from acd.notices import ConsultEnd, RefusalCode
from tests.conversation import (
    LOGGED_OUT,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    WRAP_UP,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    consults,
    group,
    over,
    phone_left,
    place,
    ready,
    refuses,
    rings,
    scene,
    stage,
    talking,
    talks,
    transfers,
    waits,
    withdraws,
)

CONNECTED, HELD, CONSULTING, CONFERENCE = Stage
DESK = centre(group("desk"), group("tech", tech=1), agents={"ann": {}, "ben": {"tech": 1}, "cat": {"tech": 1}})
OFFER = OfferId("c1", 1)


def in_stage(wanted: Stage, party: str = "agent:ben", *, has_answered: bool = True) -> Conversation:
    """ann talks with c1, arranged so; who is consulted is ben, or a number, and has answered. It is 2000."""
    talk = talking(DESK, "ben")
    if wanted is HELD:
        talk << ev.HoldAsked("ann")
    if wanted in (CONSULTING, CONFERENCE):
        talk << consults("ann", party)
        if has_answered:
            talk << (answered("c1+1") if party.startswith("agent") else ev.NumberAnswered("c1+1"))
    if wanted is CONFERENCE:
        talk << ev.ConferenceAsked("ann")
    assert talk.router.calls["c1"].stage is wanted
    return talk.at(2_000)


# --- hold and conference ------------------------------------------------------------------------------------------


def test_a_held_caller_hears_music_until_retrieved() -> None:
    talk = talking(DESK)
    talk << ev.HoldAsked("ann") >> (cmd.HoldCall("c1", OFFER), stage("c1", "ann", HELD))
    talk << ev.RetrieveAsked("ann") >> (cmd.ResumeCall("c1", OFFER), stage("c1", "ann", CONNECTED))


def test_caller_agent_and_party_hear_each_other_in_a_conference() -> None:
    talk = in_stage(CONSULTING)
    party = {"consult": "c1+1", "to": place("agent:ben"), "answered": True, "party": "ben"}
    talk << ev.ConferenceAsked("ann") >> (cmd.Confer("c1", OFFER, "c1+1"), stage("c1", "ann", CONFERENCE, **party))


def test_a_party_who_has_not_answered_is_in_no_conference() -> None:
    talk = in_stage(CONSULTING, has_answered=False)
    talk << ev.ConferenceAsked("ann") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << transfers("ann") >> refuses("ann", RefusalCode.NOT_NOW)


ALLOWED = {
    ev.HoldAsked("ann"): {CONNECTED},
    ev.RetrieveAsked("ann"): {HELD},
    ev.ReconnectAsked("ann"): {CONSULTING, CONFERENCE},
    ev.ConferenceAsked("ann"): {CONSULTING},
    consults("ann", "number:0571"): {CONNECTED, HELD},
    transfers("ann"): {CONSULTING, CONFERENCE},
    transfers("ann", "number:0571"): {CONNECTED, HELD},
}


@pytest.mark.parametrize("wanted", Stage)
@pytest.mark.parametrize("request_", ALLOWED, ids=lambda each: type(each).__name__)
def test_each_request_is_for_its_stages(wanted: Stage, request_: ev.Event) -> None:
    """And refused, changing nothing, in the others."""
    talk = in_stage(wanted) << request_
    is_refused = any(isinstance(each, say.Refused) for each in talk.heard)
    assert is_refused is (wanted not in ALLOWED[request_])
    if is_refused:
        assert talk.heard == [refuses("ann", RefusalCode.NOT_NOW)]
        assert talk.router.calls["c1"].stage is wanted


@pytest.mark.parametrize("state", [LOGGED_OUT, NOT_READY, READY, RINGING, WRAP_UP])
@pytest.mark.parametrize("request_", ALLOWED, ids=lambda each: type(each).__name__)
def test_who_does_not_talk_has_nothing_to_arrange(state: AgentState, request_: ev.Event) -> None:
    scene(state) << request_ >> refuses("ann", RefusalCode.NO_CALL)


@pytest.mark.parametrize("request_", [*ALLOWED, ev.DialAsked("ann", "0571"), ev.AnswerAsked("ann")])
def test_without_the_pbx_nothing_is_arranged(request_: ev.Event) -> None:
    talk = in_stage(CONNECTED) << ev.PbxLost("gone")
    talk << request_ >> refuses("ann", RefusalCode.NOT_NOW)


def test_what_a_call_being_released_is_asked_for_comes_too_late() -> None:
    talk = talking(DESK) << ev.ReleaseAsked("ann")
    talk << ev.HoldAsked("ann") >> refuses("ann", RefusalCode.NOT_NOW)


def test_an_unknown_agent_is_refused() -> None:
    talking(DESK) << ev.HoldAsked("zoe") >> refuses("zoe", RefusalCode.UNKNOWN_AGENT)


# --- answer and digits --------------------------------------------------------------------------------------------


def test_answer_lets_the_ringing_phone_answer() -> None:
    scene(RINGING) << ev.AnswerAsked("ann") >> cmd.AnswerOffer(OFFER)


@pytest.mark.parametrize("state", [LOGGED_OUT, NOT_READY, READY, TALKING, WRAP_UP])
def test_where_nothing_rings_nothing_is_answered(state: AgentState) -> None:
    scene(state) << ev.AnswerAsked("ann") >> refuses("ann", RefusalCode.NO_CALL)


@pytest.mark.parametrize(("wanted", "to"), [(CONNECTED, "c1"), (CONFERENCE, "c1"), (CONSULTING, "c1+1")])
def test_digits_are_heard_by_whom_the_agent_talks_with(wanted: Stage, to: str) -> None:
    in_stage(wanted, "number:0571") << ev.DigitsAsked("ann", "12#") >> cmd.SendDigits(to, "12#")


def test_there_is_nobody_to_hear_digits_on_hold() -> None:
    in_stage(HELD) << ev.DigitsAsked("ann", "1") >> refuses("ann", RefusalCode.NOT_NOW)


@pytest.mark.parametrize(("party", "has_answered"), [("agent:ben", True), ("number:0571", False)])
def test_digits_are_not_for_agents_nor_before_the_answer(party: str, has_answered: bool) -> None:
    talk = in_stage(CONSULTING, party, has_answered=has_answered)
    talk << ev.DigitsAsked("ann", "1") >> refuses("ann", RefusalCode.NOT_NOW)


# --- release ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", [CONNECTED, HELD])
def test_release_ends_the_call(wanted: Stage) -> None:
    in_stage(wanted) << ev.ReleaseAsked("ann") >> cmd.ReleaseCall("c1")


def test_release_in_a_consult_is_reconnect() -> None:
    talk, twin = in_stage(CONSULTING), in_stage(CONSULTING)
    talk << ev.ReleaseAsked("ann") >> (twin << ev.ReconnectAsked("ann")).heard


def test_release_in_a_conference_is_transfer() -> None:
    talk, twin = in_stage(CONFERENCE), in_stage(CONFERENCE)
    talk << ev.ReleaseAsked("ann") >> (twin << transfers("ann")).heard


@pytest.mark.parametrize("wanted", Stage)
def test_forced_release_ends_the_call_whatever_the_stage(wanted: Stage) -> None:
    talk = in_stage(wanted) << ev.ForcedRelease("ann", "lead")
    talk >> cmd.ReleaseCall("c1")
    talk << ev.CallerLeft("c1")
    assert over("c1", Outcome.RELEASED_BY_SUPERVISOR, agent="ann") in talk.heard
    assert talk.state("ann") is WRAP_UP
    assert talk.state("ben") is READY
    assert not talk.router.calls


# --- the phone hangs up -------------------------------------------------------------------------------------------


def test_phone_that_hangs_up_connected_ends_the_call() -> None:
    talk = in_stage(CONNECTED) << phone_left("c1")
    talk >> (cmd.ReleaseCall("c1"), over("c1", Outcome.RELEASED_BY_AGENT), becomes("ann", WRAP_UP, call="c1"))


def test_phone_that_hangs_up_on_hold_gives_the_caller_back_ahead_of_the_line() -> None:
    """Not to the same agent at once, though ready: ben is rung."""
    talk = in_stage(HELD) << phone_left("c1")
    talk >> (
        cmd.KeepWaiting("c1"),
        becomes("ann", WRAP_UP, call="c1"),
        waits("c1", returned=True, waiting_since=2_000),
        rings("c1", "ben", 2),
        becomes("ben", RINGING, call="c1"),
    )


@pytest.mark.parametrize("wanted", [CONSULTING, CONFERENCE])
def test_phone_that_hangs_up_on_an_answered_party_transfers(wanted: Stage) -> None:
    talk = in_stage(wanted) << phone_left("c1")
    talk >> (
        say.CallTransferred("c1", "ann", place("agent:ben"), attended=True),
        cmd.ConnectCall("c1", OfferId("c1", 2), "c1+1", OfferId("c1+1", 1)),
        over("c1+1", Outcome.TRANSFERRED, agent="ben"),
        talks("c1", "ben", waited_ms=0),
        becomes("ben", TALKING, call="c1"),
        becomes("ann", WRAP_UP, call="c1"),
    )


def test_phone_that_hangs_up_on_a_ringing_party_gives_the_caller_back() -> None:
    """The ring ends; who rang may take the caller."""
    talk = in_stage(CONSULTING, has_answered=False) << phone_left("c1")
    talk >> (
        cmd.ReleaseCall("c1+1"),
        over("c1+1", Outcome.CONSULT_OVER),
        withdraws("c1+1"),
        say.OfferEnded(OfferId("c1+1", 1), "ben", say.OfferEnd.WITHDRAWN),
        becomes("ben", READY),
        cmd.KeepWaiting("c1"),
        becomes("ann", WRAP_UP, call="c1"),
        waits("c1", returned=True),
        rings("c1", "ben", 2),
        becomes("ben", RINGING, call="c1"),
    )


def test_phone_that_dies_does_the_same_but_the_agent_is_not_ready() -> None:
    for wanted in Stage:
        talk = in_stage(wanted) << phone_left("c1", lost=True)
        assert talk.state("ann") is NOT_READY
        assert talk.router.agents["ann"].reason == "device-unavailable"
        is_transferred = wanted in (CONSULTING, CONFERENCE)
        assert talk.state("ben") is (TALKING if is_transferred else RINGING)
        assert talk.router.calls["c1"].returned is not is_transferred


# --- the caller and the party hang up -----------------------------------------------------------------------------


@pytest.mark.parametrize("wanted", Stage)
def test_caller_who_hangs_up_ends_all(wanted: Stage) -> None:
    """The consulted agent has no wrap-up."""
    talk = in_stage(wanted) << ev.CallerLeft("c1")
    assert over("c1", Outcome.RELEASED_BY_CALLER, agent="ann") in talk.heard
    assert (cmd.ReleaseCall("c1+1") in talk.heard) is (wanted in (CONSULTING, CONFERENCE))
    assert talk.state("ann") is WRAP_UP
    assert talk.state("ben") is READY
    assert not talk.router.calls


@pytest.mark.parametrize("wanted", [CONSULTING, CONFERENCE])
def test_party_who_hangs_up_leaves_the_agent_with_the_caller(wanted: Stage) -> None:
    talk = in_stage(wanted) << phone_left("c1+1")
    talk >> (
        over("c1+1", Outcome.CONSULT_OVER, agent="ben"),
        becomes("ben", READY),
        cmd.ResumeCall("c1", OFFER),
        stage("c1", "ann", CONNECTED, ended=ConsultEnd.LEFT),
    )


@pytest.mark.parametrize("wanted", [CONSULTING, CONFERENCE])
def test_number_that_hangs_up_leaves_the_agent_with_the_caller(wanted: Stage) -> None:
    talk = in_stage(wanted, "number:0571") << ev.CallerLeft("c1+1")
    talk >> (
        over("c1+1", Outcome.CONSULT_OVER),
        cmd.ResumeCall("c1", OFFER),
        stage("c1", "ann", CONNECTED, ended=ConsultEnd.LEFT),
    )


def test_a_consulted_agent_decides_nothing_but_to_hang_up() -> None:
    talk = in_stage(CONSULTING)
    for request in (ev.HoldAsked("ben"), consults("ben", "number:1"), transfers("ben"), ev.DigitsAsked("ben", "1")):
        talk << request >> refuses("ben", RefusalCode.NOT_NOW)
    talk << ev.ReleaseAsked("ben")
    assert stage("c1", "ann", CONNECTED, ended=ConsultEnd.LEFT) in talk.heard
    assert talk.state("ben") is READY


def test_a_consulted_agent_is_what_was_noted_afterwards() -> None:
    talk = in_stage(CONSULTING) << ev.NotReadyAsked("ben", "lunch")
    talk >> becomes("ben", TALKING, call="c1+1", pending=Pending(NOT_READY, "lunch"))
    talk << ev.ReconnectAsked("ann")
    assert becomes("ben", NOT_READY, "lunch") in talk.heard


# --- a link that is lost ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        (HELD, cmd.HoldCall("c1", OFFER)),
        (CONSULTING, cmd.BeginConsult("c1", OFFER, "c1+1", "", "", 15_000)),
        (CONFERENCE, cmd.Confer("c1", OFFER, "c1+1")),
    ],
)
def test_the_pbx_is_told_anew_what_the_stage_is(wanted: Stage, command: cmd.Command) -> None:
    talk = in_stage(wanted) << ev.PbxLost("gone")
    talk << ev.PbxFound() >> (say.PbxChanged(None), command)
    talk << ev.PbxLost("gone")
    talk << phone_left("c1+1") if wanted is not HELD else talk << NOTHING
    talk << ev.PbxFound()


def test_a_talk_that_is_connected_again_is_told_too() -> None:
    """Who knows whether that was heard."""
    talk = in_stage(HELD) << [ev.RetrieveAsked("ann"), ev.PbxLost("gone")]
    talk << ev.PbxFound() >> (say.PbxChanged(None), cmd.ResumeCall("c1", OFFER))


def test_a_talk_that_was_never_arranged_is_left_in_peace() -> None:
    talking(DESK) << [ev.PbxLost("gone"), ev.PbxFound()] >> (say.PbxChanged("gone"), say.PbxChanged(None))


# --- positions ----------------------------------------------------------------------------------------------------


def test_a_waiting_caller_is_told_the_place_in_the_line_again_and_again() -> None:
    """First after that time; a call ahead that leaves changes it."""
    rules = centre(replace(group("desk"), tell_position_ms=20_000), agents=["ann"])
    talk = Conversation(rules) << arrives("c1")
    talk.at(5_000) << arrives("c2")
    assert talk.due == 20_000
    talk.at(20_000).tick() >> cmd.TellPosition("c1", 1)
    talk.at(25_000).tick() >> cmd.TellPosition("c2", 2)
    talk.at(26_000) << ev.CallerLeft("c1")
    talk.at(45_000).tick() >> cmd.TellPosition("c2", 1)
    talk.at(55_000) << ready("ann")
    talk.at(65_000).tick()
    assert not any(isinstance(each, cmd.TellPosition) for each in talk.heard), "it rings"
    talk << answered("c2")
    assert talk.due is None


# --- since when -----------------------------------------------------------------------------------------------------


def test_since_when_a_talk_is_so() -> None:
    """Each arrangement, the answer of who is consulted, and who has got the caller begin anew."""
    talk = talking(DESK, "ben")
    call = talk.router.calls["c1"]
    steps = [
        (2_000, ev.HoldAsked("ann")),
        (3_000, ev.RetrieveAsked("ann")),
        (4_000, consults("ann", "agent:ben")),
        (5_000, answered("c1+1")),
        (6_000, ev.ConferenceAsked("ann")),
        (7_000, phone_left("c1")),
    ]
    for now, event in steps:
        talk.at(now) << event
        assert call.stage_since == now, event
    assert (call.stage, call.talked_with) == (CONNECTED, "ben")


def test_a_number_begins_a_talk_with_its_answer() -> None:
    talk = talking(DESK)
    talk.at(2_000) << consults("ann", "number:0571")
    talk.at(3_000) << ev.NumberAnswered("c1+1")
    assert [talk.router.calls[each].stage_since for each in ("c1", "c1+1")] == [3_000, 3_000]
