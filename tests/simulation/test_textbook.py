"""The router under textbook loads gives the textbook's figures: Erlang's exact ones, by birth-death sums.

A run is cut into batches, each long against the time in which such a queue forgets; the spread of the batches' means
gives the standard error of the whole. Four of them are allowed: with a correct router one seed in 16,000 would fail,
and the seeds are fixed. That the error is small, too, is demanded: a test that allows everything shows nothing.
"""

from math import sqrt
from statistics import fmean, stdev

from acd.ids import Instant
from acd.router import Router
from simulator.arrivals import MS_PER_H
from simulator.distributions import Exponential
from simulator.run import VirtualRun
from simulator.world import World
from tests.simulation.centres import textbook, textbook_rules

BATCHES = 20


def batches(rules, settings, seed, hours_each):
    """Summaries of `BATCHES` stretches of one run, after one that is thrown away: it began empty."""
    run = VirtualRun(World(settings, rules, seed), Router(rules))
    summaries = []
    for n in range(BATCHES + 1):
        run.until(Instant(round((n + 1) * hours_each * MS_PER_H)))
        summaries.append(run.tally.cut(run.now))
    return summaries[1:]


def agrees(summaries, figure, exact, error_max):
    values = [figure(each) for each in summaries]
    error = stdev(values) / sqrt(len(values))
    assert error < error_max, f"too short a run: standard error {error:.5f}"
    assert abs(fmean(values) - exact) < 4 * error, f"{fmean(values):.5f} ± {error:.5f}, exact {exact}"


def test_without_abandonment_as_erlang_c():
    """M/M/12 with 4.2 calls a minute of 2 minutes each."""
    runs = batches(textbook_rules(12), textbook(per_h=252, talk_s=120), seed=1, hours_each=8)
    agrees(runs, lambda each: each.delay_probability, 0.18389, error_max=0.012)
    agrees(runs, lambda each: each.asa_ms / 60_000, 0.10216, error_max=0.013)
    agrees(runs, lambda each: each.service_level, 0.89908, error_max=0.011)
    agrees(runs, lambda each: each.occupancy, 0.700, error_max=0.006)
    assert sum(each.abandoned for each in runs) == 0


def test_with_abandonment_as_erlang_a():
    """M/M/50+M with 48 calls a minute of 1 minute each, patience 2 minutes: Erlang A."""
    settings = textbook(per_h=2880, talk_s=60, patience_s=Exponential(120))
    runs = batches(textbook_rules(50), settings, seed=1, hours_each=1.2)
    agrees(runs, lambda each: each.delay_probability, 0.467774, error_max=0.02)
    agrees(runs, lambda each: each.abandonment, 0.030912, error_max=0.003)
    agrees(runs, lambda each: each.asa_ms / 1000, 3.615, error_max=0.3)
    agrees(runs, lambda each: each.occupancy, 0.930325, error_max=0.005)
    agrees(runs, lambda each: each.answered_within / (each.answered + each.abandoned), 0.94303, error_max=0.009)


def test_time_scale_changes_nothing_but_the_pace():
    """Ten times faster gives the same figures in a tenth of the time, with waits a tenth as long."""
    settings = textbook(per_h=252, talk_s=120, time_scale=10)
    runs = batches(textbook_rules(12), settings, seed=3, hours_each=0.5)
    agrees(runs, lambda each: each.delay_probability, 0.18389, error_max=0.015)
    agrees(runs, lambda each: each.asa_ms / 6_000, 0.10216, error_max=0.015)
