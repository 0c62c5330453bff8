"""Findings as a table in the terminal, whose columns stand under each other in every alphabet. Pure."""

from collections.abc import Iterable, Iterator, Sequence

import click

from acd.doctor.findings import Finding, Verdict, worst
from acd.explain.words import Words

COLOURS = {Verdict.OK: "green", Verdict.SKIPPED: "cyan", Verdict.WARNING: "yellow", Verdict.PROBLEM: "red"}
WIDTH_MIN = 60
GAP, ARROW = "  ", "-> "


def lines(findings: Sequence[Finding], words: Words, width: int | None = None) -> Iterator[str]:
    """One line a finding, its advice indented beneath; what it comes to at the end. Broken at `width`, if given.

    Those of each of several PBXs stand below its name.
    """
    verdicts = {verdict: words.term("verdict", verdict) for verdict in Verdict}
    narrow = _widest(verdicts.values())
    wide = _widest(words.term("check", each.check) for each in findings)
    pbx = ""
    for each in findings:
        if each.pbx != pbx:
            pbx = each.pbx
            yield from ("", click.style(pbx, bold=True))
        verdict = click.style(_padded(verdicts[each.verdict], narrow), fg=COLOURS[each.verdict])
        name = _padded(words.term("check", each.check), wide)
        yield from _block(f"{verdict}{GAP}{name}{GAP}", narrow + wide + 4, each.found(words), width)
        if advice := each.advice(words):
            yield from _block(" " * (narrow + 2) + ARROW, narrow + 2 + len(ARROW), advice, width)
    yield ""
    yield words.say(f"end.{worst(findings)}", n=sum(each.verdict is Verdict.PROBLEM for each in findings))


def _block(head: str, columns: int, text: str, width: int | None) -> Iterator[str]:
    """`head`, which takes so many `columns`, and `text` beside it."""
    parts = [text] if width is None else list(_broken(text, max(width, WIDTH_MIN) - columns))
    yield head + parts[0]
    yield from (" " * columns + part for part in parts[1:])


def _broken(text: str, width: int) -> Iterator[str]:
    """Lines of at most `width` columns, as far as blanks and Chinese signs let it be broken."""
    line = ""
    for piece in _pieces(text):
        if line.strip() and _columns((line + piece).rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += piece
    yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """What must stay together: a word with the blank behind it, a Chinese sign."""
    piece = ""
    for sign in text:
        if piece and (piece[-1] == " " or _columns(piece[-1]) == 2 or _columns(sign) == 2):
            yield piece
            piece = ""
        piece += sign
    yield piece


def _widest(texts: Iterable[str]) -> int:
    return max(map(_columns, texts))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    """How wide a terminal shows it: a Chinese sign takes two columns."""
    return sum(1 if sign < "\u1100" else 2 for sign in text)
