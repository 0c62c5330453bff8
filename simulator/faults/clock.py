"""The core's clock against the world's: how they run apart. Time only ever goes on, for both.

the clock jumps     the core is told a later instant at once; outside no time has passed
the machine sleeps  the same, but the world goes on: what happened is told at the awakening, and commands come late
the clock stands    the world goes on while the core's clock doesn't, and all that happened is told at one instant
"""

from enum import Enum, auto

from acd.ids import Instant


class Jump(Enum):
    CLOCK = auto()
    SLEEP = auto()
    WORLD = auto()


class Clocks:
    """Instants of the core from instants of the world, and back."""

    def __init__(self, begin: Instant, epoch: Instant) -> None:
        self._epoch = epoch
        self._ahead_ms = 0
        """How much farther the core's clock has come than the world's."""
        self._world = begin
        self.sleeps_until: Instant | None = None

    def world(self, core: Instant) -> Instant:
        """What instant it is in the world; it stands still while the core's clock jumps."""
        self._world = Instant(max(self._world, core - self._ahead_ms))
        return self._world

    def core(self, world: Instant) -> Instant:
        """When the core's clock shows that instant of the world."""
        return Instant(world + self._ahead_ms)

    def date(self, world: Instant) -> Instant:
        """How an instant that has passed is told to the core."""
        return Instant(max(0, self._epoch + self.core(world)))

    def jump(self, kind: Jump, by_ms: int, now: Instant) -> None:
        """From `now` (the core's) they are so much farther apart, or nobody is awake."""
        self.world(now)
        if kind is Jump.CLOCK:
            self._ahead_ms += by_ms
        elif kind is Jump.WORLD:
            self._ahead_ms -= by_ms
        else:
            self.sleeps_until = Instant(now + by_ms)
