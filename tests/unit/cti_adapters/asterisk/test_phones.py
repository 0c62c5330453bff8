"""Device states in, PhoneChanged out: what is ours, what isn't, and what can't be known."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import permutations

import pytest

from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.phones import QUIET_S, Phones
from acd.events import PhoneChanged, PhoneState
from acd.ids import AgentId, CallId

FREE, BUSY, UNREACHABLE = PhoneState
ANN, BEN = AgentId("ann"), AgentId("ben")
DEVICE, LEG = "PJSIP/1001", "acd-run1-00000001"
ASKS = f"asks {DEVICE}"
IN_USE = ("INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD")
GONE = words.PhoneGone(LEG, 16)


def changed(state: str, device: str = DEVICE) -> words.DeviceChanged:
    return words.DeviceChanged(device, state)


def answer(state: str, device: str = DEVICE) -> words.DeviceIs:
    return words.DeviceIs(device, state)


def is_(state: PhoneState, agent: AgentId = ANN) -> PhoneChanged:
    return PhoneChanged(agent, state)


def failed_dial(leg: str = LEG) -> words.Dialled:
    return words.Dialled(leg, answered=False, timed_out=False)


def survey(leg: str = LEG, device: str = DEVICE) -> words.Surveyed:
    return words.Surveyed(leg, "acd-fetch", CallId("1.1"), True, "", None, device=device)


class Talk:
    """One run's Phones at a clock of the test's own; what comes of each step, in order, the questions in short."""

    def __init__(
        self, *, linked: bool = True, known: Mapping[AgentId, PhoneState] | None = None, **devices: str
    ) -> None:
        self.phones = Phones(Writer("run1"))
        self.now = 100.0
        ours = {AgentId(agent): device for agent, device in (devices or {"ann": DEVICE}).items()}
        self.phones.follow(ours, known or {})
        self.phones.lost()
        if linked:
            assert self.found(*[answer("NOT_INUSE", device) for device in devices.values() or [DEVICE]]) == []

    def hears(self, *facts: words.Fact) -> list[PhoneChanged | str]:
        for fact in facts:
            self.phones.hear(fact, self.now)
        return self._taken()

    def dials(self, leg: str = LEG, device: str = DEVICE) -> Talk:
        self.phones.sent([{"Action": "Originate", "ChannelId": leg, "Channel": device}])
        return self

    def after(self, seconds: float) -> list[PhoneChanged | str]:
        self.now += seconds
        self.phones.look_at_the_clock(self.now)
        return self._taken()

    def found(self, *facts: words.Fact) -> list[PhoneChanged | str]:
        """Asterisk is found, and lists so."""
        told = self.hears(*facts)
        self.phones.found(self.now)
        return told + self._taken()

    def follows(self, **devices: str) -> list[PhoneChanged | str]:
        self.phones.follow({AgentId(agent): device for agent, device in devices.items()}, {})
        return self._taken()

    def _taken(self) -> list[PhoneChanged | str]:
        questions = [str(action["Variable"]).removeprefix("DEVICE_STATE(")[:-1] for action in self.phones.asked]
        taken = [*self.phones.told, *(f"asks {device}" for device in questions)]
        self.phones.told, self.phones.asked = [], []
        return taken


# --- private calls and lost phones ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", IN_USE)
def test_a_phone_in_use_by_others_is_busy_until_it_is_not(state: str) -> None:
    talk = Talk()
    assert talk.hears(changed(state)) == [ASKS]
    assert talk.hears(answer(state)) == [is_(BUSY)]
    assert talk.hears(changed("INUSE")) == []
    assert talk.hears(changed("NOT_INUSE")) == [ASKS]
    assert talk.hears(answer("NOT_INUSE")) == [is_(FREE)]


@pytest.mark.parametrize("state", ["UNAVAILABLE", "INVALID"])
def test_a_phone_that_is_gone_is_unreachable_until_it_is_back(state: str) -> None:
    talk = Talk()
    assert talk.hears(changed(state)) == [ASKS]
    assert talk.hears(answer(state)) == [is_(UNREACHABLE)]
    assert talk.hears(changed("NOT_INUSE"), answer("NOT_INUSE")) == [is_(FREE), ASKS]


@pytest.mark.parametrize("state", ["NOT_INUSE", "UNKNOWN", "", "SOMETHING_NEW"])
def test_of_a_free_phone_nothing_is_told(state: str) -> None:
    assert Talk().hears(changed(state)) == []


def test_an_event_that_is_not_true_tells_nothing() -> None:
    """Whoever forged it."""
    talk = Talk()
    assert talk.hears(changed("INUSE")) == [ASKS]
    assert talk.hears(answer("NOT_INUSE")) == []
    assert talk.hears(changed("UNAVAILABLE")) == [ASKS]
    assert talk.hears(answer("NOT_INUSE")) == []


def test_an_event_that_crosses_the_answer_is_asked_for_again() -> None:
    """Which of the two is newer can't be known."""
    talk = Talk()
    assert talk.hears(changed("INUSE"), changed("NOT_INUSE")) == [ASKS]
    assert talk.hears(answer("INUSE")) == [ASKS]
    assert talk.hears(answer("NOT_INUSE")) == []
    assert talk.hears(changed("INUSE"), changed("RINGINUSE")) == [ASKS]
    assert talk.hears(answer("INUSE")) == [is_(BUSY)]


