"""The entries of a call's story, in the order of time. Each kind is told apart by `kind`."""

from typing import Literal

from acd.agents import AgentState
from acd.calls import CallKind, Cause, Outcome, Stage
from acd.explain.facts import (
    Asked,
    Candidate,
    Granted,
    InState,
    Lacking,
    Named,
    Needs,
    Other,
    Place,
    Terms,
    Trigger,
    fact,
)
from acd.ids import Instant
from acd.notices import ConsultEnd, OfferEnd
from acd.rules import Strategy

NeedSets = tuple[Needs, ...]
"""An agent must cover one of them."""
WhyPersonalOver = Literal["time", "away", "not-taken"]
WhyWithdrawn = Literal["", "answered", "caller-left", "dismissed"]
WhyNotLeft = Literal["rings", "pbx-lost", "no-way"]


@fact
class Entry:
    """Something that happened to the call."""

    at: Instant


# --- coming in --------------------------------------------------------------------------------------------------------


@fact
class Arrived(Entry):
    """The call came from outside, or was found waiting after an absence of ours."""

    entry: str
    caller_number: str
    caller_name: str
    group: Named | None
    """None: no such entry point or group."""
    group_by: Literal["call", "entry"]
    needs: tuple[Asked, ...]
    tier: Granted
    credit_ms: Granted
    vip: str
    """The caller's VIP class."""
    waits_since: Instant | None
    """Given for a caller who was found waiting."""
    kind: Literal["arrived"] = "arrived"


@fact
class Personal(Entry):
    """The call names an agent of its own: it waits for that agent alone, or not at all, for the agent's `state`."""

    agent: Named
    source: Literal["call", "vip", "last-agent"]
    state: AgentState | None
    """None: no such agent."""
    wait_ms: int
    waits: bool
    kind: Literal["personal"] = "personal"


@fact
class PersonalOver(Entry):
    """The group's agents may serve the call from now: time was up, or the agent went away or didn't take it."""

    agent: Named
    why: WhyPersonalOver
    kind: Literal["personal-over"] = "personal-over"


@fact
class DoorShut(Entry):
    """A group's door is shut for the call, and where that points to (None: nowhere)."""

    group: Named
    cause: Cause
    to: Place | None
    present: int | None = None
    """How many wait or ring in the group, where that is the cause."""
    kind: Literal["door-shut"] = "door-shut"


@fact
class Refused(Entry):
    """The call could not be taken at all."""

    cause: str
    kind: Literal["refused"] = "refused"


# --- waiting ----------------------------------------------------------------------------------------------------------


@fact
class Waits(Entry):
    """Nobody was ready for it: who may serve it, what they did, and how many calls were before it."""

    group: Named
    terms: Terms
    needs: NeedSets
    personal: Named | None
    ahead: int
    """How many waiting calls come first that the same agents may serve."""
    pbx_lost: str | None
    staff: tuple[InState, ...]
    lacking: tuple[Lacking, ...]
    """Who is ready, but doesn't have the skills."""
    kind: Literal["waits"] = "waits"


@fact
class StepTaken(Entry):
    """An overflow step, and what it changed."""

    group: Named
    step: int
    after_ms: int
    needs_before: NeedSets
    needs: NeedSets
    groups: tuple[Named, ...] | None
    """Whose agents serve, too, from now on; None: as before."""
    tier: int | None
    """The one it is raised to; None: as before."""
    prompt: str
    callback: bool
    to: Place | None
    kind: Literal["step"] = "step"


@fact
class Changed(Entry):
    """A supervisor, or other rules, changed what the call asks for or what it is served with."""

    by: str
    rules: bool
    """Whether it was the rules."""
    needs_before: NeedSets
    needs: NeedSets
    tier_before: int
    tier: int
    strategy_before: Strategy
    strategy: Strategy
    weight_percent_before: int
    weight_percent: int
    kind: Literal["changed"] = "changed"


@fact
class Heard(Entry):
    """The caller was played a prompt, or (`callback`) asked whether to be called back."""

    prompt: str = ""
    callback: bool = False
    kind: Literal["heard"] = "heard"


@fact
class CallbackTaken(Entry):
    """The caller hung up and waits to be called back; `merged`: a callback for that number waits already."""

    number: str
    merged: bool
    kind: Literal["callback-taken"] = "callback-taken"


# --- offers -----------------------------------------------------------------------------------------------------------


@fact
class Ring:
    number: int
    """Of the offer, from 1."""
    agent: Named


