"""How talks are arranged, as conversations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from acd.commands import (
    AnswerOffer,
    BeginConsult,
    Confer,
    ConnectCall,
    HoldCall,
    KeepWaiting,
    LeaveWith,
    PlayPrompt,
    ReleaseCall,
    ResumeCall,
    SendDigits,
    SendElsewhere,
    WithdrawOffer,
)
from acd.cti_adapters.asterisk.memory import LATER, LEAVE_S_MAX, NOT_NOW_S
from acd.cti_adapters.asterisk.talks import APART_S, ARRANGE_S_MAX, HUNG_UP
from acd.cti_adapters.asterisk.words import (
    AfterTalk,
    Announced,
    Answer,
    CallerGone,
    Dialled,
    Elsewhere,
    PhoneGone,
    Stays,
    Talking,
)
from acd.events import (
    CallArrived,
    CallerLeft,
    NumberAnswered,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PhoneLeft,
    SendingFailed,
    SentElsewhere,
)
from acd.ids import CallId, OfferId
from acd.rules import Destination, DestinationKind
from tests.unit.cti_adapters.asterisk.conversation import (
    ARRIVAL,
    CALL,
    LEG,
    OFFER,
    Conversation,
    leg_row,
    offer_call,
    ringing,
    row,
    talking,
)

CONSULT, OUT = CallId("1.1+1"), CallId("out-1")
PARTY, NUMBER = "acd-run1-00000002", "acdn-run1-00000002"
ASKED, NEW = OfferId(CONSULT, 1), OfferId(CALL, 2)
HOLD, RESUME = HoldCall(CALL, OFFER), ResumeCall(CALL, OFFER)
BEGIN, BEGIN_NUMBER = BeginConsult(CALL, OFFER, CONSULT), BeginConsult(CALL, OFFER, CONSULT, "110", "8001", 20_000)
CONFER = Confer(CALL, OFFER, CONSULT)
CONNECT = ConnectCall(CALL, NEW, CONSULT, ASKED)
PLAIN = [f"set ACD_CALL_ID of {LEG}", f"set ACD_PATIENCE of {LEG}"]
HELD = [*PLAIN, f"send {CALL} to acd-hold and {LEG} to acd-idle"]
RESUMED = [*PLAIN, f"set ACD_TALK of {CALL}", f"send {CALL} to acd-join and {LEG} to acd-idle"]
CONSULTS = f"send {CALL} to acd-hold and {LEG} to acd-consult"
LEAVES = [
    f"set ACD_GONE of {NUMBER}",
    f"set ACD_CALL_ID of {NUMBER}",
    f"set ACD_TALK of {CALL}",
    f"send {CALL} to acd-leave and {NUMBER} to acd-parted",
]
STOP = [f"set ACD_STALE_{LEG} of {CALL}", f"hang up {LEG}"]
STOP_PARTY = [f"set ACD_STALE_{PARTY} of {LEG}", f"hang up {PARTY}"]
NORMAL = PhoneGone(LEG, 16)


def done(verb: str, call: CallId = CALL) -> Answer:
    return Answer(verb, call, ok=True, text="Redirect successful")


def refused(verb: str, text: str = LATER[0]) -> Answer:
    return Answer(verb, CALL, ok=False, text=text)


def held() -> Conversation:
    """The caller hears music."""
    talk = talking()
    assert talk.obeyed(HOLD) == HELD
    assert talk.heard(done("hold")) == []
    return talk


def asking() -> Conversation:
    """A phone rings for the agent's."""
    talk = talking()
    assert talk.obeyed(BEGIN) == [f"set ACD_PATIENCE of {LEG}", f"set ACD_CALL_ID of {LEG}", CONSULTS]
    assert talk.heard(done("consult")) == []
    assert talk.obeyed(offer_call(ASKED)) == [f"dial {PARTY} for {LEG}"]
    return talk


def consulting() -> Conversation:
    """And has answered."""
    talk = asking()
    assert talk.heard(Talking(PARTY, CONSULT)) == [OfferAccepted(ASKED)]
    return talk


