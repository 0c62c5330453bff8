"""Who serves whom: the order of service over all groups, and the agent whom the group's strategy chooses."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from acd import events as ev
from acd.events import CallerLeft, NotReadyAsked, OfferFailure, ReadyAsked
from acd.rules import EntryPoint, OverflowStep, Rules, SkillGroup, Strategy, VipClass
from acd.skills import normalized
from tests.conversation import (
    NOT_READY,
    READY,
    RINGING,
    TALKING,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    failed,
    group,
    ready,
    rings,
    waits,
)

DESK = group("desk")


def served(talk: Conversation, agent: str, count: int) -> list[str]:
    """The calls that `agent` is rung for, one after the other, when every caller leaves as soon as it rings."""
    order: list[str] = []
    talk << ready(agent)
    while talk.offered() and len(order) < count:
        [(call, _)] = talk.offered()
        order.append(call)
        talk << CallerLeft(call)
    return order


# --- which agent ------------------------------------------------------------------------------------------------------


def test_the_longest_idle_agent_is_rung() -> None:
    """Not the first configured, not the first logged in."""
    talk = Conversation(centre(DESK, agents=["ann", "ben", "cy"]))
    talk << [ev.LoggedIn(agent) for agent in ("ann", "ben", "cy")]
    for now, agent in ((10, "cy"), (20, "ann"), (30, "ben")):
        talk.at(now) << ReadyAsked(agent)
    order = []
    for call in ("c1", "c2", "c3"):
        talk.at(40) << arrives(call)
        order += talk.offered()
    assert order == [("c1", "cy"), ("c2", "ann"), ("c3", "ben")]


def test_ready_in_the_same_millisecond_the_first_to_say_so_is_rung() -> None:
    talk = Conversation(centre(DESK, agents=["ann", "ben"]))
    talk << ready("ben", "ann") << arrives("c1")
    assert talk.offered() == [("c1", "ben")]


def test_not_ready_and_ready_again_is_the_end_of_the_line() -> None:
    """Who took a break starts anew."""
    talk = Conversation(centre(DESK, agents=["ann", "ben"])) << ready("ann", "ben")
    talk.at(10) << [NotReadyAsked("ann", "break"), ReadyAsked("ann")] << arrives("c1")
    assert talk.offered() == [("c1", "ben")]


def test_an_offer_withdrawn_keeps_the_place() -> None:
    """The caller left first: the agent is blameless and still the longest idle."""
    talk = Conversation(centre(DESK, agents=["ann", "ben"])) << ready("ann", "ben")
    talk.at(1_000) << arrives("c1")
    assert talk.offered() == [("c1", "ann")]
    talk.at(5_000) << CallerLeft("c1") << arrives("c2")
    assert talk.offered() == [("c2", "ann")]


def test_after_a_call_and_its_wrap_up_an_agent_is_the_last_in_line() -> None:
    talk = Conversation(centre(group("desk", wrap_up_ms=0), agents=["ann", "ben"])) << ready("ann", "ben")
    talk.at(10) << arrives("c1") << answered("c1")
    talk.at(20) << CallerLeft("c1") << arrives("c2")
    assert talk.offered() == [("c2", "ben")]


def test_only_agents_who_reach_every_need_are_rung() -> None:
    """However long the others have been idle."""
    desk = group("desk", de=5, billing=3)
    skills = {"ann": {"de": 9}, "ben": {"de": 4, "billing": 9}, "cy": {"de": 5, "billing": 3}}
    talk = Conversation(centre(desk, agents=skills)) << ready("ann", "ben", "cy") << arrives("c1")
    assert talk.offered() == [("c1", "cy")]


def test_the_calls_own_needs_come_on_top_of_the_groups() -> None:
    """And those of its entry point; where one skill is asked for twice, the higher level counts."""
    entry = EntryPoint("200", "desk", needs=normalized({"en": 2}))
    skills = {"ann": {"de": 5}, "ben": {"de": 5, "en": 2}, "cy": {"de": 5, "en": 2, "vip": 1}, "di": {"de": 8, "en": 2}}
    rules = centre(group("desk", de=5), agents=skills, entries={"200": entry})
    talk = Conversation(rules) << ready("ann", "ben", "cy", "di")
    order = []
    for each in (
        arrives("c1", "200", needs=normalized({"de": 7})),
        arrives("c2", "200", needs=normalized({"vip": 1})),
        arrives("c3", "200", needs=normalized({"de": 1})),
        arrives("c4", "desk"),
    ):
        talk << each
        order += talk.offered()
    assert order == [("c1", "di"), ("c2", "cy"), ("c3", "ben"), ("c4", "ann")]


def test_a_higher_level_of_the_call_itself_keeps_it_waiting_for_the_expert() -> None:
    talk = Conversation(centre(group("desk", de=3), agents={"ann": {"de": 3}, "ben": {"de": 8}})) << ready("ann")
    talk.at(10) << arrives("c1", needs=normalized({"de": 6})) >> waits("c1")
    talk.at(20) << arrives("c2") >> (waits("c2"), rings("c2", "ann"), becomes("ann", RINGING, call="c2"))
    talk.at(30) << ready("ben")
    assert talk.offered() == [("c1", "ben")]


# --- which call -------------------------------------------------------------------------------------------------------


def test_longest_waiting_first() -> None:
    talk = Conversation(centre(DESK, agents=["ann"]))
    for now, call in ((10, "c3"), (20, "c1"), (30, "c2")):
        talk.at(now) << arrives(call)
    assert served(talk, "ann", 3) == ["c3", "c1", "c2"]


def test_in_the_same_millisecond_the_first_to_arrive() -> None:
    """Never by the spelling of an id."""
    talk = Conversation(centre(DESK, agents=["ann"])) << [arrives("z"), arrives("a"), arrives("m")]
    assert served(talk, "ann", 3) == ["z", "a", "m"]


def test_the_higher_tier_first_however_long_the_others_wait() -> None:
    talk = Conversation(centre(DESK, agents=["ann"]))
    talk.at(0) << arrives("old", credit_ms=900_000)
    talk.at(60_000) << arrives("gold", tier=2)
    talk.at(60_001) << arrives("silver", tier=1)
    talk.at(60_002) << arrives("gold too", tier=2)
    talk.at(60_003) << arrives("new", credit_ms=900_000)
    assert served(talk, "ann", 5) == ["gold", "gold too", "silver", "old", "new"]


@pytest.mark.parametrize(
    ("credit_ms", "order"),
    [
        (9_999, ["plain", "favoured"]),
        (10_000, ["plain", "favoured"]),  # a tie: by ticket
        (10_001, ["favoured", "plain"]),
    ],
)
def test_credit_counts_as_time_waited(credit_ms: int, order: list[str]) -> None:
    """To the millisecond; a tie goes to whoever came first."""
    talk = Conversation(centre(DESK, agents=["ann"]))
    talk.at(5_000) << arrives("plain")
    talk.at(15_000) << arrives("favoured", credit_ms=credit_ms)
    talk.at(100_000)
    assert served(talk, "ann", 2) == order


def test_waiting_while_we_were_away_counts() -> None:
    """A call found waiting has the place that its arrival gave it; an arrival in the future is now."""
    talk = Conversation(centre(DESK, agents=["ann"]))
    talk.at(50_000) << arrives("new") << arrives("found", waiting_since=1_000)
    talk << arrives("dreamt", waiting_since=99_000) >> waits("dreamt", waiting_since=50_000)
    talk << arrives("last")
    assert served(talk, "ann", 4) == ["found", "new", "dreamt", "last"]


def test_who_was_heard_of_late_goes_before_one_who_came_later_and_was_found() -> None:
    """first came at 1000 and was heard of at 1200; second came at 1100, and the link broke before it was heard of.

    third came later, but by the clock of the PBX it was a minute earlier; fourth comes while the others are found.
    """
    talk = Conversation(centre(DESK, agents=["ann"]))
    talk.at(1_200) << arrives("first")
    talk.at(1_201) << ev.PbxLost()
    talk.at(2_000) << [arrives("fourth"), arrives("second", waiting_since=1_100)]
    talk << [arrives("third", waiting_since=-58_000), ev.PbxFound()]
    assert served(talk, "ann", 4) == ["first", "second", "third", "fourth"]


def test_who_came_unheard_before_one_who_was_heard_of_while_all_are_found_goes_before() -> None:
    """Nobody was heard of before the PBX is found at last; also when it is lost once more meanwhile."""
    talk = Conversation(centre(DESK, agents=["ann"])).at(1_000) << ev.PbxLost()
    talk.at(2_000) << [arrives("second"), ev.PbxLost(), arrives("first", waiting_since=1_500), ev.PbxFound()]
    assert served(talk, "ann", 2) == ["first", "second"]


RICH = EntryPoint("rich", "desk", tier=3, credit_ms=30_000)


@pytest.mark.parametrize("entry", [RICH, EntryPoint("rich", "desk")], ids=["entry grants", "entry grants nothing"])
@pytest.mark.parametrize("vip", [VipClass("gold", tier=2, credit_ms=40_000), VipClass("none")], ids=["VIP", "no VIP"])
@pytest.mark.parametrize("dialled", [{}, {"tier": 1, "credit_ms": 50_000}, {"tier": 9, "credit_ms": 10}], ids=str)
def test_the_highest_of_dialplan_entry_and_vip_counts(
    entry: EntryPoint, vip: VipClass, dialled: dict[str, int]
) -> None:
    """Tier and credit each for itself."""
    rules = centre(DESK, agents=["ann"], entries={"rich": entry}, vips={"138": vip})
    talk = Conversation(rules).at(100_000)
    tier = max(entry.tier, vip.tier, dialled.get("tier", 0))
    credit_ms = max(entry.credit_ms, vip.credit_ms, dialled.get("credit_ms", 0))
    talk << arrives("c1", "rich", caller_number="138", **dialled) >> waits("c1", tier=tier)
    talk << arrives("behind", tier=tier, credit_ms=credit_ms)
    talk << arrives("before", tier=tier, credit_ms=credit_ms + 1)
    talk << arrives("above", tier=tier + 1)
    assert served(talk, "ann", 4) == ["above", "before", "c1", "behind"]


def test_a_vip_is_known_by_the_callers_number_alone() -> None:
    talk = Conversation(centre(DESK, vips={"138": VipClass("gold", tier=2)}))
    talk << arrives("c1", caller_number="139") >> waits("c1", tier=0)
    talk << arrives("c2", caller_name="138") >> waits("c2", tier=0)
    talk << arrives("c3", caller_number="138") >> waits("c3", tier=2)


def test_one_order_over_all_groups_an_agent_may_serve() -> None:
    """Lines apart, the order is one: tier, wait with credit, ticket."""
    desks = (group("desk"), group("german", de=3), group("expert", de=8))
    talk = Conversation(centre(*desks, agents={"ann": {"de": 5}, "ben": {"de": 9}}))
    talk.at(10) << arrives("e1", "expert")
    talk.at(20) << arrives("g1", "german") << arrives("d1", "desk")
    talk.at(30) << arrives("d2", "desk", tier=1) << arrives("g2", "german", tier=1) << arrives("e2", "expert", tier=1)
    talk.at(40) << arrives("g3", "german", credit_ms=25)
    assert served(talk, "ann", 5) == ["d2", "g2", "g3", "g1", "d1"]
    assert served(talk, "ben", 2) == ["e2", "e1"]


def test_a_returned_call_goes_ahead_of_the_whole_line_of_every_group() -> None:
    """Even ahead of a higher tier in another group."""
    talk = Conversation(centre(group("desk"), group("german", de=3), agents={"ann": {}, "ben": {"de": 3}}))
    talk << ready("ann")
    talk.at(10) << arrives("plain")
    talk.at(20) << arrives("old", "german", tier=9, credit_ms=90_000) << arrives("gold", tier=9)
    talk.at(30) << failed("plain")
    assert served(talk, "ben", 3) == ["plain", "old", "gold"]


def test_returned_calls_among_themselves_keep_the_order_of_service() -> None:
    """Tier, then wait with credit: who came back first doesn't matter."""
    talk = Conversation(centre(DESK, agents=["ann", "ben", "cy", "di"])) << ready("ann", "ben", "cy")
    talk.at(10) << arrives("first")
    talk.at(20) << arrives("second") << arrives("gold", tier=1)
    talk.at(30) << failed("second") << failed("gold") << failed("first")
    assert served(talk, "di", 3) == ["gold", "first", "second"]


