"""Which talks are recorded. The PBX records, and says where; the file stays with the call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd.calls import Call, RecordingState
from acd.commands import Record
from acd.events import RecordingWord
from acd.notices import RecordingChanged
from acd.rules import RecordingRule

if TYPE_CHECKING:
    from acd.talks import Talks

ON, PAUSED, OFF = RecordingState

MAY: dict[RecordingWord, tuple[tuple[RecordingState | None, ...], RecordingState]] = {
    RecordingWord.START: ((None, OFF), ON),
    RecordingWord.PAUSE: ((ON,), PAUSED),
    RecordingWord.RESUME: ((PAUSED,), ON),
    RecordingWord.STOP: ((ON, PAUSED), OFF),
}
"""What may be asked in which state, and the state that follows."""


def begin(flow: Talks, call: Call) -> None:
    """A talk begins: by the group's rule it is recorded, or as the talk before it was."""
    rule = call.group.recording
    if call.recording is PAUSED:
        turn(flow, call, RecordingWord.RESUME)
    elif (rule is RecordingRule.ALL and call.recording is not ON) or (call.recording is None and _is_drawn(flow, call)):
        turn(flow, call, RecordingWord.START)
    elif call.recording is None and rule is RecordingRule.SHARE:
        call.recording = OFF


def _is_drawn(flow: Talks, call: Call) -> bool:
    group = call.group
    return group.recording is RecordingRule.SHARE and flow.lot.draw(100) < group.recording_percent


def turn(flow: Talks, call: Call, word: RecordingWord) -> None:
    """Do as `word` says. When it begins the PBX tells where; the rest is told at once."""
    assert call.talk is not None
    agent = call.talk.agent.id
    call.recording_was = call.recording or OFF
    _, call.recording = MAY[word]
    if word is RecordingWord.START:
        call.recording_path = ""
    flow.out.append(Record(call.id, word, call.group.id, agent))
    if word is not RecordingWord.START:
        flow.out.append(RecordingChanged(call.id, agent, call.recording, call.recording_path))


def started(flow: Talks, call: Call, path: str) -> None:
    """The PBX records in `path`."""
    call.recording_path, call.recording_was = path, None
    _tell(flow, call, "")


def failed(flow: Talks, call: Call, why: str) -> None:
    """What was asked of the PBX can't be done, and it goes on as before. Told twice, or unasked, it means nothing."""
    if call.recording_was is not None:
        call.recording, call.recording_was = call.recording_was, None
        _tell(flow, call, why)


def _tell(flow: Talks, call: Call, why: str) -> None:
    agent = call.talk.agent.id if call.talk is not None else None
    flow.out.append(RecordingChanged(call.id, agent, call.recording or OFF, call.recording_path, why))
