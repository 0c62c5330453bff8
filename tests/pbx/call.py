"""What a calling and a called phone have in common once there is a call."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from enum import Enum

import trio

from tests.pbx.dialog import Dialog
from tests.pbx.endpoint import SipEndpoint
from tests.pbx.rtp import Sound
from tests.pbx.sdp import MIRRORED, Direction, MediaPlace, build_sdp, parse_sdp
from tests.pbx.sip import FINAL_MIN, REDIRECT_MIN, SipMessage, parse_party

OK, NOT_ALLOWED = 200, 405
TIMEOUT_S = 5.0


class PhoneTimeout(Exception):
    """Something that a test waited for didn't happen in time; the text says what happened instead."""


class CallOver(Exception):
    """The call ended before what was asked for; the text says how."""


class Ending(Enum):
    """How a call ended, as seen from the phone."""

    HUNG_UP = "this phone hung up"
    FAR_HUNG_UP = "the far side hung up"
    CANCELLED = "cancelled while it rang"
    REFUSED = "refused"


@dataclass(slots=True)
class CallTimes:
    """Instants in seconds of time.monotonic; None is "never". The kernel's own for what was received."""

    invite_at: float | None = None
    ringing_at: float | None = None
    answered_at: float | None = None
    ack_at: float | None = None
    cancel_at: float | None = None
    bye_sent_at: float | None = None
    bye_received_at: float | None = None
    over_at: float | None = None

    def story(self) -> str:
        """What happened, in order, in milliseconds from the first instant."""
        happened = sorted((at, f.name[:-3]) for f in fields(self) if (at := getattr(self, f.name)) is not None)
        return ", ".join(f"{name} +{(at - happened[0][0]) * 1000:.1f} ms" for at, name in happened) or "nothing"


