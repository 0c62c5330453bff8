"""The world against the router, whole hours by seed: what holds for every seed."""

from collections import Counter
from dataclasses import replace

import pytest

from acd.agents import AgentState
from acd.calls import CallKind, Outcome
from acd.commands import (
    BeginConsult,
    Confer,
    ConnectCall,
    HoldCall,
    LeaveWith,
    OfferCall,
    OfferCallback,
    PlayPrompt,
    RefusalCause,
    RefuseCall,
    ResumeCall,
    WithdrawOffer,
)
from acd.events import (
    CallArrived,
    CallbackAccepted,
    CallerLeft,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    SendingFailed,
)
from acd.ids import Instant
from acd.notices import (
    AgentChanged,
    CallConnected,
    CallFinished,
    CallMoved,
    CallQueued,
    CallSent,
    CallTransferred,
    Refused,
)
from acd.router import Router
from simulator.run import VirtualRun
from simulator.world import World
from tests.simulation.centres import LIVELY, TALKATIVE, WINDING, lively_rules, winding_rules

MIN_MS = 60_000


class Log(list):
    """Every step of a run: (event, outputs, now)."""

    def watch(self, *step):
        self.append(step)

    def outputs(self, kind):
        return [out for _, outputs, _ in self for out in outputs if type(out) is kind]

    def events(self, kind):
        return [event for event, _, _ in self if type(event) is kind]


def lively(seed, settings=LIVELY, minutes=60, rules=None):
    log, rules = Log(), rules or lively_rules()
    run = VirtualRun(World(settings, rules, seed), Router(rules), log.watch)
    run.until(Instant(minutes * MIN_MS))
    return run, log


def winding(seed, minutes=15):
    return lively(seed, WINDING, minutes, winding_rules())


def talkative(seed, minutes=15):
    return lively(seed, TALKATIVE, minutes, winding_rules())


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


def test_everything_happens_on_winding_ways():
    """Rings of many at once, sendings that work and fail, callbacks taken, merged and in vain, full groups, prompts."""
    run, log = winding(1, minutes=240)
    ends = Counter(out.outcome for out in log.outputs(CallFinished))
    assert min(ends[Outcome.SENT_ELSEWHERE], ends[Outcome.REFUSED]) > 10
    assert ends[Outcome.MERGED] > 2
    for kind in (CallMoved, CallSent, OfferCallback):
        assert len(log.outputs(kind)) > 10
    assert {out.cause for out in log.outputs(RefuseCall)} == {RefusalCause.FULL}
    assert len(log.events(SendingFailed)) > 10
    assert len(log.events(CallbackAccepted)) > 10
    assert 0 < run.world.pbx.prompts_played <= len(log.outputs(PlayPrompt))
    rings = Counter((now, out.call) for _, outs, now in log for out in outs if type(out) is OfferCall)
    assert max(rings.values()) > 2
    called_back = {out.call for out in log.outputs(OfferCall) if out.callback}
    assert run.tally.end(run.now).callbacks == len(called_back) > 10
    assert any(out.call in called_back and out.talked_ms > 30_000 for out in log.outputs(CallFinished))


def test_everything_happens_where_agents_do_with_talks_whatever_can_be_done():
    """Consults that lead to transfers, conferences, sendings and nothing; own calls that reach somebody or nobody."""
    _, log = talkative(1, minutes=240)
    ends = Counter((out.kind, out.outcome) for out in log.outputs(CallFinished))
    for kind, outcome in (
        (CallKind.CONSULT, Outcome.CONSULT_OVER),
        (CallKind.CONSULT, Outcome.TRANSFERRED),
        (CallKind.OUTGOING, Outcome.NOT_REACHED),
        (CallKind.OUTGOING, Outcome.RELEASED_BY_CALLER),
        (CallKind.INCOMING, Outcome.SENT_ELSEWHERE),
    ):
        assert ends[kind, outcome] > 3
    for kind in (HoldCall, ResumeCall, BeginConsult, Confer, ConnectCall, LeaveWith):
        assert len(log.outputs(kind)) > 3
    assert {out.attended for out in log.outputs(CallTransferred)} == {True, False}
    assert len(log.events(NumberFailed)) > 3


