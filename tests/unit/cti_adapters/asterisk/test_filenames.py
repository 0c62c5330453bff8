"""How recordings' files are called."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.cti_adapters.asterisk.filenames import LENGTH_MAX, plain, recording_path
from acd.events import CallArrived
from acd.ids import AgentId, CallId, GroupId
from acd.settings import RecordingSettings

AT = datetime(2026, 11, 22, 4, 30, 5)
CALL, GROUP, AGENT = CallId("1763760000.16"), GroupId("sales"), AgentId("ana")
ARRIVAL = CallArrived(CALL, "8001", "+8613800000001")
SAFE = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+@=_.-")


def path(settings: RecordingSettings, arrival: CallArrived | None = ARRIVAL) -> str:
    return recording_path(settings, AT, CALL, GROUP, AGENT, arrival)


def test_the_default_is_by_day_and_group() -> None:
    assert path(RecordingSettings()) == "2026-11-22/sales/043005-1763760000.16.wav"


def test_every_field() -> None:
    file = "{year}/{month}/{day}/{agent}/{caller_number}_{entry}_{call}"
    settings = RecordingSettings(folder="/srv/calls", file=file, format="gsm")
    assert path(settings) == "/srv/calls/2026/11/22/ana/+8613800000001_8001_1763760000.16.gsm"


def test_what_is_not_known() -> None:
    """A caller without a number; a call that was in talk when the daemon came."""
    settings = RecordingSettings(file="{caller_number}-{entry}-{call}")
    assert path(settings, CallArrived(CALL, "8001")) == "unknown-8001-1763760000.16.wav"
    assert path(settings, None) == "unknown-unknown-1763760000.16.wav"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("..", "_."),
        ("../../etc/passwd", "_._.._etc_passwd"),
        (".hidden", "_hidden"),
        ("a,b|c^d(e)${f}", "a_b_c_d_e___f_"),
        ("张三", "__"),
        ("a\nb\0", "a_b_"),
        ("", "unknown"),
    ],
)
def test_what_could_mean_something_else_is_replaced(value: str, expected: str) -> None:
    assert plain(value) == expected


@given(st.text(), st.text())
def test_nothing_leads_out_of_the_folder(number: str, entry: str) -> None:
    """Whatever a caller sends."""
    settings = RecordingSettings(file="{caller_number}/{entry}/{call}")
    parts = path(settings, CallArrived(CALL, entry, number)).split("/")
    assert len(parts) == 3
    for part in parts:
        assert set(part) <= SAFE
        assert part[0] != "."
        assert len(part) <= LENGTH_MAX
