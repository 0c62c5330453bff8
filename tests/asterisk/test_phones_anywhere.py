"""Agents on any phone: at another PBX behind a trunk, and at a number outside that the dialplan knows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import trio

from acd.commands import KeepWaiting, ReleaseCall, WithdrawOffer
from acd.events import CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PbxFound, PbxLost, PhoneChanged, PhoneLeft
from acd.ids import AgentId
from tests.asterisk.house import adapter_toml
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import ScriptedCore, acd_pbx, adapter_beside, linked, record_tone, settings_for
from tests.daemon import Centre, daemon
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import AMI_PORT, SIP_PORT
from tests.pbx.phone import SipPhone, Telephones, telephones
from tests.pbx.settings import PbxSettings

pytestmark = pytest.mark.asterisk

TRUNK, NUMBER = "PJSIP/2001@elsewhere", "number:2001"
FORMS = [TRUNK, NUMBER]
ASK, ASK_TONE = "press-the-key", 2730
OUTSIDE = """
[acd-outside-own]
exten => _2XXX,1,Dial(PJSIP/${EXTEN}@elsewhere)
 same => n,Hangup()
"""
ELSEWHERE = """
[elsewhere](party)
context = from-trunk
aors = elsewhere
from_domain = {near}

[elsewhere]
type = aor
contact = sip:{far}:{port}
"""
FAR_SIDE = PbxSettings(
    phones=2,
    first_phone=2001,
    append={
        "extensions.conf": "[from-us]\nexten => _2XXX,1,Dial(PJSIP/${EXTEN})\n same => n,Hangup()\n",
        "pjsip.conf": "[anonymous](party)\ncontext = from-us\n",
    },
)


@dataclass
class Two:
    """Our Asterisk, and another one behind a trunk, at which the agent's phone is."""

    pbx: AsteriskServer
    sip: Telephones
    phone: SipPhone
    far: AsteriskServer


@asynccontextmanager
async def two(boot_pbx: BootPbx, outside: str = OUTSIDE) -> AsyncIterator[Two]:
    async with boot_pbx(FAR_SIDE) as far:
        near = acd_pbx(dialplan=outside)
        trunk = ELSEWHERE.format(near="pbx.example.org", far=far.address, port=SIP_PORT)
        settings = replace(near, append={**near.append, "pjsip.conf": trunk})
        async with boot_pbx(settings) as pbx, telephones(pbx) as sip, telephones(far) as far_sip:
            yield Two(pbx, sip, await far_sip.phone("2001"), far)


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", FORMS)
async def test_a_call_rings_connects_and_ends_there(boot_pbx: BootPbx, device: str) -> None:
    """With the caller's number; both hear each other; whoever hangs up, both sides end."""
    async with two(boot_pbx) as at, linked(at.pbx, {AgentId("ann"): device}) as core:
        call, caller = await core.waiting_call(at.sip)
        for ends in ("phone", "caller"):
            offer = core.offer(call, device, number="13800000001")
            ring = await at.phone.ringing()
            assert ring.caller_number == "13800000001"
            assert await caller.hears_music()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            assert await caller.hears(at.phone.tone)
            assert await ring.hears(at.sip.outside.tone)
            if ends == "phone":
                await ring.hang_up()
                await core.hears_exactly(PhoneLeft(offer))
                core.send(KeepWaiting(call))
                assert await caller.hears_music()
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
        assert await ring.ended() is Ending.FAR_HUNG_UP
        assert not [event for event in core.events if isinstance(event, PhoneChanged)]


@pytest.mark.parametrize("device", FORMS)
async def test_a_release_ends_both(boot_pbx: BootPbx, device: str) -> None:
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        call, caller = await core.waiting_call(at.sip)
        offer = core.offer(call, device)
        ring = await at.phone.ringing()
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))
        core.send(ReleaseCall(call))
        await core.hears_exactly(CallerLeft(call))
        assert await caller.ended() is Ending.FAR_HUNG_UP
        assert await ring.ended() is Ending.FAR_HUNG_UP


