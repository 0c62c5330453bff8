"""The life of an offer and of a call, as told in commands and notices: what moves together, and in which order."""

from dataclasses import replace

import pytest

from acd import events as ev
from acd.agents import Pending, Reason
from acd.calls import Outcome
from acd.commands import KeepWaiting, ReleaseCall
from acd.events import CallerLeft, OfferFailure, PhoneLeft, ReadyAsked
from acd.ids import OfferId
from acd.notices import OfferEnd
from acd.rules import SkillGroup
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
    failed,
    group,
    no_talk,
    over,
    ready,
    rings,
    talks,
    waits,
    withdraws,
)

RULES = centre(group("desk"), agents=["ann", "ben"])
RING_MS, WRAP_UP_MS = 15_000, 30_000


def ringing(now: int = 1_000) -> Conversation:
    """ann is rung for c1 since `now`; ben isn't there."""
    talk = Conversation(RULES) << ready("ann")
    return talk.at(now) << arrives("c1")


def talking(now: int = 2_000) -> Conversation:
    """ann talks with c1 since `now`."""
    return ringing().at(now) << answered("c1")


# --- arrival --------------------------------------------------------------------------------------------------


def test_a_call_that_nobody_is_ready_for_waits() -> None:
    talk = Conversation(RULES).at(500)
    (
        talk
        << arrives("c1", caller_number="138", caller_name="Li", tier=2)
        >> waits("c1", group="desk", entry="desk", caller_number="138", caller_name="Li", tier=2, waiting_since=500)
    )


def test_a_call_is_offered_at_once_when_somebody_is_ready() -> None:
    """The command tells all that the phone and the agent's client need to know."""
    talk = (Conversation(RULES) << ready("ann")).at(1_000)
    talk << arrives("c1", caller_number="138", caller_name="Li")
    talk >> (
        waits("c1"),
        rings(
            "c1",
            "ann",
            device="PJSIP/ann",
            group="desk",
            entry="desk",
            caller_number="138",
            caller_name="Li",
            waited_ms=0,
            ring_ms=RING_MS,
        ),
        becomes("ann", RINGING, call="c1", since=1_000),
    )


def test_an_agent_becoming_ready_is_rung_for_who_waits() -> None:
    talk = Conversation(RULES).at(1_000) << arrives("c1") << ev.LoggedIn("ann")
    talk.at(4_000) << ReadyAsked("ann")
    talk >> (becomes("ann", READY), rings("c1", "ann", waited_ms=3_000), becomes("ann", RINGING, call="c1"))


# --- accepted -------------------------------------------------------------------------------------------------


def test_an_answered_offer_is_a_talk() -> None:
    """What was waited counts from arrival, rings included; no deadline is left."""
    talk = ringing(1_000)
    talk.at(5_000) << answered("c1")
    talk >> (
        talks("c1", "ann", group="desk", waited_ms=4_000),
        becomes("ann", TALKING, call="c1", since=5_000),
    )
    assert talk.due is None


def test_a_talk_that_the_caller_ends_leads_to_wrap_up_and_then_to_ready() -> None:
    talk = talking(2_000)
    talk.at(9_000) << CallerLeft("c1")
    talk >> (
        over("c1", Outcome.RELEASED_BY_CALLER, group="desk", agent="ann", waited_ms=1_000, talked_ms=7_000),
        becomes("ann", WRAP_UP, call="c1", since=9_000),
    )
    assert talk.due == 9_000 + WRAP_UP_MS
    talk.at(9_000 + WRAP_UP_MS - 1).tick() >> NOTHING
    talk.at(9_000 + WRAP_UP_MS).tick() >> becomes("ann", READY, since=9_000 + WRAP_UP_MS)
    assert talk.due is None


def test_wrap_up_ends_at_the_agents_word() -> None:
    """And what was its end then is nothing: an agent in the next call isn't touched by the last one's wrap-up."""
    talk = talking(2_000) << CallerLeft("c1")
    talk.at(3_000) << ReadyAsked("ann") >> becomes("ann", READY)
    assert talk.due is None
    talk.at(3_500) << arrives("c2") << answered("c2") << CallerLeft("c2")
    talk.at(2_000 + WRAP_UP_MS).tick() >> NOTHING
    assert talk.state("ann") is WRAP_UP
    talk.at(3_500 + WRAP_UP_MS).tick() >> becomes("ann", READY)


