"""A call's life through the adapter, on a real Asterisk with real SIP phones."""

from dataclasses import replace

import pytest

from acd.commands import KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PhoneLeft
from acd.ids import AgentId, CallId, GroupId, SkillId
from tests.asterisk.scripted_core import acd_pbx, linked
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import rejecting, stay_silent
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk


async def test_arrival_tells_number_name_and_entry_point_and_the_caller_hears_music(boot_pbx: BootPbx) -> None:
    """A Chinese name arrives whole."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        caller = await sip.dial("8001", from_number="13800000001", name="张三")
        arrived = await core.hears(CallArrived)
        assert arrived == CallArrived(arrived.call, "8001", "13800000001", "张三")
        assert await caller.hears_music()


async def test_what_the_dialplan_sets_beforehand_arrives(boot_pbx: BootPbx) -> None:
    """Group, tier, credit, needs and personal agent of the user's dialplan, filtered."""
    dialplan = """exten => 7001,1,Set(ACD_GROUP=sales)
 same => n,Set(ACD_TIER=2)
 same => n,Set(ACD_CREDIT=60)
 same => n,Set(ACD_NEEDS=english:3,中文:5)
 same => n,Set(ACD_AGENT=ana\\;$x)
 same => n,Set(ACD_AGENT_WAIT=45)
 same => n,Set(ACD_ENTRY=vip-line)
 same => n,Goto(acd-entry,s,1)"""
    async with boot_pbx(acd_pbx(dialplan=dialplan)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        await sip.dial("7001", from_number="alice")
        arrived = await core.hears(CallArrived)
        needs = ((SkillId("english"), 3), (SkillId("中文"), 5))
        expected = CallArrived(arrived.call, "vip-line", "alice", "", GroupId("sales"), needs, 2, 60_000)
        assert arrived == replace(expected, agent=AgentId("anax"), agent_wait_ms=45_000)


async def test_offer_rings_with_the_callers_name_connects_and_ends_with_the_caller(boot_pbx: BootPbx) -> None:
    """The phone shows whom it rings for; both hear each other; the caller's end is told once."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, name="张三")
        offer = core.offer(call, number="13800000001", name="张三")
        ring = await phone.ringing()
        assert "张三" in ring.invite.header("From")
        assert "sip:13800000001@" in ring.invite.header("From")
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        assert await ring.hears(sip.outside.tone)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
        assert await ring.ended() is Ending.FAR_HUNG_UP
    assert core.hears_no_more()


async def test_phone_hangs_up_first_and_the_caller_is_released(boot_pbx: BootPbx) -> None:
    """PhoneLeft, and the caller stays until the core releases it."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        offer = core.offer(call)
        ring = await phone.ringing()
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))
        await ring.hang_up()
        await core.hears_exactly(PhoneLeft(offer))
        assert caller.is_talking
        core.send(ReleaseCall(call))
        await core.hears_exactly(CallerLeft(call))
        assert await caller.ended() is Ending.FAR_HUNG_UP


async def test_caller_kept_waiting_hears_music_and_can_be_offered_again(boot_pbx: BootPbx) -> None:
    """Twenty times in a row, each at once after PhoneLeft: back to the music, and the next offer connects."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        for _ in range(20):
            offer = core.offer(call)
            ring = await phone.ringing()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            assert await ring.hears(sip.outside.tone)  # a hang-up in the very moment of bridging is lost in Asterisk
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))
            core.send(KeepWaiting(call))
        assert await caller.hears_music()
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))


async def test_release_while_talking_ends_both_sides(boot_pbx: BootPbx) -> None:
    """A supervisor's forced release."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        offer = core.offer(call)
        ring = await phone.ringing()
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))
        core.send(ReleaseCall(call))
        await core.hears_exactly(CallerLeft(call))
        assert await caller.ended() is Ending.FAR_HUNG_UP
        assert await ring.ended() is Ending.FAR_HUNG_UP


