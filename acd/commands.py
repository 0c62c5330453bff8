"""What we ask of the PBX, in the imperative.

Every command has an end that the adapter tells by an event, within a time of the adapter's own:

    OfferCall      -> OfferAccepted | OfferFailed | CallerLeft
    WithdrawOffer  -> nothing: what comes late for the offer is ignored
    KeepWaiting    -> nothing | CallerLeft
    ReleaseCall    -> CallerLeft
    RefuseCall     -> nothing: the call was never ours
"""

from enum import StrEnum

from acd.ids import AgentId, CallId, GroupId, OfferId
from acd.messages import message


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


@message
class RefuseCall:
    """The call can't be taken: let the dialplan go on after the ACD."""

    call: CallId
    cause: RefusalCause
    detail: str


Command = OfferCall | WithdrawOffer | KeepWaiting | ReleaseCall | RefuseCall