@pytest.mark.parametrize("seed", range(40))
def test_no_talk_with_stages_breaks_the_router_or_loses_a_call(seed):
    """The PBX holds the same calls as the router, but for what is being told this moment."""
    run, log = talkative(seed)
    finished = [out.call for out in log.outputs(CallFinished)]
    assert len(set(finished)) == len(finished)
    summary = run.tally.end(run.now)
    arrived = {event.call for event in log.events(CallArrived)}
    assert summary.calls == len(arrived)
    latest = [step for step in log if step[2] > run.now - 1_000]
    on_the_way = {getattr(each, "call", None) for event, outputs, _ in latest for each in (event, *outputs)}
    assert set(run.world.pbx.callers) ^ set(run.router.calls) <= on_the_way
    answered = {out.call for out in log.outputs(CallConnected) if out.kind is CallKind.INCOMING}
    assert summary.answered == len(answered & arrived)


def test_who_waits_for_a_callback_has_all_the_patience_there_is():
    """After the word, only the PBX's dialling in vain, the end of the talk or a merge can end the call."""
    _, log = winding(1, minutes=240)
    away, talking = set(), set()
    for event, outputs, _ in log:
        if type(event) is CallbackAccepted:
            away.add(event.call)
        talking |= {out.call for out in outputs if type(out) is CallConnected}
        if type(event) is CallerLeft and event.call in away - talking:
            assert {out.outcome for out in outputs if type(out) is CallFinished} == {Outcome.MERGED}


@pytest.mark.parametrize(
    ("centre", "seed"), [(lively, seed) for seed in range(100)] + [(winding, n) for n in range(100)]
)
def test_no_seed_breaks_the_router_or_loses_a_call(centre, seed):
    """Every call that arrived has ended once or is live; the summary adds up; nobody holds a call that is over."""
    run, log = centre(seed, minutes=15)
    arrived = [event.call for event in log.events(CallArrived)]
    finished = [out.call for out in log.outputs(CallFinished)]
    assert len(set(arrived)) == len(arrived) <= run.world.callers.arrived
    assert len(set(finished)) == len(finished)
    assert set(arrived) == set(finished) | set(run.router.calls)
    assert not set(finished) & set(run.router.calls)
    summary = run.tally.end(run.now)
    assert summary.calls == len(arrived)
    answered = {out.call for out in log.outputs(CallConnected)}
    assert summary.live == len(set(run.router.calls) - answered)
    ends = Counter(out.outcome for out in log.outputs(CallFinished) if out.call not in answered)
    assert (summary.sent_elsewhere, summary.merged) == (ends[Outcome.SENT_ELSEWHERE], ends[Outcome.MERGED])
    assert (summary.refused, summary.abandoned) == (ends[Outcome.REFUSED], ends[Outcome.ABANDONED])
    assert summary.answered == len(answered)
    assert summary.returned == sum(out.returned for out in log.outputs(CallQueued))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rules", [lively_rules(), winding_rules()], ids=["lively", "winding"])
def test_every_offer_has_an_end_and_a_withdrawn_one_never_connects(seed, rules):
    """What the port promises of commands: each offer made ends, and nothing is heard of one after its withdrawal."""
    run, log = lively(seed, replace(WINDING, pbx_latency_ms=0), rules=rules)
    made = {out.offer for out in log.outputs(OfferCall)}
    accepted = {event.offer for event in log.events(OfferAccepted)}
    failed = {event.offer for event in log.events(OfferFailed)}
    withdrawn = {out.offer for out in log.outputs(WithdrawOffer)}
    left = {event.call for event in log.events(CallerLeft)}
    ringing = {offer.id for call in run.router.calls.values() for offer in call.offers}
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
