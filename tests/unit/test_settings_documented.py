"""Every key stands in the commented example and in docs/configuration.md, with its default."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from acd.rules import Strategy
from acd.settings import RecordingSettings, Settings, parse
from acd.settings.opening import HolidaySettings, HoursSettings
from acd.settings.routing import EntrySettings, GroupSettings, RoutingSettings, StepSettings, VipSettings
from acd.settings.sections import AgentSettings, AsteriskSettings, PbxSettings, ServerSettings, SupervisorSettings
from acd.shipped import config_folder

EXAMPLE = (config_folder() / "acd.toml").read_text(encoding="utf-8")
SEVERAL = (config_folder() / "several-pbxs.toml").read_text(encoding="utf-8")
"""What the first can't have besides."""
DOCS = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")

SECTIONS: dict[type[BaseModel], str] = {
    ServerSettings: "server",
    AsteriskSettings: "asterisk",
    PbxSettings: "pbx",
    RecordingSettings: "recording",
    RoutingSettings: "routing",
    HoursSettings: "hours",
    HolidaySettings: "hours.holidays",
    GroupSettings: "groups",
    StepSettings: "groups.steps",
    EntrySettings: "entry_points",
    VipSettings: "vip_classes",
    AgentSettings: "agents",
    SupervisorSettings: "supervisors",
}


def uncommented(text: str, examples: bool) -> str:
    """With every key that is commented out; those that are only examples too, if asked for."""
    lines = text.splitlines()
    return "\n".join(
        line.removeprefix("# ") if re.match(r"# [a-z_]+ = ", line) and (examples or "# e.g.:" not in line) else line
        for line in lines
    )


def keys(section: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in section.model_fields.items()}


def given(table: Any, path: list[str]) -> set[str]:
    """The keys given in all tables at `path`."""
    if isinstance(table, list):
        return {key for each in table for key in given(each, path)}
    return given(table.get(path[0], {}), path[1:]) if path else set(table)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_the_example_has_every_key(section: type[BaseModel]) -> None:
    tables = [tomllib.loads(uncommented(text, examples=True)) for text in (EXAMPLE, SEVERAL)]
    nested = {"hours": {"holidays"}, "groups": {"steps"}}
    got = {key for table in tables for key in given(table, SECTIONS[section].split("."))}
    assert got | nested.get(SECTIONS[section], set()) == set(keys(section))


def test_the_example_with_everything_in_it_is_good() -> None:
    rules = parse(tomllib.loads(uncommented(EXAMPLE, examples=True)), "acd.toml").rules()
    assert [len(group.steps) for group in rules.groups.values()] == [2, 0]


def test_the_example_of_several_pbxs_is_good() -> None:
    agents = parse(tomllib.loads(uncommented(SEVERAL, examples=True)), "several-pbxs.toml").rules().agents
    assert {agent.pbx: agent.device for agent in agents.values()} == {
        "north": "north:PJSIP/1001",
        "south": "south:PJSIP/2001",
    }


def test_what_the_example_leaves_out_are_the_defaults() -> None:
    table, full = tomllib.loads(EXAMPLE), tomllib.loads(uncommented(EXAMPLE, examples=False))
    assert table != full
    assert effective(parse(table, "acd.toml")) == effective(parse(full, "acd.toml"))


def effective(settings: Settings) -> dict[str, Any]:
    return settings.model_dump()


def documented() -> Iterator[tuple[str, str]]:
    """Each key and its default, as the tables of the documentation have them."""
    for names, default in re.findall(r"^\| (`[a-z].*?) \| (.*?) \|", DOCS, re.MULTILINE):
        found = re.findall(r"`([a-z_]+)`", names)
        defaults = default.split(", ") if len(found) > 1 and ", " in default else [default] * len(found)
        yield from zip(found, defaults, strict=True)


def told(field: FieldInfo) -> set[str]:
    """What may stand in the column of defaults."""
    if field.is_required():
        return {"needed"}
    default = field.get_default(call_default_factory=True)
    if default is None:
        return {"-"}
    if default in ((), {}, ""):
        return {"none", "empty"}
    if isinstance(default, tuple):
        return {f"`{', '.join(default)}`"}
    shown = str(default).lower() if isinstance(default, bool) else f"{default:g}" if _number(default) else str(default)
    return {f"`{shown}`"}


def _number(value: object) -> bool:
    return isinstance(value, int | float)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_the_documentation_has_every_key_and_its_default(section: type[BaseModel]) -> None:
    rows = set(documented())
    for key, field in keys(section).items():
        assert any((key, default) in rows for default in told(field)), f"{key}: {told(field)}"


def test_the_documentation_has_no_other_keys() -> None:
    known = {key for section in (*SECTIONS, Settings) for key in keys(section)}
    assert {key for key, _ in documented()} <= known


def test_every_strategy_is_documented_and_in_the_example() -> None:
    for strategy in Strategy:
        assert f"`{strategy}`" in DOCS
        assert strategy in EXAMPLE


def test_every_section_is_tested_here() -> None:
    left_out = {"adapter", "simulator"}
    assert {name.split(".")[0] for name in SECTIONS.values()} == set(Settings.model_fields) - left_out
