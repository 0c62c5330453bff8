"""Doors, overflow steps, destinations, personal agents, callbacks: docs/routing.md, sentence by sentence."""

from dataclasses import replace
from typing import Any

import pytest

from acd import events as ev
from acd.agents import Reason
from acd.calls import CallState, Cause, Outcome
from acd.commands import OfferCallback, PlayPrompt, RefusalCause, RefuseCall, ReleaseCall, SendElsewhere
from acd.hours import Holiday, Hours
from acd.ids import OfferId
from acd.notices import CallFinished, CallMoved, CallSent, OfferEnd, RefusalCode, StepTaken, TierChanged
from acd.rules import (
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    SkillGroup,
    Strategy,
    VipClass,
)
from acd.settings import parse
from tests.conversation import (
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    VOICEMAIL,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    failed,
    group,
    no_talk,
    over,
    ready,
    refuses,
    rings,
    talks,
    to_group,
    waits,
    withdraws,
)

NUMBER = Destination(DestinationKind.NUMBER, "0571")
HANG_UP = Destination(DestinationKind.HANG_UP)


def to_entry(number: str) -> Destination:
    return Destination(DestinationKind.ENTRY, number)


def with_steps(name: str, *steps: OverflowStep, **more: Any) -> SkillGroup:
    return replace(group(name, **more.pop("needs", {})), steps=steps, **more)


def step(after_ms: int, **what: Any) -> OverflowStep:
    return OverflowStep(after_ms, **what)


def desk(**more: Any) -> SkillGroup:
    return replace(group("desk"), **more)


# --- what steps ask for -----------------------------------------------------------------------------------------------


def served_at(group_: SkillGroup, *others: SkillGroup, times: dict[int, dict[str, int]], **arrival: Any) -> list[int]:
    """At which of `times` a fresh agent with these skills is rung for the one call that waits since 0."""
    return [at for at, skills in times.items() if _is_rung(at, skills, group_, *others, **arrival)]


def _is_rung(at: int, skills: dict[str, int], *groups: SkillGroup, **arrival: Any) -> bool:
    talk = Conversation(centre(*groups, agents={"ann": skills})).at(0) << arrives("c1", **arrival)
    return bool((talk.at(at) << ready("ann")).offered())


def test_a_step_relaxes_tightens_drops_and_adds_needs() -> None:
    steps = (
        step(1_000, needs=(("de", 3),)),
        step(2_000, needs=(("de", 0), ("en", 2))),
        step(3_000, needs=(("de", 9),)),
    )
    relaxing = with_steps("desk", *steps, needs={"de": 5})
    de_3, en_2, both = {"de": 3}, {"en": 2}, {"de": 9, "en": 2}
    assert served_at(relaxing, times={999: de_3, 1_000: de_3, 2_000: de_3, 3_000: de_3}) == [1_000]
    assert served_at(relaxing, times={1_999: en_2, 2_000: en_2, 2_999: en_2, 3_000: en_2}) == [2_000, 2_999]
    assert served_at(relaxing, times={3_000: both}) == [3_000]


def test_a_step_counts_for_what_the_call_itself_asks_for() -> None:
    relaxing = with_steps("desk", step(1_000, needs=(("en", 2),)))
    assert served_at(relaxing, times={999: {"en": 2}, 1_000: {"en": 2}}, needs=(("en", 7),)) == [1_000]


def test_groups_let_other_agents_serve_and_a_later_step_takes_them_back() -> None:
    asking = with_steps("desk", step(1_000, groups=("other",)), step(2_000, groups=()), needs={"de": 1})
    other, fr_1 = group("other", fr=1), {"fr": 1}
    assert served_at(asking, other, times={999: fr_1, 1_000: fr_1, 1_999: fr_1, 2_000: fr_1}) == [1_000, 1_999]
    assert not served_at(asking, other, times={1_500: fr_1}, needs=(("en", 1),)), "the call's own need goes along"


