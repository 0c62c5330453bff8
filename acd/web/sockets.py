"""websockets' Trio connection with bounds on everything, by its documented `create_connection` hook.

Without them one packet of an unknown client (a plain GET followed by empty frames) leaves two tasks behind for ever,
and `Server.aclose` waits for them without end (docs/decisions/0001, measured on websockets 17.4).
"""

import functools
from typing import Any

import trio
from websockets.protocol import State
from websockets.trio.server import ServerConnection

CLOSE_S_MAX = 2
OPENING_MAX = 500
READ_BYTES = 4096
"""What is parsed in one go: 64 KiB of empty frames would hold the loop for 70 ms."""


class AgentSocket(ServerConnection):
    """A connection that always ends, whatever the other side does or doesn't."""

    opening = 0

    def __init__(self, nursery: trio.Nursery, stream: Any, *args: Any, **options: Any) -> None:
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

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """As the base, but never longer than `CLOSE_S_MAX` and a second."""
        with trio.move_on_after(CLOSE_S_MAX + 1):
            await super().aclose(code, reason)

    async def __aexit__(self, *exc: Any) -> None:
        try:
            await super().__aexit__(*exc)
        finally:
            self.nursery.cancel_scope.cancel()