def test_wrap_up_of_no_time_is_none_at_all() -> None:
    """Ready at once, and rung for who waits."""
    talk = Conversation(centre(group("desk", wrap_up_ms=0), agents=["ann"])) << ready("ann")
    talk << arrives("c1") << answered("c1") << arrives("c2")
    talk.at(5_000) << CallerLeft("c1")
    talk >> (
        over("c1", Outcome.RELEASED_BY_CALLER, talked_ms=5_000),
        becomes("ann", READY),
        rings("c2", "ann", waited_ms=5_000),
        becomes("ann", RINGING, call="c2"),
    )


def test_each_group_has_its_own_ring_and_wrap_up_time() -> None:
    desks = (group("quick", ring_ms=3_000, wrap_up_ms=1_000), group("slow", ring_ms=40_000, wrap_up_ms=90_000))
    talk = Conversation(centre(*desks, agents=["ann", "ben"])) << ready("ann", "ben")
    talk << arrives("q", "quick")
    assert talk.due == 3_000
    talk << answered("q") << arrives("s", "slow")
    assert talk.due == 40_000
    talk << answered("s") << CallerLeft("s")
    assert talk.due == 90_000
    talk << CallerLeft("q")
    assert talk.due == 1_000


# --- unanswered -----------------------------------------------------------------------------------------------


def test_a_ring_ends_exactly_at_its_deadline() -> None:
    """Not a millisecond before: the phone is stopped, the agent isn't ready any more, the call is back."""
    talk = ringing(1_000)
    assert talk.due == 1_000 + RING_MS
    talk.at(1_000 + RING_MS - 1).tick() >> NOTHING
    talk.at(1_000 + RING_MS).tick() >> (
        withdraws("c1"),
        no_talk("c1", "ann", OfferEnd.UNANSWERED),
        becomes("ann", NOT_READY, Reason.NO_ANSWER, since=1_000 + RING_MS),
        waits("c1", returned=True, waiting_since=1_000),
    )
    assert talk.due is None


def test_an_answer_one_millisecond_before_the_deadline_is_in_time() -> None:
    talk = ringing(1_000).at(1_000 + RING_MS - 1) << answered("c1")
    talk >> (talks("c1", "ann", waited_ms=RING_MS - 1), becomes("ann", TALKING, call="c1"))


def test_an_agent_whose_phone_must_be_confirmed_is_offered_so() -> None:
    rules = centre(group("desk"), agents=["ann"])
    talk = Conversation(replace(rules, agents={"ann": replace(rules.agents["ann"], confirm=True)}))
    (
        talk
        << ready("ann")
        << arrives("c1")
        >> (
            waits("c1"),
            rings("c1", "ann", confirm=True),
            becomes("ann", RINGING, call="c1"),
        )
    )


@pytest.mark.parametrize("late_ms", [0, 1, 60_000])
def test_an_answer_at_the_deadline_or_later_is_late(late_ms: int) -> None:
    """The ring ended at its own instant, however late we were told the time; the late answer is never connected."""
    talk = ringing(1_000).at(1_000 + RING_MS + late_ms) << answered("c1")
    talk >> (
        withdraws("c1"),
        no_talk("c1", "ann", OfferEnd.UNANSWERED),
        becomes("ann", NOT_READY, Reason.NO_ANSWER, since=1_000 + RING_MS),
        waits("c1", returned=True),
        withdraws("c1"),
    )


def test_an_unanswered_call_goes_to_the_next_agent_with_its_wait_intact() -> None:
    talk = ringing(1_000) << ready("ben")
    talk.at(1_000 + RING_MS).tick() >> (
        withdraws("c1"),
        no_talk("c1", "ann", OfferEnd.UNANSWERED),
        becomes("ann", NOT_READY, Reason.NO_ANSWER),
        waits("c1", returned=True, waiting_since=1_000),
        rings("c1", "ben", n=2, waited_ms=RING_MS),
        becomes("ben", RINGING, call="c1"),
    )
    assert talk.due == 1_000 + 2 * RING_MS


@pytest.mark.parametrize("others_wait_since", [0, 20_001], ids=["waited longer", "waited less"])
def test_a_returned_call_goes_ahead_of_all_of_its_tier(others_wait_since: int) -> None:
    talk = Conversation(RULES).at(20_000) << ready("ann") << arrives("c1")
    talk.at(20_001) << arrives("other", waiting_since=others_wait_since)
    talk.at(20_000 + RING_MS).tick()
    talk.at(50_000) << arrives("newer", credit_ms=1_000_000) << ready("ben")
    assert talk.offered() == [("c1", "ben")]


