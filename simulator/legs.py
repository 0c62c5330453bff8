"""What the simulated PBX holds: phones, callers, and one phone's part in one offer."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Protocol

from acd.ids import AgentId, CallId, Instant, OfferId
from acd.rules import Destination


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
    device: str
    condition: PhoneCondition = PhoneCondition.FREE
    leg: "PhoneLeg | None" = None


@dataclass(slots=True, eq=False)
class CallerLeg:
    """A caller in the PBX; `legs` are the phones that ring for the caller, or the one that talks."""

    call: CallId
    legs: "list[PhoneLeg]"
    away: bool = False
    """Whether the caller has hung up and waits to be called back."""
    gone: bool = False

    @property
    def talks(self) -> bool:
        return any(leg.state is LegState.TALKING for leg in self.legs)


@dataclass(slots=True, eq=False)
class PhoneLeg:
    """One phone's part in one offer."""

    offer: OfferId
    agent: AgentId
    phone: Phone
    caller: CallerLeg
    state: LegState = LegState.RINGING


class Hearers(Protocol):
    """The people on both sides, who hear what the PBX does at the instant it does it."""

    def music(self, call: CallId, at: Instant) -> None:
        """The caller waits (again)."""

    def callback_offered(self, call: CallId, at: Instant) -> None:
        """The waiting caller is asked whether to be called back instead."""

    def rings(self, leg: PhoneLeg, at: Instant) -> None:
        """A phone begins to ring."""

    def dialled(self, leg: PhoneLeg, at: Instant) -> None:
        """An agent has answered the phone for a caller who is away: the caller's own phone rings."""

    def talks(self, leg: PhoneLeg, at: Instant) -> None:
        """Caller and agent hear each other."""

    def takes(self, call: CallId, to: Destination) -> bool:
        """Whether the world outside takes the caller at `to`."""

    def gone(self, call: CallId, at: Instant) -> None:
        """The PBX's part in the call is over."""
