"""Supervisors listen, whisper and barge in, on a real Asterisk: who hears whom, and how it ends."""

import random

import pytest
import trio

from acd.commands import ChangeMonitor, EndMonitor, KeepWaiting, ReleaseCall, StartMonitor
from acd.events import (
    CallerLeft,
    MonitorEnded,
    MonitorMode,
    MonitorStarted,
    OfferAccepted,
    OfferFailure,
    PbxLost,
    PhoneLeft,
)
from tests.asterisk.house import answer_if_it_rings
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import acd_pbx, adapter_beside, linked, settings_for
from tests.asterisk.talks import MONITOR, a_talk, desk, talk_with
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import rejecting
from tests.pbx.loopback import AMI_PORT
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

LISTEN, WHISPER, BARGE = MonitorMode.LISTEN, MonitorMode.WHISPER, MonitorMode.BARGE
SPYING = (LISTEN, WHISPER, BARGE)
HEARD = {
    LISTEN: {"caller": "agent", "agent": "caller", "supervisor": "caller agent"},
    WHISPER: {"caller": "agent", "agent": "caller supervisor", "supervisor": "caller agent"},
    BARGE: {"caller": "agent supervisor", "agent": "caller supervisor", "supervisor": "caller agent"},
}
GAP_MS_MAX, SWITCH_MS_MAX = 150, 400  # a switch takes 160 ms


async def test_who_hears_whom_in_each_mode_and_after_each_switch(boot_pbx: BootPbx) -> None:
    """Without a second ring, and with hardly a gap in what the supervisor hears; the talk itself goes on unbroken."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(LISTEN)
        await talk.is_heard(**HEARD[LISTEN])
        talk.caller.sound.restart()
        talk.agent.sound.restart()
        for mode in (WHISPER, BARGE, LISTEN, BARGE, WHISPER, LISTEN):
            talk.supervisor.sound.restart()
            await trio.sleep(0.1)  # so that what comes before the switch counts for the gap
            talk.core.send(ChangeMonitor(MONITOR, mode))
            await talk.is_heard(**HEARD[mode])
            assert talk.supervisor.sound.received.longest_gap_ms < SWITCH_MS_MAX
        assert talk.caller.sound.received.gap_ms_now() < GAP_MS_MAX
        assert talk.agent.sound.received.gap_ms_now() < GAP_MS_MAX
        assert len(talk.sip.phones["1002"].calls) == 1
        talk.core.send(EndMonitor(MONITOR))
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
        await talk.is_heard(caller="agent", agent="caller")
        assert talk.core.hears_no_more()


@pytest.mark.parametrize("mode", SPYING)
async def test_the_first_mode_is_the_one_asked_for(boot_pbx: BootPbx, mode: MonitorMode) -> None:
    """And nobody hears anything new while it rings."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(mode)
        await talk.is_heard(caller="agent", agent="caller")
        await ring.answer()
        await talk.core.hears_exactly(MonitorStarted(MONITOR))
        await talk.is_heard(**HEARD[mode])


@pytest.mark.parametrize("mode", SPYING)
async def test_caller_hangs_up(boot_pbx: BootPbx, mode: MonitorMode) -> None:
    """Then all is over, and the supervisor's phone is let go."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(mode)
        await talk.is_heard(**HEARD[mode])
        await talk.caller.hang_up()
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(MONITOR))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
        assert await talk.agent.ended() is Ending.FAR_HUNG_UP


@pytest.mark.parametrize("mode", SPYING)
async def test_agents_phone_hangs_up(boot_pbx: BootPbx, mode: MonitorMode) -> None:
    """The supervisor's phone is let go and never hears the caller again, nor is heard, though the caller stays."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(mode)
        await talk.is_heard(**HEARD[mode])
        await talk.agent.hang_up()
        await talk.core.hears_in_any_order(PhoneLeft(talk.offer), MonitorEnded(MONITOR))
        talk.core.send(KeepWaiting(talk.call))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
        assert await talk.caller.hears_music()
        await talk.is_heard(caller="")
        offer = talk.core.offer(talk.call)
        talk.parties["agent"] = ring = await talk.phone.ringing()
        await ring.answer()
        await talk.core.hears_exactly(OfferAccepted(offer))
        await talk.is_heard(caller="agent", agent="caller")


