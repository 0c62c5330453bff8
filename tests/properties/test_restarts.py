"""Killed at any instant of a hostile day, the daemon goes on as it was: invariant 7 of docs/routing.md, in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from acd import events as ev
from acd.agents import AgentState
from acd.ids import Instant
from acd.journal import Journal, Limits
from acd.restart import WHY_LOST, first_events, resumed
from acd.router import Router
from acd.rules import Rules, difference
from acd.snapshot import Snapshot, restore, take
from tests.properties.centres import Seeded, some_centre
from tests.properties.world import World

EVENTS = 900
SNAPSHOT = TypeAdapter(Snapshot)


class Life:
    """A router and its journal, from a start to a `kill -9` at any byte."""

    def __init__(self, path: Path, router: Router, now: int, dice: Seeded) -> None:
        self.path, self.router = path, router
        self.journal = Journal.create(path, router, Instant(now), Limits(events_max=1 + dice.upto(60)))

    def say(self, event: ev.Event, now: int) -> tuple[object, ...]:
        self.journal.append(event, Instant(now))
        outputs = self.router.handle(event, Instant(now))
        self.journal.answered(outputs)
        return outputs

    def die(self, dice: Seeded) -> None:
        """Between two events, or in the middle of the line of the next, which then wasn't handled."""
        self.journal._sealer.shutdown()
        assert self.journal._file is not None
        self.journal._file.close()
        self.journal._place.release()
        if dice.upto(1):
            with self.path.open("ab") as file:
                file.write(b'5c01b7f2 [1763760000456,"CallArrived",{"call":'[: 1 + dice.upto(40)])


def left_by(dead: Router, died: int) -> Router:
    """The dead router, hearing nothing of the PBX any more; grace begins anew with the next life."""
    twin = restore(take(dead))
    for agent in list(twin.agents.values()):
        if agent.client_grace_until is not None and not agent.retired:
            twin.handle(ev.LoggedIn(agent.id), Instant(died))
    for pbx in [*dead.flow.pbxs] or [""]:
        twin.handle(ev.PbxLost(WHY_LOST, pbx), Instant(died))
    return twin


def line_of(router: Router) -> list[str]:
    """The calls in the order in which they would be served."""
    return [call.id for call in sorted(router.calls.values(), key=router.flow.order_of_service) if call.placed]


@pytest.mark.parametrize("seed", range(12))
def test_killed_time_and_again_the_day_goes_on_as_it_was(tmp_path: Path, seed: int) -> None:
    """Agents, calls, the order of the line, what is due; and with other rules in the file, too."""
    dice, path = Seeded(seed), tmp_path / "journal"
    rules = some_centre(dice)
    world, now, deaths = World(dice, rules), 0, 0
    life = Life(path, Router(rules), now, dice)
    for _ in range(EVENTS):
        now = world.instant(now, life.router.next_deadline())
        world.seen(life.say(world.draw(now), now))
        if not dice.upto(30):
            life.die(dice)
            life, now = _next_life(path, life.router, life.router.flow.now, dice, world)
            deaths += 1
    assert deaths > 10, "the day proves little"
    life.die(dice)


def _next_life(path: Path, dead: Router, died: int, dice: Seeded, world: World) -> tuple[Life, int]:
    found = resumed(path)
    assert found.router is not None, found.problem
    assert (found.problem, found.last) == ("", died)
    left = left_by(dead, died)
    assert SNAPSHOT.dump_json(take(found.router)) == SNAPSHOT.dump_json(take(left))
    assert line_of(found.router) == line_of(left)
    now = died + dice.upto(3) * 1_000
    life = Life(path, found.router, now, dice)
    rules = found.router.rules if dice.upto(3) else some_centre(dice)
    world.rules = rules
    for event in first_events(found.router, rules):
        world.seen(life.say(event, now))
    _check_people(life.router, rules)
    return life, now


def _check_people(router: Router, rules: Rules) -> None:
    """The file's rules hold, and whoever is logged in is waited for."""
    assert not difference(router.rules, rules)
    for agent in router.agents.values():
        if agent.state is not AgentState.LOGGED_OUT and not agent.retired:
            assert agent.client_grace_until is not None or not rules.client_grace_ms
