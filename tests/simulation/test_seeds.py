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
    ("lively", 0): (802, 371, 425, 104, 5949177, 15692762),
    ("lively", 1): (791, 365, 423, 114, 5690085, 15941839),
    ("lively", 2): (724, 344, 379, 92, 5048091, 14167225),
    ("lively", 3): (807, 341, 458, 126, 5553344, 14558409),
    ("lively", 4): (720, 379, 341, 107, 5132239, 15431951),
    ("winding", 0): (538, 327, 172, 90, 4520660, 13383423),
    ("winding", 1): (543, 314, 198, 97, 4848904, 14030840),
    ("winding", 2): (484, 311, 153, 74, 3549056, 12712145),
    ("winding", 3): (530, 302, 193, 87, 4530950, 13762204),
    ("winding", 4): (486, 309, 156, 83, 3335866, 13413098),
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
