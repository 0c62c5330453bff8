"""The simulated PBX keeps the port's contract as a real one must."""

import pytest

from acd.commands import KeepWaiting, OfferCall, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PbxFound, PhoneLeft
from acd.ids import OfferId
from simulator.agenda import Agenda
from simulator.pbx import RING_LIMIT_MS, LegState, Pbx, PhoneCondition

LATENCY_MS = 10
FIRST = OfferId("c1", 1)
SECOND = OfferId("c1", 2)


class Bench:
    """A PBX with one caller, c1, and a note of all that was told and heard: (instant, what)."""

    def __init__(self):
        self.agenda = Agenda()
        self.now = 0
        self.told, self.heard, self.legs = [], [], []
        self.pbx = Pbx(self.agenda, lambda event: self.told.append((self.now, event)), self, LATENCY_MS)
        self.pbx.call_in(CallArrived("c1", "8000", "139"), 0)
        self.at(LATENCY_MS)
        self.told.clear()

    def at(self, now):
        while (due := self.agenda.next_due()) is not None and due <= now:
            self.now = due
            self.agenda.advance(due)
        self.now = now
        return self

    def do(self, command):
        self.pbx.handle(command, self.now)

    def ring(self, offer=FIRST, device="P/1"):
        self.do(OfferCall(offer, "ann", device, "desk", "8000", "139", "", 0, 15_000))
        return self.legs[-1] if self.legs else None

    def end(self):
        """What has been told once everything is over."""
        self.at(10_000_000)
        return [event for _, event in self.told]

    def music(self, call, at):
        self.heard.append(("music", at))

    def rings(self, leg, at):
        self.legs.append(leg)

    def talks(self, leg, at):
        self.heard.append(("talk", at))

    def gone(self, call, at):
        self.heard.append(("gone", at))


@pytest.fixture
def bench():
    return Bench()


def test_is_found_before_anything_else():
    agenda, told = Agenda(), []
    pbx = Pbx(agenda, told.append, Bench(), 0)
    pbx.begin(0)
    pbx.call_in(CallArrived("c1", "8000"), 0)
    agenda.advance(0)
    assert [type(event) for event in told] == [PbxFound, CallArrived]


def test_an_answered_phone_is_connected_and_told_after_the_latency(bench):
    leg = bench.ring()
    bench.at(3_000).pbx.pick_up(leg, 3_000)
    bench.at(3_100)
    assert bench.told == [(3_000 + LATENCY_MS, OfferAccepted(FIRST))]
    assert bench.heard[-1] == ("talk", 3_000)


def test_a_withdrawn_offer_never_connects(bench):
    leg = bench.ring()
    bench.at(3_000).do(WithdrawOffer(FIRST))
    bench.pbx.pick_up(leg, 3_000)
    assert leg.state is LegState.GONE
    assert bench.end() == []


def test_an_offer_withdrawn_while_its_answer_is_being_told_is_parted_again(bench):
    """The core's word was on the way when the phone was answered: the caller goes back to the music."""
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.do(WithdrawOffer(FIRST))
    assert bench.heard[-1][0] == "music"
    assert not bench.pbx.callers["c1"].talks
    assert bench.ring(SECOND) is not leg
    bench.pbx.pick_up(bench.legs[-1], 0)
    assert bench.end()[-1] == OfferAccepted(SECOND)


def test_withdrawing_what_is_unknown_does_nothing(bench):
    bench.do(WithdrawOffer(FIRST))
    assert bench.end() == []


def test_a_caller_who_leaves_while_it_rings_is_told_once_and_stops_the_phone(bench):
    leg = bench.ring()
    bench.pbx.hang_up("c1", 0)
    bench.pbx.hang_up("c1", 0)
    bench.pbx.pick_up(leg, 0)
    assert bench.end() == [CallerLeft("c1")]
    assert bench.pbx.phone("P/1").leg is None
    assert bench.heard.count(("gone", 10)) + bench.heard.count(("gone", 0)) == 1


def test_an_offer_that_crosses_the_callers_leaving_is_answered_by_that(bench):
    bench.pbx.hang_up("c1", 0)
    assert bench.ring() is None
    assert bench.end() == [CallerLeft("c1")]


def test_nobody_answering_the_pbx_gives_up_itself_later_than_asked(bench):
    bench.ring()
    assert bench.end() == [OfferFailed(FIRST, OfferFailure.UNANSWERED)]
    assert bench.told[0][0] == LATENCY_MS + 15_000 + RING_LIMIT_MS + LATENCY_MS


def test_a_phone_may_decline(bench):
    leg = bench.ring()
    bench.pbx.decline(leg, 0)
    bench.pbx.decline(leg, 0)
    assert bench.end() == [OfferFailed(FIRST, OfferFailure.REJECTED)]


@pytest.mark.parametrize(
    ("condition", "why"),
    [(PhoneCondition.BUSY, OfferFailure.BUSY), (PhoneCondition.UNREACHABLE, OfferFailure.UNREACHABLE)],
)
def test_a_phone_that_cant_ring_fails(bench, condition, why):
    bench.pbx.phone("P/1").condition = condition
    assert bench.ring() is None
    assert bench.end() == [OfferFailed(FIRST, why)]


def test_a_phone_in_a_call_of_ours_is_busy(bench):
    bench.pbx.pick_up(bench.ring(), 0)
    bench.pbx.call_in(CallArrived("c2", "8000"), 0)
    bench.ring(OfferId("c2", 1))
    bench.at(100)
    assert bench.told[-1][1] == OfferFailed(OfferId("c2", 1), OfferFailure.BUSY)


def test_of_two_phones_that_ring_one_wins(bench):
    bench.ring()
    bench.ring(SECOND, "P/2")
    first, second = bench.legs
    bench.pbx.pick_up(second, 0)
    bench.pbx.pick_up(first, 0)
    bench.at(100)
    assert [event for _, event in bench.told] == [OfferAccepted(SECOND)]


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_leaves_the_caller(bench, lost):
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.pbx.put_down(leg, 0, lost=lost)
    bench.pbx.put_down(leg, 0, lost=lost)
    bench.do(KeepWaiting("c1"))
    assert bench.heard[-1][0] == "music"
    assert bench.end() == [OfferAccepted(FIRST), PhoneLeft(FIRST, lost)]
    assert "c1" in bench.pbx.callers


def test_who_talks_is_not_kept_waiting(bench):
    """The word was for a phone that left before; another one has answered since."""
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.do(KeepWaiting("c1"))
    assert leg.state is LegState.TALKING
    assert bench.heard[-1][0] == "talk"


def test_released_the_caller_and_the_phone_are_gone(bench):
    leg = bench.ring()
    bench.pbx.pick_up(leg, 0)
    bench.do(ReleaseCall("c1"))
    assert leg.state is LegState.GONE
    assert bench.end() == [OfferAccepted(FIRST), CallerLeft("c1")]


def test_a_refused_call_was_never_ours(bench):
    """The dialplan goes on with it: nothing more is told."""
    bench.do(RefuseCall("c1", RefusalCause.UNKNOWN_ENTRY, ""))
    assert bench.end() == []
    assert bench.pbx.callers == {}


def test_commands_for_a_call_that_is_gone_do_nothing(bench):
    bench.pbx.hang_up("c1", 0)
    for command in (KeepWaiting("c1"), ReleaseCall("c1"), RefuseCall("c1", RefusalCause.UNKNOWN_ENTRY, "")):
        bench.do(command)
    assert bench.end() == [CallerLeft("c1")]
