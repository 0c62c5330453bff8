"""What becomes of talks, as metrics: consults, calls that agents made, transfers, and how long callers are on hold."""

from collections.abc import Callable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from acd.calls import CallKind, Outcome, Stage
from acd.ids import CallId, Instant
from acd.notices import CallFinished, CallIntercepted, CallQueued, CallTransferred, TalkChanged

HOLD_BUCKETS = (2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
OUTGOING_ENDS = (
    Outcome.NOT_REACHED,
    Outcome.RELEASED_BY_CALLER,
    Outcome.RELEASED_BY_AGENT,
)
"""How outgoing calls mostly end: counted from the start."""


Parting = TalkChanged | CallTransferred | CallIntercepted | CallQueued | CallFinished
"""What ends a hold."""


class TalkMetrics:
    """Follows the core's outputs, beside :class:`acd.metrics.Metrics`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._held: dict[CallId, Instant] = {}
        """Since when, as far as we have seen it begin."""
        self._consults = Counter("acd_consults", "Consults that are over", registry=registry)
        self._outgoing = Counter("acd_outgoing_calls", "Calls made by agents", ["outcome"], registry=registry)
        self._transfers = Counter("acd_transfers", "Calls that an agent gave away", ["kind"], registry=registry)
        self._hold = Histogram("acd_hold_seconds", "One hold of a caller", buckets=HOLD_BUCKETS, registry=registry)
        for outcome in OUTGOING_ENDS:
            self._outgoing.labels(outcome)
        for kind in ("blind", "attended"):
            self._transfers.labels(kind)
        self._counts: dict[type, Callable[[Any, Instant], None]] = {
            TalkChanged: self._arranged,
            CallTransferred: self._transferred,
            CallIntercepted: self._not_held,
            CallQueued: self._not_held,
            CallFinished: self._finished,
        }

    def watch(self, output: Any, at: Instant) -> None:
        """Count what one output tells."""
        count = self._counts.get(type(output))
        if count is not None:
            count(output, at)

    def _arranged(self, talk: TalkChanged, at: Instant) -> None:
        if talk.stage is Stage.HELD:
            self._held.setdefault(talk.call, at)
        else:
            self._not_held(talk, at)

    def _not_held(self, what: Parting, at: Instant) -> None:
        since = self._held.pop(what.call, None)
        if since is not None:
            self._hold.observe((at - since) / 1000)

    def _transferred(self, call: CallTransferred, at: Instant) -> None:
        self._not_held(call, at)
        self._transfers.labels("attended" if call.attended else "blind").inc()

    def _finished(self, call: CallFinished, at: Instant) -> None:
        self._not_held(call, at)
        if call.kind is CallKind.CONSULT:
            self._consults.inc()
        elif call.kind is CallKind.OUTGOING:
            self._outgoing.labels(call.outcome).inc()
