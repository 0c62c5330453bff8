"""Days of thousands of events, from seeds: what short stories don't reach, and the same on every machine."""

import os
import subprocess
import sys

import pytest

from tests.properties.centres import Seeded, some_centre
from tests.properties.trial import Trial
from tests.properties.world import World, digest

EVENTS = 4_000


@pytest.mark.parametrize("seed", range(8))
def test_a_long_day_is_as_foretold(seed: int) -> None:
    """Router and model agree at every instant of it, and again when it is replayed."""
    dice = Seeded(seed)
    rules = some_centre(dice)
    trial, world = Trial(rules), World(dice, rules)
    for _ in range(EVENTS):
        now = world.instant(trial.now, trial.prompt.next_deadline())
        world.seen(trial.say(world.draw(now), now))
    trial.replay()
    talked = [outcome for outcome in trial.told.outcomes if outcome.startswith("released")]
    assert sum(trial.told.outcomes[each] for each in talked) > 20, "hardly anybody talked: the day proves little"


def test_the_same_answers_under_every_hash_seed() -> None:
    """Nothing is decided by the order of a set or a dictionary of strings."""
    here = digest(1, 4_000)
    for hash_seed in ("0", "1", "4242"):
        run = subprocess.run(
            [sys.executable, "-m", "tests.properties.world", "1", "4000"],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.strip() == here


def test_another_day_has_another_digest() -> None:
    """So the digest does look at what is answered."""
    assert digest(1, 200) != digest(2, 200)
