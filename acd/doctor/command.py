"""`acd doctor`: asks, looks, and says what it found."""

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import trio

from acd.doctor import asking, machine, questions
from acd.doctor.case import Case, links, prompts
from acd.doctor.checks import all_of
from acd.doctor.chinese import CHINESE
from acd.doctor.english import ENGLISH
from acd.doctor.findings import Finding, Verdict, problem, worst
from acd.doctor.heard import Heard
from acd.doctor.of_dialplan import entered
from acd.doctor.table import lines
from acd.errors import SettingsError
from acd.explain.words import Words
from acd.settings import load

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
    here = Case(path, settings, await machine.look(path, settings))
    if settings.adapter != "asterisk":
        return all_of(here)
    heard = {name: await asking.ask(at, questions.expressions(settings, name)) for name, at in links(settings).items()}
    return all_of(*(_of_one(here, name, heard) for name in heard))


def _of_one(here: Case, pbx: str, heard: Mapping[str, Heard]) -> Case:
    """What there is to say of one Asterisk, where so much was heard of all."""
    names, folder = prompts(here.settings), _data_folder(heard[pbx])
    others = [entered(here.settings, each) for name, each in heard.items() if name != pbx]
    seen = replace(here.machine, sounds=machine.sounds(folder, names))
    return replace(here, machine=seen, heard=heard[pbx], pbx=pbx, entered_elsewhere=frozenset().union(*others))


def _data_folder(heard: Heard) -> Path | None:
    """Where Asterisk has its sounds; None if that isn't on this machine, or not known."""
    named = heard.value(questions.DATA_FOLDER) if heard.reached.is_here else ""
    return Path(named) if named else None


# --- how it is said ---------------------------------------------------------------------------------------------------


def as_json(findings: Sequence[Finding], words: Words) -> str:
    """The findings for programs: verdict, and each check with the key of what was found and its words.

    `pbx` is the name of one of several, and else empty.
    """
    checks = [
        {"pbx": each.pbx, "check": each.check, "verdict": each.verdict, "key": each.key}
        | {"found": each.found(words), "do": each.advice(words)}
        for each in findings
    ]
    return json.dumps({"verdict": worst(findings), "checks": checks}, ensure_ascii=False, indent=2)
