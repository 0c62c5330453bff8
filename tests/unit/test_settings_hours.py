"""Opening hours in the file's words; and zones, exact to the second as the standard library has them."""

from __future__ import annotations

import tomllib
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.hours import Holiday, Hours
from acd.settings import parse
from acd.settings.opening import zone_table
from tests.unit.test_settings import GOOD, words

OFFICE: dict[str, Any] = {"id": "office", "zone": "UTC", "week": {"mon-fri": ["08:00-18:00"]}}
UTC = zone_table("UTC")
DAY = 480, 1080


def table(**keys: Any) -> dict[str, Any]:
    return GOOD | {"hours": [OFFICE | keys]}


def hours(**keys: Any) -> Hours:
    return parse(table(**keys), "acd.toml").rules().hours["office"]


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("mon", [0]),
        ("sun", [6]),
        ("mon-fri", [0, 1, 2, 3, 4]),
        ("mon-sun", [0, 1, 2, 3, 4, 5, 6]),
        ("fri-mon", [0, 4, 5, 6]),
        ("tue-tue", [1]),
        ("sat,sun", [5, 6]),
        ("mon, wed-thu , sun", [0, 2, 3, 6]),
    ],
)
def test_days(key: str, days: list[int]) -> None:
    week = hours(week={key: ["08:00-18:00"]}).week
    assert [day for day in range(7) if week[day]] == days


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("08:00-18:00", (480, 1080)),
        ("8:05-9:00", (485, 540)),
        ("00:00-24:00", (0, 1440)),
        ("00:00-00:01", (0, 1)),
        ("18:00-24:00", (1080, 1440)),
        ("18:00-00:00", (1080, 1440)),
        ("22:00-06:00", (1320, 1800)),
        ("12:01-12:00", (721, 2160)),
    ],
)
def test_times(text: str, times: tuple[int, int]) -> None:
    assert hours(week={"mon": [text]}).week[0] == (times,)


def test_a_week_and_its_holidays() -> None:
    holidays = [
        {"from": date(2026, 10, 1), "to": date(2026, 10, 3), "name": "National Day"},
        {"day": date(2026, 1, 1), "times": ["10:00-12:00"]},
    ]
    week = {"mon-fri": ["13:00-18:00", "08:00-12:00"], "sat": []}
    first = (date(2026, 10, 1) - date(1970, 1, 1)).days
    assert hours(week=week, holidays=holidays) == Hours(
        (((480, 720), (780, 1080)),) * 5 + ((), ()),
        (
            Holiday(first - 273, "", ((600, 720),)),
            Holiday(first, "National Day"),
            Holiday(first + 1, "National Day"),
            Holiday(first + 2, "National Day"),
        ),
        UTC,
    )


def test_days_are_those_of_toml_or_text_as_json_has_them() -> None:
    toml = tomllib.loads("[[holidays]]\nday = 2026-10-01")
    assert hours(**toml) == hours(holidays=[{"day": "2026-10-01"}])


