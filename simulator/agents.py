"""The simulated people at the phones. They see what their client would show them, and ask what a client would ask.

What a person will do next follows from the state shown: log in and be ready after a while; answer, miss or reject
what rings; say when wrap-up is done; have a break now and then; come back after a missed call. A state that a
supervisor forced is obeyed until the supervisor ends it. When a shift ends they go, whatever is planned; but not out of
a call: they log out when that, and the work after it, is done.
"""

from collections.abc import Callable

from acd.agents import IN_CALL, AgentState, Pending, Reason
from acd.events import AgentRequest, LoggedIn, LogOutAsked, NotReadyAsked, ReadyAsked, ReleaseAsked
from acd.ids import AgentId, Instant
from acd.notices import AgentChanged
from simulator.agenda import Action, Agenda, Appointment
from simulator.distributions import sample_ms
from simulator.legs import LegState, PhoneLeg
from simulator.pbx import Pbx
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings
from simulator.shifts import Presence, Roster

OBEYED = frozenset({Reason.FORCED})
"""Reasons for not ready that a person doesn't end by themselves."""


class Person:
    """One agent's human being, with random streams of their own: one at the phone, others by the clock."""

    def __init__(
        self,
        agent: AgentId,
        settings: SimulatorSettings,
        break_reasons: tuple[str, ...],
        streams: Streams,
        agenda: Agenda,
        pbx: Pbx,
        ask: Callable[[AgentRequest], None],
    ) -> None:
        self.agent = agent
        self._settings = settings
        self._break_reasons = break_reasons
        shifts = settings.shifts.get(agent)
        self._roster = Roster(shifts, settings.day_ms) if shifts is not None else None
        self._rng = streams.of(f"agent {agent}")
        self._hours_rng = streams.of(f"hours {agent}")
        self._breaks_rng = streams.of(f"breaks {agent}")
        self._agenda = agenda
        self._pbx = pbx
        self._ask = ask
        self._state = AgentState.LOGGED_OUT
        self._reason = ""
        self._since: Instant | None = None
        self._pending: Pending | None = None
        self._wrap_up_ms: int | None = None
        """The work after the present or last talk, where its caller makes it."""
        self._plan: Appointment | None = None
        """The next thing to do, as long as the state stays as it is."""
        self._next_break: Appointment | None = None
        self._break_wanted = ""
        """The reason of a break that is due and not had yet."""
        self._leaves = False
        """Whether the shift is over, but the last call isn't."""

    # --- at work --------------------------------------------------------------------------------------------------

    def begin(self, at: Instant) -> None:
        """Come to work when the next shift begins; without shifts at once."""
        present = self._roster.next(at) if self._roster is not None else Presence(at, None)
        if present is None:
            return
        since, until = max(at, present.since), present.until
        comes = since + sample_ms(self._settings.log_in_after_s, self._hours_rng)
        if until is None or comes < until:
            self._agenda.at(comes, self._log_in)
        self._plan_break(since)
        if until is not None:
            self._agenda.at(until, self._shift_over)

    def _log_in(self, _at: Instant) -> None:
        """Who still has a call of the shift before stays."""
        self._leaves = False
        self._ask(LoggedIn(self.agent) if self._state is AgentState.LOGGED_OUT else ReadyAsked(self.agent))

    def _shift_over(self, at: Instant) -> None:
        """Go at once, wrap-up or not; out of a call when it is over."""
        if self._next_break is not None:
            self._agenda.cancel(self._next_break)
        self._break_wanted = ""
        if self._state is not AgentState.LOGGED_OUT:
            self._drop_plan()
            self._leaves = self._state in IN_CALL
            self._ask(LogOutAsked(self.agent))
        self.begin(at)

    # --- on the screen --------------------------------------------------------------------------------------------

    def sees(self, shown: AgentChanged, at: Instant) -> None:
        """The client shows the agent's state: plan what follows from it, if it is another one than before.

        It may be called the same: a client that was away hasn't shown what was between.
        """
        self._pending = shown.pending
        state = shown.state
        if state is self._state and shown.reason == self._reason and shown.since == self._since:
            return
        self._state, self._reason, self._since = state, shown.reason, shown.since
        if self._plan is not None:
            self._drop_plan()
        if state is AgentState.NOT_READY:
            self._rest(at)
        elif state is AgentState.WRAP_UP:
            wrap_up_ms = self._wrap_up_ms
            self._intend(
                at, sample_ms(self._settings.wrap_up_s, self._rng) if wrap_up_ms is None else wrap_up_ms, self._done
            )
        elif state is AgentState.LOGGED_OUT:
            self._leaves = False

    def _rest(self, at: Instant) -> None:
        if self._reason in self._break_reasons:
            self._break_wanted = ""
            self._intend(at, sample_ms(self._settings.break_s, self._breaks_rng), self._break_over)
        elif self._reason not in OBEYED:
            self._intend(at, sample_ms(self._settings.ready_after_s, self._rng), self._go_on)

    def _done(self, at: Instant) -> None:
        if self._pending is None or not self._pending.by:
            self._go_on(at)

    def _break_over(self, at: Instant) -> None:
        self._plan_break(at)
        self._go_on(at)

    def _go_on(self, _at: Instant) -> None:
        if self._leaves:
            self._ask(LogOutAsked(self.agent))
        elif self._break_wanted:
            self._ask(NotReadyAsked(self.agent, self._break_wanted))
        else:
            self._ask(ReadyAsked(self.agent))

    # --- breaks ---------------------------------------------------------------------------------------------------

    def _plan_break(self, at: Instant) -> None:
        every_s = self._settings.break_every_s
        if every_s is not None and self._break_reasons:
            self._next_break = self._agenda.at(at + sample_ms(every_s, self._breaks_rng), self._break_due)

    def _break_due(self, at: Instant) -> None:
        """Ask at once, which counts after the present call; who isn't working now thinks of it later."""
        if self._state in (AgentState.LOGGED_OUT, AgentState.NOT_READY):
            self._plan_break(at)
        elif not self._leaves:
            self._break_wanted = self._breaks_rng.choice(self._break_reasons)
            self._ask(NotReadyAsked(self.agent, self._break_wanted))

    # --- at the phone ---------------------------------------------------------------------------------------------

    def hears_ring(self, leg: PhoneLeg, at: Instant) -> None:
        """Answer after a moment, or reject; or be elsewhere and let it ring."""
        self._wrap_up_ms = None
        luck = self._rng.random() - self._settings.miss_probability
        if luck < 0:
            return
        does = self._reject if luck < self._settings.reject_probability else self._pbx.pick_up
        self._agenda.at(at + sample_ms(self._settings.answer_s, self._rng), does, leg)

    def _reject(self, leg: PhoneLeg, _at: Instant) -> None:
        if leg.state is LegState.RINGING:
            self._ask(ReleaseAsked(self.agent))

    def ends_call(self) -> Callable[[PhoneLeg, Instant], None] | None:
        """How the person will end the call that just began; None when it is left to the caller."""
        luck = self._rng.random()
        if luck >= self._settings.agent_ends_probability:
            return None
        return self._release if luck < self._settings.agent_ends_probability / 2 else self._pbx.put_down

    def talks(self, wrap_up_ms: int) -> None:
        """A talk begins that makes so much work afterwards."""
        self._wrap_up_ms = wrap_up_ms

    def _release(self, leg: PhoneLeg, _at: Instant) -> None:
        if leg.state is LegState.TALKING:
            self._ask(ReleaseAsked(self.agent))

    # --- all ------------------------------------------------------------------------------------------------------

    def _intend(self, at: Instant, after_ms: int, do: Action) -> None:
        self._plan = self._agenda.at(at + after_ms, do)

    def _drop_plan(self) -> None:
        if self._plan is not None:
            self._agenda.cancel(self._plan)
            self._plan = None
