"""Calls of an earlier life: the core holds them, Asterisk holds them, and the adapter is new."""

from __future__ import annotations

from dataclasses import replace

from acd.calls import CallState
from acd.commands import KeepWaiting, ReleaseCall, SendElsewhere, WithdrawOffer
from acd.cti_adapters.asterisk.adoption import adopt
from acd.cti_adapters.asterisk.words import AfterTalk, CallerGone, Dialled, Elsewhere, PhoneGone, Surveyed, Talking
from acd.cti_adapters.base import Held
from acd.events import (
    CallArrived,
    CallerLeft,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PhoneLeft,
    SentElsewhere,
    TalkFound,
)
from acd.ids import AgentId, CallId, Instant, OfferId
from acd.rules import Destination, DestinationKind
from tests.unit.cti_adapters.asterisk.conversation import ARRIVAL, CALL, OTHER, Conversation, leg_row, row

OLD, OLDER = "acd-run0-00000002", "acd-run0-00000001"
OFFER = OfferId(CALL, 7)
STOP_OLD = [f"set ACD_STALE_{OLD} of {CALL}", f"hang up {OLD}"]
WAITS = Held(CALL, CallState.WAITING)
RINGS = Held(CALL, CallState.OFFERED, rings=(OFFER,))
TALKS = Held(CALL, CallState.TALKING, talk=OFFER)
RINGING_ROWS = row(CALL), leg_row(OLD, offer=7)
TALKING_ROWS = row(CALL, bridged=True, leg=OLD, offer=7), leg_row(OLD, bridged=True, offer=7)


def adopted(*calls: Held) -> Conversation:
    talk = Conversation()
    talk.legs.is_linked = False
    adopt(talk.legs, talk.write, calls)
    return talk


def test_a_waiting_caller_waits_on() -> None:
    """It is told like any, and known: its end is told once."""
    talk = adopted(WAITS)
    assert talk.surveyed(row(CALL)) == [ARRIVAL]
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]


def test_callers_that_are_gone_have_left() -> None:
    assert adopted(WAITS).surveyed() == [CallerLeft(CALL)]
    assert adopted(RINGS).surveyed() == [CallerLeft(CALL)]
    assert adopted(TALKS).surveyed() == [CallerLeft(CALL)]


def test_a_phone_that_rings_rings_on() -> None:
    """And all that follows is told of its offer."""
    talk = adopted(RINGS)
    assert talk.surveyed(*RINGING_ROWS) == [ARRIVAL]
    assert talk.after(3600) == []
    assert talk.heard(Talking(OLD, CALL)) == [OfferAccepted(OFFER)]
    talk.heard(AfterTalk(CALL))
    assert talk.heard(PhoneGone(OLD, 44)) == [PhoneLeft(OFFER, lost=True)]
    assert talk.obeyed(KeepWaiting(CALL)) == [f"send {CALL} to acd-wait"]


def test_a_phone_that_rings_on_may_not_answer() -> None:
    talk = adopted(RINGS)
    talk.surveyed(*RINGING_ROWS)
    assert talk.heard(Dialled(OLD, answered=False, timed_out=True)) == [OfferFailed(OFFER, OfferFailure.UNANSWERED)]


def test_a_phone_that_rings_on_may_be_withdrawn() -> None:
    """Also before the survey has told what its leg is called."""
    talk = adopted(RINGS)
    talk.surveyed(*RINGING_ROWS)
    assert talk.obeyed(WithdrawOffer(OFFER)) == STOP_OLD
    early = adopted(RINGS)
    early.obeyed(WithdrawOffer(OFFER))
    assert early.surveyed(*RINGING_ROWS) == [ARRIVAL, *STOP_OLD]


def test_a_phone_that_has_answered_meanwhile_is_told() -> None:
    talk = adopted(RINGS)
    assert talk.surveyed(*TALKING_ROWS) == [OfferAccepted(OFFER)]
    assert talk.surveyed(*TALKING_ROWS) == []


