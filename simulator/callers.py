"""The callers: when they call, who they are, how long they wait and talk, and whether they call again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Protocol

from acd.events import CallArrived, OfferFailure
from acd.ids import CallId, Instant
from simulator.agenda import Agenda, Appointment
from simulator.arrivals import Arrivals
from simulator.distributions import sample_ms
from simulator.legs import NumberLeg
from simulator.names import caller_name, caller_number
from simulator.pbx import Pbx
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings

IN_VAIN = (OfferFailure.UNANSWERED, OfferFailure.BUSY, OfferFailure.REJECTED)
"""How a number dialled fails."""


@dataclass(slots=True, eq=False)
class Caller:
    """A person with a phone number, during one call; `plan` is when they will give up, or have said everything."""

    number: str
    name: str
    entry: str
    """Empty for one whom an agent called."""
    plan: Appointment | None = None
    talk_left_ms: int = 0
    """On hold: how much there is still to say."""


class Callers:
    """Everybody outside. Each entry point's arrivals and what callers are like are random streams of their own."""

    def __init__(
        self,
        settings: SimulatorSettings,
        arrivals: Mapping[str, Arrivals],
        vips: Sequence[str],
        streams: Streams,
        agenda: Agenda,
        pbx: Pbx,
        name: str,
    ) -> None:
        self._settings = settings
        self._arrivals = {entry: each.of_run(streams.of(f"days {entry}")) for entry, each in arrivals.items()}
        self._vips = vips
        self._streams = {entry: streams.of(f"arrivals {entry}") for entry in arrivals}
        self._rng = streams.of("callers")
        self._callback_rng = streams.of("callbacks")
        self._dialled_rng = streams.of("dialled")
        self._holds_rng = streams.of("holds")
        self._agenda = agenda
        self._pbx = pbx
        self._name = name
        self._calls: dict[CallId, Caller] = {}
        self.arrived = 0
        """Calls made so far, repeated ones included."""

    def begin(self, at: Instant) -> None:
        """Let the first call of every entry point be on its way."""
        for entry in self._arrivals:
            self._plan_arrival(entry, at)

    def _plan_arrival(self, entry: str, at: Instant) -> None:
        when = self._arrivals[entry].next_after(at, self._streams[entry])
        if when is not None:
            self._agenda.at(when, partial(self._arrive, entry))

    def _arrive(self, entry: str, at: Instant) -> None:
        self._call(self._somebody(entry), at)
        self._plan_arrival(entry, at)

    def _somebody(self, entry: str) -> Caller:
        rng = self._rng
        if self._vips and rng.random() < self._settings.vip_share:
            return Caller(rng.choice(self._vips), caller_name(rng), entry)
        return Caller(caller_number(rng), caller_name(rng), entry)

    def _call(self, caller: Caller, at: Instant) -> None:
        self.arrived += 1
        call = CallId(f"{self._name}-{self.arrived}")
        self._calls[call] = caller
        self._pbx.call_in(CallArrived(call, caller.entry, caller.number, caller.name), at)

    # --- what they hear -------------------------------------------------------------------------------------------

    def music(self, call: CallId, at: Instant) -> None:
        """Wait as long as patience lasts; counted afresh for a caller who had been talking."""
        patience_ms = sample_ms(self._settings.patience_s, self._rng_of(call))
        self._plan(call, at + patience_ms, self._give_up)

    def _rng_of(self, call: CallId) -> Random:
        return self._rng if self._calls[call].entry else self._dialled_rng

    def talks(self, call: CallId, at: Instant, lingers_ms: int) -> Instant:
        """Talk, then hang up: at the instant returned, or `lingers_ms` later when the agent is to be first."""
        over = Instant(at + sample_ms(self._settings.talk_s, self._rng_of(call)))
        self._plan(call, over + lingers_ms, self._pbx.hang_up)
        return over

    def held(self, call: CallId, at: Instant) -> None:
        """Music again: wait as long as patience lasts, and say the rest afterwards."""
        caller = self._calls[call]
        caller.talk_left_ms = caller.plan.at - at if caller.plan is not None else 0
        self._plan(call, at + sample_ms(self._settings.patience_s, self._holds_rng), self._give_up)

    def resumed(self, call: CallId, at: Instant) -> None:
        """Say the rest."""
        self._plan(call, at + self._calls[call].talk_left_ms, self._pbx.hang_up)

    def callback_offered(self, call: CallId, at: Instant) -> None:
        """Accept after a moment, or wait on."""
        if self._callback_rng.random() < self._settings.callback_accept_probability:
            after_ms = sample_ms(self._settings.callback_accept_s, self._callback_rng)
            self._agenda.at(at + after_ms, partial(self._accept_callback, call))

    def _accept_callback(self, call: CallId, at: Instant) -> None:
        """Whoever is still on the music hangs up, and needs no patience from now."""
        caller = self._calls.get(call)
        if caller is not None and self._pbx.accept_callback(call, caller.number, at):
            self._drop_plan(caller)

    def dialled(self, party: NumberLeg, at: Instant) -> None:
        """Be there when called back, or not; and so everybody else whom an agent calls."""
        caller, numbers = party.caller, self._pbx.numbers
        if caller.call in self._calls:
            missed = self._callback_rng.random() < self._settings.callback_unanswered_probability
            after_ms = sample_ms(self._settings.callback_answer_s, self._callback_rng)
            self._agenda.at(at + after_ms, partial(numbers.fails if missed else numbers.answers, party))
            return
        if caller.about is None:
            self._calls[caller.call] = Caller(party.number, "", entry="")
        self._ring_somebody(party, at)

    def _ring_somebody(self, party: NumberLeg, at: Instant) -> None:
        rng, numbers = self._dialled_rng, self._pbx.numbers
        in_vain = rng.random() < self._settings.number_unanswered_probability
        does = partial(numbers.fails, party, why=rng.choice(IN_VAIN)) if in_vain else partial(numbers.answers, party)
        self._agenda.at(at + sample_ms(self._settings.number_answers_s, rng), does)

    def gone(self, call: CallId) -> None:
        """The call is over; one dialled, but not yet outside, is nobody's."""
        caller = self._calls.pop(call, None)
        if caller is not None:
            self._drop_plan(caller)

    def _give_up(self, call: CallId, at: Instant) -> None:
        caller = self._calls[call]
        self._pbx.hang_up(call, at)
        if caller.entry and self._rng.random() < self._settings.retry_probability:
            again = Caller(caller.number, caller.name, caller.entry)
            self._agenda.at(at + sample_ms(self._settings.retry_after_s, self._rng), partial(self._call, again))

    def _plan(self, call: CallId, when: int, do: "CallAction") -> None:
        caller = self._calls[call]
        self._drop_plan(caller)
        caller.plan = self._agenda.at(when, partial(do, call))

    def _drop_plan(self, caller: Caller) -> None:
        if caller.plan is not None:
            caller.plan.cancel()
            caller.plan = None


class CallAction(Protocol):
    def __call__(self, call: CallId, at: Instant) -> None: ...