@pytest.mark.parametrize("mode", SPYING)
async def test_supervisors_phone_hangs_up(boot_pbx: BootPbx, mode: MonitorMode) -> None:
    """The talk goes on; and the same supervisor may come again."""
    async with a_talk(boot_pbx) as talk:
        supervisor = await talk.watched(mode)
        await talk.is_heard(**HEARD[mode])
        await supervisor.hang_up()
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        await talk.is_heard(caller="agent", agent="caller")
        await talk.watched(BARGE)
        await talk.is_heard(**HEARD[BARGE])


@pytest.mark.parametrize("after_s", [0.0, 0.05])
@pytest.mark.parametrize(
    ("status", "why"),
    [
        (486, OfferFailure.BUSY),
        (603, OfferFailure.REJECTED),
        (480, OfferFailure.UNREACHABLE),
        (404, OfferFailure.UNREACHABLE),
        (503, OfferFailure.UNREACHABLE),
    ],
)
async def test_supervisors_phone_refuses(boot_pbx: BootPbx, status: int, why: OfferFailure, after_s: float) -> None:
    """Each refusal is told with its reason, and the talk isn't disturbed."""
    async with a_talk(boot_pbx) as talk:
        talk.sip.phones["1002"].behaviour = rejecting(status, after_s)
        talk.core.send(StartMonitor(MONITOR, talk.offer, "PJSIP/1002", LISTEN, 5000))
        await talk.core.hears_exactly(MonitorEnded(MONITOR, why))
        await talk.is_heard(caller="agent", agent="caller")


@pytest.mark.parametrize("device", ["PJSIP/nobody", "Nothing/1002", "nonsense"])
async def test_supervisors_phone_is_not_there(boot_pbx: BootPbx, device: str) -> None:
    """Not configured, a technology that doesn't exist, no device at all."""
    async with a_talk(boot_pbx) as talk:
        talk.core.send(StartMonitor(MONITOR, talk.offer, device, LISTEN, 5000))
        await talk.core.hears_exactly(MonitorEnded(MONITOR, OfferFailure.UNREACHABLE))


async def test_supervisors_phone_is_not_answered(boot_pbx: BootPbx) -> None:
    """After the ring time it rings no more."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(LISTEN, ring_ms=700)
        await talk.core.hears_exactly(MonitorEnded(MONITOR, OfferFailure.UNANSWERED))
        assert await ring.ended() is Ending.CANCELLED


async def test_a_monitor_of_a_talk_that_is_over_ends_at_once(boot_pbx: BootPbx) -> None:
    """Nothing rings."""
    async with a_talk(boot_pbx) as talk:
        await talk.caller.hang_up()
        await talk.core.hears_exactly(CallerLeft(talk.call))
        talk.core.send(StartMonitor(MONITOR, talk.offer, "PJSIP/1002", LISTEN, 5000))
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        talk.core.send(ChangeMonitor(MONITOR, BARGE), EndMonitor(MONITOR))
        assert not talk.sip.phones["1002"].calls


async def test_end_while_it_rings_cancels(boot_pbx: BootPbx) -> None:
    """Told once; also when nothing rings yet."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(LISTEN)
        talk.core.send(EndMonitor(MONITOR), EndMonitor(MONITOR))
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        assert await ring.ended() is Ending.CANCELLED
        for _ in range(10):
            talk.core.send(StartMonitor(MONITOR, talk.offer, "PJSIP/1002", LISTEN, 5000), EndMonitor(MONITOR))
            await talk.core.hears_exactly(MonitorEnded(MONITOR))
        await talk.is_heard(caller="agent", agent="caller")
        assert talk.core.hears_no_more()


