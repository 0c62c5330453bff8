"""Calls: the states a call can be in, the table that says what leads where, and what is known of a call and an offer.

A call is in exactly one place. It waits, is offered (rings at one agent or several, the caller hears music on), talks,
or is on its way elsewhere; an offer that doesn't lead to talk, or a phone that dies in the talk, brings it back to
waiting as a *returned call*. A pair that stands not in `TRANSITIONS` is a bug of ours (`ImpossibleTransition`); what
the outside may get wrong is sorted out before.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from acd.errors import ImpossibleTransition
from acd.events import CallArrived, MonitorMode, OfferFailure
from acd.ids import NEVER, AgentId, CallId, GroupId, Instant, MonitorId, OfferId, new_tuple
from acd.rules import Destination, DestinationKind, SkillGroup, Strategy
from acd.skills import Needs

if TYPE_CHECKING:
    from acd.agents import Agent
    from acd.deadlines import Due
    from acd.queues import Line


class CallState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    ELSEWHERE = "elsewhere"
    ENDED = "ended"

    __hash__ = str.__hash__  # Enum's own is a Python call, here on the hottest path


IN_LINE = (CallState.WAITING, CallState.OFFERED)
"""The states of a call that waits for an agent, rung or not yet."""


class CallInput(StrEnum):
    OFFER = "offer"
    ACCEPT = "accept"
    RETURN = "return"
    SEND = "send"
    END = "end"

    __hash__ = str.__hash__


S, I = CallState, CallInput  # noqa: E741 - the table reads better in narrow columns

TRANSITIONS: dict[tuple[CallState, CallInput], CallState] = {
    (S.WAITING, I.OFFER): S.OFFERED,
    (S.WAITING, I.SEND): S.ELSEWHERE,
    (S.WAITING, I.END): S.ENDED,
    (S.OFFERED, I.OFFER): S.OFFERED,
    (S.OFFERED, I.ACCEPT): S.TALKING,
    (S.OFFERED, I.RETURN): S.WAITING,
    (S.OFFERED, I.END): S.ENDED,
    (S.TALKING, I.RETURN): S.WAITING,
    (S.TALKING, I.SEND): S.ELSEWHERE,
    (S.TALKING, I.END): S.ENDED,
    (S.ELSEWHERE, I.RETURN): S.WAITING,
    (S.ELSEWHERE, I.ACCEPT): S.TALKING,
    (S.ELSEWHERE, I.END): S.ENDED,
}


class ServiceRank(NamedTuple):
    """The order of service within one weight, smallest first (docs/routing.md): every field but the ticket may tie."""

    behind_returned: bool
    minus_tier: int
    effective_arrival: int
    """Arrival less credit: the same order as the longest (wait + credit), and it doesn't change with time."""
    ticket: int


NO_RANK = ServiceRank(True, 0, 0, 0)


class Outcome(StrEnum):
    """How a call ended; every call has exactly one."""

    ABANDONED = "abandoned"
    RELEASED_BY_CALLER = "released-by-caller"
    RELEASED_BY_AGENT = "released-by-agent"
    RELEASED_BY_SUPERVISOR = "released-by-supervisor"
    REFUSED = "refused"
    SENT_ELSEWHERE = "sent-elsewhere"
    MERGED = "merged"
    """The caller has another call in the line: a callback that was there before."""
    INTERCEPTED = "intercepted"
    """A supervisor took the caller from the agent, and they talked to the end."""
    TRANSFERRED = "transferred"
    """Of a consult: it led to a transfer, and its party talks with the caller."""
    CONSULT_OVER = "consult-over"
    """Of a consult: it ended without a transfer."""
    NOT_REACHED = "not-reached"
    """Of an outgoing call: the agent's own phone or the number didn't answer."""


class CallKind(StrEnum):
    """Who began a call."""

    INCOMING = "incoming"
    CONSULT = "consult"
    """An agent, about another call, which it belongs to and ends with at the latest."""
    OUTGOING = "outgoing"
    """An agent, to a number outside."""


class Stage(StrEnum):
    """How the parties of a talk are arranged."""

    CONNECTED = "connected"
    HELD = "held"
    """The caller hears music, the agent nothing."""
    CONSULTING = "consulting"
    """The caller hears music, the agent talks with somebody else, or waits for that."""
    CONFERENCE = "conference"
    """Caller, agent and consulted party hear each other."""


class RecordingState(StrEnum):
    ON = "on"
    PAUSED = "paused"
    OFF = "off"


class MonitorState(StrEnum):
    RINGING = "ringing"
    ON = "on"
    OVER = "over"


class Cause(StrEnum):
    """Why a call goes somewhere else: the rule that sends it."""

    STEP = "step"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    NO_AGENTS = "no-agents"
    FULL = "full"
    SUPERVISOR = "supervisor"
    TRANSFER = "transfer"


class Leave(NamedTuple):
    """Where a call is to go, and why."""

    to: Destination
    cause: Cause
    consult: CallId | None = None
    """Of which the caller goes with the party."""


