"""What passes into and out of the core is a *message*: a value, never changed once made."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def message(kind: type[T]) -> type[T]:
    """A slotted dataclass, compared and hashed by value, frozen for the type checker.

    Not frozen at run time: a frozen dataclass takes five times as long to make, and messages are a third of the
    core's work (docs/decisions/0003).
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
