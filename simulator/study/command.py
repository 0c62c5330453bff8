"""`acd sim`: what is asked for, the lives, and the reports."""

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from acd.errors import SettingsError
from acd.settings.files import read
from simulator.scenarios import Scenario, ScenarioError, find, load, with_rules
from simulator.study import record
from simulator.study.comparing import Comparison
from simulator.study.counts import Replication
from simulator.study.extras import extra
from simulator.study.findings import Study, broken, thresholds_ms
from simulator.study.page import page_of_comparison, page_of_study
from simulator.study.replications import Life, ReplicationFailed, live_all
from simulator.study.terminal import show, show_comparison
from simulator.study.words import LANGUAGES, Words

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


@click.group("sim")
def command() -> None:
    """Live a call centre's days in virtual time, with the real router."""


@command.command()
@click.argument("scenario")
@click.option(
    "--rules", type=FILE, help="Route by this file's groups and entry points instead: a configuration, or a scenario."
)
@options
def run(scenario: str, rules: Path | None, asked: Asked) -> None:
    """Study SCENARIO, a file or the name of one that comes with Switchyard: its figures, and what it keeps of its word.

    Ends with code 1 when a promise is surely not kept: its whole confidence interval lies on the wrong side. Else 0,
    also when that isn't sure.
    """
    given = _loaded(scenario)
    if rules is not None:
        given = _by_rules(given, rules)
    line = _line("run", [scenario, *(["--rules", str(rules)] if rules else [])], asked, given)
    [study], speed = _studied([given], [line], asked)
    words = Words(asked.lang)
    _told(asked, lambda console: show(study, words, console), speed)
    _written(asked.html, lambda: page_of_study(study, words))
    _written(asked.json, lambda: _json(record.of_study(study)))
    raise SystemExit(int(broken(study.promises())))


@command.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@options
def compare(first: str, second: str, asked: Asked) -> None:
    """Put A and B side by side on the same chances: two scenarios, files or names.

    B may be a daemon's configuration: then it is A's callers and agents by B's groups and entry points.

    Ends with code 1 when B surely doesn't keep a promise, else 0.
    """
    a = _loaded(first)
    b = _by_rules(a, Path(second)) if _is_configuration(second) else _loaded(second)
    line = _line("compare", [first, second], asked, a)
    alone = [_line("run", given, asked, a) for given in ([first], _alone(first, second))]
    (study_a, study_b), speed = _studied([a, b], alone, asked, line)
    words, found = Words(asked.lang), Comparison(line, study_a, study_b)
    _told(asked, lambda console: show_comparison(found, words, console), speed)
    _written(asked.html, lambda: page_of_comparison(found, words))
    _written(asked.json, lambda: _json(record.of_comparison(found)))
    raise SystemExit(int(broken(study_b.promises())))


# --- what is asked for ------------------------------------------------------------------------------------------------


def _loaded(name: str) -> Scenario:
    try:
        return load(find(name))
    except ScenarioError as error:
        raise _Wrong(str(error)) from None


def _by_rules(scenario: Scenario, path: Path) -> Scenario:
    try:
        return with_rules(scenario, path)
    except ScenarioError as error:
        raise _Wrong(str(error)) from None


def _is_configuration(name: str) -> bool:
    """A daemon's, that is: no scenario says an adapter."""
    try:
        return Path(name).is_file() and "adapter" in read(Path(name))
    except SettingsError as error:
        raise _Wrong(str(error)) from None


class _Wrong(click.ClickException):
    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file, err=file is None)


def _alone(first: str, second: str) -> list[str]:
    """How B is lived without A."""
    return [first, "--rules", second] if _is_configuration(second) else [second]


def _line(verb: str, words: Sequence[str], asked: Asked, scenario: Scenario) -> str:
    """The command that repeats it, whatever the defaults will be."""
    days, replications = asked.days or scenario.days, asked.replications or scenario.replications
    chances = ["--seed", asked.seed, "--days", days, "--replications", replications]
    return shlex.join(["acd", "sim", verb, *words, *map(str, chances)])


# --- the lives --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Speed:
    hours: float
    seconds: float
    processes: int

    def text(self, words: Words) -> str:
        return words(
            "speed",
            hours=self.hours,
            seconds=self.seconds,
            per_minute=60 * self.hours / self.seconds,
            processes=self.processes,
        )


def _studied(
    scenarios: Sequence[Scenario], lines: Sequence[str], asked: Asked, line: str | None = None
) -> tuple[list[Study], _Speed]:
    """All of them lived as often and as long as the first is, on the same seeds."""
    _ready(asked)
    first = scenarios[0]
    days, count = asked.days or first.days, asked.replications or first.replications
    within_ms = tuple(dict.fromkeys(ms for each in scenarios for ms in thresholds_ms(each)))
    lives = [Life(each, asked.seed, days, n, within_ms) for n in range(count) for each in scenarios]
    _say(asked, Words(asked.lang)("repeat", command=line or lines[0]))
    began = time.monotonic()
    found = _lived(lives, asked.processes)
    seconds = max(time.monotonic() - began, 1e-3)
    studies = [
        Study(each, lines[n], asked.seed, days, within_ms, tuple(found[n :: len(scenarios)]))
        for n, each in enumerate(scenarios)
    ]
    hours = sum(study.hours for study in studies)
    return studies, _Speed(hours, seconds, min(asked.processes, len(lives)))


def _ready(asked: Asked) -> None:
    """Whatever is missing is missed before the work, not after it."""
    for module in ("scipy.special", *(("matplotlib", "jinja2") if asked.html else ())):
        extra(module)


def _lived(lives: Sequence[Life], processes: int) -> list[Replication]:
    try:
        with _progress(len(lives)) as done:
            return live_all(lives, processes, done)
    except ReplicationFailed as error:
        raise _Wrong(str(error)) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Replication], None]]:
    """A bar on standard error, where somebody sees it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(
        *columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    )
    with bar:
        task = bar.add_task("replications", total=total)
        yield lambda _: bar.advance(task)


# --- the reports ------------------------------------------------------------------------------------------------------


def _console(asked: Asked) -> Console:
    """Standard output, unless something else is to be there alone."""
    return Console(stderr=STANDARD_OUT in (asked.html, asked.json))


def _say(asked: Asked, line: str) -> None:
    click.echo(line, err=_console(asked).stderr)


def _told(asked: Asked, tell: Callable[[Console], None], speed: _Speed) -> None:
    console = _console(asked)
    tell(console)
    console.print(Text(speed.text(Words(asked.lang)), style="dim"))


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _written(path: Path | None, text: Callable[[], str]) -> None:
    if path == STANDARD_OUT:
        click.echo(text(), nl=False)
    elif path is not None:
        try:
            path.write_text(text(), encoding="utf-8")
        except OSError as error:
            raise _Wrong(f"{path} can't be written: {error.strerror}; give another file") from None
