"""What a change comes to is told in lines that an operator reads before pressing enter."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from acd.settings import differences, parse

HASH = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$"

OLD: dict[str, Any] = {
    "adapter": "simulator",
    "asterisk": {"secret": "geheim"},
    "simulator": {"calls_per_h": {"1": 10}, "talk_s": {"lognormal": [200, 110]}},
    "hours": [
        {
            "id": "office",
            "zone": "UTC",
            "week": {"mon-fri": ["08:00-18:00"], "sat": ["09:00-12:00"]},
            "holidays": [
                {"from": "2026-10-01", "to": "2026-10-07", "name": "National Day"},
                {"day": "2026-12-31", "times": ["08:00-12:00"]},
            ],
        }
    ],
    "groups": [
        {
            "id": "tickets",
            "needs": {"tickets": 1},
            "steps": [{"after_s": 20, "groups": ["desk"]}, {"after_s": 60, "needs": {"tickets": 0}}],
        },
        {"id": "desk", "calls_max": 50, "when_full": "group:tickets"},
    ],
    "entry_points": [{"number": "8001", "group": "tickets"}, {"number": "8002", "group": "desk"}],
    "vip_classes": [{"name": "gold", "numbers": ["1", "2"]}],
    "agents": [
        {"id": "1001", "name": "张伟", "device": "P/1", "skills": {"tickets": 3}, "password_hash": HASH},
        {"id": "1002", "device": "P/2", "password_hash": HASH},
    ],
    "supervisors": [{"id": "sue", "password_hash": HASH}],
}


def told(*path: str | int, to: Any) -> list[str]:
    """The differences that one thing changed makes; `to` None: taken out."""
    new = deepcopy(OLD)
    place: Any = new
    for key in path[:-1]:
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
    if to is None:
        del place[path[-1]]
    elif isinstance(place, list) and path[-1] == len(place):
        place.append(to)
    else:
        place[path[-1]] = to
    return between(OLD, new)


def between(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return differences(parse(old, "old"), parse(new, "new"))


NEW_AGENT = {"id": "1003", "device": "P/3", "password_hash": HASH}
CHANGES: dict[str, tuple[list[str], list[str]]] = {
    "a number": (
        told("groups", 0, "ring_s", to=20),
        ["groups.tickets.ring_s: 15 -> 20"],
    ),
    "a part of a second": (told("groups", 0, "ring_s", to=12.25), ["groups.tickets.ring_s: 15 -> 12.25"]),
    "a level": (told("agents", 0, "skills", "tickets", to=5), ["agents.1001.skills.tickets: 3 -> 5"]),
    "a skill more": (told("agents", 0, "skills", "english", to=5), ["agents.1001.skills.english: new, 5"]),
    "a skill less": (told("agents", 0, "skills", to={}), ["agents.1001.skills.tickets: gone"]),
    "a name": (told("agents", 0, "name", to="张薇"), ["agents.1001.name: 张伟 -> 张薇"]),
    "a name less": (told("agents", 0, "name", to=None), ["agents.1001.name: 张伟 -> none"]),
    "a strategy": (
        told("groups", 1, "strategy", to="ring-all"),
        ["groups.desk.strategy: longest-idle -> ring-all"],
    ),
    "a destination": (
        told("groups", 1, "when_nobody", to="voicemail:desk"),
        ["groups.desk.when_nobody: none -> voicemail:desk"],
    ),
    "another destination": (
        told("groups", 1, "when_full", to="hang-up"),
        ["groups.desk.when_full: group:tickets -> hang-up"],
    ),
    "no limit any more": (
        told("groups", 1, to={"id": "desk"}),
        ["groups.desk.calls_max: 50 -> none", "groups.desk.when_full: group:tickets -> none"],
    ),
    "yes for no": (
        told(
            "groups", 1, to=OLD["groups"][1] | {"hours": "office", "when_closed": "hang-up", "clear_at_closing": True}
        ),
        [
            "groups.desk.hours: none -> office",
            "groups.desk.when_closed: none -> hang-up",
            "groups.desk.clear_at_closing: false -> true",
        ],
    ),
    "a step": (told("groups", 0, "steps", 0, "after_s", to=30), ["groups.tickets.steps.0.after_s: 20 -> 30"]),
    "a step more": (told("groups", 0, "steps", 2, to={"after_s": 90, "tier": 1}), ["groups.tickets.steps.2: new"]),
    "steps less": (
        told("groups", 0, "steps", to=None),
        ["groups.tickets.steps.0: gone", "groups.tickets.steps.1: gone"],
    ),
    "a step's groups": (
        told("groups", 0, "steps", 0, to={"after_s": 20, "groups": [], "tier": 0}),
        ["groups.tickets.steps.0.groups: desk -> none", "groups.tickets.steps.0.tier: none -> 0"],
    ),
    "an agent more": (told("agents", 2, to=NEW_AGENT), ["agents.1003: new"]),
    "an agent more, in front": (told("agents", to=[NEW_AGENT, *OLD["agents"]]), ["agents.1003: new"]),
    "an agent less": (told("agents", 1, to=None), ["agents.1002: gone"]),
    "agents the other way round": (told("agents", to=OLD["agents"][::-1]), ["agents: in another order"]),
    "groups the other way round": (told("groups", to=OLD["groups"][::-1]), []),
    "an entry point": (told("entry_points", 0, "group", to="desk"), ["entry_points.8001.group: tickets -> desk"]),
    "an entry point less": (told("entry_points", 1, to=None), ["entry_points.8002: gone"]),
    "a supervisor more": (told("supervisors", 1, to={"id": "tom", "password_hash": HASH}), ["supervisors.tom: new"]),
    "a VIP's number": (told("vip_classes", 0, "numbers", to=["1", "3"]), ["vip_classes.gold.numbers: 1, 2 -> 1, 3"]),
    "many VIPs' numbers": (
        told("vip_classes", 0, "numbers", to=[str(number) for number in range(2, 200)]),
        ["vip_classes.gold.numbers: 197 new, 1 gone, now 198"],
    ),
    "a VIP's agent": (
        told("vip_classes", 0, to={"name": "gold", "agent": "1001", "agent_wait_s": 5, "numbers": ["1", "2"]}),
        ["vip_classes.gold.agent: none -> 1001", "vip_classes.gold.agent_wait_s: none -> 5"],
    ),
    "a reason": (
        told("routing", "not_ready_reasons", to=["break", "tea"]),
        ["routing.not_ready_reasons: break, lunch, training -> break, tea"],
    ),
    "times": (
        told("hours", 0, "week", "mon-fri", to=["08:00-12:00", "13:00-18:00"]),
        ["hours.office.week.mon-fri: 08:00-18:00 -> 08:00-12:00, 13:00-18:00"],
    ),
    "a day more": (told("hours", 0, "week", "sun", to=["10:00-12:00"]), ["hours.office.week.sun: new, 10:00-12:00"]),
    "a day less": (told("hours", 0, "week", "sat", to=None), ["hours.office.week.sat: gone"]),
    "a zone": (told("hours", 0, "zone", to="Asia/Shanghai"), ["hours.office.zone: UTC -> Asia/Shanghai"]),
    "a holiday longer": (
        told("hours", 0, "holidays", 0, "to", to="2026-10-08"),
        ["hours.office.holidays.2026-10-01.to: 2026-10-07 -> 2026-10-08"],
    ),
    "a holiday before others": (
        told("hours", 0, "holidays", to=[{"day": "2026-01-01"}, *OLD["hours"][0]["holidays"]]),
        ["hours.office.holidays.2026-01-01: new"],
    ),
    "a port": (told("server", "port", to=9090), ["server.port: 8080 -> 9090 (needs a restart)"]),
    "an adapter": (told("adapter", to="asterisk"), ["adapter: simulator -> asterisk (needs a restart)"]),
    "the asterisk table less": (told("asterisk", to=None), ["asterisk: gone (needs a restart)"]),
    "a secret": (told("asterisk", "secret", to="other"), ["asterisk.secret: changed (needs a restart)"]),
    "a password": (told("agents", 0, "password_hash", to=HASH + "x"), ["agents.1001.password_hash: changed"]),
    "a supervisor's": (
        told("supervisors", 0, "password_hash", to=HASH + "x"),
        ["supervisors.sue.password_hash: changed"],
    ),
    "a distribution": (
        told("simulator", "talk_s", to={"lognormal": [200, 120]}),
        ["simulator.talk_s.lognormal: 200, 110 -> 200, 120 (needs a restart)"],
    ),
    "a distribution for a number": (
        told("simulator", "talk_s", to=60),
        ["simulator.talk_s: {lognormal = 200, 110} -> 60 (needs a restart)"],
    ),
    "a rate": (told("simulator", "calls_per_h", "2", to=5), ["simulator.calls_per_h.2: new, 5 (needs a restart)"]),
    "rates at all": (
        told("simulator", "calls_per_h", to=None),
        ["simulator.calls_per_h: {1 = 10} -> none (needs a restart)"],
    ),
    "a path with a line end": (
        told("server", "journal", to="var/a\nb"),
        ["server.journal: var/journal.jsonl -> 'var/a\\nb' (needs a restart)"],
    ),
    "a default given": (told("groups", 0, "wrap_up_s", to=30), []),
    "a number in another way": (told("groups", 1, "calls_max", to=50), []),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_difference_is_told(name: str) -> None:
    lines, expected = CHANGES[name]
    assert lines == expected


def test_nothing_differs_from_itself() -> None:
    assert between(OLD, OLD) == []


def test_an_asterisk_table_more_shows_no_secret() -> None:
    without = {key: value for key, value in OLD.items() if key != "asterisk"}
    assert between(without, OLD) == ["asterisk: new (needs a restart)"]


def test_what_is_told_is_told_in_the_order_of_the_file() -> None:
    new = deepcopy(OLD)
    new["agents"].pop(0)
    new["groups"][1]["ring_s"] = 5
    new["server"] = {"port": 1}
    assert [line.split(":")[0] for line in between(OLD, new)] == ["server.port", "groups.desk.ring_s", "agents.1001"]
