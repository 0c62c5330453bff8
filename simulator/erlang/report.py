"""What `acd staff` shows: tables for people, CSV and JSON for machines."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from simulator.erlang.day import Staffed, Whole, whole
from simulator.erlang.railway import ANSWERED_BY_PEOPLE, Railway
from simulator.erlang.units import duration

MODELS = {
    "a": "Erlang A: callers wait as long as their patience (exponential) lasts",
    "b": "Erlang B: nobody waits, who finds all agents busy is turned away",
    "c": "Erlang C: everybody waits as long as it takes",
}
SERVICE_LEVELS = {
    "a": "answered within T / (answered + abandoned after T)",
    "b": "answered / all",
    "c": "answered within T / all",
}
"""The formula under its name, in each model."""
HEADINGS = ("", "calls", "AHT", "erlangs", "agents", "positions", "SL", "ASA", "busy", "lost")


def show(day: Sequence[Staffed], model: str, within_s: float, console: Console) -> None:
    """One line for each interval, one for all of them together, and what the words mean."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for each in day:
        table.add_row(*_cells(each, model, within_s), style="dim" if not each.interval.calls else None)
    if len(day) > 1:
        table.add_section()
        table.add_row(*_whole_cells(whole(day, within_s)), style="bold")
    console.print(table)
    console.print(MODELS[model])
    console.print(f"SL: service level in T = {within_s:g} s: {SERVICE_LEVELS[model]}")
    console.print("ASA: mean wait of the answered; busy: occupancy; lost: abandoned or turned away")
    console.print("positions: agents with shrinkage; in the line of all, agents and positions are in hours")


def _cells(each: Staffed, model: str, within_s: float) -> list[str]:
    interval, queue = each.interval, each.queue
    cells = [interval.clock, _count(interval.calls), f"{interval.aht_s:.0f} s", f"{interval.demand(model).erlangs:.1f}"]
    cells += [str(each.agents), str(each.positions)]
    if not interval.calls:
        return [*cells, "", "", "", ""]
    lost = queue.abandonment + queue.blocked
    return [
        *cells,
        f"{queue.service_level(within_s):.1%}",
        duration(queue.asa_s),
        f"{queue.occupancy:.1%}",
        f"{lost:.1%}",
    ]


def _count(calls: float) -> str:
    return f"{calls:.0f}" if calls == round(calls) else f"{calls:.1f}"


def _whole_cells(day: Whole) -> list[str]:
    return [
        "all",
        _count(day.calls),
        "",
        "",
        f"{day.agent_hours:.1f} h",
        f"{day.position_hours:.1f} h",
        f"{day.service_level:.1%}",
        duration(day.asa_s),
        f"{day.occupancy:.1%}",
        f"{day.abandonment + day.blocked:.1%}",
    ]


def rows(day: Sequence[Staffed], model: str, within_s: float) -> list[dict[str, Any]]:
    """One for each interval, for machines: shares from 0 to 1, times in seconds."""
    return [
        {
            "time": each.interval.clock,
            "calls": each.interval.calls,
            "aht_s": each.interval.aht_s,
            "erlangs": round(each.interval.demand(model).erlangs, 6),
            "agents": each.agents,
            "positions": each.positions,
            **_expected(each, within_s),
        }
        for each in day
    ]


def _expected(each: Staffed, within_s: float) -> dict[str, float | None]:
    """Of no calls nothing can be said."""
    queue = each.queue
    figures = {
        "service_level": queue.service_level(within_s),
        "answered_within": queue.answered_within(within_s),
        "asa_s": queue.asa_s,
        "occupancy": queue.occupancy,
        "abandonment": queue.abandonment,
        "blocked": queue.blocked,
    }
    return {name: round(value, 6) if each.interval.calls else None for name, value in figures.items()}


def as_csv(day: Sequence[Staffed], model: str, within_s: float) -> str:
    lines = rows(day, model, within_s)
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(lines[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return out.getvalue()


def as_json(day: Sequence[Staffed], model: str, within_s: float) -> dict[str, Any]:
    return {
        "model": MODELS[model],
        "within_s": within_s,
        "service_level": SERVICE_LEVELS[model],
        "intervals": rows(day, model, within_s),
        "all": asdict(whole(day, within_s)),
    }


def show_railway(railway: Railway, console: Console) -> None:
    """Each term of the formula, and what comes of it."""
    table = Table(title="The railway's staffing formula", title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for name, value, meaning in _terms(railway):
        table.add_row(name, value, meaning)
    console.print(table)
    console.print(
        "agents = monthly calls x mean handling time x answer rate\n"
        "         / (monthly working time of one person x attendance x utilisation)"
    )
    console.print(
        "It counts the work of a month and no waiting: `acd staff` by intervals says who must sit there when."
    )
    if not railway.is_enough:
        console.print(
            f"[bold]{railway.answer_rate:.1%} answered by people: at least {ANSWERED_BY_PEOPLE:.0%} is wanted[/bold]"
        )


def _terms(railway: Railway) -> list[tuple[str, str, str]]:
    return [
        ("monthly calls", f"{railway.monthly_calls:,.0f}", "that ask for a person"),
        ("mean handling time", f"{railway.aht_s:g} s", "talk and wrap-up"),
        (
            "answer rate",
            f"{railway.answer_rate:.1%}",
            f"of calls answered by people; at least {ANSWERED_BY_PEOPLE:.0%}",
        ),
        ("= work", f"{railway.work_h:,.1f} h", "a month"),
        ("monthly working time", f"{railway.monthly_hours:g} h", "of one person, by contract"),
        ("attendance", f"{railway.attendance:.1%}", "of it the person is there: no leave, illness, training"),
        ("utilisation", f"{railway.utilisation:.1%}", "of the time there goes to calls"),
        ("= handling", f"{railway.person_h:,.1f} h", "one person a month"),
        ("agents", f"{railway.exact:,.2f}", f"so {railway.agents:,} people"),
    ]


def railway_as_json(railway: Railway) -> dict[str, Any]:
    return {
        **asdict(railway),
        "work_h": railway.work_h,
        "person_h": railway.person_h,
        "exact": railway.exact,
        "agents": railway.agents,
        "answered_enough": railway.is_enough,
    }
