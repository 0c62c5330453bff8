"""What becomes of recordings, as conversations."""

from dataclasses import replace
from datetime import datetime

import pytest

from acd.commands import Command, Record
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.memory import NOT_NOW, NOT_NOW_S
from acd.cti_adapters.asterisk.recordings import BEGIN_S_MAX, GIVE_UP_S, NOT_BEGUN, NOT_RECORDED, Recordings
from acd.cti_adapters.asterisk.words import AfterTalk, Announced, Answer, CallerGone, Elsewhere, PhoneGone, Recorded
from acd.events import CallerLeft, PbxEvent, PhoneLeft, RecordingFailed, RecordingStarted, RecordingWord
from acd.ids import AgentId, GroupId
from acd.settings import RecordingSettings
from tests.unit.cti_adapters.asterisk import conversation
from tests.unit.cti_adapters.asterisk.conversation import CALL, LEG, OFFER, Conversation

START, PAUSE, RESUME, STOP = RecordingWord.START, RecordingWord.PAUSE, RecordingWord.RESUME, RecordingWord.STOP
PATH = "/var/spool/asterisk/monitor/x.wav"
BEGIN = [f"set ACD_RECORD of {CALL}", f"send {CALL} to acd-record"]
ARM = BEGIN[:1]
BEGUN = Recorded(CALL, "0x1", PATH, is_written=True)
FORGET = [f"set ACD_RECORD of {CALL}", f"set ACD_RECORDER of {CALL}"]
END = [*FORGET, f"stop 0x1 of {CALL}"]
STARTED = RecordingStarted(CALL, PATH)


class Studio(Conversation):
    """With recordings."""

    def __init__(self) -> None:
        super().__init__()
        at = datetime(2026, 11, 22, 14, 30, 5)
        self.recordings = Recordings(self.write, self.legs, RecordingSettings(), lambda: at)

    def hear(self, fact: words.Fact) -> None:
        if not self.recordings.hear(fact, self.now):
            super().hear(fact)

    def obeyed(self, *commands: Command) -> list[PbxEvent | str]:
        for command in commands:
            if isinstance(command, Record):
                self.recordings.obey(command, self.now)
            else:
                self.legs.obey(command, self.now)
        return self._taken()

    def after(self, seconds: float) -> list[PbxEvent | str]:
        self.now += seconds
        self.recordings.look_at_the_clock(self.now)
        return super().after(0)

    def asked_for(self, *asked: RecordingWord) -> list[PbxEvent | str]:
        return self.obeyed(*(Record(CALL, word, GroupId("sales"), AgentId("ana")) for word in asked))

    def found(self, *callers: words.Surveyed) -> list[PbxEvent | str]:
        """What comes of a survey with these callers in it."""
        self.recordings.settle(callers, self.now)
        return self._taken()


def waiting() -> Studio:
    """A caller waits."""
    studio = Studio()
    studio.heard(Announced(conversation.ARRIVAL, again=False))
    return studio


def talking() -> Studio:
    """And talks."""
    studio = waiting()
    studio.obeyed(conversation.offer_call())
    studio.heard(words.Dialled(LEG, answered=True, timed_out=False), words.Talking(LEG, CALL))
    return studio


def recorded() -> Studio:
    """And is recorded."""
    studio = talking()
    assert studio.asked_for(START) == BEGIN
    assert studio.heard(BEGUN) == [STARTED]
    return studio


def test_begun_with_the_next_talk_if_the_caller_waits() -> None:
    """Nothing is due until then."""
    studio = waiting()
    assert studio.asked_for(START) == ARM
    assert studio.after(3600) == []
    assert studio.heard(BEGUN) == [STARTED]


def test_one_recorder_however_often_it_is_begun() -> None:
    studio = talking()
    assert studio.asked_for(START, START) == BEGIN
    assert studio.heard(BEGUN) == [STARTED]
    assert studio.asked_for(START) == [STARTED]


def test_paused_resumed_and_stopped() -> None:
    """A pause ends the recorder, which begins anew without a word; stopped, there is nothing to be paused."""
    studio = recorded()
    assert studio.asked_for(RESUME) == []
    assert studio.asked_for(PAUSE) == END
    assert studio.asked_for(PAUSE) == []
    assert studio.asked_for(RESUME) == BEGIN
    assert studio.heard(BEGUN) == []
    assert studio.asked_for(STOP) == END
    for word in (PAUSE, RESUME, STOP):
        assert studio.asked_for(word) == [RecordingFailed(CALL, NOT_RECORDED)]
    assert studio.asked_for(START) == BEGIN
    assert studio.heard(BEGUN) == [STARTED]


def test_a_pause_before_it_has_begun() -> None:
    """It is told as begun, and ends at once; or not at all, if it is resumed before."""
    studio = talking()
    studio.asked_for(START, PAUSE)
    assert studio.heard(BEGUN) == [STARTED, *END]
    studio = talking()
    studio.asked_for(START, PAUSE, RESUME)
    assert studio.heard(BEGUN) == [STARTED]


