"""Two real Asterisks with a trunk between them, one adapter before both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio
import trio.lowlevel

from acd.commands import Command, OfferCall, ReleaseCall, WithdrawOffer
from acd.cti_adapters.asterisk.adapter import AsteriskAdapter
from acd.cti_adapters.several import NamedPbx, SeveralPbxs
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PbxFound, PbxLost, PhoneLeft
from acd.ids import AgentId, CallId, GroupId, OfferId
from tests.asterisk.relay import Relay, relay_to
from tests.asterisk.scripted_core import SECRET, ScriptedCore, acd_pbx, settings_for
from tests.daemon import Centre, Daemon, daemon, until_true
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import rejecting
from tests.pbx.loopback import AMI_PORT, SIP_PORT
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import Telephones, telephones

pytestmark = pytest.mark.asterisk

PBXS = '#include "switchyard/extensions-acd-pbxs.conf"\n'
TRUNK = """
[to-{name}](party)
context = acd-from-pbx
aors = to-{name}
trust_id_inbound = yes

[to-{name}]
type = aor
contact = sip:{address}:{port}

[to-{name}]
type = identify
endpoint = to-{name}
match = {address}/32
"""


@dataclass
class TwoHouses:
    """Asterisk a and b, joined by a trunk, each with its phones 1001 and 1002; the way to b's manager interface."""

    a: AsteriskServer
    b: AsteriskServer
    sip_a: Telephones
    sip_b: Telephones
    wire_b: Relay


@dataclass
class TwoPbxs(TwoHouses):
    """Both with the test's own core before them."""

    core: ScriptedCore

    async def caller_of_a(self) -> tuple[CallId, OutgoingCall]:
        """Somebody who waits at a: the call, and the caller."""
        return await self.core.waiting_call(self.sip_a, name="张三")

    def offer(self, call: CallId, device: str, n: int = 1) -> OfferId:
        offer = OfferId(call, n)
        agent, group = AgentId("agent"), GroupId("sales")
        self.core.send(OfferCall(offer, agent, device, group, "8001", "13800000001", "张三", 0, 10_000))
        return offer


async def join(here: AsteriskServer, name: str, there: AsteriskServer) -> None:
    """Give `here` a trunk to `there`, which is called `name`."""
    with (here.folder / "etc/pjsip.conf").open("a") as file:
        file.write(TRUNK.format(name=name, address=there.address, port=SIP_PORT))
    await here.cli("module reload res_pjsip.so")


@asynccontextmanager
async def joined(boot_pbx: BootPbx, phone_options: str = "") -> AsyncIterator[TwoHouses]:
    async with (
        boot_pbx(acd_pbx(dialplan=PBXS)) as a,
        boot_pbx(acd_pbx(dialplan=PBXS, phone_options=phone_options)) as b,
        telephones(a) as sip_a,
        telephones(b) as sip_b,
        relay_to(b.address, AMI_PORT) as wire_b,
    ):
        await join(a, "b", b)
        await join(b, "a", a)
        yield TwoHouses(a, b, sip_a, sip_b, wire_b)


@asynccontextmanager
async def two_houses(boot_pbx: BootPbx, phone_options: str = "") -> AsyncIterator[TwoPbxs]:
    async with joined(boot_pbx, phone_options) as at, trio.open_nursery() as nursery:
        send, receive = trio.open_memory_channel[Command](100)
        by_wire = settings_for(at.b, host="127.0.0.1", port=at.wire_b.port)
        pbxs = SeveralPbxs(
            [
                NamedPbx("a", AsteriskAdapter(settings_for(at.a)), {"b": "PJSIP/{phone}@to-b"}),
                NamedPbx("b", AsteriskAdapter(by_wire), {"a": "PJSIP/{phone}@to-a"}),
            ]
        )
        core = ScriptedCore(send)
        nursery.start_soon(pbxs.run, core.tell, receive)
        found = {await core.next_event(), await core.next_event()}
        assert found == {PbxFound("a"), PbxFound("b")}
        yield TwoPbxs(at.a, at.b, at.sip_a, at.sip_b, at.wire_b, core)
        send.close()


async def test_an_agent_at_one_pbx_takes_a_caller_of_the_other(boot_pbx: BootPbx) -> None:
    """The phone shows who calls; both hear each other; either end is told."""
    async with two_houses(boot_pbx) as two:
        phone = await two.sip_b.phone("1001")
        call, caller = await two.caller_of_a()
        assert call.startswith("a:")
        offer = two.offer(call, "b:PJSIP/1001")
        ring = await phone.ringing()
        assert "13800000001" in ring.invite.header("From")
        await ring.answer()
        await two.core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        assert await ring.hears(two.sip_a.outside.tone)
        await ring.hang_up()
        await two.core.hears_exactly(PhoneLeft(offer))
        two.core.send(ReleaseCall(call))
        await two.core.hears_exactly(CallerLeft(call))
        assert await caller.ended() is Ending.FAR_HUNG_UP


async def test_a_phone_of_its_own_is_rung_without_the_trunk(boot_pbx: BootPbx) -> None:
    """The phone of the same number at the other PBX stays quiet."""
    async with two_houses(boot_pbx) as two:
        phone, other = await two.sip_a.phone("1001"), await two.sip_b.phone("1001")
        call, caller = await two.caller_of_a()
        offer = two.offer(call, "a:PJSIP/1001")
        await (await phone.ringing()).answer()
        await two.core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        assert not other.calls


