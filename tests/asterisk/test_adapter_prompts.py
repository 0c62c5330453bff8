"""Prompts between the music, and what comes in their midst, on a real Asterisk."""

import random

import pytest
import trio

from acd.commands import KeepWaiting, PlayPrompt
from acd.events import CallerLeft, OfferAccepted, PhoneLeft
from tests.asterisk.scripted_core import acd_pbx, linked, record_tone
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

PROMPT, PROMPT_TONE = "please-wait", 2730


async def test_prompt_is_heard_and_then_the_music_again(boot_pbx: BootPbx) -> None:
    """Nothing is told of it, and the call can be served; before the caller's call is answered, too."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        record_tone(pbx, PROMPT, PROMPT_TONE, seconds=1)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        core.send(PlayPrompt(call, PROMPT))
        assert await caller.hears(PROMPT_TONE)
        await _music_again(caller)
        core.send(PlayPrompt(call, PROMPT))
        assert await caller.hears(PROMPT_TONE)
        await _music_again(caller)
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
    assert core.hears_no_more()


async def test_answer_in_the_middle_of_a_prompt_connects_at_once(boot_pbx: BootPbx) -> None:
    """A prompt of 20 seconds is cut, while it rings and before; the phone rings on during it."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        record_tone(pbx, PROMPT, PROMPT_TONE, seconds=20)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        for rings_first in (True, False):
            if rings_first:
                offer = core.offer(call)
            core.send(PlayPrompt(call, PROMPT))
            assert await caller.hears(PROMPT_TONE)
            if not rings_first:
                offer = core.offer(call)
            ring = await phone.ringing()
            assert await caller.hears(PROMPT_TONE), "it goes on while it rings"
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            assert await caller.hears(phone.tone)
            assert await ring.hears(sip.outside.tone)
            caller.sound.restart()
            assert await caller.sound.stays_deaf_to(PROMPT_TONE)
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))
            core.send(KeepWaiting(call))
            await _music_again(caller)


async def test_prompt_in_the_moment_of_the_answer_never_breaks_the_talk(boot_pbx: BootPbx) -> None:
    """Many times with jitter: accepted once, both hear each other, and the phone's own end is the talk's end."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        record_tone(pbx, PROMPT, PROMPT_TONE, seconds=20)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        for round_ in range(30):
            offer = core.offer(call)
            ring = await phone.ringing()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ring.answer)
                await trio.sleep(random.Random(round_).uniform(0, 0.005))
                core.send(PlayPrompt(call, PROMPT))
            await core.hears_exactly(OfferAccepted(offer))
            assert await caller.hears(phone.tone)
            assert await ring.hears(sip.outside.tone)
            assert core.hears_no_more()
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))
            core.send(KeepWaiting(call))


@pytest.mark.parametrize("context", ["acd-prompt", "acd-join"])
async def test_a_word_that_tears_the_caller_from_the_talk_is_repaired(boot_pbx: BootPbx, context: str) -> None:
    """A prompt or a second claim that came too late: the talk goes on as if nothing had been, and so does its end."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        record_tone(pbx, PROMPT, PROMPT_TONE, seconds=20)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        offer = core.offer(call)
        ring = await phone.ringing()
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))
        for _ in range(5):
            assert await caller.hears(phone.tone)
            await pbx.cli(f"channel redirect {await _channel_of_the_caller(pbx)} {context},s,1")
            caller.sound.restart()
            ring.sound.restart()
            assert await caller.hears(phone.tone)
            assert await ring.hears(sip.outside.tone)
        assert core.hears_no_more()
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
        assert await ring.ended() is Ending.FAR_HUNG_UP
    assert core.hears_no_more()


@pytest.mark.parametrize("prompt", ["no-such-file", "", "../../etc/passwd", "a&b,c;${EXTEN}"])
async def test_missing_prompt_is_passed_over(boot_pbx: BootPbx, prompt: str) -> None:
    """The caller hears music, and can be served."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        assert await caller.hears_music()
        core.send(PlayPrompt(call, prompt))
        await _executed(pbx, "] MusicOnHold(", times=2)
        caller.sound.restart()
        assert await caller.hears_music()
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
    assert core.hears_no_more()


async def test_caller_leaves_in_the_middle_of_a_prompt(boot_pbx: BootPbx) -> None:
    """Told once; and in the moment of its beginning, many times with jitter, always."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        record_tone(pbx, PROMPT, PROMPT_TONE, seconds=20)
        call, caller = await core.waiting_call(sip)
        core.send(PlayPrompt(call, PROMPT))
        assert await caller.hears(PROMPT_TONE)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
        for round_ in range(60):
            call, caller = await core.waiting_call(sip, rtp=False)
            await caller.answered()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(caller.hang_up)
                await trio.sleep(random.Random(round_).uniform(0, 0.003))
                core.send(PlayPrompt(call, PROMPT))
            await core.hears_exactly(CallerLeft(call))
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def _music_again(caller: OutgoingCall) -> None:
    with trio.fail_after(5):
        while caller.sound.has_tone(PROMPT_TONE):  # noqa: ASYNC110  a sound has no event to wait for
            await trio.sleep(0.05)
    assert await caller.hears_music()
    assert not caller.sound.has_tone(PROMPT_TONE)


async def _channel_of_the_caller(pbx: AsteriskServer) -> str:
    channels = (await pbx.cli("core show channels concise")).splitlines()
    [caller] = [line.split("!")[0] for line in channels if line.startswith("PJSIP/trunk")]
    return caller


async def _executed(pbx: AsteriskServer, step: str, times: int) -> None:
    """Wait until the dialplan has taken that step so often."""
    with trio.fail_after(5):
        while pbx.log.read_text(errors="replace").count(step) < times:  # noqa: ASYNC110  a file has no event
            await trio.sleep(0.02)
