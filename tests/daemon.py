"""The real daemon in a process of its own, and clients of its protocol, for tests on real parts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import trio
from websockets.exceptions import ConnectionClosed
from websockets.trio.client import ClientConnection, connect

from acd.web.accounts import hashed

WITHIN_S = 10.0
PASSWORD = "open sesame"
Message = dict[str, Any]


@cache
def password_hash() -> str:
    return hashed(PASSWORD)


@dataclass(frozen=True)
class Centre:
    """A configuration in short: groups and entry points by name, agents 1001... by their skills."""

    agents: Mapping[str, Mapping[str, int]]
    """Agent's id, which is its phone's number too -> skills."""
    groups: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"desk": {}})
    """Group's id -> its keys beside the id."""
    entries: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"8001": {"group": "desk"}})
    tables: str = ""
    """More TOML, at the end."""
    keys_of_agents: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Agent's id -> its keys that aren't as usual."""
    keys_of_lead: Mapping[str, Any] = field(default_factory=dict)
    """The supervisor's, likewise."""

    def toml(self, adapter: str, journal: Path) -> str:
        parts = [adapter, f"[server]\nport = 0\njournal = {str(journal)!r}"]
        parts += [_table("groups", {"id": group, **keys}) for group, keys in self.groups.items()]
        parts += [_table("entry_points", {"number": number, **keys}) for number, keys in self.entries.items()]
        parts += [_table("agents", self._agent(agent, skills)) for agent, skills in self.agents.items()]
        parts += [_table("supervisors", {"id": "lead", "password_hash": password_hash(), **self.keys_of_lead})]
        return "\n".join([*parts, self.tables])

    def _agent(self, agent: str, skills: Mapping[str, int]) -> Mapping[str, Any]:
        keys = {"id": agent, "device": f"PJSIP/{agent}", "skills": skills, "password_hash": password_hash()}
        return keys | self.keys_of_agents.get(agent, {})


def _table(name: str, keys: Mapping[str, Any]) -> str:
    return "\n".join([f"[[{name}]]", *(f"{key} = {_toml(value)}" for key, value in keys.items())])


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


class Client:
    """An agent's or a supervisor's client. Every event is kept; `sees` waits for the next that fits."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.events: list[Message] = []
        self.snapshot: Message = {}
        self.may_be_cut = False
        """Whether the daemon has been killed, which tells nobody."""
        self._answers: dict[int, Message] = {}
        self._news = trio.Event()
        self._number = 0
        self._seen = 0

    async def listen(self) -> None:
        """Hear the server out: until the connection ends, which must have been announced by a goodbye."""
        try:
            await self._hear()
        except ConnectionClosed:
            if not self.may_be_cut and (not self.events or self.events[-1]["type"] != "goodbye"):
                raise

    async def _hear(self) -> None:
        async for frame in self.connection:
            message = json.loads(frame)
            if message["type"] == "answer":
                self._answers[message["id"]] = message
            else:
                self.events.append(message)
            news, self._news = self._news, trio.Event()
            news.set()

    async def ask(self, kind: str, **fields: Any) -> Message:
        """Send a request; its answer."""
        self._number += 1
        number = self._number
        await self.connection.send(json.dumps({"type": kind, "id": number, **fields}))
        with trio.fail_after(WITHIN_S):
            while number not in self._answers:
                await self._news.wait()
        return self._answers.pop(number)

    async def does(self, kind: str, **fields: Any) -> None:
        """Send a request that must be granted."""
        answer = await self.ask(kind, **fields)
        assert answer["ok"], answer

    async def sees(self, kind: str, within_s: float = WITHIN_S, **fields: Any) -> Message:
        """The next event of `kind` with these fields; those passed over count as seen."""
        with trio.move_on_after(within_s):
            while True:
                while self._seen < len(self.events):
                    event = self.events[self._seen]
                    self._seen += 1
                    if event["type"] == kind and all(event.get(key) == value for key, value in fields.items()):
                        return event
                await self._news.wait()
        raise AssertionError(f"no {kind} with {fields} within {within_s} s; seen: {self.events[-8:]}")

    async def is_in(self, state: str, within_s: float = WITHIN_S, **fields: Any) -> Message:
        """Wait until the agent's state is `state`."""
        return await self.sees("agent", within_s, state=state, **fields)


