"""What a witness sees when it looks: the state before or after a verb, as an entry of the call's story."""

from typing import Literal

from acd import events as ev
from acd.agents import AWAY, Agent, AgentState
from acd.callflow import CallFlow
from acd.calls import Call, CallState, Cause, Leave, Offer
from acd.commands import Command
from acd.explain import entries, names, order, people
from acd.explain.facts import Asked, Granted, Source, Trigger, TriggerKind
from acd.ids import AgentId
from acd.notices import Notice, OfferEnd, PbxChanged, RulesInForce
from acd.overflow import NO_ENTRY, NO_VIP, grants
from acd.rules import Destination, SkillGroup
from acd.skills import Needs, combined

# --- coming in --------------------------------------------------------------------------------------------------------


def arrived(flow: CallFlow, event: ev.CallArrived, group: SkillGroup | None) -> entries.Arrived:
    """The call as it came, and where its needs, tier and credit are from."""
    rules, vip = flow.rules, flow.rules.vips.get(event.caller_number, NO_VIP)
    door = rules.entries.get(event.entry, NO_ENTRY)
    return entries.Arrived(
        at=flow.now,
        entry=event.entry,
        caller_number=event.caller_number,
        caller_name=event.caller_name,
        group=names.of_group(group) if group is not None else None,
        group_by="call" if event.group else "entry",
        needs=_asked(event, group.needs if group is not None else (), door.needs),
        tier=_highest(grants(event, event.entry, rules).tier, event.tier, door.tier),
        credit_ms=_highest(grants(event, event.entry, rules).credit_ms, event.credit_ms, door.credit_ms),
        vip=vip.name,
        waits_since=event.waiting_since,
    )


def _asked(event: ev.CallArrived, group: Needs, door: Needs) -> tuple[Asked, ...]:
    """Each need, and who asks for that level: of several, the group, then the entry point."""
    by: list[tuple[Needs, Source]] = [(group, "group"), (door, "entry"), (event.needs, "call")]
    return tuple(
        Asked(skill=skill, level=level, source=next(source for needs, source in by if (skill, level) in needs))
        for skill, level in combined(group, door, event.needs)
    )


def _highest(value: int, call: int, door: int) -> Granted:
    """Who granted it; the VIP class, if neither the call nor the entry point did."""
    if not value:
        return Granted(value=0, source="nothing")
    return Granted(value=value, source="call" if value == call else "entry" if value == door else "vip")


def personal(flow: CallFlow, call: Call, agent: Agent | None) -> entries.Personal | None:
    """The agent named for the call, whom it waits for if that is `agent`; None: nobody is named."""
    named = _named(flow, call)
    if named is None:
        return None
    source, agent_id, wait_ms = named
    there = flow.agents.get(agent_id)
    return entries.Personal(
        at=flow.now,
        agent=names.of_agent(there) if there is not None else names.of_agent_id(agent_id, flow.rules),
        source=source,
        state=there.state if there is not None else None,
        wait_ms=wait_ms,
        waits=agent is not None,
    )


def _named(flow: CallFlow, call: Call) -> tuple[Literal["call", "vip", "last-agent"], AgentId, int] | None:
    """The first of dialplan, VIP class and last-agent routing that names somebody."""
    arrival, number = call.arrival, call.arrival.caller_number
    vip = flow.rules.vips.get(number, NO_VIP)
    if arrival.agent is not None:
        return "call", arrival.agent, arrival.agent_wait_ms
    if vip.agent is not None:
        return "vip", vip.agent, vip.agent_wait_ms
    if call.group.last_agent_ms and number in flow.last_agents:
        return "last-agent", flow.last_agents[number], call.group.last_agent_ms
    return None


def door(flow: CallFlow, group: SkillGroup, cause: Cause, to: Destination | None) -> entries.DoorShut:
    return entries.DoorShut(
        at=flow.now,
        group=names.of_group(group),
        cause=cause,
        to=names.of_place(to, flow.rules) if to is not None else None,
        present=flow.present[group.id] if cause is Cause.FULL else None,
    )


# --- waiting ----------------------------------------------------------------------------------------------------------


