"""What is made of the answer of the process that reads the journal."""

from __future__ import annotations

import json

import pytest

from acd.explain.answers import CallWhy, as_json
from acd.web.explainer import _read


def test_a_story_is_read() -> None:
    story = CallWhy(call="c1", at=5)
    past = _read(0, json.dumps(as_json(story)).encode(), b"")
    assert (past.story, past.unread) == (story, "")


def test_a_call_that_the_journal_does_not_know_has_no_past() -> None:
    past = _read(1, b"", b"journal.jsonl: no call has the id 'c1'\n")
    assert (past.story, past.unread) == (None, "")


@pytest.mark.parametrize(
    ("code", "out", "errors", "says"),
    [
        (2, b"", b"Usage: ...\n/x: no journal is there\n", "no journal is there"),
        (1, b"", b"Traceback (most recent call last):\n...\nZeroDivisionError: a bug\n", "ZeroDivisionError: a bug"),
        (0, b"not JSON", b"", "code 0"),
        (0, b'{"kind": "call"}', b"", "code 0"),
        (-9, b"", b"", "code -9"),
    ],
)
def test_what_went_wrong_is_said_and_not_taken_for_an_unknown_call(
    code: int, out: bytes, errors: bytes, says: str
) -> None:
    past = _read(code, out, errors)
    assert past.story is None
    assert past.unread.startswith("the journal can't be read: ")
    assert says in past.unread