def test_a_step_raises_the_tier_but_never_below_the_calls_own() -> None:
    raising = with_steps("desk", step(1_000, tier=3), step(2_000, tier=1))
    talk = Conversation(centre(raising)).at(0) << [arrives("c1"), arrives("vip", tier=5)]
    talk.at(1_000).tick() >> (StepTaken("c1", "desk", 1), TierChanged("c1", 3, ""), StepTaken("vip", "desk", 1))
    talk.at(2_000).tick() >> (StepTaken("c1", "desk", 2), TierChanged("c1", 1, ""), StepTaken("vip", "desk", 2))


def test_steps_go_on_while_it_rings_and_count_when_the_ring_ends() -> None:
    relaxing = with_steps("desk", step(1_000, needs=(("de", 1),)), needs={"de": 5})
    talk = Conversation(centre(relaxing, agents={"ann": {"de": 5}, "ben": {"de": 1}})) << ready("ann", "ben")
    talk.at(0) << arrives("c1")
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    talk.at(2_000) << failed("c1")
    assert talk.offered() == [("c1", "ben")]


def test_prompts_and_callbacks_are_left_out_while_the_pbx_is_away() -> None:
    offering = with_steps("desk", step(1_000, prompt="sorry"), step(2_000, callback=True), step(3_000, prompt="again"))
    talk = Conversation(centre(offering)).at(0) << arrives("c1")
    talk.at(1_000).tick() >> (StepTaken("c1", "desk", 1), PlayPrompt("c1", "sorry"))
    talk.at(1_500) << ev.PbxLost()
    talk.at(2_000).tick() >> StepTaken("c1", "desk", 2)
    talk.at(2_500) << ev.PbxFound()
    talk.at(3_000).tick() >> (StepTaken("c1", "desk", 3), PlayPrompt("c1", "again"))


def test_a_call_found_waiting_takes_its_past_steps_without_their_prompts() -> None:
    """In the step's own instant it would have heard them; now they are old news."""
    talk = Conversation(centre(with_steps("desk", step(1_000, prompt="sorry", tier=2), step(9_000, tier=4))))
    talk.at(5_000) << arrives("c1", waiting_since=2_000)
    assert talk.due == 5_000
    talk.tick() >> (StepTaken("c1", "desk", 1), TierChanged("c1", 2, ""))
    assert talk.due == 11_000


def test_talk_does_not_count_for_steps() -> None:
    talk = Conversation(centre(with_steps("desk", step(10_000, tier=1)), agents=["ann"])) << ready("ann")
    talk.at(0) << arrives("c1")
    talk.at(4_000) << answered("c1")
    talk.at(50_000) << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    assert talk.due == 56_000
    talk.at(56_000).tick() >> (StepTaken("c1", "desk", 1), TierChanged("c1", 1, ""))


# --- destinations -----------------------------------------------------------------------------------------------------


def test_a_step_sends_a_waiting_call_outside() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, to=VOICEMAIL)))).at(0) << arrives("c1")
    talk.at(1_000).tick() >> (
        StepTaken("c1", "desk", 1),
        CallSent("c1", "desk", VOICEMAIL, Cause.STEP),
        SendElsewhere("c1", VOICEMAIL),
    )
    assert talk.router.calls["c1"].state is CallState.ELSEWHERE
    talk.at(1_200) << ev.SentElsewhere("c1") >> over("c1", Outcome.SENT_ELSEWHERE, waited_ms=1_200, group="desk")
    talk << ev.SentElsewhere("c1") >> NOTHING


@pytest.mark.parametrize(
    ("to", "outcome"), [(VOICEMAIL, Outcome.ABANDONED), (HANG_UP, Outcome.SENT_ELSEWHERE)], ids=str
)
def test_a_caller_who_is_gone_on_the_way(to: Destination, outcome: Outcome) -> None:
    """Who is to be hung up is where we sent them; who was to reach a voicemail box is not."""
    talk = Conversation(centre(with_steps("desk", step(1_000, to=to)))).at(0) << arrives("c1")
    talk.at(1_000).tick()
    talk << ev.CallerLeft("c1") >> over("c1", outcome)


