"""One UDP socket that speaks SIP: transactions, re-sending, digest, and kernel time stamps of what arrives."""

from __future__ import annotations

import socket
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import trio

from tests.pbx.dialog import ack_of_refusal
from tests.pbx.rtp import send_datagram
from tests.pbx.sip import FINAL_MIN, REDIRECT_MIN, DigestAnswers, SipMessage, parse_message, response_to

SO_TIMESTAMPNS = 35  # Linux's; Python names it from 3.13 on
TIMESPEC = struct.Struct("@qq")
DATAGRAM_MAX = 65535
RESEND_FIRST_S, RESEND_MAX_S, RESEND_TOTAL_S = 0.5, 4.0, 32.0
TRANSACTIONS_KEPT_MAX = 20_000
UNKNOWN_CALL, OK = 481, 200

OnMessage = Callable[[SipMessage, float], None]
TransactionKey = tuple[str, str]
Kept = TypeVar("Kept")


class CallHandler(Protocol):
    """What an endpoint tells a call."""

    def on_request(self, request: SipMessage, at: float) -> None:
        """A request inside the call."""

    def on_repeated_answer(self, response: SipMessage) -> None:
        """A 2xx that comes again: our ACK got lost."""


@dataclass(slots=True)
class ClientTransaction:
    """A request of ours, until something answers it."""

    request: SipMessage
    on_response: OnMessage
    build: Callable[[], SipMessage]
    may_retry: bool
    is_over: bool = False
    heard: trio.Event = field(default_factory=trio.Event)


