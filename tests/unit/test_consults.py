"""Consults: whom an agent may ask about a talk, what comes of that, and that it ends with its talk at the latest."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.agents import Reason
from acd.calls import CallKind, Outcome, Stage
from acd.hours import Hours
from acd.ids import OfferId
from acd.notices import ConsultEnd, OfferEnd, RefusalCode
from acd.rules import OverflowStep, RecordingRule, Strategy, VipClass
from tests.conversation import (
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    Conversation,
    Like,
    answered,
    arrives,
    becomes,
    centre,
    consults,
    failed,
    group,
    no_talk,
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
    waits,
    withdraws,
)

CONNECTED, HELD, CONSULTING, _ = Stage
OFFER = OfferId("c1", 1)
TECH = group("tech", tech=1)
DESK = centre(group("desk"), TECH, agents={"ann": {}, "ben": {"tech": 1}, "cat": {"tech": 1}})
BEN, TECHS, NUMBER = place("agent:ben"), place("group:tech"), place("number:0571")


def asked(to: str, *others: str, rules: object = DESK) -> Conversation:
    """ann, who talks with c1, asks `to`; it is 1000."""
    return talking(rules, *others) << consults("ann", to)  # type: ignore[arg-type]


# --- an agent -------------------------------------------------------------------------------------------------------


def test_a_consult_of_an_agent_is_a_call_of_its_own_that_rings_that_agent() -> None:
    talk = talking(DESK, "ben") << consults("ann", "agent:ben")
    talk >> (
        cmd.BeginConsult("c1", OFFER, "c1+1", ring_ms=15_000),
        stage("c1", "ann", CONSULTING, consult="c1+1", to=BEN),
        rings("c1+1", "ben", caller_number="", caller_name="ann", group="desk", waited_ms=0),
        becomes("ben", RINGING, call="c1+1"),
    )
    talk << answered("c1+1")
    talk >> (
        talks("c1+1", "ben", kind=CallKind.CONSULT),
        becomes("ben", TALKING, call="c1+1"),
        stage("c1", "ann", CONSULTING, consult="c1+1", to=BEN, answered=True, party="ben"),
    )


def test_skills_do_not_matter_for_an_agent_who_is_asked_for() -> None:
    rules = centre(group("tech", tech=1), agents={"ann": {"tech": 1}, "ben": {}})
    talk = Conversation(rules) << [*ready("ann"), arrives("c1", "tech"), answered("c1"), *ready("ben")]
    talk << consults("ann", "agent:ben")
    assert talk.offered() == [("c1+1", "ben")]


def test_an_agent_who_is_asked_for_must_be_ready() -> None:
    talk = talking(DESK) << ev.LoggedIn("ben")
    talk << consults("ann", "agent:ben") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << consults("ann", "agent:ann") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << consults("ann", "agent:nobody") >> refuses("ann", RefusalCode.BAD_TARGET)


@pytest.mark.parametrize(
    ("why", "how", "reason", "ended"),
    [
        (ev.OfferFailure.UNANSWERED, OfferEnd.UNANSWERED, Reason.NO_ANSWER, ConsultEnd.UNANSWERED),
        (ev.OfferFailure.REJECTED, OfferEnd.REJECTED, Reason.REJECTED, ConsultEnd.REJECTED),
        (ev.OfferFailure.BUSY, OfferEnd.FAILED, Reason.BUSY, ConsultEnd.BUSY),
        (ev.OfferFailure.UNREACHABLE, OfferEnd.FAILED, Reason.DEVICE_UNAVAILABLE, ConsultEnd.UNREACHABLE),
    ],
)
def test_an_agent_who_does_not_take_the_consult_becomes_not_ready_and_it_is_over(
    why: ev.OfferFailure, how: OfferEnd, reason: Reason, ended: ConsultEnd
) -> None:
    (
        asked("agent:ben", "ben")
        << failed("c1+1", why)
        >> (
            no_talk("c1+1", "ben", how),
            over("c1+1", Outcome.CONSULT_OVER, kind=CallKind.CONSULT, agent=None),
            cmd.ResumeCall("c1", OFFER),
            stage("c1", "ann", CONNECTED, ended=ended),
            becomes("ben", NOT_READY, reason),
        )
    )


def test_a_consult_that_rings_for_too_long_is_over() -> None:
    talk = asked("agent:ben", "ben")
    assert talk.due == 16_000
    talk.at(16_000).tick()
    assert talk.heard[0] == withdraws("c1+1")
    assert talk.state("ben") is NOT_READY
    assert talk.router.calls.keys() == {"c1"}


def test_a_forced_release_of_the_ring_is_a_rejection() -> None:
    talk = asked("agent:ben", "ben") << ev.ForcedRelease("ben", "sue")
    assert stage("c1", "ann", CONNECTED, ended=ConsultEnd.REJECTED) in talk.heard


def test_a_consult_may_begin_on_hold() -> None:
    talk = talking(DESK, "ben") << ev.HoldAsked("ann") << consults("ann", "agent:ben")
    assert talk.router.calls["c1"].stage is CONSULTING


def test_there_is_one_consult_at_a_time_and_each_has_its_own_name() -> None:
    talk = asked("agent:ben", "ben", "cat")
    talk << consults("ann", "agent:cat") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << ev.ReconnectAsked("ann") << consults("ann", "agent:cat")
    assert talk.offered() == [("c1+2", "cat")]


# --- a group --------------------------------------------------------------------------------------------------------


def test_a_consult_of_a_group_waits_in_its_line_with_the_tier_and_a_wait_of_its_own() -> None:
    talk = Conversation(DESK) << [*ready("ann"), ev.LoggedIn("ben"), arrives("c1", tier=3), answered("c1")]
    (
        talk.at(5_000)
        << consults("ann", "group:tech")
        >> (
            cmd.BeginConsult("c1", OFFER, "c1+1", ring_ms=15_000),
            stage("c1", "ann", CONSULTING, consult="c1+1", to=TECHS),
            waits("c1+1", group="tech", tier=3, waiting_since=5_000, kind=CallKind.CONSULT),
        )
    )
    talk.at(7_000) << ev.ReadyAsked("ben")
    assert rings("c1+1", "ben", waited_ms=2_000, group="tech") in talk.heard


def test_a_consult_asks_for_the_needs_of_its_group_alone() -> None:
    """c1 itself asks for more, and cat, who hasn't that, is rung all the same."""
    talk = Conversation(centre(group("desk"), TECH, agents={"ann": {"fr": 5}, "cat": {"tech": 1}}))
    talk << [*ready("ann"), arrives("c1", needs=(("fr", 3),)), answered("c1"), *ready("cat")]
    talk << consults("ann", "group:tech")
    assert talk.offered() == [("c1+1", "cat")]


