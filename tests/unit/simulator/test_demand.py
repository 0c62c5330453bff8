"""The demand of a recorded day is what came in that day, to the ms."""

from collections import defaultdict
from dataclasses import replace

import pytest

from acd.events import CallArrived
from acd.ids import Instant
from acd.router import Router
from simulator.arrivals import Recorded
from simulator.demand import recorded_demand
from simulator.run import VirtualRun
from simulator.world import World
from tests.simulation.centres import LIVELY, TALKATIVE, lively_rules, winding_rules
from tests.simulation.journals import write_day

HOUR_MS = 3_600_000


def came(settings, rules, until=HOUR_MS):
    """Instants of arrivals by entry point."""
    found = defaultdict(list)

    def watch(event, _outputs, now):
        if type(event) is CallArrived:
            found[event.entry].append(now)

    VirtualRun(World(settings, rules, 1), Router(rules), watch).until(Instant(until))
    return {entry: Recorded(tuple(each)) for entry, each in found.items()}


@pytest.mark.parametrize(("settings", "rules"), [(LIVELY, lively_rules()), (TALKATIVE, winding_rules())])
def test_every_call_that_came_is_in_it_and_no_other(tmp_path, settings, rules):
    """Not those that were given away, the agents' own or consults."""
    write_day(tmp_path / "journal.jsonl", rules, settings, hours=1)
    assert recorded_demand(tmp_path / "journal.jsonl") == came(settings, rules)


def test_a_world_that_lives_by_it_has_the_same_calls_at_the_same_instants(tmp_path):
    rules = lively_rules()
    write_day(tmp_path / "journal.jsonl", rules, LIVELY, hours=1)
    recorded = recorded_demand(tmp_path / "journal.jsonl")
    again = replace(LIVELY, time_scale=1, arrivals=recorded, retry_probability=0, pbx_latency_ms=0)
    assert came(again, rules, HOUR_MS + 1) == recorded


def test_it_may_be_moved_to_another_time_of_the_day(tmp_path):
    write_day(tmp_path / "journal.jsonl", lively_rules(), LIVELY, hours=1)
    plain = recorded_demand(tmp_path / "journal.jsonl")
    moved = recorded_demand(tmp_path / "journal.jsonl", moved_to=Instant(9 * HOUR_MS))
    assert moved == {entry: each.moved(9 * HOUR_MS) for entry, each in plain.items()}
