"""What we ask of the PBX, in the imperative.

Every command has an end that the adapter tells by an event, within a time of the adapter's own:

    OfferCall      -> OfferAccepted | OfferFailed | CallerLeft
    WithdrawOffer  -> nothing: what comes late for the offer is ignored
    KeepWaiting    -> nothing | CallerLeft
    ReleaseCall    -> CallerLeft
    RefuseCall     -> nothing: the call was never ours
    SendElsewhere  -> SentElsewhere | SendingFailed | CallerLeft
    PlayPrompt     -> nothing
    OfferCallback  -> nothing | CallbackAccepted
"""

from enum import StrEnum

from acd.ids import AgentId, CallId, GroupId, OfferId
from acd.messages import message
from acd.rules import Destination


@message
class OfferCall:
    """Ring the agent's device, show the caller's number and name, connect them when it answers.

    The core withdraws the offer itself after `ring_ms`; the PBX's own limit must be later, as a safety net.
    """

    offer: OfferId
    agent: AgentId
    device: str
    group: GroupId
    entry: str
    caller_number: str
    caller_name: str
    waited_ms: int
    ring_ms: int
    callback: str = ""
    """The number to dial once the agent has answered, for a caller who waits without a line."""

    @property
    def call(self) -> CallId:
        return self.offer.call


@message
class WithdrawOffer:
    """Stop ringing, and never connect this offer, even if it is answered this moment."""

    offer: OfferId


@message
class KeepWaiting:
    """Give the caller, whose agent's phone is gone, back to the music."""

    call: CallId


@message
class ReleaseCall:
    """Hang up the caller, and with it whatever is connected to it."""

    call: CallId


class RefusalCause(StrEnum):
    """Why a call can't be taken at all."""

    UNKNOWN_ENTRY = "unknown-entry"
    UNKNOWN_GROUP = "unknown-group"
    CLOSED = "closed"
    HOLIDAY = "holiday"
    NO_AGENTS = "no-agents"
    FULL = "full"


@message
class RefuseCall:
    """The call can't be taken: let the dialplan go on after the ACD."""

    call: CallId
    cause: RefusalCause
    detail: str


@message
class SendElsewhere:
    """Let the caller leave us for a destination outside: a number, a voicemail box, or the end."""

    call: CallId
    to: Destination


@message
class PlayPrompt:
    """Let the waiting caller hear `prompt`, then the music again. The call keeps its place, and a ring goes on."""

    call: CallId
    prompt: str


@message
class OfferCallback:
    """Ask the waiting caller whether to be called back instead. The call keeps its place meanwhile."""

    call: CallId


Command = (
    OfferCall | WithdrawOffer | KeepWaiting | ReleaseCall | RefuseCall | SendElsewhere | PlayPrompt | OfferCallback
)
