"""What agents and supervisors ask about a talk (docs/call-control.md), and what each request means to the core."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, PlainSerializer, PlainValidator

from acd import events as ev
from acd.destinations import destination
from acd.ids import AgentId, GroupId
from acd.protocol.wire import RequestId, Wire, Word
from acd.rules import Destination, DestinationKind

NUMBER_MAX, DIGITS_MAX = 40, 32
CONSULTED = (DestinationKind.AGENT, DestinationKind.GROUP, DestinationKind.NUMBER)
TRANSFERRED = (*CONSULTED, DestinationKind.ENTRY, DestinationKind.VOICEMAIL)
"""The kinds of places that a consult, and a transfer, may go to."""


def _one_of(kinds: tuple[DestinationKind, ...]) -> Callable[[object], Destination]:
    def place(value: object) -> Destination:
        found = destination(value, kinds)
        if found.kind is DestinationKind.NUMBER:
            _number(found.name)
        return found

    return place


def _made_of(characters: str, most: int, shown: str) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if not re.fullmatch(f"[{characters}]{{1,{most}}}", value):
            raise ValueError(f"Input should be 1 to {most} of {shown}")
        return value

    return checked


_number = _made_of("0-9+*#", NUMBER_MAX, "0-9 + * #")
_digits = _made_of("0-9*#A-D", DIGITS_MAX, "0-9 * # A-D")

Number = Annotated[str, AfterValidator(_number)]
Digits = Annotated[str, AfterValidator(_digits)]
ConsultTo = Annotated[Destination, PlainValidator(_one_of(CONSULTED)), PlainSerializer(str)]
TransferTo = Annotated[Destination, PlainValidator(_one_of(TRANSFERRED)), PlainSerializer(str)]


# --- the agent --------------------------------------------------------------------------------------------------------


class AnswerCall(Wire):
    """Take the call that rings, by the client instead of the phone's own key."""

    type: Literal["answer"]
    id: RequestId


class Hold(Wire):
    type: Literal["hold"]
    id: RequestId


class Retrieve(Wire):
    type: Literal["retrieve"]
    id: RequestId


class Consult(Wire):
    """Talk with an agent, whoever serves a group, or a number, while the caller hears music."""

    type: Literal["consult"]
    id: RequestId
    to: ConsultTo


class Reconnect(Wire):
    """Let the consulted party go, and talk with the caller again."""

    type: Literal["reconnect"]
    id: RequestId


class Conference(Wire):
    type: Literal["conference"]
    id: RequestId


class Transfer(Wire):
    """Give the caller to the consulted party, or without a consult `to` somebody else."""

    type: Literal["transfer"]
    id: RequestId
    to: TransferTo | None = None


class Dial(Wire):
    type: Literal["dial"]
    id: RequestId
    number: Number
    group: Word | None = None


class SendDigits(Wire):
    type: Literal["digits"]
    id: RequestId
    digits: Digits


class Record(Wire):
    type: Literal["record"]
    id: RequestId
    word: Literal["start", "pause", "resume", "stop"]


TalkRequest = AnswerCall | Hold | Retrieve | Consult | Reconnect | Conference | Transfer | Dial | SendDigits | Record

_TALK_EVENTS: dict[type, Callable[[Any, AgentId], ev.TalkRequest]] = {
    AnswerCall: lambda _, agent: ev.AnswerAsked(agent),
    Hold: lambda _, agent: ev.HoldAsked(agent),
    Retrieve: lambda _, agent: ev.RetrieveAsked(agent),
    Consult: lambda asked, agent: ev.ConsultAsked(agent, asked.to),
    Reconnect: lambda _, agent: ev.ReconnectAsked(agent),
    Conference: lambda _, agent: ev.ConferenceAsked(agent),
    Transfer: lambda asked, agent: ev.TransferAsked(agent, asked.to),
    Dial: lambda asked, agent: ev.DialAsked(agent, asked.number, _group(asked.group)),
    SendDigits: lambda asked, agent: ev.DigitsAsked(agent, asked.digits),
    Record: lambda asked, agent: ev.RecordingAsked(agent, ev.RecordingWord(asked.word)),
}


def _group(name: str | None) -> GroupId | None:
    return GroupId(name) if name else None


def talk_event(request: TalkRequest, agent: AgentId) -> ev.TalkRequest:
    """What an agent's request about a talk means to the core."""
    return _TALK_EVENTS[type(request)](request, agent)


# --- the supervisor ---------------------------------------------------------------------------------------------------


class Monitor(Wire):
    """Take part in the agent's talk; asked again, in another way."""

    type: Literal["monitor"]
    id: RequestId
    agent: Word
    mode: Literal["listen", "whisper", "barge", "intercept"]


class EndMonitor(Wire):
    type: Literal["end_monitor"]
    id: RequestId


MonitorRequest = Monitor | EndMonitor


def monitor_event(request: MonitorRequest, by: str) -> ev.MonitorRequest:
    """What a supervisor's request about a talk means to the core."""
    if isinstance(request, EndMonitor):
        return ev.MonitorEndAsked(by)
    return ev.MonitorAsked(AgentId(request.agent), ev.MonitorMode(request.mode), by)
