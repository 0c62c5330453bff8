"""What the live state says: where a call stands and who could have it, why an agent has none. Changes nothing."""

from collections import defaultdict
from heapq import nsmallest
from typing import Any

from acd.agents import Agent, AgentState
from acd.calls import IN_LINE, Call, CallState
from acd.explain import names, order, people
from acd.explain.answers import (
    AgentWhy,
    Asks,
    CallWhy,
    LeavingNow,
    Next,
    Passed,
    PersonalNow,
    Standing,
    as_json,
)
from acd.explain.facts import Place
from acd.ids import AgentId, CallId, Instant
from acd.overflow import asked
from acd.router import Router

AHEAD_MAX = 5
"""How many of the calls ahead, or for an agent, are shown."""


def why_live(
    router: Router, now: Instant, *, call: CallId | None = None, agent: AgentId | None = None
) -> dict[str, Any] | None:
    """The answer to "why" about a call or an agent, as far as the live state tells, for JSON; None: no such one."""
    if call is not None:
        return as_json(of_call(router, call, now)) if call in router.calls else None
    if agent is not None and agent in router.agents:
        return as_json(of_agent(router, agent, now))
    return None


# --- a call -----------------------------------------------------------------------------------------------------------


def of_call(router: Router, call_id: CallId, now: Instant) -> CallWhy:
    """Where a live call stands at `now`; what happened before isn't known here."""
    return CallWhy(call=call_id, at=now, standing=standing(router, router.calls[call_id], now))


def standing(router: Router, call: Call, now: Instant) -> Standing:
    """Where the call stands, and, if it waits or rings, who could have it."""
    flow, agents = router.flow, router.agents.values()
    in_line = call.state in IN_LINE
    may = [agent for agent in agents if people.may_serve(agent, call)] if in_line else []
    there = [agent for agent in agents if agent.state is not AgentState.LOGGED_OUT] if in_line else []
    rivals = order.rivals(flow, call) if call.state is CallState.WAITING else order.Rivals([], 1)
    return Standing(
        at=now,
        state=call.state,
        group=names.of_group(call.group),
        terms=order.terms(call, now),
        needs=names.asked_sets(call, call.steps_done, router.rules),
        ahead=len(rivals.ahead),
        ahead_some=tuple(order.terms(each, now) for each in rivals.first(flow, AHEAD_MAX)),
        competing=rivals.competing,
        logged_in=sum(agent.state is not AgentState.LOGGED_OUT for agent in may),
        staff=people.by_state(may, call),
        lacking=people.lacking(call, there, router.rules),
        pbx_lost=router.pbx_lost,
        personal=_personal(call),
        next=_next(call) if in_line else None,
        leaving=_leaving(router, call),
        rings_at=tuple(names.of_agent(offer.agent) for offer in call.offers),
        talks_with=names.of_agent(call.talk.agent) if call.talk is not None else None,
        talks_since=call.talking_since if call.talk is not None else None,
        stage=call.stage if call.talk is not None else None,
        consults=_consults(router, call),
        consult_answered=call.is_answered_consult,
        asks=_asks(call),
    )


def _consults(router: Router, call: Call) -> Place | None:
    to = call.consult.asked_to if call.consult is not None else None
    return names.of_place(to, router.rules) if to is not None else None


def _asks(call: Call) -> Asks | None:
    if call.about is None:
        return None
    talk = call.about.talk
    return Asks(agent=names.of_agent(talk.agent) if talk is not None else None, about=call.about.id)


def _personal(call: Call) -> PersonalNow | None:
    if call.personal is None:
        return None
    until = call.personal_until.at if call.personal_until is not None else None
    return PersonalNow(agent=names.of_agent(call.personal), state=call.personal.state, until=until)


def _next(call: Call) -> Next | None:
    steps, done = call.group.steps, call.steps_done
    if done >= len(steps):
        return None
    return Next(step=done + 1, at=Instant(call.in_group_since + steps[done].after_ms))


def _leaving(router: Router, call: Call) -> LeavingNow | None:
    if call.leaving is None:
        return None
    return LeavingNow(to=names.of_place(call.leaving.to, router.rules), cause=call.leaving.cause)


# --- an agent ---------------------------------------------------------------------------------------------------------


def of_agent(router: Router, agent_id: AgentId, now: Instant) -> AgentWhy:
    """What the agent does at `now`, and what stands between the agent and each waiting call."""
    agent, flow = router.agents[agent_id], router.flow
    waiting = [call for call in router.calls.values() if call.state is CallState.WAITING]
    lines, pending = set(agent.lines), agent.pending
    may = [call for call in waiting if not lines.isdisjoint(call.lines)]
    first = nsmallest(AHEAD_MAX, may, flow.order_of_service)
    return AgentWhy(
        at=now,
        agent=names.of_agent(agent),
        state=agent.state,
        since=agent.since,
        reason=agent.reason,
        by=agent.by,
        pending=pending.state if pending is not None else "",
        pending_reason=pending.reason if pending is not None else "",
        pending_by=pending.by if pending is not None else "",
        call=agent.call.id if agent.call is not None else "",
        wrap_up_until=agent.wrap_up_until.at if agent.wrap_up_until is not None else None,
        client_gone_until=agent.client_grace_until.at if agent.client_grace_until is not None else None,
        pbx_lost=router.pbx_lost,
        waiting=len(waiting),
        may_take=len(may),
        first=tuple(order.terms(call, now) for call in first),
        passed=_passed(router, agent, [call for call in waiting if lines.isdisjoint(call.lines)], now),
    )


def _passed(router: Router, agent: Agent, calls: list[Call], now: Instant) -> tuple[Passed, ...]:
    """The calls that the agent may not serve, by group and reason, in the order of their first ones.

    Calls of one group that wait in the same lines lack the same: each such set is looked at once.
    """
    alike: dict[tuple[Any, ...], list[Call]] = defaultdict(list)
    for call in calls:
        alike[call.group.id, call.personal, call.lines].append(call)
    found: dict[tuple[Any, ...], list[Call]] = defaultdict(list)
    for (group, personal, _), some in alike.items():
        found[group, personal, _missing(router, agent, some[0])] += some
    rank = router.flow.order_of_service
    firsts = {key: min(some, key=rank) for key, some in found.items()}
    keys = sorted(firsts, key=lambda key: rank(firsts[key]))
    return tuple(_one_passed(firsts[key], key[2], len(found[key]), now) for key in keys)


def _missing(router: Router, agent: Agent, call: Call) -> tuple[tuple[str, int, int], ...]:
    if call.personal is not None:
        return ()
    levels = dict(agent.record.skills)
    lacks = people.missing(agent, asked(call.group, call.own_needs, call.steps_done, router.rules.groups))
    return tuple((skill, level, levels.get(skill, 0)) for skill, level in lacks)


def _one_passed(first: Call, missing: tuple[tuple[str, int, int], ...], count: int, now: Instant) -> Passed:
    personal = _personal(first)
    return Passed(
        group=names.of_group(first.group),
        reason="skills" if personal is None else "personal",
        missing=missing,
        personal=personal.agent if personal is not None else None,
        until=personal.until if personal is not None else None,
        count=count,
        first=order.terms(first, now),
    )
