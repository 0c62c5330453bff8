"""What the PBX tells: its link, callers and phones; and whatever of that comes late, twice or wrong."""

from dataclasses import replace

import pytest

from acd import events as ev
from acd.agents import AgentState, Reason
from acd.calls import Outcome
from acd.commands import KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, SendElsewhere, WithdrawOffer
from acd.events import CallerLeft, ClientLost, PbxFound, PbxLost, PhoneLeft
from acd.ids import OfferId
from acd.notices import OfferEnd, PbxChanged
from acd.rules import Destination, DestinationKind, OverflowStep
from tests.conversation import (
    ANN_AND_BEN,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    WRAP_UP,
    Conversation,
    Like,
    answered,
    arrives,
    becomes,
    centre,
    failed,
    group,
    no_talk,
    over,
    ready,
    rings,
    scene,
    talks,
    waits,
    withdraws,
)

RING_MS, WRAP_UP_MS, GRACE_MS = 15_000, 30_000, 30_000


# --- the PBX is lost ------------------------------------------------------------------------------------------


def test_nothing_is_offered_before_the_pbx_is_found() -> None:
    talk = Conversation(ANN_AND_BEN, linked=False) << ready("ann") << arrives("c1") >> waits("c1")
    talk.at(7_000) << PbxFound()
    talk >> (PbxChanged(None), rings("c1", "ann", waited_ms=7_000), becomes("ann", RINGING, call="c1"))


def test_nothing_is_offered_while_the_pbx_is_lost() -> None:
    """Neither to who arrives, nor to who becomes ready, nor a returned call."""
    talk = scene(RINGING) << PbxLost("no route") >> PbxChanged("no route")
    assert talk.router.pbx_lost == "no route"
    talk << ready("ben")
    assert talk.offered() == []
    talk << arrives("c2") >> waits("c2")
    (
        talk
        << failed("c1")
        >> (
            no_talk("c1", "ann", OfferEnd.UNANSWERED),
            becomes("ann", NOT_READY, Reason.NO_ANSWER),
            waits("c1", returned=True),
        )
    )


def test_found_again_all_who_wait_are_matched_in_the_order_of_service() -> None:
    """Over all lines; who is left over waits on."""
    rules = centre(group("desk"), group("german", de=3), agents={"ann": {}, "ben": {"de": 5}, "cy": {"de": 1}})
    talk = Conversation(rules) << PbxLost() << ready("ann", "ben", "cy")
    talk.at(10) << arrives("d1") << arrives("d2", tier=1)
    talk.at(20) << arrives("g1", "german", tier=1) << arrives("g2", "german") << arrives("d3")
    talk.at(30) << PbxFound()
    assert talk.offered() == [("d2", "ann"), ("g1", "ben"), ("d1", "cy")]


def test_a_ring_is_not_timed_while_the_pbx_is_lost() -> None:
    """What the phone did is told when the PBX is back; from then it rings its full time again."""
    talk = scene(RINGING) << PbxLost()
    assert talk.due is None
    talk.at(500_000).tick() >> NOTHING
    assert talk.state("ann") is RINGING
    talk << PbxFound() >> PbxChanged(None)
    assert talk.due == 500_000 + RING_MS
    talk.at(500_000 + RING_MS).tick()
    assert talk.state("ann") is NOT_READY


def test_found_again_without_having_been_lost_a_ring_goes_on_as_it_was() -> None:
    """A second word of the same link doesn't lengthen the ring."""
    talk = scene(RINGING)
    talk.at(10_000) << PbxFound()
    assert talk.due == RING_MS


def test_wrap_up_and_grace_are_ours_and_go_on_while_the_pbx_is_lost() -> None:
    talk = scene(WRAP_UP) << PbxLost() << ready("ben") << ClientLost("ben")
    talk.at(WRAP_UP_MS).tick() >> becomes("ann", READY)
    talk.at(1_000 + GRACE_MS).tick() >> becomes("ben", NOT_READY, Reason.CONNECTION_LOST)


def test_what_happened_while_the_pbx_was_lost_is_taken_in() -> None:
    """A talk begun or ended in our absence is told late and counts."""
    talk = scene(RINGING) << PbxLost()
    talk.at(40_000) << answered("c1") >> (talks("c1", "ann", waited_ms=40_000), becomes("ann", TALKING, call="c1"))
    talk << PbxFound() >> PbxChanged(None)
    talk << PbxLost() << CallerLeft("c1")
    talk >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", WRAP_UP, call="c1"))


def test_a_release_asked_while_the_pbx_was_lost_is_asked_again() -> None:
    talk = scene(TALKING) << PbxLost() << ev.ReleaseAsked("ann")
    talk << PbxFound() >> (PbxChanged(None), ReleaseCall("c1"))
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_AGENT), becomes("ann", WRAP_UP, call="c1"))


def test_waiting_goes_on_while_the_pbx_is_lost() -> None:
    """Time lost is time waited."""
    talk = Conversation(ANN_AND_BEN).at(1_000) << arrives("c1") << PbxLost()
    talk.at(61_000) << PbxFound() << ready("ann")
    assert talk.heard[-2] == rings("c1", "ann", waited_ms=60_000)


