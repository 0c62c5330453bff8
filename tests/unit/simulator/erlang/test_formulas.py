"""The exact values are birth-death sums, here once more by fractions and states, with none of our formulas."""

from fractions import Fraction
from math import exp, factorial, inf

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from simulator.erlang.formulas import ErlangB, erlang_a, erlang_b, erlang_c

LOADS = st.floats(0.01, 60)
AGENTS = st.integers(1, 60)
AHT_S = st.floats(10, 1000)
PATIENCE_S = st.floats(5, 3000)
T_S = st.floats(0, 300)


def per_h(erlangs, aht_s):
    return erlangs * 3600 / aht_s


# --- the exact values, to all digits given ----------------------------------------------------------------------------


def test_erlang_c_of_fifty():
    """48 calls a minute of a minute each, 50 agents."""
    queue = erlang_c(48 * 60, 60, 50)
    assert round(queue.delayed, 6) == 0.694456
    assert round(queue.wait_s, 3) == 20.834
    assert round(queue.line, 3) == 16.667
    assert queue.asa_s == queue.wait_s


def test_erlang_a_of_fifty():
    """The same, with a mean patience of 2 minutes. The last three are what the sums by fractions give (below)."""
    queue = erlang_a(48 * 60, 60, 50, 120)
    assert round(queue.delayed, 6) == 0.467774
    assert round(queue.abandonment, 6) == 0.030912
    assert round(queue.line, 5) == 2.96758
    assert round(queue.wait_s, 3) == 3.709
    assert round(queue.asa_s, 5) == 3.61590
    assert round(queue.occupancy, 7) == 0.9303242
    assert round(queue.answered_within(20), 6) == 0.943019


@pytest.mark.parametrize(
    ("leave", "delayed", "abandonment", "line"), [(1, 0.591719, 0.049918, 5.09163), (0.5, 0.686340, 0.042893, 8.75027)]
)
def test_erlang_a_of_a_hundred_with_more_work_than_agents(leave, delayed, abandonment, line):
    """λ 102, µ 1, θ `leave`."""
    queue = erlang_a(102 * 60, 60, 100, 60 / leave)
    assert round(queue.delayed, 6) == delayed
    assert round(queue.abandonment, 6) == abandonment
    assert round(queue.line, 5) == line


@pytest.mark.parametrize(
    ("erlangs", "agents", "level", "asa_s"),
    [(10, 14, 0.8884, 7.84), (20, 24, 0.8089, 13.41), (50, 56, 0.8412, None), (100, 107, 0.8238, None)],
)
def test_service_levels_of_the_staffing_tables(erlangs, agents, level, asa_s):
    queue = erlang_c(per_h(erlangs, 180), 180, agents)
    assert round(queue.service_level(20), 4) == level
    if asa_s is not None:
        assert round(queue.asa_s, 2) == asa_s


def test_delay_of_the_first_staffing_table():
    assert round(erlang_c(200, 180, 14).delayed, 4) == 0.1741


def test_twelve_agents_in_steady_state():
    queue = erlang_c(4.2 * 60, 120, 12)
    assert round(queue.delayed, 5) == 0.18389
    assert round(queue.asa_s / 60, 5) == 0.10216
    assert round(queue.service_level(20), 5) == 0.89908
    assert round(queue.occupancy, 3) == 0.700


# --- an oracle written otherwise --------------------------------------------------------------------------------------


def blocked_by_fractions(load, lines):
    load = Fraction(load)
    terms = [load**k / factorial(k) for k in range(lines + 1)]
    return terms[-1] / sum(terms)


@settings(deadline=None)
@given(load=st.fractions(0, 40, max_denominator=50), lines=st.integers(0, 60))
def test_erlang_b_as_by_fractions(load, lines):
    assert erlang_b(float(load), lines) == pytest.approx(float(blocked_by_fractions(load, lines)), rel=1e-12)


