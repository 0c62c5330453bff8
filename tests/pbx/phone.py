"""SIP phones for tests: `telephones` opens a room of them beside one Asterisk.

async with running_asterisk(tree, settings) as pbx, telephones(pbx) as sip:
    phone = await sip.phone("1001")
    caller = await sip.dial("8001", from_number="13800000001", name="Ana")
    call = await phone.ringing()
    await call.answer()
    assert await caller.hears(phone.tone)
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import trio

from tests.pbx.asterisk import AsteriskServer
from tests.pbx.call import TIMEOUT_S, PhoneTimeout
from tests.pbx.dialog import Dialog
from tests.pbx.endpoint import SipEndpoint
from tests.pbx.incoming import Behaviour, IncomingCall, ring, run_behaviour
from tests.pbx.loopback import SIP_PORT
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.rtp import Sound
from tests.pbx.settings import phone_password
from tests.pbx.sip import FINAL_MIN, REDIRECT_MIN, DigestAnswers, SipMessage, new_token, party_header

EXPIRES_S = 3600
TONES = (440, 620, 770, 950, 1210, 1480, 1730, 2010)  # no one a multiple of another


class RegistrationRefused(Exception):
    """The server didn't take a REGISTER; the text has its code."""


class SipPhone:
    """One phone. `behaviour` says what it does with calls, `script` what with the next ones, one each.

    `calls` and `dialled` are all calls it got and made, in order. `tone` is what it says into each call, in
    Hz (0: silence). `rtp` False makes calls without sound, which costs nearly nothing.
    """

    def __init__(self, endpoint: SipEndpoint, number: str, *, tone: int, rtp: bool, media_port: int) -> None:
        """Made by `Telephones`."""
        self.endpoint = endpoint
        self.number = number
        self.tone = tone
        self.rtp = rtp
        self.behaviour: Behaviour = ring
        self.script: deque[Behaviour] = deque()
        self.calls: list[IncomingCall] = []
        self.dialled: list[OutgoingCall] = []
        self._media_port = media_port
        self._seen = 0
        self._came = trio.Event()
        host, port = endpoint.server
        own = f"<sip:{number}@{host}>"
        contact = f"sip:{number}@{endpoint.here}"
        self._registration = Dialog(new_token(), own, own, f"sip:{host}:{port}", endpoint.here, contact)
        self._registration.near = f"{own};tag={new_token()}"
        endpoint.on_invite = self._on_invite

    async def register(self, expires_s: int = EXPIRES_S, within_s: float = TIMEOUT_S) -> None:
        """REGISTER, or refresh. Raises RegistrationRefused, or PhoneTimeout if nothing answers."""
        answers: list[int] = []
        done = trio.Event()

        def on_response(response: SipMessage, at: float) -> None:
            if response.status >= FINAL_MIN:
                answers.append(response.status)
                done.set()

        extra = (("Expires", str(expires_s)),)
        self.endpoint.request(lambda: self._registration.request("REGISTER", b"", extra), on_response)
        try:
            with trio.fail_after(within_s):
                await done.wait()
        except trio.TooSlowError:
            raise PhoneTimeout(f"phone {self.number}: no answer to REGISTER within {within_s} s") from None
        if answers[0] >= REDIRECT_MIN:
            raise RegistrationRefused(f"phone {self.number}: REGISTER refused with {answers[0]}")

    async def unregister(self) -> None:
        """Take the registration back."""
        await self.register(expires_s=0)

    def unplug(self) -> None:
        """Fall dead at once: nothing is sent or heard any more, not even OPTIONS; registered all the same."""
        self._plug(out=True)

    def plug_in(self) -> None:
        """Come back to life, as if nothing had been."""
        self._plug(out=False)

    async def next_call(self, within_s: float = TIMEOUT_S) -> IncomingCall:
        """The next call that came, each once, in order, whatever became of it. Raises PhoneTimeout."""
        try:
            with trio.fail_after(within_s):
                while self._seen == len(self.calls):
                    await self._came.wait()
        except trio.TooSlowError:
            past = "; ".join(map(str, self.calls)) or "none"
            raise PhoneTimeout(f"phone {self.number}: no call within {within_s} s; earlier ones: {past}") from None
        self._seen += 1
        return self.calls[self._seen - 1]

    async def ringing(self, within_s: float = TIMEOUT_S) -> IncomingCall:
        """The next call that still waits to be answered; those that are over already are passed over."""
        deadline = trio.current_time() + within_s
        while not (call := await self.next_call(deadline - trio.current_time())).is_waiting:
            pass
        return call

    async def dial(
        self, number: str, *, name: str = "", from_number: str | None = None, from_header: str | None = None,
        tone: int | None = None, rtp: bool | None = None,
    ) -> OutgoingCall:  # fmt: skip
        """Send an INVITE to that number; returns at once with the call.

        `from_number` and `from_header` go out as they are, so that a test may forge them.
        """
        uri = f"sip:{self.number if from_number is None else from_number}@{self.endpoint.address}"
        header = from_header if from_header is not None else party_header(name, uri)
        sound = self._new_sound(tone, rtp)
        call = OutgoingCall(self.endpoint, number, header, sound, self._media_port)
        self.dialled.append(call)
        await trio.lowlevel.checkpoint()
        return call

    def _plug(self, *, out: bool) -> None:
        self.endpoint.unplugged = out
        for call in [*self.calls, *self.dialled]:
            if call.is_talking and self.rtp:
                call.sound.sending = not out

    def _new_sound(self, tone: int | None = None, rtp: bool | None = None) -> Sound | None:
        wanted = self.rtp if rtp is None else rtp
        return Sound(self.endpoint.address, self.tone if tone is None else tone) if wanted else None

    def _on_invite(self, invite: SipMessage, at: float) -> None:
        call = IncomingCall(self.endpoint, invite, at, self.number, self._new_sound(), self._media_port)
        self.calls.append(call)
        came, self._came = self._came, trio.Event()
        came.set()
        behaviour = self.script.popleft() if self.script else self.behaviour
        if behaviour is ring:
            call.ring()  # at once, so that a call which `ringing` returns has rung
        else:
            self.endpoint.nursery.start_soon(run_behaviour, behaviour, call)


