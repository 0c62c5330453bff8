"""What users of other ACDs complain of, one test a complaint: it must not happen here.

The numbers are those of the complaints, most significant first; each docstring names public threads (asterisk =
asterisk/asterisk, freeswitch = signalwire/freeswitch). Not here, for they aren't about routing: 10 (AMI clients losing
events: tests/asterisk), 16 (high availability: tests/asterisk/test_daemon_away), 19 (expected wait:
tests/simulation/test_expected_wait), 24 (clients out of step: tests/integration, tests/browser), 25 (configuration
sprawl: tests/unit/test_settings_documented).
"""

import sys
from collections import Counter
from dataclasses import replace
from types import FrameType
from typing import Any

import pytest

from acd import events as ev
from acd.agents import Reason
from acd.calls import Outcome
from acd.commands import OfferCall, PlayPrompt, WithdrawOffer
from acd.events import OfferFailure
from acd.ids import OfferId
from acd.notices import CallFinished, CallMoved, OfferEnd
from acd.rules import AgentRecord, OverflowStep, Strategy, changed, difference
from tests.conversation import (
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
    ready,
    rings,
    talks,
    to_group,
    waits,
    withdraws,
)


def calls_made(talk: Conversation, event: ev.Event) -> int:
    """How many Python functions ran to handle `event`: work, not time."""
    made: Counter[str] = Counter()

    def count(_frame: FrameType, what: str, _arg: Any) -> None:
        made[what] += 1

    sys.setprofile(count)
    try:
        talk.router.handle(event, talk.now)
    finally:
        sys.setprofile(None)
    return made["call"]


def crowd(waiting: int, agents: int) -> Conversation:
    """`waiting` calls for whom nobody is ready, and `agents` ready ones who may not serve them."""
    people = {f"a{n}": {"en": 1} for n in range(agents)} | {"ann": {"de": 1}}
    talk = Conversation(centre(group("desk", de=1), group("english", en=1), agents=people))
    for n in range(agents):
        talk << ready(f"a{n}")
    for n in range(waiting):
        talk << arrives(f"w{n}")
    return talk


@pytest.mark.parametrize("event", [arrives("new"), arrives("new", "english"), ev.ReadyAsked("ann")], ids=str)
def test_01_nothing_walks_over_queues_and_members(event: ev.Event) -> None:
    """Device-state callbacks walk queues times members (asterisk #1972 #1214 #1215 #1928 #668)."""
    small, large = crowd(10, 10), crowd(3_000, 3_000)
    for talk in (small, large):
        talk << ev.LoggedIn("ann")
    assert calls_made(large, event) <= calls_made(small, event) + 5


@pytest.mark.parametrize(
    "end",
    [
        ev.CallerLeft("c1"),
        failed("c1"),
        failed("c1", OfferFailure.BUSY),
        ev.ReleaseAsked("ann"),
        ev.ForcedRelease("ann", "lead"),
        ev.PhoneLeft(OfferId("c1", 1)),
    ],
    ids=str,
)
@pytest.mark.parametrize("is_answered", [False, True])
def test_02_no_agent_is_stuck_busy(end: ev.Event, is_answered: bool) -> None:
    """Agents stuck busy, ghost calls until a restart (freeswitch #1062 #2540 #1973; OpenSIPS #2530 #3123; kazoo #6609).

    However the call ends, and whatever comes late, saying ready makes the agent ready and nothing of the call is left.
    """
    talk = Conversation(centre(group("desk"), agents=["ann"])) << ready("ann")
    talk.at(1_000) << arrives("c1")
    if is_answered:
        talk << answered("c1")
    talk.at(2_000) << [end, ev.CallerLeft("c1"), answered("c1"), failed("c1"), ev.PhoneLeft(OfferId("c1", 1))]
    talk.at(60_000).tick() << ev.ReadyAsked("ann")
    assert talk.state("ann") is READY
    assert talk.router.agents["ann"].call is talk.router.agents["ann"].offer is None
    assert not talk.router.calls
    talk << arrives("c2")
    assert talk.offered() == [("c2", "ann")]


def test_03_two_agents_never_answer_one_call_and_none_is_offered_two() -> None:
    """Two agents answer one call, one agent is offered two (asterisk #176 #313).

    Also in ring-all, where both phones are picked up in the same millisecond.
    """
    everybody = replace(group("desk"), strategy=Strategy.RING_ALL)
    talk = Conversation(centre(everybody, agents=["ann", "ben"])) << ready("ann", "ben")
    talk.at(1_000) << [arrives("c1"), arrives("c2")]
    assert talk.offered() == [("c1", "ann"), ("c1", "ben")]
    (
        talk << answered("c1", 2) >> (
            talks("c1", "ben"),
            becomes("ben", TALKING, call="c1"),
            withdraws("c1", 1),
            no_talk("c1", "ann", OfferEnd.WITHDRAWN),
            becomes("ann", READY),
            rings("c2", "ann"),
            becomes("ann", RINGING, call="c2"),
        )
    )  # fmt: skip
    talk << answered("c1", 1) >> WithdrawOffer(OfferId("c1", 1))
    assert talk.state("ben") is TALKING
    assert talk.state("ann") is RINGING


