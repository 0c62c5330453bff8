"""Transfers: the agent gives the caller to somebody else, after a consult or without, and has wrap-up."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.agents import Reason
from acd.calls import Cause, Outcome, Stage
from acd.ids import OfferId
from acd.notices import CallMoved, CallSent, CallTransferred, RefusalCode
from acd.rules import EntryPoint, OverflowStep
from tests.conversation import (
    LOGGED_OUT,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    VOICEMAIL,
    WRAP_UP,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    consults,
    failed,
    group,
    over,
    phone_left,
    place,
    ready,
    refuses,
    rings,
    stage,
    talking,
    talks,
    to_group,
    transfers,
    waits,
    withdraws,
)

OFFER, WAS = OfferId("c1", 1), OfferId("c1+1", 1)
TECH = group("tech", wrap_up_ms=7_000, tech=1)
RULES = centre(group("desk"), TECH, agents={"ann": {}, "ben": {"tech": 1}, "cat": {"tech": 1}})


def consulting(to: str, *others: str) -> Conversation:
    """ann talks with c1 and has asked `to`, who has answered; it is 1000."""
    talk = talking(RULES, *others) << consults("ann", to)
    return talk << (ev.NumberAnswered("c1+1") if to.startswith("number") else answered("c1+1"))


def given(to: str, *, attended: bool = False) -> CallTransferred:
    return CallTransferred("c1", "ann", place(to), attended)


# --- attended -------------------------------------------------------------------------------------------------------


def test_attended_the_call_is_the_partys_from_now_with_its_number_its_wait_and_its_history() -> None:
    talk = consulting("agent:ben", "ben").at(4_000) << transfers("ann")
    talk >> (
        given("agent:ben", attended=True),
        cmd.ConnectCall("c1", OfferId("c1", 2), "c1+1", WAS),
        over("c1+1", Outcome.TRANSFERRED, agent="ben"),
        talks("c1", "ben", group="desk", waited_ms=0),
        becomes("ben", TALKING, call="c1"),
        becomes("ann", WRAP_UP, call="c1"),
    )
    talk.at(9_000) << phone_left("c1", 2)
    talk >> (
        cmd.ReleaseCall("c1"),
        over("c1", Outcome.RELEASED_BY_AGENT, agent="ben", talked_ms=9_000),
        becomes("ben", WRAP_UP, call="c1"),
    )


def test_attended_out_of_a_conference() -> None:
    talk = consulting("agent:ben", "ben") << ev.ConferenceAsked("ann") << transfers("ann")
    assert cmd.ConnectCall("c1", OfferId("c1", 2), "c1+1", WAS) in talk.heard
    assert talk.router.calls["c1"].stage is Stage.CONNECTED


def test_found_by_a_group_it_is_that_groups_call_from_now() -> None:
    """Its wrap-up counts for the second agent, desk's for the first; and its steps begin anew, should it come back."""
    tech = replace(TECH, steps=(OverflowStep(500, tier=2), OverflowStep(700, tier=3)))
    desk = replace(group("desk"), steps=(OverflowStep(100, tier=1), OverflowStep(200, tier=9)))
    rules = replace(RULES, groups={"desk": desk, "tech": tech})
    talk = Conversation(rules) << arrives("c1")
    talk.at(300) << [*ready("ann"), answered("c1"), *ready("ben"), consults("ann", "group:tech"), answered("c1+1")]
    talk.at(4_000) << transfers("ann")
    assert talks("c1", "ben", group="tech", waited_ms=300) in talk.heard
    talk.at(5_000) << phone_left("c1", 2, lost=True)
    assert waits("c1", group="tech", returned=True, waiting_since=4_700) in talk.heard
    assert talk.due == 5_500


def test_the_wrap_up_is_that_of_the_group_whose_call_it_was_for_each() -> None:
    talk = consulting("group:tech", "ben") << transfers("ann") << ev.CallerLeft("c1")
    assert talk.state("ben") is WRAP_UP
    assert talk.due == 1_000 + TECH.wrap_up_ms
    talk.at(1_000 + TECH.wrap_up_ms).tick()
    assert talk.due == 1_000 + RULES.groups["desk"].wrap_up_ms


