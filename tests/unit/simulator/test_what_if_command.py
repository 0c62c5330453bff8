"""`acd replay --rules`, from the command line to the last row."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from acd import events as ev
from acd.cli import main
from acd.ids import OfferId
from acd.settings import load
from tests.simulation.journals import write_steps

CONFIG = """
adapter = "simulator"

[[groups]]
id = "desk"
wrap_up_s = 10

[[entry_points]]
number = "1"
group = "desk"

[[agents]]
id = "ann"
device = "PJSIP/1"
password_hash = "{hash}"
"""
STEPS = [
    (0, ev.PbxFound()),
    (0, ev.LoggedIn("ann")),
    (0, ev.ReadyAsked("ann")),
    (1_000, ev.CallArrived("c1", "1")),
    (4_000, ev.OfferAccepted(OfferId("c1", 1))),
    (9_000, ev.CallerLeft("c1")),
]


@pytest.fixture
def files(tmp_path):
    demo = (Path(__file__).parents[3] / "config" / "demo.toml").read_text()
    hashed = demo.split('password_hash = "')[1].split('"')[0]
    config, journal = tmp_path / "other.toml", tmp_path / "journal.jsonl"
    config.write_text(CONFIG.format(hash=hashed))
    write_steps(journal, load(config).rules(), STEPS)
    return str(journal), str(config)


def run(*arguments):
    return CliRunner().invoke(main, ["replay", *arguments])


def test_a_table_with_its_assumptions(files):
    journal, config = files
    result = run(journal, "--rules", config)
    assert result.exit_code == 0, result.output
    assert "1 calls arrive when they did" in result.output
    assert "service level" in result.output


def test_json_with_another_threshold(files):
    journal, config = files
    result = run(journal, "--rules", config, "--json", "--within", "2.5")
    plain = json.loads(result.output)
    assert plain["service_level"]["within_s"] == 2.5
    assert plain["recorded"]["all"]["service_level"] == 0
    assert plain["other"] == plain["modelled"] == plain["recorded"]


def test_a_part_of_the_day(files):
    journal, config = files
    plain = json.loads(run(journal, "--rules", config, "--json", "--to", "4000").output)
    assert (plain["end"], plain["recorded"]["all"]["offered"]) == (4_000, 1)


def test_what_cant_be_read_is_said(files, tmp_path):
    journal, config = files
    (tmp_path / "bad.toml").write_text("adapter = 1")
    assert run(journal, "--rules", str(tmp_path / "bad.toml")).exit_code == 2
    assert run(str(tmp_path / "none.jsonl"), "--rules", config).exit_code == 2
    (tmp_path / "damaged.jsonl").write_bytes(b"nonsense\n")
    result = run(str(tmp_path / "damaged.jsonl"), "--rules", config)
    assert (result.exit_code, "nothing can be read" in result.output) == (1, True)


def test_without_rules_the_commands_are_compared_as_ever(files):
    result = run(files[0])
    assert (result.exit_code, "the same commands as written" in result.output) == (0, True)