def test_a_call_that_could_not_be_sent_is_back_at_its_place() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, to=VOICEMAIL), step(3_000, tier=1)), agents=["ann"]))
    talk.at(0) << arrives("c1")
    talk.at(500) << arrives("c2", tier=0)
    talk.at(1_000).tick()
    talk.at(1_100) << ev.SendingFailed("c1", "no such box") >> waits("c1", returned=False, waiting_since=0)
    assert talk.due == 1_500
    talk.at(1_200) << ready("ann")
    assert talk.offered() == [("c1", "ann")]


def test_a_destination_does_not_cut_a_ring_off() -> None:
    """The call is sent when the ring ends without talk and nobody else is ready."""
    rules = centre(with_steps("desk", step(1_000, to=VOICEMAIL)), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann")
    talk.at(0) << arrives("c1")
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    (
        talk.at(2_000)
        << failed("c1")
        >> (
            no_talk("c1", "ann", OfferEnd.UNANSWERED),
            becomes("ann", NOT_READY, Reason.NO_ANSWER),
            waits("c1", returned=True),
            CallSent("c1", "desk", VOICEMAIL, Cause.STEP),
            SendElsewhere("c1", VOICEMAIL),
        )
    )


def test_an_agent_who_is_ready_counts_more_than_a_destination() -> None:
    rules = centre(with_steps("desk", step(1_000, to=VOICEMAIL)), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann")
    talk.at(0) << arrives("c1")
    talk.at(1_000).tick()
    talk.at(1_500) << ready("ben")
    talk.at(2_000) << failed("c1")
    assert talk.offered() == [("c1", "ben")]
    talk.at(3_000) << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))
    talk.at(9_000) << ev.PhoneLeft(OfferId("c1", 2), lost=True)
    assert talk.router.calls["c1"].state is CallState.WAITING, "the note was wiped out by the talk"


def test_a_destination_outside_waits_for_the_pbx() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, to=NUMBER)))).at(0) << arrives("c1")
    talk.at(500) << ev.PbxLost("cable")
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    talk.at(5_000) << ev.PbxFound()
    assert SendElsewhere("c1", NUMBER) in talk.heard
    talk << [ev.PbxLost(), ev.PbxFound()]
    assert SendElsewhere("c1", NUMBER) in talk.heard, "said again: it may not have been heard"


def test_at_another_group_the_steps_begin_anew_and_the_wait_goes_on() -> None:
    first, second = with_steps("desk", step(1_000, to=to_group("b"))), with_steps("b", step(500, tier=1))
    talk = Conversation(centre(first, second)).at(0) << arrives("c1")
    talk.at(1_000).tick() >> (
        StepTaken("c1", "desk", 1),
        CallMoved("c1", "desk", "b", Cause.STEP),
        waits("c1", group="b", waiting_since=0),
    )
    talk.at(1_499).tick() >> NOTHING
    talk.at(1_500).tick() >> (StepTaken("c1", "b", 1), TierChanged("c1", 1, ""))


def test_another_entry_point_brings_its_own_needs_tier_and_credit() -> None:
    entries = {"8002": EntryPoint("8002", "b", needs=(("en", 1),), tier=4, credit_ms=700)}
    sending = with_steps("desk", step(1_000, to=to_entry("8002")))
    talk = Conversation(centre(sending, group("b"), agents={"ann": {}, "ben": {"en": 1}}, entries=entries))
    talk.at(0) << arrives("c1")
    talk.at(1_000).tick()
    call = talk.router.calls["c1"]
    assert (call.entry, call.tier, call.credit_ms, call.group.id) == ("8002", 4, 700, "b")
    assert not (talk << ready("ann")).offered()
    assert (talk << ready("ben")).offered() == [("c1", "ben")]


