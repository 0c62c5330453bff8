"""The occupied share of recent time, against the integral it is: summed anew in plain floating point."""

from decimal import Decimal
from math import exp, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.occupancy import NEVER_OCCUPIED, ZERO, Load

History = list[tuple[int, bool | None]]
"""(for how many ms, occupied or idle or neither), one after another."""


def lived(history: History, recent_ms: int = 100_000) -> Load:
    """The load of one who has been so from the instant 0, settled at the end."""
    load, now = Load(ZERO, 0, None), 0
    for ms, occupied in history:
        load.become(occupied, now, recent_ms)
        now += ms
    load.become(None, now, recent_ms)
    return load


def integral(history: History, recent_ms: int = 100_000) -> float:
    """Over counted time t ago: the occupied part of e^(-t / recent) / recent."""
    share, age = 0.0, 0.0
    for ms, occupied in reversed(history):
        if occupied is None:
            continue
        if occupied:
            share += exp(-age / recent_ms) - exp(-(age + ms) / recent_ms)
        age += ms
    return share


HISTORIES = st.lists(st.tuples(st.integers(0, 400_000), st.sampled_from([True, False, None])), max_size=12)


@pytest.mark.parametrize(
    ("history", "share"),
    [
        ([], 0),
        ([(100_000, True)], 0.632121),
        ([(50_000, True)], 0.393469),
        ([(100_000, True), (100_000, False)], 0.232544),
        ([(100_000, True), (999_999, None)], 0.632121),
        ([(100_000, True), (999_999, None), (100_000, False)], 0.232544),
        ([(100_000, False), (100_000, True)], 0.632121),
        ([(50_000, True), (70_000, None), (50_000, True)], 0.632121),
        ([(10_000_000, True)], 1),
    ],
)
def test_shares_reckoned_by_hand(history: History, share: float) -> None:
    """1 - 1/e after a whole recent time occupied; 1/e of that after another idle."""
    assert float(lived(history).share) == pytest.approx(share, abs=1e-6)


@settings(deadline=None)
@given(HISTORIES, st.sampled_from([1_000, 100_000, 1_800_000]))
def test_the_share_is_the_integral(history: History, recent_ms: int) -> None:
    load = lived(history, recent_ms)
    assert 0 <= load.share <= 1
    assert float(load.share) == pytest.approx(integral(history, recent_ms), abs=1e-9)


@settings(deadline=None)
@given(HISTORIES, HISTORIES, st.integers(0, 100_000))
def test_of_two_who_are_idle_the_key_orders_as_the_share_does(one: History, two: History, later: int) -> None:
    """At any moment, though they became idle at different ones."""
    keys, shares = [], []
    ends = [sum(ms for ms, _ in each) for each in (one, two)]
    now = max(ends) + later
    for each, end in zip((one, two), ends):
        load = lived(each)
        load.become(False, end, 100_000)
        keys.append(load.key)
        shares.append(integral([*each, (now - end, False)]))
    if abs(shares[0] - shares[1]) > 1e-9 * max(shares):
        assert (keys[0] < keys[1]) is (shares[0] < shares[1])


def test_the_key_is_the_logarithm_of_the_share_as_of_the_beginning_of_time() -> None:
    load = lived([(100_000, True)])
    load.become(False, 100_000, 100_000)
    assert float(load.key) == pytest.approx(log(1 - exp(-1)) + 1, abs=1e-9)


def test_who_was_never_occupied_comes_before_everybody() -> None:
    load = Load(ZERO, 0, None)
    load.become(False, 50_000, 100_000)
    assert load.key == NEVER_OCCUPIED < Decimal(-(10**9))
    load.become(True, 60_000, 100_000)
    load.become(False, 60_000, 100_000)
    assert load.key == NEVER_OCCUPIED, "no time occupied is none"


def test_who_goes_on_idle_keeps_the_key_and_is_not_reckoned_anew() -> None:
    load = lived([(70_001, True)])
    load.become(False, 70_001, 100_000)
    before = (load.share, load.since, load.key)
    load.become(False, 80_000, 100_000)
    assert (load.share, load.since, load.key) == before


def test_who_goes_on_occupied_from_talk_to_wrap_up_is_the_same_as_without() -> None:
    once, twice = lived([(90_000, True)]), lived([(40_000, True), (50_000, True)])
    assert float(once.share) == pytest.approx(float(twice.share), abs=1e-20)


def test_settling_and_making_the_key_anew_keeps_the_order_under_another_measure() -> None:
    """What has been is weighed by the old measure, what comes by the new one."""
    load = lived([(100_000, True)])
    load.become(False, 100_000, 100_000)
    load.settle(200_000, 100_000)
    load.rekey(50_000)
    assert float(load.share) == pytest.approx((1 - exp(-1)) * exp(-1), abs=1e-9)
    assert float(load.key) == pytest.approx(log((1 - exp(-1)) * exp(-1)) + 4, abs=1e-9)
    load.settle(250_000, 50_000)
    assert float(load.share) == pytest.approx((1 - exp(-1)) * exp(-2), abs=1e-9)


def test_every_machine_reckons_alike() -> None:
    """To the last of 28 digits."""
    assert str(lived([(12_345, True), (6_789, False)], 100_000).share) == SHARE


SHARE = "0.1085114970655153718589647823"
