"""How long callers would have waited, of whom only those are known who gave up.

Who was answered after a short wait might have waited long, or not. To take them all to wait for ever makes every line
longer and every rule look worse than it is; to take only those who gave up for typical makes callers too hasty. The
product-limit estimate (Kaplan and Meier, 1958) counts both: at each wait at which somebody gave up, the share of those
who had waited so long and waited on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from random import Random


class Patience:
    """Made of (wait in ms, whether it ended by giving up) of every call."""

    def __init__(self, waits: Iterable[tuple[int, bool]]) -> None:
        self._times: list[int] = []
        """At which somebody gave up, ascending."""
        self._minus_share: list[float] = []
        """Of those times: minus the share of callers who wait on."""
        share, seen = 1.0, sorted(waits, key=lambda wait: (wait[0], not wait[1]))
        for n, (ms, gave_up) in enumerate(seen):
            if gave_up:
                share *= 1 - 1 / (len(seen) - n)
                self._times.append(ms)
                self._minus_share.append(-share)

    def __len__(self) -> int:
        """How many gave up."""
        return len(self._times)

    def longer_than(self, waited_ms: int, rng: Random) -> int | None:
        """A patience by chance of one who has waited so long already; None: longer than anybody's who gave up."""
        known = bisect_right(self._times, waited_ms)
        wait_on = -self._minus_share[known - 1] if known else 1.0
        n = bisect_left(self._minus_share, -wait_on * rng.random(), lo=known)
        return self._times[n] if n < len(self._times) else None