def dialling() -> Conversation:
    """A number is dialled for the agent."""
    talk = talking()
    assert talk.obeyed(BEGIN_NUMBER) == [f"set ACD_PATIENCE of {LEG}", CONSULTS, f"dial {NUMBER}"]
    assert talk.heard(done("consult")) == []
    return talk


def reached() -> Conversation:
    """And has answered."""
    talk = dialling()
    assert talk.heard(Dialled(NUMBER, answered=True, timed_out=False), Talking(LEG, CONSULT)) == [
        NumberAnswered(CONSULT)
    ]
    return talk


def outgoing() -> Conversation:
    """The agent's phone has answered, and a number is dialled for an outgoing call."""
    talk = Conversation()
    number, phone = "acdn-run1-00000001", "acd-run1-00000002"
    order = replace(offer_call(OfferId(OUT, 1)), callback="110")
    assert talk.obeyed(order) == [f"dial {phone} for {number}"]
    answered = Dialled(phone, answered=True, timed_out=False)
    assert talk.heard(answered) == [OfferAccepted(OfferId(OUT, 1)), f"dial {number}"]
    return talk


# --- hold -------------------------------------------------------------------------------------------------------------


def test_each_word_moves_both_and_the_same_again_nobody() -> None:
    talk = held()
    assert talk.obeyed(HOLD) == []
    assert talk.obeyed(RESUME) == RESUMED
    assert talk.obeyed(RESUME) == []
    assert talk.heard(Talking(LEG, CALL)) == []
    assert talk.after(3600) == []


def test_words_without_a_talk_do_nothing() -> None:
    """The phone rings, or the caller is gone."""
    words = (HOLD, RESUME, BEGIN, CONFER)
    assert ringing().obeyed(*words) == []
    assert Conversation().obeyed(*words, CONNECT, LeaveWith(CALL, CONSULT), SendDigits(CALL, "1")) == []
    assert talking().obeyed(CONFER) == []


@pytest.mark.parametrize("text", LATER)
def test_what_cannot_be_this_moment_is_asked_for_again_for_a_while(text: str) -> None:
    talk = talking()
    talk.obeyed(HOLD)
    for _ in range(3):
        assert talk.heard(refused("hold", text)) == []
        assert talk.after(NOT_NOW_S) == HELD
    talk.now += ARRANGE_S_MAX
    assert talk.heard(refused("hold", text)) == []
    assert talk.after(3600) == []


def test_a_refusal_of_what_is_no_longer_wanted_is_nothing() -> None:
    talk = talking()
    talk.obeyed(HOLD, RESUME)
    assert talk.heard(refused("hold")) == []
    assert talk.heard(refused("join", "ExtraChannel does not exist: x")) == []
    assert talk.after(3600) == []


def test_phone_gone_on_hold_is_told_at_once_and_its_caller_goes_back() -> None:
    talk = held()
    assert talk.heard(NORMAL) == [PhoneLeft(OFFER)]
    assert talk.obeyed(KeepWaiting(CALL)) == [f"send {CALL} to acd-wait"]
    assert talk.after(3600) == []


def test_while_the_hold_is_not_there_yet_the_caller_may_have_been_first() -> None:
    """The phone ends with the caller: only the caller's end is told."""
    talk = talking()
    talk.obeyed(HOLD)
    assert talk.heard(NORMAL, refused("hold"), CallerGone(CALL)) == [CallerLeft(CALL)]


def test_caller_gone_on_hold_lets_the_phone_go() -> None:
    talk = held()
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL), f"hang up {LEG}"]
    assert talk.heard(NORMAL) == []
    assert talk.after(3600) == []


def test_withdrawn_on_hold_goes_back_at_once() -> None:
    talk = held()
    assert talk.obeyed(WithdrawOffer(OFFER)) == [f"send {CALL} to acd-wait", *STOP]


