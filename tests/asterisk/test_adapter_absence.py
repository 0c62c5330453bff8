"""What the PBX holds while the adapter is away, and what is told when it comes back."""

import time

import pytest
import trio

from acd.commands import KeepWaiting, ReleaseCall, WithdrawOffer
from acd.events import (
    CallArrived,
    CallerLeft,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PbxFound,
    PbxLost,
    PhoneLeft,
    TalkFound,
)
from acd.ids import OfferId
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import acd_pbx, adapter_beside, linked, settings_for
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import AMI_PORT
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk


async def test_waiting_callers_are_adopted_with_the_time_they_waited(boot_pbx: BootPbx) -> None:
    """In the order of their arrival, with all their facts; meanwhile the music goes on."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        async with linked(pbx) as core:
            first, caller = await core.waiting_call(sip, name="张三")
            second, _ = await core.waiting_call(sip, "8002")
        assert await caller.hears_music()
        async with adapter_beside(settings_for(pbx)) as core:
            one, two = await core.hears(CallArrived), await core.hears(CallArrived)
            await core.hears(PbxFound)
            assert (one.call, one.entry, one.caller_name) == (first, "8001", "张三")
            assert (two.call, two.entry, two.caller_number) == (second, "8002", "13800000001")
            assert one.waiting_since is not None
            assert two.waiting_since is not None
            assert one.waiting_since < two.waiting_since
            phone = await sip.phone("1001")
            offer = core.offer(first)
            await (await phone.ringing()).answer()
            await core.hears_exactly(OfferAccepted(offer))


async def test_caller_who_came_while_nobody_was_there_is_adopted(boot_pbx: BootPbx) -> None:
    """Before the daemon's very first start."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        caller = await sip.dial("8001")
        assert await caller.hears_music()
        async with adapter_beside(settings_for(pbx)) as core:
            arrived = await core.hears(CallArrived)
            assert arrived.waiting_since is not None
            await core.hears(PbxFound)


async def test_phone_answered_while_the_adapter_is_away_is_connected(boot_pbx: BootPbx) -> None:
    """And told to the next life as found; when that has decided after the talk, the call ends."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        async with linked(pbx) as core:
            call, caller = await core.waiting_call(sip)
            core.offer(call)
            ring = await phone.ringing()
        await ring.answer()
        assert await caller.hears(phone.tone)
        async with adapter_beside(settings_for(pbx)) as core:
            found = await core.hears(TalkFound)
            assert (found.offer, found.agent, found.arrival.call) == (OfferId(call, 1), "agent-1", call)
            assert found.arrival.waiting_since is not None
            assert found.arrival.waiting_since <= found.since < time.time() * 1000
            await core.hears(PbxFound)
            assert await caller.hears(phone.tone)
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(found.offer))
            core.send(ReleaseCall(call))
            assert await caller.ended(within_s=3) is Ending.FAR_HUNG_UP


async def test_without_the_adapter_a_call_ends_after_the_talk(boot_pbx: BootPbx) -> None:
    """Five seconds after the phone left, by the dialplan itself."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        async with linked(pbx) as core:
            call, caller = await core.waiting_call(sip)
            core.offer(call)
            ring = await phone.ringing()
            await ring.answer()
            assert await caller.hears(phone.tone)
        await ring.hang_up()
        assert await caller.ended(within_s=8) is Ending.FAR_HUNG_UP


async def test_phone_left_ringing_by_an_earlier_life_is_stopped(boot_pbx: BootPbx) -> None:
    """Its caller is adopted as waiting."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        async with linked(pbx) as core:
            call, _ = await core.waiting_call(sip)
            core.offer(call)
            ring = await phone.ringing()
        async with adapter_beside(settings_for(pbx)) as core:
            assert (await core.hears(CallArrived)).call == call
            await core.hears(PbxFound)
            assert await ring.ended() is Ending.CANCELLED
            offer = core.offer(call)
            await (await phone.ringing()).answer()
            await core.hears_exactly(OfferAccepted(offer))


async def test_cut_while_idle_is_found_again(boot_pbx: BootPbx) -> None:
    """PbxLost with where and why, then what there is, then PbxFound."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, relay_to(pbx.address, AMI_PORT) as wire:
        async with linked(pbx, host="127.0.0.1", port=wire.port) as core:
            call, _ = await core.waiting_call(sip)
            await wire.cut()
            lost = await core.hears(PbxLost)
            assert f"127.0.0.1:{wire.port}" in lost.why
            assert (await core.hears(CallArrived)).call == call
            await core.hears(PbxFound)


