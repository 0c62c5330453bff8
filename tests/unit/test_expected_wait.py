"""The estimate by hand: what is learned, who is ahead, when nothing is said, and what became of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import exp, log
from random import Random
from typing import Any

import pytest

from acd import events as ev
from acd.expected_wait import Estimate, ExpectedWait, NoneGiven, Tried, Withheld
from acd.expected_wait.ahead import calls_before
from acd.expected_wait.recent import KEEP_MS, Arrivals, Durations, Moments, Rate
from acd.expected_wait.spread import Frees, Kind, Wait, band, together, until_begun
from acd.explain.wait import in_words
from acd.rules import OverflowStep, RulesChange, SkillGroup
from tests.conversation import Conversation, answered, arrives, centre, failed, group, ready

TALK_MS = 60_000


class Watched:
    """A router with its follower; all agents are ready at 0."""

    def __init__(self, *groups: SkillGroup, agents: Any, **others: Any) -> None:
        self.talk = Conversation(centre(*groups, agents=agents, **others), linked=False)
        self.expected = ExpectedWait(self.talk.router)
        self.heard: list[Tried | NoneGiven] = []
        self.expected.trial.hearers.append(self.heard.append)
        self.says(0, ev.PbxFound(), *ready(*agents))

    def says(self, now: int, *events: ev.Event) -> Watched:
        for event in events:
            self.talk.at(now) << event
            self.expected.watch(tuple(self.talk.heard), now)
        return self

    def handled(self, calls: int, entry: str = "desk", talk_ms: int = TALK_MS) -> Watched:
        """So many calls one after another, each answered at once, by whoever is ready."""
        for n in range(calls):
            call, now = f"{entry}-{n}", self.talk.now
            self.says(now, arrives(call, entry), answered(call)).says(now + talk_ms, ev.CallerLeft(call))
        return self

    def comes(self, *calls: str, entry: str = "desk", **others: Any) -> Watched:
        return self.says(self.talk.now, *(arrives(call, entry, **others) for call in calls))

    def all_talk(self, entry: str = "desk") -> Watched:
        """Everybody who is ready and may serve the group talks from now."""
        line = self.talk.router.flow.lines.of(self.talk.router.rules.groups[entry].needs)
        for call in [f"busy-{entry}-{i}" for i in range(len(line.agents))]:
            self.comes(call, entry=entry).says(self.talk.now, answered(call))
        return self

    def estimate(self, call: str, after_ms: int = 0) -> Any:
        return self.expected.estimate(call, self.talk.now + after_ms)


def desk(**others: Any) -> SkillGroup:
    return replace(group("desk", wrap_up_ms=0), **others)


def known(agents: int = 4, **others: Any) -> Watched:
    """A desk whose calls take a minute, all of whose agents talk."""
    watched = Watched(desk(**others), agents=[f"a{n}" for n in range(agents)])
    return watched.handled(20).all_talk()


# --- the place --------------------------------------------------------------------------------------------------------


def test_each_place_back_is_one_more_agent_getting_free() -> None:
    """Four agents, a minute each: one gets free every 15 s."""
    watched = known().comes("c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8")
    estimates = [watched.estimate(f"c{n}") for n in range(1, 9)]
    assert [each.calls for each in estimates] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {each.agents for each in estimates} == {4}
    steps = [b.mean_ms - a.mean_ms for a, b in pairwise(estimates)]
    assert all(abs(step - 15_000) < 3_000 for step in steps)
    assert all(each.low_ms < each.median_ms < each.high_ms for each in estimates)


def test_a_higher_tier_goes_ahead_and_the_others_are_told_so() -> None:
    watched = known().comes("c1", "c2")
    before = watched.estimate("c1")
    watched.comes("vip", tier=5)
    assert watched.estimate("vip").calls == 1
    assert watched.estimate("c1").mean_ms > before.mean_ms


def test_to_estimate_changes_nothing() -> None:
    watched = known().comes("c1", "c2")
    lines = [list(line.calls) for line in watched.talk.router.flow.lines]
    assert watched.estimate("c2") == watched.estimate("c2")
    assert [list(line.calls) for line in watched.talk.router.flow.lines] == lines


@pytest.mark.parametrize("seed", range(5))
def test_the_place_by_bisection_is_the_place_by_counting(seed: int) -> None:
    """Over chunks, tiers, credits and weights: as many stand before a call as the order of service says."""
    rng = Random(seed)
    groups = [desk(), SkillGroup("heavy", weight_percent=250), SkillGroup("light", weight_percent=30)]
    watched = Watched(*groups, agents=["ann"])
    for n in range(2_500 if seed == 0 else 300):
        tier, credit_ms = rng.choice([0, 0, 0, 1, 2]), rng.choice([0, 0, 10_000])
        entry = rng.choice(["desk", "heavy", "light"])
        watched.talk.at(n * 37) << arrives(f"c{n}", entry, tier=tier, credit_ms=credit_ms)
    router, now = watched.talk.router, watched.talk.now + 5_000
    router.handle(ev.DeadlineReached(), now)
    waiting = [call for call in router.calls.values() if call.placed]
    order = sorted(waiting, key=router.flow.order_of_service)
    for place in rng.sample(range(len(order)), 40):
        counted = sum(calls_before(line, order[place], now) for line in router.flow.lines)
        assert counted == place


# --- who competes -----------------------------------------------------------------------------------------------------


def two_groups(x_only: int, both: int, y_only: int) -> Watched:
    """Groups x and y, so many agents for each and for both, all in talk; calls take a minute."""
    kinds = [{"x": 1}] * x_only + [{"x": 1, "y": 1}] * both + [{"y": 1}] * y_only
    agents = {f"a{n}": skills for n, skills in enumerate(kinds)}
    watched = Watched(group("x", wrap_up_ms=0, x=1), group("y", wrap_up_ms=0, y=1), agents=agents)
    watched.handled(20, "x").handled(20, "y").all_talk("x")
    return watched.all_talk("y") if y_only else watched


def test_calls_that_no_agent_of_ours_may_serve_dont_count() -> None:
    watched = two_groups(3, 0, 3).comes("y1", "y2", "y3", entry="y").comes("c1", entry="x")
    assert watched.estimate("c1").calls == 1
    assert watched.estimate("c1").agents == 3


def test_two_groups_with_the_same_agents_are_one_line() -> None:
    watched = two_groups(0, 4, 0).comes("y1", "y2", "y3", entry="y").comes("c1", entry="x")
    assert watched.estimate("c1").calls == 4


def test_of_a_shorter_line_as_many_count_as_fall_to_our_agents() -> None:
    """Two of y's calls before ours, shared out over y's eight agents, of whom two are ours."""
    alone = two_groups(0, 2, 6).comes("c1", entry="x").estimate("c1")
    both = two_groups(0, 2, 6).comes("y1", "y2", entry="y").comes("c1", entry="x").estimate("c1")
    assert both.agents == 2
    # Even handling times, as here, make it a little less than random ones would.
    assert both.mean_ms - alone.mean_ms == pytest.approx(2 * 2 / 8 * 30_000, rel=0.15)


def test_a_far_longer_line_takes_the_shared_agents_and_leaves_us_our_own() -> None:
    watched = two_groups(4, 1, 1).comes(*(f"y{n}" for n in range(50)), entry="y").comes("c1", entry="x")
    assert watched.estimate("c1").agents == 4
    assert watched.estimate("c1").calls == 1


def test_a_call_in_several_lines_is_counted_once() -> None:
    """After its step a call of x may be served by y's agents, and stands in both lines."""
    steps = (OverflowStep(10_000, groups=("y",)),)
    x, y = replace(group("x", wrap_up_ms=0, x=1), steps=steps), group("y", wrap_up_ms=0, y=1)
    watched = Watched(x, y, agents={"a1": {"x": 1}, "a2": {"x": 1}, "b1": {"y": 1}})
    watched.handled(20, "x").handled(20, "y").all_talk("x").all_talk("y")
    watched.comes("x1", "x2", "x3", entry="x")
    watched.says(watched.talk.now + 10_000, ev.DeadlineReached()).comes("x4", entry="x")
    assert (watched.estimate("x3").calls, watched.estimate("x3").agents) == (3, 3)
    assert watched.estimate("x4").calls == 4


