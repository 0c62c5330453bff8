"""The shipped account may do all that we ask for, and no right of it can be spared."""

from __future__ import annotations

import pytest

from acd.cti_adapters.asterisk.rights import NEEDED_ACTIONS, READ_CLASSES, WRITE_CLASSES
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PbxFound, PbxLost
from tests.asterisk.manager import by_hand, change_account
from tests.asterisk.scripted_core import acd_pbx, adapter_beside, linked, settings_for
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

WRITE, READ = "write = call,originate,reporting", "read = call,user"
HEADERS = {
    "Getvar": {"Variable": "ACD_TEST"},
    "Originate": {"Channel": "PJSIP/nobody-has-this", "Application": "Wait", "Data": "1", "Async": "true"},
    "Setvar": {"Variable": "ACD_TEST", "Value": "1"},
    "StopMixMonitor": {"Channel": "nobody-has-this"},
    "Redirect": {"Channel": "nobody-has-this", "Context": "acd-wait", "Exten": "s", "Priority": "1"},
    "ShowDialPlan": {"Context": "acd-wait"},
}
"""What some actions want to be well-formed; the others go without. Each of them changes nothing."""
DENIED = "Permission denied"


def without(line: str, right: str) -> dict[str, str]:
    kind, _, classes = line.partition(" = ")
    return {line: f"{kind} = {','.join(each for each in classes.split(',') if each != right)}"}


async def test_the_shipped_account_may_do_all_that_we_ask_for(boot_pbx: BootPbx) -> None:
    async with boot_pbx(acd_pbx()) as pbx, by_hand(pbx) as manager:
        for action in NEEDED_ACTIONS:
            assert DENIED not in await manager.ask(action, **HEADERS.get(action, {})), action


@pytest.mark.parametrize("right", sorted(WRITE_CLASSES))
async def test_without_a_right_its_actions_are_refused_and_no_others(boot_pbx: BootPbx, right: str) -> None:
    """So none can be spared, and the table is true."""
    async with boot_pbx(acd_pbx()) as pbx:
        await change_account(pbx, without(WRITE, right))
        async with by_hand(pbx) as manager:
            refused = {
                action for action in NEEDED_ACTIONS if DENIED in await manager.ask(action, **HEADERS.get(action, {}))
            }
    assert refused == {action for action, classes in NEEDED_ACTIONS.items() if classes == (right,)}
    assert refused


@pytest.mark.parametrize("right", ["call", "reporting"])
async def test_the_adapter_says_which_file_has_the_rights(boot_pbx: BootPbx, right: str) -> None:
    """Without these it can't begin to work."""
    async with boot_pbx(acd_pbx()) as pbx:
        await change_account(pbx, without(WRITE, right))
        async with adapter_beside(settings_for(pbx)) as core:
            assert "manager-acd.conf" in (await core.hears(PbxLost)).why


async def test_without_originate_no_phone_is_rung(boot_pbx: BootPbx) -> None:
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        await change_account(pbx, without(WRITE, "originate"))
        async with linked(pbx) as core:
            await sip.phone("1001")
            call, _ = await core.waiting_call(sip)
            offer = core.offer(call)
            assert await core.hears(OfferFailed) == OfferFailed(offer, OfferFailure.UNREACHABLE)


async def test_without_the_right_to_hear_users_nobody_arrives(boot_pbx: BootPbx) -> None:
    """Who came before is found by the survey, who comes now isn't."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        await change_account(pbx, without(READ, "user"))
        async with linked(pbx) as core:
            caller = await sip.dial("8001")
            await caller.answered()
            assert await caller.hears_music()
            assert core.hears_no_more()


async def test_without_the_right_to_hear_calls_a_failed_ring_is_not_heard_of(boot_pbx: BootPbx) -> None:
    """It has no channel, hence no word of our dialplan: only OriginateResponse tells."""
    for changes, heard in (({}, True), (without(READ, "call"), False)):
        async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
            await change_account(pbx, changes)
            async with linked(pbx) as core:
                call, caller = await core.waiting_call(sip)
                core.offer(call, "PJSIP/1002", ring_ms=20_000)
                if heard:
                    await core.hears(OfferFailed, within_s=2)
                else:
                    await caller.hears_nothing(0.5)
                    assert core.hears_no_more()


async def test_what_is_shipped_is_enough_for_a_whole_call(boot_pbx: BootPbx) -> None:
    assert frozenset(WRITE.removeprefix("write = ").split(",")) == WRITE_CLASSES
    assert frozenset(READ.removeprefix("read = ").split(",")) == READ_CLASSES
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, adapter_beside(settings_for(pbx)) as core:
        await core.hears(PbxFound)
        phone = await sip.phone("1001")
        caller = await sip.dial("8001")
        call = (await core.hears(CallArrived)).call
        core.offer(call)
        ring = await phone.ringing()
        await ring.answer()
        await core.hears(OfferAccepted)
        assert await caller.hears(phone.tone)
        await caller.hang_up()
        assert await core.hears(CallerLeft) == CallerLeft(call)
