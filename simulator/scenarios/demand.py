"""Who calls: from the tables of a file to arrivals and kinds of callers."""

from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from acd.errors import JournalDamaged
from acd.events import CallArrived
from acd.hours import MINUTE_MS
from acd.ids import Instant
from acd.journal import read
from simulator.arrivals import Arrivals, Burst, Piecewise, Rated, Recorded, Uncertain
from simulator.kinds import Kind
from simulator.scenarios.errors import ScenarioError
from simulator.scenarios.sections import BurstSettings, CallersSettings, DemandSettings, ScenarioFile
from simulator.scenarios.times import ByTime, in_a_day, minute_of_day
from simulator.scenarios.wall import wall

ALL_DAY = {0: 1.0}


def arrivals(file: ScenarioFile) -> dict[str, Arrivals]:
    """When the calls of each entry point come. Raises ScenarioError for a journal that doesn't tell it."""
    return {each.entry: _arrivals(each, file) for each in file.demand}


def _arrivals(demand: DemandSettings, file: ScenarioFile) -> Arrivals:
    if demand.journal is not None:
        return _recorded(Path(demand.journal), demand.entry, file)
    rates = tuple((minute * MINUTE_MS, per_h) for minute, per_h in _per_h(demand).items())
    expected = reduce(_burst, demand.bursts, cast(Rated, Piecewise(rates)))
    return Uncertain(expected, demand.day_to_day) if demand.day_to_day else expected


def _per_h(demand: DemandSettings) -> ByTime:
    if demand.calls_per_day is None:
        assert demand.calls_per_h is not None
        return demand.calls_per_h
    shape = demand.shape or ALL_DAY
    factor = demand.calls_per_day / in_a_day(shape)
    return {minute: factor * amount for minute, amount in shape.items()}


def _burst(base: Rated, burst: BurstSettings) -> Rated:
    return Burst(base, minute_of_day(burst.at) * MINUTE_MS, round(burst.for_min * MINUTE_MS), burst.times)


def _recorded(path: Path, entry: str, file: ScenarioFile) -> Recorded:
    """At the recorded times of the day: the day on which the record begins is the scenario's first."""
    try:
        first, came = _read(path, entry)
    except FileNotFoundError:
        raise ScenarioError(f"{path}: there is no such journal of the calls to {entry!r}") from None
    except JournalDamaged as error:
        raise ScenarioError(f"the journal of the calls to {entry!r} can't be read: {error}") from None
    if not came:
        raise ScenarioError(f"{path}: holds no call to {entry!r}")
    zone = ZoneInfo(file.zone)
    later = file.begins.date() - _local(first, zone).date()
    return Recorded(tuple(sorted(wall(_local(at, zone) + later) for at in came)))


def _read(path: Path, entry: str) -> tuple[Instant, list[Instant]]:
    """When the journal begins, and the calls came."""
    first: Instant | None = None
    came: list[Instant] = []
    for line in read(path):
        first = line.at if first is None else first
        if isinstance(line.item, CallArrived) and line.item.entry == entry and line.item.waiting_since is None:
            came.append(line.at)
    return first or Instant(0), came


def _local(at: Instant, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(at / 1000, zone).replace(tzinfo=None)


def kinds(file: ScenarioFile) -> dict[str, Kind]:
    """How the callers of an entry point differ, where they do."""
    own = {each.entry: dict(_given(each)) for each in file.demand}
    return {entry: Kind(**given) for entry, given in own.items() if given}


def _given(demand: DemandSettings) -> Iterator[tuple[str, Any]]:
    """Who called again in a journal is there already."""
    if demand.journal is not None:
        yield "retry_probability", 0.0
    for key in CallersSettings.model_fields:
        if (value := getattr(demand, key)) is not None:
            yield key, value