def test_who_has_a_break_to_come_or_logs_out_isnt_counted_on() -> None:
    watched = known().comes("c1")
    watched.says(watched.talk.now, ev.NotReadyAsked("a0", "break"), ev.LogOutAsked("a1"))
    assert watched.estimate("c1").agents == 2


def test_agents_taught_by_changed_rules_count_at_once() -> None:
    watched = two_groups(2, 0, 2).comes("c1", entry="x")
    assert watched.estimate("c1").agents == 2
    rules = watched.talk.router.rules
    taught = {each.id: replace(each, skills=(("x", 1), ("y", 1))) for each in rules.agents.values()}
    watched.says(watched.talk.now, ev.RulesChanged(RulesChange(agents=tuple(taught.values())), "boss"))
    assert watched.estimate("c1").agents == 4


# --- withheld ---------------------------------------------------------------------------------------------------------


def test_until_ten_calls_are_handled_nothing_is_said() -> None:
    few = Watched(desk(), agents=["ann"]).handled(9).all_talk().comes("c1")
    assert few.estimate("c1") is Withheld.TOO_FEW_SEEN
    enough = Watched(desk(), agents=["ann"]).handled(11).all_talk().comes("c1")
    assert isinstance(enough.estimate("c1"), Estimate)


def test_while_only_the_short_ones_can_have_ended_nothing_is_said() -> None:
    """Thirty begin together; the ten that end first say nothing about the rest."""
    watched = Watched(desk(), agents=[f"a{n}" for n in range(30)]).all_talk()
    for n in range(12):
        watched.says(1_000 * n, ev.CallerLeft(f"busy-desk-{n}"))
    watched.all_talk().comes("c1")
    assert watched.estimate("c1") is Withheld.TOO_FEW_SEEN


