"""A day as a journal recorded it, taken apart: who called and how they were, and when the agents were there.

What belongs to a call goes with it into another day: its patience, its talks and the work after them, how its rings
ended. What belongs to the clock stays at its instant: arrivals, log-ins, breaks, a supervisor's word.
:mod:`simulator.recorder` makes these values, :mod:`simulator.reenactment` lives them again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

from acd.events import CallArrived, Event, OfferFailure
from acd.ids import AgentId, GroupId, Instant
from acd.rules import Rules


class RingEnd(Enum):
    """How a ring ended, as far as the agent's side is concerned."""

    ANSWERED = auto()
    FAILED = auto()
    """Declined, or by the phone."""
    MISSED = auto()
    """It rang as long as the rules let it."""
    OPEN = auto()
    """Nobody knows: it was withdrawn before, or the record ends."""


@dataclass(slots=True)
class Ring:
    """One offer of a call: what the agent's side did, `after_ms` of ringing (OPEN: not until then)."""

    began: Instant
    end: RingEnd = RingEnd.OPEN
    after_ms: int = 0
    why: OfferFailure = OfferFailure.REJECTED
    away_ms: int | None = None
    """How long the agent stayed away after a ring in vain; None: unknown."""


@dataclass(slots=True)
class Talk:
    """One talk of a call, and the work after it."""

    began: Instant
    ms: int | None = None
    """None: nobody saw its end."""
    at_least_ms: int = 0
    """How long it was seen to last, if nobody saw its end."""
    lost: bool = False
    """Whether the agent's phone died, and the caller waited again."""
    wrap_up_ms: int | None = None
    """When the agent ended the wrap-up; None: used up the time that the rules gave, or it isn't known."""
    away_ms: int | None = None
    """How long the agent of a lost phone stayed away."""


@dataclass(slots=True, eq=False)
class RecordedCall:
    """One call: how its caller and its rings and talks went."""

    at: Instant
    arrival: CallArrived
    group: GroupId | None = None
    """Where it was last."""
    offers_before: int = 0
    """How many offers there were of it before it was given away, and came anew."""
    waited_ms: int = 0
    """How long after `at` the caller waited, talk left out."""
    gave_up: bool = False
    """Whether the wait ended by that; else the caller would have waited longer, who knows how long."""
    rings: dict[int, Ring] = field(default_factory=dict)
    """By the offer's number, those before left out."""
    talks: list[Talk] = field(default_factory=list)
    sendings: list[bool] = field(default_factory=list)
    """Of each destination outside, whether it took the call."""
    callback_asked: Instant | None = None
    callback_after_ms: int | None = None
    """How long after being asked the caller wanted to be called back; None: never."""
    callback_number: str = ""


class Wish(Enum):
    """What an agent wants to be."""

    NOTHING = auto()
    """As it comes: obeying a supervisor, without a client, or not yet begun."""
    WORK = auto()
    REST = auto()
    LEAVE = auto()


@dataclass(slots=True)
class Deed:
    """What happened at `at` whatever the calls did: an event to tell again, and what `agent` wants from then on."""

    at: Instant
    event: Event | None = None
    agent: AgentId | None = None
    wish: Wish | None = None
    reason: str = ""
    """Of the rest."""


@dataclass(slots=True)
class Record:
    """Everything from `begin` to `end`, in order."""

    begin: Instant
    end: Instant
    rules: Rules
    """Those at the beginning."""
    happenings: list[RecordedCall | Deed] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What is wrong with the journal, or missing."""

    def calls(self) -> Iterator[RecordedCall]:
        return (each for each in self.happenings if isinstance(each, RecordedCall))

    def deeds(self) -> Iterator[Deed]:
        return (each for each in self.happenings if isinstance(each, Deed))