def test_a_consult_has_no_credit_neither_before_nor_after_a_reload() -> None:
    rules = replace(DESK, vips={"138": VipClass("gold", tier=4, credit_ms=60_000)})
    talk = Conversation(rules) << [*ready("ann"), arrives("c1", caller_number="138"), answered("c1")]
    talk << ev.LoggedIn("ben") << consults("ann", "group:tech")
    consult = talk.router.calls["c1+1"]
    before = (consult.rank, consult.tier)
    talk.reload(replace(rules, seed=9))
    assert (consult.rank, consult.tier, consult.credit_ms) == (*before, 0)


@pytest.mark.parametrize(
    "door",
    [
        {"calls_max": 0},
        {"calls_max": 0, "when_full": to_group("desk")},
        {"hours": "never", "when_closed": to_group("desk")},
    ],
)
def test_a_shut_door_refuses_the_consult_and_leads_nowhere(door: dict[str, object]) -> None:
    """And nothing has begun: the next one is the first."""
    never = {"never": Hours(week=((),) * 7, zone=((0, 0),))}
    rules = centre(group("desk"), replace(TECH, **door), agents={"ann": {}, "ben": {"tech": 1}}, hours=never)  # type: ignore[arg-type]
    talk = talking(rules, "ben") << consults("ann", "group:tech") >> refuses("ann", RefusalCode.NOT_NOW)
    assert talk.router.calls.keys() == {"c1"}
    talk << consults("ann", "number:0571")
    assert talk.router.calls.keys() == {"c1", "c1+1"}


def test_a_group_with_nobody_logged_in_refuses_the_consult() -> None:
    talking(DESK) << consults("ann", "group:tech") >> refuses("ann", RefusalCode.NOT_NOW)


def test_who_asks_is_nobody_who_could_serve() -> None:
    """ann serves tech herself, and nobody else is there."""
    rules = centre(TECH, agents={"ann": {"tech": 1}, "ben": {"tech": 1}})
    talk = Conversation(rules) << [*ready("ann"), arrives("c1", "tech"), answered("c1")]
    talk << consults("ann", "group:tech") >> refuses("ann", RefusalCode.NOT_NOW)


