"""How often the garbage collector looks for what the simulator leaves behind: hardly anything, so seldom."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

THRESHOLDS = (50_000, 20, 100)


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Within this the collector comes seldom, if it comes at all; afterwards as often as before."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
