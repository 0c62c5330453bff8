"""One replication of a published example: the production core in the simulated world, and what is counted of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acd.agents import AgentState
from acd.calls import Outcome
from acd.events import Event
from acd.hours import DAY_MS, Hours
from acd.ids import AgentId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished, CallSent
from acd.router import Output, Router
from acd.rules import Destination, DestinationKind, OverflowStep, Rules
from simulator.arrivals import MS_PER_H, Piecewise
from simulator.distributions import Distribution, Exponential
from simulator.run import VirtualRun
from simulator.validation.textbook import ENTRY, FOREVER, textbook, textbook_rules
from simulator.world import World

MIN_MS = 60_000

MakeRouter = Callable[[Rules], Router]
"""The production core; a wrong one, to see that it is told from the right one."""


@dataclass(slots=True)
class Day:
    """What was counted in one replication. Times are in minutes, of all agents together."""

    served: int = 0
    in_target: int = 0
    """Served after less than the acceptable wait."""
    waited_min: float = 0.0
    """Of the served."""
    abandoned: int = 0
    abandoned_late: int = 0
    messages: int = 0
    disconnected: int = 0
    blocked: int = 0
    busy_min: float = 0.0
    busy_open_min: float = 0.0
    """Of it, what lies in the opening hours."""

    @property
    def arrived(self) -> int:
        return self.served + self.abandoned + self.messages + self.disconnected + self.blocked

    @property
    def served_or_late(self) -> int:
        return self.served + self.abandoned_late


@dataclass(frozen=True, slots=True)
class Example:
    """A published model. Every day begins empty, is open for a while, and goes on until the last call is over."""

    name: str
    rules: Rules
    per_h: float
    talk_s: float
    patience_s: Distribution
    target_ms: int
    opens_ms: int
    closes_ms: int
    days: int = 1
    lines: int | None = None

    def day(self, seed: int, make_router: MakeRouter = Router) -> Day:
        """The replication of that seed."""
        settings = textbook(
            per_h=0,
            talk_s=self.talk_s,
            patience_s=self.patience_s,
            arrivals={ENTRY: self._arrivals()},
            lines=self.lines,
        )
        watcher = _Watcher(self)
        world = World(settings, self.rules, seed)
        run = VirtualRun(world, make_router(self.rules), watcher.watch)
        end = self.days * DAY_MS
        run.until(Instant(end))
        assert not run.router.calls, "a day ends with its last call"
        watcher.day.blocked = world.callers.blocked
        return watcher.day

    def _arrivals(self) -> Piecewise:
        before = ((0, 0.0),) if self.opens_ms else ()
        return Piecewise((*before, (self.opens_ms, self.per_h), (self.closes_ms, 0.0)))

    def open_ms(self, since: Instant, until: Instant) -> int:
        """How much of a stretch, no longer than a day, lies in the opening hours."""
        days = range(since // DAY_MS, until // DAY_MS + 1)
        opens = ((day * DAY_MS + self.opens_ms, day * DAY_MS + self.closes_ms) for day in days)
        return sum(max(0, min(until, to) - max(since, at)) for at, to in opens)


class _Watcher:
    """Counts a run."""

    def __init__(self, example: Example) -> None:
        self.day = Day()
        self._example = example
        self._busy_since: dict[AgentId, Instant] = {}
        self._leaves_message: set[str] = set()

    def watch(self, _event: Event, outputs: Output, now: Instant) -> None:
        for output in outputs:
            count = COUNTS.get(type(output))
            if count is not None:
                count(self, output, now)

    def _connected(self, notice: CallConnected, _now: Instant) -> None:
        self.day.served += 1
        self.day.in_target += notice.waited_ms < self._example.target_ms
        self.day.waited_min += notice.waited_ms / MIN_MS

    def _sent(self, notice: CallSent, _now: Instant) -> None:
        if notice.to.kind is DestinationKind.VOICEMAIL:
            self.day.messages += 1
        else:
            self.day.disconnected += 1

    def _finished(self, notice: CallFinished, _now: Instant) -> None:
        if notice.outcome is Outcome.ABANDONED:
            self.day.abandoned += 1
            self.day.abandoned_late += notice.waited_ms >= self._example.target_ms

    def _agent(self, notice: AgentChanged, now: Instant) -> None:
        since = self._busy_since.pop(notice.agent, None)
        if since is not None:
            self.day.busy_min += (now - since) / MIN_MS
            self.day.busy_open_min += self._example.open_ms(since, now) / MIN_MS
        if notice.state is AgentState.TALKING:
            self._busy_since[notice.agent] = now


COUNTS: dict[type, Callable[[_Watcher, Any, Instant], None]] = {
    CallConnected: _Watcher._connected,
    CallSent: _Watcher._sent,
    CallFinished: _Watcher._finished,
    AgentChanged: _Watcher._agent,
}

_EIGHT_HOURS: dict[str, Any] = {
    "rules": textbook_rules(12),
    "per_h": 4.2 * 60,
    "talk_s": 120,
    "target_ms": 20_000,
    "opens_ms": 0,
    "closes_ms": 8 * MS_PER_H,
}
MMC = Example("MMC", patience_s=FOREVER, **_EIGHT_HOURS)
MMC_AB = Example("MMCAb", patience_s=Exponential(60), **_EIGHT_HOURS)


def _telethon_rules() -> Rules:
    """Who waits two minutes leaves a message; who waits at closing is disconnected. The talks go on to their end."""
    to_voicemail = OverflowStep(2 * MIN_MS, to=Destination(DestinationKind.VOICEMAIL, "pledges"))
    return textbook_rules(
        12,
        hours={"mornings": Hours(week=(((6 * 60, 10 * 60),),) * 7)},
        of_group={
            "steps": (to_voicemail,),
            "hours": "mornings",
            "when_closed": Destination(DestinationKind.HANG_UP),
            "clear_at_closing": True,
        },
    )


TELETHON = Example(
    "Telethon",
    rules=_telethon_rules(),
    per_h=50,
    talk_s=600,
    patience_s=Exponential(120),
    target_ms=60_000,
    opens_ms=6 * MS_PER_H,
    closes_ms=10 * MS_PER_H,
    days=5,
    lines=24,
)
