"""The world against the router, whole hours by seed: what holds for every seed."""

from collections import Counter
from dataclasses import replace

import pytest

from acd.agents import AgentState
from acd.calls import CallState
from acd.commands import OfferCall, WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed
from acd.ids import Instant
from acd.notices import AgentChanged, CallFinished, CallQueued, Refused
from acd.router import Router
from simulator.run import VirtualRun
from simulator.world import World
from tests.simulation.centres import LIVELY, lively_rules

MIN_MS = 60_000


class Log(list):
    """Every step of a run: (event, outputs, now)."""

    def watch(self, *step):
        self.append(step)

    def outputs(self, kind):
        return [out for _, outputs, _ in self for out in outputs if type(out) is kind]

    def events(self, kind):
        return [event for event, _, _ in self if type(event) is kind]


def lively(seed, settings=LIVELY, minutes=60):
    log, rules = Log(), lively_rules()
    run = VirtualRun(World(settings, rules, seed), Router(rules), log.watch)
    run.until(Instant(minutes * MIN_MS))
    return run, log


def test_the_same_seed_gives_the_same_day():
    assert lively(1)[1] == lively(1)[1]


def test_different_seeds_give_different_days():
    assert lively(1)[1] != lively(2)[1]


def test_another_patience_leaves_arrivals_as_they_were():
    """Settings can be compared on the same day: what is chosen for one purpose moves no other chance."""

    def arrivals(settings):
        return [now for event, _, now in lively(3, settings)[1] if type(event) is CallArrived]

    calm = replace(LIVELY, retry_probability=0, calls_per_h={"80x": 60, "80any": 30})
    hasty = replace(calm, miss_probability=0, answer_s=LIVELY.answer_s.scaled(0.1))
    assert arrivals(calm) == arrivals(hasty)


def test_everything_happens_in_a_lively_hour():
    """Missed, rejected and withdrawn rings, abandonment, releases by both sides, breaks."""
    _, log = lively(1)
    ends = Counter(out.outcome for out in log.outputs(CallFinished))
    assert min(ends["abandoned"], ends["released-by-caller"], ends["released-by-agent"]) > 10
    assert {event.why for event in log.events(OfferFailed)} <= {"rejected"}
    assert len({type(event) for event, _, _ in log}) >= 9


@pytest.mark.parametrize("seed", range(200))
def test_no_seed_breaks_the_router_or_loses_a_call(seed):
    """Every call that arrived has ended once or is live; the summary adds up; nobody holds a call that is over."""
    run, log = lively(seed, minutes=15)
    arrived = [event.call for event in log.events(CallArrived)]
    finished = [out.call for out in log.outputs(CallFinished)]
    assert len(set(arrived)) == len(arrived) <= run.world.callers.arrived
    assert len(set(finished)) == len(finished)
    assert set(arrived) == set(finished) | set(run.router.calls)
    assert not set(finished) & set(run.router.calls)
    summary = run.tally.end(run.now)
    assert summary.calls == len(arrived)
    live = [call for call in run.router.calls.values() if call.state is not CallState.TALKING]
    assert summary.live == len(live)
    assert summary.returned == sum(out.returned for out in log.outputs(CallQueued))


@pytest.mark.parametrize("seed", range(5))
def test_every_offer_has_an_end_and_a_withdrawn_one_never_connects(seed):
    """What the port promises of commands: each offer made ends, and nothing is heard of one after its withdrawal."""
    run, log = lively(seed, replace(LIVELY, pbx_latency_ms=0))
    made = {out.offer for out in log.outputs(OfferCall)}
    accepted = {event.offer for event in log.events(OfferAccepted)}
    failed = {event.offer for event in log.events(OfferFailed)}
    withdrawn = {out.offer for out in log.outputs(WithdrawOffer)}
    left = {event.call for event in log.events(CallerLeft)}
    ringing = {call.offer.id for call in run.router.calls.values() if call.offer is not None}
    assert not accepted & failed
    assert not withdrawn & (accepted | failed)
    assert len(withdrawn) > 5
    assert {offer for offer in made - accepted - failed - withdrawn - ringing if offer.call not in left} == set()


def test_agents_back_from_a_missed_ring_are_ready_again():
    """A ring in vain costs the agent a while, not the day."""
    run, log = lively(4, replace(LIVELY, miss_probability=0.5, break_every_s=None), minutes=120)
    told = [
        (out.agent, out.state, out.reason, now) for _, outs, now in log for out in outs if type(out) is AgentChanged
    ]
    missed = [(agent, now) for agent, _, reason, now in told if reason == "no-answer"]
    ready = [(agent, now) for agent, state, _, now in told if state is AgentState.READY]
    assert len(missed) > 20
    for agent, since in missed:
        back = min((now for who, now in ready if who == agent and now > since), default=run.now)
        assert back - since <= LIVELY.in_scale().ready_after_s.high_s * 1000


def test_simulated_people_are_hardly_ever_refused():
    """They ask only what the state shown to them allows; what crosses on the way is rare."""
    _, log = lively(1)
    assert len(log.outputs(Refused)) * 100 < len(log)
