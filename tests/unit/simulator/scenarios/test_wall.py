"""The clock on the wall: opening hours that go by it, wherever they are of."""

from __future__ import annotations

from datetime import datetime

import pytest

from acd.hours import Hours, Opening
from acd.ids import Instant
from acd.rules import Rules
from acd.settings.opening import zone_table
from simulator.scenarios.wall import by_the_wall, wall

H_MS = 3_600_000


def office(zone: str, here: str, begins: str) -> tuple[Hours, Instant]:
    """Open from 9 to 17 on every day in `zone`, as the wall shows it here; and the beginning."""
    begin = wall(datetime.fromisoformat(begins))
    hours = Hours(week=((((9 * 60, 17 * 60)),),) * 7, zone=zone_table(zone))
    return by_the_wall(Rules(hours={"office": hours}), here, begin).hours["office"], begin


@pytest.mark.parametrize(
    ("zone", "here", "begins", "opens_h"),
    [
        ("Europe/Berlin", "Europe/Berlin", "2026-01-15T00:00", 9),
        ("Europe/Berlin", "Europe/Berlin", "2026-07-15T00:00", 9),
        ("Europe/Berlin", "Asia/Shanghai", "2026-01-15T00:00", 16),
        ("Europe/Berlin", "Asia/Shanghai", "2026-07-15T00:00", 15),
        ("Asia/Shanghai", "Europe/Berlin", "2026-01-15T00:00", 2),
        ("Asia/Shanghai", "Asia/Shanghai", "2017-05-17T00:00", 9),
    ],
)
def test_opening_hours_are_what_the_wall_shows(zone: str, here: str, begins: str, opens_h: int) -> None:
    hours, begin = office(zone, here, begins)
    assert hours.at(Instant(begin + opens_h * H_MS - 1)) is Opening.CLOSED
    assert hours.at(Instant(begin + opens_h * H_MS)) is Opening.OPEN


def test_a_change_of_the_clocks_is_left_out() -> None:
    """Berlin's clocks go forward in the night to the 29th of March."""
    hours, begin = office("Europe/Berlin", "Europe/Berlin", "2026-03-28T00:00")
    for day in range(3):
        assert hours.at(Instant(begin + (24 * day + 9) * H_MS)) is Opening.OPEN
        assert hours.at(Instant(begin + (24 * day + 17) * H_MS)) is Opening.CLOSED
