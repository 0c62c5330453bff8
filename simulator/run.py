"""The world against the real router in virtual time: as fast as the machine can, and always the same."""

from collections.abc import Callable, Sequence

from acd.events import DeadlineReached, Event
from acd.ids import Instant
from acd.router import Output, Router
from acd.rules import Rules
from simulator.callers import MS_PER_H
from simulator.settings import SimulatorSettings
from simulator.summary import Summary, Tally
from simulator.world import World

Watch = Callable[[Event, Output, Instant], None]
"""Sees every step: the event, the router's outputs, the instant."""


class VirtualRun:
    """A router and a world that answer each other; `now` is as far as they have come."""

    def __init__(self, world: World, router: Router, watch: Watch | None = None) -> None:
        self.world = world
        self.router = router
        self.now = Instant(0)
        self.tally = Tally()
        self._watch = watch

    def until(self, end: Instant) -> None:
        """Let everything happen that is due before `end`; then it is `end`."""
        while (due := self._next_due()) is not None and due < end:
            self.now = max(self.now, due)
            self._step()
        self.now = max(self.now, end)

    def _next_due(self) -> Instant | None:
        dues = [due for due in (self.world.next_due(), self.router.next_deadline()) if due is not None]
        return min(dues, default=None)

    def _step(self) -> None:
        """All that is due now; where the world says nothing, the router is told the time."""
        told: Sequence[Event] = self.world.advance(self.now)
        for event in told or [DeadlineReached()]:
            outputs = self.router.handle(event, self.now)
            for output in outputs:
                self.world.handle(output, self.now)
            self.tally.take(outputs, self.now)
            if self._watch is not None:
                self._watch(event, outputs, self.now)


def run_virtual(
    rules: Rules, settings: SimulatorSettings, seed: int, hours: float, watch: Watch | None = None
) -> Summary:
    """The figures of `hours` that begin with everybody logged out and no calls."""
    run = VirtualRun(World(settings, rules, seed), Router(rules), watch)
    run.until(Instant(round(hours * MS_PER_H)))
    return run.tally.end(run.now)