def test_sent_elsewhere_from_hold_moves_only_there() -> None:
    talk = held()
    to = Destination(DestinationKind.NUMBER, "110")
    sent = [f"set ACD_TO of {CALL}", f"set ACD_TO_KIND of {CALL}", f"send {CALL} to acd-elsewhere"]
    assert talk.obeyed(SendElsewhere(CALL, to)) == [*STOP, *sent]


def test_a_talk_that_nobody_left_is_put_together_again() -> None:
    talk = talking()
    assert talk.heard(AfterTalk(CALL)) == []
    assert talk.after(APART_S) == RESUMED
    assert talk.heard(AfterTalk(CALL), NORMAL) == [PhoneLeft(OFFER)]
    assert talk.after(APART_S) == []


# --- consults ---------------------------------------------------------------------------------------------------------


def test_the_phone_is_the_consults_caller() -> None:
    """Its party's end is told, then they are put back."""
    talk = consulting()
    assert talk.heard(PhoneGone(PARTY, 16)) == []
    assert talk.heard(AfterTalk(CONSULT)) == [PhoneLeft(ASKED)]
    assert talk.obeyed(RESUME) == RESUMED
    assert talk.after(3600) == []


def test_resumed_the_party_is_let_go() -> None:
    talk = consulting()
    assert talk.obeyed(RESUME) == [*RESUMED, *STOP_PARTY]
    assert talk.heard(AfterTalk(CONSULT), PhoneGone(PARTY, 16)) == [f"hang up {CONSULT}"]
    assert talk.after(3600) == []


def test_a_late_withdrawal_gives_the_phone_back_to_its_tone() -> None:
    talk = consulting()
    assert talk.obeyed(WithdrawOffer(ASKED)) == STOP_PARTY
    assert talk.heard(AfterTalk(CONSULT)) == [f"send {LEG} to acd-consult"]


def test_the_phones_end_is_told_as_the_talks_alone() -> None:
    """While the party rings, and while they talk; a prompt for the consult is none."""
    for talk in (asking(), consulting()):
        assert talk.obeyed(PlayPrompt(CONSULT, "x")) == []
        assert talk.heard(NORMAL) == [PhoneLeft(OFFER)]
        assert talk.obeyed(ReleaseCall(CONSULT)) == []


def test_released_the_consult_is_over_and_nothing_told() -> None:
    assert consulting().obeyed(ReleaseCall(CONSULT)) == STOP_PARTY
    assert consulting().obeyed(BEGIN) == []


def test_the_caller_ends_everything() -> None:
    for talk in (asking(), consulting()):
        assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL), *STOP_PARTY, f"hang up {LEG}"]


def test_conference_and_its_ends() -> None:
    talk = consulting()
    assert talk.obeyed(CONFER) == [f"send {CALL} to acd-confer"]
    assert talk.obeyed(CONFER) == []
    assert talk.heard(done("confer")) == []
    assert talk.heard(AfterTalk(CALL), AfterTalk(CONSULT), PhoneGone(PARTY, 16)) == [PhoneLeft(ASKED)]
    assert talk.obeyed(RESUME) == RESUMED
    assert asking().obeyed(CONFER) == []


# --- handing over -----------------------------------------------------------------------------------------------------


def handed_over(leg: str = PARTY) -> list[str]:
    return [
        f"set ACD_CALLER of {leg}",
        f"set ACD_OFFER of {leg}",
        f"set ACD_CALL_ID of {leg}",
        f"set ACD_PATIENCE of {leg}",
        f"set ACD_TALK of {CALL}",
        f"send {CALL} to acd-join and {leg} to acd-idle",
    ]


def test_connected_the_party_is_the_talks_phone() -> None:
    talk = consulting()
    assert talk.obeyed(CONNECT) == [*handed_over(), *STOP]
    assert talk.heard(NORMAL, Talking(PARTY, CALL)) == []
    assert talk.heard(PhoneGone(PARTY, 16), AfterTalk(CALL)) == [PhoneLeft(NEW)]


