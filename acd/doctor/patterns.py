"""Asterisk's extensions: which numbers a pattern of its dialplan takes. Pure."""

import re
from functools import cache

_SIGNS = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*", "-": ""}


def takes(extension: str, number: str) -> bool:
    """Whether a call to `number` comes to `extension`: its very name, or a pattern that begins with `_`."""
    return _expression(extension).fullmatch(number) is not None


@cache
def _expression(extension: str) -> re.Pattern[str]:
    if not extension.startswith("_"):
        return re.compile(re.escape(extension))
    parts = re.findall(r"\[[^\]]*\]|.", extension[1:])
    return re.compile("".join(part if _is_set(part) else _sign(part) for part in parts))


def _is_set(part: str) -> bool:
    """`[1-57]` is written as in a regular expression, but for the sign that would turn it round."""
    return len(part) > 2 and part[1] != "^"


def _sign(sign: str) -> str:
    return _SIGNS.get(sign.upper(), re.escape(sign))