# --- declined ---------------------------------------------------------------------------------------------------------


def test_a_call_is_not_offered_again_to_who_declined_it_while_another_is_ready() -> None:
    """Even when that one has been idle longest."""
    talk = Conversation(centre(DESK, agents=["ann", "ben", "cy"])) << ready("ann")
    talk.at(10) << arrives("c1") << failed("c1")
    talk << ev.PbxLost()  # so that several become ready while the call waits
    for now, agent in ((20, "ann"), (30, "ben"), (40, "cy")):
        talk.at(now) << ready(agent)
    talk.at(50) << ev.PbxFound()
    assert talk.offered() == [("c1", "ben")]


def test_who_declined_a_call_is_asked_again_when_nobody_else_is_ready() -> None:
    """A call doesn't wait while somebody could serve it."""
    talk = Conversation(centre(DESK, agents=["ann"])) << ready("ann") << arrives("c1")
    talk << failed("c1", OfferFailure.REJECTED) << ReadyAsked("ann")
    talk >> (becomes("ann", READY), rings("c1", "ann", n=2), becomes("ann", RINGING, call="c1"))


def test_having_declined_one_call_says_nothing_about_another() -> None:
    talk = Conversation(centre(DESK, agents=["ann", "ben"])) << ready("ann") << arrives("c1") << failed("c1")
    talk.at(10) << ready("ben") << answered("c1", 2) << ReadyAsked("ann") << arrives("c2")
    assert talk.offered() == [("c2", "ann")]
    assert talk.state("ann") is RINGING
    assert talk.state("ben") is not NOT_READY


