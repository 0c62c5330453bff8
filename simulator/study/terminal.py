"""A study for the terminal."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.ids import GroupId
from simulator.study.comparing import Comparison
from simulator.study.findings import CALLERS, Checked, Study, Verdict, clock
from simulator.study.measures import MEASURES, Unit
from simulator.study.statistics import Difference
from simulator.study.words import NOTHING, Words, changed, from_to, plus_minus, written

OF_GROUPS = ("offered", "answered_share", "service_level", "abandonment", "mean_wait_s", "p90_wait_s", "occupancy")
OF_INTERVALS = (
    "offered",
    "answered",
    "abandoned",
    "service_level",
    "mean_wait_s",
    "queue_mean",
    "queue_max",
    "occupancy",
    "agents_logged_in",
)
LEFT_OUT = ("sent_elsewhere", "refused", "merged", "unfinished", "returned", "sent_elsewhere_share", "refused_share")
"""Where they are 0 nobody asks for them."""
WIDE = 110
"""Characters in a line from which there is room for the table of half hours."""
COLOURS = {Verdict.KEPT: "green", Verdict.NOT_KEPT: "bold red", Verdict.NOT_SURE: "yellow"}


def show(study: Study, words: Words, console: Console) -> None:
    """The figures of all calls, of each group and each half hour, and the promises."""
    console.print(Text(head(study, words)))
    console.print(_day(study, words))
    if len(study.groups) > 1:
        console.print(_groups(study, words))
    if console.width >= WIDE:
        console.print(_intervals(study, words))
    console.print(_promises(study.promises(), words))
    for line in legend(study, words):
        console.print(Text(line, style="dim"))


def show_comparison(found: Comparison, words: Words, console: Console) -> None:
    """Both sides' figures of all calls and of each group, and what differs."""
    for study in (found.first, found.second):
        console.print(Text(head(study, words)))
    console.print(_differences(found, words))
    for study in (found.first, found.second):
        if study.scenario.promises:
            console.print(Text(study.scenario.name, style="bold"))
            console.print(_promises(study.promises(), words))
    for line in (words("same chances"), words("sure"), *legend(found.first, words)):
        console.print(Text(line, style="dim"))


def head(study: Study, words: Words) -> str:
    scenario = study.scenario
    lived = words("lived", replications=len(study.replications), days=study.days, seed=study.seed)
    warm_up = words("warm-up", days=scenario.warm_up_days) if scenario.warm_up_days else ""
    return f"{scenario.title} ({scenario.name}): {lived} {warm_up}".rstrip()


def legend(study: Study, words: Words) -> list[str]:
    """By what formulas, and what the intervals are."""
    level = MEASURES["service_level"]
    intervals = words("how intervals" if len(study.replications) > 1 else "one replication")
    named = [
        words("{name}: {formula}", name=words(key), formula=words.formula(MEASURES[key]))
        for key in ("answered_share", "abandonment", "occupancy")
    ]
    return [
        words("service level is", formula=words.formula(level), t=study.within_ms[0] / 1000),
        *named,
        words("how calls"),
        intervals,
    ]


def keys_of_day(*studies: Study) -> list[str]:
    """The figures that have something to say in one of them."""
    return [key for key in MEASURES if key not in LEFT_OUT or any(study.day(key).value for study in studies)]


def _table(title: str, *columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n else "left", no_wrap=n > 0)
    return table


def _day(study: Study, words: Words) -> Table:
    table = _table(words("Figures of a day"), words("figure"), words("value"), words("interval"))
    for key in keys_of_day(study):
        found = study.day(key)
        table.add_row(words(key), written(MEASURES[key].unit, found.value), from_to(key, found))
    for what in CALLERS:
        if (count := study.callers()[what]) and what != "made":
            table.add_row(words(what), written(Unit.A_DAY, count), "")
    return table


def _groups(study: Study, words: Words) -> Table:
    table = _table(words("Groups"), words("group"), *(words(key) for key in OF_GROUPS))
    for column in table.columns:
        column.no_wrap = False
    every: list[GroupId | None] = [*study.groups, None]
    for group in every:
        cells = (plus_minus(key, study.day(key, group)).replace(" ±", "\n±") for key in OF_GROUPS)
        table.add_row(Text(group or words("all"), style="" if group else "bold"), *cells)
    return table


def _intervals(study: Study, words: Words) -> Table:
    table = _table(words("By the clock"), words("from"), *(words(key) for key in OF_INTERVALS))
    for column in table.columns:
        column.no_wrap = False
    for n in range(study.intervals):
        cells = [written(MEASURES[key].unit, study.interval(key, n).value) for key in OF_INTERVALS]
        table.add_row(clock(study.scenario, n), *cells)
    return table


def _promises(promises: Sequence[Checked], words: Words) -> Table | Text:
    if not promises:
        return Text(words("no promises"))
    table = _table(words("Promises"), words("promise"), words("value"), "")
    for each in promises:
        value = plus_minus(each.promise.figure, each.estimate)
        table.add_row(words.promise(each.promise), value, Text(words(each.verdict), style=COLOURS[each.verdict]))
    return table


def _differences(found: Comparison, words: Words) -> Table:
    names = [f"A {found.first.scenario.name}", f"B {found.second.scenario.name}"]
    table = _table("", words("figure"), *names, f"B − A {words('difference')}", words("narrower"))
    every: list[GroupId | None] = [None, *(found.groups if len(found.groups) > 1 else [])]
    for group in every:
        table.add_section()
        table.add_row(Text(group or words("all"), style="bold"))
        for key in keys_of_day(found.first, found.second) if group is None else OF_GROUPS:
            sides = [written(MEASURES[key].unit, study.day(key, group).value) for study in (found.first, found.second)]
            differs = found.difference(key, group)
            table.add_row(words(key), *sides, *difference(key, differs, words))
    return table


def difference(key: str, found: Difference, words: Words) -> tuple[str, str]:
    """The difference as it is written, and how many times its interval is narrower."""
    if found.value == 0 and not found.half_width:
        return words("equal") if found.half_width == 0 else "=", ""
    return changed(key, found), NOTHING if found.narrower is None else f"{found.narrower:.1f} ×"
