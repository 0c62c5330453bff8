"""Times of day as a scenario writes them, and what is so much from one of them to the next."""

import re
from collections.abc import Mapping
from typing import Any

from acd.hours import DAY_MINUTES

ByTime = Mapping[int, float]
"""From this minute of the day on: so much. What the last one says goes on past midnight, until the first."""

_TIME = 'a time of day, from "00:00" to "23:59"'
_MINUTES = {24: 60, 48: 30}
"""How many minutes each number of a list stands for, by how many there are."""


def minute_of_day(text: str) -> int:
    """Minutes since midnight. Raises ValueError."""
    found = re.fullmatch(r"(\d\d?):(\d\d)", text, re.ASCII)
    hour, minute = (int(part) for part in found.groups()) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise ValueError(f"Input should be {_TIME}")
    return hour * 60 + minute


def clock(minute: int) -> str:
    """What a clock shows at that minute of the day, or of a later one."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def numbers_by_time(given: Any) -> ByTime:
    """What a list of 24 or 48 numbers says, or a table by times of day. Raises ValueError."""
    if isinstance(given, list) and len(given) in _MINUTES:
        found = {n * _MINUTES[len(given)]: number for n, number in enumerate(given)}
    elif isinstance(given, dict) and given:
        found = _read(given)
    else:
        raise ValueError(
            "Input should be 24 numbers, one for each hour, or 48, for each half hour, "
            'or a table by times of day, such as { "08:00" = 3, "18:00" = 1 }'
        )
    if not all(_is_amount(number) for number in found.values()):
        raise ValueError("Input should have numbers of at least 0 and no others")
    if not any(found.values()):
        raise ValueError("Input should have a number above 0; nobody would call")
    return dict(sorted(found.items()))


def _read(table: dict[str, Any]) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for time, number in table.items():
        try:
            minute = minute_of_day(time)
        except ValueError:
            raise ValueError(f"{time!r} is not {_TIME}") from None
        if minute in found:
            raise ValueError(f"{clock(minute)} is given twice")
        found[minute] = number
    return found


def _is_amount(number: Any) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number < float("inf")


def in_a_day(amounts: ByTime) -> float:
    """Hours times what is so much an hour, all day together."""
    starts = [*amounts, min(amounts) + DAY_MINUTES]
    spans = zip(starts, starts[1:], amounts.values())
    return sum((until - since) / 60 * amount for since, until, amount in spans)
