"""Garbage in small helpings."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import trio
from trio.testing import MockClock

from acd import garbage
from acd.garbage import HELPING_S, HELPINGS


class Ring:
    """Holds itself: only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@contextmanager
def never_by_itself() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.set_threshold(0)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


async def test_young_garbage_goes_with_the_next_helping(autojump_clock: MockClock) -> None:
    with never_by_itself():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(garbage.collect)
            await trio.testing.wait_all_tasks_blocked()
            ring = weakref.ref(Ring())
            assert ring() is not None
            await trio.sleep(2 * HELPING_S)
            assert ring() is None
            nursery.cancel_scope.cancel()


async def test_old_garbage_goes_when_what_is_held_has_grown_by_half(
    autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = 1_000
    monkeypatch.setattr("acd.garbage.sys.getallocatedblocks", lambda: held)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(garbage.collect)
        await trio.testing.wait_all_tasks_blocked()
        old = Ring()
        gc.collect(0)
        ring = weakref.ref(old)
        del old
        await trio.sleep(10 * HELPINGS * HELPING_S)
        assert ring() is not None, "it is young no more, and the old are left alone"
        held = 1_500
        await trio.sleep(2 * HELPINGS * HELPING_S)
        assert ring() is None
        nursery.cancel_scope.cancel()


@pytest.mark.parametrize("was_enabled", [True, False])
async def test_afterwards_pythons_own_collector_is_as_it_was(autojump_clock: MockClock, was_enabled: bool) -> None:
    try:
        gc.enable() if was_enabled else gc.disable()
        with trio.move_on_after(1):
            await garbage.collect()
        assert gc.isenabled() is was_enabled
    finally:
        gc.enable()