def test_04_a_dispatch_costs_the_same_with_many_waiting() -> None:
    """The dispatcher saturates at 200 waiting calls or 20 calls a second (freeswitch #2458 #1641; OpenACD #5)."""
    few, many = crowd(20, 1), crowd(5_000, 1)
    for talk in (few, many):
        talk << ready("ann")
        talk << answered("w0")
        assert talk.state("ann") is TALKING
    assert calls_made(many, ev.CallerLeft("w0")) <= calls_made(few, ev.CallerLeft("w0")) + 5


def test_05_wrap_up_is_kept_through_a_reload() -> None:
    """Wrap-up violated, reset by a reload, invisible (asterisk #1006 #607 #1255; OpenSIPS #2679)."""
    rules = centre(group("desk", wrap_up_ms=30_000), agents=["ann"])
    talk = Conversation(rules) << ready("ann")
    talk << [arrives("c1"), answered("c1")]
    talk.at(10_000) << ev.CallerLeft("c1")
    talk.at(20_000).reload(replace(rules, groups={"desk": replace(rules.groups["desk"], ring_ms=9_000)}))
    talk << arrives("c2")
    assert talk.state("ann") is WRAP_UP
    talk.at(39_999).tick() >> ()
    talk.at(40_000).tick()
    assert talk.offered() == [("c2", "ann")]


def test_06_groups_share_agents_fairly() -> None:
    """Unfair across queues, starvation by weights and penalties (asterisk #108 #1561 #1637 #1691).

    One order over all groups: who waits longest is first, whatever the group; a weight makes a wait count more, but a
    caller of the light group comes to the front too.
    """
    heavy = replace(group("heavy"), weight_percent=300)
    talk = Conversation(centre(heavy, group("light"), agents=["ann"]))
    talk.at(0) << arrives("l1", "light")
    talk.at(50_000) << arrives("h1", "heavy")
    talk.at(70_000) << arrives("h2", "heavy")
    talk << ready("ann")
    assert talk.offered() == [("l1", "ann")]  # 70 s against 3 x 20 s
    talk.at(80_000) << [answered("l1"), ev.CallerLeft("l1"), ev.ReadyAsked("ann")]
    assert talk.offered() == [("h1", "ann")]


def test_07_a_call_that_loses_its_phone_keeps_its_history() -> None:
    """Transfers lose the call in the statistics (asterisk #759 #393; FreePBX #124).

    The talk that broke off isn't a new call: it has one end, the same id, and its whole wait.
    """
    talk = Conversation(centre(group("desk"), agents=["ann", "ben"])) << ready("ann")
    talk.at(0) << arrives("c1")
    talk.at(5_000) << answered("c1")
    talk.at(25_000) << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    talk.at(30_000) << ready("ben")
    (
        talk
        << answered("c1", 2)
        >> (
            talks("c1", "ben", waited_ms=10_000),
            becomes("ben", TALKING, call="c1"),
        )
    )
    talk.at(50_000) << ev.CallerLeft("c1")
    assert [each.outcome for each in talk.heard if isinstance(each, CallFinished)] == [Outcome.RELEASED_BY_CALLER]


def test_08_a_prompt_neither_blocks_nor_delays_an_offer() -> None:
    """Announcements block routing, delay the bridge or are skipped (asterisk #1568 #1826 #1386; freeswitch #1148)."""
    desk = replace(group("desk"), steps=(OverflowStep(10_000, prompt="please-wait"),))
    talk = Conversation(centre(desk, agents=["ann"])) << arrives("c1")
    talk.at(10_000).tick()
    assert PlayPrompt("c1", "please-wait") in talk.heard
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


