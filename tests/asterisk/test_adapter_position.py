"""The place in the line is told, on a real Asterisk: in the call's language, and nothing waits for it."""

from pathlib import Path

import pytest
import trio

from acd.commands import KeepWaiting, PlayPrompt, TellPosition
from acd.events import CallerLeft, OfferAccepted, PhoneLeft
from tests.asterisk.scripted_core import acd_pbx, linked, record_tone
from tests.pbx.asterisk import AsteriskServer
from tests.pbx.fixtures import BootPbx
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

CHINESE = """exten => 7001,1,Set(CHANNEL(language)=zh)
 same => n,Set(ACD_ENTRY=8001)
 same => n,Goto(acd-entry,s,1)
"""
TONES = {
    "queue-youarenext": 700,
    "queue-thereare": 900,
    "queue-callswaiting": 1100,
    "digits/2": 1300,
    "digits/1": 1500,
    "digits/10": 1700,
    "digits/20": 1900,
}
AT_ONCE_S = 0.5


def _speak(pbx: AsteriskServer, *names: str, seconds: int = 1) -> None:
    """A voice in the language zh that knows only these words."""
    (pbx.folder / "data/sounds/zh/digits").mkdir(parents=True)
    for name in names:
        record_tone(pbx, f"zh/{name}", TONES[name], seconds)


async def _heard_in_order(caller: OutgoingCall, names: list[str]) -> None:
    for name in names:
        assert await caller.hears(TONES[name], within_s=4), f"{name} isn't heard"


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (1, ["queue-youarenext"]),
        (2, ["queue-thereare", "digits/2", "queue-callswaiting"]),
        (12, ["queue-thereare", "digits/10", "digits/2", "queue-callswaiting"]),
        (21, ["queue-thereare", "digits/20", "digits/1", "queue-callswaiting"]),
    ],
)
async def test_place_is_told_by_the_grammar_of_the_calls_language(
    boot_pbx: BootPbx, position: int, words: list[str]
) -> None:
    """Then the music again; nothing is told of it, and the call is served as ever."""
    async with boot_pbx(acd_pbx(dialplan=CHINESE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        _speak(pbx, *TONES)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, "7001")
        core.send(TellPosition(call, position))
        await _heard_in_order(caller, words)
        await _music_again(caller)
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
    assert core.hears_no_more()


@pytest.mark.parametrize("known", [[], ["queue-callswaiting"], ["queue-thereare"], ["digits/2"]])
async def test_missing_sounds_are_passed_over(boot_pbx: BootPbx, known: list[str]) -> None:
    """The caller hears what there is, then music, and can be served."""
    async with boot_pbx(acd_pbx(dialplan=CHINESE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        (pbx.folder / "data/sounds/en").unlink()  # what isn't there in one's own language is said in English
        _speak(pbx, *known)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, "7001")
        core.send(TellPosition(call, 2))
        await _heard_in_order(caller, known)
        await _music_again(caller)
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
    assert core.hears_no_more()


async def test_english_as_it_comes(boot_pbx: BootPbx) -> None:
    """With the sounds that Asterisk is delivered with."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        core.send(TellPosition(call, 13))
        await _said(pbx, "digits/13")
        await _said(pbx, "queue-callswaiting")
        assert "does not exist" not in pbx.log.read_text(errors="replace")
        assert caller.is_talking


async def test_answer_in_the_middle_of_it_connects_at_once(boot_pbx: BootPbx) -> None:
    """While it is told and before; the phone rings on during it, and both hear each other within moments."""
    async with boot_pbx(acd_pbx(dialplan=CHINESE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        _speak(pbx, *TONES, seconds=20)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, "7001")
        for position, first in ((1, "queue-youarenext"), (2, "queue-thereare")):
            core.send(TellPosition(call, position))
            assert await caller.hears(TONES[first])
            offer = core.offer(call)
            ring = await phone.ringing()
            assert await caller.hears(TONES[first]), "it goes on while it rings"
            answered_at = trio.current_time()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            assert trio.current_time() - answered_at < AT_ONCE_S
            assert await caller.hears(phone.tone, within_s=AT_ONCE_S)
            caller.sound.restart()
            assert await caller.sound.stays_deaf_to(TONES[first])
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))
            core.send(KeepWaiting(call))
            await _music_again(caller)
    assert core.hears_no_more()


async def test_answer_in_the_middle_of_the_number_connects_at_once(boot_pbx: BootPbx) -> None:
    """A number can be cut, too."""
    async with boot_pbx(acd_pbx(dialplan=CHINESE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        _speak(pbx, "digits/2", seconds=20)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, "7001")
        offer = core.offer(call)
        ring = await phone.ringing()
        (Path(pbx.folder) / "data/sounds/en").unlink()
        core.send(TellPosition(call, 2))
        assert await caller.hears(TONES["digits/2"])
        answered_at = trio.current_time()
        await ring.answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert trio.current_time() - answered_at < AT_ONCE_S
        assert await caller.hears(phone.tone, within_s=AT_ONCE_S)
        assert core.hears_no_more()


async def test_prompt_after_it_has_no_number(boot_pbx: BootPbx) -> None:
    """And a place after a prompt not that prompt."""
    async with boot_pbx(acd_pbx(dialplan=CHINESE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        _speak(pbx, *TONES)
        call, caller = await core.waiting_call(sip, "7001")
        core.send(TellPosition(call, 2))
        await _heard_in_order(caller, ["queue-thereare", "digits/2", "queue-callswaiting"])
        await _music_again(caller)
        core.send(PlayPrompt(call, "digits/10"))
        await _heard_in_order(caller, ["digits/10"])
        assert await caller.sound.stays_deaf_to(TONES["digits/2"], during=1.5)
        core.send(TellPosition(call, 1))
        await _heard_in_order(caller, ["queue-youarenext"])
        assert await caller.sound.stays_deaf_to(TONES["digits/2"], during=1.5)


async def test_place_of_a_caller_who_talks_is_not_told(boot_pbx: BootPbx) -> None:
    """The word crossed the answer: the talk goes on."""
    async with boot_pbx(acd_pbx(dialplan=CHINESE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        _speak(pbx, *TONES)
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip, "7001")
        for _ in range(10):
            offer = core.offer(call)
            ring = await phone.ringing()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ring.answer)
                core.send(TellPosition(call, 1))
            await core.hears_exactly(OfferAccepted(offer))
            assert await caller.hears(phone.tone)
            core.send(TellPosition(call, 1))
            caller.sound.restart()
            assert await caller.sound.stays_deaf_to(TONES["queue-youarenext"], during=0.2)
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))
            core.send(KeepWaiting(call))
        assert core.hears_no_more()


async def _music_again(caller: OutgoingCall) -> None:
    with trio.fail_after(8):
        while any(caller.sound.has_tone(tone) for tone in TONES.values()):  # noqa: ASYNC110  a sound has no event
            await trio.sleep(0.05)
    assert await caller.hears_music()


async def _said(pbx: AsteriskServer, sound: str) -> None:
    with trio.fail_after(10):
        while f"Playing '{sound}" not in pbx.log.read_text(errors="replace"):  # noqa: ASYNC110  a file has no event
            await trio.sleep(0.05)
