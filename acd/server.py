"""The daemon: all wiring on one page, one nursery.

Stopping (SIGTERM, SIGINT) drops no call, nor does dying: the PBX keeps every caller, every ring and every talk as it
is; a phone answered meanwhile is connected by the dialplan. The next start takes all of it up again, with the agents,
from the journal (:mod:`acd.restart`), and the PBX then tells what has changed.
"""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path

import structlog
import trio

from acd import __version__, garbage, reach
from acd.agents import FREE, AgentState
from acd.changes import Changes
from acd.cti_adapters.base import PbxAdapter, held
from acd.errors import AdapterEnded, SettingsError
from acd.events import RulesChanged
from acd.expected_wait import ExpectedWait
from acd.ids import Instant
from acd.journal import Journal, Limits
from acd.metrics import Metrics
from acd.outbox import PbxOutbox
from acd.owner import Clock, Owner, Step, Watcher
from acd.restart import Resumed, first_events, resumed
from acd.router import Output, Router
from acd.settings import Settings
from acd.telltale import Telltale
from acd.web import server as web
from acd.web.accounts import Accounts
from acd.web.explainer import Explainer
from acd.web.hub import Hub
from acd.web.pages import Answer, Pages, Source
from acd.web.sessions import Session

STOP_S_MAX = 5
CLOCKS_APART_MS_MAX = 100
"""A clock that is set right may go back so far without a word."""
STOPS = (signal.SIGTERM, signal.SIGINT)
log = structlog.get_logger()


