"""Days of thousands of events, from seeds: what short stories don't reach, and the same on every machine."""

import os
import subprocess
import sys
from collections import Counter

import pytest

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.calls import CallKind, MonitorState, Outcome, RecordingState, Stage
from acd.rules import Strategy
from tests.properties.centres import Seeded, some_centre
from tests.properties.trial import Trial
from tests.properties.world import World, digest, heard

EVENTS = 6_000


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


def test_everything_happens_in_days_like_these() -> None:
    """Every cause, outcome, strategy and refusal, many times: what never happens isn't tested."""
    counts: Counter[str] = Counter()
    for seed in (*range(8), 14, 31):  # the last two for what is rarest: a consult that nobody can take any more
        counts.update(heard(seed, EVENTS))
    wanted = [
        *[f"CallMoved {cause}" for cause in say.Cause],
        *[f"CallSent {cause}" for cause in say.Cause if cause is not say.Cause.SUPERVISOR],
        *[f"RefuseCall {cause}" for cause in cmd.RefusalCause],
        *[f"CallFinished {outcome}" for outcome in Outcome],
        *[f"OfferEnded {how}" for how in say.OfferEnd],
        *[f"Refused {code}" for code in say.RefusalCode],
        *[f"by {strategy}" for strategy in Strategy],
        *["PlayPrompt", "OfferCallback", "a callback offered", "StepTaken", "TierChanged", "for one agent alone"],
        *[kind.__name__ for kind in (cmd.TalkCommand | cmd.SupervisionCommand | cmd.TellPosition).__args__],
        *[f"TalkChanged {stage}" for stage in Stage],
        *[f"CallFinished {kind}" for kind in CallKind],
        *[f"MonitorChanged {mode}" for mode in ev.MonitorMode],
        *[f"MonitorChanged {state}" for state in MonitorState],
        *[f"RecordingChanged {state}" for state in RecordingState],
        *["CallTransferred", "CallTransferred attended", "CallIntercepted", "CallDialled", "a talk found"],
    ]
    assert [each for each in wanted if counts[each] < 10] == []
    assert [why for why in say.ConsultEnd if counts[f"TalkChanged ended {why}"] < 3] == []


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