def test_all_who_declined_are_passed_over() -> None:
    """The longest idle of those who didn't is rung; if all did, the longest idle of them."""
    talk = Conversation(centre(DESK, agents=["ann", "ben", "cy"])) << ready("ann", "ben") << arrives("c1")
    talk.at(10) << failed("c1") << failed("c1", n=2)
    talk.at(20) << ev.PbxLost() << ready("ben", "ann", "cy")
    talk.at(30) << ev.PbxFound()
    assert talk.offered() == [("c1", "cy")]
    talk.at(40) << failed("c1", n=3)
    assert talk.offered() == [("c1", "ben")]


# --- strategies -------------------------------------------------------------------------------------------------------

BACK = [NotReadyAsked("ben", "break"), ReadyAsked("ben")]  # ben is the last in the order of idleness


def desk(strategy: Strategy, wrap_up_ms: int = 0, needs: dict[str, int] | None = None, **more: Any) -> SkillGroup:
    return replace(group("desk", wrap_up_ms=wrap_up_ms, **(needs or {})), strategy=strategy, **more)


def rung(talk: Conversation, call: str = "c9", **arrival: Any) -> list[str]:
    """Who is rung for a call that comes now."""
    return [agent for _, agent in (talk << arrives(call, **arrival)).offered()]


