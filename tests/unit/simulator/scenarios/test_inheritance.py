"""A file that says only what differs from its base."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.errors import SettingsError
from simulator.scenarios import ScenarioError, load
from simulator.scenarios.inheritance import whole
from tests.unit.simulator.scenarios.files import text, written

HEAD = 'base = "desk.toml"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    written(tmp_path, text())
    return tmp_path


def peak(folder: Path, content: str) -> Path:
    return written(folder, HEAD + content, "peak.toml")


def test_what_isnt_said_is_the_bases(folder: Path) -> None:
    other, base = load(peak(folder, 'title = "Peak"')), load(folder / "desk.toml")
    assert (other.title, other.name) == ("Peak", "peak")
    assert (other.about, other.rules, other.people, other.promises) == (
        base.about,
        base.rules,
        base.people,
        base.promises,
    )


def test_tables_of_lists_are_found_by_what_they_are_known_by(folder: Path) -> None:
    path = peak(
        folder,
        'seats = 9\n[[crews]]\nid = "day"\nagents = 3\n[[crews]]\nid = "night"\nagents = 1\nskills = { desk = 3 }\n'
        'shifts = ["22:00-06:00"]\n[[agents]]\nid = "anna"\ngone = true\n',
    )
    scenario = load(path)
    assert [*scenario.rules.agents] == ["day-001", "day-002", "day-003", "night-001"]
    assert scenario.people.shifts["day-001"] == load(folder / "desk.toml").people.shifts["day-001"]


def test_single_tables_are_merged_and_promises_given_anew(folder: Path) -> None:
    path = peak(folder, '[people]\nretry_probability = 0.5\n[[promises]]\nfigure = "abandonment"\nat_most = 0.1\n')
    table = whole(path)
    assert table["people"] == {"talk_s": {"exponential": 120}, "retry_probability": 0.5}
    assert [promise["figure"] for promise in table["promises"]] == ["abandonment"]


def test_a_base_may_have_a_base_and_stand_in_another_folder(folder: Path) -> None:
    peak(folder, "days = 3")
    (folder / "more").mkdir()
    scenario = load(written(folder / "more", 'base = "../peak.toml"\ntitle = "More"', "more.toml"))
    assert (scenario.title, scenario.days, scenario.about) == ("More", 3, "Two people at one desk.")


def test_a_journal_is_looked_for_beside_the_file_that_names_it(folder: Path) -> None:
    shape = 'calls_per_day = 240\nshape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }'
    written(folder, text((shape, 'journal = "day.jsonl"')))
    (folder / "more").mkdir()
    table = whole(written(folder / "more", 'base = "../desk.toml"', "more.toml"))
    assert Path(table["demand"][0]["journal"]).resolve() == (folder / "day.jsonl").resolve()


BAD = {
    "a base that isn't there": ('base = "no.toml"', "no.toml: can't be read: No such file or directory"),
    "a base that is no path": (
        "base = 3",
        "peak.toml: base: Input should be the path of another scenario's file (it is 3)",
    ),
    "a file based on itself": (
        'base = "peak.toml"',
        "peak.toml: base: 'peak.toml' is based on this file itself; one of them must stand alone",
    ),
    "what isn't there can't go": (
        HEAD + '[[crews]]\nid = "late"\ngone = true',
        "peak.toml: crews.0: 'late' can't be removed, the base doesn't have it; there are: day",
    ),
    "gone and given": (
        HEAD + '[[crews]]\nid = "day"\nagents = 2\ngone = true',
        "peak.toml: crews.0.gone: must be true, with no other key beside id",
    ),
    "a table without its key": (
        HEAD + "[[demand]]\ncalls_per_h = 3",
        "peak.toml: demand.0.entry: is missing, or no text",
    ),
    "no list": (HEAD + "[crews]\nid = 3", "peak.toml: crews: must be a list of tables, each with its id"),
    "no table": (HEAD + "people = 3", "peak.toml: people: must be a table, here and in the base"),
    "something wrong in the whole": (
        HEAD + "days = 0",
        "peak.toml: days: Input should be greater than or equal to 1 (it is 0)",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_said_exactly(folder: Path, content: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(written(folder, content, "peak.toml"))
    assert str(caught.value) == f"{folder.resolve()}/{message}"


def test_bases_in_a_circle_are_refused(tmp_path: Path) -> None:
    written(tmp_path, 'base = "b.toml"', "a.toml")
    path = written(tmp_path, 'base = "a.toml"', "b.toml")
    with pytest.raises(SettingsError, match=r"a\.toml: base: 'b\.toml' is based on this file itself"):
        load(path)
