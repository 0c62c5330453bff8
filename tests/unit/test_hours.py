"""Opening hours hold by the clock on the wall, also where it is put forward and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from acd.hours import DAY_MINUTES, MINUTE_MS, Holiday, Hours, Opening, Times
from acd.ids import Instant
from acd.settings.opening import zone_table

OPEN, CLOSED, HOLIDAY = Opening.OPEN, Opening.CLOSED, Opening.HOLIDAY
EPOCH = date(1970, 1, 1)
NINE_TO_FIVE = (540, 1020)
ALL_DAY = (0, 1440)
NIGHT = (1320, 1800)
"""22:00 to 06:00"""

CHANGES = {
    "Asia/Shanghai": [datetime(2026, 3, 29), datetime(2026, 10, 1)],  # none
    "Europe/Berlin": [datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2059, 10, 26)],
    "America/St_Johns": [datetime(2026, 3, 8), datetime(2026, 11, 1)],
    "Australia/Lord_Howe": [datetime(2026, 4, 5), datetime(2026, 10, 4)],  # by half an hour
    "Pacific/Apia": [datetime(2011, 12, 30), datetime(2011, 9, 24)],  # no 30th of December at all
    "Africa/Casablanca": [datetime(2026, 2, 15), datetime(2026, 3, 22)],
}
YEARS = {"Pacific/Apia": (2011, 2012)}


def table(zone: str) -> tuple[tuple[Instant, int], ...]:
    return zone_table(zone, YEARS[zone]) if zone in YEARS else zone_table(zone)


def instant(zone: str, *local: int, fold: int = 0) -> Instant:
    return Instant(round(datetime(*local, tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000))


def berlin(*local: int, fold: int = 0) -> Instant:
    return instant("Europe/Berlin", *local, fold=fold)


def day(year: int, month: int, of_month: int) -> int:
    return (date(year, month, of_month) - EPOCH).days


def every_day(*times: tuple[int, int], holidays: tuple[Holiday, ...] = (), zone: str = "Europe/Berlin") -> Hours:
    return Hours((times,) * 7, holidays, table(zone))


OFFICE = Hours(((NINE_TO_FIVE,),) * 5 + ((), ()), (), table("Europe/Berlin"))


def test_it_is_open_from_its_first_minute_to_before_its_last() -> None:
    assert OFFICE.at(Instant(berlin(2026, 7, 1, 9) - 1)) is CLOSED
    assert OFFICE.at(berlin(2026, 7, 1, 9)) is OPEN
    assert OFFICE.at(Instant(berlin(2026, 7, 1, 17) - 1)) is OPEN
    assert OFFICE.at(berlin(2026, 7, 1, 17)) is CLOSED


def test_days_are_those_of_the_week() -> None:
    open_days = [OFFICE.at(berlin(2026, 7, 6 + n, 12)) is OPEN for n in range(7)]
    assert open_days == [True] * 5 + [False] * 2


def test_it_closes_at_the_end_of_its_times() -> None:
    assert OFFICE.closes_at(berlin(2026, 7, 1, 9)) == berlin(2026, 7, 1, 17)
    assert OFFICE.closes_at(Instant(berlin(2026, 7, 1, 17) - 1)) == berlin(2026, 7, 1, 17)
    assert OFFICE.closes_at(berlin(2026, 7, 1, 17)) is None


def test_times_that_overlap_or_touch_are_one() -> None:
    hours = every_day((480, 600), (540, 660), (660, 720), (500, 510))
    assert hours.closes_at(berlin(2026, 7, 1, 8)) == berlin(2026, 7, 1, 12)


def test_a_lunch_break_closes() -> None:
    hours = every_day((480, 720), (780, 1020))
    assert hours.closes_at(berlin(2026, 7, 1, 8)) == berlin(2026, 7, 1, 12)
    assert hours.closes_at(berlin(2026, 7, 1, 13)) == berlin(2026, 7, 1, 17)


def test_a_night_shift_reaches_into_the_next_day() -> None:
    hours = Hours(((), (), (), (), (NIGHT,), (), ()), (), table("Europe/Berlin"))  # Friday's alone
    assert hours.closes_at(berlin(2026, 7, 3, 23)) == berlin(2026, 7, 4, 6)
    assert hours.at(berlin(2026, 7, 4, 5, 59)) is OPEN
    assert hours.at(berlin(2026, 7, 3, 5)) is CLOSED
    assert hours.at(berlin(2026, 7, 5, 5)) is CLOSED


def test_a_shift_may_last_a_whole_day_and_more_from_any_minute() -> None:
    hours = Hours((((1439, 2880),), (), (), (), (), (), ()), (), ((Instant(0), 0),))
    monday = instant("UTC", 2026, 7, 6, 23, 59)
    assert hours.closes_at(monday) == instant("UTC", 2026, 7, 8)


def test_never_open_never_closes() -> None:
    assert every_day().at(berlin(2026, 7, 1, 12)) is CLOSED
    assert every_day().closes_at(berlin(2026, 7, 1, 12)) is None


@pytest.mark.parametrize("times", [(ALL_DAY,), ((480, 1200), (1200, 1920)), ((0, 720), (600, 1500))])
def test_always_open_never_closes(times: tuple[tuple[int, int], ...]) -> None:
    hours = every_day(*times)
    assert hours.closes_at(berlin(2026, 7, 1, 12)) is None
    assert hours.at(berlin(2026, 3, 29, 3)) is OPEN


def test_all_week_but_a_minute_closes_in_that_minute() -> None:
    week = ((ALL_DAY,),) * 6 + (((0, 1439),),)
    hours = Hours(week, (), table("Europe/Berlin"))
    assert hours.closes_at(berlin(2026, 7, 6)) == berlin(2026, 7, 12, 23, 59)


def test_always_open_closes_on_the_first_holiday_however_far_and_at_once() -> None:
    far = Holiday(day(2058, 1, 1), "New Year")
    hours = every_day(ALL_DAY, holidays=(Holiday(day(2026, 5, 1), "Labour Day", (ALL_DAY,)), far))
    begin = perf_counter()
    assert hours.closes_at(berlin(2025, 1, 1)) == berlin(2058, 1, 1)
    assert perf_counter() - begin < 0.1
    assert hours.closes_at(berlin(2058, 1, 2)) is None


def test_a_holiday_is_closed_all_day() -> None:
    hours = every_day(NINE_TO_FIVE, holidays=(Holiday(day(2026, 10, 3), "Unity Day"),))
    assert hours.at(berlin(2026, 10, 2, 23, 59)) is CLOSED
    assert hours.at(berlin(2026, 10, 3)) is HOLIDAY
    assert hours.at(berlin(2026, 10, 3, 12)) is HOLIDAY
    assert hours.at(Instant(berlin(2026, 10, 4) - 1)) is HOLIDAY
    assert hours.at(berlin(2026, 10, 4)) is CLOSED


def test_a_shorter_day_is_a_holiday_outside_its_times() -> None:
    hours = every_day(NINE_TO_FIVE, holidays=(Holiday(day(2026, 12, 24), "Christmas Eve", ((480, 720),)),))
    assert hours.at(berlin(2026, 12, 24, 8)) is OPEN
    assert hours.at(berlin(2026, 12, 24, 12)) is HOLIDAY
    assert hours.closes_at(berlin(2026, 12, 24, 8)) == berlin(2026, 12, 24, 12)


def test_a_holiday_may_be_open_longer_than_its_day_would_be() -> None:
    sunday = Holiday(day(2026, 11, 29), "Advent Sunday", (NINE_TO_FIVE,))
    hours = Hours(OFFICE.week, (sunday,), OFFICE.zone)
    assert hours.at(berlin(2026, 11, 29, 12)) is OPEN


def test_the_night_shift_before_a_holiday_is_served_to_its_end() -> None:
    """Who comes at ten in the evening works till six; a holiday that begins at midnight doesn't send them home."""
    hours = every_day(NIGHT, holidays=(Holiday(day(2026, 5, 1), "Labour Day"),))
    assert hours.at(berlin(2026, 5, 1, 5, 59)) is OPEN
    assert hours.closes_at(berlin(2026, 4, 30, 23)) == berlin(2026, 5, 1, 6)
    assert hours.at(berlin(2026, 5, 1, 6)) is HOLIDAY