def test_attended_to_a_number_the_call_leaves_us() -> None:
    talk = consulting("number:0571") << transfers("ann")
    talk >> (
        given("number:0571", attended=True),
        CallSent("c1", "desk", place("number:0571"), Cause.TRANSFER),
        cmd.LeaveWith("c1", "c1+1"),
        over("c1+1", Outcome.TRANSFERRED),
        becomes("ann", WRAP_UP, call="c1"),
    )
    talk << ev.SentElsewhere("c1") >> over("c1", Outcome.SENT_ELSEWHERE, agent="ann")


def test_a_call_that_could_not_leave_with_the_number_is_back_ahead_of_its_line() -> None:
    talk = consulting("number:0571") << transfers("ann")
    talk.at(1_500) << ev.SendingFailed("c1") >> waits("c1", returned=True, group="desk")


def test_found_again_the_pbx_is_asked_once_more_for_the_same() -> None:
    """And doesn't dial the number a second time."""
    talk = consulting("number:0571") << transfers("ann") << ev.PbxLost("gone") << ev.PbxFound()
    assert talk.heard[1:] == [cmd.LeaveWith("c1", "c1+1")]


def test_the_phone_let_go_may_tell_that_it_left() -> None:
    talk = consulting("number:0571") << transfers("ann")
    talk << phone_left("c1") >> NOTHING


def test_the_second_agent_is_the_last_agent_of_the_caller() -> None:
    rules = replace(RULES, groups={"desk": replace(group("desk"), last_agent_ms=5_000)})
    talk = Conversation(rules) << [*ready("ann"), arrives("c1", caller_number="7"), answered("c1"), *ready("ben")]
    talk << [consults("ann", "agent:ben"), answered("c1+1"), transfers("ann")]
    assert talk.router.flow.last_agents == {"7": "ben"}


# --- into a group ---------------------------------------------------------------------------------------------------


def test_blind_into_a_group_it_waits_with_its_whole_wait_and_not_ahead_of_the_line() -> None:
    """The talk of 3000 doesn't count, the 2000 before do; c2 came between."""
    talk = Conversation(RULES) << arrives("c1")
    talk.at(2_000) << [*ready("ann"), answered("c1"), ev.LoggedIn("ben")]
    talk.at(2_500) << arrives("c2", "tech", tier=1)
    (
        talk.at(5_000)
        << transfers("ann", "group:tech")
        >> (
            given("group:tech"),
            withdraws("c1"),
            becomes("ann", WRAP_UP, call="c1"),
            CallMoved("c1", "desk", "tech", Cause.TRANSFER),
            waits("c1", group="tech", returned=False, waiting_since=3_000),
        )
    )
    talk << ev.ReadyAsked("ben")
    assert talk.offered() == [("c2", "ben")]


def test_a_call_returned_before_does_not_go_ahead_after_a_transfer() -> None:
    talk = Conversation(RULES) << [*ready("ann", "ben"), arrives("c1"), failed("c1"), answered("c1", 2)]
    talk << ev.TransferAsked("ben", to_group("desk"))
    assert waits("c1", returned=False) in talk.heard


def test_it_keeps_its_tier_and_the_groups_steps_begin_anew() -> None:
    desk = replace(group("desk"), steps=(OverflowStep(100, tier=4),))
    talk = Conversation(replace(RULES, groups=RULES.groups | {"desk": desk})) << arrives("c1", tier=1)
    talk.at(150) << [*ready("ann"), answered("c1")]
    talk.at(900) << transfers("ann", "group:desk")
    assert waits("c1", group="desk", tier=1) in talk.heard
    assert talk.router.calls["c1"].step_due.at == 1_000  # type: ignore[union-attr]


def test_who_gave_the_call_away_gets_it_last() -> None:
    desk = group("desk", wrap_up_ms=0)
    talk = talking(replace(RULES, groups=RULES.groups | {"desk": desk}), "ben") << transfers("ann", "group:desk")
    assert talk.offered() == [("c1", "ben")]


