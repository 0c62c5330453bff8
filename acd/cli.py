"""The command `acd`."""

import signal
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NoReturn

import click
import trio

from acd import __version__, agent_client, asterisk_config, demo, logs, replay_report, server, supervisor_client, why
from acd.cti_adapters.asterisk.adapter import AsteriskAdapter
from acd.cti_adapters.base import PbxAdapter
from acd.cti_adapters.several import NamedPbx, SeveralPbxs, Together
from acd.doctor import command as doctor
from acd.doctor.of_machine import exposes_secret
from acd.errors import JournalDamaged, SettingsError
from acd.ids import Instant
from acd.settings import Settings, load
from acd.shipped import config_folder
from acd.web.accounts import hashed
from simulator import what_if_command
from simulator.erlang import command as staff
from simulator.load import command as load_test
from simulator.study import command as sim

CONFIG = click.Path(dir_okay=False, path_type=Path)


@click.group()
@click.version_option(__version__, prog_name="acd")
def main() -> None:
    """Switchyard: an ACD beside Asterisk."""


@main.command()
@click.option("-c", "--config", type=CONFIG, required=True, help="The configuration file.")
@click.option("--fresh", is_flag=True, help="Take up neither calls nor agents from the journal.")
def serve(config: Path, fresh: bool) -> None:
    """Run the daemon. SIGHUP lets it read the configuration file again."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until we serve: what is read at the start needn't be read again
    settings = _load(config)
    logs.configure(settings.server.log_level)
    _run(partial(_serve, settings, config, fresh))


@main.command()
@click.argument("config", type=CONFIG)
def check(config: Path) -> None:
    """Check a configuration file and say what it holds."""
    settings = _load(config)
    click.echo(
        f"{config}: good. {len(settings.groups)} groups, {len(settings.entry_points)} entry points, "
        f"{len(settings.agents)} agents, {len(settings.supervisors)} supervisors, adapter {settings.adapter}"
    )
    if (settings.asterisk is not None or settings.pbx) and exposes_secret(config.stat().st_mode):
        click.echo(f"{config}: everybody on this machine may read the secret in it: chmod 640 {config}", err=True)


@main.command("demo")
@click.option("-c", "--config", type=CONFIG, default=None, help="Another configuration; its adapter is the simulator.")
@click.option("--seconds", type=click.FloatRange(min=1), default=None, help="End by itself, with a summary line.")
def run_demo(config: Path | None, seconds: float | None) -> None:
    """Run a simulated call centre, and show it."""
    settings = _load(config or config_folder() / "demo.toml")
    logs.configure("warning")
    _run(partial(demo.run, settings, seconds))


@main.command()
@click.option("--url", default="ws://127.0.0.1:8080/ws", show_default=True, help="The server's socket.")
@click.option("--user", prompt=True, help="The agent's id.")
@click.option("--password", envvar="ACD_PASSWORD", prompt=True, hide_input=True, help="Or in ACD_PASSWORD.")
@click.option("--take-over", is_flag=True, help="Replace another connection of the same agent.")
def agent(url: str, user: str, password: str, take_over: bool) -> None:
    """Work as an agent from a terminal."""
    _run(partial(agent_client.run, url, user, password, take_over))


@main.command()
@click.option("--url", default="ws://127.0.0.1:8080/ws", show_default=True, help="The server's socket.")
@click.option("--user", prompt=True, help="A supervisor's id.")
@click.option("--password", envvar="ACD_PASSWORD", prompt=True, hide_input=True, help="Or in ACD_PASSWORD.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
def reload(url: str, user: str, password: str, dry_run: bool) -> None:
    """Let a running daemon read its configuration file again, and say what has changed."""
    _run(partial(_reload, url, user, password, dry_run))


@main.command("asterisk-config")
@click.argument("name", type=click.Choice(asterisk_config.NAMES), required=False)
def show_asterisk_config(name: str | None) -> None:
    """Say which lines to add to an existing Asterisk, or print one of the files to include."""
    click.echo(asterisk_config.text(name) if name else asterisk_config.instructions())


@main.command("hash-password")
@click.password_option(help="Asked for when not given.")
def hash_password(password: str) -> None:
    """Print what stands for a password in the configuration."""
    click.echo(hashed(password))


@main.command()
@click.argument("journal", type=click.Path(path_type=Path))
@click.option("--from", "since", type=replay_report.instant, help="Begin here: 2026-03-01T09:30 or milliseconds.")
@click.option("--to", "until", type=replay_report.instant, help="End here.")
@click.option("--print", "prints", is_flag=True, help="Print each event and what the router answers.")
@what_if_command.options
def replay(
    journal: Path, since: Instant | None, until: Instant | None, prints: bool, what_if: what_if_command.Options
) -> None:
    """Route a journal's events anew, and check that the commands are the same.

    JOURNAL is the configured file, with its older segments; or one of these, by itself. Ends with code 1 when the
    commands differ or the journal is damaged.

    With --rules: what if that configuration's rules had held? The figures of both, and what is assumed.
    """
    try:
        if what_if.config is not None:
            what_if_command.run(journal, _load(what_if.config).rules(), what_if, since, until)
            return
        same = replay_report.run(journal, since, until, prints)
    except JournalDamaged as error:
        _fail(str(error), code=1)
    except FileNotFoundError as error:
        _fail(str(error))
    if not same:
        raise SystemExit(1)


main.add_command(why.command)
main.add_command(doctor.command)
main.add_command(staff.command)
main.add_command(sim.command)
main.add_command(load_test.command)


def _load(config: Path) -> Settings:
    try:
        return load(config)
    except SettingsError as error:
        _fail(str(error))


async def _serve(settings: Settings, config: Path, fresh: bool) -> None:
    if settings.adapter == "asterisk":
        adapter, events = _asterisk(settings)
        await server.serve(settings, adapter, path=config, ami_events=events, resume=not fresh)
    else:  # simulated callers die with the daemon
        await demo.run(settings, None, config)


def _asterisk(settings: Settings) -> tuple[PbxAdapter, Mapping[str, int]]:
    """The one, or all of several; and how many events of AMI have come by name."""
    if settings.asterisk is not None:
        adapter = AsteriskAdapter(settings.asterisk, settings.recording)
        return adapter, adapter.events_seen
    adapters = {each.name: AsteriskAdapter(each, settings.recording) for each in settings.pbx}
    pbxs = [NamedPbx(each.name, adapters[each.name], each.trunks) for each in settings.pbx]
    return SeveralPbxs(pbxs), Together([each.events_seen for each in adapters.values()])


async def _reload(url: str, user: str, password: str, dry_run: bool) -> None:
    for line in await supervisor_client.reload(url, user, password, dry_run):
        click.echo(line)


def _run(job: partial) -> None:  # type: ignore[type-arg]
    try:
        with logs.written_at_the_end():
            trio.run(job)
    except* (SettingsError, agent_client.LogInRefused, supervisor_client.NotDone) as errors:
        _fail("\n".join(str(error) for error in _leaves(errors)))
    except* KeyboardInterrupt:
        raise SystemExit(130) from None


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The errors themselves, however deep the nurseries they came through."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def _fail(message: str, code: int = 2) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(code)
