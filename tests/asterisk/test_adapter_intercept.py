"""A supervisor takes the caller over, on a real Asterisk: no caller is ever lost by it."""

import random
from collections.abc import Awaitable, Callable
from functools import partial

import pytest
import trio

from acd.commands import ChangeMonitor, EndMonitor, KeepWaiting, ReleaseCall, StartMonitor
from acd.events import (
    CallerLeft,
    Intercepted,
    MonitorEnded,
    MonitorMode,
    OfferAccepted,
    OfferFailure,
    PbxLost,
    PhoneLeft,
)
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import adapter_beside, linked, settings_for
from tests.asterisk.talks import MONITOR, Talk, a_talk, desk, no_channel_is_left, talk_with
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import rejecting
from tests.pbx.loopback import AMI_PORT

pytestmark = pytest.mark.asterisk

INTERCEPT = MonitorMode.INTERCEPT
SPYING = (MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE)
ROUNDS = 15


async def _intercepted(talk: Talk) -> None:
    """The supervisor's phone rings, answers, and has the caller."""
    ring = await talk.rings(INTERCEPT)
    await ring.answer()
    await talk.core.hears_exactly(Intercepted(MONITOR))
    await talk.is_heard(caller="supervisor", supervisor="caller")


async def test_taking_over_lets_the_agents_phone_go(boot_pbx: BootPbx) -> None:
    """It is hung up, and that isn't told; until the supervisor answers the talk goes on."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(INTERCEPT)
        await talk.is_heard(caller="agent", agent="caller")
        await ring.answer()
        await talk.core.hears_exactly(Intercepted(MONITOR))
        assert await talk.agent.ended() is Ending.FAR_HUNG_UP
        await talk.is_heard(caller="supervisor", supervisor="caller")
        assert talk.core.hears_no_more()


@pytest.mark.parametrize("mode", SPYING)
async def test_taking_over_from_spying(boot_pbx: BootPbx, mode: MonitorMode) -> None:
    """Without a ring; and there is no way back."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(mode)
        talk.core.send(ChangeMonitor(MONITOR, INTERCEPT))
        await talk.core.hears_exactly(Intercepted(MONITOR))
        assert await talk.agent.ended() is Ending.FAR_HUNG_UP
        await talk.is_heard(caller="supervisor", supervisor="caller")
        talk.core.send(ChangeMonitor(MONITOR, mode))
        await talk.is_heard(caller="supervisor", supervisor="caller")
        assert talk.core.hears_no_more()
        assert len(talk.sip.phones["1002"].calls) == 1


async def test_the_caller_hears_no_gap_worth_the_name(boot_pbx: BootPbx) -> None:
    """From the agent to the supervisor."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(MonitorMode.LISTEN)
        talk.caller.sound.restart()
        await trio.sleep(0.1)  # so that what comes before counts for the gap
        talk.core.send(ChangeMonitor(MONITOR, INTERCEPT))
        await talk.is_heard(caller="supervisor")
        assert talk.caller.sound.received.longest_gap_ms < 500


async def test_caller_hangs_up_after_it(boot_pbx: BootPbx) -> None:
    """The supervisor's phone is let go."""
    async with a_talk(boot_pbx) as talk:
        await _intercepted(talk)
        await talk.caller.hang_up()
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(MONITOR))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
        assert talk.core.hears_no_more()


@pytest.mark.parametrize("how", ["hangs up", "is ended"])
async def test_supervisor_leaves_after_it(boot_pbx: BootPbx, how: str) -> None:
    """The caller stays until the core releases the call, or for five seconds."""
    async with a_talk(boot_pbx) as talk:
        await _intercepted(talk)
        if how == "hangs up":
            await talk.supervisor.hang_up()
        else:
            talk.core.send(EndMonitor(MONITOR))
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        await talk.supervisor.ended()
        assert talk.caller.is_talking
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_exactly(CallerLeft(talk.call))
        assert await talk.caller.ended() is Ending.FAR_HUNG_UP
        assert talk.core.hears_no_more()


