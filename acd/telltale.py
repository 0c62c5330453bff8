"""The log of what became of calls and agents: one line a fact, ids as fields."""

from dataclasses import fields

import structlog

from acd.commands import RefuseCall
from acd.notices import (
    AgentChanged,
    CallConnected,
    CallDialled,
    CallFinished,
    CallIntercepted,
    CallMoved,
    CallQueued,
    CallSent,
    CallTransferred,
    MonitorChanged,
    OfferEnded,
    PbxChanged,
    RecordingChanged,
    Refused,
    RulesInForce,
    StepTaken,
    TalkChanged,
    TierChanged,
)
from acd.owner import Step
from acd.router import Output

WORDS: dict[type, str] = {
    AgentChanged: "agent changed",
    CallQueued: "call waits",
    StepTaken: "overflow step taken",
    TierChanged: "tier changed",
    CallMoved: "call moved",
    CallSent: "call sent elsewhere",
    OfferEnded: "offer ended",
    CallConnected: "call connected",
    CallFinished: "call finished",
    TalkChanged: "talk changed",
    CallDialled: "call dialled",
    CallTransferred: "call transferred",
    CallIntercepted: "call intercepted",
    MonitorChanged: "monitor changed",
    RecordingChanged: "recording changed",
    PbxChanged: "PBX changed",
    RulesInForce: "rules in force",
    RefuseCall: "call refused",
    Refused: "request refused",
}
FIELDS: dict[type, tuple[str, ...]] = {kind: tuple(each.name for each in fields(kind)) for kind in WORDS}
log = structlog.get_logger()


class Telltale:
    """A watcher that logs."""

    def watch(self, outputs: Output, _step: Step) -> None:
        for output in outputs:
            kind = type(output)
            if kind in WORDS:
                log.info(WORDS[kind], **{name: _plain(getattr(output, name)) for name in FIELDS[kind]})


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int) else str(value)
