"""The Asterisk that `acd load` simulates says to the adapter what a real one says: the same calls on both."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

import pytest
import trio

from acd.commands import KeepWaiting, ReleaseCall, WithdrawOffer
from acd.cti_adapters.asterisk.ami import Framer, Message
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, PbxFound, PbxLost, PhoneLeft
from acd.ids import AgentId, CallId
from acd.settings import AsteriskSettings
from simulator.load.asterisk import Asterisk, People
from simulator.load.channels import Caller, Leg
from simulator.load.exchange import Exchange
from simulator.load.timers import Timers
from tests.asterisk.relay import Relay
from tests.asterisk.scripted_core import SECRET, WITHIN_S, ScriptedCore, acd_pbx, adapter_beside
from tests.pbx.fixtures import BootPbx
from tests.pbx.loopback import AMI_PORT
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk
DEVICE = "PJSIP/1001"
NUMBER = "13800000001"


class Hands(Protocol):
    """Callers, and whoever sits at the phone."""

    async def dial(self) -> None: ...
    async def answer(self) -> None: ...
    async def reject(self) -> None: ...
    async def phone_hangs_up(self) -> None: ...
    async def caller_hangs_up(self) -> None: ...


class Wire:
    """What Asterisk has said to the adapter so far."""

    def __init__(self, relay: Relay) -> None:
        self.relay = relay

    def messages(self) -> list[Message]:
        return Framer(None).feed(self.relay.bytes_down)

    async def until(self, device: str, state: str) -> None:
        """Wait until the device's latest state is that."""
        await self._until(lambda: self._states(device)[-1:] == [state], f"{device} {state}")

    async def said(self, words: bytes, times: int) -> None:
        await self._until(lambda: self.relay.bytes_down.count(words) >= times, words.decode())

    async def _until(self, is_so: Callable[[], bool], what: str) -> None:
        try:
            with trio.fail_after(WITHIN_S):
                while not is_so():  # noqa: ASYNC110
                    await trio.sleep(0.01)
        except trio.TooSlowError:
            raise AssertionError(f"no {what} in {self.relay.bytes_down.decode()}") from None

    def _states(self, device: str) -> list[str]:
        rows = [each for each in self.messages() if each.get("Event") == "DeviceStateChange"]
        return [each["State"] for each in rows if each["Device"] == device]


async def lives(core: ScriptedCore, hands: Hands, wire: Wire) -> None:
    """Calls that are rejected, taken back, answered, ended by either side, given up, put back, and surveyed."""
    await core.hears(PbxFound)
    call = await arrives(core, hands, wire)
    core.offer(call)
    await wire.until(DEVICE, "RINGING")
    await hands.reject()
    await core.hears(OfferFailed)
    await wire.until(DEVICE, "NOT_INUSE")
    offer = core.offer(call)
    await wire.until(DEVICE, "RINGING")
    core.send(WithdrawOffer(offer))
    await wire.until(DEVICE, "NOT_INUSE")
    await connected(core, hands, wire, call)
    await hands.phone_hangs_up()
    await core.hears(PhoneLeft)
    await wire.until(DEVICE, "NOT_INUSE")
    core.send(ReleaseCall(call))
    await core.hears(CallerLeft)
    await over(wire)
    await connected(core, hands, wire, await arrives(core, hands, wire))
    await hands.caller_hangs_up()
    await core.hears(CallerLeft)
    await over(wire)
    offer = core.offer(await arrives(core, hands, wire))
    await wire.until(DEVICE, "RINGING")
    await hands.caller_hangs_up()
    await core.hears(CallerLeft)
    await wire.until("PJSIP/trunk", "NOT_INUSE")
    core.send(WithdrawOffer(offer))
    await over(wire)
    call = await arrives(core, hands, wire)
    await connected(core, hands, wire, call)
    await hands.phone_hangs_up()
    await core.hears(PhoneLeft)
    await wire.until(DEVICE, "NOT_INUSE")
    core.send(KeepWaiting(call))
    await wire.said(b"UserEvent: ACDWait", 5)
    await connected(core, hands, wire, call)
    await wire.relay.cut()
    await core.hears(PbxLost)
    await core.until_found()
    await wire.said(b"Event: StatusComplete", 2)


