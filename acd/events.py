"""What happened outside, in the past tense: everything that the core ever hears.

The PBX tells of calls and offers, the agents' clients of requests, supervisors of forced changes, and the clock of
a deadline. Each is answered by commands (:mod:`acd.commands`) and notices (:mod:`acd.notices`).
"""

from enum import StrEnum

from acd.ids import AgentId, CallId, GroupId, Instant, MonitorId, OfferId
from acd.messages import message
from acd.rules import Destination, RulesChange
from acd.skills import Needs

# --- from the PBX ---------------------------------------------------------------------------------------------


@message
class PbxFound:
    """The PBX can be driven: what it holds has just been told by other events, and commands reach it from now."""

    pbx: str = ""
    """Its name, where there are several; so in all that follows."""


@message
class PbxLost:
    """The PBX can't be driven or heard, and `why`. Calls go on in it; nothing is offered until `PbxFound`."""

    why: str = ""
    pbx: str = ""


@message
class CallArrived:
    """A caller entered, or (after an absence of ours) is found waiting. Telling of a known call changes nothing.

    `group` given by the dialplan beats the one of the entry point; `needs` come on top of the group's; of tier
    and credit the highest of dialplan, entry point and VIP class counts. `waiting_since` is given for a caller
    who waited already while we were away. `agent` is a personal agent, waited for `agent_wait_ms`.
    """

    call: CallId
    entry: str
    caller_number: str = ""
    caller_name: str = ""
    group: GroupId | None = None
    needs: Needs = ()
    tier: int = 0
    credit_ms: int = 0
    waiting_since: Instant | None = None
    agent: AgentId | None = None
    agent_wait_ms: int = 30_000
    pbx: str = ""


@message
class CallerLeft:
    """The caller's side of the call is gone, whatever stage it was in."""

    call: CallId


@message
class SentElsewhere:
    """The caller has been sent where `SendElsewhere` said, and is no longer ours."""

    call: CallId


@message
class SendingFailed:
    """The caller could not be sent elsewhere, for the reason `why`, and still hears the music."""

    call: CallId
    why: str = ""


@message
class CallbackAccepted:
    """The caller wants to be called back at `number`, and has hung up or will.

    From now the PBX keeps the call without a caller: it waits, is offered with that number, and ends by `CallerLeft`.
    """

    call: CallId
    number: str


@message
class OfferAccepted:
    """The agent's phone answered, and the PBX has connected it with the caller."""

    offer: OfferId


class OfferFailure(StrEnum):
    """Why an offer did not lead to talk, told apart by the PBX."""

    UNANSWERED = "unanswered"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@message
class OfferFailed:
    """The agent's phone can't or won't take the offer; the caller still waits."""

    offer: OfferId
    why: OfferFailure


@message
class PhoneLeft:
    """The agent's phone left the conversation while the caller stayed.

    `lost` tells a phone that died (no more sound from it) from one that hung up.
    """

    offer: OfferId
    lost: bool = False


@message
class TalkFound:
    """After an absence of ours a caller is found in talk with an agent. Telling of a known talk changes nothing.

    `offer` is the one that led to it; `since` when it began.
    """

    arrival: CallArrived
    offer: OfferId
    agent: AgentId
    since: Instant


@message
class NumberAnswered:
    """The number dialled for the consult, the outgoing call or the callback `call` has answered, and is connected."""

    call: CallId


@message
class NumberFailed:
    """The number dialled for `call` can't or won't answer: the call is over in the PBX."""

    call: CallId
    why: OfferFailure


@message
class Intercepted:
    """The caller talks with the supervisor's phone of `monitor` now, and the agent's phone has been let go."""

    monitor: MonitorId


@message
class MonitorStarted:
    """The supervisor's phone has answered, and hears."""

    monitor: MonitorId


@message
class MonitorEnded:
    """The supervisor's phone is gone, or (`why`) never came."""

    monitor: MonitorId
    why: OfferFailure | None = None


@message
class RecordingStarted:
    """The call is recorded from now, in the file `path` on the PBX's machine."""

    call: CallId
    path: str


@message
class RecordingFailed:
    """The recording can't be begun, paused or ended as asked, for the reason `why`."""

    call: CallId
    why: str


class PhoneState(StrEnum):
    """Whether an agent's phone can be rung, as far as the PBX sees it."""

    FREE = "free"
    BUSY = "busy"
    """With a call that isn't ours."""
    UNREACHABLE = "unreachable"


@message
class PhoneChanged:
    """The phone of an agent can be rung, or can't be, from now. Before the first word it is taken for free."""

    agent: AgentId
    state: PhoneState


# --- from the agents' clients ---------------------------------------------------------------------------------


@message
class LoggedIn:
    """A client proved to be this agent's; for an agent logged in already, the client has come back."""

    agent: AgentId


