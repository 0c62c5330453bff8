"""Consults, outgoing calls and transfers have figures of their own, and disturb none of the callers'."""

from __future__ import annotations

from typing import Any

import pytest

from acd import events as ev
from acd import notices as say
from acd.agents import AgentState
from acd.calls import CallKind, Outcome, Stage
from acd.metrics import Metrics
from acd.owner import Step
from acd.rules import Destination, DestinationKind
from tests.conversation import Conversation, arrives, centre, group, ready

BOB = Destination(DestinationKind.AGENT, "bob")
CONSULT, OUTGOING = CallKind.CONSULT, CallKind.OUTGOING


class Measured:
    def __init__(self) -> None:
        self.talk = Conversation(centre(group("desk"), agents=["ann", "bob"]))
        self.metrics = Metrics(self.talk.router)

    def at(self, now: int, *notices: Any) -> Measured:
        self.metrics.watch(notices, Step(now, ev.DeadlineReached(), 0.0))
        return self

    def __call__(self, name: str, **labels: str) -> float | None:
        self.metrics.catch_up()
        return self.metrics.registry.get_sample_value(name, labels)

    def callers(self) -> list[float | None]:
        """Calls offered, answered and abandoned."""
        return [self(f"acd_calls_{what}_total", group="desk") for what in ("offered", "answered", "abandoned")]


def queued(call: str, kind: CallKind = CallKind.INCOMING, returned: bool = False) -> say.CallQueued:
    return say.CallQueued(call, "desk", "100", "", "", 0, 0, returned, kind)


def connected(call: str, agent: str = "ann", kind: CallKind = CallKind.INCOMING) -> say.CallConnected:
    return say.CallConnected(call, agent, "desk", 3_000, kind)


def finished(call: str, outcome: Outcome, kind: CallKind = CallKind.INCOMING) -> say.CallFinished:
    return say.CallFinished(call, "desk", "ann", outcome, 3_000, 0, kind)


@pytest.mark.parametrize("kind", [CONSULT, OUTGOING])
def test_only_callers_count_as_offered_answered_and_abandoned(kind: CallKind) -> None:
    m = Measured().at(0, queued("k"), connected("k"), finished("k", Outcome.RELEASED_BY_CALLER))
    before = [*m.callers(), m("acd_answer_wait_seconds_count", group="desk")]
    m.at(0, queued("x", kind), connected("x", kind=kind), finished("x", Outcome.ABANDONED, kind))
    assert [*m.callers(), m("acd_answer_wait_seconds_count", group="desk")] == before == [1, 1, 0, 1]
    m.metrics._measure_lines(0)
    assert m("acd_service_level_ratio", group="desk") == 1


def test_consults_are_counted_as_they_end() -> None:
    m = Measured()
    assert m("acd_consults_total") == 0
    m.at(0, connected("k", kind=CONSULT), finished("k", Outcome.CONSULT_OVER, CONSULT))
    m.at(0, finished("k2", Outcome.TRANSFERRED, CONSULT))
    assert m("acd_consults_total") == 2


def test_calls_that_agents_make_are_counted_by_their_outcome() -> None:
    m = Measured()
    assert m("acd_outgoing_calls_total", outcome="not-reached") == 0
    m.at(0, finished("o1", Outcome.NOT_REACHED, OUTGOING), finished("o2", Outcome.RELEASED_BY_AGENT, OUTGOING))
    assert m("acd_outgoing_calls_total", outcome="not-reached") == 1
    assert m("acd_outgoing_calls_total", outcome="released-by-agent") == 1


def test_a_call_transferred_by_consult_is_answered_once_and_handled_by_both() -> None:
    m = Measured().at(0, queued("c"), connected("c"), say.CallTransferred("c", "ann", BOB, True))
    m.at(5_000, connected("c", "bob"))
    for agent in ("ann", "bob"):
        m.at(9_000, say.AgentChanged(agent, AgentState.READY, "", None, "", None, 9_000))
    assert m.callers() == [1, 1, 0]
    assert m("acd_handle_seconds_sum", group="desk") == 9 + 4
    assert (m("acd_transfers_total", kind="attended"), m("acd_transfers_total", kind="blind")) == (1, 0)


def test_a_call_transferred_blindly_is_offered_and_answered_once_more() -> None:
    m = Measured().at(0, queued("c"), connected("c"), say.CallTransferred("c", "ann", BOB, False), queued("c"))
    m.at(5_000, connected("c", "bob"))
    assert m.callers() == [2, 2, 0]
    assert m("acd_transfers_total", kind="blind") == 1


def test_a_consulted_agents_time_is_no_handling_of_a_call() -> None:
    m = Measured().at(0, connected("k", "bob", CONSULT))
    m.at(5_000, say.AgentChanged("bob", AgentState.READY, "", None, "", None, 5_000))
    assert m("acd_handle_seconds_count", group="desk") == 0


HELD = say.TalkChanged("c", "ann", Stage.HELD)


@pytest.mark.parametrize(
    "end",
    [
        say.TalkChanged("c", "ann", Stage.CONNECTED),
        say.TalkChanged("c", "ann", Stage.CONSULTING, "k", BOB),
        say.CallTransferred("c", "ann", BOB, False),
        say.CallIntercepted("c", "ann", "sue"),
        queued("c", returned=True),
        finished("c", Outcome.RELEASED_BY_CALLER),
    ],
    ids=lambda each: type(each).__name__,
)
def test_a_hold_is_measured_from_its_beginning_to_whatever_ends_it(end: Any) -> None:
    m = Measured().at(1_000, HELD).at(2_000, HELD).at(8_000, end).at(9_000, end)
    assert (m("acd_hold_seconds_count"), m("acd_hold_seconds_sum")) == (1, 7)


def test_a_hold_of_which_we_did_not_see_the_beginning_is_not_measured() -> None:
    m = Measured().at(8_000, say.TalkChanged("c", "ann", Stage.CONNECTED))
    assert m("acd_hold_seconds_count") == 0


def test_a_consult_and_a_number_that_is_dialled_are_no_waiting_callers() -> None:
    m = Measured()
    m.talk << [*ready("ann"), arrives("o"), arrives("k"), arrives("c")]
    calls = m.talk.router.calls
    calls["o"].kind, calls["k"].kind = OUTGOING, CONSULT
    m.metrics._measure_lines(5_000)
    assert m("acd_waiting_calls", group="desk") == 1
    calls["o"].returned = calls["k"].returned = True
    m.metrics._measure_lines(5_000)
    assert m("acd_waiting_calls", group="desk") == 2, "whom an agent called, and whose phone failed then"
