"""Callers who are sent elsewhere or hear a prompt, as conversations."""

import pytest

from acd.commands import KeepWaiting, PlayPrompt, ReleaseCall, SendElsewhere, TellPosition, WithdrawOffer
from acd.cti_adapters.asterisk.callers import LEAVE_S_MAX, SEND_S_MAX
from acd.cti_adapters.asterisk.memory import NOT_NOW, NOT_NOW_S
from acd.cti_adapters.asterisk.words import (
    SENT_NOWHERE,
    AfterTalk,
    Announced,
    Answer,
    CallerGone,
    Dialled,
    Elsewhere,
    PhoneGone,
    Stays,
    Talking,
    no_such_place,
)
from acd.events import CallArrived, CallerLeft, OfferAccepted, PhoneLeft, SendingFailed, SentElsewhere
from acd.ids import OfferId
from acd.rules import Destination, DestinationKind
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

TO = Destination(DestinationKind.NUMBER, "110")
SEND = SendElsewhere(CALL, TO)
SENT = [f"set ACD_TO of {CALL}", f"set ACD_TO_KIND of {CALL}", f"send {CALL} to acd-elsewhere"]
TAKEN_BACK = f"set ACD_TO_KIND of {CALL}"
STOP = [f"set ACD_STALE_{LEG} of {CALL}", f"hang up {LEG}"]
PLAY = PlayPrompt(CALL, "please-wait")
PLAYED = [f"set ACD_PROMPT of {CALL}", f"set ACD_POSITION of {CALL}", f"send {CALL} to acd-prompt"]


def refused(verb: str, text: str) -> Answer:
    return Answer(verb, CALL, ok=False, text=text)


def leaving() -> Conversation:
    """A caller waits and is sent elsewhere."""
    talk = waiting()
    assert talk.obeyed(SEND) == SENT
    return talk


def test_gone_when_the_dialplan_says_so() -> None:
    """Once; from then the call is none of ours."""
    talk = leaving()
    assert talk.heard(Elsewhere(CALL)) == [SentElsewhere(CALL)]
    assert talk.heard(Elsewhere(CALL), Stays(CALL), CallerGone(CALL), refused("send", "x")) == []
    assert talk.obeyed(SEND, ReleaseCall(CALL), PLAY, offer_call()) == []
    assert talk.after(3600) == []


def test_one_who_comes_back_by_an_entry_is_a_new_arrival() -> None:
    """The call's name is the same."""
    talk = leaving()
    talk.heard(Elsewhere(CALL))
    assert talk.heard(Announced(ARRIVAL, again=False)) == [CallArrived(CALL, "8001")]
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]


def test_no_such_place() -> None:
    """What to add is said; the word is taken back, and the caller is served as before."""
    talk = leaving()
    assert talk.heard(Stays(CALL)) == [SendingFailed(CALL, no_such_place(TO)), TAKEN_BACK]
    assert talk.heard(Stays(CALL)) == []
    assert talk.after(3600) == []
    assert talk.obeyed(offer_call()) == [f"dial {LEG}"]


@pytest.mark.parametrize("to", [Destination(DestinationKind.NUMBER, "1,2"), Destination(DestinationKind.GROUP, "g")])
def test_what_is_no_place_isnt_asked_for(to: Destination) -> None:
    """It never gets near the dialplan."""
    assert waiting().obeyed(SendElsewhere(CALL, to)) == [SendingFailed(CALL, no_such_place(to))]


def test_the_caller_leaves_before() -> None:
    """Told once, as always; also if Asterisk knows the channel no more."""
    assert leaving().heard(CallerGone(CALL), Elsewhere(CALL)) == [CallerLeft(CALL)]
    talk = leaving()
    assert talk.heard(refused("send", f"Channel does not exist: {CALL}"), CallerGone(CALL)) == [CallerLeft(CALL)]
    assert talk.after(3600) == []


