from itertools import pairwise
from random import Random
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.arrivals import DAY_MS, Burst, Piecewise, Poisson, Recorded, Uncertain

HOUR_MS = 3_600_000
HALF_MS = HOUR_MS // 2
OFFICE = Piecewise(((8 * HOUR_MS, 120.0), (12 * HOUR_MS + 600_000, 40.0), (18 * HOUR_MS, 0.0)))
"""From 8:00 120 an hour, from 12:10 40, from 18:00 none."""


def instants(arrivals, until, seed=1, begin=0):
    rng, run, at, found = Random(seed), arrivals.of_run(Random(f"days {seed}")), begin, []
    while (at := run.next_after(at, rng)) is not None and at < until:
        found.append(at)
    return found


def is_poisson(counts, expected):
    """Whether sum (n - e)²/e is what a chi-square of so many degrees can be: four deviations."""
    spread = sum((n - e) ** 2 / e for n, e in zip(counts, expected))
    return abs(spread - len(counts)) < 4 * (2 * len(counts)) ** 0.5


# --- Poisson and piecewise --------------------------------------------------------------------------------------------


def test_poisson_has_the_rate_told_in_every_hour():
    found = instants(Poisson(60), 1000 * HOUR_MS)
    counts = [0] * 1000
    for at in found:
        counts[at // HOUR_MS] += 1
    assert is_poisson(counts, [60] * 1000)


def test_at_rate_zero_nobody_comes():
    assert Poisson(0).next_after(0, Random(1)) is None
    assert Piecewise(((0, 0.0), (5, 0.0))).next_after(0, Random(1)) is None
    assert instants(Uncertain(Poisson(0), 0.3), DAY_MS) == []


def test_counts_of_half_hours_are_poisson_by_the_clock_and_the_same_every_day():
    days = 60
    counts = [0] * (48 * days)
    for at in instants(OFFICE, days * DAY_MS):
        counts[at // HALF_MS] += 1
    by_hand = [0.0] * 16 + [60.0] * 8 + [120 / 6 + 40 / 3] + [20.0] * 11 + [0.0] * 12
    open_cells = [n for n in range(48 * days) if by_hand[n % 48]]
    assert sum(counts) == sum(counts[n] for n in open_cells)
    assert is_poisson([counts[n] for n in open_cells], [by_hand[n % 48] for n in open_cells])


def test_before_the_first_rate_of_a_day_the_last_one_holds():
    night = Piecewise(((6 * HOUR_MS, 0.0), (22 * HOUR_MS, 60.0)))
    assert night.rate(3 * HOUR_MS) == (60.0, 6 * HOUR_MS)
    assert night.rate(23 * HOUR_MS) == (60.0, DAY_MS + 6 * HOUR_MS)
    assert night.rate(DAY_MS + 7 * HOUR_MS) == (0.0, DAY_MS + 22 * HOUR_MS)


class Draws(Random):
    """A chance that isn't one."""

    def __init__(self, expected):
        super().__init__()
        self.expected = expected

    def expovariate(self, lambd=1.0):
        return self.expected


@given(
    st.lists(
        st.tuples(st.integers(0, 99), st.just(0.0) | st.floats(1e5, 1e6)),
        min_size=1,
        max_size=6,
        unique_by=lambda each: each[0],
    ),
    st.integers(0, 250),
    st.floats(0.001, 20),
)
def test_the_next_call_comes_when_the_rates_have_made_up_what_was_drawn(rates, at, expected):
    """In days of 100 ms; the oracle adds up the rate of each ms."""
    rates = sorted(rates)
    found = Piecewise(tuple(rates), day_ms=100).next_after(at, Draws(expected))
    if not any(per_h for _, per_h in rates):
        assert found is None
        return

    def per_ms(ms):
        begun = [per_h for from_ms, per_h in rates if from_ms <= ms % 100]
        return (begun or [rates[-1][1]])[-1] / HOUR_MS

    days, left = divmod(expected, sum(map(per_ms, range(100))))
    ms = at
    while left > 1e-9:
        left -= per_ms(ms)
        ms += 1
    assert abs(found - (days * 100 + ms)) <= 2 or left + per_ms(ms - 1) < 1e-6


# --- bursts -----------------------------------------------------------------------------------------------------------


def test_a_burst_has_times_as_many_calls_for_a_while_each_day():
    days = 200
    burst = Burst(Poisson(60), at_ms=9 * HOUR_MS, for_ms=HALF_MS, times=5)
    counts = [0] * (48 * days)
    for at in instants(burst, days * DAY_MS):
        counts[at // HALF_MS] += 1
    assert is_poisson(counts, ([30] * 18 + [150] + [30] * 29) * days)


def test_a_burst_of_one_day_is_of_that_day():
    burst = Burst(Poisson(60), at_ms=9 * HOUR_MS, for_ms=HOUR_MS, times=3, day=1)
    assert burst.rate(9 * HOUR_MS) == (60, DAY_MS + 9 * HOUR_MS)
    assert burst.rate(DAY_MS + 9 * HOUR_MS) == (180, DAY_MS + 10 * HOUR_MS)
    assert burst.rate(DAY_MS + 10 * HOUR_MS)[0] == 60
    assert burst.rate(3 * DAY_MS + 9 * HOUR_MS)[0] == 60


def test_a_burst_may_reach_past_midnight():
    burst = Burst(Poisson(60), at_ms=23 * HOUR_MS, for_ms=2 * HOUR_MS, times=2)
    assert burst.rate(HOUR_MS // 2) == (120, HOUR_MS)
    assert burst.rate(HOUR_MS) == (60, 23 * HOUR_MS)
    assert burst.rate(DAY_MS - 1) == (120, DAY_MS + HOUR_MS)


def test_a_burst_of_none_is_a_silence():
    silent = Burst(Poisson(600), at_ms=HOUR_MS, for_ms=HOUR_MS, times=0)
    assert not [at for at in instants(silent, 5 * DAY_MS) if HOUR_MS <= at % DAY_MS < 2 * HOUR_MS]


# --- uncertain days ---------------------------------------------------------------------------------------------------


def test_the_factor_of_a_day_has_mean_one_and_the_deviation_told():
    """5,000 days; a gamma's fourth moment gives the error of its variance: kurtosis 3 + 6 d²."""
    days, deviation = 5_000, 0.3
    run = Uncertain(Poisson(1.0), deviation).of_run(Random(1))
    factors = [run.rate(day * DAY_MS)[0] for day in range(days)]
    assert abs(fmean(factors) - 1) < 4 * deviation / days**0.5
    error = deviation**2 * ((2 + 6 * deviation**2) / days) ** 0.5
    assert abs(variance(factors) - deviation**2) < 4 * error


def test_there_is_one_factor_a_day():
    run = Uncertain(OFFICE, 0.5).of_run(Random(1))
    today = {run.rate(at)[0] / OFFICE.rate(at)[0] for at in range(8 * HOUR_MS, 18 * HOUR_MS, 60_000)}
    assert max(today) - min(today) < 1e-12
    assert run.rate(DAY_MS + 9 * HOUR_MS)[0] / 120 not in today


def test_counts_of_uncertain_days_spread_more_than_poisson():
    """Mean 240, variance 240 + (0.25 x 240)²."""
    counts = [0] * 2_000
    for at in instants(Uncertain(Poisson(10), 0.25), 2_000 * DAY_MS):
        counts[at // DAY_MS] += 1
    assert fmean(counts) == pytest.approx(240, abs=4 * 62 / 2_000**0.5)
    assert variance(counts) == pytest.approx(240 + 60**2, rel=0.15)


def test_days_keep_their_factors_whatever_the_rate():
    """Common random numbers: twice the demand is twice that of the same days."""
    once, twice = (Uncertain(Poisson(per_h), 0.3).of_run(Random(7)) for per_h in (5, 10))
    for day in range(50):
        assert twice.rate(day * DAY_MS)[0] == 2 * once.rate(day * DAY_MS)[0]


def test_a_deviation_of_none_leaves_the_base():
    assert Uncertain(Poisson(5), 0).of_run(Random(1)) == Poisson(5)


# --- recorded ---------------------------------------------------------------------------------------------------------


def test_recorded_calls_come_to_the_ms_and_each_of_those_of_one_instant():
    assert instants(Recorded((5, 7, 7, 7, 90)), 1_000) == [5, 7, 7, 7, 90]
    assert instants(Recorded((5, 7, 7, 90)), 1_000, begin=7) == [7, 7, 90]
    assert instants(Recorded(()), 1_000) == []


@given(st.lists(st.integers(0, 10_000)).map(sorted))
def test_every_recorded_call_comes(times):
    assert instants(Recorded(tuple(times)), 20_000) == times


def test_a_record_may_be_moved_to_another_day():
    assert Recorded((5, 7)).moved(DAY_MS) == Recorded((DAY_MS + 5, DAY_MS + 7))


# --- all --------------------------------------------------------------------------------------------------------------

KINDS = [
    Poisson(50),
    OFFICE,
    Burst(OFFICE, 9 * HOUR_MS, HOUR_MS, 3),
    Uncertain(Burst(Poisson(50), 9 * HOUR_MS, HOUR_MS, 3, day=2), 0.2),
    Burst(Uncertain(OFFICE, 0.2), 9 * HOUR_MS, HOUR_MS, 3),
    Recorded(tuple(range(0, 5 * DAY_MS, 7_777_770))),
]


@pytest.mark.parametrize("arrivals", KINDS, ids=lambda each: type(each).__name__)
def test_days_ten_times_as_short_have_the_same_calls(arrivals):
    """The same luck, but for rounding to ms, which adds up, and may push a call to where the next rate begins."""
    plain, short = instants(arrivals, 5 * DAY_MS), instants(arrivals.scaled(10), DAY_MS // 2)
    assert len(plain) > 20
    assert abs(len(plain) - len(short)) <= 1
    assert sum(abs(a / 10 - b) >= 1_000 for a, b in zip(plain, short)) <= 3


@pytest.mark.parametrize("arrivals", KINDS, ids=lambda each: type(each).__name__)
def test_the_same_value_serves_any_number_of_runs(arrivals):
    first = instants(arrivals, 3 * DAY_MS, seed=1)
    assert first == instants(arrivals, 3 * DAY_MS, seed=1)
    assert first == sorted(first)
    assert all(later >= sooner for sooner, later in pairwise(first))
    if not isinstance(arrivals, Recorded):
        assert first != instants(arrivals, 3 * DAY_MS, seed=2)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Poisson(-1), "not negative; -1 is not"),
        (lambda: Poisson(float("inf")), "finite"),
        (lambda: Piecewise(()), "there is at least one"),
        (lambda: Piecewise(((5, 1.0), (5, 2.0))), "one after the other"),
        (lambda: Piecewise(((DAY_MS, 1.0),)), "before 86400000 ms of the day"),
        (lambda: Piecewise(((0, -1.0),)), "not negative"),
        (lambda: Burst(Poisson(1), DAY_MS, 5, 2), "a burst begins from 0 ms to before 86400000"),
        (lambda: Burst(Poisson(1), 0, 0, 2), "longer than 0 ms and no longer than a day, not 0 ms"),
        (lambda: Burst(Poisson(1), 0, 5, -2), "not negative; -2 is not"),
        (lambda: Uncertain(Poisson(1), -0.1), "not negative; -0.1 is not"),
        (lambda: Recorded((2, 1)), "in the order of time"),
    ],
)
def test_what_is_wrong_is_said(make, said):
    with pytest.raises(ValueError) as error:
        make()
    assert said in str(error.value)
