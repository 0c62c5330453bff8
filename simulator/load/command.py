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

from simulator.load.beforehand import check
from simulator.load.centre import Centre
from simulator.load.child import ChildFailed
from simulator.load.daemon import Driven, LoadFailed, running, served
from simulator.load.drive import Drive
from simulator.load.options import Finite, OneLine, Rates
from simulator.load.outcome import Outcome
from simulator.load.plan import Plan
from simulator.load.report import as_json, show
from simulator.load.rig import rig
from simulator.load.snapshot import must_be_ours
from simulator.load.steps import POLL_S

AMI_PORT, WEB_PORT = 15038, 8080
"""In a configuration that is written for a daemon to be started by hand."""
CLIENTS_EACH = 2000
WORKERS_MAX = 8
LEAVE_S_MAX = 15.0


@click.command("load", cls=OneLine)
@click.option(
    "--agents", type=click.IntRange(min=4), default=5000, show_default=True, help="Each a client and a phone."
)
@click.option(
    "--supervisors", type=click.IntRange(min=0), default=2, show_default=True, help="They are told everything."
)
@click.option("--rates", type=Rates(), default="auto", show_default=True, help="Calls a second, e.g. 50,100,200.")
@click.option("--seconds", type=Finite(min=1), default=10.0, show_default=True, help="For each rate.")
@click.option("--limit-ms", type=Finite(min=1), default=50.0, show_default=True, help="p99 that must hold.")
@click.option("--slow", type=click.IntRange(min=0), default=10, show_default=True, help="Supervisors who stop reading.")
@click.option(
    "--slow-agents", type=Finite(0, 0.5), default=0.01, show_default=True, help="Share that reads slowly or not at all."
)
@click.option("--storm", type=Finite(0, 1), default=0.2, show_default=True, help="Share that is cut off.")
@click.option("--real-passwords", is_flag=True, help="Hashes as dear as `acd hash-password` makes them.")
@click.option("--workers", type=click.IntRange(1, WORKERS_MAX), default=None, help="Processes of clients.")
@click.option("--seed", type=int, default=None, help="Of callers and clients; chosen and printed if not given.")
@click.option("--url", default=None, help="Drive the daemon that runs there, e.g. ws://127.0.0.1:8080/ws.")
@click.option("--pid", type=click.IntRange(min=1), default=None, help="With --url: its process, for memory and CPU.")
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
        for line in dict.fromkeys(f"Error: {error}" for error in _leaves(errors)):
            click.echo(line, err=True)
        raise SystemExit(2) from None
    except* KeyboardInterrupt:
        raise click.Abort from None


def _command(
    agents: int, supervisors: int, slow: int, real_passwords: bool, seed: int | None, write_config: Path | None,
    rates: tuple[float, ...], seconds: float, limit_ms: float, storm: float, as_json_: bool, workers: int | None,
    slow_agents: float, url: str | None, pid: int | None, ami_port: int | None,
) -> None:  # fmt: skip
    centre = Centre(agents=agents, supervisors=supervisors, slow=slow, is_dear=real_passwords)
    if write_config is not None:
        _write(centre, write_config, ami_port or AMI_PORT)
        return
    seed = random.SystemRandom().getrandbits(31) if seed is None else seed
    asked = {"rates": rates, "seconds": seconds, "limit_ms": limit_ms, "slow_agents": slow_agents, "storm": storm}
    plan = Plan(centre=centre, seed=seed, **asked)  # type: ignore[arg-type]
    check(plan)
    driven = _driven(url, pid, ami_port)
    port = ami_port or (AMI_PORT if url else 0)
    click.echo(f"seed {seed}; the same callers again: {_again(plan, url, port)}", err=as_json_)
    outcome = run(plan, driven, port, workers or workers_for(agents))
    if as_json_:
        click.echo(json.dumps(as_json(outcome), ensure_ascii=False))
    else:
        show(outcome, Console())
    if outcome.lost:
        raise SystemExit(1)


