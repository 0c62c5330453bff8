"""What came of a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simulator.load.latencies import Delays
from simulator.load.plan import Plan
from simulator.load.verdict import Step


@dataclass(frozen=True, kw_only=True)
class LogIns:
    """Everybody logged in at one moment, or came back."""

    clients: int
    seconds: float
    delays: Delays
    failures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SlowAgents:
    """Agents whose clients read slowly, and what became of them."""

    stopped: int
    """Of these the clients stopped reading."""
    slowed: int
    """Of these they read a little at a time."""
    let_go: dict[str, int]
    """Of how many of each kind (`stopped`, `slowed`) the server ended the connection."""
    ends: dict[str, int]
    """How it ended them, as the client saw it."""
    push: Delays
    """Of offers, to those that read a little at a time."""
    states: dict[str, int]
    """All of these agents, by the server's own word, when the stage was over and their clients still read slowly."""
    states_after: dict[str, int]
    """Likewise, when the clients had read on and were back."""
    back_s: float | None
    """How long it took until all clients were in again; None if some never were."""


@dataclass(kw_only=True)
class Outcome:
    """All figures, as far as the run came."""

    plan: Plan
    url: str | None = None
    """Where the daemon is, if somebody else started it."""
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
    slow_agents: SlowAgents | None = None
    storm: Step | None = None
    back: LogIns | None = None
    lost: int = 0
    """Calls that nobody ever served."""
    state: dict[str, Any] = field(default_factory=dict)

    def limit_step(self) -> Step | None:
        """The step that broke; None if none did."""
        return next((step for step in self.steps if step.rate == self.broken), None)

    def limit_set_by(self) -> str:
        """Which process, and of what; or why none was found."""
        broken = self.limit_step()
        if broken is not None:
            return broken.limit_set_by(self.plan.limit_ms)
        if self.plan.rates:
            return "nothing that was tried: give higher --rates"
        return f"the number of agents: {self.plan.centre.agents} take no more calls; give more --agents"
