import pytest

from simulator.distributions import Constant, Uniform
from simulator.faults import Faults, from_table


def test_without_a_word_there_are_none():
    assert from_table({}) == from_table({"late": None}) == Faults()


def test_a_table_says_how_often_and_how_long():
    table = {"late": 0.1, "late_s": {"uniform": [1, 3]}, "link_drops_per_h": 4, "link_down_s": 20, "until_s": 600}
    expected = Faults(late=0.1, late_s=Uniform(1, 3), link_drops_per_h=4, link_down_s=Constant(20), until_s=600)
    assert from_table(table) == expected


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"later": 1}, r"faults\.later is no fault; there are clock_jump_s, clock_jumps_per_h"),
        ({"lost": 1.5}, r"faults\.lost is from 0 to 1, not 1\.5"),
        ({"lost": "often"}, r"faults\.lost: a number of at least 0 is wanted, not 'often'"),
        ({"link_drops_per_h": -1}, r"faults\.link_drops_per_h: a number of at least 0 is wanted, not -1"),
        ({"late_s": {"gauss": 1}}, r"faults\.late_s: 'gauss' is no distribution"),
        ({"until_s": -5}, r"faults\.until_s: a number of at least 0"),
    ],
)
def test_what_cannot_be_used_is_named(table, message):
    with pytest.raises(ValueError, match=message):
        from_table(table)


def test_values_given_in_code_are_checked_too():
    with pytest.raises(ValueError, match="swizzles_per_h is a number of at least 0, not -1"):
        Faults(swizzles_per_h=-1)
    with pytest.raises(ValueError, match="until_s is a number of at least 0, not -1"):
        Faults(until_s=-1)
