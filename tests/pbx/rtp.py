"""A call's sound: PCMU sent every 20 ms, and what comes back measured."""

from __future__ import annotations

import itertools
import secrets
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import trio

from tests.pbx.tones import FRAME_SAMPLES, RATE, decode, loudness, tone_amplitude, tone_frames

FRAME_S = FRAME_SAMPLES / RATE
HEADER = struct.Struct("!BBHII")
KEY_EVENT = struct.Struct("!BBH")
VERSION, MARKER, PCMU, TELEPHONE_EVENT = 0x80, 0x80, 0, 101
KEYS = "0123456789*#ABCD"
KEY_END, KEY_VOLUME = 0x80, 10
KEY_FRAMES, KEY_END_FRAMES, KEY_PAUSE_FRAMES = 5, 3, 5  # 100 ms pressed, its end said thrice, 100 ms of pause
WINDOW_S = 0.2  # what "now" means to the ear
WINDOW_FRAMES = 10
TONE_AMPLITUDE_MIN = 1500.0  # our own tones have 8000; two of them mixed, still 8000 each
TONE_SAMPLES_MIN = 5 * FRAME_SAMPLES
MUSIC_LOUDNESS_MIN = 150.0
SILENCE_LOUDNESS_MAX = 50.0
POLL_S = 0.02


@dataclass(slots=True)
class Reception:
    """What was received since the call's beginning or the last `restart`."""

    packets: int = 0
    longest_gap_ms: float = 0.0
    last_at: float = 0.0

    def note(self, at: float) -> None:
        """Count a packet that came at `at` (seconds of time.monotonic)."""
        if self.packets:
            self.longest_gap_ms = max(self.longest_gap_ms, (at - self.last_at) * 1000)
        self.packets += 1
        self.last_at = at

    def gap_ms_now(self) -> float:
        """The longest gap, the one that still lasts included."""
        open_gap_ms = (time.monotonic() - self.last_at) * 1000 if self.packets else 0.0
        return max(self.longest_gap_ms, open_gap_ms)


