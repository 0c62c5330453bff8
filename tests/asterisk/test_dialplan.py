"""The shipped dialplan by itself: what a call costs Asterisk, and what stands beside ours in a user's own."""

from dataclasses import replace

import pytest

from acd.commands import RefusalCause, RefuseCall, ReleaseCall
from acd.events import CallArrived, CallerLeft, OfferAccepted, PhoneLeft
from tests.asterisk.manager import by_hand
from tests.asterisk.scripted_core import MANAGER, SECRET, acd_pbx, linked
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

STEPS = 27
LISTENER = f"{MANAGER}\n[listener]\nsecret = {SECRET}\nread = dialplan,user\nwrite = call\n"
OWN_HANDLERS = """exten => 7001,1,Set(CHANNEL(hangup_handler_push)=own-below,s,1)
 same => n,Goto(acd-entry,8001,1)
[own-below]
exten => s,1,UserEvent(Below)
 same => n,Return()
[own-above]
exten => s,1,UserEvent(Above)
 same => n,Return()
[acd-refused-own]
exten => s,1,Set(CHANNEL(hangup_handler_push)=own-above,s,1)
 same => n,Goto(acd-entry,8002,1)
"""


async def test_an_ordinary_call_takes_few_steps(boot_pbx: BootPbx) -> None:
    """Of the dialplan: each costs Asterisk time, and Asterisk is what a busy centre's machine is full of."""
    settings = acd_pbx()
    settings = replace(settings, append={**settings.append, "manager.conf": LISTENER})
    async with boot_pbx(settings) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        phone = await sip.phone("1001")
        async with by_hand(pbx, "listener") as manager:
            call, caller = await core.waiting_call(sip)
            offer = core.offer(call)
            ring = await phone.ringing()
            await ring.answer()
            await core.hears_exactly(OfferAccepted(offer))
            assert await caller.hears(phone.tone)
            await ring.hang_up()
            await core.hears_exactly(PhoneLeft(offer))
            core.send(ReleaseCall(call))
            await core.hears_exactly(CallerLeft(call))
            await caller.ended()
            await manager.ask("Ping")
            assert manager.heard.count(b"Event: Newexten") <= STEPS


async def test_hangup_handlers_of_ones_own_run_above_and_below_ours(boot_pbx: BootPbx) -> None:
    """Also with a call that comes to us twice; its end is told once."""
    settings = acd_pbx(dialplan=OWN_HANDLERS)
    settings = replace(settings, append={**settings.append, "manager.conf": LISTENER})
    async with boot_pbx(settings) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        async with by_hand(pbx, "listener") as manager:
            caller = await sip.dial("7001")
            call = (await core.hears(CallArrived)).call
            core.send(RefuseCall(call, RefusalCause.UNKNOWN_GROUP, "no such"))
            await core.hears(CallArrived)
            await caller.hang_up()
            await core.hears_exactly(CallerLeft(call))
            await manager.until(b"UserEvent: Below")
            said = [line for line in manager.heard.split(b"\r\n") if line.startswith(b"UserEvent: ")]
            assert said[-3:] == [b"UserEvent: Above", b"UserEvent: ACDGone", b"UserEvent: Below"]


@pytest.mark.parametrize(("name", "shown"), [("Anna (Q", "Anna (Q"), (") a)(b", ") a)(b"), ("a[b,c=d(", "abcd(")])
async def test_a_name_with_half_a_pair_of_brackets_changes_nothing_else(
    boot_pbx: BootPbx, name: str, shown: str
) -> None:
    """It stands in one word to Asterisk together with all else that is set at the beginning."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        caller = await sip.dial("8001", from_number="13800000001", name=name)
        arrived = await core.hears(CallArrived)
        assert arrived == CallArrived(arrived.call, "8001", "13800000001", shown)
        await caller.hang_up()
        await core.hears_exactly(CallerLeft(arrived.call))
