"""The bytes of the manager interface."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.cti_adapters.asterisk.ami import MANY, MESSAGE_BYTES_MAX, Framer, MessageTooLong, clean, parse, text_of

GREETING = b"Asterisk Call Manager/11.0.0\r\n"
RESPONSE = b"Response: Success\r\nActionID: 1\r\nMessage: \xe5\xbc\xa0\r\n\r\n"
EVENT = b"Event: UserEvent\r\nUserEvent: ACDWait\r\nName:\r\n\r\n"
NOISE = b"Event: Newexten\r\nAppData: Event: UserEvent\r\n\r\n"


@given(st.lists(st.integers(0, 200), max_size=8))
def test_messages_come_whole_however_the_bytes_are_cut(cuts: list[int]) -> None:
    """Even inside a character or a line end."""
    stream = GREETING + RESPONSE + NOISE + EVENT
    framer = Framer(frozenset({"UserEvent"}))
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    messages = [m for start, end in pairwise(edges) for m in framer.feed(stream[start:end])]
    assert messages == [
        {"Response": "Success", "ActionID": "1", "Message": "张"},
        {"Event": "UserEvent", "UserEvent": "ACDWait", "Name": ""},
    ]


def test_events_are_counted_by_name_and_those_that_nobody_wants_together() -> None:
    """A caller can forge an event of any name: each must not become a count of its own."""
    seen = Counter({"UserEvent": 0})
    framer = Framer(frozenset({"UserEvent"}), seen)
    framer.feed(GREETING + RESPONSE + NOISE + EVENT + NOISE.replace(b"Newexten", b"Forged"))
    assert seen == {"UserEvent": 1, "other": 2}


def test_a_framer_that_wants_all_passes_every_event() -> None:
    assert [m.get("Event") for m in Framer(None).feed(NOISE + EVENT + RESPONSE)] == ["Newexten", "UserEvent", None]


def test_a_repeated_header_of_asterisks_own_keeps_every_value() -> None:
    """Variables of a Status event."""
    assert parse(b"Event: Status\r\nVariable: A=1\r\nVariable: B=2") == {
        "Event": "Status",
        "Variable": f"A=1{MANY}B=2",
    }


def test_a_repeated_header_that_asterisk_never_repeats_marks_a_forgery() -> None:
    """A caller's number with a line break in it became a header."""
    assert parse(b"Event: Status\r\nCallerIDNum: 1\r\nUniqueid: forged\r\nUniqueid: 1.1") is None


def test_bytes_that_are_no_utf8_do_no_harm() -> None:
    """They are shown as replaced, and what follows is whole."""
    assert parse(b"Event: X\r\nName: J\xfcrgen\r\nCall: 1") == {"Event": "X", "Name": "J�rgen", "Call": "1"}


def test_a_message_without_an_end_is_refused() -> None:
    """Whoever sends that isn't Asterisk, and must not fill the memory."""
    framer = Framer(frozenset())
    framer.feed(b"x" * MESSAGE_BYTES_MAX)
    with pytest.raises(MessageTooLong):
        framer.feed(b"x")


@given(st.text(alphabet=st.characters(codec=None), max_size=40))
def test_nothing_that_ends_a_line_gets_out(text: str) -> None:
    """Whatever is given: one line, no control characters, encodable."""
    value = clean(text)
    assert not set("\r\n\0\x7f\x85\u2028") & set(value)
    assert len(f"{value}|".splitlines()) == 1
    value.encode()


def test_the_gate_covers_every_value_and_keeps_the_good_ones() -> None:
    """Single ones and lists."""
    action = {"Action": "Originate", "CallerID": '"张三" <1>', "Variable": ("A=1\r\nAction: Hangup", "B=2")}
    assert text_of(action).split("\r\n") == [
        "Action: Originate",
        'CallerID: "张三" <1>',
        "Variable: A=1Action: Hangup",
        "Variable: B=2",
        "",
        "",
    ]
