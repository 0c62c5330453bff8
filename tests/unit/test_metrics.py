"""The figures follow the core's outputs, whatever happens to calls and agents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import isnan
from typing import Any

from acd import events as ev
from acd.expected_wait import Estimate, ExpectedWait, NoneGiven, Tried, Verdict, Withheld
from acd.ids import OfferId
from acd.metrics import COUNTED_TOGETHER, Metrics
from acd.owner import Step
from acd.rules import Destination, DestinationKind, OverflowStep, SkillGroup, difference
from tests.conversation import Conversation, answered, arrives, centre, failed, group, ready


class Measured:
    """A router with its metrics."""

    def __init__(self, desk: SkillGroup | None = None) -> None:
        rules = centre(desk or group("desk", wrap_up_ms=0), group("night"), agents=["ann", "bob"])
        self.talk = Conversation(rules, linked=False)
        self.metrics = Metrics(self.talk.router)

    def at(self, now: int, events: Any) -> Measured:
        for event in events if isinstance(events, Iterable) else [events]:
            self.talk.at(now) << event
            self.metrics.watch(tuple(self.talk.heard), Step(now, event, 0.0))
        return self

    def __call__(self, name: str, **labels: str) -> float | None:
        self.metrics.catch_up()
        return self.metrics.registry.get_sample_value(name, labels)


def test_handling_is_measured_from_the_answer_to_the_end_of_wrap_up() -> None:
    m = Measured().at(0, [ev.PbxFound(), *ready("ann"), arrives("c1", "night")])
    m.at(2_000, answered("c1")).at(10_000, ev.CallerLeft("c1"))
    assert m("acd_handle_seconds_count", group="night") == 0
    m.at(15_000, ev.ReadyAsked("ann"))
    assert m("acd_handle_seconds_sum", group="night") == 13
    assert m("acd_answer_wait_seconds_sum", group="night") == 2


def test_handling_without_wrap_up_ends_with_the_call_even_if_the_next_rings_at_once() -> None:
    m = Measured().at(0, [ev.PbxFound(), *ready("ann"), arrives("c1"), answered("c1"), arrives("c2")])
    m.at(5_000, ev.CallerLeft("c1"))
    assert m.talk.offered() == [("c2", "ann")]
    assert m("acd_handle_seconds_sum", group="desk") == 5
    m.at(6_000, answered("c2")).at(7_000, ev.CallerLeft("c2"))
    assert m("acd_handle_seconds_sum", group="desk") == 6
    assert m("acd_handle_seconds_count", group="desk") == 2


def test_a_talk_taken_up_from_an_earlier_life_is_handling_since_its_own_beginning() -> None:
    m = Measured().at(0, [ev.PbxFound(), *ready("ann"), arrives("c1"), answered("c1")])
    m.metrics = Metrics(m.talk.router)
    m.at(5_000, ev.CallerLeft("c1"))
    assert m("acd_handle_seconds_sum", group="desk") == 5


def test_a_talk_whose_phone_died_is_handled_up_to_then() -> None:
    m = Measured().at(0, [ev.PbxFound(), *ready("ann"), arrives("c1"), answered("c1")])
    m.at(3_000, ev.PhoneLeft(OfferId("c1", 1), lost=True))
    assert m("acd_handle_seconds_sum", group="desk") == 3
    assert m("acd_calls_offered_total", group="desk") == 1, "it came once, though it waits again"


def test_agents_add_up_in_every_state() -> None:
    m = Measured()
    states = ("logged-out", "not-ready", "ready", "ringing", "talking", "wrap-up")
    events = [ev.PbxFound(), *ready("ann", "bob"), arrives("c1"), failed("c1"), answered("c1", 2)]
    for event in [*events, ev.CallerLeft("c1"), ev.LogOutAsked("ann"), ev.LogOutAsked("bob")]:
        m.at(0, event)
        assert sum(m("acd_agents", state=state) or 0 for state in states) == 2
    assert m("acd_agents", state="logged-out") == 2


def test_each_end_of_an_offer_is_counted_by_how_it_ended() -> None:
    m = Measured().at(0, [ev.PbxFound(), *ready("ann"), arrives("c1"), failed("c1")])
    m.at(0, [ev.ReadyAsked("ann"), failed("c1", ev.OfferFailure.REJECTED, n=2)])
    m.at(0, [ev.ReadyAsked("ann"), failed("c1", ev.OfferFailure.BUSY, n=3)])
    m.at(0, [ev.ReadyAsked("ann"), ev.CallerLeft("c1")])
    counts = {how: m("acd_offers_ended_total", how=how) for how in ("unanswered", "rejected", "failed", "withdrawn")}
    assert counts == {"unanswered": 1, "rejected": 1, "failed": 1, "withdrawn": 1}
    assert m("acd_calls_abandoned_total", group="desk") == 1


def test_the_only_pbx_has_no_label() -> None:
    m = Measured()
    assert m("acd_ami_connected") == 0
    m.at(0, ev.PbxFound())
    assert m("acd_ami_connected") == 1
    m.at(1, ev.PbxLost("cut"))
    assert m("acd_ami_connected") == 0


def test_of_several_pbxs_each_has_its_series_from_the_beginning() -> None:
    m = Measured()
    m.metrics = Metrics(m.talk.router, pbxs=("north", "south"))
    m.at(0, ev.PbxFound("north"))
    assert [m("acd_ami_connected", pbx=name) for name in ("north", "south")] == [1, 0]
    m.at(1, [ev.PbxFound("south"), ev.PbxLost("cut", "north")])
    assert [m("acd_ami_connected", pbx=name) for name in ("north", "south")] == [0, 1]
    assert m("acd_ami_connected") is None


def test_the_clocks_own_steps_are_no_events() -> None:
    m = Measured().at(0, [ev.PbxFound(), ev.DeadlineReached()])
    assert m("acd_events_total", event="PbxFound") == 1
    assert m("acd_events_total", event="DeadlineReached") is None


def test_the_oldest_wait_counts_rings_and_not_talks() -> None:
    m = Measured().at(0, [ev.PbxFound(), *ready("ann"), arrives("c1"), answered("c1")])
    m.at(4_000, arrives("c2")).at(6_000, arrives("c3"))
    m.metrics._measure_lines(10_000)
    assert m("acd_waiting_calls", group="desk") == 2
    assert m("acd_oldest_wait_seconds", group="desk") == 6
    m.at(11_000, [ev.CallerLeft("c2"), ev.CallerLeft("c3")])
    m.metrics._measure_lines(12_000)
    assert m("acd_waiting_calls", group="desk") == 0
    assert m("acd_oldest_wait_seconds", group="desk") == 0


def test_the_dispatch_is_measured_for_each_offer() -> None:
    m = Measured().at(0, [*ready("ann", "bob"), arrives("c1"), arrives("c2"), ev.PbxFound()])
    assert m("acd_dispatch_seconds_count") == 2
    assert m("acd_decision_seconds_count") == 7


# --- calls that go on -------------------------------------------------------------------------------------------------

OUTSIDE = Destination(DestinationKind.NUMBER, "13800000000")


def overflowing(to: Destination) -> SkillGroup:
    """After 10 s a call has a higher tier, after 20 s it goes `to`."""
    return replace(group("desk"), steps=(OverflowStep(10_000, tier=1), OverflowStep(20_000, to=to)))


def lines(m: Measured, now: int) -> tuple[float | None, ...]:
    m.metrics._measure_lines(now)
    return m("acd_waiting_calls", group="desk"), m("acd_waiting_calls", group="night")


def test_a_call_that_moves_waits_and_counts_in_its_new_group() -> None:
    m = Measured(overflowing(Destination(DestinationKind.GROUP, "night")))
    m.at(0, [ev.PbxFound(), arrives("c1")])
    assert lines(m, 0) == (1, 0)
    m.at(20_000, ev.DeadlineReached())
    assert lines(m, 20_000) == (0, 1)
    assert m("acd_calls_moved_total", group="desk", cause="step") == 1
    assert m("acd_calls_offered_total", group="night") == 1
    assert m("acd_overflow_steps_total", group="desk") == 2


def test_a_call_on_its_way_outside_waits_nowhere_and_is_sent_when_it_is_there() -> None:
    m = Measured(overflowing(OUTSIDE)).at(0, [ev.PbxFound(), arrives("c1")]).at(20_000, ev.DeadlineReached())
    assert lines(m, 20_000) == (0, 0)
    assert m("acd_calls_sent_total", group="desk", cause="step") is None
    m.at(21_000, ev.SentElsewhere("c1"))
    assert m("acd_calls_sent_total", group="desk", cause="step") == 1
    assert m("acd_calls_abandoned_total", group="desk") == 0


def test_a_call_that_cant_be_sent_waits_again_and_came_once() -> None:
    m = Measured(overflowing(OUTSIDE)).at(0, [ev.PbxFound(), arrives("c1")]).at(20_000, ev.DeadlineReached())
    m.at(21_000, ev.SendingFailed("c1"))
    assert lines(m, 21_000) == (1, 0)
    assert m("acd_calls_offered_total", group="desk") == 1
    m.at(22_000, ev.CallerLeft("c1"))
    assert m("acd_calls_sent_total", group="desk", cause="step") is None
    assert m("acd_calls_abandoned_total", group="desk") == 1


def test_a_caller_who_hangs_up_on_the_way_has_given_up() -> None:
    m = Measured(overflowing(OUTSIDE)).at(0, [ev.PbxFound(), arrives("c1")]).at(20_000, ev.DeadlineReached())
    m.at(21_000, ev.CallerLeft("c1"))
    assert m("acd_calls_abandoned_total", group="desk") == 1
    assert m("acd_calls_sent_total", group="desk", cause="step") is None


def test_a_group_that_comes_while_it_runs_has_its_series() -> None:
    m = Measured()
    rules = m.talk.router.rules
    more = replace(rules, groups={**rules.groups, "new": group("new")})
    m.at(0, ev.RulesChanged(difference(rules, more), "boss"))
    assert m("acd_calls_offered_total", group="new") == 0


def test_a_call_of_a_group_that_is_gone_is_still_counted_as_waiting() -> None:
    m = Measured().at(0, [ev.PbxFound(), arrives("c1", "night")])
    rules = m.talk.router.rules
    fewer = replace(rules, groups={"desk": rules.groups["desk"]}, entries={"desk": rules.entries["desk"]})
    m.at(0, ev.RulesChanged(difference(rules, fewer), "boss"))
    assert lines(m, 0) == (0, 1)
    m.at(1_000, ev.CallerLeft("c1"))
    assert lines(m, 1_000) == (0, 0)


# --- service level ----------------------------------------------------------------------------------------------------


def level(m: Measured, now: int) -> float | None:
    m.metrics._measure_lines(now)
    return m("acd_service_level_ratio", group="desk")


def test_the_service_level_is_what_its_formula_says_of_the_last_half_hour() -> None:
    m = Measured()
    assert isnan(level(m, 0) or 0)
    m.at(0, [ev.PbxFound(), *ready("ann", "bob"), arrives("c1"), arrives("c2"), arrives("c3")])
    m.at(5_000, answered("c1"))
    assert level(m, 5_000) == 1
    m.at(6_000, ev.CallerLeft("c3"))
    assert level(m, 6_000) == 1 / 2
    m.at(15_000, ev.OfferFailed(OfferId("c2", 1), ev.OfferFailure.UNANSWERED)).at(21_000, ev.CallerLeft("c1"))
    m.at(25_000, answered("c2", 2))
    assert level(m, 25_000) == 1 / 3
    assert level(m, 29 * 60_000) == 1 / 3
    assert isnan(level(m, 30 * 60_000) or 0)


# --- expected waits ---------------------------------------------------------------------------------------------------


def tried(verdict: Verdict, waited_ms: int) -> Tried:
    return Tried("c1", "desk", Estimate(1_000, 10_000, 30_000, 12_000, 3, 2), waited_ms, verdict)


def test_expected_waits_are_counted_by_how_it_went_and_the_error_only_of_those_answered() -> None:
    m = Measured()
    for what in (tried(Verdict.WITHIN, 4_000), tried(Verdict.LATE, 45_000), tried(Verdict.LEFT, 9_000)):
        m.metrics._tried(what)
    m.metrics._tried(NoneGiven("c2", "desk", Withheld.NOBODY_AT_WORK))
    results = {each: m("acd_expected_waits_total", group="desk", result=each) for each in Verdict}
    assert results == {"early": 0, "within": 1, "late": 1, "left": 1, "left-late": 0, "elsewhere": 0}
    assert m("acd_expected_waits_withheld_total", reason="nobody-at-work") == 1
    assert m("acd_expected_wait_error_seconds_count") == 2
    assert m("acd_expected_wait_error_seconds_bucket", le="-5.0") == 1
    assert m("acd_expected_wait_error_seconds_bucket", le="60.0") == 2


def test_the_metrics_hear_of_expected_waits_by_themselves() -> None:
    talk = Conversation(centre(group("desk"), agents=["ann"]))
    expected = ExpectedWait(talk.router)
    metrics = Metrics(talk.router, expected)
    expected.watch(tuple((talk << arrives("c1")).heard), 0)
    value = metrics.registry.get_sample_value("acd_expected_waits_withheld_total", {"reason": "nobody-at-work"})
    assert value == 1


async def test_the_page_tells_of_every_step_so_far() -> None:
    """Steps are counted many together: the page doesn't wait until there are so many."""
    m = Measured().at(0, [ev.PbxFound(), *ready("ann")])
    for n in range(3):
        m.at(n, arrives(f"c{n}", "night"))
        _, _, page = await m.metrics.page(n)
        assert f'acd_calls_offered_total{{group="night"}} {n + 1}.0'.encode() in page


def test_steps_are_counted_although_nobody_asks_for_the_page() -> None:
    """Else they would fill the memory."""
    m = Measured().at(0, ev.PbxFound())
    for n in range(2 * COUNTED_TOGETHER):
        m.at(n, arrives(f"c{n}", "night"))
    offered = m.metrics.registry.get_sample_value("acd_calls_offered_total", {"group": "night"})
    assert offered is not None
    assert 2 * COUNTED_TOGETHER - offered < COUNTED_TOGETHER


async def test_ami_events_are_told_as_they_are_counted_elsewhere() -> None:
    seen = {"UserEvent": 0, "other": 2}
    m = Measured()
    m.metrics.tell_ami_events(seen)
    assert m("acd_ami_events_total", event="UserEvent") == 0, "before the first, so that its rate is known"
    seen["UserEvent"] += 1
    assert m("acd_ami_events_total", event="UserEvent") == 1
    _, _, page = await m.metrics.page(0)
    assert b'acd_ami_events_total{event="other"} 2.0' in page
