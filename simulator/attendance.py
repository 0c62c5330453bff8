"""When the agents of a record were there: their own and their supervisors' words, apart from what calls did to them.

A ready said to end a wrap-up, or after a ring in vain, is the end of something that a call began: it is noted with that
call. All other words are deeds of their own, at their instants.
"""

from dataclasses import dataclass
from typing import NamedTuple

from acd import events as ev
from acd.agents import FREE, IN_CALL, Agent, AgentState, Reason
from acd.ids import AgentId, Instant
from acd.notices import AgentChanged
from acd.router import Router
from simulator.recorded import Deed, Record, Ring, Talk, Wish

TROUBLE = frozenset({Reason.NO_ANSWER, Reason.REJECTED, Reason.BUSY, Reason.DEVICE_UNAVAILABLE})
"""Reasons for not ready that come of a call and not of the clock."""

WISHES: dict[type, Wish] = {
    ev.LogOutAsked: Wish.LEAVE,
    ev.NotReadyAsked: Wish.REST,
    ev.ReadyAsked: Wish.WORK,
    ev.ForcedReady: Wish.WORK,
    ev.ForcedNotReady: Wish.NOTHING,
    ev.ForcedLogOut: Wish.NOTHING,
}
TOLD_AGAIN = (ev.LoggedIn, ev.ClientLost, ev.ForcedReady, ev.ForcedNotReady, ev.ForcedLogOut)
"""Deeds that are events as they stand; the others an agent asks for when the time is right."""


class Before(NamedTuple):
    """What an agent was when an event came."""

    state: AgentState
    reason: str

    @property
    def ends_with_ready(self) -> bool:
        """Whether a word of ready would end what a call began."""
        return self.state is AgentState.WRAP_UP or (self.state is AgentState.NOT_READY and self.reason in TROUBLE)


@dataclass(slots=True, eq=False)
class Notes:
    """What has been noted of an agent so far."""

    here: bool = False
    """Whether the agent is logged in."""
    wish: Wish = Wish.NOTHING
    talk: Talk | None = None
    """The last one."""
    wraps_since: Instant | None = None
    trouble: Ring | Talk | None = None
    """What made the agent not ready."""
    away_since: Instant | None = None
    occupied: bool = False
    """By a consult, or a call of the agent's own."""
    phone: ev.PhoneState = FREE


