"""On hostile days every offer is explained, truly, and being seen changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.agents import AgentState
from acd.explain import present
from acd.explain.answers import CallWhy, as_json, from_json
from acd.explain.entries import Offered
from acd.explain.facts import Candidate, Other, Terms
from acd.explain.text import lines_of
from acd.explain.witness import Witness
from acd.explain.words import LANGUAGES, Words
from acd.ids import OfferId
from acd.router import Router
from acd.rules import Strategy
from acd.snapshot import restore, take
from tests.properties.centres import Seeded, some_centre
from tests.properties.world import World

EVENTS = 1_500

MEASURE: dict[Strategy, Callable[[Candidate], Any]] = {
    Strategy.LONGEST_IDLE: lambda of: -of.idle_ms,
    Strategy.LEAST_OCCUPIED: lambda of: of.share,
    Strategy.FEWEST_CALLS: lambda of: (of.calls, -of.idle_ms),
    Strategy.ROUND_ROBIN: lambda of: (of.turn_at or 0, of.position if not of.has_had_turn else 0),
    Strategy.MOST_SKILLED: lambda of: (-(of.levels or 0), -of.idle_ms),
    Strategy.LEAST_SKILLED: lambda of: (of.skills, of.levels, -of.idle_ms),
    Strategy.FIXED_ORDER: lambda of: of.position,
    Strategy.RANDOM: lambda of: 0,
    Strategy.RING_ALL: lambda of: -of.idle_ms,
}
"""Each strategy by what is said of the agents alone, smallest first."""


class Watched:
    """A day with a witness, and beside it a router without one."""

    def __init__(self, seed: int) -> None:
        dice = Seeded(seed)
        rules = some_centre(dice)
        self.world, self.twin, self.now = World(dice, rules), Router(rules), 0
        self.witness = Witness(rules)
        self.router = Router(rules, self.witness)
        self.offered: dict[str, list[tuple[OfferId, str]]] = {}

    def live(self, events: int) -> None:
        for _ in range(events):
            self.now = self.world.instant(self.now, self.router.next_deadline())
            event = self.world.draw(self.now)
            self.witness.event = event
            outputs = self.router.handle(event, self.now)
            assert outputs == self.twin.handle(event, self.now), "being seen changes nothing"
            self.world.seen(outputs)
            for each in outputs:
                if isinstance(each, cmd.OfferCall) and not isinstance(event, ev.DialAsked):  # nobody was chosen then
                    self.offered.setdefault(each.call, []).append((each.offer, each.agent))

    def go_on_from_a_snapshot(self) -> None:
        """As a replay does at the beginning of a segment."""
        snapshot = take(self.twin)
        self.witness = Witness(snapshot.rules)
        self.router = restore(snapshot, self.witness)
        self.offered.clear()

    def offers(self, call: str) -> list[Offered]:
        return [each for each in self.witness.entries[call] if isinstance(each, Offered)]


@pytest.fixture(params=range(6))
def day(request: pytest.FixtureRequest) -> Watched:
    watched = Watched(request.param)
    watched.live(EVENTS)
    return watched


def test_every_offer_is_explained_with_the_agent_who_was_rung(day: Watched) -> None:
    explained = {
        call: [(OfferId(call, ring.number), ring.agent.id) for offer in day.offers(call) for ring in offer.rings]
        for call in day.offered
    }
    assert explained == day.offered
    assert sum(map(len, explained.values())) > 50, "hardly anybody was rung: the day proves little"


def test_the_order_that_is_said_is_the_order_by_what_is_said(day: Watched) -> None:
    for call in day.offered:
        for offer in day.offers(call):
            _check_agents(offer)
            for other in offer.instead:
                _check_calls(offer.terms, other)


def _check_agents(offer: Offered) -> None:
    assert offer.ready >= len(offer.rings)
    if offer.strategy in (Strategy.RANDOM, Strategy.RING_ALL):
        return
    line = [offer.chosen, *offer.next]
    ranks = [(each.declined, MEASURE[offer.strategy](each)) for each in line]
    assert ranks == sorted(ranks), offer


def _check_calls(own: Terms, other: Other) -> None:
    """By the docs alone, and what is named decides."""
    sides = [
        (not each.returned, -each.tier, -(each.wait_ms + each.credit_ms) * each.weight_percent)
        for each in (own, other.terms)
    ]
    assert sides[0] <= sides[1]
    rules = ["returned", "tier", "wait", "arrival"]
    differing = [rule for rule, mine, its in zip(rules, *sides, strict=False) if mine != its]
    assert other.because == (differing[0] if differing else "arrival")


def test_everything_can_be_said_in_every_language_and_as_json(day: Watched) -> None:
    for call, entries in day.witness.entries.items():
        live = day.router.calls.get(call)
        standing = present.standing(day.router, live, day.now) if live is not None else None
        why = CallWhy(call=call, at=day.now, entries=tuple(entries), standing=standing)
        assert from_json(as_json(why)) == why
        assert all(len(lines_of(why, Words(language))) > 1 for language in LANGUAGES)
    for agent in day.router.agents:
        of_agent = present.of_agent(day.router, agent, day.now)
        assert from_json(as_json(of_agent)) == of_agent
        assert all(len(lines_of(of_agent, Words(language))) > 1 for language in LANGUAGES)


def test_no_ready_agent_is_shown_with_a_call_to_take(day: Watched) -> None:
    for agent in day.router.agents:
        why = present.of_agent(day.router, agent, day.now)
        assert why.waiting == why.may_take + sum(each.count for each in why.passed)
        if why.state is AgentState.READY and why.pbx_lost is None:
            assert why.may_take == 0


def test_seen_from_a_snapshot_on_every_offer_is_explained_too(day: Watched) -> None:
    """What happened before isn't known; the order that is said holds all the same."""
    day.go_on_from_a_snapshot()
    day.live(400)
    for call, rung in day.offered.items():
        assert [ring.number for offer in day.offers(call) for ring in offer.rings] == [
            offer.number for offer, _ in rung
        ]
        for offer in day.offers(call):
            if offer.strategy is not Strategy.ROUND_ROBIN:  # turns before the snapshot have no instant
                _check_agents(offer)