class Telephones:
    """All phones beside one Asterisk: its own extensions, and the outside world behind its trunk.

    `outside` is the trunk's far side: what the server dials out rings there.
    """

    def __init__(self, server: AsteriskServer, nursery: trio.Nursery, sink: socket.socket, *, rtp: bool) -> None:
        """Made by `telephones`."""
        self._server = server
        self._nursery = nursery
        self._media_port: int = sink.getsockname()[1]
        self._rtp = rtp
        self.phones: dict[str, SipPhone] = {}
        self.outside = self._new_phone(server.addresses.trunk, SIP_PORT, "outside", None)

    async def phone(self, extension: str, password: str | None = None, *, register: bool = True) -> SipPhone:
        """That extension's phone, plugged in and registered unless told otherwise."""
        digest = DigestAnswers(extension, phone_password(extension) if password is None else password)
        phone = self._new_phone(self._server.addresses.phones, 0, extension, digest)
        self.phones[extension] = phone
        if register:
            await phone.register()
        return phone

    async def all_phones(self) -> Sequence[SipPhone]:
        """Every extension of the server's settings, registered."""
        async with trio.open_nursery() as nursery:
            for extension in self._server.settings.extensions():
                nursery.start_soon(self.phone, extension)
        return [self.phones[extension] for extension in self._server.settings.extensions()]

    async def dial(
        self, number: str, *, from_number: str = "13800000001", name: str = "", from_header: str | None = None,
        tone: int | None = None, rtp: bool | None = None,
    ) -> OutgoingCall:  # fmt: skip
        """A caller from the outside dials that number; see `SipPhone.dial`."""
        return await self.outside.dial(
            number, name=name, from_number=from_number, from_header=from_header, tone=tone, rtp=rtp
        )

    def _new_phone(self, address: str, port: int, number: str, digest: DigestAnswers | None) -> SipPhone:
        server = (self._server.address, self._server.sip_port)
        endpoint = SipEndpoint(self._nursery, address, port, server, digest)
        self._nursery.start_soon(endpoint.run)
        tone = TONES[len(self.phones) % len(TONES)]
        return SipPhone(endpoint, number, tone=tone, rtp=self._rtp, media_port=self._media_port)


@asynccontextmanager
async def telephones(server: AsteriskServer, *, rtp: bool = True) -> AsyncIterator[Telephones]:
    """Phones for the length of the block; at its end they fall silent, without a BYE, and their ports are free."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink:
        sink.bind((server.addresses.phones, 0))  # bound and never read: sound sent there costs no ICMP
        try:
            async with trio.open_nursery() as nursery:
                yield Telephones(server, nursery, sink, rtp=rtp)
                nursery.cancel_scope.cancel()
        except ExceptionGroup as group:
            if len(group.exceptions) > 1:
                raise
            raise group.exceptions[0] from None  # a test that fails is to be read without a nursery around it
