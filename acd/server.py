"""The daemon: all wiring on one page, one nursery.

Stopping (SIGTERM, SIGINT) drops no call: the PBX keeps every caller, every ring and every talk as it is; a phone
answered meanwhile is connected by the dialplan; who waits is found again at the next start.
"""

import gc
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, closing, contextmanager
from http import HTTPStatus
from pathlib import Path

import structlog
import trio

from acd import __version__
from acd.cti_adapters.base import PbxAdapter
from acd.errors import AdapterEnded, SettingsError
from acd.ids import Instant
from acd.journal import Journal
from acd.metrics import Metrics
from acd.outbox import PbxOutbox
from acd.owner import Clock, Owner, Watcher
from acd.router import Router
from acd.settings import Settings
from acd.telltale import Telltale
from acd.web import server as web
from acd.web.accounts import Accounts
from acd.web.hub import Hub
from acd.web.pages import Answer, Pages, Source
from acd.web.sessions import Session

STOP_S_MAX = 5
log = structlog.get_logger()


async def serve(
    settings: Settings,
    adapter: PbxAdapter,
    watchers: Sequence[Watcher] = (),
    task_status: trio.TaskStatus[str] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run the daemon until SIGTERM or SIGINT; reports the address of its page once it listens.

    `watchers` see every step besides the daemon's own.

    Raises SettingsError when the address or the journal's place can't be had.
    """
    clock, router = Clock(time.time()), Router(settings.rules())
    async with AsyncExitStack() as ends:
        # The address first: when another daemon has it, that daemon's journal must be left alone.
        listeners = await _listen(settings, ends)
        journal = ends.enter_context(_journal(settings, router, clock.now()))
        hub, metrics, outbox = Hub(router, settings), Metrics(router), PbxOutbox(adapter.obey)
        owner = Owner(router, journal, clock, [outbox.watch, hub.publish, metrics.watch, Telltale().watch, *watchers])
        accounts = Accounts(settings)
        pages = Pages(_sources(owner, hub, metrics))
        _tune_gc()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(owner.run)
            nursery.start_soon(_drive, adapter, owner, outbox)
            server = await nursery.start(web.run, listeners, pages, lambda c: Session(c, hub, owner, accounts))
            address = f"http://{web.address(listeners)}/"
            log.info("serving", address=address, version=__version__, agents=len(router.agents))
            task_status.started(address)
            await _until_told_to_stop()
            with trio.move_on_after(STOP_S_MAX):
                await server.aclose(code=1012, reason="the server stops; connect again")
            nursery.cancel_scope.cancel()
    log.info("stopped")


async def _drive(adapter: PbxAdapter, owner: Owner, outbox: PbxOutbox) -> None:
    """A daemon without its adapter would look alive and route nothing: it ends instead, and is restarted."""
    await adapter.run(owner.tell, outbox.commands)
    raise AdapterEnded("the PBX adapter ended by itself")


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
    where = settings.server.journal
    try:
        journal = Journal.create(Path(where), router.rules, now)
    except OSError as error:
        why = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        raise SettingsError(f"server.journal: can't write {where}: {why}") from None
    with closing(journal):
        yield journal


async def _until_told_to_stop() -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for number in signals:
            log.info("stopping", signal=signal.Signals(number).name)
            return


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
        return status, "text/plain; charset=utf-8", f"{why or 'ready'}\n".encode()

    return {"/metrics": page, "/healthz": healthz, "/readyz": readyz}


def _tune_gc() -> None:
    """Few collections of the young, hardly any of the old: with thousands of tasks each costs up to 0.6 s."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
