"""Journals of simulated days, and of days made by hand."""

from acd.ids import Instant
from acd.journal import Journal
from acd.router import Router
from simulator.arrivals import MS_PER_H
from simulator.figures import Count
from simulator.run import VirtualRun
from simulator.world import World


def write_day(path, rules, settings, hours, seed=1):
    """Simulate a day and journal it; the figures that were counted on the way."""
    router, count = Router(rules), Count(20_000)
    count.begin(router, Instant(0))
    journal = Journal.create(path, router, Instant(0))
    last = 0

    def watch(event, outputs, now):
        nonlocal last
        journal.append(event, now)
        journal.answered(outputs)
        count.watch(event, outputs, now)
        last = now

    VirtualRun(World(settings, rules, seed), router, watch).until(Instant(round(hours * MS_PER_H)))
    journal.close()
    return count.result(last)


def write_steps(path, rules, steps, begin=0, limits=None):
    """Journal these (instant, event), as a daemon would that began at `begin`."""
    router = Router(rules)
    journal = Journal.create(path, router, Instant(begin), limits)
    for now, event in steps:
        journal.append(event, now)
        journal.answered(router.handle(event, now))
    journal.close()
