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
    TellPosition   -> nothing
    AnswerOffer    -> nothing: what the phone does is told as always
    HoldCall       -> nothing
    ResumeCall     -> nothing | PhoneLeft | CallerLeft
    BeginConsult   -> nothing | with a number: NumberAnswered | NumberFailed
    Confer         -> nothing
    ConnectCall    -> nothing | PhoneLeft | CallerLeft
    LeaveWith      -> SentElsewhere | SendingFailed | CallerLeft
    SendDigits     -> nothing
    StartMonitor   -> MonitorStarted | MonitorEnded (mode intercept: Intercepted | MonitorEnded)
    ChangeMonitor  -> nothing (mode intercept: Intercepted | MonitorEnded)
    EndMonitor     -> MonitorEnded
    Record         -> RecordingStarted | RecordingFailed (pause, resume, stop: nothing | RecordingFailed)

What has two parties in a talk counts for whoever is there: the end of any party at any moment is told as always.
HoldCall, ResumeCall, BeginConsult and Confer ask for an arrangement; where it is there already nothing happens.
"""

from enum import StrEnum

from acd.events import MonitorMode, RecordingWord
from acd.ids import AgentId, CallId, GroupId, MonitorId, OfferId
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
    """The number to dial once the agent has answered, for a caller who isn't there: a callback, an outgoing call.

    OfferAccepted is told when the agent has answered; then NumberAnswered, or NumberFailed and the call is over.
    """
    confirm: bool = False
    """Whether the phone, answered, counts as ringing until 1 is pressed there."""

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


@message
class TellPosition:
    """Tell the waiting caller how many are served before, plus one; then the music again, as by `PlayPrompt`."""

    call: CallId
    position: int


# --- talks ------------------------------------------------------------------------------------------------------------


@message
class AnswerOffer:
    """Let the agent's phone, which rings, answer by itself."""

    offer: OfferId


@message
class HoldCall:
    """The caller hears music; the agent's phone of `offer` hears nothing, and stays."""

    call: CallId
    offer: OfferId


@message
class ResumeCall:
    """Caller and agent's phone hear each other again. A consult of theirs is over, its other parties are let go."""

    call: CallId
    offer: OfferId


@message
class BeginConsult:
    """The caller of `call` hears music, and the agent's phone of `offer` becomes the caller of `consult`.

    With a `number` that is dialled for it, for at most `ring_ms`, and shown `caller_number`; without, it waits to be
    offered. The end of the phone is told by PhoneLeft of `offer` alone, that of the number by CallerLeft of `consult`.
    """

    call: CallId
    offer: OfferId
    consult: CallId
    number: str = ""
    caller_number: str = ""
    ring_ms: int = 0


@message
class Confer:
    """Caller, agent's phone and the party of `consult`, who talks with the phone, all hear each other."""

    call: CallId
    offer: OfferId
    consult: CallId


@message
class ConnectCall:
    """The caller goes to the phone that talks in `consult` by its offer `was`: from now it is that of `offer`.

    The first agent's phone is let go, and `consult` is over; neither is told.
    """

    call: CallId
    offer: OfferId
    consult: CallId
    was: OfferId


@message
class LeaveWith:
    """The caller goes to the number that talks in `consult`, and both are ours no more; the agent's phone is let go."""

    call: CallId
    consult: CallId


@message
class SendDigits:
    """Play touch tones (0-9 * # A-D) to the caller of `call`."""

    call: CallId
    digits: str


# --- supervision and recording ----------------------------------------------------------------------------------------


@message
class StartMonitor:
    """Ring the supervisor's `device`; when it answers it takes part in the talk of the agent's phone of `offer`."""

    monitor: MonitorId
    offer: OfferId
    device: str
    mode: MonitorMode
    ring_ms: int


@message
class ChangeMonitor:
    """From now the supervisor's phone takes part in another way."""

    monitor: MonitorId
    mode: MonitorMode


@message
class EndMonitor:
    """Let the supervisor's phone go, or ring no more."""

    monitor: MonitorId


@message
class Record:
    """Begin, pause, resume or end the recording of the call; agent and group for the file's name."""

    call: CallId
    word: RecordingWord
    group: GroupId
    agent: AgentId


TalkCommand = AnswerOffer | HoldCall | ResumeCall | BeginConsult | Confer | ConnectCall | LeaveWith | SendDigits
SupervisionCommand = StartMonitor | ChangeMonitor | EndMonitor | Record

Command = (
    OfferCall
    | WithdrawOffer
    | KeepWaiting
    | ReleaseCall
    | RefuseCall
    | SendElsewhere
    | PlayPrompt
    | OfferCallback
    | TellPosition
    | TalkCommand
    | SupervisionCommand
)
