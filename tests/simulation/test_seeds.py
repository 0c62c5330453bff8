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
    ("lively", 0): (799, 370, 424, 97, 5929736, 15205904),
    ("lively", 1): (816, 351, 462, 109, 6031912, 15247724),
    ("lively", 2): (714, 371, 340, 105, 4942187, 15176281),
    ("lively", 3): (794, 361, 426, 113, 5821572, 15670935),
    ("lively", 4): (747, 364, 381, 115, 4898178, 14873960),
    ("winding", 0): (534, 333, 162, 73, 4497237, 13551182),
    ("winding", 1): (541, 310, 199, 94, 4825314, 14072865),
    ("winding", 2): (476, 303, 141, 65, 3290105, 12682410),
    ("winding", 3): (530, 302, 190, 92, 3995680, 13984534),
    ("winding", 4): (488, 311, 153, 86, 2966427, 13039238),
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
