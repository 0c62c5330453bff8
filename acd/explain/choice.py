"""Why this agent: the ready ones in the order of the strategy, each with what the strategy goes by.

Looked at before the offer is made: agents still stand in their lines, the call is as it waits.
"""

from collections.abc import Mapping
from decimal import Context, Decimal
from typing import Any, Protocol

from acd.agents import Agent
from acd.callflow import CallFlow
from acd.calls import Call
from acd.explain import names, order, people
from acd.explain.entries import Offered, Ring
from acd.explain.facts import Candidate, Trigger
from acd.ids import AgentId, Instant
from acd.queues import agent_rank
from acd.rules import Strategy

NEXT_MAX = 3
"""How many runners-up are shown."""
BY_IDLENESS = (Strategy.LONGEST_IDLE, Strategy.RANDOM, Strategy.RING_ALL)
_CONTEXT = Context(prec=28)


class Memory(Protocol):
    """Instants that the core doesn't keep, as far as they have been seen."""

    @property
    def idle_since(self) -> Mapping[AgentId, Instant]:
        """When an agent became idle; a withdrawn offer doesn't count."""

    @property
    def turn_at(self) -> Mapping[AgentId, Instant]:
        """When an agent's last turn was."""


def explained(flow: CallFlow, memory: Memory, call: Call, agents: list[Agent], trigger: Trigger) -> Offered:
    """What `agents`, the one chosen or (ring-all) all who ring, owe the offer of `call` to."""
    by_name, ready = not call.waits_in_line, candidates(call, agents)
    others = [agent for agent in ready if agent not in agents]
    count, instead = order.instead(flow, call, agents[0])
    rest = [] if by_name else [each for each in flow.agents.values() if each not in agents]
    sets = names.asked_sets(call, call.steps_done, flow.rules)
    return Offered(
        at=flow.now,
        rings=tuple(Ring(number=call.offers_made + n, agent=names.of_agent(each)) for n, each in enumerate(agents, 1)),
        trigger=trigger,
        group=names.of_group(call.group),
        strategy=call.group.strategy,
        needs=sets,
        personal=call.personal is not None,
        by_name=by_name,
        joins=bool(call.offers),
        chosen=candidate(flow, memory, call, agents[0], ready),
        next=tuple(candidate(flow, memory, call, each, ready) for each in others[:NEXT_MAX]),
        tie=bool(others) and _tie(call, agents[0], others[0]),
        ready=len(ready),
        staff=people.by_state([each for each in rest if not each.placed and people.may_serve(each, call)], call),
        lacking=people.lacking(call, [each for each in rest if each.placed], flow.rules),
        terms=order.terms(call, flow.now),
        instead=instead,
        instead_count=count,
    )


def candidates(call: Call, agents: list[Agent]) -> list[Agent]:
    """All who are ready and may serve the call, with `agents` (who may have become so just now), first first.

    A consult that asks for one agent looks at nobody else, and not at skills.
    """
    if not call.waits_in_line:
        return agents
    ready = {agent: None for line in call.lines for _, agent in line.agents} | dict.fromkeys(agents)
    return sorted(ready, key=lambda agent: (agent.id in call.declined, place(call, agent)))


def place(call: Call, agent: Agent) -> Any:
    """The agent's place by the strategy, in that of the call's lines where it is best."""
    return min(agent_rank(agent, line) for line in call.lines if line in agent.lines)


def _tie(call: Call, first: Agent, second: Agent) -> bool:
    """Whether the strategy itself didn't decide between the two, and the longer idleness did."""
    if call.group.strategy in BY_IDLENESS or (first.id in call.declined) != (second.id in call.declined):
        return False
    *measure, _ = place(call, first)
    *other, _ = place(call, second)
    return bool(measure == other)


def candidate(flow: CallFlow, memory: Memory, call: Call, agent: Agent, ready: list[Agent]) -> Candidate:
    """The agent with what the strategy goes by."""
    return Candidate(
        agent=names.of_agent(agent),
        idle_ms=flow.now - _idle_since(memory, agent, ready),
        declined=agent.id in call.declined,
        **_measure(flow, memory, call, agent),
    )


def _idle_since(memory: Memory, agent: Agent, ready: list[Agent]) -> Instant:
    """When the agent became idle; where nobody saw that, not later than those who became so after."""
    seen = memory.idle_since.get(agent.id)
    if seen is not None:
        return seen
    behind = [each for each in ready if each.idle_rank >= agent.idle_rank]
    return min(memory.idle_since.get(each.id, each.since) for each in behind)


def _measure(flow: CallFlow, memory: Memory, call: Call, agent: Agent) -> dict[str, Any]:
    match call.group.strategy:
        case Strategy.LEAST_OCCUPIED:
            return {"share": share(agent, flow.now, flow.rules.recent_ms)}
        case Strategy.FEWEST_CALLS:
            return {"calls": len(agent.answered)}
        case Strategy.ROUND_ROBIN:
            turn_at = memory.turn_at.get(agent.id) if agent.turn else None  # one removed and back has had none
            return {"has_had_turn": agent.turn > 0, "turn_at": turn_at, "position": agent.position + 1}
        case Strategy.MOST_SKILLED:
            return {"levels": _levels(call, agent)}
        case Strategy.LEAST_SKILLED:
            skills = agent.record.skills
            return {"skills": len(skills), "levels": sum(level for _, level in skills)}
        case Strategy.FIXED_ORDER:
            return {"position": agent.position + 1}
    return {}


def share(agent: Agent, now: Instant, recent_ms: int) -> float:
    """The occupied share of an idle agent's recent time as it is at `now`: from the key, so that it orders alike."""
    if agent.load is None or not agent.load.key.is_finite():
        return 0.0
    faded = _CONTEXT.subtract(agent.load.key, _CONTEXT.divide(Decimal(now), Decimal(recent_ms)))
    return float(_CONTEXT.exp(faded))


def _levels(call: Call, agent: Agent) -> int:
    """The sum of the levels over what the call needs in its own group."""
    levels = dict(agent.record.skills)
    return sum(levels.get(skill, 0) for skill, _ in call.lines[0].measure)
