"""Scenarios run by seed, a day or a part of one, and what they came to."""

from __future__ import annotations

from dataclasses import replace

from acd.events import Event
from acd.ids import Instant
from acd.router import Output, Router
from simulator.figures import Count, Result
from simulator.run import VirtualRun
from simulator.scenarios import Promise, Scenario
from simulator.world import World

H_MS = 3_600_000


def days(scenario: Scenario, seed: int, from_h: float = 0, to_h: float = 24, warm_up_h: float = 0) -> dict[Promise, float | None]:
    """What each promise's figure came to from one hour of the first day to another, the world's own warm-up before."""
    begin = Instant(scenario.begin + round((from_h - warm_up_h) * H_MS))
    router = Router(scenario.rules)
    counts = {promise: Count(round((promise.within_s or 0) * 1000)) for promise in scenario.promises}
    counting = False

    def watch(event: Event, outputs: Output, now: Instant) -> None:
        for count in counts.values() if counting else ():
            count.watch(event, outputs, now)

    run = VirtualRun(World(scenario.people, scenario.rules, seed, begin=begin), router, watch)
    run.until(Instant(scenario.begin + round(from_h * H_MS)))
    for count in counts.values():
        count.begin(router, run.now)
    counting = True
    run.until(Instant(scenario.begin + round(to_h * H_MS)))
    return {promise: promise.value(count.result(run.now)) for promise, count in counts.items()}


def without(scenario: Scenario, every: int) -> Scenario:
    """Every so manieth agent of those who come to work stays at home."""
    there = scenario.people.simulated_agents or ()
    return replace(scenario, people=replace(scenario.people, simulated_agents=tuple(a for n, a in enumerate(there) if n % every)))
