"""Who serves whom: the order of service over all groups, and the agent who has been idle longest."""

import pytest

from acd import events as ev
from acd.events import CallerLeft, NotReadyAsked, OfferFailure, ReadyAsked
from acd.rules import EntryPoint, VipClass
from acd.skills import normalized
from tests.conversation import (
    NOT_READY,
    READY,
    RINGING,
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


# --- which agent ----------------------------------------------------------------------------------------------


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


# --- which call -----------------------------------------------------------------------------------------------


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


# --- declined -------------------------------------------------------------------------------------------------


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
