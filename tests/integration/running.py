"""The real daemon in this process, a PBX that does what the test says, and clients of the real protocol.

    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.does("ready")
        acd.pbx.call("c1")
        offer = await ann.sees("offer", call="c1")

Nothing here sleeps: every wait is for a condition, and ends in an error after `WITHIN_S`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import argon2
import trio
from websockets.exceptions import ConnectionClosed
from websockets.trio.client import ClientConnection, connect

from acd import events as ev
from acd import server
from acd.commands import Command, OfferCall
from acd.cti_adapters.base import Held, Tell
from acd.ids import OfferId
from acd.journal import read
from acd.owner import Watcher
from acd.settings import Settings, parse

WITHIN_S = 5.0
PASSWORD = "sesame öffne dich 芝麻开门"
Message = dict[str, Any]


@cache
def password_hash() -> str:
    """As cheap as argon2 goes: the tests log in hundreds of times."""
    return argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def table(folder: Path, *, agents: int = 0, **others: Any) -> Message:
    """A small centre's configuration: group desk behind 100; ann and bob, `agents` more, and the supervisor sue.

    `others` are keys of its tables: `port`, `client_grace_s`, `wrap_up_s`, `ring_s`, `recording`, `adapter`, `pbx`.
    """
    people = ["ann", "bob", *(f"a{n}" for n in range(agents))]
    group = {key: others[key] for key in ("wrap_up_s", "ring_s", "recording") if key in others}
    return {
        "adapter": others.get("adapter", "simulator"),
        "pbx": others.get("pbx", []),
        "server": {"port": others.get("port", 0), "journal": str(folder / "journal.jsonl")},
        "routing": {"client_grace_s": others.get("client_grace_s", 30)},
        "groups": [{"id": "desk", "name": "Desk 服务台", **group}],
        "entry_points": [{"number": "100", "group": "desk"}],
        "agents": [{"id": name, "device": f"PJSIP/{name}", "password_hash": password_hash()} for name in people],
        "supervisors": [{"id": "sue", "device": "PJSIP/sue", "password_hash": password_hash()}],
    }


class ScriptedPbx:
    """Behind the adapters' port: tells what the test says, keeps what it is commanded."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.devices: list[dict[str, str]] = []
        """The agents' phones, as often as it was told of them."""
        self.phones_known: dict[str, ev.PhoneState] = {}
        self.held: list[Held] = []
        self.on_command: Callable[[Command], None] = lambda _: None
        self._news = trio.Event()
        self._crash = trio.Event()
        self._tell: Tell | None = None

    async def run(self, tell: Tell, commands: trio.MemoryReceiveChannel[Command]) -> None:
        self._tell = tell
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._crash_when_told)
            async for command in commands:
                self.on_command(command)
                self.commands.append(command)
                news, self._news = self._news, trio.Event()
                news.set()

    def adopt(self, calls: Sequence[Held]) -> None:
        self.held = list(calls)

    def obey(self, _commands: object) -> bool:
        """Everything by the channel."""
        return False

    def follow_phones(self, devices: Mapping[str, str], known: Mapping[str, ev.PhoneState]) -> None:
        self.devices.append(dict(devices))
        self.phones_known = dict(known)

    async def _crash_when_told(self) -> None:
        await self._crash.wait()
        raise RuntimeError("the adapter has a bug")

    def crash(self) -> None:
        self._crash.set()

    def tell(self, event: Any) -> None:
        assert self._tell is not None
        self._tell(event)

    def call(self, call: str, **others: Any) -> None:
        self.tell(ev.CallArrived(call, "100", **others))

    def accept(self, call: str, number: int = 1) -> None:
        self.tell(ev.OfferAccepted(OfferId(call, number)))

    async def commanded(self, kind: type, call: str) -> Any:
        """The first command of `kind` for `call`, which may be there already."""
        with trio.fail_after(WITHIN_S):
            while True:
                for command in self.commands:
                    if type(command) is kind and _call_of(command) == call:
                        return command
                await self._news.wait()

    async def offered(self, call: str) -> OfferCall:
        return await self.commanded(OfferCall, call)

    def kinds(self) -> list[type]:
        return [type(command) for command in self.commands]


def _call_of(command: Any) -> str:
    return str(command.offer.call if hasattr(command, "offer") else command.call)


