"""A call that comes to a phone, and what phones may be told to do with it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import trio

from tests.pbx.call import OK, TIMEOUT_S, CallOver, Ending, SipCall
from tests.pbx.dialog import Dialog
from tests.pbx.endpoint import SipEndpoint
from tests.pbx.rtp import Sound
from tests.pbx.sdp import parse_sdp
from tests.pbx.sip import SipMessage, new_token, parse_party

RINGING, DECLINED, TERMINATED = 180, 603, 487


class IncomingCall(SipCall):
    """An INVITE that a phone received.

    `caller_number` and `caller_name` are what the phone's display shows, `invite` has all headers,
    `cancel_reason` is the Reason header of the CANCEL.
    """

    def __init__(
        self, endpoint: SipEndpoint, invite: SipMessage, at: float, user: str, sound: Sound | None, media_port: int
    ) -> None:
        """Made by the phone on INVITE; nothing is sent until a behaviour or a test says so."""
        super().__init__(endpoint, _dialog_of(endpoint, invite, user), sound, media_port)
        self.invite = invite
        caller = parse_party(invite.header("From"))
        self.caller_number = caller.user
        self.caller_name = caller.display
        self.cancel_reason = ""
        self.times.invite_at = at
        self._acked = trio.Event()
        self._final = trio.Event()
        self._learn_media(invite)

    @property
    def is_waiting(self) -> bool:
        """Whether it still waits to be answered."""
        return not self._final.is_set()

    def ring(self) -> None:
        """Send 180; no effect once the call is answered or over."""
        if self.is_waiting:
            self.times.ringing_at = time.monotonic()
            self._respond(RINGING)

    async def answer(self, within_s: float = TIMEOUT_S) -> None:
        """Send 200 and wait for its ACK. Raises CallOver if the caller was quicker."""
        self._check_waiting("answer")
        self._final.set()
        self.status = OK
        self.times.answered_at = time.monotonic()
        self._respond(OK, self._sdp())
        await self._wait(within_s, self._acked.wait, "ACK")

    async def reject(self, status: int = 486, within_s: float = TIMEOUT_S) -> None:
        """Refuse with that code and wait for the ACK. Raises CallOver if the caller was quicker."""
        self._check_waiting(f"reject with {status}")
        self._refuse(status, Ending.REFUSED)
        await self._wait(within_s, self._acked.wait, "ACK")

    async def cancelled(self, within_s: float = TIMEOUT_S) -> None:
        """Wait for the CANCEL. Raises PhoneTimeout, or CallOver if the call ended in another way."""
        ending = await self.ended(within_s)
        if ending is not Ending.CANCELLED:
            raise CallOver(f"{self}: not cancelled")

    async def talking(self, within_s: float = TIMEOUT_S) -> None:
        """Wait until it is answered and acknowledged, by whichever behaviour."""
        await self._wait(within_s, self._up.wait, "answer")

    async def _give_up(self, within_s: float) -> None:
        await self.reject(DECLINED, within_s)

    def _refuse(self, status: int, ending: Ending) -> None:
        self._final.set()
        self.status = status
        self._respond(status)
        self._finish(ending)

    def _respond(self, status: int, body: bytes | None = None) -> None:
        parts: dict[str, str | bytes] = {"to_tag": parse_party(self.dialog.near).tag, "contact": self.dialog.contact}
        if body is not None:
            parts["body"] = body
        response = self.endpoint.respond(self.invite, status, **parts)
        if status >= OK:
            self.endpoint.respond_until(response, self._acked)

    def _on_ack(self, request: SipMessage, at: float) -> None:
        if self._acked.is_set():
            return
        self.times.ack_at = at
        self._acked.set()
        if self.status == OK:
            self._learn_media(request)
            self._up.set()

    def _on_cancel(self, request: SipMessage, at: float) -> None:
        self.endpoint.respond(request, OK)
        if self.is_waiting:
            self.times.cancel_at = at
            self.cancel_reason = request.header("Reason")
            self._refuse(TERMINATED, Ending.CANCELLED)

    def _learn_media(self, message: SipMessage) -> None:
        offer = parse_sdp(message.body)
        if offer is not None:
            self._send_sound_to(offer)

    def _check_waiting(self, what: str) -> None:
        if not self.is_waiting:
            raise CallOver(f"{self}: too late to {what}")


Behaviour = Callable[[IncomingCall], Awaitable[None]]


async def ring(call: IncomingCall) -> None:
    """Ring until somebody does something about it."""
    call.ring()


async def stay_silent(call: IncomingCall) -> None:
    """Send nothing at all, not even 180."""


def answering(after_s: float = 0.0, talk_s: float | None = None) -> Behaviour:
    """Ring, answer after a time, and hang up after `talk_s` seconds of talk if that is given."""

    async def behave(call: IncomingCall) -> None:
        call.ring()
        await trio.sleep(after_s)
        await call.answer()
        if talk_s is not None:
            await trio.sleep(talk_s)
            await call.hang_up()

    return behave


async def answering_if_asked(call: IncomingCall) -> None:
    """Ring; answer by itself if the INVITE asks for it and the phone has no other call."""
    call.ring()
    others = [other for other in call.endpoint.calls.values() if other is not call and not getattr(other, "ending", 1)]
    if "answer-after=0" in call.invite.header("Call-Info") and not others:
        await call.answer()


def rejecting(status: int, after_s: float = 0.0) -> Behaviour:
    """Ring, and refuse with that code after a time; at once and without ringing if the time is 0."""

    async def behave(call: IncomingCall) -> None:
        if after_s:
            call.ring()
            await trio.sleep(after_s)
        await call.reject(status)

    return behave


async def run_behaviour(behaviour: Behaviour, call: IncomingCall) -> None:
    """Let a phone behave for as long as the call lives."""

    async def end_with_the_call() -> None:
        await call.ended(float("inf"))
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(end_with_the_call)
        with suppress(CallOver):  # the other side was quicker: nothing left to do
            await behaviour(call)
        nursery.cancel_scope.cancel()


def _dialog_of(endpoint: SipEndpoint, invite: SipMessage, user: str) -> Dialog:
    contact = f"sip:{user}@{endpoint.here}"
    near = f"{invite.header('To')};tag={new_token()}"
    dialog = Dialog(invite.call_id, near, invite.header("From"), "", endpoint.here, contact)
    dialog.routes = invite.all_headers("Record-Route")
    dialog.learn(invite)
    return dialog
