"""One step of a run: the figures from its begin to its end; and waiting for what other processes bring about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import trio

from simulator.load.daemon import Driven, LoadFailed
from simulator.load.desk import NOT_LET_IN
from simulator.load.latencies import delays
from simulator.load.plan import Plan
from simulator.load.rig import Meter, Rig
from simulator.load.snapshot import SAME
from simulator.load.verdict import Step

SETTLE_S, TAIL_S, POLL_S = 1.5, 0.3, 0.2
"""What isn't counted at the begin of a step, and for pushes to come at its end."""


class Steps:
    """By the words of `rig`'s processes."""

    def __init__(self, plan: Plan, rig: Rig, driven: Driven) -> None:
        self._plan, self._rig, self._driven = plan, rig, driven
        self._meter = Meter(driven, rig.processes())

    async def until(self, is_so: Callable[[], bool], within_s: float, what: str) -> float:
        """Wait for that, and say how long it took, s. Raises LoadFailed."""
        begin = trio.current_time()
        while True:
            await self._rig.look()
            took_s = trio.current_time() - begin
            if is_so():
                return took_s
            self._driven.must_run()
            must_be_let_in(self._rig.told.failures)
            if took_s > within_s:
                raise LoadFailed(f"waited {within_s:g} s in vain for {what}; {self._so_far()}")
            await trio.sleep(POLL_S)

    def _so_far(self) -> str:
        state, failures = self._rig.state, self._rig.told.failures
        calls = f"{state.get('waiting', 0)} callers wait, {state.get('talking', 0)} talk"
        most = failures.most_common(1)
        return f"{self._rig.clients_in} clients are in, {calls}" + (f"; most often: {most[0][0]}" if most else "")

    async def step(self, name: str, rate: float, seconds: float) -> Step:
        """Calls at that rate, for so long."""
        await self.begin(rate)
        await trio.sleep(seconds)
        return await self.end(name, rate)

    async def begin(self, rate: float) -> None:
        """From now."""
        await self._rig.pbx.ask("go_on", per_s=rate, talk_s=self._plan.talk_s(rate))
        await trio.sleep(SETTLE_S)
        await self._rig.take()
        self._rig.late_pushes()
        self._before = self._rig.state
        self._meter.begin()
        self._began = trio.current_time()

    async def end(self, name: str, rate: float) -> Step:
        """What there was since `begin`. Raises LoadFailed when the daemon has ended."""
        await self._rig.look()
        self._driven.must_run()
        seconds = trio.current_time() - self._began
        daemon, journal, machine = self._meter.daemon(), self._meter.journal_kb_per_s(), self._meter.machine()
        processes = self._meter.processes(self._rig.told.lag)
        talks = self._rig.state["talks"] - self._before["talks"]
        await trio.sleep(TAIL_S)
        told = await self._rig.take()
        return Step(
            name=name,
            rate=rate,
            seconds=round(seconds, 2),
            talks_per_s=round(talks / seconds, 1),
            decision=delays(told.decision),
            dispatch=delays(told.dispatch),
            push=delays(told.push),
            connected=delays(told.connected),
            late=told.late,
            late_pushes=self._rig.late_pushes(),
            lost=self._rig.state["lost"] - self._before["lost"],
            failures={**told.failures, **self._rig.state["not_simulated"]},
            daemon=daemon,
            machine=machine,
            processes=processes,
            journal_kb_per_s=journal,
            events_per_s=round(told.events / seconds),
        )


def must_be_let_in(failures: Mapping[str, int]) -> None:
    """Raise LoadFailed when the daemon knows somebody not: to try again would be in vain."""
    for what in failures:
        if what.startswith(NOT_LET_IN):
            raise LoadFailed(f"{what}: {SAME}")
