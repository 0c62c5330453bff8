from random import Random

import pytest

from simulator.patience import Patience


def drawn(patience, waited_ms, times=20_000):
    rng = Random(1)
    return [patience.longer_than(waited_ms, rng) for _ in range(times)]


def test_the_product_limit_by_hand():
    """Gone at 1, 3 and 4; answered at 2 and 5. On from 1: 4/5, from 3: 4/5 x 2/3, from 4: 4/15."""
    sample = drawn(Patience([(1, True), (2, False), (3, True), (4, True), (5, False)]), 0)
    shares = {each: sample.count(each) / len(sample) for each in (1, 3, 4, None)}
    assert shares == pytest.approx({1: 3 / 15, 3: 4 / 15, 4: 4 / 15, None: 4 / 15}, abs=0.015)


def test_who_has_waited_waits_longer():
    sample = drawn(Patience([(1, True), (2, False), (3, True), (4, True), (5, False)]), 3)
    assert set(sample) == {4, None}
    assert sample.count(4) / len(sample) == pytest.approx(1 / 2, abs=0.015)


def test_beyond_what_is_known_everybody_waits_on():
    patience = Patience([(1, True), (5, False)])
    assert set(drawn(patience, 1, 100)) == {None}
    assert set(drawn(Patience([(5, False)]), 0, 100)) == {None}
    assert set(drawn(Patience([]), 0, 100)) == {None}


def test_when_the_longest_wait_ended_by_giving_up_nobody_waits_for_ever():
    assert set(drawn(Patience([(1, False), (2, True)]), 0, 100)) == {2}


def test_an_exponential_patience_is_found_behind_answers_that_hide_most_of_it():
    """Mean 100; two of three callers are answered first, after an exponential wait of mean 50."""
    rng = Random(2)
    pairs = [(rng.expovariate(1 / 100), rng.expovariate(1 / 50)) for _ in range(30_000)]
    patience = Patience([(round(1000 * min(pair)), pair[0] < pair[1]) for pair in pairs])
    assert 0.3 < len(patience) / len(pairs) < 0.37
    sample = drawn(patience, 0)
    for s, share in ((20, 0.819), (60, 0.549), (100, 0.368)):
        assert sum(each is None or each > 1000 * s for each in sample) / len(sample) == pytest.approx(share, abs=0.015)
