"""Five calls by hand, as in the tests of the what-if; and against the other counts of the same lively runs."""

import pytest

from acd.agents import AgentState
from acd.ids import Instant
from acd.router import Router
from simulator.arrivals import MS_PER_H
from simulator.figures import Count
from simulator.run import VirtualRun
from simulator.study.collector import Collector
from simulator.study.counts import STATES, together
from simulator.study.levels import Calendar
from simulator.world import World
from tests.simulation.centres import LIVELY, TALKATIVE, WINDING, lively_rules, winding_rules
from tests.simulation.test_what_if import FIVE_CALLS, FIVE_RULES

FOUR_MINUTES = Calendar(Instant(0), Instant(240_000), 240_000, 60_000)


def counted(rules, calendar, steps, within_ms=(15_000, 60_000)):
    router, collector = Router(rules), Collector(rules, calendar, within_ms)
    for now, event in steps:
        collector.watch(event, router.handle(event, now), now)
    return collector


def in_state(cell, state):
    return cell.agents_ms[STATES.index(state)] / 1000


def test_five_calls_by_hand():
    """c1 waits 2 s, c2 70, c3 gives up after 20, c4 waits 3, c5 41; they come at 1, 5, 10, 110 and 120 s."""
    of_all, groups = counted(FIVE_RULES, FOUR_MINUTES, FIVE_CALLS).result()
    first, second, third, fourth = groups["desk"].cells
    assert (first.offered, second.offered, third.offered, fourth.offered) == (3, 1, 1, 0)
    assert (first.answered, first.abandoned, first.unfinished) == (2, 1, 0)
    assert (first.answered_within, first.abandoned_within) == ((1, 1), (0, 1))
    assert (first.waited_ms, first.waited_in_vain_ms) == (72_000, 20_000)
    assert (third.answered_within, third.returned) == ((0, 1), 1), "c5 is returned at 135 s"
    assert (groups["desk"].waits.p50_ms, groups["desk"].waits.p90_ms) == (3_000, 70_000)
    assert groups["desk"].waits.longest_ms == 70_000
    assert groups["desk"].waits.answered[:2] == (2, 0)
    assert (groups["desk"].waits.answered[8], groups["desk"].waits.answered[14]) == (1, 1)
    assert groups["desk"].waits.abandoned[4] == 1
    assert together(of_all.cells) == of_all.day
    assert of_all.day.offered == 5
    assert of_all.day.time_ms == 240_000


def test_the_line_by_hand():
    """c2 stands in it from 5 s to 73, c3 from 10 to 30; c5 from 120 to 143 and from 158 to 160, when it rings."""
    of_all, groups = counted(FIVE_RULES, FOUR_MINUTES, FIVE_CALLS).result()
    assert [cell.queue_ms for cell in groups["desk"].cells] == [55_000 + 20_000, 13_000, 23_000 + 2_000, 0]
    assert [cell.queue_max for cell in groups["desk"].cells] == [2, 1, 1, 0]
    assert [cell.queue_ms for cell in of_all.cells] == [cell.queue_ms for cell in groups["desk"].cells]
    assert of_all.day.queue_max == 2


def test_agents_by_hand():
    """Ann alone has the skill: c1 rings and talks from 1 s to 63, c2 from 73 to 105, c4 from 110; bob stands ready."""
    of_all, groups = counted(FIVE_RULES, FOUR_MINUTES, FIVE_CALLS).result()
    first, second = groups["desk"].cells[:2]
    states = (AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)
    assert [in_state(first, state) for state in states] == [1, 2, 57, 0]
    assert [in_state(second, state) for state in states] == [1, 2 + 3, 3 + 30 + 7, 10 + 4]
    assert sum(first.agents_ms) == 60_000
    assert in_state(of_all.cells[0], AgentState.READY) == 1 + 60


def test_what_came_before_the_beginning_is_not_counted_but_stands_in_line():
    """From 60 s on: c2 waits still and is answered, c4 and c5 come."""
    later = Calendar(Instant(60_000), Instant(180_000), 120_000, 60_000)
    of_all, _ = counted(FIVE_RULES, later, FIVE_CALLS).result()
    assert (of_all.day.offered, of_all.day.answered, of_all.day.abandoned) == (2, 2, 0)
    assert [cell.queue_ms for cell in of_all.cells] == [13_000, 25_000]
    assert in_state(of_all.cells[0], AgentState.TALKING) == 3 + 30 + 7


def test_what_comes_by_the_end_has_its_end_awaited():
    early = Calendar(Instant(0), Instant(60_000), 60_000, 60_000)
    assert counted(FIVE_RULES, early, FIVE_CALLS[:-12]).is_waiting
    collector = counted(FIVE_RULES, early, FIVE_CALLS)
    assert not collector.is_waiting
    of_all, _ = collector.result()
    assert (of_all.day.offered, of_all.day.answered, of_all.day.abandoned) == (3, 2, 1)
    assert in_state(of_all.day, AgentState.TALKING) == 57, "the time ends at the end"


def test_a_call_told_of_twice_is_one_call():
    """Before its answer and after it; as faults may have it."""
    first = FIVE_CALLS[5]
    twice = sorted([*FIVE_CALLS, first, (4_000, first[1])], key=lambda each: each[0])
    of_all, _ = counted(FIVE_RULES, FOUR_MINUTES, twice).result()
    assert (of_all.day.offered, of_all.day.answered, of_all.day.unfinished) == (5, 4, 0)


@pytest.mark.parametrize(
    ("rules", "settings"),
    [(lively_rules(), LIVELY), (winding_rules(), WINDING), (winding_rules(), TALKATIVE)],
    ids=["lively", "winding", "talkative"],
)
def test_lively_days_are_counted_as_others_count_them(rules, settings):
    """Summary and Figures, which count otherwise, find the same; groups make up all."""
    calendar = Calendar(Instant(0), Instant(MS_PER_H), MS_PER_H, MS_PER_H // 2)
    router = Router(rules)
    collector, count = Collector(rules, calendar, (20_000,)), Count(20_000)
    count.begin(router, Instant(0))

    def watch(event, outputs, now):
        collector.watch(event, outputs, now)
        count.watch(event, outputs, now)

    run = VirtualRun(World(settings, rules, seed=3), router, watch)
    run.until(calendar.end)
    tally, figures = run.tally.end(run.now), count.result(calendar.end)
    of_all, groups = collector.result()
    for group, counts in [(None, of_all), *groups.items()]:
        other, day = figures.all if group is None else figures.groups[group], counts.day
        for name in ("offered", "answered", "abandoned", "sent_elsewhere", "refused", "merged", "unfinished"):
            assert getattr(day, name) == getattr(other, name), (group, name)
        assert day.handling_ms / (day.handling_ms + day.ready_ms) == pytest.approx(other.occupancy)
        level = day.answered_within[0] / (day.answered + day.abandoned - day.abandoned_within[0])
        assert level == pytest.approx(other.service_level)
        assert counts.waits.p90_ms / 1000 == other.p90_wait_s
    assert (of_all.day.handling_ms, of_all.day.ready_ms) == (tally.handling_ms, tally.ready_ms)
    assert of_all.day.returned == tally.returned
    assert of_all.day.queue_max <= tally.queue_max
    assert of_all.day.queue_ms == sum(each.day.queue_ms for each in groups.values())
    assert sum(of_all.day.agents_ms) == len(rules.agents) * MS_PER_H
