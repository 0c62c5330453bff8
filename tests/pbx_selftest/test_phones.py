"""The phones against a real Asterisk: who is heard, who rings, who refuses, and what the display shows."""

from collections.abc import Awaitable, Callable

import pytest
import trio

from tests.pbx.call import CallOver, Ending, PhoneTimeout
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import answering, rejecting, stay_silent
from tests.pbx.phone import RegistrationRefused, telephones
from tests.pbx.settings import PbxSettings

pytestmark = pytest.mark.asterisk

DIALPLAN = """
[from-trunk]
exten => 100,1,Answer()
 same => n,Echo()
exten => 200,1,Answer()
 same => n,MusicOnHold(default)
exten => 300,1,Answer()
 same => n,Wait(0.1)
 same => n,Hangup()
exten => 400,1,Progress()
 same => n,Milliwatt()
exten => 500,1,Answer()
 same => n,Read(KEYS,,2,,1,5)
 same => n,ExecIf($["${KEYS}" = "74"]?Milliwatt())
exten => 900,1,Dial(PJSIP/0109988@trunk)
exten => _1XXX,1,Dial(PJSIP/${EXTEN},20)
[from-phones]
include => from-trunk
"""
PLAIN = PbxSettings(phones=3, append={"extensions.conf": DIALPLAN})


async def test_a_caller_hears_the_echo_of_itself(boot_pbx: BootPbx) -> None:
    """Sound goes both ways, and its measurements make sense."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        call = await sip.dial("100", tone=440)
        await call.answered()
        assert await call.hears(440)
        assert await call.sound.stays_deaf_to(620, 0.2)
        assert call.sound.received.packets > 5
        assert call.sound.received.gap_ms_now() < 500
        await call.hang_up()
        assert call.ending is Ending.HUNG_UP


async def test_music_and_early_sound_are_heard(boot_pbx: BootPbx) -> None:
    """Music on hold after the answer, a tone before it."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        waiting, early = await sip.dial("200"), await sip.dial("400")
        assert await waiting.hears_music()
        assert await early.hears(1004)
        assert not early.is_talking


async def test_keys_reach_a_menu(boot_pbx: BootPbx) -> None:
    """Two keys in a row are two keys, and those that were pressed."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        call = await sip.dial("500")
        await call.answered()
        call.press("74")
        assert await call.hears(1004)


async def test_the_servers_hangup_is_noticed(boot_pbx: BootPbx) -> None:
    """A BYE from Asterisk ends the call and is stamped."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        call = await sip.dial("300")
        assert await call.ended() is Ending.FAR_HUNG_UP
        assert call.times.bye_received_at is not None
        assert call.times.answered_at is not None
        assert call.times.bye_received_at - call.times.answered_at > 0.09


async def test_a_phone_rings_answers_and_talks(boot_pbx: BootPbx) -> None:
    """Caller and agent hear each other and not themselves; instants are in order."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        caller = await sip.dial("1001", name="张三", tone=950)
        call = await phone.ringing()
        assert (call.caller_name, call.caller_number) == ("张三", "13800000001")
        await caller.ringing()
        await call.answer()
        await caller.answered()
        assert await call.hears(950)
        assert await caller.hears(phone.tone)
        assert await caller.sound.stays_deaf_to(950, 0.2)
        await call.hang_up()
        assert await caller.ended() is Ending.FAR_HUNG_UP
        times = call.times
        instants = [times.invite_at, times.ringing_at, times.answered_at, times.ack_at, times.bye_sent_at]
        known = [at for at in instants if at is not None]
        assert known == sorted(known)
        assert len(known) == len(instants)


async def test_a_caller_who_gives_up_cancels_the_ringing(boot_pbx: BootPbx) -> None:
    """CANCEL reaches the phone, stamped; answering afterwards is refused with the reason."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        caller = await sip.dial("1001")
        call = await phone.ringing()
        await caller.ringing()
        await caller.hang_up()
        assert caller.ending is Ending.CANCELLED
        await call.cancelled()
        assert call.times.cancel_at is not None
        with pytest.raises(CallOver, match="cancelled"):
            await call.answer()


@pytest.mark.parametrize("status", [404, 480, 486, 503, 603])
async def test_refusals_reach_the_caller(boot_pbx: BootPbx, status: int) -> None:
    """The phone's code comes through; Asterisk translates some by its cause table."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        phone.behaviour = rejecting(status)
        code = await (await sip.dial("1001")).refused()
        assert code >= 400
        assert phone.calls[0].status == status
        assert (code == 486) == (status == 486)


async def test_behaviours_follow_a_script(boot_pbx: BootPbx) -> None:
    """One behaviour a call from the script, then the standing one; a silent phone sends not even 180."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx, rtp=False) as sip:
        phone = await sip.phone("1001")
        phone.script.extend([rejecting(486), answering(0.05, talk_s=0.05)])
        phone.behaviour = stay_silent
        assert await (await sip.dial("1001")).refused() == 486
        second = await sip.dial("1001")
        await second.answered()
        assert await second.ended() is Ending.FAR_HUNG_UP
        third = await sip.dial("1001")
        await phone.calls[0].ended()
        call = await phone.ringing()
        assert call is phone.calls[2]
        with pytest.raises(PhoneTimeout, match="no 180"):
            await third.ringing(0.2)


