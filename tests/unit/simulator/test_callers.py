from random import Random

import pytest

from acd.commands import BeginConsult, HoldCall, KeepWaiting, OfferCall, OfferCallback, ResumeCall
from acd.events import CallArrived, CallbackAccepted, CallerLeft, NumberAnswered, NumberFailed
from acd.ids import OfferId
from simulator.agenda import Agenda
from simulator.arrivals import Poisson
from simulator.callers import Callers
from simulator.distributions import Constant
from simulator.pbx import Pbx
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings

HOUR_MS = 3_600_000


class Outside:
    """Callers and a PBX with nobody to serve them."""

    def __init__(self, per_h=60.0, **settings):
        self.agenda, self.told = Agenda(), []
        self.pbx = Pbx(self.agenda, self.told.append, self, 0)
        plain = SimulatorSettings(**{"patience_s": Constant(30), "retry_probability": 0, **settings})
        vips = ("13800000001",)
        self.callers = Callers(plain, {"8000": Poisson(per_h)}, vips, Streams(1), self.agenda, self.pbx, "t")
        self.callers.begin(0)

    def arrivals(self, until=HOUR_MS):
        self.agenda.advance(until)
        return [event for event in self.told if type(event) is CallArrived]

    def music(self, call, at):
        self.callers.music(call, at)

    def gone(self, call, at):
        self.callers.gone(call, at)

    def callback_offered(self, call, at):
        self.callers.callback_offered(call, at)

    def dialled(self, party, at):
        self.callers.dialled(party, at)

    def held(self, call, at):
        self.callers.held(call, at)

    def resumed(self, call, at):
        self.callers.resumed(call, at)

    def rings(self, leg, at):
        self.pbx.pick_up(leg, at)

    def talks(self, leg, at):
        self.callers.talks(leg.caller.call, at, 0)


def test_poisson_has_the_rate_told():
    rng, at, count = Random(1), 0, 0
    while at < 1000 * HOUR_MS:
        at, count = Poisson(60).next_after(at, rng), count + 1
    assert abs(count - 60_000) < 4 * 60_000**0.5


def test_at_rate_zero_nobody_comes():
    assert Poisson(0).next_after(0, Random(1)) is None
    assert Outside(per_h=0).arrivals() == []


def test_calls_have_ids_of_their_own_and_the_name_first():
    calls = [event.call for event in Outside().arrivals()]
    assert calls == [f"t-{n + 1}" for n in range(len(calls))]
    assert 30 < len(calls) < 90


def test_some_callers_are_vips():
    arrivals = Outside(per_h=600, vip_share=0.2).arrivals()
    vips = sum(event.caller_number == "13800000001" for event in arrivals)
    assert 0.1 < vips / len(arrivals) < 0.3


def test_patience_ends():
    outside = Outside()
    first = outside.arrivals()[0].call
    assert CallerLeft(first) in outside.told


def test_who_gave_up_calls_again_with_the_same_number():
    outside = Outside(per_h=1, retry_probability=1, retry_after_s=Constant(60))
    numbers = [event.caller_number for event in outside.arrivals(10 * HOUR_MS)]
    assert len(numbers) > 20
    assert len(set(numbers)) < len(numbers) / 2


ACCEPTS = {"callback_accept_s": Constant(5), "callback_answer_s": Constant(10), "talk_s": Constant(60)}


def offered_a_callback(**settings):
    """The first caller, just offered a callback; and when that was."""
    outside = Outside(per_h=1, **ACCEPTS, **settings)
    while not outside.told:
        outside.agenda.advance(now := outside.agenda.next_due())
    [arrival] = outside.told
    outside.pbx.handle(OfferCallback(arrival.call), now)
    return outside, arrival, now


def test_who_accepts_a_callback_waits_for_ever():
    outside, arrival, now = offered_a_callback(callback_accept_probability=1)
    outside.agenda.advance(now + 4_999)
    assert len(outside.told) == 1
    outside.agenda.advance(now + 5_000)
    assert outside.told[1:] == [CallbackAccepted(arrival.call, arrival.caller_number)]
    outside.agenda.advance(now + HOUR_MS)
    assert CallerLeft(arrival.call) not in outside.told


