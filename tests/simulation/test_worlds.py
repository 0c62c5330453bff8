"""The world by the clock: shifts, lines, a beginning in the day, and the same callers whatever the rules."""

from dataclasses import replace

import pytest

from acd.agents import AgentState
from acd.events import CallArrived, LogOutAsked
from acd.ids import Instant
from acd.notices import AgentChanged, CallConnected
from acd.router import Router
from acd.rules import AgentRecord
from simulator.arrivals import Piecewise, Poisson, Recorded
from simulator.distributions import Constant, Exponential, Uniform
from simulator.run import VirtualRun
from simulator.shifts import Shift
from simulator.world import World
from tests.simulation.centres import ENTRY, LIVELY, TALKATIVE, lively_rules, textbook, textbook_rules, winding_rules

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def day(settings, rules, seed=1, begin=0, until=DAY_MS):
    """Every step of the world's run."""
    log = []
    run = VirtualRun(World(settings, rules, seed, begin=Instant(begin)), Router(rules), lambda *step: log.append(step))
    run.until(Instant(until))
    return run, log


def arrivals(log):
    return [(now, event) for event, _, now in log if type(event) is CallArrived]


# --- shifts -----------------------------------------------------------------------------------------------------------

EARLY, LATE, NIGHT = (
    Shift(6 * HOUR_MS, 10 * HOUR_MS),
    Shift(12 * HOUR_MS, 15 * HOUR_MS),
    Shift(22 * HOUR_MS, 30 * HOUR_MS),
)
SHIFTS = {"a0": (EARLY, LATE), "a1": (NIGHT,), "a2": (EARLY, NIGHT), "a3": (LATE,), "a4": ()}


def within(agent, at):
    """The oracle: whether one of the shifts holds `at`, of this day or begun on the one before; its end, too."""
    ms = at % DAY_MS
    return any(shift.from_ms <= each < shift.to_ms for shift in SHIFTS.get(agent, ()) for each in (ms, ms + DAY_MS))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("settings", "rules"), [(LIVELY, lively_rules()), (TALKATIVE, winding_rules())])
def test_nobody_is_ready_outside_of_a_shift_and_a_call_of_it_is_finished(settings, rules, seed):
    """What is begun within ends outside, with the work after it; nothing begins there."""
    settings = replace(settings, time_scale=1, load=1.2, shifts=SHIFTS, log_in_after_s=Uniform(0, 300))
    _, log = day(settings, rules, seed, until=2 * DAY_MS)
    states, worked = {}, set()
    for _, outputs, now in log:
        for out in outputs:
            if type(out) is not AgentChanged or out.agent not in SHIFTS:
                continue
            before, states[out.agent] = states.get(out.agent), out.state
            if within(out.agent, now):
                worked.add(out.agent)
            elif out.state is AgentState.RINGING:
                assert before is AgentState.RINGING, "a call begins after the shift"
            else:
                assert out.state is not AgentState.READY
                assert out.state is not before or out.pending is not None
    assert worked == {"a0", "a1", "a2", "a3"}


def test_talks_go_on_over_the_end_of_a_shift():
    """Else the test above shows nothing."""
    settings = replace(LIVELY, time_scale=1, load=1.2, shifts=SHIFTS)
    _, log = day(settings, lively_rules(), until=3 * DAY_MS)
    pending = [
        out
        for event, outputs, _ in log
        if type(event) is LogOutAsked
        for out in outputs
        if type(out) is AgentChanged and out.state is AgentState.TALKING
    ]
    assert len(pending) > 3


def test_people_come_and_go_by_the_clock_whatever_happens_at_the_phone():
    """Log-ins are the same with other callers: they have chances of their own."""

    def log_ins(settings):
        _, log = day(replace(settings, shifts=SHIFTS, log_in_after_s=Uniform(0, 300)), lively_rules())
        return [
            (now, out.agent)
            for _, outputs, now in log
            for out in outputs
            if type(out) is AgentChanged and (out.state, out.reason) == (AgentState.NOT_READY, "logged-in")
        ]

    calm = replace(LIVELY, time_scale=1)
    assert len(log_ins(calm)) > 8
    assert log_ins(calm) == log_ins(replace(calm, load=0.3, talk_s=Exponential(20)))


