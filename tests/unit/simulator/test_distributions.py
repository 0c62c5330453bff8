from random import Random
from statistics import fmean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.distributions import Constant, Exponential, Lognormal, Uniform, parse, sample_ms


@pytest.mark.parametrize(
    ("description", "meant"),
    [
        (180, Constant(180)),
        ({"constant": 2.5}, Constant(2.5)),
        ({"exponential": 180}, Exponential(180)),
        ({"uniform": [5, 15]}, Uniform(5, 15)),
        ({"lognormal": (180, 90)}, Lognormal(180, 90)),
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
        ({"gamma": 3}, "'gamma' is no distribution; there are constant, exponential, uniform, lognormal"),
        ({"exponential": [1, 2]}, "exponential takes one number of seconds, not [1, 2]"),
        ({"uniform": 3}, "uniform takes two numbers of seconds, not 3"),
        ({"uniform": [3, "4"]}, "uniform takes two numbers"),
        ({"uniform": [4, 3]}, "from the lower to the higher: 4 is above 3"),
        ({"exponential": -1}, "finite and not negative; -1 is not"),
        ({"constant": float("nan")}, "finite and not negative; nan is not"),
        ({"lognormal": [0, 1]}, "lognormal has a mean above 0"),
    ],
)
def test_what_is_wrong_is_said(description, said):
    with pytest.raises(ValueError) as error:
        parse(description)
    assert said in str(error.value)


@pytest.mark.parametrize("kind", [Constant(7), Exponential(7), Uniform(2, 12), Lognormal(7, 3)])
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
    st.builds(Lognormal, st.floats(0.01, 1e4), st.floats(0, 1e4)),
)


@given(kinds, st.floats(0.01, 100), st.integers())
def test_scaled_is_the_same_stretched(kind, factor, seed):
    """The same luck gives a duration `factor` times as long."""
    plain, scaled = kind.sample_s(Random(seed)), kind.scaled(factor).sample_s(Random(seed))
    assert scaled == pytest.approx(plain * factor, rel=1e-6)


def test_milliseconds_are_whole():
    assert sample_ms(Constant(1.2345), Random(1)) == 1234