def test_two_rings_that_end_together_end_in_the_order_they_began() -> None:
    talk = Conversation(RULES) << ready("ben", "ann") << arrives("c2") << arrives("c1")
    talk.at(RING_MS).tick()
    assert [each for each in talk.heard if each == withdraws("c1") or each == withdraws("c2")] == [
        withdraws("c2"),
        withdraws("c1"),
    ]


def test_a_ring_time_of_nothing_ends_at_once_and_for_good() -> None:
    """Every agent is tried once; none of it goes round in circles."""
    talk = Conversation(centre(group("desk", ring_ms=0), agents=["ann", "ben"])) << ready("ann", "ben") << arrives("c1")
    assert talk.due == 0
    talk.tick()
    assert talk.due is None
    assert (talk.state("ann"), talk.state("ben")) == (NOT_READY, NOT_READY)


# --- failed ---------------------------------------------------------------------------------------------------

FAILURES = [
    (OfferFailure.UNANSWERED, OfferEnd.UNANSWERED, Reason.NO_ANSWER),
    (OfferFailure.REJECTED, OfferEnd.REJECTED, Reason.REJECTED),
    (OfferFailure.BUSY, OfferEnd.FAILED, Reason.BUSY),
    (OfferFailure.UNREACHABLE, OfferEnd.FAILED, Reason.DEVICE_UNAVAILABLE),
]


def test_every_failure_is_looked_at() -> None:
    assert [why for why, _, _ in FAILURES] == list(OfferFailure)


@pytest.mark.parametrize(("why", "how", "reason"), FAILURES)
def test_a_failed_offer_returns_the_call_and_gives_the_agent_its_reason(
    why: OfferFailure, how: OfferEnd, reason: Reason
) -> None:
    """The phone stopped by itself, so nothing is withdrawn."""
    talk = ringing(1_000).at(3_000) << failed("c1", why)
    talk >> (no_talk("c1", "ann", how), becomes("ann", NOT_READY, reason), waits("c1", returned=True))
    assert talk.due is None


@pytest.mark.parametrize("why", OfferFailure)
def test_a_call_ends_its_rings_with_the_first_who_takes_it(why: OfferFailure) -> None:
    talk = ringing(1_000) << ready("ben")
    talk.at(2_000) << failed("c1", why) << answered("c1", 2)
    talk >> (talks("c1", "ben", waited_ms=1_000), becomes("ben", TALKING, call="c1"))
    talk << CallerLeft("c1")
    talk >> (over("c1", Outcome.RELEASED_BY_CALLER, agent="ben"), becomes("ben", WRAP_UP, call="c1"))
    assert not talk.router.calls


# --- withdrawn ------------------------------------------------------------------------------------------------


def test_a_caller_who_leaves_while_waiting_has_abandoned() -> None:
    talk = Conversation(RULES).at(1_000) << arrives("c1")
    talk.at(4_000) << CallerLeft("c1")
    talk >> over("c1", Outcome.ABANDONED, group="desk", agent=None, waited_ms=3_000, talked_ms=0)
    talk << ready("ann")
    assert talk.offered() == []


def test_a_caller_who_leaves_while_it_rings_has_abandoned_and_the_agent_is_blameless() -> None:
    talk = ringing(1_000).at(4_000) << CallerLeft("c1")
    talk >> (
        over("c1", Outcome.ABANDONED, agent=None, waited_ms=3_000, talked_ms=0),
        withdraws("c1"),
        no_talk("c1", "ann", OfferEnd.WITHDRAWN),
        becomes("ann", READY),
    )
    assert talk.due is None


def test_an_agent_whose_offer_was_withdrawn_is_rung_for_the_next_at_once() -> None:
    talk = ringing(1_000) << arrives("c2")
    talk.at(4_000) << CallerLeft("c1")
    assert talk.offered() == [("c2", "ann")]
    assert talk.due == 4_000 + RING_MS


def test_a_caller_who_leaves_after_an_unanswered_ring_has_abandoned() -> None:
    talk = ringing(1_000).at(1_000 + RING_MS).tick()
    talk.at(20_000) << CallerLeft("c1") >> over("c1", Outcome.ABANDONED, waited_ms=19_000)


