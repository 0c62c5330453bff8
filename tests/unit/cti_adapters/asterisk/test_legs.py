"""What becomes of a call's channels, as conversations."""

import pytest

from acd.commands import KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.cti_adapters.asterisk.legs import OFFER_RESERVE_S, TRIES_AT_ONCE, TRIES_MAX
from acd.cti_adapters.asterisk.memory import APART_S_MAX, RELEASE_S_MAX
from acd.cti_adapters.asterisk.words import (
    AfterTalk,
    Announced,
    Answer,
    CallerGone,
    Dialled,
    HangsUp,
    PhoneGone,
    Talking,
)
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PhoneLeft
from acd.ids import OfferId
from tests.unit.cti_adapters.asterisk.conversation import (
    ARRIVAL,
    CALL,
    LEG,
    OFFER,
    OTHER,
    Conversation,
    offer_call,
    ringing,
    talking,
    waiting,
)

FAILED, ANSWERED = Dialled(LEG, answered=False, timed_out=False), Dialled(LEG, answered=True, timed_out=False)
TIMED_OUT = Dialled(LEG, answered=False, timed_out=True)
BUSY, NORMAL = PhoneGone(LEG, 17), PhoneGone(LEG, 16)
NOT_THERE = Answer("hangup", LEG, ok=False, text="No such channel")
STOP = [f"set ACD_STALE_{LEG} of {CALL}", f"hang up {LEG}"]


def test_a_new_call_waits_since_the_core_hears_of_it_and_one_that_announces_again_since_it_came() -> None:
    """The second is known no more, or never was; a known one is no news."""
    talk = Conversation()
    assert talk.heard(Announced(ARRIVAL, again=False)) == [CallArrived(CALL, "8001")]
    assert talk.heard(Announced(ARRIVAL, again=True)) == []
    assert Conversation().heard(Announced(ARRIVAL, again=True)) == [ARRIVAL]


def test_the_plain_call() -> None:
    """Rings, talks, ends by the caller."""
    talk = ringing()
    assert talk.heard(ANSWERED, Talking(LEG, CALL)) == [OfferAccepted(OFFER)]
    assert talk.heard(NORMAL) == []
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]
    assert talk.after(3600) == []


@pytest.mark.parametrize("after", [(NORMAL, AfterTalk(CALL)), (AfterTalk(CALL), NORMAL)])
def test_who_left_is_known_by_where_the_caller_is(after: tuple[PhoneGone | AfterTalk, ...]) -> None:
    """The phone's end alone doesn't tell; after the talk, it was the phone."""
    talk = talking()
    assert talk.heard(after[0]) == []
    assert talk.heard(after[1]) == [PhoneLeft(OFFER)]
    assert talk.after(3600) == []


def test_a_phones_hang_up_that_asterisk_has_lost_is_done_again() -> None:
    """It came in the moment in which the phone was moved: the channel talks on with nobody. Its caller stays."""
    for talk in (talking(), ringing()):
        told = talk.heard(HangsUp(LEG), Talking(LEG, CALL), HangsUp(LEG))
        assert told in ([], [OfferAccepted(OFFER)])
        assert talk.after(APART_S_MAX / 2) == []
        assert talk.after(APART_S_MAX / 2) == [f"hang up {LEG}"]
        assert talk.after(RELEASE_S_MAX) == [f"hang up {LEG}"], "until it is gone"
        assert talk.heard(NORMAL, AfterTalk(CALL)) == [PhoneLeft(OFFER)]
        assert talk.after(3600) == []


def test_a_phones_hang_up_is_no_end_yet_and_of_one_that_is_over_no_news() -> None:
    talk = talking()
    assert talk.heard(HangsUp(LEG), NORMAL, AfterTalk(CALL)) == [PhoneLeft(OFFER)]
    assert talk.heard(HangsUp(LEG), HangsUp("acd-run0-00000001")) == []
    assert talk.after(3600) == []


