"""The owner task: the only one that touches the router. One inbox; each event is journaled, handled, and told on.

    adapter, sessions -> tell(event) -> inbox -> journal -> Router.handle -> outputs -> PBX, clients, metrics, log

It awaits nothing but the inbox and the router's next deadline.
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import structlog
import trio

from acd import events as ev
from acd.ids import Instant
from acd.journal import Journal
from acd.router import Output, Router

Reply = Callable[[Output], None]
Watcher = Callable[[Output, "Step"], None]

BATCH = 200
log = structlog.get_logger()


class Step(NamedTuple):
    """One event on its way through the core."""

    at: Instant
    event: ev.Event
    told: float
    """`time.perf_counter()` when it was told: what the latencies in the metrics count from."""
    reply: Reply | None = None


class Clock:
    """Milliseconds UTC that never go backwards: the system's time at the start, counted on by Trio's clock."""

    def __init__(self, epoch_s: float) -> None:
        self._offset_s = epoch_s - trio.current_time()

    def now(self) -> Instant:
        return Instant(int((trio.current_time() + self._offset_s) * 1000))

    def has_come(self, instant: Instant | None) -> bool:
        return instant is not None and instant <= self.now()

    def trio_time(self, instant: Instant) -> float:
        """The time of Trio's clock at which `now` has reached `instant`."""
        return (instant + 0.5) / 1000 - self._offset_s


class Owner:
    """Owns the router. `watchers` are handed every step's outputs, in order, before the teller is replied to."""

    def __init__(self, router: Router, journal: Journal, clock: Clock, watchers: Sequence[Watcher]) -> None:
        self.router = router
        self.clock = clock
        self._journal = journal
        self._watchers = watchers
        self.journal_errors = 0
        """How many events could not be written."""
        self._journal_fails = False
        self._send, self._receive = trio.open_memory_channel[Step](float("inf"))

    def tell(self, event: ev.Event, reply: Reply | None = None) -> None:
        """Hand over what happened just now. `reply` is called with the outputs once it has been handled."""
        self._send.send_nowait(Step(self.clock.now(), event, time.perf_counter(), reply))

    def backlog(self) -> int:
        """How many events wait to be handled."""
        return self._receive.statistics().current_buffer_used

    async def run(self) -> None:
        """Handle events as they are told, and deadlines as they are reached, until cancelled."""
        while True:
            with trio.move_on_at(self._wake_up()):
                self._take(await self._receive.receive())
            self._drain()
            self._keep_deadline()

    def _wake_up(self) -> float:
        deadline = self.router.next_deadline()
        return float("inf") if deadline is None else self.clock.trio_time(deadline)

    def _drain(self) -> None:
        """A batch a wake-up: a receive for each would let the inbox grow behind a busy teller."""
        for _ in range(BATCH):
            try:
                step = self._receive.receive_nowait()
            except trio.WouldBlock:
                return
            self._take(step)

    def _keep_deadline(self) -> None:
        """Say that the time has come; but what was told before comes first, for the core's time never goes back."""
        if not self.backlog() and self.clock.has_come(self.router.next_deadline()):
            self._take(Step(self.clock.now(), ev.DeadlineReached(), time.perf_counter()))

    def _take(self, step: Step) -> None:
        self._record(step)
        outputs = self.router.handle(step.event, step.at)
        self._journal.answered(outputs)
        for watch in self._watchers:
            watch(outputs, step)
        if step.reply is not None:
            step.reply(outputs)

    def _record(self, step: Step) -> None:
        """A journal that can't be written doesn't stop the calls: that is said once, and counted."""
        try:
            self._journal.append(step.event, step.at)
        except OSError as error:
            if not self._journal_fails:
                log.error("the journal can't be written; calls are routed on", error=str(error))
            self._journal_fails = True
            self.journal_errors += 1
        else:
            if self._journal_fails:
                log.warning("the journal is written again", events_missing=self.journal_errors)
            self._journal_fails = False
