"""The adapter alone against a real Asterisk: the test itself plays the core."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import trio
from pydantic import SecretStr

from acd.commands import Command, OfferCall
from acd.cti_adapters.asterisk.adapter import AsteriskAdapter
from acd.events import AgentRequest, CallArrived, PbxEvent, PbxFound
from acd.ids import AgentId, CallId, GroupId, OfferId
from acd.settings import AsteriskSettings, RecordingSettings
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.loopback import AMI_PORT
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import Telephones
from tests.pbx.settings import PbxSettings
from tests.pbx.tones import tone_frames

CONFIG = Path(__file__).resolve().parents[2] / "config" / "asterisk"
SECRET = "change-this-secret"
WITHIN_S = 5.0
E = TypeVar("E", bound=PbxEvent)

DIALPLAN = """#include "switchyard/extensions-acd.conf"
[from-trunk]
exten => _8XXX,1,Goto(acd-entry,${EXTEN},1)
"""
MANAGER = '#include "switchyard/manager-acd.conf"'


def acd_pbx(
    phones: int = 2, dialplan: str = "", phone_options: str = "", qualify_s: int = 0, mailbox: str = ""
) -> PbxSettings:
    """An Asterisk with our shipped files, included the way a user does; `dialplan` goes on in [from-trunk].

    With a `mailbox` it has app_voicemail and that one box; not every build ships it.
    """
    append = {"extensions.conf": DIALPLAN + dialplan, "manager.conf": MANAGER}
    voicemail = {"voicemail.conf": f"[general]\nformat = wav\n[default]\n{mailbox} => 1234,Sales\n"} if mailbox else {}
    return PbxSettings(
        phones=phones,
        folders={"switchyard": CONFIG},
        files=voicemail,
        modules=["app_voicemail"] if mailbox else [],
        append=append,
        phone_options=phone_options,
        qualify_s=qualify_s,
    )


def record_tone(pbx: AsteriskServer, name: str, hertz: int, seconds: int) -> None:
    """Put a sound file of that name there: a tone, so that a phone can tell it from music."""
    sound = b"".join(tone_frames(hertz)) * seconds
    (pbx.folder / "data/sounds" / f"{name}.ulaw").write_bytes(sound)


def settings_for(pbx: AsteriskServer, **others: object) -> AsteriskSettings:
    """How to reach that Asterisk."""
    known = {"host": pbx.address, "port": AMI_PORT, "secret": SecretStr(SECRET), **others}
    return AsteriskSettings.model_validate(known)


class ScriptedCore:
    """What the adapter talks to: events are awaited one by one, commands are sent as the test likes."""

    def __init__(self, commands: trio.MemorySendChannel[Command]) -> None:
        self.events: list[PbxEvent] = []
        self.commands = commands
        self._seen = 0
        self._came = trio.Event()
        self._numbers: dict[CallId, int] = {}
        self.adapter: AsteriskAdapter | None = None

    def tell(self, event: PbxEvent | AgentRequest) -> None:
        """See base.Tell."""
        assert isinstance(event, PbxEvent)
        self.events.append(event)
        came, self._came = self._came, trio.Event()
        came.set()

    def send(self, *commands: Command) -> None:
        """Give commands to the adapter, in order."""
        for command in commands:
            self.commands.send_nowait(command)

    async def next_event(self, within_s: float = WITHIN_S) -> PbxEvent:
        """The next event, each once."""
        try:
            with trio.fail_after(within_s):
                while self._seen == len(self.events):
                    await self._came.wait()
        except trio.TooSlowError:
            raise AssertionError(f"no event within {within_s} s after {self.events}") from None
        self._seen += 1
        return self.events[self._seen - 1]

    async def hears(self, kind: type[E], within_s: float = WITHIN_S) -> E:
        """The next event, which must be of that kind."""
        event = await self.next_event(within_s)
        assert isinstance(event, kind), f"expected {kind.__name__}, not {event}; before: {self.events}"
        return event

    async def hears_exactly(self, *events: PbxEvent) -> None:
        """The next events, in this order."""
        for event in events:
            assert await self.next_event() == event

    async def hears_in_any_order(self, *events: PbxEvent) -> None:
        """The next events are these, in some order."""
        told = [await self.next_event() for _ in events]
        assert set(told) == set(events), f"expected {events}, told {told}"

    async def until_found(self) -> list[PbxEvent]:
        """What is told before the next PbxFound."""
        told: list[PbxEvent] = []
        while not isinstance(event := await self.next_event(20), PbxFound):
            told.append(event)
        return told

    def hears_no_more(self) -> bool:
        """Whether every event so far was expected."""
        return self._seen == len(self.events)

    def offer(
        self, call: CallId, device: str = "PJSIP/1001", ring_ms: int = 10_000, *, confirm: bool = False, **others: str
    ) -> OfferId:
        """Send an OfferCall; the offer's id."""
        self._numbers[call] = self._numbers.get(call, 0) + 1
        offer = OfferId(call, self._numbers[call])
        number, name = others.get("number", "13800000001"), others.get("name", "")
        agent, group = AgentId("agent-1"), GroupId("sales")
        callback = others.get("callback", "")
        self.send(OfferCall(offer, agent, device, group, "8001", number, name, 0, ring_ms, callback, confirm=confirm))
        return offer

    async def waiting_call(
        self, sip: Telephones, number: str = "8001", *, name: str = "", rtp: bool | None = None
    ) -> tuple[CallId, OutgoingCall]:
        """A new caller who waits: the call's id, and the caller."""
        caller = await sip.dial(number, name=name, rtp=rtp)
        return (await self.hears(CallArrived)).call, caller


@asynccontextmanager
async def adapter_beside(
    settings: AsteriskSettings,
    devices: Mapping[AgentId, str] | None = None,
    recording: RecordingSettings | None = None,
) -> AsyncIterator[ScriptedCore]:
    """A running adapter for the length of the block, linked or not; `devices` are the agents' phones."""
    send, receive = trio.open_memory_channel[Command](1000)
    adapter = AsteriskAdapter(settings, recording)
    adapter.follow_phones(devices or {}, {})
    core = ScriptedCore(send)
    core.adapter = adapter
    returned = trio.Event()

    async def run() -> None:
        await adapter.run(core.tell, receive)
        returned.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        yield core
        send.close()
        with trio.fail_after(WITHIN_S):
            await returned.wait()


@asynccontextmanager
async def linked(
    pbx: AsteriskServer,
    devices: Mapping[AgentId, str] | None = None,
    recording: RecordingSettings | None = None,
    **others: object,
) -> AsyncIterator[ScriptedCore]:
    """A running adapter that has found an empty Asterisk, in which all of `devices` are free."""
    async with adapter_beside(settings_for(pbx, **others), devices, recording) as core:
        await core.hears(PbxFound)
        yield core
