"""Other rules while calls wait: what changes for agents and calls at once. Nothing is dropped.

All agents leave their lines first, and stand in them again afterwards: so nothing that a line's order is made of
changes under it. Then every live call is read anew by the rules of its group; then all are matched.
"""

from acd import reach
from acd.agents import Agent, AgentInput, AgentState
from acd.callflow import CallFlow
from acd.calls import IN_LINE, Call, CallKind, Cause, Leave
from acd.dispatcher import OCCUPIED
from acd.matching import place_agent, take_agent
from acd.notices import RulesInForce
from acd.occupancy import ZERO, Load
from acd.overflow import grants, steps_due
from acd.queues import Line
from acd.rules import AgentRecord, Rules, RulesChange, Strategy, changed


def begin(flow: CallFlow) -> None:
    """Let the rules that `flow` was made with hold."""
    for position, record in enumerate(flow.rules.agents.values()):
        _put_record(flow, record, position)
    _open_lines(flow)
    follow_strategies(flow)
    _follow_vips(flow)


def _open_lines(flow: CallFlow) -> list[Line]:
    """The lines that every group's calls come to first."""
    groups = flow.rules.groups.values()
    return [flow.lines.of(each.needs, each.strategy, each.weight_percent, each.needs) for each in groups]


def apply(flow: CallFlow, change: RulesChange, by: str) -> None:
    """Let the changed rules hold from now, for everybody who is here."""
    old, flow.rules = flow.rules, changed(flow.rules, change)
    flow.out.append(RulesInForce(by))
    flow.lot.seed = flow.rules.seed
    _follow_vips(flow)
    flow.home_lines.clear()
    with flow.nobody_matched():
        ready = [agent for agent in flow.agents.values() if agent.placed]
        for agent in ready:
            take_agent(agent)
        _change_agents(flow, old)
        _change_calls(flow)
        flow.lines.drop_unused([*_open_lines(flow), *(line for call in flow.calls.values() for line in call.lines)])
        for agent in ready:
            if flow.reaches(agent.record.pbx):
                place_agent(agent)
        reach.regroup(flow)
        _retire_agents(flow, by)
    for call in list(flow.calls.values()):
        flow.leave_if_nobody(call)


def _follow_vips(flow: CallFlow) -> None:
    flow.vips_name_agents = any(vip.agent is not None for vip in flow.rules.vips.values())


def follow_strategies(flow: CallFlow) -> None:
    """Keep of agents what the groups' strategies ask for, from now on, and nothing else. No agent may be placed."""
    strategies = {group.strategy for group in flow.rules.groups.values()}
    flow.tracks_load = Strategy.LEAST_OCCUPIED in strategies
    flow.counts_answers = Strategy.FEWEST_CALLS in strategies
    flow.notes_answers = flow.tracks_load or flow.counts_answers
    for agent in flow.agents.values():
        if not flow.tracks_load:
            agent.load = None
        elif agent.load is None:
            agent.load = Load(ZERO, flow.now, OCCUPIED.get(agent.state))
        if not flow.counts_answers:
            agent.answered.clear()
            agent.answered_until = None
        elif agent.answered:
            flow.forget_answers(agent)


# --- agents -----------------------------------------------------------------------------------------------------------


def _change_agents(flow: CallFlow, old: Rules) -> None:
    for position, record in enumerate(flow.rules.agents.values()):
        _put_record(flow, record, position)
    if flow.rules.recent_ms != old.recent_ms:
        _rekey(flow, old.recent_ms)
    follow_strategies(flow)


def _put_record(flow: CallFlow, record: AgentRecord, position: int) -> None:
    agent = flow.agents.get(record.id)
    if agent is None:
        agent = flow.agents[record.id] = Agent(record)
        flow.lines.enlist(agent)
    elif agent.record != record:
        flow.lines.strike(agent)
        agent.record = record
        flow.lines.enlist(agent)
    agent.position = position
    if agent.retired:
        agent.retired = False
        flow.drop_pending(agent)


def _rekey(flow: CallFlow, old_recent_ms: int) -> None:
    """What has been is weighed by the old measure, what comes by the new one."""
    for agent in flow.agents.values():
        if agent.load is not None:
            agent.load.settle(flow.now, old_recent_ms)
            agent.load.rekey(flow.rules.recent_ms)


def _retire_agents(flow: CallFlow, by: str) -> None:
    """Who isn't in the rules any more is logged out: now, or after the present call."""
    for agent in [each for each in flow.agents.values() if each.id not in flow.rules.agents and not each.retired]:
        agent.retired = True
        if agent.state is AgentState.LOGGED_OUT:
            flow.remove(agent)
        else:
            flow.move(agent, AgentInput.LOG_OUT, by=by)


# --- calls ------------------------------------------------------------------------------------------------------------


def _change_calls(flow: CallFlow) -> None:
    flow.present.clear()
    for call in flow.calls.values():
        before = call.group
        call.group = flow.rules.groups.get(before.id, before)
        if call.kind is CallKind.INCOMING or call.entry:  # an outgoing call may have been given to an entry point
            call.own_needs, call.own_tier, call.credit_ms = grants(call.arrival, call.entry, flow.rules)
        if call.group != before and call.is_callers:
            _recount_steps(flow, call)
        if call.state in IN_LINE:
            flow.count(call, 1)
            flow.reread_terms(call)
            flow.schedule(call)
            if (call.position_due is None) != (not call.group.tell_position_ms):
                call.position_due = None
                flow.tell_position_later(call)


def _recount_steps(flow: CallFlow, call: Call) -> None:
    """The steps whose time has passed count as taken; the last destination among them is where the call is to go."""
    until = flow.now if call.talking_since is None else call.talking_since
    call.steps_done = steps_due(call.group, until - call.in_group_since)
    if call.state not in IN_LINE:
        return
    if call.leaving is not None and call.leaving.cause is Cause.STEP:
        call.leaving = None
    to = next((step.to for step in reversed(call.group.steps[: call.steps_done]) if step.to is not None), None)
    if to is not None:
        flow.note(call, Leave(to, Cause.STEP))
