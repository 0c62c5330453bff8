"""The answers to "why": of a call and of an agent; to JSON and back."""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from acd.agents import AgentState
from acd.calls import CallState, Cause, Stage
from acd.explain.entries import AnyEntry, NeedSets
from acd.explain.facts import InState, Lacking, Named, Place, Terms, fact
from acd.ids import Instant

# --- a call -----------------------------------------------------------------------------------------------------------


@fact
class PersonalNow:
    """The agent whom a call waits for alone, and until when."""

    agent: Named
    state: AgentState
    until: Instant | None


@fact
class Next:
    """What is due for a waiting call: its overflow step, counted from 1, and when."""

    step: int
    at: Instant


@fact
class LeavingNow:
    """Where it was sent, or is to go as soon as it can."""

    to: Place
    cause: Cause


@fact
class Asks:
    """Of a consult: who asks, and about which call."""

    agent: Named | None
    about: str


@fact
class Standing:
    """Where a live call stands now, and who could have it."""

    at: Instant
    state: CallState
    group: Named
    terms: Terms
    needs: NeedSets
    ahead: int
    """How many waiting calls come first that the same agents may serve."""
    ahead_some: tuple[Terms, ...]
    """The first of them in the order of service."""
    competing: int
    """How many waiting calls there are for the same agents, this one included."""
    logged_in: int
    """How many agents who may serve it are logged in."""
    staff: tuple[InState, ...]
    """Who may serve it, by what they are doing."""
    lacking: tuple[Lacking, ...]
    """Who is logged in, but doesn't have the skills."""
    pbx_lost: str | None = None
    personal: PersonalNow | None = None
    next: Next | None = None
    leaving: LeavingNow | None = None
    rings_at: tuple[Named, ...] = ()
    talks_with: Named | None = None
    talks_since: Instant | None = None
    stage: Stage | None = None
    """How the talk is arranged; `consults` whom, and whether they talk."""
    consults: Place | None = None
    consult_answered: bool = False
    asks: Asks | None = None


@fact
class CallWhy:
    """A call's story, and where it stands at `at` if it still lives."""

    call: str
    at: Instant
    entries: tuple[AnyEntry, ...] = ()
    standing: Standing | None = None
    damaged: str = ""
    """What in the journal could not be read; the story ends before it."""
    kind: Literal["call"] = "call"


# --- an agent ---------------------------------------------------------------------------------------------------------


@fact
class Passed:
    """Waiting calls of one group that the agent can't have for one and the same reason."""

    group: Named
    reason: Literal["skills", "personal"]
    missing: tuple[tuple[str, int, int], ...] = ()
    """(skill, level needed, level that the agent has)"""
    personal: Named | None = None
    until: Instant | None = None
    count: int = 0
    first: Terms


@fact
class AgentWhy:
    """What an agent is doing, since when and by whom; and what stands between the agent and the waiting calls."""

    at: Instant
    agent: Named
    state: AgentState
    since: Instant
    reason: str
    by: str
    pending: str
    pending_reason: str
    pending_by: str
    call: str
    wrap_up_until: Instant | None
    client_gone_until: Instant | None
    """The agent's client is gone; not ready from then."""
    pbx_lost: str | None
    waiting: int
    """How many calls wait."""
    may_take: int
    """How many of them the agent may serve."""
    first: tuple[Terms, ...]
    """The first of those, in the order of service."""
    passed: tuple[Passed, ...]
    """The others, the group and reason of the first in the order of service first."""
    kind: Literal["agent"] = "agent"


# --- JSON -------------------------------------------------------------------------------------------------------------

Why = CallWhy | AgentWhy
_WHY = TypeAdapter(Annotated[Why, Field(discriminator="kind")])


def as_json(why: Why) -> dict[str, Any]:
    """`why` in values that JSON knows."""
    value: dict[str, Any] = _WHY.dump_python(why, mode="json")
    return value


def from_json(value: Any) -> Why:
    """What `as_json` made a value of. Raises pydantic's ValidationError for anything else."""
    why: Why = _WHY.validate_python(value)
    return why


def merged(live: CallWhy, past: CallWhy | None) -> CallWhy:
    """One answer: what happened by the journal, and where the call stands by the live state."""
    if past is None:
        return live
    return CallWhy(call=live.call, at=live.at, entries=past.entries, standing=live.standing, damaged=past.damaged)
