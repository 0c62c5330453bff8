"""A simulated call centre in real time, for the eye and for scripts."""

from pathlib import Path

import click
import trio

from acd import server
from acd.cti_adapters.simulated import SimulatedPbx
from acd.errors import SettingsError
from acd.ids import Instant
from acd.owner import Step
from acd.router import Output
from acd.settings import Settings
from simulator.settings import from_table
from simulator.summary import Tally
from simulator.world import World


def simulated_pbx(settings: Settings) -> SimulatedPbx:
    """The PBX, callers and agents that `settings` describe. Raises SettingsError where they can't be."""
    table = settings.simulator.model_dump(exclude={"seed"}, exclude_none=True)
    try:
        return SimulatedPbx(World(from_table(table), settings.rules(), settings.simulator.seed))
    except ValueError as error:
        raise SettingsError(str(error)) from None


async def run(settings: Settings, seconds: float | None, path: Path | None = None) -> None:
    """Serve the simulated centre until told to stop, or for `seconds`; print where it is seen and what became of it.

    `path` as for :func:`acd.server.serve`. The simulated callers and agents stay those of the beginning.
    """
    tally = Tally()
    pbx = simulated_pbx(settings)
    last = Instant(0)

    def count(outputs: Output, step: Step) -> None:
        nonlocal last
        tally.watch(step.event, outputs, step.at)
        last = step.at

    async with trio.open_nursery() as nursery:
        if seconds is not None:
            nursery.cancel_scope.deadline = trio.current_time() + seconds
        address = await nursery.start(server.serve, settings, pbx, [pbx.observe, count], path)
        click.echo(_welcome(settings, address, seconds))
    click.echo(f"demo: {tally.end(last)}")


def _welcome(settings: Settings, address: str, seconds: float | None) -> str:
    ends = "Ctrl-C ends it." if seconds is None else f"It ends by itself after {seconds:g} s."
    return f"""\
A simulated centre of {len(settings.agents)} agents in {len(settings.groups)} groups is running. {ends}

    its supervisor's board    {address}#user=super&password=switchyard
    its metrics               {address}metrics
"""
