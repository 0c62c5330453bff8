"""The two sides of a call in Asterisk: the caller, and the phones dialled for it. Plain records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from acd.cti_adapters.asterisk import words
from acd.events import CallArrived
from acd.ids import CallId, OfferId
from acd.rules import Destination


class LegState(Enum):
    RINGING = auto()
    TALKING = auto()
    WITHDRAWN = auto()


class Place(Enum):
    """Where a caller is in the dialplan."""

    WAITING = auto()
    TALKING = auto()
    AFTER = auto()


class Wish(Enum):
    """What is to become of a caller as soon as Asterisk is ready for it."""

    BACK = auto()
    RELEASE = auto()
    HEAR = auto()
    """`Caller.prompt`."""
    LEAVE = auto()
    """For `Caller.to`."""


@dataclass(slots=True, eq=False)
class Leg:
    """One dialled phone; `until` is when the next fact about it is overdue."""

    id: str
    offer: OfferId
    until: float
    state: LegState = LegState.RINGING
    dialled: words.Dialled | None = None
    gone: words.PhoneGone | None = None
    tries: int = 0

    @property
    def is_over(self) -> bool:
        """Whether its channel is known to be gone, or never to have been."""
        return words.is_over(self.dialled, self.gone)


@dataclass(slots=True, eq=False)
class Caller:
    """One caller; with a wish, `until` is when it is repeated."""

    id: CallId
    place: Place = Place.WAITING
    wish: Wish | None = None
    until: float = 0.0
    leg: Leg | None = None
    """The one that claimed the caller last."""
    is_settled_at: float = 0.0
    """When the caller, sent back to the line, is there for sure: a prompt before that could be lost."""
    prompt: str = ""
    position: str = ""
    """A number to be said after the prompt."""
    to: Destination | None = None
    leaves_until: float = 0.0
    """When the sending there is given up."""
    arrival: CallArrived | None = None
    """How it was told last."""
