"""Other agents, and other values that aren't a group's, while calls wait, ring and talk."""

from dataclasses import replace

import pytest

from acd import events as ev
from acd.agents import AgentState, Pending
from acd.calls import Outcome
from acd.commands import OfferCall, ReleaseCall
from acd.events import CallerLeft, NotReadyAsked, PbxFound, PbxLost, ReadyAsked
from acd.ids import OfferId
from acd.notices import OfferEnd, RefusalCode
from acd.rules import AgentRecord
from acd.rules import Strategy as S
from tests.conversation import (
    ANN_AND_BEN,
    LOGGED_OUT,
    NOT_READY,
    READY,
    RINGING,
    TALKING,
    WRAP_UP,
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
    scene,
    talks,
    waits,
    withdraws,
)
from tests.unit.changing import IN_FORCE, desk, live, with_agents, with_desk

PLAIN = ANN_AND_BEN


# --- agents come and go -----------------------------------------------------------------------------------------


def test_a_new_agent_gets_the_waiting_call_when_ready() -> None:
    rules = centre(desk({"de": 1}), agents={})
    talk = Conversation(rules) << arrives("c1")
    talk << ev.LoggedIn("ann") >> refuses("ann", RefusalCode.UNKNOWN_AGENT)
    talk.reload(with_agents(rules, ann={"de": 1})) >> IN_FORCE
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


WITHOUT_ANN = with_agents(PLAIN, ben={})
LEAVING = Pending(LOGGED_OUT, "", "lead")


def gone(talk: Conversation) -> bool:
    """Whether nothing is left of ann; and the next call goes to who is there."""
    assert "ann" not in talk.router.agents
    talk << ev.LoggedIn("ann") >> refuses("ann", RefusalCode.UNKNOWN_AGENT)
    talk << [CallerLeft("c1"), *ready("ben"), arrives("next")]
    return talk.offered() == [("next", "ben")]


def test_a_removed_agent_who_is_logged_out_is_gone_at_once() -> None:
    talk = scene(LOGGED_OUT).reload(WITHOUT_ANN) >> IN_FORCE
    assert gone(talk)


@pytest.mark.parametrize("state", [NOT_READY, READY, WRAP_UP])
def test_a_removed_agent_without_a_call_is_logged_out_at_once(state: AgentState) -> None:
    talk = scene(state).reload(WITHOUT_ANN) >> (IN_FORCE, becomes("ann", LOGGED_OUT, by="lead"))
    assert talk.due is None
    assert gone(talk)


def test_a_removed_agent_who_is_ready_gets_no_call_of_the_same_change() -> None:
    """Lower needs and the agent's end in one."""
    rules = centre(desk({"de": 5}), agents={"ann": {"de": 1}})
    talk = Conversation(rules) << ready("ann") << arrives("c1")
    talk.reload(centre(desk({"de": 1}))) >> (IN_FORCE, becomes("ann", LOGGED_OUT, by="lead"))
    assert talk.router.calls["c1"].placed


def test_a_removed_agent_who_talks_is_gone_after_the_talk_without_wrap_up() -> None:
    talk = scene(TALKING).reload(WITHOUT_ANN) >> (IN_FORCE, becomes("ann", TALKING, pending=LEAVING, call="c1"))
    talk.at(5_000) << CallerLeft("c1")
    talk >> (over("c1", Outcome.RELEASED_BY_CALLER, agent="ann"), becomes("ann", LOGGED_OUT, by="lead"))
    assert gone(talk)


def test_a_removed_agent_who_rings_may_answer_and_is_gone_after_the_talk() -> None:
    talk = scene(RINGING).reload(WITHOUT_ANN) >> (IN_FORCE, becomes("ann", RINGING, pending=LEAVING, call="c1"))
    talk << answered("c1") >> (talks("c1", "ann"), becomes("ann", TALKING, pending=LEAVING, call="c1"))
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", LOGGED_OUT, by="lead"))
    assert gone(talk)


@pytest.mark.parametrize("end", [failed("c1"), ev.ReleaseAsked("ann"), ev.ForcedRelease("ann", "boss")], ids=str)
def test_a_removed_agent_whose_ring_fails_is_gone_and_the_call_goes_on(end: ev.Event) -> None:
    talk = scene(RINGING) << ready("ben")
    talk.reload(WITHOUT_ANN) << end
    assert talk.offered() == [("c1", "ben")]
    assert "ann" not in talk.router.agents


def test_a_removed_agent_whose_ring_is_withdrawn_is_gone() -> None:
    talk = (
        scene(RINGING).reload(WITHOUT_ANN)
        << CallerLeft("c1")
        >> (
            over("c1", Outcome.ABANDONED),
            withdraws("c1"),
            no_talk("c1", "ann", OfferEnd.WITHDRAWN),
            becomes("ann", LOGGED_OUT, by="lead"),
        )
    )
    assert gone(talk)