class SipCall:
    """One call at one phone; see IncomingCall and OutgoingCall for how it begins.

    `invite` is the INVITE as sent or received, `times` when what happened, `ending` how it ended (None while
    it lives), `status` the final response's code, `sound` what is heard and said.
    """

    def __init__(self, endpoint: SipEndpoint, dialog: Dialog, sound: Sound | None, media_port: int) -> None:
        """`sound` None is a call without sound, whose packets go to `media_port`, which nobody reads."""
        self.endpoint = endpoint
        self.dialog = dialog
        self.times = CallTimes()
        self.ending: Ending | None = None
        self.status = 0
        self.end_reason = ""
        self._sound = sound
        self._sound_scope = trio.CancelScope()
        self._media_port = sound.port if sound else media_port
        self._sdp_version = 0
        self._direction: Direction = "sendrecv"
        self._up = trio.Event()
        self._over = trio.Event()
        endpoint.calls[dialog.call_id] = self
        if sound:
            endpoint.nursery.start_soon(self._run_sound, sound)

    @property
    def sound(self) -> Sound:
        """The call's sound; raises RuntimeError for a call made with rtp=False."""
        if self._sound is None:
            raise RuntimeError("this call has no sound; make the phone with rtp=True to listen")
        return self._sound

    @property
    def is_talking(self) -> bool:
        """Whether it is answered and not over."""
        return self._up.is_set() and not self._over.is_set()

    async def ended(self, within_s: float = TIMEOUT_S) -> Ending:
        """Wait until the call is over and say how it ended. Raises PhoneTimeout."""
        await self._wait(within_s, self._over.wait, "the end of the call")
        assert self.ending is not None
        return self.ending

    async def hang_up(self, within_s: float = TIMEOUT_S) -> None:
        """End the call whatever its state; returns when the server agreed. A call that is over stays so."""
        if self._over.is_set():
            return
        if not self._up.is_set():
            await self._give_up(within_s)
            return
        self.times.bye_sent_at = time.monotonic()
        await self._ask("BYE", within_s)
        self._finish(Ending.HUNG_UP)

    async def hold(self, within_s: float = TIMEOUT_S) -> None:
        """Put the far side on hold by re-INVITE: no sound is sent until `unhold`."""
        await self._offer("sendonly", within_s)

    async def unhold(self, within_s: float = TIMEOUT_S) -> None:
        """Take the far side back."""
        await self._offer("sendrecv", within_s)

    async def refer(self, target: str, within_s: float = TIMEOUT_S) -> None:
        """Blind transfer by the phone: REFER to that extension. Raises CallOver if the server refuses.

        Asterisk leaves it to the phone to `hang_up` when it has seen the transfer succeed.
        """
        uri = f"sip:{target}@{self.endpoint.server[0]}:{self.endpoint.server[1]}"
        response = await self._ask("REFER", within_s, extra=(("Refer-To", f"<{uri}>"),))
        if response.status >= REDIRECT_MIN:
            raise CallOver(f"REFER to {target} refused with {response.status}")

    def press(self, keys: str) -> None:
        """Press keys (DTMF by RFC 4733), e.g. for a menu; needs sound."""
        self.sound.press(keys)

    async def hears(self, hertz: float, within_s: float = 5.0) -> bool:
        """True as soon as that tone is heard; False if it isn't within `within_s` seconds."""
        return await self.sound.hears(hertz, within_s)

    async def hears_music(self, within_s: float = 5.0) -> bool:
        """True as soon as there is sound of any kind; False if there is none within `within_s` seconds."""
        return await self.sound.hears_music(within_s)

    async def hears_nothing(self, within_s: float = 2.0) -> bool:
        """True as soon as it is silent; False if that doesn't happen within `within_s` seconds."""
        return await self.sound.hears_nothing(within_s)

    def on_request(self, request: SipMessage, at: float) -> None:
        """A request inside the call, from the endpoint."""
        handlers: dict[str, Callable[[SipMessage, float], None]] = {
            "ACK": self._on_ack,
            "BYE": self._on_bye,
            "CANCEL": self._on_cancel,
            "INVITE": self._on_reinvite,
            "UPDATE": self._on_reinvite,
        }
        handlers.get(request.method, self._on_other)(request, at)

    def on_repeated_answer(self, response: SipMessage) -> None:
        """A 2xx that comes again: acknowledge it again."""
        if response.method == "INVITE":
            self.endpoint.send(self.dialog.ack(response))

    async def _give_up(self, within_s: float) -> None:
        raise NotImplementedError

    def _on_ack(self, request: SipMessage, at: float) -> None:
        """Nothing waits for it here."""

    def _on_cancel(self, request: SipMessage, at: float) -> None:
        self.endpoint.respond(request, OK)

    def _on_bye(self, request: SipMessage, at: float) -> None:
        self.times.bye_received_at = at
        self.end_reason = request.header("Reason")
        self.endpoint.respond(request, OK)
        self._finish(Ending.FAR_HUNG_UP)

    def _on_reinvite(self, request: SipMessage, at: float) -> None:
        """Agree to whatever the server wants; our directions mirror its own."""
        offer = parse_sdp(request.body)
        if offer is not None:
            self._send_sound_to(offer)
        direction = MIRRORED[offer.direction] if offer else self._direction
        self.endpoint.respond(request, OK, contact=self.dialog.contact, body=self._sdp(direction))

    def _on_other(self, request: SipMessage, at: float) -> None:
        known = request.method in ("OPTIONS", "NOTIFY", "INFO", "MESSAGE")
        self.endpoint.respond(request, OK if known else NOT_ALLOWED)

    def _sdp(self, direction: Direction = "sendrecv") -> bytes:
        self._sdp_version += 1
        return build_sdp(MediaPlace(self.endpoint.address, self._media_port, direction), self._sdp_version)

    def _send_sound_to(self, place: MediaPlace) -> None:
        if self._sound:
            self._sound.far = (place.address, place.port)

    async def _offer(self, direction: Direction, within_s: float) -> None:
        response = await self._ask("INVITE", within_s, self._sdp(direction))
        if response.status >= REDIRECT_MIN:
            raise CallOver(f"re-INVITE {direction} refused with {response.status}")
        self.endpoint.send(self.dialog.ack(response))
        self._direction = direction
        if self._sound:
            self._sound.sending = direction == "sendrecv"

    async def _ask(
        self, method: str, within_s: float, body: bytes = b"", extra: tuple[tuple[str, str], ...] = ()
    ) -> SipMessage:
        """A request inside the call, and its final response."""
        answers: list[SipMessage] = []
        done = trio.Event()

        def on_response(response: SipMessage, at: float) -> None:
            if response.status >= FINAL_MIN:
                answers.append(response)
                done.set()

        self.endpoint.request(lambda: self.dialog.request(method, body, extra), on_response)
        await self._wait(within_s, done.wait, f"the answer to {method}")
        return answers[0]

    async def _wait(self, within_s: float, wait: Callable[[], Awaitable[None]], what: str) -> None:
        try:
            with trio.fail_after(within_s):
                await wait()
        except trio.TooSlowError:
            raise PhoneTimeout(f"{self}: no {what} within {within_s} s") from None

    def _finish(self, ending: Ending) -> None:
        if not self._over.is_set():
            self.ending = ending
            self.times.over_at = time.monotonic()
            self._sound_scope.cancel()
            self._over.set()

    async def _run_sound(self, sound: Sound) -> None:
        with self._sound_scope:
            await sound.run()

    def __str__(self) -> str:
        near, far = parse_party(self.dialog.near), parse_party(self.dialog.far)
        state = self.ending.value if self.ending else "talking" if self._up.is_set() else "not answered"
        return f"call {near.user} / {far.user} ({state}; {self.times.story()})"
