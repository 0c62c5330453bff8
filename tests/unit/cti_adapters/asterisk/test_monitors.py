"""What becomes of supervisors' phones, as conversations."""

import pytest

from acd.commands import ChangeMonitor, Command, EndMonitor, StartMonitor
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.legs import FACT_S_MAX, OFFER_RESERVE_S, TRIES_AT_ONCE, TRIES_MAX
from acd.cti_adapters.asterisk.memory import APART_S_MAX, NOT_NOW, NOT_NOW_S, RELEASE_S_MAX
from acd.cti_adapters.asterisk.monitors import MOVE_S_MAX, PAST_MAX, TAKE_S_MAX, Monitors
from acd.cti_adapters.asterisk.words import AfterTalk, Answer, CallerGone, Dialled, PhoneGone, Talking, Watching
from acd.events import (
    CallerLeft,
    Intercepted,
    MonitorEnded,
    MonitorMode,
    MonitorStarted,
    OfferFailure,
    PbxEvent,
    PhoneLeft,
)
from acd.ids import MonitorId
from tests.unit.cti_adapters.asterisk import conversation
from tests.unit.cti_adapters.asterisk.conversation import CALL, LEG, OFFER, Conversation

MONITOR = MonitorId("lead-1")
SUPERVISOR = "acd-run1-00000002"
LISTEN, BARGE, INTERCEPT = MonitorMode.LISTEN, MonitorMode.BARGE, MonitorMode.INTERCEPT
ANSWERED, FAILED = Dialled(SUPERVISOR, answered=True, timed_out=False), Dialled(SUPERVISOR, False, False)
GONE, BUSY = PhoneGone(SUPERVISOR, 16), PhoneGone(SUPERVISOR, 17)
HANG_UP = f"hang up {SUPERVISOR}"
TAKE = [f"set ACD_CALLER of {SUPERVISOR}", f"set ACD_TALK of {CALL}", f"send {CALL} to acd-join"]
GIVE_BACK = [f"set ACD_CALLER of {LEG}", f"set ACD_TALK of {CALL}", f"send {CALL} to acd-join"]
LET_GO = [f"set ACD_STALE_{LEG} of {CALL}", f"hang up {LEG}"]
NOT_THERE = Answer("hangup", SUPERVISOR, ok=False, text="No such channel")


class Desk(Conversation):
    """With a supervisor."""

    def __init__(self) -> None:
        super().__init__()
        self.monitors = Monitors(self.write, self.legs)

    def hear(self, fact: words.Fact) -> None:
        if not self.monitors.hear(fact, self.now):
            super().hear(fact)

    def obeyed(self, *commands: Command) -> list[PbxEvent | str]:
        for command in commands:
            if isinstance(command, StartMonitor | ChangeMonitor | EndMonitor):
                self.monitors.obey(command, self.now)
            else:
                self.legs.obey(command, self.now)
        return self._taken()

    def after(self, seconds: float) -> list[PbxEvent | str]:
        self.now += seconds
        self.monitors.look_at_the_clock(self.now)
        return super().after(0)

    def found(self, *channels: str, talk: str = LEG) -> list[PbxEvent | str]:
        """What comes of a survey with these legs in it, of which one has the caller."""
        self.monitors.settle(channels, (talk,), self.now)
        return self._taken()


def start(mode: MonitorMode = LISTEN, ring_ms: int = 20_000) -> StartMonitor:
    return StartMonitor(MONITOR, OFFER, "PJSIP/1900", mode, ring_ms)


def talking() -> Desk:
    """Caller and agent talk."""
    desk = Desk()
    desk.heard(words.Announced(conversation.ARRIVAL, again=False))
    desk.obeyed(conversation.offer_call())
    desk.heard(Dialled(LEG, answered=True, timed_out=False), Talking(LEG, CALL))
    return desk


def ringing(mode: MonitorMode = LISTEN) -> Desk:
    """And the supervisor's phone rings."""
    desk = talking()
    assert desk.obeyed(start(mode)) == [f"dial {SUPERVISOR}"]
    return desk


def spying() -> Desk:
    """And has answered."""
    desk = ringing()
    assert desk.heard(ANSWERED, Watching(SUPERVISOR, LISTEN)) == [MonitorStarted(MONITOR)]
    return desk


def taking() -> Desk:
    """It has answered, and the caller is on its way."""
    desk = ringing(INTERCEPT)
    assert desk.heard(ANSWERED, Watching(SUPERVISOR, INTERCEPT)) == TAKE
    return desk


