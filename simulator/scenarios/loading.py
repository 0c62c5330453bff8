"""From a file to a scenario, or to all that is wrong with it."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from acd.errors import SettingsError
from acd.hours import MINUTE_MS
from acd.rules import Rules
from acd.settings import Settings
from acd.settings.files import checked, parse, read
from acd.settings.kinds import listed
from acd.shipped import config_folder
from simulator.scenarios import crews, demand, references
from simulator.scenarios.crews import Worker, workers
from simulator.scenarios.errors import ScenarioError
from simulator.scenarios.inheritance import whole
from simulator.scenarios.sections import PromiseSettings, ScenarioFile
from simulator.scenarios.values import FaultPlan, Promise, Scenario
from simulator.scenarios.wall import by_the_wall, wall
from simulator.settings import SimulatorSettings, from_table
from simulator.shifts import Shift
from simulator.world import World

ROUTING = ("routing", "hours", "groups", "entry_points", "vip_classes")
"""The tables that are those of a configuration."""
ELSEWHERE = {
    "simulated_agents": "[[crews]] says",
    "calls_per_h": "[[demand]] says",
    "load": "[[demand]] says",
    "lines": "lines at the top of the file says",
    "time_scale": "nothing changes",
}
"""What isn't said of the people, but where, or that it can't be."""


def find(name_or_path: str | Path) -> Path:
    """The file at that path, or the scenario that comes with Switchyard by that name. Raises ScenarioError."""
    path, folder = Path(name_or_path), config_folder() / "scenarios"
    shipped = folder / f"{name_or_path}.toml"
    if path.is_file():
        return path
    if shipped.is_file():
        return shipped
    names = {each.stem for each in folder.glob("*.toml")}
    raise ScenarioError(
        f"{name_or_path}: is no file, and no scenario that comes with Switchyard; these do: {listed(names)}"
    )


def load(path: Path) -> Scenario:
    """The scenario in the file at `path`. Raises ScenarioError with one line for each thing that is wrong."""
    try:
        return _scenario(path, checked(ScenarioFile, whole(path), str(path)))
    except SettingsError as error:
        raise ScenarioError(str(error)) from None


def with_rules(scenario: Scenario, path: Path) -> Scenario:
    """The same people at work by the routing of another file, a scenario's or a daemon's configuration.

    Agents stay who they are, with their skills. Raises ScenarioError where the other rules don't fit them.
    """
    routing = by_the_wall(_rules_of(path), scenario.zone, scenario.begin)
    rules = replace(routing, agents=scenario.rules.agents, supervisors={})
    demanded = [(f"the demand of {scenario.name}", entry) for entry in scenario.people.arrivals]
    promised = [(f"a promise of {scenario.name}", each.group) for each in scenario.promises if each.group is not None]
    _complain(path, [*references.unknown(rules, demanded, promised), *references.strangers(rules, scenario.name)])
    return replace(scenario, rules=rules)


def _rules_of(path: Path) -> Rules:
    """Those of a scenario, or of a daemon's configuration, which says its adapter."""
    try:
        table = read(path)
        if "adapter" in table:
            return parse(table, str(path)).rules()
        file = checked(ScenarioFile, whole(path), str(path))
        return checked(Settings, _settings(file, workers(file)), str(path)).rules()
    except SettingsError as error:
        raise ScenarioError(str(error)) from None


def world(scenario: Scenario, seed: int) -> World:
    """Everybody of the scenario, before its first day."""
    return World(scenario.people, scenario.rules, seed, begin=scenario.begin)


def _scenario(path: Path, file: ScenarioFile) -> Scenario:
    everybody, people = workers(file), _people(path, file)
    rules = checked(Settings, _settings(file, everybody), str(path)).rules()
    _complain(path, [*crews.problems(file), *references.problems(file, rules)])
    begin = wall(file.begins)
    return Scenario(
        path=path,
        name=path.stem,
        title=file.title,
        about=file.about,
        rules=by_the_wall(rules, file.zone, begin),
        people=replace(
            people,
            arrivals=demand.arrivals(file),
            callers=demand.kinds(file),
            simulated_agents=tuple(worker.id for worker in everybody if worker.present),
            shifts={each.id: _shifts(each) for each in everybody if each.present and each.spans is not None},
            lines=file.lines,
        ),
        promises=tuple(map(_promise, file.promises)),
        begin=begin,
        zone=file.zone,
        interval_ms=file.interval_min * MINUTE_MS,
        warm_up_days=file.warm_up_days,
        days=file.days,
        replications=file.replications,
        seats=file.seats,
        faults=FaultPlan(**file.faults.model_dump()),
    )


def _people(path: Path, file: ScenarioFile) -> SimulatorSettings:
    _complain(path, [f"people.{key}: {ELSEWHERE[key]} that" for key in file.people if key in ELSEWHERE])
    try:
        return from_table(file.people, "people")
    except ValueError as error:
        _complain(path, [str(error)])
        raise


def _settings(file: ScenarioFile, everybody: tuple[Worker, ...]) -> dict[str, Any]:
    """As a configuration has it."""
    tables = {name: getattr(file, name) for name in ROUTING}
    return {"adapter": "simulator", "agents": [worker.table() for worker in everybody], **tables}


def _shifts(worker: Worker) -> tuple[Shift, ...]:
    return tuple(Shift(since * MINUTE_MS, until * MINUTE_MS) for since, until in worker.spans or ())


def _promise(promise: PromiseSettings) -> Promise:
    return Promise(**promise.model_dump())


def _complain(path: Path, complaints: Iterable[str]) -> None:
    if lines := [f"{path}: {complaint}" for complaint in complaints]:
        raise ScenarioError("\n".join(lines))
