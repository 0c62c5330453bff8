"""One run: log in, fill the lines, raise the rate until it breaks, stop reading, cut connections, end all calls."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import trio

from simulator.load.centre import Centre
from simulator.load.daemon import Driven, LoadFailed
from simulator.load.latencies import Delays, delays
from simulator.load.machine import usage
from simulator.load.ramp import Ramp
from simulator.load.rig import WRAP_UP_S, Meter, Rig
from simulator.load.verdict import Step

HEARD_S_MAX, LOG_IN_S_MAX, FILL_S_MAX, QUIET_S_MAX, DRAIN_S_MAX = 60.0, 600.0, 300.0, 20.0, 60.0
LET_GO_S_MAX = 60.0
SETTLE_S, TAIL_S, POLL_S = 1.5, 0.3, 0.2
"""What isn't counted at the begin of a step, and for pushes to come at its end."""
TALK_S_MAX, TALK_S_MIN, RING_S = 3.0, 0.3, 0.15
BUSY_SHARE = 0.6
"""So many of the agents to whom calls come at random are to have one at most: somebody is idle for each."""
FILL_PER_S = 150.0
CALM = 0.5
"""The share of the highest rate that held at which connections are cut and not read."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked for."""

    centre: Centre
    rates: tuple[float, ...] = ()
    """Calls a second, in their order; none: up to the limit by itself."""
    seconds: float = 10.0
    limit_ms: float = 50.0
    storm: float = 0.2
    """The share of connections that is cut at one moment."""
    seed: int = 1

    def backlog(self) -> int:
        """How many callers are to wait all the time."""
        return max(5, min(200, self.centre.busy_agents() // 2))

    def rate_max(self) -> float:
        """How many calls a second so many agents can take."""
        each_s = TALK_S_MIN + RING_S + WRAP_UP_S
        return math.floor(2 * BUSY_SHARE * (self.centre.agents - self.centre.busy_agents()) / each_s)

    def talk_s(self, rate: float) -> float:
        """How long those talk to whom calls come at random."""
        agents = self.centre.agents - self.centre.busy_agents()
        longest_s = BUSY_SHARE * agents / (rate / 2) - RING_S - WRAP_UP_S
        return max(TALK_S_MIN, min(TALK_S_MAX, longest_s))


@dataclass(frozen=True, kw_only=True)
class LogIns:
    """Everybody logged in at one moment, or came back."""

    clients: int
    seconds: float
    delays: Delays
    failures: dict[str, int] = field(default_factory=dict)


@dataclass(kw_only=True)
class Outcome:
    """What came of a run."""

    plan: Plan
    log_ins: LogIns | None = None
    rss_mb_before: float = 0.0
    rss_mb_after: float = 0.0
    kb_per_client: float | None = None
    """What a connected client costs the daemon in memory; None where that can't be read."""
    steps: list[Step] = field(default_factory=list)
    held: float = 0.0
    broken: float | None = None
    slow: Step | None = None
    slow_let_go: int = 0
    storm: Step | None = None
    back: LogIns | None = None
    lost: int = 0
    """Calls that nobody ever served."""
    state: dict[str, Any] = field(default_factory=dict)


class Drive:
    """See the module. `say` takes lines for who watches."""

    def __init__(self, plan: Plan, rig: Rig, driven: Driven, say: Callable[[str], None]) -> None:
        self._plan, self._rig, self._driven, self._say = plan, rig, driven, say
        self._meter = Meter(driven, rig.pids())
        self._expected = plan.centre.agents + plan.centre.supervisors
        """So many are to be logged in."""
        self.outcome = Outcome(plan=plan)

    async def run(self) -> Outcome:
        """All of it. Raises LoadFailed when it can't even begin."""
        await self._until(lambda: self._rig.state.get("heard", False), HEARD_S_MAX, "the daemon to link with Asterisk")
        await self._log_in()
        await self._fill()
        await self._ramp()
        calm = max(1.0, self.outcome.held * CALM)
        if self._plan.centre.slow:
            await self._stop_reading(calm)
        if self._plan.storm:
            await self._storm(calm)
        await self._drain()
        return self.outcome

    async def _until(self, is_so: Callable[[], bool], within_s: float, what: str) -> float:
        """Wait for that, and say how long it took, s. Raises LoadFailed."""
        begin = time.monotonic()
        while True:
            await self._rig.look()
            took_s = time.monotonic() - begin
            if is_so():
                return took_s
            if took_s > within_s:
                raise LoadFailed(f"waited {within_s:g} s in vain for {what}; {self._so_far()}")
            await trio.sleep(POLL_S)

    def _so_far(self) -> str:
        facts = {key: self._rig.state.get(key) for key in ("waiting", "talking", "lost", "not_simulated")}
        return f"clients in: {self._rig.clients_in}, {facts}, {dict(self._rig.told.failures)}"

    # --- the begin ----------------------------------------------------------------------------------------------------

    async def _log_in(self) -> None:
        before = usage(self._driven.pid)
        self._say(f"{self._expected} clients log in at once")
        await self._rig.take()
        users = [*self._plan.centre.ids(), *self._plan.centre.watchers()]
        await self._rig.seat(self._driven.url, users, self._plan.seed)
        took_s = await self._until(self._all_are_in, LOG_IN_S_MAX, f"{self._expected} clients to log in")
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
        await self._until(lambda: self._rig.state["talking"] >= 0.98 * busy, FILL_S_MAX, f"{busy} talks to begin")
        await self._recover()

    # --- the ramp -----------------------------------------------------------------------------------------------------

    async def _ramp(self) -> None:
        ramp = Ramp(self._plan.rates, self._plan.rate_max())
        while (rate := ramp.next()) is not None:
            step = await self._step(f"{rate:g} calls/s", rate, self._plan.seconds)
            self.outcome.steps.append(step)
            why = step.broke(self._plan.limit_ms)
            ramp.tell(rate, held=not why)
            self._say(f"{step.name}: " + ("; ".join(why) if why else f"held, dispatch p99 {step.dispatch.p99:g} ms"))
            await self._recover()
        self.outcome.held, self.outcome.broken = ramp.held, ramp.broken

    async def _step(self, name: str, rate: float, seconds: float) -> Step:
        await self._begin(rate)
        await trio.sleep(seconds)
        return await self._end(name, rate)

    async def _begin(self, rate: float) -> None:
        await self._rig.pbx.ask("go_on", per_s=rate, talk_s=self._plan.talk_s(rate))
        await trio.sleep(SETTLE_S)
        await self._rig.take()
        self._rig.late_pushes()
        self._before = self._rig.state
        self._meter.begin()
        self._began = time.monotonic()

    async def _end(self, name: str, rate: float) -> Step:
        await self._rig.look()
        seconds = time.monotonic() - self._began
        daemon, journal = self._meter.daemon(), self._meter.journal_kb_per_s()
        generator = self._meter.generator(self._rig.told.lag)
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
            generator=generator,
            journal_kb_per_s=journal,
            events_per_s=round(told.events / seconds),
        )

    async def _recover(self) -> None:
        """Let what too many calls have left behind be served, before a rate is tried."""
        await self._rig.pbx.ask("go_on", per_s=0, talk_s=1.0)
        most = self._plan.backlog() + 5
        with trio.move_on_after(QUIET_S_MAX):
            while self._rig.state["waiting"] > most:
                await trio.sleep(POLL_S)
                await self._rig.look()

    # --- slow readers, and a storm ------------------------------------------------------------------------------------

    async def _stop_reading(self, rate: float) -> None:
        """The daemon must let go of them, and serve the others as ever."""
        slow = self._plan.centre.slow_ones()
        self._say(f"{len(slow)} supervisors stop reading, at {rate:g} calls/s")
        await self._rig.seat(self._driven.url, slow, self._plan.seed, slow=True)
        all_in = self._expected + len(slow)
        await self._until(lambda: self._rig.clients_in >= all_in, LOG_IN_S_MAX, f"{all_in} clients to be in")
        await self._begin(rate)
        await self._rig.workers[0].ask("stop_reading", users=slow)
        with trio.move_on_after(LET_GO_S_MAX):
            while not await self._only_others_are_in():  # noqa: ASYNC110 - another process has no event to wait for
                await trio.sleep(POLL_S)
        self.outcome.slow = await self._end(f"{len(slow)} slow readers", rate)
        await self._rig.workers[0].ask("read_on")
        with trio.move_on_after(QUIET_S_MAX):
            while self._let_go() < len(slow):
                await trio.sleep(POLL_S)
                await self._rig.look()
        self.outcome.slow_let_go = self._let_go()

    async def _only_others_are_in(self) -> bool:
        """By the daemon's own word; but of those who read it may have lost some for a moment."""
        await self._rig.look()
        return self._all_are_in() and await self._driven.sessions() <= self._expected

    def _let_go(self) -> int:
        return sum(self._rig.slow.values())

    async def _storm(self, rate: float) -> None:
        """A share of all connections is cut at one moment; everybody comes back."""
        await self._begin(rate)
        answers = [await worker.ask("cut", share=self._plan.storm) for worker in self._rig.workers]
        cut = sum(answer["cut"] for answer in answers)
        self._say(f"{cut} connections are cut, at {rate:g} calls/s")
        took_s = await self._until(self._all_are_in, LOG_IN_S_MAX, f"{cut} clients to come back")
        await trio.sleep(max(0.0, self._plan.seconds - took_s))
        log_ins = self._rig.told.log_ins
        self.outcome.storm = await self._end(f"{cut} cut off", rate)
        self.outcome.back = _log_ins(cut, took_s, log_ins, {})

    # --- the end ------------------------------------------------------------------------------------------------------

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
