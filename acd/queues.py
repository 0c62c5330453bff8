"""The lines in which calls wait and ready agents stand.

A *line* holds all that share one distinct set of needs (and strategy, and weight): on one side the calls that wait, in
the order of service, on the other the ready agents that may serve them, in the order of the strategy. So an arriving
call looks at its line's agents, and an agent becoming ready at the heads of the few lines the agent's skills cover;
nobody walks all calls or all agents. Groups with equal needs, strategy and weight share a line. A call that may be
served in several ways stands in several lines; one that waits for its personal agent stands in that agent's own.

A line, once met, stays until other rules come: needs are few and come back. Only a set of needs never seen before costs
a walk over those agents that have its rarest skill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from acd.agents import AgentState
from acd.ids import SkillId
from acd.occupancy import NEVER_OCCUPIED
from acd.rows import Row
from acd.rules import Strategy
from acd.skills import Needs, Skills, cover

if TYPE_CHECKING:
    from acd.agents import Agent
    from acd.calls import Call, ServiceRank

PLAIN_WEIGHT = 100


class Line:
    """The calls that wait with one set of needs, and the ready agents that may serve them. Never both, but briefly."""

    __slots__ = ("agents", "calls", "measure", "needs", "ringing", "staff", "strategy", "weight")

    def __init__(
        self,
        needs: Needs,
        strategy: Strategy = Strategy.LONGEST_IDLE,
        weight: int = PLAIN_WEIGHT,
        measure: Needs = (),
    ) -> None:
        self.needs = needs
        self.measure = measure
        """Over which needs most-skilled sums levels: those of the call's own group, whatever group lets agents in."""
        self.strategy = strategy
        self.weight = weight
        self.calls: Row[tuple[ServiceRank, Call]] = Row()
        self.ringing: Row[tuple[ServiceRank, Call]] = Row()
        """The ring-all calls that ring already, and which more agents may join."""
        self.agents: Row[tuple[Any, Agent]] = Row()
        self.staff = 0
        """How many agents are logged in that may serve here."""