def together(talk: Conversation, *events: ev.Event) -> list[str]:
    """Who is rung when all that `events` make possible comes at once: as after an absence of the PBX."""
    talk << ev.PbxLost() << [*events] << ev.DeadlineReached()
    return [agent for _, agent in (talk << ev.PbxFound()).offered()]


def serve(talk: Conversation, call: str, begin: int, end: int) -> str:
    """A call comes, is answered at `begin` at once, and ends at `end`; who served it?"""
    [agent] = rung(talk.at(begin), call)
    talk << answered(call)
    talk.at(end) << CallerLeft(call)
    return agent


TIES = [
    Strategy.LONGEST_IDLE,
    Strategy.LEAST_OCCUPIED,
    Strategy.FEWEST_CALLS,
    Strategy.MOST_SKILLED,
    Strategy.LEAST_SKILLED,
]


@pytest.mark.parametrize("strategy", TIES)
def test_what_ties_goes_to_the_longest_idle(strategy: Strategy) -> None:
    """Neither to the first configured, nor to the first by name. (In the others nothing ties.)"""
    talk = Conversation(centre(desk(strategy), agents={"ann": {"de": 3}, "ben": {"de": 3}, "cy": {"de": 3}}))
    talk << ready("cy", "ann", "ben")
    assert [rung(talk, call) for call in ("c1", "c2", "c3")] == [["cy"], ["ann"], ["ben"]]


@pytest.mark.parametrize("strategy", Strategy)
def test_who_declined_comes_last_of_all(strategy: Strategy) -> None:
    """By every strategy ann would be the first, or drawn now and then."""
    for seed in range(10):
        rules = centre(desk(strategy), agents={"ann": {}, "ben": {"de": 1}}, seed=seed)
        talk = Conversation(rules) << ready("ann")
        talk << [arrives("c1"), failed("c1")]
        assert together(talk, *ready("ann", "ben")) == ["ben"]
        talk << failed("c1", n=2)
        assert talk.offered() == [("c1", "ann")], "nobody else is ready"


@pytest.mark.parametrize("strategy", Strategy)
def test_who_declined_comes_last_though_another_group_let_everybody_else_in(strategy: Strategy) -> None:
    """Over several lines, too; and who stands in both is rung once."""
    relaxing = desk(strategy, needs={"de": 1}, steps=(OverflowStep(0, groups=("other",)),))
    people = {"ann": {"de": 9, "en": 1}, "ben": {"en": 1}, "cy": {"de": 1, "en": 1, "fr": 9}}
    talk = Conversation(centre(relaxing, group("other", en=1), agents=people)) << ready("ann")
    talk << [arrives("c1"), failed("c1")]
    first = together(talk, *ready("ann", "ben", "cy"))
    assert set(first) <= {"ben", "cy"}
    assert len(first) == len(set(first)) == (2 if strategy is Strategy.RING_ALL else 1)


@pytest.mark.parametrize("strategy", Strategy)
def test_who_is_rung_stands_in_no_line_any_more(strategy: Strategy) -> None:
    """In neither of the two that the skills cover."""
    talk = Conversation(centre(desk(strategy), group("german", de=1), agents={"ann": {"de": 3}})) << ready("ann")
    assert rung(talk, "c1") == ["ann"]
    assert rung(talk, "c2") == rung(talk, "c3", entry="german") == []
    talk << CallerLeft("c1")
    assert talk.offered() == [("c2", "ann")]
    talk << [answered("c2"), CallerLeft("c2")]
    assert talk.offered() == [("c3", "ann")]


# least-occupied


def test_least_occupied_is_the_smallest_share_and_not_the_longest_idle() -> None:
    talk = Conversation(centre(desk(Strategy.LEAST_OCCUPIED), agents=["ann", "ben"])) << ready("ann", "ben")
    assert serve(talk, "c1", 0, 20_000) == "ann"
    talk << [NotReadyAsked("ann", "break"), ReadyAsked("ann")]
    assert serve(talk, "c2", 20_000, 25_000) == "ben"
    assert rung(talk) == ["ben"]


@pytest.mark.parametrize(("end", "first"), [(91_000, "ben"), (93_000, "ann")])
@pytest.mark.parametrize("wrap_up_ms", [0, 10_000])
def test_occupied_time_counts_the_less_the_longer_ago(end: int, first: str, wrap_up_ms: int) -> None:
    """50 s up to 50 s make 0.3935 of 100 s, 30 s make 0.2592: so ann's share is below ben's 41.75 s after it ended."""
    rules = centre(desk(Strategy.LEAST_OCCUPIED, wrap_up_ms), agents=["ann", "ben"], recent_ms=100_000)
    talk = Conversation(rules) << ready("ann", "ben")
    assert serve(talk, "c1", 0, 50_000 - wrap_up_ms) == "ann"
    assert serve(talk, "c2", end - 30_000, end - wrap_up_ms) == "ben"
    assert rung(talk.at(end)) == [first]


