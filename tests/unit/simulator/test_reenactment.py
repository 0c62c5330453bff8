"""A record lived again: what the people in it do is what they did, as far as the other rules let them."""

import pytest

from acd import events as ev
from acd.ids import OfferId
from acd.notices import CallConnected, CallFinished, CallSent, OfferEnded
from acd.router import Router
from acd.rules import (
    AgentRecord,
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    Rules,
    RulesChange,
    SkillGroup,
)
from simulator.donors import Donors
from simulator.recorder import Recorder
from simulator.reenactment import Reenactment
from simulator.run import VirtualTime

VOICEMAIL = Destination(DestinationKind.VOICEMAIL, "1")


def rules(steps=(), ring_ms=15_000, wrap_up_ms=10_000, agents=("ann", "bob")):
    desk = SkillGroup("desk", ring_ms=ring_ms, wrap_up_ms=wrap_up_ms, steps=steps)
    return Rules(
        groups={"desk": desk},
        entries={"1": EntryPoint("1", "desk")},
        agents={name: AgentRecord(name, f"P/{name}") for name in agents},
    )


def record(*steps, by=None):
    """What a router made of (second, event); ann is there from the beginning."""
    recorder = Recorder(Router(by or rules()), 0)
    for s, event in [(0, ev.PbxFound()), (0, ev.LoggedIn("ann")), (0, ev.ReadyAsked("ann")), *steps]:
        recorder.take(event, round(s * 1000))
    return recorder.finished()


def lived_again(taken, by, kinds, until=1_000, changes_rules=False):
    """(second, output) of these kinds."""
    seen = []

    def watch(_, outputs, now):
        seen.extend((now / 1000, out) for out in outputs if type(out) in kinds)

    world = Reenactment(taken, by, Donors(taken, 1), changes_rules)
    VirtualTime(world, Router(by), watch, taken.begin).until(until * 1000)
    return seen


def brief(seen):
    return [(s, out.call, getattr(out, "agent", None)) for s, out in seen]


ONE_CALL = [(1, ev.CallArrived("c1", "1")), (4, ev.OfferAccepted(OfferId("c1", 1))), (9, ev.CallerLeft("c1"))]


def test_a_call_is_answered_and_ended_as_it_was():
    seen = lived_again(record(*ONE_CALL), rules(), {CallConnected, CallFinished})
    assert brief(seen) == [(4, "c1", "ann"), (9, "c1", "ann")]


def test_a_slower_phone_than_the_other_rules_ring_is_missed():
    """The answers took 3 s and 1 s; with 2 s of ringing the first ring is missed, some later one answered after 1 s."""
    quick = [(20, ev.CallArrived("c2", "1")), (21, ev.OfferAccepted(OfferId("c2", 1))), (22, ev.CallerLeft("c2"))]
    taken = record(*ONE_CALL, *quick)
    seen = [(s, type(out)) for s, out in lived_again(taken, rules(ring_ms=2_000), {OfferEnded, CallConnected})]
    assert seen[0] == (3, OfferEnded)
    assert [kind for _, kind in seen].count(CallConnected) == 2


def test_who_gives_up_does_so_after_the_same_wait():
    taken = record((1, ev.NotReadyAsked("ann", "break")), (2, ev.CallArrived("c1", "1")), (7, ev.CallerLeft("c1")))
    [(s, finished)] = lived_again(taken, rules(), {CallFinished})
    assert (s, finished.outcome) == (7, "abandoned")


def test_a_call_never_answered_talks_like_another_of_its_group():
    taken = record(*ONE_CALL, (10, ev.CallArrived("c2", "1")), (12, ev.CallerLeft("c2")))
    seen = lived_again(taken, rules(wrap_up_ms=0), {CallConnected, CallFinished})
    assert brief(seen)[-1] == (12, "c2", None), "it gives up, as it did, before the phone is answered"
    taken = record(*ONE_CALL, (10, ev.CallArrived("c2", "1")), (19, ev.DeadlineReached()), (19, ev.LogOutAsked("ann")))
    assert brief(lived_again(taken, rules(wrap_up_ms=0), {CallFinished}))[-1] == (18, "c2", "ann"), "3 + 5 s as c1"


