"""After an absence: the survey against what was known."""

from dataclasses import replace

from acd.commands import ReleaseCall, SendElsewhere, WithdrawOffer
from acd.cti_adapters.asterisk.words import (
    AfterTalk,
    Announced,
    CallerGone,
    Elsewhere,
    PhoneGone,
    Talking,
)
from acd.events import (
    CallArrived,
    CallerLeft,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PhoneLeft,
    SentElsewhere,
    TalkFound,
)
from acd.ids import AgentId, CallId, Instant, OfferId
from acd.rules import Destination, DestinationKind
from tests.unit.cti_adapters.asterisk.conversation import (
    ARRIVAL,
    CALL,
    LEG,
    OFFER,
    OTHER,
    Conversation,
    leg_row,
    offer_call,
    ringing,
    row,
    talking,
    waiting,
)

OLD = "acd-run0-1"
SEND = SendElsewhere(CALL, Destination(DestinationKind.NUMBER, "110"))
ELSEWHERE = replace(row(CALL, "outbound"), elsewhere=True)
STOP = [f"set ACD_STALE_{LEG} of {CALL}", f"hang up {LEG}"]


def test_waiting_callers_are_told_in_the_order_of_their_arrival() -> None:
    """Known or not."""
    later = row(OTHER)
    arrival = CallArrived(OTHER, "8001", waiting_since=Instant(9))
    later = type(later)(OTHER, "acd-wait", OTHER, False, "", arrival)
    assert waiting().surveyed(later, row(CALL)) == [ARRIVAL, arrival]


def test_legs_that_somebody_else_looks_after_are_left_alone() -> None:
    """They are no phones of an earlier life."""
    talk = waiting()
    talk.legs.guests.add(OLD)
    assert talk.surveyed(row(CALL), leg_row(OLD)) == [ARRIVAL]
    talk.legs.guests.clear()
    assert talk.surveyed(row(CALL), leg_row(OLD)) == [ARRIVAL, f"set ACD_STALE_{OLD} of {CALL}", f"hang up {OLD}"]


def test_known_callers_that_are_gone_have_left() -> None:
    """But not those that came while the survey was made."""
    talk = waiting()
    new = CallArrived(OTHER, "8001", waiting_since=Instant(9))
    assert talk.surveyed(Announced(new, again=False)) == [CallArrived(OTHER, "8001"), CallerLeft(CALL)]


def test_a_caller_who_leaves_while_the_survey_is_made_is_not_told_as_waiting() -> None:
    """Its line may come after its end."""
    assert Conversation().surveyed(CallerGone(CALL), row(CALL)) == []
    assert waiting().surveyed(row(CALL), CallerGone(CALL)) == [CallerLeft(CALL)]


def test_a_talk_of_an_earlier_life_is_left_alone_and_told() -> None:
    """Once; also when the claim comes while the survey is made. Without a phone there is none."""
    found = TalkFound(ARRIVAL, OfferId(CALL, 3), AgentId("a"), Instant(7))
    talk, rows = Conversation(), (row(CALL, bridged=True, leg=OLD), leg_row(OLD, bridged=True, offer=3))
    assert talk.surveyed(*rows) == [found]
    assert talk.surveyed(*rows) == []
    claimed = Conversation().surveyed(row(CALL), leg_row(OLD, offer=3), Talking(OLD, CALL))
    assert claimed == [TalkFound(ARRIVAL, OfferId(CALL, 3), AgentId("a"), Instant(5))]
    assert Conversation().surveyed(row(CALL, bridged=True, leg=OLD)) == []


def test_the_end_of_a_talk_found_is_told() -> None:
    """By the phone, by the caller; and what the core wants then is done."""
    talk = Conversation()
    talk.surveyed(row(CALL, bridged=True, leg=OLD), leg_row(OLD, bridged=True, offer=3))
    talk.heard(AfterTalk(CALL))
    assert talk.heard(PhoneGone(OLD, 16)) == [PhoneLeft(OfferId(CALL, 3))]
    assert talk.obeyed(ReleaseCall(CALL)) == [f"hang up {CALL}"]
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]


def test_a_phone_answered_and_hung_up_meanwhile_is_told_as_both() -> None:
    """Its caller awaits a decision, and must not be taken for one who waits."""
    told = ringing().surveyed(row(CALL, "acd-after", leg=LEG))
    assert told == [OfferAccepted(OFFER), PhoneLeft(OFFER)]


def test_a_phone_left_ringing_by_an_earlier_life_is_stopped() -> None:
    """And its caller waits."""
    stop = [f"set ACD_STALE_{OLD} of {CALL}", f"hang up {OLD}"]
    assert Conversation().surveyed(leg_row(OLD), row(CALL)) == [ARRIVAL, *stop]


def test_a_caller_after_the_talk_of_an_earlier_life_is_released() -> None:
    """Once, if it is heard of twice."""
    assert Conversation().surveyed(row(CALL, "acd-after")) == [f"hang up {CALL}"]
    assert Conversation().surveyed(row(CALL, "acd-after"), AfterTalk(CALL)) == [f"hang up {CALL}"]


def test_a_refused_caller_is_not_ours() -> None:
    """It hears the congestion tone, or is in the user's own context."""
    assert Conversation().surveyed(row(CALL, "acd-refused")) == []


def test_an_offer_that_rings_on_rings_on() -> None:
    """Its end is yet to come."""
    talk = ringing()
    assert talk.surveyed(row(CALL), leg_row(LEG)) == [ARRIVAL]
    assert talk.heard(Talking(LEG, CALL)) == [OfferAccepted(OFFER)]