@pytest.mark.parametrize("device", FORMS)
async def test_why_it_was_not_answered_is_told_apart(boot_pbx: BootPbx, device: str) -> None:
    """Busy, rejected, unreachable: through the trunk, the far PBX and our own dialplan."""
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        call, _ = await core.waiting_call(at.sip)
        for status, why in ((486, OfferFailure.BUSY), (603, OfferFailure.REJECTED)):
            offer = core.offer(call, device)
            await (await at.phone.ringing()).reject(status)
            await core.hears_exactly(OfferFailed(offer, why))
        await at.phone.unregister()
        offer = core.offer(call, device)
        await core.hears_exactly(OfferFailed(offer, OfferFailure.UNREACHABLE))


async def test_a_dialplan_that_does_not_hang_up_tells_busy_from_the_rest(boot_pbx: BootPbx) -> None:
    """It plays the tone instead."""
    async with two(boot_pbx, OUTSIDE.replace(" same => n,Hangup()\n", "")) as at, linked(at.pbx) as core:
        call, _ = await core.waiting_call(at.sip)
        for status, why in ((486, OfferFailure.BUSY), (404, OfferFailure.UNREACHABLE)):
            offer = core.offer(call, NUMBER)
            await (await at.phone.ringing()).reject(status)
            await core.hears_exactly(OfferFailed(offer, why))


async def test_a_number_that_the_dialplan_does_not_know_is_unreachable(boot_pbx: BootPbx) -> None:
    """As is one where there is no such context at all."""
    for outside in (OUTSIDE, ""):
        async with two(boot_pbx, outside) as at, linked(at.pbx) as core:
            call, caller = await core.waiting_call(at.sip)
            offer = core.offer(call, "number:9999")
            await core.hears_exactly(OfferFailed(offer, OfferFailure.UNREACHABLE))
            assert await caller.hears_music()


@pytest.mark.parametrize("device", FORMS)
async def test_a_withdrawn_offer_stops_ringing_there(boot_pbx: BootPbx, device: str) -> None:
    """Twenty times, at once and after a while; none connects, and no channel is left."""
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        call, caller = await core.waiting_call(at.sip)
        for n in range(20):
            offer = core.offer(call, device)
            if n % 2:
                ring = await at.phone.ringing()
                core.send(WithdrawOffer(offer))
                await ring.cancelled()
            else:
                core.send(WithdrawOffer(offer))
        with trio.fail_after(5):
            while "1 active channel\n" not in await at.pbx.cli("core show channels"):  # noqa: ASYNC110
                await trio.sleep(0.05)
        assert core.hears_no_more()
        assert await caller.hears_music()


@pytest.mark.parametrize("device", FORMS)
async def test_a_talk_there_lives_through_a_cut_link(boot_pbx: BootPbx, device: str) -> None:
    """The survey takes the far half of a dialplan's channel for no leg of ours."""
    async with two(boot_pbx) as at, relay_to(at.pbx.address, AMI_PORT) as relay:
        settings = settings_for(at.pbx, host="127.0.0.1", port=relay.port, retry_s_max=0.2)
        async with adapter_beside(settings) as core:
            await core.hears(PbxFound)
            call, caller = await core.waiting_call(at.sip)
            offer = core.offer(call, device)
            ring = await at.phone.ringing()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            await relay.cut()
            await core.hears(PbxLost)
            await core.hears(PbxFound)
            assert await caller.hears(at.phone.tone)
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))


# --- phones that must be confirmed ------------------------------------------------------------------------------------


async def confirming(at: Two) -> None:
    """What is played is a tone."""
    record_tone(at.pbx, ASK, ASK_TONE, seconds=1)
    await at.pbx.cli(f"dialplan set global ACD_CONFIRM_PROMPT {ASK}")


@pytest.mark.parametrize("device", FORMS)
async def test_a_phone_that_must_be_confirmed_gets_its_caller_with_the_key(boot_pbx: BootPbx, device: str) -> None:
    """Not when it is answered, and not with another key."""
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        await confirming(at)
        call, caller = await core.waiting_call(at.sip)
        offer = core.offer(call, device, confirm=True)
        ring = await at.phone.ringing()
        await ring.answer()
        assert await ring.hears(ASK_TONE)
        ring.press("2")
        assert await ring.hears_nothing()
        assert await ring.hears(ASK_TONE, within_s=5)  # asked again
        assert core.hears_no_more()
        ring.press("1")
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(at.phone.tone)
        assert await ring.hears(at.sip.outside.tone)
        await ring.hang_up()
        await core.hears_exactly(PhoneLeft(offer))


