"""One client of docs/protocol.md, as light as a real WebSocket client can be: thousands live in one process.

It logs in, makes its agent ready, ends wrap-ups, and notes when the server's pushes arrive. Cut off, it comes back with
growing pauses. WebSocket itself is the library `websockets`', without its tasks.
"""

from __future__ import annotations

import json
import struct
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from random import Random
from typing import Any

import trio
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidHandshake
from websockets.frames import Close, Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from acd.protocol import VERSION

READ_BYTES = 1 << 16
PAUSE_S_MIN, PAUSE_S_MAX = 0.1, 5.0
LOG_IN_S_MAX = 60.0
SLOW_READ_BYTES, SLOW_PAUSE_S = 256, 1.0
"""How much who reads slowly reads at a time, and how often."""
NOT_LET_IN = "not let in: "
SLOW_BYTES = 4096
"""The receive buffer of who is to read slowly: the system itself would read on for megabytes otherwise."""
CUT = struct.pack("ii", 1, 0)
"""SO_LINGER that breaks a connection instead of closing it."""


@dataclass(slots=True)
class Notes:
    """What all clients of a process have noted since the last time."""

    offers: list[tuple[str, str, float]] = field(default_factory=list)
    """Call, number of the offer, when it came."""
    connected: list[tuple[str, str, float]] = field(default_factory=list)
    """Call, agent, when it came."""
    log_ins_ms: list[float] = field(default_factory=list)
    """From the first try to connect to the snapshot."""
    slow_offers: list[tuple[str, str, float]] = field(default_factory=list)
    """Likewise offers, seen by who reads slowly."""
    events: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    """Why connections ended or weren't made, and what was refused."""


class Gone(Exception):
    """The connection is over; the text says how."""


class Reads(Enum):
    """How a client reads."""

    AT_ONCE = "at once"
    SLOWLY = "slowly"
    NOT = "not"


