"""The wait expected for one waiting call, as the router's lines and the agents stand now. Changes nothing."""

from enum import StrEnum

from acd.calls import Call, CallState
from acd.expected_wait.ahead import Pool, crowd_before, pool
from acd.expected_wait.handling import Learner
from acd.expected_wait.recent import NONE_SEEN
from acd.expected_wait.spread import Frees, Kind, Wait, band, together, until_begun
from acd.expected_wait.staffing import Bits, Staffing
from acd.ids import GroupId, Instant
from acd.messages import message
from acd.queues import Line
from acd.router import Router

SEEN_MIN = 10
"""Fewer turns than this say nothing: with 10 their mean is known to 30 % at best, and the band says so; with
fewer their own spread, on which the band's width rests, isn't known either."""
SETTLED = 2.0
"""So many mean turns must have passed since the first was begun: before, only the short ones have ended."""
KNOWN_MIN = 0.75
"""If fewer of the agents are busy with groups known so far, the rate at which they get free isn't known."""


@message
class Estimate:
    """How long the call will wait from now until it talks, if the caller stays.

    Ten of a hundred wait less than `low_ms`, and ten longer than `high_ms`.
    """

    low_ms: int
    median_ms: int
    high_ms: int
    mean_ms: int
    calls: int
    """Its place among those that its agents will begin; 1: the next."""
    agents: int
    """How many agents at work that counts on."""


class Withheld(StrEnum):
    """Why there is no estimate."""

    UNKNOWN_CALL = "unknown-call"
    NOT_WAITING = "not-waiting"
    PBX_LOST = "pbx-lost"
    PERSONAL_AGENT = "personal-agent"
    """It waits for one agent: that wait is a person's, no average, and ends after the given time at the latest."""
    NOBODY_AT_WORK = "nobody-at-work"
    """Nobody who may serve it is at work, or longer lines take all who may."""
    TOO_FEW_SEEN = "too-few-seen"
    """Too few calls were handled lately to know how long they take."""


class Estimator:
    """Makes estimates of what was learned."""

    def __init__(self, router: Router, learner: Learner, staffing: Staffing) -> None:
        self._router, self._learner, self._staffing = router, learner, staffing
        self._shared: set[Line] = set()
        """The lines in which calls may stand that stand in others too."""

    def note_lines(self, call: Call) -> None:
        """The call's lines may have changed."""
        if len(call.lines) > 1:
            self._shared.update(call.lines)

    def estimate(self, call: Call, now: Instant) -> Estimate | Withheld:
        """Of a live call."""
        why_not = self._why_not(call)
        if why_not is not None:
            return why_not
        crowd = crowd_before(self._router.flow.lines, self._shared, call, now)
        ahead = pool(call, crowd, self._staffing)
        if not ahead.agents:
            return Withheld.NOBODY_AT_WORK
        frees = self._frees(ahead, now)
        if frees is None:
            return Withheld.TOO_FEW_SEEN
        return _told(self._wait(call, ahead, frees, now), ahead)

    def _why_not(self, call: Call) -> Withheld | None:
        if call.state is not CallState.WAITING or not call.placed:
            return Withheld.NOT_WAITING
        if self._router.pbx_lost is not None:
            return Withheld.PBX_LOST
        return Withheld.PERSONAL_AGENT if call.personal is not None else None

    def _frees(self, ahead: Pool, now: Instant) -> Frees | None:
        """How soon those of the pool who are busy get free, and those who are away come back.

        Each as soon as a turn of the present call's group lasts, or an absence for the reason given. None when the
        turns of too many of them aren't known.
        """
        at_work = ahead.agents.bit_count()
        kinds: list[Kind] = []
        counted = 0
        for group, busy in self._staffing.busy.items():
            n = (busy & ahead.agents).bit_count()
            kind = self._kind(group, n, now) if n else None
            if kind is not None:
                kinds.append(kind)
                counted += n
        if not counted or counted < KNOWN_MIN * at_work:
            return None
        return together(kinds, at_work / counted, self._come_back(ahead.members, now))

    def _kind(self, group: GroupId, agents: int, now: Instant) -> Kind | None:
        """None while too little is known of the group."""
        handling = self._learner.groups[group]
        seen = handling.turns.moments(now)
        if seen.n < SEEN_MIN or not seen.mean or handling.turns.since is None:
            return None
        if now - handling.turns.since < SETTLED * seen.mean * 1000:
            return None
        return Kind(agents * handling.succeeds, seen)

    def _come_back(self, members: Bits, now: Instant) -> float:
        """How many a second. Of whose absences little is known, nobody is counted on."""
        rate = 0.0
        for reason, away in self._staffing.away.items():
            n = (away & members).bit_count()
            seen = self._learner.absences[reason].moments(now) if n else NONE_SEEN
            if seen.n >= SEEN_MIN and seen.mean:
                rate += n / seen.mean
        return rate

    def _overtaking(self, call: Call, agents: Bits, now: Instant) -> float:
        """How many calls a second come later and are served by `agents` sooner: those of a higher tier."""
        if call.returned:
            return 0.0
        rate = 0.0
        for group, per_s in self._learner.arrivals.above(call.tier, now):
            staff = self._staffing.of(self._router.flow.home_lines.get(group, ())) & self._staffing.at_work
            rate += per_s * (staff & agents).bit_count() / staff.bit_count() if staff else 0.0
        return rate

    def _wait(self, call: Call, ahead: Pool, frees: Frees, now: Instant) -> Wait:
        """Each call before takes more than one turn when turns fail; of the call itself `rings` knows."""
        handling = self._learner.groups[call.group.id]
        turns = (ahead.calls - 1) / handling.succeeds + 1
        overtaken = self._overtaking(call, ahead.agents, now)
        begun = until_begun(turns, frees, ahead.agents.bit_count(), handling.gives_up.value, overtaken)
        rings = handling.rings.moments(now)
        return Wait(begun.mean + rings.mean, begun.variance + rings.variance)


def _told(wait: Wait, ahead: Pool) -> Estimate:
    low, median, high = band(wait)
    milliseconds = round(1000 * low), round(1000 * median), round(1000 * high), round(1000 * wait.mean)
    return Estimate(*milliseconds, round(ahead.calls), ahead.agents.bit_count())
