"""The recorders of calls: facts and commands in, events and actions out, beside those of `Legs`. Pure.

    starting --begun--> on --paused--> paused --resumed--> starting, into the same file
                         +---stopped---> off --started--> likewise

A recorder runs on the caller's own channel, and records only while that talks. To begin one over the manager interface
takes a right (`system`) by which whoever has it may run any program on Asterisk's machine; so the channel begins it by
itself, in the dialplan: it leaves the talk for a tenth of a second, if it is in one, and else begins when it joins one.
A pause ends the recorder, too: the dialplan makes recorders anew, and one that is only muted would speak again then.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from acd.commands import Record
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import RECORD, STOP, Writer
from acd.cti_adapters.asterisk.filenames import recording_path
from acd.cti_adapters.asterisk.legs import Legs
from acd.cti_adapters.asterisk.memory import NOT_NOW, NOT_NOW_S
from acd.events import RecordingFailed, RecordingStarted, RecordingWord
from acd.ids import CallId
from acd.settings import RecordingSettings

BEGIN_S_MAX, GIVE_UP_S = 1.0, 4.0
"""How long the channel may take to begin the recorder before it is told again, and before that is given up."""
NO_RECORDER = "Asterisk has no MixMonitor: load app_mixmonitor (modules.conf)"
NOT_WRITTEN = (
    "Asterisk can't write {path}: its user must be allowed to make that file and its folders, there must be room on "
    "the disk, and the format's module (format_...) must be loaded; Asterisk's log has the reason"
)
NOT_BEGUN = "Asterisk hasn't begun to record"
NOT_RECORDED = "the call isn't recorded"


class RecordingState(Enum):
    STARTING = auto()
    ON = auto()
    PAUSED = auto()
    OFF = auto()


@dataclass(slots=True, eq=False)
class Recording:
    """One call's; `until` is when the next fact about it is overdue."""

    call: CallId
    channel: str
    """The caller's."""
    wanted_path: str
    state: RecordingState = RecordingState.OFF
    path: str = ""
    """As Asterisk calls it."""
    recorder: str = ""
    """The one that runs, as far as is known."""
    pauses: bool = False
    """Whether it shall be paused as soon as it has begun."""
    is_owed: bool = False
    """Whether its beginning is to be told."""
    until: float = float("inf")
    gives_up_at: float = float("inf")