def test_a_circle_leaves_the_call_where_it_is() -> None:
    full = {"calls_max": 1}
    a = with_steps("desk", step(1_000, to=to_group("b")))
    b = replace(group("b"), **full, when_full=to_group("c"))
    c = replace(group("c"), **full, when_full=to_group("desk"))
    talk = Conversation(centre(a, b, c)).at(0) << [arrives("x", "b"), arrives("y", "c"), arrives("c1")]
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    assert talk.router.calls["c1"].group.id == "desk"


def test_a_removed_destination_leaves_the_call_where_it_is() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, to=to_group("nowhere"))))).at(0) << arrives("c1")
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)


# --- the door ---------------------------------------------------------------------------------------------------------

NINE_TO_FIVE = Hours(((((9 * 60, 17 * 60),),) * 7), (Holiday(1, "New Year"),))
DAY, HOUR = 86_400_000, 3_600_000


def at_office_hours(**more: Any) -> Conversation:
    return Conversation(centre(desk(hours="office", **more), group("b"), hours={"office": NINE_TO_FIVE}))


@pytest.mark.parametrize(
    ("at", "cause"),
    [
        (9 * HOUR, None),
        (17 * HOUR - 1, None),
        (17 * HOUR, "closed"),
        (9 * HOUR - 1, "closed"),
        (DAY + 12 * HOUR, "holiday"),
    ],
    ids=str,
)
def test_a_closed_group_refuses_what_it_has_nowhere_to_send(at: int, cause: str | None) -> None:
    talk = at_office_hours().at(at) << arrives("c1")
    if cause is None:
        talk >> waits("c1")
    else:
        detail = f"group 'desk' takes no call now ({cause}), and has nowhere to send it"
        talk >> (
            RefuseCall("c1", RefusalCause(cause), detail),
            CallFinished("c1", "desk", None, Outcome.REFUSED, 0, 0),
        )


def test_a_closed_group_points_elsewhere_and_on_a_holiday_where_that_says() -> None:
    talk = at_office_hours(when_closed=VOICEMAIL, when_holiday=NUMBER)
    talk.at(1) << arrives("c1") >> (CallSent("c1", "desk", VOICEMAIL, Cause.CLOSED), SendElsewhere("c1", VOICEMAIL))
    talk.at(DAY + 1) << arrives("c2") >> (CallSent("c2", "desk", NUMBER, Cause.HOLIDAY), SendElsewhere("c2", NUMBER))
    plain = at_office_hours(when_closed=to_group("b"))
    plain.at(DAY + 1) << arrives("c3") >> (CallMoved("c3", "desk", "b", Cause.HOLIDAY), waits("c3", group="b"))


def test_who_could_not_be_sent_from_the_door_is_refused() -> None:
    talk = at_office_hours(when_closed=VOICEMAIL).at(1) << arrives("c1")
    talk << ev.SendingFailed("c1")
    assert [type(each) for each in talk.heard] == [RefuseCall, CallFinished]
    assert not talk.router.calls


@pytest.mark.parametrize("clears", [True, False])
def test_closing_time_clears_the_line_if_told_so(clears: bool) -> None:
    talk = at_office_hours(when_closed=VOICEMAIL, clear_at_closing=clears).at(16 * HOUR) << arrives("c1")
    assert talk.due == (17 * HOUR if clears else None)
    talk.at(17 * HOUR).tick()
    assert (SendElsewhere("c1", VOICEMAIL) in talk.heard) is clears


def test_a_call_moved_into_a_closed_group_is_not_cleared_from_it() -> None:
    """Nothing closes at that moment."""
    steps = (step(1_000, tier=1),)
    talk = at_office_hours(when_closed=VOICEMAIL, clear_at_closing=True, steps=steps).at(20 * HOUR) << arrives(
        "c1", "b"
    )
    talk << ev.ForcedMove("c1", "desk", "lead")
    talk.at(20 * HOUR + 1_000).tick() >> (StepTaken("c1", "desk", 1), TierChanged("c1", 1, ""))


