"""What the PBX tells of agents' phones: who can't be rung is not ready, and ready again when the phone is free."""

from dataclasses import replace

import pytest

from acd import events as ev
from acd.agents import AgentState, Reason
from acd.events import CallerLeft, OfferFailure, PhoneChanged, PhoneState
from acd.ids import OfferId
from acd.notices import OfferEnd
from acd.rules import Strategy
from tests.conversation import (
    ANN_AND_BEN,
    LOGGED_OUT,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    WRAP_UP,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    failed,
    group,
    no_talk,
    ready,
    rings,
    scene,
    waits,
)

FREE, BUSY, UNREACHABLE = PhoneState
REASONS = {BUSY: Reason.BUSY, UNREACHABLE: Reason.DEVICE_UNAVAILABLE}
RING_MS, WRAP_UP_MS, GRACE_MS = 15_000, 30_000, 30_000
not_free = pytest.mark.parametrize(("state", "reason"), [*REASONS.items()])


def phone(state: PhoneState, agent: str = "ann") -> PhoneChanged:
    return PhoneChanged(agent, state)


# --- a ready agent ----------------------------------------------------------------------------------------------------


@not_free
def test_a_ready_agent_is_not_ready_until_the_phone_is_free(state: PhoneState, reason: Reason) -> None:
    """And then serves the call that waits, at once."""
    talk = scene(READY) << phone(state) >> becomes("ann", NOT_READY, reason)
    talk << arrives("c1") >> waits("c1")
    talk.at(9_000) << phone(FREE) >> (becomes("ann", READY), rings("c1", "ann"), becomes("ann", RINGING, call="c1"))


def test_told_twice_counts_once() -> None:
    talk = scene(READY) << phone(FREE) >> NOTHING
    talk << phone(BUSY) >> becomes("ann", NOT_READY, Reason.BUSY)
    talk << phone(BUSY) >> NOTHING


def test_a_busy_phone_that_dies_is_unavailable_and_ready_when_it_comes_back() -> None:
    talk = scene(READY) << phone(BUSY)
    talk << phone(UNREACHABLE) >> becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE)
    talk << phone(BUSY) >> becomes("ann", NOT_READY, Reason.BUSY)
    talk << phone(FREE) >> becomes("ann", READY)


def test_who_comes_back_is_the_least_long_idle() -> None:
    talk = Conversation(ANN_AND_BEN) << ready("ann", "ben") << phone(BUSY) << phone(FREE)
    talk << arrives("c1")
    assert talk.offered() == [("c1", "ben")]


def test_the_phone_of_an_unknown_agent_is_nobodys() -> None:
    scene(READY) << phone(BUSY, "nobody") >> NOTHING


# --- what else is said meanwhile --------------------------------------------------------------------------------------


@not_free
def test_what_the_agent_says_meanwhile_stays(state: PhoneState, reason: Reason) -> None:
    talk = scene(READY) << phone(state)
    talk << ev.NotReadyAsked("ann", "lunch") >> becomes("ann", NOT_READY, "lunch")
    talk << phone(FREE) >> NOTHING
    assert talk.state("ann") is NOT_READY


def test_what_a_supervisor_forces_meanwhile_stays() -> None:
    talk = scene(READY) << phone(BUSY)
    talk << ev.ForcedNotReady("ann", "lead") >> becomes("ann", NOT_READY, Reason.FORCED, by="lead")
    talk << phone(UNREACHABLE) >> NOTHING
    talk << phone(FREE) >> NOTHING


def test_logged_out_meanwhile_stays_logged_out() -> None:
    talk = scene(READY) << phone(BUSY)
    talk << ev.LogOutAsked("ann") >> becomes("ann", LOGGED_OUT)
    talk << phone(FREE) >> NOTHING


def test_a_client_lost_meanwhile_makes_the_agent_not_ready_for_that() -> None:
    """Else the phone would make ready whom nobody can tell of a call."""
    talk = scene(READY) << phone(BUSY) << ev.ClientLost("ann")
    talk.at(1_000 + GRACE_MS).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)
    talk << phone(FREE) >> NOTHING


@not_free
@pytest.mark.parametrize("by", ["", "lead"])
def test_who_asks_for_ready_with_such_a_phone_is_ready_when_it_is_free(
    state: PhoneState, reason: Reason, by: str
) -> None:
    """A supervisor's word likewise."""
    talk = scene(NOT_READY) << phone(state) >> NOTHING
    asked = ev.ForcedReady("ann", by) if by else ev.ReadyAsked("ann")
    talk << asked >> becomes("ann", NOT_READY, reason)
    talk << asked >> becomes("ann", NOT_READY, reason)
    talk << phone(FREE) >> becomes("ann", READY)


def test_who_logs_in_with_such_a_phone_is_not_made_ready_by_it() -> None:
    talk = scene(LOGGED_OUT) << phone(BUSY) >> NOTHING
    talk << ev.LoggedIn("ann") >> becomes("ann", NOT_READY, Reason.LOGGED_IN)
    talk << phone(FREE) >> NOTHING


