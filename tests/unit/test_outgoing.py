"""Outgoing calls: the agent's own phone rings, then the number; afterwards the agent is what he or she was before."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.agents import Pending, Reason
from acd.calls import CallKind, Outcome, Stage
from acd.ids import OfferId
from acd.notices import CallDialled, ConsultEnd, OfferEnd, RefusalCode
from acd.rules import OverflowStep, RecordingRule, Strategy
from tests.conversation import (
    LOGGED_OUT,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    WRAP_UP,
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
    ready,
    refuses,
    scene,
    stage,
    talks,
    transfers,
    waits,
    withdraws,
)

RULES = centre(group("tech", tech=1), group("desk"), agents={"ann": {}, "ben": {"tech": 1}})
DIAL = ev.DialAsked("ann", "0571")


def dialling(*before: ev.Event, rules: object = RULES) -> tuple[Conversation, str]:
    """ann, after all that, dials 0571 at 1000; and the name of the call."""
    talk = Conversation(rules) << (before or ready("ann"))  # type: ignore[arg-type]
    talk.at(1_000) << DIAL
    return talk, next(each.call for each in talk.heard if isinstance(each, CallDialled))


def reached(*before: ev.Event, rules: object = RULES) -> tuple[Conversation, str]:
    """The number has answered at 3000."""
    talk, call = dialling(*before, rules=rules)
    talk.at(2_000) << answered(call)
    talk.at(3_000) << ev.NumberAnswered(call)
    return talk, call


# --- to the number --------------------------------------------------------------------------------------------------


def test_the_agents_phone_rings_then_the_number_does_then_they_talk() -> None:
    talk, call = dialling()
    talk >> (
        CallDialled(call, "ann", "desk", "0571"),
        Like(cmd.OfferCall, offer=OfferId(call, 1), agent="ann", group="desk", caller_number="0571", callback="0571"),
        becomes("ann", RINGING, call=call),
    )
    talk.at(2_000) << answered(call) >> becomes("ann", TALKING, call=call)
    talk.at(3_000) << ev.NumberAnswered(call)
    talk >> talks(call, "ann", group="desk", waited_ms=2_000, kind=CallKind.OUTGOING)
    (
        talk.at(9_000)
        << ev.CallerLeft(call)
        >> (
            over(call, Outcome.RELEASED_BY_CALLER, agent="ann", talked_ms=6_000, kind=CallKind.OUTGOING),
            becomes("ann", WRAP_UP, call=call),
        )
    )


@pytest.mark.parametrize(("named", "counts_for"), [("tech", "tech"), ("desk", "desk"), (None, "desk")])
def test_it_counts_for_the_group_named_or_for_the_first_that_the_agent_may_serve(
    named: str | None, counts_for: str
) -> None:
    talk = Conversation(RULES) << ready("ann") << replace(DIAL, group=named)
    assert Like(CallDialled, group=counts_for) in talk.heard


def test_who_may_serve_no_group_calls_for_the_first_of_all() -> None:
    rules = centre(group("tech", tech=1), group("law", law=1), agents=["ann"])
    talk, _ = dialling(rules=rules)
    assert Like(CallDialled, group="tech") in talk.heard


def test_an_unknown_group_is_refused() -> None:
    talk = Conversation(RULES) << ready("ann")
    talk << replace(DIAL, group="nogroup") >> refuses("ann", RefusalCode.UNKNOWN_GROUP)


@pytest.mark.parametrize("state", [NOT_READY, READY, WRAP_UP])
def test_who_is_ready_not_ready_or_in_wrap_up_may_dial(state: object) -> None:
    assert (scene(state) << DIAL).state("ann") is RINGING  # type: ignore[arg-type]


@pytest.mark.parametrize("state", [LOGGED_OUT, RINGING, TALKING])
def test_nobody_else_may(state: object) -> None:
    scene(state) << DIAL >> refuses("ann", RefusalCode.NOT_NOW)  # type: ignore[arg-type]


# --- before it is reached -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", ev.OfferFailure)
def test_a_phone_that_does_not_answer_ends_it_without_wrap_up_and_without_blame(why: ev.OfferFailure) -> None:
    talk, call = dialling()
    talk << failed(call, why)
    assert talk.heard[1:] == [over(call, Outcome.NOT_REACHED, agent=None), becomes("ann", READY)]


def test_a_phone_that_rings_for_too_long() -> None:
    talk, call = dialling()
    talk.at(16_000).tick()
    talk >> (
        withdraws(call),
        no_talk(call, "ann", OfferEnd.UNANSWERED),
        over(call, Outcome.NOT_REACHED),
        becomes("ann", READY),
    )


@pytest.mark.parametrize("why", ev.OfferFailure)
def test_a_number_that_is_not_reached_ends_it_without_wrap_up(why: ev.OfferFailure) -> None:
    talk, call = dialling()
    talk << answered(call) << ev.NumberFailed(call, why)
    talk >> (cmd.ReleaseCall(call), over(call, Outcome.NOT_REACHED, agent="ann", why=why), becomes("ann", READY))


def test_the_agent_may_give_it_up() -> None:
    talk, call = dialling()
    talk << answered(call) << ev.ReleaseAsked("ann") >> cmd.ReleaseCall(call)
    talk << ev.CallerLeft(call) >> (over(call, Outcome.NOT_REACHED), becomes("ann", READY))


def test_the_pbx_may_end_it_while_the_own_phone_rings() -> None:
    talk, call = dialling()
    talk << ev.CallerLeft(call)
    assert talk.heard[0] == over(call, Outcome.NOT_REACHED)
    assert talk.state("ann") is READY


@pytest.mark.parametrize(("lost", "state"), [(False, READY), (True, NOT_READY)])
def test_the_own_phone_hangs_up_or_dies_before_the_number_is_reached(lost: bool, state: object) -> None:
    talk, call = dialling()
    talk << answered(call) << phone_left(call, lost=lost)
    assert talk.heard[:2] == [cmd.ReleaseCall(call), over(call, Outcome.NOT_REACHED)]
    assert talk.state("ann") is state


def test_nothing_can_be_arranged_before_the_number_is_reached() -> None:
    talk, call = dialling()
    talk << answered(call)
    for each in (ev.HoldAsked("ann"), ev.DigitsAsked("ann", "1"), consults("ann", "agent:ben")):
        talk << each >> refuses("ann", RefusalCode.NOT_NOW)


def test_what_is_told_too_early_or_twice_changes_nothing() -> None:
    talk, call = dialling()
    talk << ev.NumberAnswered(call) >> NOTHING
    talk << ev.NumberFailed(call, ev.OfferFailure.BUSY) >> NOTHING
    talk << answered(call) << ev.NumberAnswered(call)
    talk << ev.NumberAnswered(call) >> NOTHING
    talk << ev.NumberFailed(call, ev.OfferFailure.BUSY) >> NOTHING
    talk << ev.CallbackAccepted(call, "1") >> NOTHING


def test_other_rules_make_no_waiting_call_of_it() -> None:
    """Nobody else is rung, no step is taken, no position told; and nothing is due when it is over."""
    desk = replace(
        group("desk"),
        strategy=Strategy.RING_ALL,
        steps=(OverflowStep(500, prompt="sorry"),),
        tell_position_ms=700,
        calls_max=1,
    )
    rules = centre(desk, agents=["ann", "ben"])
    talk, call = dialling(*ready("ann", "ben"), rules=rules)
    talk.reload(replace(rules, seed=5))
    assert talk.offered() == []
    assert talk.due == 16_000
    talk << ev.ReleaseAsked("ann")
    assert talk.due is None
    assert call not in talk.router.calls


def test_what_is_being_dialled_fills_no_group() -> None:
    talk, _ = dialling(rules=centre(replace(group("desk"), calls_max=1), agents=["ann"]))
    talk << arrives("c1") >> waits("c1")


# --- what the agent is afterwards -----------------------------------------------------------------------------------


def test_who_was_not_ready_is_so_again_with_the_same_reason() -> None:
    talk, call = reached(ev.LoggedIn("ann"), ev.NotReadyAsked("ann", "lunch"))
    assert talk.router.agents["ann"].pending == Pending(NOT_READY, "lunch")
    talk << ev.CallerLeft(call) << ev.ReadyAsked("ben")
    talk.at(33_000).tick() >> becomes("ann", NOT_READY, "lunch")


def test_who_was_forced_to_be_not_ready_is_so_again() -> None:
    talk, _ = dialling(ev.LoggedIn("ann"), ev.ForcedNotReady("ann", "sue"))
    talk << ev.ReleaseAsked("ann")
    assert talk.heard[-1] == becomes("ann", NOT_READY, Reason.FORCED, by="sue")


def test_who_was_not_ready_for_a_lost_client_has_one_again() -> None:
    """And a second client that comes changes nothing about that."""
    talk = Conversation(RULES) << [*ready("ann"), ev.ClientLost("ann")]
    talk.at(30_000).tick() << ev.LoggedIn("ann") << DIAL << ev.LoggedIn("ann") << ev.ReleaseAsked("ann")
    assert talk.heard[-1] == becomes("ann", NOT_READY, Reason.LOGGED_IN)


def test_who_was_ready_keeps_the_place() -> None:
    """ann was idle before ben, and is so after her call in vain."""
    talk = Conversation(centre(group("desk"), agents=["ann", "ben"])) << ready("ann", "ben") << DIAL
    talk << ev.ReleaseAsked("ann") << arrives("c1")
    assert talk.offered() == [("c1", "ann")]


def test_who_was_in_wrap_up_is_ready() -> None:
    talk = scene(WRAP_UP) << DIAL << ev.ReleaseAsked("ann")
    assert talk.heard[-1] == becomes("ann", READY)


def test_ready_asked_for_in_the_call_comes_after_it() -> None:
    talk, _ = dialling(ev.LoggedIn("ann"))
    talk << ev.ReadyAsked("ann") << ev.ReleaseAsked("ann")
    assert talk.heard[-1] == becomes("ann", READY)


# --- a call like any other ------------------------------------------------------------------------------------------


def test_the_recording_begins_when_the_number_answers() -> None:
    rules = centre(replace(group("desk"), recording=RecordingRule.ALL), agents=["ann"])
    talk, call = dialling(rules=rules)
    talk << answered(call) >> becomes("ann", TALKING, call=call)
    talk << ev.NumberAnswered(call)
    assert talk.heard[-1] == cmd.Record(call, ev.RecordingWord.START, "desk", "ann")


def test_only_who_has_talked_is_the_last_agent_of_the_number() -> None:
    rules = centre(replace(group("desk"), last_agent_ms=5_000), agents=["ann"])
    talk, call = dialling(rules=rules)
    talk << answered(call) << ev.NumberFailed(call, ev.OfferFailure.BUSY)
    assert talk.router.flow.last_agents == {}
    talk, _ = reached(rules=rules)
    assert talk.router.flow.last_agents == {"0571": "ann"}


def test_it_may_be_held_consulted_about_and_transferred() -> None:
    talk, call = reached(*ready("ann", "ben"))
    talk << ev.HoldAsked("ann") >> (cmd.HoldCall(call, OfferId(call, 1)), stage(call, "ann", Stage.HELD))
    talk << consults("ann", "agent:ben") << answered(f"{call}+1") << transfers("ann")
    assert talks(call, "ben", kind=CallKind.OUTGOING) in talk.heard


def test_one_lost_with_the_phone_waits_as_any_other() -> None:
    talk, call = reached()
    talk << phone_left(call, lost=True)
    talk >> (
        cmd.KeepWaiting(call),
        becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE),
        waits(call, returned=True, group="desk", kind=CallKind.OUTGOING),
    )
    talk << ready("ben")
    assert Like(cmd.OfferCall, offer=OfferId(call, 2), agent="ben", callback="") in talk.heard


def test_a_party_who_hangs_up_gives_the_agent_back_to_who_was_dialled() -> None:
    talk, call = reached(*ready("ann", "ben"))
    talk << consults("ann", "agent:ben") << answered(f"{call}+1") << phone_left(f"{call}+1")
    assert talk.heard[-1] == stage(call, "ann", Stage.CONNECTED, ended=ConsultEnd.LEFT)
