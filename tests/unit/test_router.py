"""The clock: what is due happens first and at its own instant, and nothing is due behind `next_deadline`."""

import pytest

from acd import events as ev
from acd.agents import AgentState, Reason
from acd.errors import TimeWentBackwards
from acd.events import CallerLeft, DeadlineReached, PbxFound, PbxLost
from acd.notices import OfferEnd
from acd.router import Router
from tests.conversation import (
    ANN_AND_BEN,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    group,
    no_talk,
    ready,
    rings,
    scene,
    waits,
    withdraws,
)

RING_MS = 15_000


def test_time_that_goes_backwards_is_our_own_fault() -> None:
    """It is said loudly, and nothing has happened."""
    talk = scene(RINGING)
    talk.at(1_000).tick()
    with pytest.raises(TimeWentBackwards, match="CallerLeft at 999, but it was 1000 already"):
        talk.router.handle(CallerLeft("c1"), 999)
    assert talk.state("ann") is RINGING
    talk.at(1_000) << answered("c1")
    assert talk.state("ann") is TALKING


@pytest.mark.parametrize("state", AgentState)
def test_being_told_the_time_early_or_twice_is_harmless(state: AgentState) -> None:
    talk = scene(state)
    due = talk.due
    for now in (1_000, 1_000, 1_001, (due or 9_000) - 1):
        talk.at(now).tick() >> NOTHING
        assert (talk.due, talk.state("ann")) == (due, state)


def test_what_is_due_happens_first_and_at_its_own_instant() -> None:
    """A minute late: the ring ended, the wrap-up ended, each when it was due; then the event."""
    talk = Conversation(centre(group("desk"), agents=["ann", "ben", "cy"])) << ready("ann", "ben")
    talk << arrives("c1") << answered("c1") << CallerLeft("c1")  # ann's wrap-up ends at 30_000
    talk.at(20_000) << arrives("c2")  # rings at ben until 35_000
    (
        talk.at(90_000)
        << arrives("c3")
        >> (
            becomes("ann", READY, since=30_000),
            withdraws("c2"),
            no_talk("c2", "ben", OfferEnd.UNANSWERED),
            becomes("ben", NOT_READY, Reason.NO_ANSWER, since=35_000),
            waits("c2", returned=True),
            rings("c2", "ann", n=2, waited_ms=15_000),
            becomes("ann", RINGING, call="c2", since=35_000),
            withdraws("c2", 2),
            no_talk("c2", "ann", OfferEnd.UNANSWERED, n=2),
            becomes("ann", NOT_READY, Reason.NO_ANSWER, since=50_000),
            waits("c2", returned=True),
            waits("c3", waiting_since=90_000),
        )
    )


def test_asking_for_the_next_deadline_changes_nothing() -> None:
    """Else a replay, which doesn't ask, would answer otherwise than the day that is replayed."""
    heard = []
    for asks in (False, True):
        talk = Conversation(ANN_AND_BEN) << ready("ann", "ben") << arrives("c1")
        talk.at(1) << arrives("c2") << PbxLost()  # rings until 15_000 and 15_001, called off
        assert not asks or talk.due is None
        talk << PbxFound()  # both ring until 15_001
        talk.at(1 + RING_MS).tick()
        heard.append(talk.heard)
    assert heard[0] == heard[1]


def test_every_event_has_a_handler() -> None:
    """Nothing that can be said is met with silence by mistake."""
    router = Router(ANN_AND_BEN)
    assert router._handlers.keys() == set(ev.Event.__args__)


def test_nothing_is_kept_from_one_step_to_the_next() -> None:
    talk = scene(READY) << arrives("c1")
    assert talk.heard
    talk << DeadlineReached() >> NOTHING