async def test_hold_and_transfer_by_the_phone(boot_pbx: BootPbx) -> None:
    """Held, the caller hears music; taken back, the phone; referred away, another phone."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx) as sip:
        first, second = await sip.phone("1001"), await sip.phone("1002")
        caller = await sip.dial("1001")
        call = await first.ringing()
        await call.answer()
        assert await caller.hears(first.tone)
        await call.hold()
        assert await caller.hears_music()
        await call.unhold()
        assert await caller.hears(first.tone)
        await call.refer("1002")
        await (await second.ringing()).answer()
        assert await caller.hears(second.tone)
        await call.hang_up()
        assert await caller.hears(second.tone)


async def test_the_outside_world_rings_too(boot_pbx: BootPbx) -> None:
    """What the server dials out by its trunk arrives at `outside`."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx, rtp=False) as sip:
        caller = await sip.dial("900", from_number="777")
        call = await sip.outside.ringing()
        assert (call.invite.uri.split("@")[0], call.caller_number) == ("sip:0109988", "777")
        await call.answer()
        await caller.answered()


async def test_registering_and_its_opposite(boot_pbx: BootPbx) -> None:
    """A wrong password is refused; a phone that took its registration back isn't called."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx, rtp=False) as sip:
        with pytest.raises(RegistrationRefused, match="401"):
            await sip.phone("1001", "wrong")
        phone = await sip.phone("1002")
        await phone.register()
        assert "1002/sip:1002@" in await pbx.cli("pjsip show contacts")
        await phone.unregister()
        assert "1002/sip:1002@" not in await pbx.cli("pjsip show contacts")
        await (await sip.dial("1002")).refused()
        assert phone.calls == []


async def test_an_unplugged_phone_is_found_out(boot_pbx: BootPbx) -> None:
    """With qualify on, a live phone answers OPTIONS and a dead one becomes unreachable."""
    settings = PbxSettings(phones=1, qualify_s=1, append={"extensions.conf": DIALPLAN})
    async with boot_pbx(settings) as pbx, telephones(pbx, rtp=False) as sip:
        phone = await sip.phone("1001")
        await _until_contact_is(pbx.cli, "Avail")
        assert phone.endpoint.options_seen >= 1
        phone.unplug()
        await _until_contact_is(pbx.cli, "Unavail")
        await (await sip.dial("1001")).refused()
        phone.plug_in()
        await _until_contact_is(pbx.cli, "Avail")


async def test_a_phone_dials_with_its_password(boot_pbx: BootPbx) -> None:
    """An extension's own INVITE is challenged and signed."""
    async with boot_pbx(PLAIN) as pbx, telephones(pbx, rtp=False) as sip:
        first, second = await sip.phone("1001"), await sip.phone("1002")
        call = await first.dial("1002")
        rung = await second.ringing()
        assert rung.caller_number == "1001"
        await rung.answer()
        await call.answered()
        await call.hang_up()
        assert await rung.ended() is Ending.FAR_HUNG_UP


async def test_a_caller_may_forge_its_number(boot_pbx: BootPbx) -> None:
    """What the test gives goes out as it is: nothing of the harness cleans it."""
    forged = "555%0d%0a%0d%0aEvent%3a%20Forged"
    async with boot_pbx(PLAIN) as pbx, telephones(pbx, rtp=False) as sip:
        call = await sip.dial("100", from_number=forged)
        assert forged in call.invite.header("From")
        await call.answered()


async def test_fifty_phones_answer_at_once(boot_pbx: BootPbx) -> None:
    """Many phones in one process, each on a port of its own."""
    settings = PbxSettings(phones=50, append={"extensions.conf": DIALPLAN})
    async with boot_pbx(settings) as pbx, telephones(pbx, rtp=False) as sip:
        for phone in await sip.all_phones():
            phone.behaviour = answering()
        calls = [await sip.dial(number) for number in settings.extensions()]
        async with trio.open_nursery() as nursery:
            for call in calls:
                nursery.start_soon(call.answered, 20)
        assert all(call.is_talking for call in calls)


async def _until_contact_is(cli: Callable[[str], Awaitable[str]], state: str) -> None:
    with trio.fail_after(8):
        while f" {state} " not in await cli("pjsip show contacts"):  # noqa: ASYNC110  a CLI has no events
            await trio.sleep(0.05)