@fact
class Offered(Entry):
    """The call rings at an agent (with ring-all: at several at once): why there, and who could have had it besides."""

    rings: tuple[Ring, ...]
    trigger: Trigger
    group: Named
    strategy: Strategy
    needs: NeedSets
    personal: bool
    by_name: bool = False
    """It is a consult of that agent, whose skills don't matter."""
    joins: bool
    """It rings at others already."""
    chosen: Candidate
    next: tuple[Candidate, ...]
    """The runners-up, the next one first (by idleness where there is no order)."""
    tie: bool
    """The strategy itself didn't decide between the chosen and the next, so the longer idleness did."""
    ready: int
    """How many were ready that may serve it, the chosen among them."""
    staff: tuple[InState, ...]
    """The others who may serve it."""
    lacking: tuple[Lacking, ...]
    """Who was ready, but doesn't have the skills."""
    terms: Terms
    instead: tuple[Other, ...]
    """Which calls the chosen agent could have had instead, the next one first."""
    instead_count: int
    kind: Literal["offered"] = "offered"


@fact
class OfferOver(Entry):
    """A ring ended without talk. Whoever didn't take it becomes not ready for `reason`, or is logged out as wanted."""

    number: int
    agent: Named
    how: OfferEnd
    becomes: AgentState = AgentState.READY
    reason: str = ""
    by: str = ""
    why: WhyWithdrawn = ""
    """Why it was withdrawn."""
    rings_on: bool = False
    """The call rings at others still; else, not having been withdrawn, it is back, ahead of the line."""
    kind: Literal["offer-over"] = "offer-over"


@fact
class Talks(Entry):
    """The agent's phone answered; or (`taken`) the agent has the caller after a consult."""

    agent: Named
    waited_ms: int
    of: CallKind = CallKind.INCOMING
    taken: bool = False
    kind: Literal["talks"] = "talks"


@fact
class PhoneLost(Entry):
    """The agent's phone died in the talk: the caller waits again, ahead of the line."""

    agent: Named
    talked_ms: int
    kind: Literal["phone-lost"] = "phone-lost"


# --- the talk ---------------------------------------------------------------------------------------------------------


@fact
class ConsultBegun(Entry):
    """Of a consult: who asks whom, and about which call."""

    agent: Named
    about: str
    to: Place
    kind: Literal["consult-begun"] = "consult-begun"


@fact
class Arranged(Entry):
    """The talk is arranged otherwise; the rest is about its consult. `ended`: why the one that was there is over."""

    agent: Named
    stage: Stage
    to: Place | None
    answered: bool
    party: Named | None
    """The agent who rings or talks."""
    ended: ConsultEnd | None
    kind: Literal["arranged"] = "arranged"


@fact
class Dialled(Entry):
    """An agent calls a number."""

    agent: Named
    group: Named
    number: str
    kind: Literal["dialled"] = "dialled"


@fact
class Transferred(Entry):
    """The agent gives the caller away."""

    agent: Named
    to: Place
    attended: bool
    kind: Literal["transferred"] = "transferred"


@fact
class Intercepted(Entry):
    """A supervisor takes the caller from the agent."""

    agent: Named
    by: str
    kind: Literal["intercepted"] = "intercepted"


# --- leaving ----------------------------------------------------------------------------------------------------------


@fact
class Moved(Entry):
    """It went to another group, with its wait."""

    group: Named
    to: Named
    cause: Cause
    by: str = ""
    kind: Literal["moved"] = "moved"


@fact
class Leaving(Entry):
    """It is to leave, but not yet: it rings, or the PBX is out of reach; or not at all: there is no way."""

    to: Place
    cause: Cause
    why_not: WhyNotLeft
    kind: Literal["leaving"] = "leaving"


@fact
class Sent(Entry):
    """It was sent outside."""

    to: Place
    cause: Cause
    kind: Literal["sent"] = "sent"


@fact
class NotSent(Entry):
    """The PBX could not send it: it is back at its place, or refused if it never had one."""

    why: str
    kind: Literal["not-sent"] = "not-sent"


@fact
class Ended(Entry):
    """The call is over."""

    outcome: Outcome
    agent: Named | None
    waited_ms: int
    talked_ms: int
    kind: Literal["ended"] = "ended"


@fact
class Lost(Entry):
    """The journal breaks off here, or goes on without the call: the daemon stood still meanwhile."""

    kind: Literal["lost"] = "lost"


@fact
class Cut(Entry):
    """What happened after this is left out: the story is too long."""

    kind: Literal["cut"] = "cut"


AnyEntry = (
    Arrived
    | Personal
    | PersonalOver
    | DoorShut
    | Refused
    | Waits
    | StepTaken
    | Changed
    | Heard
    | CallbackTaken
    | Offered
    | OfferOver
    | Talks
    | PhoneLost
    | ConsultBegun
    | Arranged
    | Dialled
    | Transferred
    | Intercepted
    | Moved
    | Leaving
    | Sent
    | NotSent
    | Ended
    | Lost
    | Cut
)