TIME = 'Input should be like "08:00-18:00"; a day goes from 00:00 to 24:00'
ENDS = 'Input should end at another time than it begins; a whole day is "00:00-24:00"'
DAYS = "there are mon, tue, wed, thu, fri, sat, sun, from one to another as mon-fri, and several as mon,wed"
ZONE = "Input should be a time zone that is known here, such as Asia/Shanghai, Europe/Berlin or UTC"
EITHER = "hours.0.holidays.0: needs either day, or both from and to"
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "half a time": (table(week={"mon": ["08:00"]}), f"hours.0.week.mon.0: {TIME} (it is '08:00')"),
    "an hour too late": (table(week={"mon": ["08:00-24:01"]}), f"hours.0.week.mon.0: {TIME} (it is '08:00-24:01')"),
    "a day from its end": (table(week={"mon": ["24:00-08:00"]}), f"hours.0.week.mon.0: {TIME} (it is '24:00-08:00')"),
    "sixty minutes": (table(week={"mon": ["08:60-09:00"]}), f"hours.0.week.mon.0: {TIME} (it is '08:60-09:00')"),
    "no time between": (table(week={"mon": ["08:00-08:00"]}), f"hours.0.week.mon.0: {ENDS} (it is '08:00-08:00')"),
    "other people's digits": (
        table(week={"mon": ["٠٨:٠٠-١٨:٠٠"]}),
        f"hours.0.week.mon.0: {TIME} (it is '٠٨:٠٠-١٨:٠٠')",
    ),
    "times without a list": (
        table(week={"mon": "08:00-18:00"}),
        "hours.0.week.mon: Input should be a valid tuple (it is '08:00-18:00')",
    ),
    "an unknown day": (table(week={"monday": []}), f"hours.0.week: 'monday' is no day; {DAYS}"),
    "half a range": (table(week={"mon-fry": []}), f"hours.0.week: 'mon-fry' is no day; {DAYS}"),
    "a comma too many": (table(week={"mon,": []}), f"hours.0.week: '' is no day; {DAYS}"),
    "a day twice": (table(week={"mon-fri": [], "wed": []}), "hours.0.week: wed is given twice"),
    "no week": ({**GOOD, "hours": [{"id": "x", "zone": "UTC"}]}, "hours.0.week: is missing"),
    "an unknown zone": (table(zone="Asia/Peking"), f"hours.0.zone: {ZONE} (it is 'Asia/Peking')"),
    "a zone that is a folder": (table(zone="Asia"), f"hours.0.zone: {ZONE} (it is 'Asia')"),
    "a zone that is another file": (table(zone="../passwd"), f"hours.0.zone: {ZONE} (it is '../passwd')"),
    "a zone without a name": (table(zone=""), f"hours.0.zone: {ZONE} (it is '')"),
    "a holiday without a day": (table(holidays=[{"name": "Easter"}]), EITHER),
    "a holiday without an end": (table(holidays=[{"from": "2026-10-01"}]), EITHER),
    "a holiday without a beginning": (table(holidays=[{"day": "2026-10-01", "to": "2026-10-01"}]), EITHER),
    "a holiday of two kinds": (
        table(holidays=[{"day": "2026-10-01", "from": "2026-10-01", "to": "2026-10-02"}]),
        EITHER,
    ),
    "a holiday that ends before it begins": (
        table(holidays=[{"from": "2026-10-02", "to": "2026-10-01"}]),
        "hours.0.holidays.0: to is no day of the 366 that begin with from (2026-10-02)",
    ),
    "a holiday of years": (
        table(holidays=[{"from": "2026-01-01", "to": "2027-01-02"}]),
        "hours.0.holidays.0: to is no day of the 366 that begin with from (2026-01-01)",
    ),
    "a holiday on no day": (
        table(holidays=[{"day": "2026-02-30"}]),
        "hours.0.holidays.0.day: Input should be a day, such as 2026-10-01 (it is '2026-02-30')",
    ),
    "a holiday at a time of day": (
        table(holidays=[{"day": datetime(2026, 1, 1, 12)}]),
        "hours.0.holidays.0.day: Input should be a valid date (it is datetime.datetime(2026, 1, 1, 12, 0))",
    ),
    "a day of two holidays": (
        table(holidays=[{"from": "2026-10-01", "to": "2026-10-07"}, {"day": "2026-10-07"}]),
        "hours.0.holidays: 2026-10-07 is given twice",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_wrong_is_told_in_one_line(name: str) -> None:
    bad, expected = BAD[name]
    assert words(bad) == [f"acd.toml: {expected}"]


def test_a_zone_without_changes_is_one_offset() -> None:
    assert zone_table("Asia/Shanghai") == ((1_577_836_800_000, 28_800_000),)


def test_a_zone_with_daylight_saving_has_two_changes_a_year() -> None:
    assert len(zone_table("Europe/Berlin")) == 1 + 2 * 40
    assert zone_table("Europe/Berlin")[1] == (1_585_443_600_000, 7_200_000)


@given(
    st.sampled_from(["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza"]),
    st.integers(0, 10_000),
    st.sampled_from([-1, 0, 1, 7_000_000]),
)
def test_a_zone_is_exact_to_the_second(zone: str, n: int, seconds: int) -> None:
    found = zone_table(zone)
    since = found[max(n % len(found), 1)][0] // 1000 + seconds
    offset = datetime.fromtimestamp(since, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    expected = [each for at, each in found if at <= since * 1000][-1]
    assert expected == offset.total_seconds() * 1000
