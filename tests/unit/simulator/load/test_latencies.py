"""Percentiles are exact; a push is known from two sides, either first."""

from simulator.load.latencies import LATE_S, Delays, Pushes, delays


def test_percentiles_are_values_that_so_many_dont_exceed() -> None:
    assert delays(range(1, 1001)) == Delays(1000, 500, 990, 999, 1000)
    assert delays([7.0]) == Delays(1, 7.0, 7.0, 7.0, 7.0)


def test_without_values_all_figures_are_nought() -> None:
    assert delays([]) == Delays(0, 0, 0, 0, 0)


def test_a_push_is_counted_once_whichever_side_is_heard_first() -> None:
    pushes = Pushes()
    pushes.seen([("c1", "1", 10.25)])
    pushes.said([("c1", "1", 10.0), ("c2", "1", 11.0)])
    assert pushes.collect() == [250.0]
    pushes.seen([("c2", "1", 11.5)])
    assert pushes.collect() == [500.0]
    assert pushes.collect() == []


def test_a_push_that_never_comes_is_late_once() -> None:
    pushes = Pushes()
    pushes.said([("c1", "1", 10.0), ("c2", "1", 11.0)])
    assert pushes.late(10.5 + LATE_S) == 1
    assert pushes.late(10.5 + LATE_S) == 0
    assert pushes.late(20.0) == 1
