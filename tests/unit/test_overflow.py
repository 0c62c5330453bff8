"""What a call asks for, of itself, by its group, and by the steps it has taken."""

from dataclasses import replace
from typing import Any

import pytest

from acd.overflow import NO_ENTRY, Grants, asked, grants, steps_due, tier_after
from acd.rules import EntryPoint, OverflowStep, Rules, SkillGroup, VipClass
from acd.skills import normalized
from tests.conversation import arrives, group

GROUPS = {each.id: each for each in (group("desk", de=5), group("english", en=3), group("all"), group("german", de=2))}


def step(after_ms: int = 0, **what: Any) -> OverflowStep:
    return OverflowStep(after_ms, **what)


def sets(*steps: OverflowStep, own: dict[str, int] | None = None, done: int | None = None) -> list[dict[str, int]]:
    """What is asked of a call to the desk (de 5) that has taken these steps, or the first `done` of them."""
    desk = replace(GROUPS["desk"], steps=steps)
    return [dict(each) for each in asked(desk, normalized(own or {}), len(steps) if done is None else done, GROUPS)]


# --- needs ----------------------------------------------------------------------------------------------------


def test_without_steps_it_is_the_group_and_the_calls_own() -> None:
    """Where a skill is asked for twice, the higher level counts."""
    assert sets() == [{"de": 5}]
    assert sets(own={"en": 2}) == [{"de": 5, "en": 2}]
    assert sets(own={"de": 7}) == [{"de": 7}]
    assert sets(own={"de": 3}) == [{"de": 5}]


def test_steps_not_taken_yet_change_nothing() -> None:
    steps = (step(needs=(("de", 1),)), step(needs=(("de", 9),)))
    assert [sets(*steps, done=done) for done in range(3)] == [[{"de": 5}], [{"de": 1}], [{"de": 9}]]


@pytest.mark.parametrize(
    ("needs", "becomes"),
    [
        ((("de", 2),), {"de": 2, "en": 4}),
        ((("de", 9),), {"de": 9, "en": 4}),
        ((("de", 0),), {"en": 4}),
        ((("en", 1),), {"de": 5, "en": 1}),
        ((("en", 0),), {"de": 5}),
        ((("fr", 6),), {"de": 5, "en": 4, "fr": 6}),
        ((("fr", 0),), {"de": 5, "en": 4}),
        ((("de", 0), ("en", 0)), {}),
    ],
    ids=str,
)
def test_a_step_sets_levels(needs: tuple[tuple[str, int], ...], becomes: dict[str, int]) -> None:
    """Lower, higher, none, new; of the group's needs and of the call's own alike."""
    assert sets(step(needs=needs), own={"en": 4}) == [becomes]


def test_later_steps_count_after_earlier_ones() -> None:
    """A need dropped may come back, and one added may go."""
    steps = (step(needs=(("de", 0), ("fr", 3))), step(needs=(("de", 2),)), step(needs=(("fr", 0),)))
    assert [sets(*steps, done=done) for done in (1, 2, 3)] == [[{"fr": 3}], [{"de": 2, "fr": 3}], [{"de": 2}]]


def test_needs_are_in_their_one_form() -> None:
    """Else equal needs would have two lines."""
    [needs] = asked(replace(GROUPS["desk"], steps=(step(needs=(("zz", 1), ("aa", 1))),)), (("mm", 1),), 1, GROUPS)
    assert needs == normalized({"aa": 1, "de": 5, "mm": 1, "zz": 1}) == tuple(sorted(needs))


# --- added groups ---------------------------------------------------------------------------------------------


def test_an_added_group_lets_in_who_covers_its_needs_and_the_calls_own() -> None:
    """Not those of the call's group; its own set comes first, the others in the step's order."""
    assert sets(step(groups=("english",)), own={"fr": 1}) == [{"de": 5, "fr": 1}, {"en": 3, "fr": 1}]
    assert sets(step(groups=("all", "english"))) == [{"de": 5}, {}, {"en": 3}]


