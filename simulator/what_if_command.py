"""`acd replay --rules`: its options, and what it prints."""

import json
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console

from acd.ids import Instant
from acd.rules import Rules
from simulator.comparison import as_json, show
from simulator.whatif import what_if


class Options(NamedTuple):
    """What the command is told beside the journal."""

    config: Path | None
    within_s: float
    seed: int
    as_json: bool


OPTIONS = (
    click.option(
        "--rules",
        type=click.Path(dir_okay=False, path_type=Path),
        help="What if: compare the day with the same day by the rules of this configuration file.",
    ),
    click.option(
        "--within",
        type=click.FloatRange(min=0),
        default=20.0,
        show_default=True,
        help="With --rules: the seconds of the service level.",
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="With --rules: of what is left to chance."),
    click.option("--json", "json_", is_flag=True, help="With --rules: print JSON."),
)


def options(command: Callable[..., None]) -> Callable[..., None]:
    """Give the command the options above, as its argument `what_if`."""

    @wraps(command)
    def with_options(*, rules: Path | None, within: float, seed: int, json_: bool, **others: Any) -> None:
        command(what_if=Options(rules, within, seed, json_), **others)

    for option in reversed(OPTIONS):
        with_options = option(with_options)
    return with_options


def run(path: Path, rules: Rules, told: Options, since: Instant | None, until: Instant | None) -> None:
    """Print what the journal's day would have been like by `rules`.

    Raises JournalDamaged when nothing of the journal can be read, and FileNotFoundError.
    """
    found = what_if(path, rules, round(told.within_s * 1000), told.seed, since, until)
    if told.as_json:
        click.echo(json.dumps(as_json(found), ensure_ascii=False, indent=2))
    else:
        show(found, Console())