def test_09_a_callback_keeps_the_place_and_comes_once() -> None:
    """Callback in queue: absent, jumps the line, duplicates (FreePBX #525; fusionpbx #6515)."""
    talk = Conversation(centre(group("desk"), agents=["ann"]))
    for n in range(3):
        talk.at(n * 1_000) << arrives(f"c{n}", caller_number=f"13{n}")
    talk.at(5_000) << [ev.CallbackAccepted("c1", "131"), ev.CallbackAccepted("c1", "131")]
    talk.at(6_000) << arrives("again", caller_number="131")
    talk.at(7_000) << ev.CallbackAccepted("again", "131")
    talk << ev.CallerLeft("again")
    assert [each.outcome for each in talk.heard] == [Outcome.MERGED]
    served = []
    talk << ready("ann")
    for _ in range(3):
        (offer,) = [each for each in talk.heard if isinstance(each, OfferCall)]
        served.append((offer.call, offer.callback))
        talk << [answered(offer.call), ev.CallerLeft(offer.call), ev.ReadyAsked("ann")]
    assert served == [("c0", ""), ("c1", "131"), ("c2", "")]


def test_11_the_strategy_is_the_groups_choice() -> None:
    """A pluggable routing strategy is asked for and refused (asterisk #685): here each group has its own of nine."""
    people = {"ann": {"de": 2, "en": 5}, "ben": {"de": 9}}
    firsts = {}
    for strategy in Strategy:
        rules = centre(replace(group("desk", de=1), strategy=strategy), agents=people)
        talk = Conversation(rules) << ready("ann", "ben")
        firsts[strategy] = [agent for _, agent in (talk << arrives("c1")).offered()]
    assert len(firsts) == 9
    assert firsts[Strategy.LONGEST_IDLE] == ["ann"]
    assert firsts[Strategy.MOST_SKILLED] == firsts[Strategy.LEAST_SKILLED] == ["ben"]
    assert firsts[Strategy.RING_ALL] == ["ann", "ben"]


@pytest.mark.parametrize("why", [OfferFailure.UNANSWERED, OfferFailure.REJECTED], ids=str)
def test_12_after_no_answer_the_agent_is_not_rung_again_at_once(why: OfferFailure) -> None:
    """After no answer or a reject the agent is rung again at once (freeswitch #152)."""
    talk = Conversation(centre(group("desk"), agents=["ann", "ben"])) << ready("ann")
    talk << arrives("c1")
    talk.at(1_000) << failed("c1", why)
    assert not talk.offered()
    assert talk.state("ann") is NOT_READY
    talk.at(2_000) << ready("ben")
    assert talk.offered() == [("c1", "ben")]


def test_13_an_agent_whose_phone_is_unregistered_is_not_offered_calls() -> None:
    """Unregistered agents stay available (fusionpbx #2831)."""
    talk = Conversation(centre(group("desk"), agents=["ann"])) << ready("ann")
    talk << arrives("c1")
    talk.at(1_000) << failed("c1", OfferFailure.UNREACHABLE)
    talk >> (
        no_talk("c1", "ann", OfferEnd.FAILED),
        becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE),
        waits("c1", returned=True),
    )
    talk << arrives("c2") >> waits("c2")


def test_14_the_reason_of_a_pause_is_kept_and_told() -> None:
    """Pause reasons lost or not shown (asterisk #395 #66 #1007): also one given during a call, and through a reload."""
    rules = centre(group("desk"), agents=["ann"])
    talk = Conversation(rules) << ready("ann")
    talk << [arrives("c1"), answered("c1"), ev.NotReadyAsked("ann", "lunch")]
    talk.at(5_000).reload(replace(rules, client_grace_ms=1))
    talk << [ev.CallerLeft("c1"), ev.DeadlineReached()]
    talk.at(40_000).tick()
    assert (talk.state("ann"), talk.router.agents["ann"].reason) == (NOT_READY, "lunch")


def test_15_ring_all_goes_on_when_one_rejects() -> None:
    """ring-all: one who answers and hangs up drops all (asterisk #1557)."""
    everybody = replace(group("desk"), strategy=Strategy.RING_ALL)
    talk = Conversation(centre(everybody, agents=["ann", "ben", "cy"])) << ready("ann", "ben", "cy")
    talk << arrives("c1")
    talk.at(1_000) << failed("c1", OfferFailure.REJECTED, 1)
    talk << ev.ReleaseAsked("cy")
    assert [talk.state(each) for each in ("ann", "ben", "cy")] == [NOT_READY, RINGING, NOT_READY]
    talk.at(2_000) << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))


def test_17_longest_idle_goes_round() -> None:
    """ "Longest idle" picks the same agent again (FreePBX #40)."""
    talk = Conversation(centre(group("desk", wrap_up_ms=0), agents=["ann", "ben", "cy"])) << ready("ann", "ben", "cy")
    rung = []
    for n in range(9):
        talk.at(n * 1_000) << arrives(f"c{n}")
        rung += [agent for _, agent in talk.offered()]
        talk.at(n * 1_000 + 500) << [answered(f"c{n}"), ev.CallerLeft(f"c{n}")]
    assert rung == ["ann", "ben", "cy"] * 3


