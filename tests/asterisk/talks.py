"""A talk for a test: caller and agent on a real Asterisk, perhaps a supervisor, and who hears whom by their tones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from acd.commands import StartMonitor
from acd.events import MonitorMode, MonitorStarted, OfferAccepted
from acd.ids import CallId, MonitorId, OfferId
from acd.settings import RecordingSettings
from tests.asterisk.scripted_core import ScriptedCore, acd_pbx, linked
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import SipCall
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import SipPhone, Telephones, telephones

MONITOR = MonitorId("lead-1")
CALLER_TONE = 2010
STEADY_S = 0.3


@dataclass
class Parties:
    """Those whose tones are looked for."""

    parties: dict[str, SipCall]
    tones: dict[str, int]

    async def is_heard(self, within_s: float = 4, **expected: str) -> None:
        """Within that time, and then steadily, each of these parties hears those named (by spaces) and nobody else."""
        wanted = {name: set(others.split()) for name, others in expected.items()}
        steady_since: float | None = None
        try:
            with trio.fail_after(within_s):
                while steady_since is None or trio.current_time() - steady_since < STEADY_S:
                    if {name: self.heard_by(name) for name in wanted} != wanted:
                        steady_since = None
                    elif steady_since is None:
                        steady_since = trio.current_time()
                    await trio.sleep(0.02)
        except trio.TooSlowError:
            heard = {name: self.heard_by(name) for name in wanted}
            raise AssertionError(f"expected {wanted}, heard {heard}") from None

    def heard_by(self, name: str) -> set[str]:
        """Whose tones that party hears now."""
        sound = self.parties[name].sound
        return {other for other, tone in self.tones.items() if sound.has_tone(tone)}


@dataclass
class Talk(Parties):
    """One caller and one agent, perhaps a supervisor."""

    pbx: AsteriskServer
    sip: Telephones
    core: ScriptedCore
    phone: SipPhone
    call: CallId
    offer: OfferId

    @property
    def caller(self) -> SipCall:
        return self.parties["caller"]

    @property
    def agent(self) -> SipCall:
        return self.parties["agent"]

    @property
    def supervisor(self) -> SipCall:
        return self.parties["supervisor"]

    async def rings(self, mode: MonitorMode, device: str = "PJSIP/1002", ring_ms: int = 5000) -> IncomingCall:
        """Ring the supervisor's phone."""
        self.core.send(StartMonitor(MONITOR, self.offer, device, mode, ring_ms))
        call = await self.sip.phones["1002"].ringing()
        self.parties["supervisor"] = call
        return call

    async def watched(self, mode: MonitorMode) -> IncomingCall:
        """A supervisor who takes part in it."""
        call = await self.rings(mode)
        await call.answer()
        await self.core.hears_exactly(MonitorStarted(MONITOR))
        return call


async def talk_with(core: ScriptedCore, sip: Telephones, pbx: AsteriskServer, number: str = "8001") -> Talk:
    """A caller in talk with the agent of phone 1001."""
    phone = sip.phones["1001"]
    sip.outside.tone = CALLER_TONE
    call, caller = await core.waiting_call(sip, number)
    offer = core.offer(call)
    ring = await phone.ringing()
    await ring.answer()
    await core.hears_exactly(OfferAccepted(offer))
    tones = {"caller": CALLER_TONE, "agent": phone.tone, "supervisor": sip.phones["1002"].tone}
    talk = Talk({"caller": caller, "agent": ring}, tones, pbx, sip, core, phone, call, offer)
    await talk.is_heard(caller="agent", agent="caller")
    return talk


@asynccontextmanager
async def desk(boot_pbx: BootPbx, dialplan: str = "") -> AsyncIterator[tuple[AsteriskServer, Telephones]]:
    """An Asterisk with an agent's phone, 1001, and a supervisor's, 1002; at the end no channel may be left."""
    async with boot_pbx(acd_pbx(dialplan=dialplan)) as pbx, telephones(pbx) as sip:
        await sip.phone("1001")
        await sip.phone("1002")
        yield pbx, sip
        await no_channel_is_left(pbx, sip)


@asynccontextmanager
async def a_talk(
    boot_pbx: BootPbx, recording: RecordingSettings | None = None, dialplan: str = ""
) -> AsyncIterator[Talk]:
    """Caller and agent talk beside a linked adapter; at the end no channel may be left."""
    async with desk(boot_pbx, dialplan) as (pbx, sip), linked(pbx, recording=recording) as core:
        yield await talk_with(core, sip, pbx)


async def hang_up_all(sip: Telephones) -> None:
    """Every party that is still there goes."""
    for phone in (sip.outside, *sip.phones.values()):
        calls: list[IncomingCall | OutgoingCall] = [*phone.calls, *phone.dialled]
        for call in calls:
            if call.is_talking:
                await call.hang_up()


async def no_channel_is_left(pbx: AsteriskServer, sip: Telephones) -> None:
    """When all parties have gone Asterisk holds nothing any more."""
    await hang_up_all(sip)
    try:
        with trio.fail_after(8):
            while (left := await pbx.cli("core show channels concise")).strip():  # noqa: ASYNC110  no event tells it
                await trio.sleep(0.1)
    except trio.TooSlowError:
        raise AssertionError(f"these channels are left: {left}") from None
