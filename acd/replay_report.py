"""`acd replay`: what a replay found, on the terminal."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from acd.ids import Instant
from acd.journal import Line, read, segments
from acd.replay import Replay, Step, Tally

LINES_A_LOOK = 1_000
"""How often the bar is moved."""


def instant(text: str) -> Instant:
    """An instant as people write it, or in the journal's own milliseconds."""
    try:
        return Instant(int(text) if text.isdigit() else round(datetime.fromisoformat(text).timestamp() * 1_000))
    except ValueError:
        raise click.BadParameter(
            f"{text!r} is no instant; write 2026-03-01T09:30:00 (this machine's time) or milliseconds"
        ) from None


def run(path: Path, since: Instant | None, until: Instant | None, prints: bool) -> bool:
    """Replay the journal at `path` and say what came of it; whether the commands are the same.

    Raises JournalDamaged, and FileNotFoundError where there is no journal.
    """
    replay = Replay(_with_bar(path, read(path, since)), since, until)
    for step in replay:
        if prints:
            click.echo(_told(step))
    click.echo(summary(path, replay.tally))
    click.echo(replay.difference or "the same commands as written")
    return replay.difference is None


def _with_bar(path: Path, lines: Iterator[Line]) -> Iterable[Line]:
    """The lines as they come, and on a terminal a bar that shows how many megabytes of them have come."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from lines
        return
    total = sum(file.stat().st_size for file in segments(path))
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("replaying", total=total)
        read_bytes = 0
        for n, line in enumerate(lines):
            read_bytes += line.bytes
            if n % LINES_A_LOOK == 0:
                bar.update(task, completed=read_bytes)
            yield line


def _told(step: Step) -> str:
    return "\n".join([f"{step.line.at} {step.event}", *(f"    -> {output}" for output in step.outputs)])


def summary(path: Path, tally: Tally) -> str:
    """What was replayed, one thing a line."""
    span = "no event" if tally.first is None or tally.last is None else f"{_time(tally.first)} to {_time(tally.last)}"
    counts = f"{tally.events} events, {tally.calls} calls, {tally.commands} commands"
    head = f"{path}: {tally.segments} segments of {tally.runs} runs; {span}"
    lost = [f"{tally.missing} events could not be written when they happened"] if tally.missing else []
    return "\n".join([head, counts, *lost, *(f"note: {remark}" for remark in tally.remarks)])


def _time(instant: Instant) -> str:
    return datetime.fromtimestamp(instant / 1_000).astimezone().isoformat(" ", "milliseconds")
