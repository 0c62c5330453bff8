from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.distributions import Constant, Empirical, Exponential, Lognormal, Uniform, parse, sample_ms


@pytest.mark.parametrize(
    ("description", "meant"),
    [
        (180, Constant(180)),
        ({"constant": 2.5}, Constant(2.5)),
        ({"exponential": 180}, Exponential(180)),
        ({"uniform": [5, 15]}, Uniform(5, 15)),
        ({"lognormal": (180, 90)}, Lognormal(180, 90)),
        ({"empirical": [30, 45, 45]}, Empirical((30, 45, 45))),
        ({"empirical": [[30, 1], (45, 2)]}, Empirical((30, 45), (1, 2))),
        ({"empirical": 7}, Empirical((7,))),
    ],
)
def test_is_described_plainly(description, meant):
    assert parse(description) == meant


@pytest.mark.parametrize(
    ("description", "said"),
    [
        ("soon", "'soon' is no distribution; write seconds, or one of constant, exponential"),
        (True, "True is no distribution"),
        ({}, "{} is no distribution"),
        ({"gamma": 3}, "'gamma' is no distribution; there are constant, exponential, uniform, lognormal, empirical"),
        ({"exponential": [1, 2]}, "exponential takes one number of seconds, not [1, 2]"),
        ({"uniform": 3}, "uniform takes two numbers of seconds, not 3"),
        ({"uniform": [3, "4"]}, "uniform takes two numbers"),
        ({"uniform": [4, 3]}, "from the lower to the higher: 4 is above 3"),
        ({"exponential": -1}, "finite and not negative; -1 is not"),
        ({"constant": float("nan")}, "finite and not negative; nan is not"),
        ({"lognormal": [0, 1]}, "lognormal has a mean above 0"),
        ({"empirical": []}, "empirical has at least one value"),
        ({"empirical": [[3, 0]]}, "at least one value that is counted"),
        ({"empirical": [[3, 1], 4]}, "empirical takes a list of seconds, or of [seconds, how often], not [[3, 1], 4]"),
        ({"empirical": [[3, -1]]}, "finite and not negative; -1 is not"),
    ],
)
def test_what_is_wrong_is_said(description, said):
    with pytest.raises(ValueError) as error:
        parse(description)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "kind", [Constant(7), Exponential(7), Uniform(2, 12), Lognormal(7, 3), Empirical((1, 10), (1, 2))]
)
def test_samples_have_the_mean_told(kind):
    """20,000 samples, whose mean is within four standard errors of `mean_s`."""
    rng = Random(1)
    samples = [kind.sample_s(rng) for _ in range(20_000)]
    assert min(samples) >= 0
    assert kind.mean_s == 7
    assert abs(fmean(samples) - 7) <= 4 * stdev(samples) / 20_000**0.5


def test_lognormal_has_the_deviation_told():
    rng = Random(1)
    assert stdev(Lognormal(7, 3).sample_s(rng) for _ in range(50_000)) == pytest.approx(3, rel=0.03)


kinds = st.one_of(
    st.builds(Constant, st.floats(0, 1e4)),
    st.builds(Exponential, st.floats(0, 1e4)),
    st.builds(lambda a, b: Uniform(min(a, b), max(a, b)), st.floats(0, 1e4), st.floats(0, 1e4)),
    st.builds(lambda values: Empirical(tuple(values)), st.lists(st.floats(0, 1e4), min_size=1)),
    st.builds(
        lambda rows: Empirical(*zip(*rows)), st.lists(st.tuples(st.floats(0, 1e4), st.integers(1, 9)), min_size=1)
    ),
    st.builds(Lognormal, st.floats(0.01, 1e4), st.floats(0, 1e4)),
)


@given(kinds, st.floats(0.01, 100), st.integers())
def test_scaled_is_the_same_stretched(kind, factor, seed):
    """The same luck gives a duration `factor` times as long."""
    plain, scaled = kind.sample_s(Random(seed)), kind.scaled(factor).sample_s(Random(seed))
    assert scaled == pytest.approx(plain * factor, rel=1e-6)


def test_milliseconds_are_whole():
    assert sample_ms(Constant(1.2345), Random(1)) == 1234


def test_empirical_values_are_as_frequent_as_counted():
    """9,000 samples; four standard errors. The same told one by one."""
    rng = Random(1)
    for told in (Empirical((1, 5, 9), (1, 0, 2)), Empirical((1, 9, 9))):
        samples = [told.sample_s(rng) for _ in range(9_000)]
        assert set(samples) == {1, 9}
        assert abs(samples.count(9) - 6_000) < 4 * (9_000 * 2 / 9) ** 0.5
        assert told.mean_s == 19 / 3


def test_empirical_wants_a_count_for_each_value():
    with pytest.raises(ValueError, match="a count for each value: 1 for 2"):
        Empirical((1, 2), (3,))
