"""`acd sim`: what it is asked, how it ends, and what it says to whom."""

import json

import pytest
from click.testing import CliRunner

from acd.cli import main
from simulator.study import record
from simulator.study.extras import ExtraMissing, extra
from tests.simulation.scenario_files import PROMISE, write_configuration, write_desk


@pytest.fixture
def sim():
    def run(*words):
        return CliRunner().invoke(main, ["sim", *map(str, words), "--processes", "1"], env={"COLUMNS": "130"})

    return run


@pytest.fixture
def desk(tmp_path):
    return write_desk(tmp_path / "desk.toml", replications=3, promises=PROMISE.format(at_least=0.5))


def test_the_seed_and_the_command_that_repeats_it_come_first(sim, desk):
    done = sim("run", desk, "--days", 2, "--seed", 7)
    assert done.exit_code == 0, done.output
    repeat = f"acd sim run {desk} --seed 7 --days 2 --replications 3"
    assert done.output.splitlines()[0] == f"Repeat it by: {repeat}"
    again = sim(*repeat.split()[2:])
    assert again.output.splitlines()[:-1] == done.output.splitlines()[:-1], "all but how fast it was"


def test_the_report_has_every_table(sim, desk):
    said = sim("run", desk).output
    for words in ("Figures of a day", "By the clock", "Promises", "± ", "a minute, in 1 processes", "Student's t"):
        assert words in said
    assert "service level: answered within T / (answered + abandoned after T), T = 20 s" in said
    assert "09:30" in said


def test_in_a_narrow_terminal_the_table_of_half_hours_is_left_out(desk):
    words = ["sim", "run", str(desk), "--processes", "1"]
    narrow = CliRunner().invoke(main, words, env={"COLUMNS": "80"})
    assert "By the clock" not in narrow.output
    assert "calls offered" in narrow.output


@pytest.mark.parametrize(("at_least", "code", "says"), [(0.3, 0, "kept"), (0.999, 1, "not kept")])
def test_a_promise_that_is_surely_not_kept_is_the_code_1(sim, tmp_path, at_least, code, says):
    promise = PROMISE.format(at_least=at_least)
    done = sim("run", write_desk(tmp_path / "desk.toml", agents=4 if code else 8, promises=promise))
    assert done.exit_code == code
    assert says in done.output


def test_one_replication_has_no_interval_and_says_why(sim, tmp_path):
    promise = PROMISE.format(at_least=0.999)
    done = sim("run", write_desk(tmp_path / "desk.toml", agents=2, promises=promise), "--replications", 1)
    assert done.exit_code == 0
    assert "One replication has no confidence interval" in done.output
    assert "±" not in done.output
    assert "not sure" in done.output


def test_in_chinese(sim, desk):
    done = sim("run", desk, "--lang", "zh")
    for words in ("重现命令", "服务水平", "工时利用率", "承诺", "达到"):
        assert words in done.output


def test_json_alone_on_standard_output(sim, desk):
    done = sim("run", desk, "--json", "-")
    assert json.loads(done.stdout)["replications"] == 3
    assert "Repeat it by" in done.stderr


def test_other_rules_for_the_same_people(sim, desk, tmp_path):
    nobody = write_desk(tmp_path / "nobody.toml", need=9)
    done = sim("run", desk, "--rules", nobody)
    assert done.exit_code == 1, "nobody has such a level"
    assert f"--rules {nobody}" in done.output.splitlines()[0]


def test_a_configuration_is_the_first_ones_world_by_its_rules(sim, desk, tmp_path):
    rules = write_configuration(tmp_path / "acd.toml", "wrap_up_s = 0")
    done = sim("compare", desk, rules, "--json", "-")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["b"]["scenario"] == found["a"]["scenario"]
    assert found["b"]["command"].startswith(f"acd sim run {desk} --rules {rules}")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "nowhere"], "nowhere: is no file"),
        (["compare", "small", "nowhere"], "nowhere: is no file"),
        (["run", "small", "--rules", "nowhere.toml"], "nowhere.toml"),
        (["run", "small", "--days", "0"], "0 is not in the range"),
    ],
)
def test_what_can_not_be_done_is_said_and_the_code_2(sim, words, says):
    done = sim(*words)
    assert done.exit_code == 2
    assert says in done.stderr
    assert "Traceback" not in done.output


def test_a_file_that_can_not_be_written_is_said(sim, desk, tmp_path):
    done = sim("run", desk, "--json", tmp_path / "no" / "where.json")
    assert done.exit_code == 2
    assert "can't be written" in done.stderr


def test_what_is_not_installed_is_missed_before_the_work(sim, desk, tmp_path, monkeypatch):
    monkeypatch.setattr("simulator.study.extras.import_module", missing)
    done = sim("run", desk, "--html", tmp_path / "report.html")
    assert done.exit_code == 2
    assert 'pip install "switchyard-acd[sim]"' in done.stderr
    assert "Repeat it by" not in done.output
    with pytest.raises(ExtraMissing, match="scipy is needed"):
        extra("scipy.special")


def missing(name):
    raise ImportError(f"No module named {name!r}")


def test_help_says_what_the_codes_mean(sim):
    assert "Ends with code 1 when a promise is surely not kept" in " ".join(sim("run", "--help").output.split())


def test_the_keys_of_the_record_are_those_documented(sim, desk):
    """Whoever reads it relies on them: a change of these is a new `format`."""
    found = json.loads(sim("run", desk, "--json", "-").stdout)
    assert found["format"] == record.FORMAT == 1
    assert list(found) == [
        "format",
        "command",
        "versions",
        "confidence",
        "figures",
        "scenario",
        "seed",
        "days",
        "warm_up_days",
        "replications",
        "seeds",
        "virtual_hours",
        "within_s",
        "all",
        "groups",
        "callers",
        "promises",
        "erlang_a",
    ]
    assert set(found["all"]) == {"day", "intervals", "waits"}
    assert set(found["all"]["day"]) == set(found["figures"])
    assert set(found["all"]["day"]["service_level"]) == {"value", "low", "high"}
    assert found["all"]["intervals"][18]["from"] == "09:00"
    assert found["figures"]["service_level"]["formula"] == "answered within T / (answered + abandoned after T)"
    assert found["erlang_a"]["applies"]
    assert [each["verdict"] for each in found["promises"]] == ["kept"]
