"""A talk on a real Asterisk, whose parties are told apart by their tones: caller, agent's phone, and who is consulted.

The music on hold is a tone too, so that whoever hears it hears nothing else for sure.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from acd.commands import BeginConsult, HoldCall
from acd.events import CallArrived, NumberAnswered, OfferAccepted, PbxEvent
from acd.ids import CallId, OfferId
from tests.asterisk.scripted_core import ScriptedCore, acd_pbx, linked
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import SipCall
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import SipPhone, Telephones, telephones
from tests.pbx.tones import tone_frames

OUTSIDE = """
[acd-outside-own]
exten => _55XX,1,Dial(PJSIP/${EXTEN}@trunk)
exten => _10XX,1,Dial(PJSIP/${EXTEN},20)
exten => _56XX,1,Dial(PJSIP/${EXTEN}@trunk,1)
"""
NUMBER = "5501"
MUSIC, RINGING = 2010, 480
CALLER, AGENT, PARTY, NUMBER_TONE = 1210, 620, 770, 1480
TONES = (CALLER, AGENT, PARTY, NUMBER_TONE, MUSIC, RINGING)
SETTLED_S_MAX = 3.0
GONE_S_MAX = 9.0
"""Longer than anybody waits in the dialplan for a word."""


class TalkScene:
    """A caller and an agent who talk; what comes of it is told to `core`."""

    def __init__(self, pbx: AsteriskServer, sip: Telephones, core: ScriptedCore, phones: list[SipPhone]) -> None:
        """Made by `talk_scene`."""
        self.pbx, self.sip, self.core = pbx, sip, core
        self.agent_phone, self.party_phone, *self.others = phones
        self.call, self.offer = CallId(""), OfferId(CallId(""), 0)
        self.caller: SipCall
        self.agent: IncomingCall
        self._consults = 0

    async def begin(self) -> None:
        """A caller waits, the agent's phone rings and answers."""
        self.call, self.caller = await self.waiting()
        self.offer = self.core.offer(self.call)
        self.agent = await self.answered(self.agent_phone)
        await self.tells(OfferAccepted(self.offer))
        await hears(self.caller, AGENT)

    async def waiting(self) -> tuple[CallId, OutgoingCall]:
        """A caller with the caller's tone, who waits."""
        caller = await self.sip.dial("8001", tone=CALLER)
        return (await self.core.hears(CallArrived)).call, caller

    async def answered(self, phone: SipPhone) -> IncomingCall:
        """The next ring at that phone, answered."""
        ring = await phone.ringing()
        await ring.answer()
        return ring

    async def hold(self) -> None:
        """The caller is put on hold."""
        self.core.send(HoldCall(self.call, self.offer))
        await hears(self.caller, MUSIC)

    def begin_consult(self, number: str = "", ring_ms: int = 10_000) -> CallId:
        """The agent begins to consult; the consult's name."""
        self._consults += 1
        consult = CallId(f"{self.call}+{self._consults}")
        self.core.send(BeginConsult(self.call, self.offer, consult, number, "8001" if number else "", ring_ms))
        return consult

    async def consult_agent(self) -> tuple[CallId, OfferId, IncomingCall]:
        """The agent talks with another one; the consult, its offer, and the other phone."""
        consult = self.begin_consult()
        offer = self.core.offer(consult, "PJSIP/1002", number="1001")
        party = await self.answered(self.party_phone)
        await self.tells(OfferAccepted(offer))
        await hears(party, AGENT)
        return consult, offer, party

    async def consult_number(self) -> tuple[CallId, IncomingCall]:
        """The agent talks with a number outside; the consult, and who answers there."""
        consult = self.begin_consult(NUMBER)
        party = await self.answered(self.sip.outside)
        await self.tells(NumberAnswered(consult))
        await hears(party, AGENT)
        return consult, party

    async def tells(self, *events: PbxEvent) -> None:
        """The adapter tells exactly these, next."""
        await self.core.hears_exactly(*events)

    async def variable(self, channel: str, name: str) -> str:
        """What Asterisk's channel of that unique id has in that variable; an unset one is empty."""
        found = await self.pbx.cli("core show channels concise")
        for line in found.splitlines():
            if line.endswith(f"!{channel}"):
                shown = await self.pbx.cli(f"core show channel {line.split('!')[0]}")
                values = [text.partition("=")[2] for text in shown.splitlines() if text.startswith(f"{name}=")]
                return values[0] if values else ""
        raise AssertionError(f"no channel {channel} in\n{found}")

    async def _channels(self) -> list[str]:
        return (await self.pbx.cli("core show channels concise")).splitlines()

    async def nothing_is_left(self) -> None:
        """Everything expected was told; no channel lives, and the adapter remembers none."""
        assert self.core.adapter is not None
        legs = self.core.adapter._legs
        with trio.move_on_after(GONE_S_MAX):
            while await self._channels() or legs.legs:  # noqa: ASYNC110  asked over the wire
                await trio.sleep(0.05)
        assert not await self._channels()
        assert (legs.legs, legs.callers, legs.by_offer, legs.wishing) == ({}, {}, {}, {})
        assert self.core.hears_no_more(), self.core.events


@asynccontextmanager
async def talk_scene(boot_pbx: BootPbx, *, phones: int = 3, begun: bool = True) -> AsyncIterator[TalkScene]:
    """A talk (or with `begun` False everything for one); at the block's end nothing of it may be left."""
    async with (
        boot_pbx(acd_pbx(phones, OUTSIDE)) as pbx,
        telephones(pbx) as sip,
        linked(pbx) as core,
    ):
        await play_tone_as_music(pbx)
        scene = TalkScene(pbx, sip, core, [await sip.phone(str(1001 + place)) for place in range(phones)])
        scene.agent_phone.tone, scene.party_phone.tone, sip.outside.tone = AGENT, PARTY, NUMBER_TONE
        if begun:
            await scene.begin()
        yield scene
        await scene.nothing_is_left()


async def play_tone_as_music(pbx: AsteriskServer) -> None:
    """Its music on hold is a tone from now."""
    folder = pbx.folder / "data/tone"
    folder.mkdir(exist_ok=True)
    (folder / "music.ulaw").write_bytes(b"".join(tone_frames(MUSIC)) * 60)
    text = f"[default]\nmode = files\ndirectory = {folder}\n"
    (pbx.folder / "etc/musiconhold.conf").write_text(text)
    await pbx.cli("moh reload")


async def hears(party: SipCall, *tones: int) -> None:
    """That party soon hears these tones, and none of the others."""
    deadline = trio.current_time() + SETTLED_S_MAX
    while (strange := await _strange_sounds(party, tones)) and trio.current_time() < deadline:
        pass
    assert not strange, f"{party} should hear {tones}: {strange}"


async def _strange_sounds(party: SipCall, tones: tuple[int, ...]) -> list[str]:
    """What is amiss with what that party hears in the next moments."""
    party.sound.restart()
    missing = [f"no {tone}" for tone in tones if not await party.hears(tone)]
    surplus: list[str] = []

    async def listen(tone: int) -> None:
        if not await party.sound.stays_deaf_to(tone, during=0.25):
            surplus.append(f"{tone} too")

    async with trio.open_nursery() as nursery:
        for tone in set(TONES) - set(tones):
            nursery.start_soon(listen, tone)
    return missing + surplus


async def hears_silence(party: SipCall) -> None:
    """That party hears nothing at all."""
    assert await party.hears_nothing(), f"{party} isn't in silence"
    await hears(party)
