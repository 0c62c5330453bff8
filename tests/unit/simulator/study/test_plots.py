import re
from xml.etree import ElementTree

import pytest

from simulator.study.pictures import _edges_s, _gathered
from simulator.study.plots import INKS, Axes, Curve, bars, over_the_day, stacked

HOURS = [f"{hour:02}:00" for hour in range(24)]
CURVE = Curve("平均", "first", [None, 3.0, *[5.0] * 22], [None, 2.0, *[4.0] * 22], [None, 4.0, *[6.0] * 22])
DOTS = Curve("Erlang <A>", "second", [None] * 12 + [4.0] * 12, dots=True)
AXES = Axes('Waits & "<b>"', "时间", "秒", HOURS)


def drawn():
    return [
        over_the_day(AXES, [CURVE, DOTS], ("promised", 4.5)),
        stacked(AXES, [Curve("ready", "ready", [1.0] * 24), Curve("talking", "talking", [None, *[2.0] * 23])]),
        bars(AXES, [Curve("answered", "first", [3.0] * 24)]),
    ]


@pytest.mark.parametrize("svg", drawn(), ids=["day", "stacked", "bars"])
def test_a_plot_is_whole_and_of_the_pages_colours_and_fonts(svg):
    """It is XML, named, has text as text, and leaves no colour but the page's."""
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") == AXES.title
    texts = {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"时间", "秒", "00:00"} <= texts
    assert not re.search(r"#[0-9a-fA-F]{6}\b", svg)
    assert set(re.findall(r"var\(--([a-z-]+)\)", svg)) <= set(INKS)
    assert "font-family" not in svg
    assert "<style" not in svg
    assert not re.search(r"(href|src)=\"(?!#)", svg)


def test_the_same_plot_is_the_same_text():
    assert drawn() == drawn()


def test_a_value_alone_among_missing_ones_is_seen():
    alone = over_the_day(AXES, [Curve("a", "first", [None, 3.0, *[None] * 22])])
    assert alone.count("<use") > over_the_day(AXES, [Curve("a", "first", [3.0] * 24)]).count("<use")


def test_nothing_at_all_can_be_drawn():
    nothing = Curve("a", "first", [None] * 24)
    assert all(
        "<svg" in svg for svg in (over_the_day(AXES, [nothing]), stacked(AXES, [nothing]), bars(AXES, [nothing]))
    )


def test_bars_are_few_and_hold_every_call():
    """Of 600 s in bins of 5 s: nearly all are over in 300 s, so twenty bars of 15 s, and one for all longer."""
    bins = [10.0] * 60 + [0.01] * 61
    edges_s = _edges_s(bins)
    assert edges_s == [15.0 * n for n in range(21)]
    assert _gathered(bins, edges_s)[:2] == [30.0, 30.0]
    assert sum(_gathered(bins, edges_s)) == pytest.approx(sum(bins))
    assert _edges_s([0.0] * 121) == [0.0, 5.0]