async def test_release_while_waiting(boot_pbx: BootPbx) -> None:
    """And a second release of a call that is gone is harmless."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        core.send(ReleaseCall(call), ReleaseCall(call))
        await core.hears_exactly(CallerLeft(call))
        assert await caller.ended() is Ending.FAR_HUNG_UP
        core.send(ReleaseCall(call), KeepWaiting(call))
        other, _ = await core.waiting_call(sip)
        assert other != call


@pytest.mark.parametrize("after_s", [0.0, 0.05])
@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, OfferFailure.BUSY),
        (603, OfferFailure.REJECTED),
        (480, OfferFailure.UNREACHABLE),
        (404, OfferFailure.UNREACHABLE),
        (503, OfferFailure.UNREACHABLE),
    ],
)
async def test_refused_by_the_phone(boot_pbx: BootPbx, status: int, why: OfferFailure, after_s: float) -> None:
    """Each of the phone's refusals, at once or after a while, is told with its reason; the caller waits on."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        phone.behaviour = rejecting(status, after_s)
        call, caller = await core.waiting_call(sip)
        await core.hears_exactly(OfferFailed(core.offer(call), why))
        assert await caller.hears_music()


@pytest.mark.parametrize("device", ["PJSIP/1002", "PJSIP/nobody", "Nothing/1001", "nonsense"])
async def test_phone_that_is_not_there(boot_pbx: BootPbx, device: str) -> None:
    """Not registered, not configured, a technology that doesn't exist, no device at all."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, _ = await core.waiting_call(sip)
        await core.hears_exactly(OfferFailed(core.offer(call, device), OfferFailure.UNREACHABLE))


async def test_unanswered_beyond_the_last_limit(boot_pbx: BootPbx) -> None:
    """Asterisk's own limit: a safety net for a core that forgets its offer."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, _ = await core.waiting_call(sip)
        offer = core.offer(call, ring_ms=0)
        event = await core.next_event(within_s=8)
        assert event == OfferFailed(offer, OfferFailure.UNANSWERED)
        assert await (await phone.next_call()).ended() is Ending.CANCELLED


async def test_phone_that_never_says_anything(boot_pbx: BootPbx) -> None:
    """Not even 180: withdrawn all the same."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        phone.behaviour = stay_silent
        call, _ = await core.waiting_call(sip)
        offer = core.offer(call)
        await phone.next_call()
        core.send(WithdrawOffer(offer))
        phone.behaviour = rejecting(486)
        other = core.offer(call)
        await core.hears_exactly(OfferFailed(other, OfferFailure.BUSY))


async def test_refused_call_goes_to_the_dialplans_own_context(boot_pbx: BootPbx) -> None:
    """With the cause in ACD_REFUSED; the call isn't ours any more, and may come back by another entry."""
    dialplan = """[acd-refused-own]
exten => s,1,Set(ACD_GROUP=${ACD_REFUSED})
 same => n,Goto(acd-entry,8002,1)"""
    async with boot_pbx(acd_pbx(dialplan=dialplan)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        core.send(RefuseCall(call, RefusalCause.UNKNOWN_ENTRY, "no such"))
        again = await core.hears(CallArrived)
        assert (again.call, again.entry, again.group) == (call, "8002", "unknown-entry")
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))


async def test_refused_call_without_such_a_context_is_ended(boot_pbx: BootPbx) -> None:
    """After the congestion tone; nothing more is told of it."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        core.send(RefuseCall(call, RefusalCause.UNKNOWN_GROUP, "no such"))
        assert await caller.ended(within_s=8) is Ending.FAR_HUNG_UP
        other, _ = await core.waiting_call(sip)
        assert other != call


async def test_commands_for_calls_that_never_were_are_harmless(boot_pbx: BootPbx) -> None:
    """They belong to calls that just left."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        gone = CallId("1.1")
        offer = core.offer(gone)
        core.send(WithdrawOffer(offer), KeepWaiting(gone), ReleaseCall(gone))
        core.send(RefuseCall(gone, RefusalCause.UNKNOWN_ENTRY, ""))
        await core.waiting_call(sip)
    assert core.hears_no_more()
