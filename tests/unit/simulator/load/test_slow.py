"""What becomes of clients who don't read, or slowly: the stage, in virtual time."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from trio.testing import MockClock

from simulator.load import slow
from simulator.load.centre import Centre
from simulator.load.outcome import Outcome
from simulator.load.plan import Plan
from simulator.load.rig import Rig
from simulator.load.slow import SlowStage
from simulator.load.steps import Steps
from tests.unit.simulator.load.parts import Asterisk, Clients, Daemon, rig_of

PLAN = Plan(centre=Centre(agents=40, supervisors=1, slow=3), slow_agents=0.1, seconds=5)
URL = "ws://127.0.0.1:8080/ws"
STATES = {"10001": "wrap-up", "10002": "ready", "10003": "ready", "10004": "talking", "10005": "logged-out"}


@pytest.fixture(autouse=True)
def states(monkeypatch: pytest.MonkeyPatch) -> None:
    async def agents_of(_url: str) -> dict[str, str]:
        return STATES

    monkeypatch.setattr(slow, "agents_of", agents_of)


async def staged(clients: Clients, plan: Plan = PLAN) -> tuple[Outcome, Rig]:
    rig, daemon, outcome = rig_of(Asterisk(), clients), Daemon(URL), Outcome(plan=plan)
    await clients.ask("seat", users=[*plan.centre.ids(), *plan.centre.watchers()])
    await rig.look()
    steps = Steps(plan, rig, daemon)
    await SlowStage(plan, rig, daemon, steps, lambda _: None).run(10, outcome)
    return outcome, rig


async def test_who_stops_reading_is_let_go_and_all_agents_come_back(
    autojump_clock: MockClock,
) -> None:
    outcome, _ = await staged(Clients())
    told = outcome.slow_agents
    assert told is not None
    assert (outcome.slow_let_go, told.stopped, told.slowed) == (3, 2, 2)
    assert told.let_go == {"stopped": 2, "slowed": 0}
    assert told.ends == {"closed by the server: 1011": 2}
    assert told.back_s is not None


async def test_how_these_agents_are_is_the_daemons_word(autojump_clock: MockClock) -> None:
    """Those of the others aren't counted."""
    outcome, _ = await staged(Clients())
    assert outcome.slow_agents is not None
    assert outcome.slow_agents.states == {"wrap-up": 1, "ready": 2, "talking": 1}


async def test_the_others_are_measured_meanwhile_as_in_any_step(autojump_clock: MockClock) -> None:
    outcome, _ = await staged(Clients())
    assert outcome.slow is not None
    assert outcome.slow.seconds >= 5
    assert outcome.slow.decision.n > 20


async def test_offers_seen_late_by_slow_readers_are_no_pushes_of_the_others(autojump_clock: MockClock) -> None:
    clients = Clients()
    rig = rig_of(Asterisk(), clients)
    rig._rings.said([("c1", "1", 10.0), ("c2", "1", 10.0)])
    clients.slow_offers = [("c1", "1", 12.5)]
    await rig.look()
    assert (rig.told.push, rig.slow_push) == ([], [2500.0])


async def test_clients_who_never_come_back_are_told(autojump_clock: MockClock) -> None:
    clients = Clients()
    clients.come_back = False
    begin = trio.current_time()
    outcome, _ = await staged(clients)
    assert outcome.slow_agents is not None
    assert outcome.slow_agents.back_s is None
    assert outcome.slow_let_go == 0
    assert trio.current_time() - begin < 200


async def test_without_slow_agents_only_supervisors_are_slow(autojump_clock: MockClock) -> None:
    outcome, _ = await staged(Clients(), replace(PLAN, slow_agents=0))
    assert (outcome.slow_let_go, outcome.slow_agents) == (3, None)
