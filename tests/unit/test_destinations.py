"""Places as they are written: each kind reads its own names, and nothing else."""

from __future__ import annotations

import pytest

from acd.destinations import NAME_MAX, destination
from acd.rules import Destination, DestinationKind

ALL = tuple(DestinationKind)


@pytest.mark.parametrize(
    "text",
    ["group:desk", "entry:8001", "number:+86571*1#", "voicemail:sales/8001", "hang-up", "agent:ana.k@home-1"],
)
def test_what_is_written_is_read_the_same(text: str) -> None:
    assert str(destination(text, ALL)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "group",
        "group:",
        "desk",
        "number:0571 1",
        "number:0571\n",
        "entry:x",
        "voicemail:../etc/passwd",
        "voicemail:a//b",
        "hang-up:",
        "hang-up:now",
        "agent:ana/1",
        "Group:desk",
        f"group:{'d' * (NAME_MAX + 1)}",
        None,
        7,
        ["group:desk"],
    ],
)
def test_what_is_no_place_is_refused_with_what_there_is(text: object) -> None:
    with pytest.raises(ValueError, match=r'^Input should be "agent:ID" or "hang-up"$'):
        destination(text, (DestinationKind.AGENT, DestinationKind.HANG_UP))


def test_only_the_kinds_that_are_asked_for_are_read() -> None:
    assert destination("agent:ana", (DestinationKind.AGENT,)) == Destination(DestinationKind.AGENT, "ana")
    for kind in ALL:
        others = tuple(each for each in ALL if each is not kind)
        with pytest.raises(ValueError, match="Input should be"):
            destination("hang-up" if kind is DestinationKind.HANG_UP else f"{kind}:1", others)
