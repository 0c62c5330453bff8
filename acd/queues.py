"""Skill groups as configured, and the lines in which their calls wait.

A *line* holds all that share one distinct set of needs: on one side the calls that wait, in the order of service, on
the other the ready agents that may serve them, in the order of idleness. So an arriving call looks at one line's
agents, and an agent becoming ready at the heads of the few lines the agent's skills cover; nobody walks all calls or
all agents. Groups with equal needs share a line.

A line, once met, stays: needs are few and come back. Only a set of needs never seen before costs a walk over those
agents that have its rarest skill.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from acd.ids import GroupId, SkillId
from acd.rows import Row
from acd.skills import Needs, Skills, cover

if TYPE_CHECKING:
    from acd.agents import Agent
    from acd.calls import Call, ServiceRank


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """A queue as configured. `wrap_up_ms` 0 means: ready at once after the call."""

    id: GroupId
    name: str = ""
    needs: Needs = ()
    ring_ms: int = 15_000
    wrap_up_ms: int = 30_000


class Line:
    """The calls that wait with one set of needs, and the ready agents that may serve them. Never both, but briefly."""

    __slots__ = ("agents", "calls", "needs")

    def __init__(self, needs: Needs) -> None:
        self.needs = needs
        self.calls: Row[tuple[ServiceRank, Call]] = Row()
        self.agents: Row[tuple[int, Agent]] = Row()


class Lines:
    """Every line there is, found by needs or by the skills that cover them."""

    def __init__(self) -> None:
        self._by_needs: dict[Needs, Line] = {}
        self._by_first_need: defaultdict[SkillId | None, list[Line]] = defaultdict(list)
        self._agents_by_skill: defaultdict[SkillId | None, list[Agent]] = defaultdict(list)

    def __iter__(self) -> Iterator[Line]:
        return iter(self._by_needs.values())

    def of(self, needs: Needs) -> Line:
        """The line for `needs`, opened when they are met for the first time."""
        line = self._by_needs.get(needs)
        return line if line is not None else self._open(needs)

    def enlist(self, agent: Agent) -> None:
        """Make `agent` known: it serves from now on the lines, present and future, that its skills cover."""
        agent.lines = self._covered(agent.record.skills)
        self._agents_by_skill[None].append(agent)
        for skill, _ in agent.record.skills:
            self._agents_by_skill[skill].append(agent)

    def _open(self, needs: Needs) -> Line:
        line = self._by_needs[needs] = Line(needs)
        self._by_first_need[needs[0][0] if needs else None].append(line)
        for agent in self._with_rarest_skill(needs):
            if cover(agent.record.skills, needs):
                agent.lines.append(line)
                if agent.placed:
                    line.agents.put((agent.idle_rank, agent))
        return line

    def _with_rarest_skill(self, needs: Needs) -> list[Agent]:
        choices = [self._agents_by_skill[skill] for skill, _ in needs] or [self._agents_by_skill[None]]
        return min(choices, key=len)

    def _covered(self, skills: Skills) -> list[Line]:
        """Each line stands under the first skill it needs, so only lines with one of `skills` are looked at."""
        keys: list[SkillId | None] = [None, *(skill for skill, _ in skills)]
        return [line for key in keys for line in self._by_first_need[key] if cover(skills, line.needs)]