def test_a_full_line_counts_who_waits_and_who_rings() -> None:
    rules = centre(desk(calls_max=2, when_full=to_group("b")), group("b"), agents=["ann"])
    talk = Conversation(rules) << ready("ann")
    talk << [arrives("rings"), arrives("waits")]
    talk << arrives("c3") >> (CallMoved("c3", "desk", "b", Cause.FULL), waits("c3", group="b"))
    talk << answered("rings")
    talk << arrives("c4") >> waits("c4", group="desk")
    talk << ev.CallerLeft("waits")
    talk << arrives("c5") >> waits("c5", group="desk")
    talk << ev.PhoneLeft(OfferId("rings", 1), lost=True)
    talk << arrives("c6") >> (CallMoved("c6", "desk", "b", Cause.FULL), waits("c6", group="b"))


def test_a_full_line_without_a_destination_is_an_answer() -> None:
    talk = Conversation(centre(desk(calls_max=1))) << arrives("c1")
    talk << arrives("c2")
    assert talk.heard[0] == RefuseCall("c2", RefusalCause.FULL, talk.heard[0].detail)


def test_nobody_means_nobody_logged_in_who_may_serve_it() -> None:
    rules = centre(replace(group("desk", de=1), when_nobody=VOICEMAIL), agents={"ann": {"de": 1}, "ben": {"en": 1}})
    talk = Conversation(rules) << ready("ben")
    talk << arrives("c1") >> (CallSent("c1", "desk", VOICEMAIL, Cause.NO_AGENTS), SendElsewhere("c1", VOICEMAIL))
    talk << ev.LoggedIn("ann")
    talk << arrives("c2") >> waits("c2")
    talk << ev.LogOutAsked("ann")
    assert SendElsewhere("c2", VOICEMAIL) in talk.heard


def test_nobody_is_asked_again_when_a_call_comes_back_to_the_line() -> None:
    rules = centre(desk(when_nobody=VOICEMAIL), agents=["ann"])
    talk = Conversation(rules) << ready("ann")
    talk << [arrives("c1"), ev.LogOutAsked("ann")]
    talk.at(15_000).tick()
    assert SendElsewhere("c1", VOICEMAIL) in talk.heard


def test_a_call_found_waiting_is_not_asked_at_the_door_again() -> None:
    talk = at_office_hours(when_closed=VOICEMAIL, calls_max=1, when_nobody=VOICEMAIL)
    talk.at(1) << arrives("c1", waiting_since=0) >> waits("c1")
    talk << arrives("c2", waiting_since=0) >> waits("c2")


# --- personal agents --------------------------------------------------------------------------------------------------


def personal(**arrival: Any) -> Conversation:
    """ann talks, ben is ready: c1 comes for ann."""
    talk = Conversation(centre(group("desk"), agents=["ann", "ben"])) << ready("ann")
    talk << [arrives("first"), answered("first"), *ready("ben")]
    return talk.at(1_000) << arrives("c1", agent="ann", **arrival)


def test_a_call_waits_for_its_personal_agent_alone() -> None:
    talk = personal()
    assert not talk.offered()
    talk.at(5_000) << [ev.CallerLeft("first"), ev.ReadyAsked("ann")]
    assert talk.offered() == [("c1", "ann")]


@pytest.mark.parametrize("early", [1, 0])
def test_after_the_given_time_the_call_goes_to_the_group(early: int) -> None:
    talk = personal(agent_wait_ms=4_000)
    talk.at(5_000 - early).tick()
    assert talk.offered() == ([] if early else [("c1", "ben")])


@pytest.mark.parametrize("word", [ev.NotReadyAsked("ann", "lunch"), ev.LogOutAsked("ann")], ids=str)
def test_the_wait_for_an_agent_ends_when_the_agent_goes_away(word: ev.Event) -> None:
    talk = personal()
    talk.at(2_000) << [word, ev.CallerLeft("first"), *([] if isinstance(word, ev.LogOutAsked) else [word])]
    talk.tick()
    assert talk.router.calls["c1"].state is CallState.OFFERED
    assert talk.state("ben") is RINGING