class States:
    """M/M/n(+M) as the states of a birth-death process, all figures from what an arrival finds."""

    def __init__(self, come, serve, agents, leave, longest=400):
        """Rates in any unit; `leave` 0: nobody gives up."""
        self.agents, self.serve, self.leave, self.come = agents, serve, leave, come
        weights = [Fraction(1)]
        for calls in range(1, agents + longest + 1):
            out = min(calls, agents) * Fraction(serve) + max(calls - agents, 0) * Fraction(leave)
            weights.append(weights[-1] * Fraction(come) / out)
        whole = sum(weights)
        self.found = [float(weight / whole) for weight in weights]

    @property
    def delayed(self):
        return sum(self.found[self.agents :])

    @property
    def line(self):
        return sum(max(calls - self.agents, 0) * share for calls, share in enumerate(self.found))

    @property
    def occupancy(self):
        return sum(min(calls, self.agents) * share for calls, share in enumerate(self.found)) / self.agents

    @property
    def abandonment(self):
        return self.line * self.leave / self.come

    def mean_wait_of_served(self):
        served = sum(self.found[: self.agents])
        waited = 0.0
        for before, share in enumerate(self.found[self.agents :]):
            chance, mean = 1.0, 0.0
            for ahead in range(before, -1, -1):
                rate = self.agents * self.serve + (ahead + 1) * self.leave
                chance *= (rate - self.leave) / rate
                mean += 1 / rate
            served += share * chance
            waited += share * chance * mean
        return waited / served

    def served_within(self, t, parts=2000):
        """The virtual wait's law integrated by Simpson's rule, over those who find all agents busy."""

        def density(x):
            crowd = (1 - exp(-self.leave * x)) / self.leave if self.leave else x
            return exp(self.come * crowd - (self.agents * self.serve + self.leave) * x)

        step = t / parts
        inner = sum(density(step * k) * (4 if k % 2 else 2) for k in range(1, parts))
        area = (density(0) + inner + density(t)) * step / 3
        return sum(self.found[: self.agents]) + self.found[self.agents - 1] * self.come * area


@pytest.mark.parametrize(
    ("come", "serve", "agents", "leave"),
    [(48, 1, 50, 0.5), (4.2, 0.5, 12, 1), (3, 1, 2, 0.25), (1, 2, 1, 5), (30, 1, 20, 2)],
)
def test_erlang_a_as_by_states(come, serve, agents, leave):
    states, queue = States(come, serve, agents, leave), erlang_a(come * 60, 60 / serve, agents, 60 / leave)
    assert queue.delayed == pytest.approx(states.delayed, rel=1e-11)
    assert queue.line == pytest.approx(states.line, rel=1e-11)
    assert queue.abandonment == pytest.approx(states.abandonment, rel=1e-11)
    assert queue.occupancy == pytest.approx(states.occupancy, rel=1e-11)
    assert queue.asa_s == pytest.approx(states.mean_wait_of_served() * 60, rel=1e-11)
    for t in (0.05, 0.5, 2):
        assert queue.answered_within(t * 60) == pytest.approx(states.served_within(t), abs=1e-9)


@pytest.mark.parametrize(("come", "serve", "agents"), [(4.2, 0.5, 12), (1, 1.5, 1), (18, 1, 24)])
def test_erlang_c_as_by_states(come, serve, agents):
    states, queue = States(come, serve, agents, 0), erlang_c(come * 60, 60 / serve, agents)
    assert queue.delayed == pytest.approx(states.delayed, rel=1e-11)
    assert queue.line == pytest.approx(states.line, rel=1e-11)
    assert queue.occupancy == pytest.approx(states.occupancy, rel=1e-11)
    assert queue.answered_within(30) == pytest.approx(states.served_within(0.5), abs=1e-9)


# --- what holds of all ------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(load=LOADS, agents=AGENTS)
def test_c_from_b(load, agents):
    """C = nB / (n - a(1 - B))"""
    assume(load < agents * 0.999)
    blocked = erlang_b(load, agents)
    wanted = agents * blocked / (agents - load * (1 - blocked))
    assert erlang_c(load * 3600, 1, agents).delayed == pytest.approx(wanted, rel=1e-9)