def test_a_phone_that_rings_no_more_has_failed() -> None:
    """Nobody needs to be hung up."""
    assert adopted(RINGS).surveyed(row(CALL)) == [ARRIVAL, OfferFailed(OFFER, OfferFailure.UNREACHABLE)]


def test_a_phone_that_answered_and_left_meanwhile_is_told_as_both() -> None:
    """The caller, on whom Asterisk waits for a decision, knows which offer it was."""
    told = adopted(RINGS).surveyed(row(CALL, "acd-after", leg=OLD, offer=7))
    assert told == [OfferAccepted(OFFER), PhoneLeft(OFFER)]


def test_of_several_phones_the_one_that_answered_is_told() -> None:
    """The others ring until the core withdraws them."""
    talk = adopted(replace(RINGS, rings=(OfferId(CALL, 6), OFFER)))
    assert talk.surveyed(*TALKING_ROWS, leg_row(OLDER, offer=6)) == [OfferAccepted(OFFER)]
    assert talk.obeyed(WithdrawOffer(OfferId(CALL, 6))) == [f"set ACD_STALE_{OLDER} of {CALL}", f"hang up {OLDER}"]


def test_of_an_offer_dialled_twice_the_later_channel_counts() -> None:
    """A phone was rung anew to answer by itself, and the first ring was about to end."""
    told = adopted(RINGS).surveyed(*RINGING_ROWS, leg_row(OLDER, offer=7))
    assert told == [ARRIVAL, f"set ACD_STALE_{OLDER} of {CALL}", f"hang up {OLDER}"]


def test_a_talk_goes_on_without_a_word() -> None:
    """Its end is told."""
    talk = adopted(TALKS)
    assert talk.surveyed(*TALKING_ROWS) == []
    talk.heard(AfterTalk(CALL))
    assert talk.heard(PhoneGone(OLD, 16)) == [PhoneLeft(OFFER)]
    assert talk.obeyed(ReleaseCall(CALL)) == [f"hang up {CALL}"]


def test_a_phone_that_left_its_talk_meanwhile_is_told() -> None:
    assert adopted(TALKS).surveyed(row(CALL, "acd-after", leg=OLD, offer=7)) == [PhoneLeft(OFFER)]
    assert adopted(TALKS).surveyed(row(CALL, "acd-after")) == [PhoneLeft(OFFER)]


def test_a_caller_who_was_to_go_back_to_the_line_is_asked_about_again() -> None:
    """The word was lost with the daemon: the core, for which it waits, says it once more."""
    talk = adopted(WAITS)
    assert talk.surveyed(row(CALL, "acd-after", leg=OLD, offer=7)) == [PhoneLeft(OFFER)]
    assert talk.obeyed(KeepWaiting(CALL)) == [f"send {CALL} to acd-wait"]


def test_a_phone_that_rings_for_nobody_is_stopped() -> None:
    """Its offer was withdrawn, or the core began empty; if it is answered all the same that is undone."""
    talk = adopted(WAITS)
    assert talk.surveyed(*RINGING_ROWS) == [ARRIVAL, *STOP_OLD]
    assert talk.heard(Talking(OLD, CALL)) == [f"hang up {OLD}"]
    assert talk.heard(AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]
    assert talk.heard(PhoneGone(OLD, 16)) == []
    assert talk.after(3600) == []


def test_a_talk_that_the_core_does_not_hold_is_told() -> None:
    """Events may be missing in the journal: if it holds the call as one that waits, that call is over first."""
    found = TalkFound(ARRIVAL, OFFER, AgentId("a"), Instant(7))
    assert adopted(WAITS).surveyed(*TALKING_ROWS) == [CallerLeft(CALL), found]
    assert adopted().surveyed(*TALKING_ROWS) == [found]


