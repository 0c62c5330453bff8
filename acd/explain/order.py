"""The order of service: what a waiting call's place is made of, and which others are before and behind it."""

from heapq import nsmallest
from typing import NamedTuple

from acd.agents import Agent, AgentState
from acd.callflow import CallFlow
from acd.calls import Call
from acd.explain.facts import Because, Other, Terms
from acd.explain.names import of_group
from acd.explain.people import may_serve

SOME = 3
"""How many other calls are shown."""


def terms(call: Call, now: int) -> Terms:
    """What the call's place in the order of service is made of at `now`."""
    return Terms(
        call=call.id,
        caller=call.arrival.caller_number,
        group=of_group(call.group),
        returned=call.returned,
        tier=call.tier,
        wait_ms=now - call.waiting_since,
        credit_ms=call.credit_ms,
        weight_percent=call.group.weight_percent,
    )


def deciding(first: Terms, second: Terms) -> Because:
    """Which rule of the order of service puts `first` before `second`."""
    if first.returned != second.returned:
        return "returned"
    if first.tier != second.tier:
        return "tier"
    return "wait" if weighted_wait(first) != weighted_wait(second) else "arrival"


def weighted_wait(of: Terms) -> int:
    """(time waited + credit) x weight."""
    return (of.wait_ms + of.credit_ms) * of.weight_percent


def instead(flow: CallFlow, call: Call, agent: Agent) -> tuple[int, tuple[Other, ...]]:
    """The waiting calls that the agent could have had instead: how many, and the first of them."""
    others = {each for line in agent.lines for _, each in line.calls} - {call}
    own, first = terms(call, flow.now), nsmallest(SOME, others, flow.order_of_service)
    some = [terms(each, flow.now) for each in first]
    return len(others), tuple(Other(terms=each, because=deciding(own, each)) for each in some)


class Rivals(NamedTuple):
    """The waiting calls for the same agents as a call's."""

    ahead: list[Call]
    """Those that come first, in no order."""
    competing: int
    """How many there are, the call itself among them."""

    def first(self, flow: CallFlow, some: int) -> list[Call]:
        """The first of those that come first."""
        return nsmallest(some, self.ahead, flow.order_of_service)


def rivals(flow: CallFlow, call: Call) -> Rivals:
    """The waiting calls for the agents logged in who may serve it; nobody being logged in, for all who may."""
    may = [agent for agent in flow.agents.values() if may_serve(agent, call)]
    there = [agent for agent in may if agent.state is not AgentState.LOGGED_OUT]
    lines = set(call.lines).union(*(agent.lines for agent in there or may))
    found, own = {each for line in lines for _, each in line.calls} | {call}, flow.order_of_service(call)
    return Rivals([each for each in found if flow.order_of_service(each) < own], len(found))
