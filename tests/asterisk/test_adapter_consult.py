"""Consults on a real Asterisk: with an agent, and with a number outside; who hears whom, and who hangs up when."""

import pytest

from acd.commands import BeginConsult, HoldCall, KeepWaiting, ReleaseCall, ResumeCall, SendDigits, WithdrawOffer
from acd.events import (
    CallerLeft,
    NumberAnswered,
    NumberFailed,
    OfferAccepted,
    OfferFailed,
    OfferFailure,
    PhoneLeft,
)
from tests.asterisk.talk_scene import (
    AGENT,
    CALLER,
    MUSIC,
    NUMBER,
    NUMBER_TONE,
    PARTY,
    RINGING,
    hears,
    hears_silence,
    talk_scene,
)
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import rejecting

pytestmark = pytest.mark.asterisk


# --- with an agent ---------------------------------------------------------------------------------------------------


async def test_the_agent_hears_it_ring_talks_with_the_party_and_then_with_the_caller_again(boot_pbx: BootPbx) -> None:
    """The caller hears music all the while; the party shows whom it rings for."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult()
        offer = at.core.offer(consult, "PJSIP/1002", number="1001", name="Ana")
        ring = await at.party_phone.ringing()
        assert (ring.caller_number, ring.caller_name) == ("1001", "Ana")
        assert await at.agent.hears(RINGING)
        await hears(at.caller, MUSIC)
        assert await at.variable(at.call, "ACD_STAGE") == "consulting"
        await ring.answer()
        await at.tells(OfferAccepted(offer))
        await hears(at.agent, PARTY)
        await hears(ring, AGENT)
        await hears(at.caller, MUSIC)
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await hears(at.caller, AGENT)
        assert await ring.ended() is Ending.FAR_HUNG_UP
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_consult_from_hold_twice(boot_pbx: BootPbx) -> None:
    """Held, consulting, held, consulting another time, connected."""
    async with talk_scene(boot_pbx) as at:
        for _ in range(2):
            await at.hold()
            _, _, party = await at.consult_agent()
            await hears(at.agent, PARTY)
            at.core.send(HoldCall(at.call, at.offer))
            await hears_silence(at.agent)
            assert await party.ended() is Ending.FAR_HUNG_UP
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_the_same_word_again_changes_nothing(boot_pbx: BootPbx) -> None:
    """The core repeats it when the link is found again."""
    async with talk_scene(boot_pbx) as at:
        consult, _, party = await at.consult_agent()
        at.core.send(BeginConsult(at.call, at.offer, consult))
        await hears(party, AGENT)
        await hears(at.caller, MUSIC)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        assert await party.ended() is Ending.FAR_HUNG_UP
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_party_rejects_or_is_taken_back_while_it_rings(boot_pbx: BootPbx) -> None:
    """The agent goes on hearing it ring, and a second party can be rung."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult()
        at.party_phone.script.append(rejecting(603, after_s=0.05))
        await at.tells(OfferFailed(at.core.offer(consult, "PJSIP/1002"), OfferFailure.REJECTED))
        withdrawn = at.core.offer(consult, "PJSIP/1002")
        await at.party_phone.next_call()
        ring = await at.party_phone.ringing()
        at.core.send(WithdrawOffer(withdrawn))
        assert await ring.ended() is Ending.CANCELLED
        assert await at.agent.hears(RINGING, within_s=7)
        third = at.core.offer(consult, "PJSIP/1003")
        party = await at.answered(at.others[0])
        await at.tells(OfferAccepted(third))
        await hears(party, AGENT)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_party_hangs_up_and_the_agent_is_back_with_the_caller(boot_pbx: BootPbx) -> None:
    async with talk_scene(boot_pbx) as at:
        _, offer, party = await at.consult_agent()
        await party.hang_up()
        await at.tells(PhoneLeft(offer))
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await hears(at.caller, AGENT)
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        at.core.send(ReleaseCall(at.call))
        await at.tells(CallerLeft(at.call))


