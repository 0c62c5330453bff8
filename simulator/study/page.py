"""A study as one HTML file that loads nothing from anywhere."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from acd.ids import GroupId
from simulator.study.comparing import Comparison
from simulator.study.erlang import Against, against
from simulator.study.extras import extra
from simulator.study.findings import CALLERS, Study, clock
from simulator.study.measures import MEASURES, Unit
from simulator.study.pictures import Picture, of_comparison, of_study
from simulator.study.record import versions
from simulator.study.terminal import OF_GROUPS, OF_INTERVALS, difference, head, keys_of_day, legend
from simulator.study.words import Words, from_to, plus_minus, written

Row = list[str]


def page_of_study(study: Study, words: Words) -> str:
    tables = [("day", words("Figures of a day"), _day(study, words))]
    if len(study.groups) > 1:
        tables.append(("groups", words("Groups"), _groups(study, words)))
    return _page(
        words,
        title=words("Study of {title}", title=study.scenario.title),
        about=[study.scenario.about],
        heads=[head(study, words)],
        promises=[("", study.promises())],
        tables=tables,
        albums=_albums(words, study.groups, lambda group: of_study(study, words, group)),
        intervals=_intervals(study, words),
        notes=[*legend(study, words), erlang(study, words)],
        command=study.command,
    )


def page_of_comparison(found: Comparison, words: Words) -> str:
    sides = (found.first, found.second)
    names = [f"{letter} {study.scenario.name}" for letter, study in zip("AB", sides)]
    return _page(
        words,
        title=words("{first} and {second}", first=names[0], second=names[1]),
        about=list(dict.fromkeys(each.scenario.about for each in sides)),
        heads=[f"{letter}: {head(study, words)}" for letter, study in zip("AB", sides)],
        promises=[(name, study.promises()) for name, study in zip(names, sides)],
        tables=[("differences", words("Figures of a day"), _differences(found, words, names))],
        albums=_albums(words, found.groups, lambda group: of_comparison(*sides, words, group)),
        intervals=None,
        notes=[words("same chances"), words("sure"), *legend(found.first, words)],
        command=found.command,
    )


def erlang(study: Study, words: Words) -> str:
    """What the dots are, or why there are none."""
    steady = against(study)
    if not isinstance(steady, Against):
        return words("no erlang", why=words(f"why.{steady.why}", n=steady.n))
    agents = sorted({each.agents for each in steady.intervals if each is not None})
    return words(
        "erlang",
        agents=f"{agents[0]}–{agents[-1]}" if len(agents) > 1 else agents[0],
        aht_s=steady.aht_s,
        patience_s=steady.patience_s,
        ring_s=steady.ring_s,
    )


def _page(words: Words, **shown: Any) -> str:
    jinja2 = extra("jinja2")
    text = (files("simulator.study") / "page.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(text)
    page: str = template.render(words=words, plus_minus=plus_minus, safe=_markup, versions=versions(), **shown)
    return page


def _markup(svg: str) -> Any:
    """Drawn by us, with its texts escaped where it was."""
    return extra("markupsafe").Markup(svg)


def _albums(
    words: Words, groups: list[GroupId], draw: Callable[[GroupId | None], list[Picture]]
) -> list[tuple[str, list[Picture]]]:
    """Of all calls, and of each group where there are several."""
    of_groups = [(words("group {group}", group=group), draw(group)) for group in groups if len(groups) > 1]
    return [(words("The day"), draw(None)), *of_groups]


def _day(study: Study, words: Words) -> list[Row]:
    rows = [[words("figure"), words("value"), words("interval"), ""]]
    for key in keys_of_day(study):
        found, measure = study.day(key), MEASURES[key]
        rows.append([words(key), written(measure.unit, found.value), from_to(key, found), words.formula(measure)])
    for what in CALLERS:
        if (count := study.callers()[what]) and what != "made":
            rows.append([words(what), written(Unit.A_DAY, count), "", ""])
    return rows


def _groups(study: Study, words: Words) -> list[Row]:
    rows = [[words("group"), *(words(key) for key in OF_GROUPS)]]
    every: list[GroupId | None] = [*study.groups, None]
    for group in every:
        rows.append([group or words("all"), *(plus_minus(key, study.day(key, group)) for key in OF_GROUPS)])
    return rows


def _intervals(study: Study, words: Words) -> list[Row]:
    rows = [[words("from"), *(words(key) for key in OF_INTERVALS)]]
    for n in range(study.intervals):
        cells = [plus_minus(key, study.interval(key, n)) for key in OF_INTERVALS]
        rows.append([clock(study.scenario, n), *cells])
    return rows


def _differences(found: Comparison, words: Words, names: list[str]) -> list[Row]:
    rows = [["", words("figure"), *names, f"B − A {words('difference')}", words("narrower")]]
    every: list[GroupId | None] = [None, *(found.groups if len(found.groups) > 1 else [])]
    for group in every:
        for key in keys_of_day(found.first, found.second) if group is None else OF_GROUPS:
            sides = [plus_minus(key, study.day(key, group)) for study in (found.first, found.second)]
            differs = difference(key, found.difference(key, group), words)
            rows.append([group or words("all"), words(key), *sides, *differs])
    return rows