async def test_end_in_the_moment_of_the_answer(boot_pbx: BootPbx) -> None:
    """Many times with jitter: told once as ended, perhaps as started before, and the phone is always let go."""
    async with a_talk(boot_pbx) as talk:
        for round_ in range(30):
            ring = await talk.rings(BARGE)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(answer_if_it_rings, ring)
                await trio.sleep(random.Random(round_).uniform(0, 0.008))
                talk.core.send(EndMonitor(MONITOR))
            event = await talk.core.next_event()
            if event == MonitorStarted(MONITOR):
                event = await talk.core.next_event()
            assert event == MonitorEnded(MONITOR)
            assert await ring.ended() in (Ending.CANCELLED, Ending.FAR_HUNG_UP)
        await talk.is_heard(caller="agent", agent="caller")
        assert talk.core.hears_no_more()


async def test_switches_as_quick_as_they_come(boot_pbx: BootPbx) -> None:
    """The last one holds; also those that come while it rings."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(LISTEN)
        talk.core.send(ChangeMonitor(MONITOR, WHISPER), ChangeMonitor(MONITOR, BARGE))
        await ring.answer()
        await talk.core.hears_exactly(MonitorStarted(MONITOR))
        await talk.is_heard(**HEARD[BARGE])
        for round_ in range(20):
            modes = random.Random(round_).choices(SPYING, k=5)
            for mode in modes:
                talk.core.send(ChangeMonitor(MONITOR, mode))
                await trio.sleep(random.Random(round_).uniform(0, 0.003))
        await talk.is_heard(**HEARD[modes[-1]])
        assert talk.core.hears_no_more()


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_talk_that_ends_while_the_supervisors_phone_rings(boot_pbx: BootPbx, who: str) -> None:
    """Whoever answers then hears nobody, and is heard by nobody; it is told as ended, and never as begun."""
    async with a_talk(boot_pbx) as talk:
        ring = await talk.rings(BARGE)
        await talk.parties[who].hang_up()
        await talk.core.hears_exactly(CallerLeft(talk.call) if who == "caller" else PhoneLeft(talk.offer))
        await ring.answer()
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        assert await ring.ended() is Ending.FAR_HUNG_UP
        assert not talk.heard_by("supervisor")


async def test_supervisor_never_hears_the_agents_next_talk(boot_pbx: BootPbx) -> None:
    """The same phone talks again at once; the spying on its first channel is over all the same."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(BARGE)
        await talk.is_heard(**HEARD[BARGE])
        next_call, _ = await talk.core.waiting_call(talk.sip)
        talk.core.offer(next_call)
        second = await talk.phone.ringing()
        await second.answer()  # on the phone's second line
        await talk.core.hears(OfferAccepted)
        await talk.is_heard(**HEARD[BARGE])
        talk.supervisor.sound.restart()
        await talk.agent.hang_up()
        await talk.core.hears_in_any_order(PhoneLeft(talk.offer), MonitorEnded(MONITOR))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
        assert await second.sound.stays_deaf_to(talk.tones["supervisor"])


