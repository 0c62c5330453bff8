"""Agents: who they are, the states they can be in, and the table that says what leads where.

An agent is in one of six states. What comes from outside is one of the inputs below. `TRANSITIONS` tells the state
that follows at once; `PENDINGS` tells what is only noted, to follow when the present call is over (the *pending
state*). A pair that stands in neither table is *not now*: a request is answered with a refusal, and anything else is
a bug of ours (`ImpossibleTransition`).

Where a pending state is noted, it takes the place of READY: after wrap-up, and after an offer withdrawn without the
agent's fault. An offer that failed by the agent leads to NOT_READY with that reason, unless logging out is pending.

Where READY would follow while the agent's phone can't be rung (`Agent.phone`), NOT_READY follows instead, with the
phone's reason; READY comes when the phone is free, unless the agent is not ready for another reason by then.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from acd.errors import ImpossibleTransition
from acd.events import PhoneState
from acd.ids import NEVER, AgentId, Instant
from acd.occupancy import Load
from acd.rules import AgentRecord

if TYPE_CHECKING:
    from acd.calls import Call, Offer
    from acd.deadlines import Due
    from acd.queues import Line


class AgentState(StrEnum):
    LOGGED_OUT = "logged-out"
    NOT_READY = "not-ready"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap-up"

    __hash__ = str.__hash__  # Enum's own is a Python call, here on the hottest path


class AgentInput(StrEnum):
    # requests, by the agent or forced
    LOG_IN = "log-in"
    LOG_OUT = "log-out"
    GO_READY = "go-ready"
    GO_NOT_READY = "go-not-ready"
    DIAL = "dial"
    # facts
    OFFERED = "offered"
    FOUND = "found"
    ACCEPTED = "accepted"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    CALL_OVER = "call-over"
    WRAP_UP_OVER = "wrap-up-over"
    CLIENT_GONE = "client-gone"
    PHONE_GONE = "phone-gone"
    PHONE_BACK = "phone-back"

    __hash__ = str.__hash__


S, I = AgentState, AgentInput  # noqa: E741 - the tables read better in narrow columns

TRANSITIONS: dict[tuple[AgentState, AgentInput], AgentState] = {
    (S.LOGGED_OUT, I.LOG_IN): S.NOT_READY,
    (S.NOT_READY, I.GO_READY): S.READY,
    (S.NOT_READY, I.GO_NOT_READY): S.NOT_READY,
    (S.NOT_READY, I.LOG_OUT): S.LOGGED_OUT,
    (S.NOT_READY, I.CLIENT_GONE): S.NOT_READY,
    (S.NOT_READY, I.PHONE_GONE): S.NOT_READY,
    (S.NOT_READY, I.PHONE_BACK): S.READY,
    (S.READY, I.GO_NOT_READY): S.NOT_READY,
    (S.READY, I.LOG_OUT): S.LOGGED_OUT,
    (S.READY, I.CLIENT_GONE): S.NOT_READY,
    (S.READY, I.PHONE_GONE): S.NOT_READY,
    (S.READY, I.OFFERED): S.RINGING,
    (S.RINGING, I.ACCEPTED): S.TALKING,
    (S.RINGING, I.FAILED): S.NOT_READY,
    (S.RINGING, I.WITHDRAWN): S.READY,
    (S.TALKING, I.CALL_OVER): S.WRAP_UP,
    (S.TALKING, I.FAILED): S.NOT_READY,
    (S.NOT_READY, I.DIAL): S.RINGING,
    (S.READY, I.DIAL): S.RINGING,
    (S.WRAP_UP, I.DIAL): S.RINGING,
    (S.LOGGED_OUT, I.FOUND): S.TALKING,
    (S.NOT_READY, I.FOUND): S.TALKING,
    (S.READY, I.FOUND): S.TALKING,
    (S.WRAP_UP, I.FOUND): S.TALKING,
    (S.WRAP_UP, I.WRAP_UP_OVER): S.READY,
    (S.WRAP_UP, I.GO_READY): S.READY,
    (S.WRAP_UP, I.GO_NOT_READY): S.NOT_READY,
    (S.WRAP_UP, I.LOG_OUT): S.LOGGED_OUT,
}

PENDINGS: dict[tuple[AgentState, AgentInput], AgentState] = {
    (S.RINGING, I.GO_READY): S.READY,
    (S.RINGING, I.GO_NOT_READY): S.NOT_READY,
    (S.RINGING, I.LOG_OUT): S.LOGGED_OUT,
    (S.RINGING, I.CLIENT_GONE): S.NOT_READY,
    (S.TALKING, I.GO_READY): S.READY,
    (S.TALKING, I.GO_NOT_READY): S.NOT_READY,
    (S.TALKING, I.LOG_OUT): S.LOGGED_OUT,
    (S.TALKING, I.CLIENT_GONE): S.NOT_READY,
    (S.WRAP_UP, I.CLIENT_GONE): S.NOT_READY,
}


AWAY = frozenset({AgentState.LOGGED_OUT, AgentState.NOT_READY})
"""The states in which nobody counts on the agent."""

IN_CALL = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})
"""The states in which a pending state waits."""


class Reason(StrEnum):
    """Why an agent is not ready, where it is our word; the other reasons are configured ones, the agents' words."""

    LOGGED_IN = "logged-in"
    NO_ANSWER = "no-answer"
    REJECTED = "rejected"
    BUSY = "busy"
    DEVICE_UNAVAILABLE = "device-unavailable"
    CONNECTION_LOST = "connection-lost"
    FORCED = "forced"


