from dataclasses import replace
from statistics import fmean

from simulator.crowds import Crowd
from simulator.distributions import Constant, Exponential, Uniform
from simulator.kinds import Kind
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings

VIPS = ("13800000001", "13800000002")
PLAIN = SimulatorSettings()


def crowd(settings=PLAIN, vips=VIPS, entry="8000", seed=1):
    return Crowd(entry, settings, vips, Streams(seed))


def people(of, count=200):
    return [of.somebody() for _ in range(count)]


def like(callers, *fields):
    return [tuple(getattr(caller, field) for field in fields) for caller in callers]


WHO = ("number", "name", "again_after_ms")
ALL = (*WHO, "patience_ms", "talk_ms", "wrap_up_ms")


def test_the_same_people_call_by_the_same_seed():
    assert like(people(crowd()), *ALL) == like(people(crowd()), *ALL)
    assert like(people(crowd()), *ALL) != like(people(crowd(seed=2)), *ALL)
    assert like(people(crowd()), *ALL) != like(people(crowd(entry="8001")), *ALL)


def test_another_patience_leaves_all_else_as_it_was():
    hasty = crowd(replace(PLAIN, patience_s=Uniform(1, 2)))
    others = (*WHO, "talk_ms", "wrap_up_ms")
    assert like(people(hasty), *others) == like(people(crowd()), *others)


def test_what_happens_to_some_moves_no_chance_of_others():
    """Whoever waits twice, talks twice, is offered a callback or tries again draws from chances of their own."""
    quiet, busy = crowd(), crowd()
    calm, lively = [], []
    for _ in range(50):
        calm.append(quiet.somebody())
        lively.append(caller := busy.somebody())
        for _ in range(2):
            caller.next_patience_ms()
            caller.next_talk_ms()
        caller.chance.random()
        busy.again(busy.again(caller))
    assert like(calm, *WHO, "patience_ms") == like(lively, *WHO, "patience_ms")
    assert [caller.next_talk_ms() for caller in calm] == [caller.talk_ms for caller in people(crowd(), 50)]


def test_another_try_is_the_same_however_the_first_one_went():
    first, other = people(crowd(), 1)[0], people(crowd(), 1)[0]
    other.chance.random()
    assert like([first.crowd.again(first)], *ALL) == like([other.crowd.again(other)], *ALL)
    assert first.crowd.again(first).number == first.number


def test_a_second_wait_and_talk_are_others():
    caller = people(crowd(), 1)[0]
    first = (caller.patience_ms, caller.talk_ms, caller.wrap_up_ms)
    assert (caller.next_patience_ms(), caller.next_talk_ms()) == first[:2]
    assert (caller.next_patience_ms(), caller.next_talk_ms(), caller.wrap_up_ms) != first


def test_callers_of_an_entry_point_may_be_of_a_kind():
    kind = Kind(Constant(1), Constant(2), Constant(3), 1.0, Constant(4), 1.0)
    of_kind = people(crowd(replace(PLAIN, callers={"8000": kind})), 20)
    assert set(like(of_kind, "patience_ms", "talk_ms", "wrap_up_ms", "again_after_ms")) == {(1000, 2000, 3000, 4000)}
    assert {caller.number for caller in of_kind} <= set(VIPS)


def test_of_a_kind_what_isnt_told_is_as_everybodys():
    """A probability of 0 is told."""
    never = people(crowd(replace(PLAIN, callers={"8000": Kind(retry_probability=0, vip_share=0)})))
    assert {caller.again_after_ms for caller in never} == {None}
    assert like(never, "patience_ms", "talk_ms") == like(people(crowd()), "patience_ms", "talk_ms")


def test_they_are_as_the_settings_tell():
    """5,000 of them; four standard errors."""
    callers = people(crowd(replace(PLAIN, patience_s=Exponential(100), vip_share=0.2, retry_probability=0.3)), 5_000)
    assert abs(fmean(caller.patience_ms for caller in callers) - 100_000) < 4 * 100_000 / 5_000**0.5
    assert abs(fmean(caller.number in VIPS for caller in callers) - 0.2) < 4 * (0.16 / 5_000) ** 0.5
    assert abs(fmean(caller.again_after_ms is not None for caller in callers) - 0.3) < 4 * (0.21 / 5_000) ** 0.5
