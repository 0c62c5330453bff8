"""Every language has every sentence, with the same things in it; times are written as people read them."""

from __future__ import annotations

import re
from datetime import timedelta, timezone
from typing import get_args

import pytest

from acd.agents import AgentState, Reason
from acd.calls import Cause, Outcome
from acd.commands import RefusalCause
from acd.explain.facts import Named, TriggerKind
from acd.explain.words import LANGUAGES, TABLES, Words, number, span
from acd.notices import ConsultEnd, OfferEnd
from acd.rules import DestinationKind, Strategy

BRACES = re.compile(r"\{(\w+)\}")


def test_every_language_has_every_sentence() -> None:
    english, *others = TABLES.values()
    for other in others:
        assert [*other] == [*english], "in the same order, so that they can be read side by side"


@pytest.mark.parametrize("key", TABLES["en"])
def test_a_sentence_says_the_same_things_in_every_language(key: str) -> None:
    """Beyond the count, which some languages need and others don't."""
    said = [set(BRACES.findall(table[key])) - {"n", "skills"} for table in TABLES.values()]
    assert said.count(said[0]) == len(said)


def test_every_sentence_is_said_somewhere() -> None:
    """Or built: as `family.word`, of which the family is named."""
    from pathlib import Path

    import acd.explain

    folder = Path(acd.explain.__file__).parent
    code = "".join(path.read_text() for path in folder.glob("*.py") if path.stem not in ("english", "chinese"))
    unused = [
        key
        for key in TABLES["en"]
        if f'"{key}"' not in code and f'"{key.split(".")[0]}"' not in code and f'"{key.split(".")[0]}.{{' not in code
    ]
    assert not unused


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_ours_has_a_name(language: str) -> None:
    words = {
        "state": AgentState,
        "reason": Reason,
        "outcome": Outcome,
        "cause": [*Cause, *RefusalCause],
        "how": OfferEnd,
        "consult-end": ConsultEnd,
        "strategy": Strategy,
        "to": DestinationKind,
        "chosen": Strategy,
        "trigger": get_args(TriggerKind),
    }
    missing = [f"{family}.{word}" for family, found in words.items() for word in found]
    assert [key for key in missing if key not in TABLES[language]] == []


def test_a_word_that_is_not_ours_is_said_as_it_is() -> None:
    assert Words("zh").term("reason", "siesta") == "siesta"


@pytest.mark.parametrize(
    ("ms", "said"), [(0, "0:00"), (999, "0:00"), (65_000, "1:05"), (3_723_000, "1:02:03"), (-5, "0:00")]
)
def test_spans_are_minutes_and_seconds(ms: int, said: str) -> None:
    assert span(ms) == said


def test_numbers_clocks_days_and_names() -> None:
    words = Words("en", timezone(timedelta(hours=8)))
    assert (number(1.0), number(1.5)) == ("1", "1.5")
    assert (words.day(1_763_760_000_000), words.clock(1_763_760_000_000)) == ("2025-11-22", "05:20:00")
    assert (words.named(Named(id="1", name="Ann")), words.named(Named(id="1"))) == ("1 Ann", "1")


def test_one_and_many() -> None:
    assert Words("en").say("door-shut.full", n=1).startswith("1 call waits")
    assert Words("en").say("door-shut.full", n=2).startswith("2 calls wait")