def test_it_goes_through_the_door_as_any_call_that_moves() -> None:
    """tech is full and sends it to desk, where it was: a transfer may lead back."""
    full = replace(TECH, calls_max=0, when_full=to_group("desk"))
    talk = talking(replace(RULES, groups=RULES.groups | {"tech": full})) << transfers("ann", "group:tech")
    assert waits("c1", group="desk") in talk.heard


def test_the_door_may_send_it_outside() -> None:
    full = replace(TECH, calls_max=0, when_full=VOICEMAIL)
    talk = talking(replace(RULES, groups=RULES.groups | {"tech": full})) << transfers("ann", "group:tech")
    assert cmd.SendElsewhere("c1", VOICEMAIL) in talk.heard


def test_with_nowhere_to_go_the_transfer_is_refused_and_the_talk_goes_on() -> None:
    full = replace(TECH, calls_max=0)
    talk = talking(replace(RULES, groups=RULES.groups | {"tech": full}))
    talk << transfers("ann", "group:tech") >> refuses("ann", RefusalCode.BAD_TARGET)
    talk << transfers("ann", "entry:999") >> refuses("ann", RefusalCode.BAD_TARGET)
    talk << transfers("ann", "group:nogroup") >> refuses("ann", RefusalCode.UNKNOWN_GROUP)
    talk << transfers("ann", "hang-up") >> refuses("ann", RefusalCode.BAD_TARGET)
    assert talk.state("ann") is TALKING


def test_to_an_entry_point_with_what_that_asks_for_and_grants() -> None:
    entries = RULES.entries | {"200": EntryPoint("200", "tech", tier=6, credit_ms=900)}
    talk = talking(replace(RULES, entries=entries)) << transfers("ann", "entry:200")
    assert waits("c1", group="tech", entry="200", tier=6) in talk.heard


def test_when_the_last_agent_leaves_with_the_transfer_the_call_goes_where_nobody_is_needed() -> None:
    other = replace(group("other", wrap_up_ms=0), when_nobody=VOICEMAIL)
    rules = centre(group("desk", wrap_up_ms=0), other, agents=["ann"])
    talk = talking(rules) << ev.LogOutAsked("ann") << transfers("ann", "group:other")
    assert talk.state("ann") is LOGGED_OUT
    assert talk.heard[-1] == cmd.SendElsewhere("c1", VOICEMAIL)


def test_the_groups_it_came_through_before_the_talk_are_open_to_it_again() -> None:
    """It was moved from desk to tech by a step, and a step of `both` leads back at once."""
    desk = replace(group("desk"), steps=(OverflowStep(1_000, to=to_group("tech")),))
    both = replace(group("both"), steps=(OverflowStep(0, to=to_group("desk")),))
    talk = Conversation(centre(desk, TECH, both, agents={"ben": {"tech": 1}})) << arrives("c1")
    talk.at(1_000).tick() << [*ready("ben"), answered("c1")]
    talk.at(1_000) << ev.TransferAsked("ben", to_group("both"))
    talk.tick()
    assert talk.router.calls["c1"].group.id == "desk"


# --- to an agent ----------------------------------------------------------------------------------------------------


def test_blind_to_an_agent_it_waits_for_that_agent_alone_for_30_seconds() -> None:
    """ben talks; cat, who is ready, may have it only then."""
    talk = talking(RULES, "ben") << [arrives("c2"), answered("c2"), *ready("cat")]
    talk << transfers("ann", "agent:ben")
    assert waits("c1", returned=False) in talk.heard
    assert talk.offered() == []
    talk.at(30_999).tick() >> NOTHING
    talk.at(31_000).tick()
    assert talk.offered() == [("c1", "cat")]


def test_an_agent_who_is_ready_is_rung_at_once() -> None:
    talk = talking(RULES, "ben", "cat") << transfers("ann", "agent:cat")
    talk >> (
        given("agent:cat"),
        withdraws("c1"),
        becomes("ann", WRAP_UP, call="c1"),
        waits("c1"),
        rings("c1", "cat", 2),
        becomes("cat", RINGING, call="c1"),
    )


