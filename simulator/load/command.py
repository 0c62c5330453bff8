"""`acd load`: its options, and the run."""

from __future__ import annotations

import json
import os
import random
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
import trio
from rich.console import Console

from simulator.load.centre import Centre
from simulator.load.child import ChildFailed
from simulator.load.daemon import Driven, LoadFailed, address_of, served
from simulator.load.drive import Drive, Outcome, Plan
from simulator.load.machine import raise_file_limit
from simulator.load.report import as_json, show
from simulator.load.rig import rig

AMI_PORT, WEB_PORT = 15038, 8080
"""In a configuration that is written for a daemon to be started by hand."""
FILES_BESIDE = 200
CLIENTS_EACH = 2000
WORKERS_MAX = 8


class Rates(click.ParamType[tuple[float, ...]]):
    """`auto`, or numbers with commas between."""

    name = "rates"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        if value == "auto":
            return ()
        try:
            rates = tuple(float(each) for each in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is neither `auto` nor numbers such as 50,100,200", param, ctx)
        if min(rates) <= 0:
            self.fail(f"{value!r}: calls a second are more than 0", param, ctx)
        return rates


@click.command("load")
@click.option(
    "--agents", type=click.IntRange(min=4), default=5000, show_default=True, help="Each a client and a phone."
)
@click.option(
    "--supervisors", type=click.IntRange(min=0), default=2, show_default=True, help="They are told everything."
)
@click.option("--rates", type=Rates(), default="auto", show_default=True, help="Calls a second, e.g. 50,100,200.")
@click.option("--seconds", type=click.FloatRange(min=1), default=10.0, show_default=True, help="For each rate.")
@click.option("--limit-ms", type=click.FloatRange(min=1), default=50.0, show_default=True, help="p99 that must hold.")
@click.option("--slow", type=click.IntRange(min=0), default=10, show_default=True, help="Clients who stop reading.")
@click.option("--storm", type=click.FloatRange(0, 1), default=0.2, show_default=True, help="Share that is cut off.")
@click.option("--real-passwords", is_flag=True, help="Hashes as dear as `acd hash-password` makes them.")
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=None, help="Processes of clients.")
@click.option("--seed", type=int, default=None, help="Of callers and clients; chosen and printed if not given.")
@click.option("--url", default=None, help="Drive the daemon that runs there, e.g. ws://127.0.0.1:8080/ws.")
@click.option("--pid", type=int, default=None, help="With --url: its process, for memory and CPU.")
@click.option("--ami-port", type=click.IntRange(0, 65535), default=None, help="Where our Asterisk listens.")
@click.option("--write-config", type=click.Path(dir_okay=False, path_type=Path), help="Only write what --url needs.")
@click.option("--json", "as_json_", is_flag=True, help="Print JSON, and nothing else, on standard output.")
def command(**told: object) -> None:
    """Drive a daemon from outside until it breaks.

    Thousands of agents' clients, and a simulated Asterisk with hundreds of calls a second. By default an `acd serve` of
    its own is started on the loopback, with a configuration in a temporary folder.

    To drive one that you start yourself: write the configuration by --write-config, serve it, and give its --url.
    """
    try:
        _command(**told)  # type: ignore[arg-type]
    except* (LoadFailed, ChildFailed) as errors:
        click.echo("\n".join(dict.fromkeys(str(error) for error in _leaves(errors))), err=True)
        raise SystemExit(2) from None