async def arrives(core: ScriptedCore, hands: Hands, wire: Wire) -> CallId:
    await hands.dial()
    call = (await core.hears(CallArrived)).call
    await wire.until("PJSIP/trunk", "INUSE")
    return call


async def connected(core: ScriptedCore, hands: Hands, wire: Wire, call: CallId) -> None:
    core.offer(call)
    await wire.until(DEVICE, "RINGING")
    await hands.answer()
    await core.hears(OfferAccepted)
    await wire.until(DEVICE, "INUSE")


async def over(wire: Wire) -> None:
    for device in (DEVICE, "PJSIP/trunk"):
        await wire.until(device, "NOT_INUSE")


# --- the real one -----------------------------------------------------------------------------------------------------


@asynccontextmanager
async def beside(host: str, port: int) -> AsyncIterator[tuple[ScriptedCore, Wire]]:
    """The adapter, with a wire between that keeps what it hears."""
    relay = Relay(host, port)
    async with trio.open_nursery() as nursery:
        [listener] = await nursery.start(partial(trio.serve_tcp, relay.serve, 0, host="127.0.0.1"))
        at = {"host": "127.0.0.1", "port": listener.socket.getsockname()[1], "secret": SECRET, "answer_s_max": 60}
        async with adapter_beside(AsteriskSettings.model_validate(at), {AgentId("agent-1"): DEVICE}) as core:
            yield core, Wire(relay)
        nursery.cancel_scope.cancel()


class RealHands:
    def __init__(self, sip: object, phone: object) -> None:
        self.sip, self.phone = sip, phone

    async def dial(self) -> None:
        self.caller = await self.sip.dial("8001", from_number=NUMBER)

    async def answer(self) -> None:
        self.ring = await self.phone.ringing()
        await self.ring.answer()
        assert await self.caller.hears(self.phone.tone), "who hangs up before the bridge is there takes another way"

    async def reject(self) -> None:
        await (await self.phone.ringing()).reject(486)

    async def phone_hangs_up(self) -> None:
        await self.ring.hang_up()

    async def caller_hangs_up(self) -> None:
        await self.caller.hang_up()


async def of_the_real_one(boot_pbx: BootPbx) -> list[Message]:
    async with boot_pbx(acd_pbx(phones=1)) as pbx, telephones(pbx) as sip:
        phone = await sip.phone("1001")
        async with beside(pbx.address, AMI_PORT) as (core, wire):
            await lives(core, RealHands(sip, phone), wire)
            return wire.messages()


# --- ours -------------------------------------------------------------------------------------------------------------


class OurHands(People):
    """Lets the phone ring till the test says what becomes of it."""

    pbx: Asterisk
    exchange: Exchange

    def rings(self, leg: Leg) -> None:
        self.leg = leg

    def talks(self, leg: Leg, caller: Caller) -> None: ...
    def waits_again(self, caller: Caller) -> None: ...
    def caller_gone(self, caller: Caller) -> None: ...
    def phone_gone(self, leg: Leg) -> None: ...
    def surveyed(self) -> None: ...

    async def dial(self) -> None:
        self.caller = self.pbx.arrive("8001", NUMBER)
        self.exchange.flush()

    async def answer(self) -> None:
        self.pbx.answer(self.leg)
        self.exchange.flush()

    async def reject(self) -> None:
        self.pbx.reject(self.leg)
        self.exchange.flush()

    async def phone_hangs_up(self) -> None:
        self.pbx.hang_up_phone(self.leg)
        self.exchange.flush()

    async def caller_hangs_up(self) -> None:
        self.pbx.hang_up_caller(self.caller)
        self.exchange.flush()


async def of_ours() -> list[Message]:
    hands, timers = OurHands(), Timers()
    hands.pbx = Asterisk(hands, timers, time.monotonic, time.time(), [DEVICE], SECRET)
    hands.exchange = Exchange(hands.pbx, timers)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(hands.exchange.keep_time)
            nursery.start_soon(hands.exchange.serve, listener)
            async with beside(*listener.getsockname()) as (core, wire):
                await lives(core, hands, wire)
                messages = wire.messages()
            nursery.cancel_scope.cancel()
    return messages


