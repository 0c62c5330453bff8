"""Transfers on a real Asterisk: the caller goes to whom the agent consulted, or elsewhere."""

import random

import pytest
import trio

from acd.commands import (
    Confer,
    ConnectCall,
    HoldCall,
    KeepWaiting,
    LeaveWith,
    ReleaseCall,
    ResumeCall,
    SendElsewhere,
    WithdrawOffer,
)
from acd.events import CallArrived, CallerLeft, OfferAccepted, PbxEvent, PhoneLeft, SendingFailed, SentElsewhere
from acd.ids import CallId, OfferId
from acd.rules import Destination, DestinationKind
from tests.asterisk.talk_scene import (
    CALLER,
    MUSIC,
    NUMBER,
    NUMBER_TONE,
    PARTY,
    TalkScene,
    hears,
    hears_silence,
    talk_scene,
)
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk
ROUNDS = 10
TO_NUMBER = Destination(DestinationKind.NUMBER, NUMBER)


def handed_over(at: TalkScene, consult: CallId, was: OfferId) -> OfferId:
    """The core hands the call over; the party's offer from now."""
    offer = OfferId(at.call, at.offer.number + 10)
    at.core.send(ConnectCall(at.call, offer, consult, was))
    return offer


@pytest.mark.parametrize("stage", ["consulting", "conference"])
async def test_to_an_agent(boot_pbx: BootPbx, stage: str) -> None:
    """The party has the caller, and everything works on that talk; the first phone is let go, and nothing told."""
    async with talk_scene(boot_pbx) as at:
        consult, was, party = await at.consult_agent()
        if stage == "conference":
            at.core.send(Confer(at.call, at.offer, consult))
            await hears(party, at.agent_phone.tone, CALLER)
        offer = handed_over(at, consult, was)
        await hears(party, CALLER)
        await hears(at.caller, PARTY)
        assert await at.agent.ended() is Ending.FAR_HUNG_UP
        leg = await at.variable(at.call, "ACD_TALK")
        assert await at.variable(leg, "ACD_CALLER") == at.call
        assert await at.variable(leg, "ACD_OFFER") == str(offer.number)
        at.core.send(HoldCall(at.call, offer))
        await hears(at.caller, MUSIC)
        await hears_silence(party)
        at.core.send(ResumeCall(at.call, offer))
        await hears(at.caller, PARTY)
        await party.hang_up()
        await at.tells(PhoneLeft(offer))
        at.core.send(ReleaseCall(at.call))
        await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize("stage", ["consulting", "conference"])
async def test_to_an_agent_by_hanging_up(boot_pbx: BootPbx, stage: str) -> None:
    """The party waits for the caller, who hears music or nothing meanwhile."""
    async with talk_scene(boot_pbx) as at:
        consult, was, party = await at.consult_agent()
        if stage == "conference":
            at.core.send(Confer(at.call, at.offer, consult))
            await hears(party, at.agent_phone.tone, CALLER)
        await at.agent.hang_up()
        await at.tells(PhoneLeft(at.offer))
        await trio.sleep(1)  # a slow core
        handed_over(at, consult, was)
        await hears(party, CALLER)
        await hears(at.caller, PARTY)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
        assert await party.ended() is Ending.FAR_HUNG_UP


async def test_handed_on_and_on(boot_pbx: BootPbx) -> None:
    """Who got the caller consults the first agent, and gives the caller back."""
    async with talk_scene(boot_pbx) as at:
        consult, was, party = await at.consult_agent()
        at.offer = handed_over(at, consult, was)
        await hears(party, CALLER)
        second = at.begin_consult()
        ring = at.core.offer(second, "PJSIP/1001")
        first = await at.answered(at.agent_phone)
        await at.tells(OfferAccepted(ring))
        await hears(first, PARTY)
        await hears(at.caller, MUSIC)
        at.offer = handed_over(at, second, ring)
        await hears(first, CALLER)
        assert await party.ended() is Ending.FAR_HUNG_UP
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


