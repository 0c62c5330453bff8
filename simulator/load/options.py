"""What `acd load` may be told, and that a wrong word is one line which says what is right."""

from __future__ import annotations

import math

import click


class OneLine(click.Command):
    """A command whose usage errors are one line each."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As the base."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise click.UsageError(f"{error.format_message()} See `{ctx.info_name} --help`.") from None


class Finite(click.FloatRange):
    """A number that is one."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """As the base."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is no such number; give one like 10 or 0.5.", param, ctx)
        return number


class Rates(click.ParamType[tuple[float, ...]]):
    """`auto`, or numbers with commas between."""

    name = "rates"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """None for `auto`; else in their order."""
        if isinstance(value, tuple):
            return value
        if value == "auto":
            return ()
        try:
            rates = tuple(float(each) for each in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is neither `auto` nor numbers such as 50,100,200.", param, ctx)
        if not all(0 < rate < math.inf for rate in rates):
            self.fail(f"{value!r}: calls a second are more than 0, such as 50,100,200.", param, ctx)
        return rates