async def test_release_of_a_call_taken_over(boot_pbx: BootPbx) -> None:
    """A forced release ends both."""
    async with a_talk(boot_pbx) as talk:
        await _intercepted(talk)
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(MONITOR))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP


async def test_ring_that_fails_leaves_the_talk_alone(boot_pbx: BootPbx) -> None:
    """Busy, cancelled, not answered."""
    async with a_talk(boot_pbx) as talk:
        phone = talk.sip.phones["1002"]
        phone.script.append(rejecting(486))
        talk.core.send(StartMonitor(MONITOR, talk.offer, "PJSIP/1002", INTERCEPT, 5000))
        await talk.core.hears_exactly(MonitorEnded(MONITOR, OfferFailure.BUSY))
        await phone.next_call()
        await talk.rings(INTERCEPT)
        talk.core.send(EndMonitor(MONITOR))
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        await talk.rings(INTERCEPT, ring_ms=500)
        await talk.core.hears_exactly(MonitorEnded(MONITOR, OfferFailure.UNANSWERED))
        await talk.is_heard(caller="agent", agent="caller")


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_talk_that_is_over_when_the_supervisor_answers(boot_pbx: BootPbx, who: str) -> None:
    """There is nobody to be taken over; a caller whose agent has gone waits on."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(INTERCEPT)
        await talk.parties[who].hang_up()
        if who == "agent":
            await talk.core.hears_exactly(PhoneLeft(talk.offer))
            talk.core.send(KeepWaiting(talk.call))
        else:
            await talk.core.hears_exactly(CallerLeft(talk.call))
        await ring.answer()
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        assert await ring.ended() is Ending.FAR_HUNG_UP
        if who == "agent":
            assert await talk.caller.hears_music()


async def test_in_the_moment_of_the_supervisors_own_end(boot_pbx: BootPbx) -> None:
    """Many times with jitter: either the supervisor had the caller and has gone, or caller and agent talk on."""
    await _rounds(boot_pbx, partial(_race, lambda talk: talk.supervisor.hang_up()))


async def test_in_the_moment_of_its_cancelling(boot_pbx: BootPbx) -> None:
    """Likewise, by the core's word."""

    async def end(talk: Talk) -> None:
        talk.core.send(EndMonitor(MONITOR))

    await _rounds(boot_pbx, partial(_race, end))


async def _rounds(boot_pbx: BootPbx, play: Callable[[Talk, int], Awaitable[None]]) -> None:
    """Many talks, one after the other, each with its seed; after each of them no channel may be left."""
    async with desk(boot_pbx) as (pbx, sip), linked(pbx) as core:
        for seed in range(ROUNDS):
            await play(await talk_with(core, sip, pbx), seed)
            await no_channel_is_left(pbx, sip)
            assert core.hears_no_more()


async def _race(end: Callable[[Talk], Awaitable[None]], talk: Talk, seed: int) -> None:
    """Take over and end at once; what is told must be true."""
    await talk.watched(MonitorMode.LISTEN)
    async with trio.open_nursery() as nursery:
        talk.core.send(ChangeMonitor(MONITOR, INTERCEPT))
        await trio.sleep(random.Random(seed).uniform(0, 0.15))
        nursery.start_soon(end, talk)
    told = [await talk.core.next_event()]
    while told[-1] != MonitorEnded(MONITOR):
        told.append(await talk.core.next_event())
    if told == [MonitorEnded(MONITOR)]:
        await talk.is_heard(caller="agent", agent="caller")
        assert talk.core.hears_no_more()
        await talk.agent.hang_up()
        await talk.core.hears_exactly(PhoneLeft(talk.offer))
    else:
        assert told == [Intercepted(MONITOR), MonitorEnded(MONITOR)]
        assert await talk.agent.ended() is Ending.FAR_HUNG_UP
    assert talk.caller.is_talking
    talk.core.send(ReleaseCall(talk.call))
    await talk.core.hears_exactly(CallerLeft(talk.call))


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_in_the_moment_in_which_another_party_hangs_up(boot_pbx: BootPbx, who: str) -> None:
    """Many times with jitter: everybody's end is told once, and nobody is left with nobody."""
    await _rounds(boot_pbx, partial(_crossing, who))


