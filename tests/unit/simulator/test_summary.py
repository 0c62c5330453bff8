import pytest

from acd.agents import AgentState
from acd.calls import Cause, Outcome
from acd.commands import OfferCall
from acd.events import DeadlineReached
from acd.ids import OfferId
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, CallSent, OfferEnd, OfferEnded
from acd.rules import Destination, DestinationKind
from simulator.summary import Tally


def queued(call, returned=False):
    return CallQueued(call, "desk", "8000", "", "", 0, 0, returned)


def connected(call, waited_ms):
    return CallConnected(call, "ann", "desk", waited_ms)


def finished(call, outcome=Outcome.RELEASED_BY_CALLER, waited_ms=0):
    return CallFinished(call, "desk", None, outcome, waited_ms, 0)


def sent(call):
    return CallSent(call, "desk", Destination(DestinationKind.HANG_UP), Cause.STEP)


def is_now(state, call=None):
    return AgentChanged("ann", state, "", None, "", call, since=0)


def told(*steps):
    tally = Tally(within_ms=20_000)
    for now, *outputs in steps:
        tally.watch(DeadlineReached(), tuple(outputs), now)
    return tally.end(steps[-1][0])


def test_counts_what_became_of_calls():
    summary = told(
        (0, queued("c1"), queued("c2"), queued("c3"), queued("c4")),
        (1, connected("c1", 20_000), connected("c2", 30_000)),
        (2, finished("c1"), finished("c3", Outcome.ABANDONED, 10_000)),
        (3, finished("c9", Outcome.REFUSED)),
    )
    assert (summary.calls, summary.answered, summary.abandoned, summary.live, summary.refused) == (5, 2, 1, 1, 1)
    assert summary.service_level == pytest.approx(1 / 3)
    assert summary.abandonment == pytest.approx(1 / 3)
    assert summary.delay_probability == 1
    assert summary.abandoned_within == 1
    assert summary.asa_ms == 25_000
    assert summary.waited_in_vain_ms == 10_000


def test_every_call_counts_once():
    """Moved, sent in vain, sent from the door, merged, refused: all add up to those that came."""
    summary = told(
        (0, queued("c1"), queued("c2"), queued("c3"), queued("c4")),
        (1, queued("c1"), sent("c2"), sent("c5")),
        (2, queued("c2"), finished("c5", Outcome.SENT_ELSEWHERE), finished("c3", Outcome.MERGED)),
        (3, sent("c2"), connected("c4", 3), finished("c9", Outcome.REFUSED)),
        (4, finished("c2", Outcome.SENT_ELSEWHERE), queued("c4", returned=True)),
        (5, finished("c4", Outcome.SENT_ELSEWHERE)),
    )
    assert (summary.calls, summary.answered, summary.sent_elsewhere, summary.merged) == (6, 1, 2, 1)
    assert (summary.refused, summary.abandoned, summary.live) == (1, 0, 1)
    assert "2 sent elsewhere" in str(summary)


def test_a_callback_counts_once_however_often_it_rings():
    rings = [OfferCall(OfferId("c1", n), "ann", "P/1", "desk", "8000", "", "", 0, 15_000, "139") for n in (1, 2)]
    assert told((0, queued("c1"), rings[0]), (1, rings[1])).callbacks == 1


def test_who_is_sent_elsewhere_stands_in_no_line():
    steps = (0, queued("c1")), (1, sent("c1"), queued("c2")), (2, finished("c1", Outcome.SENT_ELSEWHERE))
    assert told(*steps).queue_max == 1


def test_a_call_answered_twice_counts_once():
    summary = told((0, queued("c1")), (1, connected("c1", 5)), (2, queued("c1", True)), (3, connected("c1", 7)))
    assert (summary.calls, summary.answered, summary.returned, summary.waited_ms) == (1, 1, 1, 5)


def test_a_call_answered_once_is_not_abandoned_later():
    steps = (0, queued("c1")), (1, connected("c1", 5)), (2, queued("c1", True)), (3, finished("c1", Outcome.ABANDONED))
    assert told(*steps).abandoned == 0


def test_the_line_is_counted_after_each_step():
    """A call that is offered in the step in which it came never stood in line."""
    summary = told(
        (0, queued("c1"), is_now(AgentState.RINGING, "c1")),
        (1, queued("c2")),
        (2, queued("c3")),
        (3, finished("c2", Outcome.ABANDONED)),
        (4, OfferEnded(OfferId("c1", 1), "ann", OfferEnd.UNANSWERED), queued("c1", True)),
    )
    assert summary.queue_max == 2


def test_occupancy_is_handling_over_handling_and_ready():
    states = (AgentState.NOT_READY, AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP)
    steps = [(10 * n, is_now(state)) for n, state in enumerate(states)]
    summary = told(*steps, (50, is_now(AgentState.NOT_READY)), (90,))
    assert (summary.handling_ms, summary.ready_ms) == (30, 10)
    assert summary.occupancy == 0.75


def test_nothing_happened_is_zero_everywhere():
    summary = told((0,))
    assert (summary.service_level, summary.asa_ms, summary.occupancy) == (0, 0, 0)
    assert "0 calls" in str(summary)


def test_cut_goes_on_with_those_that_are_there():
    tally = Tally()
    tally.watch(DeadlineReached(), (queued("c1"), is_now(AgentState.READY)), 0)
    first = tally.cut(100)
    tally.watch(DeadlineReached(), (connected("c1", 150),), 150)
    second = tally.end(200)
    assert (first.calls, first.answered, first.ready_ms) == (1, 0, 100)
    assert (second.calls, second.answered, second.ready_ms) == (0, 1, 100)