def test_who_was_sent_elsewhere_is_told_as_sent() -> None:
    """Who isn't there yet waits, and is sent again by the core."""
    sent = Held(CALL, CallState.ELSEWHERE)
    assert adopted(sent).surveyed(replace(row(CALL, "outbound"), elsewhere=True)) == [SentElsewhere(CALL)]
    assert adopted(sent).surveyed(row(CALL)) == [ARRIVAL, f"set ACD_TO_KIND of {CALL}"]
    assert adopted(sent).surveyed() == [CallerLeft(CALL)]
    underway = adopted(sent)
    assert underway.surveyed(row(CALL, "acd-elsewhere")) == []
    assert underway.after(3600) == []
    assert underway.heard(Elsewhere(CALL)) == [SentElsewhere(CALL)]
    again = adopted(sent)
    again.surveyed(row(CALL))
    send = SendElsewhere(CALL, Destination(DestinationKind.NUMBER, "110"))
    assert f"send {CALL} to acd-elsewhere" in again.obeyed(send)


CONSULT = CallId("1.1-consult")
ASKS = Held(CONSULT, CallState.OFFERED, rings=(OfferId(CONSULT, 1),), about=CALL)
ASKING = replace(leg_row(OLDER, offer=7), consult=CONSULT)


def asked(by: str, *, bridged: bool = False) -> Surveyed:
    return leg_row(OLD, CallId(by), bridged=bridged, offer=1)


def test_a_consult_is_held_by_the_agents_phone() -> None:
    """That is its caller, and carries its name; the phone that rings for it names the one or the other."""
    for by in (CONSULT, OLDER):
        talk = adopted(TALKS, ASKS)
        assert talk.surveyed(row(CALL, leg=OLDER, offer=7), ASKING, asked(by)) == []
        assert talk.heard(Talking(OLD, CONSULT)) == [OfferAccepted(OfferId(CONSULT, 1))]


def test_a_consult_answered_meanwhile_is_told() -> None:
    rows = row(CALL, leg=OLDER, offer=7), replace(ASKING, talk=OLD, talk_offer=1), asked(OLDER, bridged=True)
    assert adopted(TALKS, ASKS).surveyed(*rows) == [OfferAccepted(OfferId(CONSULT, 1))]


def test_a_consult_whose_phone_is_gone_is_over() -> None:
    """By the word of that phone alone."""
    told = adopted(TALKS, ASKS).surveyed(row(CALL, "acd-after", leg=OLDER, offer=7), asked(CONSULT))
    assert told == [PhoneLeft(OFFER)]


NUMBER = "acdn-run0-00000003"


def test_a_number_that_talks_goes_on() -> None:
    """It plays a caller, by its channel's own name."""
    called = Held(CALL, CallState.TALKING, talk=OFFER, is_dialled=True)
    talk = adopted(called)
    plays = replace(row(CALL, bridged=True, leg=OLD, offer=7), channel=NUMBER)
    assert talk.surveyed(plays, leg_row(OLD, bridged=True, offer=7)) == []
    assert talk.obeyed(ReleaseCall(CALL)) == [f"hang up {NUMBER}"]


def test_a_number_that_has_not_answered_is_given_up() -> None:
    """Whatever rings for it: the number itself, or the agent's phone for which it would be dialled then."""
    asked = Held(CONSULT, CallState.ELSEWHERE, about=CALL, is_dialled=True, is_awaited=True)
    rings = Surveyed(NUMBER, "acd-reached", CallId(""), False, "", None)
    told = adopted(TALKS, asked).surveyed(*TALKING_ROWS, rings)
    assert told == [NumberFailed(CONSULT, OfferFailure.UNREACHABLE), f"hang up {NUMBER}"]
    dialled = Held(CALL, CallState.OFFERED, rings=(OFFER,), is_dialled=True, is_awaited=True)
    told = adopted(dialled).surveyed(leg_row(OLD, offer=7))
    assert told == [OfferFailed(OFFER, OfferFailure.UNREACHABLE), *STOP_OLD]


def test_an_interrupted_survey_loses_nothing() -> None:
    """What is adopted stays so until a survey has told of it."""
    talk = adopted(RINGS, Held(OTHER, CallState.WAITING))
    later = CallArrived(OTHER, "8001", waiting_since=Instant(5))
    talk.heard(PhoneGone("acd-run0-9", 16))
    assert talk.surveyed(*RINGING_ROWS, row(OTHER)) == [ARRIVAL, later]