def test_a_removed_agent_whose_phone_dies_in_the_talk_is_gone_and_the_call_goes_on() -> None:
    talk = scene(TALKING) << ready("ben")
    talk.reload(WITHOUT_ANN) << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    assert talk.offered() == [("c1", "ben")]
    assert "ann" not in talk.router.agents


@pytest.mark.parametrize("state", [RINGING, TALKING])
@pytest.mark.parametrize(
    "event",
    [
        ev.LoggedIn("ann"),
        ev.ReadyAsked("ann"),
        ev.NotReadyAsked("ann", "lunch"),
        ev.LogOutAsked("ann"),
        ev.ForcedReady("ann", "boss"),
        ev.ForcedNotReady("ann", "boss"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_nobody_can_undo_a_removal(state: AgentState, event: ev.Event) -> None:
    talk = scene(state).reload(WITHOUT_ANN) << event >> refuses("ann", RefusalCode.NOT_NOW)
    assert talk.router.agents["ann"].pending == LEAVING


def test_a_removed_agent_may_release_the_talk_that_is_left() -> None:
    talk = scene(TALKING).reload(WITHOUT_ANN) << ev.ReleaseAsked("ann") >> ReleaseCall("c1")
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_AGENT), becomes("ann", LOGGED_OUT, by="lead"))


def test_a_removed_agents_pending_state_is_no_more() -> None:
    talk = scene(TALKING) << NotReadyAsked("ann", "lunch")
    talk.reload(WITHOUT_ANN) >> (IN_FORCE, becomes("ann", TALKING, pending=LEAVING, call="c1"))
    talk << CallerLeft("c1")
    assert gone(talk)


@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_removed_agent_who_is_put_back_in_the_call_stays(state: AgentState) -> None:
    """With wrap-up and all; with what the configuration says of the agent now."""
    talk = scene(state).reload(WITHOUT_ANN)
    back = replace(PLAIN, agents={**PLAIN.agents, "ann": AgentRecord("ann", "PJSIP/new", skills=(("de", 1),))})
    talk.at(2_000).reload(back) >> (IN_FORCE, becomes("ann", state, call="c1"))
    if state is RINGING:
        talk << answered("c1")
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", WRAP_UP, call="c1"))
    (
        talk
        << ReadyAsked("ann")
        << arrives("c2", needs=(("de", 1),))
        >> (
            waits("c2"),
            rings("c2", "ann", device="PJSIP/new"),
            becomes("ann", RINGING, call="c2"),
        )
    )


def test_a_removed_agent_who_is_put_back_later_begins_anew() -> None:
    talk = scene(READY).reload(WITHOUT_ANN).at(2_000).reload(PLAIN) >> IN_FORCE
    talk << ReadyAsked("ann") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << ready("ann") << arrives("c1")
    assert talk.offered() == [("c1", "ann")]


def test_a_removal_ends_the_grace_time_of_a_lost_client() -> None:
    talk = scene(READY) << ev.ClientLost("ann")
    talk.reload(WITHOUT_ANN)
    assert talk.due is None
    talk.at(90_000).tick() >> ()


def test_those_who_wait_for_a_removed_agent_alone_go_to_the_group() -> None:
    rules = with_desk(PLAIN, {"de": 1})
    rules = with_agents(rules, ann={}, ben={"de": 1})
    talk = Conversation(rules) << ready("ann") << [arrives("c1", agent="ann", agent_wait_ms=90_000), answered("c1")]
    talk << ready("ben") << arrives("c2", agent="ann", agent_wait_ms=90_000)
    assert talk.offered() == []
    talk << ev.CallerLeft("c1")
    talk.at(1_000).reload(with_agents(rules, ben={"de": 1}))
    assert talk.offered() == [("c2", "ben")]


def test_those_who_wait_for_a_removed_agent_who_talks_wait_until_the_talk_is_over() -> None:
    talk = scene(TALKING) << ready("ben") << arrives("c2", agent="ann", agent_wait_ms=90_000)
    talk.reload(WITHOUT_ANN)
    assert talk.offered() == []
    talk << CallerLeft("c1")
    assert talk.offered() == [("c2", "ben")]


def test_an_agent_removed_while_the_pbx_is_lost_is_gone() -> None:
    talk = scene(READY) << PbxLost()
    talk.reload(WITHOUT_ANN) >> (IN_FORCE, becomes("ann", LOGGED_OUT, by="lead"))
    talk << arrives("c1") << PbxFound()
    assert talk.offered() == []


# --- what is known of an agent ----------------------------------------------------------------------------------


def test_another_phone_is_rung_from_the_next_ring_on() -> None:
    """The ring that is on stays at the phone where it is."""
    talk = scene(RINGING)
    moved = replace(PLAIN, agents={**PLAIN.agents, "ann": AgentRecord("ann", "PJSIP/9")})
    talk.reload(moved) >> IN_FORCE
    talk << answered("c1") >> (talks("c1", "ann"), becomes("ann", TALKING, call="c1"))
    talk << CallerLeft("c1") << ReadyAsked("ann") << arrives("c2")
    assert [each.device for each in talk.heard if isinstance(each, OfferCall)] == ["PJSIP/9"]


def test_new_skills_of_a_ready_agent_bring_the_first_call_in_the_order_of_service() -> None:
    rules = centre(desk({"de": 1}), group("other", en=1), agents={"ann": {}})
    talk = Conversation(rules) << ready("ann")
    talk.at(1) << arrives("c1", "other")
    talk.at(2) << arrives("c2")
    talk.at(3).reload(with_agents(rules, ann={"de": 1, "en": 1}))
    assert talk.offered() == [("c1", "ann")]


def test_of_several_agents_matched_anew_the_strategy_chooses() -> None:
    rules = centre(desk({"de": 1}, strategy=S.FIXED_ORDER), agents={"ann": {}, "ben": {}})
    talk = Conversation(rules) << ready("ben", "ann") << arrives("c1")
    talk.reload(with_agents(rules, ann={"de": 1}, ben={"de": 1}))
    assert talk.offered() == [("c1", "ann")]


def test_lost_skills_count_for_the_next_call() -> None:
    rules = centre(desk({"de": 1}), agents={"ann": {"de": 1}, "ben": {"de": 1}, "cy": {"de": 1}})
    talk = Conversation(rules) << ready("ann", "cy")
    talk.reload(with_agents(rules, ann={}, ben={"de": 1}, cy={"de": 1})) >> IN_FORCE
    assert (talk << arrives("c1")).offered() == [("c1", "cy")]
    assert (talk << arrives("c2")).offered() == []


def test_lost_skills_end_neither_a_ring_nor_a_talk() -> None:
    rules = centre(desk({"de": 1}), agents={"ann": {"de": 1}, "ben": {"de": 1}})
    talk = live(rules).reload(with_agents(rules, ann={}, ben={})) >> IN_FORCE
    talk << answered("r") >> (talks("r", "ben"), becomes("ben", TALKING, call="r"))
    talk << [CallerLeft("r"), CallerLeft("t"), ReadyAsked("ann"), ReadyAsked("ben")]
    assert talk.offered() == []
    assert talk.router.calls["w"].placed


def test_the_place_in_the_order_of_idleness_is_kept_through_new_skills() -> None:
    rules = centre(desk(), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann", "ben")
    talk.at(9_000).reload(with_agents(rules, ann={"de": 1}, ben={})) >> IN_FORCE
    assert talk.router.agents["ann"].since == 0
    assert (talk << arrives("c1")).offered() == [("c1", "ann")]


@pytest.mark.parametrize("strategy", [S.FIXED_ORDER, S.ROUND_ROBIN])
def test_another_order_of_the_agents_is_that_of_fixed_order_and_at_first_of_round_robin(strategy: S) -> None:
    rules = centre(desk(strategy=strategy), agents=["ann", "ben", "cy"])
    talk = Conversation(rules) << ready("ann", "ben", "cy")
    talk.reload(with_agents(rules, cy={}, ann={}, ben={})) >> IN_FORCE
    assert [(talk << arrives(call)).offered()[0][1] for call in ("c1", "c2", "c3")] == ["cy", "ann", "ben"]


def test_a_new_agent_in_front_of_the_others_is_the_first_of_the_fixed_order() -> None:
    rules = centre(desk(strategy=S.FIXED_ORDER), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ann", "ben")
    talk.reload(with_agents(rules, new={}, ann={}, ben={}))
    talk << ready("new") << arrives("c1")
    assert talk.offered() == [("c1", "new")]


# --- single values ----------------------------------------------------------------------------------------------


def test_a_shorter_recent_time_forgets_calls_at_once_and_a_longer_one_later() -> None:
    rules = centre(desk(strategy=S.FEWEST_CALLS, wrap_up_ms=0), agents=["ann", "ben"], recent_ms=60_000)
    for recent_ms, first in ((60_000, "ben"), (10_000, "ann"), (10_001, "ben"), (90_000, "ben")):
        talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1"), CallerLeft("c1")] << ready("ben")
        talk.at(10_000).reload(replace(rules, recent_ms=recent_ms)) >> IN_FORCE
        assert (talk << arrives("c2")).offered() == [("c2", first)]


def test_a_shorter_recent_time_holds_for_calls_answered_later() -> None:
    """The first is forgotten by the change, the second 10 s after its own answer."""
    rules = centre(desk(strategy=S.FEWEST_CALLS, wrap_up_ms=0), agents=["ann", "ben"], recent_ms=60_000)
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1"), CallerLeft("c1")]
    talk.at(10_000).reload(replace(rules, recent_ms=10_000)) >> IN_FORCE
    talk.at(20_000) << [arrives("c2"), answered("c2"), CallerLeft("c2")] << ready("ben")
    assert (talk.at(30_000) << arrives("c3")).offered() == [("c3", "ann")]


def test_a_longer_recent_time_holds_for_what_comes() -> None:
    """The share that has come about stays, and fades by the new measure.

    50 s of 100 s recent time make 0.39 for ann; fading over 1000 s it is 0.36 after 91 s, and 30 s make 0.03 for ben.
    """
    rules = centre(desk(strategy=S.LEAST_OCCUPIED, wrap_up_ms=0), agents=["ann", "ben"], recent_ms=100_000)
    for recent_ms, first in ((100_000, "ann"), (1_000_000, "ben")):
        talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")] << ready("ben")
        talk.at(50_000) << CallerLeft("c1")
        talk.reload(replace(rules, recent_ms=recent_ms))
        talk << NotReadyAsked("ann", "break")
        talk.at(120_000) << [arrives("c2"), answered("c2")] << ReadyAsked("ann")
        talk.at(200_000) << CallerLeft("c2")
        assert (talk << arrives("c3")).offered() == [("c3", first)]


def test_what_has_been_is_weighed_by_the_old_recent_time_and_what_comes_by_the_new_one() -> None:
    """500 s of 1000 s are 0.39, and after 500 s idle 0.24. From then on 100 s count: 0.22 after 10 s more, while 10 s
    of talk make 0.10 for ben. By the new measure from the beginning ann would have next to nothing.
    """
    rules = centre(desk(strategy=S.LEAST_OCCUPIED, wrap_up_ms=0), agents=["ann", "ben"], recent_ms=1_000_000)
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")] << ready("ben")
    talk.at(500_000) << CallerLeft("c1")
    talk.at(1_000_000).reload(replace(rules, recent_ms=100_000)) >> IN_FORCE
    talk << [arrives("c2"), answered("c2")]
    talk.at(1_010_000) << CallerLeft("c2") << arrives("c3")
    assert talk.offered() == [("c3", "ben")]


def test_another_recent_time_leaves_the_order_of_the_idle_as_it_is() -> None:
    rules = centre(desk(strategy=S.LEAST_OCCUPIED, wrap_up_ms=0), agents=["ann", "ben", "cy"], recent_ms=100_000)
    talk = Conversation(rules) << ready("ann") << [arrives("c1"), answered("c1")]
    talk << ready("ben") << [arrives("c2"), answered("c2")] << ready("cy")
    talk.at(5_000) << CallerLeft("c2")
    talk.at(9_000) << CallerLeft("c1")
    for n, recent_ms in enumerate((1_000, 5_000_000, 40_000)):
        talk.at(10_000 * (n + 1)).reload(replace(rules, recent_ms=recent_ms)) >> IN_FORCE
    assert [(talk << arrives(f"d{n}")).offered()[0][1] for n in range(3)] == ["cy", "ben", "ann"]


def test_another_seed_draws_as_if_it_had_been_there_from_the_beginning() -> None:
    def drawn(seed: int, then: int) -> list[str]:
        rules = centre(desk(strategy=S.RANDOM), agents=["ann", "ben", "cy"], seed=seed)
        talk = Conversation(rules) << ready("ann", "ben", "cy")
        rung = []
        for n in range(30):
            if n == 10:
                talk.reload(replace(rules, seed=then))
            rung += [agent for _, agent in (talk << arrives(f"c{n}")).offered()]
            talk << CallerLeft(f"c{n}")
        return rung

    assert drawn(1, 2)[:10] == drawn(1, 1)[:10]
    assert drawn(1, 2)[10:] == drawn(2, 2)[10:] != drawn(1, 1)[10:]


def test_other_reasons_and_another_grace_time_hold_from_now() -> None:
    talk = scene(READY).reload(replace(PLAIN, not_ready_reasons=("siesta",), client_grace_ms=5_000)) >> IN_FORCE
    talk << NotReadyAsked("ann", "lunch") >> refuses("ann", RefusalCode.UNKNOWN_REASON)
    talk << ev.ClientLost("ann")
    assert talk.due == 6_000
    talk << NotReadyAsked("ann", "siesta") >> becomes("ann", NOT_READY, "siesta")