# --- in a call --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [RINGING, TALKING, WRAP_UP])
def test_in_a_call_it_is_noted_and_looked_at_when_the_agent_would_be_ready(state: AgentState) -> None:
    talk = scene(state) << phone(BUSY) >> NOTHING
    talk << answered("c1") << CallerLeft("c1")
    assert talk.state("ann") is WRAP_UP
    talk.at(1_000 + WRAP_UP_MS).tick() >> becomes("ann", NOT_READY, Reason.BUSY)
    talk << phone(FREE) >> becomes("ann", READY)


def test_a_phone_free_again_before_the_end_of_the_call_changes_nothing() -> None:
    talk = scene(TALKING) << phone(UNREACHABLE) << phone(FREE) << CallerLeft("c1")
    talk.at(1_000 + WRAP_UP_MS).tick() >> becomes("ann", READY)


def test_ready_said_in_wrap_up_is_not_ready_with_such_a_phone() -> None:
    talk = scene(WRAP_UP) << phone(BUSY)
    talk << ev.ReadyAsked("ann") >> becomes("ann", NOT_READY, Reason.BUSY)


def test_a_pending_state_comes_before_the_phone() -> None:
    talk = scene(TALKING) << phone(BUSY) << ev.NotReadyAsked("ann", "lunch") << CallerLeft("c1")
    talk.at(1_000 + WRAP_UP_MS).tick() >> becomes("ann", NOT_READY, "lunch")
    talk << phone(FREE) >> NOTHING


def test_a_caller_who_leaves_while_it_rings_leaves_the_agent_not_ready() -> None:
    talk = scene(RINGING) << phone(UNREACHABLE) << CallerLeft("c1")
    assert (talk.state("ann"), talk.router.agents["ann"].reason) == (NOT_READY, Reason.DEVICE_UNAVAILABLE)


@pytest.mark.parametrize("order", ["phone first", "offer first"])
def test_an_offer_that_failed_by_such_a_phone_is_mended_when_it_is_free(order: str) -> None:
    """Whichever is told first."""
    talk = scene(RINGING)
    talk << ([phone(BUSY), failed("c1", OfferFailure.BUSY)])[:: 1 if order == "phone first" else -1]
    assert (talk.state("ann"), talk.router.agents["ann"].reason) == (NOT_READY, Reason.BUSY)
    talk << phone(FREE)
    assert talk.offered() == [("c1", "ann")]


@pytest.mark.parametrize("why", [OfferFailure.UNANSWERED, OfferFailure.REJECTED])
def test_an_offer_that_failed_by_the_agent_is_not_mended_by_the_phone(why: OfferFailure) -> None:
    talk = scene(RINGING) << phone(BUSY) << failed("c1", why)
    talk << phone(FREE) >> NOTHING
    assert talk.state("ann") is NOT_READY


def test_a_phone_that_died_in_the_talk_is_ready_when_it_comes_back() -> None:
    """Its caller, ahead of the line, is offered to it again."""
    talk = scene(TALKING) << phone(UNREACHABLE) << ev.PhoneLeft(OfferId("c1", 1), lost=True)
    assert (talk.state("ann"), talk.router.agents["ann"].reason) == (NOT_READY, Reason.DEVICE_UNAVAILABLE)
    talk << phone(FREE)
    assert talk.offered() == [("c1", "ann")]


# --- nobody rings such a phone ----------------------------------------------------------------------------------------


def test_ring_all_does_not_ring_it_and_lets_it_join_when_it_is_free() -> None:
    desk = group("desk")
    rules = centre(replace(desk, strategy=Strategy.RING_ALL), agents=["ann", "ben", "cy"])
    talk = Conversation(rules) << ready("ann", "ben", "cy") << phone(BUSY)
    talk << arrives("c1")
    assert talk.offered() == [("c1", "ben"), ("c1", "cy")]
    talk << phone(FREE)
    assert talk.offered() == [("c1", "ann")]


def test_who_waits_for_the_agent_alone_goes_to_the_group() -> None:
    """As when the agent becomes not ready by any other cause."""
    talk = scene(TALKING) << ready("ben") << phone(BUSY) << arrives("c2", agent="ann", agent_wait_ms=600_000)
    assert talk.offered() == []
    talk << CallerLeft("c1")
    talk.at(1_000 + WRAP_UP_MS).tick()
    assert talk.offered() == [("c2", "ben")]


def test_while_the_pbx_is_lost_it_counts_all_the_same() -> None:
    talk = scene(READY) << ev.PbxLost("no route") << arrives("c1")
    talk << phone(BUSY) >> becomes("ann", NOT_READY, Reason.BUSY)
    talk << phone(FREE) >> becomes("ann", READY)
    talk << phone(BUSY) << ev.PbxFound()
    assert talk.offered() == []


def test_an_unreachable_phone_fails_its_offer_first() -> None:
    """The words of an adapter that notices the phone only by the offer."""
    talk = scene(RINGING) << failed("c1", OfferFailure.UNREACHABLE)
    talk >> (
        no_talk("c1", "ann", OfferEnd.FAILED),
        becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE),
        waits("c1", returned=True),
    )
    talk << CallerLeft("c1")
    talk << phone(UNREACHABLE) >> becomes("ann", NOT_READY, Reason.DEVICE_UNAVAILABLE)
    talk << phone(FREE) >> becomes("ann", READY)