def test_originates_answer_may_come_after_the_claim() -> None:
    """They come from different threads of Asterisk."""
    talk = ringing()
    assert talk.heard(Talking(LEG, CALL), ANSWERED) == [OfferAccepted(OFFER)]


def test_ended_by_the_phone_and_released() -> None:
    """A release is repeated until the caller is gone."""
    talk = talking()
    assert talk.heard(NORMAL, AfterTalk(CALL)) == [PhoneLeft(OFFER)]
    assert talk.obeyed(ReleaseCall(CALL)) == [f"hang up {CALL}"]
    assert talk.after(1) == []
    assert talk.after(1.5) == [f"hang up {CALL}"]
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]
    assert talk.after(3600) == []


def test_a_release_of_a_caller_that_asterisk_has_lost_ends_too() -> None:
    """The channel isn't there: that is told as its end, once."""
    talk = talking()
    talk.obeyed(ReleaseCall(CALL))
    gone = Answer("hangup", CALL, ok=False, text="No such channel")
    assert talk.heard(Answer("hangup", CALL, ok=False, text="Permission denied")) == []
    assert talk.heard(gone, gone, CallerGone(CALL)) == [CallerLeft(CALL)]


def test_a_dead_phone_is_told_as_lost() -> None:
    """Cause 44."""
    assert talking().heard(PhoneGone(LEG, 44), AfterTalk(CALL)) == [PhoneLeft(OFFER, lost=True)]


@pytest.mark.parametrize("facts", [(FAILED, BUSY), (BUSY, FAILED)])
def test_a_failure_needs_both_facts_in_any_order(facts: tuple[Dialled, PhoneGone]) -> None:
    """Originate's end and the channel's."""
    talk = ringing()
    assert talk.heard(facts[0]) == []
    assert talk.heard(facts[1]) == [OfferFailed(OFFER, OfferFailure.BUSY)]


def test_a_phone_that_never_had_a_channel_fails_without_the_second_fact() -> None:
    """After a moment: not registered."""
    talk = ringing()
    assert talk.heard(FAILED) == []
    assert talk.after(0.05) == []
    assert talk.after(0.1) == [OfferFailed(OFFER, OfferFailure.UNREACHABLE)]


def test_not_answered_needs_no_second_fact() -> None:
    """Asterisk's own limit."""
    assert ringing().heard(TIMED_OUT) == [OfferFailed(OFFER, OfferFailure.UNANSWERED)]


def test_an_originate_that_asterisk_refuses_fails_at_once() -> None:
    """A right is missing, say."""
    refused = Answer("originate", LEG, ok=False, text="Permission denied")
    assert ringing().heard(refused) == [OfferFailed(OFFER, OfferFailure.UNREACHABLE)]


@pytest.mark.parametrize("facts", [(ANSWERED, NORMAL), (NORMAL, ANSWERED)])
def test_picked_up_and_put_down_before_the_bridge_is_a_rejection(facts: tuple[Dialled, PhoneGone]) -> None:
    """The caller still waits."""
    assert ringing().heard(*facts) == [OfferFailed(OFFER, OfferFailure.REJECTED)]


def test_an_offer_of_which_nothing_is_heard_fails_and_is_stopped() -> None:
    """Later than Asterisk's own limit."""
    talk = ringing()
    assert talk.after(20 + OFFER_RESERVE_S) == [OfferFailed(OFFER, OfferFailure.UNREACHABLE), *STOP]
    assert talk.heard(Talking(LEG, CALL)) == [f"hang up {LEG}"]


def test_a_withdrawal_marks_then_hangs_up_and_tells_nothing() -> None:
    """In this order: a claim looks for the mark."""
    talk = ringing()
    assert talk.obeyed(WithdrawOffer(OFFER)) == STOP
    assert talk.heard(NORMAL, FAILED) == []
    assert talk.obeyed(WithdrawOffer(OFFER)) == []
    assert talk.after(3600) == []


