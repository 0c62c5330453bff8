"""The log of what became of calls and agents: one line a fact, ids as fields."""

from dataclasses import fields

import structlog

from acd.commands import RefuseCall
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, OfferEnded, PbxChanged, Refused
from acd.owner import Step
from acd.router import Output

WORDS: dict[type, str] = {
    AgentChanged: "agent changed",
    CallQueued: "call waits",
    OfferEnded: "offer ended",
    CallConnected: "call connected",
    CallFinished: "call finished",
    PbxChanged: "PBX changed",
    RefuseCall: "call refused",
    Refused: "request refused",
}
log = structlog.get_logger()


class Telltale:
    """A watcher that logs."""

    def watch(self, outputs: Output, _step: Step) -> None:
        for output in outputs:
            word = WORDS.get(type(output))
            if word is not None:
                log.info(word, **{each.name: _plain(getattr(output, each.name)) for each in fields(output)})


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int) else str(value)
