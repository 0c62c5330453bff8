"""For tests of a whole run in virtual time: an Asterisk, clients and a daemon that do as the test says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import trio

from simulator.load.daemon import Driven
from simulator.load.rig import Rig

QUICK_MS, LATE_MS = 5.0, 100.0


class Asterisk:
    """Calls are served at the rate asked for; above `holds` a second decisions and dispatches are late."""

    name, pid = "the simulated Asterisk", 0

    def __init__(self, holds: float = 1e9, busy: int = 0) -> None:
        self.holds, self.busy = holds, busy
        self.asked: list[tuple[str, float]] = []
        """Words and their rates."""
        self.heard, self.refused, self.stays_waiting = True, 0, 0
        self._rate, self._served, self._at = 0.0, 0.0, 0.0
        self._new = 0.0

    async def ask(self, do: str, **words: Any) -> dict[str, Any]:
        if do == "collect":
            return self._report()
        self._go_on()
        self._rate = words.get("talk_s") and words["per_s"]
        self.asked.append((do, words["per_s"]))
        return {}

    def _go_on(self) -> None:
        now = trio.current_time()
        came = (self._rate or 0.0) * (now - self._at) if self._at else 0.0
        self._served, self._new, self._at = self._served + came, self._new + came, now

    def _report(self) -> dict[str, Any]:
        self._go_on()
        each = QUICK_MS if (self._rate or 0.0) <= self.holds else LATE_MS
        half = [each] * int(self._new / 2)
        self._new -= 2 * len(half)
        counts = {"arrived": int(self._served), "talks": int(self._served), "over": int(self._served), "lost": 0}
        there = {"waiting": self.stays_waiting, "talking": self.busy, "heard": self.heard, "refused": self.refused}
        rows: dict[str, Any] = {"rung": [], "talking_since": [], "lag_ms": [1.0], "late": 0, "not_simulated": {}}
        return {"decision": half, "dispatch": half, **counts, **there, **rows}


class Clients:
    """One process of clients: all are let in, and let go when they don't read."""

    name, pid = "process 1 of clients", 0

    def __init__(self) -> None:
        self.there: list[str] = []
        self.asked: list[str] = []
        self.failures: dict[str, int] = {}
        self.stopped: list[str] = []
        self.slowed: list[str] = []
        self.slow: dict[str, str] = {}
        self.slow_offers: list[tuple[str, str, float]] = []
        self.come_back = True

    async def ask(self, do: str, **words: Any) -> dict[str, Any]:
        if do != "collect":
            self.asked.append(do)
        return dict(getattr(self, f"_{do}")(**words))

    def _seat(self, users: Sequence[str], **_: Any) -> dict[str, Any]:
        self.there += users
        return {}

    def _cut(self, share: float) -> dict[str, Any]:
        return {"cut": round(share * len(self.there))}

    def _stop_reading(self, users: Sequence[str]) -> dict[str, Any]:
        self.slow |= dict.fromkeys(users, "")
        return {}

    def _slow_down(self, number: int) -> dict[str, Any]:
        chosen = [user for user in self.there if user.isdecimal()][:number]
        self.stopped, self.slowed = chosen[::2], chosen[1::2]
        self.slow |= dict.fromkeys(chosen, "")
        return {"stopped": self.stopped, "slowed": self.slowed}

    def _read_on(self) -> dict[str, Any]:
        if self.come_back:
            self.slow |= {user: "closed by the server: 1011" for user in self.slow if user not in self.slowed}
            self.stopped, self.slowed = [], []
        return {}

    def _collect(self) -> dict[str, Any]:
        gone = {user for user in self.slow if not user.isdecimal()}.union(self.stopped, self.slowed)
        told: dict[str, Any] = {"offers": [], "slow_offers": self.slow_offers, "connected": [], "events": 0}
        told |= {"log_ins_ms": [], "lag_ms": [2.0], "failures": self.failures, "slow": self.slow}
        return told | {"in": len(set(self.there) - gone)}


class Daemon(Driven):
    """Counts so many sessions as the clients are."""

    async def sessions(self) -> int:
        return 0


def rig_of(asterisk: Asterisk, clients: Clients) -> Rig:
    """The real reckoning over these processes."""
    return Rig(asterisk, [clients], 15038)  # type: ignore[arg-type, list-item]
