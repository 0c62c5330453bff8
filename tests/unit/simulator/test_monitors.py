"""Supervisors' phones in the simulated PBX: each begun ends once."""

import pytest

from acd.commands import (
    ChangeMonitor,
    ConnectCall,
    EndMonitor,
    HoldCall,
    KeepWaiting,
    ReleaseCall,
    StartMonitor,
)
from acd.events import (
    CallerLeft,
    Intercepted,
    MonitorEnded,
    MonitorMode,
    MonitorStarted,
    OfferFailure,
    PhoneLeft,
)
from simulator.legs import LegState, PhoneCondition
from tests.unit.simulator.bench import FIRST, SECOND
from tests.unit.simulator.test_talks import ASKED, Talk


@pytest.fixture
def talk():
    return Talk()


def start(talk, mode=MonitorMode.LISTEN, offer=FIRST, answers=True, monitor="m1", device="P/9"):
    talk.do(StartMonitor(monitor, offer, device, mode, 15_000))
    if not talk.listeners:
        return None
    if answers:
        talk.pbx.monitors.pick_up(talk.listeners[-1], talk.now)
    return talk.listeners[-1]


def test_a_supervisor_listens_until_let_go(talk):
    start(talk)
    talk.do(ChangeMonitor("m1", MonitorMode.BARGE))
    assert talk.pbx.monitors.of("m1").mode is MonitorMode.BARGE
    talk.do(EndMonitor("m1"))
    talk.do(EndMonitor("m1"))
    talk.do(ChangeMonitor("m1", MonitorMode.INTERCEPT))
    assert talk.pbx.phone("P/9").leg is None
    assert talk.end() == [MonitorStarted("m1"), MonitorEnded("m1")]


def test_a_supervisor_listens_through_every_stage_until_the_talk_is_over(talk):
    start(talk)
    talk.do(HoldCall("c1", FIRST))
    talk.ask_ben()
    assert talk.pbx.monitors.of("m1") is not None
    talk.do(ConnectCall("c1", SECOND, "con", ASKED))
    assert talk.end() == [MonitorEnded("m1")]


@pytest.mark.parametrize("end", ["agent", "caller"])
def test_whoever_ends_the_talk_the_supervisor_is_let_go(talk, end):
    start(talk)
    talk.settle()
    if end == "agent":
        talk.pbx.put_down(talk.ann, talk.now)
    else:
        talk.pbx.hang_up("c1", talk.now)
    assert talk.end() == [MonitorEnded("m1"), PhoneLeft(FIRST) if end == "agent" else CallerLeft("c1")]


def test_a_phone_may_be_busy_unanswered_declined_or_put_down(talk):
    talk.pbx.phone("P/9").condition = PhoneCondition.UNREACHABLE
    start(talk)
    talk.pbx.phone("P/9").condition = PhoneCondition.FREE
    start(talk, answers=False)
    talk.at(talk.now + 16_000)
    start(talk, answers=False)
    talk.pbx.monitors.decline(talk.listeners[-1], talk.now)
    talk.pbx.monitors.pick_up(talk.listeners[-1], talk.now)
    talk.pbx.monitors.put_down(start(talk), talk.now)
    ends = [event.why for event in talk.end() if type(event) is MonitorEnded]
    assert ends == [OfferFailure.UNREACHABLE, OfferFailure.UNANSWERED, OfferFailure.REJECTED, None]


def test_nobody_listens_to_what_is_over_or_not_begun(talk):
    start(talk, offer=SECOND)
    assert talk.end() == [MonitorEnded("m1")]


@pytest.mark.parametrize("at_once", [True, False])
def test_an_intercept_lets_the_agent_go_and_the_others_who_listen(talk, at_once):
    start(talk, monitor="m0", device="P/8")
    start(talk, MonitorMode.INTERCEPT if at_once else MonitorMode.WHISPER)
    if not at_once:
        talk.do(ChangeMonitor("m1", MonitorMode.INTERCEPT))
    assert (talk.ann.state, talk.ends()[-1]) == (LegState.GONE, "intercepted")
    talk.settle()
    talk.do(KeepWaiting("c1"))
    assert talk.ends()[-1] == "intercepted"
    talk.do(EndMonitor("m1"))
    talk.do(ReleaseCall("c1"))
    assert talk.end() == [MonitorEnded("m1"), CallerLeft("c1")]


def test_after_an_intercept_the_caller_may_hang_up(talk):
    start(talk, MonitorMode.INTERCEPT)
    talk.pbx.hang_up("c1", talk.now)
    assert talk.end() == [Intercepted("m1"), MonitorEnded("m1"), CallerLeft("c1")]


def test_who_is_asked_in_a_consult_has_no_caller_to_be_taken(talk):
    talk.ask_ben()
    start(talk, MonitorMode.INTERCEPT, offer=ASKED)
    assert talk.end() == [MonitorEnded("m1")]
