"""Calls a second of the simulator with the production core inside, beside SimPy and Ciw on the same queue.

In every round each model takes its turn in this one process; then our days are lived in all cores at once, as `acd sim
run` does it: independent replications, each with a seed of its own, in processes that stand by (their start is left
out). Times are by the clock, rounds differ in nothing but their seeds. A rival is only who simulates the same: of each,
ours as well, the share of callers who give up and the mean wait must be Erlang A's within the sampling error.
"""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any, NamedTuple

from benchmarks.sim_models import EXACT, Ciw, Counted, Model, Ours, SimPy, counted_in, our_days
from simulator.seeds import of_replication
from simulator.study.replications import live
from simulator.study.statistics import Estimate, ratio

MODELS: Mapping[str, type[Model]] = {"ours": Ours, "simpy": SimPy, "ciw": Ciw}
RIVALS = ("simpy", "ciw")
ALL_CORES = "ours_all_cores"
HALF_WIDTHS = 2.5
"""So many of a 95 % confidence interval the figures of a model may be off; published ones are checked alike."""
START_S_MAX = 60.0


class Plan(NamedTuple):
    """Of each round one turn for everybody; the replications in all cores are as long as the others' turns."""

    rounds: int = 12
    days: int = 4
    processes: int = os.cpu_count() or 1


QUICK = Plan(rounds=3, days=1)


class Turn(NamedTuple):
    took_s: float
    counted: Counted

    @property
    def calls_per_s(self) -> float:
        return self.counted.calls / self.took_s


Turns = dict[str, list[Turn]]
AllCores = Callable[[int, int], Turn]


def figures(plan: Plan, seed: int) -> dict[str, Any]:
    """Calls a second, ours over the faster rival's, virtual hours a minute. Takes about two minutes.

    Raises AssertionError for a model that simulates something else.
    """
    turns: Turns = {name: [] for name in (*MODELS, ALL_CORES)}
    with _all_cores(plan) as lived_at_once:
        for number in range(plan.rounds):
            own_seed = of_replication(seed, number)
            for name, model in MODELS.items():
                turns[name].append(_turn(model(own_seed, 24 * plan.days)))
            turns[ALL_CORES].append(lived_at_once(seed, number))
    return report(turns, plan)


def _turn(model: Model) -> Turn:
    gc.collect()
    begun = time.perf_counter()
    model.run()
    return Turn(time.perf_counter() - begun, model.counted())


@contextmanager
def _all_cores(plan: Plan) -> Iterator[AllCores]:
    """Our days of a round in so many processes, which have been started."""
    context = get_context("spawn")
    ready = context.Barrier(plan.processes + 1)
    with ProcessPoolExecutor(plan.processes, mp_context=context, initializer=_stand_by, initargs=(ready,)) as pool:
        for number in range(plan.processes):
            pool.submit(abs, number)
        ready.wait(START_S_MAX)

        def lived_at_once(seed: int, number: int) -> Turn:
            first = number * plan.processes
            lives = [our_days(seed, plan.days, first + n) for n in range(plan.processes)]
            begun = time.perf_counter()
            lived = list(pool.map(live, lives))
            took_s = time.perf_counter() - begun
            return Turn(took_s, together([counted_in(each) for each in lived]))

        yield lived_at_once


def _stand_by(ready: Barrier) -> None:
    """In a process of its own, which has imported all that there is to import."""
    ready.wait(START_S_MAX)


def together(many: Sequence[Counted]) -> Counted:
    return Counted(*(sum(values) for values in zip(*many, strict=True)))


# --- what they say ------------------------------------------------------------------------------------------------


def report(turns: Turns, plan: Plan) -> dict[str, Any]:
    """Medians of the rounds, and those of the rounds' own ratios."""
    for name, those in turns.items():
        check(name, [turn.counted for turn in those])
    rates = {name: statistics.median(turn.calls_per_s for turn in those) for name, those in turns.items()}
    faster = max(RIVALS, key=lambda name: rates[name])
    return {
        "calls_per_s": {name: round(rate) for name, rate in rates.items()},
        "processes": {name: plan.processes if name == ALL_CORES else 1 for name in turns},
        "virtual_h_per_min": {name: _hours_per_min(name, those, plan) for name, those in turns.items()},
        "faster_rival": faster,
        "ours_over_faster": _over(turns["ours"], turns[faster]),
        "ours_all_cores_over_faster": _over(turns[ALL_CORES], turns[faster]),
        "abandonment": {name: _text(_abandonment(those)) for name, those in _counted(turns).items()},
        "wait_s": {name: _text(_wait_s(those)) for name, those in _counted(turns).items()},
        "exact": {"abandonment": round(EXACT.abandonment, 5), "wait_s": round(EXACT.wait_s, 4)},
    }


def check(name: str, rounds: Sequence[Counted]) -> None:
    """Raises AssertionError where the figures aren't those of the queue that all are to simulate."""
    for what, found, exact in (
        ("abandonment", _abandonment(rounds), EXACT.abandonment),
        ("mean wait in s", _wait_s(rounds), EXACT.wait_s),
    ):
        assert found.value is not None, f"{name}: no calls"
        assert found.half_width is not None, f"{name}: one round says nothing of the sampling error"
        off = abs(found.value - exact) / found.half_width
        assert off <= HALF_WIDTHS, f"{name} simulates something else: {what} is {_text(found)}, exact {exact:.5f}"


def _counted(turns: Turns) -> dict[str, list[Counted]]:
    return {name: [turn.counted for turn in those] for name, those in turns.items()}


def _abandonment(rounds: Sequence[Counted]) -> Estimate:
    return ratio([(each.abandoned, each.calls) for each in rounds], most=1.0)


def _wait_s(rounds: Sequence[Counted]) -> Estimate:
    return ratio([(each.waited_s, each.calls) for each in rounds])


def _over(turns: Sequence[Turn], others: Sequence[Turn]) -> float:
    ratios = (turn.calls_per_s / other.calls_per_s for turn, other in zip(turns, others, strict=True))
    return round(statistics.median(ratios), 2)


def _hours_per_min(name: str, turns: Sequence[Turn], plan: Plan) -> int:
    hours = 24 * plan.days * (plan.processes if name == ALL_CORES else 1)
    return round(60 * hours / statistics.median(turn.took_s for turn in turns))


def _text(estimate: Estimate) -> str:
    return f"{estimate.value:.5f} ± {estimate.half_width:.5f}"
