"""What explanations are made of: plain values that say who, what, how much and since when. Times are milliseconds."""

from dataclasses import dataclass
from typing import Literal, TypeVar, dataclass_transform

from acd.agents import AgentState
from acd.ids import Instant
from acd.rules import Destination

T = TypeVar("T")

NAMES_MAX = 10
"""How many are named where many are counted."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
def fact(kind: type[T]) -> type[T]:
    """A frozen value; its fields are given by name."""
    return dataclass(frozen=True, slots=True, kw_only=True)(kind)


@fact
class Named:
    """An agent or a group: what programs call it, and what people do (perhaps nothing)."""

    id: str
    name: str = ""


@fact
class Place:
    """Where a destination leads; `name` is what a group or an agent of ours is called."""

    to: Destination
    name: str = ""


# --- skills -----------------------------------------------------------------------------------------------------------

Source = Literal["group", "call", "entry", "vip", "nothing"]
"""Who granted it: the group, the dialplan with the call itself, the entry point, the caller's VIP class, or nobody."""


@fact
class Need:
    """A skill and a level: the least asked for, or the one that somebody has (0: not at all)."""

    skill: str
    level: int


Needs = tuple[Need, ...]


@fact
class Asked:
    """A need of a call, and who asks for that level."""

    skill: str
    level: int
    source: Source


@fact
class Granted:
    """A tier or a credit, and who granted the highest."""

    value: int
    source: Source


@fact
class LacksLevels:
    """An agent, with the levels that he or she has of what is missing."""

    agent: Named
    has: Needs


@fact
class Lacking:
    """How many agents don't reach these needs, and some of them."""

    needs: Needs
    count: int
    some: tuple[LacksLevels, ...]


# --- calls ------------------------------------------------------------------------------------------------------------


@fact
class Terms:
    """What a waiting call's place in the order of service is made of."""

    call: str
    caller: str
    group: Named
    returned: bool
    tier: int
    wait_ms: int
    credit_ms: int
    weight_percent: int


Because = Literal["returned", "tier", "wait", "arrival"]


@fact
class Other:
    """Another waiting call, and what decided between the two, in the order of docs/routing.md."""

    terms: Terms
    because: Because


# --- agents -----------------------------------------------------------------------------------------------------------


@fact
class Candidate:
    """A ready agent who may serve the call, with what the strategy goes by; what it doesn't ask for is None."""

    agent: Named
    idle_ms: int
    declined: bool = False
    """An offer of this call didn't lead to talk before: comes last of all."""
    share: float | None = None
    """Of recent time in calls and wrap-up, 0 to 1."""
    calls: int | None = None
    """Answered lately."""
    position: int | None = None
    """In the configuration, from 1."""
    has_had_turn: bool | None = None
    turn_at: Instant | None = None
    """When the last turn was; None, too, when it was before what the journal holds."""
    skills: int | None = None
    levels: int | None = None
    """Summed: over the call's needs, or (least-skilled) all."""


@fact
class Engaged:
    """An agent who may serve the call but isn't free for it."""

    agent: Named
    since: Instant
    """0: has not been in any other state yet."""
    call: str = ""
    reason: str = ""
    by: str = ""
    """The supervisor who forced the state."""
    pending: str = ""
    """What the agent becomes after the present call."""
    declined: bool = False


@fact
class InState:
    """How many agents are in a state, and some of them: who has been longest comes first."""

    state: AgentState
    count: int
    some: tuple[Engaged, ...]


# --- what led to a decision -------------------------------------------------------------------------------------------

TriggerKind = Literal[
    "arrived", "consult", "agent-ready", "returned", "phone-lost", "step", "personal-over", "moved", "not-sent",
    "rules", "pbx-found", "set-free", "unknown",
]  # fmt: skip


@fact
class Trigger:
    """What made the core look for an agent, or for a call. `set-free`: several rings were withdrawn at once."""

    kind: TriggerKind
    agent: Named | None = None
    """Who became ready, didn't take the offer, lost the phone, or asks in a consult."""
    word: str = ""
    """What made that agent ready; how that offer ended; why the call was moved."""
    step: int = 0
    by: str = ""
