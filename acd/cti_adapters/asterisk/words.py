"""AMI's words to facts: what Asterisk's messages say, as values. Tables, pure.

Genuine is what a caller can't forge: our UserEvents carry the token that this run gave Asterisk, everything else an
ActionID that begins with this run's name, or tells of a channel that does. All are random. Only `DeviceChanged` has
nothing of that kind: it is a mere hint.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import unquote

from acd.cti_adapters.asterisk.ami import MANY, Message, clean
from acd.events import CallArrived, MonitorMode, OfferFailure
from acd.ids import AgentId, CallId, GroupId, Instant, SkillId
from acd.rules import Destination, DestinationKind
from acd.skills import Needs, normalized

WANTED_EVENTS = frozenset({
    "UserEvent", "OriginateResponse", "HangupRequest", "DeviceStateChange", "Status", "StatusComplete",
})  # fmt: skip
DEVICE, DEVICES = "device", "devices"
"""The verbs in the answers to the questions how a device is, and how all are."""
NO_CHANNEL = ("No such channel", "Channel does not exist")
LEG_PREFIX, NUMBER_PREFIX = "acd-", "acdn-"
"""With what the channels begin that we dial: agents' phones, and numbers outside, which play callers."""
AGENT_WAIT_MS = 30_000
"""How long a personal agent is waited for if the dialplan doesn't say."""

# --- what Asterisk tells ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Announced:
    """A caller waits, and says so for the first time or (`again`) as every 30 s."""

    arrival: CallArrived
    again: bool
    channel: str = ""
    """The caller's, which has a name of ours where a number that we dialled plays the caller."""


@dataclass(frozen=True, slots=True)
class CallerGone:
    call: CallId


@dataclass(frozen=True, slots=True)
class Talking:
    """The caller goes to the answered leg; the bridge is a matter of microseconds."""

    leg: str
    call: CallId


@dataclass(frozen=True, slots=True)
class AfterTalk:
    """The caller was left by the phone and awaits a decision."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The caller has been sent elsewhere and is ours no more."""

    call: CallId


@dataclass(frozen=True, slots=True)
class Stays:
    """The caller can't be sent elsewhere, for there is no such place, and goes back to the line."""

    call: CallId


@dataclass(frozen=True, slots=True)
class PhoneGone:
    """The leg's channel is gone."""

    leg: str
    cause: int
    unconfirmed: bool = False
    """Whether it should have been confirmed by a key, and wasn't."""


@dataclass(frozen=True, slots=True)
class HangsUp:
    """The leg's phone has said that it hangs up: `PhoneGone` follows at once, unless Asterisk has lost it."""

    leg: str


@dataclass(frozen=True, slots=True)
class Dialled:
    """How the ringing ended, as far as Originate knows."""

    leg: str
    answered: bool
    timed_out: bool
    busy: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to an action of ours."""

    verb: str
    target: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Surveyed:
    """One channel of ours as it is now: a caller's or, with `call` its caller's, a leg's."""

    channel: str
    context: str
    call: CallId
    bridged: bool
    talk: str
    """The leg that claimed this caller."""
    arrival: CallArrived | None
    """Given for callers."""
    elsewhere: bool = False
    """Whether this caller has been sent elsewhere."""
    device: str = ""
    """What the channel is on."""
    offer: int = 0
    """The number of the offer for which this leg was dialled."""
    agent: str = ""
    """Whose phone this leg is."""
    talk_offer: int = 0
    """The number of the offer of the leg in `talk`; 0: unknown."""
    talk_since: Instant | None = None
    """When this caller's talk began."""
    consult: CallId | None = None
    """The consult whose caller this leg is."""
    recording: str = ""
    """The file in which this caller is recorded, or was; and the recorder that runs."""
    recorder: str = ""


@dataclass(frozen=True, slots=True)
class SurveyOver:
    pass


@dataclass(frozen=True, slots=True)
class Watching:
    """The supervisor's phone has answered, or has been sent to another way of taking part: from now it is so."""

    leg: str
    mode: MonitorMode


@dataclass(frozen=True, slots=True)
class Recorded:
    """The caller is recorded from now; without a `recorder` it isn't."""

    call: CallId
    recorder: str
    path: str
    is_written: bool
    """Whether the file is there."""


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    """A phone, or whatever else is called so, is in another state, or somebody wants us to believe so."""

    device: str
    state: str


@dataclass(frozen=True, slots=True)
class DeviceIs:
    """The answer to a question of ours."""

    device: str
    state: str


Fact = (
    Announced
    | CallerGone
    | Talking
    | AfterTalk
    | Elsewhere
    | Stays
    | PhoneGone
    | HangsUp
    | Dialled
    | Answer
    | Surveyed
    | SurveyOver
    | Watching
    | Recorded
    | DeviceChanged
    | DeviceIs
)


