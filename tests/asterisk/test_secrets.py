"""No secret is ever written down: through logins good and bad, lost links, rubbish and a crash, at the level debug."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import trio
from websockets.trio.client import connect

from tests.asterisk.house import adapter_toml
from tests.asterisk.manager import change_account
from tests.asterisk.scripted_core import acd_pbx
from tests.daemon import PASSWORD, Centre, Daemon, daemon, http_get, password_hash
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

SECRET = "hush-this-is-asterisks-secret"
WRONG_PASSWORD = "hush-this-is-a-wrong-password"
DEBUG = 'log_level = "debug"'
CENTRE = Centre(agents={"1001": {}})
WITHIN_S = 15.0


def toml(pbx: AsteriskServer, more: str = "retry_s_max = 0.2") -> str:
    return f"{adapter_toml(pbx, SECRET)}\n{more}"


def noisy(acd: Daemon) -> None:
    text = acd.config.read_text()
    acd.config.write_text(text.replace("[server]", f"[server]\n{DEBUG}"))


async def command(*words: str | Path, text: str = "") -> str:
    """All that the command `acd` prints."""
    line = [sys.executable, "-m", "acd", *map(str, words)]
    run = await trio.run_process(line, capture_stdout=True, stderr=subprocess.STDOUT, stdin=text.encode(), check=False)
    return run.stdout.decode()


async def token_of(pbx: AsteriskServer) -> str:
    [token] = re.findall(r"ACD_TOKEN=(\w+)", await pbx.cli("dialplan show globals"))
    return str(token)


async def test_nothing_secret_is_written_in_a_life_with_every_mishap(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Refused, let in, cut off, linked anew, a call, clients with right and wrong passwords, a reload."""
    said: list[str] = []
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        async with daemon(CENTRE, toml(pbx), tmp_path, start=False) as acd:
            noisy(acd)
            await acd.start(until="/healthz")
            await acd.logs("pbx lost", within_s=WITHIN_S)
            await change_account(pbx, {"change-this-secret": SECRET})
            await acd.logs("pbx found", within_s=WITHIN_S)
            tokens = {await token_of(pbx)}
            async with acd.client("lead") as lead:
                await sip.dial("8001", name="Eve")
                await lead.sees("call", entry="8001")
                said.append(str(lead.events) + str(lead.snapshot))
                await pbx.kill()
                await acd.logs("pbx lost", 2, within_s=WITHIN_S)
                await pbx.start()
                await acd.logs("pbx found", 2, within_s=WITHIN_S)
                tokens.add(await token_of(pbx))
            await wrong_password(acd)
            acd.config.write_text(acd.config.read_text().replace(SECRET, f"{SECRET}-2").replace("desk", "counter"))
            for options in (("--dry-run",), ()):
                url = acd.address.replace("http", "ws") + "ws"
                ask = ("reload", "--url", url, "--user", "lead", "--password", PASSWORD, *options)
                said.append(await command(*ask))
            assert "counter" in said[-1], "the reload was done"
            said.append((await http_get(acd.address, "/metrics")).decode())
            said.append(await command("check", acd.config))
            said.append(await command("doctor", "-c", acd.config))
            said.append(await command("doctor", "-c", acd.config, "--json"))
        written = [path.read_text(errors="replace") for path in (acd.log, acd.journal)]
    no_secret_in([*said, *written], [SECRET, PASSWORD, WRONG_PASSWORD, password_hash(), *tokens])


async def wrong_password(acd: Daemon) -> None:
    log_in = {"type": "log_in", "id": 1, "version": 1, "user": "1001", "password": WRONG_PASSWORD}
    async with connect(acd.address.replace("http", "ws") + "ws") as connection:
        await connection.send(json.dumps(log_in))
        with trio.fail_after(WITHIN_S):
            while (answer := json.loads(await connection.recv()))["type"] != "answer":
                pass
        assert answer["ok"] is False


def no_secret_in(texts: list[str], secrets: list[str]) -> None:
    for text in texts:
        assert [secret for secret in secrets if secret in text] == []


RUBBISH = {
    "not-utf-8": b"Asterisk Call Manager/11.0.0\r\nResponse: \xff\xfe\r\n\r\n",
    "no-end": b"Asterisk Call Manager/11.0.0\r\n" + b"x" * 3_000_000,
    "closed": b"",
    "odd-events": b"Asterisk Call Manager/11.0.0\r\nEvent: UserEvent\r\nUserEvent: ACDWait\r\n\r\n",
}


async def test_nothing_secret_is_written_when_something_else_answers(tmp_path: Path) -> None:
    """It gets the secret, for who listens there can't be known; the log doesn't."""
    turns = iter([*RUBBISH.values()] * 2)
    got = bytearray()

    async def answer(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            await stream.send_all(next(turns, b""))
            with trio.move_on_after(0.1):
                async for chunk in stream:
                    got.extend(chunk)
        await stream.aclose()

    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, answer, listeners)
        port = listeners[0].socket.getsockname()[1]
        adapter = f'adapter = "asterisk"\n[asterisk]\nport = {port}\nsecret = "{SECRET}"\nretry_s_max = 0.1'
        async with daemon(CENTRE, adapter, tmp_path, start=False) as acd:
            noisy(acd)
            await acd.start(until="/healthz")
            await acd.logs("pbx lost", within_s=WITHIN_S)
            with trio.fail_after(WITHIN_S):
                while SECRET.encode() not in got:  # noqa: ASYNC110
                    await trio.sleep(0.05)
        nursery.cancel_scope.cancel()
    no_secret_in([acd.log.read_text(), acd.journal.read_text()], [SECRET, password_hash()])


CRASH = """
import sys
from acd.cti_adapters.asterisk import words
from acd import cli
def broken(self, message):
    if message.get("Event"):
        raise RuntimeError("a bug of ours")
    return fact(self, message)
fact, words.Reader.fact = words.Reader.fact, broken
cli.main(["serve", "-c", sys.argv[1]])
"""


async def test_nothing_secret_is_written_by_a_crash(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A bug in the reading of events ends the daemon, with all its traceback."""
    async with boot_pbx(acd_pbx()) as pbx:
        await change_account(pbx, {"change-this-secret": SECRET})
        acd = Daemon(CENTRE, toml(pbx), tmp_path)
        noisy(acd)
        with trio.fail_after(WITHIN_S):
            run = await trio.run_process(
                [sys.executable, "-c", CRASH, str(acd.config)], capture_stdout=True, capture_stderr=True, check=False
            )
        token = await token_of(pbx)
    told = run.stdout.decode() + run.stderr.decode()
    assert run.returncode != 0
    assert "a bug of ours" in told, told
    no_secret_in([told, acd.journal.read_text()], [SECRET, PASSWORD, password_hash(), token])


@pytest.mark.parametrize(
    "slip",
    ['secrte = "{secret}"', 'secret = ["{secret}"]', 'secret = "{secret}"\nuser = ""'],
    ids=["misspelled", "a-list", "beside-a-fault"],
)
async def test_a_bad_configuration_is_told_without_its_secret(tmp_path: Path, slip: str) -> None:
    path = tmp_path / "acd.toml"
    path.write_text(CENTRE.toml(f'adapter = "asterisk"\n[asterisk]\n{slip.format(secret=SECRET)}', tmp_path / "j"))
    told = await command("check", path) + await command("doctor", "-c", path)
    assert "asterisk." in told
    no_secret_in([told], [SECRET])