def test_of_the_calls_own_needs_the_levels_that_the_steps_have_set_count() -> None:
    """But what a step sets of the group's needs, or adds, says nothing of other groups."""
    relaxing = step(groups=("english",), needs=(("fr", 2), ("de", 1), ("it", 4)))
    assert sets(relaxing, own={"fr": 9}) == [{"de": 1, "fr": 2, "it": 4}, {"en": 3, "fr": 2}]
    assert sets(step(groups=("english",), needs=(("fr", 0),)), own={"fr": 9}) == [{"de": 5}, {"en": 3}]


def test_an_added_groups_level_counts_where_it_is_higher_than_the_calls_own() -> None:
    assert sets(step(groups=("english",)), own={"en": 1}) == [{"de": 5, "en": 1}, {"en": 3}]
    assert sets(step(groups=("english",)), own={"en": 7}) == [{"de": 5, "en": 7}, {"en": 7}]


def test_a_later_steps_groups_replace_an_earlier_ones() -> None:
    """None leaves them, an empty list takes them back."""
    steps = (step(groups=("english",)), step(tier=1), step(groups=("all",)), step(groups=()))
    added = [sets(*steps, done=done)[1:] for done in range(1, 5)]
    assert added == [[{"en": 3}], [{"en": 3}], [{}], []]


def test_equal_sets_are_one_and_an_unknown_group_is_none() -> None:
    """A removed group, or one's own."""
    assert sets(step(groups=("desk", "gone"))) == [{"de": 5}]
    assert sets(step(groups=("german", "german"), needs=(("de", 2),))) == [{"de": 2}]


# --- tier, time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "raised", "tier"),
    [
        (0, [], 0),
        (2, [None], 2),
        (0, [3], 3),
        (5, [3], 5),
        (0, [3, 1], 1),
        (2, [3, 1], 2),
        (0, [3, None], 3),
        (1, [0], 1),
    ],
    ids=str,
)
def test_the_tier_is_the_last_raised_but_never_below_the_calls_own(
    own: int, raised: list[int | None], tier: int
) -> None:
    assert tier_after(own, tuple(step(tier=each) for each in raised)) == tier


@pytest.mark.parametrize(("ms", "due"), [(0, 1), (999, 1), (1_000, 3), (4_999, 3), (5_000, 4), (99_999, 4)])
def test_steps_are_due_at_their_time_and_not_before(ms: int, due: int) -> None:
    """Two of the same instant together."""
    assert steps_due(replace(GROUPS["desk"], steps=(step(0), step(1_000), step(1_000), step(5_000))), ms) == due


# --- grants ---------------------------------------------------------------------------------------------------

RULES = Rules(
    groups={"desk": SkillGroup("desk")},
    entries={"100": EntryPoint("100", "desk", needs=(("de", 2),), tier=1, credit_ms=10)},
    vips={"138": VipClass("gold", tier=2, credit_ms=5)},
)


@pytest.mark.parametrize(
    ("entry", "arrival", "granted"),
    [
        ("100", {}, Grants((("de", 2),), 1, 10)),
        ("100", {"caller_number": "138"}, Grants((("de", 2),), 2, 10)),
        ("100", {"tier": 9, "credit_ms": 7}, Grants((("de", 2),), 9, 10)),
        ("100", {"needs": (("de", 1), ("en", 1))}, Grants((("de", 2), ("en", 1)), 1, 10)),
        ("gone", {"caller_number": "138", "credit_ms": 6}, Grants((), 2, 6)),
        ("gone", {}, Grants((), 0, 0)),
    ],
    ids=str,
)
def test_pbx_entry_and_vip_grant_together(entry: str, arrival: dict[str, Any], granted: Grants) -> None:
    """All needs, and of tier and credit the highest each; the entry is the one that counts now, not the dialled one."""
    assert grants(arrives("c1", "dialled", **arrival), entry, RULES) == granted


def test_no_entry_point_grants_nothing() -> None:
    assert (NO_ENTRY.needs, NO_ENTRY.tier, NO_ENTRY.credit_ms) == ((), 0, 0)
