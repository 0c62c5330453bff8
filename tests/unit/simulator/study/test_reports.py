"""The reports of studies made by hand: their figures, in the terminal, in the page and for machines."""

import re
from html import unescape
from io import StringIO

import pytest
from rich.console import Console

from simulator.scenarios import Figure, Promise
from simulator.study import record
from simulator.study.comparing import Comparison
from simulator.study.page import page_of_comparison, page_of_study
from simulator.study.terminal import show, show_comparison
from simulator.study.words import LANGUAGES, Words
from tests.unit.simulator.study.making import a_scenario, a_study, counts

PROMISES = (
    Promise(Figure.SERVICE_LEVEL, at_least=0.5, within_s=20),
    Promise(Figure.ABANDONMENT, "desk", at_most=0.05),
)
MANY = [counts(80, 60, 20), counts(90, 81, 10), counts(70, 63, 20)]


@pytest.fixture
def study(tmp_path):
    """Of 580 calls 480 answered, 408 of them in time, 100 abandoned later; twice 3 hours."""
    return a_study(a_scenario(tmp_path, *PROMISES), MANY)


@pytest.fixture
def comparison(study, tmp_path):
    other = a_study(a_scenario(tmp_path, *PROMISES), [counts(60, 40, 40), counts(70, 61, 30), counts(50, 43, 40)])
    return Comparison("acd sim compare a b", study, other)


def rows(page, id_):
    """The cells of a table of the page, row by row."""
    table = re.search(rf'<table id="{id_}">(.*?)</table>', page, re.DOTALL).group(1)
    found = [
        re.findall(r"<t[dh]>(.*?)</t[dh]>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
    ]
    return {unescape(row[0]): [unescape(cell) for cell in row[1:]] for row in found}


# The service level: 120/200, 162/200, 126/180. Without each 288/380, 246/380, 282/400, whose squared distances from
# their mean sum to .0061118; times 2/3, root, times t = 4.3027: .2747.
GOLDEN = {
    "calls offered": ["193.3", "164.6 .. 222.0"],
    "answered": ["160.0", "110.3 .. 209.7"],
    "abandoned": ["33.3", "4.6 .. 62.0"],
    "service level": ["70.3 %", "42.9 .. 97.8 %"],
    "answered by people": ["82.8 %", "66.4 .. 99.1 %"],
    "abandonment": ["17.2 %", "0.9 .. 33.6 %"],
    "mean wait (ASA)": ["10.0 s", "10.0 .. 10.0 s"],
    "occupancy": ["50.0 %", "50.0 .. 50.0 %"],
    "talking": ["1.00", "1.00 .. 1.00"],
}


def test_the_figures_of_the_page(study):
    found = rows(page_of_study(study, Words("en")), "day")
    assert {name: found[name][:2] for name in GOLDEN} == GOLDEN
    assert found["service level"][2] == "answered within T / (answered + abandoned after T)"
    assert found["calls blocked: no line free"][0] == "1.0"
    assert "refused" not in found, "nobody was"


def test_the_terminal_says_what_the_page_says(study):
    console = Console(file=StringIO(), width=140)
    show(study, Words("en"), console)
    said = " ".join(console.file.getvalue().split())
    for name, cells in GOLDEN.items():
        assert " ".join([name, *cells]) in said
    assert "desk: at most 5 % abandoned 17.2 % ± 16.3 not sure" in said
    assert "all: at least 50 % answered within 20 s 70.3 % ± 27.5 not sure" in said


def test_the_record_has_the_same_in_full(study):
    found = record.of_study(study)
    level = found["all"]["day"]["service_level"]
    assert level["value"] == 408 / 580
    assert (round(level["low"], 4), round(level["high"], 4)) == (0.4288, 0.9781)
    assert found["groups"]["desk"]["day"]["service_level"] == level
    assert found["all"]["intervals"][1]["offered"]["value"] == 580 / 6
    assert found["promises"][1] | {"low": None, "high": None} == {
        "text": "desk: at most 5 % abandoned",
        "figure": "abandonment",
        "group": "desk",
        "at_least": None,
        "at_most": 0.05,
        "within_s": None,
        "verdict": "not sure",
        "value": 100 / 580,
        "low": None,
        "high": None,
    }
    assert found["callers"] == {"made": 0, "repeated": 0, "blocked": 1.0}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_one_file_that_loads_nothing(study, comparison, lang):
    for page in (page_of_study(study, Words(lang)), page_of_comparison(comparison, Words(lang))):
        assert not re.search(r"<(script|link(?! rel=\"icon\" href=\"data:,\")|img|iframe|object)", page)
        assert not re.search(r"(src|href)=\"(?!#|data:)", page)
        assert "@import" not in page
        assert "url(http" not in page
        assert "Content-Security-Policy" in page


def test_what_a_scenario_says_is_text_and_nothing_else(study):
    page = page_of_study(study, Words("en"))
    assert "Made &amp; &lt;b&gt;hand&lt;/b&gt;" in page
    assert "<b>hand" not in page


def test_every_plot_is_there_and_of_each_group_where_there_are_several(study, tmp_path):
    plots = ["service_level", "mean_wait_s", "queue", "agents", "waits"]
    assert re.findall(r'data-plot="(\w+)"', page_of_study(study, Words("en"))) == plots
    two = a_study(a_scenario(tmp_path, groups=("desk", "other")), MANY)
    assert re.findall(r'data-plot="(\w+)"', page_of_study(two, Words("en"))) == plots * 3


def test_a_comparison_has_both_and_the_difference(comparison):
    """In every replication 20 fewer answered an hour: exactly 40 a day, and infinitely narrower than apart."""
    page = page_of_comparison(comparison, Words("en"))
    found = [re.findall(r"<td>(.*?)</td>", row) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]
    by_name = {row[1]: row[2:] for row in found if len(row) == 6}
    assert by_name["answered"] == ["160.0 ± 49.7", "120.0 ± 49.7", "-40.0 ± 0.0 *", "–"]
    assert by_name["calls offered"][2] == "equal in every replication"
    assert by_name["mean wait (ASA)"][2] == "equal in every replication"
    console = Console(file=StringIO(), width=140)
    show_comparison(comparison, Words("en"), console)
    assert "answered 160.0 120.0 -40.0 ± 0.0 *" in " ".join(console.file.getvalue().split())
    differs = record.of_comparison(comparison)["differences"]["groups"]["desk"]["answered"]
    assert (differs["value"], differs["low"], differs["high"], differs["sure"]) == (-40, -40, -40, True)
    assert differs["unpaired_half_width"] > 30


def test_one_replication_shows_no_interval_and_says_why(tmp_path):
    page = page_of_study(a_study(a_scenario(tmp_path), MANY[:1]), Words("en"))
    assert "±" not in page
    assert "One replication has no confidence interval" in page