class Sound:
    """One call's two streams. `tone` is what we send, in Hz; 0 is silence, and may be changed at any time."""

    def __init__(self, address: str, tone: int = 0) -> None:
        """Bind a port of `address`; `run` moves the packets."""
        self.tone = tone
        self.received = Reception()
        self.sending = True
        self.far: tuple[str, int] | None = None
        self._keys: deque[bytes | None] = deque()
        self._key_began = 0
        self.keys_heard = ""
        self._key_heard: bytes = b""
        self._heard: deque[tuple[float, bytes]] = deque(maxlen=WINDOW_FRAMES)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((address, 0))
        self.port: int = self._socket.getsockname()[1]

    def restart(self) -> None:
        """Begin a new measurement: counts, gaps and what was heard so far are forgotten."""
        self.received = Reception()
        self._heard.clear()

    def press(self, keys: str) -> None:
        """Press keys on the phone (RFC 4733), in the course of the coming packets. Raises ValueError."""
        for key in keys:
            self._keys.extend(key_payloads(key))
            self._keys.extend([None] * KEY_PAUSE_FRAMES)

    async def run(self) -> None:
        """Send and receive until cancelled; then the port is free again."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._send)
                nursery.start_soon(self._receive)
        finally:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()

    def samples(self) -> list[int]:
        """What was heard in the last WINDOW_S seconds."""
        since = time.monotonic() - WINDOW_S
        return [sample for at, payload in self._heard if at >= since for sample in decode(payload)]

    def has_tone(self, hertz: float) -> bool:
        """Whether that tone is in what is heard now; a click of a few frames is no tone."""
        samples = self.samples()
        long_enough = len(samples) >= TONE_SAMPLES_MIN
        return long_enough and tone_amplitude(samples, hertz) >= TONE_AMPLITUDE_MIN

    async def hears(self, hertz: float, within_s: float = 5.0) -> bool:
        """True as soon as that tone is heard; False if it isn't within `within_s` seconds."""
        return await self._until(lambda: self.has_tone(hertz), within_s)

    async def hears_music(self, within_s: float = 5.0) -> bool:
        """True as soon as there is sound of any kind; False if there is none within `within_s` seconds."""
        return await self._until(lambda: loudness(self.samples()) >= MUSIC_LOUDNESS_MIN, within_s)

    async def hears_nothing(self, within_s: float = 2.0) -> bool:
        """True as soon as WINDOW_S seconds are silent or empty; False if that doesn't happen in time."""
        return await self._until(lambda: loudness(self.samples()) <= SILENCE_LOUDNESS_MAX, within_s)

    async def stays_deaf_to(self, hertz: float, during: float = 0.6) -> bool:
        """True if that tone isn't heard at any time in the next `during` seconds."""
        return not await self._until(lambda: self.has_tone(hertz), during)

    async def hears_keys(self, keys: str, within_s: float = 5.0) -> bool:
        """True as soon as exactly these keys were pressed on the far side since the call began (RFC 4733)."""
        return await self._until(lambda: self.keys_heard == keys, within_s)

    async def _until(self, is_true: Callable[[], bool], within_s: float) -> bool:
        with trio.move_on_after(within_s):
            while not is_true():  # noqa: ASYNC110  a sound has no event to wait for
                await trio.sleep(POLL_S)
            return True
        return False

    async def _send(self) -> None:
        """Paced by the clock and not by the sleep before, so that lateness never adds up."""
        ssrc = secrets.randbits(32)
        began = trio.current_time()
        for place in itertools.count(1):
            await trio.sleep_until(began + place * FRAME_S)
            if self.far is not None and self.sending:
                kind, timestamp, payload = self._next_frame(place)
                head = HEADER.pack(VERSION, kind, place & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
                send_datagram(self._socket, head + payload, self.far)

    def _next_frame(self, place: int) -> tuple[int, int, bytes]:
        """Payload type with marker, timestamp and payload of the frame at that place of the stream."""
        timestamp = place * FRAME_SAMPLES
        key = self._keys.popleft() if self._keys else None
        if key is None:
            self._key_began = 0
            frames = tone_frames(self.tone)
            return PCMU, timestamp, frames[place % len(frames)]
        starts = not self._key_began
        self._key_began = self._key_began or timestamp
        return TELEPHONE_EVENT | (MARKER if starts else 0), self._key_began, key

    async def _receive(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._socket)
            at = time.monotonic()
            for packet in _waiting_packets(self._socket):
                self.received.note(at)
                if len(packet) > HEADER.size and packet[1] & 0x7F == PCMU:
                    self._heard.append((at, packet[HEADER.size :]))
                elif packet[1] & 0x7F == TELEPHONE_EVENT:
                    self._note_key(packet)

    def _note_key(self, packet: bytes) -> None:
        """All packets of one press have one timestamp."""
        timestamp = packet[4:8]
        if timestamp != self._key_heard:
            self._key_heard = timestamp
            self.keys_heard += KEYS[packet[HEADER.size]]


def key_payloads(key: str) -> list[bytes]:
    """The telephone-event payloads of one key: pressed for a while, then its end."""
    code = KEYS.index(key.upper())
    pressed = [KEY_EVENT.pack(code, KEY_VOLUME, FRAME_SAMPLES * (n + 1)) for n in range(KEY_FRAMES)]
    end = KEY_EVENT.pack(code, KEY_END | KEY_VOLUME, FRAME_SAMPLES * KEY_FRAMES)
    return pressed + [end] * KEY_END_FRAMES


def send_datagram(sock: socket.socket, data: bytes, to: tuple[str, int]) -> None:
    """Send and forget: what the kernel can't take is lost, as on any network."""
    with suppress(BlockingIOError, ConnectionRefusedError):
        sock.sendto(data, to)


def _waiting_packets(sock: socket.socket) -> list[bytes]:
    packets: list[bytes] = []
    while True:
        try:
            packets.append(sock.recv(2048))
        except BlockingIOError:
            return packets
