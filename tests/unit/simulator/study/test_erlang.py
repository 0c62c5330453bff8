from dataclasses import replace

import pytest

from acd.rules import OverflowStep
from simulator.distributions import Exponential
from simulator.erlang.formulas import erlang_a
from simulator.kinds import Kind
from simulator.settings import SimulatorSettings
from simulator.study.counts import STATES, GroupCounts, Waits, together
from simulator.study.erlang import Against, NotApplicable, against
from tests.unit.simulator.study.making import H, a_scenario, a_study, counts

PEOPLE = SimulatorSettings(patience_s=Exponential(90))


def busy(offered):
    """Ten agents, half of their time in talks, and a tenth of that in rings."""
    cell = replace(
        counts(offered, offered).cells[0],
        agents_ms=tuple({"ready": 5 * H, "talking": 4.5 * H, "ringing": 0.5 * H}.get(state, 0) for state in STATES),
    )
    return GroupCounts((cell, cell), together([cell, cell]), Waits())


def test_each_interval_as_if_it_had_always_been_so(tmp_path):
    """100 calls an hour for 10 agents, of 5 h / 100 = 180 s each, of which the 18 s of ring are waits as well."""
    found = against(a_study(a_scenario(tmp_path, people=PEOPLE), [busy(90), busy(110)]))
    assert isinstance(found, Against)
    assert (found.aht_s, found.ring_s, found.patience_s) == (180, 18, 90)
    exact = erlang_a(100, 180, 10, 90)
    for each in found.intervals:
        assert each.agents == 10
        assert each.service_level == pytest.approx(exact.service_level(2))
        assert each.mean_wait_s == pytest.approx(exact.asa_s + 18)
        assert each.abandonment == exact.abandonment


def test_where_nobody_calls_it_says_nothing(tmp_path):
    day = busy(100)
    quiet = replace(day.cells[0], offered=0, answered=0)
    half = GroupCounts((quiet, day.cells[0]), together([quiet, day.cells[0]]), Waits())
    assert against(a_study(a_scenario(tmp_path), [half])).intervals[0] is None


def test_where_it_does_not_apply_it_says_why(tmp_path):
    scenario = a_scenario(tmp_path)
    needs = replace(scenario.rules, groups={"desk": replace(scenario.rules.groups["desk"], needs=(("x", 1),))})
    cases = {
        "groups": a_scenario(tmp_path, groups=("a", "b")),
        "flow": a_scenario(tmp_path, steps=(OverflowStep(1000, tier=1),)),
        "skills": replace(scenario, rules=needs),
        "ways": a_scenario(tmp_path, people=SimulatorSettings(callers={"desk": Kind(vip_share=0.5)})),
        "lines": a_scenario(tmp_path, people=SimulatorSettings(lines=3)),
    }
    for why, each in cases.items():
        found = against(a_study(each, [busy(10)]))
        assert isinstance(found, NotApplicable)
        assert found.why == why
    assert against(a_study(scenario, [counts(0, 0)])) == NotApplicable("empty")
