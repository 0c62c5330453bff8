"""Which plots a report has, and what is in each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from acd.agents import AgentState
from acd.ids import GroupId
from simulator.scenarios import Figure
from simulator.study.counts import BIN_MS, BINS
from simulator.study.erlang import Against, against
from simulator.study.findings import Study, clock
from simulator.study.plots import Axes, Curve, bars, over_the_day, stacked
from simulator.study.record import waits
from simulator.study.statistics import Estimate
from simulator.study.words import Words

AT_WORK = (
    AgentState.TALKING,
    AgentState.RINGING,
    AgentState.WRAP_UP,
    AgentState.READY,
    AgentState.NOT_READY,
)
"""From the ground up: first what calls take."""
BARS_MAX = 24
SHOWN_SHARE = 0.995
"""Of all waits those that have bars of their own; the rest share the last."""


@dataclass(frozen=True, slots=True)
class Picture:
    key: str
    title: str
    svg: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the studies that share a plot, and its colour there."""

    study: Study
    ink: str
    name: str


def of_study(study: Study, words: Words, group: GroupId | None = None) -> list[Picture]:
    """All five; of all calls or of a group's."""
    side = Side(study, "first", words("legend.mean"))
    album = _Album([side], words, group)
    return [album.service_level(), album.wait(), album.queue(), album.agents(side), album.waits(side)]


def of_comparison(first: Study, second: Study, words: Words, group: GroupId | None = None) -> list[Picture]:
    """The curves of both in one; agents and waits apart."""
    a, b = Side(first, "first", "A"), Side(second, "second", "B")
    album = _Album([a, b], words, group)
    each = [draw(side) for draw in (album.agents, album.waits) for side in (a, b)]
    return [album.service_level(), album.wait(), album.queue(), *each]


class _Album:
    def __init__(self, sides: Sequence[Side], words: Words, group: GroupId | None) -> None:
        self._sides, self._words, self._group = sides, words, group
        study = sides[0].study
        self._times = [clock(study.scenario, n) for n in range(study.intervals)]
        self._within_s = study.within_ms[0] / 1000
        steady = against(study) if len(sides) == 1 else None
        self._erlang = steady if isinstance(steady, Against) else None

    def service_level(self) -> Picture:
        title, up = self._title("service_level", t=self._within_s), self._words("axis.percent")
        curves = [*self._curves("service_level", 100), *self._steady("service_level", 100)]
        level = self._promised()
        return Picture("service_level", title, over_the_day(self._axes(title, up, 102), curves, level))

    def wait(self) -> Picture:
        title, up = self._title("mean_wait_s"), self._words("axis.seconds")
        curves = [*self._curves("mean_wait_s", 1), *self._steady("mean_wait_s", 1)]
        return Picture("mean_wait_s", title, over_the_day(self._axes(title, up), curves))

    def queue(self) -> Picture:
        title, up = self._title("queue"), self._words("axis.calls")
        curves = list(self._curves("queue_mean", 1))
        if len(self._sides) == 1:
            most = self._values(self._sides[0].study, "queue_max")
            curves.append(_curve(self._words("legend.max"), "third", most, 1))
        return Picture("queue", title, over_the_day(self._axes(title, up), curves))

    def agents(self, side: Side) -> Picture:
        title, up = self._title("agents", side=side), self._words("axis.agents")
        layers = [self._layer(side.study, state) for state in AT_WORK]
        return Picture("agents", title, stacked(self._axes(title, up), layers))

    def waits(self, side: Side) -> Picture:
        title = self._title("waits", side=side)
        found = waits(side.study, self._group)
        edges_s = _edges_s([a + b for a, b in zip(found["answered"], found["abandoned"])])
        layers = [
            Curve(self._words(kind), ink, _gathered(found[kind], edges_s))
            for kind, ink in (("answered", "first"), ("abandoned", "bad"))
        ]
        labels = [f"{edge:g}" for edge in edges_s[:-1]] + [f"≥{edges_s[-1]:g}"]
        axes = Axes(title, self._words("axis.seconds"), self._words("axis.calls a day"), labels)
        return Picture("waits", title, bars(axes, layers))

    def _title(self, key: str, side: Side | None = None, **values: float) -> str:
        whose: list[str] = [] if self._group is None else [self._group]
        whose += [side.name] if side is not None and len(self._sides) > 1 else []
        return " · ".join([self._words(f"plot.{key}", **values), *whose])

    def _axes(self, title: str, up: str, top: float | None = None) -> Axes:
        return Axes(title, self._words("axis.time"), up, self._times, top)

    def _curves(self, key: str, times: float) -> Iterable[Curve]:
        for side in self._sides:
            yield _curve(side.name, side.ink, self._values(side.study, key), times)

    def _values(self, study: Study, key: str) -> list[Estimate]:
        return [study.interval(key, n, self._group) for n in range(study.intervals)]

    def _layer(self, study: Study, state: AgentState) -> Curve:
        key = f"agents_{state.replace('-', '_')}"
        return _curve(self._words(key), str(state), self._values(study, key), 1)

    def _steady(self, key: str, times: float) -> Iterable[Curve]:
        if self._erlang is not None:
            values = [None if each is None else times * float(getattr(each, key)) for each in self._erlang.intervals]
            yield Curve(self._words("legend.erlang"), "second", values, dots=True)

    def _promised(self) -> tuple[str, float] | None:
        """The line that the service level is to keep above, where one is promised."""
        for promise in self._sides[0].study.scenario.promises:
            is_it = promise.figure is Figure.SERVICE_LEVEL and promise.within_s == self._within_s
            if is_it and promise.group == self._group and promise.at_least is not None:
                return self._words("legend.promise"), 100 * promise.at_least
        return None


def _curve(name: str, ink: str, found: Sequence[Estimate], times: float) -> Curve:
    values, lows, highs = (
        [None if value is None else times * value for value in side]
        for side in ([each.value for each in found], [each.low for each in found], [each.high for each in found])
    )
    return Curve(name, ink, values, lows, highs)


def _edges_s(bins: Sequence[float]) -> list[float]:
    """Where the bars begin: as many bins to each as make them few, up to where nearly all waits are over."""
    shown, together = 1, bins[0]
    while shown < BINS and together < SHOWN_SHARE * sum(bins):
        together += bins[shown]
        shown += 1
    each = ceil(shown / BARS_MAX)
    return [n * each * BIN_MS / 1000 for n in range(ceil(shown / each) + 1)]


def _gathered(bins: Sequence[float], edges_s: Sequence[float]) -> list[float]:
    """The bins, a bar from each edge on."""
    begins = [round(edge * 1000 / BIN_MS) for edge in edges_s]
    return [sum(bins[begin:end]) for begin, end in zip(begins, [*begins[1:], len(bins)])]
