"""A scenario's clock: the one on the wall.

Its instants are what that clock shows, as if it hung in Greenwich, so that callers, shifts, opening hours and reports
all mean the same day. A scenario's days know no change of the clocks: where the zone would have one, the offset of the
beginning stays.
"""

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime

from acd.hours import DAY_MS
from acd.ids import Instant
from acd.rules import Rules
from acd.settings.opening import zone_table


def wall(at: datetime) -> Instant:
    """What the clock on the wall shows, as an instant."""
    return Instant(round(at.replace(tzinfo=UTC).timestamp() * 1000))


def by_the_wall(rules: Rules, zone: str, begin: Instant) -> Rules:
    """`rules` with opening hours that go by the clock on a wall in `zone`, as it goes at `begin`."""
    here = _offset(zone_table(zone), begin)
    hours = {
        name: replace(each, zone=((Instant(0), _offset(each.zone, begin) - here),))
        for name, each in rules.hours.items()
    }
    return replace(rules, hours=hours)


def _offset(zone: tuple[tuple[Instant, int], ...], at: Instant) -> int:
    """Of the zone from UTC; on the day of a change perhaps still, or already, the other one."""
    return zone[max(bisect_right(zone, (at, DAY_MS)) - 1, 0)][1]
