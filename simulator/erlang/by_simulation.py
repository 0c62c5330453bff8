"""`acd staff --scenario`: the search, told as it goes, and its answer with how sure it is."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from typing import Any, NamedTuple

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from simulator.erlang.search import Search, Trial
from simulator.scenarios import find, load
from simulator.study.counts import Replication
from simulator.study.findings import Checked
from simulator.study.replications import Life, live


class Asked(NamedTuple):
    """What the options say; None: as the scenario does."""

    name: str
    seed: int
    days: int | None
    replications: int | None
    processes: int
    trials: int


class Answer(NamedTuple):
    """The smallest crews found."""

    search: Search
    best: Trial
    confirmed: Trial


def run(asked: Asked, as_json: bool) -> None:
    """Search, and tell. Raises ScenarioError, and ValueError where no crews keep the promises."""
    scenario = load(find(asked.name))
    days, replications = asked.days or scenario.days, asked.replications or scenario.replications
    _say(f"seed {asked.seed}: {_line(asked, days, replications)}")
    with _lives(asked.processes) as live_all:
        search = Search(scenario, asked.seed, days, replications, asked.trials, live_all, told=lambda _: None)
        search.told = partial(_told, search)
        best = search.run()
        answer = Answer(search, best, search.confirmed(best))
    if as_json:
        click.echo(json.dumps(as_table(answer), ensure_ascii=False, indent=2))
    else:
        show(answer, Console())


def _line(asked: Asked, days: int, replications: int) -> str:
    """The command that repeats it."""
    chances = f"--seed {asked.seed} --days {days} --replications {replications} --trials {asked.trials}"
    return f"acd staff --scenario {asked.name} {chances}"


def _say(line: str) -> None:
    click.echo(line, err=True)


def _told(search: Search, trial: Trial) -> None:
    kept = "kept" if trial.kept else f"not kept: {search.broken(trial)}"
    count = f"trial {len(search.tried)} of at most {search.trials_max}"
    _say(f"{count}: {search.text(trial.sizes)} = {trial.agents}: {kept} ({100 * trial.slack:+.1f} %)")


@contextmanager
def _lives(processes: int) -> Iterator[Callable[[Sequence[Life]], Sequence[Replication]]]:
    """How all lives of a trial are lived: in processes that stay for the next one."""
    if processes == 1:
        yield lambda lives: [live(life) for life in lives]
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield lambda lives: list(pool.map(live, lives))


# --- the answer -----------------------------------------------------------------------------------------------


def show(answer: Answer, console: Console) -> None:
    """The crews, the promises on other replications, and what one agent fewer would break."""
    search, best, _ = answer
    console.print(_crews(answer))
    console.print(_promises(answer))
    if search.is_smallest(best):
        console.print("no crew can spare an agent: each was tried with one fewer on the same replications")
    else:
        console.print(f"ended after {len(search.tried)} trials: fewer may do; allow more with --trials")
    if not answer.confirmed.kept:
        console.print("[bold]on other replications a promise is not kept: search with more --replications[/bold]")


def _crews(answer: Answer) -> Table:
    table = Table(title=f"{answer.search.scenario.title}: {answer.best.agents} agents", title_justify="left")
    table.box = SIMPLE_HEAD
    for heading in ("crew", "serves", "scenario", "needed", "with one fewer"):
        table.add_column(heading, justify="right" if heading in ("scenario", "needed") else "left")
    for n, crew in enumerate(answer.search.all_crews):
        serves, size = ", ".join(crew.serves(answer.search.scenario)) or "nobody", answer.best.sizes[n]
        table.add_row(crew.name, serves, str(len(crew.members)), str(size), _one_fewer(answer, n))
    return table


def _one_fewer(answer: Answer, n: int) -> str:
    """What breaks; empty where it wasn't tried."""
    sizes = answer.best.sizes
    fewer = answer.search.tried.get((*sizes[:n], sizes[n] - 1, *sizes[n + 1 :]))
    if fewer is None:
        return ""
    return "kept" if fewer.kept else f"broken: {answer.search.broken(fewer)}"


def _promises(answer: Answer) -> Table:
    count = 2 * answer.search.replications
    title = f"On {count} other replications of {answer.search.days} days, with 95 % confidence intervals"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for heading in ("promise", "came to", "verdict"):
        table.add_column(heading)
    for each in answer.confirmed.promises:
        table.add_row(each.promise.text(), _estimate(each), str(each.verdict))
    return table


def _estimate(checked: Checked) -> str:
    estimate = checked.estimate
    if estimate.value is None:
        return "nothing to count"
    factor, unit = (1, "s") if checked.promise.figure.endswith("_s") else (100, "%")
    width = "" if estimate.half_width is None else f" ± {factor * estimate.half_width:.1f}"
    return f"{factor * estimate.value:.1f}{width} {unit}"


def as_table(answer: Answer) -> dict[str, Any]:
    """For machines."""
    search, best, confirmed = answer
    names = [crew.name for crew in search.all_crews]
    return {
        "scenario": search.scenario.name,
        "seed": search.seed,
        "days": search.days,
        "replications": search.replications,
        "trials": [
            {"crews": dict(zip(names, each.sizes, strict=True)), "kept": each.kept, "slack": each.slack}
            for each in search.tried.values()
        ],
        "crews": dict(zip(names, best.sizes, strict=True)),
        "agents": best.agents,
        "is_smallest": search.is_smallest(best),
        "promises": [
            {
                "promise": each.promise.text(),
                "value": each.estimate.value,
                "half_width": each.estimate.half_width,
                "verdict": str(each.verdict),
            }
            for each in confirmed.promises
        ],
    }
