"""Between the owner and the PBX adapter: commands are obeyed at once, or wait in a bounded queue."""

from collections.abc import Callable, Sequence

import structlog
import trio

from acd.commands import Command
from acd.owner import Step
from acd.router import Output

COMMANDS_MAX = 10_000
log = structlog.get_logger()


class PbxOutbox:
    """A watcher that passes the commands among the outputs to `at_once`, and if that is False to the queue.

    It stands first among the watchers: a phone rings before anybody is told of it.
    """

    def __init__(self, at_once: Callable[[Sequence[Command]], bool] = lambda _commands: False) -> None:
        self._at_once = at_once
        self._send, self.commands = trio.open_memory_channel[Command](COMMANDS_MAX)

    def watch(self, outputs: Output, _step: Step) -> None:
        """Pass on. What doesn't fit is reported and dropped: the adapter is stuck, not slow."""
        commands = [output for output in outputs if isinstance(output, Command)]
        if not commands or (not self.commands.statistics().current_buffer_used and self._at_once(commands)):
            return
        for command in commands:
            self._put(command)

    def _put(self, command: Command) -> None:
        try:
            self._send.send_nowait(command)
        except trio.WouldBlock:
            log.error("PBX adapter is stuck, command dropped", command=repr(command), waiting=COMMANDS_MAX)