def test_an_old_day_is_forgotten() -> None:
    watched = known().comes("c1")
    assert isinstance(watched.estimate("c1"), Estimate)
    assert watched.estimate("c1", after_ms=5 * KEEP_MS) is Withheld.TOO_FEW_SEEN


def test_withheld_with_the_reason() -> None:
    watched = known()
    assert watched.estimate("nobody") is Withheld.UNKNOWN_CALL
    assert watched.estimate("busy-desk-0") is Withheld.NOT_WAITING
    watched.comes("c1").says(watched.talk.now, ev.PbxLost("gone"))
    assert watched.estimate("c1") is Withheld.PBX_LOST


def test_nobody_at_work() -> None:
    watched = known(agents=1).comes("c1")
    watched.says(watched.talk.now, ev.LogOutAsked("a0"))
    assert watched.estimate("c1") is Withheld.NOBODY_AT_WORK


def test_for_a_personal_agent_nothing_is_said_and_then_for_the_group() -> None:
    watched = known()
    watched.comes("c1", agent="a0", agent_wait_ms=20_000)
    assert watched.estimate("c1") is Withheld.PERSONAL_AGENT
    watched.says(watched.talk.now + 20_000, ev.DeadlineReached())
    assert isinstance(watched.estimate("c1"), Estimate)


# --- what is learned --------------------------------------------------------------------------------------------------


def test_a_turn_is_ring_talk_and_wrap_up() -> None:
    watched = Watched(group("desk", wrap_up_ms=30_000), agents=["ann"])
    watched.says(0, arrives("c1")).says(4_000, answered("c1")).says(10_000, ev.CallerLeft("c1"))
    assert watched.expected.learner.groups["desk"].turns.moments(10_000).n == 0
    watched.says(25_000, ev.ReadyAsked("ann"))
    handling = watched.expected.learner.groups["desk"]
    assert handling.turns.moments(25_000).mean == pytest.approx(25)
    assert handling.rings.moments(25_000).mean == pytest.approx(4)


def test_a_ring_in_vain_is_a_failed_turn_and_makes_the_callers_ring_longer() -> None:
    watched = Watched(desk(), agents=["ann", "bob"]).says(0, arrives("c1"))
    watched.says(15_000, failed("c1")).says(18_000, answered("c1", 2)).says(20_000, ev.CallerLeft("c1"))
    handling = watched.expected.learner.groups["desk"]
    assert handling.failed.value == pytest.approx(1 / 2, abs=1e-3)
    assert handling.turns.moments(20_000).mean == pytest.approx((15 + 5) / 2, abs=0.1)
    assert handling.rings.moments(20_000).mean == pytest.approx(18)


