"""A small good scenario as text, and files of it with something changed."""

from __future__ import annotations

from pathlib import Path

GOOD = """
title = "A desk"
about = "Two people at one desk."
begins = 2026-03-02T00:00:00
zone = "Asia/Shanghai"
seats = 3

[[demand]]
entry = "8001"
calls_per_day = 240
shape = { "08:00" = 2, "12:00" = 1, "18:00" = 0 }

[people]
talk_s = { exponential = 120 }

[[crews]]
id = "day"
agents = 2
skills = { desk = 5 }
shifts = ["08:00-12:00", "13:00-18:00"]

[[agents]]
id = "anna"
skills = { desk = 9 }

[[groups]]
id = "desk"
needs = { desk = 3 }

[[entry_points]]
number = "8001"
group = "desk"

[[promises]]
figure = "service_level"
within_s = 20
at_least = 0.8
"""


def text(*changes: tuple[str, str]) -> str:
    """The good one, with each first text that is in it replaced by the second; after an empty one it goes on so."""
    changed = GOOD
    for old, new in changes:
        assert old in changed, f"{old!r} isn't there to be changed"
        changed = changed.replace(old, new, 1) if old else changed + new
    return changed


def written(folder: Path, content: str, name: str = "desk.toml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path
