"""The simulated PBX does with a talk what the core says, and tells the end of every party as promised."""

import pytest

from acd.commands import (
    BeginConsult,
    Confer,
    ConnectCall,
    HoldCall,
    KeepWaiting,
    LeaveWith,
    OfferCall,
    Record,
    ReleaseCall,
    ResumeCall,
    SendDigits,
    WithdrawOffer,
)
from acd.events import (
    CallerLeft,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PhoneLeft,
    RecordingFailed,
    RecordingStarted,
    RecordingWord,
    SendingFailed,
    SentElsewhere,
)
from acd.ids import OfferId
from simulator.legs import LegState
from tests.unit.simulator.bench import FIRST, SECOND, Bench

ASKED = OfferId("con", 1)


class Talk(Bench):
    """ann talks with c1 on phone P/1; ben, if asked, is at P/2."""

    def __init__(self):
        super().__init__()
        self.ann = self.ring()
        self.pbx.pick_up(self.ann, self.now)
        self.settle()
        self.heard.clear()

    def settle(self):
        """Let the events so far be told, and forget them."""
        self.at(self.now + 100)
        self.told.clear()

    def consult(self, number=""):
        self.do(BeginConsult("c1", FIRST, "con", number, "", 20_000))

    def ask_ben(self, answers=True):
        """Ring ben for the consult."""
        self.consult()
        self.do(OfferCall(ASKED, "ben", "P/2", "desk", "", "", "", 0, 15_000))
        ben = self.legs[-1]
        if answers:
            self.pbx.pick_up(ben, self.now)
            self.settle()
        return ben

    def ask_outside(self):
        """Somebody outside talks with ann."""
        self.consult("10010")
        self.pbx.numbers.answers(self.parties[-1], self.now)
        self.settle()
        return self.parties[-1]

    def ends(self):
        """What happened to the caller, in words."""
        return [what for what, _ in self.heard]


@pytest.fixture
def talk():
    return Talk()


def test_hold_and_resume_happen_once_each(talk):
    for command in [HoldCall("c1", FIRST)] * 2 + [ResumeCall("c1", FIRST)] * 2:
        talk.do(command)
    assert talk.ends() == ["held", "resumed"]
    assert talk.ann.state is LegState.TALKING
    assert talk.end() == []


def test_a_phone_that_left_can_be_asked_for_nothing_more(talk):
    talk.pbx.put_down(talk.ann, talk.now)
    for command in (HoldCall("c1", FIRST), ResumeCall("c1", FIRST), BeginConsult("c1", FIRST, "con", "10010")):
        talk.do(command)
    assert talk.ends() == []
    assert talk.end() == [PhoneLeft(FIRST)]


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_a_held_caller_is_told_and_the_caller_waits(talk, lost):
    talk.do(HoldCall("c1", FIRST))
    talk.pbx.put_down(talk.ann, talk.now, lost=lost)
    talk.do(KeepWaiting("c1"))
    assert talk.ends() == ["held", "music"]
    assert talk.end() == [PhoneLeft(FIRST, lost)]


def test_withdrawn_the_held_caller_is_back_on_music_and_the_phone_let_go(talk):
    talk.do(HoldCall("c1", FIRST))
    talk.do(WithdrawOffer(FIRST))
    assert (talk.ends(), talk.ann.state) == (["held", "music"], LegState.GONE)
    assert talk.end() == []


# --- consults -------------------------------------------------------------------------------------------------------


def test_a_consulted_agent_is_offered_the_consult_and_talks(talk):
    ben = talk.ask_ben(answers=False)
    talk.pbx.pick_up(ben, talk.now)
    assert talk.ends() == ["held"]
    assert talk.end() == [OfferAccepted(ASKED)]


def test_a_consulted_agent_may_not_take_it(talk):
    talk.pbx.decline(talk.ask_ben(answers=False), talk.now)
    talk.do(ResumeCall("c1", FIRST))
    assert talk.ends() == ["held", "resumed"]
    assert talk.end() == [OfferFailed(ASKED, OfferFailure.REJECTED)]


def test_whom_one_talks_with_already_cant_be_rung(talk):
    """The agent's own phone is busy."""
    talk.consult()
    talk.do(OfferCall(ASKED, "ann", "P/1", "desk", "", "", "", 0, 15_000))
    assert talk.end() == [OfferFailed(ASKED, OfferFailure.BUSY)]


def test_a_number_consulted_answers_or_fails_within_its_ring_time(talk):
    talk.consult("10010")
    talk.at(talk.now + 19_000)
    assert talk.told == []
    talk.at(talk.now + 1_100)
    assert [event for _, event in talk.told] == [NumberFailed("con", OfferFailure.UNANSWERED)]
    assert talk.ann.state is LegState.TALKING
    assert "con" not in talk.pbx.callers


def test_the_end_of_the_party_is_told_by_its_own_name(talk):
    talk.pbx.put_down(talk.ask_ben(), talk.now)
    talk.do(ResumeCall("c1", FIRST))
    party = talk.ask_outside()
    talk.pbx.numbers.hangs_up(party, talk.now)
    talk.pbx.numbers.hangs_up(party, talk.now)
    assert talk.end() == [CallerLeft("con")]


def test_the_end_of_a_consulted_phone_is_told_by_its_offer(talk):
    talk.pbx.put_down(talk.ask_ben(), talk.now)
    assert talk.end() == [PhoneLeft(ASKED)]


