"""The few lines of SDP that a PCMU phone speaks. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

MIRRORED: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


@dataclass(frozen=True, slots=True)
class MediaPlace:
    """Where a side wants its sound, and in which directions sound goes as that side sees it."""

    address: str
    port: int
    direction: Direction = "sendrecv"


def build_sdp(place: MediaPlace, version: int = 1) -> bytes:
    """An offer or an answer with PCMU and telephone-event; `version` grows with every new offer of a call."""
    lines = [
        "v=0",
        f"o=phone 1 {version} IN IP4 {place.address}",
        "s=phone",
        f"c=IN IP4 {place.address}",
        "t=0 0",
        f"m=audio {place.port} RTP/AVP 0 101",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-16",
        "a=ptime:20",
        f"a={place.direction}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def parse_sdp(body: bytes) -> MediaPlace | None:
    """Where the other side wants its sound; None if the body offers no audio."""
    text = body.decode("utf-8", "replace")
    address = re.search(r"^c=IN IP4 (\S+)", text, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", text, re.MULTILINE)
    if address is None or port is None:
        return None
    return MediaPlace(address[1], int(port[1]), _direction(text))


def _direction(text: str) -> Direction:
    for name in MIRRORED:
        if re.search(rf"^a={name}\r?$", text, re.MULTILINE):
            return name
    return "sendrecv"
