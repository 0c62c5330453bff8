"""One queue in four simulators: M/M/12, 4.2 calls a minute of 2 minutes each, patience of one minute in the mean.

SimPy's and Ciw's models are written as their own documentation writes such queues: "Bank Renege" of SimPy, "Reneging
Customers" of Ciw. Ours is the simulated PBX with its callers and agents around the production router. A model that is
made is ready to run; its figures are gathered afterwards.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Protocol

import ciw
import simpy

from acd.ids import Instant
from acd.router import Router
from simulator.arrivals import MS_PER_H
from simulator.distributions import Exponential
from simulator.erlang.formulas import erlang_a
from simulator.run import VirtualRun
from simulator.scenarios import Scenario
from simulator.scenarios.values import DAY_MS
from simulator.study.counts import Replication
from simulator.study.replications import Life
from simulator.validation.textbook import textbook, textbook_rules
from simulator.world import World

CALLS_PER_H, SERVICE_S, AGENTS, PATIENCE_S = 252.0, 120.0, 12, 60.0
EXACT = erlang_a(CALLS_PER_H, SERVICE_S, AGENTS, PATIENCE_S)
HOUR_S = 3600.0
WITHIN_MS = 20_000
RULES = textbook_rules(AGENTS)
PEOPLE = textbook(CALLS_PER_H, SERVICE_S, patience_s=Exponential(PATIENCE_S))


class Counted(NamedTuple):
    """Of the calls that were answered or given up."""

    calls: int
    abandoned: int
    waited_s: float


class Model(Protocol):
    """Made for one seed and so many hours."""

    def __init__(self, seed: int, hours: int) -> None: ...

    def run(self) -> None: ...

    def counted(self) -> Counted: ...


class Ours:
    def __init__(self, seed: int, hours: int) -> None:
        self._run = VirtualRun(World(PEOPLE, RULES, seed), Router(RULES))
        self._end = Instant(hours * MS_PER_H)

    def run(self) -> None:
        self._run.until(self._end)

    def counted(self) -> Counted:
        told = self._run.tally.summary
        waited_ms = told.waited_ms + told.waited_in_vain_ms
        return Counted(told.answered + told.abandoned, told.abandoned, waited_ms / 1000)


def our_days(seed: int, days: int, number: int) -> Life:
    """A replication as `acd sim run` lives it."""
    scenario = Scenario(
        path=Path("mm12.toml"),
        name="mm12",
        title="M/M/12 with abandonment",
        about="",
        rules=RULES,
        people=PEOPLE,
        promises=(),
        begin=Instant(0),
        zone="UTC",
        interval_ms=DAY_MS // 48,
        warm_up_days=0,
        days=days,
        replications=1,
    )
    return Life(scenario, seed, days, number, (WITHIN_MS,))


def counted_in(replication: Replication) -> Counted:
    day = replication.all.day
    return Counted(day.answered + day.abandoned, day.abandoned, (day.waited_ms + day.waited_in_vain_ms) / 1000)


class SimPy:
    def __init__(self, seed: int, hours: int) -> None:
        self._rng = Random(seed)  # the documentation's own generator, seeded
        self._env = simpy.Environment()
        self._agents = simpy.Resource(self._env, capacity=AGENTS)
        self._hours = hours
        self._calls = self._abandoned = 0
        self._waited_s = 0.0
        self._env.process(self._source())

    def _source(self) -> Generator[simpy.Event, Any, None]:
        while True:
            yield self._env.timeout(self._rng.expovariate(CALLS_PER_H / HOUR_S))
            self._env.process(self._call())

    def _call(self) -> Generator[simpy.Event, Any, None]:
        arrived = self._env.now
        with self._agents.request() as request:
            patience = self._env.timeout(self._rng.expovariate(1 / PATIENCE_S))
            results: Mapping[simpy.Event, Any] = yield request | patience
            self._calls += 1
            self._waited_s += self._env.now - arrived
            if request in results:
                yield self._env.timeout(self._rng.expovariate(1 / SERVICE_S))
            else:
                self._abandoned += 1

    def run(self) -> None:
        self._env.run(until=self._hours * HOUR_S)

    def counted(self) -> Counted:
        return Counted(self._calls, self._abandoned, self._waited_s)


class Ciw:
    def __init__(self, seed: int, hours: int) -> None:
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(rate=CALLS_PER_H / HOUR_S)],
            service_distributions=[ciw.dists.Exponential(rate=1 / SERVICE_S)],
            reneging_time_distributions=[ciw.dists.Exponential(rate=1 / PATIENCE_S)],
            number_of_servers=[AGENTS],
        )
        ciw.seed(seed)
        self._simulation = ciw.Simulation(network)
        self._hours = hours

    def run(self) -> None:
        self._simulation.simulate_until_max_time(self._hours * HOUR_S)

    def counted(self) -> Counted:
        records = self._simulation.get_all_records()
        abandoned = sum(each.record_type == "renege" for each in records)
        return Counted(len(records), abandoned, sum(each.waiting_time for each in records))
