"""Several PBXs: while one is out of reach its callers and its agents' phones stand in no line, and all others go on.

While none can be reached everybody stands where they are, and nothing is offered.
"""

from __future__ import annotations

from collections.abc import Collection

from acd.agents import AWAY, AgentState
from acd.callflow import CallFlow
from acd.calls import Call, CallState
from acd.matching import place_agent, place_call, take_agent, take_call


def found(flow: CallFlow, pbx: str) -> None:
    """The PBX can be driven: whoever belongs to it stands in line again; then all are matched."""
    flow.pbxs[pbx] = flow.pbx_lost = None
    flow.may_offer = True
    regroup(flow)


def lost(flow: CallFlow, pbx: str, why: str) -> None:
    """The PBX can't be driven any more; the rings of its calls end when it is back."""
    flow.pbxs[pbx] = why
    for call in flow.calls.values():
        if call.arrival.pbx == pbx:
            for offer in call.offers:
                offer.rings_until = None
    if any(each is None for each in flow.pbxs.values()):
        regroup(flow)
    else:
        flow.pbx_lost, flow.may_offer = why, False
        flow.divided = False


def keep(flow: CallFlow, names: Collection[str]) -> None:
    """There are no other PBXs than `names` any more."""
    for pbx in [pbx for pbx in flow.pbxs if pbx not in names]:
        del flow.pbxs[pbx]
        flow.heard_until.pop(pbx, None)


def lost_ones(flow: CallFlow) -> dict[str, str]:
    """The PBXs that are out of reach while another isn't, and why; in the order of their names."""
    if flow.pbx_lost is not None:
        return {}
    return {pbx: why for pbx, why in sorted(flow.pbxs.items()) if why is not None}


def is_divided(flow: CallFlow) -> bool:
    """Whether some of those who are here can be reached and others can't."""
    linked = {pbx for pbx, why in flow.pbxs.items() if why is None}
    names = {agent.record.pbx for agent in flow.agents.values()} | {call.arrival.pbx for call in flow.calls.values()}
    return bool(linked) and not names <= linked


def regroup(flow: CallFlow) -> None:
    """Let everybody stand in line who can be reached, and nobody else; then match."""
    was_divided, flow.divided = flow.divided, is_divided(flow)
    if not flow.divided and not was_divided and len(flow.pbxs) < 2:
        flow.match_all()
        return
    with flow.nobody_matched():
        _regroup_agents(flow)
        back = [call for call in flow.calls.values() if _regroup_call(flow, call)]
        for call in sorted(back, key=flow.order_of_service):
            _see_what_happened(flow, call)


def _regroup_agents(flow: CallFlow) -> None:
    for agent in flow.agents.values():
        if agent.state is AgentState.READY:
            take_agent(agent)
            if flow.reaches(agent.record.pbx):
                place_agent(agent)


def _regroup_call(flow: CallFlow, call: Call) -> bool:
    """Whether the call has come back to its line."""
    is_reached = flow.reaches(call.arrival.pbx)
    if call.may_be_joined:
        flow.stop_joining(call)
        if is_reached:
            flow.start_joining(call)
    if call.state is not CallState.WAITING or call.placed is is_reached:
        return False
    place_call(call) if is_reached else take_call(call)
    return is_reached


def _see_what_happened(flow: CallFlow, call: Call) -> None:
    """Who was waited for may have gone while the call stood apart."""
    if call.personal is not None and call.personal.state in AWAY:
        flow.end_personal(call)
    else:
        flow.leave_if_nobody(call)