def test_refused_by_asterisk() -> None:
    """A right is missing, say."""
    told = [SendingFailed(CALL, "Permission denied"), TAKEN_BACK]
    assert leaving().heard(refused("send", "Permission denied")) == told


def test_a_channel_that_is_just_being_moved_is_asked_again_soon() -> None:
    """Or it is ending, which will be heard."""
    talk = leaving()
    assert talk.heard(refused("send", NOT_NOW)) == []
    assert talk.after(NOT_NOW_S) == SENT
    assert talk.heard(refused("send", NOT_NOW), CallerGone(CALL)) == [CallerLeft(CALL)]
    assert talk.after(3600) == []


def test_silence_is_answered_by_a_second_word_and_at_last_by_giving_up() -> None:
    """Then the word is taken back, and one who goes after all is fetched back."""
    talk = leaving()
    assert talk.after(SEND_S_MAX) == SENT
    for _ in range(2):
        talk.after(SEND_S_MAX)
    gave_up = [SendingFailed(CALL, SENT_NOWHERE), TAKEN_BACK, f"send {CALL} to acd-wait"]
    assert talk.after(LEAVE_S_MAX - 3 * SEND_S_MAX) == gave_up
    assert talk.after(3600) == []
    assert talk.heard(Elsewhere(CALL)) == [f"send {CALL} to acd-wait"]


def test_a_second_word_starts_anew() -> None:
    """With another place, as the core likes."""
    talk = leaving()
    talk.heard(Stays(CALL))
    other = Destination(DestinationKind.HANG_UP)
    assert talk.obeyed(SendElsewhere(CALL, other)) == SENT
    assert talk.heard(Stays(CALL)) == [SendingFailed(CALL, no_such_place(other)), TAKEN_BACK]


def test_a_release_wins() -> None:
    """It ends in CallerLeft, whether the caller has gone elsewhere meanwhile or not."""
    talk = leaving()
    assert talk.obeyed(ReleaseCall(CALL)) == [f"hang up {CALL}"]
    assert talk.obeyed(SEND) == []
    assert talk.heard(Elsewhere(CALL), Stays(CALL)) == []
    assert talk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]


def test_what_still_rings_is_withdrawn_first() -> None:
    """And what was withdrawn before isn't again; a phone of another call rings on."""
    talk = ringing()
    talk.heard(Announced(CallArrived(OTHER, "8001"), again=False))
    talk.obeyed(offer_call(OfferId(OTHER, 1)))
    assert talk.obeyed(SEND) == [*STOP, *SENT]
    talk = ringing()
    assert talk.obeyed(WithdrawOffer(OFFER), SEND) == [*STOP, *SENT]


def test_a_late_answer_doesnt_keep_the_caller() -> None:
    """The leg is hung up again; the caller goes, or is sent once more."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER), SEND)
    assert talk.heard(Talking(LEG, CALL)) == [f"hang up {LEG}"]
    assert talk.heard(PhoneGone(LEG, 16), AfterTalk(CALL)) == []
    assert talk.after(SEND_S_MAX) == SENT
    assert talk.heard(Elsewhere(CALL)) == [SentElsewhere(CALL)]


def test_a_withdrawn_leg_is_hung_up_until_it_is_gone_though_its_caller_is_none_of_ours() -> None:
    """A phone must not ring on."""
    talk = ringing()
    talk.obeyed(WithdrawOffer(OFFER), SEND)
    talk.heard(Elsewhere(CALL))
    assert talk.after(2.1) == [f"hang up {LEG}"]
    assert talk.heard(PhoneGone(LEG, 26), Dialled(LEG, answered=False, timed_out=False)) == []
    assert talk.after(3600) == []


def test_a_word_to_keep_waiting_doesnt_undo_it() -> None:
    """It was said of the talk before."""
    talk = talking()
    talk.heard(PhoneGone(LEG, 44), AfterTalk(CALL))
    assert talk.obeyed(SEND, KeepWaiting(CALL)) == SENT
    assert talk.heard(Elsewhere(CALL)) == [SentElsewhere(CALL)]


def test_who_goes_without_our_word_is_fetched_back() -> None:
    """The core takes the call for a waiting one."""
    assert waiting().heard(Elsewhere(CALL)) == [f"send {CALL} to acd-wait"]
    assert Conversation().heard(Elsewhere(CALL), Stays(CALL)) == []


# --- prompts --------------------------------------------------------------------------------------------------------


def test_a_waiting_caller_hears_a_prompt() -> None:
    """Whether a phone rings or not; nothing is told of it."""
    for talk in (waiting(), ringing()):
        assert talk.obeyed(PLAY) == PLAYED
        assert talk.heard(Announced(ARRIVAL, again=True)) == []
        assert talk.after(1) == []


def test_a_waiting_caller_is_told_the_place_in_the_line() -> None:
    """As a prompt, with a number after it; who talks isn't."""
    assert waiting().obeyed(TellPosition(CALL, 1)) == PLAYED
    assert waiting().obeyed(TellPosition(CALL, 7)) == PLAYED
    assert talking().obeyed(TellPosition(CALL, 7)) == []


