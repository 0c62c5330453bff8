"""The terminal says what the protocol tells of talks; what comes from outside can't colour the screen."""

from __future__ import annotations

from typing import Any

import pytest

from acd import agent_screen as screen
from acd.protocol import talk_views as views
from acd.protocol.views import DirectoryAgent, DirectoryGroup, DirectoryView


def consult(answered: bool = False, party: str | None = None, to: str = "agent:bob", name: str = "Bob") -> Any:
    return views.ConsultView(
        call="k1", to=to, name=name, answered=answered, party=party, party_name="Bob" if party else ""
    )


def talk(stage: str, of: Any = None, ended: str | None = None) -> str:
    return screen.talk(views.TalkView(call="c1", agent="ann", stage=stage, consult=of, ended=ended).model_dump())


def test_the_stages_of_a_talk() -> None:
    assert talk("held") == "the caller is on hold"
    assert talk("connected") == "talking with the caller"
    assert talk("consulting", consult()) == "consulting agent:bob Bob: waiting for an answer"
    assert talk("consulting", consult(True, "bob")) == "consulting agent:bob Bob (Bob bob): talking"
    assert talk("conference", consult(True, "bob")) == "all three talk"


def test_why_a_consult_is_over() -> None:
    assert talk("connected", consult(), "busy") == "consult with agent:bob Bob over: busy; talking with the caller"
    assert talk("connected", None, "left") == "consult over: left; talking with the caller"


def test_who_is_consulted_hears_who_asks_and_when_the_caller_is_there() -> None:
    about = {"by": "ann", "by_name": "Ann", "caller_name": "李娜", "caller_number": "030"}
    assert screen.asked(about) == "Ann ann consults you about 李娜 030"
    assert screen.asked(about | {"caller_name": "", "caller_number": ""}).endswith("about an unknown caller")
    assert screen.of_others_talk({"stage": "conference"}) == "the caller takes part"
    assert screen.of_others_talk({"stage": "consulting"}) == ""


def test_what_becomes_of_a_call() -> None:
    assert screen.transferred({"to": "group:t", "name": "Tickets"}) == "transferred to group:t Tickets"
    assert screen.intercepted({"by": "sue"}) == "sue has taken the caller"
    assert screen.dialled({"number": "0571"}) == "calling 0571: pick up your phone"
    assert screen.recording({"state": "on", "why": ""}) == "recording on"
    assert screen.recording({"state": "off", "why": "disk full"}) == "recording off: disk full"


def test_the_directory_a_line_each() -> None:
    found = DirectoryView(
        agents=[DirectoryAgent(id="bob", name="Bob", state="ready")],
        groups=[DirectoryGroup(id="desk", name="")],
        left_out=3,
    )
    assert screen.directory(found.model_dump()) == [
        "group:desk",
        "agent:bob Bob ready",
        "and 3 more; give a part of the name or id",
    ]
    assert screen.directory({"agents": [], "groups": [], "left_out": 0}) == ["nobody of that name or id"]


@pytest.mark.parametrize(
    "said",
    [
        screen.transferred({"to": "group:t", "name": "[red]x[/]"}),
        screen.intercepted({"by": "[red]x[/]"}),
        screen.asked({"by": "[red]x[/]", "by_name": "", "caller_name": "[red]x[/]", "caller_number": ""}),
        screen.directory({"agents": [], "groups": [{"id": "[red]x[/]", "name": ""}], "left_out": 0})[0],
    ],
)
def test_names_cant_colour_the_screen(said: str) -> None:
    assert "\\[red]" in said