def _driven(url: str | None, pid: int | None, ami_port: int | None) -> Driven | None:
    """The daemon that somebody else has started; None for one of our own. Raises LoadFailed."""
    if url is None:
        if pid is not None:
            raise LoadFailed(f"--pid {pid} is of a daemon that you have started: give its --url, too")
        return None
    if ami_port == 0:
        raise LoadFailed("--ami-port 0: with --url it is the port of [asterisk] in the daemon's configuration")
    return running(url, pid)


def _leaves(group: BaseExceptionGroup[Exception]) -> Iterator[Exception]:
    for error in group.exceptions:
        if isinstance(error, ExceptionGroup):
            yield from _leaves(error)
        elif isinstance(error, Exception):
            yield error


def _again(plan: Plan, url: str | None, port: int) -> str:
    """The command that runs it again."""
    centre, rates = plan.centre, ",".join(f"{rate:g}" for rate in plan.rates) or "auto"
    people = f"--agents {centre.agents} --supervisors {centre.supervisors} --slow {centre.slow}"
    dear = " --real-passwords" if centre.is_dear else ""
    asked = f"--rates {rates} --seconds {plan.seconds:g} --limit-ms {plan.limit_ms:g}"
    cut = f"--slow-agents {plan.slow_agents:g} --storm {plan.storm:g}"
    there = f" --url {url} --ami-port {port}" if url else ""
    return f"acd load {people}{dear} {asked} {cut} --seed {plan.seed}{there}"


def workers_for(agents: int) -> int:
    """How many processes of clients there are to be."""
    return min(WORKERS_MAX, max(1, (os.cpu_count() or 2) - 1), 1 + agents // CLIENTS_EACH)


def _write(centre: Centre, config: Path, ami_port: int) -> None:
    journal = config.with_suffix(".journal.jsonl").resolve()
    try:
        config.write_text(centre.toml(journal, ami_port, WEB_PORT), encoding="utf-8")
    except OSError as error:
        raise LoadFailed(
            f"--write-config {config}: {error.strerror}; name a file in a folder that you may write"
        ) from None
    click.echo(
        f"{config} is written. Serve it (it says that the PBX is lost: that comes with the load), then drive it:\n"
        f"acd serve -c {config} --fresh > {config.with_suffix('.log')} 2>&1 &\n"
        f"acd load --agents {centre.agents} --supervisors {centre.supervisors} --slow {centre.slow} "
        f"--ami-port {ami_port} --url ws://127.0.0.1:{WEB_PORT}/ws --pid $!"
    )


def run(plan: Plan, driven: Driven | None, ami_port: int, workers: int) -> Outcome:
    """Drive that daemon, or one of our own, by `plan`. Raises LoadFailed and ChildFailed."""
    return trio.run(_run, plan, driven, ami_port, workers)


async def _run(plan: Plan, driven: Driven | None, ami_port: int, workers: int) -> Outcome:
    if driven is not None:
        await must_be_ours(driven.url, plan.centre)
        await _must_be_empty(driven)
    async with rig(plan.centre, ami_port, plan.backlog(), workers, plan.seed) as all_processes:
        async with _daemon(plan.centre, driven, all_processes.ami_port) as there:
            drive = Drive(plan, all_processes, there, lambda line: click.echo(line, err=True))
            drive.outcome.url = driven.url if driven else None
            return await drive.run()


async def _must_be_empty(driven: Driven) -> None:
    """Raise LoadFailed when somebody is logged in there; who has just left may be counted for a moment."""
    with trio.move_on_after(LEAVE_S_MAX):
        while await driven.sessions():  # noqa: ASYNC110 - another process has no event to wait for
            await trio.sleep(POLL_S)
        return
    there = await driven.sessions()
    raise LoadFailed(f"{there} clients are logged in at {driven.url}: let them log out, or start the daemon anew")


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
