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
PLAIN = (str, int)
log = structlog.get_logger()


class Telltale:
    """A watcher that logs."""

    def __init__(self) -> None:
        self._say = log.bind().info  # asked for once: there are some ten lines a call

    def watch(self, outputs: Output, _step: Step) -> None:
        for output in outputs:
            words = WORDS.get(type(output))
            if words is not None:
                self._say(words, **_plain(output))


def _plain(output: object) -> dict[str, object]:
    """Its fields as JSON has them."""
    facts: dict[str, object] = {}
    for name in FIELDS[type(output)]:
        value = getattr(output, name)
        facts[name] = value if value is None or isinstance(value, PLAIN) else str(value)
    return facts
