"""`acd staff`: how many agents, by Erlang's formulas, by the railway's, or by simulation."""

import json
import os
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click
from rich.console import Console

from simulator.erlang import by_simulation, plot, report
from simulator.erlang.day import Interval, Staffed, open_hours, read, staffed
from simulator.erlang.forecast import intervals
from simulator.erlang.inverses import Demand, Target, calls_for
from simulator.erlang.railway import ANSWERED_BY_PEOPLE, Railway
from simulator.erlang.units import Seconds, Share, duration
from simulator.scenarios import ScenarioError, find, load

SECONDS, SHARE = Seconds(), Share()
FILE = click.Path(dir_okay=False, path_type=Path)


class Out(NamedTuple):
    """Where it is told."""

    json: bool
    csv: Path | None
    plot: Path | None


TARGETS = {
    "service_level": ("--service-level", SHARE, "At least this share in time; 80 if nothing else is to be kept."),
    "within": ("--within", SECONDS, "The T of the service level: 20."),
    "asa": ("--asa", SECONDS, "At most, the mean wait of the answered."),
    "abandonment": ("--abandonment", SHARE, "At most this share gives up (Erlang A)."),
    "answered": ("--answered", SHARE, "At least this share answered by people, however late: 85 on the railway."),
    "blocking": ("--blocking", SHARE, "At most this share turned away (Erlang B)."),
    "occupancy_max": ("--occupancy-max", SHARE, "Agents are busy at most so much of their time: 85."),
}
RAILWAY = {
    "monthly_calls": ("--monthly-calls", float, "With --railway: calls that ask for a person."),
    "answer_rate": ("--answer-rate", SHARE, "With --railway: the share that people answer."),
    "monthly_hours": ("--monthly-hours", float, "With --railway: one person's working time, hours a month."),
    "attendance": ("--attendance", SHARE, "With --railway: the share of it that the person is there."),
    "utilisation": ("--utilisation", SHARE, "With --railway: the share of the time there that goes to calls."),
}
SEED, TRIALS = 1, 60
AT_LEAST_1 = click.IntRange(min=1)
SIMULATION = {
    "seed": ("--seed", click.IntRange(min=0), f"With --scenario: of all chances. [default: {SEED}]"),
    "days": ("--days", AT_LEAST_1, "With --scenario: days of each replication. [default: the scenario's]"),
    "replications": ("--replications", AT_LEAST_1, "With --scenario: lives of each trial. [default: the scenario's]"),
    "processes": ("--processes", AT_LEAST_1, "With --scenario: lives at once. [default: one for each processor]"),
    "trials": ("--trials", AT_LEAST_1, f"With --scenario: at most so many sizes are tried. [default: {TRIALS}]"),
}


