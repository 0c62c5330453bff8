"""The manager interface's bytes, both ways: framing, and the one gate that every outgoing value passes. Pure.

What comes in may have been forged by any SIP caller (a number with line breaks in it becomes header lines), so a
message that repeats a header is no message of Asterisk's and is dropped; what proves the rest genuine is in `words`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

Message = dict[str, str]
Action = Mapping[str, str | Sequence[str]]
"""What we ask of Asterisk: header -> value, or -> values where a header may be repeated."""

LINE, END = b"\r\n", b"\r\n\r\n"
EVENT, RESPONSE = b"Event: ", b"Response: "
MANY = "\r\n"
"""Joins the values of a header that Asterisk itself repeats: it can't be in a value."""
REPEATED = ("Variable", "ChanVariable", "DestChanVariable", "Output")
MESSAGE_BYTES_MAX = 1 << 20
OTHER_EVENT = "other"
"""What events that nobody wants are counted as."""


class MessageTooLong(Exception):
    """More than MESSAGE_BYTES_MAX bytes without an end of message: whatever speaks there is no Asterisk."""


class Framer:
    """Bytes in, messages out: responses, and the events with a wanted name; the others cost next to nothing.

    `wanted_events` None: all of them. Events are counted in `seen`, those not wanted together: names can be forged.
    """

    def __init__(self, wanted_events: frozenset[str] | None, seen: Counter[str] | None = None) -> None:
        self._wanted = None if wanted_events is None else {name.encode(): name for name in wanted_events}
        self._seen = Counter() if seen is None else seen
        self._rest = b""

    def feed(self, chunk: bytes) -> list[Message]:
        """The messages completed by `chunk`, in order. Raises MessageTooLong."""
        *whole, self._rest = (self._rest + chunk).split(END)
        if len(self._rest) > MESSAGE_BYTES_MAX:
            raise MessageTooLong
        parsed = (parse(raw) for raw in whole if self._is_wanted(raw))
        return [message for message in parsed if message is not None]

    def _is_wanted(self, raw: bytes) -> bool:
        if raw.startswith(EVENT):
            return self._wanted is None or self._is_wanted_event(raw[len(EVENT) : raw.find(LINE)], self._wanted)
        return RESPONSE in raw  # not at the very start: the greeting comes before the first one

    def _is_wanted_event(self, name: bytes, wanted: Mapping[bytes, str]) -> bool:
        self._seen[wanted.get(name, OTHER_EVENT)] += 1
        return name in wanted


def parse(raw: bytes) -> Message | None:
    """One message's headers; None if one is repeated that Asterisk never repeats."""
    message: Message = {}
    for line in raw.decode("utf-8", "replace").split("\r\n"):
        key, colon, value = line.partition(":")
        if not colon:
            continue
        value = value.removeprefix(" ")
        if key not in message:
            message[key] = value
        elif key in REPEATED:
            message[key] += MANY + value
        else:
            return None
    return message


def clean(value: str) -> str:
    """`value` as it may go out: no control characters (a line break would be a header of its own), valid UTF-8."""
    if value.isascii() and value.isprintable():
        return value
    whole = value.encode("utf-8", "replace").decode()
    return "".join(sign for sign in whole if sign.isprintable())


def text_of(action: Action) -> str:
    """The gate: `action` as it goes out, with every value `clean`."""
    lines = []
    for header, value in action.items():
        for each in (value,) if isinstance(value, str) else value:
            lines.append(f"{header}: {clean(each)}\r\n")
    return "".join(lines) + "\r\n"
