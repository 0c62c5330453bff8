"""`python -m acd` as operators and systemd run it: what it says, and with which code it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio

from acd.settings import parse
from acd.shipped import config_folder
from tests.integration.running import Acd, ScriptedPbx, password_hash, running, table, until

STARTS_S_MAX = 20.0
ASTERISK = '[asterisk]\nsecret = "geheim-4711"\nport = {port}\n'


def config(folder: Path, port: int = 0, journal: str = "journal.jsonl", tables: str = ASTERISK.format(port=9)) -> Path:
    """A configuration for an Asterisk that isn't there: all but routing works."""
    path = folder / "acd.toml"
    path.write_text(
        f'adapter = "asterisk"\n[server]\nport = {port}\njournal = "{folder / journal}"\n{tables}'
        '[[groups]]\nid = "desk"\n'
        f'[[agents]]\nid = "ann"\ndevice = "PJSIP/ann"\npassword_hash = "{password_hash()}"\n',
        encoding="utf-8",
    )
    return path


def command(*words: str | Path) -> list[str]:
    watcher = "ignore:'AbstractChildWatcher':DeprecationWarning"  # trio-asyncio 0.16 on 3.12 and 3.13
    return [sys.executable, "-X", "dev", "-W", "error", "-W", watcher, "-m", "acd", *map(str, words)]


async def acd(*words: str | Path, code: str = "") -> subprocess.CompletedProcess[bytes]:
    with trio.fail_after(STARTS_S_MAX):
        run = partial(trio.run_process, capture_stdout=True, capture_stderr=True, check=False)
        return await run([sys.executable, "-c", code, *map(str, words)] if code else command(*words))


@asynccontextmanager
async def served(folder: Path, path: Path) -> AsyncIterator[tuple[trio.Process, Acd, Path]]:
    """The daemon's process, once it serves, and where its log is."""
    log = folder / "log"
    async with trio.open_nursery() as nursery:
        with log.open("wb") as file:
            run = partial(trio.run_process, stderr=file, check=False)
            process: trio.Process = await nursery.start(run, command("serve", "-c", path))
        try:
            await until(lambda: process.poll() is not None or _serving(log), STARTS_S_MAX)
            assert process.poll() is None, log.read_text()
            yield process, Acd(parse(table(folder), "the test"), ScriptedPbx(), _serving(log)[0]), log
        finally:
            if process.poll() is None:
                process.kill()


def _serving(log: Path) -> list[str]:
    return [line["address"] for line in lines(log) if line["event"] == "serving"]


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines(keepends=True) if line[-1] == "\n"]


async def test_it_serves_and_stops_at_sigterm_with_code_0(tmp_path: Path) -> None:
    """Within seconds, its clients told, and every line of its log is JSON; the log keeps the secrets."""
    async with served(tmp_path, config(tmp_path)) as (process, daemon, log), daemon.client("ann") as ann:
        assert (await daemon.get("/healthz"))[0] == 200
        status, _, body = await daemon.get("/readyz")
        assert status == 503
        assert b"127.0.0.1:9" in body
        with trio.fail_after(5):
            process.send_signal(signal.SIGTERM)
            assert await ann.is_closed() == (1012, "the server stops; connect again")
            assert await process.wait() == 0
        events = [line["event"] for line in lines(log)]
        assert events[:2] == ["begins without calls and agents", "serving"]
        assert events[-1] == "stopped"
        assert {"stopping", "client logged in", "client left"} <= {*events}
        assert "geheim-4711" not in log.read_text()


async def test_it_stops_at_ctrl_c_in_the_same_way(tmp_path: Path) -> None:
    async with served(tmp_path, config(tmp_path)) as (process, _, log):
        process.send_signal(signal.SIGINT)
        with trio.fail_after(5):
            assert await process.wait() == 0
        assert lines(log)[-1]["event"] == "stopped"