def test_who_does_not_take_the_offer_is_not_waited_for_again() -> None:
    talk = personal()
    talk.at(2_000) << [ev.CallerLeft("first"), ev.ReadyAsked("ann")]
    talk << failed("c1")
    assert talk.offered() == [("c1", "ben")]


def test_an_agent_who_is_away_is_not_waited_for() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann", "ben"])) << [ev.LoggedIn("ann"), *ready("ben")]
    assert (talk << arrives("c1", agent="ann")).offered() == [("c1", "ben")]


def test_a_personal_agent_needs_no_skills() -> None:
    talk = Conversation(centre(group("desk", de=9), agents={"ann": {}})) << ready("ann")
    assert (talk << arrives("c1", agent="ann")).offered() == [("c1", "ann")]


def test_the_dialplan_then_the_vip_class_then_the_last_agent_is_asked() -> None:
    vips = {"138": VipClass("gold", agent="ben", agent_wait_ms=9_000)}
    rules = centre(desk(last_agent_ms=5_000, wrap_up_ms=0), agents=["ann", "ben", "cy"], vips=vips)
    talk = Conversation(rules) << ready("cy", "ann", "ben")
    talk << [arrives("c0", caller_number="139"), answered("c0"), ev.CallerLeft("c0")]
    assert (talk << arrives("c1", caller_number="139")).offered() == [("c1", "cy")], "who talked last with 139"
    assert (talk << arrives("c2", caller_number="138")).offered() == [("c2", "ben")]
    assert (talk << arrives("c3", caller_number="138", agent="ann")).offered() == [("c3", "ann")]