# --- the phone leaves -----------------------------------------------------------------------------------------


def test_an_agents_phone_that_hangs_up_ends_the_call() -> None:
    talk = talking(2_000).at(5_000) << PhoneLeft(OfferId("c1", 1))
    talk >> (
        ReleaseCall("c1"),
        over("c1", Outcome.RELEASED_BY_AGENT, agent="ann", talked_ms=3_000),
        becomes("ann", WRAP_UP, call="c1"),
    )
    talk << CallerLeft("c1") >> NOTHING


def test_a_phone_that_dies_gives_the_caller_back_to_the_line() -> None:
    """Ahead of it; the agent can't be rung; the time talked is no time waited."""
    talk = talking(2_000) << arrives("c2", tier=9)
    talk.at(10_000) << PhoneLeft(OfferId("c1", 1), lost=True)
    talk >> (
        KeepWaiting("c1"),
        becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE),
        waits("c1", returned=True, waiting_since=9_000),
    )
    talk.at(12_000) << ready("ben")
    talk >> (
        becomes("ben", NOT_READY, Reason.LOGGED_IN),
        becomes("ben", READY),
        rings("c1", "ben", n=2, waited_ms=3_000),
        becomes("ben", RINGING, call="c1"),
    )


def test_a_call_that_comes_back_from_a_dead_phone_has_the_rank_of_the_wait_it_tells() -> None:
    """Among returned calls, tier and then the longest wait: the time talked is no wait."""
    talk = Conversation(centre(group("desk"), agents=["ann", "ben", "cy"])) << ready("ann")
    talk << arrives("talked") << answered("talked")
    talk.at(1_000) << arrives("waited") << ready("ben") << failed("waited")
    (
        talk.at(60_000)
        << PhoneLeft(OfferId("talked", 1), lost=True)
        >> (
            KeepWaiting("talked"),
            becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE),
            waits("talked", returned=True, waiting_since=60_000),
        )
    )
    talk << ready("cy")
    assert talk.offered() == [("waited", "cy")]


def test_a_call_from_a_dead_phone_is_over_once_and_with_its_last_talk() -> None:
    talk = talking(2_000) << ready("ben")
    talk.at(10_000) << PhoneLeft(OfferId("c1", 1), lost=True)
    talk.at(11_000) << answered("c1", 2)
    talk.at(15_000) << CallerLeft("c1")
    talk >> (
        over("c1", Outcome.RELEASED_BY_CALLER, agent="ben", waited_ms=2_000, talked_ms=4_000),
        becomes("ben", WRAP_UP, call="c1"),
    )


def test_a_phone_that_dies_after_the_release_was_asked_ends_the_call() -> None:
    """Who asked for the end gets it: nobody else is rung for a call that is being hung up."""
    talk = talking(2_000) << ready("ben") << ev.ReleaseAsked("ann")
    talk.at(3_000) << PhoneLeft(OfferId("c1", 1), lost=True)
    assert talk.offered() == []
    talk << CallerLeft("c1")
    assert not talk.router.calls


# --- after the call -------------------------------------------------------------------------------------------

AFTER = {
    "ready": (ReadyAsked("ann"), READY, ""),
    "forced ready": (ev.ForcedReady("ann", "boss"), READY, ""),
    "not ready": (ev.NotReadyAsked("ann", "lunch"), NOT_READY, "lunch"),
    "forced not ready": (ev.ForcedNotReady("ann", "boss"), NOT_READY, Reason.FORCED),
    "log out": (ev.LogOutAsked("ann"), LOGGED_OUT, ""),
    "forced log-out": (ev.ForcedLogOut("ann", "boss"), LOGGED_OUT, ""),
}


@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize("said_in", [RINGING, TALKING])
def test_a_pending_state_follows_the_call_and_its_wrap_up(said_in: str, name: str) -> None:
    """Who is to be logged out has no wrap-up; who forced it is kept."""
    word, state, reason = AFTER[name]
    by = getattr(word, "by", "")
    pending = Pending(state, reason, by)
    talk = ringing() if said_in is RINGING else talking()
    talk << word >> becomes("ann", said_in, pending=pending, call="c1")
    if said_in is RINGING:
        talk << answered("c1") >> (talks("c1", "ann"), becomes("ann", TALKING, pending=pending, call="c1"))
    talk.at(5_000) << CallerLeft("c1")
    if state is LOGGED_OUT:
        talk >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", LOGGED_OUT, by=by))
        assert talk.due is None
    else:
        ended = becomes("ann", WRAP_UP, pending=pending, call="c1")
        talk >> (over("c1", Outcome.RELEASED_BY_CALLER), ended)
        talk.at(5_000 + WRAP_UP_MS).tick() >> becomes("ann", state, reason, by=by)