def test_an_unknown_group_is_refused() -> None:
    talking(DESK) << consults("ann", "group:nogroup") >> refuses("ann", RefusalCode.UNKNOWN_GROUP)


@pytest.mark.parametrize("to", ["entry:desk", "voicemail:12", "hang-up"])
def test_places_where_nobody_answers_cannot_be_consulted(to: str) -> None:
    talking(DESK) << consults("ann", to) >> refuses("ann", RefusalCode.BAD_TARGET)


def test_a_consult_takes_no_overflow_steps_and_is_told_no_position() -> None:
    tech = replace(TECH, steps=(OverflowStep(1_000, to=place("number:1")),), tell_position_ms=700)
    talk = talking(replace(DESK, groups=DESK.groups | {"tech": tech})) << ev.LoggedIn("ben")
    talk << consults("ann", "group:tech")
    assert talk.due is None


def test_who_does_not_take_the_consult_of_a_group_becomes_not_ready_and_the_next_one_is_rung() -> None:
    talk = asked("group:tech", "ben", "cat")
    (
        talk
        << failed("c1+1")
        >> (
            no_talk("c1+1", "ben", OfferEnd.UNANSWERED),
            becomes("ben", NOT_READY, Reason.NO_ANSWER),
            waits("c1+1", returned=True, kind=CallKind.CONSULT),
            rings("c1+1", "cat", 2),
            becomes("cat", RINGING, call="c1+1"),
        )
    )


def test_when_the_last_who_may_serve_it_leaves_the_consult_is_over() -> None:
    talk = talking(DESK) << ev.LoggedIn("ben") << consults("ann", "group:tech")
    talk << ev.LogOutAsked("ben")
    assert talk.heard[1:] == [
        over("c1+1", Outcome.CONSULT_OVER),
        cmd.ResumeCall("c1", OFFER),
        stage("c1", "ann", CONNECTED, ended=ConsultEnd.NOBODY),
    ]


def test_the_agent_who_asks_does_not_keep_the_consult_alive() -> None:
    rules = centre(TECH, agents={"ann": {"tech": 1}, "ben": {"tech": 1}})
    talk = Conversation(rules) << [*ready("ann"), arrives("c1", "tech"), answered("c1"), ev.LoggedIn("ben")]
    talk << consults("ann", "group:tech") << ev.LogOutAsked("ben")
    assert talk.heard[-1] == stage("c1", "ann", CONNECTED, ended=ConsultEnd.NOBODY)


def test_other_rules_that_leave_nobody_end_the_consult() -> None:
    talk = talking(DESK) << ev.LoggedIn("ben") << consults("ann", "group:tech")
    talk.reload(replace(DESK, agents={each: DESK.agents[each] for each in ("ann",)}))
    assert talk.router.calls.keys() == {"c1"}


# --- a number -------------------------------------------------------------------------------------------------------


def test_a_number_is_dialled_for_the_ring_time_and_shown_where_the_caller_rang() -> None:
    talk = talking(DESK) << consults("ann", "number:0571")
    talk >> (
        cmd.BeginConsult("c1", OFFER, "c1+1", "0571", "desk", 15_000),
        stage("c1", "ann", CONSULTING, consult="c1+1", to=NUMBER),
    )
    talk << ev.NumberAnswered("c1+1")
    talk >> stage("c1", "ann", CONSULTING, consult="c1+1", to=NUMBER, answered=True)


@pytest.mark.parametrize("why", ev.OfferFailure)
def test_a_number_that_cannot_be_reached_ends_the_consult(why: ev.OfferFailure) -> None:
    (
        asked("number:0571")
        << ev.NumberFailed("c1+1", why)
        >> (
            over("c1+1", Outcome.CONSULT_OVER, agent=None),
            cmd.ResumeCall("c1", OFFER),
            stage("c1", "ann", CONNECTED, ended=ConsultEnd(why)),
        )
    )


def test_what_comes_late_or_twice_of_a_number_changes_nothing() -> None:
    talk = asked("number:0571") << ev.NumberAnswered("c1+1")
    talk << ev.NumberAnswered("c1+1") >> NOTHING
    talk << ev.NumberFailed("c1+1", ev.OfferFailure.BUSY) >> NOTHING
    talk << ev.NumberFailed("c1", ev.OfferFailure.BUSY) >> NOTHING
    talk << ev.ReconnectAsked("ann") << ev.NumberAnswered("c1+1") >> NOTHING


