"""What happened outside, in the past tense: everything that the core ever hears.

The PBX tells of calls and offers, the agents' clients of requests, supervisors of forced changes, and the clock of
a deadline. Each is answered by commands (:mod:`acd.commands`) and notices (:mod:`acd.notices`).
"""

from enum import StrEnum

from acd.ids import AgentId, CallId, GroupId, Instant, OfferId
from acd.messages import message
from acd.rules import RulesChange
from acd.skills import Needs

# --- from the PBX ---------------------------------------------------------------------------------------------


@message
class PbxFound:
    """The PBX can be driven: what it holds has just been told by other events, and commands reach it from now."""


@message
class PbxLost:
    """The PBX can't be driven or heard, and `why`. Calls go on in it; nothing is offered until `PbxFound`."""

    why: str = ""


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


AgentRequest = LoggedIn | LogOutAsked | ReadyAsked | NotReadyAsked | ReleaseAsked | ClientLost
Forced = ForcedReady | ForcedNotReady | ForcedLogOut | ForcedRelease | ForcedTier | ForcedMove
CallerEvent = CallArrived | CallerLeft | SentElsewhere | SendingFailed | CallbackAccepted
PbxEvent = PbxFound | PbxLost | CallerEvent | OfferAccepted | OfferFailed | PhoneLeft
Event = PbxEvent | AgentRequest | Forced | RulesChanged | DeadlineReached
