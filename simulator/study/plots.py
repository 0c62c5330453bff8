"""A study's plots as SVG that stands in a page: its text in the page's fonts, its colours the page's variables.

The page has light and dark colours; so that a plot follows them, each stands for a variable of the style sheet: it is
drawn in a colour of no meaning (see `INKS`) and that is replaced in the text of the SVG.
"""

import re
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from simulator.study.extras import extra

INKS = {
    "ink": "#010101",
    "line": "#010102",
    "first": "#010103",
    "second": "#010104",
    "third": "#010105",
    "ready": "#010106",
    "ringing": "#010107",
    "talking": "#010108",
    "wrap-up": "#010109",
    "not-ready": "#010110",
    "bad": "#010111",
}
"""The colours of the page by name, and what stands for each while it is drawn."""
SIZE_IN = (7.6, 2.9)


@dataclass(frozen=True, slots=True)
class Curve:
    """One value for each interval of the day, perhaps with its confidence interval; None: no value there."""

    name: str
    ink: str
    values: Sequence[float | None]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()
    dots: bool = False
    """Instead of a line."""


@dataclass(frozen=True, slots=True)
class Axes:
    """What stands at the sides of a plot over the day."""

    title: str
    """Read out to whoever can't see it."""
    across: str
    up: str
    times: Sequence[str]
    """When each interval begins."""
    top: float | None = None
    """The highest that it can be."""


def over_the_day(axes: Axes, curves: Sequence[Curve], level: tuple[str, float] | None = None) -> str:
    """Curves through the middles of the intervals; `level`: a named line across."""

    def draw(plot: Any) -> None:
        for curve in curves:
            _draw_curve(plot, curve)
        if level is not None:
            plot.axhline(level[1], color=INKS["bad"], linestyle="--", linewidth=1, label=level[0])
        plot.set_ylim(0, axes.top if axes.top is not None else _room(plot))

    return _drawn(axes, draw)


def stacked(axes: Axes, layers: Sequence[Curve]) -> str:
    """What makes up a whole, one upon the other, as steps."""

    def draw(plot: Any) -> None:
        edges = [n - 0.5 for n in range(len(axes.times) + 1)]
        below = [0.0] * len(axes.times)
        for layer in layers:
            above = [low + (value or 0.0) for low, value in zip(below, layer.values)]
            plot.stairs(above, edges, baseline=below, fill=True, color=INKS[layer.ink], label=layer.name)
            below = above
        plot.set_ylim(0, max(below) * 1.05 or 1)

    return _drawn(axes, draw)


def bars(axes: Axes, layers: Sequence[Curve]) -> str:
    """A histogram; one kind of bars upon the other."""

    def draw(plot: Any) -> None:
        below = [0.0] * len(axes.times)
        for layer in layers:
            values = [value or 0.0 for value in layer.values]
            plot.bar(range(len(values)), values, bottom=below, width=0.9, color=INKS[layer.ink], label=layer.name)
            below = [low + value for low, value in zip(below, values)]

    return _drawn(axes, draw)


def _draw_curve(plot: Any, curve: Curve) -> None:
    values = [float("nan") if value is None else value for value in curve.values]
    across, color = range(len(values)), INKS[curve.ink]
    if curve.dots:
        plot.plot(across, values, "o", color=color, markersize=3.5, label=curve.name)
        return
    plot.plot(across, values, color=color, linewidth=1.6, marker="." if _stands_alone(curve.values) else "")
    plot.lines[-1].set_label(curve.name)
    known = [low is not None and high is not None for low, high in zip(curve.lows, curve.highs)]
    if any(known):
        lows, highs = ([0.0 if each is None else each for each in side] for side in (curve.lows, curve.highs))
        plot.fill_between(across, lows, highs, where=known, color=color, alpha=0.22, linewidth=0)


def _stands_alone(values: Sequence[float | None]) -> bool:
    """Whether a value has none beside it, so that no line would show it."""
    beside = [None, *values, None]
    return any(
        beside[n - 1] is None and beside[n] is not None and beside[n + 1] is None for n in range(1, len(values) + 1)
    )


def _room(plot: Any) -> float:
    """Up to a little above the highest."""
    return max(float(plot.dataLim.ymax) * 1.05, 1e-9)


def _drawn(axes: Axes, draw: Callable[[Any], None]) -> str:
    matplotlib = extra("matplotlib")
    style = {"svg.fonttype": "none", "svg.hashsalt": axes.title, "font.family": "sans-serif", "font.size": 10}
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*missing from font.*")  # the page has its own
        figure = extra("matplotlib.figure").Figure(figsize=SIZE_IN, layout="constrained")
        plot = figure.add_subplot()
        draw(plot)
        _label(plot, axes)
        text = StringIO()
        figure.savefig(text, format="svg", transparent=True, metadata={"Date": None})
    return _for_page(text.getvalue(), axes.title)


def _label(plot: Any, axes: Axes) -> None:
    plot.set_xlabel(axes.across)
    plot.set_ylabel(axes.up)
    plot.set_xlim(-0.5, len(axes.times) - 0.5)
    step = max(1, round(len(axes.times) / 12))
    plot.set_xticks(range(0, len(axes.times), step), axes.times[::step])
    plot.grid(axis="y", color=INKS["line"], linewidth=0.6)
    plot.set_axisbelow(True)
    plot.spines[["top", "right"]].set_visible(False)
    for spine in plot.spines.values():
        spine.set_color(INKS["ink"])
    plot.tick_params(colors=INKS["ink"])
    for label in (plot.xaxis.label, plot.yaxis.label):
        label.set_color(INKS["ink"])
    if len(plot.get_legend_handles_labels()[1]) > 1:
        legend = plot.figure.legend(loc="outside upper left", ncols=6, frameon=False, fontsize=9.5)
        for text in legend.get_texts():
            text.set_color(INKS["ink"])


def _for_page(svg: str, title: str) -> str:
    """Without what only a file of its own needs, and without names of parts, which would be there for each plot."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*;", "", svg)
    svg = re.sub(r'\b(width|height)="[0-9.]+pt"', "", svg, count=2)
    for name, stands_for in INKS.items():
        svg = svg.replace(stands_for, f"var(--{name})")
    escaped = title.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{escaped}" ', 1)