def test_18_a_reload_resets_nothing() -> None:
    """Statistics reset on reload (qpanel #113; asterisk #1255): waits, order, idle order, turns and counts go on."""
    rules = centre(group("desk"), group("other", de=1), agents=["ann", "ben"])
    talk = Conversation(rules) << ready("ben", "ann")
    talk.at(1_000) << [arrives("c1", "other"), arrives("c2", "other", tier=1)]
    other = replace(rules, groups=rules.groups | {"desk": replace(rules.groups["desk"], name="Desk")})
    talk.at(50_000).reload(other)
    assert [talk.router.calls[each].waiting_since for each in ("c1", "c2")] == [1_000, 1_000]
    assert [agent.since for agent in talk.router.agents.values()] == [0, 0]
    talk << arrives("c3")
    assert talk.offered() == [("c3", "ben")]
    skilled = replace(other, agents=other.agents | {"ann": AgentRecord("ann", "PJSIP/ann", skills=(("de", 1),))})
    talk.at(60_000).reload(skilled)
    assert [(each.call, each.waited_ms) for each in talk.heard if isinstance(each, OfferCall)] == [("c2", 59_000)]


def test_20_the_priority_of_a_waiting_caller_can_be_changed_at_once() -> None:
    """The priority of a waiting caller can't be changed at once (asterisk #202)."""
    talk = Conversation(centre(group("desk"), agents=["ann"]))
    talk << [arrives("c1"), arrives("c2"), arrives("c3")]
    talk.at(1_000) << ev.ForcedTier("c3", 5, "lead")
    talk << ready("ann")
    assert talk.offered() == [("c3", "ann")]


def test_21_nobody_loses_the_place_on_overflow_or_re_entry() -> None:
    """A caller loses the place on overflow or re-entry: here the wait goes along, into the group and back."""
    first = replace(group("first", de=1), steps=(OverflowStep(20_000, to=to_group("second")),))
    second = replace(group("second"), steps=(OverflowStep(20_000, to=to_group("first")),))
    talk = Conversation(centre(first, second, agents={"ann": {}, "ben": {"de": 1}}))
    talk.at(0) << arrives("old", "first")
    talk.at(10_000) << arrives("young", "second")
    talk.at(20_000).tick() >> (
        talk.heard[0],
        CallMoved("old", "first", "second", talk.heard[1].cause),
        waits("old", group="second", waiting_since=0),
    )
    talk.at(25_000) << ready("ann")
    assert talk.offered() == [("old", "ann")]
    talk.at(26_000) << failed("old")
    talk.at(41_000).tick()
    assert talk.router.calls["old"].group.id == "first"
    talk.at(45_000) << ready("ben")
    assert [(each.call, each.waited_ms) for each in talk.heard if isinstance(each, OfferCall)] == [("old", 45_000)]


def test_22_edited_rules_are_seen_by_calls_already_waiting() -> None:
    """Rule edits aren't seen by calls already waiting (asterisk #1901, queuerules.conf.sample)."""
    rules = centre(group("desk", de=5), agents={"ann": {"de": 3}})
    talk = Conversation(rules) << ready("ann")
    talk.at(1_000) << arrives("c1")
    lower = replace(rules.groups["desk"], needs=(("de", 3),))
    talk.at(30_000).reload(replace(rules, groups={"desk": lower}))
    assert talk.offered() == [("c1", "ann")]


def test_23_steps_go_on_while_it_rings_and_may_tighten() -> None:
    """Skill rules aren't re-evaluated while ringing; no tightening (Wazo's documentation)."""
    steps = (OverflowStep(5_000, needs=(("de", 2),)), OverflowStep(10_000, needs=(("de", 8),)))
    people = {"ann": {"de": 9}, "ben": {"de": 2}, "cy": {"de": 8}}
    rules = centre(replace(group("desk", ring_ms=6_000, de=9), steps=steps), agents=people)
    relaxed = Conversation(rules) << ready("ann")
    relaxed << arrives("c1")
    relaxed.at(5_500) << ready("ben")
    relaxed.at(6_000).tick()
    assert relaxed.offered() == [("c1", "ben")], "relaxed while it rang"
    relaxed.at(12_000).tick()
    relaxed.at(12_500) << ready("ben")
    assert not relaxed.offered(), "tightened again"
    relaxed << ready("cy")
    assert relaxed.offered() == [("c1", "cy")]


def test_the_rules_change_and_its_difference_agree() -> None:
    """What the tests above hand over is what a reload hands over."""
    rules = centre(group("desk"), agents=["ann"])
    other = replace(rules, agents={}, client_grace_ms=5)
    assert changed(rules, difference(rules, other)) == other
