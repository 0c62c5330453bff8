"""Supervisors' phones in agents' talks: listen, whisper, barge, intercept. One phone for each supervisor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from acd.agents import Agent
from acd.calls import Call, CallInput, CallKind, Monitor, MonitorState, Outcome, Stage
from acd.commands import ChangeMonitor, EndMonitor, StartMonitor
from acd.events import MonitorMode, OfferFailure
from acd.ids import MonitorId
from acd.notices import CallIntercepted, MonitorChanged

if TYPE_CHECKING:
    from acd.talks import Talks

RING_MS = 30_000
"""How long a supervisor's phone rings."""


def start(flow: Talks, agent: Agent, device: str, mode: MonitorMode, by: str) -> None:
    """Ring the supervisor's phone for the agent's talk."""
    assert agent.call is not None
    assert agent.offer is not None
    monitor = Monitor(MonitorId(f"mon-{flow.now}-{flow.ticket()}"), by, agent.id, agent.call.id, mode)
    flow.monitors[by] = monitor
    flow.out.append(StartMonitor(monitor.id, agent.offer.id, device, mode, RING_MS))
    _tell(flow, monitor)


def change(flow: Talks, monitor: Monitor, mode: MonitorMode) -> None:
    """The same phone, otherwise. That the caller is taken is told when it is done."""
    flow.out.append(ChangeMonitor(monitor.id, mode))
    if mode is not MonitorMode.INTERCEPT:
        monitor.mode = mode
        _tell(flow, monitor)


def find(flow: Talks, monitor_id: MonitorId) -> Monitor | None:
    """The monitor of that id, if it isn't over."""
    return next((each for each in flow.monitors.values() if each.id == monitor_id), None)


def started(flow: Talks, monitor: Monitor) -> None:
    """The phone has answered."""
    if monitor.state is MonitorState.RINGING:
        monitor.state = MonitorState.ON
        _tell(flow, monitor)


def end_of(flow: Talks, agent: Agent) -> None:
    """The agent's part of the talk is over: let go whoever listened, but not who has taken the caller."""
    for monitor in flow.monitors.values():
        if monitor.agent == agent.id and not has_taken(flow, monitor):
            end(flow, monitor)


def has_taken(flow: Talks, monitor: Monitor) -> bool:
    """Whether the caller is with this supervisor now."""
    call = flow.calls.get(monitor.call)
    return call is not None and call.taken_by == monitor.by


def end(flow: Talks, monitor: Monitor) -> None:
    """Let the phone go; it is over when the PBX says so."""
    if monitor.state is not MonitorState.OVER:
        monitor.state = MonitorState.OVER
        flow.out.append(EndMonitor(monitor.id))


def taken_is_over(flow: Talks, call: Call) -> None:
    """The call is over that a supervisor had taken: the phone is let go, if it isn't in another talk by now."""
    monitor = flow.monitors.get(call.taken_by)
    if monitor is not None and monitor.call == call.id:
        end(flow, monitor)


def repeat(flow: Talks) -> None:
    """What was asked may not have been heard."""
    flow.out += [EndMonitor(each.id) for each in flow.monitors.values() if each.state is MonitorState.OVER]


def ended(flow: Talks, monitor: Monitor, why: OfferFailure | None) -> None:
    """The phone is gone: with it the call, if the supervisor had taken that."""
    del flow.monitors[monitor.by]
    monitor.state = MonitorState.OVER
    _tell(flow, monitor, why)
    if has_taken(flow, monitor):
        flow.release(flow.calls[monitor.call], Outcome.INTERCEPTED)


def intercepted(flow: Talks, monitor: Monitor) -> None:
    """The supervisor's phone has the caller; the agent has wrap-up."""
    if has_taken(flow, monitor):
        return
    call = flow.calls.get(monitor.call)
    agent = call.talk.agent if call is not None and call.talk is not None else None
    if call is None or agent is None or agent.id != monitor.agent or not is_with_caller(call):
        end(flow, monitor)
        return
    flow.out.append(CallIntercepted(call.id, agent.id, monitor.by))
    with flow.nobody_matched():
        flow.end_consult(call)
        _take(call, monitor)
        _tell(flow, monitor)
        flow.part(agent)
        flow.wrap_up(agent, call.group.wrap_up_ms)


def is_with_caller(call: Call) -> bool:
    """Whether there is a caller in it who can be taken."""
    return call.kind is not CallKind.CONSULT and not call.number


def _take(call: Call, monitor: Monitor) -> None:
    call.step(CallInput.SEND)
    call.talk, call.stage = None, Stage.CONNECTED
    call.taken_by = monitor.by
    monitor.state, monitor.mode = MonitorState.ON, MonitorMode.INTERCEPT


def _tell(flow: Talks, monitor: Monitor, why: OfferFailure | None = None) -> None:
    flow.out.append(
        MonitorChanged(monitor.id, monitor.by, monitor.agent, monitor.call, monitor.mode, monitor.state, why)
    )
