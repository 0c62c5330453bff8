"""Was it so? Each call's estimate as it began to wait, against the wait it had."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from acd.calls import Outcome
from acd.expected_wait.estimates import Estimate, Withheld
from acd.ids import CallId, GroupId, Instant
from acd.messages import message
from acd.notices import CallConnected, CallFinished


class Verdict(StrEnum):
    """How a call's wait went against its estimate."""

    EARLY = "early"
    """Answered sooner than `low_ms`: ten of a hundred, if the estimates are right."""
    WITHIN = "within"
    LATE = "late"
    """Answered after `high_ms`."""
    LEFT = "left"
    """Gave up before `high_ms`: nobody knows how long the wait would have been."""
    LEFT_LATE = "left-late"
    """Gave up after `high_ms`: the wait would have been longer still."""
    ELSEWHERE = "elsewhere"
    """Sent away, or ended otherwise."""


@message
class Tried:
    """A call has waited `waited_ms` since its estimate, `expected`. `group` is where it waited then."""

    call: CallId
    group: GroupId
    expected: Estimate
    waited_ms: int
    verdict: Verdict


@message
class NoneGiven:
    """A call began to wait without an estimate."""

    call: CallId
    group: GroupId
    why: Withheld


Hearer = Callable[[Tried | NoneGiven], None]


@dataclass(slots=True)
class _Open:
    group: GroupId
    at: Instant
    expected: Estimate


class Trial:
    """Keeps the first estimates of those who wait; tells the hearers what became of them."""

    def __init__(self) -> None:
        self.hearers: list[Hearer] = []
        self._open: dict[CallId, _Open | None] = {}
        """None for those who have no estimate, and aren't asked again."""

    def begin(self, call: CallId, group: GroupId, expected: Estimate | Withheld, now: Instant) -> None:
        """A call begins to wait."""
        if isinstance(expected, Withheld):
            self._open[call] = None
            self._tell(NoneGiven(call, group, expected))
        else:
            self._open[call] = _Open(group, now, expected)

    def knows(self, call: CallId) -> bool:
        return call in self._open

    def connected(self, talk: CallConnected, now: Instant) -> None:
        trial = self._open.pop(talk.call, None)
        if trial is not None:
            self._end(talk.call, trial, now, _answered(now - trial.at, trial.expected))

    def finished(self, call: CallFinished, now: Instant) -> None:
        trial = self._open.pop(call.call, None)
        if trial is None:
            return
        late = now - trial.at > trial.expected.high_ms
        left = Verdict.LEFT_LATE if late else Verdict.LEFT
        self._end(call.call, trial, now, left if call.outcome is Outcome.ABANDONED else Verdict.ELSEWHERE)

    def _end(self, call: CallId, trial: _Open, now: Instant, verdict: Verdict) -> None:
        self._tell(Tried(call, trial.group, trial.expected, now - trial.at, verdict))

    def _tell(self, what: Tried | NoneGiven) -> None:
        for hear in self.hearers:
            hear(what)


def _answered(waited_ms: int, expected: Estimate) -> Verdict:
    if waited_ms < expected.low_ms:
        return Verdict.EARLY
    return Verdict.LATE if waited_ms > expected.high_ms else Verdict.WITHIN