class Daemon:
    """`acd serve` on a configuration of its own. `start`, `stop` and `kill` as often as the test likes."""

    def __init__(self, centre: Centre, adapter: str, folder: Path) -> None:
        self.config = folder / "acd.toml"
        self.log = folder / "acd.log"
        self.journal = folder / "journal.jsonl"
        self.config.write_text(centre.toml(adapter, self.journal), encoding="utf-8")
        self.address = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._clients: list[Client] = []

    @property
    def running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "the daemon isn't running"
        return self._process

    async def start(self, *options: str, until: str = "/readyz") -> None:
        """Start it with these options and wait until it serves, and answers 200 at the path `until`."""
        with self.log.open("ab") as log:
            begin = log.tell()
            command = [sys.executable, "-m", "acd", "serve", "-c", str(self.config), *options]
            self._process = subprocess.Popen(command, stderr=log, stdout=log)  # noqa: ASYNC220 - outlives this task
        try:
            with trio.fail_after(WITHIN_S):
                self.address = await self._serving(begin)
                await until_true(lambda: http_status(self.address, until), 200)
        except trio.TooSlowError:
            raise AssertionError(f"not serving:\n{self.log.read_text()}") from None

    async def _serving(self, begin: int) -> str:
        while True:
            for line in self.log.read_bytes()[begin:].splitlines():
                entry = _json(line)
                if entry.get("event") == "serving":
                    return str(entry["address"])
            assert self.running.poll() is None, f"ended:\n{self.log.read_text()}"
            await trio.sleep(0.01)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        self.running.send_signal(signal.SIGTERM)
        return await self._ended()

    async def kill(self) -> None:
        """SIGKILL. Clients that are connected aren't told anything; they may only be left alone."""
        for client in self._clients:
            client.may_be_cut = True
        self.running.kill()
        await self._ended()

    async def _ended(self) -> int:
        process, self._process = self.running, None
        with trio.fail_after(WITHIN_S):
            return await trio.to_thread.run_sync(process.wait, abandon_on_cancel=True)

    def logged(self) -> list[Message]:
        return [_json(line) for line in self.log.read_bytes().splitlines()]

    async def logs(self, event: str, times: int = 1, within_s: float = WITHIN_S, **facts: object) -> Message:
        """The line that says so for the so-manieth time, once it is written: lines may be a moment late."""
        with trio.fail_after(within_s):
            while True:
                said = [line for line in self.logged() if line.get("event") == event and facts.items() <= line.items()]
                if len(said) >= times:
                    return said[times - 1]
                await trio.sleep(0.01)

    @asynccontextmanager
    async def client(self, user: str, *, take_over: bool = False) -> AsyncIterator[Client]:
        """A client logged in as `user`."""
        url = self.address.replace("http", "ws") + "ws"
        async with connect(url, max_size=None) as connection, trio.open_nursery() as nursery:
            client = Client(connection)
            self._clients.append(client)
            nursery.start_soon(client.listen)
            await client.does("log_in", version=1, user=user, password=PASSWORD, take_over=take_over)
            client.snapshot = await client.sees("snapshot")
            yield client
            nursery.cancel_scope.cancel()

    @asynccontextmanager
    async def agents(self, *users: str, ready: bool = True) -> AsyncIterator[list[Client]]:
        """Clients of `users`, made ready one after the other: the first is the longest idle."""
        async with trio.open_nursery() as nursery:
            clients: dict[str, Client] = {}
            for user in users:
                clients[user] = await nursery.start(self._hold, user)
                if ready:
                    await clients[user].does("ready")
            yield [clients[user] for user in users]
            nursery.cancel_scope.cancel()

    async def _hold(self, user: str, task_status: trio.TaskStatus[Client]) -> None:
        async with self.client(user) as client:
            task_status.started(client)
            await trio.sleep_forever()


def _json(line: bytes) -> Message:
    try:
        return dict(json.loads(line))
    except ValueError:
        return {"event": line.decode("utf-8", "replace")}


async def http_get(address: str, path: str) -> bytes:
    """The whole answer to a GET."""
    host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
    async with await trio.open_tcp_stream(host, int(port)) as stream:
        await stream.send_all(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return b"".join([chunk async for chunk in stream])


async def until_true(ask: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Ask until the answer is `wanted`; the caller sets the deadline."""
    while await ask() != wanted:  # noqa: ASYNC110 - another process has no event to wait for
        await trio.sleep(0.01)


async def http_status(address: str, path: str) -> int:
    return int((await http_get(address, path)).split(b" ", 2)[1])


@asynccontextmanager
async def daemon(centre: Centre, adapter: str, folder: Path, *, start: bool = True) -> AsyncIterator[Daemon]:
    """A running daemon, which must still run at the end or have been stopped, and must not have failed."""
    acd = Daemon(centre, adapter, folder)
    try:
        if start:
            await acd.start()
        yield acd
        if acd._process is not None:
            assert await acd.stop() == 0, acd.log.read_text()
        assert "Traceback" not in acd.log.read_text(), acd.log.read_text()
    except BaseException:
        sys.stdout.write(acd.log.read_text()[-20_000:])
        raise
    finally:
        if acd._process is not None:
            os.kill(acd._process.pid, signal.SIGKILL)
            acd._process.wait()
