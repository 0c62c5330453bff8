"""Which agent for a call, which call for an agent; and keeping both in their lines meanwhile.

Order of service: the call with the smallest :class:`acd.calls.ServiceRank` over all lines the agent's skills cover.
Choice of agent: longest idle. A call's line knows all ready agents that may serve it, sorted by their idle rank.
"""

from acd.agents import Agent
from acd.calls import Call
from acd.queues import Line


def best_agent(call: Call) -> Agent | None:
    """The longest idle of the ready agents that may serve `call`; one it was offered to in vain only as the last."""
    ready = call.line.agents
    head = ready.chunks[0]
    if not head:
        return None
    if call.declined:
        return next((agent for _, agent in ready if agent.id not in call.declined), head[0][1])
    return head[0][1]


def best_call(agent: Agent) -> Call | None:
    """The first in the order of service of all waiting calls that `agent` may serve."""
    first = None
    for line in agent.lines:
        head = line.calls.chunks[0]
        if head and (first is None or head[0] < first):
            first = head[0]
    return first[1] if first is not None else None


def place_agent(agent: Agent) -> None:
    """Let `agent` stand ready in every line its skills cover."""
    entry = (agent.idle_rank, agent)
    for line in agent.lines:
        line.agents.put(entry)
    agent.placed = True


def take_agent(agent: Agent) -> None:
    """Let `agent` stand in no line, wherever it stood."""
    if agent.placed:
        entry = (agent.idle_rank, agent)
        for line in agent.lines:
            line.agents.take(entry)
        agent.placed = False


def place_call(call: Call) -> None:
    """Let `call` wait in its line at its rank."""
    call.line.calls.put((call.rank, call))
    call.placed = True


def take_call(call: Call) -> None:
    """Let `call` stand in no line, if it stood in one."""
    if call.placed:
        call.line.calls.take((call.rank, call))
        call.placed = False


def first_match(lines: "list[Line]") -> Call | None:
    """The first call in the order of service, over all of `lines`, for which an agent is ready."""
    heads = [line.calls.chunks[0][0] for line in lines if line.calls and line.agents]
    return min(heads)[1] if heads else None
