"""What became of it, for those who watch: clients, records, metrics and the log. Past tense; nothing waits for them."""

from enum import StrEnum

from acd.agents import AgentState, Pending
from acd.calls import Cause, Outcome
from acd.ids import AgentId, CallId, GroupId, Instant, OfferId
from acd.messages import message
from acd.rules import Destination


@message
class AgentChanged:
    """An agent is in `state` `since` then; or is as before and `pending` or `reason` changed.

    `reason` is given in not ready, `call` in ringing and talking (and as wrap-up begins, the call just over); `by` is
    the supervisor who forced the state.
    """

    agent: AgentId
    state: AgentState
    reason: str
    pending: Pending | None
    by: str
    call: CallId | None
    since: Instant


@message
class PbxChanged:
    """The PBX can be driven from now (`why_lost` is None), or can't any more."""

    why_lost: str | None


@message
class CallQueued:
    """The call waits in `group`: it arrived, or (`returned`) it came back ahead of the line."""

    call: CallId
    group: GroupId
    entry: str
    caller_number: str
    caller_name: str
    tier: int
    waiting_since: Instant
    returned: bool


@message
class StepTaken:
    """The call has been in `group` long enough for its overflow step number `step` (from 1)."""

    call: CallId
    group: GroupId
    step: int


@message
class CallMoved:
    """The call, waiting or about to, goes from `group` to the group `to`, with its wait."""

    call: CallId
    group: GroupId
    to: GroupId
    cause: Cause


@message
class CallSent:
    """The call leaves `group` for a destination outside."""

    call: CallId
    group: GroupId
    to: Destination
    cause: Cause


@message
class TierChanged:
    """The call waits with another tier from now; `by` which supervisor, or empty: by a step or changed rules."""

    call: CallId
    tier: int
    by: str


@message
class RulesInForce:
    """Other rules hold now; `by` whom they were changed."""

    by: str


class OfferEnd(StrEnum):
    """How an offer ended that did not lead to talk."""

    UNANSWERED = "unanswered"
    REJECTED = "rejected"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@message
class OfferEnded:
    """The offer is over without talk. An accepted one is told by `CallConnected`."""

    offer: OfferId
    agent: AgentId
    how: OfferEnd


@message
class CallConnected:
    """Caller and agent talk; `waited_ms` counts from arrival, rings included."""

    call: CallId
    agent: AgentId
    group: GroupId
    waited_ms: int


@message
class CallFinished:
    """The call is over. `agent` is who talked last, `talked_ms` counts since then."""

    call: CallId
    group: GroupId | None
    agent: AgentId | None
    outcome: Outcome
    waited_ms: int
    talked_ms: int


class RefusalCode(StrEnum):
    """Why a request changed nothing."""

    UNKNOWN_AGENT = "unknown-agent"
    NOT_NOW = "not-now"
    UNKNOWN_REASON = "unknown-reason"
    NO_CALL = "no-call"
    UNKNOWN_CALL = "unknown-call"
    UNKNOWN_GROUP = "unknown-group"


@message
class Refused:
    """The event just handled was a request that changed nothing; `detail` says why and what would be possible.

    `agent` is empty when it was about a call.
    """

    agent: AgentId
    code: RefusalCode
    detail: str


Notice = (
    PbxChanged
    | RulesInForce
    | AgentChanged
    | CallQueued
    | CallMoved
    | CallSent
    | StepTaken
    | TierChanged
    | OfferEnded
    | CallConnected
    | CallFinished
    | Refused
)
