"""What the simulated PBX holds: phones, callers, numbers dialled, and a phone's part in an offer or a monitoring."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Protocol

from acd.events import MonitorMode
from acd.ids import AgentId, CallId, Instant, MonitorId, OfferId
from acd.rules import Destination
from simulator.agenda import Appointment


class PhoneCondition(StrEnum):
    """What keeps a phone from ringing, apart from a call of ours."""

    FREE = "free"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


class LegState(Enum):
    RINGING = auto()
    TALKING = auto()
    GONE = auto()


@dataclass(slots=True, eq=False)
class Phone:
    """An agent's or a supervisor's; `leg` is what it rings for or takes part in."""

    device: str
    condition: PhoneCondition = PhoneCondition.FREE
    leg: "PhoneLeg | MonitorLeg | None" = None


@dataclass(slots=True, eq=False)
class CallerLeg:
    """The caller's side of a call in the PBX; `legs` are the phones that ring for it, or the one that talks.

    The caller of a consult is the phone that talks in the call `about` which it is.
    """

    call: CallId
    legs: "list[PhoneLeg]"
    away: bool = False
    """Whether nobody is there yet: the caller waits to be called back, or was never called before."""
    outgoing: bool = False
    """Whether the PBX knows the call by an agent's dialling alone."""
    call_back: str = ""
    """The number to dial for who is away."""
    gone: bool = False
    held: bool = False
    """Whether the caller hears music though a phone is in the talk."""
    about: "CallerLeg | None" = None
    consult: "CallerLeg | None" = None
    """The consult about this call."""
    number: "NumberLeg | None" = None
    """Who is being dialled for the call; of a consult: who talks in it, too."""
    intercepted: "MonitorLeg | None" = None
    """The supervisor's phone that talks instead of an agent's."""
    digits: str = ""
    """The touch tones heard."""
    recorded: bool = False

    @property
    def talk(self) -> "PhoneLeg | None":
        """The agent's phone that has answered."""
        for leg in self.legs:
            if leg.state is LegState.TALKING:
                return leg
        return None

    @property
    def talks(self) -> bool:
        return self.intercepted is not None or self.talk is not None

    @property
    def outside(self) -> bool:
        """Whether a line is taken: by a caller who is there, or by the number that is asked in a consult."""
        return self.number is not None if self.about is not None else not self.away

    @property
    def reached(self) -> bool:
        """Of a consult: whether its party has answered."""
        return self.talk is not None or (self.number is not None and self.number.state is LegState.TALKING)


@dataclass(slots=True, eq=False)
class PhoneLeg:
    """One phone's part in one offer."""

    offer: OfferId
    agent: AgentId
    phone: Phone
    caller: CallerLeg
    state: LegState = LegState.RINGING
    limit: Appointment | None = None
    """When it stops ringing by itself."""
    monitors: "list[MonitorLeg]" = field(default_factory=list)


@dataclass(slots=True, eq=False)
class NumberLeg:
    """A phone outside, dialled for a call."""

    number: str
    caller: CallerLeg
    state: LegState = LegState.RINGING


@dataclass(slots=True, eq=False)
class MonitorLeg:
    """A supervisor's phone in the talk of `leg`; after an intercept `caller` is whom it talks with."""

    monitor: MonitorId
    phone: Phone
    leg: PhoneLeg
    mode: MonitorMode
    state: LegState = LegState.RINGING
    caller: CallerLeg | None = None


class Hearers(Protocol):
    """The people on both sides, who hear what the PBX does at the instant it does it."""

    def music(self, call: CallId, at: Instant) -> None:
        """The caller waits (again)."""

    def callback_offered(self, call: CallId, at: Instant) -> None:
        """The waiting caller is asked whether to be called back instead."""

    def rings(self, leg: PhoneLeg, at: Instant) -> None:
        """A phone begins to ring."""

    def dialled(self, party: NumberLeg, at: Instant) -> None:
        """A phone outside begins to ring: that of a caller who is away, or of a number."""

    def talks(self, leg: PhoneLeg, at: Instant) -> None:
        """Caller and agent hear each other."""

    def takes(self, call: CallId, to: Destination) -> bool:
        """Whether the world outside takes the caller at `to`."""

    def gone(self, call: CallId, at: Instant) -> None:
        """The PBX's part in the call is over."""

    def held(self, call: CallId, at: Instant) -> None:
        """The caller hears music in the middle of the talk."""

    def resumed(self, call: CallId, at: Instant) -> None:
        """The caller who was on hold talks on."""

    def intercepted(self, call: CallId, at: Instant) -> None:
        """The caller talks with a supervisor now."""

    def monitor_rings(self, leg: MonitorLeg, at: Instant) -> None:
        """A supervisor's phone begins to ring."""