def test_connected_after_the_first_phone_hung_up() -> None:
    talk = consulting()
    assert talk.heard(NORMAL) == [PhoneLeft(OFFER)]
    assert talk.obeyed(CONNECT) == handed_over()
    assert talk.heard(PhoneGone(PARTY, 16)) == [PhoneLeft(NEW)]


def test_connected_with_a_party_who_is_gone() -> None:
    talk = consulting()
    talk.heard(PhoneGone(PARTY, 16), AfterTalk(CONSULT))
    assert talk.obeyed(CONNECT) == [PhoneLeft(NEW), *STOP]
    assert talk.obeyed(KeepWaiting(CALL)) == [f"send {CALL} to acd-wait"]


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_a_number_that_answers_and_hangs_up() -> None:
    talk = reached()
    assert talk.heard(PhoneGone(NUMBER, 16)) == [f"hang up {NUMBER}"]
    assert talk.heard(CallerGone(CONSULT)) == [CallerLeft(CONSULT)]
    assert talk.obeyed(RESUME) == RESUMED
    assert talk.after(3600) == []


@pytest.mark.parametrize(("cause", "why"), [(17, OfferFailure.BUSY), (19, OfferFailure.UNANSWERED)])
def test_a_number_that_fails(cause: int, why: OfferFailure) -> None:
    talk = dialling()
    failed = Dialled(NUMBER, answered=False, timed_out=False)
    assert talk.heard(failed, PhoneGone(NUMBER, cause)) == [NumberFailed(CONSULT, why)]
    assert talk.obeyed(RESUME) == RESUMED


def test_a_number_of_which_nothing_is_heard_is_given_up() -> None:
    talk = dialling()
    assert talk.after(40) == [NumberFailed(CONSULT, OfferFailure.UNREACHABLE), f"hang up {NUMBER}"]


def test_a_number_is_let_go_with_the_talk_or_the_phone() -> None:
    """Ringing; one that has answered waits for the core's word."""
    assert dialling().heard(NORMAL) == [PhoneLeft(OFFER), f"hang up {NUMBER}"]
    assert reached().heard(NORMAL) == [PhoneLeft(OFFER)]
    for talk in (dialling(), reached()):
        assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL), f"hang up {NUMBER}", f"hang up {LEG}"]


def test_released_numbers() -> None:
    assert dialling().obeyed(ReleaseCall(CONSULT)) == [CallerLeft(CONSULT), f"hang up {NUMBER}"]
    assert reached().obeyed(ReleaseCall(CONSULT)) == [f"hang up {NUMBER}"]


def test_caller_and_number_leave() -> None:
    talk = reached()
    assert talk.obeyed(LeaveWith(CALL, CONSULT)) == [*LEAVES, *STOP]
    assert talk.heard(Elsewhere(CALL), NORMAL) == [SentElsewhere(CALL)]
    assert talk.heard(PhoneGone(NUMBER, 16), CallerGone(CALL)) == [f"hang up {NUMBER}"]
    assert talk.after(3600) == []
    assert not talk.legs.legs


def test_a_number_that_is_gone_cannot_be_left_with() -> None:
    """Before the word, or when Asterisk says so: the caller goes back to the line."""
    talk = reached()
    talk.heard(PhoneGone(NUMBER, 16), CallerGone(CONSULT))
    assert talk.obeyed(LeaveWith(CALL, CONSULT)) == [SendingFailed(CALL, HUNG_UP), *STOP]
    assert talk.after(0) == [f"send {CALL} to acd-wait"]
    for fact in (Stays(CALL), refused("send", f"ExtraChannel does not exist: {NUMBER}")):
        talk = reached()
        talk.obeyed(LeaveWith(CALL, CONSULT))
        back = [f"set ACD_TO_KIND of {CALL}", f"hang up {NUMBER}", f"send {CALL} to acd-wait"]
        assert talk.heard(fact) == [SendingFailed(CALL, HUNG_UP), *back]


