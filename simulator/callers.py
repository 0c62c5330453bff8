"""The callers: when they call, how long they wait and talk, whether they call again. `Crowd` knows who they are."""

from collections.abc import Mapping
from functools import partial

from acd.events import CallArrived, OfferFailure
from acd.ids import CallId, Instant
from simulator.agenda import Action, Agenda
from simulator.arrivals import Arrivals
from simulator.crowds import Caller, Crowd
from simulator.distributions import sample_ms
from simulator.legs import NumberLeg
from simulator.pbx import Pbx
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings

IN_VAIN = (OfferFailure.UNANSWERED, OfferFailure.BUSY, OfferFailure.REJECTED)
"""How a number dialled fails."""


class Callers:
    """Everybody outside."""

    def __init__(
        self,
        settings: SimulatorSettings,
        arrivals: Mapping[str, Arrivals],
        vips: tuple[str, ...],
        streams: Streams,
        agenda: Agenda,
        pbx: Pbx,
        name: str,
    ) -> None:
        self._settings = settings
        self._arrivals = {entry: each.of_run(streams.of(f"days {entry}")) for entry, each in arrivals.items()}
        self._streams = {entry: streams.of(f"arrivals {entry}") for entry in arrivals}
        self._crowds = {entry: Crowd(entry, settings, vips, streams) for entry in arrivals}
        self._called = Crowd("", settings, (), streams)
        self._dialled_rng = streams.of("dialled")
        self._agenda = agenda
        self._pbx = pbx
        self._name = name
        self._calls: dict[CallId, Caller] = {}
        self._first = 0
        """How many calls were not another try."""
        self.arrived = 0
        """Calls made so far, repeated ones included."""
        self.blocked = 0
        """Those that found no line."""

    @property
    def repeated(self) -> int:
        """Those of callers who tried before."""
        return self.arrived - self._first

    def begin(self, at: Instant) -> None:
        """Let the first call of every entry point be on its way."""
        for entry in self._arrivals:
            self._plan_arrival(entry, at)

    def _plan_arrival(self, entry: str, at: Instant) -> None:
        when = self._arrivals[entry].next_after(at, self._streams[entry])
        if when is not None:
            self._agenda.at(when, self._arrive, entry)

    def _arrive(self, entry: str, at: Instant) -> None:
        self._first += 1
        self._call(CallId(f"{self._name}-{self._first}"), self._crowds[entry].somebody(), at)
        self._plan_arrival(entry, at)

    def _call(self, call: CallId, caller: Caller, at: Instant) -> None:
        self.arrived += 1
        lines = self._settings.lines
        if lines is not None and not self._pbx.has_line(lines):
            self.blocked += 1
            self._try_again(call, caller, at)
            return
        self._calls[call] = caller
        self._pbx.call_in(CallArrived(call, caller.crowd.entry, caller.number, caller.name), at)

    def _try_again(self, call: CallId, caller: Caller, at: Instant) -> None:
        """After a while, if this one is so minded. The call of another try is named after the one before."""
        if caller.again_after_ms is not None:
            self._agenda.at(at + caller.again_after_ms, self._call_again, CallId(f"{call}+"), caller)

    def _call_again(self, call: CallId, caller: Caller, at: Instant) -> None:
        self._call(call, caller.crowd.again(caller), at)

    # --- what they hear -------------------------------------------------------------------------------------------

    def music(self, call: CallId, at: Instant) -> None:
        """Wait as long as patience lasts; counted afresh for a caller who had been talking."""
        caller = self._calls[call]
        self._plan(caller, at + caller.next_patience_ms(), self._give_up, call)

    def talks(self, call: CallId, at: Instant, lingers_ms: int) -> tuple[int, int]:
        """Talk, then hang up: at the instant returned, or `lingers_ms` later when the agent is to be first.

        Returned besides: how much work in ms the agent has afterwards.
        """
        caller = self._calls[call]
        over = at + caller.next_talk_ms()
        self._plan(caller, over + lingers_ms, self._pbx.hang_up, call)
        return over, caller.wrap_up_ms

    def held(self, call: CallId, at: Instant) -> None:
        """Music again: wait as long as patience lasts, and say the rest afterwards."""
        caller = self._calls[call]
        caller.talk_left_ms = caller.plan[0] - at if caller.plan is not None else 0
        self._plan(caller, at + sample_ms(caller.crowd.patience_s, caller.chance), self._give_up, call)

    def resumed(self, call: CallId, at: Instant) -> None:
        """Say the rest."""
        caller = self._calls[call]
        self._plan(caller, at + caller.talk_left_ms, self._pbx.hang_up, call)

    def callback_offered(self, call: CallId, at: Instant) -> None:
        """Accept after a moment, or wait on."""
        chance = self._calls[call].chance
        if chance.random() < self._settings.callback_accept_probability:
            after_ms = sample_ms(self._settings.callback_accept_s, chance)
            self._agenda.at(at + after_ms, self._accept_callback, call)

    def _accept_callback(self, call: CallId, at: Instant) -> None:
        """Whoever is still on the music hangs up, and needs no patience from now."""
        caller = self._calls.get(call)
        if caller is not None and self._pbx.accept_callback(call, caller.number, at):
            self._drop_plan(caller)

    def dialled(self, party: NumberLeg, at: Instant) -> None:
        """Be there when called back, or not; and so everybody else whom an agent calls."""
        leg, numbers = party.caller, self._pbx.numbers
        caller = self._calls.get(leg.call)
        if caller is not None:
            missed = caller.chance.random() < self._settings.callback_unanswered_probability
            after_ms = sample_ms(self._settings.callback_answer_s, caller.chance)
            self._agenda.at(at + after_ms, numbers.fails if missed else numbers.answers, party)
            return
        if leg.about is None:
            self._calls[leg.call] = self._called.somebody(party.number)
        self._ring_somebody(party, at)

    def _ring_somebody(self, party: NumberLeg, at: Instant) -> None:
        rng, numbers = self._dialled_rng, self._pbx.numbers
        in_vain = rng.random() < self._settings.number_unanswered_probability
        does = partial(numbers.fails, why=rng.choice(IN_VAIN)) if in_vain else numbers.answers
        self._agenda.at(at + sample_ms(self._settings.number_answers_s, rng), does, party)

    def gone(self, call: CallId, at: Instant) -> None:  # noqa: ARG002 - a hearer is told when
        """The call is over; one dialled, but not yet outside, is nobody's."""
        caller = self._calls.pop(call, None)
        if caller is not None:
            self._drop_plan(caller)

    def _give_up(self, call: CallId, at: Instant) -> None:
        caller = self._calls[call]
        self._pbx.hang_up(call, at)
        if caller.crowd.entry:
            self._try_again(call, caller, at)

    def _plan(self, caller: Caller, when: int, do: Action, call: CallId) -> None:
        if caller.plan is not None:
            self._agenda.cancel(caller.plan)
        caller.plan = self._agenda.at(when, do, call)

    def _drop_plan(self, caller: Caller) -> None:
        if caller.plan is not None:
            self._agenda.cancel(caller.plan)
            caller.plan = None
