"""Clients who don't read, or read a little at a time: the stage of the run, and what becomes of them.

Supervisors stop reading, and don't come back. Of the agents every other stops too, the rest reads slowly; in the end
they all read on, find out whether they were let go, and come back. Their phones are at work all the while.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import trio

from simulator.load.daemon import Driven
from simulator.load.desk import SLOW_PAUSE_S, SLOW_READ_BYTES
from simulator.load.latencies import delays
from simulator.load.outcome import Outcome, SlowAgents
from simulator.load.plan import Plan
from simulator.load.rig import Rig
from simulator.load.snapshot import agents_of
from simulator.load.steps import POLL_S, Steps

LOG_IN_S_MAX, LET_GO_S_MAX, BACK_S_MAX = 60.0, 60.0, 30.0


class SlowStage:
    """See the module. `say` takes lines for who watches."""

    def __init__(self, plan: Plan, rig: Rig, driven: Driven, steps: Steps, say: Callable[[str], None]) -> None:
        self._plan, self._rig, self._driven, self._steps, self._say = plan, rig, driven, steps, say
        self._everybody = plan.centre.agents + plan.centre.supervisors
        """Without the supervisors who stop reading."""
        self._stopped: list[str] = []
        self._slowed: list[str] = []

    async def run(self, rate: float, outcome: Outcome) -> None:
        """The daemon must let go of who doesn't read, and serve the others as ever."""
        supervisors = self._plan.centre.slow_ones()
        await self._seat(supervisors)
        await self._steps.begin(rate)
        await self._slow_down(supervisors)
        self._say(self._said(len(supervisors), rate))
        await self._wait_for_the_daemon()
        outcome.slow = await self._steps.end("slow readers", rate)
        states = await self._states()
        back_s = await self._read_on()
        outcome.slow_let_go = self._let_go(supervisors)
        if self._stopped or self._slowed:
            outcome.slow_agents = self._told(states, await self._states(), back_s)

    def _said(self, supervisors: int, rate: float) -> str:
        slowly = f"{len(self._slowed)} read {SLOW_READ_BYTES} bytes every {SLOW_PAUSE_S:g} s"
        return f"{supervisors} supervisors and {len(self._stopped)} agents stop reading, {slowly}, at {rate:g} calls/s"

    async def _seat(self, supervisors: list[str]) -> None:
        if supervisors:
            await self._rig.seat(self._driven.url, supervisors, self._plan.seed, slow=True)
            everybody = self._everybody + len(supervisors)
            what = f"{everybody} clients to be in"
            await self._steps.until(lambda: self._rig.clients_in >= everybody, LOG_IN_S_MAX, what)

    async def _slow_down(self, supervisors: list[str]) -> None:
        workers, number = self._rig.workers, self._plan.slow_number()
        for place, worker in enumerate(workers):
            answer = await worker.ask("slow_down", number=len(range(place, number, len(workers))))
            self._stopped += answer["stopped"]
            self._slowed += answer["slowed"]
        await self._rig.workers[0].ask("stop_reading", users=supervisors)

    async def _wait_for_the_daemon(self) -> None:
        """Until it has let go of all who don't read, but as long as any other step."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, self._plan.seconds)
            with trio.move_on_after(LET_GO_S_MAX):
                while not await self._only_readers_are_in():  # noqa: ASYNC110 - another process has no event to wait for
                    await trio.sleep(POLL_S)

    async def _only_readers_are_in(self) -> bool:
        """By the daemon's own word; but of those who read it may have lost some for a moment."""
        await self._rig.look()
        readers = self._everybody - len(self._stopped)
        all_are_in = self._rig.clients_in >= readers - len(self._slowed)
        return all_are_in and await self._driven.sessions() <= readers

    async def _states(self) -> dict[str, int]:
        if not self._stopped and not self._slowed:
            return {}
        states = await agents_of(self._driven.url)
        return dict(Counter(states[agent] for agent in (*self._stopped, *self._slowed)))

    async def _read_on(self) -> float | None:
        """Until everybody is in again; how long that took, if it came to that."""
        begin = trio.current_time()
        for worker in self._rig.workers:
            await worker.ask("read_on")
        supervisors = self._plan.centre.slow_ones()
        with trio.move_on_after(BACK_S_MAX):
            while self._rig.clients_in < self._everybody or self._let_go(supervisors) < len(supervisors):
                await trio.sleep(POLL_S)
                await self._rig.look()
            return round(trio.current_time() - begin, 1)
        return None

    def _let_go(self, users: Iterable[str]) -> int:
        return sum(bool(self._rig.slow.get(user)) for user in users)

    def _told(self, states: dict[str, int], states_after: dict[str, int], back_s: float | None) -> SlowAgents:
        ends = Counter(self._rig.slow.get(agent, "") for agent in (*self._stopped, *self._slowed))
        return SlowAgents(
            stopped=len(self._stopped),
            slowed=len(self._slowed),
            let_go={"stopped": self._let_go(self._stopped), "slowed": self._let_go(self._slowed)},
            ends={how: times for how, times in ends.items() if how},
            push=delays(self._rig.slow_push),
            states=states,
            states_after=states_after,
            back_s=back_s,
        )
