"""Of Trio's memory channels: taking several things at once."""

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

import trio

T = TypeVar("T")


def there_already(channel: trio.MemoryReceiveChannel[T], at_most: int | None = None) -> Iterator[T]:
    """What is in `channel`, or as much of it, without waiting."""
    return islice(_all_of(channel), at_most)


def _all_of(channel: trio.MemoryReceiveChannel[T]) -> Iterator[T]:
    try:
        while True:
            yield channel.receive_nowait()
    except (trio.WouldBlock, trio.EndOfChannel):
        return