def test_begins_and_ends() -> None:
    desk = spying()
    assert desk.after(3600) == []
    assert desk.heard(GONE) == [MonitorEnded(MONITOR)]
    assert desk.after(3600) == []


@pytest.mark.parametrize("facts", [(FAILED, BUSY), (BUSY, FAILED)])
def test_a_failure_needs_both_facts_in_any_order(facts: tuple[words.Fact, words.Fact]) -> None:
    desk = ringing()
    assert desk.heard(facts[0]) == []
    assert desk.heard(facts[1]) == [MonitorEnded(MONITOR, OfferFailure.BUSY)]


def test_a_phone_that_never_had_a_channel_fails_without_the_second_fact() -> None:
    desk = ringing()
    assert desk.heard(FAILED) == []
    assert desk.after(FACT_S_MAX) == [MonitorEnded(MONITOR, OfferFailure.UNREACHABLE)]


def test_not_answered() -> None:
    """By Asterisk's own limit."""
    assert ringing().heard(Dialled(SUPERVISOR, answered=False, timed_out=True)) == [
        MonitorEnded(MONITOR, OfferFailure.UNANSWERED)
    ]


def test_a_phone_of_which_nothing_is_heard_is_given_up() -> None:
    desk = ringing()
    assert desk.after(20 + OFFER_RESERVE_S) == [HANG_UP]
    assert desk.heard(NOT_THERE) == [HANG_UP]
    assert desk.heard(BUSY) == [MonitorEnded(MONITOR, OfferFailure.UNANSWERED)]


def test_refused_by_asterisk() -> None:
    answer = Answer("originate", SUPERVISOR, ok=False, text="Permission denied")
    assert ringing().heard(answer) == [MonitorEnded(MONITOR, OfferFailure.UNREACHABLE)]


def test_answered_and_put_down_before_it_spied() -> None:
    """Whichever fact comes first: it came, and is gone."""
    assert ringing().heard(ANSWERED, GONE) == [MonitorEnded(MONITOR)]
    assert ringing().heard(GONE, ANSWERED) == [MonitorEnded(MONITOR)]


def test_no_talk_no_ring() -> None:
    """The phone is gone, or the caller, or there never was such an offer."""
    assert Desk().obeyed(start()) == [MonitorEnded(MONITOR)]
    desk = talking()
    desk.heard(CallerGone(CALL))
    assert desk.obeyed(start()) == [MonitorEnded(MONITOR)]
    desk = talking()
    desk.heard(PhoneGone(LEG, 16))
    assert desk.obeyed(start()) == [MonitorEnded(MONITOR)]


def test_another_mode() -> None:
    """Sent again until it is there; what comes of an earlier wish is corrected."""
    desk, sent = spying(), f"send {SUPERVISOR} to acd-monitor barge"
    assert desk.obeyed(ChangeMonitor(MONITOR, BARGE)) == [sent]
    assert desk.heard(Answer("spy", SUPERVISOR, ok=False, text=NOT_NOW)) == []
    assert desk.after(NOT_NOW_S) == [sent]
    assert desk.after(MOVE_S_MAX) == [sent]
    assert desk.heard(Watching(SUPERVISOR, LISTEN)) == [sent]
    assert desk.heard(Watching(SUPERVISOR, BARGE)) == []
    assert desk.after(3600) == []


def test_another_mode_while_it_rings() -> None:
    """Corrected when it has answered."""
    desk = ringing()
    assert desk.obeyed(ChangeMonitor(MONITOR, BARGE)) == []
    assert desk.heard(ANSWERED, Watching(SUPERVISOR, LISTEN)) == [
        MonitorStarted(MONITOR),
        f"send {SUPERVISOR} to acd-monitor barge",
    ]


def test_end_is_repeated_until_it_is_gone() -> None:
    desk = spying()
    assert desk.obeyed(EndMonitor(MONITOR)) == [HANG_UP]
    assert desk.after(RELEASE_S_MAX) == [HANG_UP]
    assert desk.obeyed(ChangeMonitor(MONITOR, BARGE)) == []
    assert desk.heard(Watching(SUPERVISOR, LISTEN)) == [HANG_UP]
    assert desk.heard(GONE) == [MonitorEnded(MONITOR)]


@pytest.mark.parametrize("command", [EndMonitor(MONITOR), ChangeMonitor(MONITOR, BARGE)])
def test_one_of_an_earlier_life_is_over(command: Command) -> None:
    assert talking().obeyed(command) == [MonitorEnded(MONITOR)]