def test_where_every_ring_is_in_vain_an_estimate_is_long_and_still_one() -> None:
    watched = Watched(desk(), agents=["ann"])
    for n in range(1, 13):
        watched.comes(*([f"c{n}"] if n == 1 else [])).says(15_000 * n, failed("c1", n=n), ev.ReadyAsked("ann"))
    watched.comes("c2", "c3")
    assert watched.estimate("c3").mean_ms > watched.estimate("c2").mean_ms > 60_000


def test_a_withdrawn_ring_is_no_turn() -> None:
    watched = Watched(desk(), agents=["ann"]).says(0, arrives("c1")).says(3_000, ev.CallerLeft("c1"))
    handling = watched.expected.learner.groups["desk"]
    assert handling.turns.moments(3_000).n == 0
    assert handling.gives_up.value == pytest.approx(1 / 3)


def test_agents_away_are_counted_on_as_their_absences_teach() -> None:
    watched = known(agents=2).comes("c1", "c2", "c3")
    before = watched.estimate("c3")
    absences = watched.expected.learner.absences["break"]
    for n in range(20):
        absences.add(6_000, watched.talk.now + n)
    watched.says(watched.talk.now, ev.LogOutAsked("a1"))
    slow = watched.estimate("c3")
    watched.says(watched.talk.now, ev.CallerLeft("busy-desk-1"), ev.LoggedIn("a1"), ev.NotReadyAsked("a1", "break"))
    soon = watched.estimate("c3")
    assert soon.mean_ms < before.mean_ms < slow.mean_ms


# --- what became of it ------------------------------------------------------------------------------------------------


def verdict_after(waited_ms: int, then: str) -> Tried:
    watched = known(agents=1)
    watched.talk.at(watched.talk.now + 100)
    watched.comes("c1")
    for what in watched.heard:
        assert isinstance(what, NoneGiven)
    watched.heard.clear()
    now = watched.talk.now + waited_ms
    watched.says(now, *([ev.CallerLeft("c1")] if then == "left" else [ev.CallerLeft("busy-desk-0"), answered("c1")]))
    (tried,) = watched.heard
    assert isinstance(tried, Tried)
    assert (tried.call, tried.group, tried.waited_ms) == ("c1", "desk", waited_ms)
    return tried


@pytest.mark.parametrize(
    ("waited_ms", "then", "verdict"),
    [
        (100, "answered", "early"),
        (30_000, "answered", "within"),
        (900_000, "answered", "late"),
        (30_000, "left", "left"),
        (900_000, "left", "left-late"),
    ],
)
def test_each_wait_is_held_against_the_band_told_first(waited_ms: int, then: str, verdict: str) -> None:
    assert verdict_after(waited_ms, then).verdict == verdict


def test_who_rings_at_once_is_not_on_trial_and_who_comes_back_is_not_again() -> None:
    watched = Watched(desk(), agents=["ann", "bob"]).says(0, arrives("c1")).says(1, failed("c1"), failed("c1", n=2))
    assert watched.talk.router.calls["c1"].state == "waiting"
    assert watched.heard == []


def test_a_call_that_moves_is_told_of_once() -> None:
    watched = Watched(desk(), group("night"), agents=[]).comes("c1")
    watched.says(5_000, ev.ForcedMove("boss", "c1", "night"))
    assert watched.heard == [NoneGiven("c1", "desk", Withheld.NOBODY_AT_WORK)]


# --- the formulas -----------------------------------------------------------------------------------------------------

RANDOM = Frees(per_s=0.1, error=0.0, variation=1.0)


def test_random_departures_without_leaving_are_erlangs() -> None:
    assert until_begun(5, RANDOM, 10, 0.0, 0.0) == pytest.approx(Wait(50, 500))


@pytest.mark.parametrize("calls", [1, 7, 40, 41, 300])
def test_with_leaving_it_is_the_sum_over_the_places(calls: int) -> None:
    """Term by term as in Ibrahim & Whitt; what is integrated agrees to 1 in 10,000."""
    rates = [0.1 + i * 0.01 for i in range(calls)]
    exact = Wait(sum(1 / rate for rate in rates), sum(1 / rate**2 for rate in rates))
    assert until_begun(calls, RANDOM, 10, 0.01, 0.0) == pytest.approx(exact, rel=1e-4)