def test_an_offer_answered_meanwhile_is_told_as_accepted() -> None:
    """Once."""
    talk = ringing()
    rows = row(CALL, bridged=True, leg=LEG), leg_row(LEG, bridged=True)
    assert talk.surveyed(*rows) == [OfferAccepted(OFFER)]
    assert talk.surveyed(*rows) == []


def test_an_offer_that_ended_meanwhile_has_failed() -> None:
    """Why can't be known; and it is stopped, for Originate may be under way still."""
    assert ringing().surveyed(row(CALL)) == [ARRIVAL, OfferFailed(OFFER, OfferFailure.UNREACHABLE), *STOP]


def test_an_offer_made_while_lost_has_failed() -> None:
    """It was never dialled."""
    talk = waiting()
    talk.legs.is_linked = False
    talk.obeyed(offer_call())
    talk.legs.is_linked = True
    assert talk.surveyed(row(CALL)) == [ARRIVAL, OfferFailed(OFFER, OfferFailure.UNREACHABLE)]


def test_a_phone_that_left_meanwhile_is_told() -> None:
    """The caller awaits the core's decision, or is bridged with nobody."""
    assert talking().surveyed(row(CALL, "acd-after")) == [PhoneLeft(OFFER)]
    assert talking().surveyed(PhoneGone(LEG, 44), row(CALL, "acd-after")) == [PhoneLeft(OFFER, lost=True)]


def test_a_talk_that_goes_on_is_no_news() -> None:
    """Nor one whose end is told while the survey is made."""
    talk = talking()
    assert talk.surveyed(row(CALL, bridged=True, leg=LEG), leg_row(LEG, bridged=True)) == []


def test_caller_and_phone_both_gone() -> None:
    """CallerLeft is the end of the offer too."""
    assert talking().surveyed() == [CallerLeft(CALL)]
    assert ringing().surveyed() == [CallerLeft(CALL), f"hang up {LEG}"]


def test_what_was_withdrawn_while_lost_is_stopped() -> None:
    """If it still rings; if it talks, that is undone."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    assert talk.surveyed(row(CALL), leg_row(LEG)) == [ARRIVAL, *STOP]
    assert talk.surveyed(row(CALL, bridged=True, leg=LEG), leg_row(LEG)) == [f"hang up {LEG}", *STOP]
    assert talk.heard(AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]
    assert talk.surveyed(row(CALL)) == [ARRIVAL]


def test_who_has_gone_elsewhere_meanwhile_is_told_as_sent() -> None:
    """By the survey, or by the word that comes during it; its line may be older, or come later."""
    for facts in ([ELSEWHERE], [Elsewhere(CALL), row(CALL)], [row(CALL), Elsewhere(CALL)]):
        talk = waiting()
        talk.obeyed(SEND)
        assert talk.surveyed(*facts) == [SentElsewhere(CALL)]
        assert talk.surveyed(*facts) == []


def test_whose_sending_was_lost_with_the_link_waits() -> None:
    """The word is taken back; the core repeats it if it still matters."""
    talk = waiting()
    talk.obeyed(SEND)
    assert talk.surveyed(row(CALL)) == [ARRIVAL, f"set ACD_TO_KIND of {CALL}"]
    assert talk.surveyed(row(CALL)) == [ARRIVAL]
    assert talk.after(3600) == []


def test_who_is_elsewhere_without_our_word_has_left() -> None:
    """Somebody else has moved the call."""
    assert waiting().surveyed(ELSEWHERE) == [CallerLeft(CALL)]
    assert CallerLeft(CALL) in waiting().surveyed(row(CALL), Elsewhere(CALL))


def test_callers_elsewhere_are_none_of_the_next_lifes() -> None:
    """Bridged with a phone outside, or in the moment of going; one who comes back during the survey is."""
    bridged = replace(ELSEWHERE, bridged=True, talk=OLD)
    assert Conversation().surveyed(bridged) == []
    assert Conversation().surveyed(row(CALL), Elsewhere(CALL)) == []
    assert Conversation().surveyed(row(CALL, "acd-elsewhere")) == []
    back = Announced(ARRIVAL, again=False)
    assert Conversation().surveyed(row(CALL), Elsewhere(CALL), back) == [CallArrived(CALL, "8001"), ARRIVAL]


def test_a_caller_who_hears_a_prompt_waits() -> None:
    """Like one with music."""
    assert Conversation().surveyed(row(CALL, "acd-prompt")) == [ARRIVAL]


def test_offers_of_different_calls_do_not_mix() -> None:
    """Each end is its own."""
    talk = ringing()
    talk.heard(Announced(CallArrived(OTHER, "8001"), again=False))
    talk.obeyed(offer_call(OfferId(OTHER, 1)))
    other_leg = "acd-run1-00000002"
    rows = row(CALL, bridged=True, leg=LEG), leg_row(LEG), row(OTHER), leg_row(other_leg, CallId(OTHER))
    told = talk.surveyed(*rows)
    assert told == [OfferAccepted(OFFER), CallArrived(OTHER, "8001", waiting_since=Instant(5))]


def test_a_caller_whom_a_supervisor_took_over_in_an_earlier_life_is_no_agents_talk() -> None:
    """A supervisor's phone was dialled for no offer; the two are left alone."""
    talk = Conversation()
    taken = row(CALL, "acd-join", bridged=True, leg="acd-old-00000001")
    assert talk.surveyed(taken, leg_row("acd-old-00000001", bridged=True)) == []
    assert talk.surveyed(row(CALL), leg_row("acd-old-00000001"))[-1] == "hang up acd-old-00000001", "who only listens"
