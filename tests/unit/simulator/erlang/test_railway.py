import pytest

from simulator.erlang.railway import Railway


def test_the_formula():
    """600,000 calls a month of 3 minutes, 85 % answered, by people who handle calls for 166.6 x .9 x .75 hours."""
    railway = Railway(600_000, 180, 0.85, 166.6, 0.9, 0.75)
    assert railway.work_h == pytest.approx(25_500)
    assert railway.person_h == pytest.approx(112.455)
    assert railway.exact == pytest.approx(226.757, abs=0.001)
    assert railway.agents == 227
    assert railway.is_enough


def test_whole_numbers_stay_whole():
    assert Railway(3600, 1, 1, 1, 0.5, 0.2).agents == 10


def test_fewer_than_85_percent_is_not_enough():
    assert not Railway(100, 180, 0.849, 160, 1, 1).is_enough


def test_no_calls_take_nobody():
    assert Railway(0, 180, 0.85, 160, 1, 1).agents == 0


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ((-1, 180, 0.85, 160, 1, 1), "monthly calls is a finite number above 0, not -1"),
        ((1, 180, 1.85, 160, 1, 1), "answer rate is a share above 0 and at most 1, not 1.85"),
        ((1, 180, 0.85, 0, 1, 1), "monthly hours is a finite number above 0, not 0"),
        ((1, 180, 0.85, 160, 0, 1), "attendance is a share above 0 and at most 1, not 0"),
        ((1, 180, 0.85, float("inf"), 1, 1), "monthly hours is a finite number above 0, not inf"),
    ],
)
def test_terms_that_can_not_be_are_named(terms, says):
    with pytest.raises(ValueError, match=says):
        Railway(*terms)