@message
class LogOutAsked:
    agent: AgentId


@message
class ReadyAsked:
    """Ready now; in wrap-up: wrap-up is done; in a call: ready after it."""

    agent: AgentId


@message
class NotReadyAsked:
    agent: AgentId
    reason: str


@message
class ReleaseAsked:
    """The agent ends the present call, or rejects the one that rings."""

    agent: AgentId


@message
class ClientLost:
    """The agent's client is gone without logging out; the call, if any, goes on."""

    agent: AgentId


@message
class AnswerAsked:
    """The agent takes the call that rings, by the client instead of the phone's own key."""

    agent: AgentId


@message
class HoldAsked:
    """Let the caller hear music."""

    agent: AgentId


@message
class RetrieveAsked:
    """Talk with the caller on hold again."""

    agent: AgentId


@message
class ConsultAsked:
    """Let the caller hear music and talk with somebody else: an agent, whoever serves a group, a number outside."""

    agent: AgentId
    to: Destination


@message
class ReconnectAsked:
    """End the consult, or let its party leave the conference, and talk with the caller again."""

    agent: AgentId


@message
class ConferenceAsked:
    """Let caller, agent and consulted party hear each other."""

    agent: AgentId


@message
class TransferAsked:
    """Give the caller to the consulted party (`to` is None), or without a consult to somebody else."""

    agent: AgentId
    to: Destination | None = None


@message
class DialAsked:
    """Call `number`. The call counts as one of `group`; None: of the first group that the agent may serve."""

    agent: AgentId
    number: str
    group: GroupId | None = None


@message
class DigitsAsked:
    """Send touch tones to whom the agent talks with."""

    agent: AgentId
    digits: str


class RecordingWord(StrEnum):
    """What may be asked of a recording."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


@message
class RecordingAsked:
    agent: AgentId
    word: RecordingWord


# --- from supervisors -----------------------------------------------------------------------------------------


@message
class ForcedReady:
    agent: AgentId
    by: str


@message
class ForcedNotReady:
    agent: AgentId
    by: str


@message
class ForcedLogOut:
    """Log the agent out; `release` ends the present call or offer too instead of waiting for its end."""

    agent: AgentId
    by: str
    release: bool = False


@message
class ForcedRelease:
    """End the agent's present call; a call that rings goes on to another agent."""

    agent: AgentId
    by: str


@message
class ForcedTier:
    """Serve this waiting call with another tier."""

    call: CallId
    tier: int
    by: str


@message
class ForcedMove:
    """Let this waiting call wait in another group."""

    call: CallId
    group: GroupId
    by: str


class MonitorMode(StrEnum):
    """How a supervisor takes part in an agent's talk."""

    LISTEN = "listen"
    WHISPER = "whisper"
    """The agent alone hears the supervisor."""
    BARGE = "barge"
    """All hear the supervisor."""
    INTERCEPT = "intercept"
    """The supervisor takes the caller from the agent."""


@message
class MonitorAsked:
    """Let the supervisor's phone take part in the agent's talk; one that does so already does it in this way now."""

    agent: AgentId
    mode: MonitorMode
    by: str


@message
class MonitorEndAsked:
    """Let the supervisor's phone go."""

    by: str


# --- from the configuration -----------------------------------------------------------------------------------


@message
class RulesChanged:
    """From now other rules hold; `by` whom they were changed."""

    change: RulesChange
    by: str = ""


# --- from the clock -------------------------------------------------------------------------------------------


@message
class DeadlineReached:
    """Time has passed; calling early or twice is harmless."""


TalkRequest = (
    AnswerAsked
    | HoldAsked
    | RetrieveAsked
    | ConsultAsked
    | ReconnectAsked
    | ConferenceAsked
    | TransferAsked
    | DialAsked
    | DigitsAsked
    | RecordingAsked
)
MonitorRequest = MonitorAsked | MonitorEndAsked
AgentRequest = LoggedIn | LogOutAsked | ReadyAsked | NotReadyAsked | ReleaseAsked | ClientLost | TalkRequest
Forced = ForcedReady | ForcedNotReady | ForcedLogOut | ForcedRelease | ForcedTier | ForcedMove | MonitorRequest
CallerEvent = CallArrived | CallerLeft | SentElsewhere | SendingFailed | CallbackAccepted
OfferEvent = OfferAccepted | OfferFailed | PhoneLeft
TalkEvent = TalkFound | NumberAnswered | NumberFailed | RecordingStarted | RecordingFailed
MonitorEvent = MonitorStarted | MonitorEnded | Intercepted
PbxEvent = PbxFound | PbxLost | CallerEvent | OfferEvent | TalkEvent | MonitorEvent | PhoneChanged
Event = PbxEvent | AgentRequest | Forced | RulesChanged | DeadlineReached
