"""websockets' Trio connection with bounds on everything, by its documented `create_connection` hook.

Without them one packet of an unknown client (a plain GET followed by empty frames) leaves two tasks behind for ever,
and `Server.aclose` waits for them without end (docs/decisions/0001, measured on websockets 17.4).

What is sent goes to the system at once and as a whole; Trio's own sending goes round the scheduler for the lock
and again for every frame.
"""

import functools
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import trio
from websockets.protocol import SEND_EOF, State
from websockets.trio.server import ServerConnection

CLOSE_S_MAX = 2
OPENING_MAX = 500
READ_BYTES = 4096
"""What is parsed in one go: 64 KiB of empty frames would hold the loop for 70 ms."""


class AgentSocket(ServerConnection):
    """A connection that always ends, whatever the other side does or doesn't."""

    opening = 0

    def __init__(self, nursery: trio.Nursery, stream: Any, *args: Any, **options: Any) -> None:
        self._tcp: trio.SocketStream = stream
        stream.receive_some = functools.partial(stream.receive_some, READ_BYTES)
        super().__init__(nursery, stream, *args, **options)

    async def handshake(self, *args: Any, **options: Any) -> None:
        """As the base; not more than `OPENING_MAX` at once, for each may hold a megabyte of headers."""
        AgentSocket.opening += 1
        try:
            if AgentSocket.opening > OPENING_MAX:
                raise ConnectionRefusedError(f"{OPENING_MAX} connections are being opened already")
            await super().handshake(*args, **options)
        finally:
            AgentSocket.opening -= 1
            if self.state is not State.OPEN:
                self.nursery.cancel_scope.cancel()

    async def send_together(self, texts: Iterable[str]) -> None:
        """As `send` for each, in one write. Raises ConnectionClosed."""
        async with self.send_context():
            for text in texts:
                self.protocol.send_text(text.encode())

    async def send_data(self) -> None:
        """As the base; but it waits only where the system doesn't take all of it."""
        try:
            self.send_lock.acquire_nowait()
        except trio.WouldBlock:
            await self.send_lock.acquire()
        try:
            writes = self.protocol.data_to_send()
            await self._send_all(b"".join(writes))
            if SEND_EOF in writes:
                with suppress(Exception):
                    await self._tcp.send_eof()
        finally:
            self.send_lock.release()

    async def _send_all(self, data: bytes) -> None:
        try:
            sent = os.write(self._tcp.socket.fileno(), data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            await self._tcp.send_all(data[sent:])

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """As the base, but never longer than `CLOSE_S_MAX` and a second."""
        with trio.move_on_after(CLOSE_S_MAX + 1):
            await super().aclose(code, reason)

    async def __aexit__(self, *exc: Any) -> None:
        try:
            await super().__aexit__(*exc)
        finally:
            self.nursery.cancel_scope.cancel()