def test_the_last_agent_is_the_last_one() -> None:
    rules = centre(desk(last_agent_ms=5_000, wrap_up_ms=0), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann")
    talk << [arrives("c0", caller_number="139"), answered("c0"), ev.NotReadyAsked("ann", "lunch"), ev.CallerLeft("c0")]
    talk << ready("ben")
    talk << [arrives("c1", caller_number="139"), answered("c1"), ev.CallerLeft("c1"), ev.ReadyAsked("ann")]
    talk << [ev.NotReadyAsked("ben", "lunch"), ev.ReadyAsked("ben")]
    assert (talk << arrives("c2", caller_number="139")).offered() == [("c2", "ben")], "though ann is idle for longer"


def test_the_common_order_holds_for_personal_calls_too() -> None:
    talk = personal()
    talk << arrives("vip", tier=3, agent="ann")
    talk.at(2_000) << [ev.CallerLeft("first"), ev.ReadyAsked("ann")]
    assert talk.offered() == [("vip", "ann")]


def test_with_a_personal_agent_there_nobody_is_not_asked() -> None:
    rules = centre(replace(group("desk", de=9), when_nobody=VOICEMAIL), agents={"ann": {}})
    talk = Conversation(rules) << ready("ann")
    talk << [arrives("c0", agent="ann"), answered("c0")]
    talk << arrives("c1", agent="ann", agent_wait_ms=1_000) >> waits("c1")
    talk.at(1_000).tick()
    assert SendElsewhere("c1", VOICEMAIL) in talk.heard, "but when the wait for that agent is over"


# --- ring-all ---------------------------------------------------------------------------------------------------------


def ringing_all() -> Conversation:
    """ann and ben ring for c1, cy comes later."""
    talk = Conversation(centre(desk(strategy=Strategy.RING_ALL), agents=["ann", "ben", "cy"])) << ready("ben", "ann")
    return talk.at(1_000) << arrives("c1")


def test_ring_all_rings_everybody_in_the_order_of_idleness() -> None:
    assert ringing_all().offered() == [("c1", "ben"), ("c1", "ann")]


def test_who_becomes_ready_joins_unless_another_call_waits() -> None:
    talk = ringing_all()
    (
        talk
        << ready("cy")
        >> (
            becomes("cy", NOT_READY, Reason.LOGGED_IN),
            becomes("cy", READY),
            rings("c1", "cy", 3),
            becomes("cy", RINGING, call="c1"),
        )
    )
    busy = ringing_all()
    busy << arrives("c2")
    assert (busy << ready("cy")).offered() == [("c2", "cy")]


def test_the_last_ring_to_end_returns_the_call() -> None:
    talk = ringing_all()
    (
        talk
        << failed("c1", n=1)
        >> (no_talk("c1", "ben", OfferEnd.UNANSWERED), becomes("ben", NOT_READY, Reason.NO_ANSWER))
    )
    talk << failed("c1", n=2)
    assert waits("c1", returned=True) in talk.heard
    talk << ready("ben", "cy")
    assert talk.router.calls["c1"].offers[0].agent.id == "ben", "nobody else was ready when ben was"


def test_losers_keep_their_place_and_a_caller_who_leaves_frees_all() -> None:
    talk = ringing_all()
    (
        talk
        << ev.CallerLeft("c1")
        >> (
            over("c1", Outcome.ABANDONED),
            withdraws("c1", 1),
            no_talk("c1", "ben", OfferEnd.WITHDRAWN),
            becomes("ben", READY),
            withdraws("c1", 2),
            no_talk("c1", "ann", OfferEnd.WITHDRAWN, 2),
            becomes("ann", READY),
        )
    )
    assert (talk << arrives("c2")).offered() == [("c2", "ben"), ("c2", "ann")]


def test_agents_let_go_together_are_matched_by_the_strategy_of_the_call_that_waits() -> None:
    rules = centre(
        desk(strategy=Strategy.RING_ALL), replace(group("b"), strategy=Strategy.FIXED_ORDER), agents=["x", "y", "z"]
    )
    talk = Conversation(rules) << ready("z", "y", "x")
    talk << [arrives("c1"), arrives("c2", "b")]
    talk << answered("c1", 1)
    assert talk.offered() == [("c2", "x")]


# --- callbacks and supervisors ----------------------------------------------------------------------------------------


def test_a_callback_leads_nowhere_outside_and_its_number_is_forgotten_in_the_talk() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, to=VOICEMAIL)), agents=["ann", "ben"]))
    talk.at(0) << [arrives("c1"), ev.CallbackAccepted("c1", "139")]
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    talk << ready("ann")
    assert talk.heard[-2].callback == "139"
    talk << [answered("c1"), ev.PhoneLeft(OfferId("c1", 1), lost=True)]
    talk << ready("ben")
    assert talk.heard[-2].callback == "", "the caller is on the line"


def test_a_second_callback_for_a_number_is_merged_even_while_it_rings() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann"])) << [arrives("c1"), ev.CallbackAccepted("c1", "139")]
    talk << arrives("c2", tier=1)
    talk << ready("ann")
    talk << ev.CallbackAccepted("c2", "139")
    assert ReleaseCall("c2") in talk.heard
    assert talk.offered() == [("c1", "ann")]
    talk << ev.CallerLeft("c2") >> over("c2", Outcome.MERGED)


def test_a_step_offers_a_callback() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, callback=True)))).at(0) << arrives("c1")
    talk.at(1_000).tick() >> (StepTaken("c1", "desk", 1), OfferCallback("c1"))


def test_a_supervisor_moves_a_waiting_call_past_the_door() -> None:
    talk = Conversation(centre(group("desk"), replace(group("b"), calls_max=1), agents=["ann"])) << arrives("x", "b")
    talk << arrives("c1")
    talk << ev.ForcedMove("c1", "b", "lead") >> (CallMoved("c1", "desk", "b", Cause.SUPERVISOR), waits("c1", group="b"))
    for event, code in [
        (ev.ForcedMove("c1", "b", "lead"), RefusalCode.NOT_NOW),
        (ev.ForcedMove("c1", "nogroup", "lead"), RefusalCode.UNKNOWN_GROUP),
        (ev.ForcedMove("nocall", "b", "lead"), RefusalCode.UNKNOWN_CALL),
        (ev.ForcedTier("nocall", 1, "lead"), RefusalCode.UNKNOWN_CALL),
    ]:
        talk << event >> refuses("", code)
    talk << ready("ann")
    talk << ev.ForcedTier("x", 1, "lead") >> refuses("", RefusalCode.NOT_NOW)