def test_the_night_shift_of_a_holiday_is_left_out_to_its_end() -> None:
    """In the morning after, the callers hear of the holiday as long as it is the reason."""
    hours = every_day(NIGHT, holidays=(Holiday(day(2026, 5, 1), "Labour Day"),))
    assert hours.at(berlin(2026, 5, 1, 23)) is HOLIDAY
    assert hours.at(berlin(2026, 5, 2, 5, 59)) is HOLIDAY
    assert hours.at(berlin(2026, 5, 2, 6)) is CLOSED
    assert hours.at(berlin(2026, 5, 2, 22)) is OPEN


def test_an_hour_that_is_left_out_closes_what_would_have_ended_in_it() -> None:
    """In Berlin the clock goes from 02:00 to 03:00 on the 29th of March 2026."""
    change = berlin(2026, 3, 29, 3)
    assert every_day((0, 150)).closes_at(berlin(2026, 3, 29)) == change
    assert every_day((130, 170)).at(Instant(change - 1)) is CLOSED
    assert every_day((130, 170)).at(change) is CLOSED
    assert every_day((150, 200)).closes_at(change) == berlin(2026, 3, 29, 3, 20)
    assert every_day((180, 240)).at(change) is OPEN


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    """In Berlin the clock goes from 03:00 back to 02:00 on the 25th of October 2026."""
    hours = every_day((130, 170))
    first, second = (berlin(2026, 10, 25, 2, 10, fold=fold) for fold in (0, 1))
    assert hours.closes_at(first) == berlin(2026, 10, 25, 2, 50)
    assert hours.at(berlin(2026, 10, 25, 2, 55)) is CLOSED
    assert hours.closes_at(second) == berlin(2026, 10, 25, 2, 50, fold=1)
    assert every_day((60, 150)).closes_at(berlin(2026, 10, 25, 1)) == berlin(2026, 10, 25, 2, 30)
    assert every_day((60, 180)).closes_at(berlin(2026, 10, 25, 1)) == berlin(2026, 10, 25, 3)


