"""The states of a call: the table is the theory, every pair of it is walked here."""

from itertools import product

import pytest

from acd.calls import TRANSITIONS, Call, CallInput, CallState, ServiceRank
from acd.errors import ImpossibleTransition
from acd.events import CallArrived
from acd.ids import OfferId
from acd.rules import SkillGroup

WAITING, OFFERED, TALKING, ELSEWHERE, ENDED = CallState
EXPECTED = {  # written out once more, by hand: a slip in the table is not a slip in the test
    (WAITING, "offer"): OFFERED,
    (WAITING, "send"): ELSEWHERE,
    (WAITING, "end"): ENDED,
    (OFFERED, "offer"): OFFERED,
    (OFFERED, "accept"): TALKING,
    (OFFERED, "return"): WAITING,
    (OFFERED, "end"): ENDED,
    (TALKING, "return"): WAITING,
    (TALKING, "end"): ENDED,
    (TALKING, "send"): ELSEWHERE,
    (ELSEWHERE, "accept"): TALKING,
    (ELSEWHERE, "return"): WAITING,
    (ELSEWHERE, "end"): ENDED,
}


def call_in(state: CallState) -> Call:
    return Call("c1", CallArrived("c1", "100"), "100", SkillGroup("desk"), (), 0, 0, 0, 0, 1, 0, state=state)


@pytest.mark.parametrize(("state", "word"), [*product(CallState, CallInput)], ids=str)
def test_every_pair_of_state_and_input(state: CallState, word: CallInput) -> None:
    """A row leads to its state; a missing row is an error that names call, state and input, and changes nothing."""
    call = call_in(state)
    following = EXPECTED.get((state, str(word)))
    assert TRANSITIONS.get((state, word)) == following
    if following is None:
        with pytest.raises(ImpossibleTransition, match=f"call c1 is {state}, which knows no {word}"):
            call.step(word)
    else:
        call.step(word)
    assert call.state is (following or state)


def test_an_ended_call_knows_no_way_back() -> None:
    assert not any(state is CallState.ENDED for state, _ in TRANSITIONS)


def test_offers_are_numbered_from_one() -> None:
    call = call_in(CallState.WAITING)
    assert [call.next_offer() for _ in range(3)] == [OfferId("c1", 1), OfferId("c1", 2), OfferId("c1", 3)]


def test_the_order_of_service_compares_field_by_field() -> None:
    """Returned first, then the tier, then the earlier effective arrival, then the ticket."""
    ranks = [
        ServiceRank(False, -1, 9_000, 9),
        ServiceRank(False, 0, 8_000, 8),
        ServiceRank(True, -2, 7_000, 7),
        ServiceRank(True, 0, 1_000, 6),
        ServiceRank(True, 0, 2_000, 4),
        ServiceRank(True, 0, 2_000, 5),
    ]
    assert sorted(ranks[3:] + ranks[:3]) == ranks
