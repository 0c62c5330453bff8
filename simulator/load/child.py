"""A process of the load generator: it obeys words on its standard input, one JSON object a line, and answers each.

It ends when its input does: nothing of it outlives who started it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import trio

from simulator.collecting import THRESHOLDS
from simulator.load.machine import raise_file_limit

Words = dict[str, Any]
Obey = Callable[[Words], Awaitable[Words]]
READ_BYTES = 1 << 20


class ChildFailed(Exception):
    """A process of the load generator ended by itself."""


class Lines:
    """The lines of a stream."""

    def __init__(self, stream: trio.abc.ReceiveStream) -> None:
        self._stream = stream
        self._rest = bytearray()

    async def next(self) -> bytes | None:
        """The next one; None at the stream's end."""
        while b"\n" not in self._rest:
            chunk = await self._stream.receive_some(READ_BYTES)
            if not chunk:
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return bytes(line)


async def _obey_parent(obey: Obey) -> None:
    """In the child: answer every word, in order, until there are no more."""
    raise_file_limit()
    gc.set_threshold(*THRESHOLDS)
    source, sink = trio.lowlevel.FdStream(os.dup(0)), trio.lowlevel.FdStream(os.dup(1))
    lines = Lines(source)
    while (line := await lines.next()) is not None:
        answer = await obey(json.loads(line))
        await sink.send_all(json.dumps(answer).encode() + b"\n")


async def serve_parent(process: Callable[[trio.Nursery], Obey]) -> None:
    """In the child: be the process that `process` begins, until the parent is gone."""
    async with trio.open_nursery() as nursery:
        await _obey_parent(process(nursery))
        nursery.cancel_scope.cancel()


class Child:
    """In the parent: such a process."""

    def __init__(self, process: trio.Process, name: str) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.name = name
        self.pid = process.pid
        self._process = process
        self._in, self._out = process.stdin, Lines(process.stdout)
        self._lock = trio.Lock()

    async def ask(self, do: str, **words: Any) -> Words:
        """Let it do something; its answer. Raises ChildFailed."""
        async with self._lock:
            try:
                await self._in.send_all(json.dumps({"do": do, **words}).encode() + b"\n")
                answer = await self._out.next()
            except trio.BrokenResourceError:
                answer = None
        if answer is None:
            raise ChildFailed(f"{self.name} ended by itself at {do!r}; what it said is above")
        return dict(json.loads(answer))


@asynccontextmanager
async def child(module: str, name: str) -> AsyncIterator[Child]:
    """`python -m module`, for the length of the block."""
    process = await trio.lowlevel.open_process([sys.executable, "-m", module], stdin=-1, stdout=-1)
    try:
        yield Child(process, name)
    finally:
        process.kill()
        with trio.CancelScope(shield=True):
            await process.wait()