def test_end_of_a_phone_that_asterisk_has_lost() -> None:
    """Told as its end."""
    desk = spying()
    desk.obeyed(EndMonitor(MONITOR))
    assert desk.heard(NOT_THERE) == [MonitorEnded(MONITOR)]


def test_end_before_the_channel_is_made() -> None:
    """Hung up again at each answer, then from time to time, and at last it counts as gone."""
    desk = ringing()
    desk.obeyed(EndMonitor(MONITOR))
    for _ in range(TRIES_AT_ONCE - 1):
        assert desk.heard(NOT_THERE) == [HANG_UP]
    for _ in range(TRIES_MAX - TRIES_AT_ONCE + 1):
        assert desk.heard(NOT_THERE) == []
        assert desk.after(RELEASE_S_MAX) == [HANG_UP]
    assert desk.heard(NOT_THERE) == [MonitorEnded(MONITOR)]


def test_end_that_crosses_the_answer() -> None:
    """Or the refusal: both are its end, and not why it never came."""
    desk = ringing()
    desk.obeyed(EndMonitor(MONITOR))
    assert desk.heard(ANSWERED) == [HANG_UP]
    assert desk.heard(GONE) == [MonitorEnded(MONITOR)]
    desk = ringing()
    desk.obeyed(EndMonitor(MONITOR))
    assert desk.heard(FAILED) == [MonitorEnded(MONITOR)]
    desk = ringing()
    desk.heard(FAILED)
    assert desk.obeyed(EndMonitor(MONITOR)) == [MonitorEnded(MONITOR)]


# --- taking over ----------------------------------------------------------------------------------------------------


def test_the_agents_phone_is_let_go_when_the_caller_has_come_and_its_end_is_not_told() -> None:
    desk = taking()
    assert desk.heard(Talking(SUPERVISOR, CALL)) == [Intercepted(MONITOR), *LET_GO]
    assert desk.heard(PhoneGone(LEG, 16)) == []
    assert desk.after(3600) == []


def test_taking_over_from_spying() -> None:
    """There is no way back."""
    desk = spying()
    assert desk.obeyed(ChangeMonitor(MONITOR, INTERCEPT)) == [f"send {SUPERVISOR} to acd-monitor intercept"]
    assert desk.heard(Watching(SUPERVISOR, INTERCEPT)) == TAKE
    assert desk.obeyed(ChangeMonitor(MONITOR, BARGE)) == []
    assert desk.heard(Talking(SUPERVISOR, CALL))[0] == Intercepted(MONITOR)
    assert desk.heard(Watching(SUPERVISOR, INTERCEPT)) == []


def test_taking_over_while_it_rings() -> None:
    """It answers as one that listens, and goes on."""
    desk = ringing()
    desk.obeyed(ChangeMonitor(MONITOR, INTERCEPT))
    sent = f"send {SUPERVISOR} to acd-monitor intercept"
    assert desk.heard(ANSWERED, Watching(SUPERVISOR, LISTEN)) == [MonitorStarted(MONITOR), sent]


def test_a_caller_who_does_not_come_is_sent_again_and_then_given_up() -> None:
    desk = taking()
    assert desk.heard(Answer("take", CALL, ok=False, text=NOT_NOW)) == []
    assert desk.after(NOT_NOW_S) == TAKE
    assert desk.after(MOVE_S_MAX) == TAKE
    assert desk.after(TAKE_S_MAX) == [HANG_UP]
    assert desk.heard(GONE) == [MonitorEnded(MONITOR), *GIVE_BACK]


def test_a_phone_that_goes_before_the_caller_has_come_gives_it_back() -> None:
    """And the word of its coming, which is on its way, tears nobody apart."""
    desk = taking()
    assert desk.heard(GONE) == [MonitorEnded(MONITOR), *GIVE_BACK]
    assert desk.heard(Talking(SUPERVISOR, CALL)) == []
    assert desk.heard(Talking(LEG, CALL)) == []
    assert desk.heard(PhoneGone(LEG, 16), AfterTalk(CALL)) == [PhoneLeft(OFFER)]


def test_only_so_many_that_have_gone_are_remembered() -> None:
    desk = talking()
    for n in range(PAST_MAX + 5):
        desk.obeyed(StartMonitor(MONITOR, OFFER, "PJSIP/1900", LISTEN, 1))
        desk.heard(Answer("originate", f"acd-run1-{n + 2:08x}", ok=False, text="no"))
    assert len(desk.legs.guests) == PAST_MAX


