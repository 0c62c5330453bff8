"""One step of the ramp: its figures, whether it held, and what set the limit. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.load.latencies import Delays

FULL = 90.0
"""Of one core, %: a loop that is so busy answers late."""
WAITED = 15.0
"""Of the time, %: so long the daemon was ready to run and had no core."""
SERVED = 0.9
"""The share of what was asked for that must be served: one that falls behind can't hold."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """So many calls a second for so long."""

    name: str
    """What was tried: a rate, a storm, slow readers."""
    rate: float
    """Asked for."""
    seconds: float
    talks_per_s: float
    decision: Delays
    """From the caller's first word to the word to ring an idle agent's phone."""
    dispatch: Delays
    """From the end of a talk to the word to ring that phone for the next caller."""
    push: Delays
    """From the word to ring to the push at the agent's client."""
    connected: Delays
    """From the word that they talk to the push of it."""
    late: int
    """Decisions and dispatches that took more than a second."""
    late_pushes: int
    lost: int
    failures: Mapping[str, int] = field(default_factory=dict)
    """Of clients: why connections ended, what was refused; and what the simulated Asterisk can't do."""
    daemon: Mapping[str, float] = field(default_factory=dict)
    """CPU of the process and of its main thread, and how long that waited for a core, %; memory, MB."""
    generator: Mapping[str, float] = field(default_factory=dict)
    """CPU of the busiest process, %, and how late its clocks were at p99, ms."""
    journal_kb_per_s: float = 0.0
    events_per_s: float = 0.0
    """Pushes that clients have read."""

    def broke(self, limit_ms: float) -> list[str]:
        """Why it doesn't hold; nothing if it does."""
        why = [
            f"p99 of {name} is {figures.p99:g} ms, more than {limit_ms:g}"
            for name, figures in (("dispatch", self.dispatch), ("decision", self.decision))
            if figures.p99 > limit_ms
        ]
        if self.late:
            why.append(f"{self.late} calls or agents waited for more than a second")
        if self.lost:
            why.append(f"{self.lost} calls were lost")
        if self._falls_behind():
            why.append(f"{self.talks_per_s:g} calls a second were served of {self.rate:g}")
        return why

    def _falls_behind(self) -> bool:
        """Callers come at random: of few it may be fewer by chance."""
        asked = self.rate * self.seconds
        return self.talks_per_s * self.seconds < SERVED * asked - 3 * math.sqrt(asked)

    def limit_set_by(self, limit_ms: float) -> str:
        """What was at its end, in words."""
        main, waited = self.daemon.get("main", 0.0), self.daemon.get("waited", 0.0)
        if self.generator.get("cpu", 0.0) >= FULL or self.generator.get("lag_p99_ms", 0.0) > limit_ms / 2:
            return f"the load generator itself: {_said(self.generator)}"
        if waited >= WAITED:
            return f"this machine: the daemon had no core {waited:g} % of the time (it used {main:g} % of one)"
        if main >= FULL:
            return f"the daemon's one thread: {main:g} % of a core"
        if not self.daemon:
            return "unknown: the daemon's CPU can't be read here"
        return f"nothing that was full: the daemon used {main:g} % of a core, so single steps of it are long"

    def as_json(self, limit_ms: float) -> dict[str, Any]:
        """As a table of JSON."""
        why = self.broke(limit_ms)
        return {**asdict(self), "broke": why, "limit_set_by": self.limit_set_by(limit_ms) if why else None}


def _said(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in figures.items())
