"""A recorded agent's human being, in a day lived again: wants what the record says, when it says so.

What a call begins lasts as long as that call's record tells, in whatever hands the call is now: wrap-up, and being away
after a ring in vain.
"""

from collections.abc import Callable

from acd.agents import AgentState, Pending
from acd.events import AgentRequest, LogOutAsked, NotReadyAsked, ReadyAsked
from acd.ids import AgentId, Instant
from acd.notices import AgentChanged
from simulator.agenda import Agenda, Appointment
from simulator.attendance import TROUBLE
from simulator.recorded import Talk, Wish


class Worker:
    """Asks what follows from the wish and the state shown."""

    def __init__(
        self, agent: AgentId, reasons: tuple[str, ...], agenda: Agenda, ask: Callable[[AgentRequest], None]
    ) -> None:
        self._agent, self._reasons, self._agenda, self._ask = agent, reasons, agenda, ask
        self._wish, self._reason = Wish.NOTHING, ""
        self._state, self._shown_reason = AgentState.LOGGED_OUT, ""
        self._pending: Pending | None = None
        self._wrap_up_ms: int | None = None
        self._away_ms = 0
        self._plan: Appointment | None = None
        """The end of what a call began."""

    def wishes(self, wish: Wish, reason: str, at: Instant) -> None:
        """From now the agent wants this, and asks for it as soon as it makes sense."""
        if (wish, reason) == (self._wish, self._reason):
            return
        self._wish, self._reason = wish, reason
        if self._state in (AgentState.RINGING, AgentState.TALKING):
            if wish is not Wish.WORK or (self._pending is not None and not self._pending.by):
                self._ask_for_it(at)
        elif self._plan is None or (wish is Wish.LEAVE and self._state is AgentState.NOT_READY):
            self._settle(at)

    def talks(self, talk: Talk) -> None:
        self._wrap_up_ms = talk.wrap_up_ms

    def stays_away(self, ms: int) -> None:
        """How long, if what goes on now ends in trouble."""
        self._away_ms = ms

    def sees(self, shown: AgentChanged, at: Instant) -> None:
        """The client shows the agent's state."""
        self._pending = shown.pending
        if (shown.state, shown.reason) == (self._state, self._shown_reason):
            return
        self._state, self._shown_reason = shown.state, shown.reason
        if self._plan is not None:
            self._agenda.cancel(self._plan)
            self._plan = None
        if shown.state is AgentState.WRAP_UP:
            if self._wrap_up_ms is not None:
                self._plan = self._agenda.at(shown.since + self._wrap_up_ms, self._done)
        elif shown.state is AgentState.NOT_READY and shown.reason in TROUBLE:
            self._plan = self._agenda.at(shown.since + self._away_ms, self._done)
        elif shown.state in (AgentState.READY, AgentState.NOT_READY):
            self._settle(at)

    def _done(self, at: Instant) -> None:
        self._plan = None
        if self._state is AgentState.NOT_READY:
            self._settle(at)
        else:
            self._ask_for_it(at)

    def _settle(self, at: Instant) -> None:
        """Ask for what is wanted, if it is something else than what is."""
        goes = {
            AgentState.READY: self._wish in (Wish.REST, Wish.LEAVE),
            AgentState.NOT_READY: self._wish in (Wish.WORK, Wish.LEAVE),
            AgentState.WRAP_UP: self._wish in (Wish.REST, Wish.LEAVE),
        }
        if goes.get(self._state, False):
            self._ask_for_it(at)

    def _ask_for_it(self, at: Instant) -> None:
        request = self._request()
        if request is not None:
            self._agenda.at(at, lambda _: self._ask(request))

    def _request(self) -> AgentRequest | None:
        if self._wish is Wish.WORK:
            return ReadyAsked(self._agent)
        if self._wish is Wish.LEAVE:
            return LogOutAsked(self._agent)
        if self._wish is Wish.REST and self._reasons:
            return NotReadyAsked(self._agent, self._reason if self._reason in self._reasons else self._reasons[0])
        return None
