"""The listener: agents' sockets at /ws, pages and metrics elsewhere, all in one port."""

import logging
import socket
from collections.abc import Callable

import structlog
import trio
from websockets.trio.server import Server, ServerConnection, serve

from acd.protocol import FRAME_BYTES_MAX
from acd.web.pages import Pages
from acd.web.sessions import Session
from acd.web.sockets import CLOSE_S_MAX, AgentSocket

PING_S, PONG_S_MAX = 10, 10
OPEN_S_MAX = 10
UNREAD_MS_MAX = 10_000
CLIENTS_MAX = 10_000
log = structlog.get_logger()

_quiet = logging.getLogger("acd.web.websockets")
_quiet.setLevel(logging.CRITICAL)  # a stranger's garbage must not fill the log; our own handler logs what fails


async def listen(host: str, port: int) -> list[trio.SocketListener]:
    """Listeners whose connections are given up when the other side takes no data for `UNREAD_MS_MAX`.

    Raises OSError when the address can't be had.
    """
    listeners = await trio.open_tcp_listeners(port, host=host)
    for listener in listeners:
        listener.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS_MAX)
    return listeners


def address(listeners: list[trio.SocketListener]) -> str:
    """Where the first of `listeners` listens, as it is written in a URL."""
    host, port = listeners[0].socket.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def run(
    listeners: list[trio.SocketListener],
    pages: Pages,
    session: Callable[[ServerConnection], Session],
    task_status: trio.TaskStatus[Server] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve until cancelled, or `task_status`'s server is closed. A session's error ends only that session."""

    async def converse(client: ServerConnection) -> None:
        if len(client.server.all_connections) > CLIENTS_MAX:
            await client.aclose(1013, f"there are {CLIENTS_MAX} connections already")
            return
        conversation = session(client)
        try:
            await conversation.run()
        except Exception:
            log.exception("session failed", peer=conversation.peer)

    await serve(
        converse,
        listeners=listeners,
        process_request=pages.process_request,
        compression=None,  # 110 KB a connection for texts of 300 bytes
        server_header=None,
        open_timeout=OPEN_S_MAX,
        ping_interval=PING_S,
        ping_timeout=PONG_S_MAX,
        close_timeout=CLOSE_S_MAX,
        max_size=FRAME_BYTES_MAX,
        max_queue=16,
        logger=_quiet,
        create_connection=AgentSocket,
        task_status=task_status,
    )