async def test_to_an_agent_who_has_just_hung_up(boot_pbx: BootPbx) -> None:
    """The party's end crosses the word: it is told under the new name too, and the caller goes back to the line."""
    async with talk_scene(boot_pbx) as at:
        consult, was, party = await at.consult_agent()
        await party.hang_up()
        await at.tells(PhoneLeft(was))
        offer = handed_over(at, consult, was)
        await at.tells(PhoneLeft(offer))
        at.core.send(KeepWaiting(at.call))
        await hears(at.caller, MUSIC)
        assert await at.agent.ended() is Ending.FAR_HUNG_UP
        again = at.core.offer(at.call, "PJSIP/1003")
        third = await at.answered(at.others[0])
        await at.tells(OfferAccepted(again))
        await hears(third, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize("who", ["caller", "party"])
async def test_a_hang_up_in_the_moment_of_a_transfer(boot_pbx: BootPbx, who: str) -> None:
    """Told once as what it was; nobody is left behind."""
    async with talk_scene(boot_pbx, begun=False) as at:
        for round_ in range(ROUNDS):
            await at.begin()
            consult, was, party = await at.consult_agent()
            async with trio.open_nursery() as nursery:
                nursery.start_soon((at.caller if who == "caller" else party).hang_up)
                await trio.sleep(random.Random(round_).uniform(0, 0.004))
                offer = handed_over(at, consult, was)
            if who == "caller":
                await _caller_left(at, was, offer)
                assert await party.ended()
            else:
                await _party_left(at, was, offer)
            assert await at.agent.ended()


async def _caller_left(at: TalkScene, was: OfferId, offer: OfferId) -> None:
    """A caller's end takes the party's phone along, which may be heard of first."""
    while (event := await at.core.next_event()) != CallerLeft(at.call):
        assert event in (PhoneLeft(was), PhoneLeft(offer))


async def _party_left(at: TalkScene, was: OfferId, offer: OfferId) -> None:
    event = await at.core.next_event()
    if event == PhoneLeft(was):
        event = await at.core.next_event()
    assert event == PhoneLeft(offer)
    at.core.send(ReleaseCall(at.call))
    await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize("stage", ["consulting", "conference", "hung up"])
async def test_to_a_number(boot_pbx: BootPbx, stage: str) -> None:
    """Caller and number talk, and are ours no more; also when the agent just hangs up."""
    async with talk_scene(boot_pbx) as at:
        consult, party = await at.consult_number()
        if stage == "conference":
            at.core.send(Confer(at.call, at.offer, consult))
            await hears(party, at.agent_phone.tone, CALLER)
        if stage == "hung up":
            await at.agent.hang_up()
            await at.tells(PhoneLeft(at.offer))
        at.core.send(LeaveWith(at.call, consult))
        await at.tells(SentElsewhere(at.call))
        await hears(at.caller, NUMBER_TONE)
        await hears(party, CALLER)
        assert await at.agent.ended() in (Ending.FAR_HUNG_UP, Ending.HUNG_UP)
        await (party if stage == "conference" else at.caller).hang_up()
        assert await at.caller.ended()
        assert await party.ended()


async def test_to_a_number_that_has_just_hung_up(boot_pbx: BootPbx) -> None:
    """The caller is back in the line, with the agent's phone let go."""
    async with talk_scene(boot_pbx) as at:
        consult, party = await at.consult_number()
        await party.hang_up()
        await at.tells(CallerLeft(consult))
        at.core.send(LeaveWith(at.call, consult))
        failed = await at.core.hears(SendingFailed)
        assert failed.call == at.call
        assert "hung up" in failed.why
        assert await at.agent.ended() is Ending.FAR_HUNG_UP
        again = at.core.offer(at.call, "PJSIP/1003")
        third = await at.answered(at.others[0])
        await at.tells(OfferAccepted(again))
        await hears(third, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))


@pytest.mark.parametrize("who", ["caller", "number"])
async def test_a_hang_up_in_the_moment_of_leaving(boot_pbx: BootPbx, who: str) -> None:
    """One end is told of the call; a caller who is still there waits in the line or talks elsewhere."""
    async with talk_scene(boot_pbx, begun=False) as at:
        for round_ in range(ROUNDS):
            await at.begin()
            consult, party = await at.consult_number()
            async with trio.open_nursery() as nursery:
                nursery.start_soon((at.caller if who == "caller" else party).hang_up)
                await trio.sleep(random.Random(round_).uniform(0, 0.004))
                at.core.send(LeaveWith(at.call, consult))
            ends = await _ends(at, consult)
            assert [type(each) for each in ends[1:]] in ([], [CallArrived])
            if isinstance(ends[0], SendingFailed | SentElsewhere) and await _is_here(at, ends):
                at.core.send(ReleaseCall(at.call))
                await at.tells(CallerLeft(at.call))
            for call in (at.caller, at.agent, party):
                assert await call.ended(within_s=10)


async def _ends(at: TalkScene, consult: CallId) -> list[PbxEvent]:
    """What is told of the call within a second; a consult that ended by itself may be told before."""
    ends: list[PbxEvent] = []
    with trio.move_on_after(1):
        while True:
            event = await at.core.next_event()
            if event != CallerLeft(consult):
                ends.append(event)
    return ends


async def _is_here(at: TalkScene, ends: list[PbxEvent]) -> bool:
    """Whether the caller is in the line again: not sent at all, or sent to a number that had just gone."""
    if isinstance(ends[0], SendingFailed) or len(ends) > 1:
        return True
    with trio.move_on_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_when_over, at, nursery.cancel_scope)
            await at.core.hears(CallArrived)
            nursery.cancel_scope.cancel()
            return True
    return False


async def _cancel_when_over(at: TalkScene, scope: trio.CancelScope) -> None:
    await at.caller.ended(float("inf"))
    scope.cancel()


@pytest.mark.parametrize("held", [False, True])
async def test_blind_to_a_number(boot_pbx: BootPbx, held: bool) -> None:
    """The phone is let go, the number rings for the caller; in the core's order."""
    async with talk_scene(boot_pbx) as at:
        if held:
            await at.hold()
        at.core.send(WithdrawOffer(at.offer), SendElsewhere(at.call, TO_NUMBER))
        await at.tells(SentElsewhere(at.call))
        assert await at.agent.ended() is Ending.FAR_HUNG_UP
        party = await at.answered(at.sip.outside)
        await hears(party, CALLER)
        await at.caller.hang_up()
        assert await party.ended() is Ending.FAR_HUNG_UP


@pytest.mark.parametrize("held", [False, True])
async def test_blind_to_a_number_that_there_is_not(boot_pbx: BootPbx, held: bool) -> None:
    """The caller waits in the line, and is offered again."""
    async with talk_scene(boot_pbx) as at:
        if held:
            await at.hold()
        at.core.send(WithdrawOffer(at.offer), SendElsewhere(at.call, Destination(DestinationKind.NUMBER, "777")))
        assert (await at.core.hears(SendingFailed)).call == at.call
        await hears(at.caller, MUSIC)
        again = at.core.offer(at.call, "PJSIP/1002")
        party = await at.answered(at.party_phone)
        await at.tells(OfferAccepted(again))
        await hears(party, CALLER)
        await at.caller.hang_up()
        await at.tells(CallerLeft(at.call))
