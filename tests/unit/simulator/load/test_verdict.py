"""Whether a step held, and what set the limit."""

from dataclasses import replace

import pytest

from simulator.load.latencies import Delays
from simulator.load.verdict import Step

QUICK = Delays(100, 1.0, 5.0, 6.0, 7.0)
STEP = Step(
    name="100 calls/s", rate=100, seconds=10, talks_per_s=100, decision=QUICK, dispatch=QUICK, push=QUICK,
    connected=QUICK, late=0, late_pushes=0, lost=0, daemon={"main": 50, "waited": 1},
    generator={"cpu": 30, "lag_p99_ms": 2},
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
    ("daemon", "generator", "word"),
    [
        ({"main": 97, "waited": 1}, {"cpu": 30, "lag_p99_ms": 2}, "one thread"),
        ({"main": 97, "waited": 1}, {"cpu": 95, "lag_p99_ms": 2}, "generator"),
        ({"main": 97, "waited": 1}, {"cpu": 30, "lag_p99_ms": 40}, "generator"),
        ({"main": 60, "waited": 30}, {"cpu": 30, "lag_p99_ms": 2}, "machine"),
        ({"main": 60, "waited": 2}, {"cpu": 30, "lag_p99_ms": 2}, "single steps"),
        ({}, {}, "unknown"),
    ],
)
def test_what_was_full_is_said(daemon: dict[str, float], generator: dict[str, float], word: str) -> None:
    """The generator first: figures of a generator at its own limit say nothing of the daemon."""
    assert word in replace(STEP, daemon=daemon, generator=generator).limit_set_by(50)