def test_leaving_is_repeated_for_a_while() -> None:
    talk = reached()
    talk.obeyed(LeaveWith(CALL, CONSULT))
    assert talk.heard(refused("send", LATER[1])) == []
    assert talk.after(NOT_NOW_S) == LEAVES
    assert isinstance(talk.after(LEAVE_S_MAX)[-1], str)
    assert any(isinstance(event, SendingFailed) for event in talk.told)


def test_digits_go_to_the_calls_own_channel() -> None:
    assert reached().obeyed(SendDigits(CALL, "1"), SendDigits(CONSULT, "2")) == [
        f"digits 1 to {CALL}",
        f"digits 2 to {NUMBER}",
    ]


# --- outgoing calls ---------------------------------------------------------------------------------------------------


def test_an_outgoing_call() -> None:
    """From its answer it is a call like any other."""
    talk, number, phone = outgoing(), "acdn-run1-00000001", "acd-run1-00000002"
    assert talk.heard(Talking(phone, OUT)) == [NumberAnswered(OUT)]
    moved = talk.obeyed(HoldCall(OUT, OfferId(OUT, 1)))
    assert moved[-1] == f"send {number} to acd-hold and {phone} to acd-idle"
    assert talk.heard(PhoneGone(number, 16), CallerGone(OUT))[0] == CallerLeft(OUT)


def test_an_outgoing_call_that_comes_to_nothing() -> None:
    """The phone doesn't answer, the number doesn't, the agent gives up: nobody is remembered."""
    number, phone = "acdn-run1-00000001", "acd-run1-00000002"
    talk = outgoing()
    refusal = (Dialled(number, answered=False, timed_out=False), PhoneGone(number, 17))
    assert talk.heard(*refusal) == [NumberFailed(OUT, OfferFailure.BUSY), f"hang up {phone}"]
    talk = outgoing()
    assert talk.heard(PhoneGone(phone, 16)) == [PhoneLeft(OfferId(OUT, 1))]
    assert talk.obeyed(ReleaseCall(OUT)) == [CallerLeft(OUT), f"hang up {number}"]
    assert not talk.legs.callers
    talk = Conversation()
    talk.obeyed(replace(offer_call(OfferId(OUT, 1)), callback="110"))
    silent = (Dialled(phone, answered=False, timed_out=True), PhoneGone(phone, 19))
    assert talk.heard(*silent) == [OfferFailed(OfferId(OUT, 1), OfferFailure.UNANSWERED)]
    assert not talk.legs.callers


def test_a_number_that_was_let_go_in_the_moment_of_its_answer_is_no_new_call() -> None:
    """It finds the phone gone, and says that it waits: it is hung up. One of another life may have been waited for."""
    number, phone = "acdn-run1-00000001", "acd-run1-00000002"
    talk = outgoing()
    talk.heard(PhoneGone(phone, 16))
    talk.obeyed(ReleaseCall(OUT))
    arrival = CallArrived(OUT, "8001")
    assert talk.heard(Announced(arrival, again=False, channel=number)) == [f"hang up {number}"]
    assert talk.heard(Announced(arrival, again=False, channel="acdn-run0-00000001")) == [arrival]


@pytest.mark.parametrize("command", [KeepWaiting(OUT), WithdrawOffer(OfferId(OUT, 1))])
def test_nobody_is_there_to_wait(command: KeepWaiting | WithdrawOffer) -> None:
    talk = outgoing()
    talk.heard(PhoneGone("acd-run1-00000002", 16)) if isinstance(command, KeepWaiting) else None
    assert "hang up acdn-run1-00000001" in talk.obeyed(command)
    assert not talk.legs.callers


def test_a_number_that_the_dialplan_could_read_otherwise_is_not_dialled() -> None:
    talk = talking()
    told = talk.obeyed(replace(BEGIN_NUMBER, number="110@x"))
    assert told[0] == NumberFailed(CONSULT, OfferFailure.UNREACHABLE)


# --- answer -----------------------------------------------------------------------------------------------------------


