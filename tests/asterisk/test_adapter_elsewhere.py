"""Callers who leave for a number, a mailbox or the end, on a real Asterisk."""

import random

import pytest
import trio

from acd.commands import ReleaseCall, SendElsewhere, WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, PbxFound, PbxLost, SendingFailed, SentElsewhere
from acd.ids import CallId
from acd.rules import Destination, DestinationKind
from tests.asterisk.house import answer_if_it_rings
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import ScriptedCore, acd_pbx, adapter_beside, linked, settings_for
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import AMI_PORT
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import telephones
from tests.pbx.tree import AsteriskTree

pytestmark = pytest.mark.asterisk

OUTSIDE = """
[acd-outside-own]
exten => _10XX,1,Dial(PJSIP/${EXTEN},20)
exten => 700,1,Answer(,i)
 same => n,Milliwatt()
exten => 800,1,Set(ACD_GROUP=night)
 same => n,Goto(acd-entry,8002,1)
"""
MILLIWATT = 1004
TO_TONE = Destination(DestinationKind.NUMBER, "700")
TO_PHONE = Destination(DestinationKind.NUMBER, "1002")
TO_ENTRY = Destination(DestinationKind.NUMBER, "800")
TO_BOX = Destination(DestinationKind.VOICEMAIL, "500")
HANG_UP = Destination(DestinationKind.HANG_UP)


async def test_sent_to_a_number_that_rings_a_phone(boot_pbx: BootPbx) -> None:
    """With the caller's number; they talk; the end of it is none of ours."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1002")
        call, caller = await core.waiting_call(sip)
        core.send(SendElsewhere(call, TO_PHONE))
        await core.hears_exactly(SentElsewhere(call))
        ring = await phone.ringing()
        assert ring.caller_number == "13800000001"
        await ring.answer()
        assert await caller.hears(phone.tone)
        assert await ring.hears(sip.outside.tone)
        await caller.hang_up()
        assert await ring.ended() is Ending.FAR_HUNG_UP
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_sent_to_a_mailbox(boot_pbx: BootPbx, pbx_tree: AsteriskTree) -> None:
    """Asterisk's own voicemail takes the call; one that isn't there doesn't, and the caller waits on."""
    if not pbx_tree.has_module("app_voicemail"):
        pytest.skip("this build has no app_voicemail")
    async with boot_pbx(acd_pbx(mailbox="500")) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        core.send(SendElsewhere(call, Destination(DestinationKind.VOICEMAIL, "501")))
        failed = await core.hears(SendingFailed)
        assert "mailbox 501" in failed.why
        core.send(SendElsewhere(call, TO_BOX))
        await core.hears_exactly(SentElsewhere(call))
        with trio.fail_after(5):
            while "VoiceMail" not in await pbx.cli("core show channels concise"):  # noqa: ASYNC110  asked over the wire
                await trio.sleep(0.05)
        assert await caller.hears_music(), "the greeting"
        await caller.hang_up()
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_sent_to_a_mailbox_of_the_users_own(boot_pbx: BootPbx) -> None:
    """The context acd-voicemail-own goes first, with the box as its extension."""
    dialplan = "[acd-voicemail-own]\nexten => 500,1,Answer(,i)\n same => n,Milliwatt()"
    async with boot_pbx(acd_pbx(dialplan=dialplan)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        core.send(SendElsewhere(call, TO_BOX))
        await core.hears_exactly(SentElsewhere(call))
        assert await caller.hears(MILLIWATT)


async def test_sent_to_the_end(boot_pbx: BootPbx) -> None:
    """The caller is hung up, and nothing but SentElsewhere is told of it."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        await caller.answered()
        core.send(SendElsewhere(call, HANG_UP))
        await core.hears_exactly(SentElsewhere(call))
        assert await caller.ended() is Ending.FAR_HUNG_UP
        await core.waiting_call(sip)
    assert core.hears_no_more()


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (TO_PHONE, "[acd-outside-own]"),
        (TO_BOX, "acd-voicemail-own"),
        (Destination(DestinationKind.NUMBER, "1002;x"), "1002;x"),
        (Destination(DestinationKind.NUMBER, "${EXTEN}"), "${EXTEN}"),
    ],
)
async def test_no_such_place(boot_pbx: BootPbx, to: Destination, why: str) -> None:
    """Neither context nor voicemail: what to add is said; the caller hears music on, and can be served."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        core.send(SendElsewhere(call, to))
        failed = await core.hears(SendingFailed)
        assert failed.call == call
        assert why in failed.why
        assert await caller.hears_music()
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
    assert core.hears_no_more()


async def test_caller_leaves_in_the_moment_of_being_sent(boot_pbx: BootPbx) -> None:
    """Exactly one of the two is told, and a caller who waits on is never left behind."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        ends = []
        for round_ in range(60):
            call, caller = await core.waiting_call(sip)
            await caller.answered()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_hang_up_after, caller, 0.002)
                await trio.sleep(random.Random(round_).uniform(0, 0.005))
                core.send(SendElsewhere(call, TO_TONE))
            ends.append(await core.next_event())
            assert ends[-1] in (CallerLeft(call), SentElsewhere(call))
        assert {type(event) for event in ends} == {CallerLeft, SentElsewhere}, "the jitter must meet both sides"
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_a_late_answer_neither_keeps_the_caller_nor_leaves_a_ghost(boot_pbx: BootPbx) -> None:
    """The phone answers while its offer is withdrawn and the caller sent: the caller goes, the phone ends."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        accepted = 0
        for round_ in range(40):
            call, caller = await core.waiting_call(sip, rtp=True)
            offer = core.offer(call)
            ring = await phone.ringing()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(answer_if_it_rings, ring)
                await trio.sleep(random.Random(round_).uniform(0, 0.006))
                core.send(WithdrawOffer(offer), SendElsewhere(call, TO_TONE))
            event = await core.next_event()
            if event == OfferAccepted(offer):
                accepted += 1
                event = await core.next_event()
            assert event == SentElsewhere(call)
            assert await ring.ended() in (Ending.CANCELLED, Ending.FAR_HUNG_UP)
            assert await caller.hears(MILLIWATT)
            await caller.hang_up()
        assert 0 < accepted < 40, "the jitter must meet both sides of the moment"
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_an_offer_that_still_rings_is_withdrawn(boot_pbx: BootPbx) -> None:
    """The core has done so before; if not, no phone rings for a caller who is gone."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, _ = await core.waiting_call(sip)
        core.offer(call)
        ring = await phone.ringing()
        core.send(SendElsewhere(call, TO_TONE))
        await core.hears_exactly(SentElsewhere(call))
        assert await ring.ended() is Ending.CANCELLED


async def test_a_caller_who_comes_back_by_an_entry_is_a_new_arrival(boot_pbx: BootPbx) -> None:
    """With what the dialplan set meanwhile; the call is served like any other."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        call, caller = await core.waiting_call(sip)
        for _ in range(2):
            core.send(SendElsewhere(call, TO_ENTRY))
            await core.hears_exactly(SentElsewhere(call))
            again = await core.hears(CallArrived)
            assert (again.call, again.entry, again.group, again.waiting_since) == (call, "8002", "night", None)
        offer = core.offer(call)
        await (await phone.ringing()).answer()
        await core.hears_exactly(OfferAccepted(offer))
        assert await caller.hears(phone.tone)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(call))
        await core.waiting_call(sip)
    assert core.hears_no_more()


