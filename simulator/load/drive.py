"""One run: log in, fill the lines, raise the rate until it breaks, stop reading, cut connections, end all calls."""

from __future__ import annotations

from collections.abc import Callable

import trio

from simulator.load.daemon import Driven, LoadFailed
from simulator.load.latencies import delays
from simulator.load.machine import usage
from simulator.load.outcome import LogIns, Outcome
from simulator.load.plan import Plan
from simulator.load.ramp import Ramp
from simulator.load.rig import Rig
from simulator.load.slow import SlowStage
from simulator.load.steps import POLL_S, Steps

HEARD_S_MAX, LOG_IN_S_MAX, FILL_S_MAX, QUIET_S_MAX, DRAIN_S_MAX = 60.0, 600.0, 300.0, 20.0, 60.0
FILL_PER_S = 150.0
CALM = 0.5
"""The share of the highest rate that held at which connections are cut and not read."""


class Drive:
    """See the module. `say` takes lines for who watches."""

    def __init__(self, plan: Plan, rig: Rig, driven: Driven, say: Callable[[str], None]) -> None:
        self._plan, self._rig, self._driven, self._say = plan, rig, driven, say
        self._steps = Steps(plan, rig, driven)
        self._expected = plan.centre.agents + plan.centre.supervisors
        """So many are to be logged in."""
        self.outcome = Outcome(plan=plan)

    async def run(self) -> Outcome:
        """All of it. Raises LoadFailed when it can't even begin."""
        linked = f"the daemon to link with the simulated Asterisk on port {self._rig.ami_port}"
        await self._steps.until(self._is_heard, HEARD_S_MAX, f"{linked} ([asterisk] of its configuration, --ami-port)")
        await self._log_in()
        await self._fill()
        await self._ramp()
        calm = max(1.0, self.outcome.held * CALM)
        if self._plan.centre.slow or self._plan.slow_number():
            await SlowStage(self._plan, self._rig, self._driven, self._steps, self._say).run(calm, self.outcome)
        if self._plan.storm:
            await self._storm(calm)
        await self._drain()
        return self.outcome

    def _is_heard(self) -> bool:
        if self._rig.state.get("refused"):
            raise LoadFailed("the daemon's secret for Asterisk is another one: let it serve what --write-config writes")
        return bool(self._rig.state.get("heard", False))

    # --- the begin ----------------------------------------------------------------------------------------------------

    async def _log_in(self) -> None:
        before = usage(self._driven.pid)
        self._say(f"{self._expected} clients log in at once")
        await self._rig.take()
        users = [*self._plan.centre.ids(), *self._plan.centre.watchers()]
        await self._rig.seat(self._driven.url, users, self._plan.seed)
        took_s = await self._steps.until(self._all_are_in, LOG_IN_S_MAX, f"{self._expected} clients to log in")
        told = await self._rig.take()
        self.outcome.log_ins = _log_ins(self._expected, took_s, told.log_ins, dict(told.failures))
        after = usage(self._driven.pid)
        if before and after:
            self.outcome.rss_mb_before = round(before.rss_bytes / 2**20, 1)
            self.outcome.rss_mb_after = round(after.rss_bytes / 2**20, 1)
            grown_kb = (after.rss_bytes - before.rss_bytes) / 1024
            self.outcome.kb_per_client = round(grown_kb / self._expected, 1)

    def _all_are_in(self) -> bool:
        return self._rig.clients_in >= self._expected

    async def _fill(self) -> None:
        busy = self._plan.centre.busy_agents()
        self._say(f"{busy} talks begin, and {self._plan.backlog()} callers wait besides")
        await self._rig.pbx.ask("fill", per_s=min(FILL_PER_S, self._plan.rate_max()))
        await self._steps.until(lambda: self._rig.state["talking"] >= 0.98 * busy, FILL_S_MAX, f"{busy} talks to begin")
        await self._recover()

    # --- the ramp -----------------------------------------------------------------------------------------------------

    async def _ramp(self) -> None:
        ramp = Ramp(self._plan.rates, self._plan.rate_max())
        while (rate := ramp.next()) is not None:
            step = await self._steps.step(f"{rate:g} calls/s", rate, self._plan.seconds)
            self.outcome.steps.append(step)
            why = step.broke(self._plan.limit_ms)
            ramp.tell(rate, held=not why)
            self._say(f"{step.name}: " + ("; ".join(why) if why else f"held, dispatch p99 {step.dispatch.p99:g} ms"))
            await self._recover()
        self.outcome.held, self.outcome.broken = ramp.held, ramp.broken

    async def _recover(self) -> None:
        """Let what too many calls have left behind be served, before a rate is tried."""
        await self._rig.pbx.ask("go_on", per_s=0, talk_s=1.0)
        most = self._plan.backlog() + 5
        with trio.move_on_after(QUIET_S_MAX):
            while self._rig.state["waiting"] > most:
                await trio.sleep(POLL_S)
                await self._rig.look()

    # --- a storm, and the end -----------------------------------------------------------------------------------------

    async def _storm(self, rate: float) -> None:
        """A share of all connections is cut at one moment; everybody comes back."""
        await self._steps.begin(rate)
        answers = [await worker.ask("cut", share=self._plan.storm) for worker in self._rig.workers]
        cut = sum(answer["cut"] for answer in answers)
        self._say(f"{cut} connections are cut, at {rate:g} calls/s")
        took_s = await self._steps.until(self._all_are_in, LOG_IN_S_MAX, f"{cut} clients to come back")
        await trio.sleep(max(0.0, self._plan.seconds - took_s))
        log_ins = self._rig.told.log_ins
        self.outcome.storm = await self._steps.end(f"{cut} cut off", rate)
        self.outcome.back = _log_ins(cut, took_s, log_ins, {})

    async def _drain(self) -> None:
        """Nobody comes any more; who still waits at the end is lost."""
        await self._rig.pbx.ask("drain", per_s=min(FILL_PER_S, self._plan.rate_max()))
        with trio.move_on_after(DRAIN_S_MAX):
            while self._rig.state["waiting"]:
                await trio.sleep(POLL_S)
                await self._rig.look()
        self.outcome.state = {key: self._rig.state[key] for key in ("arrived", "talks", "over", "lost", "waiting")}
        self.outcome.lost = self._rig.state["lost"] + self._rig.state["waiting"]


def _log_ins(clients: int, seconds: float, values_ms: list[float], failures: dict[str, int]) -> LogIns:
    return LogIns(clients=clients, seconds=round(seconds, 1), delays=delays(values_ms), failures=failures)
