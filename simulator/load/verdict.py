"""One step of the ramp: its figures, whether it held, and what set the limit. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from simulator.load.latencies import Delays

FULL = 90.0
"""Of one core, %: a loop that is so busy answers late. Of all cores likewise."""
WAITED = 15.0
"""Of the time, %: so long a process was ready to run and had no core."""
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
    machine: Mapping[str, float] = field(default_factory=dict)
    """How busy all cores were together, %, by whomever; and how many there are."""
    processes: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """The generator's own, by name: as `daemon`, and how late each one's clocks were at p99, ms."""
    journal_kb_per_s: float | None = None
    """None if it isn't known where the journal is."""
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
        """Which process was at its end, and of what, in words."""
        return self._by_generator(limit_ms) or self._by_daemon()

    def _by_generator(self, limit_ms: float) -> str:
        """Empty if it kept pace: then the figures are the daemon's."""
        name, busiest = self.worst("main")
        if busiest >= FULL:
            advice = "the daemon's own limit is higher: take fewer clients, more --workers, or more cores"
            return f"the load generator's CPU: {name} used {busiest:g} % of a core; {advice}"
        name, late_ms = self.worst("lag_p99_ms")
        if late_ms <= limit_ms / 2:
            return ""
        used, waited = (self.processes[name].get(figure, 0.0) for figure in ("main", "waited"))
        late = f"the load generator's {name} was late by {late_ms:g} ms at p99"
        if waited >= WAITED or self.machine.get("busy", 0.0) >= FULL:
            return f"this machine's cores: {late}, and had none {waited:g} % of the time{self._cores()}"
        return f"this machine: {late} at {used:g} % of a core, so something held it up{self._cores()}; try again"

    def _by_daemon(self) -> str:
        main, waited, whole = (self.daemon.get(figure, 0.0) for figure in ("main", "waited", "cpu"))
        if not self.daemon:
            return "unknown: the daemon's CPU can't be read without its --pid, or not here"
        if waited >= WAITED:
            none = f"the daemon had none {waited:g} % of the time (it used {main:g} % of one)"
            return f"this machine's cores: {none}{self._cores()}"
        if main >= FULL:
            return f"the daemon's CPU: its one thread used {main:g} % of a core"
        if whole >= FULL:
            return (
                f"the daemon's CPU: all its threads together used {whole:g} % of a core, and one at a time runs Python"
            )
        return f"nothing that was full: the daemon used {main:g} % of a core, so single steps of it are long"

    def _cores(self) -> str:
        return f"; all {self.machine['cores']:g} cores were {self.machine['busy']:g} % busy" if self.machine else ""

    def worst(self, figure: str) -> tuple[str, float]:
        """Which of the generator's processes has most of it, and how much."""
        return max(((name, used.get(figure, 0.0)) for name, used in self.processes.items()),
                   key=lambda one: one[1], default=("", 0.0))  # fmt: skip

    def as_json(self, limit_ms: float) -> dict[str, Any]:
        """As a table of JSON."""
        why = self.broke(limit_ms)
        return {**asdict(self), "broke": why, "limit_set_by": self.limit_set_by(limit_ms) if why else None}