# --- its end --------------------------------------------------------------------------------------------------------


def test_reconnect_lets_the_party_go_without_wrap_up() -> None:
    talk = asked("agent:ben", "ben") << answered("c1+1")
    (
        talk.at(9_000)
        << ev.ReconnectAsked("ann")
        >> (
            over("c1+1", Outcome.CONSULT_OVER, agent="ben", talked_ms=8_000),
            becomes("ben", READY),
            cmd.ResumeCall("c1", OFFER),
            stage("c1", "ann", CONNECTED, ended=ConsultEnd.RECONNECTED),
        )
    )


def test_the_party_is_let_go_before_the_phone_is_rung_for_the_next_call() -> None:
    talk = asked("agent:ben", "ben") << answered("c1+1") << arrives("c2") << ev.ReconnectAsked("ann")
    kinds = [type(each) for each in talk.heard]
    assert talk.offered() == [("c2", "ben")]
    assert kinds.index(cmd.ResumeCall) < kinds.index(cmd.OfferCall)


def test_a_ring_is_withdrawn_when_the_consult_is_over() -> None:
    talk = asked("agent:ben", "ben") << ev.ReconnectAsked("ann")
    assert withdraws("c1+1") in talk.heard
    assert talk.state("ben") is READY


def test_the_returned_call_goes_before_others_when_the_consult_ends_with_its_talk() -> None:
    """ben, rung for the consult, is free at the moment at which c1 comes back: c1 is first, though c2 waits."""
    talk = asked("agent:ben", "ben") << arrives("c2") << phone_left("c1")
    assert talk.offered() == [("c1", "ben")]


def test_those_who_are_free_at_once_are_chosen_among_by_the_strategy() -> None:
    desk = replace(group("desk", wrap_up_ms=0), strategy=Strategy.FIXED_ORDER)
    talk = talking(replace(DESK, groups={"desk": desk}), "ben") << consults("ann", "agent:ben") << answered("c1+1")
    talk << arrives("c2") << ev.CallerLeft("c1")
    assert talk.offered() == [("c2", "ann")]


def test_a_removed_party_is_gone_after_the_consult() -> None:
    talk = asked("agent:ben", "ben") << answered("c1+1")
    talk.reload(replace(DESK, agents={each: DESK.agents[each] for each in ("ann", "cat")}))
    assert talk.state("ben") is TALKING
    talk << ev.ReconnectAsked("ann")
    assert "ben" not in talk.router.agents


def test_other_rules_let_nobody_else_join_a_consult_of_one_agent() -> None:
    desk = replace(group("desk"), strategy=Strategy.RING_ALL)
    talk = talking(replace(DESK, groups={"desk": desk}), "ben", "cat") << consults("ann", "agent:ben")
    talk.reload(replace(DESK, groups={"desk": desk}, seed=7))
    assert talk.offered() == []


def test_a_consult_is_no_callback_and_moves_nowhere() -> None:
    talk = talking(DESK) << ev.LoggedIn("ben") << consults("ann", "group:tech")
    talk << ev.CallbackAccepted("c1+1", "139") >> NOTHING
    talk << ev.ForcedMove("c1+1", "desk", "sue") >> refuses("", RefusalCode.NOT_NOW)


def test_a_consult_of_one_agent_fills_no_group() -> None:
    rules = replace(DESK, groups={"desk": replace(group("desk"), calls_max=1)})
    talk = talking(rules, "ben") << consults("ann", "agent:ben") << arrives("c2") >> waits("c2")
    talk << arrives("c3")
    assert Like(cmd.RefuseCall, call="c3") in talk.heard


def test_a_consult_is_never_recorded() -> None:
    rules = replace(DESK, groups={"desk": replace(group("desk"), recording=RecordingRule.ALL)})
    talk = talking(rules, "ben") << consults("ann", "agent:ben") << answered("c1+1")
    assert not any(isinstance(each, cmd.Record) for each in talk.heard)


def test_an_agent_whose_phone_is_at_a_lost_pbx_is_not_rung() -> None:
    """ann's and the caller's PBX is there, and ben's isn't."""
    west = replace(DESK.agents["ben"], pbx="west")
    talk = Conversation(replace(DESK, agents=DESK.agents | {"ben": west})) << ev.PbxFound("west")
    talk << [*ready("ann"), arrives("c1"), answered("c1"), *ready("ben"), ev.PbxLost("gone", "west")]
    talk << consults("ann", "agent:ben") >> refuses("ann", RefusalCode.NOT_NOW)