def test_the_phone_is_rung_anew_to_answer_by_itself() -> None:
    """As soon as the old ring has ended, which is not told."""
    talk = ringing()
    assert talk.obeyed(AnswerOffer(OFFER)) == STOP
    assert talk.heard(NORMAL) == [f"dial {PARTY}"]
    assert talk.heard(Dialled(LEG, answered=False, timed_out=False)) == []
    assert talk.heard(Talking(PARTY, CALL)) == [OfferAccepted(OFFER)]
    assert talk.obeyed(AnswerOffer(OFFER), AnswerOffer(NEW)) == []


def test_who_asks_twice_is_rung_anew_once() -> None:
    talk = ringing()
    assert talk.obeyed(AnswerOffer(OFFER), AnswerOffer(OFFER)) == STOP
    assert talk.heard(NORMAL) == [f"dial {PARTY}"]


@pytest.mark.parametrize("ends_first", [True, False])
def test_a_ring_that_is_not_wanted_any_more_does_not_begin_anew(ends_first: bool) -> None:
    talk = ringing()
    talk.obeyed(AnswerOffer(OFFER))
    if ends_first:
        assert talk.heard(NORMAL) == [f"dial {PARTY}"]
        assert f"hang up {PARTY}" in talk.obeyed(WithdrawOffer(OFFER))
    else:
        assert talk.obeyed(WithdrawOffer(OFFER)) == []
        assert talk.heard(NORMAL) == []
        assert not talk.legs.legs


def test_a_ring_that_was_to_begin_anew_when_the_link_broke_has_failed() -> None:
    talk = ringing()
    talk.obeyed(AnswerOffer(OFFER))
    assert talk.surveyed(row(CALL)) == [ARRIVAL, OfferFailed(OFFER, OfferFailure.UNREACHABLE)]
    assert not talk.legs.legs


# --- after an absence -------------------------------------------------------------------------------------------------


def test_what_got_lost_with_the_link_is_asked_for_again() -> None:
    """Asterisk still has them connected; the core repeats its word."""
    talk = talking()
    talk.obeyed(HOLD)
    connected = row(CALL, "acd-join", bridged=True, leg=LEG, offer=1)
    assert talk.surveyed(connected, leg_row(LEG, bridged=True)) == []
    assert talk.obeyed(HOLD) == HELD


def test_what_is_there_stays() -> None:
    """On hold, in a consult, in a conference: a word that is repeated changes nothing."""
    on_hold = row(CALL, "acd-hold", leg=LEG, offer=1)
    talk = held()
    assert talk.surveyed(on_hold, leg_row(LEG)) == []
    assert talk.obeyed(HOLD) == []
    talk = consulting()
    assert talk.surveyed(on_hold, leg_row(LEG, bridged=True), leg_row(PARTY, CallId(LEG), bridged=True)) == []
    assert talk.obeyed(BEGIN) == []
    talk.obeyed(CONFER)
    talk.heard(done("confer"))
    in_conference = row(CALL, "acd-confer", bridged=True, leg=LEG, offer=1)
    assert talk.surveyed(in_conference, leg_row(LEG), leg_row(PARTY, CallId(LEG))) == []
    assert talk.obeyed(CONFER) == []


def test_a_number_that_went_or_was_never_dialled_meanwhile() -> None:
    talk = reached()
    on_hold = row(CALL, "acd-hold", leg=LEG, offer=1)
    assert talk.surveyed(on_hold, leg_row(LEG)) == [CallerLeft(CONSULT)]
    talk = dialling()
    told = talk.surveyed(on_hold, leg_row(LEG))
    assert told == [NumberFailed(CONSULT, OfferFailure.UNREACHABLE), f"hang up {NUMBER}"]


def test_a_caller_back_in_the_line_by_itself_is_no_news() -> None:
    """The phone was gone, and the dialplan brought the caller back before we did."""
    talk = held()
    assert talk.heard(NORMAL, Announced(ARRIVAL, again=True)) == [PhoneLeft(OFFER)]