def test_devices_of_nobody_cost_nothing() -> None:
    assert Talk().hears(changed("INUSE", "PJSIP/trunk"), answer("INUSE", "PJSIP/1009")) == []


# --- our own legs -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [[GONE], [failed_dial()], [GONE, failed_dial()], [failed_dial(), GONE]])
@pytest.mark.parametrize("place", range(3))
def test_a_call_of_ours_is_never_told(end: list[words.Fact], place: int) -> None:
    """In whichever order the phone's freedom and the leg's end come."""
    talk = Talk().dials()
    facts = [*end]
    facts.insert(min(place, len(facts)), changed("NOT_INUSE"))
    assert talk.hears(changed("RINGING"), changed("INUSE"), *facts) == []
    assert talk.after(QUIET_S) == talk.after(10) == []


def test_our_leg_gone_and_the_phone_free_a_little_later() -> None:
    talk = Talk().dials()
    assert talk.hears(changed("INUSE"), GONE) == []
    assert talk.after(QUIET_S / 2) == []
    assert talk.hears(changed("NOT_INUSE")) == []
    assert talk.after(QUIET_S) == []


def test_a_late_word_of_use_after_our_leg_is_looked_at_when_it_is_quiet() -> None:
    """The leg was told as gone before the phone as ringing."""
    talk = Talk().dials()
    assert talk.hears(failed_dial(), changed("RINGING"), changed("NOT_INUSE")) == []
    assert talk.after(1) == []


def test_still_in_use_after_our_leg_is_a_private_call() -> None:
    """Call waiting: begun while ours rang or talked."""
    talk = Talk().dials()
    assert talk.hears(changed("INUSE"), changed("RINGINUSE"), changed("INUSE"), GONE) == []
    assert talk.after(QUIET_S - 0.01) == []
    assert talk.after(0.02) == [ASKS]
    assert talk.hears(answer("INUSE")) == [is_(BUSY)]


def test_a_leg_of_ours_that_begins_before_the_answer_comes() -> None:
    """Then the answer may speak of it; what it was is known after the leg."""
    talk = Talk()
    assert talk.hears(changed("INUSE")) == [ASKS]
    talk.dials()
    assert talk.hears(answer("INUSE")) == []
    assert talk.hears(GONE) == []
    assert talk.after(QUIET_S) == [ASKS]
    assert talk.hears(answer("NOT_INUSE")) == []


def test_the_next_leg_begins_in_the_quiet_after_the_last() -> None:
    """Call after call without a pause: nothing is ever asked."""
    talk = Talk()
    for n in range(50):
        leg = f"acd-run1-{n:08x}"
        assert talk.dials(leg).hears(changed("RINGING"), changed("INUSE"), words.PhoneGone(leg, 16)) == []
        assert talk.after(0.1 * (n % 2)) == []
    assert talk.hears(changed("NOT_INUSE")) == []
    assert talk.after(1) == []


def test_of_two_legs_on_a_phone_the_last_one_counts() -> None:
    talk = Talk().dials().dials("acd-run1-00000002")
    assert talk.hears(changed("INUSE"), GONE) == []
    assert talk.after(1) == []
    assert talk.hears(words.PhoneGone("acd-run1-00000002", 16), changed("NOT_INUSE")) == []
    assert talk.after(1) == []


@pytest.mark.parametrize(
    "fact",
    [
        words.Answer("originate", LEG, False, "no such thing"),
        words.Answer("hangup", LEG, False, "No such channel"),
        failed_dial(),
        GONE,
    ],
)
def test_whatever_ends_a_leg_frees_the_phone_of_it(fact: words.Fact) -> None:
    talk = Talk().dials()
    talk.hears(fact)
    talk.after(1)
    assert talk.hears(changed("INUSE")) == [ASKS]


def test_a_hang_up_that_is_refused_for_now_ends_no_leg() -> None:
    talk = Talk().dials()
    talk.hears(words.Answer("hangup", LEG, False, "not now"), words.Dialled(LEG, True, False))
    assert talk.hears(changed("INUSE")) == []


