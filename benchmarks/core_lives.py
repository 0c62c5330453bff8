"""How many call lives a second the core routes: offer, accept, end, wrap-up, through `Router.handle` alone.

Offered load is 90 % of the agents; 200 groups of one skill each, 1 to 5 skills an agent, talk and wrap-up of random
length in virtual time. A life counts when its wrap-up is over.
"""

import gc
import random
import time
from heapq import heappop, heappush

from acd import events as ev
from acd.agents import AgentRecord
from acd.commands import OfferCall
from acd.ids import AgentId, CallId, GroupId, Instant, OfferId, SkillId
from acd.notices import CallConnected
from acd.queues import SkillGroup
from acd.router import Router
from acd.rules import EntryPoint, Rules
from acd.skills import normalized

GROUPS = 200
RING_MS, TALK_MS, WRAP_UP_MS = 3_000, 180_000, 30_000
LOAD = 0.9


def rules_for(agents: int, rng: random.Random) -> Rules:
    """A centre of 200 groups; every agent has 1 to 5 of their skills at levels 1 to 10."""
    skills = [SkillId(f"skill-{n}") for n in range(GROUPS)]
    groups = {
        GroupId(s): SkillGroup(GroupId(s), needs=((s, 1),), wrap_up_ms=WRAP_UP_MS) for s in skills
    }
    entries = {str(8000 + n): EntryPoint(str(8000 + n), GroupId(s)) for n, s in enumerate(skills)}
    records = {}
    for n in range(agents):
        mine = rng.sample(skills, rng.randint(1, 5))
        record = AgentRecord(
            AgentId(f"a{n}"), f"PJSIP/{n}", skills=normalized({s: rng.randint(1, 10) for s in mine})
        )
        records[record.id] = record
    return Rules(groups=groups, entries=entries, agents=records)


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
        self.told: list[tuple[ev.Event, Instant]] = []
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
                self.plan(now + self.rng.expovariate(1 / TALK_MS), ev.CallerLeft(output.call))

    def arrival(self, now: float) -> ev.Event:
        self.plan(now + self.rng.expovariate(1 / self.gap_ms), None)
        return ev.CallArrived(CallId(f"c{self.number}"), self.rng.choice(self.entries), "13800000001")

    def run(self, lives: int) -> None:
        """Let `lives` calls arrive, with all that happens meanwhile."""
        seen = 0
        while seen < lives:
            at, _, event = heappop(self.heap)
            if event is None:
                event, seen = self.arrival(at), seen + 1
            self.tell(event, Instant(int(at)))


def core_lives_per_s(agents: int, lives: int = 20_000, seed: int = 1) -> float:
    """Lives a second in a router that has its load already: what the world told is told again, and only that is timed."""
    world = World(agents, seed)
    world.run(min(4 * agents, 2 * lives))
    warm_up = len(world.told)
    world.run(lives)
    router = Router(world.router.rules)
    for event, now in world.told[:warm_up]:
        router.handle(event, now)
    timed = world.told[warm_up:]
    begun = time.process_time()
    for event, now in timed:
        router.handle(event, now)
    return lives / (time.process_time() - begun)


if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 100)
    for size in (100, 1_000, 10_000, 50_000):
        print(size, round(core_lives_per_s(size)))
