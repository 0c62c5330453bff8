"""A what-if for the eye and for machines."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.ids import GroupId, Instant
from simulator.figures import SERVICE_LEVEL, Figures, Result
from simulator.whatif import WhatIf


class Row(NamedTuple):
    """How a figure is called and written. Of several kinds of ends those are left out that nobody came to."""

    field: str
    name: str
    write: Callable[[float], str]
    write_change: Callable[[float], str]
    may_be_left_out: bool = False


def _number(value: float) -> str:
    return f"{value:.0f}"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _seconds(value: float) -> str:
    return f"{value:.1f} s"


def _more(value: float) -> str:
    return f"{value:+.0f}" if value else "="


def _points(value: float) -> str:
    return f"{100 * value:+.1f}" if round(100 * value, 1) else "="


def _longer(value: float) -> str:
    return f"{value:+.1f} s" if round(value, 1) else "="


ROWS = (
    Row("offered", "calls offered", _number, _more),
    Row("answered", "answered", _number, _more),
    Row("abandoned", "abandoned", _number, _more),
    Row("sent_elsewhere", "sent elsewhere", _number, _more),
    Row("refused", "refused", _number, _more, may_be_left_out=True),
    Row("merged", "merged", _number, _more, may_be_left_out=True),
    Row("unfinished", "end unknown", _number, _more, may_be_left_out=True),
    Row("service_level", "service level", _percent, _points),
    Row("mean_wait_s", "mean wait (ASA)", _seconds, _longer),
    Row("p90_wait_s", "90 % answered within", _seconds, _longer),
    Row("longest_wait_s", "longest wait", _seconds, _longer),
    Row("abandonment", "abandonment", _percent, _points),
    Row("occupancy", "occupancy", _percent, _points),
)


def show(found: WhatIf, console: Console) -> None:
    """The head, then the figures of all calls and of each group."""
    for line in head(found):
        console.print(Text(line))
    console.print()
    console.print(_table(found))
    console.print(Text(_legend(found)))


def head(found: WhatIf) -> list[str]:
    """What was compared, what is wrong with the record, and what is assumed, in plain sentences."""
    return [
        f"What if: the calls from {_time(found.begin)} to {_time(found.end)} by other rules.",
        *(f"! {remark}" for remark in found.remarks),
        "What is assumed:",
        *(f"- {assumption}" for assumption in found.assumptions),
    ]


def _table(found: WhatIf) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for name in ("recorded", "modelled", "other rules", "change"):
        table.add_column(name, justify="right", no_wrap=True)
    _add(table, "all", found.recorded.all, found.modelled.all, found.other.all)
    for group in _groups(found):
        _add(table, group, *(result.groups.get(group) for result in (found.recorded, found.modelled, found.other)))
    return table


def _add(table: Table, name: str, *sides: Figures | None) -> None:
    table.add_section()
    table.add_row(Text(name, style="bold"))
    for row in ROWS:
        values = [None if side is None else getattr(side, row.field) for side in sides]
        if any(values) or not row.may_be_left_out:
            _, modelled, other = values
            change = "" if modelled is None or other is None else row.write_change(other - modelled)
            table.add_row(row.name, *("-" if value is None else row.write(value) for value in values), change)


def _legend(found: WhatIf) -> str:
    return (
        f"service level: {SERVICE_LEVEL}, T = {found.within_s:g} s; abandonment: abandoned / (answered + abandoned);\n"
        "occupancy: (ringing + talking + wrap-up) / (the same + ready), a group's: of all agents who have its skills.\n"
        "A call counts in the group it came to first. modelled: the recorded rules among the people as assumed; "
        "change: other rules against modelled, of shares in points."
    )


def as_json(found: WhatIf) -> dict[str, Any]:
    """Everything that `show` shows, as plain values; shares are 0..1, a group that isn't in some rules is left out."""
    return {
        "begin": found.begin,
        "end": found.end,
        "service_level": {"formula": SERVICE_LEVEL, "within_s": found.within_s},
        "seed": found.seed,
        "assumptions": list(found.assumptions),
        "remarks": list(found.remarks),
        "recorded": _plain(found.recorded),
        "modelled": _plain(found.modelled),
        "other": _plain(found.other),
    }


def _plain(result: Result) -> dict[str, Any]:
    return {"all": asdict(result.all), "groups": {group: asdict(figures) for group, figures in result.groups.items()}}


def _groups(found: WhatIf) -> list[GroupId]:
    return list(dict.fromkeys([*found.recorded.groups, *found.modelled.groups, *found.other.groups]))


def _time(instant: Instant) -> str:
    return datetime.fromtimestamp(instant / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
