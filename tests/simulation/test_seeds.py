"""Seeds keep their days: what a new setting brings in moves no chance of those who leave it alone.

A change that means to alter simulated days, or the routing of them, writes these figures anew and says why.
"""

import pytest

from acd.ids import Instant
from acd.router import Router
from simulator.run import VirtualRun
from simulator.seeds import of_replication
from simulator.world import World
from tests.simulation.centres import LIVELY, WINDING, lively_rules, winding_rules

DAYS = {
    ("lively", 0): (846, 361, 481, 98, 5690554, 14922153),
    ("lively", 1): (779, 355, 420, 127, 4860807, 14986091),
    ("lively", 2): (739, 372, 359, 103, 4909875, 14794444),
    ("lively", 3): (813, 361, 447, 132, 5630756, 15854085),
    ("lively", 4): (796, 358, 435, 106, 4976767, 14862074),
    ("winding", 0): (531, 332, 179, 65, 3541157, 13892640),
    ("winding", 1): (517, 305, 179, 84, 4777485, 13004984),
    ("winding", 2): (490, 300, 159, 78, 3945899, 12550584),
    ("winding", 3): (517, 339, 161, 89, 3472281, 14004202),
    ("winding", 4): (499, 294, 173, 84, 6579398, 12710759),
}


def hour(settings, rules, seed):
    run = VirtualRun(World(settings, rules, seed), Router(rules))
    run.until(Instant(3_600_000))
    told = run.tally.end(run.now)
    return told.calls, told.answered, told.abandoned, told.returned, told.waited_ms, told.handling_ms


@pytest.mark.parametrize(("centre", "seed"), DAYS)
def test_an_hour_of_a_seed_is_what_it_was(centre, seed):
    settings, rules = {"lively": (LIVELY, lively_rules()), "winding": (WINDING, winding_rules())}[centre]
    assert hour(settings, rules, seed) == DAYS[centre, seed]


def test_replications_are_days_of_their_own_and_the_first_is_the_seeds():
    seeds = [of_replication(7, number) for number in range(1000)]
    assert seeds[0] == 7
    assert len(set(seeds)) == len(seeds)
    assert seeds == [of_replication(7, number) for number in range(1000)]