@settings(deadline=None)
@given(load=LOADS, agents=AGENTS, aht_s=AHT_S, patience_s=PATIENCE_S)
def test_a_lies_between_b_and_c(load, agents, aht_s, patience_s):
    """Who gives up leaves the others a shorter line than if nobody did, and a longer than if nobody waited."""
    queue = erlang_a(per_h(load, aht_s), aht_s, agents, patience_s)
    assert erlang_b(load, agents) <= queue.delayed * (1 + 1e-9)
    assert queue.abandonment <= erlang_b(load, agents) * (1 + 1e-9)
    if load < agents * 0.999:
        assert queue.delayed <= erlang_c(per_h(load, aht_s), aht_s, agents).delayed * (1 + 1e-9)


@settings(deadline=None)
@given(load=LOADS, agents=AGENTS, aht_s=AHT_S)
def test_nobody_has_patience_is_erlang_b(load, agents, aht_s):
    queue = erlang_a(per_h(load, aht_s), aht_s, agents, aht_s * 1e-9)
    assert queue.abandonment == pytest.approx(erlang_b(load, agents), rel=1e-4, abs=1e-12)


@settings(deadline=None)
@given(load=LOADS, agents=AGENTS, aht_s=AHT_S, t_s=T_S)
def test_endless_patience_is_erlang_c(load, agents, aht_s, t_s):
    assume(load < agents * 0.98)
    patient, queue = erlang_a(per_h(load, aht_s), aht_s, agents, 1e9), erlang_c(per_h(load, aht_s), aht_s, agents)
    assert patient.delayed == pytest.approx(queue.delayed, rel=1e-2)
    assert patient.answered_within(t_s) == pytest.approx(queue.answered_within(t_s), abs=1e-2)


@settings(deadline=None)
@given(load=LOADS, agents=AGENTS, aht_s=AHT_S, patience_s=PATIENCE_S, t_s=T_S)
@example(load=60, agents=1, aht_s=10, patience_s=3000, t_s=300)
def test_one_agent_more_makes_nothing_worse(load, agents, aht_s, patience_s, t_s):
    fewer, more = (erlang_a(per_h(load, aht_s), aht_s, n, patience_s) for n in (agents, agents + 1))
    assert more.delayed <= fewer.delayed * (1 + 1e-9)
    assert more.abandonment <= fewer.abandonment * (1 + 1e-9)
    assert more.asa_s <= fewer.asa_s * (1 + 1e-9)
    assert more.occupancy <= fewer.occupancy * (1 + 1e-9)
    assert more.answered_within(t_s) >= fewer.answered_within(t_s) - 1e-9
    assert more.service_level(t_s) >= fewer.service_level(t_s) - 1e-9


@settings(deadline=None)
@given(load=LOADS, agents=AGENTS, aht_s=AHT_S, patience_s=PATIENCE_S, t_s=T_S, more=st.floats(1.001, 2))
def test_more_calls_make_nothing_better(load, agents, aht_s, patience_s, t_s, more):
    quiet, busy = (erlang_a(per_h(load * times, aht_s), aht_s, agents, patience_s) for times in (1, more))
    assert busy.delayed >= quiet.delayed * (1 - 1e-9)
    assert busy.abandonment >= quiet.abandonment * (1 - 1e-9)
    assert busy.asa_s >= quiet.asa_s * (1 - 1e-9)
    assert busy.service_level(t_s) <= quiet.service_level(t_s) + 1e-9