def test_a_day_that_never_was_is_left_out() -> None:
    """Samoa had no 30th of December 2011, a Friday: its night shift is in the morning of the 31st all the same."""
    friday = Hours(((), (), (), (), (NIGHT,), (), ()), (), table("Pacific/Apia"))
    thursday = Hours(((), (), (), (NIGHT,), (), (), ()), (), table("Pacific/Apia"))
    midnight = instant("Pacific/Apia", 2011, 12, 31)
    assert friday.closes_at(midnight) == instant("Pacific/Apia", 2011, 12, 31, 6)
    assert thursday.closes_at(instant("Pacific/Apia", 2011, 12, 29, 23)) == midnight


def test_before_its_table_a_zone_has_the_first_offset_and_after_it_the_last() -> None:
    hours = every_day(NINE_TO_FIVE)
    assert hours.at(instant("Etc/GMT-1", 2019, 7, 1, 9)) is OPEN
    assert hours.closes_at(instant("Etc/GMT-1", 2070, 7, 1, 9)) == instant("Etc/GMT-1", 2070, 7, 1, 17)


def test_it_goes_through_json_unchanged_and_small() -> None:
    """So it stands in the journal; forty years of daylight saving are most of it."""
    hours = Hours(OFFICE.week, tuple(Holiday(20_000 + n, "National Day") for n in range(30)), OFFICE.zone)
    kind = TypeAdapter(Hours)
    text = kind.dump_json(hours)
    assert kind.validate_json(text) == hours
    assert len(text) < 4_000
    assert hash(kind.validate_json(text)) == hash(hours)


