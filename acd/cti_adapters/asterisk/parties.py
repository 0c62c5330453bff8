"""The two sides of a call in Asterisk: the caller, and the phones dialled for it. Plain records."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from acd.commands import OfferCall
from acd.cti_adapters.asterisk import words
from acd.events import CallArrived
from acd.ids import CallId, OfferId
from acd.rules import Destination

HOME, CONSULT_HOME = "acd-wait", "acd-consult"
"""Where callers wait in the dialplan: in the line, or as a phone that consults."""


class LegState(Enum):
    RINGING = auto()
    TALKING = auto()
    WITHDRAWN = auto()


class Place(Enum):
    """Where a caller is in the dialplan."""

    WAITING = auto()
    TALKING = auto()
    AFTER = auto()
    HELD = auto()
    CONFERENCE = auto()
    AWAY = auto()
    """A number that is dialled, or will be when the agent's phone has answered."""


class Stage(Enum):
    """How a talk is arranged, as the core wants it."""

    CONNECTED = auto()
    HELD = auto()
    CONSULTING = auto()
    CONFERENCE = auto()


class Wish(Enum):
    """What is to become of a caller as soon as Asterisk is ready for it."""

    BACK = auto()
    RELEASE = auto()
    HEAR = auto()
    """`Caller.prompt`."""
    LEAVE = auto()
    """For `Caller.to`, or with `Caller.partner`."""
    ARRANGE = auto()
    """As `Caller.stage` says."""


@dataclass(slots=True, eq=False)
class Leg:
    """One dialled phone, or number; `until` is when the next fact about it is overdue."""

    id: str
    offer: OfferId
    until: float
    state: LegState = LegState.RINGING
    order: OfferCall | None = None
    """What the core asked for. None: a number outside, or a phone that an earlier life rang."""
    dialled: words.Dialled | None = None
    gone: words.PhoneGone | None = None
    hangs_up: bool = False
    """Whether its phone has said so; the channel's end is still to come, or Asterisk has lost it."""
    tries: int = 0
    heir: Leg | None = None
    """The ring that begins when this one has ended."""

    @property
    def is_number(self) -> bool:
        """Whether it is no agent's phone, but plays the caller of `offer.call`."""
        return self.id.startswith(words.NUMBER_PREFIX)

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
    partner: Leg | None = None
    """The number with which the caller leaves us."""
    leaves_until: float = 0.0
    """When the sending there is given up."""
    arrival: CallArrived | None = None
    """How it was told last."""
    channel: str = ""
    """Its channel in Asterisk: of an ordinary call it has the call's own name."""
    home: str = HOME
    """Where the dialplan lets it wait."""
    stage: Stage = Stage.CONNECTED
    arranged_until: float = 0.0
    """When it is given up to arrange the talk so."""
    consult: Caller | None = None
    """The caller of this talk's consult: the agent's phone, or the number that was consulted."""
    talk: Caller | None = None
    """Of a consult: the caller of the talk that it belongs to."""
    number: Leg | None = None
    """The number outside that plays this caller."""

    def __post_init__(self) -> None:
        self.channel = self.channel or self.id

    @property
    def is_itself(self) -> bool:
        """Whether its channel tells whether it is there: not that of a phone, nor of a number that rings."""
        return not self.is_phone and self.place is not Place.AWAY

    @property
    def is_phone(self) -> bool:
        """Whether it is an agent's phone, which consults: its end is told as that of the talk's phone."""
        return self.home == CONSULT_HOME
