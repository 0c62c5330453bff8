"""What came of a run, for the eye and for machines."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.load.drive import LogIns, Outcome
from simulator.load.latencies import Delays
from simulator.load.machine import NOT_LINUX, has_proc
from simulator.load.verdict import Step

LATENCIES = ("decision", "dispatch", "push", "connected")
MEANINGS = (
    "decision: a caller arrives -> an idle agent's phone is to ring; dispatch: a talk ends -> its phone is to ring;",
    "push: -> the agent's client shows it; connected: they talk -> the client shows it. p50/p99/p99.9, ms.",
    "daemon, generator: the busiest thread, % of a core; waited: how long the daemon was ready and had no core.",
)


def show(outcome: Outcome, console: Console) -> None:
    """Print tables, and the limit in words."""
    plan = outcome.plan
    if outcome.log_ins:
        console.print(escape(_log_ins("all clients log in at once", outcome.log_ins)))
    if outcome.kb_per_client is not None:
        grown = f"{outcome.rss_mb_before:g} MB -> {outcome.rss_mb_after:g} MB"
        console.print(f"the daemon's memory: {grown}, {outcome.kb_per_client:g} KB for each connected client")
    elif not has_proc():
        console.print(NOT_LINUX)
    steps = [*outcome.steps, *(step for step in (outcome.slow, outcome.storm) if step)]
    console.print(_latencies(steps, plan.limit_ms))
    console.print(_usage(steps, plan.limit_ms))
    for line in MEANINGS:
        console.print(f"[dim]{line}[/]", soft_wrap=True)
    for line in _words(outcome):
        console.print(escape(line), soft_wrap=True)


def _latencies(steps: list[Step], limit_ms: float) -> Table:
    table = Table("", "calls/s", *LATENCIES, "late", "lost", box=box.SIMPLE)
    for step in steps:
        figures = [_delays(getattr(step, latency)) for latency in LATENCIES]
        table.add_row(_name(step, limit_ms), f"{step.talks_per_s:g}", *figures, f"{step.late}", f"{step.lost}")
    return table


def _usage(steps: list[Step], limit_ms: float) -> Table:
    table = Table("", "daemon", "waited", "MB", "generator", "its lag ms", "journal KB/s", "pushes/s", box=box.SIMPLE)
    for step in steps:
        daemon = [_percent(step.daemon, "main"), _percent(step.daemon, "waited"), f"{step.daemon.get('rss_mb', 0):.0f}"]
        generator = [_percent(step.generator, "cpu"), _short(step.generator.get("lag_p99_ms", 0.0))]
        others = [f"{step.journal_kb_per_s:g}", f"{step.events_per_s:g}"]
        table.add_row(_name(step, limit_ms), *daemon, *generator, *others)
    return table


def _name(step: Step, limit_ms: float) -> str:
    return f"[red]{step.name}[/]" if step.broke(limit_ms) else step.name


def _delays(figures: Delays) -> str:
    return "/".join(map(_short, (figures.p50, figures.p99, figures.p999))) if figures.n else "-"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _percent(figures: Any, name: str) -> str:
    return f"{figures[name]:.0f} %" if name in figures else "?"


def _words(outcome: Outcome) -> list[str]:
    lines = [f"held: {outcome.held:g} calls/s with p99 of decision and dispatch within {outcome.plan.limit_ms:g} ms"]
    broken = next((step for step in outcome.steps if step.rate == outcome.broken), None)
    if broken is not None:
        lines.append(f"broke at {broken.rate:g}: {'; '.join(broken.broke(outcome.plan.limit_ms))}")
        lines.append(f"the limit is set by {broken.limit_set_by(outcome.plan.limit_ms)}")
    else:
        lines.append("nothing broke: the limit is higher")
    if outcome.slow:
        lines.append(f"slow readers: {outcome.slow_let_go} of {outcome.plan.centre.slow} were let go")
    if outcome.back:
        lines.append(_log_ins("cut off and back", outcome.back))
    state = outcome.state
    lines.append(f"calls: {state['arrived']} arrived, {state['talks']} served, {outcome.lost} lost")
    lines += [f"{step.name}: {what}, {times} times" for step in outcome.steps for what, times in step.failures.items()]
    return lines


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
    return told