def test_stopped_before_it_has_begun() -> None:
    """What begins all the same is ended, and nothing is told."""
    studio = talking()
    studio.asked_for(START)
    assert studio.asked_for(STOP) == FORGET
    assert studio.heard(BEGUN) == END
    assert studio.after(3600) == []


def test_made_anew_by_the_dialplan() -> None:
    """In another talk of the call: nothing is told; the new one is what is stopped, and a paused one stays so."""
    studio = recorded()
    anew = Recorded(CALL, "0x2", PATH, is_written=True)
    assert studio.heard(anew) == []
    assert studio.asked_for(PAUSE) == [*FORGET, f"stop 0x2 of {CALL}"]
    assert studio.heard(anew) == [*FORGET, f"stop 0x2 of {CALL}"]


def test_no_recorder() -> None:
    studio = talking()
    studio.asked_for(START)
    [failed] = studio.heard(Recorded(CALL, "", "", is_written=False))
    assert isinstance(failed, RecordingFailed)
    assert "app_mixmonitor" in failed.why


def test_a_file_that_is_not_there() -> None:
    """The recorder that writes nowhere is ended; asked again, it is tried again."""
    studio = talking()
    studio.asked_for(START)
    failed, *asked = studio.heard(Recorded(CALL, "0x1", PATH, is_written=False))
    assert isinstance(failed, RecordingFailed)
    assert PATH in failed.why
    assert asked == END
    assert studio.asked_for(START) == BEGIN


def test_a_channel_that_does_not_begin_is_told_again_and_then_given_up() -> None:
    studio = talking()
    studio.asked_for(START)
    assert studio.heard(Answer("record", CALL, ok=False, text=NOT_NOW)) == []
    assert studio.after(NOT_NOW_S) == BEGIN
    assert studio.after(BEGIN_S_MAX) == BEGIN
    assert studio.after(GIVE_UP_S) == [RecordingFailed(CALL, NOT_BEGUN), *ARM]
    assert studio.after(3600) == []


def test_what_asterisk_refuses_is_told() -> None:
    studio = recorded()
    assert studio.asked_for(STOP) == END
    refused = Answer("stop-recorder", CALL, ok=False, text="Permission denied")
    assert studio.heard(refused) == [RecordingFailed(CALL, "Permission denied")]


@pytest.mark.parametrize("end", [CallerGone(CALL), Elsewhere(CALL)])
def test_forgotten_with_the_call(end: words.Fact) -> None:
    studio = recorded()
    studio.heard(end)
    assert studio.heard(BEGUN) == []
    assert studio.heard(Answer("record", CALL, ok=False, text=NOT_NOW)) == []


def test_a_call_that_is_gone() -> None:
    studio = recorded()
    assert studio.heard(CallerGone(CALL)) == [CallerLeft(CALL)]
    assert studio.asked_for(START) == []


def test_a_talk_that_ends_while_it_begins() -> None:
    """It begins with the next one."""
    studio = talking()
    studio.asked_for(START)
    assert studio.heard(PhoneGone(LEG, 16), AfterTalk(CALL)) == [PhoneLeft(OFFER)]
    assert studio.after(BEGIN_S_MAX) == ARM
    assert studio.after(3600) == []


def test_after_an_absence_what_was_not_ended_for_sure_is_ended() -> None:
    """A pause must be one."""
    studio = recorded()
    assert studio.asked_for(PAUSE) == END
    assert studio.found() == END
    assert studio.heard(Answer("stop-recorder", CALL, ok=True, text="")) == []
    assert studio.found() == []


def test_after_an_absence_what_was_about_to_begin_is_begun_again() -> None:
    """What is gone is forgotten, what runs is left alone."""
    studio = talking()
    studio.asked_for(START)
    studio.now += 3600
    assert studio.found() == BEGIN
    assert studio.heard(BEGUN) == [STARTED]
    assert studio.found() == []
    studio.legs.callers.clear()
    assert studio.found() == []
    assert studio.heard(BEGUN) == []


@pytest.mark.parametrize("recorder", ["0x1", ""])
def test_one_of_an_earlier_life_goes_on_and_can_be_ended_and_resumed(recorder: str) -> None:
    """Into the same file, by the name that Asterisk has for it."""
    studio = Studio()
    studio.heard(Announced(conversation.ARRIVAL, again=False))
    row = replace(conversation.row(CALL), recording=PATH, recorder=recorder)
    assert studio.found(row) == []
    assert studio.asked_for(PAUSE) == (END if recorder else [])
    assert studio.asked_for(RESUME) == ARM
    assert studio.asked_for(STOP) == (END if recorder else FORGET)


def test_without_a_file_it_has_none() -> None:
    studio = Studio()
    studio.heard(Announced(conversation.ARRIVAL, again=False))
    assert studio.found(conversation.row(CALL)) == []
    assert studio.asked_for(PAUSE) == [RecordingFailed(CALL, NOT_RECORDED)]