def test_who_has_just_come_back_to_the_line_hears_it_a_moment_later() -> None:
    """Asterisk 16 would forget the first of two moves."""
    talk = talking()
    talk.heard(PhoneGone(LEG, 16), AfterTalk(CALL))
    assert talk.obeyed(KeepWaiting(CALL), PLAY) == [f"send {CALL} to acd-wait"]
    assert talk.after(NOT_NOW_S) == PLAYED
    assert talk.after(3600) == []


def test_who_talks_or_leaves_hears_none() -> None:
    """Nor who isn't there."""
    assert talking().obeyed(PLAY) == []
    assert leaving().obeyed(PLAY) == []
    assert Conversation().obeyed(PLAY) == []


def test_a_prompt_for_a_channel_that_is_just_being_moved_is_repeated() -> None:
    """As is the way back to the line; not if a phone has fetched the caller meanwhile."""
    talk = waiting()
    talk.obeyed(PLAY)
    assert talk.heard(refused("play", NOT_NOW)) == []
    assert talk.after(NOT_NOW_S) == PLAYED
    assert talk.heard(refused("again", NOT_NOW)) == []
    assert talk.after(NOT_NOW_S) == [f"send {CALL} to acd-wait"]
    talk = ringing()
    talk.obeyed(PLAY)
    assert talk.heard(refused("play", NOT_NOW), Talking(LEG, CALL)) == [OfferAccepted(OFFER)]
    assert talk.after(3600) == []


@pytest.mark.parametrize("verb", ["play", "again", "send", "hangup"])
def test_a_caller_whose_channel_is_gone_has_left(verb: str) -> None:
    """Whatever was asked of it."""
    assert waiting().heard(refused(verb, f"Channel does not exist: {CALL}")) == [CallerLeft(CALL)]


def test_other_refusals_of_a_prompt_say_nothing() -> None:
    """The caller hears music."""
    talk = waiting()
    talk.obeyed(PLAY)
    assert talk.heard(refused("play", "Permission denied")) == []
    assert talk.after(3600) == []


# --- several phones ring ----------------------------------------------------------------------------------------------


def test_of_several_rings_the_one_that_asterisk_connects_is_accepted() -> None:
    """The others are the core's to withdraw; each is stopped by itself."""
    talk = ringing()
    second, leg = OfferId(CALL, 2), "acd-run1-00000002"
    assert talk.obeyed(offer_call(second)) == [f"dial {leg}"]
    answered = [Dialled(each, answered=True, timed_out=False) for each in (LEG, leg)]
    assert talk.heard(*answered, Talking(leg, CALL), Talking(leg, CALL)) == [OfferAccepted(second)]
    assert talk.obeyed(WithdrawOffer(OFFER)) == STOP
    assert talk.heard(PhoneGone(LEG, 16)) == []
    assert talk.heard(PhoneGone(leg, 16), AfterTalk(CALL)) == [PhoneLeft(second)]
