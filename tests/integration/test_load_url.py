"""`acd load --url`: a daemon that somebody else has started, as docs/simulator-load.md says; and wrong words."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from acd.cli import main

WITHIN_S = 60
HURRIED = ("--limit-ms", "60000")
"""No test breaks because the machine has other things to do."""


@dataclass(frozen=True)
class Started:
    """`acd serve` as the user has started it."""

    url: str
    pid: int
    ami_port: int

    def load(self, *words: str) -> Result:
        where = ["--url", self.url, "--ami-port", str(self.ami_port)]
        return CliRunner().invoke(main, ["load", *where, *words])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """On a configuration of --write-config, but for the web port."""
    folder = tmp_path_factory.mktemp("load")
    config, log, ami_port = folder / "load.toml", folder / "load.log", free_port()
    words = ["load", "--agents", "30", "--slow", "2", "--ami-port", str(ami_port), "--write-config", str(config)]
    assert CliRunner().invoke(main, words).exit_code == 0
    config.write_text(config.read_text().replace("port = 8080", "port = 0"))
    with log.open("wb") as sink:
        serve = [sys.executable, "-m", "acd", "serve", "-c", str(config), "--fresh"]
        process = subprocess.Popen(serve, stdout=sink, stderr=sink)
    try:
        yield Started(f"{serving(process, log)}ws".replace("http", "ws", 1), process.pid, ami_port)
    finally:
        process.terminate()
        process.wait(WITHIN_S)


def serving(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        lines = [line for line in log.read_bytes().splitlines() if b'"serving"' in line and line.endswith(b"}")]
        if lines:
            return str(json.loads(lines[0])["address"])
        time.sleep(0.02)
    raise AssertionError(log.read_text())


def test_a_daemon_that_runs_is_driven_and_again(started: Started) -> None:
    """Once as at first, once more on what the first run left behind; the daemon stays."""
    few = ("--agents", "30", "--slow", "0", "--slow-agents", "0", "--storm", "0.2", "--seconds", "1", *HURRIED)
    for rates in ("4", "4,8"):
        done = started.load(*few, "--rates", rates, "--pid", str(started.pid), "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert (told["url"], told["lost"], told["broken"]) == (started.url, 0, None)
        for step in told["steps"]:
            assert step["daemon"]["rss_mb"] > 10
            assert step["journal_kb_per_s"] is None, "nobody has said where it is"
        assert f"--url {started.url} --ami-port {started.ami_port}" in done.stderr, "the same again is the same daemon"


def test_without_its_process_the_report_says_what_isnt_known(started: Started) -> None:
    few = ("--agents", "30", "--slow", "2", "--slow-agents", "0", "--storm", "0", "--seconds", "1", *HURRIED)
    done = started.load(*few, "--rates", "4")
    assert done.exit_code == 0, done.output
    assert "the daemon's memory and CPU aren't known: give its --pid" in done.stdout
    assert "supervisors who stopped reading: 2 of 2 were let go" in done.stdout
    assert "p99.9" in done.stdout
    for latency in ("decision", "dispatch", "push", "connected"):
        assert latency in done.stdout
    assert "…" not in done.stdout, "no figure is cut off at 80 columns"


def one_line(done: Result) -> str:
    """The error of a run that ended with 2."""
    assert done.exit_code == 2, done.output
    [line] = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "Traceback" not in done.output
    assert done.stderr.splitlines()[-1] == line
    return line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--agents", "40"], "has 30 agents, and --agents says 40: serve the file"),
        (["--agents", "30", "--slow", "3"], "slow-3: user or password is wrong): serve the file"),
        (["--agents", "30", "--supervisors", "9"], "watch-9: user or password is wrong): serve the file"),
        (["--agents", "30", "--pid", "99999999"], "no such process here; `pgrep"),
        (["--ami-port", "0"], "the port of [asterisk] in the daemon's configuration"),
    ],
)
def test_a_daemon_with_something_else_is_refused_before_anybody_logs_in(
    started: Started, words: list[str], said: str
) -> None:
    few = [] if "--slow" in words else ["--slow", "2"]
    assert said in one_line(started.load(*few, *words))


def test_an_ami_port_that_is_taken_is_told(started: Started) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = str(other.getsockname()[1])
        line = one_line(started.load("--agents", "30", "--slow", "2", "--ami-port", taken))
    assert f"can't listen on port {taken}" in line
    assert "give another --ami-port" in line


def test_another_path_is_told(started: Started) -> None:
    done = CliRunner().invoke(main, ["load", "--agents", "30", "--url", started.url.removesuffix("ws") + "nope"])
    assert "HTTP 404): the address looks like ws://127.0.0.1:8080/ws" in one_line(done)


def test_an_address_where_nobody_answers_is_told() -> None:
    done = CliRunner().invoke(main, ["load", "--agents", "30", "--url", f"ws://127.0.0.1:{free_port()}/ws"])
    assert "Connection refused): start `acd serve`" in one_line(done)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "unexpected extra argument (nonsense)"),
        (["--nonsense"], "No such option"),
        (["--agents", "0"], "0 is not in the range x>=4"),
        (["--agents", "many"], "'many' is not a valid integer"),
        (["--agents", "20000"], "a daemon takes 10000; give fewer"),
        (["--agents", "10", "--rates", "1000"], "give more --agents"),
        (["--rates", "many"], "neither `auto` nor numbers such as 50,100,200"),
        (["--rates=-5"], "more than 0"),
        (["--rates", "0,1"], "more than 0"),
        (["--rates", "nan"], "more than 0"),
        (["--seconds", "nan"], "give one like 10 or 0.5"),
        (["--storm", "2"], "2.0 is not in the range 0<=x<=1"),
        (["--slow-agents", "-1"], "-1.0 is not in the range 0<=x<=0.5"),
        (["--url", "http://x", "--agents", "10"], "it looks like ws://127.0.0.1:8080/ws"),
        (["--url", "ws://x:99999/ws", "--agents", "10"], "it looks like ws://127.0.0.1:8080/ws"),
        (["--pid", "1", "--agents", "10"], "give its --url, too"),
        (["--write-config", "/nowhere/load.toml"], "name a file in a folder that you may write"),
    ],
)
def test_what_cant_be_done_is_one_line_that_says_what_can(words: list[str], said: str) -> None:
    assert said in one_line(CliRunner().invoke(main, ["load", *words]))
