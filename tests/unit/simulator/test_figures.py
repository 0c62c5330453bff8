"""The figures of a day, counted from what a router is told and gives out."""

import pytest

from acd import events as ev
from acd.ids import OfferId
from acd.router import Router
from acd.rules import AgentRecord, Destination, DestinationKind, EntryPoint, OverflowStep, Rules, SkillGroup
from acd.skills import normalized
from simulator.figures import Count

ELSEWHERE = Destination(DestinationKind.NUMBER, "10010")
RULES = Rules(
    groups={
        "x": SkillGroup("x", needs=normalized({"x": 1}), calls_max=2, steps=(OverflowStep(50_000, to=ELSEWHERE),)),
        "y": SkillGroup("y", needs=normalized({"y": 1}), wrap_up_ms=0),
    },
    entries={"1": EntryPoint("1", "x"), "2": EntryPoint("2", "y")},
    agents={
        "ann": AgentRecord("ann", "P/1", skills=normalized({"x": 1})),
        "bob": AgentRecord("bob", "P/2", skills=normalized({"y": 1})),
    },
)


class Day:
    def __init__(self, *ready, within_ms=20_000):
        self.router, self.count = Router(RULES), Count(within_ms)
        self.count.begin(self.router, 0)
        self.at(0, ev.PbxFound())
        for agent in ready:
            self.at(0, ev.LoggedIn(agent), ev.ReadyAsked(agent))

    def at(self, s, *events):
        for event in events:
            now = round(s * 1000)
            self.count.watch(event, self.router.handle(event, now), now)
        return self


def test_nothing_happened():
    figures = Day().count.result(100_000).all
    assert (figures.offered, figures.service_level, figures.mean_wait_s, figures.occupancy) == (0, None, None, None)


def test_a_day_by_hand():
    """Waits of 2 and 30 s answered, gone after 5 and 25 s, sent after 50 s, refused: the third in x; one waits on."""
    day = Day("ann", "bob")
    day.at(10, ev.CallArrived("a1", "1")).at(12, ev.OfferAccepted(OfferId("a1", 1)))
    day.at(12, ev.CallArrived("a2", "1"), ev.CallArrived("a3", "1")).at(17, ev.CallerLeft("a2"))
    day.at(20, ev.CallArrived("a4", "1"), ev.CallArrived("a5", "1"))
    day.at(62, ev.SentElsewhere("a3")).at(63, ev.CallerLeft("a4"))
    day.at(64, ev.CallArrived("a6", "1"))
    day.at(70, ev.CallArrived("b1", "2")).at(72, ev.OfferAccepted(OfferId("b1", 1))).at(73, ev.CallerLeft("b1"))
    result = day.count.result(100_000)
    x, y, together = result.groups["x"], result.groups["y"], result.all
    assert (x.offered, x.answered, x.abandoned, x.sent_elsewhere, x.refused, x.unfinished) == (6, 1, 2, 1, 1, 1)
    assert (y.offered, y.answered, y.abandoned) == (1, 1, 0)
    assert (together.offered, together.answered, together.abandoned, together.refused) == (7, 2, 2, 1)
    assert x.service_level == pytest.approx(1 / 2), "who left after 5 s doesn't count, who left after 43 s does"
    assert together.service_level == pytest.approx(2 / 3)
    assert (x.mean_wait_s, x.longest_wait_s, x.abandonment) == (2, 50, 2 / 3)
    assert x.occupancy == pytest.approx(90 / 100), "ann: ready 10 s"
    assert y.occupancy == pytest.approx(3 / 100)
    assert together.occupancy == pytest.approx(93 / 200)


def test_a_call_counts_in_the_group_it_came_to_whoever_answers():
    day = Day("bob").at(0, ev.CallArrived("a1", "1")).at(1, ev.ForcedMove("a1", "y", "super"))
    result = day.at(3, ev.OfferAccepted(OfferId("a1", 1))).count.result(5_000)
    assert (result.groups["x"].answered, result.groups["y"].offered) == (1, 0)


def test_a_call_counts_once():
    """Told twice, lost and answered again."""
    day = Day("ann").at(0, ev.CallArrived("a1", "1"), ev.CallArrived("a1", "1"))
    day.at(3, ev.OfferAccepted(OfferId("a1", 1))).at(5, ev.PhoneLeft(OfferId("a1", 1), lost=True))
    day.at(5, ev.CallArrived("a1", "1")).at(6, ev.ReadyAsked("ann")).at(9, ev.OfferAccepted(OfferId("a1", 2)))
    figures = day.at(10, ev.CallerLeft("a1")).count.result(20_000).all
    assert (figures.offered, figures.answered, figures.mean_wait_s) == (1, 1, 3)


def test_nine_of_ten_are_answered_by_p90():
    day = Day("bob")
    for n in range(10):
        begin = 100 * n
        day.at(begin, ev.CallArrived(f"b{n}", "2")).at(begin + n + 1, ev.OfferAccepted(OfferId(f"b{n}", 1)))
        day.at(begin + 50, ev.CallerLeft(f"b{n}"))
    assert day.count.result(1_000_000).all.p90_wait_s == 9


def test_exactly_the_threshold_is_within():
    day = Day("bob", within_ms=3_000).at(0, ev.CallArrived("b1", "2")).at(3, ev.OfferAccepted(OfferId("b1", 1)))
    assert day.count.result(4_000).all.service_level == 1


def test_not_ready_counts_for_nothing():
    day = Day("ann", "bob").at(10, ev.NotReadyAsked("ann", "break"), ev.LogOutAsked("bob"))
    day.at(50, ev.CallArrived("b1", "2"))
    assert day.count.result(100_000).all.occupancy == 0


def test_begun_anew_counts_on():
    """Another router: who waits in it has come, who is ready in it is ready."""
    day = Day("ann").at(1, ev.CallArrived("b1", "2"))
    other = Day("bob")
    other.at(0, ev.CallArrived("a1", "1"))
    day.count.begin(other.router, 50_000)
    result = day.count.result(100_000)
    assert (result.all.offered, result.all.unfinished, result.all.occupancy) == (2, 2, 0)


def test_a_daemon_begun_anew_finds_old_calls_and_names_new_ones_alike():
    """a1 is found waiting: the same call; a2 isn't, and another call has its name, as a demo's have."""
    day = Day("ann").at(0, ev.NotReadyAsked("ann", "break"), ev.CallArrived("a1", "1"), ev.CallArrived("a2", "1"))
    day.router = Router(RULES)
    day.count.begin(day.router, 10_000)
    day.at(11, ev.CallArrived("a1", "1", waiting_since=0), ev.CallArrived("a2", "1"))
    day.at(15, ev.CallerLeft("a1"), ev.CallerLeft("a2"))
    figures = day.count.result(20_000).all
    assert (figures.offered, figures.abandoned, figures.unfinished) == (3, 2, 1)
    assert figures.longest_wait_s == 15
