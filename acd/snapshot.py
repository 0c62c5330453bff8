"""Snapshots: everything that decides what a router will do, as plain values; and a router made of them.

    snapshot = take(router)
    twin = restore(snapshot)      # answers every event from now as `router` does: the same outputs, the same deadlines

So a journal needn't be read from its beginning. Lines, and what else follows from rules, agents and calls, are found
anew: what is not kept can't contradict what is. All values are the core's own messages or plain ones, so that they can
be written as JSON.
"""

from collections.abc import Mapping
from dataclasses import field, fields, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any

from acd.agents import Agent
from acd.callflow import CallFlow
from acd.calls import IN_LINE, Call, Monitor, Offer
from acd.deadlines import Due
from acd.ids import AgentId, CallId, GroupId, Instant, OfferId
from acd.images import AgentImage, CallImage, LoadImage, OfferImage, When
from acd.matching import open_ring, place_agent, place_call
from acd.messages import message
from acd.occupancy import Load
from acd.reach import is_divided
from acd.router import Router
from acd.rules import Rules, SkillGroup
from acd.talks import Talks
from acd.tickets import Tickets

AGENT_DUES = ("answered_until", "wrap_up_until", "client_grace_until")
CALL_DUES = ("step_due", "personal_until", "position_due")


@message
class Snapshot:
    """A router between two events. Sequences and mappings stand in the router's own order, which decides, too."""

    rules: Rules
    now: Instant
    pbx_lost: str | None
    pbxs: Mapping[str, str | None]
    may_offer: bool
    tickets: int
    """The last one drawn; likewise for dues, and how often the lot was drawn."""
    due_tickets: int
    draws: int
    agents: tuple[AgentImage, ...]
    calls: tuple[CallImage, ...]
    removed_groups: tuple[SkillGroup, ...]
    """Those that aren't in the rules any more, but still have calls."""
    ringing_all: tuple[CallId, ...]
    noted: tuple[CallId, ...]
    present: Mapping[GroupId, int]
    last_agents: Mapping[str, AgentId]
    callbacks: Mapping[str, CallId]
    monitors: tuple[Monitor, ...]
    heard_until: Mapping[str, Instant] = field(default_factory=dict)
    """Empty in what an earlier version wrote."""


# --- taking -----------------------------------------------------------------------------------------------------------


def take(router: Router) -> Snapshot:
    """What `router` is between two events. It shares nothing with it that will change."""
    flow = router.flow
    assert not flow.out, "a snapshot is taken between two events"
    removed = {c.group.id: c.group for c in flow.calls.values() if c.group.id not in flow.rules.groups}
    return Snapshot(
        rules=flow.rules,
        now=flow.now,
        pbx_lost=flow.pbx_lost,
        pbxs=dict(flow.pbxs),
        may_offer=flow.may_offer,
        tickets=flow.tickets.drawn,
        due_tickets=flow.deadlines.tickets,
        draws=flow.lot.draws,
        agents=tuple([_agent_image(agent) for agent in flow.agents.values()]),
        calls=tuple([_call_image(call) for call in flow.calls.values()]),
        removed_groups=tuple(removed.values()),
        ringing_all=tuple(flow.ringing_all),
        noted=tuple([call.id for call in flow.noted.values() if flow.calls.get(call.id) is call]),
        present=dict(flow.present),
        last_agents=dict(flow.last_agents),
        callbacks={number: call.id for number, call in flow.callbacks.items()},
        monitors=tuple([replace(monitor) for monitor in flow.monitors.values()]),
        heard_until=dict(flow.heard_until),
    )


def _when(due: Due | None) -> When | None:
    return None if due is None else (due.at, due.ticket)


def _names_before(image: type[AgentImage | CallImage], first_special: str) -> tuple[str, ...]:
    names = [each.name for each in fields(image)]
    return tuple(names[: names.index(first_special)])


_PLAIN_OF_AGENTS = _names_before(AgentImage, "record")
_PLAIN_OF_CALLS = _names_before(CallImage, "group")
_plain_of_agent, _plain_of_call = attrgetter(*_PLAIN_OF_AGENTS), attrgetter(*_PLAIN_OF_CALLS)


def _agent_image(agent: Agent) -> AgentImage:
    load = agent.load
    special = (  # by position: a centre of thousands waits for them
        agent.record if agent.retired else None,
        tuple([(line.strategy, line.weight) for line in agent.personal_lines]) if agent.personal_lines else (),
        tuple(agent.answered),
        None if load is None else LoadImage(str(load.share), load.since, load.occupied, str(load.key)),
        _when(agent.answered_until),
        _when(agent.wrap_up_until),
        _when(agent.client_grace_until),
    )
    return AgentImage(*(_plain_of_agent(agent) + special))


def _call_image(call: Call) -> CallImage:
    special = (
        call.group.id,
        None if call.consult is None else call.consult.id,
        None if call.about is None else call.about.id,
        tuple([_offer_image(offer) for offer in call.offers]) if call.offers else (),
        None if call.talk is None else _offer_image(call.talk),
        tuple(sorted(call.declined)),
        tuple(sorted(call.came_through)),
        None if call.personal is None else call.personal.id,
        _when(call.step_due),
        _when(call.personal_until),
        _when(call.position_due),
    )
    return CallImage(*(_plain_of_call(call) + special))


