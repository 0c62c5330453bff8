"""Opening hours in the file's words, and what the core makes its decisions by."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from acd.hours import DAY_MINUTES, DAY_MS, Holiday, Hours, Times
from acd.ids import Instant
from acd.settings.kinds import Id, Section, Text, Zone, complain, twice

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY_DAYS_MAX = 366
ZONE_YEARS = (2020, 2060)
"""From the first of January of the one to that of the other a zone's offsets are known; then the last one stays."""


def _is_span(text: str) -> str:
    minutes(text)
    return text


def _day(value: Any) -> Any:
    """A day as TOML has it, or as JSON does."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("Input should be a day, such as 2026-10-01") from None


Span = Annotated[str, AfterValidator(_is_span)]
Day = Annotated[date, BeforeValidator(_day)]


class HolidaySettings(Section):
    """One day, or all from one to another."""

    day: Day | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")
    name: Text = ""
    times: tuple[Span, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _has_days(self) -> Self:
        if (self.day is None) == (self.first is None) or (self.first is None) != (self.last is None):
            raise ValueError("needs either day, or both from and to")
        if self.first and self.last and not timedelta(0) <= self.last - self.first < timedelta(HOLIDAY_DAYS_MAX):
            raise ValueError(f"to is no day of the {HOLIDAY_DAYS_MAX} that begin with from ({self.first})")
        return self

    def days(self) -> list[date]:
        """All of them."""
        first, last = self.day or self.first, self.day or self.last
        assert first is not None
        assert last is not None
        return [first + timedelta(n) for n in range((last - first).days + 1)]


class HoursSettings(Section):
    id: Id
    zone: Zone
    week: dict[str, Annotated[tuple[Span, ...], Field(strict=False)]]
    holidays: tuple[HolidaySettings, ...] = Field(default=(), strict=False)

    @field_validator("week")
    @classmethod
    def _has_each_day_once(cls, week: dict[str, Any]) -> dict[str, Any]:
        complain(f"{DAYS[int(day)]} is given twice" for day in twice(str(day) for key in week for day in _days(key)))
        return week

    @field_validator("holidays")
    @classmethod
    def _have_each_day_once(cls, holidays: tuple[HolidaySettings, ...]) -> tuple[HolidaySettings, ...]:
        complain(f"{day} is given twice" for day in twice(str(day) for each in holidays for day in each.days()))
        return holidays


def hours(settings: HoursSettings) -> Hours:
    """What the core needs of `settings`."""
    by_day = {day: _times(spans) for key, spans in settings.week.items() for day in _days(key)}
    holidays = [
        Holiday((day - date(1970, 1, 1)).days, each.name, _times(each.times))
        for each in settings.holidays
        for day in each.days()
    ]
    return Hours(
        tuple(by_day.get(day, ()) for day in range(7)),
        tuple(sorted(holidays, key=lambda each: each.day)),
        zone_table(settings.zone),
    )


@cache
def zone_table(zone: str, years: tuple[int, int] = ZONE_YEARS) -> tuple[tuple[Instant, int], ...]:
    """The offsets of `zone` from UTC, as `Hours.zone`, exact from the first of January of the one year to the other.

    A change that is taken back within a day goes unseen; there is none in the data.
    """
    info = ZoneInfo(zone)
    at, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in years)
    table = [(Instant(at * 1000), _offset_s(info, at) * 1000)]
    while at < end:
        after = min(at + DAY_MS // 1000, end)
        if _offset_s(info, after) != _offset_s(info, at):
            change = _first_change(info, at, after)
            table.append((Instant(change * 1000), _offset_s(info, change) * 1000))
        at = after
    return tuple(table)


def _first_change(info: ZoneInfo, before: int, after: int) -> int:
    """The first second that has the offset of `after`, when `before` has another."""
    while after - before > 1:
        middle = (before + after) // 2
        if _offset_s(info, middle) == _offset_s(info, after):
            after = middle
        else:
            before = middle
    return after


def _offset_s(info: ZoneInfo, at: int) -> int:
    offset = datetime.fromtimestamp(at, info).utcoffset()
    assert offset is not None
    return round(offset.total_seconds())


def _days(key: str) -> Iterable[int]:
    """The days that `key` names: "sat", "mon-fri", "mon,wed", "sat-mon,wed". Raises ValueError."""
    for part in key.split(","):
        first, _, last = part.strip().partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise ValueError(
                f"{part.strip()!r} is no day; there are {', '.join(DAYS)}, from one to another as mon-fri, "
                "and several as mon,wed"
            )
        begin = DAYS.index(first)
        yield from ((begin + n) % 7 for n in range((DAYS.index(last or first) - begin) % 7 + 1))


def _times(spans: Iterable[str]) -> Times:
    return tuple(sorted(minutes(span) for span in spans))


def minutes(span: str) -> tuple[int, int]:
    """Minutes of the day (from, to); what ends before it begins ends on the next day. Raises ValueError."""
    found = re.fullmatch(r"(\d\d?):(\d\d)-(\d\d?):(\d\d)", span, re.ASCII)
    hour, minute, to_hour, to_minute = (int(part) for part in found.groups()) if found else (24, 0, 0, 0)
    start, end = hour * 60 + minute, to_hour * 60 + to_minute
    if start >= DAY_MINUTES or end > DAY_MINUTES or minute > 59 or to_minute > 59:
        raise ValueError('Input should be like "08:00-18:00"; a day goes from 00:00 to 24:00')
    if start == end:
        raise ValueError('Input should end at another time than it begins; a whole day is "00:00-24:00"')
    return start, end if end > start else end + DAY_MINUTES
