"""Days with two PBXs that come and go: whoever can't be reached stands apart, and for all others all holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.agents import AgentState
from acd.calls import CallState
from acd.ids import Instant
from acd.router import Output, Router
from acd.rules import Rules, difference
from tests.properties.centres import Seeded, some_centre
from tests.properties.test_snapshots import Twins
from tests.properties.told import Told
from tests.properties.trial import live_dues
from tests.properties.world import World

PBXS = ["", "west"]
EVENTS = 2_500


def spread(rules: Rules) -> Rules:
    """Every second agent has a phone in the west."""
    west = sorted(rules.agents)[::2]
    return replace(rules, agents={name: replace(each, pbx=PBXS[name in west]) for name, each in rules.agents.items()})


class Spread(World):
    """A hostile world with two PBXs: a call is where its name says."""

    def draw(self, now: int) -> ev.Event:
        event = super().draw(now)
        if isinstance(event, ev.PbxFound | ev.PbxLost):
            return replace(event, pbx=PBXS[self.dice.upto(1)])
        if isinstance(event, ev.CallArrived):
            return replace(event, pbx=_pbx_of(event.call))
        if isinstance(event, ev.TalkFound):
            return replace(event, arrival=replace(event.arrival, pbx=_pbx_of(event.arrival.call)))
        return event

    def reload(self, now: int) -> ev.RulesChanged:
        before = self.rules
        event = super().reload(now)
        self.rules = spread(self.rules)
        return replace(event, change=difference(before, self.rules))


def _pbx_of(call: str) -> str:
    return PBXS[len(call) % 2]


class Watched:
    """A router told the time promptly, a late one and twins from snapshots; what they say is followed."""

    def __init__(self, rules: Rules) -> None:
        self.now = 0
        self.twins, self.late, self.told = Twins(rules), Router(rules), Told(rules)

    @property
    def router(self) -> Router:
        return self.twins.router

    def say(self, event: ev.Event, now: int) -> Output:
        said: tuple[object, ...] = ()
        while (due := self.router.next_deadline()) is not None and due <= now:
            said += self._step(ev.DeadlineReached(), max(due, self.now))
        said += self._step(event, now)
        assert self.late.handle(event, Instant(now)) == said, "told late, it answers otherwise"
        return said  # type: ignore[return-value]

    def _step(self, event: ev.Event, now: int) -> Output:
        self.now = now
        outputs = self.twins.say(event, now)
        self.told.follow(event, outputs)
        assert [*self.told.contradictions()] == []
        live_dues(self.router)
        if self.told.reached:
            self._everybody_stands_where_he_is_reached()
        return outputs

    def _everybody_stands_where_he_is_reached(self) -> None:
        reached = self.told.reached
        for call in self.router.calls.values():
            if call.state is CallState.WAITING:
                assert call.placed is (call.arrival.pbx in reached), f"{call.id} of {call.arrival.pbx!r}"
        for agent in self.router.agents.values():
            wanted = agent.state is AgentState.READY and agent.record.pbx in reached
            assert agent.placed is wanted, f"{agent.id} of {agent.record.pbx!r}"
        assert not any(line.calls and line.agents for line in self.router.flow.lines), "work is not conserved"


@pytest.mark.parametrize("seed", range(8))
def test_a_day_with_two_pbxs(seed: int) -> None:
    dice = Seeded(seed)
    rules = spread(some_centre(dice))
    watched, world = Watched(rules), Spread(dice, rules)
    offers: Counter[str] = Counter()
    for _ in range(EVENTS):
        if not dice.upto(99):
            watched.twins.split()
        now = world.instant(watched.now, watched.router.next_deadline())
        said = watched.say(world.draw(now), now)
        world.seen(said)
        across = [each for each in said if isinstance(each, cmd.OfferCall)]
        offers.update(_pbx_of(each.call) + "/" + watched.told.rules.agents[each.agent].pbx for each in across)
    assert sum(offers.values()) > 20, "hardly anybody was rung: the day proves little"
