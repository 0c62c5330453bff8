"""What a check has found. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from acd.explain.words import Words

SOME_MAX = 10


class Verdict(StrEnum):
    """How bad it is, the worst first."""

    PROBLEM = "problem"
    WARNING = "warning"
    SKIPPED = "skipped"
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found by the check named `check`; the sentence is `key`'s, what to do `key`.do's, if there is that."""

    check: str
    verdict: Verdict
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    pbx: str = ""
    """At which of several PBXs."""

    def found(self, words: Words) -> str:
        return words.say(self.key, **self._in(words))

    def advice(self, words: Words) -> str:
        """What to do; empty when nothing is."""
        key = f"{self.key}.do"
        return words.say(key, **self._in(words)) if words.has(key) else ""

    def _in(self, words: Words) -> dict[str, object]:
        return {key: _some(value, words) if isinstance(value, tuple) else value for key, value in self.values.items()}


def _some(parts: tuple[object, ...], words: Words) -> str:
    """The first few of a list, and how many more there are."""
    shown, more = [str(part) for part in parts[:SOME_MAX]], len(parts) - SOME_MAX
    return words.many([*shown, words.say("more", n=more)] if more > 0 else shown)


def ok(check: str, key: str, **values: object) -> Finding:
    return Finding(check, Verdict.OK, key, values)


def skipped(check: str, key: str, **values: object) -> Finding:
    return Finding(check, Verdict.SKIPPED, key, values)


def warning(check: str, key: str, **values: object) -> Finding:
    return Finding(check, Verdict.WARNING, key, values)


def problem(check: str, key: str, **values: object) -> Finding:
    return Finding(check, Verdict.PROBLEM, key, values)


def worst(findings: Iterable[Finding]) -> Verdict:
    """The worst verdict; OK without any."""
    found = {each.verdict for each in findings}
    return next((verdict for verdict in Verdict if verdict in found), Verdict.OK)