@pytest.mark.parametrize("device", FORMS)
async def test_a_mailbox_that_answers_and_hangs_up_is_unanswered(boot_pbx: BootPbx, device: str) -> None:
    """The caller hears nothing but the music."""
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        call, caller = await core.waiting_call(at.sip)
        offer = core.offer(call, device, confirm=True)
        ring = await at.phone.ringing()
        await ring.answer()
        assert not await caller.hears(at.phone.tone, within_s=1)
        await ring.hang_up()
        await core.hears_exactly(OfferFailed(offer, OfferFailure.UNANSWERED))
        assert await caller.hears_music()


@pytest.mark.parametrize("device", FORMS)
async def test_a_withdrawn_offer_lets_a_phone_go_that_is_asked(boot_pbx: BootPbx, device: str) -> None:
    """And the key doesn't count any more."""
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        await confirming(at)
        call, _ = await core.waiting_call(at.sip)
        offer = core.offer(call, device, confirm=True)
        ring = await at.phone.ringing()
        await ring.answer()
        assert await ring.hears(ASK_TONE)
        core.send(WithdrawOffer(offer))
        assert await ring.ended() is Ending.FAR_HUNG_UP
        await nothing_more(core)


async def test_a_prompt_that_is_missing_does_not_take_the_key_away(boot_pbx: BootPbx) -> None:
    async with two(boot_pbx) as at, linked(at.pbx) as core:
        await at.pbx.cli("dialplan set global ACD_CONFIRM_PROMPT no-such-sound")
        call, caller = await core.waiting_call(at.sip)
        offer = core.offer(call, NUMBER, confirm=True)
        ring = await at.phone.ringing()
        await ring.answer()
        with trio.fail_after(10):
            while core.hears_no_more() and len(core.events) < 3:
                ring.press("1")
                await trio.sleep(0.5)
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(at.phone.tone)


async def test_while_the_daemon_is_away_a_phone_is_not_asked_for_ever(boot_pbx: BootPbx) -> None:
    """Else a mailbox would record it until it is full."""
    async with two(boot_pbx) as at:
        async with linked(at.pbx) as core:
            call, _ = await core.waiting_call(at.sip)
            core.offer(call, NUMBER, ring_ms=1_000, confirm=True)
            ring = await at.phone.ringing()
            await ring.answer()
        assert await ring.ended(15) is Ending.FAR_HUNG_UP


async def test_an_agent_at_home_and_one_here(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The real daemon: the mailbox at home answers for the agent, who becomes not ready; the call goes to the other."""
    home = {"device": NUMBER, "confirm": True}
    centre = Centre({"2001": {}, "1001": {}}, groups={"desk": {"ring_s": 3}}, keys_of_agents={"2001": home})
    async with two(boot_pbx) as at:
        here = await at.sip.phone("1001")
        async with daemon(centre, adapter_toml(at.pbx), tmp_path) as acd, acd.agents("2001", "1001") as [ann, ben]:
            caller = await at.sip.dial("8001")
            mailbox = await at.phone.ringing()
            await mailbox.answer()
            await ann.is_in("not-ready", reason="no-answer")
            assert await mailbox.ended() is Ending.FAR_HUNG_UP
            await (await here.ringing()).answer()
            await ben.is_in("talking")
            assert await caller.hears(here.tone)
            await ann.does("ready")
            second = await at.sip.dial("8001")
            ring = await at.phone.ringing()
            await ring.answer()
            assert await second.hears_music()
            ring.press("1")
            await ann.is_in("talking")
            assert await second.hears(at.phone.tone)


async def nothing_more(core: ScriptedCore) -> None:
    await trio.sleep(0.5)
    assert core.hears_no_more()
