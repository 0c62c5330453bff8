"""Many lives of a scenario, in as many processes as there are: the same replications, however many these are."""

import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context

from acd.ids import Instant
from acd.router import Router
from simulator.arrivals import MS_PER_H
from simulator.run import VirtualTime
from simulator.scenarios import Scenario, world
from simulator.seeds import of_replication
from simulator.study.collector import Collector
from simulator.study.counts import Replication
from simulator.study.levels import Calendar
from simulator.world import World

AFTERWARDS_MS = MS_PER_H
"""How long after the end the calls of the last minutes may still be answered or given up."""
LOOK_MS = 10_000


@dataclass(frozen=True, slots=True)
class Life:
    """One replication to be lived."""

    scenario: Scenario
    seed: int
    """Of the study."""
    days: int
    number: int
    within_ms: tuple[int, ...]
    """The Ts of service levels."""

    @property
    def own_seed(self) -> int:
        return of_replication(self.seed, self.number)


class ReplicationFailed(Exception):
    """A bug showed itself in one of them."""

    def __init__(self, life: Life, trace: str) -> None:
        super().__init__(
            f"{life.scenario.name}: replication {life.number} failed; alone it is repeated by "
            f"--seed {life.own_seed} --replications 1 --days {life.days} --processes 1\n{trace}"
        )


def live(life: Life) -> Replication:
    """The days of one replication, from its seed alone. Calls of the last minutes have their end awaited."""
    scenario, seed = life.scenario, life.own_seed
    begin = Instant(scenario.begin + scenario.warm_up_days * scenario.day_ms)
    calendar = Calendar(begin, Instant(begin + life.days * scenario.day_ms), scenario.day_ms, scenario.interval_ms)
    outside = world(scenario, seed)
    collector = Collector(scenario.rules, calendar, life.within_ms)
    run = VirtualTime(outside, Router(scenario.rules), collector.watch, scenario.begin)
    run.until(begin)
    before = _of_callers(outside)
    run.until(calendar.end)
    callers = {what: count - before[what] for what, count in _of_callers(outside).items()}
    while collector.is_waiting and run.now < calendar.end + AFTERWARDS_MS:
        run.until(Instant(run.now + LOOK_MS))
    of_all, groups = collector.result()
    return Replication(life.number, seed, (run.now - scenario.begin) / MS_PER_H, of_all, groups, callers)


def _of_callers(outside: World) -> dict[str, int]:
    return {"made": outside.callers.arrived, "blocked": getattr(outside.callers, "blocked", 0)}


def live_all(lives: Sequence[Life], processes: int, done: Callable[[Replication], None]) -> list[Replication]:
    """All of them, in the order of `lives`; `done` is told of each as it comes.

    Raises ReplicationFailed for the first that fails. KeyboardInterrupt ends the processes, too.
    """
    if processes == 1 or len(lives) == 1:
        return [_told(_attempt(life), life, done) for life in lives]
    with _pool(min(processes, len(lives))) as pool:
        with _without_interrupts():
            places = {pool.submit(_attempt, life): place for place, life in enumerate(lives)}
        found = {places[each]: _told(each.result(), lives[places[each]], done) for each in _as_they_come(places)}
    return [found[place] for place in range(len(lives))]


def _attempt(life: Life) -> Replication | str:
    """The replication, or how it failed: not every error can be sent between processes."""
    try:
        return live(life)
    except Exception:
        return traceback.format_exc()


def _told(found: Replication | str, life: Life, done: Callable[[Replication], None]) -> Replication:
    if isinstance(found, str):
        raise ReplicationFailed(life, found)
    done(found)
    return found


def _as_they_come(futures: dict[Future[Replication | str], int]) -> Iterator[Future[Replication | str]]:
    open_ = set(futures)
    while open_:
        come, open_ = wait(open_, return_when=FIRST_COMPLETED)
        yield from come


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """When anything goes wrong the processes are ended at once: their work is for nothing."""
    others = set(active_children())
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes begun here never hear Ctrl-C, so that only the one that waits for them says what it means."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
