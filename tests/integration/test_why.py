"""`acd why` as a supervisor runs it, in a process of its own: beside the running daemon, and on what it left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import trio

from acd import events as ev
from acd.explain.answers import CallWhy, from_json
from tests.integration.running import PASSWORD, Acd, running

RUNS_S_MAX = 30.0


async def why(*words: str | Path, language: str = "en") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "acd", "why", *map(str, words), "--lang", language]
    with trio.fail_after(RUNS_S_MAX):
        return await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)


async def asked(acd: Acd, *words: str, **others: Any) -> str:
    """What the running server answers to the supervisor sue."""
    done = await why(*words, "--url", acd.url, "--user", "sue", "--password", PASSWORD, **others)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


async def test_the_running_server_is_asked_and_so_is_its_journal(tmp_path: Path) -> None:
    async with running(tmp_path, ring_s=120) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await ann.does("ready")
        acd.pbx.call("c1", caller_number="138", caller_name="张三")
        acd.pbx.call("c2")
        await sue.sees("call", call="c2")
        text = await asked(acd, "c1")
        assert text.startswith("Call c1 from 138 张三, ")
        assert "It rings at ann." in text
        assert "Rings at ann: the call came in." in text
        assert "Waits in Desk 服务台 (desk)" in await asked(acd, "c2")
        assert "1 个等待的呼叫中，该座席能受理 1 个。" in await asked(acd, "--agent", "ann", language="zh")
        story = from_json(json.loads(await asked(acd, "c1", "--json")))
        assert isinstance(story, CallWhy)
        assert [entry.kind for entry in story.entries] == ["arrived", "offered"]


async def test_who_may_not_ask_and_what_nobody_knows_is_told(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        no = await why("c9", "--url", acd.url, "--user", "sue", "--password", "wrong")
        assert (no.returncode, no.stdout) == (2, b"")
        no = await why("c9", "--url", acd.url, "--user", "sue", "--password", PASSWORD)
        assert (no.returncode, b"c9" in no.stderr) == (2, True)
        no = await why("c1", "--url", "ws://127.0.0.1:1/ws", "--user", "sue", "--password", PASSWORD)
        assert (no.returncode, b"can't be reached" in no.stderr) == (2, True)


async def test_the_journal_answers_when_no_server_is_left(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.does("ready")
        acd.pbx.call("c1")
        await acd.pbx.offered("c1")
        acd.pbx.accept("c1")
        acd.pbx.tell(ev.CallerLeft("c1"))
        await ann.sees("finished", call="c1")
    ask = partial(why, "--journal", acd.journal)
    done = await ask("c1")
    assert b"Over: the caller hung up." in done.stdout
    assert (await ask("--agent", "ann")).returncode == 0
    assert (await ask("c7")).returncode == 1
    assert (await why("c1", "--journal", tmp_path / "elsewhere")).returncode == 2
