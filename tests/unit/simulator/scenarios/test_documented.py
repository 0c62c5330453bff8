"""docs/simulator-scenarios.md has every key with its default, every figure and every scenario; its example is good."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from acd.shipped import config_folder
from simulator.faults import Faults
from simulator.scenarios import Figure, load
from simulator.scenarios import sections as of

DOCS = (Path(__file__).parents[4] / "docs" / "simulator-scenarios.md").read_text(encoding="utf-8")
SECTIONS: tuple[type[BaseModel], ...] = (
    of.ScenarioFile,
    of.DemandSettings,
    of.BurstSettings,
    of.CrewSettings,
    of.WorkSettings,
    of.PromiseSettings,
)


def documented() -> Iterator[tuple[str, str]]:
    for names, default in re.findall(r"^\| (`[a-z].*?) \| (.*?) \|", DOCS, re.MULTILINE):
        yield from ((name, default) for name in re.findall(r"`([a-z_]+)`", names))


def told(field: FieldInfo) -> set[str]:
    """What may stand in the column of defaults."""
    default = field.get_default(call_default_factory=True)
    if field.is_required():
        return {"needed"}
    if default is None:
        return {"-"}
    return {f"`{default:g}`"} if isinstance(default, int | float) else {"none", "empty"}


def test_every_fault() -> None:
    assert {each.name for each in fields(Faults)} <= {key for key, _ in documented()}


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_key_and_its_default(section: type[BaseModel]) -> None:
    rows = set(documented())
    for key, field in section.model_fields.items():
        assert any((key, default) in rows for default in told(field)), f"{key}: {told(field)}"


def test_no_other_keys() -> None:
    faults = {each.name for each in fields(Faults)}
    scenarios = {path.stem for path in (config_folder() / "scenarios").iterdir()}
    assert {key for key, _ in documented()} <= {
        key for each in SECTIONS for key in each.model_fields
    } | scenarios | faults


def test_every_figure() -> None:
    assert set(re.findall(r"^\| \*([a-z0-9_]+)\* \|", DOCS, re.MULTILINE)) == set(Figure)


def test_every_scenario_that_comes_with_switchyard() -> None:
    for path in (config_folder() / "scenarios").iterdir():
        assert f"| `{path.stem}` |" in DOCS


def test_the_example_is_good(tmp_path: Path) -> None:
    [example] = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
    path = tmp_path / "example.toml"
    path.write_text(example, encoding="utf-8")
    assert load(path).promises[0].text() == "all: at least 80 % answered within 20 s"