class Recordings:
    """The adapter's memory of recordings. What comes of each step is added to `told` and `asked` of `legs`."""

    def __init__(
        self, write: Writer, legs: Legs, settings: RecordingSettings, wall_clock: Callable[[], datetime]
    ) -> None:
        self._write = write
        self._legs = legs
        self._settings = settings
        self._wall_clock = wall_clock
        self._recordings: dict[CallId, Recording] = {}
        self.on_fact: dict[type, Callable[[Any, float], bool]] = {
            words.Recorded: self._of_recorder,
            words.Answer: self._of_action,
            words.CallerGone: self._of_caller,
            words.Elsewhere: self._of_caller,
        }

    def hear(self, fact: words.Fact, now: float) -> bool:
        """Asterisk says so at `now`; whether it speaks of a recording alone."""
        on_fact = self.on_fact.get(type(fact))
        return on_fact is not None and on_fact(fact, now)

    def obey(self, command: Record, now: float) -> None:
        """The core wants so."""
        recording = self._recordings.get(command.call)
        if command.call not in self._legs.callers:
            return  # CallerLeft was told before
        if command.word is RecordingWord.START:
            self._start(recording or self._new(command), now)
        elif recording is None or recording.state is RecordingState.OFF:
            self._legs.told.append(RecordingFailed(command.call, NOT_RECORDED))
        elif command.word is RecordingWord.STOP:
            self._stop(recording, RecordingState.OFF)
        elif command.word is RecordingWord.PAUSE:
            self._pause(recording)
        else:
            self._resume(recording, now)

    def look_at_the_clock(self, now: float) -> None:
        """Do what is overdue; to be called a few times a second while Asterisk is linked."""
        for recording in [each for each in self._recordings.values() if each.until <= now]:
            if now < recording.gives_up_at:
                self._begin(recording, now)
            else:
                self._legs.asked.append(self._write.record(recording.channel, ""))
                self._failed(recording, NOT_BEGUN)

    def settle(self, callers: Iterable[words.Surveyed], now: float) -> None:
        """After an absence, when all callers are known again: what was begun meanwhile says so when begun anew."""
        for row in callers:
            if row.recording and row.call not in self._recordings and row.call in self._legs.callers:
                self._adopt(row)
        for recording in list(self._recordings.values()):
            if recording.call not in self._legs.callers:
                del self._recordings[recording.call]
            elif recording.state is RecordingState.STARTING:
                recording.gives_up_at = now + GIVE_UP_S
                self._begin(recording, now)
            elif recording.state is not RecordingState.ON and recording.recorder:
                self._stop(recording, recording.state)  # that word was lost

    def _adopt(self, row: words.Surveyed) -> None:
        """An earlier life's: it goes on, or can be resumed, in the same file."""
        recording = self._recordings[row.call] = Recording(row.call, row.channel, row.recording)
        recording.path, recording.recorder = row.recording, row.recorder
        recording.state = RecordingState.ON if row.recorder else RecordingState.PAUSED

    # --- commands -----------------------------------------------------------------------------------------------------

    def _new(self, command: Record) -> Recording:
        caller = self._legs.callers[command.call]
        at = self._wall_clock()
        path = recording_path(self._settings, at, command.call, command.group, command.agent, caller.arrival)
        recording = self._recordings[command.call] = Recording(command.call, caller.channel, path)
        return recording

    def _start(self, recording: Recording, now: float) -> None:
        if recording.state is RecordingState.ON:
            self._legs.told.append(RecordingStarted(recording.call, recording.path))
        else:
            recording.is_owed = True
            self._resume(recording, now)

    def _resume(self, recording: Recording, now: float) -> None:
        recording.pauses = False
        if recording.state in (RecordingState.PAUSED, RecordingState.OFF):
            recording.state, recording.gives_up_at = RecordingState.STARTING, now + GIVE_UP_S
            self._begin(recording, now)

    def _begin(self, recording: Recording, now: float) -> None:
        self._legs.asked.append(self._write.record(recording.channel, recording.wanted_path))
        if self._legs.talks_with(recording.call):
            self._legs.asked.append(self._write.join_anew(recording.channel))
            recording.until = now + BEGIN_S_MAX
        else:
            recording.until = float("inf")

    def _pause(self, recording: Recording) -> None:
        recording.pauses = recording.state is RecordingState.STARTING
        if recording.state is RecordingState.ON:
            self._stop(recording, RecordingState.PAUSED)

    def _stop(self, recording: Recording, then: RecordingState) -> None:
        self._legs.asked += self._write.stop_recorder(recording.channel, recording.recorder)
        self._rest(recording, then)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _of_recorder(self, fact: words.Recorded, _now: float) -> bool:
        self._recorded(fact)
        return True

    def _of_action(self, fact: words.Answer, now: float) -> bool:
        is_ours = fact.verb in (RECORD, STOP)
        if is_ours:
            self._answer(fact, now)
        return is_ours

    def _of_caller(self, fact: words.CallerGone | words.Elsewhere, _now: float) -> bool:
        self._recordings.pop(fact.call, None)
        return False

    def _recorded(self, fact: words.Recorded) -> None:
        recording = self._recordings.get(fact.call)
        if recording is None:
            return
        recording.recorder, recording.path = fact.recorder, fact.path
        if not fact.recorder:
            self._failed(recording, NO_RECORDER)
        elif not fact.is_written:
            self._legs.asked += self._write.stop_recorder(recording.channel, fact.recorder)
            self._failed(recording, NOT_WRITTEN.format(path=fact.path))
        elif recording.state in (RecordingState.PAUSED, RecordingState.OFF):  # since it was begun
            self._stop(recording, recording.state)
        else:
            self._begun(recording)

    def _begun(self, recording: Recording) -> None:
        """It has begun, or has been made anew in another talk of the call."""
        self._rest(recording, RecordingState.ON)
        if recording.is_owed:
            self._legs.told.append(RecordingStarted(recording.call, recording.path))
        recording.is_owed = False
        if recording.pauses:
            self._pause(recording)

    def _failed(self, recording: Recording, why: str) -> None:
        if recording.state is not RecordingState.OFF:
            self._rest(recording, RecordingState.OFF)
            self._legs.told.append(RecordingFailed(recording.call, why))

    def _rest(self, recording: Recording, state: RecordingState) -> None:
        """Nothing is due in that state."""
        recording.state, recording.until = state, float("inf")

    def _answer(self, fact: words.Answer, now: float) -> None:
        recording = next((each for each in self._recordings.values() if each.channel == fact.target), None)
        if recording is None:
            return
        if fact.ok:
            if fact.verb == STOP and recording.state is not RecordingState.ON:
                recording.recorder = ""
        elif fact.verb == STOP:
            self._legs.told.append(RecordingFailed(recording.call, fact.text))
        elif fact.text == NOT_NOW and recording.state is RecordingState.STARTING:
            recording.until = now + NOT_NOW_S
