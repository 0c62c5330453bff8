"""One connection, with a peer that does what the test says: what comes is heard, and every way of losing it is told."""

from __future__ import annotations

import socket
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from acd.cti_adapters.asterisk.ami import MESSAGE_BYTES_MAX, Message
from acd.cti_adapters.asterisk.link import Link, asyncio_beside_trio, open_link

WITHIN_S = 5.0


class Heard:
    """What the link has handed over."""

    def __init__(self) -> None:
        self.portions: list[Sequence[Message]] = []
        self.error: Exception | None = None
        self._news = trio.Event()

    def __call__(self, messages: Sequence[Message]) -> None:
        if self.error:
            raise self.error
        self.portions.append(messages)
        self._news.set()

    async def calls(self, n: int) -> list[str]:
        """The calls of the first `n` events."""
        while len(calls := [each["Call"] for portion in self.portions for each in portion]) < n:
            self._news = trio.Event()
            await self._news.wait()
        return calls


def event(call: str) -> bytes:
    return f"Event: UserEvent\r\nCall: {call}\r\n\r\n".encode()


@asynccontextmanager
async def linked(heard: Heard) -> AsyncIterator[tuple[Link, trio.SocketStream]]:
    (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
    host, port = listener.socket.getsockname()[:2]
    with trio.fail_after(WITHIN_S):
        async with listener, asyncio_beside_trio(), open_link(host, port, 60, heard, lambda _: True) as link:
            peer = await listener.accept()
            async with peer:
                yield link, peer


async def test_what_comes_is_heard_in_its_order_and_however_it_is_cut() -> None:
    heard = Heard()
    async with linked(heard) as (_, peer):
        whole = b"".join(event(f"c{n}") for n in range(300))
        for begin in range(0, len(whole), 997):
            await peer.send_all(whole[begin : begin + 997])
            await trio.lowlevel.checkpoint()
        assert await heard.calls(300) == [f"c{n}" for n in range(300)]


async def test_what_is_asked_together_is_written_together_and_in_order() -> None:
    async with linked(Heard()) as (link, peer):
        link.send([{"Action": "Ping", "ActionID": "1"}, {"Action": "Setvar", "Variable": ("A=1\r\nX: y", "B=2")}])
        assert await peer.receive_some() == (
            b"Action: Ping\r\nActionID: 1\r\n\r\nAction: Setvar\r\nVariable: A=1X: y\r\nVariable: B=2\r\n\r\n"
        )


async def test_a_peer_that_closes_is_told() -> None:
    heard = Heard()
    async with linked(heard) as (link, peer):
        await peer.send_all(event("last"))
        await peer.aclose()
        assert await link.lost() == "Asterisk closed the connection"
        assert await heard.calls(1) == ["last"]


async def test_a_connection_that_breaks_is_told_with_the_reason() -> None:
    async with linked(Heard()) as (link, peer):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await peer.aclose()
        assert "reset by peer" in await link.lost()


async def test_a_message_without_an_end_is_told() -> None:
    async with linked(Heard()) as (link, peer), trio.open_nursery() as nursery:
        nursery.start_soon(peer.send_all, b"x" * (MESSAGE_BYTES_MAX + 1))
        assert "isn't Asterisk" in await link.lost()
        nursery.cancel_scope.cancel()


async def test_nothing_is_heard_of_a_link_that_is_lost() -> None:
    """It was given up, so what it still brings would be told twice: by the survey of the next one, too."""
    heard = Heard()
    async with linked(heard) as (link, peer):
        await peer.send_all(event("c1"))
        await heard.calls(1)
        link.lose("given up")
        await peer.send_all(event("c2"))
        await trio.testing.wait_all_tasks_blocked(0.02)
        link.send([{"Action": "Ping"}])
        assert await heard.calls(1) == ["c1"]
        assert await link.lost() == "given up"


async def test_the_readers_task_and_its_socket_are_gone_with_the_link() -> None:
    async with linked(Heard()) as (link, peer):
        await trio.testing.wait_all_tasks_blocked()
        link.close()
        assert await peer.receive_some() == b"", "the connection is closed"
        await trio.testing.wait_all_tasks_blocked()
        assert not any(task.name.endswith("Link._read") for task in _tasks())


async def test_a_bug_in_who_hears_comes_out_of_the_link() -> None:
    heard = Heard()
    async with linked(heard) as (link, peer):
        heard.error = RuntimeError("a bug")
        await peer.send_all(event("c1"))
        with pytest.raises(RuntimeError, match="a bug"):
            await link.lost()


def _tasks() -> list[trio.lowlevel.Task]:
    found: list[trio.lowlevel.Task] = []
    more = [trio.lowlevel.current_root_task()]
    while more:
        task = more.pop()
        assert task is not None
        found.append(task)
        more += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return found
