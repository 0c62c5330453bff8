"""The manager interface by hand: text in, text out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import trio

from tests.asterisk.scripted_core import SECRET
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.loopback import AMI_PORT

WITHIN_S = 5.0
END = b"\r\n\r\n"


class ByHand:
    """One connection; `heard` is all that came."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.heard = b""
        self._stream = stream

    async def ask(self, action: str, **headers: str) -> str:
        """Send an action; the text of its response."""
        number = f"by-hand-{self._stream.socket.fileno()}-{len(self.heard)}-{action}"
        lines = {"Action": action, "ActionID": number, **headers}
        await self._stream.send_all(("".join(f"{key}: {value}\r\n" for key, value in lines.items()) + "\r\n").encode())
        with trio.fail_after(WITHIN_S):
            while True:
                for message in self.heard.split(END)[:-1]:
                    if b"Response: " in message and f"ActionID: {number}".encode() in message:
                        return message.decode("utf-8", "replace")
                self.heard += await self._stream.receive_some()

    async def until(self, word: bytes) -> None:
        """Wait until that was heard."""
        with trio.fail_after(WITHIN_S):
            while word not in self.heard:
                self.heard += await self._stream.receive_some()


@asynccontextmanager
async def by_hand(pbx: AsteriskServer, user: str = "switchyard", secret: str = SECRET) -> AsyncIterator[ByHand]:
    """A connection that is logged in."""
    async with await trio.open_tcp_stream(pbx.address, AMI_PORT) as stream:
        manager = ByHand(stream)
        assert "Success" in await manager.ask("Login", Username=user, Secret=secret, Events="on")
        yield manager


async def change_account(pbx: AsteriskServer, changes: Mapping[str, str]) -> None:
    """Change lines of manager-acd.conf, and let them be read."""
    path = pbx.folder / "etc/switchyard/manager-acd.conf"
    text = path.read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    await pbx.cli("manager reload")