def _options(table: dict[str, tuple[str, Any, str]], name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options, all together as its argument `name`."""

    def wrap(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def with_options(**given: Any) -> None:
            command(**{name: {key: given.pop(key) for key in table}}, **given)

        for key, (option, kind, told) in reversed(table.items()):
            with_options = click.option(option, key, type=kind, default=None, help=told)(with_options)
        return with_options

    return wrap


@click.command("staff")
@click.option("--calls", type=click.FloatRange(min=0), default=None, help="How many come in the time of --per.")
@click.option(
    "--agents", type=click.IntRange(min=0), default=None, help="Instead of --calls: how many can so many take?"
)
@click.option("--per", type=SECONDS, default="30m", show_default=True, help="The interval of --calls.")
@click.option("--aht", type=SECONDS, default=None, help="Average handling time, wrap-up included: 180, 90s, 3m.")
@click.option(
    "--patience", type=SECONDS, default=None, help="How long callers wait, on the average. Makes it Erlang A."
)
@click.option("--model", type=click.Choice(["a", "b", "c"]), default=None, help="Erlang A, B or C; C without patience.")
@click.option(
    "--intervals",
    "source",
    default=None,
    help="A day: a CSV with the header time,calls,aht[,patience]; or what a scenario expects.",
)
@_options(TARGETS, "target")
@click.option("--shrinkage", type=SHARE, default="0", help="The share of paid time spent otherwise; makes positions.")
@click.option("--railway", is_flag=True, help="The railway's own formula, by the options said to be with it and --aht.")
@_options(RAILWAY, "terms")
@click.option("--scenario", default=None, help="The smallest crews that keep its promises, by simulation.")
@_options(SIMULATION, "simulation")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", type=FILE, default=None, help="Write the intervals there, too.")
@click.option("--plot", "picture", type=FILE, default=None, help="Draw the day there: .svg, .png or .html.")
def command(
    target: dict[str, float | None],
    terms: dict[str, float | None],
    simulation: dict[str, int | None],
    railway: bool,
    scenario: str | None,
    **others: Any,
) -> None:
    """Say how many agents are needed.

    \b
    acd staff --calls 240 --per 30m --aht 180 --service-level 80 --within 20 --shrinkage 30
    acd staff --calls 240 --aht 180 --patience 120 --answered 85
    acd staff --intervals day.csv --occupancy-max 85 --plot day.html
    acd staff --scenario small
    acd staff --railway --monthly-calls 600000 --aht 180 --answer-rate 85 \\
              --monthly-hours 166.6 --attendance 90 --utilisation 75

    Shares are written 80, 80% or 0.8. Docs: docs/simulator-staffing.md.
    """
    try:
        if not railway:
            _none_given(terms, RAILWAY, "is for --railway: add it, or leave that out")
        if scenario is None:
            _none_given(simulation, SIMULATION, "is for --scenario: add it, or leave that out")
        if railway:
            _railway(terms, others["aht"], others["as_json"])
        elif scenario is not None:
            _none_given(target, TARGETS, "is what a scenario promises itself: leave it out, or change the scenario")
            by_simulation.run(_asked(scenario, simulation), others["as_json"])
        else:
            _by_formulas(target, **others)
    except (ValueError, ScenarioError) as error:
        _fail(str(error))
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _by_formulas(
    target: dict[str, float | None],
    calls: float | None,
    agents: int | None,
    per: float,
    aht: float | None,
    patience: float | None,
    model: str | None,
    source: str | None,
    shrinkage: float,
    as_json: bool,
    csv: Path | None,
    picture: Path | None,
) -> None:
    if agents is not None:
        if calls is not None or source is not None:
            raise ValueError("--agents asks how many calls they can take: leave out --calls and --intervals")
        _capacity(agents, _demand(aht, patience, model), _target(target), per, as_json)
        return
    day = _day(calls, per, aht, patience, source)
    chosen = model or ("a" if any(each.patience_s is not None for each in day) else "c")
    wanted = _target(target)
    _tell(staffed(day, chosen, wanted, shrinkage), chosen, wanted.within_s, Out(as_json, csv, picture))


def _asked(name: str, given: dict[str, int | None]) -> by_simulation.Asked:
    processes, trials, seed = given["processes"], given["trials"], given["seed"]
    return by_simulation.Asked(
        name,
        seed=SEED if seed is None else seed,
        days=given["days"],
        replications=given["replications"],
        processes=processes or len(os.sched_getaffinity(0)),
        trials=trials or TRIALS,
    )


def _day(
    calls: float | None, per: float, aht: float | None, patience: float | None, source: str | None
) -> list[Interval]:
    if source is not None:
        if calls is not None or aht is not None:
            raise ValueError("--calls and --aht stand in what --intervals names: leave out one or the other")
        if source.endswith(".csv"):
            return read(Path(source), patience)
        return open_hours(intervals(load(find(source))))
    if calls is None or aht is None:
        raise ValueError("say how many calls and how long each: --calls 240 --per 30m --aht 180; or --intervals FILE")
    if per <= 0:
        raise ValueError("--per: an interval is longer than 0 s")
    return [Interval(0, per, calls, aht, patience, of_day=False)]


def _target(given: dict[str, float | None]) -> Target:
    """What was said; of nothing said, 80 % in 20 s."""
    names = {"asa": "asa_s", "within": "within_s"}
    said = {names.get(key, key): value for key, value in given.items() if value is not None}
    target = Target(**said)
    return Target(service_level=0.8, within_s=target.within_s) if target.says_nothing else target


def _demand(aht: float | None, patience: float | None, model: str | None) -> Demand:
    if aht is None:
        raise ValueError("say how long a call takes: --aht 180")
    return Demand(0, aht, patience, model or ("c" if patience is None else "a"))


def _capacity(agents: int, demand: Demand, target: Target, per_s: float, as_json: bool) -> None:
    """The most calls that so many agents can take in the interval."""
    per_h = calls_for(agents, demand, target)
    calls = per_h * per_s / 3600
    if as_json:
        click.echo(json.dumps({"agents": agents, "model": report.MODELS[demand.model], "calls": calls, "per_s": per_s}))
    else:
        click.echo(f"{agents} agents can take {calls:.1f} calls in {duration(per_s)} and keep the target")
        click.echo(report.MODELS[demand.model])


def _tell(day: list[Staffed], model: str, within_s: float, out: Out) -> None:
    if out.csv is not None:
        _written(out.csv, report.as_csv(day, model, within_s))
    if out.plot is not None:
        plot.write(out.plot, day, model, within_s)
    if out.json:
        click.echo(json.dumps(report.as_json(day, model, within_s), ensure_ascii=False, indent=2))
    else:
        report.show(day, model, within_s, Console())


def _written(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ValueError(f"{path}: can't be written: {error.strerror}") from None


def _railway(terms: dict[str, float | None], aht: float | None, as_json: bool) -> None:
    given = {**terms, "answer_rate": ANSWERED_BY_PEOPLE if terms["answer_rate"] is None else terms["answer_rate"]}
    missing = [RAILWAY[key][0] for key, value in given.items() if value is None] + ([] if aht else ["--aht"])
    if missing:
        raise ValueError(f"the railway's formula has more terms: give {', '.join(missing)}")
    railway = Railway(aht_s=aht, **given)  # type: ignore[arg-type]
    if as_json:
        click.echo(json.dumps(report.railway_as_json(railway), indent=2))
    else:
        report.show_railway(railway, Console())


def _none_given(given: Mapping[str, float | None], table: dict[str, tuple[str, Any, str]], why: str) -> None:
    for key, value in given.items():
        if value is not None:
            raise ValueError(f"{table[key][0]} {why}")


def _fail(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(2)