# --- late, duplicate, wrong owner -----------------------------------------------------------------------------

STALE = [OfferId("c1", 0), OfferId("c1", 2), OfferId("nobody", 1)]


@pytest.mark.parametrize("offer", STALE)
@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_an_answer_to_an_offer_that_is_not_there_is_never_connected(state: AgentState, offer: OfferId) -> None:
    talk = scene(state) << ev.OfferAccepted(offer) >> WithdrawOffer(offer)
    assert talk.state("ann") is state


@pytest.mark.parametrize("offer", STALE)
@pytest.mark.parametrize("why", ev.OfferFailure)
@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_failure_of_an_offer_that_is_not_there_changes_nothing(
    state: AgentState, why: ev.OfferFailure, offer: OfferId
) -> None:
    talk = scene(state) << ev.OfferFailed(offer, why) >> NOTHING
    assert talk.state("ann") is state


def test_an_answer_told_twice_is_one_talk() -> None:
    talk = scene(TALKING) << answered("c1") >> NOTHING
    assert talk.state("ann") is TALKING


@pytest.mark.parametrize("why", ev.OfferFailure)
def test_a_failure_told_after_the_answer_changes_nothing(why: ev.OfferFailure) -> None:
    talk = scene(TALKING) << failed("c1", why) >> NOTHING
    assert talk.state("ann") is TALKING


def test_a_failure_told_twice_is_one_return() -> None:
    talk = scene(RINGING) << failed("c1") << failed("c1") >> NOTHING
    assert talk.router.calls["c1"].placed


def test_the_first_agents_late_answer_does_not_take_the_call_from_the_second() -> None:
    talk = scene(RINGING) << ready("ben") << failed("c1")
    talk << answered("c1", 1) >> withdraws("c1", 1)
    talk << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))
    talk << answered("c1", 1) >> withdraws("c1", 1)
    assert (talk.state("ann"), talk.state("ben")) == (NOT_READY, TALKING)


def test_an_answer_after_the_caller_left_is_never_connected() -> None:
    talk = scene(RINGING) << CallerLeft("c1") << answered("c1") >> withdraws("c1")
    assert talk.state("ann") is READY


def test_an_answer_after_the_caller_left_does_not_touch_the_next_ring() -> None:
    talk = scene(RINGING) << arrives("c2") << CallerLeft("c1")
    assert talk.offered() == [("c2", "ann")]
    talk << answered("c1") >> withdraws("c1")
    assert talk.router.agents["ann"].state is RINGING


def test_a_caller_who_left_twice_or_never_came_changes_nothing() -> None:
    talk = scene(TALKING) << CallerLeft("c1") << [CallerLeft("c1"), CallerLeft("nobody")] >> NOTHING
    assert talk.state("ann") is WRAP_UP


@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_call_that_is_told_again_is_the_same_call(state: AgentState) -> None:
    """Whatever it is told with."""
    talk = scene(state) << arrives("c1", "nowhere", tier=9, needs=(("de", 5),)) >> NOTHING
    assert talk.state("ann") is state
    assert len(talk.router.calls) == 1


def test_a_call_that_is_told_again_keeps_its_place() -> None:
    talk = (
        Conversation(ANN_AND_BEN) << arrives("c1") << arrives("c2") << arrives("c1") << arrives("c2", tier=5) >> NOTHING
    )
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


# --- the phone leaves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_a_call_we_do_not_know_leaves_nobody_behind(lost: bool) -> None:
    """A caller whose call is over for us is hung up."""
    talk = scene(READY) << PhoneLeft(OfferId("nobody", 1), lost) >> ReleaseCall("nobody")
    assert talk.state("ann") is READY


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_a_waiting_call_gives_the_caller_back_to_the_music(lost: bool) -> None:
    """It was connected by a late answer; the call waits on, or rings at another."""
    talk = scene(RINGING) << failed("c1") << PhoneLeft(OfferId("c1", 1), lost) >> KeepWaiting("c1")
    talk << ready("ben") << PhoneLeft(OfferId("c1", 1), lost) >> KeepWaiting("c1")
    assert talk.state("ben") is RINGING
    talk << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("offer", [OfferId("c1", 1), OfferId("c1", 3), OfferId("c1", 0)])
def test_a_stale_phone_that_leaves_does_not_touch_the_talk_with_another(offer: OfferId, lost: bool) -> None:
    """The caller isn't torn from the agent to whom it talks."""
    talk = scene(RINGING) << ready("ben") << failed("c1") << answered("c1", 2)
    talk << PhoneLeft(offer, lost) >> NOTHING
    assert talk.state("ben") is TALKING


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_twice_leaves_once(lost: bool) -> None:
    """The second word hangs up or keeps waiting again, and changes nothing else."""
    talk = scene(TALKING) << PhoneLeft(OfferId("c1", 1), lost)
    state = talk.state("ann")
    talk << PhoneLeft(OfferId("c1", 1), lost) >> (KeepWaiting("c1") if lost else ReleaseCall("c1"))
    assert talk.state("ann") is state