def test_a_withdrawal_is_repeated_until_the_channel_is_gone() -> None:
    """Asterisk may not have made it yet; at once first, then with pauses, not for ever."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    for _ in range(TRIES_AT_ONCE - 1):
        assert talk.heard(NOT_THERE) == [f"hang up {LEG}"]
    assert talk.heard(NOT_THERE) == []
    assert talk.after(2) == STOP
    assert talk.heard(ANSWERED) == [f"hang up {LEG}"]
    for _ in range(TRIES_MAX):
        talk.heard(NOT_THERE)
    assert talk.after(3600) == []


@pytest.mark.parametrize("end", [FAILED, TIMED_OUT])
def test_a_withdrawn_offer_that_ended_by_itself_is_done(end: Dialled) -> None:
    """Nothing is asked of a channel that isn't there."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    assert talk.heard(end) == []
    assert talk.heard(NOT_THERE) == []
    assert talk.after(3600) == []


def test_withdrawn_while_the_second_fact_of_its_failure_is_awaited() -> None:
    """Told as nothing: the withdrawal came first."""
    talk = ringing()
    talk.heard(BUSY)
    assert talk.obeyed(WithdrawOffer(OFFER)) == []
    assert talk.heard(FAILED) == []


def test_a_claim_after_the_withdrawal_is_undone() -> None:
    """The leg is hung up and the caller goes back to the line; nothing is told."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    assert talk.heard(Talking(LEG, CALL)) == [f"hang up {LEG}"]
    assert talk.heard(NORMAL, AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]
    assert talk.after(3600) == []


def test_a_withdrawal_that_crosses_the_claim_is_obeyed() -> None:
    """OfferAccepted was told, and what comes late is the core's to ignore."""
    talk = talking()
    assert talk.obeyed(WithdrawOffer(OFFER)) == STOP
    assert talk.heard(NORMAL, AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]


def test_an_undone_claim_without_a_talk_still_brings_the_caller_back() -> None:
    """The bridge was never made; after a second the caller is sent back anyway."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    talk.heard(Talking(LEG, CALL), NORMAL)
    assert talk.after(1.1) == [f"send {CALL} to acd-wait"]


def test_an_undone_claim_does_not_break_the_next_talk() -> None:
    """The next offer was quicker than that second."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    talk.heard(Talking(LEG, CALL), NORMAL)
    second = OfferId(CALL, 2)
    talk.obeyed(offer_call(second))
    assert talk.heard(Talking("acd-run1-00000002", CALL)) == [OfferAccepted(second)]
    assert talk.after(3600) == []


def test_a_late_word_to_keep_waiting_does_not_tear_the_caller_from_the_next_talk() -> None:
    """It was said of the phone before; the next has fetched the caller, and its acceptance is on its way."""
    talk = ringing()
    talk.heard(BUSY, FAILED)
    second = OfferId(CALL, 2)
    talk.obeyed(offer_call(second))
    assert talk.heard(Talking("acd-run1-00000002", CALL)) == [OfferAccepted(second)]
    assert talk.obeyed(KeepWaiting(CALL)) == []
    assert talk.after(3600) == []


def test_a_release_is_not_forgotten_over_a_claim() -> None:
    """Neither by one that is told nor by one that is undone."""
    talk = ringing()
    talk.obeyed(ReleaseCall(CALL))
    assert talk.heard(Talking(LEG, CALL)) == [OfferAccepted(OFFER)]
    assert talk.after(2.1) == [f"hang up {CALL}"]
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER), ReleaseCall(CALL))
    talk.heard(Talking(LEG, CALL))
    assert talk.heard(NORMAL, AfterTalk(CALL)) == []
    assert talk.after(2.1) == [f"hang up {CALL}"]


