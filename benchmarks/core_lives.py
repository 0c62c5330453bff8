"""How many call lives a second the core routes: offer, accept, end, wrap-up, through `Router.handle` alone.

Offered load is 90 % of the agents; 200 groups of one skill each, 1 to 5 skills an agent, talk and wrap-up of random
length in virtual time. Callers who wait leave after a patience of two minutes in the mean: 100 agents leave some of
the groups without anybody, and their lines would grow for ever.

A world is played once and what it told is kept; then the same is told again to routers of their own, and only that is
timed. So the figures are the core's alone, and its state has its full load when the clock starts. `figures` is what
docs/figures.md quotes: lives a second as the median of interleaved runs (the machine is shared, and what disturbs one
run should not fall on one size), and how long one step takes. Times of lives are of the processor, those of steps by
the clock.
"""

import gc
import random
import statistics
import sys
import time
from heapq import heappop, heappush

from acd import events as ev
from acd.commands import OfferCall
from acd.ids import CallId, Instant
from acd.notices import CallConnected
from acd.router import Router
from benchmarks.centre import WRAP_UP_MS, percentile, rules_for
from simulator.collecting import collecting_seldom

RING_MS, TALK_MS = 3_000, 180_000
PATIENCE_MS = 120_000
LOAD = 0.9

SIZES = (100, 1_000, 10_000, 50_000)
LIVES = 10_000
RUNS = 3
STEPS_AT = 10_000
"""The number of agents at which single steps are timed."""
GROWTH = (1_000, 50_000)
"""The two numbers of agents whose lives a second are told as a ratio, many over few."""

Told = list[tuple[ev.Event, Instant]]


class World:
    """Callers and phones in virtual time around one router."""

    def __init__(self, agents: int, seed: int) -> None:
        self.rng = random.Random(seed)
        rules = rules_for(agents, self.rng)
        self.router = Router(rules)
        self.entries = list(rules.entries)
        self.gap_ms = (RING_MS + TALK_MS + WRAP_UP_MS) / (agents * LOAD)
        self.heap: list[tuple[float, int, ev.Event | None]] = []
        self.number = 0
        self.connected: set[CallId] = set()
        self.told: Told = []
        self.tell(ev.PbxFound(), Instant(0))
        for agent in rules.agents:
            self.tell(ev.LoggedIn(agent), Instant(0))
            self.tell(ev.ReadyAsked(agent), Instant(0))
        self.plan(0, None)

    def plan(self, at: float, event: ev.Event | None) -> None:
        self.number += 1
        heappush(self.heap, (at, self.number, event))

    def tell(self, event: ev.Event, now: Instant) -> None:
        self.told.append((event, now))
        for output in self.router.handle(event, now):
            if isinstance(output, OfferCall):
                self.plan(now + self.rng.expovariate(1 / RING_MS), ev.OfferAccepted(output.offer))
            elif isinstance(output, CallConnected):
                self.connected.add(output.call)
                self.plan(now + self.rng.expovariate(1 / TALK_MS), ev.CallerLeft(output.call))

    def arrive(self, now: Instant) -> None:
        """A caller comes, and the next one is planned."""
        self.plan(now + self.rng.expovariate(1 / self.gap_ms), None)
        call = CallId(f"c{self.number}")
        self.tell(ev.CallArrived(call, self.rng.choice(self.entries), "13800000001"), now)
        self.plan(now + self.rng.expovariate(1 / PATIENCE_MS), OutOfPatience(call))

    def run(self, lives: int) -> None:
        """Let `lives` calls arrive, with all that happens meanwhile."""
        seen = 0
        while seen < lives:
            at, _, event = heappop(self.heap)
            now = Instant(int(at))
            if event is None:
                self.arrive(now)
                seen += 1
            elif not isinstance(event, OutOfPatience):
                self.tell(event, now)
            elif event.call not in self.connected:
                self.tell(ev.CallerLeft(event.call), now)


class OutOfPatience(ev.CallerLeft):
    """The caller leaves, unless the call has been answered meanwhile."""


class Recording:
    """What a world of `agents` told: first until its load was there, then for `lives` calls more."""

    def __init__(self, agents: int, lives: int = LIVES, seed: int = 1) -> None:
        self.lives = lives
        world = World(agents, seed)
        world.run(4 * agents)  # takes 4.4 mean lives: nearly as many calls then end as arrive
        warm_up = len(world.told)
        world.run(lives)
        self.rules = world.router.rules
        self.before: Told = world.told[:warm_up]
        self.timed: Told = world.told[warm_up:]

    def loaded_router(self) -> Router:
        """A router that has heard all up to where the clock starts."""
        router = Router(self.rules)
        for event, now in self.before:
            router.handle(event, now)
        gc.collect()
        return router

    def lives_per_s(self) -> float:
        handle = self.loaded_router().handle
        begun = time.process_time()
        for event, now in self.timed:
            handle(event, now)
        return self.lives / (time.process_time() - begun)

    def steps_us(self) -> list[float]:
        """How long each step took, sorted."""
        handle, clock = self.loaded_router().handle, time.perf_counter_ns
        steps = []
        for event, now in self.timed:
            begun = clock()
            handle(event, now)
            steps.append((clock() - begun) / 1_000)
        return sorted(steps)


def core_lives_per_s(agents: int, lives: int = LIVES, seed: int = 1) -> float:
    """Lives a second in a router with `agents` agents, from one run."""
    return Recording(agents, lives, seed).lives_per_s()


def figures() -> dict[str, float]:
    """Lives a second for each of `SIZES`, their ratio of many agents to few, microseconds a step. Takes about 90 s."""
    with collecting_seldom():
        recordings = {agents: Recording(agents) for agents in SIZES}
        gc.collect()
        gc.freeze()  # what is recorded is the benchmark's, not the core's: no collection should walk it
        try:
            runs = [{agents: recordings[agents].lives_per_s() for agents in SIZES} for _ in range(RUNS)]
            steps = [recordings[STEPS_AT].steps_us() for _ in range(RUNS)]
        finally:
            gc.unfreeze()
    lives = {agents: statistics.median(run[agents] for run in runs) for agents in SIZES}
    few, many = GROWTH
    return {
        **{f"lives_per_s_{agents}": round(lives[agents]) for agents in SIZES},
        f"growth_{many}_over_{few}": round(lives[many] / lives[few], 2),
        **{
            f"step_us_p{share}_{STEPS_AT}": round(statistics.median(percentile(run, share) for run in steps), 1)
            for share in (50, 99)
        },
    }


if __name__ == "__main__":
    for name, value in figures().items():
        print(f"{name:>24} {value:>9}", file=sys.stderr)
