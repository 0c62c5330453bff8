"""`acd staff` as it is typed."""

import json
import sys

import pytest
from click.testing import CliRunner

from acd.cli import main
from tests.unit.simulator.erlang.scenarios import TINY, tiny

RAILWAY = "--railway --monthly-calls 600000 --aht 180 --monthly-hours 166.6 --attendance 90 --utilisation 75"


def staff(line, code=0):
    result = CliRunner(env={"COLUMNS": "120"}).invoke(main, ["staff", *line.split()])
    assert result.exit_code == code, result.output
    return result.output


def table(line):
    return json.loads(staff(f"{line} --json"))


def test_an_interval():
    said = staff("--calls 100 --per 30m --aht 180 --service-level 80 --within 20 --shrinkage 30")
    assert "14" in said
    assert "88.8%" in said
    assert "Erlang C: everybody waits as long as it takes" in said
    assert "SL: service level in T = 20 s: answered within T / all" in said


def test_the_same_for_machines():
    found = table("--calls 100 --aht 3m --service-level 80 --within 20 --shrinkage 30 --occupancy-max 85")
    [one] = found["intervals"]
    assert (one["agents"], one["positions"], one["service_level"], one["occupancy"]) == (14, 20, 0.88835, 0.714286)
    assert found["all"]["agent_hours"] == 7


def test_a_patience_makes_it_erlang_a_and_nothing_said_is_80_in_20():
    found = table("--calls 100 --aht 180 --patience 120")
    assert found["model"].startswith("Erlang A")
    assert found["intervals"][0]["agents"] == 12
    assert found["service_level"] == "answered within T / (answered + abandoned after T)"


def test_the_railway_s_85_percent_answered():
    [one] = table("--calls 1000 --aht 180 --patience 120 --answered 85")["intervals"]
    assert one["agents"] == 86
    assert one["abandonment"] <= 0.15


def test_erlang_b():
    [one] = table("--calls 100 --aht 180 --model b --blocking 1%")["intervals"]
    assert one["agents"] == 18
    assert one["blocked"] <= 0.01


def test_how_many_calls_a_crew_can_take():
    assert "14 agents can take 108.7 calls in 30.0 min" in staff("--agents 14 --aht 180")
    most = table("--agents 14 --aht 180 --patience 120")
    assert most["model"].startswith("Erlang A")
    [one] = table(f"--calls {most['calls']} --aht 180 --patience 120")["intervals"]
    assert one["agents"] == 14


