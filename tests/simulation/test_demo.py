"""The demo's configuration: read by the same loader as any other, and lively from the first minute."""

from pathlib import Path

import pytest

from acd.ids import Instant
from acd.notices import AgentChanged, CallFinished, OfferEnded
from acd.router import Router
from acd.settings import load
from simulator.run import VirtualRun
from simulator.settings import from_table
from simulator.world import World

DEMO = Path(__file__).parents[2] / "config" / "demo.toml"


@pytest.fixture(scope="module")
def demo():
    settings = load(DEMO)
    table = settings.simulator.model_dump(exclude={"seed"}, exclude_none=True)
    return settings.rules(), from_table(table), settings.simulator.seed


def outputs(demo, minutes):
    rules, settings, seed = demo
    seen = []
    run = VirtualRun(World(settings, rules, seed), Router(rules), lambda _, outs, __: seen.extend(outs))
    run.until(Instant(minutes * 60_000))
    return run.tally.end(run.now), seen


def test_the_first_minute_shows_what_a_centre_is(demo):
    """Waiting calls, ringing, talk, wrap-up, a ring in vain, a caller who gave up, an agent who ended a call."""
    summary, seen = outputs(demo, 1)
    states = {out.state for out in seen if type(out) is AgentChanged}
    assert states == {"not-ready", "ready", "ringing", "talking", "wrap-up"}
    assert "unanswered" in {out.how for out in seen if type(out) is OfferEnded}
    assert {"abandoned", "released-by-agent"} <= {out.outcome for out in seen if type(out) is CallFinished}
    assert summary.queue_max >= 3


def test_the_whole_day_is_busy_and_bearable(demo):
    summary, _ = outputs(demo, 8 * 60)
    assert 0.85 < summary.occupancy < 0.95
    assert 0.05 < summary.abandonment < 0.20


def test_two_agents_are_left_to_people(demo):
    rules, settings, _ = demo
    assert set(rules.agents) - set(settings.simulated_agents) == {"1001", "1002"}