# --- calls that can't be taken --------------------------------------------------------------------------------


def test_a_call_to_an_unknown_entry_is_refused_and_is_over() -> None:
    talk = Conversation(ANN_AND_BEN) << arrives("c1", "nowhere")
    talk >> (
        Like(RefuseCall, call="c1", cause=RefusalCause.UNKNOWN_ENTRY),
        over("c1", Outcome.REFUSED, group=None, agent=None, waited_ms=0, talked_ms=0),
    )
    assert "'nowhere'" in talk.heard[0].detail
    assert not talk.router.calls


def test_a_call_for_an_unknown_group_is_refused_even_from_a_known_entry() -> None:
    """Who names a group means it."""
    talk = Conversation(ANN_AND_BEN) << arrives("c1", "desk", group="nobody")
    talk >> (Like(RefuseCall, call="c1", cause=RefusalCause.UNKNOWN_GROUP), over("c1", Outcome.REFUSED))
    assert "'nobody'" in talk.heard[0].detail


def test_the_group_that_the_dialplan_names_beats_the_entrys() -> None:
    talk = Conversation(centre(group("desk"), group("german"))) << arrives("c1", "desk", group="german")
    talk >> waits("c1", group="german", entry="desk")


def test_a_known_group_needs_no_known_entry() -> None:
    Conversation(ANN_AND_BEN) << arrives("c1", "nowhere", group="desk") >> waits("c1", group="desk", entry="nowhere")


# --- calls sent elsewhere, callbacks --------------------------------------------------------------------------

BOX = Destination(DestinationKind.VOICEMAIL, "box")
TO_BOX = centre(replace(group("desk"), steps=(OverflowStep(1_000, to=BOX),)), agents=["ann"])


@pytest.mark.parametrize("state", [READY, RINGING, TALKING])
@pytest.mark.parametrize("word", [ev.SentElsewhere("c1"), ev.SendingFailed("c1"), ev.SentElsewhere("nobody")], ids=str)
def test_what_is_told_of_a_way_that_nobody_was_sent_changes_nothing(state: AgentState, word: ev.Event) -> None:
    talk = scene(state) << word >> NOTHING
    assert talk.state("ann") is state


def test_a_failed_sending_told_twice_is_one_return_to_the_line() -> None:
    talk = Conversation(TO_BOX) << arrives("c1")
    talk.at(1_000).tick()
    talk << ev.SendingFailed("c1") >> waits("c1")
    talk << [ev.SendingFailed("c1"), ev.SentElsewhere("c1")] >> NOTHING
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


def test_a_call_on_its_way_is_sent_again_when_the_pbx_is_found() -> None:
    """The PBX may not have heard it; what it says of it late counts."""
    talk = Conversation(TO_BOX) << arrives("c1")
    talk.at(1_000).tick()
    talk << PbxLost() << PbxFound() >> (PbxChanged(None), SendElsewhere("c1", BOX))
    talk << PbxLost() << ev.SentElsewhere("c1") >> over("c1", Outcome.SENT_ELSEWHERE)
    talk << PbxFound() >> PbxChanged(None)


def test_what_the_phones_say_of_a_call_on_its_way_does_not_bring_it_back() -> None:
    talk = Conversation(TO_BOX) << ready("ann") << arrives("c1")
    talk.at(1_000).tick()
    talk << failed("c1")
    assert talk.heard[-1] == SendElsewhere("c1", BOX)
    talk << answered("c1") >> withdraws("c1")
    talk << failed("c1") >> NOTHING
    talk << PhoneLeft(OfferId("c1", 1)) >> KeepWaiting("c1")


@pytest.mark.parametrize("state", [TALKING, WRAP_UP])
def test_a_callback_accepted_too_late_is_none(state: AgentState) -> None:
    """Somebody talks with the caller, or nobody is there any more."""
    talk = scene(state) << ev.CallbackAccepted("c1", "139") >> NOTHING
    assert not talk.router.flow.callbacks
    talk << ev.CallbackAccepted("nobody", "139") >> NOTHING


def test_a_callback_accepted_while_somebody_answers_is_over_when_its_number_fails() -> None:
    """The two words crossed: nobody is on the line with who has answered until the number has answered, too."""
    talk = scene(TALKING) << ev.CallbackAccepted("c1", "139")
    talk << ev.NumberFailed("c1", ev.OfferFailure.UNANSWERED)
    assert talk.state("ann") is WRAP_UP
    assert "c1" not in talk.router.calls
    talk = scene(TALKING) << ev.CallbackAccepted("c1", "139") << ev.NumberAnswered("c1")
    talk << ev.NumberFailed("c1", ev.OfferFailure.UNANSWERED) >> NOTHING


def test_a_callback_accepted_while_it_rings_is_called_back_by_the_next_ring() -> None:
    """And forgotten as soon as somebody answers."""
    talk = scene(RINGING) << ready("ben") << ev.CallbackAccepted("c1", "139") >> NOTHING
    talk << failed("c1")
    assert rings("c1", "ben", 2, callback="139") in talk.heard
    talk << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))
    assert not talk.router.flow.callbacks
