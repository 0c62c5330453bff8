"""Outgoing calls and callbacks on a real Asterisk: the agent's phone first, then the number, the caller from then."""

import random

import pytest
import trio

from acd.commands import KeepWaiting, ReleaseCall, SendDigits, SendElsewhere, WithdrawOffer
from acd.events import (
    CallerLeft,
    NumberAnswered,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PbxEvent,
    PhoneLeft,
    SentElsewhere,
)
from acd.ids import CallId
from acd.rules import Destination, DestinationKind
from tests.asterisk.talk_scene import (
    AGENT,
    MUSIC,
    NUMBER,
    NUMBER_TONE,
    PARTY,
    RINGING,
    TalkScene,
    hears,
    hears_silence,
    talk_scene,
)
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall, rejecting

pytestmark = pytest.mark.asterisk
ROUNDS = 10


async def dialling(at: TalkScene, number: str = NUMBER, round_: int = 1) -> None:
    """The agent's phone has answered, and the number is dialled."""
    at.call = CallId(f"out-1700000000000-{round_}")
    at.offer = at.core.offer(at.call, number=number, callback=number)
    ring = await at.agent_phone.ringing()
    assert ring.caller_number == number
    await ring.answer()
    at.agent = ring
    await at.tells(OfferAccepted(at.offer))


async def reached(at: TalkScene, round_: int = 1) -> IncomingCall:
    """And has answered."""
    await dialling(at, round_=round_)
    party = await at.answered(at.sip.outside)
    await at.tells(NumberAnswered(at.call))
    at.caller = party
    await hears(party, AGENT)
    await hears(at.agent, NUMBER_TONE)
    return party


async def test_the_agent_hears_it_ring_then_they_talk_and_the_number_hangs_up(boot_pbx: BootPbx) -> None:
    async with talk_scene(boot_pbx, begun=False) as at:
        await dialling(at)
        ring = await at.sip.outside.ringing()
        assert await at.agent.hears(RINGING)
        await ring.answer()
        await at.tells(NumberAnswered(at.call))
        await hears(ring, AGENT)
        await hears(at.agent, NUMBER_TONE)
        await ring.hang_up()
        await at.tells(CallerLeft(at.call))
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_the_phone_hangs_up(boot_pbx: BootPbx) -> None:
    """As in any talk."""
    async with talk_scene(boot_pbx, begun=False) as at:
        party = await reached(at)
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        at.core.send(ReleaseCall(at.call))
        await at.tells(CallerLeft(at.call))
        assert await party.ended() is Ending.FAR_HUNG_UP


async def test_the_phone_does_not_answer(boot_pbx: BootPbx) -> None:
    """Then nothing is dialled."""
    async with talk_scene(boot_pbx, begun=False) as at:
        at.call = CallId("out-1700000000000-1")
        at.agent_phone.script.append(rejecting(603, after_s=0.05))
        offer = at.core.offer(at.call, callback=NUMBER)
        await at.tells(OfferFailed(offer, OfferFailure.REJECTED))
        withdrawn = at.core.offer(at.call, callback=NUMBER)
        ring = await at.agent_phone.ringing()
        at.core.send(WithdrawOffer(withdrawn))
        assert await ring.ended() is Ending.CANCELLED
    assert not at.sip.outside.calls


@pytest.mark.parametrize("status", [486, 404])
async def test_the_number_refuses(boot_pbx: BootPbx, status: int) -> None:
    """The call is over, and the phone let go; a release of it is harmless."""
    async with talk_scene(boot_pbx, begun=False) as at:
        at.sip.outside.script.append(rejecting(status, after_s=0.05))
        await dialling(at)
        why = OfferFailure.BUSY if status == 486 else OfferFailure.UNREACHABLE
        await at.tells(NumberFailed(at.call, why))
        at.core.send(ReleaseCall(at.call))
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_no_such_number(boot_pbx: BootPbx) -> None:
    async with talk_scene(boot_pbx, begun=False) as at:
        await dialling(at, "777")
        await at.tells(NumberFailed(at.call, OfferFailure.UNREACHABLE))
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


@pytest.mark.parametrize("released", [False, True])
async def test_given_up_while_the_number_rings(boot_pbx: BootPbx, released: bool) -> None:
    """By the phone, or by a release: it rings no more."""
    async with talk_scene(boot_pbx, begun=False) as at:
        await dialling(at)
        ring = await at.sip.outside.ringing()
        if not released:
            await at.agent.hang_up()
            await at.tells(PhoneLeft(at.offer))
        at.core.send(ReleaseCall(at.call))
        await at.tells(CallerLeft(at.call))
        assert await ring.ended() is Ending.CANCELLED
        assert await at.agent.ended()


async def test_given_up_in_the_moment_of_the_answer(boot_pbx: BootPbx) -> None:
    """The phone hangs up as the number answers: told in order, and nobody is left."""
    async with talk_scene(boot_pbx, begun=False) as at:
        for round_ in range(ROUNDS):
            await dialling(at, round_=round_)
            ring = await at.sip.outside.ringing()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(ring.answer)
                await trio.sleep(random.Random(round_).uniform(0, 0.006))
                nursery.start_soon(at.agent.hang_up)
            ends = [await at.core.next_event()]
            while ends[-1] not in _ends_of(at):
                if ends[-1] == PhoneLeft(at.offer):
                    at.core.send(ReleaseCall(at.call))
                ends.append(await at.core.next_event())
            assert ends.count(NumberAnswered(at.call)) <= 1
            assert await ring.ended()
            assert await at.agent.ended()


def _ends_of(at: TalkScene) -> tuple[PbxEvent, ...]:
    """How such a call may be over: after its end nothing is told."""
    return CallerLeft(at.call), NumberFailed(at.call, OfferFailure.REJECTED)


async def test_everything_works_on_it_as_on_any_call(boot_pbx: BootPbx) -> None:
    """Hold, digits, consult, conference by hanging on, back to the line, another agent, elsewhere."""
    async with talk_scene(boot_pbx, begun=False) as at:
        party = await reached(at)
        await at.hold()
        await hears_silence(at.agent)
        at.core.send(SendDigits(at.call, "5"))
        assert await party.sound.hears_keys("5")
        _, _, colleague = await at.consult_agent()
        await hears(party, MUSIC)
        await hears(colleague, AGENT)
        at.core.send(WithdrawOffer(at.offer))
        offer = at.core.offer(at.call, "PJSIP/1003")
        third = await at.answered(at.others[0])
        await at.tells(OfferAccepted(offer))
        await hears(third, NUMBER_TONE)
        assert await at.agent.ended() is Ending.FAR_HUNG_UP
        assert await colleague.ended() is Ending.FAR_HUNG_UP
        await third.hang_up()
        await at.tells(PhoneLeft(offer))
        at.core.send(KeepWaiting(at.call))
        await hears(party, MUSIC)
        at.core.send(SendElsewhere(at.call, Destination(DestinationKind.NUMBER, "1002")))
        await at.tells(SentElsewhere(at.call))
        second = await at.answered(at.party_phone)
        await hears(second, NUMBER_TONE)
        await hears(party, PARTY)
        await party.hang_up()
        assert await second.ended() is Ending.FAR_HUNG_UP
