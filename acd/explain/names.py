"""Names beside ids, needs as facts, destinations as places: the small change of explanations."""

from acd.agents import Agent
from acd.calls import Call
from acd.explain.entries import NeedSets
from acd.explain.facts import Named, Need, Needs, Place
from acd.ids import AgentId, GroupId
from acd.overflow import asked
from acd.rules import Destination, DestinationKind, Rules, SkillGroup
from acd.skills import Needs as CoreNeeds


def of_agent(agent: Agent) -> Named:
    return Named(id=agent.id, name=agent.record.name)


def of_agent_id(agent: AgentId, rules: Rules) -> Named:
    """Who isn't in the rules is named by the id alone."""
    record = rules.agents.get(agent)
    return Named(id=agent, name=record.name if record is not None else "")


def of_group(group: SkillGroup) -> Named:
    return Named(id=group.id, name=group.name)


def of_group_id(group: GroupId, rules: Rules) -> Named:
    found = rules.groups.get(group)
    return of_group(found) if found is not None else Named(id=group)


def of_place(to: Destination, rules: Rules) -> Place:
    if to.kind is DestinationKind.AGENT:
        return Place(to=to, name=of_agent_id(AgentId(to.name), rules).name)
    inside = rules.groups.get(GroupId(to.name)) if to.kind is DestinationKind.GROUP else None
    return Place(to=to, name=inside.name if inside is not None else "")


def of_needs(needs: CoreNeeds) -> Needs:
    return tuple(Need(skill=skill, level=level) for skill, level in needs)


def asked_sets(call: Call, steps_done: int, rules: Rules) -> NeedSets:
    """What the call asks for in its group after so many steps: one of these sets must be covered."""
    sets = asked(call.group, call.own_needs, steps_done, rules.groups)
    return tuple(of_needs(each) for each in sets)
