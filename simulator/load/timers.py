"""What is to be done when: one heap, for a loop that waits until the next of them. Pure."""

import heapq
from collections.abc import Callable

Do = Callable[[], None]


class Timers:
    """Deadlines of any clock, in seconds. What is due at one moment is done in the order in which it was set."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Do]] = []
        self._set = 0

    def at(self, when: float, do: Do) -> None:
        """Do that at `when`, or at the next look after it."""
        self._set += 1
        heapq.heappush(self._heap, (when, self._set, do))

    def next_at(self) -> float:
        """When something is due; infinity if nothing is set."""
        return self._heap[0][0] if self._heap else float("inf")

    def run(self, now: float) -> None:
        """Do all that is due at `now`. What is set meanwhile waits for the next look, even if it is due."""
        due: list[Do] = []
        while self._heap and self._heap[0][0] <= now:
            due.append(heapq.heappop(self._heap)[2])
        for do in due:
            do()