def test_a_supervisors_tier_replaces_all_others() -> None:
    talk = Conversation(centre(with_steps("desk", step(1_000, tier=3)))).at(0) << arrives("c1", tier=5)
    talk << ev.ForcedTier("c1", 1, "lead") >> TierChanged("c1", 1, "lead")
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)


def test_closing_into_a_holiday_goes_where_the_holiday_points() -> None:
    """New Year's Day is day 1: the day before is open all round the clock."""
    hours = Hours((((0, 1440),),) * 7, (Holiday(1, "New Year"),))
    closing = desk(hours="office", when_closed=VOICEMAIL, when_holiday=NUMBER, clear_at_closing=True)
    talk = Conversation(centre(closing, hours={"office": hours})).at(DAY - 1_000) << arrives("c1")
    talk.at(DAY).tick() >> (CallSent("c1", "desk", NUMBER, Cause.HOLIDAY), SendElsewhere("c1", NUMBER))


def test_an_agent_in_wrap_up_is_waited_for() -> None:
    talk = Conversation(centre(desk(wrap_up_ms=5_000), agents=["ann", "ben"])) << ready("ann")
    talk << [arrives("first"), answered("first"), ev.CallerLeft("first"), *ready("ben")]
    assert not (talk << arrives("c1", agent="ann")).offered()
    talk.at(5_000).tick()
    assert talk.offered() == [("c1", "ann")]


def test_the_greatest_wait_is_a_step() -> None:
    table = {
        "adapter": "simulator",
        "groups": [{"id": "desk", "wait_s_max": 60, "when_late": "voicemail:box"}],
    }
    talk = Conversation(parse(table, "a table").rules()).at(0) << arrives("c1", group="desk")
    talk.at(59_999).tick() >> NOTHING
    talk.at(60_000).tick()
    assert SendElsewhere("c1", VOICEMAIL) in talk.heard


def test_a_reload_that_brings_a_destination_outside_leaves_a_callback_where_it_is() -> None:
    talk = Conversation(centre(group("desk"))).at(0) << [arrives("c1"), ev.CallbackAccepted("c1", "139")]
    talk.at(5_000).reload(centre(with_steps("desk", step(1_000, to=NUMBER))))
    assert talk.router.calls["c1"].state is CallState.WAITING


def test_a_supervisor_moves_a_call_past_every_door() -> None:
    strict = replace(group("b", de=1), calls_max=1, when_full=VOICEMAIL, when_nobody=VOICEMAIL, hours="never")
    talk = Conversation(centre(group("desk"), strict, hours={"never": Hours(((),) * 7)})) << arrives("c1")
    talk << ev.ForcedMove("c1", "b", "lead") >> (CallMoved("c1", "desk", "b", Cause.SUPERVISOR), waits("c1", group="b"))


def test_groups_that_send_each_other_their_calls_at_once_do_not_spin() -> None:
    rules = centre(with_steps("desk", step(0, to=to_group("b"))), with_steps("b", step(0, to=to_group("desk"))))
    talk = Conversation(rules).at(0) << arrives("c1")
    talk.tick()
    assert talk.router.calls["c1"].group.id == "b"
    assert talk.due is None


def test_a_removed_groups_last_talks_are_remembered_by_its_last_rules() -> None:
    rules = centre(desk(last_agent_ms=5_000, wrap_up_ms=0), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann")
    talk << arrives("c1", caller_number="139")
    talk.reload(replace(rules, groups={}))
    talk << [answered("c1"), ev.CallerLeft("c1")]
    talk.reload(rules)
    talk << [*ready("ben"), ev.NotReadyAsked("ann", "lunch"), ev.ReadyAsked("ann")]
    assert (talk << arrives("c2", caller_number="139")).offered() == [("c2", "ann")]