def test_time_not_ready_is_no_time_at_all() -> None:
    """ann's share of 0.39 is frozen for an hour; it would have faded away, were that time free."""
    rules = centre(desk(Strategy.LEAST_OCCUPIED), agents=["ann", "ben"], recent_ms=100_000)
    talk = Conversation(rules) << ready("ann", "ben")
    assert serve(talk, "c1", 0, 50_000) == "ann"
    talk << NotReadyAsked("ann", "break")
    assert serve(talk, "c2", 3_600_000, 3_630_000) == "ben"
    talk << ReadyAsked("ann") << BACK
    assert rung(talk) == ["ben"]


def test_logged_out_is_no_time_at_all_either() -> None:
    rules = centre(desk(Strategy.LEAST_OCCUPIED), agents=["ann", "ben"], recent_ms=100_000)
    talk = Conversation(rules) << ready("ann", "ben")
    assert serve(talk, "c1", 0, 50_000) == "ann"
    talk << ev.LogOutAsked("ann")
    assert serve(talk, "c2", 3_600_000, 3_630_000) == "ben"
    talk << ready("ann") << BACK
    assert rung(talk) == ["ben"]


def test_ringing_is_free_time() -> None:
    """Ten seconds of ringing against five of talk."""
    talk = Conversation(centre(desk(Strategy.LEAST_OCCUPIED), agents=["ann", "ben"])) << ready("ann", "ben")
    assert rung(talk, "c1") == ["ann"]
    assert serve(talk, "c2", 0, 5_000) == "ben"
    talk.at(10_000) << CallerLeft("c1") << [NotReadyAsked("ann", "break"), ReadyAsked("ann")]
    assert rung(talk) == ["ann"]


def test_a_withdrawn_ring_leaves_the_share_where_it_was() -> None:
    """Two who were occupied alike tie for ever, however often one of them is rung in vain."""
    talk = Conversation(centre(desk(Strategy.LEAST_OCCUPIED), agents=["ann", "ben"])) << ready("ann", "ben")
    talk << [arrives("c1"), arrives("c2"), answered("c1"), answered("c2")]
    talk.at(7_001) << [CallerLeft("c1"), CallerLeft("c2")]
    keys = {talk.router.agents[each].load.key for each in ("ann", "ben")}  # type: ignore[union-attr]
    assert len(keys) == 1
    for n in range(20):
        assert rung(talk.at(8_000 + 977 * n), f"d{n}") == ["ann"]
        talk.at(8_300 + 977 * n) << CallerLeft(f"d{n}")
    assert {talk.router.agents[each].load.key for each in ("ann", "ben")} == keys  # type: ignore[union-attr]


def test_who_was_never_occupied_is_the_first() -> None:
    """However long ago the other's only second was."""
    talk = Conversation(centre(desk(Strategy.LEAST_OCCUPIED), agents=["ann", "ben"], recent_ms=1_000)) << ready("ann")
    assert serve(talk, "c1", 0, 1_000) == "ann"
    talk.at(86_400_000) << ready("ben")
    assert rung(talk) == ["ben"]


# fewest-calls


def test_fewest_calls_and_not_the_longest_idle() -> None:
    """Answered calls: rings in vain count nothing."""
    talk = Conversation(centre(desk(Strategy.FEWEST_CALLS), agents=["ann", "ben"])) << ready("ben")
    talk << [arrives("c0"), failed("c0"), CallerLeft("c0")] << ready("ann")
    assert serve(talk, "c1", 0, 0) == "ann"
    talk << ReadyAsked("ben")
    assert rung(talk) == ["ben"]


@pytest.mark.parametrize(("now", "first"), [(60_999, "ben"), (61_000, "ann"), (61_001, "ann")])
def test_a_call_is_forgotten_exactly_when_it_is_not_recent_any_more(now: int, first: str) -> None:
    """Counted from the answer; nothing else happens at that instant."""
    talk = Conversation(centre(desk(Strategy.FEWEST_CALLS), agents=["ann", "ben"], recent_ms=60_000)) << ready("ann")
    assert serve(talk, "c1", 1_000, 5_000) == "ann"
    talk << ready("ben")
    assert talk.due == 61_000
    assert rung(talk.at(now)) == [first]


def test_calls_are_forgotten_one_by_one_and_in_a_talk_too() -> None:
    talk = Conversation(centre(desk(Strategy.FEWEST_CALLS), agents=["ann", "ben"], recent_ms=60_000)) << ready("ann")
    for n, begin in enumerate((1_000, 2_000, 50_000)):
        assert serve(talk, f"a{n}", begin, begin + 100) == "ann"
    talk << ready("ben")
    for n, begin in enumerate((60_000, 60_200)):
        assert serve(talk, f"b{n}", begin, begin + 100) == "ben"  # two against three
    talk << ev.NotReadyAsked("ben", "break") << arrives("c1") << answered("c1")
    assert talk.state("ann") is TALKING
    talk.at(62_001) << CallerLeft("c1") << ReadyAsked("ben")
    assert rung(talk) == ["ann"], "two each, and ann was ready first"


# round-robin


