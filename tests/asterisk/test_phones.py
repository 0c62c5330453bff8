"""Phones as they are: private calls and lost phones, on a real Asterisk with real SIP phones and the real daemon."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trio

from acd.commands import WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, PbxEvent, PbxFound, PbxLost, PhoneChanged, PhoneState
from acd.ids import AgentId
from tests.asterisk.house import House, house
from tests.asterisk.relay import relay_to
from tests.asterisk.scripted_core import CONFIG, ScriptedCore, acd_pbx, adapter_beside, linked, settings_for
from tests.daemon import Centre, Client
from tests.pbx.fixtures import BootPbx
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import SipPhone, telephones
from tests.pbx.settings import PbxSettings

pytestmark = pytest.mark.asterisk

DESK = Centre(agents={"1001": {}})
AT_ONCE = Centre(agents={"1001": {}}, groups={"desk": {"wrap_up_s": 0}})
FREE, BUSY, UNREACHABLE = PhoneState
ANN, BEN = AgentId("ann"), AgentId("ben")
DEVICES = {ANN: "PJSIP/1001", BEN: "PJSIP/1002"}
PRIVATE = """
[from-phones]
exten => 7000,1,Answer()
 same => n,Wait(60)
exten => _1XXX,1,Dial(PJSIP/${EXTEN})
"""


def with_private_calls(phones: int = 2, qualify_s: int = 0) -> PbxSettings:
    """The phones can dial 7000, which answers, and each other."""
    return acd_pbx(phones=phones, qualify_s=qualify_s, dialplan=PRIVATE)


async def private_call(phone: SipPhone) -> OutgoingCall:
    call = await phone.dial("7000")
    await call.answered()
    return call


# --- private calls ----------------------------------------------------------------------------------------------------


async def test_a_private_call_makes_not_ready_and_its_end_ready_and_the_waiting_call_rings_at_once(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """No call is offered meanwhile; the phone rings within a moment of its being free."""
    settings = with_private_calls()
    async with house(boot_pbx, DESK, tmp_path, settings=settings) as at, at.acd.agents("1001") as [agent]:
        private = await private_call(at.phones[0])
        await agent.is_in("not-ready", reason="busy")
        caller = await at.waiting()
        assert await caller.hears_music()
        assert at.phones[0].calls == []
        hung_up = time.monotonic()
        await private.hang_up()
        ring = await at.phones[0].ringing()
        assert ring.times.invite_at - hung_up < 0.5
        await ring.answer()
        await agent.is_in("talking")
        assert await caller.hears(at.phones[0].tone)


async def test_a_private_call_that_rings_is_one_too(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """From one agent's phone to another's: both are busy; who gave up is ready again, and who was rung."""
    centre = Centre(agents={"1001": {}, "1002": {}})
    settings = with_private_calls()
    async with house(boot_pbx, centre, tmp_path, settings=settings) as at, at.acd.agents("1001", "1002") as [ann, ben]:
        private = await at.phones[0].dial("1002")
        await at.phones[1].ringing()
        await ann.is_in("not-ready", reason="busy")
        await ben.is_in("not-ready", reason="busy")
        await private.hang_up()
        await ann.is_in("ready")
        await ben.is_in("ready")


async def test_a_private_call_begun_in_a_talk_of_ours_counts_after_it(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Call waiting: the talk goes on, wrap-up too; then not ready until the private call is over."""
    settings = with_private_calls()
    async with house(boot_pbx, DESK, tmp_path, settings=settings) as at, at.acd.agents("1001") as [agent]:
        caller = await at.waiting()
        ring = await at.phones[0].ringing()
        await ring.answer()
        await agent.is_in("talking")
        private = await private_call(at.phones[0])
        await caller.hang_up()
        await agent.is_in("wrap-up")
        await journaled(at, "PhoneChanged", state="busy")
        await agent.does("ready")
        await agent.is_in("not-ready", reason="busy")
        await private.hang_up()
        await agent.is_in("ready")