def waits(flow: CallFlow, call: Call) -> entries.Waits:
    """Nobody is ready for it: who may serve it and what they do."""
    agents = flow.agents.values()
    return entries.Waits(
        at=flow.now,
        group=names.of_group(call.group),
        terms=order.terms(call, flow.now),
        needs=names.asked_sets(call, call.steps_done, flow.rules),
        personal=names.of_agent(call.personal) if call.personal is not None else None,
        ahead=len(order.rivals(flow, call).ahead),
        pbx_lost=flow.pbx_lost,
        staff=people.by_state([each for each in agents if people.may_serve(each, call)], call),
        lacking=people.lacking(call, [each for each in agents if each.state is AgentState.READY], flow.rules),
    )


def is_away(agent: Agent) -> bool:
    """Whether nobody counts on the agent."""
    return agent.state in AWAY


def led_to_matching(said: list[Command | Notice]) -> tuple[TriggerKind, str]:
    """Why all calls and agents are matched anew, by what has been said just now; and by whom."""
    for each in reversed(said):
        if isinstance(each, RulesInForce):
            return "rules", each.by
        if isinstance(each, PbxChanged):
            return "pbx-found", ""
    return "set-free", ""


class Before:
    """What a call asks for and is served with, before that is read anew."""

    def __init__(self, call: Call) -> None:
        line = call.lines[0]
        self._needs = tuple(names.of_needs(each.needs) for each in call.lines)
        self._strategy, self._weight, self._tier = line.strategy, line.weight, call.tier
        self._personal = call.personal is not None

    def changed(self, flow: CallFlow, call: Call, by: str) -> entries.Changed | None:
        """What is otherwise now; None: nothing."""
        line, needs = call.lines[0], tuple(names.of_needs(each.needs) for each in call.lines)
        before = self._needs, self._tier, self._strategy, self._weight
        if (needs, call.tier, line.strategy, line.weight) == before:
            return None
        kind, who = led_to_matching(flow.out)
        return entries.Changed(
            at=flow.now,
            by=by or who,
            rules=kind == "rules",
            needs_before=self._needs,
            needs=needs,
            tier_before=self._tier,
            tier=call.tier,
            strategy_before=self._strategy,
            strategy=line.strategy,
            weight_percent_before=self._weight,
            weight_percent=line.weight,
        )


def leaving(flow: CallFlow, call: Call, leave: Leave, was_waiting: bool) -> entries.Leaving | None:
    """It was to leave and is still here; None: but for this very moment."""
    why_not: entries.WhyNotLeft = "no-way"
    if not was_waiting:
        why_not = "rings"
    elif call.leaving is not None:
        if flow.pbx_lost is None:
            return None
        why_not = "pbx-lost"
    return entries.Leaving(at=flow.now, to=names.of_place(leave.to, flow.rules), cause=leave.cause, why_not=why_not)


# --- offers -----------------------------------------------------------------------------------------------------------


def asked(call: Call) -> Trigger | None:
    """Who asks, if it is a consult: that led to its offer, where nothing else did."""
    if call.about is None or call.about.talk is None:
        return None
    return Trigger(kind="consult", agent=names.of_agent(call.about.talk.agent))


def failed(flow: CallFlow, offer: Offer, how: OfferEnd, reason: str, by: str) -> entries.OfferOver:
    pending = offer.agent.pending
    goes = pending is not None and pending.state is AgentState.LOGGED_OUT
    return entries.OfferOver(
        at=flow.now,
        number=offer.id.number,
        agent=names.of_agent(offer.agent),
        how=how,
        becomes=AgentState.LOGGED_OUT if goes else AgentState.NOT_READY,
        reason=reason,
        by=by,
        rings_on=len(offer.call.offers) > 1,
    )


def withdrawn(flow: CallFlow, offer: Offer) -> entries.OfferOver:
    """Why can be told from where the call is by now."""
    why: entries.WhyWithdrawn = "dismissed"
    if offer.call.state is CallState.TALKING:
        why = "answered"
    elif offer.call.state is CallState.ENDED:
        why = "caller-left"
    return entries.OfferOver(
        at=flow.now, number=offer.id.number, agent=names.of_agent(offer.agent), how=OfferEnd.WITHDRAWN, why=why
    )


def phone_lost(flow: CallFlow, call: Call) -> entries.PhoneLost | None:
    if call.talk is None or call.talking_since is None:
        return None
    return entries.PhoneLost(
        at=flow.now, agent=names.of_agent(call.talk.agent), talked_ms=flow.now - call.talking_since
    )
