"""A wire between the adapter and Asterisk that a test can cut, or hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


class Relay:
    """One TCP relay; `bytes_down` is everything that Asterisk said."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.bytes_down = b""
        self.connections = 0
        self._target = (host, port)
        self._held = False
        self._held_down = False
        self._open: set[trio.SocketStream] = set()

    async def cut(self) -> None:
        """Break every connection there is; new ones are let through."""
        for stream in list(self._open):
            await trio.aclose_forcefully(stream)

    def hold(self, *, only_down: bool = False) -> None:
        """From now nothing gets through, or nothing that Asterisk says; nothing is closed."""
        self._held, self._held_down = not only_down, True

    def release(self) -> None:
        """Let new connections through; those held stay dead."""
        self._held = self._held_down = False

    async def serve(self, near: trio.SocketStream) -> None:
        """One connection."""
        self.connections += 1
        try:
            far = await trio.open_tcp_stream(*self._target)
        except OSError:
            return
        self._open |= {near, far}
        async with near, far, trio.open_nursery() as nursery:
            nursery.start_soon(self._pump, near, far, nursery.cancel_scope)
            nursery.start_soon(self._pump, far, near, nursery.cancel_scope)
        self._open -= {near, far}

    async def _pump(self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope) -> None:
        is_down = source.socket.getpeername() == self._target
        try:
            async for chunk in source:
                if self._held_down if is_down else self._held:
                    await trio.sleep_forever()
                self.bytes_down += chunk if is_down else b""
                await sink.send_all(chunk)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        scope.cancel()


@asynccontextmanager
async def relay_to(host: str, port: int) -> AsyncIterator[Relay]:
    """A relay on a loopback port of its own, for the length of the block."""
    relay = Relay(host, port)
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        relay.port = listeners[0].socket.getsockname()[1]
        nursery.start_soon(trio.serve_listeners, relay.serve, listeners)
        yield relay
        nursery.cancel_scope.cancel()
