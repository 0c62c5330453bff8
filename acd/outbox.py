"""Between the owner and the PBX adapter: commands are obeyed at once, or wait in a bounded queue."""

from collections.abc import Callable, Sequence

import trio

from acd.commands import Command
from acd.cti_adapters.outlet import Outlet
from acd.owner import Step
from acd.router import Output


class PbxOutbox:
    """A watcher that passes on the commands among the outputs, to `at_once` if it takes them.

    It stands first among the watchers: a phone rings before anybody is told of it.
    """

    def __init__(self, at_once: Callable[[Sequence[Command]], bool] = lambda _commands: False) -> None:
        self._outlet = Outlet(at_once)

    @property
    def commands(self) -> trio.MemoryReceiveChannel[Command]:
        """Those that weren't taken at once."""
        return self._outlet.commands

    def watch(self, outputs: Output, _step: Step) -> None:
        """See `Outlet.put`."""
        commands = [output for output in outputs if isinstance(output, Command)]
        if commands:
            self._outlet.put(commands)
