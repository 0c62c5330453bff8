"""What is said on the screen, in both languages."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from acd.agents import AgentState, Reason
from acd.calls import Outcome
from acd.notices import OfferEnd, RefusalCode
from tests.browser.conftest import OpenPage
from tests.browser.stub import Stub

pytestmark = pytest.mark.browser

Words = dict[str, dict[str, str]]
LITERAL = re.compile(r"""\bsay(?:Or)?\("([^"`$]+)"|data-word="([^"]+)\"""")


@pytest.fixture
def words(stub: Stub, open_page: OpenPage) -> Words:
    loaded: Words = open_page(stub.address).evaluate("import('/page/words.js').then((module) => module.WORDS)")
    return loaded


def test_both_languages_have_the_same_words_with_the_same_gaps(words: Words) -> None:
    english, chinese = words["en"], words["zh-CN"]
    assert english.keys() == chinese.keys()
    for key in english:
        assert set(re.findall(r"\{\w+\}", english[key])) == set(re.findall(r"\{\w+\}", chinese[key])), key


def test_every_word_the_page_asks_for_is_there(words: Words) -> None:
    folder = files("acd.web") / "page"
    sources = [file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith((".js", ".html"))]
    asked = {first or second for source in sources for first, second in LITERAL.findall(source)}
    assert asked - words["en"].keys() == set()


def test_the_cores_own_words_are_translated(words: Words) -> None:
    """A state, a reason, an outcome or a refusal added to the core needs its words here."""
    needed = {f"state.{each}" for each in AgentState}
    needed |= {f"reason.{each}" for each in Reason}
    needed |= {f"outcome.{each}" for each in (*Outcome, *OfferEnd)}
    needed |= {f"problem.{each}" for each in RefusalCode}
    assert needed - words["en"].keys() == set()
