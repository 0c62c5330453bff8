"""Several phones ring for one call: one wins, on a real Asterisk."""

import random
from contextlib import suppress

import pytest
import trio

from acd.commands import KeepWaiting, WithdrawOffer
from acd.events import CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PhoneLeft
from tests.asterisk.house import answer_if_it_rings
from tests.asterisk.scripted_core import acd_pbx, linked
from tests.pbx.call import Ending, PhoneTimeout
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall, rejecting
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk


async def test_first_answer_wins_and_the_other_rings_are_withdrawn(boot_pbx: BootPbx) -> None:
    """One of them refuses meanwhile; the caller hears music until the answer."""
    async with boot_pbx(acd_pbx(phones=4)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phones = await sip.all_phones()
        phones[3].behaviour = rejecting(486)
        call, caller = await core.waiting_call(sip)
        offers = [core.offer(call, f"PJSIP/{phone.number}") for phone in phones]
        rings = [await phone.ringing() for phone in phones[:3]]
        await core.hears_exactly(OfferFailed(offers[3], OfferFailure.BUSY))
        assert await caller.hears_music()
        await rings[1].answer()
        await core.hears_exactly(OfferAccepted(offers[1]))
        core.send(WithdrawOffer(offers[0]), WithdrawOffer(offers[2]))
        assert await rings[0].ended() is Ending.CANCELLED
        assert await rings[2].ended() is Ending.CANCELLED
        assert await caller.hears(phones[1].tone)
        await rings[1].hang_up()
        await core.hears_exactly(PhoneLeft(offers[1]))
        core.send(KeepWaiting(call))
        assert await caller.hears_music()
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
    assert core.hears_no_more()


async def test_two_answers_in_the_same_moment_connect_exactly_one(boot_pbx: BootPbx) -> None:
    """Many times: the one that is told is the one that the caller hears; the other ends, and is told nothing of."""
    async with boot_pbx(acd_pbx(phones=2)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phones = await sip.all_phones()
        call, caller = await core.waiting_call(sip)
        winners = set()
        for round_ in range(20):
            offers = [core.offer(call, f"PJSIP/{phone.number}") for phone in phones]
            rings = [await phone.ringing() for phone in phones]
            await _answer_all(rings if round_ % 2 else rings[::-1], random.Random(round_).uniform(0, 0.0015))
            accepted = await core.hears(OfferAccepted)
            winner = offers.index(accepted.offer)
            loser = 1 - winner
            core.send(WithdrawOffer(offers[loser]))
            assert await rings[loser].ended() in (Ending.CANCELLED, Ending.FAR_HUNG_UP)
            caller.sound.restart()
            assert await caller.hears(phones[winner].tone)
            assert not caller.sound.has_tone(phones[loser].tone)
            assert await rings[winner].hears(sip.outside.tone)
            assert core.hears_no_more()
            winners.add(winner)
            await rings[winner].hang_up()
            await core.hears_exactly(PhoneLeft(offers[winner]))
            core.send(KeepWaiting(call))
        assert winners == {0, 1}, "either may be quicker"
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
    assert core.hears_no_more()


async def test_caller_leaves_in_the_moment_of_two_answers(boot_pbx: BootPbx) -> None:
    """One CallerLeft, and neither phone is left with anybody."""
    async with boot_pbx(acd_pbx(phones=2)) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        phones = await sip.all_phones()
        for round_ in range(30):
            call, caller = await core.waiting_call(sip)
            offers = [core.offer(call, f"PJSIP/{phone.number}") for phone in phones]
            rings = [await phone.ringing() for phone in phones]
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_answer_all, rings, 0.0005)
                await trio.sleep(random.Random(round_).uniform(0, 0.005))
                nursery.start_soon(caller.hang_up)
            event = await core.next_event()
            if isinstance(event, OfferAccepted):
                event = await core.next_event()
            assert event == CallerLeft(call)
            core.send(*(WithdrawOffer(offer) for offer in offers))
            for ring in rings:
                await ring.ended()
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_two_answers_while_the_adapter_is_away(boot_pbx: BootPbx) -> None:
    """One talks; the other one is hung up by the dialplan alone."""
    async with boot_pbx(acd_pbx(phones=2)) as pbx, telephones(pbx) as sip:
        phones = await sip.all_phones()
        async with linked(pbx) as core:
            call, caller = await core.waiting_call(sip)
            for phone in phones:
                core.offer(call, f"PJSIP/{phone.number}")
            rings = [await phone.ringing() for phone in phones]
        await _answer_all(rings, 0)
        [loser] = await _ended_of(rings, within_s=8)
        winner = rings[1 - rings.index(loser)]
        assert loser.ending is Ending.FAR_HUNG_UP
        assert winner.is_talking
        assert await winner.hears(sip.outside.tone)
        assert await caller.hears(phones[rings.index(winner)].tone)


async def _answer_all(rings: list[IncomingCall], apart_s: float) -> None:
    async with trio.open_nursery() as nursery:
        for ring in rings:
            nursery.start_soon(answer_if_it_rings, ring)
            await trio.sleep(apart_s)


async def _ended_of(rings: list[IncomingCall], within_s: float) -> list[IncomingCall]:
    """Those that are over as soon as one is."""

    async def wait_for(ring: IncomingCall) -> None:
        with suppress(PhoneTimeout):
            await ring.ended(within_s)
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        for ring in rings:
            nursery.start_soon(wait_for, ring)
    return [ring for ring in rings if ring.ending is not None]
