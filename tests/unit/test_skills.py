"""Skills and needs: one canonical form, the higher level counts, every need must be reached."""

import pytest

from acd.skills import LEVEL_MAX, LEVEL_MIN, combined, cover, covered_by, normalized


def test_equal_levels_have_one_form() -> None:
    """However a set of levels was written down, it is the same dictionary key."""
    assert normalized({"de": 3, "billing": 5}) == normalized({"billing": 5, "de": 3}) == (("billing", 5), ("de", 3))
    assert normalized({}) == ()


@pytest.mark.parametrize("level", [LEVEL_MIN, LEVEL_MAX])
def test_the_ends_of_the_scale_are_levels(level: int) -> None:
    assert normalized({"de": level}) == (("de", level),)


@pytest.mark.parametrize("level", [LEVEL_MIN - 1, LEVEL_MAX + 1, -3])
def test_a_level_off_the_scale_is_refused_by_name(level: int) -> None:
    """The error names the skill, the level and what is allowed."""
    with pytest.raises(ValueError, match=rf"'de' has level {level}; levels go from 1 to 10"):
        normalized({"billing": 5, "de": level})


@pytest.mark.parametrize(
    ("many", "expected"),
    [
        ([], {}),
        ([{}, {}], {}),
        ([{"de": 3}], {"de": 3}),
        ([{}, {"de": 3}, {}], {"de": 3}),
        ([{"de": 3}, {"billing": 5}], {"billing": 5, "de": 3}),
        ([{"de": 3}, {"de": 5}], {"de": 5}),
        ([{"de": 5}, {"de": 3}], {"de": 5}),
        ([{"de": 2, "vip": 1}, {"de": 4}, {"billing": 7, "de": 3}], {"billing": 7, "de": 4, "vip": 1}),
    ],
)
def test_needs_add_up_and_the_higher_level_counts(many: list[dict[str, int]], expected: dict[str, int]) -> None:
    assert combined(*map(normalized, many)) == normalized(expected)


@pytest.mark.parametrize(
    ("skills", "needs", "may_serve"),
    [
        ({}, {}, True),
        ({"de": 1}, {}, True),
        ({}, {"de": 1}, False),
        ({"de": 5}, {"de": 4}, True),
        ({"de": 5}, {"de": 5}, True),
        ({"de": 5}, {"de": 6}, False),
        ({"fr": 9}, {"de": 1}, False),
        ({"billing": 5, "de": 5}, {"billing": 5, "de": 5}, True),
        ({"billing": 4, "de": 5}, {"billing": 5, "de": 5}, False),
        ({"billing": 5, "de": 4}, {"billing": 5, "de": 5}, False),
    ],
)
def test_every_need_must_be_reached(skills: dict[str, int], needs: dict[str, int], may_serve: bool) -> None:
    """Also when asked of many needs at once."""
    assert cover(normalized(skills), normalized(needs)) is may_serve
    assert covered_by(normalized(skills), [normalized(needs)]) == [normalized(needs)] * may_serve


def test_those_covered_come_in_the_order_given() -> None:
    many = [normalized(each) for each in ({"vip": 1}, {"de": 9}, {}, {"de": 3})]
    assert covered_by(normalized({"de": 3, "vip": 2}), many) == [many[0], many[2], many[3]]
