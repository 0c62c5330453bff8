"""What isn't installed with the daemon: plots, the page's templates, Student's t. Loaded when first needed."""

from importlib import import_module
from typing import Any

import click


class ExtraMissing(click.ClickException):
    """A library that only studies need isn't there."""

    exit_code = 2


def extra(module: str) -> Any:
    """The module so called. Raises ExtraMissing, which tells how to install it."""
    try:
        return import_module(module)
    except ImportError as error:
        library = module.split(".")[0]
        raise ExtraMissing(
            f'{library} is needed for this and can\'t be loaded ({error}): pip install "switchyard-acd[sim]"'
        ) from error
