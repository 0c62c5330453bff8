"""The simulator behind the port, with the real router in a tiny owner's loop, under Trio's mock clock."""

from collections import Counter
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from acd import events as ev
from acd.agents import AgentState
from acd.commands import Command, WithdrawOffer
from acd.cti_adapters.base import PbxAdapter
from acd.cti_adapters.simulated import SimulatedPbx
from acd.ids import Instant, OfferId
from acd.notices import AgentChanged, CallFinished, PbxChanged
from acd.router import Router
from simulator.run import VirtualRun
from simulator.settings import SimulatorSettings
from simulator.world import World
from tests.simulation.centres import LIVELY, WINDING, lively_rules, winding_rules

QUIET = SimulatorSettings(simulated_agents=(), calls_per_h={"80x": 0})


class Owner:
    """Handles what is told, hands on what comes of it; keeps the steps and when they were."""

    def __init__(self, rules):
        self.router = Router(rules)
        self.steps = []
        self.send_event, self._events = trio.open_memory_channel(1000)
        self.send_command, self.commands = trio.open_memory_channel(1000)
        self._began = trio.current_time()

    def now(self):
        return Instant(round((trio.current_time() - self._began) * 1000))

    async def run(self, observe):
        while True:
            event = await self._next_event()
            outputs = self.router.handle(event, self.now())
            self.steps.append((event, outputs, self.now()))
            for output in outputs:
                if isinstance(output, Command):
                    self.send_command.send_nowait(output)
            observe(outputs)

    async def _next_event(self):
        deadline = self.router.next_deadline()
        with trio.move_on_at(float("inf") if deadline is None else self._began + deadline / 1000):
            return await self._events.receive()
        return ev.DeadlineReached()


@asynccontextmanager
async def centre(settings, rules, seed=1):
    owner, adapter = Owner(rules), SimulatedPbx(World(settings, rules, seed))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(owner.run, adapter.observe)
        nursery.start_soon(adapter.run, owner.send_event.send_nowait, owner.commands)
        yield owner
        nursery.cancel_scope.cancel()


def outputs(owner, kind):
    return [out for _, outs, _ in owner.steps for out in outs if type(out) is kind]


def test_is_an_adapter():
    _: PbxAdapter = SimulatedPbx(World(QUIET, lively_rules(), 1))


async def test_tells_first_of_all_that_the_pbx_is_found(autojump_clock):
    async with centre(LIVELY, lively_rules()) as owner:
        await trio.sleep(1)
        assert owner.steps[0][0] == ev.PbxFound()
        assert outputs(owner, PbxChanged) == [PbxChanged(None)]


async def test_a_centre_comes_to_life(autojump_clock):
    """In ten minutes people log in, calls are answered, missed, given up, and end."""
    async with centre(LIVELY, lively_rules()) as owner:
        await trio.sleep(600)
        states = Counter(out.state for out in outputs(owner, AgentChanged))
        assert {AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP} <= states.keys()
        assert {out.reason for out in outputs(owner, AgentChanged)} >= {"logged-in", "no-answer", "rejected"}
        assert {out.outcome for out in outputs(owner, CallFinished)} >= {"abandoned", "released-by-caller"}


@pytest.mark.parametrize(
    ("settings", "rules"), [(LIVELY, lively_rules()), (WINDING, winding_rules())], ids=["lively", "winding"]
)
async def test_real_time_is_as_virtual_time(autojump_clock, settings, rules):
    """The same seed gives the same events at the same milliseconds, whether the clock runs or jumps."""
    steps = []
    VirtualRun(World(settings, rules, 1), Router(rules), lambda *step: steps.append(step)).until(Instant(120_000))
    async with centre(settings, rules) as owner:
        await trio.sleep(120)
        real = [(event, now) for event, _, now in owner.steps if now < 120_000]
    assert [step for step in real if type(step[0]) is not ev.DeadlineReached] == [
        (event, now) for event, _, now in steps if type(event) is not ev.DeadlineReached
    ]


async def test_a_command_wakes_it(autojump_clock):
    """Nothing was due for hours; what a command causes comes at its own time all the same."""
    world = ManualWorld()
    async with running(world) as (_, told, send):
        await trio.sleep(5_000)
        send.send_nowait(WithdrawOffer(OfferId("c1", 1)))
        await trio.sleep(3)
        assert told == [(5_002, ev.CallerLeft("c1"))]


async def test_a_notice_wakes_it_and_commands_among_notices_are_passed_over(autojump_clock):
    world = ManualWorld()
    async with running(world) as (adapter, told, _):
        await trio.sleep(5_000)
        adapter.observe((WithdrawOffer(OfferId("c9", 1)), PbxChanged(None)))
        await trio.sleep(3)
        assert world.handled == [(5_000_000, PbxChanged(None))]
        assert told == [(5_002, ev.CallerLeft("c1"))]


async def test_notices_before_it_runs_are_taken_at_the_beginning():
    world = ManualWorld()
    SimulatedPbx(world).observe((PbxChanged(None),))
    assert world.handled == [(0, PbxChanged(None))]


async def test_returns_when_the_commands_end(autojump_clock):
    send, commands = trio.open_memory_channel(1)
    with trio.fail_after(60):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(SimulatedPbx(ManualWorld()).run, lambda event: None, commands)
            await trio.sleep(10)
            send.close()


class ManualWorld:
    """Tells one event, two seconds after anything is handled."""

    def __init__(self):
        self.handled, self.due = [], None

    def handle(self, output, now):
        self.handled.append((now, output))
        self.due = now + 2_000

    def next_due(self):
        return self.due

    def advance(self, now):
        if self.due is None or self.due > now:
            return []
        self.due = None
        return [ev.CallerLeft("c1")]


@asynccontextmanager
async def running(world):
    """The adapter with `world`; what it told and at which second; where to send commands."""
    adapter, told, began = SimulatedPbx(world), [], trio.current_time()
    send, commands = trio.open_memory_channel(10)
    async with trio.open_nursery() as nursery:
        tell = lambda event: told.append((round(trio.current_time() - began), event))  # noqa: E731
        nursery.start_soon(adapter.run, tell, commands)
        yield adapter, told, send
        nursery.cancel_scope.cancel()
