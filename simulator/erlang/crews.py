"""A scenario's crews, and the same scenario with more or fewer in them.

A crew are those whose ids differ by the number at the end (early-001, early-002) and who have the same skills; whoever
has no such id is one alone. Of a crew that shrinks the last leave; who joins works as the crew's first, second... do,
so that breaks go on to be had in turns.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from acd.ids import AgentId
from acd.rules import AgentRecord
from acd.skills import Skills, cover
from simulator.scenarios import Scenario
from simulator.settings import simulated_agents

Sizes = Mapping[str, int]
"""Of each crew, by its name."""
_NUMBERED = re.compile(r"(.+)-(\d{3,})")


@dataclass(frozen=True, slots=True)
class Crew:
    name: str
    skills: Skills
    members: tuple[AgentId, ...]
    """As the scenario has them, in its order."""

    def agent(self, n: int) -> AgentId:
        """The `n`th from 0, whoever that is or would be."""
        return self.members[n] if n < len(self.members) else AgentId(f"{self.name}-{n + 1:03}")

    def serves(self, scenario: Scenario) -> list[str]:
        """The groups whose calls they may take."""
        return [group.id for group in scenario.rules.groups.values() if cover(self.skills, group.needs)]


def crews(scenario: Scenario) -> list[Crew]:
    """All who work in it, in its order."""
    found: dict[tuple[str, Skills], list[AgentId]] = {}
    for agent in simulated_agents(scenario.people, scenario.rules):
        skills = scenario.rules.agents[agent].skills
        numbered = _NUMBERED.fullmatch(agent)
        found.setdefault((numbered[1] if numbered else agent, skills), []).append(agent)
    alike = Counter(name for name, _ in found)
    return [
        Crew(name if alike[name] == 1 else members[0], skills, tuple(members))
        for (name, skills), members in found.items()
    ]


def sizes(all_crews: list[Crew]) -> dict[str, int]:
    """As the scenario has them."""
    return {crew.name: len(crew.members) for crew in all_crews}


def sized(scenario: Scenario, all_crews: list[Crew], wanted: Sizes) -> Scenario:
    """The same with so many in each crew, and nobody else."""
    agents: dict[AgentId, AgentRecord] = {}
    shifts = {}
    for crew in all_crews:
        for n in range(wanted[crew.name]):
            like, agent = crew.members[n % len(crew.members)], crew.agent(n)
            agents[agent] = replace(scenario.rules.agents[like], id=agent, device=f"PJSIP/{agent}")
            if like in scenario.people.shifts:
                shifts[agent] = scenario.people.shifts[like]
    return replace(
        scenario,
        rules=replace(scenario.rules, agents=agents),
        people=replace(scenario.people, simulated_agents=tuple(agents), shifts=shifts),
        seats=None,
    )
