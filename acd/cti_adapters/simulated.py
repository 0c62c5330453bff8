"""The simulator's world behind the port, in real time: for demonstrations, and for trying a configuration out.

The world's people sit before no client of ours, so the adapter is theirs too: what they ask (log in, ready...) is
told like the PBX's events, and what their clients would show them comes by `observe`.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from typing import Protocol

import trio

from acd.commands import Command
from acd.cti_adapters.base import Held, Tell
from acd.events import AgentRequest, PbxEvent, PhoneState
from acd.ids import AgentId, Instant
from acd.notices import Notice


class World(Protocol):
    """What is simulated. It has no clock: its instants are milliseconds since it began, given by the adapter.

    It tells `PbxFound` itself, first of all; so it can simulate a lost link as well.
    """

    def handle(self, output: Command | Notice, now: Instant) -> None:
        """Take a command for the PBX, or a notice for the people."""

    def next_due(self) -> Instant | None:
        """When `advance` will do something next, if nothing is handled before."""

    def advance(self, now: Instant) -> Iterable[PbxEvent | AgentRequest]:
        """The events due by `now`, in order."""


class SimulatedPbx:
    """Runs `world` at the clock's pace. `observe` must be among the owner's watchers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._began: float | None = None
        self._changed = trio.Event()

    async def run(self, tell: Tell, commands: trio.MemoryReceiveChannel[Command]) -> None:
        """As the port demands; also tells what the simulated agents ask."""
        self._began = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tell_when_due, tell)
            async for command in commands:
                self._take(command)
            nursery.cancel_scope.cancel()

    def adopt(self, calls: Sequence[Held]) -> None:
        """There are none: its callers died with the daemon."""
        assert not calls, "a simulated centre begins empty"

    def obey(self, _commands: Sequence[Command]) -> bool:
        """By the channel, please."""
        return False

    def follow_phones(self, _devices: Mapping[AgentId, str], _known: Mapping[AgentId, PhoneState]) -> None:
        """The simulated phones are always as told: free, but for our calls."""

    def observe(self, outputs: Iterable[Command | Notice], _step: object = None) -> None:
        """Show the simulated people what the router gave out: a watcher of the owner's, which never blocks.

        The commands among it are passed over: they come by the channel, as for any PBX.
        """
        for output in outputs:
            if not isinstance(output, Command):
                self._take(output)

    def _take(self, output: Command | Notice) -> None:
        self._world.handle(output, self._now())
        self._changed.set()

    async def _tell_when_due(self, tell: Tell) -> None:
        while True:
            self._changed = trio.Event()
            for event in self._world.advance(self._now()):
                tell(event)
            with trio.move_on_at(self._next_due()):
                await self._changed.wait()

    def _now(self) -> Instant:
        """Rounded, so that a wait until an instant ends at that instant."""
        return Instant(0 if self._began is None else round((trio.current_time() - self._began) * 1000))

    def _next_due(self) -> float:
        due = self._world.next_due()
        return inf if due is None or self._began is None else self._began + due / 1000