@settings(deadline=None)
@given(load=LOADS, agents=st.integers(0, 60), aht_s=AHT_S, patience_s=PATIENCE_S, t_s=T_S)
def test_shares_are_shares_and_fit_each_other(load, agents, aht_s, patience_s, t_s):
    queue = erlang_a(per_h(load, aht_s), aht_s, agents, patience_s)
    for share in (queue.delayed, queue.abandonment, queue.occupancy, queue.longer_than(t_s), queue.service_level(t_s)):
        assert 0 <= share <= 1 + 1e-12
    assert queue.answered_within(0) == pytest.approx(1 - queue.delayed, abs=1e-9)
    assert queue.answered_within(t_s) <= queue.service_level(t_s) + 1e-9
    assert queue.answered_within(1e6) == pytest.approx(1 - queue.abandonment, abs=1e-9)
    assert queue.occupancy * agents == pytest.approx(load * (1 - queue.abandonment), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("load", [4500, 4990, 5000, 5600, 9000])
def test_five_thousand_agents(load):
    """As many as it takes: nothing overflows, nothing is lost by cancelling."""
    queue = erlang_a(per_h(load, 180), 180, 5000, 600)
    assert queue.answered_within(0) == pytest.approx(1 - queue.delayed, abs=1e-9)
    assert queue.abandonment == pytest.approx(max(0, 1 - 5000 / load), abs=0.02)
    assert queue.answered_within(20) <= queue.service_level(20) <= 1
    if load < 5000:
        assert queue.delayed <= erlang_c(per_h(load, 180), 180, 5000).delayed


def test_without_calls_nobody_waits():
    for queue in (erlang_c(0, 180, 0), erlang_c(0, 180, 5), erlang_a(0, 180, 5, 60), ErlangB(0, 180, 5)):
        assert (queue.line, queue.wait_s, queue.asa_s, queue.abandonment, queue.occupancy) == (0, 0, 0, 0, 0)


def test_without_agents_everybody_gives_up():
    queue = erlang_a(100, 180, 0, 90)
    assert (queue.delayed, queue.abandonment, queue.asa_s, queue.occupancy) == (1, pytest.approx(1), 0, 0)
    assert queue.answered_within(60) == pytest.approx(0, abs=1e-12)


def test_erlang_b_as_a_queue_without_a_line():
    queue = ErlangB(200, 180, 14)
    assert queue.blocked == erlang_b(10, 14)
    assert queue.answered_within(20) == queue.service_level(20) == 1 - queue.blocked
    assert queue.occupancy == pytest.approx(10 * (1 - queue.blocked) / 14)
    assert ErlangB(200, 180, 0).occupancy == 0


# --- what can't be ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agents", [10, 9, 0])
def test_no_steady_state_says_how_many_agents_would_do(agents):
    with pytest.raises(ValueError, match=r"10 erlangs of work .* at least 11 agents, or give the callers' patience"):
        erlang_c(200, 180, agents)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((-1, 180, 5, 60), "calls per hour: a finite number of at least 0 is wanted, not -1"),
        ((inf, 180, 5, 60), "calls per hour: .* not inf"),
        ((float("nan"), 180, 5, 60), "calls per hour: .* not nan"),
        ((100, 0, 5, 60), "handling time in seconds: a finite number above 0 is wanted, not 0"),
        ((100, 180, -5, 60), "the number of agents is a whole number of at least 0, not -5"),
        ((100, 180, 2.5, 60), "the number of agents is a whole number .* not 2.5"),
        ((100, 180, 5, 0), "patience in seconds: a finite number above 0 is wanted, not 0"),
    ],
)
def test_bad_values_are_named(given, says):
    with pytest.raises(ValueError, match=says):
        erlang_a(*given)


def test_a_negative_wait_is_refused():
    for queue in (erlang_a(100, 180, 8, 60), erlang_c(100, 180, 8)):
        with pytest.raises(ValueError, match=r"the wait in seconds: .* not -1"):
            queue.answered_within(-1)


def test_a_line_beyond_all_measure_is_refused():
    with pytest.raises(ValueError, match="more agents or less patience"):
        _ = erlang_a(1e8, 3600, 0, 1e6).line


def test_bad_lines_are_refused():
    with pytest.raises(ValueError, match="the number of lines is a whole number"):
        erlang_b(3, -1)
    with pytest.raises(ValueError, match="the load in erlangs"):
        erlang_b(-3, 1)
