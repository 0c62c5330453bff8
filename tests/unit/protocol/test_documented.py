"""docs/protocol.md knows every request, event and refusal, and its examples are messages of the protocol."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from acd.notices import RefusalCode
from acd.protocol import views
from acd.protocol.requests import Request, parse

DOCS = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")


def types(kinds: tuple[Any, ...]) -> list[str]:
    return [kind.model_fields["type"].annotation.__args__[0] for kind in kinds]


def examples(arrow: str) -> list[str]:
    """Those of the examples that are written out, one text each however many lines it takes."""
    blocks = re.findall(r"```\n(.*?)```", DOCS, re.DOTALL)
    lines = [line for block in blocks for line in re.sub(r"\n    (?=\S)", "", block).splitlines()]
    return [line[3:] for line in lines if line.startswith(arrow) and "…" not in line]


@pytest.mark.parametrize("kind", types(get_args(Request)))
def test_every_request_has_its_row(kind: str) -> None:
    assert re.search(rf"^\| [^|]*`{kind}`", DOCS, re.MULTILINE)


@pytest.mark.parametrize("kind", types(get_args(views.Event)))
def test_every_event_has_its_row(kind: str) -> None:
    assert re.search(rf"^\| [^|]*`{kind}`[^|]*\|", DOCS.partition("## Events")[2], re.MULTILINE)


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_has_its_row(code: str) -> None:
    assert f"`{code}`" in DOCS.partition("## Answers")[2].partition("## Events")[0]


@pytest.mark.parametrize("example", examples("-> "))
def test_every_request_shown_is_one(example: str) -> None:
    parse(example)


@pytest.mark.parametrize("example", examples("<- "))
def test_every_event_shown_is_one(example: str) -> None:
    shown = json.loads(example)
    kinds = {kind.model_fields["type"].annotation.__args__[0]: kind for kind in get_args(views.Event | views.Reply)}
    shown.pop("seq", None)
    kinds[shown["type"]].model_validate(shown)
