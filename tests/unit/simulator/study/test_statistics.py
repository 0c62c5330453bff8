"""Means, ratios and differences: by hand, and by how often the intervals hold what is true."""

from math import sqrt
from random import Random
from statistics import stdev

import pytest

from simulator.study.statistics import Difference, Estimate, difference, mean, mean_difference, ratio, t_quantile


def test_the_quantiles_are_those_of_the_tables():
    assert t_quantile(1) == pytest.approx(12.706, abs=0.001)
    assert t_quantile(9) == pytest.approx(2.262, abs=0.001)
    assert t_quantile(29) == pytest.approx(2.045, abs=0.001)


def test_a_mean_by_hand():
    """4, 6, 8: mean 6, standard deviation 2, 6 ± 4.303 × 2 / √3."""
    found = mean([4, 6, 8])
    assert found.value == 6
    assert found.half_width == pytest.approx(4.3027 * 2 / sqrt(3), rel=1e-4)
    assert found.low == pytest.approx(6 - found.half_width)
    assert found.high == pytest.approx(6 + found.half_width)


def test_a_ratio_by_hand():
    """90/100, 40/50, 140/150: 27/30 in all; without each 180/200, 230/250, 130/150.

    Their mean is .895556; the squares (.004444, .024444, -.028889) sum to .0014519, times 2/3, root: .031111.
    """
    found = ratio([(90, 100), (40, 50), (140, 150)])
    assert found.value == pytest.approx(0.9)
    assert found.half_width == pytest.approx(4.3027 * 0.031111, rel=1e-4)


def test_over_what_is_always_the_same_the_jackknife_is_the_usual_standard_error():
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
    usual = t_quantile(7) * stdev(values) / sqrt(8)
    assert ratio([(value, 2) for value in values]).half_width == pytest.approx(usual / 2, rel=1e-12)


def test_one_replication_has_a_value_and_no_interval():
    found = ratio([(3, 4)])
    assert (found.value, found.half_width, found.low, found.high) == (0.75, None, None, None)
    assert difference([(3, 4)], [(1, 4)]) == Difference(-0.5, None, None)


def test_nothing_to_divide_by_is_no_figure():
    assert ratio([(0, 0), (0, 0)]) == Estimate(None)
    assert mean([None, None]).value is None
    assert mean([None, 3.0, 5.0]).value == 4
    assert difference([(0, 0), (0, 0)], [(1, 1), (1, 1)]).value is None


def test_where_one_replication_has_everything_there_is_no_interval():
    assert ratio([(3, 4), (0, 0)]) == Estimate(0.75)


def test_no_interval_leaves_what_a_figure_can_be():
    found = ratio([(99, 100), (100, 100), (92, 100)], most=1.0)
    assert found.high == 1.0
    assert mean([0, 0, 1]).low == 0.0


def test_a_difference_by_hand():
    """10, 20, 30 and 11, 22, 33: differences 1, 2, 3: 2 ± 4.303 / √3; apart 10 and 11 would be the deviations."""
    found = mean_difference([10, 20, 30], [11, 22, 33])
    assert found.value == 2
    assert found.half_width == pytest.approx(4.3027 / sqrt(3), rel=1e-4)
    assert found.unpaired_half_width == pytest.approx(2.7764 * sqrt(221 / 3), rel=1e-4)
    assert found.narrower == pytest.approx(found.unpaired_half_width / found.half_width)
    assert not found.is_sure
    assert mean_difference([10, 20, 30], [21, 30.5, 41]).is_sure


def test_the_same_on_both_sides_differs_by_exactly_nothing():
    pairs = [(Random(n).randrange(100), 100 + n) for n in range(10)]
    found = difference(pairs, list(pairs))
    assert (found.value, found.half_width, found.narrower, found.is_sure) == (0.0, 0.0, None, False)


def test_means_of_pairs_leave_out_those_that_lack_a_side():
    assert mean_difference([1, None, 3], [2, 5, 4]).value == 1


# --- how often they hold what is true ---------------------------------------------------------------------------------


def shares(rng, n):
    """Days with 40 to 400 calls, each answered in time with a probability that goes down as the day gets busier."""
    for _ in range(n):
        calls = rng.randrange(40, 400)
        yield sum(rng.random() < 1 - calls / 1000 for _ in range(calls)), calls


TRUE_SHARE = 1 - sum(n * n for n in range(40, 400)) / sum(range(40, 400)) / 1000


def test_ninety_five_of_a_hundred_intervals_hold_the_true_ratio():
    """600 studies of 20 days each: 95 % within three standard errors (.9 %); a mean of shares would be off."""
    rng = Random(1)
    studies = [ratio(list(shares(rng, 20))) for _ in range(600)]
    held = sum(each.low <= TRUE_SHARE <= each.high for each in studies) / 600
    assert held == pytest.approx(0.95, abs=0.027)


def test_ninety_five_of_a_hundred_intervals_hold_the_true_difference():
    """Common chances: the second day is the first with every tenth answered call lost."""
    rng = Random(2)
    held = narrower = 0
    for _ in range(400):
        first = list(shares(rng, 10))
        second = [(sum(rng.random() < 0.9 for _ in range(above)), below) for above, below in first]
        found = difference(first, second)
        held += abs(found.value + 0.1 * TRUE_SHARE) <= found.half_width
        narrower += found.narrower > 1
    assert held / 400 == pytest.approx(0.95, abs=0.033)
    assert narrower / 400 > 0.9
