"""All randomness, from one seed: a stream of its own for everything that chooses.

So one more agent, or another patience, leaves every caller's hour of arrival as it was, and two settings can be
compared on the same day.
"""

from random import Random


class Streams:
    """Named random streams; the same seed and name give the same stream on any machine."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, name: str) -> Random:
        return Random(f"{self._seed} {name}")


def of_replication(seed: int, number: int) -> int:
    """The seed of replication `number` (from 0) of a study by `seed`: the first is the seed's own day."""
    return seed if number == 0 else Random(f"{seed} replication {number}").getrandbits(48)
