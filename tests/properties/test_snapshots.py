"""A snapshot and the rest of the events give the same as all the events: invariant 7 of docs/routing.md."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from acd import events as ev
from acd.agents import Agent
from acd.ids import Instant
from acd.router import Output, Router
from acd.rules import Rules
from acd.snapshot import Snapshot, restore, take
from tests.properties.centres import Seeded, some_centre
from tests.properties.test_router_machine import Thrown
from tests.properties.trial import live_dues
from tests.properties.world import World

EVENTS = 1_500
TWINS_MAX = 3
SNAPSHOT = TypeAdapter(Snapshot)


class Twins:
    """A router, and others restored from snapshots of it; all hear the same, and must answer the same."""

    def __init__(self, rules: Rules) -> None:
        self.router = Router(rules)
        self.twins: list[Router] = []

    def split(self) -> None:
        """One twin more, by way of a text; the oldest must still be the same in every part."""
        snapshot = take(self.router)
        text = SNAPSHOT.dump_json(snapshot)
        read = SNAPSHOT.validate_json(text)
        assert read == snapshot
        twin = restore(read)
        assert SNAPSHOT.dump_json(take(twin)) == text, "what was restored isn't what was taken"
        assert live_dues(twin) == live_dues(self.router)
        for older in self.twins:
            assert SNAPSHOT.dump_json(take(older)) == text
        self.twins = [*self.twins[1 - TWINS_MAX :], twin]

    def say(self, event: ev.Event, now: int) -> Output:
        outputs = self.router.handle(event, Instant(now))
        for twin in self.twins:
            assert twin.handle(event, Instant(now)) == outputs
            assert twin.next_deadline() == self.router.next_deadline()
            assert [*twin.agents] == [*self.router.agents]
        return outputs


@pytest.mark.parametrize("seed", range(24))
def test_a_day_goes_on_from_any_snapshot_as_it_would_have(seed: int) -> None:
    dice = Seeded(seed)
    rules = some_centre(dice)
    twins, world, now = Twins(rules), World(dice, rules), 0
    for _ in range(EVENTS):
        if not dice.upto(40):
            twins.split()
        now = world.instant(now, twins.router.next_deadline())
        world.seen(twins.say(world.draw(now), now))
    assert twins.twins, "no snapshot was taken: the day proves nothing"


@settings(max_examples=60)
@given(dice=st.binary(min_size=200, max_size=4_000).map(Thrown))
def test_a_day_that_hypothesis_draws_goes_on_from_any_snapshot(dice: Thrown) -> None:
    rules = some_centre(dice)
    twins, world, now = Twins(rules), World(dice, rules), 0
    for event in (ev.PbxFound(), *[ev.LoggedIn(agent) for agent in rules.agents]):
        twins.say(event, now)
    for _ in range(60):
        if not dice.upto(7):
            twins.split()
        now = world.instant(now, twins.router.next_deadline())
        world.seen(twins.say(world.draw(now), now))


def test_a_snapshot_shares_nothing_that_changes() -> None:
    """What is taken stays as it was while the day goes on."""
    dice = Seeded(5)
    rules = some_centre(dice)
    router, world, now = Router(rules), World(dice, rules), 0
    taken: list[tuple[Snapshot, bytes]] = []
    for n in range(800):
        if n % 100 == 99:
            taken.append((take(router), SNAPSHOT.dump_json(take(router))))
        now = world.instant(now, router.next_deadline())
        world.seen(router.handle(world.draw(now), Instant(now)))
    assert [SNAPSHOT.dump_json(snapshot) for snapshot, _ in taken] == [text for _, text in taken]
    assert len({text for _, text in taken}) == len(taken)
    assert all(isinstance(agent, Agent) for agent in router.agents.values())
