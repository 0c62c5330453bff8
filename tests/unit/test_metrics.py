"""The figures follow the core's outputs, whatever happens to calls and agents."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from acd import events as ev
from acd.ids import OfferId
from acd.metrics import Metrics
from acd.owner import Step
from tests.conversation import Conversation, answered, arrives, centre, failed, group, ready


class Measured:
    """A router with its metrics."""

    def __init__(self) -> None:
        rules = centre(group("desk", wrap_up_ms=0), group("night"), agents=["ann", "bob"])
        self.talk = Conversation(rules, linked=False)
        self.metrics = Metrics(self.talk.router)

    def at(self, now: int, events: Any) -> Measured:
        for event in events if isinstance(events, Iterable) else [events]:
            self.talk.at(now) << event
            self.metrics.watch(tuple(self.talk.heard), Step(now, event, 0.0))
        return self

    def __call__(self, name: str, **labels: str) -> float | None:
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