class Client:
    """A client of the protocol. Every event's `seq` is checked; what was not asked for yet is kept."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.events: list[Message] = []
        """All events so far."""
        self.hello: Message = {}
        self._unseen: list[Message] = []
        self._answers: dict[int | None, Message] = {}
        self._number = 0
        self._seq = 0

    async def frame(self, text: str | bytes) -> None:
        await self.connection.send(text)

    async def read(self, within_s: float = WITHIN_S) -> Message:
        """The next message, whatever it is."""
        with trio.fail_after(within_s):
            message: Message = json.loads(await self.connection.recv())
        if message["type"] == "answer":
            self._answers[message["id"]] = message
        elif message["type"] == "hello":
            self.hello = message
        else:
            assert message["seq"] == self._seq + 1, f"after {self._seq} comes {message}"
            self._seq += 1
            self.events.append(message)
            self._unseen.append(message)
        return message

    async def answer(self, number: int | None, within_s: float = WITHIN_S) -> Message:
        """The answer to the request with this id."""
        while number not in self._answers:
            await self.read(within_s)
        return self._answers.pop(number)

    async def ask(self, kind: str, within_s: float = WITHIN_S, **fields: Any) -> Message:
        self._number += 1
        await self.frame(json.dumps({"type": kind, "id": self._number, **fields}))
        return await self.answer(self._number, within_s)

    async def does(self, kind: str, **fields: Any) -> None:
        """Ask for what must be granted."""
        answer = await self.ask(kind, **fields)
        assert answer["ok"], answer
        assert answer["error"] is None

    async def refused(self, kind: str, **fields: Any) -> Message:
        """Ask for what must be refused; the error."""
        answer = await self.ask(kind, **fields)
        assert not answer["ok"], answer
        return dict(answer["error"])

    async def log_in(self, user: str, password: str = PASSWORD, **others: Any) -> Message:
        return await self.ask("log_in", **{"version": 1, "user": user, "password": password, **others})

    async def sees(self, kind: str, **fields: Any) -> Message:
        """The next event of `kind` with these fields; those before it are passed over."""
        while True:
            while self._unseen:
                event = self._unseen.pop(0)
                if event["type"] == kind and fields.items() <= event.items():
                    return event
            await self.read()

    async def caught_up(self) -> list[Message]:
        """All events of the past: an answer comes behind what was told before it."""
        await self.ask("release")
        return self.events

    async def is_closed(self) -> tuple[int | None, str]:
        """Read on to the end of the connection; its close code and reason."""
        with suppress(ConnectionClosed):
            while True:
                await self.read()
        return self.connection.close_code, self.connection.close_reason or ""


class Acd:
    """The daemon under test."""

    def __init__(self, settings: Settings, pbx: ScriptedPbx, address: str) -> None:
        self.settings = settings
        self.pbx = pbx
        self.address = address
        host, _, port = address.removeprefix("http://").rstrip("/").partition(":")
        self.host, self.port = host, int(port)
        self.url = f"ws://{host}:{port}/ws"

    @property
    def journal(self) -> Path:
        return Path(self.settings.server.journal)

    def files(self) -> set[str]:
        """The names of what lies beside the journal, and its own."""
        return {path.name for path in self.journal.parent.iterdir()}

    def journaled(self) -> list[Any]:
        """The events of the journal so far."""
        return [line.item for line in read(self.journal) if isinstance(line.item, ev.Event)]

    @asynccontextmanager
    async def stranger(self) -> AsyncIterator[Client]:
        """A connection that has not logged in."""
        async with connect(self.url, max_size=None, proxy=None) as connection:
            yield Client(connection)

    @asynccontextmanager
    async def client(self, user: str, **others: Any) -> AsyncIterator[Client]:
        """A client logged in, its snapshot seen."""
        async with self.stranger() as client:
            answer = await client.log_in(user, **others)
            assert answer["ok"], answer
            await client.sees("snapshot")
            yield client

    async def raw(self) -> trio.SocketStream:
        return await trio.open_tcp_stream(self.host, self.port)

    async def get(self, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
        """Status, headers (names in lower case) and body of the answer."""
        async with await self.raw() as stream:
            await stream.send_all(f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n\r\n".encode())
            with trio.fail_after(WITHIN_S):
                whole = b"".join([chunk async for chunk in stream])
        head, _, body = whole.partition(b"\r\n\r\n")
        first, *rest = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in rest)}
        return int(first.split(" ")[1]), headers, body


@asynccontextmanager
async def running(
    folder: Path, *, found: bool = True, watchers: tuple[Watcher, ...] = (), resume: bool = False, **others: Any
) -> AsyncIterator[Acd]:
    """The daemon, until the block ends. `others` as for `table`."""
    settings, pbx = parse(table(folder, **others), "the test"), ScriptedPbx()
    async with trio.open_nursery() as nursery:
        address = await nursery.start(partial(server.serve, resume=resume), settings, pbx, watchers)
        acd = Acd(settings, pbx, address)
        if found:
            pbx.tell(ev.PbxFound())
        yield acd
        nursery.cancel_scope.cancel()


async def until(condition: Callable[[], Any], within_s: float = WITHIN_S) -> None:
    """Wait for what others bring about without an event of ours; `condition` may be asynchronous."""
    with trio.fail_after(within_s):
        while not (value := condition()) or (isinstance(value, Awaitable) and not await value):  # noqa: ASYNC110
            await trio.sleep(0.002)


async def to_the_end(stream: trio.SocketStream) -> bytes:
    """All that comes, until the other side closes or breaks the connection."""
    whole = b""
    with suppress(trio.BrokenResourceError), trio.fail_after(WITHIN_S):
        async for chunk in stream:
            whole += chunk
    return whole
