"""A wire between the adapter and Asterisk that a test can cut, or hold, and on which it can read along."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


class Relay:
    """One TCP relay; `bytes_down` is everything that Asterisk said, `bytes_up` what it was told on each connection."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.bytes_down = b""
        self.bytes_up: list[bytes] = []
        self.lag_s = 0.0
        """How late from now whatever Asterisk says comes through."""
        self.connections = 0
        self._target = (host, port)
        self._held = False
        self._held_down = False
        self._open: set[trio.SocketStream] = set()

    def calls_asked_for(self) -> list[tuple[int, str]]:
        """For whom Asterisk was asked to ring phones, in order: on which connection, and the caller's number."""
        return [
            (place, number)
            for place, text in enumerate(self.bytes_up)
            for action in text.decode("utf-8", "replace").split("\r\n\r\n")
            if "Action: Originate" in action
            for number in re.findall(r"^CallerID: .*<(.+)>", action, re.MULTILINE)
        ]

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
        self.bytes_up.append(b"")
        place = len(self.bytes_up) - 1
        async with near, far, trio.open_nursery() as nursery:
            nursery.start_soon(self._pump, near, far, nursery.cancel_scope, place)
            nursery.start_soon(self._pump, far, near, nursery.cancel_scope)
        self._open -= {near, far}

    async def _pump(
        self, source: trio.SocketStream, sink: trio.SocketStream, scope: trio.CancelScope, place: int | None = None
    ) -> None:
        """`place` is the connection's among `bytes_up`; None: from Asterisk."""
        try:
            async for chunk in source:
                if self._held_down if place is None else self._held:
                    await trio.sleep_forever()
                if place is None:
                    self.bytes_down += chunk
                    await trio.sleep(self.lag_s)
                else:
                    self.bytes_up[place] += chunk
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
