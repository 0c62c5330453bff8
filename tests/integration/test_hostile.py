"""What nobody should send, and many do: the daemon answers or lets go, and serves everybody else as before."""

from __future__ import annotations

import json
import os
import resource
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from acd import events as ev
from acd.web import server as web
from acd.web import sessions
from tests.integration.running import PASSWORD, WITHIN_S, Acd, Client, running, to_the_end, until

BAD_FRAMES = {
    "not JSON": ("{ready", None, "not JSON"),
    "empty": ("", None, "not JSON"),
    "a binary frame": (b'{"type":"ready","id":7}', None, "send JSON as a text frame"),
    "a list": ("[1,2]", None, "a message is a JSON object"),
    "null": ("null", None, "a message is a JSON object"),
    "a string": ('"ready"', None, "a message is a JSON object"),
    "no type": ('{"id":7}', 7, "the types are log_in, "),
    "an unknown type": ('{"type":"dance","id":7}', 7, "type: dance is no request; the types are"),
    "a type that is no text": ('{"type":[],"id":7}', 7, "the types are"),
    "no id": ('{"type":"ready"}', None, "id: is missing"),
    "an id as text": ('{"type":"ready","id":"7"}', None, "id: Input should be a valid integer (it is '7')"),
    "an id as float": ('{"type":"ready","id":7.0}', None, "id: Input should be a valid integer"),
    "a negative id": ('{"type":"ready","id":-1}', None, "greater than or equal to 0 (it is -1)"),
    "an id too big for JavaScript": ('{"type":"ready","id":9007199254740992}', None, "less than 9007199254740992"),
    "an id of 5000 digits": ('{"type":"ready","id":' + "9" * 5000 + "}", None, ""),
    "an id of 4000 digits": ('{"type":"ready","id":' + "9" * 4000 + "}", None, ""),
    "an unknown field": ('{"type":"ready","id":7,"agent":"bob"}', 7, "agent: there is no such field"),
    "an unknown field of 60 kB": (json.dumps({"type": "ready", "id": 7, "k" * 60_000: 1}), 7, "there is no such field"),
    "a reason of the wrong type": ('{"type":"not_ready","id":7,"reason":3}', 7, "reason: Input should be a valid str"),
    "no reason": ('{"type":"not_ready","id":7}', 7, "reason: is missing"),
    "NUL in a reason": ('{"type":"not_ready","id":7,"reason":"lunch\\u0000"}', 7, "reason: String should match"),
    "CR LF in a reason": ('{"type":"not_ready","id":7,"reason":"a\\r\\nSecret: x"}', 7, "reason: String should match"),
    "LF at the end of a reason": ('{"type":"not_ready","id":7,"reason":"lunch\\n"}', 7, "reason: String should match"),
    "half a surrogate": ('{"type":"not_ready","id":7,"reason":"\\ud800"}', None, "not JSON"),
    "a reason too long": (json.dumps({"type": "not_ready", "id": 7, "reason": "x" * 101}), 7, "at most 100 char"),
    "not a number": ('{"type":"ready","id":NaN}', None, "id"),
    "nesting without end": ("[" * 30_000, None, "not JSON"),
    "nesting with an end": ('{"type":"ready","id":' + "[" * 20_000 + "]" * 20_000 + "}", None, "not JSON"),
}


async def serves(client: Client) -> None:
    """The connection still works."""
    assert (await client.refused("release"))["code"] == "no-call"


@pytest.mark.parametrize("name", BAD_FRAMES)
async def test_a_bad_frame_is_answered_and_the_connection_goes_on(tmp_path: Path, name: str) -> None:
    frame, number, words = BAD_FRAMES[name]
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.frame(frame)
        answer = await ann.answer(number)
        assert (answer["ok"], answer["error"]["code"]) == (False, "bad-request")
        assert words in answer["error"]["message"]
        assert len(answer["error"]["message"]) < 1000
        await serves(ann)
        assert [type(event) for event in acd.journaled()][:2] == [ev.PbxFound, ev.LoggedIn]


