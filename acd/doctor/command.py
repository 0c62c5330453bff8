"""`acd doctor`: asks, looks, and says what it found."""

import json
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import trio

from acd.doctor import asking, machine, questions
from acd.doctor.case import Case, prompts
from acd.doctor.checks import all_of
from acd.doctor.chinese import CHINESE
from acd.doctor.english import ENGLISH
from acd.doctor.findings import Finding, Verdict, problem, worst
from acd.doctor.heard import Heard
from acd.errors import SettingsError
from acd.explain.words import Words
from acd.settings import Settings, load

TABLES = {"en": ENGLISH, "zh": CHINESE}
COLOURS = {Verdict.OK: "green", Verdict.SKIPPED: "cyan", Verdict.WARNING: "yellow", Verdict.PROBLEM: "red"}


@click.command("doctor")
@click.option(
    "-c", "--config", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to check."
)
@click.option("--lang", type=click.Choice(tuple(TABLES)), default="en", envvar="ACD_LANG", help="Or in ACD_LANG.")
@click.option("--json", "as_data", is_flag=True, help="Print the findings as JSON.")
def command(config: Path, lang: str, as_data: bool) -> None:
    """Look for what stands in the way, here and in Asterisk, and say what to do.

    Changes nothing, and can be run beside a running daemon. Ends with code 1 when there is a problem.
    """
    findings = trio.run(partial(examined, config))
    words = Words(lang, tables=TABLES)
    click.echo(as_json(findings, words) if as_data else "\n".join(lines(findings, words)))
    if worst(findings) is Verdict.PROBLEM:
        raise SystemExit(1)


async def examined(path: Path) -> list[Finding]:
    """What is found about the configuration at `path`."""
    try:
        settings = load(path)
    except SettingsError as error:
        return [problem("config", "config.bad", why=line, path=path) for line in str(error).splitlines()]
    heard = await _heard(settings)
    names = prompts(settings)
    seen = await machine.look(path, settings, names, _data_folder(heard))
    return all_of(Case(path, settings, seen, heard))


async def _heard(settings: Settings) -> Heard | None:
    if settings.adapter != "asterisk" or settings.asterisk is None:
        return None
    return await asking.ask(settings.asterisk, questions.expressions(settings))


def _data_folder(heard: Heard | None) -> Path | None:
    """Where Asterisk has its sounds; None if that isn't on this machine, or not known."""
    named = heard.value(questions.DATA_FOLDER) if heard is not None and heard.reached.is_here else ""
    return Path(named) if named else None


# --- how it is said ---------------------------------------------------------------------------------------------------


def lines(findings: Sequence[Finding], words: Words) -> Iterator[str]:
    """One line a finding, its advice indented beneath; what it comes to at the end."""
    names = {each.check: words.term("check", each.check) for each in findings}
    verdicts = {verdict: words.term("verdict", verdict) for verdict in Verdict}
    wide, narrow = _width(names.values()), _width(verdicts.values())
    for each in findings:
        verdict = click.style(_padded(verdicts[each.verdict], narrow), fg=COLOURS[each.verdict])
        yield f"{verdict}  {_padded(names[each.check], wide)}  {each.found(words)}"
        if advice := each.advice(words):
            yield f"{' ' * (narrow + 2)}-> {advice}"
    problems = sum(each.verdict is Verdict.PROBLEM for each in findings)
    yield ""
    yield words.say(f"end.{worst(findings)}", n=problems)


def _width(texts: Any) -> int:
    return max(map(_columns, texts))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    """How wide a terminal shows it: a Chinese sign takes two columns."""
    return sum(1 if sign < "\u1100" else 2 for sign in text)


def as_json(findings: Sequence[Finding], words: Words) -> str:
    """The findings for programs: verdict, and each check with the key of what was found and its words."""
    checks = [
        {"check": each.check, "verdict": each.verdict, "key": each.key}
        | {"found": each.found(words), "do": each.advice(words)}
        for each in findings
    ]
    return json.dumps({"verdict": worst(findings), "checks": checks}, ensure_ascii=False, indent=2)
