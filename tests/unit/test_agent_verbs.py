"""What is typed at the terminal is a request of the protocol, word for word; nothing else is one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acd.agent_verbs import HELP_OF_TALKS, request
from acd.protocol.call_control import TalkRequest
from acd.protocol.requests import Directory, parse

LINES: dict[str, tuple[str, dict[str, Any]]] = {
    "answer": ("answer", {}),
    "hold": ("hold", {}),
    "retrieve": ("retrieve", {}),
    "consult agent:bob": ("consult", {"to": "agent:bob"}),
    "reconnect": ("reconnect", {}),
    "conference": ("conference", {}),
    "transfer": ("transfer", {"to": None}),
    "transfer voicemail:sales": ("transfer", {"to": "voicemail:sales"}),
    "dial +86571": ("dial", {"number": "+86571", "group": None}),
    "dial 0571 desk": ("dial", {"number": "0571", "group": "desk"}),
    "digits 12#": ("digits", {"digits": "12#"}),
    "record pause": ("record", {"word": "pause"}),
    "who": ("directory", {"search": ""}),
    "who 李 娜": ("directory", {"search": "李 娜"}),
}


def typed(line: str) -> Any:
    word, _, rest = line.partition(" ")
    return request(word, rest)


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_a_request_that_the_server_reads(line: str) -> None:
    asked = typed(line)
    assert asked == LINES[line]
    parse(json.dumps({"type": asked.kind, "id": 1, **asked.fields}))


def test_every_request_about_talks_can_be_typed_and_is_in_the_help() -> None:
    there = {kind.model_fields["type"].annotation.__args__[0] for kind in (*TalkRequest.__args__, Directory)}
    assert {kind for kind, _ in LINES.values()} == there
    words = {line.split()[0] for line in LINES}
    assert all(word in HELP_OF_TALKS for word in words)


@pytest.mark.parametrize("line", ["", "sing", "ready", "log_out", "monitor ann listen", "Hold"])
def test_any_other_word_is_none(line: str) -> None:
    assert typed(line) is None
