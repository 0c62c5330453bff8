"""Who calls: rates by the clock on the wall, bursts, days that differ, and recorded calls."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.events import CallArrived, Event
from acd.ids import CallId, Instant
from simulator.arrivals import Burst, Piecewise, Recorded, Uncertain
from simulator.distributions import Constant, Exponential
from simulator.kinds import Kind
from simulator.scenarios import Scenario, ScenarioError, load
from tests.unit.journals import Diary
from tests.unit.simulator.scenarios.files import text, written

H_MS = 3_600_000
HOW_MANY = 'calls_per_day = 240\nshape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }'


def demand(folder: Path, described: str) -> Scenario:
    return load(written(folder, text((HOW_MANY, described))))


def test_calls_of_a_day_follow_the_shape(tmp_path: Path) -> None:
    """Four hours of two parts and six of one: 240 calls are 14 parts."""
    part = 240 / 14
    assert demand(tmp_path, HOW_MANY).people.arrivals == {
        "8001": Piecewise(((8 * H_MS, 2 * part), (12 * H_MS, part), (18 * H_MS, 0.0)))
    }


def test_calls_of_a_day_without_a_shape_come_evenly(tmp_path: Path) -> None:
    assert demand(tmp_path, "calls_per_day = 240").people.arrivals == {"8001": Piecewise(((0, 10.0),))}


def test_calls_an_hour_are_by_time_or_always_the_same(tmp_path: Path) -> None:
    assert demand(tmp_path, "calls_per_h = 12").people.arrivals == {"8001": Piecewise(((0, 12),))}
    by_time = demand(tmp_path, 'calls_per_h = { "08:30" = 40, "18:00" = 2 }').people.arrivals
    assert by_time == {"8001": Piecewise(((8 * H_MS + H_MS // 2, 40), (18 * H_MS, 2)))}


def test_bursts_and_the_spread_of_days_come_on_top(tmp_path: Path) -> None:
    described = 'calls_per_h = 12\nday_to_day = 0.1\nbursts = [{ at = "15:00", for_min = 10, times = 4 }]'
    expected = Uncertain(Burst(Piecewise(((0, 12),)), 15 * H_MS, 600_000, 4), 0.1)
    assert demand(tmp_path, described).people.arrivals == {"8001": expected}


def test_bursts_alone_come_too(tmp_path: Path) -> None:
    described = 'calls_per_h = 12\nbursts = [{ at = "15:00", for_min = 10, times = 4 }]'
    expected = Burst(Piecewise(((0, 12),)), 15 * H_MS, 600_000, 4)
    assert demand(tmp_path, described).people.arrivals == {"8001": expected}


def test_callers_are_as_everybody_where_nothing_else_is_said(tmp_path: Path) -> None:
    assert demand(tmp_path, "calls_per_h = 12").people.callers == {}
    own = demand(tmp_path, "calls_per_h = 12\ntalk_s = { exponential = 300 }\nwrap_up_s = 5\nvip_share = 0.5")
    assert own.people.callers == {"8001": Kind(talk_s=Exponential(300), wrap_up_s=Constant(5), vip_share=0.5)}


# --- recorded calls ---------------------------------------------------------------------------------------------------


def shanghai(text: str) -> Instant:
    return Instant(round(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1000))


def journal(folder: Path) -> Path:
    """Of a Tuesday and the morning after: three calls to 8001, one of them told again, one to another number."""
    path = folder / "day.jsonl"
    diary = Diary(path, now=shanghai("2025-11-11T00:10"))
    again = CallArrived(CallId("c1"), "8001", waiting_since=shanghai("2025-11-11T09:00"))
    steps: list[tuple[Instant, Event]] = [
        (shanghai("2025-11-11T09:00"), CallArrived(CallId("c1"), "8001")),
        (shanghai("2025-11-11T09:01"), again),
        (shanghai("2025-11-11T09:30"), CallArrived(CallId("c2"), "8002")),
        (shanghai("2025-11-11T21:15"), CallArrived(CallId("c3"), "8001")),
        (shanghai("2025-11-12T07:00"), CallArrived(CallId("c4"), "8001")),
    ]
    diary.write(steps).close()
    return path


def test_recorded_calls_come_at_their_times_of_the_scenarios_days(tmp_path: Path) -> None:
    journal(tmp_path)
    scenario = demand(tmp_path, 'journal = "day.jsonl"')
    hours = (9, 21.25, 31)
    expected = Recorded(tuple(Instant(scenario.begin + round(hour * H_MS)) for hour in hours))
    assert scenario.people.arrivals == {"8001": expected}


def test_who_called_again_is_in_the_journal_already(tmp_path: Path) -> None:
    journal(tmp_path)
    assert demand(tmp_path, 'journal = "day.jsonl"').people.callers == {"8001": Kind(retry_probability=0)}
    again = demand(tmp_path, 'journal = "day.jsonl"\nretry_probability = 0.5')
    assert again.people.callers == {"8001": Kind(retry_probability=0.5)}


def test_a_journal_has_no_spread_and_no_bursts(tmp_path: Path) -> None:
    journal(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        demand(tmp_path, 'journal = "day.jsonl"\nday_to_day = 0.1')
    assert str(caught.value).endswith(
        "demand.0: day_to_day and bursts have no effect on a journal, whose calls come as they did"
    )


def test_a_journal_without_such_calls_is_told(tmp_path: Path) -> None:
    Diary(tmp_path / "day.jsonl").close()
    with pytest.raises(ScenarioError) as caught:
        demand(tmp_path, 'journal = "day.jsonl"')
    assert str(caught.value).endswith(f"demand.0.journal: {tmp_path}/day.jsonl holds no call to '8001'")


def test_a_damaged_journal_is_told(tmp_path: Path) -> None:
    path = journal(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"c3"', b'"c5"'))
    with pytest.raises(ScenarioError, match=r"demand\.0\.journal: can't be read: .*day\.jsonl, line 5"):
        demand(tmp_path, 'journal = "day.jsonl"')
