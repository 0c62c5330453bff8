"""What Prometheus is told. Counters and gauges follow the core's outputs; nothing here is asked by routing."""

import time
from collections import Counter as Count
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import trio
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from acd import __version__
from acd import events as ev
from acd.agents import AgentState
from acd.calls import IN_LINE, Call, CallKind, CallState, Outcome
from acd.commands import OfferCall
from acd.expected_wait import ExpectedWait, NoneGiven, Tried, Verdict, Withheld
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.notices import (
    AgentChanged,
    CallConnected,
    CallFinished,
    CallMoved,
    CallQueued,
    CallSent,
    OfferEnd,
    OfferEnded,
    RulesInForce,
    StepTaken,
)
from acd.owner import Step
from acd.router import Output, Router
from acd.talk_metrics import TalkMetrics

MICRO_BUCKETS = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 5e-3, 2.5e-2, 0.1)
DISPATCH_BUCKETS = (2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.5, 2)
WAIT_BUCKETS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
HANDLE_BUCKETS = (5, 10, 20, 30, 60, 90, 120, 180, 300, 600, 1200)
ERROR_BUCKETS = (-600, -300, -120, -60, -30, -15, -5, 0, 5, 15, 30, 60, 120, 300, 600)

COUNTED_TOGETHER = 32
"""How many steps at most: whoever comes next waits for them."""
SERVICE_LEVEL_S = 20
"""T of the service level."""
SERVICE_LEVEL_MIN = 30
"""Over how many minutes it is told."""
SERVICE_LEVEL_FORMULA = (
    f"answered within {SERVICE_LEVEL_S} s / (answered + abandoned), last {SERVICE_LEVEL_MIN} minutes"
)


