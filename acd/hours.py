"""Opening hours and holidays in local time, with daylight saving, by whole numbers alone.

The core knows no time zones: a zone is a table of its offsets from UTC, made by :mod:`acd.settings` from the system's
time zone data, so that a journal replays the same wherever that data differs.

The clock on the wall decides, and nothing else: a time that a change of the clock leaves out never comes, and a time
that comes twice counts twice. Times belong to the day on which they begin: the night shift of the day before a
holiday is served to its end, and that of the holiday itself is left out to its end, in the morning after.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from enum import StrEnum

from acd.ids import Instant

DAY_MS = 86_400_000
MINUTE_MS = 60_000
DAY_MINUTES = 1_440

Times = tuple[tuple[int, int], ...]
"""Minutes of a day: (from, to), the first within, the last not. `to` may be past 1440, at most 2880: it then reaches
into the next day. Those that overlap or touch are one."""


class Opening(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Holiday:
    """One day that differs: `day` counts days since 1970-01-01; no `times`: closed all day."""

    day: int
    name: str = ""
    times: Times = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open, in local time."""

    week: tuple[Times, ...]
    """Of each day from Monday to Sunday."""
    holidays: tuple[Holiday, ...] = ()
    """Sorted by day, each day once; they replace the day's own times."""
    zone: tuple[tuple[Instant, int], ...] = ((Instant(0), 0),)
    """(from this instant, offset from UTC in ms), sorted; before the first its offset counts too."""

    def at(self, now: Instant) -> Opening:
        """Whether it is open at `now`; HOLIDAY when it is closed because of one.

        That is the whole day of a holiday, as far as it is closed, and the time after it in which the night shift
        that began on it would have been open.
        """
        day, minute = self._local(now, self._changes_until(now))
        if self._ends(day, minute):
            return Opening.OPEN
        left_out = self._holiday(day - 1) is not None and _end(self._ordinary(day - 1), minute + DAY_MINUTES)
        return Opening.HOLIDAY if left_out or self._holiday(day) is not None else Opening.CLOSED

    def closes_at(self, now: Instant) -> Instant | None:
        """The first instant after `now`, when it is open, at which it isn't any more; None when closed, or never."""
        at, only_holidays = now, self._is_always_open()
        while (until := self._open_until(at)) is not None:
            at = until
            if only_holidays:  # can close it: what lies before the next one need not be walked through
                n = bisect_left(self.holidays, at // DAY_MS - 2, key=_day)
                if n == len(self.holidays):
                    return None
                at = Instant(max(at, (self.holidays[n].day - 2) * DAY_MS))
        return at if at > now else None

    def _open_until(self, at: Instant) -> Instant | None:
        """The end of the times that hold at `at`, or the next change of the clock if that is earlier; None: closed."""
        changes = self._changes_until(at)
        day, minute = self._local(at, changes)
        end = self._ends(day, minute)
        if not end:
            return None
        until = Instant(day * DAY_MS + end * MINUTE_MS - self._offset(changes))
        return min(until, self.zone[changes][0]) if changes < len(self.zone) else until

    def _ends(self, day: int, minute: int) -> int:
        """The minute of `day` at which the times end that hold at `minute` of it; 0: none does."""
        from_before = _end(self._times(day - 1), minute + DAY_MINUTES) - DAY_MINUTES
        return max(from_before, _end(self._times(day), minute))

    def _changes_until(self, at: Instant) -> int:
        """How many entries of the zone lie up to `at`."""
        return bisect_right(self.zone, (at, DAY_MS))  # no offset is a day

    def _offset(self, changes: int) -> int:
        """The offset after so many changes."""
        return self.zone[max(changes - 1, 0)][1]

    def _local(self, at: Instant, changes: int) -> tuple[int, int]:
        """The day since 1970-01-01 and its minute on the wall."""
        day, ms = divmod(at + self._offset(changes), DAY_MS)
        return day, ms // MINUTE_MS

    def _times(self, day: int) -> Times:
        holiday = self._holiday(day)
        return self._ordinary(day) if holiday is None else holiday.times

    def _ordinary(self, day: int) -> Times:
        return self.week[(day + 3) % 7]  # 1970-01-01 was a Thursday

    def _holiday(self, day: int) -> Holiday | None:
        n = bisect_left(self.holidays, day, key=_day)
        return self.holidays[n] if n < len(self.holidays) and self.holidays[n].day == day else None

    def _is_always_open(self) -> bool:
        """Whether the week's times leave nothing out."""
        times = sorted((day * DAY_MINUTES + a, day * DAY_MINUTES + b) for day in range(7) for a, b in self.week[day])
        whole = 7 * DAY_MINUTES
        reached = max((end for _, end in times), default=0) - whole  # from Sunday into Monday
        for start, end in times:
            if start > max(reached, 0):
                return False
            reached = max(reached, end)
        return reached >= whole


def _end(times: Times, minute: int) -> int:
    """The end of those of `times` that hold at `minute`, the latest; 0: none does."""
    return max((end for start, end in times if start <= minute < end), default=0)


def _day(holiday: Holiday) -> int:
    return holiday.day
