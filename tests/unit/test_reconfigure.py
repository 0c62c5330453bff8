"""Other rules while calls wait, ring and talk: they count at once, and nothing is dropped."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from acd import events as ev
from acd.calls import Cause, Outcome
from acd.commands import PlayPrompt, RefusalCause, RefuseCall, SendElsewhere
from acd.events import CallerLeft, PbxFound, PbxLost, ReadyAsked
from acd.hours import Hours
from acd.ids import OfferId
from acd.notices import CallMoved, CallSent, OfferEnd, RefusalCode, RulesInForce, StepTaken, TierChanged
from acd.rules import Destination, EntryPoint, OverflowStep, Rules, VipClass
from acd.rules import Strategy as S
from tests.conversation import (
    ANN_AND_BEN,
    LOGGED_OUT,
    NOT_READY,
    READY,
    RINGING,
    TALKING,
    VOICEMAIL,
    WRAP_UP,
    Conversation,
    Like,
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
from tests.unit.changing import IN_FORCE, desk, live, with_agents, with_desk

RING_MS = 15_000


PLAIN = ANN_AND_BEN
HOUR = 3_600_000


def every_day(*hours: tuple[int, int]) -> Hours:
    return Hours(tuple(tuple((a * 60, b * 60) for a, b in hours) for _ in range(7)))


# --- what doesn't change --------------------------------------------------------------------------------------


def test_an_empty_change_changes_nothing() -> None:
    """It is only told; calls, agents and deadlines are where they were."""
    talk = live(PLAIN)
    due = talk.due
    talk.reload(PLAIN) >> IN_FORCE
    assert (talk.due, talk.state("ann"), talk.state("ben")) == (due, TALKING, RINGING)
    talk << answered("r") >> (talks("r", "ben", waited_ms=1_000), becomes("ben", TALKING, call="r"))
    talk << [ev.CallerLeft("r"), ReadyAsked("ben")]
    assert talk.offered() == [("w", "ben")]


@pytest.mark.parametrize("strategy", S)
def test_an_empty_change_leaves_everybody_at_the_same_place(strategy: S) -> None:
    """Idle order, turns, counts, shares and the numbers drawn: who is rung is the same with and without."""
    rules = centre(desk(strategy=strategy, wrap_up_ms=0), agents=["ann", "ben", "cy"])
    rung: dict[bool, list[Any]] = {True: [], False: []}
    for reloads in rung:
        talk = Conversation(rules) << ready("cy", "ann", "ben")
        for n in range(20):
            if reloads:
                talk.at(n * 1_000).reload(rules) >> IN_FORCE
            talk.at(n * 1_000) << arrives(f"c{n}")
            rung[reloads] += talk.offered()
            talk.at(n * 1_000 + 100 * (n % 4)) << [answered(f"c{n}"), CallerLeft(f"c{n}")]
    assert rung[True] == rung[False]


def test_who_changed_the_rules_is_told() -> None:
    Conversation(PLAIN).reload(PLAIN, by="night shift") >> RulesInForce("night shift")


# --- needs ----------------------------------------------------------------------------------------------------


def test_lower_needs_let_a_waiting_call_be_served_at_once() -> None:
    rules = centre(desk({"de": 5}), agents={"ann": {"de": 4}})
    talk = Conversation(rules) << ready("ann") << arrives("c1")
    talk.at(5_000).reload(with_desk(rules, {"de": 4})) >> (
        IN_FORCE,
        rings("c1", "ann", waited_ms=5_000),
        becomes("ann", RINGING, call="c1"),
    )


def test_of_several_that_can_be_served_now_the_first_in_the_order_of_service_is() -> None:
    rules = centre(desk({"de": 5}), agents={"ann": {"de": 4}, "ben": {"de": 4}})
    talk = Conversation(rules) << ready("ann", "ben") << [arrives("c1"), arrives("c2"), arrives("gold", tier=1)]
    talk.reload(with_desk(rules, {"de": 4}))
    assert talk.offered() == [("gold", "ann"), ("c1", "ben")]


def test_higher_needs_keep_a_waiting_call_from_who_could_have_served_it() -> None:
    rules = centre(desk({"de": 3}), agents={"ann": {"de": 3}, "ben": {"de": 7}})
    talk = Conversation(rules) << arrives("c1")
    talk.reload(with_desk(rules, {"de": 7})) >> IN_FORCE
    talk << ready("ann")
    assert talk.offered() == []
    talk << ready("ben")
    assert talk.offered() == [("c1", "ben")]


def test_higher_needs_cut_off_neither_a_ring_nor_a_talk() -> None:
    """They count when the call comes back to the line."""
    rules = centre(desk({"de": 3}), agents={"ann": {"de": 3}, "ben": {"de": 3}, "di": {"de": 7}})
    talk = live(rules).reload(with_desk(rules, {"de": 7})) >> IN_FORCE
    assert (talk.state("ann"), talk.state("ben")) == (TALKING, RINGING)
    talk << [CallerLeft("w"), ev.PhoneLeft(OfferId("t", 1), lost=True), ReadyAsked("ann")]
    assert talk.state("ann") is READY
    talk << ready("di")
    assert talk.offered() == [("t", "di")]


def test_a_ring_that_fails_after_the_change_goes_to_who_reaches_the_new_needs() -> None:
    rules = centre(desk({"de": 3}), agents={"ann": {"de": 3}, "ben": {"de": 4}, "di": {"de": 7}})
    talk = Conversation(rules) << ready("ann", "ben", "di") << arrives("c1")
    talk.reload(with_desk(rules, {"de": 7})) >> IN_FORCE
    talk << failed("c1")
    assert talk.offered() == [("c1", "di")]


def test_the_needs_of_an_entry_point_count_for_those_who_came_through_it() -> None:
    entry = EntryPoint("200", "desk", needs=(("en", 1),))
    rules = centre(desk(), agents=["ann"], entries={"200": entry})
    talk = Conversation(rules) << ready("ann") << arrives("c1", "200")
    assert talk.offered() == []
    talk.reload(replace(rules, entries={"200": replace(entry, needs=())}))
    assert talk.offered() == [("c1", "ann")]


def test_a_removed_entry_point_asks_for_nothing_any_more_and_takes_no_calls() -> None:
    entry = EntryPoint("200", "desk", needs=(("en", 1),), tier=3)
    rules = centre(desk(), agents=["ann"], entries={"200": entry})
    talk = Conversation(rules) << ready("ann") << arrives("c1", "200")
    talk.reload(centre(desk(), agents=["ann"])) >> (
        IN_FORCE,
        TierChanged("c1", 0, ""),
        rings("c1", "ann"),
        becomes("ann", RINGING, call="c1"),
    )
    talk << arrives("c2", "200")
    talk >> (Like(RefuseCall, call="c2", cause=RefusalCause.UNKNOWN_ENTRY), over("c2", Outcome.REFUSED))


# --- strategies -----------------------------------------------------------------------------------------------

PEOPLE: dict[str, dict[str, int]] = {
    "ann": {"de": 2, "en": 1, "fr": 1},
    "ben": {"de": 9, "en": 9},
    "cy": {"de": 3},
    "di": {"de": 4, "en": 1},
}
FIRST = {
    S.LONGEST_IDLE: ["di"],
    S.LEAST_OCCUPIED: ["di"],
    S.FEWEST_CALLS: ["di"],
    S.ROUND_ROBIN: ["ann"],
    S.MOST_SKILLED: ["ben"],
    S.LEAST_SKILLED: ["cy"],
    S.FIXED_ORDER: ["ann"],
    S.RING_ALL: ["di", "ben", "cy", "ann"],
}


@pytest.mark.parametrize(("before", "after"), [*product(S, S)], ids=str)
def test_another_strategy_holds_for_those_who_are_ready(before: S, after: S) -> None:
    """From every one to every other, and each agent stands once."""
    rules = centre(desk({"de": 1}, strategy=before), agents=PEOPLE)
    talk = Conversation(rules) << ready("di", "ben", "cy", "ann")
    talk.at(1_000).reload(with_desk(rules, strategy=after)) >> IN_FORCE
    talk << arrives("c1")
    rung = [agent for _, agent in talk.offered()]
    assert rung == FIRST.get(after, rung)
    assert len(rung) == len(FIRST.get(after, ["anybody"]))
    for agent in rung:
        talk << ev.ReleaseAsked(agent)
    talk << [arrives(f"d{n}") for n in range(5)]
    states = [agent.state for agent in talk.router.agents.values()]
    assert states.count(NOT_READY) >= len(rung)
    assert READY not in states, "whoever was left is rung"


@pytest.mark.parametrize("strategy", [S.LEAST_OCCUPIED, S.FEWEST_CALLS])
def test_what_a_strategy_counts_is_counted_from_when_the_first_group_asks(strategy: S) -> None:
    """What ann did before doesn't count against her."""
    rules = centre(desk(wrap_up_ms=0), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")]
    talk.at(9_000) << CallerLeft("c1") << ready("ben")
    talk.reload(with_desk(rules, strategy=strategy))
    assert (talk << arrives("c2")).offered() == [("c2", "ann")]


@pytest.mark.parametrize("strategy", [S.LEAST_OCCUPIED, S.FEWEST_CALLS])
@pytest.mark.parametrize("another_asks", [True, False])
def test_what_a_strategy_counts_is_forgotten_when_no_group_asks_any_more(strategy: S, another_asks: bool) -> None:
    other = replace(group("other", zz=1), strategy=strategy if another_asks else S.LONGEST_IDLE)
    rules = centre(desk(strategy=strategy, wrap_up_ms=0), other, agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")]
    talk.at(9_000) << CallerLeft("c1") << ready("ben")
    talk.at(10_000).reload(with_desk(rules, strategy=S.FIXED_ORDER))
    talk.at(11_000).reload(rules)
    assert (talk << arrives("c2")).offered() == [("c2", "ben" if another_asks else "ann")]


@pytest.mark.parametrize(("ends", "first"), [(10_000, "ann"), (13_000, "ben")])
def test_a_talk_that_goes_on_when_least_occupied_comes_counts_from_then(ends: int, first: str) -> None:
    """ann talks 9 s before the change, which don't count, and 1 s or 4 s after it; ben 2 s after it."""
    rules = centre(desk(wrap_up_ms=0), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")]
    talk.at(9_000).reload(with_desk(rules, strategy=S.LEAST_OCCUPIED))
    talk << ready("ben") << [arrives("c2"), answered("c2")]
    for now, call in sorted([(ends, "c1"), (11_000, "c2")]):
        talk.at(now) << CallerLeft(call)
    assert (talk.at(14_000) << arrives("c3")).offered() == [("c3", first)]


def test_a_ring_that_goes_on_when_least_occupied_comes_is_free_time() -> None:
    """ann rings for 10 s after the change, ben talks for 1 s."""
    rules = centre(desk(wrap_up_ms=0), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann") << arrives("c1")
    talk.reload(with_desk(rules, strategy=S.LEAST_OCCUPIED))
    talk << ready("ben") << [arrives("c2"), answered("c2")]
    talk.at(1_000) << CallerLeft("c2")
    talk.at(10_000) << CallerLeft("c1") << [ev.NotReadyAsked("ann", "break"), ev.ReadyAsked("ann")]
    assert (talk << arrives("c3")).offered() == [("c3", "ann")]


def test_ring_all_that_comes_while_it_rings_lets_all_join() -> None:
    rules = centre(desk(), agents=["ann", "ben", "cy"])
    talk = Conversation(rules) << ready("ann", "ben", "cy") << arrives("c1")
    talk.at(1_000).reload(with_desk(rules, strategy=S.RING_ALL)) >> (
        IN_FORCE,
        rings("c1", "ben", 2),
        becomes("ben", RINGING, call="c1"),
        rings("c1", "cy", 3),
        becomes("cy", RINGING, call="c1"),
    )
    talk << answered("c1", 3)
    assert [talk.state(each) for each in ("ann", "ben", "cy")] == [READY, READY, TALKING]


def test_ring_all_given_up_while_it_rings_rings_on_but_nobody_joins() -> None:
    """The first to answer wins, the call is returned when the last ring has ended, and then rings one at a time."""
    rules = centre(desk(strategy=S.RING_ALL), agents=["ann", "ben", "cy", "di"])
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1")
    talk.at(1_000).reload(with_desk(rules, strategy=S.LONGEST_IDLE)) >> IN_FORCE
    talk << ready("cy", "di")
    assert talk.offered() == []
    talk << failed("c1", n=1) >> (no_talk("c1", "ann", OfferEnd.UNANSWERED), becomes("ann", NOT_READY, "no-answer"))
    talk << failed("c1", n=2)
    assert talk.offered() == [("c1", "cy")]


def test_ring_all_given_up_still_has_one_winner() -> None:
    rules = centre(desk(strategy=S.RING_ALL), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1")
    talk.reload(with_desk(rules, strategy=S.FIXED_ORDER))
    (
        talk
        << answered("c1", 2)
        >> (
            talks("c1", "ben"),
            becomes("ben", TALKING, call="c1"),
            withdraws("c1", 1),
            no_talk("c1", "ann", OfferEnd.WITHDRAWN),
            becomes("ann", READY),
        )
    )


def test_who_is_given_the_skills_joins_the_ringing() -> None:
    rules = centre(desk({"de": 1}, strategy=S.RING_ALL), agents={"ann": {"de": 1}, "ben": {}})
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1")
    talk.reload(with_agents(rules, ann={"de": 1}, ben={"de": 1})) >> (
        IN_FORCE,
        rings("c1", "ben", 2),
        becomes("ben", RINGING, call="c1"),
    )


def test_lower_needs_let_others_join_the_ringing_and_higher_ones_end_no_ring() -> None:
    rules = centre(desk({"de": 5}, strategy=S.RING_ALL), agents={"ann": {"de": 5}, "ben": {"de": 3}, "cy": {"de": 8}})
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1")
    talk.reload(with_desk(rules, {"de": 3}))
    assert talk.offered() == [("c1", "ben")]
    talk.reload(with_desk(rules, {"de": 8})) >> IN_FORCE
    assert (talk.state("ann"), talk.state("ben")) == (RINGING, RINGING)
    talk << ready("cy")
    assert talk.offered() == [("c1", "cy")]


def test_skills_given_and_ring_all_given_up_in_one_change_lets_nobody_join() -> None:
    """All has changed before anybody is matched."""
    rules = centre(desk({"de": 1}, strategy=S.RING_ALL), agents={"ann": {"de": 1}, "ben": {}})
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1")
    both = with_desk(with_agents(rules, ann={"de": 1}, ben={"de": 1}), strategy=S.LONGEST_IDLE)
    talk.reload(both) >> IN_FORCE


# --- weight, tier, credit -------------------------------------------------------------------------------------


@pytest.mark.parametrize("weight", [100, 300])
def test_another_weight_changes_the_order_of_those_who_wait(weight: int) -> None:
    rules = centre(desk(), group("other"), agents=["ann"])
    talk = Conversation(rules) << arrives("old", "other")
    talk.at(10_000) << arrives("new")
    talk.at(20_000).reload(with_desk(rules, weight_percent=weight)) >> IN_FORCE
    talk << ready("ann")
    assert talk.offered() == [("old" if weight == 100 else "new", "ann")]  # 20 s against 10 s, or 3 x 10 s


def test_another_weight_holds_for_a_call_that_comes_back_from_a_ring_and_a_talk() -> None:
    """Both returned: 40 s x 1 against 30 s x 2, though the first came back before."""
    rules = centre(desk(), group("other"), agents=["ann", "ben", "cy"])
    talk = Conversation(rules) << ready("ann", "ben")
    talk.at(0) << arrives("old", "other")
    talk.at(10_000) << arrives("new")
    talk.at(11_000).reload(with_desk(rules, weight_percent=200))
    talk << [failed("old"), failed("new")]
    talk.at(40_000) << ready("cy")
    assert talk.offered() == [("new", "cy")]


def test_tier_and_credit_of_an_entry_point_count_for_those_who_wait() -> None:
    rules = centre(desk(), agents=["ann"])
    gold = EntryPoint("gold", "desk")
    rules = replace(rules, entries={**rules.entries, "gold": gold})
    talk = Conversation(rules) << arrives("c1")
    talk.at(5_000) << arrives("c2", "gold")
    talk.at(6_000).reload(replace(rules, entries={**rules.entries, "gold": replace(gold, tier=2)})) >> (
        IN_FORCE,
        TierChanged("c2", 2, ""),
    )
    talk.reload(replace(rules, entries={**rules.entries, "gold": replace(gold, credit_ms=5_001)})) >> (
        IN_FORCE,
        TierChanged("c2", 0, ""),
    )
    talk << ready("ann")
    assert talk.offered() == [("c2", "ann")]


def test_a_vip_class_given_and_taken_counts_for_those_who_wait() -> None:
    rules = centre(desk(), agents=["ann"])
    talk = Conversation(rules) << [arrives("c1"), arrives("c2", caller_number="138")]
    gold = replace(rules, vips={"138": VipClass("gold", tier=2, credit_ms=1)})
    talk.reload(gold) >> (IN_FORCE, TierChanged("c2", 2, ""))
    talk.reload(replace(rules, vips={"138": VipClass("gold", tier=3)})) >> (IN_FORCE, TierChanged("c2", 3, ""))
    talk.reload(rules) >> (IN_FORCE, TierChanged("c2", 0, ""))
    talk.reload(replace(rules, vips={"138": VipClass("gold", credit_ms=1)})) >> IN_FORCE
    talk << ready("ann")
    assert talk.offered() == [("c2", "ann")]


def test_a_vip_class_that_comes_to_name_an_agent_names_one_for_the_next_call() -> None:
    """And one that doesn't any more names nobody; who waits already waits as before."""
    rules = centre(desk(), agents=["ann", "ben"])
    named = replace(rules, vips={"138": VipClass("gold", agent="ben", agent_wait_ms=60_000)})
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1", caller_number="138")
    assert talk.offered() == [("c1", "ann")]
    talk.reload(named) << arrives("c2", caller_number="138")
    assert talk.offered() == [("c2", "ben")]
    talk << arrives("c3", caller_number="138")
    talk.reload(rules) << [answered("c1"), CallerLeft("c1"), ReadyAsked("ann")]
    assert talk.offered() == [], "it waits for ben alone"
    talk << arrives("c4", caller_number="138")
    assert talk.offered() == [("c4", "ann")]


def test_a_tier_counts_for_a_ringing_call_when_it_comes_back_and_a_supervisors_stays() -> None:
    rules = centre(desk(), agents=["ann", "ben", "cy", "di"])
    talk = Conversation(rules) << ready("ann", "ben") << [arrives("c1"), arrives("c2"), arrives("c3"), arrives("c4")]
    talk << ev.ForcedTier("c3", 1, "lead")
    talk.reload(replace(rules, entries={"desk": EntryPoint("desk", "desk", tier=5)}))
    tiers = {each.call: each.tier for each in talk.heard if isinstance(each, TierChanged)}
    assert tiers == {"c1": 5, "c2": 5, "c4": 5}
    (
        talk
        << failed("c1")
        >> (
            no_talk("c1", "ann", OfferEnd.UNANSWERED),
            becomes("ann", NOT_READY, "no-answer"),
            waits("c1", returned=True, tier=5),
        )
    )
    talk << CallerLeft("c1") << ready("cy")
    assert talk.offered() == [("c4", "cy")]


def test_a_tier_changed_in_the_talk_counts_if_the_talk_breaks_off() -> None:
    rules = centre(desk(), agents=["ann"])
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")]
    talk.reload(replace(rules, entries={"desk": EntryPoint("desk", "desk", tier=5)})) >> IN_FORCE
    talk << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    assert waits("c1", returned=True, tier=5) in talk.heard


# --- steps ----------------------------------------------------------------------------------------------------


def stepping(*steps: OverflowStep, needs: Mapping[str, int] | None = None, agents: Any = ("ann",)) -> Rules:
    return centre(desk(needs, steps=steps), group("other"), agents=agents)


def test_steps_whose_time_has_passed_count_as_taken_without_their_prompts() -> None:
    talk = Conversation(stepping()) << arrives("c1")
    new = stepping(OverflowStep(1_000, prompt="sorry", tier=1), OverflowStep(2_000, tier=3, callback=True))
    talk.at(5_000).reload(new) >> (IN_FORCE, TierChanged("c1", 3, ""))
    assert talk.due is None


@pytest.mark.parametrize(("now", "taken"), [(999, False), (1_000, True)])
def test_a_step_whose_time_is_now_has_passed(now: int, taken: bool) -> None:
    talk = Conversation(stepping()) << arrives("c1")
    talk.at(now).reload(stepping(OverflowStep(1_000, tier=1)))
    assert (TierChanged("c1", 1, "") in talk.heard) is taken
    assert talk.due == (None if taken else 1_000)


def test_new_steps_count_from_when_the_call_came_to_the_group() -> None:
    """Not from its arrival in another."""
    rules = stepping()
    talk = Conversation(rules) << arrives("c1", "other")
    talk.at(50_000) << ev.ForcedMove("c1", "desk", "lead")
    talk.at(60_000).reload(stepping(OverflowStep(10_000, tier=1), OverflowStep(10_001, tier=2))) >> (
        IN_FORCE,
        TierChanged("c1", 1, ""),
    )
    assert talk.due == 60_001


def test_a_step_that_is_later_now_is_not_taken_any_more() -> None:
    """What it had changed is undone, and it comes when its time has come, prompt and all."""
    relaxed = OverflowStep(1_000, needs=(("de", 1),), tier=4, prompt="sorry")
    talk = Conversation(stepping(relaxed, needs={"de": 5}, agents={"ann": {"de": 1}})) << arrives("c1")
    talk.at(1_000).tick() >> (StepTaken("c1", "desk", 1), TierChanged("c1", 4, ""), PlayPrompt("c1", "sorry"))
    later = stepping(replace(relaxed, after_ms=9_000), needs={"de": 5}, agents={"ann": {"de": 1}})
    talk.at(2_000).reload(later) >> (IN_FORCE, TierChanged("c1", 0, ""))
    talk << ready("ann")
    assert talk.offered() == []
    talk.at(9_000).tick()
    assert [type(each) for each in talk.heard][:2] == [StepTaken, TierChanged]
    assert talk.offered() == [("c1", "ann")]


def test_steps_that_let_others_serve_do_so_at_once() -> None:
    rules = stepping(needs={"de": 5}, agents={"ann": {"en": 1}})
    other = {"other": group("other", en=1)}
    talk = Conversation(replace(rules, groups={**rules.groups, **other})) << ready("ann") << arrives("c1")
    new = stepping(OverflowStep(1_000, groups=("other",)), needs={"de": 5}, agents={"ann": {"en": 1}})
    talk.at(5_000).reload(replace(new, groups={**new.groups, **other}))
    assert talk.offered() == [("c1", "ann")]


def test_the_needs_of_a_group_that_a_step_has_added_change_too() -> None:
    rules = stepping(OverflowStep(0, groups=("other",)), needs={"de": 5}, agents={"ann": {"en": 1}})
    hard = replace(rules, groups={**rules.groups, "other": group("other", en=2)})
    talk = Conversation(hard) << ready("ann") << arrives("c1") << ev.DeadlineReached()
    talk.reload(rules)
    assert talk.offered() == [("c1", "ann")]


def test_a_destination_whose_time_has_passed_takes_effect_now() -> None:
    """The last of several."""
    talk = Conversation(stepping()) << arrives("c1")
    new = stepping(OverflowStep(1_000, to=to_group("other")), OverflowStep(2_000, to=VOICEMAIL), OverflowStep(3_000))
    talk.at(5_000).reload(new) >> (
        IN_FORCE,
        CallSent("c1", "desk", VOICEMAIL, Cause.STEP),
        SendElsewhere("c1", VOICEMAIL),
    )
    talk = Conversation(stepping()) << arrives("c1")
    talk.at(5_000).reload(stepping(OverflowStep(1_000, to=to_group("other")))) >> (
        IN_FORCE,
        CallMoved("c1", "desk", "other", Cause.STEP),
        waits("c1", group="other", waiting_since=0),
    )


def test_a_ready_agent_found_by_the_change_comes_before_its_destination() -> None:
    """Of two calls the first is served, and the other sent."""
    talk = Conversation(stepping(needs={"de": 1})) << ready("ann") << [arrives("c1"), arrives("c2")]
    talk.at(5_000).reload(stepping(OverflowStep(1_000, to=VOICEMAIL, needs=(("de", 0),))))
    assert talk.offered() == [("c1", "ann")]
    assert talk.heard[-1] == SendElsewhere("c2", VOICEMAIL)


def test_a_destination_of_new_steps_does_not_cut_a_ring_off() -> None:
    talk = Conversation(stepping()) << ready("ann") << arrives("c1")
    talk.at(5_000).reload(stepping(OverflowStep(1_000, to=VOICEMAIL))) >> IN_FORCE
    talk << failed("c1")
    assert talk.heard[-1] == SendElsewhere("c1", VOICEMAIL)


def test_a_destination_of_new_steps_is_forgotten_in_the_talk() -> None:
    talk = Conversation(stepping()) << ready("ann") << arrives("c1")
    talk.at(5_000).reload(stepping(OverflowStep(1_000, to=VOICEMAIL)))
    talk << answered("c1")
    talk << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    assert talk.router.calls["c1"].placed


def test_a_talk_does_not_count_for_new_steps() -> None:
    """3 s of waiting and 60 s of talk: a step after 5 s comes 2 s after the talk broke off."""
    talk = Conversation(stepping()) << arrives("c1")
    talk.at(3_000) << ready("ann") << answered("c1")
    talk.at(63_000).reload(stepping(OverflowStep(3_000, tier=1), OverflowStep(5_000, tier=2))) >> IN_FORCE
    talk << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    assert waits("c1", returned=True, tier=1) in talk.heard
    assert talk.due == 65_000


def test_a_destination_taken_back_while_it_rings_does_not_send_the_call_any_more() -> None:
    rules = stepping(OverflowStep(1_000, to=VOICEMAIL))
    talk = Conversation(rules) << ready("ann") << arrives("c1")
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    talk.at(2_000).reload(stepping()) >> IN_FORCE
    talk << failed("c1")
    assert talk.router.calls["c1"].placed


def test_a_destination_taken_back_while_the_pbx_is_away_does_not_send_the_call_any_more() -> None:
    rules = stepping(OverflowStep(1_000, to=VOICEMAIL))
    talk = Conversation(rules) << arrives("c1") << PbxLost()
    talk.at(1_000).tick() >> StepTaken("c1", "desk", 1)
    talk.at(2_000).reload(stepping()) >> IN_FORCE
    talk << PbxFound()
    assert talk.router.calls["c1"].placed


@pytest.mark.parametrize("to", [VOICEMAIL, to_group("other")], ids=str)
def test_a_destination_that_stays_among_the_steps_stays_noted(to: Destination) -> None:
    """However the group changes beside it, and whatever changes beside the group; where it leads now counts."""
    talk = Conversation(stepping(OverflowStep(1_000, to=to_group("desk")))) << ready("ann") << arrives("c1")
    talk.at(1_000).tick()
    same = stepping(OverflowStep(500, to=to), OverflowStep(9_000, tier=1))
    talk.at(2_000).reload(same) >> IN_FORCE
    talk.at(3_000).reload(replace(same, client_grace_ms=1)) >> IN_FORCE
    talk << failed("c1")
    last = SendElsewhere("c1", VOICEMAIL) if to is VOICEMAIL else waits("c1", returned=True, group="other")
    assert talk.heard[-1] == last


def test_a_closing_time_noted_while_it_rings_is_not_taken_back_by_other_steps() -> None:
    office = desk(hours="office", when_closed=VOICEMAIL, clear_at_closing=True, ring_ms=90_000)
    rules = centre(office, agents=["ann"], hours={"office": every_day((9, 17))})
    talk = Conversation(rules).at(17 * HOUR - 1) << ready("ann") << arrives("c1")
    talk.at(17 * HOUR).tick() >> ()
    talk.at(17 * HOUR + 1).reload(with_desk(rules, steps=(OverflowStep(5_000, tier=1),))) >> IN_FORCE
    talk << failed("c1")
    assert talk.heard[-1] == SendElsewhere("c1", VOICEMAIL)


def test_a_call_on_its_way_elsewhere_is_not_called_back() -> None:
    """If it can't be sent, it stands where the new rules put it."""
    talk = Conversation(stepping(OverflowStep(1_000, to=VOICEMAIL))) << arrives("c1")
    talk.at(1_000).tick()
    talk.at(2_000).reload(stepping(OverflowStep(1_000, tier=2))) >> IN_FORCE
    talk << ev.SendingFailed("c1") >> waits("c1", tier=2)
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


# --- groups ---------------------------------------------------------------------------------------------------


def test_calls_in_a_removed_group_are_served_by_its_last_rules() -> None:
    """Needs, strategy, ring time, steps; and a talk in it has its wrap-up."""
    removed = desk(
        {"de": 2}, strategy=S.FIXED_ORDER, ring_ms=7_000, wrap_up_ms=9_000, steps=(OverflowStep(5_000, tier=3),)
    )
    rules = centre(removed, group("other"), agents={"ann": {}, "ben": {"de": 2}, "cy": {"de": 2}})
    talk = Conversation(rules) << arrives("c1")
    talk.at(1_000).reload(with_agents(centre(group("other")), **{"ann": {}, "ben": {"de": 2}, "cy": {"de": 2}}))
    assert talk.due == 5_000
    talk.at(5_000).tick() >> (StepTaken("c1", "desk", 1), TierChanged("c1", 3, ""))
    talk << PbxLost() << ready("ann", "cy", "ben") << PbxFound()
    assert talk.offered() == [("c1", "ben")]
    assert talk.due == 12_000
    talk << answered("c1") << CallerLeft("c1")
    assert talk.state("ben") is WRAP_UP
    assert talk.due == 14_000


def test_a_removed_group_takes_no_new_calls() -> None:
    """From outside, from another group, by a supervisor."""
    rules = centre(desk(), replace(group("other"), steps=(OverflowStep(1_000, to=to_group("desk")),)))
    talk = Conversation(rules) << [arrives("old"), arrives("o1", "other")]
    talk.reload(replace(rules, groups={"other": rules.groups["other"]}, entries={"other": rules.entries["other"]}))
    talk << arrives("c1", "other", group="desk")
    talk >> (Like(RefuseCall, call="c1", cause=RefusalCause.UNKNOWN_GROUP), over("c1", Outcome.REFUSED))
    talk << ev.ForcedMove("o1", "desk", "lead") >> refuses("", RefusalCode.UNKNOWN_GROUP)
    talk.at(1_000).tick() >> StepTaken("o1", "other", 1)
    assert talk.router.calls["o1"].placed


def test_a_removed_group_that_comes_back_has_its_new_rules() -> None:
    rules = centre(desk({"de": 5}), group("other"), agents={"ann": {"de": 1}})
    talk = Conversation(rules) << ready("ann") << arrives("c1")
    talk.reload(replace(rules, groups={"other": rules.groups["other"]})) >> IN_FORCE
    talk.reload(with_desk(rules, {"de": 1}))
    assert talk.offered() == [("c1", "ann")]


def test_a_new_group_takes_calls_at_once() -> None:
    rules = centre(desk(), agents=["ann"])
    talk = Conversation(rules) << ready("ann")
    talk.reload(centre(desk(), group("new"), agents=["ann"])) >> IN_FORCE
    talk << arrives("c1", "new")
    assert talk.offered() == [("c1", "ann")]


def test_a_new_ring_time_holds_for_the_next_ring_and_a_new_wrap_up_for_the_next_end() -> None:
    talk = live(PLAIN).reload(with_desk(PLAIN, ring_ms=5_000, wrap_up_ms=1_000)) >> IN_FORCE
    assert talk.due == RING_MS
    talk << CallerLeft("t") >> (over("t", Outcome.RELEASED_BY_CALLER), becomes("ann", WRAP_UP, call="t"))
    assert talk.due == 2_000
    talk.at(2_000).tick()
    assert talk.offered() == [("w", "ann")]
    assert talk.due == 7_000


# --- doors ------------------------------------------------------------------------------------------------------


def test_other_hours_hold_for_the_next_call_and_those_who_wait_are_served() -> None:
    rules = centre(desk(hours="office"), agents=["ann"], hours={"office": every_day((9, 17))})
    talk = Conversation(rules).at(12 * HOUR) << arrives("c1")
    talk.reload(replace(rules, hours={"office": every_day((9, 11))})) >> IN_FORCE
    talk << arrives("c2")
    talk >> (Like(RefuseCall, call="c2", cause=RefusalCause.CLOSED), over("c2", Outcome.REFUSED))
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


def test_the_line_is_cleared_at_the_new_closing_time() -> None:
    office = desk(hours="office", when_closed=VOICEMAIL, clear_at_closing=True)
    rules = centre(office, hours={"office": every_day((9, 17))})
    talk = Conversation(rules).at(12 * HOUR) << arrives("c1")
    assert talk.due == 17 * HOUR
    talk.reload(replace(rules, hours={"office": every_day((9, 15))})) >> IN_FORCE
    assert talk.due == 15 * HOUR
    talk.at(15 * HOUR).tick() >> (CallSent("c1", "desk", VOICEMAIL, Cause.CLOSED), SendElsewhere("c1", VOICEMAIL))


def test_hours_taken_away_leave_the_group_open() -> None:
    rules = centre(desk(hours="office"), hours={"office": every_day((9, 17))})
    talk = Conversation(rules).at(20 * HOUR).reload(centre(desk())) >> IN_FORCE
    talk << arrives("c1") >> waits("c1")


def test_a_greatest_length_counts_those_who_wait_and_ring_already() -> None:
    """One waits, one rings, one talks: with three at most there is room for one more."""
    talk = live(PLAIN).reload(with_desk(PLAIN, calls_max=3)) >> IN_FORCE
    talk << arrives("c1") >> waits("c1")
    talk << arrives("c2")
    talk >> (Like(RefuseCall, call="c2", cause=RefusalCause.FULL), over("c2", Outcome.REFUSED))
    talk << answered("r") << arrives("c3") >> waits("c3")
    talk << arrives("c4")
    assert Like(RefuseCall, call="c4", cause=RefusalCause.FULL) in talk.heard
    talk << ev.PhoneLeft(OfferId("t", 1), lost=True) << [CallerLeft("w"), arrives("c5")]
    assert Like(RefuseCall, call="c5", cause=RefusalCause.FULL) in talk.heard, "the talk that broke off waits again"


def test_a_greatest_length_taken_away_and_given_again_counts_right() -> None:
    limited = with_desk(PLAIN, calls_max=2)
    talk = live(limited).reload(PLAIN) << [arrives("c1"), CallerLeft("r")]
    talk.reload(limited)  # c1 waits, w rings now
    talk << arrives("c2")
    assert Like(RefuseCall, call="c2", cause=RefusalCause.FULL) in talk.heard
    talk << CallerLeft("w") << CallerLeft("c1") << [arrives("c3"), arrives("c4")]
    assert not [each for each in talk.heard if isinstance(each, RefuseCall)]


def test_too_many_already_stay() -> None:
    talk = live(PLAIN) << [arrives("c1"), arrives("c2")]
    talk.reload(with_desk(PLAIN, calls_max=1)) >> IN_FORCE
    assert len(talk.router.calls) == 5


def test_when_nobody_takes_effect_when_the_last_agent_is_removed() -> None:
    rules = with_desk(PLAIN, when_nobody=VOICEMAIL)
    talk = Conversation(rules) << ev.LoggedIn("ann") << arrives("c1")
    talk.reload(with_agents(rules, ben={})) >> (
        IN_FORCE,
        becomes("ann", LOGGED_OUT, by="lead"),
        CallSent("c1", "desk", VOICEMAIL, Cause.NO_AGENTS),
        SendElsewhere("c1", VOICEMAIL),
    )


@pytest.mark.parametrize("how", ["needs", "skills", "given"])
def test_when_nobody_takes_effect_when_the_rules_leave_nobody(how: str) -> None:
    rules = with_desk(with_agents(PLAIN, ann={"de": 1}), {"de": 1}, when_nobody=None if how == "given" else VOICEMAIL)
    talk = Conversation(rules) << ([] if how == "given" else ev.LoggedIn("ann")) << arrives("c1")
    after = {
        "needs": with_desk(rules, {"de": 2}),
        "skills": with_agents(rules, ann={}),
        "given": with_desk(rules, when_nobody=VOICEMAIL),
    }
    talk.reload(after[how]) >> (
        IN_FORCE,
        CallSent("c1", "desk", VOICEMAIL, Cause.NO_AGENTS),
        SendElsewhere("c1", VOICEMAIL),
    )


def test_when_nobody_is_counted_right_after_many_changes() -> None:
    """Skills taken and given while logged in: the one agent counts once."""
    rules = with_desk(with_agents(PLAIN, ann={"de": 1}), {"de": 1}, when_nobody=VOICEMAIL)
    talk = Conversation(rules) << ready("ann")
    for skills in ({}, {"de": 1}, {"de": 5}, {"de": 1, "en": 1}):
        talk.reload(with_agents(rules, ann=skills)) >> IN_FORCE
    assert (talk << arrives("c1")).offered() == [("c1", "ann")]
    talk << CallerLeft("c1") << ev.LogOutAsked("ann") << arrives("c2")
    assert SendElsewhere("c2", VOICEMAIL) in talk.heard


def test_last_agent_given_up_and_given_again_names_nobody_of_before() -> None:
    """Who talked while it was off isn't remembered; who talked before is."""
    rules = with_desk(with_agents(PLAIN, ann={}, ben={}), last_agent_ms=60_000)
    talk = Conversation(rules) << ready("ann") << [arrives("c1", caller_number="1"), answered("c1")]
    talk.reload(with_desk(rules, last_agent_ms=0))
    talk << ready("ben") << [arrives("c2", caller_number="1"), answered("c2")]
    talk.reload(rules)
    talk << [CallerLeft("c2"), ReadyAsked("ben"), arrives("c3", caller_number="1")]
    assert talk.offered() == []
    talk << [CallerLeft("c1"), ReadyAsked("ann")]
    assert talk.offered() == [("c3", "ann")]


# --- while the PBX is lost --------------------------------------------------------------------------------------


def test_changes_while_the_pbx_is_lost_are_matched_when_it_is_back() -> None:
    rules = centre(desk({"de": 5}), agents={"ann": {"de": 1}})
    talk = Conversation(rules) << ready("ann") << arrives("c1") << PbxLost()
    talk.reload(with_desk(rules, {"de": 1})) >> IN_FORCE
    talk << PbxFound()
    assert talk.offered() == [("c1", "ann")]


def test_a_destination_outside_of_new_steps_waits_for_the_pbx() -> None:
    """One inside doesn't; and who is served meanwhile isn't sent."""
    talk = Conversation(stepping()) << [arrives("c1"), arrives("c2")] << PbxLost()
    talk.at(5_000).reload(stepping(OverflowStep(1_000, to=VOICEMAIL))) >> IN_FORCE
    talk << ready("ann") << PbxFound()
    assert talk.offered() == [("c1", "ann")]
    assert talk.heard[-1] == SendElsewhere("c2", VOICEMAIL)
    talk = Conversation(stepping()) << arrives("c1") << PbxLost()
    talk.at(5_000).reload(stepping(OverflowStep(1_000, to=to_group("other"))))
    assert CallMoved("c1", "desk", "other", Cause.STEP) in talk.heard


def test_ring_all_that_comes_while_the_pbx_is_lost_lets_all_join_when_it_is_back() -> None:
    rules = centre(desk(), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann", "ben") << arrives("c1") << PbxLost()
    talk.reload(with_desk(rules, strategy=S.RING_ALL)) >> IN_FORCE
    talk << PbxFound()
    assert talk.offered() == [("c1", "ben")]