class Lines:
    """Every line there is, found by needs or by the skills that cover them."""

    def __init__(self) -> None:
        self._lines: dict[tuple[Needs, Strategy, int, Needs], Line] = {}
        self._by_first_need: defaultdict[SkillId | None, list[Line]] = defaultdict(list)
        self._agents_by_skill: defaultdict[SkillId | None, dict[Agent, None]] = defaultdict(dict)
        self._personal: dict[tuple[Agent, Strategy, int], Line] = {}

    def __iter__(self) -> Iterator[Line]:
        yield from self._lines.values()
        yield from self._personal.values()

    def of(
        self,
        needs: Needs,
        strategy: Strategy = Strategy.LONGEST_IDLE,
        weight: int = PLAIN_WEIGHT,
        measure: Needs = (),
    ) -> Line:
        """The line for `needs`, opened when they are met for the first time. Only most-skilled asks for a `measure`."""
        key = (needs, strategy, weight, measure if strategy is Strategy.MOST_SKILLED else ())
        line = self._lines.get(key)
        return line if line is not None else self._open(Line(*key), key)

    def personal(self, agent: Agent, strategy: Strategy, weight: int) -> Line:
        """The line of `agent` alone, whatever the skills. Two strategies or weights have two lines."""
        line = self._personal.get((agent, strategy, weight))
        if line is None:
            line = self._personal[agent, strategy, weight] = Line((), strategy, weight)
            agent.personal_lines.append(line)
            self._join(line, agent)
        return line

    def enlist(self, agent: Agent) -> None:
        """Make `agent` known: it serves from now on the lines, present and future, that its skills cover."""
        agent.lines = [*self._covered(agent.record.skills), *agent.personal_lines]
        for line in agent.lines:
            line.staff += agent.state is not AgentState.LOGGED_OUT
        self._agents_by_skill[None][agent] = None
        for skill, _ in agent.record.skills:
            self._agents_by_skill[skill][agent] = None

    def strike(self, agent: Agent) -> None:
        """The agent, who must not be placed, serves nowhere from now on."""
        for line in agent.lines:
            line.staff -= agent.state is not AgentState.LOGGED_OUT
        agent.lines = []
        del self._agents_by_skill[None][agent]
        for skill, _ in agent.record.skills:
            del self._agents_by_skill[skill][agent]

    def forget_personal(self, agent: Agent) -> None:
        """Drop the agent's own lines, in which nobody waits any more: the agent is gone for good."""
        for line in agent.personal_lines:
            del self._personal[agent, line.strategy, line.weight]

    def drop_unused(self, used: Iterable[Line]) -> None:
        """Forget the lines in which nobody waits or rings, but those `used`. No agent may be placed."""
        kept = set(used)
        gone = {each for each in self._lines.values() if each not in kept and not each.calls and not each.ringing}
        self._lines = {key: line for key, line in self._lines.items() if line not in gone}
        for lines in (*self._by_first_need.values(), *(agent.lines for agent in self._agents_by_skill[None])):
            lines[:] = [line for line in lines if line not in gone]

    def _open(self, line: Line, key: tuple[Needs, Strategy, int, Needs]) -> Line:
        self._lines[key] = line
        needs = line.needs
        self._by_first_need[needs[0][0] if needs else None].append(line)
        for agent in self._with_rarest_skill(needs):
            if cover(agent.record.skills, needs):
                self._join(line, agent)
        return line

    def _join(self, line: Line, agent: Agent) -> None:
        agent.lines.append(line)
        line.staff += agent.state is not AgentState.LOGGED_OUT
        if agent.placed:
            line.agents.put((agent_rank(agent, line), agent))

    def _with_rarest_skill(self, needs: Needs) -> dict[Agent, None]:
        choices = [self._agents_by_skill[skill] for skill, _ in needs] or [self._agents_by_skill[None]]
        return min(choices, key=len)

    def _covered(self, skills: Skills) -> list[Line]:
        """Each line stands under the first skill it needs, so only lines with one of `skills` are looked at."""
        keys: list[SkillId | None] = [None, *(skill for skill, _ in skills)]
        return [line for key in keys for line in self._by_first_need[key] if cover(skills, line.needs)]


# --- strategies: each is a sort key for an agent in a line, smallest first; what ties goes to the longest idle --------


def agent_rank(agent: Agent, line: Line) -> Any:
    """Where `agent` stands among the ready agents of `line`. It changes only while the agent isn't placed."""
    rank = STRATEGIES.get(line.strategy)
    return agent.idle_rank if rank is None else (*rank(agent, line), agent.idle_rank)


def _least_occupied(agent: Agent, _line: Line) -> tuple[Any, ...]:
    return (agent.load.key if agent.load is not None else NEVER_OCCUPIED,)


def _fewest_calls(agent: Agent, _line: Line) -> tuple[Any, ...]:
    return (len(agent.answered),)


def _round_robin(agent: Agent, _line: Line) -> tuple[Any, ...]:
    return (agent.turn, agent.position)


def _most_skilled(agent: Agent, line: Line) -> tuple[Any, ...]:
    levels = dict(agent.record.skills)
    return (-sum(levels.get(skill, 0) for skill, _ in line.measure),)


def _least_skilled(agent: Agent, _line: Line) -> tuple[Any, ...]:
    skills = agent.record.skills
    return (len(skills), sum(level for _, level in skills))


def _fixed_order(agent: Agent, _line: Line) -> tuple[Any, ...]:
    return (agent.position,)


STRATEGIES = {
    Strategy.LEAST_OCCUPIED: _least_occupied,
    Strategy.FEWEST_CALLS: _fewest_calls,
    Strategy.ROUND_ROBIN: _round_robin,
    Strategy.MOST_SKILLED: _most_skilled,
    Strategy.LEAST_SKILLED: _least_skilled,
    Strategy.FIXED_ORDER: _fixed_order,
}
"""Longest-idle, random and ring-all need none: they go by, draw from, or ring in the order of idleness."""
