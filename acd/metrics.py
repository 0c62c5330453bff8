"""What Prometheus is told. Counters and gauges follow the core's outputs; nothing here is asked by routing."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import trio
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from acd import __version__
from acd import events as ev
from acd.agents import AgentState
from acd.calls import Call, CallState, Outcome
from acd.commands import OfferCall
from acd.ids import AgentId, GroupId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, OfferEnd, OfferEnded, PbxChanged
from acd.owner import Step
from acd.router import Output, Router

MICRO_BUCKETS = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2.5e-2, 0.1)
DISPATCH_BUCKETS = (2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.5, 2)
WAIT_BUCKETS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
HANDLE_BUCKETS = (5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1200)


class Metrics:
    """A watcher of the owner's steps."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.registry = CollectorRegistry()
        self._states: dict[AgentId, AgentState] = {}
        self._handling: dict[AgentId, tuple[GroupId, Instant]] = {}
        self._counts: dict[type, Callable[[Any, Instant], None]] = {
            AgentChanged: self._agent,
            CallQueued: self._queued,
            CallConnected: self._talks,
            OfferEnded: self._offer_ended,
            CallFinished: self._finished,
            PbxChanged: self._pbx,
        }
        self._limiter = trio.CapacityLimiter(1)
        self._make_counters()
        self._make_gauges()
        self._make_histograms()
        self._start_at_zero()

    def _make_counters(self) -> None:
        r = self.registry
        self._offered = Counter("acd_calls_offered", "Calls that came to a group", ["group"], registry=r)
        self._answered = Counter("acd_calls_answered", "Calls that an agent answered", ["group"], registry=r)
        self._abandoned = Counter("acd_calls_abandoned", "Calls that left while waiting", ["group"], registry=r)
        self._refused = Counter("acd_calls_refused", "Calls that no group could take", registry=r)
        self._rings = Counter("acd_offers_ended", "Offers that did not lead to talk", ["how"], registry=r)
        self._events = Counter("acd_events", "Events handled by the core", ["event"], registry=r)

    def _make_gauges(self) -> None:
        r = self.registry
        self._waiting = Gauge("acd_waiting_calls", "Calls waiting or ringing now", ["group"], registry=r)
        self._oldest = Gauge("acd_oldest_wait_seconds", "Longest present wait", ["group"], registry=r)
        self._agents = Gauge("acd_agents", "Agents by state", ["state"], registry=r)
        self._connected = Gauge("acd_ami_connected", "1 while the PBX can be driven", registry=r)
        self.sessions = Gauge("acd_client_sessions", "Clients logged in", registry=r)
        self.journal_errors = Gauge("acd_journal_errors", "Events that could not be written", registry=r)
        self.backlog = Gauge("acd_inbox_events", "Events that wait to be handled", registry=r)
        Gauge("acd_build_info", "Version", ["version"], registry=r).labels(__version__).set(1)
        for state in AgentState:
            self._agents.labels(state).set(0)
        for agent in self._router.agents.values():
            self._count_state(agent.id, agent.state)

    def _make_histograms(self) -> None:
        r = self.registry
        self._decision = Histogram(
            "acd_decision_seconds", "From an event told to its outputs", buckets=MICRO_BUCKETS, registry=r
        )
        self._dispatch = Histogram(
            "acd_dispatch_seconds",
            "From an event told to the ring command handed to the PBX link",
            buckets=DISPATCH_BUCKETS,
            registry=r,
        )
        self._wait = Histogram(
            "acd_answer_wait_seconds", "Wait of answered calls", ["group"], buckets=WAIT_BUCKETS, registry=r
        )
        self._handle = Histogram(
            "acd_handle_seconds", "Talk and wrap-up of a call", ["group"], buckets=HANDLE_BUCKETS, registry=r
        )

    def _start_at_zero(self) -> None:
        """A series that appears only with its first event hides that event from Prometheus' rate()."""
        for group in self._router.rules.groups:
            for metric in (self._offered, self._answered, self._abandoned, self._waiting, self._oldest):
                metric.labels(group)
            for histogram in (self._wait, self._handle):
                histogram.labels(group)
        for how in OfferEnd:
            self._rings.labels(how)

    # --- following ------------------------------------------------------------------------------------------------

    def watch(self, outputs: Output, step: Step) -> None:
        """Count what a step did."""
        passed = time.perf_counter() - step.told
        self._decision.observe(passed)
        if not isinstance(step.event, ev.DeadlineReached):
            self._events.labels(type(step.event).__name__).inc()
        for output in outputs:
            count = self._counts.get(type(output))
            if count is not None:
                count(output, step.at)
            if isinstance(output, OfferCall):
                self._dispatch.observe(passed)

    def _queued(self, call: CallQueued, _at: Instant) -> None:
        if not call.returned:
            self._offered.labels(call.group).inc()

    def _talks(self, call: CallConnected, at: Instant) -> None:
        self._answered.labels(call.group).inc()
        self._wait.labels(call.group).observe(call.waited_ms / 1000)
        self._handling[call.agent] = (call.group, at)

    def _offer_ended(self, offer: OfferEnded, _at: Instant) -> None:
        self._rings.labels(offer.how).inc()

    def _finished(self, call: CallFinished, _at: Instant) -> None:
        if call.outcome is Outcome.REFUSED:
            self._refused.inc()
        elif call.outcome is Outcome.ABANDONED:
            self._abandoned.labels(call.group).inc()

    def _pbx(self, change: PbxChanged, _at: Instant) -> None:
        self._connected.set(change.why_lost is None)

    def _agent(self, change: AgentChanged, at: Instant) -> None:
        self._count_state(change.agent, change.state)
        if change.state not in (AgentState.TALKING, AgentState.WRAP_UP) and change.agent in self._handling:
            group, begun = self._handling.pop(change.agent)
            self._handle.labels(group).observe((at - begun) / 1000)

    def _count_state(self, agent: AgentId, state: AgentState) -> None:
        before = self._states.get(agent)
        if before is state:
            return
        if before is not None:
            self._agents.labels(before).dec()
        self._states[agent] = state
        self._agents.labels(state).inc()

    # --- telling --------------------------------------------------------------------------------------------------

    async def page(self, now: int) -> tuple[HTTPStatus, str, bytes]:
        """The metrics as text; made in a thread, for a large centre's page takes a tenth of a second."""
        self._measure_lines(now)
        body = await trio.to_thread.run_sync(generate_latest, self.registry, limiter=self._limiter)
        return HTTPStatus.OK, CONTENT_TYPE_LATEST, body

    def _measure_lines(self, now: int) -> None:
        waiting: dict[str, list[Call]] = {group: [] for group in self._router.rules.groups}
        for call in self._router.calls.values():
            if call.state is not CallState.TALKING:
                waiting[call.group.id].append(call)
        for group, calls in waiting.items():
            self._waiting.labels(group).set(len(calls))
            oldest = min((call.waiting_since for call in calls), default=now)
            self._oldest.labels(group).set((now - oldest) / 1000)
