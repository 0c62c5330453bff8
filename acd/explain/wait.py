"""An expected wait, or why there is none, in words a supervisor understands."""

from acd.expected_wait.estimates import Estimate, Withheld
from acd.explain.words import Words, span


def in_words(expected: Estimate | Withheld, language: str) -> str:
    """One sentence or two."""
    words = Words(language)
    if isinstance(expected, Withheld):
        return words.term("withheld", expected)
    low, median, high = (span(round(ms, -3)) for ms in (expected.low_ms, expected.median_ms, expected.high_ms))
    return words.say("expected", low=low, median=median, high=high, calls=expected.calls, agents=expected.agents)
