"""Lives in several processes: the same, whoever lives them; a bug names its seed; nobody is left behind."""

import os
import pickle
from dataclasses import dataclass, replace
from multiprocessing import active_children

import pytest

from simulator.distributions import Exponential
from simulator.seeds import of_replication
from simulator.study import replications
from simulator.study.replications import Life, ReplicationFailed, live, live_all
from tests.simulation.scenario_files import desk


@dataclass(frozen=True, slots=True)
class Broken(Exponential):
    """Patience with a bug, which shows itself on some days only."""

    def sample_s(self, rng):
        wait_s = Exponential.sample_s(self, rng)
        assert wait_s < 700, "a bug"
        return wait_s

    def scaled(self, factor):
        return self


@dataclass(frozen=True, slots=True)
class Deadly(Exponential):
    """Ends the process without a word, as a machine without memory does."""

    def sample_s(self, rng):
        os._exit(9)

    def scaled(self, factor):
        return self


def lives(scenario, count=3, seed=5):
    return [Life(scenario, seed, 1, n, (20_000,)) for n in range(count)]


def test_any_number_of_processes_gives_the_same_in_the_same_order(tmp_path):
    told = []
    many = lives(desk(tmp_path))
    one, three = live_all(many, 1, told.append), live_all(many, 3, told.append)
    assert one == three == [live(each) for each in many]
    assert [each.number for each in one] == [0, 1, 2]
    assert [each.seed for each in one] == [of_replication(5, n) for n in range(3)]
    assert one[0] != one[1]
    assert sorted(each.number for each in told) == [0, 0, 1, 1, 2, 2]


def test_a_replication_is_small_enough_to_be_sent_and_stays_what_it_was(tmp_path):
    [found] = live_all(lives(desk(tmp_path), 1), 1, lambda _: None)
    assert pickle.loads(pickle.dumps(found)) == found
    assert len(pickle.dumps(found)) < 20_000


def test_warm_up_days_come_before_and_do_not_count(tmp_path):
    scenario = desk(tmp_path)
    warm = live(Life(replace(scenario, warm_up_days=1), 5, 1, 0, (20_000,)))
    both = live(Life(scenario, 5, 2, 0, (20_000,)))
    first = live(Life(scenario, 5, 1, 0, (20_000,)))
    assert warm.all.day.offered == both.all.day.offered - first.all.day.offered
    assert warm.callers["made"] == warm.all.day.offered
    assert both.all.day.days == 2
    assert both.all.day.time_ms == 2 * 86_400_000


@pytest.mark.parametrize("processes", [1, 2])
def test_a_bug_names_its_seed_which_alone_shows_it_again(tmp_path, processes):
    scenario = desk(tmp_path)
    scenario = replace(scenario, people=replace(scenario.people, patience_s=Broken(120)))
    with pytest.raises(ReplicationFailed, match="AssertionError: a bug") as failed:
        live_all(lives(scenario, 6), processes, lambda _: None)
    named = next(n for n in range(6) if f"--seed {of_replication(5, n)} --replications 1" in str(failed.value))
    with pytest.raises(AssertionError, match="a bug"):
        live(Life(scenario, of_replication(5, named), 1, 0, (20_000,)))
    assert not active_children()


def test_when_we_are_interrupted_no_process_stays(tmp_path):
    """Ctrl-C comes while the first of many is told of."""

    def interrupt(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        live_all(lives(desk(tmp_path), 40), 2, interrupt)
    assert not active_children()


def test_a_process_that_dies_is_told_and_not_waited_for(tmp_path, monkeypatch):
    scenario = desk(tmp_path)
    scenario = replace(scenario, people=replace(scenario.people, patience_s=Deadly(120)))
    with pytest.raises(replications.ProcessDied, match="--processes 1"):
        live_all(lives(scenario, 2), 2, lambda _: None)