class Reader:
    """Messages to facts, for one run's name and token."""

    def __init__(self, run: str, token: str) -> None:
        self._token = token
        self._action_prefix = f"{run}/"
        self._dialled = tuple(f"{prefix}{run}-" for prefix in (LEG_PREFIX, NUMBER_PREFIX))
        self.adopted: frozenset[str] = frozenset()
        """Legs of an earlier life that are known: nobody else knows their names, either."""

    def is_answer(self, message: Message) -> bool:
        """Whether it answers an action of this run's."""
        return message.get("ActionID", "").startswith((self._action_prefix, *self._dialled))

    def fact(self, message: Message) -> Fact | None:
        """What `message` says; None if it isn't for us, or not genuine."""
        event = message.get("Event")
        if event == "UserEvent":
            read = USER_EVENTS.get(message.get("UserEvent", ""))
            return read(message) if read and message.get("Token") == self._token else None
        if event == "HangupRequest":
            return HangsUp(message["Uniqueid"])
        action_id = message.get("ActionID", "")
        if event == "DeviceStateChange":
            is_answer = action_id.startswith(self._action_prefix)
            return (DeviceIs if is_answer else DeviceChanged)(message["Device"], message["State"])
        if action_id.startswith(self._dialled) or action_id in self.adopted:
            return _dialled(message) if event else _answer("originate", action_id, message)
        return _asked_for(event, message) if action_id.startswith(self._action_prefix) else None


def _asked_for(event: str | None, message: Message) -> Fact | None:
    """What answers an action of this run's."""
    if event is None:
        _, verb, target = message["ActionID"].split("/", 2)
        if verb == DEVICE and "Value" in message:
            return DeviceIs(target, message["Value"])
        return _answer(verb, target, message)
    if event == "Status":
        return _surveyed(message)
    return SurveyOver() if event == "StatusComplete" else None


def _announced(message: Message) -> Announced:
    facts = {key: unquote(value) if "%" in value else value for key, value in message.items()}
    again = message.get("Round", "") not in ("", "0")
    return Announced(_arrival(facts), again, message.get("Uniqueid", ""))


def _arrival(facts: Message) -> CallArrived:
    return CallArrived(
        call=CallId(facts["Call"]),
        entry=clean(facts.get("Entry", "")),
        caller_number=clean(facts.get("Number", "")),
        caller_name=clean(facts.get("Name", "")),
        group=GroupId(facts["Group"]) if facts.get("Group") else None,
        needs=needs_of(facts.get("Needs", "")),
        tier=number(facts.get("Tier", "")),
        credit_ms=number(facts.get("Credit", "")) * 1000,
        waiting_since=Instant(number(facts["Since"])) if facts.get("Since") else None,
        agent=AgentId(facts["Agent"]) if facts.get("Agent") else None,
        agent_wait_ms=number(facts["AgentWait"]) * 1000 if facts.get("AgentWait") else AGENT_WAIT_MS,
    )


def number(text: str) -> int:
    """`text` as a whole number; 0 if it is none: a slip in somebody's dialplan must not lose the call."""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 16 else 0


def needs_of(text: str) -> Needs:
    """`skill:level,skill:level` as needs; what isn't of that form is left out."""
    pairs = [need.strip().rpartition(":") for need in text.split(",")]
    levels = {SkillId(skill): number(level) for skill, _, level in pairs if skill}
    return normalized({skill: level for skill, level in levels.items() if 1 <= level <= 10})


def _phone_gone(message: Message) -> PhoneGone:
    return PhoneGone(message["Leg"], number(message.get("Cause", "")), bool(message.get("Unconfirmed")))


def _recorded(message: Message) -> Recorded:
    path, is_written = unquote(message["Path"]), message["There"] != "0"
    return Recorded(CallId(message["Call"]), message["Recorder"], path, is_written)


USER_EVENTS: dict[str, Callable[[Message], Fact]] = {
    "ACDWait": _announced,
    "ACDGone": lambda m: CallerGone(CallId(m["Call"])),
    "ACDTalk": lambda m: Talking(m["Leg"], CallId(m["Call"])),
    "ACDAfter": lambda m: AfterTalk(CallId(m["Call"])),
    "ACDElsewhere": lambda m: Elsewhere(CallId(m["Call"])),
    "ACDStay": lambda m: Stays(CallId(m["Call"])),
    "ACDPhone": _phone_gone,
    "ACDMonitor": lambda m: Watching(m["Leg"], MonitorMode(m["Mode"])),
    "ACDRecord": _recorded,
}

TIMED_OUT, BUSY = "3", "5"


def _dialled(message: Message) -> Dialled:
    reason = message.get("Reason")
    return Dialled(message["ActionID"], message.get("Response") == "Success", reason == TIMED_OUT, reason == BUSY)


def _answer(verb: str, target: str, message: Message) -> Answer:
    return Answer(verb, target, message.get("Response") == "Success", message.get("Message", ""))