class SipEndpoint:
    """A SIP address on loopback.

    All sending is synchronous and may lose datagrams under load, as UDP does: what matters is re-sent until
    answered. Instants are seconds of time.monotonic, taken by the kernel for what is received.
    """

    def __init__(
        self,
        nursery: trio.Nursery,
        address: str,
        port: int,
        server: tuple[str, int],
        digest: DigestAnswers | None = None,
    ) -> None:
        """Bind; port 0 takes any free one. `run` serves the socket."""
        self.nursery = nursery
        self.server = server
        self.calls: dict[str, CallHandler] = {}
        self.on_invite: OnMessage = self._refuse_calls
        self.unplugged = False
        self.options_seen = 0
        self._digest = digest
        self._transactions: OrderedDict[TransactionKey, ClientTransaction] = OrderedDict()
        self._answers: OrderedDict[TransactionKey, bytes] = OrderedDict()
        self._socket = _bound_socket(address, port)
        self.address = address
        self.port: int = self._socket.getsockname()[1]

    @property
    def here(self) -> str:
        """Our own `address:port`."""
        return f"{self.address}:{self.port}"

    async def run(self) -> None:
        """Serve until cancelled, then close the socket."""
        try:
            while True:
                await trio.lowlevel.wait_readable(self._socket)
                for data, at in _waiting_datagrams(self._socket):
                    self._on_datagram(data, at)
        finally:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()

    def send(self, message: SipMessage) -> None:
        """Put a message on the wire, to the server."""
        if not self.unplugged:
            send_datagram(self._socket, message.render(), self.server)

    def request(self, build: Callable[[], SipMessage], on_response: OnMessage) -> SipMessage:
        """Send what `build` makes, re-send it until something answers, and sign it if challenged.

        `on_response` gets every response but the challenge; `build` is called again for the signed copy.
        """
        return self._start(build, on_response, may_retry=True)

    def respond(self, request: SipMessage, status: int, **parts: str | bytes) -> SipMessage:
        """Answer a request; the same answer goes out again whenever the request does.

        Parts: `to_tag`, `contact` (a URI), `body` (SDP).
        """
        response = response_to(request, status, str(parts.get("to_tag", "")))
        if "contact" in parts:
            response.headers.append(("Contact", f"<{parts['contact']!s}>"))
        body = parts.get("body")
        if isinstance(body, bytes):
            response.headers.append(("Content-Type", "application/sdp"))
            response.body = body
        self._answers[_key(request)] = response.render()
        self.send(response)
        return response

    def respond_until(self, response: SipMessage, done: trio.Event) -> None:
        """Re-send a final response to an INVITE until its ACK sets `done`."""
        self.nursery.start_soon(self._resend, response, done)

    def _start(self, build: Callable[[], SipMessage], on_response: OnMessage, *, may_retry: bool) -> SipMessage:
        plain = build()
        request = self._digest.signed(plain) if self._digest else plain
        transaction = ClientTransaction(request, on_response, build, may_retry and self._digest is not None)
        _keep(self._transactions, _key(request), transaction)
        self.send(request)
        self.nursery.start_soon(self._resend, request, transaction.heard)
        return request

    async def _resend(self, message: SipMessage, done: trio.Event) -> None:
        pause = RESEND_FIRST_S
        with trio.move_on_after(RESEND_TOTAL_S):
            while not done.is_set():
                with trio.move_on_after(pause):
                    await done.wait()
                    return
                self.send(message)
                pause = min(pause * 2, RESEND_MAX_S)

    def _on_datagram(self, data: bytes, at: float) -> None:
        if self.unplugged or not data.strip():
            return
        message = parse_message(data)
        if message.is_request:
            self._on_request(message, at)
        else:
            self._on_response(message, at)

    def _on_request(self, request: SipMessage, at: float) -> None:
        key = _key(request)
        if key in self._answers:
            if self._answers[key]:
                send_datagram(self._socket, self._answers[key], self.server)
            return
        call = self.calls.get(request.call_id)
        if request.method != "ACK":
            _keep(self._answers, key, b"")
        if call is not None:
            call.on_request(request, at)
        elif request.method == "INVITE":
            self.on_invite(request, at)
        elif request.method != "ACK":
            self._answer_outside_calls(request)

    def _refuse_calls(self, invite: SipMessage, at: float) -> None:
        self.respond(invite, UNKNOWN_CALL, to_tag="outside")

    def _answer_outside_calls(self, request: SipMessage) -> None:
        self.options_seen += request.method == "OPTIONS"
        known = request.method in ("OPTIONS", "NOTIFY", "INFO")
        self.respond(request, OK if known else UNKNOWN_CALL, to_tag="outside")

    def _on_response(self, response: SipMessage, at: float) -> None:
        transaction = self._transactions.get(_key(response))
        if transaction is None:
            return
        transaction.heard.set()
        if response.method == "INVITE" and response.status >= REDIRECT_MIN:
            self.send(ack_of_refusal(transaction.request, response))
        if response.status in (401, 407) and transaction.may_retry and self._digest:
            transaction.may_retry = False
            transaction.is_over = True
            self._digest.learn(response)
            self._start(transaction.build, transaction.on_response, may_retry=False)
        elif not transaction.is_over:
            transaction.is_over = response.status >= FINAL_MIN
            transaction.on_response(response, at)
        elif FINAL_MIN <= response.status < REDIRECT_MIN and response.call_id in self.calls:
            self.calls[response.call_id].on_repeated_answer(response)


def _key(message: SipMessage) -> TransactionKey:
    return message.branch, message.cseq[1]


def _keep(kept: OrderedDict[TransactionKey, Kept], key: TransactionKey, value: Kept) -> None:
    kept[key] = value
    if len(kept) > TRANSACTIONS_KEPT_MAX:
        kept.popitem(last=False)


def _bound_socket(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind((address, port))
    return sock


def _waiting_datagrams(sock: socket.socket) -> Iterator[tuple[bytes, float]]:
    while True:
        try:
            data, ancillary, _, _ = sock.recvmsg(DATAGRAM_MAX, 64)
        except BlockingIOError:
            return
        yield data, _arrival(ancillary)


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> float:
    """The kernel's wall-clock stamp on the scale of time.monotonic."""
    now = time.monotonic()
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            stamp: tuple[int, int] = TIMESPEC.unpack(data[: TIMESPEC.size])
            return now - (time.time_ns() - stamp[0] * 1_000_000_000 - stamp[1]) / 1e9
    return now
