"""The way of commands to one adapter: obeyed at once, or waiting in a bounded queue."""

from collections.abc import Callable, Sequence

import structlog
import trio

from acd.commands import Command

COMMANDS_MAX = 10_000
log = structlog.get_logger()


class Outlet:
    """Passes commands to `at_once`, and if that is False to the queue `commands`; never out of order."""

    def __init__(self, at_once: Callable[[Sequence[Command]], bool]) -> None:
        self._at_once = at_once
        self._send, self.commands = trio.open_memory_channel[Command](COMMANDS_MAX)

    def put(self, commands: Sequence[Command]) -> None:
        """Pass on. What doesn't fit is reported and dropped: the adapter is stuck, not slow."""
        if not self.commands.statistics().current_buffer_used and self._at_once(commands):
            return
        for command in commands:
            try:
                self._send.send_nowait(command)
            except trio.WouldBlock:
                log.error("PBX adapter is stuck, command dropped", command=repr(command), waiting=COMMANDS_MAX)

    def close(self) -> None:
        """There will be no more."""
        self._send.close()