def test_whoever_does_not_take_it_sends_it_to_the_group_at_once() -> None:
    talk = talking(RULES, "ben", "cat") << transfers("ann", "agent:cat") << failed("c1", n=2)
    assert talk.offered() == [("c1", "ben")]


@pytest.mark.parametrize("name", ["ann", "ben", "cat"])
def test_who_is_logged_out_not_ready_or_the_same_cannot_be_given_a_call(name: str) -> None:
    talk = talking(RULES) << ev.LoggedIn("cat") << transfers("ann", f"agent:{name}")
    talk >> refuses("ann", RefusalCode.NOT_NOW)
    talk << transfers("ann", "agent:nobody") >> refuses("ann", RefusalCode.BAD_TARGET)


# --- outside --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["number:0571", "voicemail:12"])
def test_blind_outside_the_caller_is_sent_there(to: str) -> None:
    talk = talking(RULES) << ev.HoldAsked("ann")
    (
        talk
        << transfers("ann", to)
        >> (
            given(to),
            withdraws("c1"),
            CallSent("c1", "desk", place(to), Cause.TRANSFER),
            cmd.SendElsewhere("c1", place(to)),
            becomes("ann", WRAP_UP, call="c1"),
        )
    )
    talk << phone_left("c1") >> NOTHING
    talk << ev.SentElsewhere("c1") >> over("c1", Outcome.SENT_ELSEWHERE, agent="ann")


def test_if_that_cannot_be_the_call_is_back_in_its_line_ahead_of_it() -> None:
    talk = talking(RULES) << transfers("ann", "number:0571") << ev.SendingFailed("c1", "busy")
    talk >> waits("c1", returned=True, group="desk")
    talk << ev.SendingFailed("c1", "busy") >> NOTHING


def test_back_in_a_line_that_nobody_serves_any_more_it_goes_where_the_group_says() -> None:
    rules = centre(replace(group("desk", wrap_up_ms=0), when_nobody=VOICEMAIL), agents=["ann"])
    talk = talking(rules) << ev.LogOutAsked("ann") << transfers("ann", "number:0571")
    talk << ev.SendingFailed("c1", "busy")
    assert talk.heard[-1] == cmd.SendElsewhere("c1", VOICEMAIL)


# --- whose phone hangs up or dies -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("lost", "state"), [(False, WRAP_UP), (True, NOT_READY)])
def test_a_phone_that_leaves_an_answered_party_transfers(lost: bool, state: object) -> None:
    talk = consulting("agent:ben", "ben") << phone_left("c1", lost=lost)
    assert given("agent:ben", attended=True) in talk.heard
    assert talk.state("ann") is state
    assert talk.router.agents["ann"].reason == (Reason.DEVICE_UNAVAILABLE if lost else "")
    assert talk.state("ben") is TALKING


def test_nobody_is_asked_for_a_transfer_without_a_party_who_has_answered() -> None:
    talk = talking(RULES, "ben") << consults("ann", "agent:ben") << transfers("ann")
    talk >> refuses("ann", RefusalCode.NOT_NOW)
    talk << transfers("ann", "number:0571") >> refuses("ann", RefusalCode.NOT_NOW)


def test_the_party_of_a_consult_has_nothing_to_give_away() -> None:
    talk = consulting("agent:ben", "ben")
    talk << transfers("ben", "number:1") >> refuses("ben", RefusalCode.NOT_NOW)
    assert talk.state("ben") is TALKING


def test_the_call_that_was_transferred_can_be_held_and_consulted_about_again() -> None:
    talk = consulting("agent:ben", "ben", "cat") << transfers("ann")
    talk << ev.HoldAsked("ben") >> (cmd.HoldCall("c1", OfferId("c1", 2)), stage("c1", "ben", Stage.HELD))
    talk << consults("ben", "agent:cat")
    assert talk.offered() == [("c1+2", "cat")]
    assert talk.state("ann") is not READY