async def test_two_supervisors_at_once(boot_pbx: BootPbx) -> None:
    """Each by a phone of its own: here a second agent's phone; the end of the one leaves the other alone."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(LISTEN)
        talk.core.send(StartMonitor(type(MONITOR)("lead-2"), talk.offer, "PJSIP/1001", LISTEN, 5000))
        other = await talk.phone.ringing()
        await other.answer()
        await talk.core.hears_exactly(MonitorStarted(type(MONITOR)("lead-2")))
        await talk.is_heard(**HEARD[LISTEN])
        assert await other.hears(talk.tones["caller"])
        await talk.supervisor.hang_up()
        await talk.core.hears_exactly(MonitorEnded(MONITOR))
        other.sound.restart()
        assert await other.hears(talk.tones["caller"])
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(type(MONITOR)("lead-2")))


async def test_forced_release_ends_all(boot_pbx: BootPbx) -> None:
    """The supervisor ends the call to which he or she listens."""
    async with a_talk(boot_pbx) as talk:
        await talk.watched(WHISPER)
        talk.core.send(ReleaseCall(talk.call))
        await talk.core.hears_in_any_order(CallerLeft(talk.call), MonitorEnded(MONITOR))
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP


# --- absence --------------------------------------------------------------------------------------------------------


async def test_supervisors_phone_of_an_earlier_life_is_let_go(boot_pbx: BootPbx) -> None:
    """The talk itself goes on. Without a daemon the spying goes on, as long as the agent's phone is there."""
    async with desk(boot_pbx) as (pbx, sip):
        async with linked(pbx) as core:
            talk = await talk_with(core, sip, pbx)
            await talk.watched(BARGE)
        await talk.is_heard(**HEARD[BARGE])
        async with adapter_beside(settings_for(pbx)) as core:
            assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP
            await talk.is_heard(caller="agent", agent="caller")


@pytest.mark.parametrize("who", ["caller", "agent"])
async def test_without_the_daemon_the_spying_ends_with_the_talk(boot_pbx: BootPbx, who: str) -> None:
    """By the dialplan itself."""
    async with desk(boot_pbx) as (pbx, sip):
        async with linked(pbx) as core:
            talk = await talk_with(core, sip, pbx)
            await talk.watched(BARGE)
        await talk.parties[who].hang_up()
        assert await talk.supervisor.ended() is Ending.FAR_HUNG_UP


async def test_what_happens_during_a_cut_is_told(boot_pbx: BootPbx) -> None:
    """Answered, hung up, refused, switched and ended while nothing got through."""
    async with desk(boot_pbx) as (pbx, sip), relay_to(pbx.address, AMI_PORT) as wire:
        async with linked(pbx, host="127.0.0.1", port=wire.port, answer_s_max=1.0) as core:
            talk = await talk_with(core, sip, pbx)
            ring = await talk.rings(LISTEN)
            wire.hold()
            await ring.answer()
            await talk.is_heard(**HEARD[LISTEN])
            await core.hears(PbxLost)
            wire.release()
            assert await core.until_found() == []
            await core.hears_exactly(MonitorStarted(MONITOR))
            await talk.is_heard(**HEARD[LISTEN])
            wire.hold()
            core.send(ChangeMonitor(MONITOR, BARGE))
            await core.hears(PbxLost)
            wire.release()
            assert await core.until_found() == []
            await talk.is_heard(**HEARD[BARGE])
            wire.hold()
            await talk.supervisor.hang_up()
            await core.hears(PbxLost)
            wire.release()
            assert await core.until_found() == [MonitorEnded(MONITOR)]
            ring = await talk.rings(LISTEN)
            wire.hold()
            await ring.reject(486)
            await core.hears(PbxLost)
            wire.release()
            assert await core.until_found() == [MonitorEnded(MONITOR, OfferFailure.UNREACHABLE)]
            await talk.watched(LISTEN)
            wire.hold()
            core.send(EndMonitor(MONITOR))
            await core.hears(PbxLost)
            wire.release()
            assert await core.until_found() == []
            await core.hears_exactly(MonitorEnded(MONITOR))
            await talk.is_heard(caller="agent", agent="caller")


async def test_asterisk_killed(boot_pbx: BootPbx) -> None:
    """The monitor has ended with everything else."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        await sip.phone("1001")
        await sip.phone("1002")
        talk = await talk_with(core, sip, pbx)
        await talk.watched(LISTEN)
        await pbx.kill()
        await core.hears(PbxLost)
        await pbx.start()
        told = [event for event in await core.until_found() if not isinstance(event, PbxLost)]
        assert told == [MonitorEnded(MONITOR), CallerLeft(talk.call)]
