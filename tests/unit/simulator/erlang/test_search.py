"""The search on a tiny centre, with the real router; and the crews and needs that it begins with."""

from dataclasses import replace

import pytest

from acd.ids import Instant
from simulator.arrivals import MS_PER_H, Burst, Piecewise, Recorded, Uncertain
from simulator.erlang.beginning import beginning, target
from simulator.erlang.crews import crews, sized, sizes
from simulator.erlang.forecast import expected, intervals
from simulator.erlang.inverses import Target
from simulator.erlang.search import Search, slack
from simulator.scenarios import Figure, Promise, load
from simulator.study.replications import live
from tests.unit.simulator.erlang.scenarios import TINY, tiny


@pytest.fixture
def scenario(tmp_path):
    return load(tiny(tmp_path))


def search(scenario, trials=40, told=None):
    told = [] if told is None else told
    return Search(scenario, 1, 1, 2, trials, lambda lives: [live(each) for each in lives], told.append)


# --- crews ----------------------------------------------------------------------------------------------------


def test_crews_are_those_of_the_file(scenario):
    found = crews(scenario)
    assert sizes(found) == {"ones": 3, "twos": 2, "both": 2}
    assert [crew.serves(scenario) for crew in found] == [["one"], ["two"], ["one", "two"]]


def test_who_has_other_skills_is_a_crew_apart(scenario):
    one, *_ = scenario.rules.agents.values()
    other = replace(one, skills=(("one", 9),))
    rules = replace(scenario.rules, agents={**scenario.rules.agents, one.id: other})
    assert sizes(crews(replace(scenario, rules=rules))) == {"ones-001": 1, "ones-002": 2, "twos": 2, "both": 2}


def test_the_same_sizes_are_the_same_people(scenario):
    found = crews(scenario)
    same = sized(scenario, found, sizes(found))
    assert same.rules == scenario.rules
    assert same.people == replace(scenario.people, simulated_agents=same.people.simulated_agents)


def test_a_crew_shrinks_from_its_end_and_grows_like_itself(scenario):
    found = crews(scenario)
    other = sized(scenario, found, {"ones": 5, "twos": 1, "both": 0})
    assert [*other.rules.agents] == ["ones-001", "ones-002", "ones-003", "ones-004", "ones-005", "twos-001"]
    assert other.people.shifts["ones-005"] == scenario.people.shifts["ones-002"]
    assert other.rules.agents["ones-005"].device == "PJSIP/ones-005"
    assert [*other.people.simulated_agents] == [*other.rules.agents]


# --- what is expected ------------------------------------------------------------------------------------------


def test_a_day_is_expected_as_the_file_says(scenario):
    day = intervals(scenario)
    assert len(day) == 48
    assert [n for n, each in enumerate(day) if each.calls] == [20, 21, 22, 23]
    assert day[20].clock == "10:00"
    assert day[20].calls == pytest.approx(45)
    assert day[20].aht_s == pytest.approx((2 * (2 + 120 + 10) + (2 + 240 + 10)) / 3)
    assert day[20].patience_s == pytest.approx(200)
    [group, _] = scenario.rules.groups
    assert intervals(scenario, [group])[20].calls == pytest.approx(30)


def test_arrivals_of_all_kinds_are_expected():
    rates = Piecewise(((0, 60.0), (2 * MS_PER_H, 120.0)))
    assert expected(rates, MS_PER_H, 3 * MS_PER_H) == pytest.approx(180)
    assert expected(Uncertain(rates, 0.3), 0, MS_PER_H) == pytest.approx(60)
    assert expected(Burst(rates, 0, MS_PER_H // 2, 3.0), 0, MS_PER_H) == pytest.approx(30 * 3 + 30)
    assert expected(Recorded((Instant(5), Instant(7), Instant(MS_PER_H))), 6, MS_PER_H) == 1


def test_the_target_is_what_is_promised_of_the_group_and_of_all(scenario):
    assert target(scenario, None) == Target(service_level=0.75, within_s=20, answered=0.85)
    own = Promise(Figure.MEAN_WAIT_S, next(iter(scenario.rules.groups)), at_most=9)
    both = replace(scenario, promises=(*scenario.promises, own))
    assert target(both, own.group).asa_s == 9
    assert target(both, None).asa_s is None
    assert target(replace(scenario, promises=()), None) == Target(service_level=0.8, within_s=20)


def test_the_beginning_is_near_what_pooled_agents_would_need(scenario):
    """Both lines together are 2.2 + 2.1 erlangs: as many as Erlang A pools, and a few for the borders of the skills."""
    assert 6 <= sum(beginning(scenario, crews(scenario)).values()) <= 8


# --- the search ------------------------------------------------------------------------------------------------


def test_no_crew_of_the_answer_can_spare_anybody(scenario):
    told = []
    found = search(scenario, told=told)
    best = found.run()
    assert best.kept
    assert found.is_smallest(best)
    assert [trial.sizes for trial in told] == [*found.tried]
    assert all(not found.trial(key).kept for key in found.neighbours(best.sizes, -1))


def test_the_same_seed_finds_the_same_in_the_same_trials(scenario):
    one, other = search(scenario), search(scenario)
    assert one.run() == other.run()
    assert one.tried == other.tried


def test_confirmation_is_by_other_replications(scenario):
    found = search(scenario)
    best = found.run()
    confirmed = found.confirmed(best)
    assert confirmed.sizes == best.sizes
    assert confirmed.promises != best.promises


def test_too_few_trials_leave_it_open(scenario):
    lavish = replace(scenario, promises=(Promise(Figure.ANSWERED_SHARE, at_least=0.1),))
    found = search(lavish, trials=1)
    assert not found.is_smallest(found.run())


def test_what_agents_can_not_mend_is_said(scenario):
    never = replace(scenario, promises=(Promise(Figure.MEAN_WAIT_S, at_most=0.001),))
    with pytest.raises(ValueError, match=r"after 3 trials no crews are found .* mean wait of the answered"):
        search(never, trials=3).run()


def test_without_promises_there_is_nothing_to_search(tmp_path):
    nothing = load(tiny(tmp_path, TINY[: TINY.index("[[promises]]")]))
    with pytest.raises(ValueError, match=r"tiny: promises nothing, so nobody is needed"):
        search(nothing)


def test_slack_is_how_far_within_its_bounds_a_figure_is():
    level = Promise(Figure.SERVICE_LEVEL, at_least=0.8, within_s=20)
    assert slack(level, 0.85) == pytest.approx(0.05)
    assert slack(level, None) == -1
    assert slack(Promise(Figure.MEAN_WAIT_S, at_most=20), 25) == pytest.approx(-0.25)
    assert slack(Promise(Figure.OCCUPANCY, at_least=0.5, at_most=0.8), 0.75) == pytest.approx(0.05)
