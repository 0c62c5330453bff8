"""Which rate comes next; played against a daemon that holds up to a limit."""

import pytest

from simulator.load.ramp import FIRST, NEAR, Ramp


def tried(ramp: Ramp, limit: float) -> list[float]:
    rates = []
    while (rate := ramp.next()) is not None:
        rates.append(rate)
        ramp.tell(rate, held=rate <= limit)
    return rates


def test_given_rates_end_with_the_first_that_doesnt_hold() -> None:
    ramp = Ramp((10, 20, 40, 80))
    assert tried(ramp, 25) == [10, 20, 40]
    assert (ramp.held, ramp.broken) == (20, 40)


def test_given_rates_that_all_hold_leave_nothing_broken() -> None:
    ramp = Ramp((10, 20))
    assert tried(ramp, 100) == [10, 20]
    assert (ramp.held, ramp.broken) == (20, None)


@pytest.mark.parametrize("limit", [3, 60, 75, 210, 390, 1234])
def test_an_automatic_ramp_closes_in_on_the_limit(limit: float) -> None:
    ramp = Ramp()
    assert len(tried(ramp, limit)) < 14
    assert ramp.held <= limit < (ramp.broken or 0)
    assert (ramp.broken or 0) / ramp.held <= NEAR


def test_an_automatic_ramp_asks_for_no_more_than_there_is_room_for() -> None:
    ramp = Ramp(most=130)
    assert tried(ramp, 1000) == [FIRST, 100, 130]
    assert ramp.broken is None


def test_a_daemon_that_holds_nothing_ends_the_ramp() -> None:
    ramp = Ramp()
    assert len(tried(ramp, 0)) < 10
    assert ramp.held == 0
