"""How occupied an agent has been lately, for the strategy least-occupied.

The share of recent time spent in calls and wrap-up, where a moment t ago counts e^(-t / recent): an exponentially
weighted mean. While agents are idle their shares fall by the same factor, so their order stays as it is, and a key
that doesn't change with time can stand for it: y(t) = y0 e^(-(t - t0) / recent), of which ln y0 + t0 / recent is the
part that differs between agents.

Decimal, and not float: its exp and ln are rounded correctly on every machine, so every machine routes alike.
"""

from dataclasses import dataclass
from decimal import Context, Decimal

from acd.ids import Instant

_CONTEXT = Context(prec=28)
ZERO, ONE = Decimal(0), Decimal(1)
NEVER_OCCUPIED = Decimal("-Infinity")


@dataclass(slots=True)
class Load:
    """The occupied share of an agent's recent time."""

    share: Decimal
    """As it was at the instant `since`: 0 to 1."""
    since: Instant
    occupied: bool | None
    """What the agent has been since then; None: neither, as not ready and logged out don't count."""
    key: Decimal = NEVER_OCCUPIED
    """The order among idle agents, smallest first."""

    def become(self, occupied: bool | None, now: Instant, recent_ms: int) -> None:
        """From `now` the agent is occupied, idle, or neither. Who goes on idle (a withdrawn ring) keeps the key."""
        if occupied is self.occupied is False:
            return
        self.settle(now, recent_ms)
        self.occupied = occupied
        if occupied is False:
            self.rekey(recent_ms)

    def settle(self, now: Instant, recent_ms: int) -> None:
        """Count what the agent has been until `now`."""
        if self.occupied is not None:
            goal = ONE if self.occupied else ZERO
            fading = _CONTEXT.exp(_CONTEXT.divide(Decimal(self.since - now), Decimal(recent_ms)))
            self.share = _CONTEXT.fma(_CONTEXT.subtract(self.share, goal), fading, goal)
        self.since = now

    def rekey(self, recent_ms: int) -> None:
        """Make `key` anew: the agent becomes idle, or another measure holds."""
        if self.share > ZERO:
            elapsed = _CONTEXT.divide(Decimal(self.since), Decimal(recent_ms))
            self.key = _CONTEXT.add(_CONTEXT.ln(self.share), elapsed)
        else:
            self.key = NEVER_OCCUPIED