class ServiceLevel:
    """A group's, by `SERVICE_LEVEL_FORMULA`; calls sent elsewhere, refused or merged are in neither sum.

    Nor are consults, and calls that agents made themselves.
    """

    def __init__(self) -> None:
        self._minutes: deque[list[int]] = deque()
        """(which minute, answered in time, answered and abandoned)"""

    def add(self, in_time: bool, at: Instant) -> None:
        minute = at // 60_000
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append([minute, 0, 0])
            self._forget(minute)
        self._minutes[-1][1] += in_time
        self._minutes[-1][2] += 1

    def ratio(self, at: int) -> float:
        """0..1; not a number when there were no calls."""
        self._forget(at // 60_000)
        calls = sum(each[2] for each in self._minutes)
        return sum(each[1] for each in self._minutes) / calls if calls else float("nan")

    def _forget(self, minute: int) -> None:
        while self._minutes and self._minutes[0][0] <= minute - SERVICE_LEVEL_MIN:
            self._minutes.popleft()


class _AmiEvents(Collector):
    """Reads the count when it is asked for."""

    def __init__(self, seen: Mapping[str, int]) -> None:
        self._seen = seen

    def collect(self) -> Iterator[CounterMetricFamily]:
        counted = CounterMetricFamily("acd_ami_events", "Events that AMI has sent", labels=["event"])
        for event, count in tuple(self._seen.items()):
            counted.add_metric([event], count)
        yield counted


class _Links(Collector):
    """Which PBXs can be driven, of those named; of the only one, which has no name, without a label."""

    def __init__(self, router: Router, names: Sequence[str]) -> None:
        self._router, self._names = router, names

    def collect(self) -> Iterator[GaugeMetricFamily]:
        labels = ["pbx"] if any(self._names) else []
        connected = GaugeMetricFamily("acd_ami_connected", "1 while the PBX can be driven", labels=labels)
        linked = {name for name, why in tuple(self._router.flow.pbxs.items()) if why is None}
        for name in self._names:
            connected.add_metric([name] if labels else [], name in linked)
        yield connected


class Metrics:
    """A watcher of the owner's steps, of the PBXs named `pbxs`.

    With `expected`, which must watch before, its errors are told too.
    """

    def __init__(self, router: Router, expected: ExpectedWait | None = None, pbxs: Sequence[str] = ("",)) -> None:
        self._router = router
        self.registry = CollectorRegistry()
        self.registry.register(_Links(router, pbxs))
        self._states: dict[AgentId, AgentState] = {}
        self._handling: dict[AgentId, tuple[GroupId, Instant]] = {
            call.talk.agent.id: (call.group.id, call.talking_since)
            for call in router.calls.values()
            if call.talk is not None and call.talking_since is not None
        }
        self._levels: dict[GroupId, ServiceLevel] = {}
        self._on_the_way: dict[CallId, tuple[GroupId, str]] = {
            call.id: (call.group.id, call.leaving.cause)
            for call in router.calls.values()
            if call.state is CallState.ELSEWHERE and call.leaving is not None
        }
        """Calls sent outside that aren't there yet."""
        self._answered_calls = {call.id for call in router.calls.values() if call.state is CallState.TALKING}
        """Those that have not waited since: after a transfer by consult they are connected again."""
        self._counts: dict[type, Callable[[Any, Instant], None]] = {
            AgentChanged: self._agent,
            CallQueued: self._queued,
            CallConnected: self._talks,
            OfferEnded: self._offer_ended,
            CallFinished: self._finished,
            CallMoved: self._moved,
            CallSent: self._sent_off,
            StepTaken: self._step_taken,
            RulesInForce: self._rules_in_force,
        }
        self._noted: list[tuple[Output, Step, float]] = []
        """Steps with the time that they took, not counted yet."""
        self._limiter = trio.CapacityLimiter(1)
        self._talk_metrics = TalkMetrics(self.registry)
        self._make_counters()
        self._make_gauges()
        self._make_histograms()
        self._make_expected()
        self._start_at_zero()
        if expected is not None:
            expected.trial.hearers.append(self._tried)

    def _make_counters(self) -> None:
        r = self.registry
        self._offered = Counter("acd_calls_offered", "Calls that came to a group", ["group"], registry=r)
        self._answered = Counter("acd_calls_answered", "Calls that an agent answered", ["group"], registry=r)
        self._abandoned = Counter("acd_calls_abandoned", "Calls that left while waiting", ["group"], registry=r)
        self._moved_on = Counter(
            "acd_calls_moved", "Calls that went on to another group", ["group", "cause"], registry=r
        )
        self._sent = Counter("acd_calls_sent", "Calls that left for outside", ["group", "cause"], registry=r)
        self._steps = Counter("acd_overflow_steps", "Overflow steps taken", ["group"], registry=r)
        self._refused = Counter("acd_calls_refused", "Calls that no group could take", registry=r)
        self._rings = Counter("acd_offers_ended", "Offers that did not lead to talk", ["how"], registry=r)
        self._events = Counter("acd_events", "Events handled by the core", ["event"], registry=r)

    def _make_gauges(self) -> None:
        r = self.registry
        self._waiting = Gauge("acd_waiting_calls", "Calls waiting or ringing now", ["group"], registry=r)
        self._oldest = Gauge("acd_oldest_wait_seconds", "Longest present wait", ["group"], registry=r)
        self._level = Gauge("acd_service_level_ratio", SERVICE_LEVEL_FORMULA, ["group"], registry=r)
        self._agents = Gauge("acd_agents", "Agents by state", ["state"], registry=r)
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

    def _make_expected(self) -> None:
        r = self.registry
        self._expected_error = Histogram(
            "acd_expected_wait_error_seconds",
            "Wait of an answered call less the median expected as it began",
            buckets=ERROR_BUCKETS,
            registry=r,
        )
        self._expected = Counter(
            "acd_expected_waits",
            "Calls by how their wait went against the 10 to 90 % band expected as it began",
            ["group", "result"],
            registry=r,
        )
        self._withheld = Counter("acd_expected_waits_withheld", "Calls without an estimate", ["reason"], registry=r)

    def _start_at_zero(self) -> None:
        """A series that appears only with its first event hides that event from Prometheus' rate()."""
        for how in OfferEnd:
            self._rings.labels(how)
        for reason in Withheld:
            self._withheld.labels(reason)
        self._start_groups()

    def _start_groups(self) -> None:
        for group in self._router.rules.groups:
            for metric in (self._offered, self._answered, self._abandoned, self._steps, self._waiting, self._oldest):
                metric.labels(group)
            for histogram in (self._wait, self._handle):
                histogram.labels(group)
            for verdict in Verdict:
                self._expected.labels(group, verdict)
            self._levels.setdefault(group, ServiceLevel())

    def tell_ami_events(self, seen: Mapping[str, int]) -> None:
        """Tell `seen`, which somebody else counts: how many events AMI has sent, by name."""
        self.registry.register(_AmiEvents(seen))

    # --- following ------------------------------------------------------------------------------------------------

    def watch(self, outputs: Output, step: Step) -> None:
        """Note what a step did. Many are counted together, outside the step that somebody waits for."""
        self._noted.append((outputs, step, time.perf_counter() - step.told))
        if len(self._noted) >= COUNTED_TOGETHER:
            self.catch_up()

    def catch_up(self) -> None:
        """Count what was noted."""
        noted, self._noted = self._noted, []
        for outputs, step, passed in noted:
            self._count(outputs, step, passed)

    def _count(self, outputs: Output, step: Step, passed: float) -> None:
        self._decision.observe(passed)
        if not isinstance(step.event, ev.DeadlineReached):
            self._events.labels(type(step.event).__name__).inc()
        for output in outputs:
            count = self._counts.get(type(output))
            if count is not None:
                count(output, step.at)
            self._talk_metrics.watch(output, step.at)
            if isinstance(output, OfferCall):
                self._dispatch.observe(passed)

    def _queued(self, call: CallQueued, _at: Instant) -> None:
        """A call that comes back, from a ring or from its way outside, came to the group before."""
        came_back = self._on_the_way.pop(call.call, None) is not None
        self._answered_calls.discard(call.call)
        if call.kind is CallKind.INCOMING and not call.returned and not came_back:
            self._offered.labels(call.group).inc()

    def _talks(self, call: CallConnected, at: Instant) -> None:
        if call.kind is not CallKind.INCOMING:
            return
        self._handling[call.agent] = (call.group, at)
        if call.call in self._answered_calls:
            return
        self._answered_calls.add(call.call)
        self._answered.labels(call.group).inc()
        self._wait.labels(call.group).observe(call.waited_ms / 1000)
        self._count_level(call.group, call.waited_ms <= SERVICE_LEVEL_S * 1000, at)

    def _offer_ended(self, offer: OfferEnded, _at: Instant) -> None:
        self._rings.labels(offer.how).inc()

    def _moved(self, call: CallMoved, _at: Instant) -> None:
        self._moved_on.labels(call.group, call.cause).inc()

    def _sent_off(self, call: CallSent, _at: Instant) -> None:
        """Counted when it is there: the PBX may fail to send it."""
        self._on_the_way[call.call] = (call.group, call.cause)

    def _step_taken(self, step: StepTaken, _at: Instant) -> None:
        self._steps.labels(step.group).inc()

    def _finished(self, call: CallFinished, at: Instant) -> None:
        sent = self._on_the_way.pop(call.call, None)
        self._answered_calls.discard(call.call)
        if call.kind is not CallKind.INCOMING:
            return
        if call.outcome is Outcome.REFUSED:
            self._refused.inc()
        elif call.outcome is Outcome.ABANDONED and call.group is not None:
            self._abandoned.labels(call.group).inc()
            self._count_level(call.group, False, at)
        elif call.outcome is Outcome.SENT_ELSEWHERE and sent is not None:
            self._sent.labels(*sent).inc()

    def _count_level(self, group: GroupId, in_time: bool, at: Instant) -> None:
        self._levels.setdefault(group, ServiceLevel()).add(in_time, at)

    def _tried(self, what: Tried | NoneGiven) -> None:
        if isinstance(what, NoneGiven):
            self._withheld.labels(what.why).inc()
            return
        self._expected.labels(what.group, what.verdict).inc()
        if what.verdict in (Verdict.EARLY, Verdict.WITHIN, Verdict.LATE):
            self._expected_error.observe((what.waited_ms - what.expected.median_ms) / 1000)

    def _rules_in_force(self, _change: RulesInForce, _at: Instant) -> None:
        """There may be new groups. A group that is gone keeps its series, at 0 once it is empty."""
        self._start_groups()

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
        self.catch_up()
        in_line = [call for call in self._router.calls.values() if call.state in IN_LINE and _is_callers(call)]
        waiting = Count(call.group.id for call in in_line)
        oldest: dict[GroupId, int] = {}
        for call in in_line:
            oldest[call.group.id] = min(call.waiting_since, oldest.get(call.group.id, call.waiting_since))
        for group in {*self._levels, *waiting}:
            self._waiting.labels(group).set(waiting[group])
            self._oldest.labels(group).set((now - oldest.get(group, now)) / 1000)
        for group, level in self._levels.items():
            self._level.labels(group).set(level.ratio(now))


def _is_callers(call: Call) -> bool:
    """Whether it is a caller who waits; whom an agent called waits only after a phone or a transfer has failed."""
    return call.kind is CallKind.INCOMING or (call.kind is CallKind.OUTGOING and call.returned)
