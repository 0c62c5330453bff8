"""The process of the simulated Asterisk: `simulator.load.asterisk` on a socket, in one loop with its callers."""

from __future__ import annotations

import socket
import time
from random import Random
from typing import Any

import trio

from simulator.load.ami_words import GREETING, ActionReader
from simulator.load.asterisk import Asterisk
from simulator.load.child import Words, serve_parent
from simulator.load.crowd import Callers, Crowd
from simulator.load.timers import Timers

CHUNK_BYTES = 1 << 16
ONCE = 50
"""So many actions are obeyed in one go, for what is said about them to go out between."""


class Wire:
    """One connection to the manager interface: it never waits for who reads."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self._out = bytearray()
        self._full = trio.Event()

    def say(self, words: bytes) -> None:
        """Say that at the next `flush`."""
        self._out += words

    def flush(self) -> None:
        """Hand over what there is to say, as far as it is taken."""
        while self._out:
            try:
                sent = self.peer.send(self._out)
            except BlockingIOError:
                self._full.set()
                return
            except OSError:
                self._out.clear()
                return
            del self._out[:sent]

    async def push_on(self) -> None:
        """Say on whenever there is room again."""
        while True:
            await self._full.wait()
            self._full = trio.Event()
            await trio.lowlevel.wait_writable(self.peer)
            self.flush()


class Exchange:
    """Asterisk, its clock and its wires."""

    def __init__(self, pbx: Asterisk, timers: Timers) -> None:
        self._pbx, self._timers = pbx, timers
        self._wires: list[Wire] = []
        self._news = trio.Event()
        self._looks_at = 0.0
        self.lag_ms: list[float] = []
        """How late each look at the clock was."""

    async def keep_time(self) -> None:
        """Do what is due when it is."""
        while True:
            self._looks_at = self._timers.next_at()
            self._news = trio.Event()
            with trio.move_on_after(max(self._looks_at - time.monotonic(), 0)):
                await self._news.wait()
            now = time.monotonic()
            if self._timers.next_at() <= now:
                self.lag_ms.append((now - self._timers.next_at()) * 1000)
                self._timers.run(now)
                self.flush()
            await trio.lowlevel.checkpoint()

    def flush(self) -> None:
        """Say everything, and look at the clock anew if something is due earlier now."""
        for wire in self._wires:
            wire.flush()
        if self._timers.next_at() < self._looks_at:
            self._news.set()

    async def serve(self, listener: socket.socket) -> None:
        """Take one connection after another."""
        async with trio.open_nursery() as nursery:
            while True:
                await trio.lowlevel.wait_readable(listener)
                peer, _ = listener.accept()
                peer.setblocking(False)
                peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                nursery.start_soon(self._converse, Wire(peer))

    async def _converse(self, wire: Wire) -> None:
        self._wires.append(wire)
        wire.say(GREETING)
        wire.flush()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(wire.push_on)
                await self._obey(wire)
                nursery.cancel_scope.cancel()
        finally:
            self._wires.remove(wire)
            self._pbx.forget(wire.say)
            wire.peer.close()

    async def _obey(self, wire: Wire) -> None:
        reader = ActionReader()
        while chunk := await _received(wire.peer):
            actions = reader.feed(chunk)
            for begin in range(0, len(actions), ONCE):
                for action in actions[begin : begin + ONCE]:
                    self._pbx.obey(action, wire.say)
                self.flush()


async def _received(peer: socket.socket) -> bytes:
    """What comes next; nothing at the end."""
    while True:
        await trio.lowlevel.wait_readable(peer)
        try:
            return peer.recv(CHUNK_BYTES)
        except BlockingIOError:
            continue
        except OSError:
            return b""


class Process:
    """What the parent may ask for."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._exchange: Exchange | None = None
        self._callers: Callers | None = None

    async def obey(self, words: Words) -> Words:
        """One word of the parent's."""
        if words["do"] == "open":
            return await self._open(words)
        callers = self._callers
        assert callers is not None
        assert self._exchange is not None
        if words["do"] == "fill":
            callers.fill(words["per_s"])
        elif words["do"] == "go_on":
            callers.go_on(words["per_s"], words["talk_s"])
        elif words["do"] == "drain":
            callers.drain(words["per_s"])
        self._exchange.flush()
        return self._report(callers, self._exchange) if words["do"] == "collect" else {}

    async def _open(self, words: Words) -> Words:
        try:
            listener = socket.create_server(("127.0.0.1", words["port"]), backlog=16)
        except OSError as error:
            return {"failed": f"can't listen on port {words['port']} as Asterisk's manager interface: {error.strerror}"}
        listener.setblocking(False)
        crowd = Crowd(words["busy_agents"], words["backlog"])
        timers, now = Timers(), time.monotonic
        self._callers = Callers(crowd, timers, now, Random(words["seed"]))
        pbx = self._callers.pbx = Asterisk(self._callers, timers, now, time.time(), words["devices"], words["secret"])
        self._exchange = Exchange(pbx, timers)
        self._nursery.start_soon(self._exchange.keep_time)
        self._nursery.start_soon(self._exchange.serve, listener)
        return {"port": listener.getsockname()[1]}

    @staticmethod
    def _report(callers: Callers, exchange: Exchange) -> dict[str, Any]:
        lag_ms, exchange.lag_ms = exchange.lag_ms, []
        return {**callers.report(), "lag_ms": lag_ms}


if __name__ == "__main__":
    trio.run(serve_parent, lambda nursery: Process(nursery).obey)