SURVEY_VARIABLES = {
    "ACD_CALL_ID": "Call",
    "ACD_ENTRY": "Entry",
    "ACD_GROUP": "Group",
    "ACD_NEEDS": "Needs",
    "ACD_TIER": "Tier",
    "ACD_CREDIT": "Credit",
    "ACD_AGENT": "Agent",
    "ACD_AGENT_WAIT": "AgentWait",
    "ACD_ENQUEUED_AT": "Since",
    "ACD_TALK": "Talk",
    "ACD_ELSEWHERE": "Elsewhere",
    "ACD_CALLER": "Caller",
    "ACD_OFFER": "Offer",
    "ACD_TALK_OFFER": "TalkOffer",
    "ACD_TALK_SINCE": "TalkSince",
    "ACD_RECORDING": "Recording",
    "ACD_RECORDER": "Recorder",
}
UNSET = ("(null)", "<unknown>")


def _surveyed(message: Message) -> Surveyed | None:
    """None for a channel that is none of ours."""
    pairs = (line.partition("=") for line in message.get("Variable", "").split(MANY))
    facts = {SURVEY_VARIABLES[name]: "" if value in UNSET else value for name, _, value in pairs}
    channel = message["Uniqueid"]
    is_caller = facts["Call"] == channel or (facts["Call"] and channel.startswith(NUMBER_PREFIX))
    if not is_caller and not channel.startswith((LEG_PREFIX, NUMBER_PREFIX)):
        return None
    for header, name in (("CallerIDNum", "Number"), ("CallerIDName", "Name")):
        facts[name] = "" if message[header] in UNSET else message[header]
    return Surveyed(
        channel=channel,
        context=message["Context"],
        call=CallId(facts["Call"] if is_caller else facts["Caller"]),
        bridged=bool(message.get("BridgeID")),
        talk=facts["Talk"],
        arrival=_arrival(facts) if is_caller else None,
        elsewhere=bool(facts["Elsewhere"]),
        device=message.get("Channel", "").rpartition("-")[0],
        offer=number(facts["Offer"]),
        agent="" if is_caller else unquote(facts["Agent"]),
        talk_offer=number(facts["TalkOffer"]),
        talk_since=Instant(number(facts["TalkSince"])) if facts["TalkSince"] else None,
        consult=CallId(facts["Call"]) if facts["Call"] and not is_caller else None,
        recording=facts["Recording"],
        recorder=facts["Recorder"],
    )


def fresh(arrival: CallArrived) -> CallArrived:
    """`arrival` of a call that begins now: the core's own clock tells since when it waits."""
    return replace(arrival, waiting_since=None)


# --- why an offer failed ------------------------------------------------------------------------------------------

LOST_SOUND = 44
"""The hangup cause of a phone from which no sound came for `rtp_timeout`."""
FAILURES = {17: OfferFailure.BUSY, 21: OfferFailure.REJECTED}
"""By hangup cause: 486 and 603. The others (480, 404, 503...) say that the phone can't be reached."""


def is_over(dialled: Dialled | None, gone: PhoneGone | None) -> bool:
    """Whether the leg's channel is known to be gone, or never to have been."""
    return gone is not None or (dialled is not None and not dialled.answered)


def failure(dialled: Dialled | None, gone: PhoneGone | None) -> OfferFailure:
    """Why the leg didn't lead to talk, from what is known of it."""
    if dialled and dialled.timed_out:
        return OfferFailure.UNANSWERED
    if dialled and dialled.answered:  # it was picked up and put down before the bridge
        return OfferFailure.UNANSWERED if gone and gone.unconfirmed else OfferFailure.REJECTED
    if dialled and dialled.busy:  # heard as a tone, in a dialplan that doesn't hang up
        return OfferFailure.BUSY
    return FAILURES.get(gone.cause, OfferFailure.UNREACHABLE) if gone else OfferFailure.UNREACHABLE


# --- why a caller could not be sent elsewhere -----------------------------------------------------------------------

_PLACES = {
    DestinationKind.NUMBER: (
        re.compile(r"[0-9+*#]+"),
        "extensions.conf has no extension for {name} in a context acd-outside-own: add `[acd-outside-own]` with a line "
        "such as `exten => _X.,1,Dial(PJSIP/${{EXTEN}}@your-trunk)`",
    ),
    DestinationKind.VOICEMAIL: (
        re.compile(r"[A-Za-z0-9_./-]+"),
        "there is no mailbox {name}: neither an extension {name} in a context acd-voicemail-own of extensions.conf nor "
        "a box {name} in [default] of voicemail.conf (with app_voicemail loaded)",
    ),
    DestinationKind.HANG_UP: (re.compile(""), "the call can't be hung up"),
}
"""What the dialplan knows beside our line: how its names look, and what is amiss where it has no such place."""


def is_place(to: Destination) -> bool:
    """Whether the dialplan knows such places. Signs of any other kind could mean something to it."""
    return to.kind in _PLACES and _PLACES[to.kind][0].fullmatch(to.name) is not None


def no_such_place(to: Destination) -> str:
    """What the user has to add for `to`."""
    return _PLACES[to.kind][1].format(name=to.name) if to.kind in _PLACES else f"{to} isn't outside"


SENT_NOWHERE = "Asterisk hasn't moved the call"
