import pytest

from simulator.erlang.units import duration, seconds, share


@pytest.mark.parametrize(
    ("written", "meant"), [("180", 180), ("90s", 90), ("30m", 1800), ("1.5 h", 5400), ("2min", 120), (".5", 0.5)]
)
def test_durations(written, meant):
    assert seconds(written) == meant


@pytest.mark.parametrize(("written", "meant"), [("80", 0.8), ("80%", 0.8), (".85", 0.85), ("1%", 0.01), ("100", 1)])
def test_shares(written, meant):
    assert share(written) == meant


@pytest.mark.parametrize("written", ["", "ten", "-3", "3x", "1h30"])
def test_what_is_no_duration(written):
    with pytest.raises(ValueError, match="is no duration: write seconds, or 90s, 30m, 1h"):
        seconds(written)


@pytest.mark.parametrize(
    ("written", "says"),
    [("1", "1 may mean 1 % or all"), ("120", "more than all"), ("-5", "no share"), ("x", "no share")],
)
def test_what_is_no_share(written, says):
    with pytest.raises(ValueError, match=says):
        share(written)


@pytest.mark.parametrize(("given", "shown"), [(3.62, "3.6 s"), (45, "45 s"), (180, "3.0 min"), (9000, "2.5 h")])
def test_shown(given, shown):
    assert duration(given) == shown