# --- beside an oracle that goes minute by minute with the standard library's own calendar -----------------------------


def oracle(hours: Hours, zone: str, at: int) -> Opening:
    local = datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    today, minute = local.date(), local.hour * 60 + local.minute
    yesterday = today - timedelta(days=1)
    holidays = {EPOCH + timedelta(days=each.day): each.times for each in hours.holidays}

    def covers(times: Times, when: int) -> bool:
        return any(when in range(start, end) for start, end in times)

    def ordinary(on: date) -> Times:
        return hours.week[on.weekday()]

    late = minute + DAY_MINUTES
    if covers(holidays.get(today, ordinary(today)), minute) or covers(
        holidays.get(yesterday, ordinary(yesterday)), late
    ):
        return OPEN
    if today in holidays or (yesterday in holidays and covers(ordinary(yesterday), late)):
        return HOLIDAY
    return CLOSED


def minutes_around(middle: datetime, days: int) -> Iterator[Instant]:
    begin = round((middle.replace(tzinfo=UTC) - timedelta(days=days)).timestamp() * 1000)
    yield from (Instant(begin + n * MINUTE_MS) for n in range(2 * days * DAY_MINUTES))


minute_of_day = st.integers(0, 47).map(lambda n: n * 30) | st.integers(0, 1439)


@st.composite
def spans(draw: st.DrawFn) -> tuple[int, int]:
    start = draw(minute_of_day)
    return start, min(start + draw(st.sampled_from([30, 60, 480, 1440]) | st.integers(1, 2880)), 2880)


day_times = st.lists(spans(), max_size=3).map(tuple) | st.sampled_from([(), (ALL_DAY,), (NIGHT,)])
weeks = st.tuples(*[day_times] * 7) | day_times.map(lambda times: (times,) * 7)


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, datetime, Hours]:
    zone = draw(st.sampled_from(sorted(CHANGES)))
    middle = draw(st.sampled_from(CHANGES[zone]))
    near = (middle.date() - EPOCH).days
    days = draw(st.sets(st.integers(near - 3, near + 3), max_size=3))
    holidays = tuple(Holiday(each, "", draw(day_times)) for each in sorted(days))
    return zone, middle, Hours(draw(weeks), holidays, table(zone))


@settings(max_examples=12, deadline=None)
@given(cases())
def test_every_minute_around_a_change_is_as_the_clock_on_the_wall_says(case: tuple[str, datetime, Hours]) -> None:
    """And it closes at exactly the first instant at which it isn't open."""
    zone, middle, hours = case
    minutes = list(minutes_around(middle, days=2))
    openings = [oracle(hours, zone, at) for at in minutes]
    assert [hours.at(at) for at in minutes] == openings
    closes: Instant | None = None  # going backwards: the next one not open
    for at, opening in reversed([*zip(minutes, openings)]):
        if opening is not OPEN:
            closes = at
            assert hours.closes_at(at) is None
        elif at % (7 * MINUTE_MS) == 0 or (closes is not None and closes - at < 2 * MINUTE_MS):
            assert hours.closes_at(at) == closes or (closes is None and (hours.closes_at(at) or at) >= minutes[-1])


@settings(max_examples=200, deadline=None)
@given(cases(), st.integers(0, 6 * 86_400_000))
def test_at_its_closing_it_is_closed_and_just_before_open(case: tuple[str, datetime, Hours], after: int) -> None:
    """To the millisecond, from any instant."""
    _, middle, hours = case
    now = Instant(round((middle.replace(tzinfo=UTC) - timedelta(days=3)).timestamp() * 1000) + after)
    closes = hours.closes_at(now)
    if hours.at(now) is not OPEN:
        assert closes is None
    elif closes is not None:
        assert closes > now
        assert hours.at(closes) is not OPEN
        assert hours.at(Instant(closes - 1)) is OPEN
    else:
        later = range(now, now + 15 * 86_400_000, 97 * MINUTE_MS)
        assert all(hours.at(Instant(at)) is OPEN for at in later)
