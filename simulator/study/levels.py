"""How many there are of something, over time: its sum over time and its maximum in each interval of the day."""

from dataclasses import dataclass
from math import ceil

from acd.ids import Instant


@dataclass(frozen=True, slots=True)
class Calendar:
    """The time that counts, from `begin` to before `end`: days of equal intervals, of which the last may be shorter."""

    begin: Instant
    end: Instant
    day_ms: int
    interval_ms: int

    @property
    def days(self) -> int:
        return ceil((self.end - self.begin) / self.day_ms)

    @property
    def intervals(self) -> int:
        return ceil(self.day_ms / self.interval_ms)

    def holds(self, at: Instant) -> bool:
        return self.begin <= at < self.end

    def interval(self, at: Instant) -> int:
        """Which of the day `at` lies in."""
        return (at - self.begin) % self.day_ms // self.interval_ms

    def length_ms(self, interval: int) -> int:
        """How long it is."""
        return min(self.interval_ms, self.day_ms - interval * self.interval_ms)

    def after(self, at: Instant) -> Instant:
        """The end of the interval that `at` lies in."""
        into_day_ms = (at - self.begin) % self.day_ms
        interval_ms = self.interval_ms
        return Instant(at - into_day_ms + min(self.day_ms, (into_day_ms // interval_ms + 1) * interval_ms))


class Level:
    """One such number; it is 0 at first."""

    __slots__ = ("_calendar", "_interval", "_since", "_until", "maxima", "now", "sums_ms")

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.now = 0
        self.sums_ms = [0] * calendar.intervals
        self.maxima = [0] * calendar.intervals
        """The most there were at once, for a millisecond at least."""
        self._since = calendar.begin
        self._interval, self._until = 0, calendar.after(calendar.begin)

    def change(self, by: int, at: Instant) -> None:
        """From `at` there are so many more."""
        if self._since < at <= self._until:
            self._last(at)
        elif at > self._until:
            self._spend(at)
        self.now += by

    def close(self) -> None:
        """Count what is left until the end."""
        self._spend(self._calendar.end)

    def _spend(self, at: Instant) -> None:
        """The level as it is lasts until `at`, through as many intervals as that takes."""
        at = min(at, self._calendar.end)
        while at > self._until:
            self._last(self._until)
            self._interval = self._calendar.interval(self._since)
            self._until = self._calendar.after(self._since)
        self._last(at)

    def _last(self, until: Instant) -> None:
        n, lasted_ms = self._interval, until - self._since
        if lasted_ms > 0:
            now, maxima = self.now, self.maxima
            self.sums_ms[n] += now * lasted_ms
            if now > maxima[n]:
                maxima[n] = now
            self._since = until