@pytest.fixture
def day(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("time,calls,aht\n8:00,100,180\n8:30,200,180\n9:00,0,180\n")
    return path


def test_a_day_in_and_a_table_out(day, tmp_path):
    out = tmp_path / "out.csv"
    said = staff(f"--intervals {day} --shrinkage 30 --csv {out}")
    assert "08:30" in said
    assert "19.0 h" in said
    lines = out.read_text().splitlines()
    assert lines[0].startswith("time,calls,aht_s,erlangs,agents,positions,service_level")
    assert lines[2].startswith("08:30,200.0,180.0,20.0,24,35,0.808882")
    assert lines[3] == "09:00,0.0,180.0,0.0,0,0,,,,,,"


@pytest.mark.parametrize(("ending", "begins"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("html", b"<!doctype html>")])
def test_a_plot(day, tmp_path, ending, begins):
    pytest.importorskip("matplotlib")
    pictures = [tmp_path / f"{n}.{ending}" for n in range(2)]
    for picture in pictures:
        staff(f"--intervals {day} --plot {picture}")
    assert pictures[0].read_bytes().startswith(begins)
    assert pictures[0].read_bytes() == pictures[1].read_bytes()


def test_a_plot_without_matplotlib_says_what_to_install(day, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert 'pip install "switchyard-acd[sim]"' in staff(f"--intervals {day} --plot {tmp_path}/a.svg", code=2)


def test_the_day_that_a_scenario_expects(tmp_path):
    found = table(f"--intervals {tiny(tmp_path)}")
    assert [each["time"] for each in found["intervals"]] == ["10:00", "10:30", "11:00", "11:30"]
    assert found["model"].startswith("Erlang A")


def test_the_railway_explains_each_term():
    said = staff(RAILWAY)
    for word in ("600,000", "180 s", "85.0%", "25,500.0 h", "166.6 h", "90.0%", "75.0%", "112.5 h", "226.76", "227"):
        assert word in said
    assert json.loads(staff(f"{RAILWAY} --json"))["agents"] == 227


def test_less_than_85_percent_answered_is_said():
    assert "at least 85% is wanted" in staff(f"{RAILWAY} --answer-rate 80")


def test_crews_by_simulation(tmp_path):
    path = tiny(tmp_path)
    said = staff(f"--scenario {path} --processes 1 --seed 4")
    begins = f"seed 4: acd staff --scenario {path} --seed 4 --days 1 --replications 2 --trials 60"
    assert said.splitlines()[0] == begins
    assert "trial 1 of at most 60: ones" in said
    assert "with one fewer" in said
    assert "no crew can spare an agent" in said
    assert "On 4 other replications" in said


def test_crews_are_the_same_in_any_number_of_processes(tmp_path):
    path = tiny(tmp_path)
    runs = [
        CliRunner().invoke(
            main, ["staff", "--scenario", str(path), "--json", "--trials", "4", "--processes", processes]
        )
        for processes in ("1", "2")
    ]
    assert json.loads(runs[0].stdout) == json.loads(runs[1].stdout)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--calls 3", "say how many calls and how long each"),
        ("", "say how many calls and how long each"),
        ("--calls 3 --aht 0", "handling time in seconds: a finite number above 0 is wanted, not 0"),
        ("--calls 3 --aht 180 --per 0", "--per: an interval is longer than 0 s"),
        ("--calls 3 --aht 180 --patience 0", "patience in seconds: a finite number above 0 is wanted, not 0"),
        ("--calls 3 --aht 180 --model a", "Erlang A needs the callers' mean patience (--patience)"),
        ("--calls 3 --aht x", "'x' is no duration"),
        ("--calls 3 --aht 180 --service-level 1", "1 may mean 1 % or all"),
        ("--calls 3 --aht 180 --shrinkage 100", "shrinkage is a share of at least 0 and below 1"),
        ("--calls 3 --aht 180 --plot a.pdf", "a plot is a file that ends in .svg, .png, .html"),
        ("--calls 3 --aht 180 --csv /nonesuch/x.csv", "/nonesuch/x.csv: can't be written"),
        ("--calls 3 --aht 180 --plot /nonesuch/x.svg", "/nonesuch/x.svg: can't be written"),
        ("--calls 3 --aht 180 --monthly-calls 3", "--monthly-calls is for --railway"),
        ("--calls 3 --aht 180 --seed 3", "--seed is for --scenario"),
        ("--scenario x --answered 85", "--answered is what a scenario promises itself"),
        ("--agents 3", "say how long a call takes: --aht 180"),
        ("--agents 3 --aht 180 --calls 4", "leave out --calls and --intervals"),
        ("--scenario nonesuch", "nonesuch: is no file, and no scenario"),
        ("--intervals nonesuch.csv", "nonesuch.csv: can't be read"),
        ("--intervals x.csv --calls 3", "stand in what --intervals names"),
        ("--railway --aht 180", "give --monthly-calls, --monthly-hours, --attendance, --utilisation"),
    ],
)
def test_what_is_wrong_is_said(line, says):
    assert says in staff(line, code=2)


def test_a_scenario_that_promises_nothing(tmp_path):
    path = tiny(tmp_path, TINY[: TINY.index("[[promises]]")])
    assert "promises nothing, so nobody is needed" in staff(f"--scenario {path}", code=2)
