"""What crosses: withdrawals, answers and hang-ups at the same moment."""

import random
from contextlib import suppress

import pytest
import trio

from acd.commands import ReleaseCall, WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PhoneLeft
from acd.ids import CallId
from tests.asterisk.scripted_core import ScriptedCore, acd_pbx, linked
from tests.pbx.call import CallOver, Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import Telephones, telephones

pytestmark = pytest.mark.asterisk

ROUNDS = 60


async def test_withdrawn_offer_is_cancelled_at_the_phone(boot_pbx: BootPbx) -> None:
    """By CANCEL; nothing is told; the caller waits on and can be offered again."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        offer = core.offer(call)
        ring = await phone.ringing()
        core.send(WithdrawOffer(offer))
        assert await ring.ended() is Ending.CANCELLED
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)


async def test_caller_leaves_while_it_rings(boot_pbx: BootPbx) -> None:
    """CallerLeft once; the core withdraws; the phone stops."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        offer = core.offer(call)
        ring = await phone.ringing()
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
        core.send(WithdrawOffer(offer))
        assert await ring.ended() is Ending.CANCELLED
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_offer_withdrawn_at_once_rings_nobody_for_long(boot_pbx: BootPbx) -> None:
    """Even before Asterisk has made the channel; the phone is free for the next offer."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, _ = await core.waiting_call(sip)
        for round_ in range(ROUNDS):
            core.send(WithdrawOffer(core.offer(call)))
            await trio.sleep(random.Random(round_).uniform(0, 0.004))
        offer = core.offer(call, number="4711")
        while "sip:4711@" not in (ring := await phone.next_call()).invite.header("From"):
            assert await ring.ended() is Ending.CANCELLED
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))


async def test_withdrawn_in_the_moment_of_the_answer_never_connects(boot_pbx: BootPbx) -> None:
    """Many times with jitter: accepted by the time of the withdrawal or not, afterwards phone and caller are apart.

    After the withdrawal nothing more is told of the offer, and the caller is back with the music, not left alone.
    """
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, rtp=True)
        accepted = 0
        for round_ in range(ROUNDS):
            offer = core.offer(call)
            ring = await phone.ringing()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_answer, ring)
                await trio.sleep(random.Random(round_).uniform(0, 0.006))
                core.send(WithdrawOffer(offer))
            assert await ring.ended() in (Ending.CANCELLED, Ending.FAR_HUNG_UP)
            accepted += not core.hears_no_more()
            while not core.hears_no_more():
                await core.hears_exactly(OfferAccepted(offer))
        assert 0 < accepted < ROUNDS, "the jitter must meet both sides of the moment"
        assert caller.is_talking
        assert await caller.hears_music()
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))


async def _answer(ring: IncomingCall) -> None:
    with suppress(CallOver):
        await ring.answer()


async def test_both_hang_up_at_once(boot_pbx: BootPbx) -> None:
    """Whatever the order, the call ends with one CallerLeft, and PhoneLeft comes at most once and before it."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        for round_ in range(20):
            call, caller = await core.waiting_call(sip)
            offer = core.offer(call)
            ring = await phone.ringing()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ring.hang_up)
                await trio.sleep(random.Random(round_).uniform(0, 0.004))
                nursery.start_soon(caller.hang_up)
            event = await core.next_event()
            if event != CallerLeft(call):
                core.send(ReleaseCall(call))
                await core.hears_exactly(CallerLeft(call))
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_caller_leaves_in_the_moment_of_the_answer(boot_pbx: BootPbx) -> None:
    """The call ends with one CallerLeft, OfferAccepted only before it, and the phone isn't left alone."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        for round_ in range(30):
            call, caller = await core.waiting_call(sip)
            offer = core.offer(call)
            ring = await phone.ringing()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_answer, ring)
                await trio.sleep(random.Random(round_).uniform(0, 0.005))
                nursery.start_soon(caller.hang_up)
            event = await core.next_event()
            if event == OfferAccepted(offer):
                event = await core.next_event()
            assert event == CallerLeft(call)
            core.send(WithdrawOffer(offer))
            await ring.ended()
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_phone_that_dies_in_the_talk_is_told_as_lost(boot_pbx: BootPbx) -> None:
    """No sound for rtp_timeout: PhoneLeft(lost=True), and the caller stays."""
    settings = acd_pbx(phone_options="rtp_timeout = 1")
    async with boot_pbx(settings) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        phone.unplug()
        event = await core.next_event(within_s=10)
        assert event == PhoneLeft(offer, lost=True)
        assert caller.is_talking


async def test_dead_phone_counts_as_unreachable_when_asterisk_watches_it(boot_pbx: BootPbx) -> None:
    """With `qualify_frequency` the offer fails at once instead of ringing nobody."""
    async with boot_pbx(acd_pbx(qualify_s=1)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        phone.unplug()
        with trio.fail_after(15):
            while "Unavail" not in await pbx.cli("pjsip show contacts"):  # noqa: ASYNC110  asked over the wire
                await trio.sleep(0.1)
        call, _ = await core.waiting_call(sip)
        await core.hears_exactly(OfferFailed(core.offer(call), OfferFailure.UNREACHABLE))


async def test_a_phone_never_gets_another_caller(boot_pbx: BootPbx) -> None:
    """Not even one whose unique id begins with the right one's, as 1700000000.16 does with 1700000000.1."""
    async with boot_pbx(acd_pbx(phones=1)) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        crowd = await _crowd_with_like_ids(core, sip)
        for call in [call for call in crowd if _is_like_another(call, crowd)]:
            offer = core.offer(call)
            ring = await phone.ringing()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            core.send(ReleaseCall(call))
            await core.hears_exactly(CallerLeft(call))
            assert await crowd[call].ended() is Ending.FAR_HUNG_UP
            assert await ring.ended() is Ending.FAR_HUNG_UP, "it talks to somebody else"


async def _crowd_with_like_ids(core: ScriptedCore, sip: Telephones) -> dict[CallId, OutgoingCall]:
    """Forty callers within a second have ids one of which begins with another."""
    crowd: dict[CallId, OutgoingCall] = {}
    for _ in range(5):
        callers = {str(number): await sip.dial("8001", from_number=str(number)) for number in range(100, 140)}
        for _ in callers:
            arrived = await core.hears(CallArrived)
            crowd[arrived.call] = callers[arrived.caller_number]
        if any(_is_like_another(call, crowd) for call in crowd):
            return crowd
    raise AssertionError(f"no two ids alike: {list(crowd)}")


def _is_like_another(call: CallId, crowd: dict[CallId, OutgoingCall]) -> bool:
    return sum(other.startswith(call) for other in crowd) > 1
