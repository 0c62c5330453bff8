"""What is asked of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from simulator.load.centre import Centre

WRAP_UP_S = 0.5
"""How long an agent with a wrap-up takes for it, on average."""
TALK_S_MAX, TALK_S_MIN, RING_S = 3.0, 0.3, 0.15
BUSY_SHARE, SPREADS = 0.6, 3.0
"""So many of the agents to whom calls come at random have one at most, on average; and of few agents so many fewer that
with so many standard deviations more they all have one: somebody is idle for each."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked for."""

    centre: Centre
    rates: tuple[float, ...] = ()
    """Calls a second, in their order; none: up to the limit by itself."""
    seconds: float = 10.0
    limit_ms: float = 50.0
    storm: float = 0.2
    """The share of connections that is cut at one moment."""
    slow_agents: float = 0.0
    """The share of agents whose clients read slowly, or not at all."""
    seed: int = 1

    def backlog(self) -> int:
        """How many callers are to wait all the time."""
        return max(5, min(200, self.centre.busy_agents() // 2))

    def slow_number(self) -> int:
        """How many agents' clients read slowly, or not at all."""
        return math.ceil(self.slow_agents * self.centre.agents)

    def rate_max(self) -> float:
        """How many calls a second so many agents can take."""
        each_s = TALK_S_MIN + RING_S + WRAP_UP_S
        return max(1, math.floor(2 * self._at_once() / each_s))

    def _at_once(self) -> float:
        """How many of those to whom calls come at random have one, on average, at the highest rate."""
        agents = self.centre.agents - self.centre.busy_agents()
        root = (math.sqrt(SPREADS**2 + 4 * agents) - SPREADS) / 2
        return min(BUSY_SHARE * agents, root**2)

    def talk_s(self, rate: float) -> float:
        """How long those talk to whom calls come at random."""
        longest_s = self._at_once() / (rate / 2) - RING_S - WRAP_UP_S
        return max(TALK_S_MIN, min(TALK_S_MAX, longest_s))