async def test_released_in_the_same_moment(boot_pbx: BootPbx) -> None:
    """A release ends in CallerLeft, whatever was asked before."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx, rtp=False) as sip, linked(pbx) as core:
        for _ in range(10):
            call, caller = await core.waiting_call(sip)
            await caller.answered()
            core.send(SendElsewhere(call, TO_TONE), ReleaseCall(call), SendElsewhere(call, TO_TONE))
            await core.hears_exactly(CallerLeft(call))
            assert await caller.ended() is Ending.FAR_HUNG_UP
    assert core.hears_no_more()


async def test_callers_elsewhere_are_none_of_the_next_lifes(boot_pbx: BootPbx) -> None:
    """Neither one who talks with a phone outside nor one in a context of the user's own; those who wait are adopted."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1002")
        async with linked(pbx) as core:
            talks, talker = await core.waiting_call(sip)
            hears, _ = await core.waiting_call(sip)
            waits, _ = await core.waiting_call(sip)
            core.send(SendElsewhere(talks, TO_PHONE), SendElsewhere(hears, TO_TONE))
            assert {await core.hears(SentElsewhere), await core.hears(SentElsewhere)} == {
                SentElsewhere(talks),
                SentElsewhere(hears),
            }
            await (await phone.ringing()).answer()
            assert await talker.hears(phone.tone)
        async with adapter_beside(settings_for(pbx)) as core:
            assert (await core.hears(CallArrived)).call == waits
            await core.hears(PbxFound)
            assert await talker.hears(phone.tone)
            await talker.hang_up()
            await core.waiting_call(sip)
        assert core.hears_no_more()


@pytest.mark.parametrize("gets_through", [True, False])
async def test_link_lost_over_the_sending(boot_pbx: BootPbx, gets_through: bool) -> None:
    """Who has gone is told as such, and who hasn't as waiting, before the PbxFound; then the core repeats it."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip:
        async with relay_to(pbx.address, AMI_PORT) as wire:
            async with linked(pbx, host="127.0.0.1", port=wire.port, answer_s_max=0.5) as core:
                call, caller = await core.waiting_call(sip)
                wire.hold(only_down=gets_through)
                core.send(SendElsewhere(call, TO_TONE))
                await core.hears(PbxLost)
                wire.release()
                if gets_through:
                    await core.hears_exactly(SentElsewhere(call), PbxFound())
                    assert await caller.hears(MILLIWATT)
                else:
                    assert (await core.hears(CallArrived)).call == call
                    await core.hears(PbxFound)
                    await _goes(core, call, caller)
                await caller.hang_up()
                await core.waiting_call(sip)
            assert core.hears_no_more()


async def _hang_up_after(caller: OutgoingCall, seconds: float) -> None:
    await trio.sleep(seconds)
    await caller.hang_up()


async def _goes(core: ScriptedCore, call: CallId, caller: OutgoingCall) -> None:
    """Asked again, it works."""
    core.send(SendElsewhere(call, TO_TONE))
    await core.hears_exactly(SentElsewhere(call))
    assert await caller.hears(MILLIWATT)


async def test_asked_while_the_link_is_lost(boot_pbx: BootPbx) -> None:
    """Nothing was asked of Asterisk: the caller is told as waiting, and the core repeats it."""
    async with boot_pbx(acd_pbx(dialplan=OUTSIDE)) as pbx, telephones(pbx) as sip:
        async with relay_to(pbx.address, AMI_PORT) as wire:
            async with linked(pbx, host="127.0.0.1", port=wire.port) as core:
                call, caller = await core.waiting_call(sip)
                await wire.cut()
                await core.hears(PbxLost)
                core.send(SendElsewhere(call, TO_TONE))
                assert (await core.hears(CallArrived)).call == call
                await core.hears(PbxFound)
                await _goes(core, call, caller)