def _offer_image(offer: Offer) -> OfferImage:
    return OfferImage(offer.id.number, offer.agent.id, _when(offer.rings_until))


# --- restoring --------------------------------------------------------------------------------------------------------


def restore(snapshot: Snapshot, flow: Talks | None = None) -> Router:
    """A router that is what the other was. `flow`, a new one, is given by those who want to see into its verbs."""
    flow = Talks(snapshot.rules) if flow is None else flow
    flow.pbxs.update(snapshot.pbxs)
    flow.heard_until.update(snapshot.heard_until)
    flow.now, flow.pbx_lost, flow.may_offer = snapshot.now, snapshot.pbx_lost, snapshot.may_offer
    for image in snapshot.agents:
        _enlist(flow, image)
    router = Router(snapshot.rules, flow)
    for image in snapshot.agents:
        _restore_agent(flow, image)
    groups = {**snapshot.rules.groups, **{group.id: group for group in snapshot.removed_groups}}
    for call_image in snapshot.calls:
        _restore_call(flow, call_image, groups)
    for call_image in snapshot.calls:
        _restore_consult(flow, call_image)
    flow.divided = is_divided(flow)
    _restore_places(flow, snapshot)
    _restore_counters(flow, snapshot)
    return router


def _enlist(flow: CallFlow, image: AgentImage) -> None:
    """The agent as the lines must know it: who counts as logged in, with which skills."""
    agent = Agent(image.record if image.record is not None else flow.rules.agents[image.id])
    agent.state = image.state
    flow.agents[agent.id] = agent
    flow.lines.enlist(agent)


def _restore_agent(flow: CallFlow, image: AgentImage) -> None:
    agent, load = flow.agents[image.id], image.load
    for name in _PLAIN_OF_AGENTS:
        setattr(agent, name, getattr(image, name))
    agent.placed = False
    agent.answered.clear()
    agent.answered.extend(image.answered)
    agent.load = None if load is None else Load(Decimal(load.share), load.since, load.occupied, Decimal(load.key))
    for strategy, weight in image.personal_lines:
        flow.lines.personal(agent, strategy, weight)
    for name in AGENT_DUES:
        _restore_due(flow, agent, name, getattr(image, name))


def _restore_call(flow: CallFlow, image: CallImage, groups: Mapping[GroupId, SkillGroup]) -> None:
    plain: dict[str, Any] = {name: getattr(image, name) for name in _PLAIN_OF_CALLS}
    call = Call(**plain, id=image.arrival.call, group=groups[image.group])
    call.declined = frozenset(image.declined)
    call.came_through = frozenset(image.came_through)
    call.personal = None if image.personal is None else flow.agents[image.personal]
    call.offers = tuple([_restore_offer(flow, call, offer) for offer in image.offers])
    call.talk = None if image.talk is None else _restore_offer(flow, call, image.talk)
    for name in CALL_DUES:
        _restore_due(flow, call, name, getattr(image, name))
    flow.calls[call.id] = call
    if call.state in IN_LINE or call.number:
        flow.read_terms(call)
    if call.placed:
        place_call(call)


def _restore_consult(flow: CallFlow, image: CallImage) -> None:
    if image.consult is not None:
        call, consult = flow.calls[image.arrival.call], flow.calls[image.consult]
        call.consult, consult.about = consult, call


def _restore_offer(flow: CallFlow, call: Call, image: OfferImage) -> Offer:
    agent = flow.agents[image.agent]
    offer = agent.offer = Offer(OfferId(call.id, image.number), call, agent)
    agent.call = call
    _restore_due(flow, offer, "rings_until", image.rings_until)
    return offer


def _restore_due(flow: CallFlow, subject: object, field: str, when: When | None) -> None:
    if when is None:
        setattr(subject, field, None)
    else:
        flow.deadlines.set_again(subject, field, *when)


def _restore_places(flow: CallFlow, snapshot: Snapshot) -> None:
    """Who rings and may be joined, who is ready where, who is to leave, and who is looked up by a number."""
    for call_id in snapshot.ringing_all:
        flow.ringing_all[call_id] = flow.calls[call_id]
        open_ring(flow.calls[call_id])
    for image in snapshot.agents:
        if image.placed:
            place_agent(flow.agents[image.id])
    flow.noted.update({call: flow.calls[call] for call in snapshot.noted})
    flow.present.update(snapshot.present)
    flow.last_agents.update(snapshot.last_agents)
    flow.callbacks.update({number: flow.calls[call] for number, call in snapshot.callbacks.items()})
    flow.monitors.update({monitor.by: replace(monitor) for monitor in snapshot.monitors})


def _restore_counters(flow: CallFlow, snapshot: Snapshot) -> None:
    """Last of all: what was done above has drawn from them."""
    flow.tickets = Tickets(snapshot.tickets)
    flow.ticket = flow.tickets.draw
    flow.deadlines.tickets = snapshot.due_tickets
    flow.lot.draws = snapshot.draws