@pytest.mark.parametrize("name", AFTER)
def test_a_pending_state_follows_at_once_where_there_is_no_wrap_up(name: str) -> None:
    word, state, reason = AFTER[name]
    talk = Conversation(centre(group("desk", wrap_up_ms=0), agents=["ann"])) << ready("ann")
    talk << arrives("c1") << answered("c1") << word << CallerLeft("c1")
    talk >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", state, reason, by=getattr(word, "by", "")))


@pytest.mark.parametrize("name", AFTER)
def test_a_pending_state_follows_a_withdrawn_offer(name: str) -> None:
    """No next call rings for who isn't to be ready."""
    word, state, reason = AFTER[name]
    talk = ringing() << word << arrives("c2") << CallerLeft("c1")
    first = [
        over("c1", Outcome.ABANDONED),
        withdraws("c1"),
        no_talk("c1", "ann", OfferEnd.WITHDRAWN),
        becomes("ann", state, reason, by=getattr(word, "by", "")),
    ]
    then = [rings("c2", "ann"), becomes("ann", RINGING, call="c2")] if state is READY else []
    talk >> (first + then)


@pytest.mark.parametrize("name", AFTER)
def test_an_unanswered_offer_beats_the_pending_state_unless_it_is_logging_out(name: str) -> None:
    word, state, _ = AFTER[name]
    talk = ringing(1_000) << word
    talk.at(1_000 + RING_MS).tick()
    after = becomes("ann", NOT_READY, Reason.NO_ANSWER)
    if state is LOGGED_OUT:
        after = becomes("ann", LOGGED_OUT, by=getattr(word, "by", ""))
    talk >> (withdraws("c1"), no_talk("c1", "ann", OfferEnd.UNANSWERED), after, waits("c1", returned=True))


def test_words_in_wrap_up_count_at_once() -> None:
    for word, state, reason in AFTER.values():
        talk = talking(2_000) << CallerLeft("c1")
        talk.at(3_000) << word >> becomes("ann", state, reason, by=getattr(word, "by", ""))
        assert talk.due is None


# --- who talked last ------------------------------------------------------------------------------------------


def last_agent_desk() -> SkillGroup:
    return replace(group("desk", wrap_up_ms=0), last_agent_ms=60_000)


def test_only_the_latest_numbers_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100,000, and here of two; who talks again is the latest."""
    monkeypatch.setattr("acd.dispatcher.LAST_AGENTS_MAX", 2)
    talk = Conversation(centre(last_agent_desk(), agents=["ann"])) << ready("ann")
    for n, number in enumerate(["1", "2", "1", "3"]):
        talk << [arrives(f"c{n}", caller_number=number), answered(f"c{n}"), CallerLeft(f"c{n}")]
    assert [*talk.router.flow.last_agents] == ["1", "3"]


def test_a_caller_without_a_number_is_not_remembered() -> None:
    talk = Conversation(centre(last_agent_desk(), agents=["ann"])) << ready("ann") << [arrives("c1"), answered("c1")]
    assert not talk.router.flow.last_agents


def test_last_agents_are_noted_only_in_groups_that_ask_for_it() -> None:
    """But named in each that does, whichever of them they were noted in."""
    third = replace(last_agent_desk(), id="third")
    talk = Conversation(centre(last_agent_desk(), group("other"), third, agents=["ann", "ben"])) << ready("ann")
    talk << [arrives("c1", caller_number="1"), answered("c1"), CallerLeft("c1"), ev.NotReadyAsked("ann", "break")]
    talk << ready("ben") << [arrives("c2", "other", caller_number="1"), answered("c2"), CallerLeft("c2")]
    talk << [ev.ReadyAsked("ben"), ev.ReadyAsked("ann")]
    assert (talk << arrives("c3", "third", caller_number="1")).offered() == [("c3", "ann")]
