"""The world against the real router in virtual time: as fast as the machine can, and always the same."""

from collections.abc import Callable, Sequence
from typing import Protocol

from acd.commands import Command
from acd.events import DeadlineReached, Event
from acd.ids import Instant
from acd.notices import Notice
from acd.router import Output, Router
from acd.rules import Rules
from simulator.arrivals import MS_PER_H
from simulator.collecting import collecting_seldom
from simulator.settings import SimulatorSettings
from simulator.summary import Summary, Tally
from simulator.world import World

Watch = Callable[[Event, Output, Instant], None]
"""Sees every step: the event, the router's outputs, the instant."""


TIME_ONLY = (DeadlineReached(),)


class Outside(Protocol):
    """All that is not the router, as :class:`simulator.world.World` is it."""

    def handle(self, output: Command | Notice, now: Instant) -> None: ...

    def next_due(self) -> Instant | None: ...

    def advance(self, now: Instant) -> Sequence[Event]: ...


class VirtualTime:
    """A router and a world that answer each other; `now` is as far as they have come."""

    def __init__(self, world: Outside, router: Router, watch: Watch, begin: Instant) -> None:
        self._world = world
        self.router = router
        self.now = begin
        self._watch = watch
        self._route, self._take, self._advance = router.handle, world.handle, world.advance

    def until(self, end: Instant) -> None:
        """Let everything happen that is due before `end`; then it is `end`."""
        next_due, next_deadline, now = self._world.next_due, self.router.next_deadline, self.now
        with collecting_seldom():
            while True:
                due, deadline = next_due(), next_deadline()
                if due is None or (deadline is not None and deadline < due):
                    due = deadline
                if due is None or due >= end:
                    break
                if due > now:
                    self.now = now = due
                self._step(now)
        self.now = max(now, end)

    def _step(self, now: Instant) -> None:
        """All that is due now; where the world says nothing, the router is told the time."""
        route, take, watch = self._route, self._take, self._watch
        for event in self._advance(now) or TIME_ONLY:
            outputs = route(event, now)
            for output in outputs:
                take(output, now)
            watch(event, outputs, now)


class VirtualRun(VirtualTime):
    """The simulated world, from its beginning, with a tally of it."""

    def __init__(self, world: World, router: Router, watch: Watch | None = None) -> None:
        self.tally = Tally()
        super().__init__(world, router, self.tally.watch if watch is None else self._watch_both, world.begins)
        self.world = world
        self._also = watch

    def _watch_both(self, event: Event, outputs: Output, now: Instant) -> None:
        self.tally.watch(event, outputs, now)
        if self._also is not None:
            self._also(event, outputs, now)


def run_virtual(
    rules: Rules, settings: SimulatorSettings, seed: int, hours: float, watch: Watch | None = None
) -> Summary:
    """The figures of `hours` that begin at midnight with everybody logged out and no calls."""
    run = VirtualRun(World(settings, rules, seed), Router(rules), watch)
    run.until(Instant(round(hours * MS_PER_H)))
    return run.tally.end(run.now)
