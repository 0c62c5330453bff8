"""`acd load` on a real `acd serve`: thirty agents for a few seconds. How fast it is nobody asserts here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from acd.cli import main
from acd.settings import load
from simulator.load import beforehand, command
from simulator.load.beforehand import check
from simulator.load.centre import Centre
from simulator.load.daemon import LoadFailed
from simulator.load.machine import has_proc
from simulator.load.outcome import Outcome
from simulator.load.plan import Plan
from simulator.load.report import as_json

CENTRE = Centre(agents=30, supervisors=1, slow=2)
HURRIED_MS = 60_000
"""No test breaks because the machine has other things to do."""


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """One run with everything: two rates, slow readers, a storm."""
    plan = Plan(centre=CENTRE, rates=(4, 8), seconds=2, limit_ms=HURRIED_MS, storm=0.5, slow_agents=0.2, seed=7)
    check(plan)
    return command.run(plan, None, 0, 2)


def test_everybody_is_let_in_at_once(outcome: Outcome) -> None:
    assert outcome.log_ins is not None
    assert outcome.log_ins.clients == outcome.log_ins.delays.n == 31


def test_no_call_is_lost(outcome: Outcome) -> None:
    """Every caller who came was served, once."""
    assert outcome.lost == 0
    assert outcome.state["arrived"] == outcome.state["talks"] > 30
    assert outcome.state["waiting"] == 0


def test_every_rate_has_decisions_dispatches_and_pushes(outcome: Outcome) -> None:
    assert [step.rate for step in outcome.steps] == [4, 8]
    for step in outcome.steps:
        for figures in (step.decision, step.dispatch, step.push, step.connected):
            assert figures.n > 0
            assert 0 < figures.p50 <= figures.p99 <= figures.p999 <= figures.max
        assert step.journal_kb_per_s
        assert step.journal_kb_per_s > 0
        assert step.events_per_s > 0


def test_each_push_follows_its_ring(outcome: Outcome) -> None:
    """As many pushes as rings, but for those on the way at the borders of the step."""
    for step in outcome.steps:
        assert abs(step.push.n - step.decision.n - step.dispatch.n) <= 0.5 * step.push.n + 5


@pytest.mark.skipif(not has_proc(), reason="/proc is Linux's")
def test_the_daemons_memory_and_cpu_are_told(outcome: Outcome) -> None:
    assert outcome.kb_per_client is not None
    assert all(step.daemon["rss_mb"] > 10 and step.daemon["main"] > 0 for step in outcome.steps)


def test_slow_readers_are_let_go_and_the_others_are_served(outcome: Outcome) -> None:
    assert outcome.slow is not None
    assert outcome.slow_let_go == 2
    assert outcome.slow.lost == 0
    assert outcome.slow.decision.n > 0


def test_agents_who_dont_read_are_let_go_and_what_becomes_of_them_is_told(outcome: Outcome) -> None:
    """Six agents: three whose clients stop reading, three who read slowly; all stay in service, and come back."""
    told = outcome.slow_agents
    assert told is not None
    assert told.stopped + told.slowed == 6
    assert told.let_go["stopped"] == told.stopped >= 3
    assert sum(told.ends.values()) == sum(told.let_go.values())
    assert sum(told.states.values()) == sum(told.states_after.values()) == 6
    assert told.states.keys() <= {"ready", "ringing", "talking", "wrap-up"}, "their grace isn't over"
    assert told.back_s is not None


def test_all_who_were_cut_off_come_back(outcome: Outcome) -> None:
    assert outcome.back is not None
    assert outcome.back.clients == 16 or outcome.back.clients == 15
    assert outcome.back.delays.n >= outcome.back.clients
    assert outcome.storm is not None
    assert outcome.storm.lost == 0


def test_nothing_was_asked_for_that_isnt_simulated(outcome: Outcome) -> None:
    for step in outcome.steps:
        assert not [what for what in step.failures if "Redirect" in what or "Originate" in what]


def test_the_outcome_is_json(outcome: Outcome) -> None:
    told: dict[str, Any] = json.loads(json.dumps(as_json(outcome)))
    assert told["steps"][0]["dispatch"].keys() == {"n", "p50", "p99", "p999", "max"}
    assert (told["slow_let_go"], told["lost"]) == (2, 0)
    assert told["slow_agents"]["let_go"]["stopped"] >= 3
    assert told["limit_set_by"] == "nothing that was tried: give higher --rates"
    assert told["steps"][0]["processes"].keys() > {"the simulated Asterisk"}


def test_the_command_prints_its_seed_first_and_tables(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "acd", "load", "--agents", "30", "--rates", "4", "--seconds", "1", "--slow", "0"]
    done = subprocess.run(
        [*run, "--slow-agents", "0", "--storm", "0", "--limit-ms", str(HURRIED_MS)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("seed ")
    assert "held: 4 calls/s" in done.stdout
    assert "0 lost" in done.stdout


def test_the_configuration_for_a_daemon_of_ones_own_is_good(tmp_path: Path) -> None:
    config = tmp_path / "load.toml"
    done = CliRunner().invoke(main, ["load", "--agents", "6", "--write-config", str(config)])
    assert done.exit_code == 0, done.output
    assert "--url ws://127.0.0.1:8080/ws" in done.output
    settings = load(config)
    assert len(settings.agents) == 6
    assert len(settings.supervisors) == 13
    assert settings.asterisk is not None
    assert settings.asterisk.port == command.AMI_PORT


def test_too_few_files_are_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beforehand, "raise_file_limit", lambda: 1024)
    with pytest.raises(LoadFailed, match=r"1024 files here, and the daemon needs 5212: raise the limit"):
        check(Plan(centre=Centre(agents=5000, slow=10)))