async def test_a_bad_log_in_never_shows_the_password(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        await client.frame(
            json.dumps({"type": "log_in", "id": 1, "version": 1, "user": "ann", "password": ["hunter2"]})
        )
        answer = await client.answer(1)
        assert answer["error"]["code"] == "bad-request"
        assert "hunter2" not in answer["error"]["message"]


async def test_a_frame_of_10_mb_ends_the_connection_with_1009(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("bob") as bob:
        with suppress(ConnectionClosed):
            await bob.frame("x" * 10_000_000)
        assert (await bob.is_closed())[0] == 1009
        await serves(ann)


async def test_text_that_is_not_utf_8_ends_the_connection_with_1007(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("bob") as bob:
        await bob.connection.send(b"\xff\xfe", text=True)
        assert (await bob.is_closed())[0] == 1007
        await serves(ann)


async def test_a_fault_in_one_session_ends_that_session_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a bug of ours in what a client asks for costs nobody else anything, and is logged with its traceback."""

    def buggy(_frame: object) -> None:
        raise ZeroDivisionError("a bug")

    with capture_logs() as lines:
        async with (
            running(tmp_path) as acd,
            acd.client("ann") as ann,
            acd.client("bob") as bob,
            acd.client("sue") as sue,
        ):
            with monkeypatch.context() as patch:
                patch.setattr(sessions.requests, "parse", buggy)
                await bob.frame("{}")
                assert (await bob.is_closed())[0] in (1000, 1011)
            await serves(ann)
            await sue.does("force_ready", agent="bob")
            assert ev.ClientLost("bob") in acd.journaled()
    assert [line for line in lines if line["event"] == "session failed" and line.get("exc_info")]


# --- slow readers ---------------------------------------------------------------------------------------------


def rss() -> int:
    """Resident memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def deaf(acd: Acd, user: str) -> AsyncIterator[trio.SocketStream]:
    """Logs in by hand and never reads again; its system takes next to nothing."""
    sock = trio.socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    await sock.connect((acd.host, acd.port))
    async with trio.SocketStream(sock) as stream:
        await stream.send_all(
            b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += await stream.receive_some()
        text = json.dumps({"type": "log_in", "id": 1, "version": 1, "user": user, "password": PASSWORD})
        await stream.send_all(_masked(text.encode()))
        yield stream


def _masked(payload: bytes, opcode: int = 1) -> bytes:
    """A whole frame of a client, masked with zeros."""
    size = bytes([0x80 | len(payload)]) if len(payload) < 126 else bytes([0xFE]) + len(payload).to_bytes(2, "big")
    return bytes([0x80 | opcode]) + size + bytes(4) + payload


async def test_who_never_reads_is_dropped_and_nobody_else_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deaf one's share of memory is bounded, and the others see every event meanwhile."""
    monkeypatch.setattr(sessions, "SEND_S_MAX", 0.3)
    monkeypatch.setattr(sessions, "OUTBOX_MAX", 100)
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        async with deaf(acd, "sue") as stream:
            await until(lambda: _sessions(acd) == 2)
            begun = trio.current_time()
            rounds = 0
            while _sessions(acd) == 2 or rounds < 2000:
                await ann.does("ready")
                await ann.does("not_ready", reason="lunch")
                rounds += 1
                assert trio.current_time() < begun + WITHIN_S, "it is still there"
                if rounds == 500:
                    before = rss()
                if rounds > 500 and _sessions(acd) == 1 and rounds % 100 == 0:
                    break
            assert rss() - before < 30_000_000
            await to_the_end(stream)
        async with acd.client("sue") as sue:
            await ann.does("ready")
            await sue.sees("agent", agent="ann", state="ready")


def _sessions(acd: Acd) -> int:
    return sum(task.name.endswith("Session._write") for task in tasks())


async def test_who_falls_behind_and_reads_on_is_told_goodbye(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a close without a word: the goodbye says why, and its number follows on what was sent."""
    monkeypatch.setattr(sessions, "OUTBOX_MAX", 5)
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        for n in range(50):
            acd.pbx.call(f"c{n}")
        assert (await sue.sees("goodbye"))["code"] == "too-slow"
        assert await sue.is_closed() == (4001, "too-slow")
        async with acd.stranger() as again:
            await again.log_in("sue")
            assert len((await again.sees("snapshot"))["calls"]) == 50


# --- strangers ------------------------------------------------------------------------------------------------


def tasks() -> list[Any]:
    """Every task of this Trio run."""
    found, more = [], [trio.lowlevel.current_root_task()]
    while more:
        task = more.pop()
        assert task is not None
        found.append(task)
        more += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return found


GARBAGE = {
    "a GET with empty frames behind it": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + b"\x81\x80\0\0\0\0" * 40,
    "a log-in page with garbage behind it": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + os.urandom(3000),
    "bytes": bytes(range(256)) * 20,
    "TLS": bytes.fromhex("16030100c8010000c40303") + bytes(189),
    "a line without end": b"GET /" + b"a" * 100_000,
    "headers without end": b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 10_000,
    "a POST with a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
    "an upgrade without a key": b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "an upgrade elsewhere": b"GET /nowhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" + b"\x81\x80\0\0\0\0" * 40,
    "frames not masked": b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n" + b"\x81\x02{}" * 40,
    "an opened socket and 200 empty frames": b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    + b"\x81\x80\0\0\0\0"
    * 200,
    "nothing": b"",
}


@pytest.mark.parametrize("name", GARBAGE)
async def test_a_strangers_garbage_leaves_nothing_behind(tmp_path: Path, name: str) -> None:
    """Twenty at once, each gone right after: the daemon's tasks are soon as many as before, and it serves."""
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        before = len(tasks())

        async def stranger() -> None:
            async with await acd.raw() as stream:
                with suppress(trio.BrokenResourceError), trio.move_on_after(0.2):
                    await stream.send_all(GARBAGE[name])
                    await stream.send_eof()
                    await to_the_end(stream)

        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(stranger)
        await until(lambda: len(tasks()) <= before)
        await serves(ann)
        assert (await acd.get("/healthz"))[0] == 200


async def test_a_log_in_that_is_refused_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames queued behind it are nobody's any more."""
    monkeypatch.setattr(sessions, "WRONG_PASSWORD_PAUSE_S", 0)
    async with running(tmp_path) as acd:
        before = len(tasks())
        async with acd.stranger() as client:
            text = json.dumps({"type": "log_in", "id": 1, "version": 1, "user": "ann", "password": "no"})
            with suppress(ConnectionClosed):
                for _ in range(60):
                    await client.frame(text)
            assert (await client.is_closed()) == (4001, "wrong-password")
        await until(lambda: len(tasks()) <= before)


async def test_who_sends_headers_slowly_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "OPEN_S_MAX", 0.2)
    async with running(tmp_path) as acd:
        before = len(tasks())
        async with await acd.raw() as stream:
            begun = trio.current_time()
            await stream.send_all(b"GET / HTTP/1.1\r\nHost:")
            assert await to_the_end(stream) == b""
            assert trio.current_time() - begun < 2
        await until(lambda: len(tasks()) <= before)


async def test_500_clients_connect_and_log_in_at_once(tmp_path: Path) -> None:
    """The morning after an outage: all are let in, and all are told of the first event."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    inside, told, failed = [], [], []
    try:
        async with running(tmp_path, agents=500) as acd:
            everybody = trio.Event()

            async def come(user: str) -> None:
                try:
                    async with acd.client(user) as client:
                        inside.append(user)
                        if len(inside) == 500:
                            everybody.set()
                        await everybody.wait()
                        await client.sees("pbx", why_lost="a test")
                        told.append(user)
                except (OSError, InvalidHandshake, ConnectionClosed) as error:
                    failed.append(error)
                    everybody.set()

            with trio.fail_after(20):
                async with trio.open_nursery() as nursery:
                    for n in range(500):
                        nursery.start_soon(come, f"a{n}")
                    await everybody.wait()
                    acd.pbx.tell(ev.PbxLost("a test"))
            assert not failed
            assert len(told) == 500
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