async def test_everything_that_happened_during_a_cut_is_told(boot_pbx: BootPbx) -> None:
    """A caller left; a caller came; a phone answered; a phone hung up; an offer was refused; commands were dropped."""
    async with boot_pbx(acd_pbx(phones=5)) as pbx, telephones(pbx) as sip, relay_to(pbx.address, AMI_PORT) as wire:
        phones = await sip.all_phones()
        async with linked(pbx, host="127.0.0.1", port=wire.port, answer_s_max=1.0) as core:
            left, left_caller = await core.waiting_call(sip)
            offers, rings, callers = {}, {}, {}
            for phone in phones[:4]:
                call, callers[phone] = await core.waiting_call(sip)
                offers[phone] = core.offer(call, f"PJSIP/{phone.number}")
                rings[phone] = await phone.ringing()
            answers, hangs_up, refuses, rings_on = phones[:4]
            await rings[hangs_up].answer()
            await core.hears_exactly(OfferAccepted(offers[hangs_up]))
            assert await callers[hangs_up].hears(hangs_up.tone)
            wire.hold()
            await left_caller.hang_up()
            new = await sip.dial("8001")
            await rings[answers].answer()
            await rings[hangs_up].hang_up()
            await rings[refuses].reject(486)
            assert await new.hears_music()
            core.send(WithdrawOffer(offers[rings_on]))
            await core.hears(PbxLost)
            dropped = core.offer(offers[refuses].call, f"PJSIP/{phones[4].number}")
            wire.release()
            told = await core.until_found()
            ends = [event for event in told if not isinstance(event, CallArrived)]
            waiting = {event.call for event in told if isinstance(event, CallArrived)}
            assert ends[0] == CallerLeft(left)
            assert set(ends[1:]) == {
                OfferAccepted(offers[answers]),
                PhoneLeft(offers[hangs_up]),
                OfferFailed(offers[refuses], OfferFailure.UNREACHABLE),
                OfferFailed(dropped, OfferFailure.UNREACHABLE),
            }
            assert len(waiting) == 3
            assert {offers[refuses].call, offers[rings_on].call} < waiting
            assert await rings[rings_on].ended() is Ending.CANCELLED
            core.send(KeepWaiting(offers[hangs_up].call))
            core.send(ReleaseCall(offers[answers].call))
            await core.hears_exactly(CallerLeft(offers[answers].call))
            assert not phones[4].calls


async def test_asterisk_killed_and_started_again(boot_pbx: BootPbx) -> None:
    """Every call is gone; new ones are taken."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        waiting, _ = await core.waiting_call(sip)
        talking, _ = await core.waiting_call(sip)
        offer = core.offer(talking)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        await pbx.kill()
        await core.hears(PbxLost)
        await pbx.start()
        told = [event for event in await core.until_found() if not isinstance(event, PbxLost)]
        assert told == [CallerLeft(waiting), CallerLeft(talking)]
        await core.waiting_call(sip)


async def test_frozen_asterisk_is_noticed(boot_pbx: BootPbx) -> None:
    """A peer that is there but silent is lost after answer_s_max, and found when it lives again."""
    async with boot_pbx(acd_pbx()) as pbx, linked(pbx, answer_s_max=0.5) as core:
        pbx.pause()
        with trio.fail_after(3):
            lost = await core.hears(PbxLost)
        assert "no answer for 0.5 s" in lost.why
        pbx.resume()
        await core.until_found()