def test_a_hang_up_lost_in_a_late_claim_is_repeated_soon() -> None:
    """The phone must not talk on for seconds."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER))
    talk.heard(Talking(LEG, CALL))
    assert talk.after(0.3) == STOP


def test_kept_waiting_as_soon_as_the_talk_has_come_apart() -> None:
    """Whichever comes first, the core's wish or Asterisk's readiness."""
    talk = talking()
    talk.heard(NORMAL)
    assert talk.after(1.1) == [PhoneLeft(OFFER)]
    assert talk.obeyed(KeepWaiting(CALL)) == []
    assert talk.heard(AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]
    talk = talking()
    talk.heard(NORMAL, AfterTalk(CALL))
    assert talk.obeyed(KeepWaiting(CALL)) == [f"send {CALL} to acd-wait"]
    assert talk.heard(Announced(ARRIVAL, again=True)) == []
    assert talk.obeyed(KeepWaiting(CALL)) == []


def test_a_leg_left_by_a_caller_who_does_not_go_is_told_as_left() -> None:
    """Somebody else moved the caller: the agent must not stay in the talk for ever."""
    talk = talking()
    assert talk.heard(NORMAL) == []
    assert talk.after(1.1) == [PhoneLeft(OFFER)]


def test_the_caller_leaves_while_it_rings() -> None:
    """Told once; the leg is the core's to withdraw, and its end is no news."""
    talk = ringing()
    assert talk.heard(CallerGone(CALL), CallerGone(CALL)) == [CallerLeft(CALL)]
    assert talk.obeyed(WithdrawOffer(OFFER)) == [f"hang up {LEG}"]
    assert talk.heard(NORMAL, FAILED) == []


def test_a_talk_that_outlives_its_caller_is_ended() -> None:
    """Hung up while Asterisk was bridging it, the caller was told as gone and talks on all the same."""
    ends = [f"hang up {LEG}", f"hang up {CALL}"]
    talk = talking()
    talk.heard(CallerGone(CALL))
    assert talk.after(0.3) == ends
    assert talk.after(2.1) == ends
    assert talk.heard(NORMAL, AfterTalk(CALL)) == [f"hang up {CALL}"]
    talk = ringing()
    talk.heard(CallerGone(CALL), Talking(LEG, CALL))
    assert talk.after(0.3) == ends
    assert talk.heard(NOT_THERE) == []
    assert talk.after(3600) == []


def test_offers_and_answers_for_callers_that_are_gone() -> None:
    """CallerLeft was told before: that is their end."""
    talk = ringing()
    talk.heard(CallerGone(CALL))
    assert talk.heard(ANSWERED, Talking(LEG, CALL), NORMAL) == []
    assert talk.obeyed(offer_call(OfferId(OTHER, 1)), KeepWaiting(OTHER), ReleaseCall(OTHER)) == []


def test_a_refused_call_is_not_ours_any_more() -> None:
    """It may come back by another entry."""
    talk = waiting()
    refuse = RefuseCall(CALL, RefusalCause.UNKNOWN_ENTRY, "")
    assert talk.obeyed(refuse) == [f"set ACD_REFUSED of {CALL}", f"send {CALL} to acd-refused"]
    assert talk.heard(Announced(ARRIVAL, again=False)) == [CallArrived(CALL, "8001")]
    talk.obeyed(refuse)
    assert talk.heard(CallerGone(CALL)) == []


def test_a_caller_left_over_from_an_earlier_life_is_released() -> None:
    """After its talk nobody else will decide about it."""
    assert Conversation().heard(AfterTalk(CALL)) == [f"hang up {CALL}"]


def test_what_is_said_of_unknown_legs_changes_nothing() -> None:
    """But a claim by a forgotten one, of this life or an earlier one, is undone; not of a caller who isn't known."""
    talk = waiting()
    foreign = "acd-run0-1"
    assert talk.heard(Dialled(foreign, True, False), PhoneGone(foreign, 16), Talking(foreign, OTHER)) == []
    assert talk.heard(Talking(foreign, CALL)) == [f"hang up {foreign}"]
    assert talk.heard(AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]
    assert talk.heard(Talking("acd-run1-9", CALL)) == ["hang up acd-run1-9"]
    assert talk.heard(AfterTalk(CALL)) == [f"send {CALL} to acd-wait"]
