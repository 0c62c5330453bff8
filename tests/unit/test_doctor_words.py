"""Every sentence of the doctor's is there in every language, says the same things, and is said somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import acd.doctor
import acd.explain.words
from acd.doctor.checks import AMONG_SEVERAL, ASTERISK
from acd.doctor.command import TABLES
from acd.doctor.findings import Verdict
from acd.doctor.heard import Reach

BRACES = re.compile(r"\{(\w+)\}")
FILES = [*Path(acd.doctor.__file__).parent.glob("*.py"), Path(acd.explain.words.__file__)]
CODE = "".join(path.read_text() for path in FILES if path.stem not in ("english", "chinese"))


def test_every_language_has_every_sentence_in_the_same_order() -> None:
    english, *others = TABLES.values()
    for other in others:
        assert [*other] == [*english]


@pytest.mark.parametrize("key", TABLES["en"])
def test_a_sentence_says_the_same_things_in_every_language(key: str) -> None:
    """Beyond the counts, which some languages need and others don't."""
    said = [set(BRACES.findall(table[key])) - {"n", "of"} for table in TABLES.values()]
    assert said.count(said[0]) == len(said)


def test_every_sentence_is_said_somewhere() -> None:
    """Or built: as `family.word`, of which the family is named."""
    assert [key for key in TABLES["en"] if not key.endswith(".do") and not _is_said(key)] == []


def _is_said(key: str) -> bool:
    family, _, last = key.partition(".")
    return any(f'"{said}' in CODE for said in (f'{key}"', f'{family}"', f"{family}.{{", f'{{check}}.{last}"'))


def test_no_advice_is_without_its_finding() -> None:
    assert [key for key in TABLES["en"] if key.endswith(".do") and key.removesuffix(".do") not in TABLES["en"]] == []


@pytest.mark.parametrize("language", TABLES)
def test_every_check_verdict_and_reach_has_its_words(language: str) -> None:
    keys = [f"check.{check}" for check in ASTERISK | AMONG_SEVERAL] + [f"verdict.{verdict}" for verdict in Verdict]
    keys += [f"end.{verdict}" for verdict in Verdict] + [f"reach.{how}" for how in Reach if how is not Reach.OK]
    assert [key for key in keys if key not in TABLES[language]] == []