def test_round_robin_begins_with_the_order_of_the_file() -> None:
    talk = Conversation(centre(desk(Strategy.ROUND_ROBIN), agents=["cy", "ann", "ben"])) << ready("ben", "ann", "cy")
    assert [rung(talk, call) for call in ("c1", "c2", "c3")] == [["cy"], ["ann"], ["ben"]]


def test_a_turn_is_a_call_answered_or_an_offer_not_answered_and_nothing_else() -> None:
    rules = centre(desk(Strategy.ROUND_ROBIN), agents=["ann", "ben", "cy"])
    talk = Conversation(rules) << ready("cy", "ben", "ann")
    assert serve(talk, "c1", 0, 10) == "ann"
    assert rung(talk, "c2") == ["ben"]
    talk << [failed("c2"), CallerLeft("c2"), ReadyAsked("ben")]
    talk.at(20) << [NotReadyAsked("ann", "break"), ReadyAsked("ann")]  # ann is the last in the order of idleness
    assert rung(talk, "c3") == ["cy"]
    talk << CallerLeft("c3")
    assert rung(talk, "c4") == ["cy"], "a ring withdrawn was no turn"
    talk << answered("c4")
    assert rung(talk, "c5") == ["ann"]
    assert rung(talk, "c6") == ["ben"]


def test_the_turn_comes_with_the_answer_and_not_with_the_ring() -> None:
    talk = Conversation(centre(desk(Strategy.ROUND_ROBIN), agents=["ann", "ben"])) << ready("ann", "ben")
    talk << [arrives("c1"), arrives("c2")]  # ann rings first
    talk.at(10) << [answered("c2"), CallerLeft("c2")]
    talk.at(20) << [answered("c1"), CallerLeft("c1")]
    assert rung(talk) == ["ben"]


# most-skilled, least-skilled, fixed-order


def test_most_skilled_sums_the_levels_of_what_the_call_needs() -> None:
    """Not of all the agent knows; the longest idle has less of it."""
    people = {"ann": {"de": 3, "en": 4, "fr": 9}, "ben": {"de": 2, "en": 6}, "cy": {"de": 1, "en": 6}}
    talk = Conversation(centre(desk(Strategy.MOST_SKILLED, needs={"de": 1, "en": 1}), agents=people))
    talk << ready("cy", "ann", "ben")
    assert [rung(talk, call) for call in ("c1", "c2", "c3")] == [["ben"], ["cy"], ["ann"]]


def test_what_a_call_needs_by_itself_is_measured_too() -> None:
    people = {"ann": {"de": 5, "en": 1}, "ben": {"de": 3, "en": 4}}
    talk = Conversation(centre(desk(Strategy.MOST_SKILLED, needs={"de": 1}), agents=people)) << ready("ann", "ben")
    assert rung(talk, "c1", needs=(("en", 1),)) == ["ben"]
    talk << CallerLeft("c1")
    assert rung(talk, "c2") == ["ann"]


def test_who_was_let_in_by_a_group_with_more_needs_is_measured_by_the_calls_own() -> None:
    """ben has nine in both skills together, but only two of what the call needs; ann has nine of that."""
    own = desk(Strategy.MOST_SKILLED, needs={"en": 2}, steps=(OverflowStep(0, groups=("both",)),))
    people = {"ann": {"en": 9}, "ben": {"de": 7, "en": 2}}
    talk = Conversation(centre(own, group("both", de=4, en=2), agents=people))
    assert together(talk, arrives("c1"), *ready("ben", "ann")) == ["ann"]


def test_most_skilled_measures_by_what_the_steps_have_made_of_the_needs() -> None:
    """What a step drops isn't measured any more, what it adds is."""
    own = desk(Strategy.MOST_SKILLED, needs={"de": 1}, steps=(OverflowStep(0, needs=(("de", 0), ("fr", 1))),))
    talk = Conversation(centre(own, agents={"ann": {"de": 9, "fr": 1}, "ben": {"fr": 5}}))
    assert together(talk, arrives("c1"), *ready("ann", "ben")) == ["ben"]


@pytest.mark.parametrize(
    ("ann", "ben"),
    [
        ({"de": 1, "en": 1}, {"de": 9}),  # the fewest skills, whatever their levels
        ({"de": 5, "en": 2}, {"de": 3, "en": 3}),  # as many: the smallest sum of all levels
        ({"de": 2, "en": 9}, {"de": 9, "en": 1}),  # of all, and not only of those that are needed
    ],
    ids=str,
)
def test_least_skilled_keeps_the_generalists_free(ann: dict[str, int], ben: dict[str, int]) -> None:
    talk = Conversation(centre(desk(Strategy.LEAST_SKILLED, needs={"de": 1}), agents={"ann": ann, "ben": ben}))
    talk << ready("ann", "ben")
    assert rung(talk) == ["ben"]


def test_fixed_order_is_the_order_of_the_configuration() -> None:
    """Who has just had a call is rung again at once."""
    talk = Conversation(centre(desk(Strategy.FIXED_ORDER), agents=["cy", "ann", "ben"])) << ready("ben", "ann", "cy")
    assert [serve(talk, f"c{n}", n, n) for n in range(3)] == ["cy", "cy", "cy"]
    talk << ev.NotReadyAsked("cy", "break")
    assert [rung(talk, call) for call in ("c4", "c5")] == [["ann"], ["ben"]]


