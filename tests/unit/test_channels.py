"""Taking from a channel what is there, and waiting for nothing."""

from __future__ import annotations

import trio

from acd.channels import there_already


async def test_all_that_is_there_is_taken_in_its_order() -> None:
    put, take = trio.open_memory_channel[int](10)
    for n in range(4):
        put.send_nowait(n)
    assert list(there_already(take)) == [0, 1, 2, 3]
    assert list(there_already(take)) == []


async def test_no_more_is_taken_than_asked_for() -> None:
    put, take = trio.open_memory_channel[int](10)
    for n in range(4):
        put.send_nowait(n)
    assert list(there_already(take, 3)) == [0, 1, 2]
    assert list(there_already(take, 0)) == []
    assert list(there_already(take)) == [3]


async def test_a_closed_channel_gives_what_was_put_before() -> None:
    put, take = trio.open_memory_channel[int](10)
    put.send_nowait(1)
    put.close()
    assert list(there_already(take)) == [1]
    assert list(there_already(take)) == []
