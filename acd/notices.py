"""What became of it, for those who watch: clients, records, metrics and the log. Past tense; nothing waits for them."""

from enum import StrEnum

from acd.agents import AgentState, Pending
from acd.calls import CallKind, Cause, MonitorState, Outcome, RecordingState, Stage
from acd.events import MonitorMode, OfferFailure
from acd.ids import AgentId, CallId, GroupId, Instant, MonitorId, OfferId
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
    pbx: str = ""


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
    kind: CallKind = CallKind.INCOMING


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
    """Caller and agent talk; `waited_ms` counts from arrival, rings included.

    After a transfer by consult it is told again, of the second agent.
    """

    call: CallId
    agent: AgentId
    group: GroupId
    waited_ms: int
    kind: CallKind = CallKind.INCOMING


@message
class CallFinished:
    """The call is over. `agent` is who talked last; `talked_ms` is the caller's whole talk, whoever talked.

    It counts from the answer after which the caller didn't wait again.
    """

    call: CallId
    group: GroupId | None
    agent: AgentId | None
    outcome: Outcome
    waited_ms: int
    talked_ms: int
    kind: CallKind = CallKind.INCOMING
    recording: str = ""
    """The file in which it was recorded."""
    why: OfferFailure | None = None
    """Why the number of an outgoing call wasn't reached."""


@message
class CallDialled:
    """The agent calls `number`: an outgoing call. The agent's own phone rings first."""

    call: CallId
    agent: AgentId
    group: GroupId
    number: str


class ConsultEnd(StrEnum):
    """Why a consult is over, and the agent talks with the caller again."""

    RECONNECTED = "reconnected"
    """By the agent's word."""
    LEFT = "left"
    """The other party hung up."""
    UNANSWERED = "unanswered"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    NOBODY = "nobody"
    """Nobody who may serve the group is logged in any more."""


@message
class TalkChanged:
    """A talk is arranged otherwise from now. The rest is about the consult, where there is one.

    `consult` is its call, `to` who is asked; `answered` whether they talk; `party` the agent who talks, if it
    is one; `ended` why the consult that was there before is over, if the agent is back with the caller.
    """

    call: CallId
    agent: AgentId
    stage: Stage
    consult: CallId | None = None
    to: Destination | None = None
    answered: bool = False
    party: AgentId | None = None
    ended: ConsultEnd | None = None


@message
class CallTransferred:
    """`agent` gives the caller away; what becomes of the call is told next. `attended`: after a consult."""

    call: CallId
    agent: AgentId
    to: Destination
    attended: bool


@message
class CallIntercepted:
    """The supervisor `by` has taken the caller from `agent`."""

    call: CallId
    agent: AgentId
    by: str


@message
class MonitorChanged:
    """The phone of the supervisor `by` rings for, takes part in, or has left the talk of `agent`."""

    monitor: MonitorId
    by: str
    agent: AgentId
    call: CallId
    mode: MonitorMode
    state: MonitorState
    why: OfferFailure | None = None
    """Why the phone never came."""


@message
class RecordingChanged:
    """The call is recorded in `path`, or not for now, or not any more; `why` it can't be, where that is it."""

    call: CallId
    agent: AgentId | None
    state: RecordingState
    path: str = ""
    why: str = ""


class RefusalCode(StrEnum):
    """Why a request changed nothing."""

    UNKNOWN_AGENT = "unknown-agent"
    NOT_NOW = "not-now"
    UNKNOWN_REASON = "unknown-reason"
    NO_CALL = "no-call"
    UNKNOWN_CALL = "unknown-call"
    UNKNOWN_GROUP = "unknown-group"
    NOT_YOURS = "not-yours"
    """The agent or call belongs to none of the supervisor's groups."""
    NO_DEVICE = "no-device"
    """The supervisor has no phone in the configuration."""
    BAD_TARGET = "bad-target"
    """There is no such place, or it is no place for this."""


@message
class Refused:
    """The event just handled was a request that changed nothing; `detail` says why and what would be possible.

    `agent` is empty when it was about a call.
    """

    agent: AgentId
    code: RefusalCode
    detail: str


TalkNotice = TalkChanged | CallDialled | CallTransferred | CallIntercepted | MonitorChanged | RecordingChanged
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
    | TalkNotice
    | Refused
)