@pytest.mark.parametrize(
    ("strategy", "first"),
    [
        (Strategy.FIXED_ORDER, "ann"),
        (Strategy.LONGEST_IDLE, "di"),
        (Strategy.ROUND_ROBIN, "ann"),
        (Strategy.MOST_SKILLED, "cy"),
        (Strategy.LEAST_SKILLED, "di"),
        (Strategy.LEAST_OCCUPIED, "di"),
        (Strategy.FEWEST_CALLS, "di"),
        (Strategy.RING_ALL, "di"),
    ],
)
@pytest.mark.parametrize("home", [{"de": 1}, {"en": 1}], ids=["the own group", "the added group"])
def test_the_strategy_chooses_over_all_groups_whose_agents_may_serve(
    strategy: Strategy, first: str, home: dict[str, int]
) -> None:
    """Whichever of the two groups lets the agent in; the strategy is that of the call's own."""
    other = {"en": 1} if "de" in home else {"de": 1}
    own = desk(strategy, needs=home, steps=(OverflowStep(0, groups=("other",)),))
    people = {"ann": other | {"zz": 1}, "ben": home | other, "cy": {"de": 7, "en": 7, "fr": 1}, "di": {"de": 1}}
    if "de" not in home:
        people["di"] = {"en": 1}
    added = replace(group("other", **other), strategy=Strategy.FIXED_ORDER)
    talk = Conversation(centre(own, added, agents=people))
    assert together(talk, arrives("c1"), *ready("di", "cy", "ben", "ann"))[0] == first


# ring-all


def test_ring_all_rings_in_the_order_of_idleness_whatever_group_let_them_in() -> None:
    own = desk(Strategy.RING_ALL, needs={"de": 1}, steps=(OverflowStep(0, groups=("other",)),))
    people = {"ann": {"de": 1}, "ben": {"en": 1}, "cy": {"de": 1}, "di": {"en": 1, "de": 1}}
    talk = Conversation(centre(own, group("other", en=1), agents=people))
    assert together(talk, arrives("c1"), *ready("ben", "ann", "di", "cy")) == ["ben", "ann", "di", "cy"]


def test_who_declined_a_ring_all_call_does_not_join_it_again() -> None:
    """Not while others ring for it; and another such call is joined at once."""
    talk = Conversation(centre(desk(Strategy.RING_ALL), agents=["ann", "ben", "cy"])) << ready("ann", "ben")
    talk << [arrives("c1"), failed("c1")]
    talk << ReadyAsked("ann") >> becomes("ann", READY)
    assert talk.state("ann") is READY
    talk << NotReadyAsked("ann", "break") << ready("cy") << arrives("c2")
    talk << ReadyAsked("ann")
    assert talk.offered() == [("c2", "ann")]


# random


def drawn(rules: Rules, count: int) -> Counter[str]:
    """How often each was rung, all being ready each time and whoever may serve by steps included."""
    talk = Conversation(rules) << ready(*rules.agents)
    return Counter(agent for n in range(count) for agent in _drawn_once(talk, f"c{n}"))


def _drawn_once(talk: Conversation, call: str) -> list[str]:
    agents = together(talk, arrives(call))
    talk << CallerLeft(call)
    return agents


def test_random_draws_all_alike() -> None:
    """Of 900 draws 300 each, within five standard deviations."""
    counts = drawn(centre(desk(Strategy.RANDOM), agents=["ann", "ben", "cy"], seed=7), 900)
    assert counts.keys() == {"ann", "ben", "cy"}
    assert all(abs(count - 300) < 71 for count in counts.values())


def test_who_stands_in_two_lines_is_not_drawn_more_often() -> None:
    """It would be half of all."""
    own = desk(Strategy.RANDOM, needs={"de": 1}, steps=(OverflowStep(0, groups=("other",)),))
    people = {"ann": {"de": 1, "en": 1}, "ben": {"de": 1}, "cy": {"en": 1}}
    counts = drawn(centre(own, group("other", en=1), agents=people, seed=7), 900)
    assert counts.keys() == {"ann", "ben", "cy"}
    assert all(abs(count - 300) < 71 for count in counts.values())


def test_when_the_drawn_one_has_declined_the_others_are_drawn_alike() -> None:
    counts: Counter[str] = Counter()
    for seed in range(300):
        talk = Conversation(centre(desk(Strategy.RANDOM), agents=["ann", "ben", "cy"], seed=seed)) << ready("ann")
        talk << [arrives("c1"), failed("c1")]
        counts.update(together(talk, *ready("ann", "ben", "cy")))
    assert counts.keys() == {"ben", "cy"}
    assert all(abs(count - 150) < 44 for count in counts.values())


def test_the_same_seed_draws_the_same_and_another_draws_otherwise() -> None:
    def draws(seed: int) -> list[str]:
        talk = Conversation(centre(desk(Strategy.RANDOM), agents=["ann", "ben", "cy"], seed=seed))
        talk << ready("ann", "ben", "cy")
        return [agent for n in range(30) for agent in _drawn_once(talk, f"c{n}")]

    assert draws(1) == draws(1)
    assert len({tuple(draws(seed)) for seed in range(20)}) == 20


