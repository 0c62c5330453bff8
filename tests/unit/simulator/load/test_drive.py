"""The order of a run, and what comes of it, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from simulator.load.centre import Centre
from simulator.load.daemon import LoadFailed
from simulator.load.drive import Drive
from simulator.load.outcome import Outcome
from simulator.load.plan import Plan
from tests.unit.simulator.load.parts import Asterisk, Clients, Daemon, rig_of

PLAN = Plan(centre=Centre(agents=200, supervisors=1), rates=(10, 20, 40), seconds=10, storm=0.5)
URL = "ws://127.0.0.1:8080/ws"


class Run:
    """A run on parts that the test may change first."""

    def __init__(self, plan: Plan = PLAN, holds: float = 1e9) -> None:
        self.asterisk, self.clients = Asterisk(holds, plan.centre.busy_agents()), Clients()
        self.daemon: Any = Daemon(URL)
        self.plan = plan
        self.said: list[str] = []

    async def drive(self) -> Outcome:
        with trio.fail_after(10_000):
            return await Drive(self.plan, rig_of(self.asterisk, self.clients), self.daemon, self.said.append).run()


async def test_all_log_in_lines_are_filled_rates_rise_and_connections_are_cut(
    autojump_clock: MockClock,
) -> None:
    run = Run()
    outcome = await run.drive()
    rates = [rate for do, rate in run.asterisk.asked if do == "go_on" and rate]
    assert run.clients.asked == ["seat", "cut"]
    assert [run.asterisk.asked[0][0], run.asterisk.asked[-1][0]] == ["fill", "drain"]
    assert rates == [10, 20, 40, 20], "the storm comes at half of what held"
    assert outcome.log_ins is not None
    assert outcome.log_ins.clients == 201
    assert (outcome.storm is not None, outcome.back and outcome.back.clients) == (True, 100)
    assert (outcome.slow, outcome.slow_agents) == (None, None)


async def test_each_step_has_its_own_figures(autojump_clock: MockClock) -> None:
    outcome = await Run().drive()
    assert [step.rate for step in outcome.steps] == [10, 20, 40]
    for step in outcome.steps:
        assert step.talks_per_s == pytest.approx(step.rate, abs=0.2)
        assert step.decision.n == step.dispatch.n == pytest.approx(step.rate * 10.3 / 2, abs=1)
        assert (step.decision.p50, step.dispatch.p999) == (5.0, 5.0)
        assert step.seconds == 10


async def test_the_ramp_ends_with_the_first_rate_that_breaks(autojump_clock: MockClock) -> None:
    run = Run(holds=15)
    outcome = await run.drive()
    assert (outcome.held, outcome.broken) == (10, 20)
    assert [step.rate for step in outcome.steps] == [10, 20]
    broken = outcome.limit_step()
    assert broken is not None
    assert broken.decision.p99 == 100
    assert outcome.limit_set_by() == broken.limit_set_by(50)
    assert any(line.startswith("20 calls/s: p99 of dispatch is 100 ms") for line in run.said)


async def test_without_rates_the_limit_is_sought_up_to_what_the_agents_can_take(autojump_clock: MockClock) -> None:
    outcome = await Run(replace(PLAN, rates=())).drive()
    assert outcome.held == PLAN.rate_max()
    assert outcome.limit_set_by() == "the number of agents: 200 take no more calls; give more --agents"
    outcome = await Run(replace(PLAN, rates=()), holds=70).drive()
    assert 60 <= outcome.held <= 70 < (outcome.broken or 0)


async def test_rates_that_all_hold_leave_the_limit_unknown(autojump_clock: MockClock) -> None:
    assert "give higher --rates" in (await Run().drive()).limit_set_by()


async def test_who_waits_at_the_end_is_lost(autojump_clock: MockClock) -> None:
    run = Run()
    run.asterisk.stays_waiting = 3
    outcome = await run.drive()
    assert (outcome.lost, outcome.state["waiting"]) == (3, 3)


async def test_without_a_storm_nothing_is_cut(autojump_clock: MockClock) -> None:
    run = Run(replace(PLAN, storm=0))
    assert (await run.drive()).storm is None
    assert run.clients.asked == ["seat"]


async def test_a_daemon_that_doesnt_link_is_told_with_the_port(autojump_clock: MockClock) -> None:
    run = Run()
    run.asterisk.heard = False
    with pytest.raises(LoadFailed, match=r"60 s in vain for the daemon to link .* on port 15038 .*--ami-port"):
        await run.drive()


async def test_another_secret_is_told_at_once(autojump_clock: MockClock) -> None:
    run = Run()
    run.asterisk.heard, run.asterisk.refused = False, 1
    begin = trio.current_time()
    with pytest.raises(LoadFailed, match="secret"):
        await run.drive()
    assert trio.current_time() - begin < 5


async def test_who_isnt_let_in_ends_the_run_at_once(autojump_clock: MockClock) -> None:
    run = Run(replace(PLAN, centre=Centre(agents=200, supervisors=1)))
    run.clients.failures = {"not let in: 10200: user or password is wrong": 1}
    run.clients.there = []
    run.clients._seat = lambda **_: {}  # type: ignore[method-assign, assignment]
    with pytest.raises(LoadFailed, match="not let in: 10200: user or password is wrong: serve the file"):
        await run.drive()


async def test_a_daemon_that_has_ended_ends_the_run_with_its_last_words(autojump_clock: MockClock) -> None:
    run = Run()
    run.daemon = Daemon(URL, ended=lambda: "MemoryError" if run.said[2:] else "")
    with pytest.raises(LoadFailed, match="ended by itself: MemoryError"):
        await run.drive()


async def test_what_is_waited_for_in_vain_is_told_with_what_there_is(autojump_clock: MockClock) -> None:
    run = Run()
    run.asterisk.busy = 7
    run.clients.failures = {"ConnectionRefusedError: 111": 2}
    with pytest.raises(LoadFailed, match=r"300 s in vain for 100 talks .* 201 clients are in, 0 callers wait, 7 talk"):
        await run.drive()
