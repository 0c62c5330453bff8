"""Hold and retrieve on a real Asterisk: who hears what, and who hangs up when."""

import random

import pytest
import trio

from acd.commands import HoldCall, KeepWaiting, ReleaseCall, ResumeCall, WithdrawOffer
from acd.events import CallerLeft, OfferAccepted, PhoneLeft
from tests.asterisk.talk_scene import AGENT, CALLER, MUSIC, hears, hears_silence, talk_scene
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk
ROUNDS = 10


async def test_held_hears_music_the_phone_hears_nothing_and_retrieved_they_hear_each_other(boot_pbx: BootPbx) -> None:
    """Again and again, and each word twice: the second changes nothing."""
    async with talk_scene(boot_pbx) as at:
        for _ in range(3):
            at.core.send(HoldCall(at.call, at.offer), HoldCall(at.call, at.offer))
            await hears(at.caller, MUSIC)
            await hears_silence(at.agent)
            assert await at.variable(at.call, "ACD_STAGE") == "held"
            at.core.send(ResumeCall(at.call, at.offer), ResumeCall(at.call, at.offer))
            await hears(at.caller, AGENT)
            await hears(at.agent, CALLER)
            assert await at.variable(at.call, "ACD_STAGE") == ""
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_quick_changes_of_mind_end_as_the_last_one_says(boot_pbx: BootPbx) -> None:
    """Hold and retrieve in one breath, in either order."""
    async with talk_scene(boot_pbx) as at:
        hold, resume = HoldCall(at.call, at.offer), ResumeCall(at.call, at.offer)
        at.core.send(hold, resume, hold, resume)
        await hears(at.caller, AGENT)
        at.core.send(hold, resume, hold)
        await hears(at.caller, MUSIC)
        at.core.send(resume)
        await hears(at.caller, AGENT)
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        at.core.send(ReleaseCall(at.call))
        await at.tells(CallerLeft(at.call))


async def test_caller_hangs_up_on_hold(boot_pbx: BootPbx) -> None:
    """Told once, and the phone is let go."""
    async with talk_scene(boot_pbx) as at:
        await at.hold()
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_phone_hangs_up_on_hold_and_the_caller_is_back_in_the_line(boot_pbx: BootPbx) -> None:
    """And can be offered at once."""
    async with talk_scene(boot_pbx) as at:
        await at.hold()
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        at.core.send(KeepWaiting(at.call))
        offer = at.core.offer(at.call)
        agent = await at.answered(at.agent_phone)
        await at.tells(OfferAccepted(offer))
        await hears(agent, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_released_on_hold(boot_pbx: BootPbx) -> None:
    """Both are let go."""
    async with talk_scene(boot_pbx) as at:
        await at.hold()
        at.core.send(ReleaseCall(at.call))
        await at.tells(CallerLeft(at.call))
        assert await at.caller.ended() is Ending.FAR_HUNG_UP
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


@pytest.mark.parametrize("held", [False, True])
async def test_blind_transfer_into_the_line(boot_pbx: BootPbx, held: bool) -> None:
    """The phone is let go, the caller hears music, and the next phone gets the call at once."""
    async with talk_scene(boot_pbx) as at:
        if held:
            await at.hold()
        at.core.send(WithdrawOffer(at.offer))
        offer = at.core.offer(at.call, "PJSIP/1002")
        assert await at.agent.ended() is Ending.FAR_HUNG_UP
        await hears(at.caller, MUSIC)
        party = await at.answered(at.party_phone)
        await at.tells(OfferAccepted(offer))
        await hears(party, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_caller_hangs_up_in_the_moment_of_retrieve(boot_pbx: BootPbx) -> None:
    """Told once, and nobody is left."""
    async with talk_scene(boot_pbx, begun=False) as at:
        for round_ in range(ROUNDS):
            await at.begin()
            await at.hold()
            async with trio.open_nursery() as nursery:
                at.core.send(ResumeCall(at.call, at.offer))
                await trio.sleep(random.Random(round_).uniform(0, 0.12))
                nursery.start_soon(at.caller.hang_up)
            await at.tells(CallerLeft(at.call))
            assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_phone_hangs_up_in_the_moment_of_retrieve(boot_pbx: BootPbx) -> None:
    """Told once, and the caller is never lost."""
    async with talk_scene(boot_pbx, begun=False) as at:
        for round_ in range(ROUNDS):
            await at.begin()
            await at.hold()
            async with trio.open_nursery() as nursery:
                at.core.send(ResumeCall(at.call, at.offer))
                await trio.sleep(random.Random(round_).uniform(0, 0.12))
                nursery.start_soon(at.agent.hang_up)
            await at.tells(PhoneLeft(at.offer))
            at.core.send(KeepWaiting(at.call))
            await hears(at.caller, MUSIC)
            at.core.send(ReleaseCall(at.call))
            await at.tells(CallerLeft(at.call))


async def test_hold_in_the_moment_of_a_hang_up(boot_pbx: BootPbx) -> None:
    """Whoever hangs up is told as the one who did."""
    async with talk_scene(boot_pbx, begun=False) as at:
        for round_ in range(2 * ROUNDS):
            await at.begin()
            who, told = (at.caller, CallerLeft(at.call)) if round_ % 2 else (at.agent, PhoneLeft(at.offer))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(who.hang_up)
                await trio.sleep(random.Random(round_).uniform(0, 0.003))
                at.core.send(HoldCall(at.call, at.offer))
            await at.tells(told)
            if told == PhoneLeft(at.offer):
                at.core.send(ReleaseCall(at.call))
                await at.tells(CallerLeft(at.call))
            assert await at.agent.ended()