# --- the comparison ---------------------------------------------------------------------------------------------------

BY_CHANCE = (
    (r"^[0-9a-f]{12}/", "RUN/"),
    (r"acd-[0-9a-f]{12}-", "LEG-"),
    (r"(PJSIP/\w+)-[0-9a-f]{8}", r"\1-N"),
    (r"\b\d{13}\b", "MS"),
    (r"^Surrogate/", ""),  # while the answered channel is being moved into the dialplan
    (r"=\(null\)", "="),  # to the adapter it is the same
)
OF_OTHERS = {"Surrogate/PJSIP/1001", "DeviceStateListComplete"}
"""Devices that Asterisk 16 knows besides, and how many there are."""
BY_CHANCE_AT_ALL = {"ConnectedLineNum", "Round"}
"""The one is shown some moment after two are bridged, the other is counted up some moment after the first word."""
DEVICE_ASKED = "answer RUN/device/"
"""The adapter asks how a device is if that is told before the end of the leg on it: this order is left to chance."""
NEVER_READ = {"HangupRequest": {"Priority", "Cause", "TechCause"}, "OriginateResponse": {"Uniqueid"}}
"""By event: what not every version tells, and what depends on whether the channel is just being moved."""
OF_STATUS = frozenset({
    "Event", "Privilege", "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName",
    "ConnectedLineName", "Language", "AccountCode", "Context", "Exten", "Uniqueid", "Linkedid",
    "Type", "Variable", "ActionID",
})  # fmt: skip
"""Of the survey's lines only what is known of a channel, not what it plays; and that it is bridged."""


def by_subject(messages: list[Message]) -> dict[str, list[list[str]]]:
    """The words about each channel, device and action, in their order; between two of them it is left to chance."""
    calls = list(dict.fromkeys(each["Call"] for each in messages if each.get("UserEvent") == "ACDWait"))
    told: dict[str, list[list[str]]] = {}
    for message in since_devices_are_known(messages):
        if "Ping" in message or OF_OTHERS & {message.get("Event"), message.get("Device")}:
            continue
        rows = [(key, known(value, calls)) for key, value in of_interest(message).items()]
        facts = dict(rows)
        subject = facts.get("Device") or facts.get("ActionID") or facts.get("Uniqueid") or "?"
        told.setdefault(f"{facts.get('Event', 'answer')} {subject}", []).append(
            [f"{key}: {value}" for key, value in rows]
        )
    return told


def since_devices_are_known(messages: list[Message]) -> Iterator[Message]:
    """Without what is told of phones before all are listed: they may just have registered."""
    are_known = False
    for message in messages:
        is_of_device = message.get("Event") == "DeviceStateChange"
        are_known = are_known or (is_of_device and "ActionID" in message)
        if are_known or not is_of_device:
            yield message


def of_interest(message: Message) -> Message:
    if message.get("Event") != "Status":
        left_out = BY_CHANCE_AT_ALL | NEVER_READ.get(message.get("Event", ""), set())
        return {key: value for key, value in message.items() if key not in left_out}
    return {
        **{key: value for key, value in message.items() if key in OF_STATUS},
        "bridged": str(bool(message["BridgeID"])),
    }


def known(value: str, calls: list[str]) -> str:
    """The value, with names for what is otherwise in every run."""
    for number, call in enumerate(calls, 1):
        value = re.sub(rf"{re.escape(call)}(?!\d)", f"call-{number}", value)
    for pattern, name in BY_CHANCE:
        value = re.sub(pattern, name, value)
    return "TOKEN" if re.fullmatch(r"[0-9a-f]{16}", value) else value


async def test_our_asterisk_says_what_a_real_one_says(boot_pbx: BootPbx) -> None:
    """Header by header but for those left to chance, in the order in which each channel and device says its words."""
    ours, real = by_subject(await of_ours()), by_subject(await of_the_real_one(boot_pbx))
    assert {each for each in set(ours) ^ set(real) if DEVICE_ASKED not in each} == set()
    for subject, words in real.items():
        for one, other in zip(ours.get(subject, words), words, strict=True):
            assert one == other, subject
