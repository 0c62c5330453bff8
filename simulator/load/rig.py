"""All processes of a run, and what they have told since it was taken last."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import trio

from simulator.load.centre import PASSWORD, SECRET, Centre
from simulator.load.child import Child, child
from simulator.load.daemon import Driven, LoadFailed
from simulator.load.latencies import Pushes, percentile
from simulator.load.machine import Usage, cores, folder_bytes, usage
from simulator.load.plan import WRAP_UP_S


@dataclass(slots=True)
class Told:
    """What has come in from all processes."""

    decision: list[float] = field(default_factory=list)
    dispatch: list[float] = field(default_factory=list)
    push: list[float] = field(default_factory=list)
    connected: list[float] = field(default_factory=list)
    log_ins: list[float] = field(default_factory=list)
    lag: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Of each process, by its name."""
    late: int = 0
    events: int = 0
    failures: Counter[str] = field(default_factory=Counter)


class Rig:
    """The simulated Asterisk and the processes of clients."""

    def __init__(self, pbx: Child, workers: Sequence[Child], ami_port: int) -> None:
        self.pbx, self.workers, self.ami_port = pbx, workers, ami_port
        self.told = Told()
        self.state: dict[str, Any] = {}
        """Asterisk's latest word: counts since the beginning, and how many wait and talk."""
        self.clients_in = 0
        """Without the slow readers."""
        self.slow: dict[str, str] = {}
        """Slow readers, and how each has been let go; empty if it wasn't."""
        self.slow_push: list[float] = []
        """Of offers, to those of them who read at all."""
        self._rings, self._talks = Pushes(), Pushes()

    async def seat(self, url: str, users: Sequence[str], seed: int, *, slow: bool = False) -> None:
        """Let these users log in, spread over all processes; those who are to read slowly one day in the first one."""
        words = {"url": url, "password": PASSWORD, "wrap_up_s": WRAP_UP_S, "slow": slow}
        workers = self.workers[:1] if slow else self.workers
        for number, worker in enumerate(workers):
            await worker.ask("seat", users=users[number :: len(workers)], seed=seed + number, **words)

    async def look(self) -> None:
        """Take in what all processes have to tell. Asterisk first: of what it said most has come to clients by then."""
        await self._hear_pbx(await self.pbx.ask("collect"))
        async with trio.open_nursery() as nursery:
            answers: list[dict[str, Any]] = []
            for worker in self.workers:
                nursery.start_soon(partial(self._ask_worker, worker, answers))
        self.clients_in = sum(answer["in"] for answer in answers)
        for answer in answers:
            self._hear_worker(answer)
        self.told.push += self._rings.collect()
        self.told.connected += self._talks.collect()
        for answer in answers:
            self._rings.seen(answer["slow_offers"])
        self.slow_push += self._rings.collect()

    @staticmethod
    async def _ask_worker(worker: Child, answers: list[dict[str, Any]]) -> None:
        answers.append({"name": worker.name, **await worker.ask("collect")})

    async def _hear_pbx(self, answer: dict[str, Any]) -> None:
        self.state = answer
        self._rings.said(answer["rung"])
        self._talks.said(answer["talking_since"])
        self.told.decision += answer["decision"]
        self.told.dispatch += answer["dispatch"]
        self.told.lag[self.pbx.name] += answer["lag_ms"]
        self.told.late += answer["late"]

    def _hear_worker(self, answer: dict[str, Any]) -> None:
        self._rings.seen(answer["offers"])
        self._talks.seen(answer["connected"])
        self.told.log_ins += answer["log_ins_ms"]
        self.told.lag[answer["name"]] += answer["lag_ms"]
        self.told.events += answer["events"]
        self.told.failures.update(answer["failures"])
        self.slow |= answer["slow"]

    async def take(self) -> Told:
        """All that came since the last time."""
        await self.look()
        told, self.told = self.told, Told()
        return told

    def late_pushes(self) -> int:
        """Those that haven't come for a second; each is told of once."""
        now = time.monotonic()
        return self._rings.late(now) + self._talks.late(now)

    def processes(self) -> dict[str, int]:
        """The generator's own: names and process ids."""
        return {each.name: each.pid for each in (self.pbx, *self.workers)}


@asynccontextmanager
async def rig(centre: Centre, ami_port: int, backlog: int, workers: int, seed: int) -> AsyncIterator[Rig]:
    """All processes. Raises LoadFailed."""
    async with AsyncExitStack() as ends:
        pbx = await ends.enter_async_context(child("simulator.load.exchange", "the simulated Asterisk"))
        names = [f"process {number} of clients" for number in range(1, workers + 1)]
        others = [await ends.enter_async_context(child("simulator.load.desks", name)) for name in names]
        crowd = {"busy_agents": centre.busy_agents(), "backlog": backlog, "devices": centre.devices()}
        opened = await pbx.ask("open", port=ami_port, secret=SECRET, seed=seed, **crowd)
        if "failed" in opened:
            raise LoadFailed(f"{opened['failed']}; give another --ami-port, the same in the daemon's configuration")
        yield Rig(pbx, others, opened["port"])


class Meter:
    """What the daemon and the generator use from one reading to the next."""

    def __init__(self, driven: Driven, processes: Mapping[str, int]) -> None:
        self._driven, self._pids = driven, processes
        self.begin()

    def begin(self) -> None:
        """From now."""
        self._at = time.monotonic()
        self._daemon = usage(self._driven.pid)
        self._generator = {name: usage(pid) for name, pid in self._pids.items()}
        self._cores = cores()
        self._journal = self._journal_bytes()

    def daemon(self) -> dict[str, float]:
        """See `machine.Usage.since`; nothing if it isn't known."""
        return _since(usage(self._driven.pid), self._daemon, time.monotonic() - self._at)

    def processes(self, lag_ms: Mapping[str, Sequence[float]]) -> dict[str, dict[str, float]]:
        """The generator's own, by name: see `machine.Usage.since`, and how late each one's clocks were at p99, ms."""
        seconds, told = time.monotonic() - self._at, {}
        for name, pid in self._pids.items():
            used = _since(usage(pid), self._generator[name], seconds)
            told[name] = {**used, "lag_p99_ms": percentile(sorted(lag_ms.get(name, ())), 0.99)}
        return told

    def machine(self) -> dict[str, float]:
        """See `machine.Cores.since`; nothing if it isn't known."""
        now = cores()
        return now.since(self._cores) if now and self._cores else {}

    def journal_kb_per_s(self) -> float | None:
        """How fast the journal has grown; None if it isn't known where it is."""
        if self._driven.journal is None:
            return None
        grown = self._journal_bytes() - self._journal
        return round(grown / 1000 / (time.monotonic() - self._at), 1)

    def _journal_bytes(self) -> int:
        journal = self._driven.journal
        return folder_bytes(journal.parent, f"{journal.stem}*") if journal else 0


def _since(now: Usage | None, before: Usage | None, seconds: float) -> dict[str, float]:
    return now.since(before, seconds) if now and before else {}