def test_a_sending_fails_as_often_as_it_did():
    steps = (OverflowStep(5_000, to=VOICEMAIL), OverflowStep(9_000, to=VOICEMAIL))
    away, come = (0.5, ev.NotReadyAsked("ann", "break")), (1, ev.CallArrived("c1", "1"))
    taken = record(
        away,
        come,
        (6, ev.DeadlineReached()),
        (6, ev.SendingFailed("c1")),
        (10, ev.SentElsewhere("c1")),
        by=rules(steps),
    )
    seen = lived_again(taken, rules(steps), {CallSent, CallFinished})
    assert [(s, type(out)) for s, out in seen] == [(6, CallSent), (10, CallSent), (10, CallFinished)]


@pytest.mark.parametrize("offered", [True, False])
def test_a_callback_is_accepted_where_it_is_offered_again(offered):
    """After 3 s, as it was; and then the caller waits without patience."""
    steps = (OverflowStep(5_000, callback=True),)
    taken = record(
        (0.5, ev.NotReadyAsked("ann", "break")),
        (1, ev.CallArrived("c1", "1", "139")),
        (6, ev.DeadlineReached()),
        (9, ev.CallbackAccepted("c1", "139")),
        (60, ev.ReadyAsked("ann")),
        (63, ev.OfferAccepted(OfferId("c1", 1))),
        (80, ev.CallerLeft("c1")),
        by=rules(steps),
    )
    world = Reenactment(taken, by := rules(steps if offered else ()), Donors(taken, 1), changes_rules=False)
    told = []
    VirtualTime(world, Router(by), lambda event, _, now: told.append((now / 1000, event)), 0).until(100_000)
    assert ((9, ev.CallbackAccepted("c1", "139")) in told) == offered
    assert (80, ev.CallerLeft("c1")) in told


def test_a_phone_lost_is_lost_again():
    taken = record(
        *ONE_CALL[:2],
        (6, ev.PhoneLeft(OfferId("c1", 1), lost=True)),
        (8, ev.ReadyAsked("ann")),
        (9, ev.OfferAccepted(OfferId("c1", 2))),
        (20, ev.CallerLeft("c1")),
    )
    seen = lived_again(taken, rules(), {CallConnected, CallFinished})
    assert brief(seen) == [(4, "c1", "ann"), (9, "c1", "ann"), (20, "c1", "ann")]


def test_agents_that_the_other_rules_dont_have_dont_work():
    taken = record(*ONE_CALL)
    seen = lived_again(taken, rules(agents=("bob",)), {CallConnected, CallFinished})
    assert brief(seen) == []


def test_changes_of_rules_are_made_again_only_if_told_to():
    taken = record((0.5, ev.RulesChanged(RulesChange(groups=(SkillGroup("desk", needs=(("x", 1),)),)))), *ONE_CALL[:1])
    assert brief(lived_again(taken, rules(), {CallConnected}, changes_rules=True)) == []
    assert len(lived_again(taken, rules(), {CallConnected})) == 1


def test_an_id_used_again_while_its_call_still_waits():
    """Two calls of the same name, an hour apart in the record, may meet where calls wait longer."""
    again = [(n + 20, event) for n, event in ONE_CALL]
    taken = record(*ONE_CALL, *again)
    seen = lived_again(taken, rules(agents=()), {CallConnected})
    assert seen == []
    assert len(lived_again(taken, rules(), {CallConnected})) == 2


def test_a_private_call_keeps_the_phone_from_ringing_again():
    """And its end lets it ring, as it did."""
    busy, free = (ev.PhoneChanged("ann", state) for state in (ev.PhoneState.BUSY, ev.PhoneState.FREE))
    calls = [(5, ev.CallArrived("c1", "1")), (22, ev.OfferAccepted(OfferId("c1", 1))), (30, ev.CallerLeft("c1"))]
    taken = record((2, busy), calls[0], (20, free), *calls[1:])
    assert brief(lived_again(taken, rules(), {CallConnected})) == [(22, "c1", "ann")]
