"""Who may serve a call and what they do; who is there but lacks skills. Reads the core's state, changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from acd.agents import Agent, AgentState
from acd.calls import Call
from acd.explain.facts import NAMES_MAX, Engaged, InState, Lacking, LacksLevels, Need
from acd.explain.names import of_agent, of_needs
from acd.overflow import asked
from acd.rules import Rules
from acd.skills import Needs

ORDER = (
    AgentState.READY,
    AgentState.RINGING,
    AgentState.TALKING,
    AgentState.WRAP_UP,
    AgentState.NOT_READY,
    AgentState.LOGGED_OUT,
)
"""Who is nearest to serving comes first."""


def may_serve(agent: Agent, call: Call) -> bool:
    """Whether the agent would be rung for the call, were both free."""
    return not set(call.lines).isdisjoint(agent.lines)


def by_state(agents: Iterable[Agent], call: Call) -> tuple[InState, ...]:
    """These agents, counted by state."""
    found: dict[AgentState, list[Agent]] = defaultdict(list)
    for agent in agents:
        found[agent.state].append(agent)
    return tuple(_in_state(state, found[state], call) for state in ORDER if state in found)


def _in_state(state: AgentState, agents: list[Agent], call: Call) -> InState:
    some = sorted(agents, key=lambda agent: (agent.since, agent.position))[:NAMES_MAX]
    return InState(state=state, count=len(agents), some=tuple(_engaged(agent, call) for agent in some))


def _engaged(agent: Agent, call: Call) -> Engaged:
    return Engaged(
        agent=of_agent(agent),
        since=agent.since,
        call=agent.call.id if agent.call is not None else "",
        reason=agent.reason,
        by=agent.by,
        pending=agent.pending.state if agent.pending is not None else "",
        declined=agent.id in call.declined,
    )


# --- skills -----------------------------------------------------------------------------------------------------------


def missing(agent: Agent, sets: Iterable[Needs]) -> Needs:
    """What the agent lacks of that one of the `sets` where the least is missing."""
    levels = dict(agent.record.skills)
    lacks = [tuple(each for each in needs if levels.get(each[0], 0) < each[1]) for needs in sets]
    return min(lacks, key=len)


def lacking(call: Call, agents: Iterable[Agent], rules: Rules) -> tuple[Lacking, ...]:
    """Those of `agents` who may not serve the call, counted by what they lack, the most frequent first.

    None while the call waits for its personal agent: then skills are not the question.
    """
    if call.personal is not None:
        return ()
    sets = asked(call.group, call.own_needs, call.steps_done, rules.groups)
    found: dict[Needs, list[Agent]] = defaultdict(list)
    for agent in agents:
        if lacks := missing(agent, sets):
            found[lacks].append(agent)
    rows = sorted(found.items(), key=lambda row: (-len(row[1]), row[0]))
    return tuple(
        Lacking(needs=of_needs(needs), count=len(some), some=tuple(_levels(some[:NAMES_MAX], needs)))
        for needs, some in rows
    )


def _levels(agents: Iterable[Agent], needs: Needs) -> Iterator[LacksLevels]:
    for agent in agents:
        levels = dict(agent.record.skills)
        yield LacksLevels(
            agent=of_agent(agent), has=tuple(Need(skill=skill, level=levels.get(skill, 0)) for skill, _ in needs)
        )