async def _crossing(who: str, talk: Talk, seed: int) -> None:
    """That party hangs up in the moment of taking over."""
    await talk.watched(MonitorMode.LISTEN)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(talk.parties[who].hang_up)
        await trio.sleep(random.Random(seed).uniform(0, 0.004))
        talk.core.send(ChangeMonitor(MONITOR, INTERCEPT))
    first = await talk.core.next_event()
    if who == "agent" and first == Intercepted(MONITOR):
        await talk.is_heard(caller="supervisor", supervisor="caller")
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(MONITOR))
        return
    told = {first, await talk.core.next_event()}
    if Intercepted(MONITOR) in told:
        told.add(await talk.core.next_event())
    end = CallerLeft(talk.call) if who == "caller" else PhoneLeft(talk.offer)
    assert told - {Intercepted(MONITOR)} == {end, MonitorEnded(MONITOR)}
    if who == "agent":
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_exactly(CallerLeft(talk.call))
    assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP


async def test_left_alone_by_the_next_life(boot_pbx: BootPbx) -> None:
    """Caller and supervisor talk on, with the daemon away and when it is back; then the call ends."""
    async with desk(boot_pbx) as (pbx, sip):
        async with linked(pbx) as core:
            talk = await talk_with(core, sip, pbx)
            await _intercepted(talk)
        await talk.is_heard(caller="supervisor", supervisor="caller")
        async with adapter_beside(settings_for(pbx)):
            await talk.is_heard(caller="supervisor", supervisor="caller")
            await talk.supervisor.hang_up()
            assert await talk.caller.ended(8) is Ending.FAR_HUNG_UP


@pytest.mark.parametrize("who", ["caller", "supervisor"])
async def test_without_the_daemon_it_ends_by_itself(boot_pbx: BootPbx, who: str) -> None:
    """The caller is kept for five seconds for a daemon to come."""
    async with desk(boot_pbx) as (pbx, sip):
        async with linked(pbx) as core:
            talk = await talk_with(core, sip, pbx)
            await _intercepted(talk)
        await talk.parties[who].hang_up()
        other = "supervisor" if who == "caller" else "caller"
        assert await talk.parties[other].ended(8) is Ending.FAR_HUNG_UP


async def test_link_lost_in_the_midst(boot_pbx: BootPbx) -> None:
    """Many times at another moment: afterwards the core is told what has become of it, once."""
    async with desk(boot_pbx) as (pbx, sip), relay_to(pbx.address, AMI_PORT) as wire:
        for seed in range(8):
            async with linked(pbx, host="127.0.0.1", port=wire.port) as core:
                talk = await talk_with(core, sip, pbx)
                await talk.watched(MonitorMode.LISTEN)
                core.send(ChangeMonitor(MONITOR, INTERCEPT))
                await trio.sleep(random.Random(seed).uniform(0, 0.15))
                await wire.cut()
                told = [await core.next_event()]
                while told[-1] != Intercepted(MONITOR):
                    told.append(await core.next_event())
                assert sum(isinstance(event, PbxLost) for event in told) <= 1
                await talk.is_heard(caller="supervisor", supervisor="caller")
                assert await talk.agent.ended() is Ending.FAR_HUNG_UP
                talk.core.send(ReleaseCall(talk.call))
                while told[-1] != CallerLeft(talk.call):
                    told.append(await core.next_event())
                    talk.core.send(ReleaseCall(talk.call))
                assert not any(isinstance(event, PhoneLeft | OfferAccepted) for event in told)
                assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
