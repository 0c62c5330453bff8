"""Calls: the states a call can be in, the table that says what leads where, and what is known of a call and an offer.

A call is in exactly one place. It waits, is offered (rings at an agent, the caller hears music on), or talks; an
offer that doesn't lead to talk, or a phone that dies in the talk, brings it back to waiting as a *returned call*.
A pair that stands not in `TRANSITIONS` is a bug of ours (`ImpossibleTransition`); what the outside may get wrong is
sorted out by the router before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from acd.errors import ImpossibleTransition
from acd.ids import AgentId, CallId, Instant, OfferId, new_tuple
from acd.skills import Needs

if TYPE_CHECKING:
    from acd.agents import Agent
    from acd.deadlines import Due
    from acd.queues import Line, SkillGroup


class CallState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    ENDED = "ended"

    __hash__ = str.__hash__  # Enum's own is a Python call, here on the hottest path


class CallInput(StrEnum):
    OFFER = "offer"
    ACCEPT = "accept"
    RETURN = "return"
    END = "end"

    __hash__ = str.__hash__


S, I = CallState, CallInput  # noqa: E741 - the table reads better in narrow columns

TRANSITIONS: dict[tuple[CallState, CallInput], CallState] = {
    (S.WAITING, I.OFFER): S.OFFERED,
    (S.WAITING, I.END): S.ENDED,
    (S.OFFERED, I.ACCEPT): S.TALKING,
    (S.OFFERED, I.RETURN): S.WAITING,
    (S.OFFERED, I.END): S.ENDED,
    (S.TALKING, I.RETURN): S.WAITING,
    (S.TALKING, I.END): S.ENDED,
}


class ServiceRank(NamedTuple):
    """The one total order of service, smallest first (routing.md): every field but the ticket may tie."""

    behind_returned: bool
    minus_tier: int
    effective_arrival: int
    """Arrival less credit: the same order as the longest (wait + credit), and it doesn't change with time."""
    ticket: int


class Outcome(StrEnum):
    """How a call ended; every call has exactly one."""

    ABANDONED = "abandoned"
    RELEASED_BY_CALLER = "released-by-caller"
    RELEASED_BY_AGENT = "released-by-agent"
    RELEASED_BY_SUPERVISOR = "released-by-supervisor"
    REFUSED = "refused"


@dataclass(slots=True, eq=False)
class Call:
    """A call as it is now."""

    id: CallId
    group: SkillGroup
    entry: str
    caller_number: str
    caller_name: str
    needs: Needs
    line: Line
    tier: int
    credit_ms: int
    waiting_since: Instant
    ticket: int
    rank: ServiceRank
    state: CallState = CallState.WAITING
    placed: bool = False
    """Whether the call stands in its line."""
    offers_made: int = 0
    offer: Offer | None = None
    """The offer that rings, or the one that led to the present talk."""
    declined: frozenset[AgentId] = frozenset()
    """Agents whose offers of this call did not lead to talk: asked again only when nobody else is ready."""
    talking_since: Instant | None = None
    released: Outcome | None = None
    """How the call will have ended, once an agent or a supervisor asked for its release."""

    def step(self, word: CallInput) -> None:
        """Follow the table. Raises ImpossibleTransition where it has no row."""
        following = TRANSITIONS.get((self.state, word))
        if following is None:
            raise ImpossibleTransition(f"call {self.id} is {self.state}, which knows no {word}")
        self.state = following

    def next_offer(self) -> OfferId:
        self.offers_made += 1
        return new_tuple(OfferId, (self.id, self.offers_made))


@dataclass(slots=True, eq=False)
class Offer:
    """One ringing of one agent for one call."""

    id: OfferId
    call: Call
    agent: Agent
    rings_until: Due | None = None
    """None while the PBX is out of reach (what the phone did then is told when it is back), and after the ringing."""
