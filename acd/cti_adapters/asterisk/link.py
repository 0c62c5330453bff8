"""One connection to the manager interface, by panoramisk. The only file that knows asyncio.

Of panoramisk we use the connection. Its reading, its replay of unanswered actions (an Originate twice),
its re-login for ever and its pings that nobody checks are replaced here.

Trio reads: an asyncio beside it goes round its own queue, and with it twice round Trio's, for every portion that comes.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import structlog
import trio
import trio_asyncio
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.manager import Manager

from acd.cti_adapters.asterisk.ami import Action, Framer, Message, MessageTooLong, text_of
from acd.cti_adapters.asterisk.words import WANTED_EVENTS

log = structlog.get_logger()
Hear = Callable[[Sequence[Message]], None]
READ_BYTES = 1 << 16
PING_SHARE = 0.5
"""A silent link is pinged after this share of the time in which an answer must come."""


class LinkLost(Exception):
    """The connection couldn't be made or is gone; the text says why."""


@asynccontextmanager
async def asyncio_beside_trio() -> AsyncIterator[None]:
    """Within the block links can be opened; an error in a callback of asyncio's is logged, not raised into Trio."""
    async with trio_asyncio.open_loop() as loop:
        loop.set_exception_handler(_log_asyncio_error)
        yield


def _log_asyncio_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("asyncio error", error=context.get("message"), exc_info=context.get("exception"))


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """panoramisk's connection with reading of our own: bytes framed and limited, unwanted events dropped by name."""

    def __init__(self, framer: Framer, on_messages: Hear, on_lost: Callable[[str], None]) -> None:
        self._framer = framer
        self._on_messages = on_messages
        self._on_lost = on_lost
        self.factory = None

    def data_received(self, data: bytes) -> None:
        try:
            messages = self._framer.feed(data)
        except MessageTooLong:
            self._on_lost("what speaks there isn't Asterisk: a message without an end")
        else:
            self._on_messages(messages)

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_lost(f"the connection broke: {exc}" if exc else "Asterisk closed the connection")

    def send_together(self, actions: Iterable[Action]) -> None:
        """Write the actions as one, and keep no book of them: answers are matched by their ActionID elsewhere."""
        self.transport.write("".join(map(text_of, actions)).encode())


class _Manager(Manager):  # type: ignore[misc]
    """panoramisk's manager for one connection: it neither reconnects nor pings."""

    def connection_made(self, f: "asyncio.Future[Any]") -> None:
        if f.cancelled() or f.exception() is not None:
            return  # told to who awaits it
        super().connection_made(f)
        self.pinger.cancel()


class Link:
    """One connection from its making to its loss. Made by `open_link`.

    `send` never waits. What comes is handed to `hear` at once, in the order and in the portions in which it came.
    """

    def __init__(
        self, answer_s_max: float, hear: Hear, is_answer: Callable[[Message], bool], framer: Framer | None = None
    ) -> None:
        self.why_lost: str | None = None
        self.error: Exception | None = None
        """What `hear` raised, if it did: a bug."""
        self._framer = framer or Framer(WANTED_EVENTS)
        self._hear = hear
        self._is_answer = is_answer
        self._answer_s_max = answer_s_max
        self._asked_at: deque[float] = deque()
        self._lost = trio.Event()
        self._manager: Any = None
        self._socket = -1
        self._reading: asyncio.Future[None] | None = None

    async def connect(self, host: str, port: int) -> None:
        """Raises LinkLost."""
        manager = _Manager(host=host, port=port, encoding="utf8", protocol_factory=self._protocol)
        try:
            with trio.fail_after(self._answer_s_max):
                await trio_asyncio.run_aio_future(manager.connect())
        except (OSError, trio.TooSlowError) as error:
            raise LinkLost(str(error) or "no answer") from None
        self._manager = manager
        if self.why_lost is None:
            self._read_from(manager.protocol.transport)

    def _read_from(self, transport: asyncio.Transport) -> None:
        transport.pause_reading()
        self._socket = transport.get_extra_info("socket").fileno()
        self._reading = trio_asyncio.current_loop.get().trio_as_future(self._read)

    async def _read(self) -> None:
        """Until the link is lost: that wakes it."""
        while self.why_lost is None:
            try:
                await trio.lowlevel.wait_readable(self._socket)
            except trio.ClosedResourceError:
                return
            if self.why_lost is None:
                self._take_in(self._manager.protocol)

    def _take_in(self, protocol: "_Protocol") -> None:
        try:
            data = os.read(self._socket, READ_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            protocol.connection_lost(error)
            return
        if data:
            protocol.data_received(data)
        else:
            protocol.connection_lost(None)

    def _protocol(self) -> _Protocol:
        return _Protocol(self._framer, self._on_messages, self.lose)

    def send(self, actions: Sequence[Action]) -> None:
        """Write at once, in order; every value passes the gate first. On a lost link nothing happens."""
        if self.why_lost is not None:
            return
        self._asked_at.extend([trio.current_time()] * len(actions))
        self._manager.protocol.send_together(actions)

    def lose(self, why: str) -> None:
        """The link is lost from now; only the first reason counts."""
        if self.why_lost is None:
            self.why_lost = why
            self._lost.set()
            if self._socket != -1:
                trio.lowlevel.notify_closing(self._socket)

    async def lost(self) -> str:
        """Wait until the link is lost and say why; or, if `hear` failed, raise its error."""
        await self._lost.wait()
        if self.error is not None:
            raise self.error
        assert self.why_lost is not None
        return self.why_lost

    async def watch(self, ping: Action) -> None:
        """Lose the link when an action stays unanswered for too long; ask something when there was nothing."""
        while self.why_lost is None:
            await trio.sleep_until(self._next_look())
            if not self._asked_at:
                self.send([ping])
            elif self._asked_at[0] + self._answer_s_max <= trio.current_time():
                self.lose(f"no answer for {self._answer_s_max:g} s")

    def _next_look(self) -> float:
        soon = trio.current_time() + self._answer_s_max * PING_SHARE
        return min(soon, self._asked_at[0] + self._answer_s_max) if self._asked_at else soon

    def close(self) -> None:
        """Send what is written, then close; a peer that doesn't read can't hold it up."""
        self.lose("closed by us")
        if self._manager is not None:
            self._manager.close()

    def _on_messages(self, messages: Sequence[Message]) -> None:
        if self.why_lost is not None:
            return
        for message in messages:
            if self._asked_at and "Response" in message and self._is_answer(message):
                self._asked_at.popleft()
        try:
            self._hear(messages)
        except Exception as error:
            self.error = error
            self.lose("a bug")


@asynccontextmanager
async def open_link(
    host: str,
    port: int,
    answer_s_max: float,
    hear: Hear,
    is_answer: Callable[[Message], bool],
    framer: Framer | None = None,
) -> AsyncIterator[Link]:
    """A connected link for the length of the block, which hears `WANTED_EVENTS` unless another `framer` is given.

    Raises LinkLost if it can't be made.
    """
    link = Link(answer_s_max, hear, is_answer, framer)
    try:
        await link.connect(host, port)
        yield link
    finally:
        link.close()
