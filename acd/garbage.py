"""The garbage collector in small helpings, for a long collection holds up every call.

Python collects the young objects when so many more were made than have gone. A daemon with thousands of clients makes
and drops them evenly: that count stays near nothing while the young become many ten thousands, and then one collection
takes 20 to 270 ms (5,000 clients, whatever the thresholds). So the young are looked through ten times a second, for a
few milliseconds each, and all objects only when what is held has grown by half: until then there can't be much garbage.
"""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import trio

HELPING_S = 0.1
"""How long the young gather."""
HELPINGS = 20
"""So many helpings from one look at what is held to the next."""
GROWTH = 1.5
"""What is held, over what was held after the last look at all objects, that calls for the next."""


async def collect() -> None:
    """Look for garbage for ever, a little at a time; Python's own collector rests meanwhile."""
    with resting():
        while True:
            held = _look_at_all()
            while sys.getallocatedblocks() < GROWTH * held:
                for _ in range(HELPINGS):
                    await trio.sleep(HELPING_S)
                    gc.collect(0)


def _look_at_all() -> int:
    """How many blocks of memory are held afterwards."""
    gc.collect()
    return sys.getallocatedblocks()


@contextmanager
def resting() -> Iterator[None]:
    """Within this Python's own collector rests; afterwards it is as it was."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
