"""Times of day, and what is so much from one to the next."""

from __future__ import annotations

import pytest

from simulator.scenarios.times import clock, in_a_day, minute_of_day, numbers_by_time


@pytest.mark.parametrize(("text", "minute"), [("00:00", 0), ("8:05", 485), ("23:59", 1439)])
def test_a_time_of_day_is_minutes(text: str, minute: int) -> None:
    assert minute_of_day(text) == minute


@pytest.mark.parametrize("text", ["24:00", "8", "8:60", "08:00:00", "-1:00", "٠٨:٠٠", ""])
def test_what_is_no_time_of_day_is_told(text: str) -> None:
    with pytest.raises(ValueError, match='Input should be a time of day, from "00:00" to "23:59"'):
        minute_of_day(text)


def test_a_minute_of_a_later_day_shows_as_the_clock_does() -> None:
    assert [clock(minute) for minute in (0, 485, 1440 + 61)] == ["00:00", "08:05", "01:01"]


def test_lists_are_of_hours_or_half_hours() -> None:
    assert numbers_by_time([*range(24)]) == {60 * hour: hour for hour in range(24)}
    assert numbers_by_time([*range(48)]) == {30 * half: half for half in range(48)}


def test_a_table_is_sorted_by_time() -> None:
    assert [*numbers_by_time({"18:00": 0, "8:00": 3}).items()] == [(480, 3), (1080, 0)]


def test_the_last_one_goes_on_past_midnight() -> None:
    """From 6 to 18 three an hour, then one: 36 and 12."""
    assert in_a_day(numbers_by_time({"06:00": 3, "18:00": 1})) == 48
    assert in_a_day(numbers_by_time({"12:00": 5})) == 120