def test_a_private_call_goes_on_through_a_leg_of_ours() -> None:
    """An outgoing call, say, asked for with a busy phone: what was told stays until the leg is gone."""
    talk = Talk()
    talk.hears(changed("INUSE"), answer("INUSE"))
    talk.dials()
    assert talk.hears(changed("RINGINUSE"), changed("INUSE"), GONE) == []
    assert talk.after(1) == []
    assert talk.hears(changed("NOT_INUSE"), answer("NOT_INUSE")) == [is_(FREE), ASKS]


@pytest.mark.parametrize("order", [*permutations([changed("UNAVAILABLE"), GONE])])
def test_a_phone_that_dies_in_our_call_is_told_when_the_leg_is_gone(order: tuple[words.Fact, ...]) -> None:
    talk = Talk().dials()
    assert talk.hears(changed("INUSE"), *order) == [ASKS]
    assert talk.hears(answer("UNAVAILABLE")) == [is_(UNREACHABLE)]


# --- what Asterisk can't tell -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "device", ["Local/0571@own/n", "PJSIP/057188888888@trunk", "SIP/trunk/0571", "DAHDI/g1/0571", "number:0571"]
)
def test_a_device_whose_state_is_not_the_phones_own_is_free(device: str) -> None:
    """Neither its own word nor the trunk's counts, and it isn't asked."""
    talk = Talk(linked=False, ann=device)
    assert talk.found() == []
    assert talk.dials(device=device).hears(changed("INUSE", device), changed("UNAVAILABLE", "PJSIP/trunk"), GONE) == []
    assert talk.after(1) == []


def test_the_technology_may_be_written_small() -> None:
    """Asterisk dials pjsip/1001 too, and calls it PJSIP/1001."""
    talk = Talk(ann="pjsip/1001")
    assert talk.dials(device="pjsip/1001").hears(changed("INUSE"), GONE, changed("NOT_INUSE")) == []
    assert talk.after(1) == []
    assert talk.hears(changed("INUSE")) == ["asks pjsip/1001"]
    assert talk.hears(answer("INUSE")) == [is_(BUSY)]


# --- the link ---------------------------------------------------------------------------------------------------------


def test_found_all_that_are_not_free_are_told() -> None:
    talk = Talk(linked=False, ann=DEVICE, ben="PJSIP/1002", cy="PJSIP/1003")
    listed = [answer("UNAVAILABLE"), answer("INUSE", "PJSIP/1002"), answer("NOT_INUSE", "PJSIP/1003")]
    assert talk.found(*listed) == [is_(UNREACHABLE), is_(BUSY, BEN)]


def test_found_again_what_differs_from_what_was_told_is_told() -> None:
    talk = Talk(ann=DEVICE, ben="PJSIP/1002")
    talk.hears(changed("INUSE"), answer("INUSE"))
    talk.phones.lost()
    assert talk.found(answer("NOT_INUSE"), answer("INUSE", "PJSIP/1002")) == [is_(FREE), is_(BUSY, BEN)]
    talk.phones.lost()
    assert talk.found(answer("NOT_INUSE"), answer("INUSE", "PJSIP/1002")) == []


@pytest.mark.parametrize(
    ("state", "told"), [("NOT_INUSE", [is_(FREE)]), ("INUSE", []), ("INVALID", [is_(UNREACHABLE)])]
)
def test_what_the_core_knows_from_an_earlier_life_is_mended(state: str, told: list[PhoneChanged]) -> None:
    """Else an agent whose private call ended meanwhile would never be ready again."""
    assert Talk(linked=False, known={ANN: BUSY}).found(answer(state)) == told
    assert Talk(linked=False, known={ANN: BUSY}, ann="number:1").found() == [is_(FREE)]


def test_what_the_list_does_not_have_is_asked() -> None:
    """A phone that Asterisk doesn't know at all is unreachable."""
    talk = Talk(linked=False)
    assert talk.found() == [ASKS]
    assert talk.hears(answer("INVALID")) == [is_(UNREACHABLE)]


@pytest.mark.parametrize("order", [*permutations([changed("INUSE"), answer("NOT_INUSE")])])
def test_what_changes_while_the_list_comes_in_is_asked(order: tuple[words.Fact, ...]) -> None:
    talk = Talk(linked=False)
    assert talk.found(*order) == [ASKS]
    assert talk.hears(answer("INUSE")) == [is_(BUSY)]


def test_a_question_whose_answer_the_link_has_lost_is_put_again() -> None:
    talk = Talk()
    assert talk.hears(changed("INUSE")) == [ASKS]
    talk.phones.lost()
    assert talk.found(answer("NOT_INUSE")) == []
    assert talk.hears(changed("INUSE")) == [ASKS]