@pytest.mark.parametrize(
    ("status", "why"),
    [(486, OfferFailure.BUSY), (603, OfferFailure.REJECTED)],
)
async def test_why_a_phone_behind_the_trunk_doesnt_answer_is_told(
    boot_pbx: BootPbx, status: int, why: OfferFailure
) -> None:
    async with two_houses(boot_pbx) as two:
        phone = await two.sip_b.phone("1001")
        phone.behaviour = rejecting(status)
        call, _ = await two.caller_of_a()
        offer = two.offer(call, "b:PJSIP/1001")
        await two.core.hears_exactly(OfferFailed(offer, why))


async def test_a_withdrawn_offer_stops_the_phone_behind_the_trunk(boot_pbx: BootPbx) -> None:
    async with two_houses(boot_pbx) as two:
        phone = await two.sip_b.phone("1001")
        call, caller = await two.caller_of_a()
        offer = two.offer(call, "b:PJSIP/1001")
        ring = await phone.ringing()
        two.core.send(WithdrawOffer(offer))
        assert await ring.ended() is Ending.CANCELLED
        assert await caller.hears_music()


async def test_a_phone_behind_the_trunk_that_dies_is_told_apart_from_one_that_hangs_up(boot_pbx: BootPbx) -> None:
    async with two_houses(boot_pbx, phone_options="rtp_timeout = 1") as two:
        phone = await two.sip_b.phone("1001")
        call, caller = await two.caller_of_a()
        offer = two.offer(call, "b:PJSIP/1001")
        await (await phone.ringing()).answer()
        await two.core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        phone.unplug()
        assert await two.core.next_event(within_s=10) == PhoneLeft(offer, lost=True)


async def test_a_lost_pbx_is_told_alone_and_the_other_goes_on(boot_pbx: BootPbx) -> None:
    """b's manager interface is out of reach: its waiting caller stays, a's are served; then b is found with him."""
    async with two_houses(boot_pbx) as two:
        waiting, _ = await two.core.waiting_call(two.sip_b)
        two.wire_b.hold()
        await two.wire_b.cut()
        lost = await two.core.hears(PbxLost)
        assert lost.pbx == "b"
        phone = await two.sip_a.phone("1001")
        call, _ = await two.caller_of_a()
        offer = two.offer(call, "a:PJSIP/1001")
        await (await phone.ringing()).answer()
        await two.core.hears_exactly(OfferAccepted(offer))
        two.wire_b.release()
        await two.wire_b.cut()
        told = []
        while PbxFound("b") not in told:
            told.append(await two.core.next_event(within_s=15))
        assert {(each.call, each.pbx) for each in told if isinstance(each, CallArrived)} == {(waiting, "b")}


async def test_a_caller_cant_come_in_by_the_trunks_context(boot_pbx: BootPbx) -> None:
    """Only numeric names of phones: no entry point, nothing outside, no other technology."""
    async with two_houses(boot_pbx) as two:
        for forged in ("8001@from-trunk", "Local", "1001&1002", "123456789"):
            output = await two.b.cli(f"dialplan show {forged}@acd-from-pbx")
            assert "acd-ring-phone" not in output


# --- with the real core ---------------------------------------------------------------------------------------------

HOMES = {"1001": {"pbx": "north"}, "1002": {"pbx": "south"}}
CENTRE = Centre(agents={"1001": {}, "1002": {}}, groups={"desk": {"wrap_up_s": 0}}, keys_of_agents=HOMES)


def pbxs_toml(at: TwoHouses) -> str:
    south = f'host = "127.0.0.1"\nport = {at.wire_b.port}\nretry_s_max = 0.5'
    links = {"north": (f'host = "{at.a.address}"\nport = {AMI_PORT}', "south", "b"), "south": (south, "north", "a")}
    tables = [
        f'[[pbx]]\nname = "{name}"\nsecret = "{SECRET}"\n{link}\ntrunks = {{{other} = "PJSIP/{{phone}}@to-{trunk}"}}'
        for name, (link, other, trunk) in links.items()
    ]
    return "\n".join(['adapter = "asterisk"', *tables])


async def south_is(acd: Daemon, *, found: bool) -> None:
    """Wait until the daemon has told so, last."""

    async def told() -> bool | None:
        changes = [line for line in acd.logged() if line.get("event") == "PBX changed" and line["pbx"] == "south"]
        await trio.lowlevel.checkpoint()
        return changes[-1]["why_lost"] is None if changes else None

    with trio.fail_after(15):
        await until_true(told, found)


async def test_the_daemon_serves_callers_of_both_and_goes_on_with_one(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A caller of the north talks with an agent of the south; with the south lost the north's agent alone is rung."""
    async with joined(boot_pbx) as at, daemon(CENTRE, pbxs_toml(at), tmp_path, start=False) as acd:
        await acd.start()
        north, south = await at.sip_a.phone("1001"), await at.sip_b.phone("1002")
        await south_is(acd, found=True)
        async with acd.agents("1002", "1001") as [ben, ana]:
            caller = await at.sip_a.dial("8001")
            ring = await south.ringing()
            await ring.answer()
            await ben.is_in("talking")
            assert await caller.hears(south.tone)
            await caller.hang_up()
            await ben.is_in("ready")
            at.wire_b.hold()
            await at.wire_b.cut()
            await south_is(acd, found=False)
            for _ in range(2):
                second = await at.sip_a.dial("8001")
                await (await north.ringing()).answer()
                await ana.is_in("talking")
                await second.hang_up()
                await ana.is_in("ready")
            assert len(south.calls) == 1
            at.wire_b.release()
            await at.wire_b.cut()
            await south_is(acd, found=True)
            await at.sip_a.dial("8001")
            await (await south.ringing()).answer()
            await ben.is_in("talking")
