import pytest

from simulator.scenarios import Figure, Promise
from simulator.study.findings import Verdict, broken, clock, thresholds_ms, verdict
from simulator.study.statistics import Estimate
from tests.unit.simulator.study.making import a_scenario, a_study, counts

LEVEL = Figure.SERVICE_LEVEL


@pytest.mark.parametrize(
    ("at_least", "at_most", "expected"),
    [
        (0.7, None, Verdict.KEPT),
        (0.75, None, Verdict.KEPT),
        (0.8, None, Verdict.NOT_SURE),
        (0.85, None, Verdict.KEPT.NOT_SURE),
        (0.86, None, Verdict.NOT_KEPT),
        (None, 0.9, Verdict.KEPT),
        (None, 0.8, Verdict.NOT_SURE),
        (None, 0.74, Verdict.NOT_KEPT),
        (0.7, 0.9, Verdict.KEPT),
        (0.7, 0.8, Verdict.NOT_SURE),
        (0.1, 0.2, Verdict.NOT_KEPT),
    ],
)
def test_a_promise_is_kept_when_its_whole_interval_keeps_it(at_least, at_most, expected):
    """.80 ± .05"""
    promise = Promise(LEVEL, at_least=at_least, at_most=at_most, within_s=20)
    assert verdict(promise, Estimate(0.8, 0.05)) is expected


@pytest.mark.parametrize("estimate", [Estimate(None), Estimate(0.1)])
def test_without_an_interval_nothing_is_sure(estimate):
    assert verdict(Promise(LEVEL, at_least=0.8, within_s=20), estimate) is Verdict.NOT_SURE


def test_only_what_is_surely_not_kept_is_broken(tmp_path):
    kept, unsure = Promise(LEVEL, at_least=0.5, within_s=20), Promise(Figure.P90_WAIT_S, at_most=10)
    surely = Promise(Figure.ABANDONMENT, "desk", at_most=0.1)
    many = [counts(80 + n, 70 - n, 20, waited_ms=9_900 + 100 * n) for n in range(3)]
    checked = a_study(a_scenario(tmp_path, kept, unsure, surely), many).promises()
    assert [each.verdict for each in checked] == [Verdict.KEPT, Verdict.NOT_SURE, Verdict.NOT_KEPT]
    assert broken(checked)
    assert not broken(checked[:2])


def test_figures_of_a_day_are_sums_over_sums(tmp_path):
    """Of 100 calls 90 in time, of 300 210: 300/400; and calls a day are means."""
    study = a_study(a_scenario(tmp_path), [counts(50, 45), counts(150, 105)])
    assert study.day("service_level").value == 0.75
    assert study.day("offered").value == 200
    assert study.interval("offered", 1, "desk").value == 100
    assert study.day("mean_wait_s").value == 10
    assert study.day("p90_wait_s").value == 10
    assert study.day("occupancy").value == 0.5
    assert study.day("agents_talking").value == 1
    assert study.callers() == {"made": 0, "repeated": 0, "blocked": 0.5}
    assert study.hours == 4


def test_the_promises_say_which_service_level(tmp_path):
    twice = [Promise(LEVEL, at_least=0.5, within_s=30), Promise(LEVEL, "desk", at_least=0.5, within_s=10.5)]
    assert thresholds_ms(a_scenario(tmp_path, *twice, twice[0])) == (30_000, 10_500)
    assert thresholds_ms(a_scenario(tmp_path)) == (20_000,)


def test_the_clock_is_the_scenarios(tmp_path):
    scenario = a_scenario(tmp_path)
    assert [clock(scenario, n) for n in (0, 1, 17)] == ["08:00", "09:00", "01:00"]