def test_reconnected_the_party_is_let_go_and_nothing_is_told(talk):
    ben = talk.ask_ben()
    talk.do(ResumeCall("c1", FIRST))
    assert ben.state is LegState.GONE
    party = talk.ask_outside()
    talk.do(ResumeCall("c1", FIRST))
    assert party.state is LegState.GONE
    assert [*talk.pbx.callers] == ["c1"]
    assert talk.ends() == ["held", "resumed", "held", "dialled", "resumed"]
    assert talk.end() == []


def test_in_conference_all_hear_each_other_and_a_party_that_leaves_leaves_the_others(talk):
    ben = talk.ask_ben()
    talk.do(Confer("c1", FIRST, "con"))
    talk.do(Confer("c1", FIRST, "con"))
    assert talk.ends() == ["held", "resumed"]
    talk.pbx.put_down(ben, talk.now)
    talk.do(ResumeCall("c1", FIRST))
    assert talk.ends() == ["held", "resumed"]
    assert talk.end() == [PhoneLeft(ASKED)]


def test_no_conference_with_a_party_that_hasnt_answered(talk):
    talk.ask_ben(answers=False)
    talk.do(Confer("c1", FIRST, "con"))
    assert talk.ends() == ["held"]


def test_the_asking_phones_end_is_told_once_and_ends_an_unanswered_consult(talk):
    ben = talk.ask_ben(answers=False)
    talk.pbx.put_down(talk.ann, talk.now)
    assert ben.state is LegState.GONE
    talk.do(KeepWaiting("c1"))
    assert talk.end() == [PhoneLeft(FIRST)]
    assert [*talk.pbx.callers] == ["c1"]


def test_the_callers_end_is_the_end_of_all(talk):
    ben = talk.ask_ben()
    talk.pbx.hang_up("c1", talk.now)
    assert (talk.ann.state, ben.state, talk.pbx.callers) == (LegState.GONE, LegState.GONE, {})
    assert talk.end() == [CallerLeft("c1")]


def test_a_released_consult_leaves_the_talk(talk):
    ben = talk.ask_ben()
    talk.do(ReleaseCall("con"))
    assert (talk.ann.state, ben.state) == (LegState.TALKING, LegState.GONE)
    assert talk.end() == [CallerLeft("con")]


# --- transfers after a consult --------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone_left", [False, True])
@pytest.mark.parametrize("conference", [False, True])
def test_the_caller_goes_to_the_consulted_phone(talk, phone_left, conference):
    """Also when the first phone has hung up already."""
    ben = talk.ask_ben()
    if conference:
        talk.do(Confer("c1", FIRST, "con"))
    if phone_left:
        talk.pbx.put_down(talk.ann, talk.now)
        talk.settle()
    talk.do(ConnectCall("c1", SECOND, "con", ASKED))
    assert (talk.ann.state, ben.state, ben.offer) == (LegState.GONE, LegState.TALKING, SECOND)
    assert talk.ends()[-1] == "talk"
    assert [*talk.pbx.callers] == ["c1"]
    talk.do(HoldCall("c1", SECOND))
    assert talk.ends()[-1] == "held"
    talk.pbx.put_down(ben, talk.now)
    assert talk.end() == [PhoneLeft(SECOND)]


def test_a_consulted_phone_that_left_this_moment_is_told_by_its_new_name(talk):
    ben = talk.ask_ben()
    talk.pbx.put_down(ben, talk.now)
    talk.do(ConnectCall("c1", SECOND, "con", ASKED))
    assert talk.ends() == ["held", "music"]
    assert talk.end() == [PhoneLeft(ASKED), PhoneLeft(SECOND)]


def test_a_caller_who_left_this_moment_goes_to_nobody(talk):
    talk.ask_ben()
    talk.pbx.hang_up("c1", talk.now)
    talk.do(ConnectCall("c1", SECOND, "con", ASKED))
    talk.do(LeaveWith("c1", "con"))
    assert talk.end() == [CallerLeft("c1")]


def test_the_caller_leaves_with_the_number(talk):
    party = talk.ask_outside()
    talk.do(LeaveWith("c1", "con"))
    assert (talk.ann.state, party.state, talk.pbx.callers) == (LegState.GONE, LegState.GONE, {})
    assert talk.end() == [SentElsewhere("c1")]


def test_with_a_number_that_left_this_moment_the_caller_waits(talk):
    talk.pbx.numbers.hangs_up(talk.ask_outside(), talk.now)
    talk.do(LeaveWith("c1", "con"))
    assert talk.ends()[-1] == "music"
    assert talk.ann.state is LegState.GONE
    assert talk.end() == [CallerLeft("con"), SendingFailed("c1", "the other side has hung up")]


def test_a_party_left_alone_is_let_go_when_the_caller_shall_wait(talk):
    """Its answer crossed the core's word."""
    ben = talk.ask_ben()
    talk.pbx.put_down(talk.ann, talk.now)
    talk.do(KeepWaiting("c1"))
    assert ben.state is LegState.GONE


# --- tones and recordings -------------------------------------------------------------------------------------------


def test_tones_reach_whom_they_are_for(talk):
    talk.ask_outside()
    talk.do(SendDigits("con", "12"))
    talk.do(SendDigits("con", "#"))
    talk.do(SendDigits("c9", "1"))
    assert talk.pbx.callers["con"].digits == "12#"


def test_a_recording_is_begun_paused_and_ended(talk):
    for word in RecordingWord:
        talk.do(Record("c1", word, "desk", "ann"))
    assert talk.end() == [RecordingStarted("c1", "simulated/c1.wav")]
    assert not talk.pbx.callers["c1"].recorded


@pytest.mark.parametrize("word", RecordingWord)
def test_what_isnt_there_cant_be_recorded(talk, word):
    talk.do(Record("c9", word, "desk", "ann"))
    [event] = talk.end()
    assert type(event) is RecordingFailed