class Desk:
    """One user."""

    def __init__(self, at: Any, user: str, notes: Notes, rng: Random) -> None:
        self._at, self.user, self._notes, self._rng = at, user, notes, rng
        self.is_in = False
        self.is_agents = False
        """Whether the server has said that the user is an agent."""
        self._reading = Reads.AT_ONCE
        self.was_slow = False
        """Whether it has ever read slowly, or not at all."""
        self._was_cut = False
        self.let_go = ""
        """How the server has ended a connection that wasn't read, or slowly; empty if it hasn't."""
        self._asked_for_life: int | None = None
        """The request by which a client who reads on finds out whether it is connected still."""
        self._has_tried = False
        """Whether the server may take an earlier connection of ours for alive."""
        self._reads = trio.Event()
        self._reads.set()
        self._socket: trio.socket.SocketType | None = None
        self._number = 0
        self._protocol: ClientProtocol | None = None

    # --- its life -----------------------------------------------------------------------------------------------------

    async def live(self) -> None:
        """Be logged in, again and again; who is there only to be slow is not any more when it has been let go."""
        pause_s, since = PAUSE_S_MIN, time.monotonic()
        while True:
            try:
                await self._converse(since)
            except (OSError, trio.ClosedResourceError, trio.TooSlowError, InvalidHandshake, Gone) as error:
                self._note_end(error)
            if self.is_in:
                pause_s, since = PAUSE_S_MIN, time.monotonic()
            self.is_in = self._was_cut = False
            if self.was_slow and self._at.is_for_slow:
                return
            await trio.sleep(self._rng.uniform(0.5, 1.5) * pause_s)
            pause_s = min(2 * pause_s, PAUSE_S_MAX)

    def _note_end(self, error: Exception) -> None:
        how = str(error) if isinstance(error, Gone) else f"{type(error).__name__}: {error}"
        if self.is_slow and self.is_in:
            self.let_go = how
            if self._reading is not Reads.SLOWLY or self._asked_for_life is not None:
                self._read_at_once()
        elif not self._was_cut:
            self._notes.failures[how] += 1

    @property
    def is_slow(self) -> bool:
        """Whether it reads slowly or not at all, or doesn't know yet what became of it meanwhile."""
        return self._reading is not Reads.AT_ONCE

    def stop_reading(self) -> None:
        """Read nothing any more, until `read_on`."""
        self._reading, self.was_slow = Reads.NOT, True
        self._reads = trio.Event()

    def read_slowly(self) -> None:
        """Read a little at a time, until `read_on`."""
        self._reading, self.was_slow = Reads.SLOWLY, True

    def read_on(self) -> None:
        """Read what there is, to the end of the connection if it has been ended; if it hasn't, be as ever."""
        self._reads.set()
        if self.is_in and self.is_slow:
            self._ask("ping")
            self._asked_for_life = self._number
            self._at.later(0, self._flush_while_it_lasts)
        else:
            self._read_at_once()

    def _read_at_once(self) -> None:
        self._reading, self._asked_for_life = Reads.AT_ONCE, None

    def cut(self) -> None:
        """Break the connection."""
        if self._socket is not None:
            self._was_cut = True
            self._socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_LINGER, CUT)
            self._socket.close()

    # --- the connection -----------------------------------------------------------------------------------------------

    async def _converse(self, since: float) -> None:
        with trio.socket.socket(self._at.family) as self._socket:
            if self._at.is_for_slow:
                self._socket.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, SLOW_BYTES)
            self._socket.setsockopt(trio.socket.IPPROTO_TCP, trio.socket.TCP_NODELAY, 1)
            self._protocol = ClientProtocol(parse_uri(self._at.url), max_size=None)
            with trio.fail_after(LOG_IN_S_MAX):
                await self._socket.connect((self._at.host, self._at.port))
                self._protocol.send_request(self._protocol.connect())
                await self._flush()
                while not self.is_in:
                    await self._read(since)
            while True:
                await self._read(since)

    async def _read(self, since: float) -> None:
        assert self._socket is not None
        assert self._protocol is not None
        await self._reads.wait()
        chunk = await self._socket.recv(await self._take_its_time())
        at = time.monotonic()
        if not chunk:
            raise Gone("closed by the server without a word")
        self._protocol.receive_data(chunk)
        for event in self._protocol.events_received():
            await self._take(event, at, since)
        await self._flush()

    async def _take_its_time(self) -> int:
        """How many bytes to read then."""
        if self._reading is not Reads.SLOWLY or self._asked_for_life is not None:
            return READ_BYTES
        await trio.sleep(SLOW_PAUSE_S)
        return SLOW_READ_BYTES

    async def _take(self, event: Any, at: float, since: float) -> None:
        if isinstance(event, Response):
            assert self._protocol is not None
            if self._protocol.handshake_exc is not None:
                raise Gone(f"no handshake: {self._protocol.handshake_exc}")
            words = {"version": VERSION, "user": self.user, "password": self._at.password}
            self._ask("log_in", **words, take_over=self._has_tried)
            self._has_tried = True
        elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
            self._hear(json.loads(bytes(event.data)), at, since)
        elif isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
            close = Close.parse(bytes(event.data))
            raise Gone(f"closed by the server: {close.code} {close.reason}".rstrip())

    async def _flush(self) -> None:
        assert self._protocol is not None
        assert self._socket is not None
        for data in self._protocol.data_to_send():
            while data:
                data = data[await self._socket.send(data) :]

    def _ask(self, kind: str, **fields: Any) -> None:
        self._number += 1
        assert self._protocol is not None
        self._protocol.send_text(json.dumps({"type": kind, "id": self._number, **fields}).encode())

    # --- what is said -------------------------------------------------------------------------------------------------

    def _hear(self, message: dict[str, Any], at: float, since: float) -> None:
        self._notes.events += 1
        hear = self._HEARS.get(message["type"])
        if hear is not None:
            hear(self, message, at, since)

    def _offer(self, message: dict[str, Any], at: float, _since: float) -> None:
        if message["agent"] == self.user and self._reading is not Reads.NOT:
            offers = self._notes.slow_offers if self.is_slow else self._notes.offers
            offers.append((message["call"], str(message["offer"]), at))

    def _connected(self, message: dict[str, Any], at: float, _since: float) -> None:
        if message["agent"] == self.user and not self.is_slow:
            self._notes.connected.append((message["call"], self.user, at))

    def _answer(self, message: dict[str, Any], _at: float, _since: float) -> None:
        if message["id"] == self._asked_for_life:
            self._read_at_once()
        if not message["ok"]:
            if not self.is_in:
                raise Gone(f"{NOT_LET_IN}{self.user}: {message['error']['message']}")
            self._notes.failures[f"refused: {message['error']['code']}"] += 1

    def _snapshot(self, message: dict[str, Any], at: float, since: float) -> None:
        if not self.is_in:
            self._notes.log_ins_ms.append((at - since) * 1000)
        self.is_in = True
        self.is_agents = message["role"] == "agent"
        if self.is_agents:
            for agent in message["agents"]:
                self._agent(agent, at, since)

    def _agent(self, message: dict[str, Any], _at: float, _since: float) -> None:
        if message["agent"] != self.user:
            return
        if message["state"] == "not-ready":
            self._ask("ready")
        elif message["state"] == "wrap-up":
            self._at.later(self._at.wrap_up_s * self._rng.uniform(0.5, 1.5), partial(self._done, self._protocol))

    async def _done(self, connection: ClientProtocol | None) -> None:
        """The end of a wrap-up; who has come back since then sees in the snapshot how things are."""
        if self.is_in and self._protocol is connection and self._reading is not Reads.NOT:
            self._ask("ready")
            await self._flush_while_it_lasts()

    async def _flush_while_it_lasts(self) -> None:
        """What becomes of a broken connection, its reader notes."""
        with suppress(OSError, trio.ClosedResourceError):
            await self._flush()

    def _goodbye(self, message: dict[str, Any], _at: float, _since: float) -> None:
        raise Gone(f"goodbye, {message['code']}")

    _HEARS = {  # noqa: RUF012
        "answer": _answer,
        "snapshot": _snapshot,
        "agent": _agent,
        "offer": _offer,
        "connected": _connected,
        "goodbye": _goodbye,
    }
