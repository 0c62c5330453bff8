import pytest

from simulator.erlang.day import Interval, intervals, open_hours, read, staffed, whole
from simulator.erlang.inverses import Target

EIGHTY_TWENTY = Target(service_level=0.8, within_s=20)
HEADER = ["time", "calls", "aht"]


def test_a_day_is_staffed_interval_by_interval():
    """Half hours of 10, 20 and no erlangs."""
    day = [Interval(28_800 + 1800 * n, 1800, calls, 180) for n, calls in enumerate((100, 200, 0))]
    found = staffed(day, "c", EIGHTY_TWENTY, 0.3)
    assert [(each.agents, each.positions) for each in found] == [(14, 20), (24, 35), (0, 0)]
    assert [each.interval.clock for each in found] == ["08:00", "08:30", "09:00"]


def test_the_whole_day_is_weighted_by_where_calls_and_agents_are():
    found = staffed([Interval(0, 1800, 100, 180), Interval(1800, 1800, 200, 180)], "c", EIGHTY_TWENTY, 0.3)
    day = whole(found, 20)
    quiet, busy = (each.queue for each in found)
    assert (day.calls, day.agents_max, day.agent_hours, day.position_hours) == (300, 24, 19, 27.5)
    assert day.service_level == pytest.approx((quiet.service_level(20) + 2 * busy.service_level(20)) / 3)
    assert day.asa_s == pytest.approx((quiet.asa_s + 2 * busy.asa_s) / 3)
    assert day.occupancy == pytest.approx((10 + 20) / (14 + 24))


def test_a_day_without_calls_keeps_everything():
    day = whole(staffed([Interval(0, 1800, 0, 180)], "c", EIGHTY_TWENTY, 0), 20)
    assert (day.service_level, day.asa_s, day.agent_hours, day.occupancy) == (1, 0, 0, 0)


def test_a_file_is_read(tmp_path):
    path = tmp_path / "day.csv"
    path.write_text("\ufefftime, Calls ,AHT,patience\n8:00,100,3m,90\n\n8:30,200.5,180,2m\n9:30,0,200s,60\n")
    assert read(path) == [
        Interval(28_800, 1800, 100, 180, 90),
        Interval(30_600, 3600, 200.5, 180, 120),
        Interval(34_200, 3600, 0, 200, 60),
    ]


def test_everybody_s_patience_where_the_file_has_none():
    [one] = intervals([HEADER, ["23:00", "5", "60"]], patience_s=30)
    assert one == Interval(82_800, 3600, 5, 60, 30)


def test_the_last_interval_ends_at_midnight():
    found = intervals([HEADER, ["20:00", "5", "60"], ["23:00", "5", "60"]], None)
    assert [each.length_s for each in found] == [10_800, 3600]


def test_open_hours_leave_out_the_night():
    day = [Interval(n, 1, calls, 60) for n, calls in enumerate((0, 3, 0, 2, 0))]
    assert [each.calls for each in open_hours(day)] == [3, 0, 2]
    with pytest.raises(ValueError, match="no calls are expected"):
        open_hours(day[:1])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "no intervals: a header"),
        ([HEADER], "no intervals: a header"),
        ([["time", "calls"], ["8:00", "1"]], r"line 1: the header is time,calls,aht\[,patience\], not time,calls"),
        ([[*HEADER, "aht"], ["8:00", "1", "2", "3"]], "line 1: the header is"),
        ([[*HEADER, "shrink"], ["8:00", "1", "2", "3"]], "line 1: the header is"),
        ([HEADER, ["8:00", "1"]], "line 2: as many fields"),
        ([HEADER, ["24:00", "1", "60"]], "line 2: time: '24:00' is no time of the day: write 8:30"),
        ([HEADER, ["8", "1", "60"]], "line 2: time: '8' is no time"),
        ([HEADER, ["8:00", "-1", "60"]], "line 2: calls: '-1' is no number of calls"),
        ([HEADER, ["8:00", "nan", "60"]], "line 2: calls: 'nan' is no number of calls"),
        ([HEADER, ["8:00", "1", "x"]], "line 2: 'x' is no duration"),
        ([HEADER, ["8:00", "1", "0"]], "line 2: aht: a call takes longer than 0 s"),
        ([HEADER, ["8:00", "1", "60"], [], ["7:30", "1", "60"]], "line 4: time: intervals follow each other"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(rows, says):
    with pytest.raises(ValueError, match=says):
        intervals(rows, None)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match=r"none.csv: can't be read"):
        read(tmp_path / "none.csv")


def test_an_interval_that_can_not_be_staffed_is_named():
    with pytest.raises(ValueError, match=r"^at 08:00: Erlang A needs the callers' mean patience"):
        staffed([Interval(28_800, 1800, 100, 180)], "a", EIGHTY_TWENTY, 0)
