"""How long a waiting call will wait: from its place among all who compete for the same agents, and what calls take.

    expected = ExpectedWait(router)
    expected.watch(outputs, now)           after every step of the router
    expected.estimate("c7", now)           -> Estimate(low_ms=9000, median_ms=31000, high_ms=70000, ...) or a Withheld
    expected.trial.hearers.append(hear)    hears, call by call, whether it was so

It follows the router and reads its lines; routing never waits for it, and knows nothing of it. No clock, no I/O.
docs/expected-wait.md says what the figures mean and how good they are.
"""

from collections.abc import Callable
from typing import Any

from acd.calls import CallState
from acd.commands import OfferCall
from acd.expected_wait.estimates import Estimate, Estimator, Withheld
from acd.expected_wait.handling import Learner
from acd.expected_wait.staffing import Staffing
from acd.expected_wait.trial import NoneGiven, Trial, Tried, Verdict
from acd.ids import CallId, Instant
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, OfferEnded, RulesInForce, StepTaken
from acd.router import Output, Router

__all__ = ["Estimate", "ExpectedWait", "NoneGiven", "Trial", "Tried", "Verdict", "Withheld"]


APART_MS_MIN = 100
"""No more than ten callers a second are tried: with thousands of agents an estimate takes a millisecond."""


class ExpectedWait:
    """Follows one router."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self.learner, self.staffing, self.trial = Learner(), Staffing(router), Trial()
        self.estimator = Estimator(router, self.learner, self.staffing)
        self._note_all_lines()
        self._came: list[CallId] = []
        """Those that this step put into a line."""
        self._asked_at: Instant | None = None
        self._follow: dict[type, Callable[[Any, Instant], None]] = {
            OfferCall: self._offered,
            OfferEnded: self.learner.offer_ended,
            CallConnected: self._connected,
            AgentChanged: self._agent_changed,
            CallFinished: self._finished,
            CallQueued: self._queued,
            StepTaken: self._step_taken,
            RulesInForce: self._rules_in_force,
        }

    def estimate(self, call_id: CallId, now: Instant) -> Estimate | Withheld:
        """The wait from `now`, the instant of the latest step or later, until the call talks."""
        call = self._router.calls.get(call_id)
        return self.estimator.estimate(call, now) if call is not None else Withheld.UNKNOWN_CALL

    def watch(self, outputs: Output, now: Instant) -> None:
        """Learn from what a step of the router, just made, gave out."""
        for output in outputs:
            follow = self._follow.get(type(output))
            if follow is not None:
                follow(output, now)
        if self._came:
            self._begin_trials(now)

    def _begin_trials(self, now: Instant) -> None:
        """Who was rung at once doesn't wait. In a rush some are asked, not all: an estimate costs more than a step."""
        in_rush = self._asked_at is not None and now < self._asked_at + APART_MS_MIN
        for call_id in () if in_rush else self._came:
            self._asked_at = now
            call = self._router.calls.get(call_id)
            if call is not None and call.state is CallState.WAITING and not self.trial.knows(call_id):
                self.trial.begin(call_id, call.group.id, self.estimator.estimate(call, now), now)
        self._came.clear()

    def _offered(self, offer: OfferCall, now: Instant) -> None:
        self.learner.offered(offer, now)
        self.staffing.handles(offer.agent, offer.group)

    def _connected(self, talk: CallConnected, now: Instant) -> None:
        self.learner.connected(talk, now)
        self.trial.connected(talk, now)

    def _agent_changed(self, change: AgentChanged, now: Instant) -> None:
        self.learner.agent_changed(change, now)
        self.staffing.becomes(change.agent, change.state, change.reason, change.pending)

    def _finished(self, call: CallFinished, now: Instant) -> None:
        self.learner.finished(call, now)
        self.trial.finished(call, now)

    def _queued(self, call: CallQueued, now: Instant) -> None:
        self.learner.queued(call, now)
        if not call.returned:
            self._came.append(call.call)

    def _step_taken(self, step: StepTaken, _now: Instant) -> None:
        """Other groups' agents may have been added: then the call stands in several lines."""
        call = self._router.calls.get(step.call)
        if call is not None:
            self.estimator.note_lines(call)

    def _rules_in_force(self, _change: RulesInForce, _now: Instant) -> None:
        self.staffing.forget_lines()
        self._note_all_lines()

    def _note_all_lines(self) -> None:
        for call in self._router.calls.values():
            self.estimator.note_lines(call)
