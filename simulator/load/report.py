"""What came of a run, for the eye and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.load.desk import SLOW_PAUSE_S, SLOW_READ_BYTES
from simulator.load.latencies import Delays
from simulator.load.machine import NOT_LINUX, has_proc
from simulator.load.outcome import LogIns, Outcome, SlowAgents
from simulator.load.verdict import Step

LATENCIES = ("decision", "dispatch", "push", "connected")
MEANINGS = (
    "decision: a caller arrives -> an idle agent's phone is to ring; dispatch: a talk ends -> its phone is to ring;",
    "push: -> the agent's client shows it; connected: they talk -> the client shows it. All in ms.",
    "daemon: CPU of its busiest thread, all: of all threads, generator: of its busiest process, % of a core;",
    "waited: how long the daemon was ready and had no core; machine: all cores, whoever used them.",
    "late pushes: they took more than a second, or never came; pushes: all that clients read in a second;",
    "KB/s: how fast the journal grows, where it is known.",
)
NO_PID = "the daemon's memory and CPU aren't known: give its --pid"


def show(outcome: Outcome, console: Console) -> None:
    """Print tables, and the limit in words."""
    limit_ms = outcome.plan.limit_ms
    for line in _begin(outcome):
        console.print(escape(line), soft_wrap=True)
    steps = [*outcome.steps, *(step for step in (outcome.slow, outcome.storm) if step)]
    console.print(_latencies(steps, limit_ms))
    console.print(_calls(steps, limit_ms))
    console.print(_usage(steps, limit_ms))
    for line in MEANINGS:
        console.print(f"[dim]{line}[/]", soft_wrap=True)
    for line in _words(outcome):
        console.print(escape(line), soft_wrap=True)


def _begin(outcome: Outcome) -> list[str]:
    lines = []
    if outcome.log_ins:
        lines += [
            _log_ins("all clients log in at once", outcome.log_ins),
            *_failures("log-in", outcome.log_ins.failures),
        ]
    if outcome.kb_per_client is not None:
        grown = f"{outcome.rss_mb_before:g} MB -> {outcome.rss_mb_after:g} MB"
        fresh = "; true of a daemon without clients before" if outcome.url else ""
        lines.append(f"the daemon's memory: {grown}, {outcome.kb_per_client:g} KB for each connected client{fresh}")
    else:
        lines.append(NO_PID if has_proc() else NOT_LINUX)
    return lines


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    for head in heads:
        table.add_column(head, justify="left" if head in ("", "ms", "held") else "right", no_wrap=True)
    return table


def _latencies(steps: list[Step], limit_ms: float) -> Table:
    """A row for each latency of each step."""
    table = _table("", "ms", "n", "p50", "p99", "p99.9", "max")
    for step in steps:
        for number, latency in enumerate(LATENCIES):
            figures: Delays = getattr(step, latency)
            name = "" if number else _name(step, limit_ms)
            table.add_row(name, latency, f"{figures.n}", *_delays(figures), end_section=latency == LATENCIES[-1])
    return table


def _calls(steps: list[Step], limit_ms: float) -> Table:
    table = _table("", "calls/s", "late", "late pushes", "lost", "pushes", "KB/s", "held")
    for step in steps:
        journal = "?" if step.journal_kb_per_s is None else _short(step.journal_kb_per_s)
        failed = [f"{each}" for each in (step.late, step.late_pushes, step.lost)]
        held = "no" if step.broke(limit_ms) else "yes"
        table.add_row(_name(step, limit_ms), f"{step.talks_per_s:g}", *failed, f"{step.events_per_s:g}", journal, held)
    return table


def _usage(steps: list[Step], limit_ms: float) -> Table:
    table = _table("", "daemon", "all", "waited", "MB", "generator", "its lag ms", "machine")
    for step in steps:
        daemon = [_percent(step.daemon, figure) for figure in ("main", "cpu", "waited")]
        memory = f"{step.daemon['rss_mb']:.0f}" if step.daemon else "?"
        generator = [f"{step.worst('main')[1]:.0f} %", _short(step.worst("lag_p99_ms")[1])]
        table.add_row(_name(step, limit_ms), *daemon, memory, *generator, _percent(step.machine, "busy"))
    return table


def _name(step: Step, limit_ms: float) -> str:
    return f"[red]{step.name}[/]" if step.broke(limit_ms) else step.name


def _delays(figures: Delays) -> list[str]:
    values = (figures.p50, figures.p99, figures.p999, figures.max)
    return [_short(value) if figures.n else "-" for value in values]


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _percent(figures: Any, name: str) -> str:
    return f"{figures[name]:.0f} %" if name in figures else "?"


def _words(outcome: Outcome) -> list[str]:
    lines = _limit(outcome)
    if outcome.slow and outcome.plan.centre.slow:
        lines.append(
            f"supervisors who stopped reading: {outcome.slow_let_go} of {outcome.plan.centre.slow} were let go"
        )
    if outcome.slow_agents:
        lines += _slow_agents(outcome.slow_agents)
    if outcome.back:
        lines.append(_log_ins("cut off and back", outcome.back))
    state = outcome.state
    lines.append(f"calls: {state['arrived']} arrived, {state['talks']} served, {outcome.lost} lost")
    every = [*outcome.steps, *(step for step in (outcome.slow, outcome.storm) if step)]
    return lines + [line for step in every for line in _failures(step.name, step.failures)]


def _limit(outcome: Outcome) -> list[str]:
    limit_ms = outcome.plan.limit_ms
    lines = [f"held: {outcome.held:g} calls/s with p99 of decision and dispatch within {limit_ms:g} ms"]
    broken = outcome.limit_step()
    if broken is not None:
        lines.append(f"broke at {broken.rate:g}: {'; '.join(broken.broke(limit_ms))}")
    return [*lines, f"the limit is set by {outcome.limit_set_by()}"]


def _slow_agents(slow: SlowAgents) -> list[str]:
    lines = [f"agents whose clients stopped reading: {slow.let_go['stopped']} of {slow.stopped} were let go"]
    if slow.slowed:
        each = "/".join(_delays(slow.push)[:3])
        who = f"agents whose clients read {SLOW_READ_BYTES} bytes every {SLOW_PAUSE_S:g} s"
        shown = f"{slow.push.n} offers were shown to them after {each} ms (p50/p99/p99.9)"
        lines.append(f"{who}: {slow.let_go['slowed']} of {slow.slowed} were let go; {shown}")
    lines += [f"let go by: {how}, {times} times" for how, times in slow.ends.items()]
    back = "some clients never came back" if slow.back_s is None else f"all were in again {slow.back_s:g} s later"
    meanwhile = f"these agents meanwhile, by the daemon: {_counted(slow.states)}"
    return [*lines, f"{meanwhile}; their clients read on, and {back}: {_counted(slow.states_after)}"]


def _counted(states: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {state}" for state, number in sorted(states.items()))


def _failures(when: str, failures: Mapping[str, int]) -> list[str]:
    return [f"{when}: {what}, {times} times" for what, times in failures.items()]


def _log_ins(what: str, log_ins: LogIns) -> str:
    figures = log_ins.delays
    each = f"p50 {figures.p50 / 1000:.2f} s, p99 {figures.p99 / 1000:.2f} s, max {figures.max / 1000:.2f} s"
    return f"{what}: {log_ins.clients} in {log_ins.seconds:g} s; each {each}"


def as_json(outcome: Outcome) -> dict[str, Any]:
    """All figures."""
    limit_ms = outcome.plan.limit_ms
    told = {**asdict(outcome), "steps": [step.as_json(limit_ms) for step in outcome.steps]}
    for name in ("slow", "storm"):
        step = getattr(outcome, name)
        told[f"{name}_step" if name == "slow" else name] = step.as_json(limit_ms) if step else None
    told.pop("slow")
    return {**told, "limit_set_by": outcome.limit_set_by()}