# --- weights ----------------------------------------------------------------------------------------------------------


def weighted_groups(**weights: int) -> Rules:
    return centre(*(replace(group(name), weight_percent=weight) for name, weight in weights.items()), agents=["ann"])


@pytest.mark.parametrize(
    ("now", "order"),
    [
        (89_999, ["light", "heavy"]),
        (90_000, ["light", "heavy"]),  # 90 s against 3 x 30 s: who came first
        (90_001, ["heavy", "light"]),
    ],
)
def test_a_wait_counts_as_often_as_its_group_weighs(now: int, order: list[str]) -> None:
    """So a call of the heavy group overtakes an older one of the light group while both wait."""
    talk = Conversation(weighted_groups(light=100, heavy=300))
    talk.at(0) << arrives("light", "light")
    talk.at(60_000) << arrives("heavy", "heavy")
    assert served(talk.at(now), "ann", 2) == order


@pytest.mark.parametrize(
    ("credit_ms", "order"), [(9_999, ["plain", "rich"]), (10_000, ["plain", "rich"]), (10_001, ["rich", "plain"])]
)
def test_credit_is_weighted_like_the_wait(credit_ms: int, order: list[str]) -> None:
    """30 s against twice (5 s and the credit)."""
    talk = Conversation(weighted_groups(light=100, heavy=200))
    talk.at(0) << arrives("plain", "light")
    talk.at(25_000) << arrives("rich", "heavy", credit_ms=credit_ms)
    assert served(talk.at(30_000), "ann", 2) == order


def test_a_weight_below_one_makes_a_wait_count_less() -> None:
    talk = Conversation(weighted_groups(light=50, plain=100))
    talk.at(0) << arrives("light", "light")
    talk.at(6_000) << arrives("plain", "plain")
    assert served(talk.at(10_000), "ann", 2) == ["light", "plain"]  # 5 s against 4 s
    talk = Conversation(weighted_groups(light=50, plain=100))
    talk.at(0) << arrives("light", "light")
    talk.at(4_000) << arrives("plain", "plain")
    assert served(talk.at(10_000), "ann", 2) == ["plain", "light"]  # 6 s against 5 s


def test_equal_waits_go_to_the_heavier_group() -> None:
    talk = Conversation(weighted_groups(light=100, heavy=101, heaviest=102))
    talk.at(0) << [arrives("l", "light"), arrives("h", "heavy"), arrives("hh", "heaviest")]
    assert served(talk.at(1), "ann", 3) == ["hh", "h", "l"]


def test_without_any_wait_no_weight_counts() -> None:
    """All is nought: who came first."""
    talk = Conversation(weighted_groups(light=100, heavy=300)) << [arrives("l", "light"), arrives("h", "heavy")]
    assert served(talk, "ann", 2) == ["l", "h"]


def test_a_weight_is_nothing_against_tier_and_return() -> None:
    talk = Conversation(weighted_groups(light=10, heavy=1_000)) << ready("ann")
    talk.at(0) << [arrives("returned", "light"), arrives("heavy", "heavy")]
    talk.at(90_000) << [failed("returned"), arrives("gold", "light", tier=1)]
    talk << arrives("heavy gold", "heavy", tier=1)
    assert served(talk.at(90_001), "ann", 4) == ["returned", "heavy gold", "gold", "heavy"]


def test_the_order_over_three_weights_is_the_same_however_it_comes_about() -> None:
    """Served one by one, or matched all at once: 40 x 1, 30 x 2, 15 x 3 seconds."""
    waits_of = {"one": 0, "two": 10_000, "three": 25_000}
    expected = ["two", "three", "one"]
    weights = weighted_groups(one=100, two=200, three=300)
    rules = replace(weights, agents=centre(agents=["ann", "ben", "cy"]).agents)
    for agents in (["ann"], ["ann", "ben", "cy"]):
        talk = Conversation(rules)
        for name, since in waits_of.items():
            talk.at(since) << arrives(name, name)
        talk.at(40_000)
        if len(agents) == 1:
            assert served(talk, "ann", 3) == expected
        else:
            together(talk, *ready(*agents))
            assert talk.offered() == list(zip(expected, agents))


def test_of_two_ring_all_calls_the_first_in_the_order_of_service_is_joined() -> None:
    """By weight, too: 30 s against 2 x 16 s."""
    light, heavy = (
        replace(group(name, ring_ms=90_000, **{name: 1}), strategy=Strategy.RING_ALL, weight_percent=weight)
        for name, weight in (("light", 100), ("heavy", 200))
    )
    people = {"ann": {"light": 1}, "ben": {"heavy": 1}, "cy": {"light": 1, "heavy": 1}}
    talk = Conversation(centre(light, heavy, agents=people)) << ready("ann", "ben")
    talk.at(0) << arrives("l", "light")
    talk.at(14_000) << arrives("h", "heavy")
    talk.at(30_000) << ready("cy")
    assert talk.offered() == [("h", "cy")]
