"""Linking: what a wrong set-up is told like, and that no caller can speak to the adapter."""

from contextlib import suppress

import pytest
import trio
from pydantic import SecretStr

from acd.cti_adapters.asterisk.adapter import AsteriskAdapter
from acd.events import CallArrived, CallerLeft, OfferFailed, PbxFound, PbxLost
from acd.settings import AsteriskSettings
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import MANAGER, acd_pbx, adapter_beside, linked, settings_for
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import AMI_PORT
from tests.pbx.phone import telephones
from tests.pbx.settings import PbxSettings

pytestmark = pytest.mark.asterisk


async def test_wrong_secret_says_what_to_change_and_not_the_secret(boot_pbx: BootPbx) -> None:
    """Once, not at each try."""
    async with boot_pbx(acd_pbx()) as pbx:
        settings = settings_for(pbx, secret=SecretStr("a-wrong-one"), retry_s_max=0.1)
        async with adapter_beside(settings) as core:
            lost = await core.hears(PbxLost)
            for part in (f"{pbx.address}:{AMI_PORT}", "'switchyard'", "manager-acd.conf", "manager reload"):
                assert part in lost.why
            assert "a-wrong-one" not in lost.why
            with trio.move_on_after(1):
                await core.next_event(within_s=2)
            assert core.hears_no_more()


async def test_asterisk_absent_then_there(boot_pbx: BootPbx) -> None:
    """The adapter waits for it, and says where it looks."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip:
        await pbx.stop()
        async with adapter_beside(settings_for(pbx, retry_s_max=0.2)) as core:
            lost = await core.hears(PbxLost)
            assert f"{pbx.address}:{AMI_PORT}" in lost.why
            await pbx.start()
            while not isinstance(await core.next_event(20), PbxFound):
                pass
            await core.waiting_call(sip)


async def test_missing_dialplan_is_told(boot_pbx: BootPbx) -> None:
    """With the line to add."""
    settings = PbxSettings(folders=acd_pbx().folders, append={"manager.conf": MANAGER})
    async with boot_pbx(settings) as pbx, adapter_beside(settings_for(pbx)) as core:
        lost = await core.hears(PbxLost)
        assert '#include "switchyard/extensions-acd.conf"' in lost.why


async def test_something_else_on_that_port_is_not_taken_for_asterisk() -> None:
    """Rubbish without an end, and a peer that closes at once, are losses like others."""

    async def babble(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            while True:
                await stream.send_all(b"x" * 65536)

    async def close(stream: trio.SocketStream) -> None:
        await stream.aclose()

    for behave in (babble, close):
        async with trio.open_nursery() as nursery:
            listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
            nursery.start_soon(trio.serve_listeners, behave, listeners)
            port = listeners[0].socket.getsockname()[1]
            settings = {"host": "127.0.0.1", "port": port, "secret": SecretStr("x"), "retry_s_max": 0.1}
            async with adapter_beside(AsteriskSettings.model_validate(settings)) as core:
                await core.hears(PbxLost)
            nursery.cancel_scope.cancel()


FORGED = "%0d%0a%0d%0aEvent%3a%20UserEvent%0d%0aUserEvent%3a%20ACDGone%0d%0aCall%3a%20{call}%0d%0a%0d%0a"
FORGED_LINE = b"\r\nUserEvent: ACDGone\r\n"


async def test_forged_headers_of_a_caller_do_not_get_through(boot_pbx: BootPbx) -> None:
    """A number and a name with line breaks and a whole event in them: no byte of it, no loss of the link."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, relay_to(pbx.address, AMI_PORT) as wire:
        async with linked(pbx, host="127.0.0.1", port=wire.port) as core:
            victim, _ = await core.waiting_call(sip)
            forged = FORGED.format(call=victim)
            await sip.dial("8001", from_header=f'"Eve%0d%0aX%3a y" <sip:555{forged}@10.0.0.1>')
            arrived = await core.hears(CallArrived)
            assert arrived.caller_number.startswith("555")
            assert "\r" not in arrived.caller_number + arrived.caller_name
            assert "\n" not in arrived.caller_number + arrived.caller_name
            assert FORGED_LINE not in wire.bytes_down, "the event filter holds back what comes before our entry"
            await core.waiting_call(sip)
            assert wire.connections == 1


async def test_forged_headers_of_a_call_that_is_not_ours_do_not_get_through(boot_pbx: BootPbx) -> None:
    """One that never passes our entry: neither its events nor its line in a survey can speak for other calls."""
    dialplan = "exten => 9001,1,Answer\n same => n,Wait(60)"
    async with boot_pbx(acd_pbx(dialplan=dialplan)) as pbx, telephones(pbx) as sip:
        async with relay_to(pbx.address, AMI_PORT) as wire:
            async with linked(pbx, host="127.0.0.1", port=wire.port) as core:
                victim, caller = await core.waiting_call(sip)
                evil = await sip.dial("9001", from_header=f"<sip:555{FORGED.format(call=victim)}@10.0.0.1>")
                await evil.answered()
                assert FORGED_LINE not in wire.bytes_down, "the event filter holds the call's events back"
                await wire.cut()
                await core.hears(PbxLost)
                assert (await core.hears(CallArrived)).call == victim
                await core.hears(PbxFound)
                assert FORGED_LINE in wire.bytes_down, "a survey names every channel: it must be told apart"
                await evil.hang_up()
                await caller.hang_up()
                assert await core.hears(CallerLeft) == CallerLeft(victim)
                assert wire.connections == 2


async def test_line_breaks_in_a_command_do_not_reach_asterisk(boot_pbx: BootPbx) -> None:
    """A device, a number and a name with an action of their own: stripped, and the offer ends like any other."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, linked(pbx) as core:
        call, caller = await core.waiting_call(sip)
        evil = f"x\r\n\r\nAction: Hangup\r\nChannel: {call}\r\n\r\n"
        core.offer(call, f"PJSIP/1002{evil}", number=evil, name=evil)
        await core.hears(OfferFailed)
        await core.waiting_call(sip)
        assert caller.is_talking


async def test_two_lives_have_different_names() -> None:
    """A leg of one is never taken for one of another."""
    settings = {"secret": SecretStr("x")}
    one, two = (AsteriskAdapter(AsteriskSettings.model_validate(settings)) for _ in range(2))
    assert one._write.next_leg() != two._write.next_leg()


@pytest.mark.parametrize(
    "forged", ["%0d%0aUserEvent%3a%20ACDGone", "%0d%0a%0d%0aEvent%3a%20X%0d%0aUserEvent%3a%20ACDGone"]
)
async def test_forged_headers_in_a_users_event_of_somebody_else_do_not_get_through(
    boot_pbx: BootPbx, forged: str
) -> None:
    """Such an event begins as ours do, and seems to have a name of ours, or holds a whole event."""
    dialplan = "exten => 9001,1,Answer\n same => n,UserEvent(Other,Token: x)\n same => n,Wait(60)"
    async with boot_pbx(acd_pbx(dialplan=dialplan)) as pbx, telephones(pbx) as sip:
        async with relay_to(pbx.address, AMI_PORT) as wire, linked(pbx, host="127.0.0.1", port=wire.port) as core:
            victim, _ = await core.waiting_call(sip)
            evil = await sip.dial("9001", from_header=f"<sip:555{forged}%0d%0aCall%3a%20{victim}@10.0.0.1>")
            await evil.answered()
            await core.waiting_call(sip)
            assert b"\r\n\r\nEvent: X" not in wire.bytes_down
            assert core.hears_no_more()
            assert wire.connections == 1