@dataclass(slots=True, eq=False)
class Call:
    """A call as it is now."""

    id: CallId
    arrival: CallArrived
    """What the PBX told of it: its caller, and what it asked for by itself."""
    entry: str
    group: SkillGroup
    own_needs: Needs
    """What the entry point and the call ask for, without the group."""
    own_tier: int
    credit_ms: int
    waiting_since: Instant
    in_group_since: Instant
    ticket: int
    tier: int
    """The one it is served with: its own, raised by steps, or a supervisor's."""
    lines: tuple[Line, ...] = ()
    """Where it waits: one line, or several when steps let other groups' agents serve too."""
    rank: ServiceRank = NO_RANK
    state: CallState = CallState.WAITING
    placed: bool = False
    """Whether the call stands in its lines."""
    returned: bool = False
    offers_made: int = 0
    offers: tuple[Offer, ...] = ()
    """Those that ring now: several only with ring-all."""
    talk: Offer | None = None
    """The offer that led to the present talk."""
    talking_since: Instant | None = None
    talked_with: AgentId | None = None
    """Who talks, or talked last."""
    declined: frozenset[AgentId] = frozenset()
    """Agents whose offers of this call did not lead to talk: asked again only when nobody else is ready."""
    released: Outcome | None = None
    """How the call will have ended, once its release was asked for."""
    steps_done: int = 0
    step_due: Due | None = None
    """When the next overflow step is taken, or the group closes."""
    personal: Agent | None = None
    """The agent whom it waits for alone."""
    personal_until: Due | None = None
    leaving: Leave | None = None
    """Where it goes as soon as nobody is ready for it; when it is elsewhere, where it was sent."""
    at_door: Cause | None = None
    """Why it was sent elsewhere before it ever waited."""
    came_through: frozenset[GroupId] = frozenset()
    """The groups that it left at the instant at which it came to its group: it doesn't come back to them at once."""
    forced_tier: int | None = None
    callback: str = ""
    """The number to call back; the caller isn't in the PBX any more."""
    kind: CallKind = CallKind.INCOMING
    stage: Stage = Stage.CONNECTED
    """How its talk is arranged."""
    stage_since: Instant = NEVER
    """Since when it is, or its consult's party has answered."""
    rearranged: bool = False
    """Whether that was ever otherwise: the PBX may have to be told again."""
    consult: Call | None = None
    """The one that belongs to its talk."""
    consults_made: int = 0
    about: Call | None = None
    """Of a consult: the call to which it belongs."""
    asked_to: Destination | None = None
    """Of a consult: who is asked."""
    number: str = ""
    """Dialled for an outgoing call or a consult, and not reached yet."""
    dialled_back: bool = False
    """Whether the agent of a callback has answered, and its number hasn't."""
    unreached: OfferFailure | None = None
    """Why the number wasn't reached."""
    recording: RecordingState | None = None
    """None: nobody has asked for it yet."""
    recording_was: RecordingState | None = None
    """Before the latest word, as long as that may fail."""
    recording_path: str = ""
    taken_by: str = ""
    """The supervisor who intercepted it."""
    position_due: Due | None = None
    """When the caller is told the place in the line."""

    def step(self, word: CallInput) -> None:
        """Follow the table. Raises ImpossibleTransition where it has no row."""
        following = TRANSITIONS.get((self.state, word))
        if following is None:
            raise ImpossibleTransition(f"call {self.id} is {self.state}, which knows no {word}")
        self.state = following

    @property
    def waits_in_line(self) -> bool:
        """False for one that is for one agent alone from the beginning, and never waits: dialled, or a consult."""
        return not self.number and (self.asked_to is None or self.asked_to.kind is DestinationKind.GROUP)

    @property
    def is_callers(self) -> bool:
        """Whether there is a caller who waits if nobody talks: not for a consult, nor while a number is dialled."""
        return self.kind is not CallKind.CONSULT and not self.number

    @property
    def may_be_joined(self) -> bool:
        """Whether it rings at all who are ready, and whoever becomes so joins."""
        return self.state is CallState.OFFERED and self.group.strategy is Strategy.RING_ALL and self.waits_in_line

    @property
    def is_answered_consult(self) -> bool:
        """Whether it has a consult whose party has answered."""
        return self.consult is not None and self.consult.state is CallState.TALKING

    def next_offer(self) -> OfferId:
        self.offers_made += 1
        return new_tuple(OfferId, (self.id, self.offers_made))

    def present_rank(self) -> ServiceRank:
        """The rank that follows from what else is known of the call."""
        arrived = self.waiting_since - self.credit_ms
        return new_tuple(ServiceRank, (not self.returned, -self.tier, arrived, self.ticket))


@dataclass(slots=True)
class Monitor:
    """A supervisor's phone in an agent's talk, or ringing for that. Agent and call may be gone before it."""

    id: MonitorId
    by: str
    agent: AgentId
    call: CallId
    mode: MonitorMode
    state: MonitorState = MonitorState.RINGING


@dataclass(slots=True, eq=False)
class Offer:
    """One ringing of one agent for one call."""

    id: OfferId
    call: Call
    agent: Agent
    rings_until: Due | None = None
    """None while the PBX is out of reach (what the phone did then is told when it is back), and after the ringing."""
