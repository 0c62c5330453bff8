"""What goes to a client goes out at once, whole and in order; over real sockets."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing
from websockets.exceptions import ConnectionClosed
from websockets.trio.client import ClientConnection, connect
from websockets.trio.server import serve

from acd.web import sockets
from acd.web.sockets import AgentSocket

WITHIN_S = 5.0


@asynccontextmanager
async def pair(buffer_bytes: int = 0) -> AsyncIterator[tuple[AgentSocket, ClientConnection]]:
    """Our side and the client's; with `buffer_bytes` the system takes no more than about that at once."""
    served, over = trio.Event(), trio.Event()
    ours: list[AgentSocket] = []

    async def converse(connection: AgentSocket) -> None:
        ours.append(connection)
        served.set()
        await over.wait()

    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    if buffer_bytes:
        listeners[0].socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
    async with trio.open_nursery() as nursery:
        await nursery.start(
            lambda task_status: serve(
                converse,
                listeners=listeners,
                compression=None,
                create_connection=AgentSocket,
                task_status=task_status,
            )
        )
        port = listeners[0].socket.getsockname()[1]
        with trio.fail_after(WITHIN_S):
            async with connect(f"ws://127.0.0.1:{port}", max_size=None, proxy=None, compression=None) as client:
                await served.wait()
                yield ours[0], client
        over.set()
        nursery.cancel_scope.cancel()


@pytest.fixture
def writes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes each of our writes has got rid of."""
    done: list[int] = []
    write = os.write

    def counted(fd: int, data: bytes) -> int:
        done.append(write(fd, data))
        return done[-1]

    monkeypatch.setattr(sockets.os, "write", counted)
    return done


async def test_several_messages_are_one_write_and_come_one_by_one_in_their_order(writes: list[int]) -> None:
    texts = ["{}", "芝麻开门", "x" * 300, ""]
    async with pair() as (ours, client):
        writes.clear()
        await ours.send_together(texts)
        assert len(writes) == 1
        assert [await client.recv() for _ in texts] == texts


async def test_sending_takes_no_turn_of_the_scheduler() -> None:
    """Else a push to each of hundreds of agents would be rounds of it."""
    turned = False

    async def notice() -> None:
        nonlocal turned
        await trio.lowlevel.checkpoint()
        turned = True

    async with pair() as (ours, client), trio.open_nursery() as nursery:
        nursery.start_soon(notice)
        await ours.send_together(["a", "b"])
        assert not turned
        assert await client.recv() == "a"


async def test_what_the_system_does_not_take_at_once_follows_whole_and_in_order(writes: list[int]) -> None:
    texts = [str(n) * 200_000 for n in range(8)]
    async with pair(buffer_bytes=20_000) as (ours, client), trio.open_nursery() as nursery:
        nursery.start_soon(ours.send_together, texts)
        await trio.testing.wait_all_tasks_blocked()
        assert 0 < sum(writes) < sum(map(len, texts)), "the test needs a write that is cut short"
        assert [await client.recv() for _ in texts] == texts


async def test_nothing_comes_between_the_parts_of_a_message() -> None:
    """Neither a pong nor what somebody else sends meanwhile."""
    async with pair(buffer_bytes=20_000) as (ours, client), trio.open_nursery() as nursery:
        nursery.start_soon(ours.send_together, ["a" * 3_000_000])
        await trio.testing.wait_all_tasks_blocked()
        pong = await client.ping()
        nursery.start_soon(ours.send_together, ["later"])
        assert await client.recv() == "a" * 3_000_000
        assert await client.recv() == "later"
        await pong.wait()


async def test_a_connection_that_is_gone_says_so_to_who_sends() -> None:
    async with pair() as (ours, client):
        await client.aclose()
        with pytest.raises(ConnectionClosed):
            await ours.send_together(["a"])


async def test_a_connection_that_breaks_says_so_to_who_sends() -> None:
    async with pair() as (ours, client):
        await trio.aclose_forcefully(client.stream)
        with pytest.raises(ConnectionClosed):
            await _send_on_and_on(ours)


async def test_after_the_closing_words_our_side_ends_the_stream() -> None:
    """As the protocol wants of a server: else the client waits for it until its time is over."""
    async with pair() as (ours, client), trio.open_nursery() as nursery:
        with trio.fail_after(1):
            nursery.start_soon(ours.aclose, 4001, "removed")
            with pytest.raises(ConnectionClosed):
                await client.recv()
        assert (client.close_code, client.close_reason) == (4001, "removed")


async def _send_on_and_on(connection: AgentSocket) -> None:
    while True:
        await connection.send_together(["a"])
        await trio.lowlevel.checkpoint()
