"""Whether a step held, and what set the limit."""

from dataclasses import replace

import pytest

from simulator.load.latencies import Delays
from simulator.load.verdict import Step

QUICK = Delays(100, 1.0, 5.0, 6.0, 7.0)
GENERATOR = {
    "the simulated Asterisk": {"main": 30, "waited": 1, "lag_p99_ms": 2},
    "process 1 of clients": {"main": 20, "waited": 1, "lag_p99_ms": 1},
}
STEP = Step(
    name="100 calls/s", rate=100, seconds=10, talks_per_s=100, decision=QUICK, dispatch=QUICK, push=QUICK,
    connected=QUICK, late=0, late_pushes=0, lost=0, daemon={"main": 50, "waited": 1},
    machine={"busy": 40, "cores": 4}, processes=GENERATOR,
)  # fmt: skip


def test_a_quick_step_holds() -> None:
    assert STEP.broke(50) == []
    assert STEP.as_json(50)["limit_set_by"] is None


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"dispatch": replace(QUICK, p99=51)}, "dispatch"),
        ({"decision": replace(QUICK, p99=51)}, "decision"),
        ({"late": 1}, "more than a second"),
        ({"lost": 2}, "lost"),
        ({"talks_per_s": 70}, "served"),
    ],
)
def test_one_thing_amiss_breaks_it_and_is_named(change: dict[str, object], word: str) -> None:
    [why] = replace(STEP, **change).broke(50)  # type: ignore[arg-type]
    assert word in why


def test_few_calls_may_be_fewer_by_chance() -> None:
    assert replace(STEP, rate=2, seconds=1, talks_per_s=0).broke(50) == []


@pytest.mark.parametrize(
    ("daemon", "clients", "busy", "words"),
    [
        ({"main": 97}, {}, 60, ("the daemon's CPU: its one thread", "97 % of a core")),
        ({"main": 70, "cpu": 96}, {}, 60, ("the daemon's CPU: all its threads", "96 %")),
        ({"main": 97}, {"main": 95}, 60, ("load generator's CPU: process 1 of clients", "95 % of a core", "--workers")),
        (
            {"main": 97},
            {"lag_p99_ms": 40},
            60,
            ("this machine:", "process 1 of clients was late by 40 ms", "again"),
        ),
        ({"main": 97}, {"lag_p99_ms": 40, "waited": 20}, 60, ("cores", "process 1 of clients", "none 20 %")),
        ({"main": 97}, {"lag_p99_ms": 40}, 95, ("this machine's cores", "all 4 cores were 95 % busy")),
        ({"main": 60, "waited": 30}, {}, 98, ("this machine's cores: the daemon had none 30 %", "98 % busy")),
        ({"main": 60, "waited": 2}, {}, 60, ("single steps",)),
        ({}, {}, 60, ("unknown", "--pid")),
    ],
)
def test_which_process_was_full_and_of_what_is_said(
    daemon: dict[str, float], clients: dict[str, float], busy: float, words: tuple[str, ...]
) -> None:
    """The generator first: figures of a generator at its own limit say nothing of the daemon."""
    processes = {**GENERATOR, "process 1 of clients": {**GENERATOR["process 1 of clients"], **clients}}
    step = replace(STEP, daemon=daemon, processes=processes, machine={"busy": busy, "cores": 4})
    said = step.limit_set_by(50)
    assert [word for word in words if word not in said] == [], said


def test_where_nothing_can_be_read_of_processes_that_is_said() -> None:
    assert "unknown" in replace(STEP, daemon={}, processes={}, machine={}).limit_set_by(50)
