"""How the doctor tells what listens at the manager's port, and what it sees of this machine."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from click.testing import CliRunner

from acd import cli
from acd.doctor import machine
from acd.doctor.asking import ask, reached
from acd.doctor.command import examined
from acd.doctor.findings import Verdict
from acd.doctor.heard import Reach
from acd.settings import AsteriskSettings, Settings, parse
from acd.shipped import config_folder

GOOD = 'adapter = "simulator"\n[[groups]]\nid = "desk"\n'
Behave = Callable[[trio.SocketStream], Awaitable[None]]


@asynccontextmanager
async def listening(behave: Behave) -> AsyncIterator[int]:
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, behave, listeners)
        yield listeners[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def says_nothing(stream: trio.SocketStream) -> None:
    await trio.sleep_forever()


async def says_ssh(stream: trio.SocketStream) -> None:
    await stream.send_all(b"SSH-2.0-OpenSSH_9.6\r\n")


async def goes(stream: trio.SocketStream) -> None:
    await stream.aclose()


@pytest.mark.parametrize(
    ("behave", "how", "text"),
    [(says_nothing, Reach.SILENT, ""), (says_ssh, Reach.STRANGER, "SSH-2.0-OpenSSH_9.6"), (goes, Reach.STRANGER, "")],
)
async def test_what_listens_there(behave: Behave, how: Reach, text: str) -> None:
    async with listening(behave) as port:
        told = await reached("127.0.0.1", port, 0.3)
    assert (told.how, told.text) == (how, text)


async def test_nobody_listens_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert (await reached("127.0.0.1", free.getsockname()[1], 1)).how is Reach.REFUSED
    assert (await reached("no-such-host.invalid", 5038, 5)).how in (Reach.UNKNOWN_HOST, Reach.SILENT)


async def test_who_greets_as_asterisk_and_says_no_more_holds_nothing_up() -> None:
    """The login stays unanswered, and nothing more is asked."""

    async def greets(stream: trio.SocketStream) -> None:
        await stream.send_all(b"Asterisk Call Manager/11.0.0\r\n")
        async for _ in stream:
            pass

    async with listening(greets) as port:
        at = AsteriskSettings.model_validate({"host": "127.0.0.1", "port": port, "secret": "x", "answer_s_max": 0.2})
        with trio.fail_after(5):
            heard = await ask(at, ["ASTDATADIR"])
    assert heard.reached.how is Reach.OK
    assert heard.login.response is None
    assert heard.replies == {}


# --- this machine ---------------------------------------------------------------------------------------------------


def settings(folder: Path, port: int = 0) -> Settings:
    server = {"journal": str(folder / "deep" / "journal.jsonl"), "port": port}
    return parse({"adapter": "simulator", "groups": [{"id": "desk"}], "server": server}, "x")


async def test_the_journals_folder_need_not_be_there_and_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "acd.toml").write_text(GOOD)
    seen = await machine.look(tmp_path / "acd.toml", settings(tmp_path))
    assert (seen.journal_folder, seen.journal_writable) == (tmp_path, True)
    assert not (tmp_path / "deep").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_folder_of_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / "acd.toml").write_text(GOOD)
    os.chmod(tmp_path, 0o500)  # noqa: PTH101
    seen = await machine.look(tmp_path / "acd.toml", settings(tmp_path))
    os.chmod(tmp_path, 0o700)  # noqa: PTH101
    assert not seen.journal_writable


async def test_who_has_the_web_address(tmp_path: Path) -> None:
    (tmp_path / "acd.toml").write_text(GOOD)

    async def alive(stream: trio.SocketStream) -> None:
        await stream.receive_some()
        await stream.send_all(b"HTTP/1.1 200 OK\r\n\r\nalive\n")

    for behave, who in ((alive, "ours"), (says_ssh, "somebody")):
        async with listening(behave) as port:
            seen = await machine.look(tmp_path / "acd.toml", settings(tmp_path, port))
        assert seen.web == who
    assert (await machine.look(tmp_path / "acd.toml", settings(tmp_path))).web == "free"


def test_sounds_are_there_in_any_language(tmp_path: Path) -> None:
    for sound in ("sounds/zh/hold.gsm", "sounds/own/welcome.wav", "sounds/top.ulaw"):
        (tmp_path / sound).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / sound).touch()
    names = ["hold", "own/welcome", "top", "hol"]
    assert machine.sounds(tmp_path, names) == {"hold": True, "own/welcome": True, "top": True, "hol": False}
    assert machine.sounds(tmp_path / "nowhere", names) is None
    assert machine.sounds(None, names) is None


async def test_the_shipped_example_is_known_for_one() -> None:
    """Its secret, its passwords, its mode."""
    findings = {each.check: each for each in await examined(config_folder() / "acd.toml")}
    assert findings["secret"].verdict is findings["passwords"].verdict is Verdict.WARNING


# --- the command ----------------------------------------------------------------------------------------------------


def test_every_fault_of_a_bad_configuration_is_a_problem_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "acd.toml"
    path.write_text(GOOD.replace("groups", "group"))
    result = CliRunner().invoke(cli.main, ["doctor", "-c", str(path)])
    assert result.exit_code == 1
    assert "groups: is missing" in result.output
    assert "2 problems are to be solved." in result.output


def test_a_good_one_of_the_simulator_ends_with_0(tmp_path: Path) -> None:
    path = tmp_path / "acd.toml"
    path.write_text(GOOD + f'[server]\nport = 0\njournal = "{tmp_path}/j.jsonl"\n')
    result = CliRunner().invoke(cli.main, ["doctor", "-c", str(path), "--lang", "zh"])
    assert result.exit_code == 0, result.output
    assert "适配器是模拟器" in result.output


@pytest.mark.parametrize(("mode", "warned"), [(0o640, False), (0o644, True), (0o604, True)])
def test_check_warns_of_a_secret_that_everybody_may_read(tmp_path: Path, mode: int, warned: bool) -> None:
    path = tmp_path / "acd.toml"
    path.write_text(GOOD.replace('"simulator"', '"asterisk"') + '[asterisk]\nsecret = "hush"\n')
    path.chmod(mode)
    result = CliRunner().invoke(cli.main, ["check", str(path)])
    assert result.exit_code == 0
    assert (f"chmod 640 {path}" in result.stderr) is warned
    assert "hush" not in result.output
