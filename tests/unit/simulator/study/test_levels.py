from random import Random

from acd.ids import Instant
from simulator.study.levels import Calendar, Level

DAYS = Calendar(begin=Instant(1000), end=Instant(1000 + 2 * 100), day_ms=100, interval_ms=40)


def test_a_day_has_intervals_and_perhaps_a_shorter_one_at_its_end():
    assert (DAYS.days, DAYS.intervals) == (2, 3)
    assert [DAYS.length_ms(n) for n in range(3)] == [40, 40, 20]
    assert [DAYS.interval(at) for at in (1000, 1039, 1040, 1099, 1100, 1199)] == [0, 0, 1, 2, 0, 2]
    assert [DAYS.after(at) for at in (1000, 1039, 1040, 1080, 1099, 1100)] == [1040, 1040, 1080, 1100, 1100, 1140]
    assert [DAYS.holds(at) for at in (999, 1000, 1199, 1200)] == [False, True, True, False]


def test_a_level_by_hand():
    """1 from before the beginning; 3 in 1030-1050; 1 until 1110; 0 to the end."""
    level = Level(DAYS)
    for at, by in ((500, 1), (1030, 2), (1050, -2), (1110, -1), (1300, 5)):
        level.change(by, at)
    level.close()
    assert level.sums_ms == [30 + 30 + 10, 30 + 30, 20]
    assert level.maxima == [3, 3, 1]


def test_what_does_not_last_is_no_maximum():
    level = Level(DAYS)
    level.change(1, 1010)
    level.change(-1, 1010)
    level.close()
    assert level.maxima == [0, 0, 0]


def test_any_changes_give_what_counting_each_millisecond_gives():
    for seed in range(50):
        rng, level = Random(seed), Level(DAYS)
        changes = sorted((rng.randrange(950, 1250), rng.randrange(-2, 3)) for _ in range(12))
        for at, by in changes:
            level.change(by, at)
        level.close()
        sums, maxima = [0, 0, 0], [0, 0, 0]
        for ms in range(1000, 1200):
            now, n = sum(by for at, by in changes if at <= ms), DAYS.interval(ms)
            sums[n] += now
            maxima[n] = max(maxima[n], now)
        assert level.sums_ms == sums
        assert level.maxima == maxima