def test_who_doesnt_want_a_callback_loses_patience():
    outside, arrival, now = offered_a_callback(callback_accept_probability=0)
    outside.agenda.advance(now + 30_000)
    assert outside.told[1:] == [CallerLeft(arrival.call)]


def called_back(outside, arrival, now):
    """How and when the caller's side ended, counted from the agent's answer."""
    outside.agenda.advance(now + 5_000)
    call = arrival.call
    ring = OfferCall(OfferId(call, 1), "ann", "P/1", "desk", "8000", "", "", 0, 15_000, arrival.caller_number)
    outside.pbx.handle(ring, now + 5_000)
    while call in outside.pbx.callers:
        outside.agenda.advance(left := outside.agenda.next_due())
    outside.agenda.advance(left)
    return type(outside.told[-1]), left - now - 5_000


def test_the_customer_answers_and_talks():
    settings = {"callback_accept_probability": 1, "callback_unanswered_probability": 0}
    assert called_back(*offered_a_callback(**settings)) == (CallerLeft, 70_000)


def test_the_customer_doesnt_answer():
    settings = {"callback_accept_probability": 1, "callback_unanswered_probability": 1}
    assert called_back(*offered_a_callback(**settings)) == (NumberFailed, 10_000)


# --- numbers that agents dial, and hold -----------------------------------------------------------------------------

DIALS = {"number_answers_s": Constant(7), "talk_s": Constant(60)}


def outgoing(**settings):
    """An agent has called somebody at 0 and answered the own phone at once; what is told until the end."""
    outside = Outside(per_h=0, **DIALS, **settings)
    outside.pbx.handle(OfferCall(OfferId("out", 1), "ann", "P/1", "desk", "", "", "", 0, 15_000, "10010"), 0)
    return outside


def test_a_number_that_answers_talks_and_hangs_up():
    outside = outgoing(number_unanswered_probability=0)
    outside.agenda.advance(67_000)
    assert outside.told[1:] == [NumberAnswered("out"), CallerLeft("out")]


def test_a_number_may_fail():
    outside = outgoing(number_unanswered_probability=1)
    outside.agenda.advance(7_000)
    assert [type(event) for event in outside.told[1:]] == [NumberFailed]
    assert outside.pbx.callers == {}


def test_who_was_called_and_has_lost_patience_doesnt_call_again():
    outside = outgoing(number_unanswered_probability=0, retry_probability=1)
    outside.agenda.advance(7_000)
    outside.pbx.put_down(outside.pbx.callers["out"].talk, 8_000, lost=True)
    outside.pbx.handle(KeepWaiting("out"), 8_000)
    outside.agenda.advance(HOUR_MS)
    assert outside.told[-1] == CallerLeft("out")
    assert outside.callers.arrived == 0


def test_who_is_asked_in_a_consult_talks_until_let_go():
    outside = outgoing(number_unanswered_probability=0)
    outside.agenda.advance(7_000)
    outside.pbx.handle(BeginConsult("out", OfferId("out", 1), "con", "10086", "", 20_000), 7_000)
    outside.agenda.advance(14_000)
    assert outside.told[-1] == NumberAnswered("con")
    outside.pbx.handle(ResumeCall("out", OfferId("out", 1)), 14_000)
    outside.agenda.advance(HOUR_MS)
    assert CallerLeft("con") not in outside.told


@pytest.mark.parametrize(("held_s", "over_s"), [(20, 87), (500, 47)])
def test_who_is_on_hold_says_the_rest_later_or_loses_patience(held_s, over_s):
    """60 s of talk from 7 s, held at 17 s; patience is 30 s."""
    outside = outgoing(number_unanswered_probability=0)
    outside.agenda.advance(17_000)
    outside.pbx.handle(HoldCall("out", OfferId("out", 1)), 17_000)
    outside.agenda.advance(over_s * 1000 - 1 if held_s > 30 else 17_000 + held_s * 1000)
    outside.pbx.handle(ResumeCall("out", OfferId("out", 1)), 37_000) if held_s < 30 else None
    outside.agenda.advance(over_s * 1000 - 1)
    assert "out" in outside.pbx.callers
    outside.agenda.advance(over_s * 1000)
    assert "out" not in outside.pbx.callers
