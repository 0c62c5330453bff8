"""The channels of the simulated Asterisk: callers, and the phones that are rung for them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from simulator.load import ami_words

RING, RINGING, UP = 4, 5, 6
PHONES = "from-phones"
"""The context of a phone that hasn't answered yet: its endpoint's."""
TRUNK = "PJSIP/trunk"


class Place(Enum):
    """Where in the dialplan a caller is."""

    WAITING = "acd-wait"
    TALKING = "acd-join"
    AFTER = "acd-after"
    LEAVING = "acd-refused"


PRIORITIES = {Place.WAITING: "3", Place.TALKING: "7", Place.AFTER: "2", Place.LEAVING: "2"}
"""Where each place's word is said."""
GONE = ("acd-caller-gone", "first", "1")
"""Where a caller's last word is said."""


@dataclass(slots=True, eq=False)
class Caller:
    """A call from outside."""

    id: str
    name: str
    """The channel's."""
    number: str
    entry: str
    since_ms: int
    place: Place = Place.WAITING
    round: int = 0
    stays: int = 0
    """Counts its moves, so that a timer set before one knows that it is out of date."""
    talk: Leg | None = None
    last_leg: str = ""
    """The phone of its latest talk."""
    has_talked: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    def headers(self, *, is_gone: bool = False) -> list[tuple[str, object]]:
        """As every event describes it."""
        at = GONE if is_gone else (self.place.value, "s", PRIORITIES[self.place])
        was_there = self.place is not Place.WAITING or self.round > 0
        return ami_words.channel(
            self.name,
            UP if was_there else RING,
            self.number,
            at[0],
            self.id,
            extension=at[1],
            priority=at[2],
            connected=self.number if self.has_talked else "",
        )

    def surveyed(self) -> dict[str, str]:
        """Its variables, as the survey lists them."""
        talk = {"ACD_TALK": self.talk.id, "ACD_TALK_OFFER": self.talk.offer} if self.talk else {}
        own = {"ACD_CALL_ID": self.id, "ACD_ENTRY": self.entry, "ACD_ENQUEUED_AT": str(self.since_ms)}
        return {**own, **self.variables, **talk}


@dataclass(slots=True, eq=False)
class Leg:
    """An agent's phone, from the word to dial it to its end."""

    id: str
    device: str
    name: str
    caller: str
    number: str
    """The caller's, which it shows."""
    variables: dict[str, str]
    context: str
    is_up: bool = False
    talks_with: Caller | None = None

    @property
    def offer(self) -> str:
        """The number of the offer for which it is dialled."""
        return self.variables.get("ACD_OFFER", "0")

    @property
    def place(self) -> str:
        """The context that it is in."""
        return self.context if self.is_up else PHONES

    @property
    def agent(self) -> str:
        """Whose phone it is."""
        return self.variables.get("ACD_AGENT", "")

    def headers(self, context: str = "acd-phone-gone") -> list[tuple[str, object]]:
        """As every event describes it."""
        linked = self.talks_with.id if self.talks_with else self.id
        state = UP if self.is_up else RINGING
        return ami_words.channel(self.name, state, self.number, context, self.id, linked=linked, connected=self.number)


def state_of(legs: set[Leg]) -> str:
    """How the device is on which these legs are."""
    up = sum(leg.is_up for leg in legs)
    if up:
        return "INUSE" if up == len(legs) else "RINGINUSE"
    return "RINGING" if legs else "NOT_INUSE"
