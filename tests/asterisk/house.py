"""A whole house for a test: a real Asterisk, SIP phones for its agents, and our daemon beside it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from tests.asterisk.scripted_core import SECRET, acd_pbx
from tests.daemon import Centre, Client, Daemon, daemon
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import CallOver
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.loopback import AMI_PORT
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import SipPhone, Telephones, telephones
from tests.pbx.settings import PbxSettings


@dataclass
class House:
    pbx: AsteriskServer
    sip: Telephones
    acd: Daemon
    phones: list[SipPhone]

    async def waiting(self, number: str = "8001", *, seen_by: Client | None = None, **caller: str) -> OutgoingCall:
        """A caller who has got through and hears music; the supervisor `seen_by` sees the call wait."""
        call = await self.sip.dial(number, **caller)
        await call.answered()
        if seen_by is not None:
            await seen_by.sees("call", entry=number)
        return call


def adapter_toml(pbx: AsteriskServer, secret: str = SECRET) -> str:
    return f'adapter = "asterisk"\n[asterisk]\nhost = "{pbx.address}"\nport = {AMI_PORT}\nsecret = "{secret}"'


@asynccontextmanager
async def house(
    boot_pbx: BootPbx,
    centre: Centre,
    folder: Path,
    *,
    start: bool = True,
    rtp: bool = True,
    settings: PbxSettings | None = None,
) -> AsyncIterator[House]:
    """Asterisk with a registered phone for every agent of `centre`, and the daemon linked to it."""
    settings = settings or acd_pbx(phones=len(centre.agents))
    async with boot_pbx(settings) as pbx, telephones(pbx, rtp=rtp) as sip:
        phones = [await sip.phone(agent) for agent in centre.agents]
        async with daemon(centre, adapter_toml(pbx), folder, start=start) as acd:
            yield House(pbx, sip, acd, phones)


async def first_ring(phones: list[SipPhone], within_s: float = 5) -> IncomingCall:
    """The next call that rings at any of `phones`."""
    won: list[IncomingCall] = []

    async def wait_at(phone: SipPhone) -> None:
        won.append(await phone.ringing(within_s))
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        for phone in phones:
            nursery.start_soon(wait_at, phone)
    [only] = won
    return only


async def finish(call: IncomingCall, agent: Client) -> None:
    """The agent hangs up and is ready again."""
    await call.hang_up()
    await agent.is_in("wrap-up")
    await agent.does("ready")


async def answer_if_it_rings(call: IncomingCall) -> None:
    """Answer, unless the ringing is over this moment."""
    with contextlib.suppress(CallOver):
        await call.answer()
