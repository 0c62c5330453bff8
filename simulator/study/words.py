"""A study's words in the reader's language."""

from collections.abc import Mapping
from functools import partial

from simulator.scenarios import Figure, Promise
from simulator.scenarios.values import SHARES
from simulator.study.chinese import CHINESE
from simulator.study.english import ENGLISH
from simulator.study.measures import MEASURES, Measure, Unit
from simulator.study.statistics import Difference, Estimate

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "zh": CHINESE}
NOTHING = "–"


class Words:
    """Says things in one language."""

    def __init__(self, lang: str) -> None:
        self._table = LANGUAGES[lang]
        self.lang = self._table["lang"]

    def __call__(self, key: str, **values: object) -> str:
        return self._table[key].format(**values)

    def formula(self, measure: Measure) -> str:
        return self._table.get(f"formula.{measure.key}", measure.formula)

    def promise(self, promise: Promise) -> str:
        """As `Promise.text`, which is the English of it."""
        if self._table is ENGLISH:
            return promise.text()
        written = partial(_bound, promise.figure)
        bounds = [f"不低于 {written(promise.at_least)}"] if promise.at_least is not None else []
        bounds += [f"不高于 {written(promise.at_most)}"] if promise.at_most is not None else []
        within = "" if promise.within_s is None else f"（{promise.within_s:g} 秒内）"
        return f"{promise.group or self('all')}：{self(promise.figure)}{within}{'且'.join(bounds)}"


def _bound(figure: Figure, bound: float) -> str:
    return f"{100 * bound:g} %" if figure in SHARES else f"{bound:g} s"


def written(unit: Unit, value: float | None) -> str:
    """A figure as people read it: shares in per cent."""
    if value is None:
        return NOTHING
    if unit is Unit.SHARE:
        return f"{100 * value:.1f} %"
    if unit is Unit.SECONDS:
        return f"{value:.1f} s"
    decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 10 or unit is Unit.A_DAY else 2
    return f"{value:,.{decimals}f}"


def plus_minus(key: str, estimate: Estimate) -> str:
    """The figure and half its interval: "83.1 % ± 0.4"."""
    unit = MEASURES[key].unit
    if estimate.half_width is None:
        return written(unit, estimate.value)
    return f"{written(unit, estimate.value)} ± {bare(unit, estimate.half_width)}"


def bare(unit: Unit, value: float) -> str:
    """Without the unit."""
    return written(unit, value).removesuffix(" %").removesuffix(" s")


def from_to(key: str, estimate: Estimate) -> str:
    """The interval: "82.7 .. 83.5 %"."""
    unit = MEASURES[key].unit
    return "" if estimate.low is None else f"{bare(unit, estimate.low)} .. {written(unit, estimate.high)}"


def changed(key: str, found: Difference) -> str:
    """A difference with its sign and half its interval; of shares in points."""
    if found.value is None:
        return NOTHING
    unit = MEASURES[key].unit
    sign = "+" if found.value > 0 else ""
    half = "" if found.half_width is None else f" ± {bare(unit, found.half_width)}"
    return f"{sign}{written(unit, found.value).removesuffix(' %')}{half}{' *' if found.is_sure else ''}"
