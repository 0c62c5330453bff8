"""SIP messages as values: parsing, building, addresses, digest. Pure; RFC 3261 as far as phones need it.

Bytes that aren't UTF-8 survive both ways (surrogateescape): a test may send and see forged rubbish as it is.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "c": "content-type",
           "l": "content-length", "k": "supported", "r": "refer-to", "b": "referred-by"}  # fmt: skip
REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted", 404: "Not Found",
    405: "Method Not Allowed", 480: "Temporarily Unavailable", 481: "Call Does Not Exist", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 500: "Server Internal Error",
    503: "Service Unavailable", 603: "Decline",
}  # fmt: skip
FINAL_MIN, REDIRECT_MIN = 200, 300


class SipSyntaxError(ValueError):
    """Bytes that are no SIP message; the text quotes their beginning."""


@dataclass(slots=True)
class SipMessage:
    """A request or a response: its start line, its headers in order, its body."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def is_request(self) -> bool:
        """Whether it is a request."""
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self) -> str:
        """The method: of the start line, or of the CSeq if it is a response."""
        return self.start.split(" ", 1)[0] if self.is_request else self.cseq[1]

    @property
    def uri(self) -> str:
        """A request's target."""
        return self.start.split(" ")[1]

    @property
    def status(self) -> int:
        """A response's code; 0 for a request."""
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def cseq(self) -> tuple[int, str]:
        """The sequence number and its method."""
        number, method = self.header("CSeq").split()
        return int(number), method

    @property
    def call_id(self) -> str:
        """The Call-ID header."""
        return self.header("Call-ID")

    @property
    def branch(self) -> str:
        """The topmost Via's branch: the name of the transaction."""
        found = re.search(r";\s*branch=([^;,\s]+)", self.header("Via"))
        return found[1] if found else ""

    def header(self, name: str, default: str = "") -> str:
        """The first header of that name."""
        return next(iter(self.all_headers(name)), default)

    def all_headers(self, name: str) -> list[str]:
        """Every header of that name, in order; compact names count."""
        wanted = name.lower()
        return [value for key, value in self.headers if COMPACT.get(key.lower(), key.lower()) == wanted]

    def with_header(self, name: str, value: str) -> SipMessage:
        """The same message with that header once."""
        kept = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        return SipMessage(self.start, [*kept, (name, value)], self.body)

    def render(self) -> bytes:
        """The bytes for the wire; Content-Length is counted here."""
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers)]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + self.body


def parse_message(data: bytes) -> SipMessage:
    """The message in a datagram. Raises SipSyntaxError."""
    head, separator, body = data.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "surrogateescape")).split("\r\n")
    if not separator or "SIP/2.0" not in lines[0]:
        raise SipSyntaxError(f"no SIP message: {data[:60]!r}")
    headers = [_split_header(line) for line in lines[1:]]
    length = next((int(value) for name, value in headers if name.lower() in ("content-length", "l")), len(body))
    kept = [pair for pair in headers if pair[0].lower() not in ("content-length", "l")]
    return SipMessage(lines[0], kept, body[:length])


def response_to(request: SipMessage, status: int, to_tag: str = "") -> SipMessage:
    """A response with the headers that the request prescribes; `to_tag` is added where there is none."""
    to = request.header("To")
    if to_tag and not tag_of(to):
        to = f"{to};tag={to_tag}"
    copied = [("Via", via) for via in request.all_headers("Via")]
    copied += [("Record-Route", route) for route in request.all_headers("Record-Route")]
    names = [("From", request.header("From")), ("To", to), ("Call-ID", request.call_id)]
    start = f"SIP/2.0 {status} {REASONS.get(status, 'Unspecified')}"
    return SipMessage(start, [*copied, *names, ("CSeq", request.header("CSeq"))])


@dataclass(frozen=True, slots=True)
class Party:
    """A From or To header taken apart."""

    display: str
    user: str
    uri: str
    tag: str


def parse_party(header: str) -> Party:
    """The parts of a From, To or Contact header; a user's %-escapes are left alone."""
    found = re.match(r'\s*(?:"((?:\\.|[^"\\])*)"|([^<"]*?))\s*<([^>]*)>(.*)', header, re.DOTALL)
    quoted, bare, uri, rest = found.groups() if found else (None, "", header.split(";")[0], header)
    display = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else (bare or "").strip()
    user = re.match(r"sips?:(?:([^@]*)@)?", uri)
    return Party(display, (user[1] or "") if user else "", uri.strip(), tag_of(rest))


def party_header(display: str, uri: str, tag: str = "") -> str:
    """A From or To header; the URI goes in as it is."""
    escaped = re.sub(r'(["\\])', r"\\\1", display)
    name = f'"{escaped}" ' if display else ""
    return f"{name}<{uri}>" + (f";tag={tag}" if tag else "")


def tag_of(header: str) -> str:
    """The tag parameter of a From or To header, or the empty string."""
    found = re.search(r";\s*tag=([^;,\s]+)", header.rpartition(">")[2])
    return found[1] if found else ""


def new_branch() -> str:
    """A transaction's name, never used before."""
    return f"z9hG4bK{secrets.token_hex(8)}"


def new_token() -> str:
    """A tag or a Call-ID, never used before."""
    return secrets.token_hex(8)


class DigestAnswers:
    """Answers to digest challenges (MD5, qop auth), with a challenge kept to answer before being asked."""

    def __init__(self, username: str, password: str) -> None:
        """The credentials that prove who we are."""
        self._username = username
        self._password = password
        self._challenge: dict[str, str] = {}
        self._header_name = ""
        self._uses = itertools.count(1)

    def learn(self, response: SipMessage) -> None:
        """Keep the challenge of a 401 or a 407 for the requests to come."""
        proxy = response.status == 407
        text = response.header("Proxy-Authenticate" if proxy else "WWW-Authenticate")
        pairs: Sequence[tuple[str, str, str]] = re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', text)
        self._challenge = {name.lower(): quoted or bare for name, quoted, bare in pairs}
        self._header_name = "Proxy-Authorization" if proxy else "Authorization"
        self._uses = itertools.count(1)

    def signed(self, request: SipMessage) -> SipMessage:
        """The request with its Authorization, if a challenge is known; else as it is."""
        if not self._challenge:
            return request
        return request.with_header(self._header_name, self._authorization(request.method, request.uri))

    def _authorization(self, method: str, uri: str) -> str:
        realm, nonce = self._challenge.get("realm", ""), self._challenge.get("nonce", "")
        secret = _md5(f"{self._username}:{realm}:{self._password}")
        asked = _md5(f"{method}:{uri}")
        base = f'Digest username="{self._username}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5'
        if "opaque" in self._challenge:
            base += f', opaque="{self._challenge["opaque"]}"'
        if "auth" not in self._challenge.get("qop", "").split(","):
            return f'{base}, response="{_md5(f"{secret}:{nonce}:{asked}")}"'
        count, ours = f"{next(self._uses):08x}", new_token()
        proof = _md5(f"{secret}:{nonce}:{count}:{ours}:auth:{asked}")
        return f'{base}, qop=auth, nc={count}, cnonce="{ours}", response="{proof}"'


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


def _split_header(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise SipSyntaxError(f"a header without a colon: {line[:60]!r}")
    return name.strip(), value.strip()