def test_the_clock_of_a_faster_day_is_faster():
    settings = textbook(per_h=0, talk_s=60, shifts={"a0": (Shift(8 * HOUR_MS, 9 * HOUR_MS),)}, time_scale=10)
    _, log = day(settings, textbook_rules(1), until=DAY_MS // 10)
    states = [(now, out.state) for _, outs, now in log for out in outs if type(out) is AgentChanged]
    assert states[0] == (8 * HOUR_MS // 10, AgentState.NOT_READY)
    assert states[-1] == (9 * HOUR_MS // 10, AgentState.LOGGED_OUT)


# --- the clock --------------------------------------------------------------------------------------------------------


def test_a_world_begins_at_the_time_of_the_day_it_is_told():
    """At 11:30, half an hour before anybody calls; the shift began at 8:00."""
    noon = Piecewise(((0, 0.0), (12 * HOUR_MS, 60.0)))
    settings = textbook(per_h=0, talk_s=60, arrivals={ENTRY: noon}, shifts={"a0": (Shift(8 * HOUR_MS, 13 * HOUR_MS),)})
    begin = 11 * HOUR_MS + HOUR_MS // 2
    run, log = day(settings, textbook_rules(1), begin=begin)
    assert log[0][2] == begin
    assert min(now for now, _ in arrivals(log)) >= 12 * HOUR_MS
    ready = [now for _, outs, now in log for out in outs if type(out) is AgentChanged and out.state == "ready"]
    assert ready[0] == begin
    assert max(ready) < 13 * HOUR_MS
    assert run.tally.summary.answered > 10


# --- lines ------------------------------------------------------------------------------------------------------------


def blocked_share(per_h, talk_s, agents, lines, seed=1):
    settings = textbook(per_h=per_h, talk_s=talk_s, lines=lines)
    run, _ = day(settings, textbook_rules(agents), seed, until=100 * HOUR_MS)
    callers = run.world.callers
    assert callers.arrived == callers.blocked + run.tally.summary.calls, "the router hears of none that is blocked"
    return callers.blocked / callers.arrived


def test_as_many_lines_as_agents_block_as_erlang_b_tells():
    """10 erlangs at 12 lines: B = 0.119739 by the recursion B(n) = aB/(n + aB)."""
    exact = 1.0
    for n in range(1, 13):
        exact = 10 * exact / (n + 10 * exact)
    assert exact == pytest.approx(0.119739, abs=1e-6)
    assert blocked_share(300, 120, agents=12, lines=12) == pytest.approx(exact, abs=0.01)


def test_without_lines_all_are_blocked_and_try_again():
    settings = textbook(per_h=60, talk_s=60, lines=0, retry_probability=1, retry_after_s=Constant(60))
    run, log = day(settings, textbook_rules(1), until=HOUR_MS)
    assert arrivals(log) == []
    assert run.world.callers.blocked == run.world.callers.arrived > 500


def test_who_waits_to_be_called_back_and_an_inner_consult_take_no_line():
    run, log = day(replace(TALKATIVE, lines=6), winding_rules(), until=2 * HOUR_MS)
    assert run.world.callers.blocked > 10
    assert sum(type(out) is CallConnected for _, outs, _ in log for out in outs) > 50


# --- common random numbers --------------------------------------------------------------------------------------------

FRESH = replace(LIVELY, time_scale=1, calls_per_h={"80x": 60, "80y": 50, "80any": 30})


def fresh(log):
    """Who calls for the first time."""
    return [(now, event) for now, event in arrivals(log) if not event.call.endswith("+")]


def others(rules):
    """Another way to route: other rings, wrap-ups, skills and people."""
    groups = {name: replace(group, ring_ms=20_000, wrap_up_ms=5_000) for name, group in rules.groups.items()}
    agents = dict(rules.agents) | {"new": AgentRecord("new", "PJSIP/new")}
    return replace(rules, groups=groups, agents=agents)


@pytest.mark.parametrize("seed", range(4))
def test_the_same_callers_call_under_two_rule_sets(seed):
    """The same calls at the same instants, with the same numbers and names; though some try again, and others don't."""
    rules = lively_rules()
    (_, one), (_, other), (_, third) = (
        day(FRESH, each, seed, until=6 * HOUR_MS) for each in (rules, others(rules), winding_rules())
    )
    assert len(fresh(one)) > 500
    assert fresh(one) == fresh(other) == fresh(third)
    assert arrivals(one) != arrivals(other)


def talk_times(log):
    """Of each call, from the answer to its end by the caller."""
    begun, found = {}, {}
    for _, outputs, now in log:
        for out in outputs:
            if type(out) is CallConnected:
                begun[out.call] = now
            elif getattr(out, "outcome", None) == "released-by-caller" and out.call in begun:
                found[out.call] = now - begun[out.call]
    return found


def test_who_talks_under_both_rule_sets_talks_as_long_and_who_gives_up_waits_as_long():
    settings = replace(FRESH, agent_ends_probability=0, pbx_latency_ms=0)
    (_, one), (_, other) = (day(settings, each, until=6 * HOUR_MS) for each in (lively_rules(), others(lively_rules())))
    first, second = talk_times(one), talk_times(other)
    both = first.keys() & second.keys()
    assert len(both) > 200
    assert {call: first[call] for call in both} == {call: second[call] for call in both}
    gone, also = (
        {out.call: out.waited_ms for _, outs, _ in log for out in outs if getattr(out, "outcome", None) == "abandoned"}
        for log in (one, other)
    )
    assert len(gone.keys() & also.keys()) > 50
    assert all(gone[call] == also[call] for call in gone.keys() & also.keys())


def test_another_entry_points_demand_leaves_the_first_ones_callers_as_they_were():
    def of_x(**rates):
        settings = replace(FRESH, calls_per_h={}, arrivals={entry: Poisson(rate) for entry, rate in rates.items()})
        _, log = day(settings, lively_rules(), until=4 * HOUR_MS)
        return [(now, event.caller_number) for now, event in fresh(log) if event.entry == "80x"]

    assert of_x(**{"80x": 60, "80y": 10}) == of_x(**{"80x": 60, "80y": 90, "80any": 30})


def test_recorded_calls_come_to_the_ms():
    times = tuple(Instant(at) for at in (0, 7, 7, 50_000, 50_001))
    settings = textbook(per_h=0, talk_s=60, arrivals={ENTRY: Recorded(times)})
    _, log = day(settings, textbook_rules(1), until=HOUR_MS)
    assert [now for now, _ in arrivals(log)] == list(times)
