"""The simulated people at the phones. They see what their client would show them, and ask what a client would ask.

What a person will do next follows from the state shown: log in and be ready after a while; answer, miss or reject
what rings; say when wrap-up is done; have a break now and then; come back after a missed call. A state that a
supervisor forced is obeyed until the supervisor ends it.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from acd.agents import AgentState, Pending, Reason
from acd.events import AgentRequest, LoggedIn, NotReadyAsked, ReadyAsked, ReleaseAsked
from acd.ids import AgentId, Instant
from acd.notices import AgentChanged
from simulator.agenda import Action, Agenda, Appointment
from simulator.distributions import Distribution, sample_ms
from simulator.legs import LegState, PhoneLeg
from simulator.pbx import Pbx
from simulator.settings import SimulatorSettings

OBEYED = frozenset({Reason.FORCED})
"""Reasons for not ready that a person doesn't end by themselves."""


class Person:
    """One agent's human being, with a random stream of their own."""

    def __init__(
        self,
        agent: AgentId,
        settings: SimulatorSettings,
        break_reasons: tuple[str, ...],
        rng: Random,
        agenda: Agenda,
        pbx: Pbx,
        ask: Callable[[AgentRequest], None],
    ) -> None:
        self.agent = agent
        self._settings = settings
        self._break_reasons = break_reasons
        self._rng = rng
        self._agenda = agenda
        self._pbx = pbx
        self._ask = ask
        self._state = AgentState.LOGGED_OUT
        self._reason = ""
        self._pending: Pending | None = None
        self._plan: Appointment | None = None
        """The next thing to do, as long as the state stays as it is."""
        self._break_wanted = ""
        """The reason of a break that is due and not had yet."""

    def begin(self, at: Instant) -> None:
        """Come to work: log in after a while, and have the first break at some time."""
        self._agenda.at(self._after(at, self._settings.log_in_after_s), self._log_in)
        self._plan_break(at)

    # --- on the screen --------------------------------------------------------------------------------------------

    def sees(self, shown: AgentChanged, at: Instant) -> None:
        """The client shows the agent's state: plan what follows from it, if it is another one than before."""
        self._pending = shown.pending
        if (shown.state, shown.reason) == (self._state, self._reason):
            return
        self._state, self._reason = shown.state, shown.reason
        if self._plan is not None:
            self._plan.cancel()
            self._plan = None
        if shown.state is AgentState.NOT_READY:
            self._rest(at)
        elif shown.state is AgentState.WRAP_UP:
            self._intend(at, self._settings.wrap_up_s, self._wrap_up_done)

    def _rest(self, at: Instant) -> None:
        if self._reason in self._break_reasons:
            self._break_wanted = ""
            self._intend(at, self._settings.break_s, self._break_over)
        elif self._reason not in OBEYED:
            self._intend(at, self._settings.ready_after_s, self._go_on)

    def _wrap_up_done(self, at: Instant) -> None:
        if self._pending is None or not self._pending.by:
            self._go_on(at)

    def _break_over(self, at: Instant) -> None:
        self._plan_break(at)
        self._go_on(at)

    def _go_on(self, _at: Instant) -> None:
        if self._break_wanted:
            self._ask(NotReadyAsked(self.agent, self._break_wanted))
        else:
            self._ask(ReadyAsked(self.agent))

    def _log_in(self, _at: Instant) -> None:
        self._ask(LoggedIn(self.agent))

    # --- breaks ---------------------------------------------------------------------------------------------------

    def _plan_break(self, at: Instant) -> None:
        every_s = self._settings.break_every_s
        if every_s is not None and self._break_reasons:
            self._agenda.at(self._after(at, every_s), self._break_due)

    def _break_due(self, at: Instant) -> None:
        """Ask at once, which counts after the present call; who isn't working now thinks of it later."""
        if self._state in (AgentState.LOGGED_OUT, AgentState.NOT_READY):
            self._plan_break(at)
        else:
            self._break_wanted = self._rng.choice(self._break_reasons)
            self._ask(NotReadyAsked(self.agent, self._break_wanted))

    # --- at the phone ---------------------------------------------------------------------------------------------

    def hears_ring(self, leg: PhoneLeg, at: Instant) -> None:
        """Answer after a moment, or reject; or be elsewhere and let it ring."""
        luck = self._rng.random() - self._settings.miss_probability
        if luck < 0:
            return
        does = self._reject if luck < self._settings.reject_probability else self._pbx.pick_up
        self._agenda.at(self._after(at, self._settings.answer_s), partial(does, leg))

    def _reject(self, leg: PhoneLeg, _at: Instant) -> None:
        if leg.state is LegState.RINGING:
            self._ask(ReleaseAsked(self.agent))

    def ends_call(self) -> Callable[[PhoneLeg, Instant], None] | None:
        """How the person will end the call that just began; None when it is left to the caller."""
        luck = self._rng.random()
        if luck >= self._settings.agent_ends_probability:
            return None
        return self._release if luck < self._settings.agent_ends_probability / 2 else self._pbx.put_down

    def _release(self, leg: PhoneLeg, _at: Instant) -> None:
        if leg.state is LegState.TALKING:
            self._ask(ReleaseAsked(self.agent))

    # --- both -----------------------------------------------------------------------------------------------------

    def _intend(self, at: Instant, after_s: Distribution, do: Action) -> None:
        self._plan = self._agenda.at(self._after(at, after_s), do)

    def _after(self, at: Instant, after_s: Distribution) -> Instant:
        return Instant(at + sample_ms(after_s, self._rng))
