from string import Formatter

import pytest

from simulator.scenarios import Figure, Promise
from simulator.scenarios.values import SHARES
from simulator.study.findings import CALLERS, Verdict
from simulator.study.measures import MEASURES, Unit
from simulator.study.statistics import Difference, Estimate
from simulator.study.words import LANGUAGES, Words, changed, from_to, plus_minus, written


def braces(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_both_languages_say_the_same_things():
    english, chinese = LANGUAGES["en"], LANGUAGES["zh"]
    assert {key for key in chinese if not key.startswith("formula.")} == set(english)
    for key, text in english.items():
        assert braces(text) == braces(chinese[key]), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_and_verdict_has_a_name(lang):
    words = Words(lang)
    for key in (*MEASURES, *CALLERS, *Verdict):
        assert words(key)


def test_every_formula_is_there_in_chinese():
    assert {f"formula.{key}" for key in MEASURES} == {key for key in LANGUAGES["zh"] if key.startswith("formula.")}


def test_whatever_can_be_promised_is_a_figure_of_studies():
    assert set(Figure) <= set(MEASURES)
    assert {each for each in Figure if MEASURES[each].unit is Unit.SHARE} == set(SHARES)


def test_a_promise_in_both_languages():
    promise = Promise(Figure.SERVICE_LEVEL, "desk", at_least=0.8, within_s=20)
    assert Words("en").promise(promise) == promise.text() == "desk: at least 80 % answered within 20 s"
    assert Words("zh").promise(promise) == "desk：服务水平（20 秒内）不低于 80 %"
    both = Promise(Figure.OCCUPANCY, at_least=0.6, at_most=0.85)
    assert Words("zh").promise(both) == "全部：工时利用率不低于 60 %且不高于 85 %"


def test_figures_as_people_read_them():
    assert written(Unit.SHARE, 0.8312) == "83.1 %"
    assert written(Unit.SECONDS, None) == "–"
    assert written(Unit.A_DAY, 12_345.6) == "12,346"
    assert written(Unit.NUMBER, 0.123) == "0.12"
    assert plus_minus("service_level", Estimate(0.831, 0.004)) == "83.1 % ± 0.4"
    assert plus_minus("mean_wait_s", Estimate(8.0)) == "8.0 s"
    assert from_to("mean_wait_s", Estimate(8.0, 9.0)) == "0.0 .. 17.0 s"
    assert from_to("service_level", Estimate(0.99, 0.02, most=1)) == "97.0 .. 100.0 %"
    assert changed("service_level", Difference(-0.05, 0.01, 0.02)) == "-5.0 ± 1.0 *"
    assert changed("mean_wait_s", Difference(0.5, 1.0, 2.0)) == "+0.5 s ± 1.0"
