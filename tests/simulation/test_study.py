"""Whole studies: the same in any number of processes, and worse rules seen as worse."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from subprocess import PIPE

import pytest
from click.testing import CliRunner

from acd.cli import main
from simulator.study.collector import Collector
from simulator.study.comparing import Comparison
from simulator.study.findings import Study
from simulator.study.measures import MEASURES
from simulator.study.replications import Life, live_all
from tests.simulation.scenario_files import PROMISE, desk, write_desk


def study_of(scenario, count=6, seed=1):
    lives = [Life(scenario, seed, 1, n, (20_000,)) for n in range(count)]
    return Study(scenario, "", seed, 1, (20_000,), tuple(live_all(lives, 1, lambda _: None)))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Eight agents, enough for 120 calls an hour, but not always."""
    return study_of(desk(tmp_path_factory.mktemp("plain")))


def test_the_record_and_the_page_are_the_same_in_one_process_and_in_three(tmp_path):
    scenario = write_desk(tmp_path / "desk.toml", promises=PROMISE.format(at_least=0.5))
    for processes in (1, 3):
        files = ["--json", tmp_path / f"{processes}.json", "--html", tmp_path / f"{processes}.html"]
        words = ["sim", "run", scenario, "--processes", processes, *files]
        done = CliRunner().invoke(main, list(map(str, words)))
        assert done.exit_code == 0, done.output
    for kind in ("json", "html"):
        one, three = ((tmp_path / f"{processes}.{kind}").read_bytes() for processes in (1, 3))
        assert one == three
    assert len(json.loads((tmp_path / "3.json").read_bytes())["seeds"]) == 4
    assert not active_children()


def test_equal_rules_differ_by_exactly_nothing(plain, tmp_path):
    found = Comparison("", plain, study_of(desk(tmp_path)))
    for key in MEASURES:
        difference = found.difference(key)
        assert difference.value in (0, None), key
        assert not difference.half_width, key


@pytest.mark.parametrize(
    ("worse", "figure"),
    [
        ({"agents": 7}, "service_level"),
        ({"group": 'wrap_up_s = 60\nsteps = [{ after_s = 5, to = "hang-up" }]'}, "answered_share"),
        ({"group": "steps = [{ after_s = 15, to = 'number:123456' }]"}, "answered_share"),
    ],
    ids=["one agent fewer", "hangs up after five seconds", "sends elsewhere"],
)
def test_worse_rules_are_surely_worse_and_more_surely_so_on_the_same_chances(plain, tmp_path, worse, figure):
    difference = Comparison("", plain, study_of(desk(tmp_path, **worse))).difference(figure)
    assert difference.value < 0
    assert difference.is_sure
    assert difference.narrower > 1


def test_both_meet_the_same_callers(plain, tmp_path):
    """Whatever the rules do with them: as many, at the same times."""
    other = study_of(desk(tmp_path, agents=3))
    for one, two in zip(plain.replications, other.replications, strict=True):
        assert [cell.offered for cell in one.all.cells] == [cell.offered for cell in two.all.cells]


def test_the_calls_of_the_last_minutes_have_their_end(plain):
    assert plain.day("unfinished").value == 0


FAULTS = """
[faults]
late = 0.05
duplicate = 0.1
reordered = 0.02
link_drops_per_h = 2
socket_drops_per_agent_h = 0.5
"""


def test_a_scenarios_faults_are_lived_and_every_call_still_counts_once(plain, tmp_path):
    faulty = study_of(desk(tmp_path, faults=FAULTS))
    assert [each.callers for each in faulty.replications] == [each.callers for each in plain.replications]
    for each in faulty.replications:
        assert each.all.day.offered <= each.callers["made"]
        assert each.all.day.offered >= 0.97 * each.callers["made"], "few callers are gone before we hear of them"
        assert each.all.day.unfinished == 0
    assert faulty.day("mean_wait_s") != plain.day("mean_wait_s")


def test_counting_changes_nothing(tmp_path, monkeypatch):
    """Router and world live the same life without it."""
    scenario = desk(tmp_path)
    [counted] = live_all([Life(scenario, 3, 1, 0, (20_000,))], 1, lambda _: None)
    monkeypatch.setattr(Collector, "watch", lambda *_: None)
    [alone] = live_all([Life(scenario, 3, 1, 0, (20_000,))], 1, lambda _: None)
    assert alone.callers == counted.callers
    assert alone.all.day.offered == 0
    assert replace(alone, all=counted.all, groups=counted.groups, hours=0) == replace(counted, hours=0)


def test_in_a_terminal_there_is_a_bar_and_it_goes(tmp_path):
    """On standard error, so that what is printed can be kept without it."""
    scenario = write_desk(tmp_path / "desk.toml")
    command = [sys.executable, "-m", "acd", "sim", "run", str(scenario), "--processes", "1"]
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdout=PIPE, stderr=its, text=True) as running:
        os.close(its)
        said, _ = running.communicate(timeout=60)
    shown = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert "replications" in shown
    assert "0/4" in shown
    assert "\x1b" not in said


def test_ctrl_c_ends_it_and_all_its_processes_without_a_word(tmp_path):
    """Sent to the whole terminal's group, as a terminal does, when the processes are at work."""
    scenario = write_desk(tmp_path / "desk.toml", more="days = 300")
    command = [sys.executable, "-m", "acd", "sim", "run", str(scenario), "--processes", "3", "--replications", "30"]
    with subprocess.Popen(command, stdout=PIPE, stderr=PIPE, text=True, start_new_session=True) as running:
        wait_for(lambda: len(children(running.pid)) >= 4)  # and the tracker of their resources
        workers = children(running.pid)
        os.killpg(running.pid, signal.SIGINT)
        said, complained = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said.startswith("Repeat it by: acd sim run")
    assert complained == ""
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def wait_for(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it didn't come"
        time.sleep(0.02)
