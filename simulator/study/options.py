"""What `acd sim run` and `acd sim compare` can both be told."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click

from simulator.study.words import LANGUAGES

FILE = click.Path(dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, path_type=Path, allow_dash=True)
STANDARD_OUT = Path("-")


class Asked(NamedTuple):
    """What the options say."""

    seed: int
    days: int | None
    replications: int | None
    processes: int
    html: Path | None
    json: Path | None
    lang: str


OPTIONS = (
    click.option(
        "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of all that is left to chance."
    ),
    click.option("--days", type=click.IntRange(min=1), help="Days of each replication. [default: the scenario's]"),
    click.option("--replications", type=click.IntRange(min=1), help="How many lives. [default: the scenario's]"),
    click.option(
        "--processes",
        type=click.IntRange(min=1),
        default=lambda: len(os.sched_getaffinity(0)),
        help="How many lives at once; it changes no figure. [default: one for each processor]",
    ),
    click.option("--html", type=TARGET, help="Write a report with plots, one file that loads nothing from elsewhere."),
    click.option("--json", "json_", type=TARGET, help="Write everything for machines; - is standard output."),
    click.option("--lang", type=click.Choice([*LANGUAGES]), default="en", show_default=True, help="Of the reports."),
)


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the options above, as its argument `asked`."""

    @wraps(command)
    def with_options(
        *,
        seed: int,
        days: int | None,
        replications: int | None,
        processes: int,
        html: Path | None,
        json_: Path | None,
        lang: str,
        **others: Any,
    ) -> None:
        command(asked=Asked(seed, days, replications, processes, html, json_, lang), **others)

    for option in reversed(OPTIONS):
        with_options = option(with_options)
    return with_options