class Attendance:
    """Writes deeds into the record, and into its rings and talks what followed of them."""

    def __init__(self, record: Record) -> None:
        self._happenings = record.happenings
        self._notes: dict[AgentId, Notes] = {}

    def look(self, router: Router, now: Instant) -> None:
        """What was before is over, or wasn't seen: note who is here, the longest idle first."""
        for agent in sorted(router.agents.values(), key=lambda agent: agent.idle_rank):
            notes = self._of(agent.id)
            if notes.talk is not None and notes.talk.ms is None:
                notes.talk.at_least_ms = now - notes.talk.began
            notes.talk = notes.trouble = notes.wraps_since = notes.away_since = None
            if agent.phone is not notes.phone:
                self.phone_changed(ev.PhoneChanged(agent.id, agent.phone), now)
            if agent.state is not AgentState.LOGGED_OUT:
                self._look_at(agent, notes, now)
            elif notes.here:
                self._add(now, None, agent.id, Wish.LEAVE)

    def _look_at(self, agent: Agent, notes: Notes, now: Instant) -> None:
        """Who talks or wraps up is taken to work from when that is over."""
        if not notes.here:
            self._add(now, ev.LoggedIn(agent.id), agent.id, Wish.NOTHING)
        if agent.state in (AgentState.READY, AgentState.RINGING) and notes.wish is not Wish.WORK:
            self._add(now, None, agent.id, Wish.WORK)
        elif agent.state is AgentState.NOT_READY and notes.wish is Wish.WORK:
            self._add(now, None, agent.id, Wish.REST, agent.reason)

    def _of(self, agent: AgentId) -> Notes:
        return self._notes.setdefault(agent, Notes())

    def _add(self, now: Instant, event: ev.Event | None, agent: AgentId, wish: Wish, reason: str = "") -> None:
        notes = self._of(agent)
        notes.wish, notes.here = wish, notes.here or isinstance(event, ev.LoggedIn)
        self._happenings.append(Deed(now, event, agent, wish, reason))

    # --- words ----------------------------------------------------------------------------------------------------

    def word(self, event: ev.AgentRequest | ev.Forced, before: Before, now: Instant) -> None:
        """An agent or a supervisor has said something that counted."""
        if isinstance(event, ev.ForcedTier | ev.ForcedMove | ev.MonitorEndAsked):
            return
        notes = self._of(event.agent)
        if isinstance(event, ev.LoggedIn):
            came = before.state is AgentState.LOGGED_OUT
            self._add(now, event, event.agent, Wish.NOTHING if came else notes.wish)
        elif isinstance(event, ev.ClientLost):
            self._happenings.append(Deed(now, event, event.agent, Wish.NOTHING))
        elif (wish := WISHES.get(type(event))) is not None:
            if wish is Wish.WORK and notes.wish is Wish.WORK and before.ends_with_ready:
                return
            told_again = event if isinstance(event, TOLD_AGAIN) else None
            self._add(now, told_again, event.agent, wish, getattr(event, "reason", ""))

    def phone_changed(self, event: ev.PhoneChanged, now: Instant) -> None:
        """The agent's own phone calls, and its failures, are what they were whatever the calls did."""
        self._of(event.agent).phone = event.state
        self._happenings.append(Deed(now, event))

    # --- what calls did -------------------------------------------------------------------------------------------

    def talks(self, agent: AgentId, talk: Talk) -> None:
        self._of(agent).talk = talk

    def rang_in_vain(self, agent: AgentId, ring: Ring) -> None:
        self._of(agent).trouble = ring

    def occupied(self, agent: AgentId, now: Instant) -> None:
        """From now until the agent is in no call the callers have to do without."""
        if not self._of(agent).occupied:
            self._of(agent).occupied = True
            self._add(now, None, agent, Wish.REST)

    def _occupied_until(self, shown: AgentChanged, notes: Notes) -> None:
        if shown.state not in IN_CALL:
            notes.occupied = False
            if shown.state is AgentState.READY:
                self._add(shown.since, None, shown.agent, Wish.WORK)

    def changed(self, shown: AgentChanged, event: ev.Event, now: Instant) -> None:
        """The agent is in another state, or in the same for another reason, by `event` or the clock."""
        notes, by_word = self._of(shown.agent), getattr(event, "agent", None) == shown.agent
        notes.here = shown.state is not AgentState.LOGGED_OUT
        if notes.occupied:
            self._occupied_until(shown, notes)
            return
        if shown.state is AgentState.NOT_READY and notes.talk is not None and notes.talk.ms is None:
            notes.talk.lost, notes.talk.ms = True, now - notes.talk.began
            notes.trouble = notes.talk
        self._note_wrap_up(notes, shown, by_word and shown.since == now)
        self._note_trouble(notes, shown, now)
        if shown.state is AgentState.NOT_READY and shown.reason == Reason.CONNECTION_LOST:
            notes.wish = Wish.NOTHING
        elif shown.state is AgentState.READY and notes.wish is Wish.NOTHING and not by_word:
            self._add(now, None, shown.agent, Wish.WORK)  # whose call had begun before the record

    def _note_wrap_up(self, notes: Notes, shown: AgentChanged, by_word: bool) -> None:
        if shown.state is AgentState.WRAP_UP:
            notes.wraps_since = shown.since
        elif notes.wraps_since is not None:
            if by_word and notes.talk is not None:
                notes.talk.wrap_up_ms = shown.since - notes.wraps_since
            notes.wraps_since = None

    def _note_trouble(self, notes: Notes, shown: AgentChanged, now: Instant) -> None:
        if notes.trouble is None:
            return
        if notes.away_since is not None:
            notes.trouble.away_ms = now - notes.away_since
        elif shown.state is AgentState.NOT_READY:
            notes.away_since = shown.since
            return
        notes.trouble = notes.away_since = None
