"""A day's agents as a picture: needed, on the roster, and the service level to be expected."""

from collections.abc import Sequence
from html import escape
from io import BytesIO, StringIO
from pathlib import Path

from simulator.erlang.day import Staffed
from simulator.erlang.report import MODELS, SERVICE_LEVELS

KINDS = (".svg", ".png", ".html")
MISSING = 'a plot needs matplotlib: pip install "switchyard-acd[sim]"'


def write(path: Path, day: Sequence[Staffed], model: str, within_s: float) -> None:
    """By the name's ending. Raises ValueError for another ending, and where matplotlib isn't installed."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"{path}: a plot is a file that ends in {', '.join(KINDS)}")
    drawn = _png(day, within_s) if kind == ".png" else _svg(day, within_s)
    try:
        path.write_bytes(_page(drawn.decode(), model, within_s).encode() if kind == ".html" else drawn)
    except OSError as error:
        raise ValueError(f"{path}: can't be written: {error.strerror}") from None


def _png(day: Sequence[Staffed], within_s: float) -> bytes:
    picture = BytesIO()
    _draw(picture, "png", day, within_s)
    return picture.getvalue()


def _svg(day: Sequence[Staffed], within_s: float) -> bytes:
    text = StringIO()
    _draw(text, "svg", day, within_s)
    return text.getvalue().encode()


def _draw(to: BytesIO | StringIO, kind: str, day: Sequence[Staffed], within_s: float) -> None:
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError:
        raise ValueError(MISSING) from None
    with mpl.rc_context({"svg.hashsalt": "switchyard", "svg.fonttype": "none"}):
        figure = Figure(figsize=(10, 6), layout="constrained")
        needed, level = figure.subplots(2, 1, sharex=True, height_ratios=(2, 1))
        hours = [*(each.interval.from_s / 3600 for each in day), _end_h(day)]
        needed.stairs([each.positions for each in day], hours, label="positions, with shrinkage", color="#b0b7c3")
        needed.stairs([each.agents for each in day], hours, fill=True, label="agents", color="#2a6fbb")
        needed.set_ylabel("agents")
        needed.set_ylim(bottom=0)
        needed.legend(frameon=False)
        busy = [each.queue.occupancy for each in day]
        within = [each.queue.service_level(within_s) if each.interval.calls else float("nan") for each in day]
        level.stairs(within, hours, label=f"service level in {within_s:g} s", color="#1e8449", baseline=None)
        level.stairs(busy, hours, label="occupancy", color="#ca6f1e", baseline=None)
        level.set_ylim(0, 1.02)
        level.set_xlabel("hour of the day")
        level.legend(frameon=False)
        figure.savefig(to, format=kind, metadata={"Date": None} if kind == "svg" else None)


def _end_h(day: Sequence[Staffed]) -> float:
    last = day[-1].interval
    return (last.from_s + last.length_s) / 3600


def _page(svg: str, model: str, within_s: float) -> str:
    said = escape(f"{MODELS[model]}. Service level in T = {within_s:g} s: {SERVICE_LEVELS[model]}.")
    drawing = svg[svg.index("<svg") :]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>Agents needed</title>\n'
        f"<style>body{{font:15px system-ui;margin:2rem auto;max-width:60rem}}svg{{width:100%;height:auto}}</style>\n"
        f"<h1>Agents needed</h1>\n<p>{said}</p>\n{drawing}</html>\n"
    )
