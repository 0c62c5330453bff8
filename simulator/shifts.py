"""When people work: by the clock of the day."""

from collections.abc import Iterable
from dataclasses import dataclass

from acd.ids import Instant


@dataclass(frozen=True, slots=True)
class Shift:
    """From one time of every day, in ms, to another, which may be past midnight: (79_200_000, 108_000_000) is 22-6."""

    from_ms: int
    to_ms: int

    def __post_init__(self) -> None:
        if self.from_ms < 0:
            raise ValueError(f"a shift begins at 0 ms of the day or later, not at {self.from_ms}")
        if self.to_ms <= self.from_ms:
            raise ValueError(
                f"a shift ends after it begins, not from {self.from_ms} to {self.to_ms} ms; "
                f"add a day to an end past midnight"
            )

    def scaled(self, shorter: float) -> "Shift":
        """The same in a day that is shorter."""
        from_ms = round(self.from_ms * shorter)
        return Shift(from_ms, from_ms + round((self.to_ms - self.from_ms) * shorter))


@dataclass(frozen=True, slots=True)
class Presence:
    """One time at work; `until` is None where it never ends."""

    since: Instant
    until: Instant | None


class Roster:
    """One person's shifts, every day the same. Those that touch or overlap are one time at work."""

    def __init__(self, shifts: Iterable[Shift], day_ms: int) -> None:
        """Raises ValueError for a shift that begins after the day or is longer than one."""
        self._day_ms = day_ms
        self._times: list[tuple[int, int]] = []
        for shift in sorted(shifts, key=lambda each: each.from_ms):
            if shift.from_ms >= day_ms or shift.to_ms - shift.from_ms > day_ms:
                raise ValueError(f"a shift of a day of {day_ms} ms can't be from {shift.from_ms} to {shift.to_ms} ms")
            self._add(shift)
        self._join_over_midnight()

    def _add(self, shift: Shift) -> None:
        if self._times and shift.from_ms <= self._times[-1][1]:
            since, until = self._times.pop()
            self._times.append((since, max(until, shift.to_ms)))
        else:
            self._times.append((shift.from_ms, shift.to_ms))

    def _join_over_midnight(self) -> None:
        times, day_ms = self._times, self._day_ms
        while len(times) > 1 and times[0][0] + day_ms <= times[-1][1]:
            first = times.pop(0)
            times[-1] = (times[-1][0], max(times[-1][1], first[1] + day_ms))

    def next(self, at: Instant) -> Presence | None:
        """The time at work that goes on at `at`, or the next one; None: there is none."""
        if not self._times:
            return None
        if self._times[-1][1] - self._times[-1][0] >= self._day_ms:
            return Presence(at, None)
        today = at - at % self._day_ms
        days = (today - self._day_ms, today, today + self._day_ms)
        all_times = ((day + since, day + until) for day in days for since, until in self._times)
        since, until = next((since, until) for since, until in all_times if until > at)
        return Presence(Instant(since), Instant(until))
