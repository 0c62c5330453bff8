"""A supervisor's request is merged into the table of the whole, which is then validated like a file."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from acd.errors import SettingsError
from acd.settings import differences, merged, parse
from tests.unit.test_settings import HASH

TABLE: dict[str, Any] = {
    "adapter": "asterisk",
    "asterisk": {"secret": "geheim"},
    "groups": [
        {"id": "desk", "needs": {"german": 3}, "steps": [{"after_s": 5, "tier": 1}, {"after_s": 9, "tier": 2}]},
        {"id": "night", "calls_max": 5, "when_full": "hang-up"},
    ],
    "entry_points": [{"number": "12306", "group": "desk"}],
    "agents": [
        {"id": "1001", "device": "PJSIP/1001", "skills": {"german": 5, "english": 1}, "password_hash": HASH},
        {"id": "1002", "device": "PJSIP/1002", "password_hash": HASH},
    ],
}


def change(patch: dict[str, Any]) -> list[str]:
    """What `patch` changes."""
    old = parse(TABLE, "acd.toml")
    return differences(old, parse(merged(old.table(), patch), "the change"))


def refused(patch: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        merged(TABLE, patch)
    return str(caught.value).splitlines()


def test_one_key_of_one_table() -> None:
    assert change({"groups": [{"id": "night", "ring_s": 20}]}) == ["groups.night.ring_s: 15 -> 20"]


def test_skills_are_replaced_whole() -> None:
    assert change({"agents": [{"id": "1001", "skills": {"english": 2}}]}) == [
        "agents.1001.skills.german: gone",
        "agents.1001.skills.english: 1 -> 2",
    ]


def test_needs_are_replaced_whole() -> None:
    assert change({"groups": [{"id": "desk", "needs": {}}]}) == ["groups.desk.needs.german: gone"]


def test_steps_are_replaced_whole() -> None:
    assert change({"groups": [{"id": "desk", "steps": [{"after_s": 5, "tier": 3}]}]}) == [
        "groups.desk.steps.0.tier: 1 -> 3",
        "groups.desk.steps.1: gone",
    ]


def test_null_puts_a_key_back_to_its_default() -> None:
    assert change({"groups": [{"id": "night", "calls_max": None, "when_full": None, "name": None}]}) == [
        "groups.night.calls_max: 5 -> none",
        "groups.night.when_full: hang-up -> none",
    ]


def test_one_not_there_yet_is_added_behind_the_others() -> None:
    group, entry = {"id": "day"}, {"number": "1", "group": "day"}
    whole = merged(TABLE, {"groups": [group], "entry_points": [entry], "vip_classes": [{"name": "gold"}]})
    assert [each["id"] for each in whole["groups"]] == ["desk", "night", "day"]
    assert whole["entry_points"][-1] == entry
    assert whole["vip_classes"] == [{"name": "gold"}]
    assert parse(whole, "the change")


def test_one_gone_is_removed() -> None:
    patch = {"agents": [{"id": "1001", "gone": True}], "groups": [{"id": "night", "gone": True}]}
    assert change(patch) == ["groups.night: gone", "agents.1001: gone"]


def test_opening_hours_come_as_json_has_them() -> None:
    week = {"mon-sun": ["00:00-24:00"]}
    holidays = [{"day": "2026-12-31", "name": "Silvester"}]
    office = {"id": "office", "zone": "Europe/Berlin", "week": week, "holidays": holidays}
    assert change({"hours": [office], "groups": [{"id": "desk", "hours": "office"}]}) == [
        "hours.office: new",
        "groups.desk.hours: none -> office",
    ]


def test_the_table_of_routing_is_merged_key_by_key() -> None:
    whole = merged(TABLE | {"routing": {"seed": 4, "recent_s": 9}}, {"routing": {"seed": 5, "recent_s": None}})
    assert whole["routing"] == {"seed": 5}
    assert change({"routing": {"seed": 5}}) == ["routing.seed: 1 -> 5"]


def test_nothing_asked_for_is_nothing_changed() -> None:
    assert merged(TABLE, {}) == TABLE
    assert merged(TABLE, {"agents": [], "routing": {}}) == TABLE | {"routing": {}}


def test_what_is_given_stays_as_it_was() -> None:
    table, patch = deepcopy(TABLE), {"groups": [{"id": "day", "needs": {}}, {"id": "desk", "needs": {"a": 1}}]}
    kept = deepcopy(patch)
    whole = merged(table, patch)
    for group in whole["groups"]:
        group.setdefault("needs", {})["x"] = 9
    assert table == TABLE
    assert patch == kept


def test_one_change_can_be_merged_into_another() -> None:
    first = merged(TABLE, {"groups": [{"id": "day"}]})
    assert merged(first, {"groups": [{"id": "day", "gone": True}]}) == TABLE


def test_the_result_is_validated_like_a_file() -> None:
    with pytest.raises(SettingsError) as caught:
        change({"groups": [{"id": "desk", "gone": True}, {"id": "night", "ring_s": 20}]})
    expected = "the change: entry_points.0.group is 'desk', which is no group's id; there are: night"
    assert str(caught.value) == expected


CAN = "can't be changed by a request; these can: agents, entry_points, groups, hours, routing, vip_classes"
KEYED = "must be a table with its id, which is text"
REFUSED: dict[str, tuple[Any, list[str]]] = {
    "no table": ([], ["a change is a table of agents, entry_points, groups, hours, routing, vip_classes"]),
    "the server": ({"server": {"port": 1}}, [f"server: {CAN}"]),
    "the adapter": ({"adapter": "simulator"}, [f"adapter: {CAN}"]),
    "the secret": ({"asterisk": {"secret": "geheim"}}, [f"asterisk: {CAN}"]),
    "a supervisor": ({"supervisors": [{"id": "eve", "password_hash": HASH}]}, [f"supervisors: {CAN}"]),
    "a password": (
        {"agents": [{"id": "1001", "password_hash": HASH}]},
        ["agents.1001.password_hash: can't be changed by a request, only in the file"],
    ),
    "no password": (
        {"agents": [{"id": "1001", "password_hash": None}]},
        ["agents.1001.password_hash: can't be changed by a request, only in the file"],
    ),
    "a new agent": (
        {"agents": [{"id": "1009", "device": "PJSIP/1009"}]},
        ["agents.1009: is no agent, and a new one's password_hash can only be given in the file"],
    ),
    "a list for a table": ({"routing": []}, ["routing: must be a table"]),
    "a table for a list": ({"groups": {"id": "desk"}}, ["groups: must be a list of tables, each with its id"]),
    "nothing for a list": ({"entry_points": None}, ["entry_points: must be a list of tables, each with its number"]),
    "one that is no table": ({"groups": ["desk"]}, [f"groups.0: {KEYED}"]),
    "one without its key": ({"groups": [{"id": "desk"}, {"ring_s": 3}]}, [f"groups.1: {KEYED}"]),
    "one whose key is a number": ({"agents": [{"id": 1001}]}, [f"agents.0: {KEYED}"]),
    "one whose key is a list": ({"agents": [{"id": ["1001"]}]}, [f"agents.0: {KEYED}"]),
    "one twice": (
        {"groups": [{"id": "desk"}, {"id": "desk"}]},
        ["groups.desk: is given twice; each must be there once"],
    ),
    "one removed that isn't there": (
        {"groups": [{"id": "day", "gone": True}]},
        ["groups.day: can't be removed, it isn't there; there are: desk, night"],
    ),
    "one half removed": (
        {"groups": [{"id": "desk", "gone": True, "ring_s": 3}]},
        ["groups.desk.gone: must be true, with no other key beside the one that names it"],
    ),
    "one not removed": (
        {"groups": [{"id": "desk", "gone": False}]},
        ["groups.desk.gone: must be true, with no other key beside the one that names it"],
    ),
    "several things": (
        {"server": {}, "groups": [3], "routing": 3},
        [f"server: {CAN}", f"groups.0: {KEYED}", "routing: must be a table"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_request_may_not_do_is_told(name: str) -> None:
    patch, expected = REFUSED[name]
    assert refused(patch) == expected


def test_a_removed_agents_password_is_no_way_in() -> None:
    """Gone and added again in one request is one named twice."""
    patch = {"agents": [{"id": "1001", "gone": True}, {"id": "1001", "device": "PJSIP/9"}]}
    assert refused(patch) == ["agents.1001: is given twice; each must be there once"]
