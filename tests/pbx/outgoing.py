"""A call that a phone makes."""

from __future__ import annotations

import time

import trio

from tests.pbx.call import OK, TIMEOUT_S, CallOver, Ending, SipCall
from tests.pbx.dialog import Dialog, cancel_of
from tests.pbx.endpoint import SipEndpoint
from tests.pbx.rtp import Sound
from tests.pbx.sdp import parse_sdp
from tests.pbx.sip import REDIRECT_MIN, SipMessage, new_token

TRYING, RINGING = 100, 180


class OutgoingCall(SipCall):
    """An INVITE that a phone sent; `status` is the final response's code once there is one.

    `responses` are all that came, in order.
    """

    def __init__(
        self, endpoint: SipEndpoint, number: str, from_header: str, sound: Sound | None, media_port: int
    ) -> None:
        """Made by `SipPhone.dial`; the INVITE goes out at once."""
        host, port = endpoint.server
        uri = f"sip:{number}@{host}:{port}"
        near = f"{from_header};tag={new_token()}"
        contact = f"sip:caller@{endpoint.here}"
        dialog = Dialog(new_token(), near, f"<{uri}>", uri, endpoint.here, contact)
        super().__init__(endpoint, dialog, sound, media_port)
        self.responses: list[SipMessage] = []
        self._rings = trio.Event()
        self._heard = trio.Event()
        self._gave_up = False
        self._offer_body = self._sdp()
        self.times.invite_at = time.monotonic()
        self.invite = endpoint.request(self._build_invite, self._on_response)

    async def ringing(self, within_s: float = TIMEOUT_S) -> None:
        """Wait for 180. Raises PhoneTimeout, or CallOver if the call ended before."""
        await self._wait(within_s, self._rings.wait, "180")
        self._check_alive("it rang")

    async def answered(self, within_s: float = TIMEOUT_S) -> None:
        """Wait for the answer. Raises PhoneTimeout, or CallOver if the call was refused or ended before."""
        await self._wait(within_s, self._up.wait, "answer")
        self._check_alive("the answer")

    async def refused(self, within_s: float = TIMEOUT_S) -> int:
        """Wait for the refusal and return its code. Raises PhoneTimeout, or CallOver if it was answered."""
        await self.ended(within_s)
        if self.status < REDIRECT_MIN:
            raise CallOver(f"{self}: not refused but answered")
        return self.status

    def _build_invite(self) -> SipMessage:
        self.invite = self.dialog.request("INVITE", self._offer_body)
        return self.invite

    async def _give_up(self, within_s: float) -> None:
        """CANCEL, which may be sent only after a first provisional response."""
        self._gave_up = True
        await self._wait(within_s, self._heard.wait, "response to the INVITE")
        if not self._up.is_set() and not self._over.is_set():
            self.times.cancel_at = time.monotonic()
            self.endpoint.request(lambda: cancel_of(self.invite), lambda response, at: None)
        await self.ended(within_s)

    def _on_response(self, response: SipMessage, at: float) -> None:
        self.responses.append(response)
        self._heard.set()
        media = parse_sdp(response.body)
        if media is not None:
            self._send_sound_to(media)
        if response.status >= REDIRECT_MIN:
            self._on_refusal(response)
        elif response.status >= OK:
            self._on_answer(response, at)
        elif response.status == RINGING:
            self.times.ringing_at = self.times.ringing_at or at
            self._rings.set()

    def _on_answer(self, response: SipMessage, at: float) -> None:
        self.status = response.status
        self.times.answered_at = at
        self.dialog.far = response.header("To")
        self.dialog.learn(response)
        self.endpoint.send(self.dialog.ack(response))
        self.times.ack_at = time.monotonic()
        self._rings.set()
        self._up.set()
        if self._gave_up:  # the answer crossed our CANCEL
            self.endpoint.nursery.start_soon(self.hang_up)

    def _on_refusal(self, response: SipMessage) -> None:
        self.status = response.status
        self.end_reason = response.header("Reason")
        self._finish(Ending.CANCELLED if self._gave_up else Ending.REFUSED)
        self._rings.set()
        self._up.set()

    def _check_alive(self, what: str) -> None:
        if self._over.is_set():
            raise CallOver(f"{self}: over with {self.status} before {what}")