def test_one_agent_with_even_handling_is_half_through_on_the_average() -> None:
    """Constant times: the residual is uniform, mean 1/2, variance 1/12 of a turn. The form of g is Erlang-2's."""
    even = until_begun(1, Frees(1.0, 0.0, 0.0), 1, 0.0, 0.0)
    assert even.mean == pytest.approx(1 / 2, abs=0.15)
    assert until_begun(100, Frees(1.0, 0.0, 0.0), 1, 0.0, 0.0).variance < 0.5


def test_overtaken_by_half_of_the_turns_it_takes_twice_as_long() -> None:
    """The busy periods of M/M/1: mean 1 / (r - h), variance (r + h) / (r - h)^3."""
    assert until_begun(4, RANDOM, 10, 0.0, 0.05) == pytest.approx(Wait(80, 4 * 0.15 / 0.05**3))


def test_the_band_of_one_call_ahead_is_the_exponentials_and_of_many_the_normals() -> None:
    low, median, high = band(Wait(1.0, 1.0))
    assert (low, median, high) == pytest.approx((-log(0.9), log(2), -log(0.1)), abs=0.025)
    assert band(Wait(100.0, 1.0)) == pytest.approx((98.72, 100, 101.28), abs=0.01)
    assert band(Wait(5.0, 0.0)) == (5, 5, 5)


def test_what_was_measured_on_few_widens_the_band() -> None:
    few, many = (together([Kind(4, Moments(n, 60.0, 3600.0))], 1.0, 0.0) for n in (10, 1000))
    assert until_begun(20, few, 4, 0, 0).variance > 2 * until_begun(20, many, 4, 0, 0).variance


def test_rates_of_kinds_add_up() -> None:
    frees = together([Kind(2, Moments(50, 60.0, 0.0)), Kind(3, Moments(50, 30.0, 0.0))], 1.0, 0.5)
    assert frees.per_s == pytest.approx(2 / 60 + 3 / 30 + 0.5)


# --- recent -----------------------------------------------------------------------------------------------------------


def test_durations_know_mean_and_variance_and_how_many_they_rest_on() -> None:
    durations = Durations()
    for n, seconds in enumerate([10, 20, 30, 40] * 100):
        durations.add(seconds * 1000, n)
    seen = durations.moments(400)
    assert seen.mean == pytest.approx(25, abs=0.2)
    assert seen.variance == pytest.approx(125, rel=0.02)
    assert 250 < seen.n < 400
    assert durations.moments(400 + KEEP_MS).n == pytest.approx(seen.n / exp(1), rel=1e-3)


def test_rates_fade_to_what_is_seen_now() -> None:
    rate = Rate()
    assert rate.value == 0
    for n in range(100):
        rate.add(1, 10, n * 1000)
    assert rate.value == pytest.approx(0.1)
    rate.add(0, 10, 10 * KEEP_MS)
    assert rate.value < 0.001


def test_arrivals_are_counted_by_tier() -> None:
    arrivals = Arrivals()
    for second in range(0, 7_200, 10):
        arrivals.add("desk", second // 10 % 2 * 3, second * 1000)
    assert arrivals.above(3, 7_200_000) == []
    assert dict(arrivals.above(0, 7_200_000)) == {"desk": pytest.approx(0.05, rel=0.02)}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_estimate_and_every_reason_for_none_have_words(language: str) -> None:
    words = in_words(Estimate(40_000, 80_400, 150_000, 90_000, 3, 5), language)
    assert [each in words for each in ("1:20", "0:40", "2:30", "3", "5")] == [True] * 5
    sentences = {in_words(each, language) for each in Withheld}
    assert len(sentences) == len(Withheld)


def test_in_a_rush_ten_callers_a_second_are_tried() -> None:
    """The others wait as well; only nobody holds their wait against an estimate."""
    talk = Conversation(centre(group("desk")))
    expected, tried = ExpectedWait(talk.router), []
    expected.trial.hearers.append(tried.append)
    for now in (0, 1, 99, 100, 150, 200):
        talk.at(now) << arrives(f"c{now}")
        expected.watch(tuple(talk.heard), now)
    assert [each.call for each in tried] == ["c0", "c100", "c200"]
