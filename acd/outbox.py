"""Between the owner and the PBX adapter: a bounded queue of commands that is never waited for."""

import structlog
import trio

from acd.commands import Command
from acd.owner import Step
from acd.router import Output

COMMANDS_MAX = 10_000
log = structlog.get_logger()


class PbxOutbox:
    """A watcher that queues the commands among the outputs."""

    def __init__(self) -> None:
        self._send, self.commands = trio.open_memory_channel[Command](COMMANDS_MAX)

    def watch(self, outputs: Output, _step: Step) -> None:
        """Queue the commands. What doesn't fit is reported and dropped: the adapter is stuck, not slow."""
        for output in outputs:
            if isinstance(output, Command):
                self._put(output)

    def _put(self, command: Command) -> None:
        try:
            self._send.send_nowait(command)
        except trio.WouldBlock:
            log.error("PBX adapter is stuck, command dropped", command=repr(command), waiting=COMMANDS_MAX)
