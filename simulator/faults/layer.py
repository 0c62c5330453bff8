"""The layer between a world and the core: an `Outside` that hands on what the world says, as far as faults let it."""

from collections.abc import Sequence
from functools import partial
from random import Random
from typing import Protocol

from acd.commands import Command
from acd.events import AgentRequest, CallArrived, Event, PbxEvent, PbxFound, PbxLost
from acd.ids import Instant
from acd.notices import AgentChanged, Notice, TalkChanged
from simulator.agenda import Action, Agenda
from simulator.distributions import sample_ms
from simulator.faults.clock import Clocks, Jump
from simulator.faults.healing import Healing
from simulator.faults.link import Link
from simulator.faults.memory import Memory
from simulator.faults.messages import Messages
from simulator.faults.settings import Faults
from simulator.faults.sockets import MS_PER_H, Sockets
from simulator.faults.survey import survey
from simulator.pbx import Pbx
from simulator.seeds import Streams

COMMANDS = frozenset(Command.__args__)
REQUESTS = frozenset(AgentRequest.__args__)
MESSAGES = frozenset(PbxEvent.__args__) - {PbxFound, PbxLost}
SCREENS = (AgentChanged, TalkChanged)
START = Instant(0)


class Outside(Protocol):
    """A world with a PBX that can be looked into."""

    pbx: Pbx

    def handle(self, output: Command | Notice, now: Instant) -> None: ...

    def next_due(self) -> Instant | None: ...

    def advance(self, now: Instant) -> Sequence[Event]: ...


class Faulty:
    """Stands before `world`. Instants are the core's; `epoch` is what its clock showed at 0, if that isn't 0.

    With no faults it is as if it weren't there.
    """

    def __init__(
        self, world: Outside, faults: Faults, seed: int, begin: Instant = START, epoch: Instant = START
    ) -> None:
        self.world = world
        self.faults = faults
        self._until = float("inf") if faults.until_s is None else begin + faults.until_s * 1000
        self._now = begin
        self._out: list[Event] = []
        self._queue: list[Command | Notice] = []
        """What the sleeping machine will say."""
        self._agenda = Agenda()
        self.clocks = Clocks(begin, epoch)
        self.memory = Memory()
        streams = Streams(seed)
        self.healing = Healing(world.pbx, self.memory, self.clocks, self._agenda, self._tell)
        self.messages = Messages(
            faults, streams.of("faults messages"), self._agenda, self._tell, self._repeat, self.healing.lost
        )
        link = streams.of("faults link")
        self.link = Link(faults, link, self._agenda, self._tell, self._link_falls, self._look, lambda: self._now)
        self.healing.is_linked = lambda: self.link.is_up
        self.sockets = Sockets(
            faults, lambda name: streams.of(f"faults {name}"), self._agenda, self._out.append, self._show, self._until
        )
        self._jumps_rng = streams.of("faults clock")
        self._plan(begin, faults.link_drops_per_h, streams.of("faults links"), self.link.drop)
        self._plan(begin, faults.swizzles_per_h, streams.of("faults swizzling"), self.sockets.swizzle)
        self._plan(begin, faults.clock_jumps_per_h, streams.of("faults clocks"), self._jump)
        if faults.lost > 0 and faults.until_s is not None:
            self._agenda.at(round(self._until), self.link.drop)

    def _plan(self, at: Instant, per_h: float, rng: Random, happens: Action) -> None:
        """Let it happen again and again, so often."""
        if per_h <= 0:
            return
        when = at + round(rng.expovariate(per_h) * MS_PER_H)
        if when < self._until:
            self._agenda.at(when, partial(self._happens, per_h, rng, happens))

    def _happens(self, per_h: float, rng: Random, happens: Action, at: Instant) -> None:
        happens(at)
        self._plan(at, per_h, rng, happens)

    # --- as an Outside ------------------------------------------------------------------------------------------------

    def next_due(self) -> Instant | None:
        """When `advance` will do something next; None: never, unless something is handled."""
        if self.clocks.sleeps_until is not None:
            return self.clocks.sleeps_until
        world = self.world.next_due()
        dues = [self._agenda.next_due(), None if world is None else self.clocks.core(world)]
        return min((due for due in dues if due is not None), default=None)

    def advance(self, now: Instant) -> list[Event]:
        """What the core hears by `now`."""
        self._now = now
        if self.clocks.sleeps_until is not None:
            if now < self.clocks.sleeps_until:
                return []
            self._wake_up(now)
        self._agenda.advance(now)
        if self.clocks.sleeps_until is None:
            self._hear(now)
        told = self._out[:]
        self._out.clear()
        return told

    def handle(self, output: Command | Notice, now: Instant) -> None:
        """Hand on what the core says, if it can get through."""
        self._now = now
        if self.clocks.sleeps_until is not None:
            self._queue.append(output)
        elif type(output) in COMMANDS:
            self._ask(output, now)  # type: ignore[arg-type]
        elif isinstance(output, SCREENS):
            self.sockets.sees(output, now)
        else:
            self._show(output)  # type: ignore[arg-type]

    # --- within -------------------------------------------------------------------------------------------------------

    def _hear(self, now: Instant) -> None:
        for event in self.world.advance(self.clocks.world(now)):
            if type(event) in MESSAGES:
                self._say(event, now)  # type: ignore[arg-type]
            elif type(event) in REQUESTS:
                self.sockets.ask(event)  # type: ignore[arg-type]
            else:
                self._out.append(event)

    def _say(self, event: PbxEvent, now: Instant) -> None:
        """The PBX says it."""
        self.memory.happened(event, self.clocks.world(now))
        if self.link.is_up:
            self.messages.send(event, now, faulty=now < self._until, dials=self.memory.dials(event))
        else:
            self.memory.missed(event)

    def _tell(self, event: PbxEvent) -> None:
        self.memory.told(event)
        self._out.append(event)

    def _repeat(self, event: PbxEvent) -> None:
        """A caller who has left doesn't arrive again: of one channel the end is the last word."""
        if not isinstance(event, CallArrived) or event.call in self.memory.known:
            self._tell(event)

    def _ask(self, command: Command, now: Instant) -> None:
        if self.memory.is_repeated(command):
            return
        self.memory.asked(command, self.link.is_up)
        if self.link.is_up:
            self._obey(command)
            self.healing.asked(command, now)

    def _obey(self, command: Command) -> None:
        self.world.handle(command, self.clocks.world(self._now))

    def _show(self, notice: Notice) -> None:
        self.world.handle(notice, self.clocks.world(self._now))

    # --- the link -----------------------------------------------------------------------------------------------------

    def _link_falls(self) -> None:
        for event in self.messages.lose_all():
            self.memory.missed(event)

    def _look(self) -> None:
        for event in survey(self.world.pbx, self.memory, self.clocks, self._obey):
            self._tell(event)

    # --- the clock ----------------------------------------------------------------------------------------------------

    def _jump(self, at: Instant) -> None:
        rng = self._jumps_rng
        by_ms = sample_ms(self.faults.clock_jump_s, rng)
        self.clocks.jump(rng.choice([*Jump]), by_ms, at)

    def _wake_up(self, now: Instant) -> None:
        """What happened outside meanwhile, happened without us; our words come now."""
        self.clocks.sleeps_until = None
        self._hear(now)
        queue, self._queue = self._queue, []
        for output in queue:
            self.handle(output, now)
