"""One step before a crowd: an agent becoming ready before 100,000 waiting calls, a call before 50,000 ready agents.

Each is measured with the crowd spread over 200 groups, and with all of it in one: all callers wait for the same group,
or all agents can serve it. What is timed is the one `Router.handle` that makes the offer, by the clock; every one must
make an offer. Between two of them, untimed, the crowd gets back whom it lost, so it is as large for the last step as
for the first. Each run loads a router of its own, and the runs of the scenes are interleaved.
"""

import gc
import random
import statistics
from collections.abc import Callable, Iterator
from itertools import count
from time import perf_counter_ns

from acd import events as ev
from acd.commands import OfferCall
from acd.ids import CallId, Instant
from acd.router import Output, Router
from acd.rules import Rules
from benchmarks.centre import SKILLS, percentile, rules_for
from simulator.collecting import collecting_seldom

CALLS, AGENTS = 100_000, 50_000
STEPS = 5_000
RUNS = 3
SHARED = (SKILLS[0],)
"""The skill of the one group, where all the crowd is in one."""

Samples = Iterator[float]


class Centre:
    """A router, a clock that moves a millisecond with every event, and callers who dial one of `entries`."""

    def __init__(self, rules: Rules, entries: list[str], rng: random.Random) -> None:
        self.router = Router(rules)
        self._entries, self._rng = entries, rng
        self._moments, self._numbers = count(), count()
        self.tell(ev.PbxFound())
        for agent in rules.agents:
            self.tell(ev.LoggedIn(agent))

    def caller(self) -> ev.CallArrived:
        number = next(self._numbers)
        return ev.CallArrived(CallId(f"1759272000.{number}"), self._rng.choice(self._entries), f"138{number:08}")

    def tell(self, event: ev.Event) -> Output:
        return self.router.handle(event, Instant(next(self._moments)))

    def offer_after(self, event: ev.Event) -> tuple[float, OfferCall]:
        """Tell `event`, which must lead to an offer: how many microseconds that took, and the offer."""
        handle, now = self.router.handle, Instant(next(self._moments))
        begun = perf_counter_ns()
        outputs = handle(event, now)
        took = perf_counter_ns() - begun
        (offer,) = (output for output in outputs if isinstance(output, OfferCall))
        return took / 1_000, offer


def before_calls(crowd: int, steps: int, everybody: bool) -> Samples:
    """Microseconds of each ReadyAsked that takes one of `crowd` waiting calls; twice as many agents as `steps`."""
    rng = random.Random(1)
    rules = rules_for(2 * steps, rng, SHARED if everybody else ())
    centre = Centre(rules, _dialled(rules, everybody), rng)
    for _ in range(crowd):
        centre.tell(centre.caller())
    gc.collect()
    for agent in rng.sample(list(rules.agents), steps):
        took, offer = centre.offer_after(ev.ReadyAsked(agent))
        yield took
        centre.tell(ev.OfferAccepted(offer.offer))
        centre.tell(centre.caller())


def before_agents(crowd: int, steps: int, everybody: bool) -> Samples:
    """Microseconds of each CallArrived that rings one of `crowd` ready agents."""
    rng = random.Random(1)
    rules = rules_for(crowd, rng, SHARED if everybody else ())
    centre = Centre(rules, _dialled(rules, everybody), rng)
    for agent in rules.agents:
        centre.tell(ev.ReadyAsked(agent))
    gc.collect()
    for _ in range(steps):
        took, offer = centre.offer_after(centre.caller())
        yield took
        centre.tell(ev.OfferAccepted(offer.offer))
        centre.tell(ev.CallerLeft(offer.call))
        centre.tell(ev.ReadyAsked(offer.agent))


def _dialled(rules: Rules, one_group: bool) -> list[str]:
    """The entry points that callers dial: all of them, or the first, that of the shared skill's group."""
    numbers = list(rules.entries)
    return numbers[:1] if one_group else numbers


def figures(calls: int = CALLS, agents: int = AGENTS, steps: int = STEPS, runs: int = RUNS) -> dict[str, float]:
    """Median and 99th percentile of every scene in microseconds, each the median of `runs`. Takes about 30 s."""
    scenes: dict[str, Callable[[], Samples]] = {
        f"ready_before_{calls}_calls": lambda: before_calls(calls, steps, everybody=False),
        f"ready_before_{calls}_calls_in_one_group": lambda: before_calls(calls, steps, everybody=True),
        f"call_before_{agents}_agents": lambda: before_agents(agents, steps, everybody=False),
        f"call_before_{agents}_agents_in_one_group": lambda: before_agents(agents, steps, everybody=True),
    }
    with collecting_seldom():
        timed = [{name: sorted(scene()) for name, scene in scenes.items()} for _ in range(runs)]
    return {
        f"{name}_p{share}": round(statistics.median(percentile(run[name], share) for run in timed), 1)
        for name in scenes
        for share in (50, 99)
    }