async def serve(
    settings: Settings,
    adapter: PbxAdapter,
    watchers: Sequence[Watcher] = (),
    path: Path | None = None,
    ami_events: Mapping[str, int] | None = None,
    resume: bool = False,
    task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run the daemon until SIGTERM or SIGINT; reports the address of its page once it listens.

    `watchers` see every step besides the daemon's own. `path` is the file that `settings` came from: SIGHUP and a
    supervisor's `reload` read it again. Without it SIGHUP ends the daemon, as it does a program in a terminal. With
    `resume` the calls and agents of the last life are taken up from the journal. `ami_events` is told by /metrics: how
    many AMI has sent, by name.

    Raises SettingsError when the address or the journal's place can't be had.
    """
    async with AsyncExitStack() as ends:
        # The address first: when another daemon has it, that daemon's journal must be left alone.
        listeners = await _listen(settings, ends)
        found = resumed(Path(settings.server.journal)) if resume else Resumed()
        clock = Clock(max(time.time(), (found.last + 1) / 1000))  # time doesn't go back
        router = found.router or Router(settings.rules())
        reach.keep(router.flow, settings.pbx_names())
        journal = ends.enter_context(_journal(settings, router, clock.now()))
        _show_phones(adapter, router)
        if resume:
            _tell_of(found, clock.now())
        hub, expected, outbox = Hub(router, clock.now), ExpectedWait(router), PbxOutbox(adapter.obey)
        metrics = Metrics(router, expected, settings.pbx_names())
        if ami_events is not None:
            metrics.tell_ami_events(ami_events)
        own: list[Watcher] = [outbox.watch, hub.publish, partial(_learn, expected), metrics.watch, Telltale().watch]
        own.append(partial(_follow_phones, adapter, router))
        owner = Owner(router, journal, clock, [*own, *watchers])
        accounts = Accounts(settings)
        changes = Changes(settings, path, owner, partial(_follow, accounts, hub))
        explainer = Explainer(router, expected, clock.now, Path(settings.server.journal))
        pages = Pages(_sources(owner, hub, metrics))
        adapter.adopt(held(router.calls.values()))
        for event in first_events(router, settings.rules()):
            owner.tell(event)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(garbage.collect)
            nursery.start_soon(owner.run)
            nursery.start_soon(hub.run)
            nursery.start_soon(changes.run)
            nursery.start_soon(explainer.run)
            nursery.start_soon(_drive, adapter, owner, outbox)
            desks = (hub, owner, accounts, changes, explainer)
            server = await nursery.start(web.run, listeners, pages, lambda connection: Session(connection, *desks))
            address = f"http://{web.address(listeners)}/"
            log.info("serving", address=address, version=__version__, agents=len(router.agents))
            task_status.started(address)
            await _until_told_to_stop(None if path is None else changes)
            with trio.move_on_after(STOP_S_MAX):
                await server.aclose(code=1012, reason="the server stops; connect again")
            nursery.cancel_scope.cancel()
    log.info("stopped")


def _learn(expected: ExpectedWait, outputs: Output, step: Step) -> None:
    expected.watch(outputs, step.at)


def _follow_phones(adapter: PbxAdapter, router: Router, _outputs: Output, step: Step) -> None:
    if isinstance(step.event, RulesChanged):
        _show_phones(adapter, router)


def _show_phones(adapter: PbxAdapter, router: Router) -> None:
    known = {agent.id: agent.phone for agent in router.agents.values() if agent.phone is not FREE}
    adapter.follow_phones({agent: record.device for agent, record in router.rules.agents.items()}, known)


async def _drive(adapter: PbxAdapter, owner: Owner, outbox: PbxOutbox) -> None:
    """A daemon without its adapter would look alive and route nothing: it ends instead, and is restarted."""
    await adapter.run(owner.tell, outbox.commands)
    raise AdapterEnded("the PBX adapter ended by itself")


def _tell_of(found: Resumed, now: Instant) -> None:
    """What was taken up from the journal, in the log."""
    behind_ms = now - int(time.time() * 1000)
    if behind_ms > CLOCKS_APART_MS_MAX:
        todo = "if it was ahead while the journal was written, start once with --fresh"
        log.warning("the system clock is behind the journal, from which time goes on", by_s=behind_ms / 1000, todo=todo)
    if found.problem:
        log.error("the journal can't be taken up as it is", problem=found.problem)
    if found.router is None:
        log.info("begins without calls and agents")
        return
    agents = sum(agent.state is not AgentState.LOGGED_OUT for agent in found.router.agents.values())
    facts = {"calls": len(found.router.calls), "agents": agents, "events": found.events, "remark": found.remark}
    log.info("taken up from the journal", file=str(found.file), until=found.last, **facts)


async def _listen(settings: Settings, ends: AsyncExitStack) -> list[trio.SocketListener]:
    where = settings.server
    try:
        listeners = await web.listen(where.host, where.port)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"server: can't listen on {where.host} port {where.port}: {error}") from None
    for listener in listeners:
        ends.push_async_callback(listener.aclose)
    return listeners


@contextmanager
def _journal(settings: Settings, router: Router, now: Instant) -> Iterator[Journal]:
    where, server = settings.server.journal, settings.server
    limits = Limits(server.journal_mb_max * 2**20, server.journal_events_max, server.journal_keep)
    try:
        journal = Journal.create(Path(where), router, now, limits)
    except OSError as error:
        why = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        raise SettingsError(f"server.journal: can't write {where}: {why}") from None
    with closing(journal):
        yield journal


async def _until_told_to_stop(changes: Changes | None) -> None:
    numbers = (*STOPS, signal.SIGHUP) if changes is not None else STOPS
    with trio.open_signal_receiver(*numbers) as signals:
        async for number in signals:
            if number == signal.SIGHUP and changes is not None:
                changes.reload(by="SIGHUP")
                continue
            log.info("stopping", signal=signal.Signals(number).name)
            return


def _follow(accounts: Accounts, hub: Hub, settings: Settings) -> Callable[[], None]:
    """Other settings: who may log in is another matter at once, and a supervisor who may not any more is let go."""
    let_hold = accounts.prepared(settings)

    def follow() -> None:
        let_hold()
        hub.keep_supervisors(accounts.holds)

    return follow


def _sources(owner: Owner, hub: Hub, metrics: Metrics) -> dict[str, Source]:
    async def page() -> Answer:
        metrics.sessions.set(len(hub))
        metrics.backlog.set(owner.backlog())
        metrics.journal_errors.set(owner.journal_errors)
        return await metrics.page(owner.clock.now())

    async def healthz() -> Answer:
        return HTTPStatus.OK, "text/plain; charset=utf-8", b"alive\n"

    async def readyz() -> Answer:
        why = owner.router.pbx_lost
        status = HTTPStatus.OK if why is None else HTTPStatus.SERVICE_UNAVAILABLE
        lost = "".join(f"; {name} can't be reached: {each}" for name, each in owner.router.pbxs_lost.items())
        return status, "text/plain; charset=utf-8", f"{why or 'ready'}{lost}\n".encode()

    return {"/metrics": page, "/healthz": healthz, "/readyz": readyz}