async def test_caller_hangs_up_while_the_party_rings(boot_pbx: BootPbx) -> None:
    """All is over, and told once."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult()
        offer = at.core.offer(consult, "PJSIP/1002")
        ring = await at.party_phone.ringing()
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        at.core.send(WithdrawOffer(offer), ReleaseCall(consult))
        assert await ring.ended() is Ending.CANCELLED
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_phone_hangs_up_while_the_party_rings(boot_pbx: BootPbx) -> None:
    """The caller goes back to the line; the ring is taken back."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult()
        offer = at.core.offer(consult, "PJSIP/1002")
        ring = await at.party_phone.ringing()
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        at.core.send(ReleaseCall(consult), WithdrawOffer(offer), KeepWaiting(at.call))
        assert await ring.ended() is Ending.CANCELLED
        again = at.core.offer(at.call)
        agent = await at.answered(at.agent_phone)
        await at.tells(OfferAccepted(again))
        await hears(agent, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_consult_is_released_with_the_talk(boot_pbx: BootPbx) -> None:
    """A supervisor's forced release, in the core's order."""
    async with talk_scene(boot_pbx) as at:
        consult, _, party = await at.consult_agent()
        at.core.send(ReleaseCall(at.call), ReleaseCall(consult))
        await at.tells(CallerLeft(at.call))
        for call in (at.caller, at.agent, party):
            assert await call.ended() is Ending.FAR_HUNG_UP


# --- with a number ---------------------------------------------------------------------------------------------------


async def test_a_number_is_rung_and_talks_with_the_agent(boot_pbx: BootPbx) -> None:
    """It is shown our number; the caller hears music; then caller and agent talk again."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult(NUMBER)
        ring = await at.sip.outside.ringing()
        assert ring.caller_number == "8001"
        assert await at.agent.hears(RINGING)
        await hears(at.caller, MUSIC)
        await ring.answer()
        await at.tells(NumberAnswered(consult))
        await hears(at.agent, NUMBER_TONE)
        await hears(ring, AGENT)
        await hears(at.caller, MUSIC)
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        assert await ring.ended() is Ending.FAR_HUNG_UP
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, OfferFailure.BUSY),
        (603, OfferFailure.REJECTED),
        (480, OfferFailure.UNANSWERED),
        (404, OfferFailure.UNREACHABLE),
        (503, OfferFailure.UNREACHABLE),
    ],
)
async def test_a_number_refuses(boot_pbx: BootPbx, status: int, why: OfferFailure) -> None:
    """With its reason; the agent can talk with the caller again."""
    async with talk_scene(boot_pbx) as at:
        at.sip.outside.script.append(rejecting(status, after_s=0.05))
        consult = at.begin_consult(NUMBER)
        await at.tells(NumberFailed(consult, why))
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize("number", ["777", "55;1", "5501,Hangup"])
async def test_a_number_that_the_dialplan_does_not_know(boot_pbx: BootPbx, number: str) -> None:
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult(number)
        await at.tells(NumberFailed(consult, OfferFailure.UNREACHABLE))
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_a_number_does_not_answer(boot_pbx: BootPbx) -> None:
    """It rings no longer than asked."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult(NUMBER, ring_ms=1000)
        ring = await at.sip.outside.ringing()
        await at.tells(NumberFailed(consult, OfferFailure.UNANSWERED))
        assert await ring.ended() is Ending.CANCELLED
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_a_number_that_the_dialplan_gives_up(boot_pbx: BootPbx) -> None:
    """By a shorter time of its own."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult("5601")
        await at.tells(NumberFailed(consult, OfferFailure.UNANSWERED))
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_a_consulted_number_hangs_up(boot_pbx: BootPbx) -> None:
    async with talk_scene(boot_pbx) as at:
        consult, party = await at.consult_number()
        await party.hang_up()
        await at.tells(CallerLeft(consult))
        at.core.send(ResumeCall(at.call, at.offer))
        await hears(at.agent, CALLER)
        await hears(at.caller, AGENT)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize("answered", [False, True])
async def test_caller_hangs_up_with_a_number(boot_pbx: BootPbx, answered: bool) -> None:
    """While it rings, and while the agent talks with it: all is over."""
    async with talk_scene(boot_pbx) as at:
        if answered:
            _, party = await at.consult_number()
        else:
            at.begin_consult(NUMBER)
            party = await at.sip.outside.ringing()
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        assert await party.ended() in (Ending.FAR_HUNG_UP, Ending.CANCELLED)
        assert await at.agent.ended() is Ending.FAR_HUNG_UP


async def test_phone_hangs_up_while_a_number_rings(boot_pbx: BootPbx) -> None:
    """The number is let go, the caller is back in the line."""
    async with talk_scene(boot_pbx) as at:
        consult = at.begin_consult(NUMBER)
        party = await at.sip.outside.ringing()
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        at.core.send(ReleaseCall(consult), KeepWaiting(at.call))
        assert await party.ended() is Ending.CANCELLED
        await hears(at.caller, MUSIC)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_touch_tones_to_who_talks_with_the_agent(boot_pbx: BootPbx) -> None:
    """To the caller, then to the number that is consulted; the agent's phone gets none."""
    async with talk_scene(boot_pbx) as at:
        at.core.send(SendDigits(at.call, "15*#A"))
        assert await at.caller.sound.hears_keys("15*#A")
        consult, party = await at.consult_number()
        at.core.send(SendDigits(consult, "09"))
        assert await party.sound.hears_keys("09")
        assert await at.agent.sound.hears_keys("")
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
