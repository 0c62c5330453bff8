"""The keys of routing: what each becomes in the rules, and what is said of a wrong one."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from acd.ids import GroupId
from acd.rules import Destination, DestinationKind, OverflowStep, Rules, SkillGroup, Strategy, VipClass
from acd.settings import Settings, parse
from tests.unit.test_settings import changed, words

OFFICE = {"id": "office", "zone": "Europe/Berlin", "week": {"mon-fri": ["08:00-18:00"]}}
DESTINATIONS = '"group:ID", "entry:NUMBER", "number:DIGITS", "voicemail:BOX" or "hang-up"'


def group(**keys: Any) -> dict[str, Any]:
    """The good table, with `keys` in its first group."""
    return changed("groups", 0, to={"id": "desk", **keys}) | {"hours": [OFFICE]}


def step(**keys: Any) -> dict[str, Any]:
    return group(steps=[{"after_s": 5, "tier": 1}, {"after_s": 10, **keys}])


def vip(**keys: Any) -> dict[str, Any]:
    return changed("vip_classes", 0, to={"name": "gold", **keys})


def parsed(table: dict[str, Any]) -> Settings:
    return parse(table | {"adapter": "simulator"}, "acd.toml")


def to(kind: DestinationKind, name: str = "") -> Destination:
    return Destination(kind, name)


def test_a_group_with_every_key() -> None:
    steps = [
        {"after_s": 20.5, "needs": {"german": 0, "english": 2}, "groups": ["night"], "tier": 3, "prompt": "wait/long"},
        {"after_s": 60, "callback": True, "to": "number:+4930", "groups": []},
    ]
    table = group(
        name="Desk",
        needs={"german": 2},
        ring_s=10,
        wrap_up_s=5,
        strategy="ring-all",
        weight=1.25,
        last_agent_s=30,
        steps=steps,
        wait_s_max=40,
        when_late="voicemail:desk",
        calls_max=50,
        when_full="group:night",
        when_nobody="number:110",
        hours="office",
        when_closed="hang-up",
        when_holiday="voicemail:holiday/desk",
        clear_at_closing=True,
    )
    assert parsed(table).rules().groups[GroupId("desk")] == SkillGroup(
        GroupId("desk"),
        "Desk",
        (("german", 2),),
        ring_ms=10_000,
        wrap_up_ms=5_000,
        strategy=Strategy.RING_ALL,
        weight_percent=125,
        last_agent_ms=30_000,
        steps=(
            OverflowStep(20_500, (("english", 2), ("german", 0)), ("night",), 3, "wait/long"),
            OverflowStep(40_000, to=to(DestinationKind.VOICEMAIL, "desk")),
            OverflowStep(60_000, groups=(), callback=True, to=to(DestinationKind.NUMBER, "+4930")),
        ),
        calls_max=50,
        when_full=to(DestinationKind.GROUP, "night"),
        when_nobody=to(DestinationKind.NUMBER, "110"),
        hours="office",
        when_closed=to(DestinationKind.HANG_UP),
        when_holiday=to(DestinationKind.VOICEMAIL, "holiday/desk"),
        clear_at_closing=True,
    )


def test_what_is_not_given_has_the_defaults_of_the_core() -> None:
    """So that they are said once."""
    rules = parsed(changed("groups", 0, to={"id": "desk"}) | {"vip_classes": [{"name": "gold", "numbers": ["1"]}]})
    assert rules.rules().groups[GroupId("desk")] == SkillGroup(GroupId("desk"))
    assert rules.rules().vips["1"] == VipClass("gold")
    plain = parsed({"groups": [{"id": "desk"}]}).rules()
    assert plain == Rules(groups=plain.groups)


def test_steps_are_sorted_by_time_and_keep_the_files_order_at_the_same_time() -> None:
    steps = [{"after_s": 9, "tier": 1}, {"after_s": 3, "tier": 2}, {"after_s": 9, "tier": 3}, {"after_s": 0, "tier": 4}]
    table = group(steps=steps, wait_s_max=9, when_late="hang-up")
    got = parsed(table).rules().groups[GroupId("desk")].steps
    assert [(each.after_ms, each.tier) for each in got] == [(0, 4), (3000, 2), (9000, 1), (9000, 3), (9000, None)]


@pytest.mark.parametrize("weight", [0.01, 0.29, 0.57, 1, 1.1, 1.15, 2.3, 99.99, 100])
def test_a_weight_in_whole_percent_is_taken(weight: float) -> None:
    assert parsed(group(weight=weight)).rules().groups[GroupId("desk")].weight_percent == round(weight * 100)


def test_a_personal_agent() -> None:
    rules = parsed(vip(numbers=["1"], agent="1001", agent_wait_s=2.5)).rules()
    assert rules.vips["1"] == VipClass("gold", agent="1001", agent_wait_ms=2_500)


def test_the_table_of_routing() -> None:
    rules = parsed(changed("routing", to={"recent_s": 60, "seed": 0, "client_grace_s": 1})).rules()
    assert (rules.recent_ms, rules.seed, rules.client_grace_ms) == (60_000, 0, 1_000)


def test_a_destination_reads_as_it_was_written() -> None:
    for text in ("group:night", "entry:12306", "number:+49*#1", "voicemail:a/b-c_d.e", "hang-up"):
        wherever = group(when_nobody=text, needs={"x": 1}) | {"entry_points": [{"number": "12306", "group": "night"}]}
        assert str(parsed(wherever).rules().groups[GroupId("desk")].when_nobody) == text


def test_groups_may_send_each_other_their_calls() -> None:
    """The router knows when the way leads in a circle."""
    table = group(calls_max=1, when_full="group:night")
    table["groups"][1] |= {"calls_max": 1, "when_full": "group:desk"}
    assert parsed(table).rules().groups[GroupId("night")].when_full == to(DestinationKind.GROUP, "desk")


def test_all_of_it_goes_through_the_journal() -> None:
    rules = parsed(
        step(groups=[], to="hang-up") | {"hours": [OFFICE | {"holidays": [{"day": "2026-12-24"}]}]},
    ).rules()
    kind = TypeAdapter(Rules)
    assert kind.validate_json(kind.dump_json(rules)) == rules


NOT_A_DESTINATION = f"groups.0.when_nobody: Input should be {DESTINATIONS}"
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown strategy": (
        group(strategy="best"),
        "groups.0.strategy: Input should be 'longest-idle', 'least-occupied', 'fewest-calls', 'round-robin', "
        "'most-skilled', 'least-skilled', 'fixed-order', 'random' or 'ring-all' (it is 'best')",
    ),
    "no weight at all": (
        group(weight=0),
        "groups.0.weight: Input should be greater than or equal to 0.01 (it is 0)",
    ),
    "a weight of less than a percent's steps": (
        group(weight=1.255),
        "groups.0.weight: Input should be a whole percentage: at most two digits after the point, such as 1.25 "
        "(it is 1.255)",
    ),
    "room for nobody": (
        group(calls_max=0),
        "groups.0.calls_max: Input should be greater than or equal to 1 (it is 0)",
    ),
    "a wait without an end": (group(wait_s_max=60), "groups.0: wait_s_max has no effect without when_late"),
    "no wait at all, without an end": (group(wait_s_max=0), "groups.0: wait_s_max has no effect without when_late"),
    "an end without a wait": (group(when_late="hang-up"), "groups.0: when_late has no effect without wait_s_max"),
    "full of how many": (group(when_full="hang-up"), "groups.0: when_full has no effect without calls_max"),
    "closed when": (group(when_closed="hang-up"), "groups.0: when_closed has no effect without hours"),
    "holiday when": (group(when_holiday="hang-up"), "groups.0: when_holiday has no effect without hours"),
    "cleared where to": (
        group(hours="office", clear_at_closing=True, when_holiday="hang-up"),
        "groups.0: clear_at_closing has no effect without when_closed",
    ),
    "unknown hours": (
        group(hours="shop"),
        "groups.0.hours is 'shop', which is no opening hours' id; there are: office",
    ),
    "hours where there are none": (
        changed("groups", 0, "hours", to="shop"),
        "groups.0.hours is 'shop', which is no opening hours' id; there are: none",
    ),
    "hours twice": (
        changed("hours", to=[OFFICE, OFFICE]),
        "hours: id 'office' is given twice; each must be there once",
    ),
    "a destination of no kind": (group(when_nobody="desk"), f"{NOT_A_DESTINATION} (it is 'desk')"),
    "a destination of an unknown kind": (group(when_nobody="agent:1"), f"{NOT_A_DESTINATION} (it is 'agent:1')"),
    "a destination with a blank": (group(when_nobody="group: desk"), f"{NOT_A_DESTINATION} (it is 'group: desk')"),
    "a destination without a name": (group(when_nobody="group:"), f"{NOT_A_DESTINATION} (it is 'group:')"),
    "a hang-up somewhere": (group(when_nobody="hang-up:1"), f"{NOT_A_DESTINATION} (it is 'hang-up:1')"),
    "a number with letters": (group(when_nobody="number:12a"), f"{NOT_A_DESTINATION} (it is 'number:12a')"),
    "a number that does more": (group(when_nobody="number:1&2"), f"{NOT_A_DESTINATION} (it is 'number:1&2')"),
    "a number with a line end": (group(when_nobody="number:1\n"), f"{NOT_A_DESTINATION} (it is 'number:1\\n')"),
    "a box outside of its folder": (
        group(when_nobody="voicemail:../1"),
        f"{NOT_A_DESTINATION} (it is 'voicemail:../1')",
    ),
    "a destination too long": (
        group(when_nobody="number:" + "1" * 65),
        f"{NOT_A_DESTINATION} (it is 'number:{'1' * 65}')",
    ),
    "a destination that is no text": (group(when_nobody=110), f"{NOT_A_DESTINATION} (it is 110)"),
    "a destination that is a table": (group(when_nobody={"group": "desk"}), NOT_A_DESTINATION),
    "a step without its time": (
        group(steps=[{"tier": 1}]),
        "groups.0.steps.0.after_s: is missing",
    ),
    "a step that does nothing": (
        step(),
        "groups.0.steps.1: does nothing; it needs at least one of needs, groups, tier, prompt, callback, to",
    ),
    "a step's level above 10": (
        step(needs={"german": 11}),
        "groups.0.steps.1.needs.german: Input should be less than or equal to 10 (it is 11)",
    ),
    "a step to no group": (
        step(to="group:dask"),
        "groups.0.steps.1.to is 'group:dask', but 'dask' is no group's id; there are: desk, night",
    ),
    "a step to no entry point": (
        step(to="entry:4711"),
        "groups.0.steps.1.to is 'entry:4711', but '4711' is no entry point's number; there are: 12306",
    ),
    "a step with the agents of no group": (
        step(groups=["night", "day"]),
        "groups.0.steps.1.groups.1 is 'day', which is no group's id; there are: desk, night",
    ),
    "a step to its own group": (
        step(to="group:desk"),
        "groups.0.steps.1.to is 'group:desk', which leads back to group 'desk' itself",
    ),
    "a step to its own group by an entry point": (
        step(to="entry:12306"),
        "groups.0.steps.1.to is 'entry:12306', which leads back to group 'desk' itself",
    ),
    "a full group's calls to itself": (
        group(calls_max=1, when_full="group:desk"),
        "groups.0.when_full is 'group:desk', which leads back to group 'desk' itself",
    ),
    "a prompt with a path out": (
        step(prompt="../secrets"),
        "groups.0.steps.1.prompt: String should match pattern "
        "'^[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$' (it is '../secrets')",
    ),
    "a callback by Asterisk": (
        step(callback=True),
        "groups.0.steps.1.callback: the Asterisk adapter can't call back yet",
    ),
    "a personal agent who is nobody": (
        vip(agent="ann", agent_wait_s=1),
        "vip_classes.0.agent is 'ann', which is no agent's id; there are: 1001",
    ),
    "a personal agent nobody waits for": (
        vip(agent="1001"),
        "vip_classes.0: agent has no effect without agent_wait_s",
    ),
    "a wait for no agent": (vip(agent_wait_s=1), "vip_classes.0: agent_wait_s has no effect without agent"),
    "a wait of no time": (
        vip(agent="1001", agent_wait_s=0),
        "vip_classes.0.agent_wait_s: Input should be greater than 0 (it is 0)",
    ),
    "a VIP class twice": (
        changed("vip_classes", 1, to={"name": "gold"}),
        "vip_classes: name 'gold' is given twice; each must be there once",
    ),
    "nothing recent": (
        changed("routing", "recent_s", to=0),
        "routing.recent_s: Input should be greater than or equal to 1 (it is 0)",
    ),
    "a seed below zero": (
        changed("routing", "seed", to=-1),
        "routing.seed: Input should be greater than or equal to 0 (it is -1)",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_in_one_line(name: str) -> None:
    table, expected = BAD[name]
    assert words(table) == [f"acd.toml: {expected}"]


def test_all_that_is_wrong_between_the_tables_is_told_at_once() -> None:
    table = group(when_nobody="group:dask", hours="shop", steps=[{"after_s": 1, "callback": True, "to": "entry:1"}])
    assert words(table) == [
        "acd.toml: groups.0.hours is 'shop', which is no opening hours' id; there are: office",
        "acd.toml: groups.0.when_nobody is 'group:dask', but 'dask' is no group's id; there are: desk, night",
        "acd.toml: groups.0.steps.0.to is 'entry:1', but '1' is no entry point's number; there are: 12306",
        "acd.toml: groups.0.steps.0.callback: the Asterisk adapter can't call back yet",
    ]


def test_all_that_is_missing_in_a_group_is_told_at_once() -> None:
    assert words(group(clear_at_closing=True, when_full="hang-up")) == [
        "acd.toml: groups.0: when_full has no effect without calls_max",
        "acd.toml: groups.0: clear_at_closing has no effect without hours",
        "acd.toml: groups.0: clear_at_closing has no effect without when_closed",
    ]


def test_of_many_names_only_the_first_are_told() -> None:
    table = changed("entry_points", 0, "group", to="z")
    table["groups"] += [{"id": f"g{n:03}"} for n in range(50)]
    (line,) = words(table)
    assert line.endswith("g017, g018 and 32 more")
