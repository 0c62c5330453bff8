"""What is asked about a talk: which places, numbers and digits there are, and complaints that say so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acd import events as ev
from acd.protocol.requests import BadRequest, agent_event, parse
from acd.rules import Destination, DestinationKind


def asked(kind: str, **fields: Any) -> ev.Event:
    return agent_event(parse(json.dumps({"type": kind, "id": 1, **fields})), "ann")  # type: ignore[arg-type]


def complaint(kind: str, **fields: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        parse(json.dumps({"type": kind, "id": 1, **fields}))
    return str(caught.value)


def test_a_consult_may_go_to_an_agent_a_group_or_a_number() -> None:
    assert asked("consult", to="group:desk") == ev.ConsultAsked("ann", Destination(DestinationKind.GROUP, "desk"))
    assert asked("consult", to="number:*1#") == ev.ConsultAsked("ann", Destination(DestinationKind.NUMBER, "*1#"))
    for wrong in ("entry:8001", "voicemail:box", "hang-up", "bob", "", 7, None):
        assert complaint("consult", to=wrong) == (
            f'to: Input should be "agent:ID", "group:ID" or "number:DIGITS" (it is {wrong!r})'
        )


def test_a_transfer_may_go_to_an_entry_point_and_to_voicemail_too_or_to_whom_was_consulted() -> None:
    assert asked("transfer") == asked("transfer", to=None) == ev.TransferAsked("ann", None)
    assert asked("transfer", to="entry:8001") == ev.TransferAsked("ann", Destination(DestinationKind.ENTRY, "8001"))
    assert complaint("transfer", to="hang-up") == (
        'to: Input should be "agent:ID", "group:ID", "number:DIGITS", "entry:NUMBER" or "voicemail:BOX"'
        " (it is 'hang-up')"
    )


@pytest.mark.parametrize("wrong", ["", "0571-1", "05 71", "１２", "0" * 41, "1\n"])
def test_a_number_is_one_to_forty_of_what_a_phone_has(wrong: str) -> None:
    assert complaint("dial", number=wrong) == f"number: Input should be 1 to 40 of 0-9 + * # (it is {wrong!r})"


@pytest.mark.parametrize("kind", ["consult", "transfer"])
def test_a_number_to_go_to_is_no_longer_than_one_to_dial(kind: str) -> None:
    number = "0" * 41
    assert complaint(kind, to=f"number:{number}").startswith("to: Input should be 1 to 40 of 0-9 + * # (it is ")


@pytest.mark.parametrize("wrong", ["", "E", "a", "+", "1 2", "1" * 33])
def test_digits_are_one_to_thirty_two_touch_tones(wrong: str) -> None:
    assert complaint("digits", digits=wrong) == f"digits: Input should be 1 to 32 of 0-9 * # A-D (it is {wrong!r})"


def test_a_group_need_not_be_given_to_dial() -> None:
    for fields in ({}, {"group": None}, {"group": ""}):
        assert asked("dial", number="0571", **fields) == ev.DialAsked("ann", "0571", None)


@pytest.mark.parametrize(
    ("kind", "field", "others"),
    [
        ("record", "word", {}),
        ("monitor", "mode", {"agent": "ann"}),
    ],
)
def test_another_word_is_told_with_those_there_are(kind: str, field: str, others: dict[str, str]) -> None:
    words = {"word": ev.RecordingWord, "mode": ev.MonitorMode}[field]
    text = complaint(kind, **{field: "loudly"}, **others)
    assert text.startswith(f"{field}: Input should be ")
    assert text.endswith(" (it is 'loudly')")
    assert all(f"'{word}'" in text for word in words)
