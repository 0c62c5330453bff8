"""Scenarios run by seed, a day or a part of one, and what they came to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from acd.events import Event
from acd.ids import Instant
from acd.router import Output, Router
from simulator.figures import Count
from simulator.run import VirtualRun
from simulator.scenarios import Promise, Scenario
from simulator.world import World

H_MS = 3_600_000


@dataclass(frozen=True)
class Part:
    """From one hour of the first day to another, with so many before that don't count."""

    from_h: float = 0
    to_h: float = 24
    warm_up_h: float = 0


DAY = Part()


def figures(scenario: Scenario, seed: int, part: Part = DAY) -> dict[Promise, float | None]:
    """What the figure of each promise came to."""

    def hour(h: float) -> Instant:
        return Instant(scenario.begin + round(h * H_MS))

    router, counting = Router(scenario.rules), False
    counts = {promise: Count(round((promise.within_s or 0) * 1000)) for promise in scenario.promises}

    def watch(event: Event, outputs: Output, now: Instant) -> None:
        for count in counts.values() if counting else ():
            count.watch(event, outputs, now)

    begin = hour(part.from_h - part.warm_up_h)
    run = VirtualRun(World(scenario.people, scenario.rules, seed, begin=begin), router, watch)
    run.until(hour(part.from_h))
    for count in counts.values():
        count.begin(router, run.now)
    counting = True
    run.until(hour(part.to_h))
    return {promise: promise.value(count.result(run.now)) for promise, count in counts.items()}


def broken(scenario: Scenario, seed: int, part: Part = DAY) -> set[str]:
    """The promises that were not kept, in words."""
    return {promise.text() for promise, value in figures(scenario, seed, part).items() if not promise.is_kept_by(value)}


def half_the_crews(scenario: Scenario) -> Scenario:
    """Every second one of those who come to work stays at home."""
    there = scenario.people.simulated_agents or ()
    return replace(scenario, people=replace(scenario.people, simulated_agents=there[::2]))
