"""How many events Asterisk sends for a call: to who may hear all, to who has our rights alone, to the shipped account.

A normal call arrives, waits with music, rings at an agent's phone, talks and ends. The daemon runs as shipped; three
more listen to the manager interface. What they hear is kept, to be replayed (benchmarks/ami_replay.py). There is no
sound from the phones: reports on it (RTCP) would come on top for who may hear all.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import trio

from benchmarks.sides import OUR_SECRET, SHIPPED, our_daemon
from tests.pbx.asterisk import AsteriskServer, running_asterisk
from tests.pbx.incoming import IncomingCall
from tests.pbx.phone import Telephones, telephones
from tests.pbx.settings import PbxSettings
from tests.pbx.tree import AsteriskTree

AGENTS, CALLERS = 10, 20
"""Phones, and callers at a time: half of them wait."""
RING_S, TALK_S = 0.05, 0.2
QUIET_S = 1.0
"""After the last call: its last events have come by then."""
CALL_S_MAX = 60.0
USERS: Mapping[str, str] = {
    "all": "all",
    "rights": "call,user",
}
"""Who listens besides -> `read`; they have no filter."""
SHIPPED_USER = "switchyard"
EVENT = re.compile(rb"(?:^|\r\n\r\n)Event: (\w+)")

DIALPLAN = '#include "switchyard/extensions-acd.conf"\n[from-trunk]\nexten => 8001,1,Goto(acd-entry,${EXTEN},1)\n'
MANAGER = '#include "switchyard/manager-acd.conf"\n' + "".join(
    f"[{user}]\nsecret = {OUR_SECRET}\nread = {read}\nwrite = call\nwritetimeout = 5000\n"
    for user, read in USERS.items()
)


@dataclass(frozen=True)
class Recording:
    """What each user heard of the same calls."""

    calls: int
    token: str
    """The daemon's, in its UserEvents."""
    run: str
    """The daemon's name for its legs."""
    streams: Mapping[str, bytes]

    def per_call(self) -> dict[str, float]:
        """Events a call, by user."""
        return {user: round(len(EVENT.findall(stream)) / self.calls, 1) for user, stream in self.streams.items()}

    def bytes_per_call(self) -> dict[str, int]:
        return {user: len(stream) // self.calls for user, stream in self.streams.items()}

    def names(self, user: str) -> Counter[str]:
        return Counter(name.decode() for name in EVENT.findall(self.streams[user]))


async def record(tree: AsteriskTree, calls: int) -> Recording:
    """So many calls. Takes about `calls` / 20 seconds."""
    settings = PbxSettings(
        phones=AGENTS,
        verbose=0,
        folders={"switchyard": SHIPPED},
        append={"extensions.conf": DIALPLAN, "manager.conf": MANAGER},
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_asterisk(tree, settings) as pbx, telephones(pbx, rtp=False) as sip:
            for phone in await sip.all_phones():
                phone.behaviour = _serve
            async with our_daemon(pbx, pbx.settings.extensions(), Path(folder)), listening(pbx) as heard:
                await _call_all(sip, calls)
                await trio.sleep(QUIET_S)
                [token] = re.findall(r"ACD_TOKEN=(\w+)", await pbx.cli("dialplan show globals"))
    streams = {user: bytes(stream) for user, stream in heard.items()}
    [run] = set(re.findall(rb"acd-([0-9a-f]{12})-", streams[SHIPPED_USER]))
    return Recording(calls, token, run.decode(), streams)


async def _serve(call: IncomingCall) -> None:
    call.ring()
    await trio.sleep(RING_S)
    await call.answer()
    await trio.sleep(TALK_S)
    await call.hang_up()


async def _call_all(sip: Telephones, calls: int) -> None:
    """A caller who is served is followed by the next one."""
    left = iter(range(calls))

    async def callers() -> None:
        for _ in left:
            caller = await sip.dial("8001", rtp=False)
            await caller.ended(CALL_S_MAX)

    async with trio.open_nursery() as nursery:
        for _ in range(min(CALLERS, calls)):
            nursery.start_soon(callers)


@asynccontextmanager
async def listening(pbx: AsteriskServer) -> AsyncIterator[dict[str, bytearray]]:
    """All three listen; what each has heard so far, without the answer to its login."""
    async with AsyncExitStack() as ends, trio.open_nursery() as nursery:
        heard: dict[str, bytearray] = {}
        for user in (*USERS, SHIPPED_USER):
            stream = await ends.enter_async_context(await trio.open_tcp_stream(pbx.address, pbx.ami_port))
            log_in = f"Action: Login\r\nUsername: {user}\r\nSecret: {OUR_SECRET}\r\nEvents: on\r\n\r\n"
            await stream.send_all(log_in.encode())
            heard[user] = bytearray()
            nursery.start_soon(partial(_hear, stream, heard[user]))
        await trio.sleep(QUIET_S)
        for kept in heard.values():
            kept.clear()
        yield heard
        nursery.cancel_scope.cancel()


async def _hear(stream: trio.SocketStream, heard: bytearray) -> None:
    async for chunk in stream:
        heard.extend(chunk)
