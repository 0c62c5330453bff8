"""Which agent for a call, which call for an agent; and keeping both in their lines meanwhile.

Order of service: returned calls, then the higher tier, then the longest wait times weight, then arrival; over all lines
the agent stands in. Choice of agent: the strategy of the call's group; a call's lines know all ready agents that may
serve it, sorted by that.
"""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from acd.agents import Agent
from acd.calls import Call, ServiceRank
from acd.ids import Instant
from acd.lot import Lot
from acd.queues import Line, agent_rank
from acd.rules import Strategy

Entry = tuple[ServiceRank, Call]
LONGEST_IDLE, RANDOM = Strategy.LONGEST_IDLE, Strategy.RANDOM


# --- which agent ----------------------------------------------------------------------------------------------


def best_agent(call: Call, lot: Lot) -> Agent | None:
    """The first, by the strategy, of the ready agents that may serve `call`; one who declined it only as the last."""
    lines = call.lines
    line = lines[0]
    if line.strategy is RANDOM:
        return _drawn_agent(call, lot)
    if len(lines) == 1 and not call.declined:
        head = line.agents.chunks[0]
        return head[0][1] if head else None
    heads = [entry for line in lines if (entry := _first_fresh(line, call)) is not None]
    heads = heads or [line.agents.chunks[0][0] for line in lines if line.agents]
    return min(heads, key=itemgetter(0))[1] if heads else None


def fresh_agents(call: Call) -> list[Agent]:
    """All ready agents that may serve `call` and that it wasn't offered to in vain, longest idle first."""
    ready = {agent: None for line in call.lines for _, agent in line.agents if agent.id not in call.declined}
    return sorted(ready, key=lambda agent: agent.idle_rank)


def _first_fresh(line: Line, call: Call) -> tuple[Any, Agent] | None:
    return next((entry for entry in line.agents if entry[1].id not in call.declined), None)


def _drawn_agent(call: Call, lot: Lot) -> Agent | None:
    """Anybody with equal chances, though who stands in two lines could be drawn twice: that draw doesn't count."""
    sizes = [len(line.agents) for line in call.lines]
    if not any(sizes):
        return None
    while True:
        at, n = 0, lot.draw(sum(sizes))
        while n >= sizes[at]:
            n -= sizes[at]
            at += 1
        agent = call.lines[at].agents.nth(n)[1]
        if not any(line in agent.lines for line in call.lines[:at]):
            break
    if agent.id in call.declined:
        others = fresh_agents(call)
        return others[lot.draw(len(others))] if others else agent
    return agent


# --- which call -----------------------------------------------------------------------------------------------


def best_call(agent: Agent, now: Instant) -> Call | None:
    """The first in the order of service of all waiting calls that `agent` may serve."""
    first, weight = None, 0
    for line in agent.lines:
        head = line.calls.chunks[0]
        if head and (first is None or _goes_before(head[0], line.weight, first, weight, now)):
            first, weight = head[0], line.weight
    return first[1] if first is not None else None


def best_ring(agent: Agent, now: Instant) -> Call | None:
    """The first in the order of service of the ring-all calls that `agent` may join."""
    heads = [
        (weighted(entry[0], line.weight, now), entry[1])
        for line in agent.lines
        if (entry := next((each for each in line.ringing if agent.id not in each[1].declined), None)) is not None
    ]
    return min(heads)[1] if heads else None


def weighted(rank: ServiceRank, weight: int, now: Instant) -> tuple[bool, int, int, int]:
    """The whole order of service, over all weights, as it is at `now`."""
    behind_returned, minus_tier, arrival, ticket = rank
    return behind_returned, minus_tier, -weight * (now - arrival), ticket


def _goes_before(entry: Entry, weight: int, other: Entry, other_weight: int, now: Instant) -> bool:
    if weight == other_weight:
        return entry < other
    return weighted(entry[0], weight, now) < weighted(other[0], other_weight, now)


def first_match(lines: Iterable[Line], now: Instant) -> Call | None:
    """The first call in the order of service, over all of `lines`, for which an agent is ready."""
    heads = [
        (weighted(line.calls.chunks[0][0][0], line.weight, now), line.calls.chunks[0][0][1])
        for line in lines
        if line.calls and line.agents
    ]
    return min(heads)[1] if heads else None


# --- standing in lines ----------------------------------------------------------------------------------------


def place_agent(agent: Agent) -> None:
    """Let `agent` stand ready in every line that is open to it."""
    plain = (agent.idle_rank, agent)
    for line in agent.lines:
        line.agents.put(plain if line.strategy is LONGEST_IDLE else (agent_rank(agent, line), agent))
    agent.placed = True


def take_agent(agent: Agent) -> None:
    """Let `agent` stand in no line, wherever it stood."""
    if agent.placed:
        plain = (agent.idle_rank, agent)
        for line in agent.lines:
            line.agents.take(plain if line.strategy is LONGEST_IDLE else (agent_rank(agent, line), agent))
        agent.placed = False


def place_call(call: Call) -> None:
    """Let `call` wait in its lines at its rank."""
    entry = (call.rank, call)
    for line in call.lines:
        line.calls.put(entry)
    call.placed = True


def take_call(call: Call) -> None:
    """Let `call` stand in no line, if it stood in one."""
    if call.placed:
        entry = (call.rank, call)
        for line in call.lines:
            line.calls.take(entry)
        call.placed = False


def open_ring(call: Call) -> None:
    """Let agents who become ready join the ringing of `call`."""
    for line in call.lines:
        line.ringing.put((call.rank, call))


def close_ring(call: Call) -> None:
    """Let nobody join any more."""
    for line in call.lines:
        line.ringing.take((call.rank, call))
