"""`acd doctor`: asks, looks, and says what it found."""

import json
import shutil
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import click
import trio

from acd.doctor import asking, machine, questions
from acd.doctor.case import Case, prompts
from acd.doctor.checks import all_of
from acd.doctor.chinese import CHINESE
from acd.doctor.english import ENGLISH
from acd.doctor.findings import Finding, Verdict, problem, worst
from acd.doctor.heard import Heard
from acd.doctor.table import lines
from acd.errors import SettingsError
from acd.explain.words import Words
from acd.settings import Settings, load

TABLES = {"en": ENGLISH, "zh": CHINESE}


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
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(as_json(findings, words) if as_data else "\n".join(lines(findings, words, width)))
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


def as_json(findings: Sequence[Finding], words: Words) -> str:
    """The findings for programs: verdict, and each check with the key of what was found and its words."""
    checks = [
        {"check": each.check, "verdict": each.verdict, "key": each.key}
        | {"found": each.found(words), "do": each.advice(words)}
        for each in findings
    ]
    return json.dumps({"verdict": worst(findings), "checks": checks}, ensure_ascii=False, indent=2)
