import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.shifts import Presence, Roster, Shift

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


def hours(*shifts):
    return Roster([Shift(since * HOUR_MS, until * HOUR_MS) for since, until in shifts], DAY_MS)


def at_work(roster, hour):
    found = roster.next(hour * HOUR_MS)
    until = found.until // HOUR_MS if found.until is not None else None
    return found.since // HOUR_MS, until


def test_several_shifts_a_day_one_after_the_other():
    roster = hours((14, 18), (8, 12))
    assert at_work(roster, 0) == (8, 12)
    assert at_work(roster, 8) == (8, 12)
    assert at_work(roster, 11) == (8, 12)
    assert at_work(roster, 12) == (14, 18)
    assert at_work(roster, 18) == (32, 36)


def test_a_night_shift_reaches_into_the_next_day():
    assert at_work(hours((22, 30)), 0) == (-2, 6)
    assert at_work(hours((22, 30)), 6) == (22, 30)
    assert at_work(hours((22, 30)), 24) == (22, 30)


def test_shifts_that_touch_are_one_over_midnight_too():
    assert at_work(hours((8, 12), (12, 16), (11, 13)), 9) == (8, 16)
    assert at_work(hours((0, 4), (20, 24)), 21) == (20, 28)
    assert at_work(hours((0, 4), (20, 24)), 3) == (-4, 4)


def test_around_the_clock_never_ends():
    assert hours((0, 12), (12, 24)).next(5) == Presence(5, None)
    assert hours((6, 30)).next(5) == Presence(5, None)


def test_without_shifts_nobody_comes():
    assert hours().next(0) is None


@given(st.lists(st.tuples(st.integers(0, 23), st.integers(1, 24)), min_size=1, max_size=5), st.integers(24, 72))
def test_is_there_in_the_hours_told_and_no_others(shifts, hour):
    """The oracle marks every hour of the day."""
    roster = hours(*((since, since + length) for since, length in shifts))
    marked = {(since + n) % 24 for since, length in shifts for n in range(length)}
    found = roster.next(hour * HOUR_MS)
    if found.until is None:
        assert len(marked) == 24
        return
    since, until = found.since // HOUR_MS, found.until // HOUR_MS
    assert all(each % 24 in marked for each in range(since, until))
    assert (since - 1) % 24 not in marked
    assert until % 24 not in marked
    assert all(each % 24 not in marked for each in range(hour, since))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Shift(-1, 5), "at 0 ms of the day or later, not at -1"),
        (lambda: Shift(22, 6), "ends after it begins, not from 22 to 6 ms; add a day"),
        (lambda: Roster([Shift(DAY_MS, DAY_MS + 1)], DAY_MS), "can't be from 86400000"),
        (lambda: Roster([Shift(5, DAY_MS + 6)], DAY_MS), "can't be from 5 to 86400006 ms"),
    ],
)
def test_what_is_wrong_is_said(make, said):
    with pytest.raises(ValueError) as error:
        make()
    assert said in str(error.value)


@given(st.integers(0, DAY_MS - 1), st.integers(1, DAY_MS), st.floats(1, 1000))
def test_a_shift_stays_one_in_a_shorter_day(since, length, faster):
    if length < 1001:
        return
    scaled = Shift(since, since + length).scaled(1 / faster)
    assert scaled.to_ms - scaled.from_ms <= round(DAY_MS / faster)
