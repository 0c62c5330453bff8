"""A process of clients: agents' and supervisors', thousands of `desk.Desk` in one loop."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

import trio

from simulator.load.child import Words, serve_parent
from simulator.load.desk import Desk, Notes

TICK_S = 0.02
OPENING_MAX = 100
"""So many of a process's clients begin to log in within a tick: a listener's backlog is bounded."""


@dataclass
class Floor:
    """What the clients of one process share."""

    url: str
    password: str
    wrap_up_s: float
    nursery: trio.Nursery
    is_for_slow: bool = False
    """Whether they are to read slowly one day: their sockets have small buffers."""
    host: str = field(init=False)
    port: int = field(init=False)
    family: int = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.family = trio.socket.AF_INET6 if ":" in self.host else trio.socket.AF_INET

    def later(self, after_s: float, do: Callable[[], Awaitable[None]]) -> None:
        """Do that after a time."""
        self.nursery.start_soon(self._later, after_s, do)

    async def _later(self, after_s: float, do: Callable[[], Awaitable[None]]) -> None:
        await trio.sleep(after_s)
        await do()


class Process:
    """What the parent may ask for."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._notes = Notes()
        self._desks: list[Desk] = []
        self._lag_ms: list[float] = []
        self._rng = Random(0)

    async def obey(self, words: Words) -> Words:
        """One word of the parent's."""
        do: dict[str, Callable[[Words], Words]] = {
            "seat": self._seat,
            "collect": self._collect,
            "cut": self._cut,
            "slow_down": self._slow_down,
            "stop_reading": self._stop_reading,
            "read_on": self._read_on,
        }
        return do[words["do"]](words)

    def _seat(self, words: Words) -> Words:
        """Let these users log in, and stay."""
        self._rng = Random(words["seed"])
        if not self._desks:
            self._nursery.start_soon(self._watch_the_clock)
        floor = Floor(words["url"], words["password"], words["wrap_up_s"], self._nursery, words.get("slow", False))
        desks = [Desk(floor, user, self._notes, Random(f"{words['seed']} {user}")) for user in words["users"]]
        self._desks += desks
        self._nursery.start_soon(self._begin, desks)
        return {}

    async def _begin(self, desks: list[Desk]) -> None:
        for number, desk in enumerate(desks, 1):
            self._nursery.start_soon(desk.live)
            if number % OPENING_MAX == 0:
                await trio.sleep(TICK_S)

    def _collect(self, _words: Words) -> Words:
        notes = self._notes
        told: dict[str, Any] = {name: getattr(notes, name) for name in Notes.__slots__}
        told |= {"in": sum(desk.is_in and not desk.is_slow for desk in self._desks), "lag_ms": self._lag_ms}
        told["slow"] = {desk.user: desk.let_go for desk in self._desks if desk.was_slow}
        notes.offers, notes.slow_offers, notes.connected, notes.log_ins_ms, notes.events = [], [], [], [], 0
        notes.failures = type(notes.failures)()
        self._lag_ms = []
        return told

    def _cut(self, words: Words) -> Words:
        """Break a share of all connections at this moment."""
        there = [desk for desk in self._desks if desk.is_in and not desk.is_slow]
        chosen = self._rng.sample(there, round(len(there) * words["share"]))
        for desk in chosen:
            desk.cut()
        return {"cut": len(chosen)}

    def _slow_down(self, words: Words) -> Words:
        """Of so many agents' clients every other stops reading, the rest reads slowly from now."""
        agents = [desk for desk in self._desks if desk.is_in and not desk.is_slow and desk.is_agents]
        chosen = self._rng.sample(agents, min(words["number"], len(agents)))
        stopped, slowed = chosen[::2], chosen[1::2]
        for desk in stopped:
            desk.stop_reading()
        for desk in slowed:
            desk.read_slowly()
        return {"stopped": [desk.user for desk in stopped], "slowed": [desk.user for desk in slowed]}

    def _stop_reading(self, words: Words) -> Words:
        for desk in self._desks:
            if desk.user in words["users"]:
                desk.stop_reading()
        return {}

    def _read_on(self, _words: Words) -> Words:
        for desk in self._desks:
            if desk.is_slow:
                desk.read_on()
        return {}

    async def _watch_the_clock(self) -> None:
        """How late this process is when it wants to do something."""
        while True:
            wanted = time.monotonic() + TICK_S
            await trio.sleep(TICK_S)
            self._lag_ms.append(max(0.0, time.monotonic() - wanted) * 1000)


if __name__ == "__main__":
    trio.run(serve_parent, lambda nursery: Process(nursery).obey)
