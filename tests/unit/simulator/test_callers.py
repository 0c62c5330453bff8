from random import Random

from acd.events import CallArrived, CallerLeft
from simulator.agenda import Agenda
from simulator.callers import Callers, Poisson
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
        self.callers.gone(call)


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
