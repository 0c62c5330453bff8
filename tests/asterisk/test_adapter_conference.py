"""Conferences on a real Asterisk: all three hear each other, and whoever leaves loses nobody else."""

import pytest
import trio

from acd.commands import Confer, HoldCall, ReleaseCall, ResumeCall, SendDigits
from acd.events import CallerLeft, PhoneLeft
from acd.ids import CallId
from tests.asterisk.talk_scene import AGENT, CALLER, MUSIC, NUMBER_TONE, PARTY, TalkScene, hears, talk_scene
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall

pytestmark = pytest.mark.asterisk
PbxEnd = PhoneLeft | CallerLeft


async def conference(at: TalkScene, kind: str) -> tuple[CallId, PbxEnd, IncomingCall]:
    """All three hear each other; the consult, how the party's end is told, and the party."""
    if kind == "agent":
        consult, offer, party = await at.consult_agent()
        end: PbxEnd = PhoneLeft(offer)
    else:
        consult, party = await at.consult_number()
        end = CallerLeft(consult)
    tone = PARTY if kind == "agent" else NUMBER_TONE
    at.core.send(Confer(at.call, at.offer, consult), Confer(at.call, at.offer, consult))
    await hears(at.caller, AGENT, tone)
    await hears(at.agent, CALLER, tone)
    await hears(party, CALLER, AGENT)
    assert await at.variable(at.call, "ACD_STAGE") == "conference"
    return consult, end, party


KINDS = pytest.mark.parametrize("kind", ["agent", "number"])


@KINDS
async def test_the_party_is_let_go(boot_pbx: BootPbx, kind: str) -> None:
    """Caller and agent go on."""
    async with talk_scene(boot_pbx) as at:
        _, _, party = await conference(at, kind)
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await hears(at.caller, AGENT)
        assert await party.ended() is Ending.FAR_HUNG_UP
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@KINDS
async def test_the_party_hangs_up(boot_pbx: BootPbx, kind: str) -> None:
    """Caller and agent wait for the core's word, and go on; also a while later."""
    async with talk_scene(boot_pbx) as at:
        _, end, party = await conference(at, kind)
        await party.hang_up()
        await at.tells(end)
        await trio.sleep(1)  # a slow core
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await hears(at.caller, AGENT)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@KINDS
async def test_the_caller_hangs_up(boot_pbx: BootPbx, kind: str) -> None:
    """All is over."""
    async with talk_scene(boot_pbx) as at:
        consult, _, party = await conference(at, kind)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        at.core.send(ReleaseCall(consult))
        assert await party.ended() is Ending.FAR_HUNG_UP
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


@KINDS
async def test_released(boot_pbx: BootPbx, kind: str) -> None:
    """A supervisor's forced release: all is over; the end of a number, released too, may come first."""
    async with talk_scene(boot_pbx) as at:
        consult, _, party = await conference(at, kind)
        at.core.send(ReleaseCall(at.call), ReleaseCall(consult))
        event = await at.core.next_event()
        if event == CallerLeft(consult):
            event = await at.core.next_event()
        assert event == CallerLeft(at.call)
        for call in (at.caller, at.agent, party):
            assert await call.ended() is Ending.FAR_HUNG_UP


async def test_hold_after_a_conference_and_another_one(boot_pbx: BootPbx) -> None:
    """Twice over; digits in a conference go to the caller."""
    async with talk_scene(boot_pbx) as at:
        for keys in ("7", "77"):
            await conference(at, "agent")
            at.core.send(SendDigits(at.call, "7"))
            assert await at.caller.sound.hears_keys(keys)
            at.core.send(HoldCall(at.call, at.offer))
            await hears(at.caller, MUSIC)
            at.core.send(ResumeCall(at.call, at.offer))
            await hears(at.caller, AGENT)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
