"""How people write durations and shares on a command line and in a CSV."""

import re

import click

UNITS_S = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}
_DURATION = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(s|m|min|h|)")
_SHARE = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(%?)")


def seconds(written: str) -> float:
    """180, 180s, 3m, 0.5h. Raises ValueError."""
    found = _DURATION.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} is no duration: write seconds, or 90s, 30m, 1h")
    return float(found[1]) * UNITS_S[found[2]]


def share(written: str) -> float:
    """80, 80% or 0.8, as 0..1. Raises ValueError; also for a bare 1, which may mean either."""
    found = _SHARE.fullmatch(written.strip())
    if found is None:
        raise ValueError(f"{written!r} is no share: write 80, 80% or 0.8")
    value = float(found[1])
    if not found[2] and found[1] == "1":
        raise ValueError("1 may mean 1 % or all: write 1% or 100%")
    part = value / 100 if found[2] or value > 1 else value
    if part > 1:
        raise ValueError(f"{written!r} is more than all: a share is at most 100%")
    return part


def duration(value_s: float) -> str:
    """As people read it: 45 s, 3 min, 1.5 h."""
    if value_s < 120:
        return f"{value_s:.1f} s" if value_s < 10 else f"{value_s:.0f} s"
    return f"{value_s / 60:.1f} min" if value_s < 7200 else f"{value_s / 3600:.1f} h"


class Seconds(click.ParamType[float]):
    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return seconds(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Share(click.ParamType[float]):
    name = "share"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        try:
            return share(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