def test_a_leg_that_the_survey_finds_is_ours() -> None:
    """Of an earlier life of ours, too."""
    talk = Talk(linked=False)
    assert talk.found(answer("INUSE"), survey("acd-old-00000001")) == []
    assert talk.hears(words.PhoneGone("acd-old-00000001", 16)) == []
    assert talk.hears(changed("NOT_INUSE")) == []
    assert talk.after(1) == []


def test_a_leg_that_ended_while_the_link_was_lost() -> None:
    """The phone may be told as in use for a moment yet."""
    talk = Talk().dials()
    talk.hears(changed("INUSE"))
    talk.phones.lost()
    assert talk.found(answer("INUSE")) == []
    assert talk.after(QUIET_S) == [ASKS]
    assert talk.hears(answer("INUSE")) == [is_(BUSY)]


@pytest.mark.parametrize("order", [*permutations([survey(), GONE])])
def test_a_leg_that_ends_while_the_survey_comes_in(order: tuple[words.Fact, ...]) -> None:
    talk = Talk(linked=False)
    assert talk.found(answer("INUSE"), *order) == []
    assert talk.hears(changed("NOT_INUSE")) == []
    assert talk.after(1) == []
    assert talk.hears(changed("INUSE")) == [ASKS]


def test_a_waiting_caller_of_ours_is_a_private_call_of_the_phone() -> None:
    """An agent who dials the line from the agent's own phone."""
    talk = Talk(linked=False)
    caller = words.Surveyed(
        "1.1", "acd-wait", CallId("1.1"), False, "", words.CallArrived(CallId("1.1"), ""), False, DEVICE
    )
    assert talk.found(caller, answer("INUSE")) == [is_(BUSY)]


# --- other rules ------------------------------------------------------------------------------------------------------


def test_another_device_is_told_however_it_is() -> None:
    talk = Talk()
    talk.hears(changed("INUSE"), answer("INUSE"))
    assert talk.follows(ann="PJSIP/1002") == ["asks PJSIP/1002"]
    assert talk.hears(answer("NOT_INUSE", "PJSIP/1002")) == [is_(FREE)]
    assert talk.hears(changed("NOT_INUSE")) == []  # the old one is nobody's


def test_another_device_without_a_state_is_free() -> None:
    talk = Talk()
    talk.hears(changed("INUSE"), answer("INUSE"))
    assert talk.follows(ann="number:0571") == [is_(FREE)]
    assert talk.follows(ann="number:0571") == []


def test_agents_who_swap_their_phones() -> None:
    talk = Talk(ann=DEVICE, ben="PJSIP/1002")
    talk.hears(changed("INUSE"), answer("INUSE"))
    assert talk.follows(ann="PJSIP/1002", ben=DEVICE) == ["asks PJSIP/1002", ASKS]
    assert talk.hears(answer("NOT_INUSE", "PJSIP/1002"), answer("INUSE")) == [is_(FREE), is_(BUSY, BEN)]


def test_the_same_devices_again_cost_nothing() -> None:
    talk = Talk()
    talk.hears(changed("INUSE"), answer("INUSE"))
    assert talk.follows(ann=DEVICE, ben="PJSIP/1002") == ["asks PJSIP/1002"]
    assert talk.hears(changed("INUSE")) == []


def test_an_agent_who_is_gone_is_told_no_more_and_anew_when_back() -> None:
    """The core may have forgotten meanwhile what it was told, or not."""
    talk = Talk(ann=DEVICE, ben="PJSIP/1002")
    talk.hears(changed("INUSE"), answer("INUSE"))
    assert talk.follows(ben="PJSIP/1002") == []
    assert talk.hears(changed("NOT_INUSE")) == []
    assert talk.follows(ann=DEVICE, ben="PJSIP/1002") == [ASKS]
    assert talk.hears(answer("NOT_INUSE")) == [is_(FREE)]


def test_other_rules_while_the_link_is_lost() -> None:
    talk = Talk(ann=DEVICE)
    talk.hears(changed("INUSE"), answer("INUSE"))
    talk.phones.lost()
    assert talk.follows(ann="PJSIP/1002") == []
    assert talk.found(answer("NOT_INUSE", "PJSIP/1002"), answer("INUSE")) == [is_(FREE)]


def test_a_device_that_becomes_an_agents_while_a_leg_of_ours_is_on_it() -> None:
    """A supervisor's phone, say."""
    talk = Talk(ann=DEVICE).dials(device="PJSIP/1900")
    assert talk.follows(ann=DEVICE, sue="PJSIP/1900") == []
    assert talk.hears(changed("INUSE", "PJSIP/1900"), GONE) == []
    assert talk.after(QUIET_S) == ["asks PJSIP/1900"]
    assert talk.hears(answer("NOT_INUSE", "PJSIP/1900")) == [is_(FREE, AgentId("sue"))]