async def test_a_simulated_centre_stops_at_sigterm_too(tmp_path: Path) -> None:
    demo = (config_folder() / "demo.toml").read_text(encoding="utf-8")
    path = tmp_path / "demo.toml"
    path.write_text(
        demo.replace("port = 8080", "port = 0").replace("var/demo-journal.jsonl", str(tmp_path / "j")), encoding="utf-8"
    )
    async with served(tmp_path, path) as (process, daemon, _):
        await until(partial(_answers, daemon, "/readyz"), STARTS_S_MAX)
        process.send_signal(signal.SIGTERM)
        with trio.fail_after(5):
            assert await process.wait() == 0


async def test_an_address_taken_already_is_one_clear_line_and_code_2(tmp_path: Path) -> None:
    async with running(tmp_path) as other:
        result = await acd("serve", "-c", config(tmp_path, port=other.port))
    assert result.returncode == 2
    assert result.stderr.decode().startswith(f"server: can't listen on 127.0.0.1 port {other.port}: ")
    assert result.stderr.count(b"\n") == 1


async def test_a_journal_that_cannot_be_written_is_one_clear_line_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = await acd("serve", "-c", config(tmp_path, journal="file/journal"))
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode() == (
        f"server.journal: can't write {tmp_path}/file/journal: File exists: {tmp_path}/file\n"
    )


async def test_a_bad_configuration_is_clear_lines_and_code_2(tmp_path: Path) -> None:
    path = config(tmp_path, port=70_000, tables=ASTERISK.format(port=0))
    result = await acd("serve", "-c", path)
    assert result.returncode == 2
    assert result.stderr.decode().splitlines() == [
        f"{path}: server.port: Input should be less than or equal to 65535 (it is 70000)",
        f"{path}: asterisk.port: Input should be greater than or equal to 1 (it is 0)",
    ]


CRASHES = """
import sys
from acd import cli, errors
class Adapter:
    events_seen = {{}}
    def __init__(self, settings, recording): pass
    def adopt(self, calls): pass
    def obey(self, commands):
        return False

    def follow_phones(self, devices, known):
        pass

    async def run(self, tell, commands):
        raise {error}
cli.AsteriskAdapter = Adapter
cli.main(["serve", "-c", sys.argv[1]])
"""


@pytest.mark.parametrize("error", ["ZeroDivisionError('a bug')", "errors.ImpossibleTransition('a bug')"])
async def test_a_fault_of_ours_ends_it_with_a_traceback_and_a_code_for_systemd(tmp_path: Path, error: str) -> None:
    """Restarting is systemd's; the traceback is what we mend it by, an impossible transition's above all."""
    result = await acd(config(tmp_path), code=CRASHES.format(error=error))
    assert result.returncode == 1
    assert b"Traceback" in result.stderr
    assert b"a bug" in result.stderr


async def test_what_trying_again_will_not_mend_is_one_clear_line(tmp_path: Path) -> None:
    result = await acd(config(tmp_path), code=CRASHES.format(error="errors.SettingsError('the secret is wrong')"))
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == b"the secret is wrong"
    assert b"Traceback" not in result.stderr


async def test_a_log_that_nobody_reads_does_not_hold_up_the_daemon(tmp_path: Path) -> None:
    """Standard error is a pipe whose other end is stuck: it still serves, and it still stops."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    filled = 0
    while True:
        try:
            filled += os.write(writing, b"x" * 4096)
        except BlockingIOError:
            break
    os.set_blocking(writing, True)
    port = _free_port()
    async with trio.open_nursery() as nursery:
        run = partial(trio.run_process, stderr=writing, check=False)
        process: trio.Process = await nursery.start(run, command("serve", "-c", config(tmp_path, port=port)))
        os.close(writing)
        daemon = Acd(parse(table(tmp_path), "the test"), ScriptedPbx(), f"http://127.0.0.1:{port}/")
        await until(partial(_answers, daemon, "/healthz"), STARTS_S_MAX)
        async with daemon.client("ann") as ann:
            await ann.does("ready")
        process.send_signal(signal.SIGTERM)
        with trio.fail_after(10):
            await process.wait()
        assert process.returncode == 0
    os.close(reading)


async def _answers(daemon: Acd, path: str) -> bool:
    try:
        return (await daemon.get(path))[0] == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
