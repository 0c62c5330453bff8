"""Rules as values: what differs between two sets, and that difference made."""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd.hours import Holiday, Hours
from acd.rules import (
    NO_CHANGE,
    AgentRecord,
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    Rules,
    RulesChange,
    SkillGroup,
    Strategy,
    VipClass,
    changed,
    difference,
)

# --- random rules ---------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
LEVELS = st.integers(1, 3)
MS = st.sampled_from([0, 1_000, 2_000])
NEEDS = st.dictionaries(st.sampled_from(["de", "en"]), LEVELS).map(lambda needs: tuple(sorted(needs.items())))
DESTINATIONS = st.none() | st.builds(Destination, st.sampled_from(DestinationKind), NAMES)
STEPS = st.builds(
    OverflowStep,
    MS,
    needs=NEEDS,
    groups=st.none() | st.tuples(NAMES),
    tier=st.none() | LEVELS,
    prompt=st.sampled_from(["", "sorry"]),
    callback=st.booleans(),
    to=DESTINATIONS,
)
GROUPS = st.builds(
    SkillGroup,
    NAMES,
    needs=NEEDS,
    strategy=st.sampled_from(Strategy),
    weight_percent=st.sampled_from([100, 200]),
    steps=st.lists(STEPS, max_size=2).map(tuple),
    calls_max=st.none() | LEVELS,
    when_full=DESTINATIONS,
    clear_at_closing=st.booleans(),
)
ENTRIES = st.builds(EntryPoint, NAMES, NAMES, needs=NEEDS, tier=LEVELS, credit_ms=MS)
VIPS = st.builds(VipClass, NAMES, tier=LEVELS, credit_ms=MS, agent=st.none() | NAMES, agent_wait_ms=MS)
AGENTS = st.builds(AgentRecord, NAMES, st.sampled_from(["PJSIP/1", "PJSIP/2"]), skills=NEEDS)
HOURS = st.builds(Hours, st.just(((),) * 7), holidays=st.sampled_from([(), (Holiday(3),)]))


def by(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """In any order, as agents have one."""
    return st.lists(values, max_size=5).map(lambda each: {getattr(value, key): value for value in each})


RULES = st.builds(
    Rules,
    groups=by("id", GROUPS),
    entries=by("number", ENTRIES),
    vips=st.dictionaries(NAMES, VIPS, max_size=3),
    agents=by("id", AGENTS),
    hours=st.dictionaries(NAMES, HOURS, max_size=3),
    not_ready_reasons=st.sampled_from([(), ("lunch",), ("break", "lunch")]),
    client_grace_ms=MS,
    recent_ms=st.sampled_from([1, 1_000]),
    seed=st.integers(0, 2),
)


SEARCH = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# --- there and back -------------------------------------------------------------------------------------------


@SEARCH
@given(RULES, RULES)
def test_the_difference_made_is_the_other_set(old: Rules, new: Rules) -> None:
    """Down to the order of the agents, which equal mappings don't show."""
    there = changed(old, difference(old, new))
    assert there == new
    assert [*there.agents] == [*new.agents]


@SEARCH
@given(RULES)
def test_nothing_differs_from_itself(rules: Rules) -> None:
    """And a change of nothing changes nothing."""
    assert not difference(rules, rules)
    assert difference(rules, rules) == NO_CHANGE
    assert changed(rules, NO_CHANGE) == rules


@SEARCH
@given(RULES, RULES)
def test_a_difference_says_nothing_of_what_stays(old: Rules, new: Rules) -> None:
    """What is told is shown to people: only what is new, changed, or gone."""
    change = difference(old, new)
    assert all(old.groups.get(each.id) != each for each in change.groups)
    assert all(old.agents.get(each.id) != each for each in change.agents)
    assert all(old.vips.get(number) != vip for number, vip in change.vips)
    assert all(key in getattr(old, name) and key not in getattr(new, name) for name, key in change.gone)
    assert bool(change) is (old != new or [*old.agents] != [*new.agents])


# --- each kind ------------------------------------------------------------------------------------------------

ANN, BEN, CY = (AgentRecord(name, f"PJSIP/{name}") for name in ("ann", "ben", "cy"))


def of(*agents: AgentRecord) -> Rules:
    return Rules(agents={each.id: each for each in agents})


@pytest.mark.parametrize(
    ("old", "new", "order"),
    [
        (of(ANN, BEN), of(BEN, ANN), ("ben", "ann")),
        (of(ANN, BEN), of(ANN, BEN, CY), None),
        (of(ANN, BEN), of(ANN, CY, BEN), ("ann", "cy", "ben")),
        (of(ANN, BEN, CY), of(ANN, CY), None),
        (of(ANN, BEN), of(BEN, CY), None),
        (of(ANN, BEN), of(CY, BEN), ("cy", "ben")),
        (of(ANN), of(replace(ANN, device="PJSIP/9")), None),
    ],
)
def test_the_order_of_agents_is_said_only_where_it_does_not_follow(
    old: Rules, new: Rules, order: tuple[str, ...] | None
) -> None:
    """Who comes, comes last; who goes, leaves the others as they were."""
    change = difference(old, new)
    assert change.agents_in_order == order
    assert [*changed(old, change).agents] == [*new.agents]


@pytest.mark.parametrize(
    "single", [{"not_ready_reasons": ()}, {"client_grace_ms": 0}, {"recent_ms": 7}, {"seed": 0}], ids=str
)
def test_a_single_value_is_the_whole_difference(single: dict[str, Any]) -> None:
    """Also when it becomes empty or nought."""
    change = difference(Rules(), replace(Rules(), **single))
    assert change == RulesChange(**single)
    assert changed(Rules(), change) == replace(Rules(), **single)


def test_what_is_gone_is_named_with_its_mapping() -> None:
    """A group and an entry point may have the same name."""
    old = Rules(groups={"a": SkillGroup("a")}, entries={"a": EntryPoint("a", "a")})
    assert difference(old, replace(old, entries={})) == RulesChange(gone=(("entries", "a"),))
    assert changed(old, RulesChange(gone=(("entries", "a"),))) == replace(old, entries={})


def test_every_value_of_a_group_makes_a_difference() -> None:
    """Whatever is configured: nothing changes in silence."""
    others = {
        "id": "b",
        "name": "B",
        "needs": (("de", 1),),
        "strategy": Strategy.RANDOM,
        "steps": (OverflowStep(1),),
        "hours": "office",
        "clear_at_closing": True,
    } | dict.fromkeys(("when_full", "when_nobody", "when_closed", "when_holiday"), Destination(DestinationKind.HANG_UP))
    plain = SkillGroup("a")
    for each in fields(SkillGroup):
        assert replace(plain, **{each.name: others.get(each.name, 7)}) != plain


@pytest.mark.parametrize(
    ("destination", "text", "inside"),
    [
        (Destination(DestinationKind.GROUP, "desk"), "group:desk", True),
        (Destination(DestinationKind.ENTRY, "100"), "entry:100", True),
        (Destination(DestinationKind.NUMBER, "0571"), "number:0571", False),
        (Destination(DestinationKind.VOICEMAIL, "box"), "voicemail:box", False),
        (Destination(DestinationKind.HANG_UP), "hang-up", False),
    ],
)
def test_a_destination_is_written_as_in_the_configuration(destination: Destination, text: str, inside: bool) -> None:
    assert str(destination) == text
    assert destination.is_inside is inside
