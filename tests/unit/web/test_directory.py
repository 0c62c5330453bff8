"""Whom an agent may consult: found by id or name, who is ready first, and never too many."""

from __future__ import annotations

from dataclasses import replace

from acd import events as ev
from acd.protocol.views import DirectoryView
from acd.router import Router
from acd.rules import AgentRecord, Rules, SkillGroup
from acd.web.directory import SHOWN_MAX, directory
from tests.conversation import Conversation, centre, group, ready

NAMES = {"1001": "Ann Lee", "1002": "Bob", "1003": "李娜", "1004": "Émile"}


def centre_of(names: dict[str, str]) -> Conversation:
    rules = centre(group("desk"), replace(group("tickets"), name="Tickets 机票"), agents=list(names))
    records = {each: replace(rules.agents[each], name=names[each]) for each in names}
    return Conversation(replace(rules, agents=records))


def test_everybody_but_who_asks_ready_ones_first_and_who_is_not_there_last() -> None:
    talk = centre_of({**NAMES})
    talk << [*ready("1004"), ev.LoggedIn("1003"), ev.LoggedIn("1001")]
    found = directory(talk.router, "", "1001")
    assert [(each.id, each.state) for each in found.agents] == [
        ("1004", "ready"),
        ("1003", "not-ready"),
        ("1002", "logged-out"),
    ]
    assert [each.id for each in found.groups] == ["desk", "tickets"]
    assert found.left_out == 0


def test_a_part_of_the_id_or_the_name_is_enough_in_any_case() -> None:
    talk = centre_of({**NAMES})

    def ids(search: str) -> list[str]:
        found = directory(talk.router, search, "1000")
        return [each.id for each in (*found.agents, *found.groups)]

    assert ids("100") == ["1001", "1002", "1003", "1004"]
    assert ids(" lEE ") == ["1001"]
    assert ids("娜") == ["1003"]
    assert ids("ÉM") == ["1004"]
    assert ids("机票") == ids("TICK") == ["tickets"]
    assert ids("nobody") == []


def test_no_more_than_fifty_of_each_are_told_and_how_many_are_left_out() -> None:
    groups = {f"g{n}": SkillGroup(f"g{n}") for n in range(60)}
    agents = {f"a{n}": AgentRecord(f"a{n}", f"PJSIP/a{n}") for n in range(5_000)}
    router = Router(Rules(groups=groups, agents=agents))
    router.handle(ev.LoggedIn("a4999"), 0)
    found = directory(router, "", "a0")
    assert isinstance(found, DirectoryView)
    assert (len(found.agents), len(found.groups)) == (SHOWN_MAX, SHOWN_MAX)
    assert found.agents[0].id == "a4999", "who is at work is shown, however many are not"
    assert found.left_out == 4_999 - SHOWN_MAX + 60 - SHOWN_MAX