def _command(
    agents: int, supervisors: int, slow: int, real_passwords: bool, seed: int | None, write_config: Path | None,
    rates: tuple[float, ...], seconds: float, limit_ms: float, storm: float, as_json_: bool, workers: int | None,
    url: str | None, pid: int | None, ami_port: int | None,
) -> None:  # fmt: skip
    centre = Centre(agents=agents, supervisors=supervisors, slow=slow, is_dear=real_passwords)
    if write_config is not None:
        _write(centre, write_config, ami_port or AMI_PORT)
        return
    seed = random.SystemRandom().getrandbits(31) if seed is None else seed
    plan = Plan(centre=centre, rates=rates, seconds=seconds, limit_ms=limit_ms, storm=storm, seed=seed)
    check(plan)
    click.echo(f"seed {seed}; the same callers again: {_again(plan)}", err=as_json_)
    driven = None if url is None else Driven(url, pid)
    port = ami_port if ami_port is not None else (AMI_PORT if url else 0)
    outcome = run(plan, driven, port, workers or workers_for(agents))
    if as_json_:
        click.echo(json.dumps(as_json(outcome), ensure_ascii=False))
    else:
        show(outcome, Console())
    if outcome.lost:
        raise SystemExit(1)


def _leaves(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        elif isinstance(error, Exception):
            yield error


def _again(plan: Plan) -> str:
    """The command that runs it again."""
    centre, rates = plan.centre, ",".join(f"{rate:g}" for rate in plan.rates) or "auto"
    people = f"--agents {centre.agents} --supervisors {centre.supervisors} --slow {centre.slow}"
    dear = " --real-passwords" if centre.is_dear else ""
    asked = f"--rates {rates} --seconds {plan.seconds:g} --limit-ms {plan.limit_ms:g} --storm {plan.storm:g}"
    return f"acd load {people}{dear} {asked} --seed {plan.seed}"


def workers_for(agents: int) -> int:
    """How many processes of clients there are to be."""
    return min(WORKERS_MAX, max(1, (os.cpu_count() or 2) - 1), 1 + agents // CLIENTS_EACH)


def _write(centre: Centre, config: Path, ami_port: int) -> None:
    journal = config.with_suffix(".journal.jsonl").resolve()
    config.write_text(centre.toml(journal, ami_port, WEB_PORT), encoding="utf-8")
    click.echo(
        f"{config} is written. Start `acd serve -c {config} --fresh`, then drive it:\n"
        f"acd load --agents {centre.agents} --supervisors {centre.supervisors} --slow {centre.slow} "
        f"--ami-port {ami_port} --url ws://127.0.0.1:{WEB_PORT}/ws --pid ITS_PID"
    )


def check(plan: Plan) -> None:
    """Raise LoadFailed for what can't be done here."""
    too_high = [rate for rate in plan.rates if rate > plan.rate_max()]
    if too_high:
        most = f"{plan.centre.agents} agents take {plan.rate_max():g} calls a second at most"
        raise LoadFailed(f"--rates {too_high[0]:g}: {most}; give more --agents")
    needed = plan.centre.agents + plan.centre.supervisors + plan.centre.slow + FILES_BESIDE
    may = raise_file_limit()
    if may < needed:
        more = f"`ulimit -Hn {needed}` as root, or LimitNOFILE in systemd"
        raise LoadFailed(
            f"a process may open {may} files here, and the daemon needs {needed}: raise the limit ({more})"
        )


def run(plan: Plan, driven: Driven | None, ami_port: int, workers: int) -> Outcome:
    """Drive that daemon, or one of our own, by `plan`. Raises LoadFailed and ChildFailed."""
    return trio.run(_run, plan, driven, ami_port, workers)


async def _run(plan: Plan, driven: Driven | None, ami_port: int, workers: int) -> Outcome:
    if driven is not None:
        address_of(driven.url)
    async with rig(plan.centre, ami_port, plan.backlog(), workers, plan.seed) as (all_processes, port):
        async with _daemon(plan.centre, driven, port) as there:
            return await Drive(plan, all_processes, there, lambda line: click.echo(line, err=True)).run()


@asynccontextmanager
async def _daemon(centre: Centre, driven: Driven | None, ami_port: int) -> AsyncIterator[Driven]:
    if driven is not None:
        yield driven
        return
    with tempfile.TemporaryDirectory(prefix="acd-load-") as folder:
        config, journal = Path(folder) / "acd.toml", Path(folder) / "journal" / "journal.jsonl"
        config.write_text(centre.toml(journal, ami_port, 0), encoding="utf-8")
        async with served(config, journal) as there:
            yield there
