"""A day of intervals: what comes in each, who is needed, and what then is to be expected."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from simulator.erlang.formulas import Steady
from simulator.erlang.inverses import Demand, Target, agents_for, with_shrinkage
from simulator.erlang.units import seconds

COLUMNS = ("time", "calls", "aht")
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Interval:
    """What comes from `from_s` of the day on: so many calls in `length_s`."""

    from_s: int
    length_s: float
    calls: float
    aht_s: float
    patience_s: float | None = None
    of_day: bool = True
    """Whether it is one of a day's; else any such time."""

    def demand(self, model: str) -> Demand:
        return Demand(self.calls * 3600 / self.length_s, self.aht_s, self.patience_s, model)

    @property
    def clock(self) -> str:
        """When it begins; empty if it is any time."""
        if not self.of_day:
            return ""
        return f"{self.from_s // 3600:02}:{self.from_s // 60 % 60:02}"


@dataclass(frozen=True, slots=True)
class Staffed:
    """An interval with the fewest agents that keep the target."""

    interval: Interval
    agents: int
    positions: int
    """On the roster: with shrinkage."""
    queue: Steady

    @property
    def agent_hours(self) -> float:
        return self.agents * self.interval.length_s / 3600

    @property
    def position_hours(self) -> float:
        return self.positions * self.interval.length_s / 3600


def staffed(intervals: Iterable[Interval], model: str, target: Target, shrinkage: float) -> list[Staffed]:
    """Each interval by itself, in its steady state. Raises ValueError, naming the interval where there are several."""
    return [_staffed(each, model, target, shrinkage) for each in intervals]


def _staffed(interval: Interval, model: str, target: Target, shrinkage: float) -> Staffed:
    try:
        demand = interval.demand(model)
        agents = agents_for(demand, target)
        return Staffed(interval, agents, with_shrinkage(agents, shrinkage), demand.with_agents(agents))
    except ValueError as error:
        raise ValueError(f"at {interval.clock}: {error}" if interval.of_day else str(error)) from None


@dataclass(frozen=True, slots=True)
class Whole:
    """A day in one line: shares are of all its calls, weighted by where they fall."""

    calls: float
    agents_max: int
    agent_hours: float
    position_hours: float
    service_level: float
    asa_s: float
    abandonment: float
    blocked: float
    occupancy: float


def whole(day: Sequence[Staffed], within_s: float) -> Whole:
    """The day's own figures; without calls, nobody waited and everything was kept."""
    calls = sum(each.interval.calls for each in day)
    answered = [each.interval.calls * (1 - each.queue.abandonment - each.queue.blocked) for each in day]
    hours = sum(each.agent_hours for each in day)

    def mean(of: Iterable[float], weights: Sequence[float]) -> float:
        return sum(value * weight for value, weight in zip(of, weights)) / (sum(weights) or 1)

    by_calls = [each.interval.calls for each in day]
    return Whole(
        calls=calls,
        agents_max=max((each.agents for each in day), default=0),
        agent_hours=hours,
        position_hours=sum(each.position_hours for each in day),
        service_level=mean((each.queue.service_level(within_s) for each in day), by_calls) if calls else 1.0,
        asa_s=mean((each.queue.asa_s for each in day), answered),
        abandonment=mean((each.queue.abandonment for each in day), by_calls),
        blocked=mean((each.queue.blocked for each in day), by_calls),
        occupancy=mean((each.queue.occupancy for each in day), [each.agent_hours for each in day]),
    )


def open_hours(day: Sequence[Interval]) -> list[Interval]:
    """From the first interval with calls to the last one. Raises ValueError where there are none."""
    busy = [n for n, each in enumerate(day) if each.calls]
    if not busy:
        raise ValueError("no calls are expected on that day")
    return list(day[busy[0] : busy[-1] + 1])


# --- intervals from a file ------------------------------------------------------------------------------------


def read(path: Path, patience_s: float | None = None) -> list[Interval]:
    """The intervals of a CSV with the header time,calls,aht[,patience], in the order of time.

    `time` is when an interval begins (8:30); it lasts until the next, the last as long as the one before it. `aht` and
    `patience` are durations; without that column all callers have `patience_s`. Raises ValueError, naming the line.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return intervals(list(csv.reader(file)), patience_s)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path}: can't be read: {error}") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def intervals(rows: Sequence[Sequence[str]], patience_s: float | None) -> list[Interval]:
    """Raises ValueError, naming the line."""
    lines = [(n, row) for n, row in enumerate(rows, start=1) if any(field.strip() for field in row)]
    if len(lines) < 2:
        raise ValueError("no intervals: a header time,calls,aht[,patience] and at least one line are wanted")
    header = _header(lines[0][1])
    found = [_row(n, dict(zip(header, row)), len(row) == len(header), patience_s) for n, row in lines[1:]]
    return _with_lengths(found, [n for n, _ in lines[1:]])


def _header(row: Sequence[str]) -> list[str]:
    header = [field.strip().lower() for field in row]
    missing = [column for column in COLUMNS if column not in header]
    unknown = [column for column in header if column not in (*COLUMNS, "patience")]
    if missing or unknown or len(set(header)) < len(header):
        raise ValueError(f"line 1: the header is time,calls,aht[,patience], not {','.join(header)}")
    return header


def _row(line: int, row: Mapping[str, str], whole_row: bool, patience_s: float | None) -> Interval:
    if not whole_row:
        raise ValueError(f"line {line}: as many fields are wanted as the header has")
    try:
        return Interval(
            from_s=_clock(row["time"]),
            length_s=0,
            calls=_calls(row["calls"]),
            aht_s=_aht(row["aht"]),
            patience_s=seconds(row["patience"]) if "patience" in row else patience_s,
        )
    except ValueError as error:
        raise ValueError(f"line {line}: {error}") from None


def _clock(written: str) -> int:
    hour, colon, minute = written.strip().partition(":")
    if not colon or not hour.isdecimal() or not minute.isdecimal() or int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"time: {written!r} is no time of the day: write 8:30")
    return int(hour) * 3600 + int(minute) * 60


def _calls(written: str) -> float:
    try:
        calls = float(written)
    except ValueError:
        calls = -1.0
    if not 0 <= calls < float("inf"):
        raise ValueError(f"calls: {written!r} is no number of calls: write 0 or more")
    return calls


def _aht(written: str) -> float:
    aht_s = seconds(written)
    if not aht_s:
        raise ValueError("aht: a call takes longer than 0 s; leave out the calls instead")
    return aht_s


def _with_lengths(found: Sequence[Interval], lines: Sequence[int]) -> list[Interval]:
    """Each lasts until the next begins; the last as long as the one before, the only one until midnight."""
    begins = [each.from_s for each in found]
    for line, before, after in zip(lines[1:], begins, begins[1:]):
        if after <= before:
            raise ValueError(f"line {line}: time: intervals follow each other, each begins later than the one before")
    lengths = [after - before for before, after in pairwise(begins)] or [DAY_S - begins[0]]
    lengths = [*lengths, min(lengths[-1], DAY_S - begins[-1])][: len(found)]
    return [
        Interval(each.from_s, length, each.calls, each.aht_s, each.patience_s) for each, length in zip(found, lengths)
    ]