PHONE_REASONS = {PhoneState.BUSY: Reason.BUSY, PhoneState.UNREACHABLE: Reason.DEVICE_UNAVAILABLE}
"""Why an agent whose phone is in such a state is not ready."""
FREE = PhoneState.FREE


@dataclass(frozen=True, slots=True)
class Pending:
    """What the agent becomes when the present call is over."""

    state: AgentState
    reason: str = ""
    by: str = ""


@dataclass(slots=True, eq=False)
class Agent:
    """An agent as it is now. Its state changes by :meth:`step` alone."""

    record: AgentRecord
    id: AgentId = field(init=False)
    lines: list[Line] = field(default_factory=list)
    """The lines of waiting calls whose needs the agent's skills cover, and the personal ones."""
    personal_lines: list[Line] = field(default_factory=list)
    """The lines of calls that wait for this agent alone."""
    state: AgentState = AgentState.LOGGED_OUT
    since: Instant = NEVER
    """When the present state was entered."""
    reason: str = ""
    by: str = ""
    pending: Pending | None = None
    phone: PhoneState = FREE
    """As the PBX reported it last."""
    position: int = 0
    """The place in the configuration."""
    idle_rank: int = 0
    """The ticket drawn when the agent became idle: the order of longest-idle. Kept through a withdrawn offer."""
    turn: int = 0
    """The ticket drawn at the last call answered, or offer not answered: the order of round-robin; 0: none yet."""
    answered: list[Instant] = field(default_factory=list)
    """When the recent calls were answered, for fewest-calls: few, and none for other strategies."""
    answered_until: Due | None = None
    """When the oldest of them isn't recent any more."""
    load: Load | None = None
    """How occupied the agent is, for least-occupied."""
    retired: bool = False
    """Removed from the rules: gone as soon as logged out."""
    placed: bool = False
    """Whether the agent stands ready in its lines."""
    offer: Offer | None = None
    call: Call | None = None
    wrap_up_until: Due | None = None
    client_grace_until: Due | None = None

    def __post_init__(self) -> None:
        self.id = self.record.id

    @property
    def awaits_phone(self) -> bool:
        """Whether the agent is not ready because of the phone, be it by its state or by an offer that failed so."""
        return self.state is S.NOT_READY and self.reason in PHONE_REASONS.values()

    def allows(self, word: AgentInput) -> bool:
        """Whether `word` has an effect in the present state, at once or pending."""
        return (self.state, word) in TRANSITIONS or (self.state, word) in PENDINGS

    def step(self, word: AgentInput, reason: str = "", by: str = "") -> None:
        """Follow the tables: enter the state that follows, or note it as pending.

        Raises ImpossibleTransition where neither table has a row: ask `allows` first for what others may send.
        """
        following = TRANSITIONS.get((self.state, word))
        if following is None:
            self._note(word, reason, by)
        elif self.pending is None or following in IN_CALL:
            self._enter(following, reason, by)
        else:
            self._leave_call(self.pending, following, word, reason, by)

    def _leave_call(self, noted: Pending, state: AgentState, word: AgentInput, reason: str, by: str) -> None:
        """The pending state is used up: it follows now, or a newer word has overtaken it."""
        self.pending = None
        if _follows(noted, word, by):
            state, reason, by = noted.state, noted.reason, noted.by
        self._enter(state, reason, by)

    def _enter(self, state: AgentState, reason: str, by: str) -> None:
        if state is S.READY and self.phone is not FREE:
            state, reason, by = S.NOT_READY, PHONE_REASONS[self.phone], ""
        self.state, self.reason, self.by = state, reason, by

    def _note(self, word: AgentInput, reason: str, by: str) -> None:
        later = PENDINGS.get((self.state, word))
        if later is None:
            raise ImpossibleTransition(f"agent {self.id} is {self.state}, which knows no {word}")
        if self.pending is None or not _stays(self.pending, word, by):
            self.pending = Pending(later, reason, by)


def _follows(noted: Pending, word: AgentInput, by: str) -> bool:
    """Whether the noted state comes at the end of the call, and not what `word` would lead to.

    The agent's own ready in wrap-up says that wrap-up is done; it doesn't undo what a supervisor wants.
    """
    if word is AgentInput.FAILED:
        return noted.state is AgentState.LOGGED_OUT
    return word in (AgentInput.WRAP_UP_OVER, AgentInput.WITHDRAWN) or _own_ready_against_forced(noted, word, by)


def _stays(noted: Pending, word: AgentInput, by: str) -> bool:
    """Whether the noted state stands against `word`; otherwise the newest word counts.

    A lost client doesn't undo what the agent or a supervisor asked for while it was there.
    """
    if word is AgentInput.CLIENT_GONE:
        return noted.state is not AgentState.READY
    return _own_ready_against_forced(noted, word, by)


def _own_ready_against_forced(noted: Pending, word: AgentInput, by: str) -> bool:
    return word is AgentInput.GO_READY and bool(noted.by) and not by
