"""Images: what a snapshot keeps of agents, calls and offers, as plain values.

A field that has the name of one of the original's means the same. What refers to another agent or call is its id; what
is not kept follows from the rest, and is found anew by :func:`acd.snapshot.restore`. Fields that are copied as they
are come first.
"""

from dataclasses import fields

from acd.agents import Agent, AgentState, Pending
from acd.calls import Call, CallKind, CallState, Cause, Leave, Offer, Outcome, RecordingState, Stage
from acd.events import CallArrived, OfferFailure, PhoneState
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.messages import message
from acd.occupancy import Load
from acd.rules import AgentRecord, Destination, Strategy
from acd.skills import Needs

When = tuple[Instant, int]
"""When something is due, and the ticket drawn for it."""


@message
class LoadImage:
    """A `Load`; its decimals as text, in which no digit is lost."""

    share: str
    since: Instant
    occupied: bool | None
    key: str


@message
class AgentImage:
    id: AgentId
    state: AgentState
    since: Instant
    reason: str
    by: str
    pending: Pending | None
    phone: PhoneState
    position: int
    idle_rank: int
    turn: int
    retired: bool
    placed: bool
    record: AgentRecord | None
    """None: that of the rules; a retired agent isn't in them any more."""
    personal_lines: tuple[tuple[Strategy, int], ...]
    """Strategy and weight of each, in the order in which they were opened."""
    answered: tuple[Instant, ...]
    load: LoadImage | None
    answered_until: When | None
    wrap_up_until: When | None
    client_grace_until: When | None


@message
class OfferImage:
    number: int
    """Of its id: the call's is known."""
    agent: AgentId
    rings_until: When | None


@message
class CallImage:
    arrival: CallArrived
    entry: str
    own_needs: Needs
    own_tier: int
    credit_ms: int
    waiting_since: Instant
    in_group_since: Instant
    ticket: int
    tier: int
    state: CallState
    placed: bool
    returned: bool
    offers_made: int
    talking_since: Instant | None
    talked_with: AgentId | None
    released: Outcome | None
    steps_done: int
    leaving: Leave | None
    at_door: Cause | None
    forced_tier: int | None
    callback: str
    kind: CallKind
    stage: Stage
    stage_since: Instant
    rearranged: bool
    consults_made: int
    asked_to: Destination | None
    number: str
    dialled_back: bool
    unreached: OfferFailure | None
    recording: RecordingState | None
    recording_was: RecordingState | None
    recording_path: str
    taken_by: str
    group: GroupId
    consult: CallId | None
    about: CallId | None
    offers: tuple[OfferImage, ...]
    talk: OfferImage | None
    declined: tuple[AgentId, ...]
    came_through: tuple[GroupId, ...]
    personal: AgentId | None
    step_due: When | None
    personal_until: When | None
    position_due: When | None


FOLLOWS: dict[type, set[str]] = {
    Agent: {"lines", "offer", "call"},
    Call: {"id", "lines", "rank"},
    Offer: {"id", "call"},
    Load: set(),
}
"""The fields of which nothing is kept: they follow from the other fields, from other agents and calls, or the rules."""

_ADDED: dict[type, set[str]] = {Agent: set(), Call: set(), Offer: {"number"}, Load: set()}

for _original, _image in ((Agent, AgentImage), (Call, CallImage), (Offer, OfferImage), (Load, LoadImage)):
    _kept = {each.name for each in fields(_image)} - _ADDED[_original]
    _there = {each.name for each in fields(_original)} - FOLLOWS[_original]
    assert _kept == _there, f"{_image.__name__} must keep every field of {_original.__name__}: {_kept ^ _there}"
