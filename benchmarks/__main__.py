"""Every figure of docs/figures.md: `python -m benchmarks [--only core|dispatch|rates|ami|load|sim] [--quick]`.

Tables go to standard error; the last line of standard output is all figures as one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import trio

from benchmarks import ami_events, ami_replay, core_lives, crowds, dispatch, load, memory, rates, sim_calls
from tests.pbx.fetch import asterisk_tree
from tests.pbx.tree import AsteriskTree, PbxUnavailable

COLUMNS = ("n", "min", "median", "p95", "p99", "max")
CORE = ("core_lives_per_s", "crowds_us", "memory_bytes")
AMI, AMI_QUICK = (600, 9), (50, 1)
"""Calls that are recorded, and how often each listener hears them."""
QUICK_SIZES, QUICK_LIVES = (100, 1_000), 5_000
Measure = Callable[[], dict[str, float]]
TITLES = {"ours": "Switchyard", "app_queue": "app_queue", "bare_script": "bare script"}


def main() -> None:
    """Measure what was asked for and print it."""
    asked = _arguments()
    machine: dict[str, Any] = {"cores": os.cpu_count(), "python": platform.python_version(), "asterisk": None}
    machine["load_1m_before"] = round(os.getloadavg()[0], 2)
    core = _core(quick=asked.quick) if asked.only in (None, "core") else dict.fromkeys(CORE)
    plan = replace(dispatch.QUICK if asked.quick else dispatch.Plan(), seed=asked.seed)
    calls = _dispatch(plan, machine) if asked.only in (None, "dispatch") else None
    larger = () if asked.quick or asked.only not in (None, "dispatch") else dispatch.LARGER
    crowds_of_calls = {each.agents: _dispatch(replace(each, seed=asked.seed), machine) for each in larger}
    held = _rates(machine, quick=asked.quick) if asked.only in (None, "rates") else None
    ami = _ami(machine, quick=asked.quick) if asked.only in (None, "ami") else None
    driven = load.figures(quick=asked.quick, seed=asked.seed) if asked.only in (None, "load") else None
    simulated = _simulated(asked) if asked.only in (None, "sim") else None
    machine["load_1m_after"] = round(os.getloadavg()[0], 2)
    say(f"machine: {machine}")
    print(
        json.dumps(
            {
                **core,
                "dispatch_ms": calls,
                "dispatch_ms_by_agents": crowds_of_calls,
                "rates": held,
                "ami": ami,
                "load": driven,
                "sim_calls_per_s": simulated,
                "machine": machine,
            }
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure Switchyard on this machine.")
    parser.add_argument("--only", choices=("core", "dispatch", "rates", "ami", "load", "sim"), help="one part")
    parser.add_argument("--quick", action="store_true", help="fewer calls: a look, not a figure to quote")
    parser.add_argument("--seed", type=int, default=1, help="of the talk times, and of simulated days")
    return parser.parse_args()


def _core(*, quick: bool) -> dict[str, dict[str, float] | None]:
    """The figures of each part of `CORE`; up to 3 minutes."""
    titles = (
        "the core alone: call lives a second, and microseconds a step, by number of agents",
        "the step that makes an offer before a crowd, microseconds",
        "memory, bytes each",
    )
    full: tuple[Measure, ...] = (core_lives.figures, crowds.figures, memory.figures)
    brief = (_quick_lives, partial(crowds.figures, 5_000, 1_000, 200, 1), partial(memory.figures, 500, 1_000))
    told: dict[str, dict[str, float] | None] = {}
    for part, title, measure in zip(CORE, titles, brief if quick else full):
        told[part] = figures = measure()
        say(title, *(f"  {name:<44}{value!s:>10}" for name, value in figures.items()))
    return told


def _quick_lives() -> dict[str, float]:
    return {f"lives_per_s_{agents}": round(core_lives.core_lives_per_s(agents, QUICK_LIVES)) for agents in QUICK_SIZES}


def _dispatch(plan: dispatch.Plan, machine: dict[str, Any]) -> dict[str, Any] | None:
    tree = _tree(machine, "dispatch")
    if tree is None:
        return None
    say(f"dispatch, {plan.agents} agents, seed {plan.seed}: {plan.rounds} rounds of {', '.join(TITLES.values())}")
    figures = dispatch.report(trio.run(dispatch.measure, tree, plan), plan)
    say(*table("agent's BYE -> next INVITE at that phone, ms", figures))
    say(*table("caller's INVITE -> idle phone's INVITE, ms", figures["arrival_ms"]))
    say(f"app_queue / Switchyard {figures['app_queue_over_ours']}, Switchyard / bare {figures['ours_over_bare']}")
    return figures


def _rates(machine: dict[str, Any], *, quick: bool) -> dict[str, Any] | None:
    """Calls a second that find an idle agent at once; up to three minutes."""
    tree = _tree(machine, "rates")
    if tree is None:
        return None
    plan = rates.QUICK if quick else rates.Plan()
    delays = trio.run(rates.measure, tree, plan)
    for rate in plan.rates:
        told = {side: each[rate]["p95"] if rate in each else "broke down" for side, each in delays.items()}
        say(f"{rate} calls a second, {plan.agents} agents: 95 of 100 ring within ms: {told}")
    held = rates.report(delays)
    say(f"calls a second that 95 of 100 ring within {rates.HELD_MS:g} ms: {held}")
    return {"held": held, "delays_ms": delays}


def _tree(machine: dict[str, Any], what: str) -> AsteriskTree | None:
    try:
        tree = asterisk_tree()
    except PbxUnavailable as error:
        say(f"no Asterisk, so no {what} figures: {error}")
        return None
    machine["asterisk"] = tree.version
    return tree


def _ami(machine: dict[str, Any], *, quick: bool) -> dict[str, Any] | None:
    """Events a call, and events a second that are taken; about a minute."""
    tree = _tree(machine, "AMI")
    if tree is None:
        return None
    calls, runs = AMI_QUICK if quick else AMI
    recording = trio.run(ami_events.record, tree, calls)
    taken = ami_replay.figures(recording, runs)
    say(f"AMI events a call, {calls} calls: {recording.per_call()}; bytes: {recording.bytes_per_call()}")
    for stream, told in taken.items():
        say(f"a stream replayed at full speed, {stream}, {told['events']} events", *_lines(told))
    return {"events_per_call": recording.per_call(), "bytes_per_call": recording.bytes_per_call(), "taken": taken}


def _simulated(asked: argparse.Namespace) -> dict[str, Any]:
    """Calls a second of simulators, the same queue in each; two minutes."""
    plan = sim_calls.QUICK if asked.quick else sim_calls.Plan()
    told = sim_calls.figures(plan, asked.seed)
    say(f"M/M/12 with abandonment, {plan.rounds} rounds of {plan.days} days, seed {asked.seed}", *_lines(told))
    return told


def _lines(told: Mapping[str, Any]) -> list[str]:
    return [f"  {name:<44}{value!s}" for name, value in told.items() if name != "events"]


def table(title: str, figures: Mapping[str, Any]) -> list[str]:
    """Lines of text: one for each side."""
    head = f"{title:<46}" + "".join(f"{column:>10}" for column in COLUMNS)
    rows = [
        f"  {name:<44}" + "".join(f"{figures[side][column]:>10}" for column in COLUMNS) for side, name in TITLES.items()
    ]
    return [head, *rows]


def say(*lines: str) -> None:
    """Print for the reader, not for the program that takes the JSON."""
    print(*lines, sep="\n", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