async def test_who_asks_for_ready_in_a_private_call_is_ready_after_it(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """And lunch stays lunch."""
    settings = with_private_calls()
    async with (
        house(boot_pbx, DESK, tmp_path, settings=settings) as at,
        at.acd.agents("1001", ready=False) as [agent],
    ):
        private = await private_call(at.phones[0])
        await journaled(at, "PhoneChanged", state="busy")
        await agent.does("ready")
        await agent.is_in("not-ready", reason="busy")
        await private.hang_up()
        await agent.is_in("ready")
        await agent.does("not_ready", reason="lunch")
        private = await private_call(at.phones[0])
        await journaled(at, "PhoneChanged", times=2, state="busy")
        await private.hang_up()
        await journaled(at, "PhoneChanged", times=2, state="free")
        assert agent_states(agent)[-1] == ("not-ready", "lunch")


async def test_fifty_calls_in_a_row_and_never_a_flash_of_not_ready(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Ended by caller, phone or client, or left while it rang; without wrap-up, so the next one comes at once."""
    async with house(boot_pbx, AT_ONCE, tmp_path) as at, at.acd.agents("1001") as [agent]:
        for n in range(50):
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
            if n % 5 == 4:
                await caller.hang_up()
                await agent.is_in("ready")
                continue
            await ring.answer()
            await agent.is_in("talking")
            await [caller.hang_up, ring.hang_up, lambda: agent.does("release"), caller.hang_up][n % 5]()
            await agent.is_in("ready")
        seen = {state for state, reason in agent_states(agent) if reason != "logged-in"}
        assert seen == {"ready", "ringing", "talking"}
        assert "PhoneChanged" not in at.acd.journal.read_text()


# --- phones that are gone ---------------------------------------------------------------------------------------------


async def test_an_unregistered_phone_is_unavailable_until_it_registers_again(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The call that waits rings at once then."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        await at.phones[0].unregister()
        await agent.is_in("not-ready", reason="device-unavailable")
        await at.waiting()
        await at.phones[0].register()
        await (await at.phones[0].ringing()).answer()
        await agent.is_in("talking")


async def test_a_phone_that_falls_dead_is_unavailable_until_it_lives_again(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Noticed by qualify, without a word of the phone's."""
    settings = with_private_calls(qualify_s=1)
    async with house(boot_pbx, DESK, tmp_path, settings=settings) as at, at.acd.agents("1001") as [agent]:
        at.phones[0].unplug()
        await agent.is_in("not-ready", reason="device-unavailable")
        at.phones[0].plug_in()
        await agent.is_in("ready")


async def test_after_a_restart_of_asterisk_phones_that_register_later_are_ready_later(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """Its memory of registrations is gone, too."""
    centre = Centre(agents={"1001": {}, "1002": {}})
    async with house(boot_pbx, centre, tmp_path) as at, at.acd.agents("1001", "1002") as [ann, ben]:
        await at.pbx.kill()
        for memory in (at.pbx.folder / "lib").glob("astdb*"):
            memory.unlink()
        await at.pbx.start()
        await ann.is_in("not-ready", reason="device-unavailable")
        await ben.is_in("not-ready", reason="device-unavailable")
        await at.waiting()
        await at.phones[1].register()
        await (await at.phones[1].ringing()).answer()
        await ben.is_in("talking")
        await at.phones[0].register()
        await ann.is_in("ready")


async def test_an_agent_who_logs_in_without_a_phone_is_not_ready_and_is_told_why(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """Complaint of others' users: agents that are available with nothing to ring."""
    async with house(boot_pbx, DESK, tmp_path, start=False) as at:
        await at.phones[0].unregister()
        await at.acd.start()
        async with at.acd.agents("1001") as [agent]:
            await agent.is_in("not-ready", reason="device-unavailable")
            await at.phones[0].register()
            await agent.is_in("ready")


@pytest.mark.parametrize("change", ["begins", "ends"])
async def test_a_private_call_that_begins_or_ends_while_the_daemon_is_dead(
    boot_pbx: BootPbx, tmp_path: Path, change: str
) -> None:
    """The new life takes up the agents of the last one, and learns how their phones are now."""
    settings = with_private_calls()
    async with house(boot_pbx, DESK, tmp_path, settings=settings) as at:
        private = None
        async with at.acd.agents("1001") as [agent]:
            if change == "ends":
                private = await private_call(at.phones[0])
                await agent.is_in("not-ready", reason="busy")
            await at.acd.kill()
        if private is None:
            private = await private_call(at.phones[0])
        else:
            await private.hang_up()
        await at.acd.start()
        async with at.acd.client("lead") as lead:
            busy = {"state": "not-ready", "reason": "busy"}
            [row] = lead.snapshot["agents"]
            expected = busy if change == "begins" else {"state": "ready", "reason": ""}
            if not expected.items() <= row.items():
                await lead.is_in(**expected)


async def test_another_device_in_the_file_is_followed_by_a_reload(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """From a dead phone to a live one, and to one that Asterisk doesn't know."""
    centre = Centre(agents={"1001": {}, "1002": {}})
    async with house(boot_pbx, centre, tmp_path) as at, at.acd.agents("1001") as [agent], at.acd.client("lead") as lead:
        await at.phones[0].unregister()
        await agent.is_in("not-ready", reason="device-unavailable")
        text = at.acd.config.read_text()
        for device, state in (("PJSIP/1003", "not-ready"), ("Local/1@nowhere", "ready"), ("PJSIP/nobody", "not-ready")):
            at.acd.config.write_text(text.replace("PJSIP/1001", device))
            await lead.does("reload")
            if state != agent_states(agent)[-1][0]:
                await agent.is_in(state)


# --- the adapter alone: the link, the forger, and what a leg of ours hides --------------------------------------------


async def test_found_all_that_are_not_free_are_told_before_it_is_said(boot_pbx: BootPbx) -> None:
    """So nobody is offered a call first."""
    async with boot_pbx(with_private_calls()) as pbx, telephones(pbx) as sip:
        await private_call(await sip.phone("1001"))
        async with adapter_beside(settings_for(pbx), DEVICES) as core:
            told = [await core.next_event(), await core.next_event()]
            assert sorted(told, key=str) == [PhoneChanged(ANN, BUSY), PhoneChanged(BEN, UNREACHABLE)]
            await core.hears(PbxFound)


@pytest.mark.parametrize("change", ["begins", "ends"])
async def test_a_link_cut_while_a_private_call_begins_or_ends(boot_pbx: BootPbx, change: str) -> None:
    """It is told when the link is back, before anything else."""
    async with boot_pbx(with_private_calls()) as pbx, telephones(pbx) as sip, relay_to(pbx.address, 5038) as relay:
        phone = (await sip.phone("1001"), await sip.phone("1002"))[0]
        settings = settings_for(pbx, host="127.0.0.1", port=relay.port, answer_s_max=0.5, retry_s_max=0.2)
        async with adapter_beside(settings, DEVICES) as core:
            await core.hears(PbxFound)
            private = None
            if change == "ends":
                private = await private_call(phone)
                await core.hears_exactly(PhoneChanged(ANN, BUSY))
            relay.hold(only_down=True)
            if private is None:
                await private_call(phone)
            else:
                await private.hang_up()
            await core.hears(PbxLost)
            relay.release()
            await core.hears_exactly(PhoneChanged(ANN, BUSY if change == "begins" else FREE))
            await core.hears(PbxFound)


async def test_a_talk_of_ours_through_a_cut_link_is_no_private_call(boot_pbx: BootPbx) -> None:
    """Neither at the link's return nor at its own end."""
    async with boot_pbx(with_private_calls()) as pbx, telephones(pbx) as sip, relay_to(pbx.address, 5038) as relay:
        phone = (await sip.phone("1001"), await sip.phone("1002"))[0]
        settings = settings_for(pbx, host="127.0.0.1", port=relay.port, retry_s_max=0.2)
        async with adapter_beside(settings, DEVICES) as core:
            await core.hears(PbxFound)
            call, caller = await core.waiting_call(sip)
            core.offer(call)
            await (await phone.ringing()).answer()
            await core.hears(OfferAccepted)
            await relay.cut()
            await core.hears(PbxLost)
            while not isinstance(await core.next_event(), PbxFound):
                pass
            await caller.hang_up()
            await core.hears(CallerLeft)
            await quiet(core)
            assert phone_news(core.events) == []


async def test_a_talk_of_an_earlier_life_is_no_private_call(boot_pbx: BootPbx) -> None:
    """The daemon was killed meanwhile; the phone talks on, by a leg of ours that we only find."""
    async with boot_pbx(with_private_calls()) as pbx, telephones(pbx) as sip:
        phone = (await sip.phone("1001"), await sip.phone("1002"))[0]
        async with linked(pbx, DEVICES) as core:
            call, caller = await core.waiting_call(sip)
            core.offer(call)
            await (await phone.ringing()).answer()
            await core.hears(OfferAccepted)
        async with adapter_beside(settings_for(pbx), DEVICES) as core:
            while not isinstance(await core.next_event(), PbxFound):
                pass
            await caller.hang_up()
            await quiet(core)
            assert phone_news(core.events) == []


async def test_rings_withdrawn_rejected_and_missed_are_no_private_calls(boot_pbx: BootPbx) -> None:
    """Each as quickly after the last as can be."""
    async with boot_pbx(with_private_calls()) as pbx, telephones(pbx) as sip:
        phone = (await sip.phone("1001"), await sip.phone("1002"))[0]
        async with linked(pbx, DEVICES) as core:
            call, _caller = await core.waiting_call(sip)
            for n in range(30):
                offer = core.offer(call, number=str(1000 + n))
                if n % 3 == 0:
                    core.send(WithdrawOffer(offer))  # before Asterisk has made the channel
                    continue
                while (ring := await phone.ringing()).caller_number != str(1000 + n):
                    pass  # one that is just being withdrawn
                if n % 3 == 1:
                    await ring.reject(603)
                    await core.next_event()
                else:
                    core.send(WithdrawOffer(offer))
                    await ring.cancelled()
            await quiet(core)
            assert phone_news(core.events) == []


FORGED = "5%0d%0a%0d%0aEvent%3a%20DeviceStateChange%0d%0aDevice%3a%20PJSIP/1001%0d%0aState%3a%20INUSE%0d%0a%0d%0a"


@pytest.mark.parametrize("filtered", [True, False])
async def test_a_caller_cannot_forge_the_state_of_a_phone(boot_pbx: BootPbx, tmp_path: Path, filtered: bool) -> None:
    """Not even where Asterisk sends every event: the phone itself is asked, and found free."""
    settings = with_private_calls()
    if not filtered:
        settings = replace(settings, folders={"switchyard": _unfiltered(tmp_path)})
    async with boot_pbx(settings) as pbx, telephones(pbx) as sip, relay_to(pbx.address, 5038) as relay:
        phone = (await sip.phone("1001"), await sip.phone("1002"))[0]
        async with adapter_beside(settings_for(pbx, host="127.0.0.1", port=relay.port), DEVICES) as core:
            await core.hears(PbxFound)
            await sip.dial("8001", from_header=f"<sip:{FORGED}@{pbx.addresses.trunk}>")
            await core.hears(CallArrived)
            await quiet(core)
            forged = b"\r\n\r\nEvent: DeviceStateChange\r\nDevice: PJSIP/1001\r\nState: INUSE\r\n\r\n"
            assert (forged in relay.bytes_down) is not filtered
            assert phone_news(core.events) == []
            await private_call(phone)
            await core.hears_exactly(PhoneChanged(ANN, BUSY))


def _unfiltered(folder: Path) -> Path:
    """Our files without the filter of events."""
    copy = folder / "switchyard"
    shutil.copytree(CONFIG, copy)
    lines = (copy / "manager-acd.conf").read_text().splitlines()
    (copy / "manager-acd.conf").write_text("\n".join(line for line in lines if not line.startswith("eventfilter")))
    return copy


async def test_without_the_module_for_device_states_that_is_said(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Calls are routed all the same."""
    settings = with_private_calls()
    async with house(boot_pbx, DESK, tmp_path, settings=settings) as at:
        await at.pbx.cli("module unload res_manager_devicestate.so")
        await at.acd.stop()
        await at.acd.start()
        warning = await at.acd.logs("private calls and lost phones aren't seen")
        assert "res_manager_devicestate.so" in warning["needed"]


# --- parts ------------------------------------------------------------------------------------------------------------


def agent_states(client: Client) -> list[tuple[str, str]]:
    """What the agent's client has been shown."""
    return [(event["state"], event["reason"]) for event in client.events if event["type"] == "agent"]


async def quiet(core: ScriptedCore) -> None:
    """Long enough for whatever would be told of a phone after a leg of ours."""
    with trio.move_on_after(1):
        while True:
            await core.next_event(within_s=5)


def phone_news(events: list[PbxEvent]) -> list[PbxEvent]:
    return [event for event in events if isinstance(event, PhoneChanged)]


async def journaled(at: House, kind: str, times: int = 1, **fields: str) -> None:
    """Wait until that event stands so often in the journal."""
    with trio.fail_after(5):
        while sum(kind in line and all(each in line for each in fields.values()) for line in _lines(at)) < times:  # noqa: ASYNC110
            await trio.sleep(0.02)


def _lines(at: House) -> list[str]:
    return at.acd.journal.read_text().splitlines()