def test_nobody_to_take_over() -> None:
    """The agent's phone, or the caller, has gone while it rang."""
    desk = ringing(INTERCEPT)
    desk.heard(CallerGone(CALL))
    assert desk.heard(ANSWERED, Watching(SUPERVISOR, INTERCEPT)) == [HANG_UP]
    desk = ringing(INTERCEPT)
    desk.heard(PhoneGone(LEG, 16), AfterTalk(CALL))
    assert desk.heard(ANSWERED, Watching(SUPERVISOR, INTERCEPT)) == [HANG_UP]


def test_an_agents_phone_that_goes_meanwhile_is_not_told_either() -> None:
    desk = taking()
    assert desk.heard(PhoneGone(LEG, 16)) == []
    assert desk.heard(Talking(SUPERVISOR, CALL)) == [Intercepted(MONITOR)]
    assert desk.after(3600) == []


def test_a_caller_who_comes_when_the_agents_end_is_told_already() -> None:
    """The core decides what becomes of it, and knows of no taking over."""
    desk = taking()
    assert desk.heard(PhoneGone(LEG, 16), AfterTalk(CALL)) == [PhoneLeft(OFFER)]
    assert desk.heard(Talking(SUPERVISOR, CALL)) == [HANG_UP]
    assert desk.heard(GONE) == [MonitorEnded(MONITOR)]


def test_a_caller_who_was_torn_from_the_supervisor_for_a_moment() -> None:
    """For the recorder, say: the talk goes on."""
    desk = taking()
    desk.heard(Talking(SUPERVISOR, CALL), PhoneGone(LEG, 16))
    assert desk.heard(Talking(SUPERVISOR, CALL)) == []
    assert desk.after(3600) == []


def test_the_callers_end_after_it() -> None:
    """The phone that doesn't go by itself is hung up."""
    desk = taking()
    desk.heard(Talking(SUPERVISOR, CALL), PhoneGone(LEG, 16))
    assert desk.heard(CallerGone(CALL)) == [CallerLeft(CALL)]
    assert desk.after(APART_S_MAX) == [HANG_UP]
    assert desk.heard(GONE) == [MonitorEnded(MONITOR)]


def test_end_after_it() -> None:
    desk = taking()
    desk.heard(Talking(SUPERVISOR, CALL), PhoneGone(LEG, 16))
    assert desk.obeyed(EndMonitor(MONITOR)) == [HANG_UP]
    assert desk.heard(AfterTalk(CALL), GONE) == [MonitorEnded(MONITOR)]


def test_end_that_crosses_the_callers_coming() -> None:
    """It had the caller, and is let go."""
    desk = taking()
    desk.obeyed(EndMonitor(MONITOR))
    assert desk.heard(Talking(SUPERVISOR, CALL)) == [Intercepted(MONITOR), *LET_GO, HANG_UP]
    assert desk.heard(GONE) == [MonitorEnded(MONITOR)]


# --- after an absence -----------------------------------------------------------------------------------------------


def test_those_that_are_gone_have_ended() -> None:
    assert spying().found(LEG) == [MonitorEnded(MONITOR)]
    assert ringing().found(LEG) == [MonitorEnded(MONITOR, OfferFailure.UNREACHABLE)]


def test_those_that_are_there_are_sent_to_where_they_shall_be() -> None:
    """One that rings stays where it is; one that has answered meanwhile says so."""
    desk = ringing()
    assert desk.found(LEG, SUPERVISOR) == [f"send {SUPERVISOR} to acd-monitor listen"]
    assert desk.heard(Answer("spy", SUPERVISOR, ok=False, text=NOT_NOW)) == []
    assert desk.after(1) == []
    assert desk.heard(Watching(SUPERVISOR, LISTEN)) == [MonitorStarted(MONITOR)]


def test_those_that_were_to_end_are_ended() -> None:
    desk = spying()
    desk.obeyed(EndMonitor(MONITOR))
    assert desk.found(LEG, SUPERVISOR) == [HANG_UP]


def test_a_caller_who_has_come_meanwhile() -> None:
    assert Intercepted(MONITOR) in taking().found(SUPERVISOR, talk=SUPERVISOR)


def test_a_phone_whose_caller_has_gone_meanwhile_is_hung_up() -> None:
    desk = taking()
    desk.heard(Talking(SUPERVISOR, CALL))
    assert desk.found(SUPERVISOR, talk="") == []
    assert desk.after(0) == [HANG_UP]
