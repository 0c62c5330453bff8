"""What the simulated agents do with a talk besides talking: hold, consult, conference, transfer; and own calls.

By default nothing. The chances are a stream of their own for each agent, so that whoever does none of it lives the
same day as ever.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from acd.agents import AgentState
from acd.calls import Stage
from acd.events import (
    AgentRequest,
    ConferenceAsked,
    ConsultAsked,
    DialAsked,
    HoldAsked,
    ReconnectAsked,
    RetrieveAsked,
    TransferAsked,
)
from acd.ids import AgentId, GroupId, Instant
from acd.notices import TalkChanged
from acd.rules import Destination, DestinationKind
from simulator.agenda import Action, Agenda, Appointment
from simulator.distributions import Distribution, sample_ms
from simulator.legs import LegState, PhoneLeg
from simulator.names import caller_number
from simulator.settings import SimulatorSettings

DIALS = frozenset({AgentState.READY, AgentState.WRAP_UP})


@dataclass(frozen=True, slots=True)
class Places:
    """Whom one may ask, or give a caller to."""

    agents: tuple[AgentId, ...]
    groups: tuple[GroupId, ...]

    def any(self, asks: AgentId, rng: Random) -> Destination:
        """Another agent, a group, a number: one as likely as the other, where there is one."""
        others = [agent for agent in self.agents if agent != asks]
        kind = rng.choice(KINDS if others else KINDS[1:])
        if kind is DestinationKind.AGENT:
            return Destination(kind, rng.choice(others))
        return Destination(kind, rng.choice(self.groups) if kind is DestinationKind.GROUP else caller_number(rng))


KINDS = (DestinationKind.AGENT, DestinationKind.GROUP, DestinationKind.NUMBER)


def mannered(settings: SimulatorSettings) -> bool:
    """Whether anybody ever does any of it."""
    often = settings.hold_probability + settings.consult_probability + settings.transfer_probability
    return often > 0 or settings.dial_every_s is not None


class Manners:
    """One agent's. What is asked for and refused is let be."""

    def __init__(
        self,
        agent: AgentId,
        settings: SimulatorSettings,
        places: Places,
        rng: Random,
        agenda: Agenda,
        ask: Callable[[AgentRequest], None],
    ) -> None:
        self._agent, self._settings, self._places = agent, settings, places
        self._rng, self._agenda, self._ask = rng, agenda, ask
        self._state = AgentState.LOGGED_OUT
        self._shown: tuple[Stage, bool] = (Stage.CONNECTED, False)
        """The stage of the talk, and whether the party has answered."""
        self._plan: Appointment | None = None

    def begin(self, at: Instant) -> None:
        if self._settings.dial_every_s is not None:
            self._agenda.at(self._after(at, self._settings.dial_every_s), self._dial)

    def is_in(self, state: AgentState) -> None:
        """The client shows the agent's state: what was planned for a talk ends with it."""
        self._state = state
        if state is not AgentState.TALKING:
            self._drop_plan()

    def _dial(self, at: Instant) -> None:
        if self._state in DIALS:
            self._ask(DialAsked(self._agent, caller_number(self._rng)))
        self.begin(at)

    # --- in a talk ------------------------------------------------------------------------------------------------

    def talks(self, leg: PhoneLeg, at: Instant) -> None:
        """A talk begins: decide what will be done with it, if anything."""
        settings, luck = self._settings, self._rng.random()
        self._drop_plan()
        self._shown = (Stage.CONNECTED, False)
        for probability, does in (
            (settings.transfer_probability, self._transfer),
            (settings.consult_probability, self._consult),
            (settings.hold_probability, self._hold),
        ):
            if luck < probability:
                self._intend(at, settings.control_after_s, self._if_talking, leg, does)
                return
            luck -= probability

    def _if_talking(self, leg: PhoneLeg, does: Action, at: Instant) -> None:
        if leg.state is LegState.TALKING:
            does(at)

    def _transfer(self, _at: Instant) -> None:
        self._ask(TransferAsked(self._agent, self._places.any(self._agent, self._rng)))

    def _consult(self, _at: Instant) -> None:
        self._ask(ConsultAsked(self._agent, self._places.any(self._agent, self._rng)))

    def _hold(self, _at: Instant) -> None:
        self._ask(HoldAsked(self._agent))

    # --- on the screen --------------------------------------------------------------------------------------------

    def sees(self, shown: TalkChanged, at: Instant) -> None:
        """The client shows the stage: plan what follows from it, if it is another one than before."""
        if (shown.stage, shown.answered) == self._shown:
            return
        self._shown = (shown.stage, shown.answered)
        self._drop_plan()
        if shown.stage is Stage.HELD:
            self._intend(at, self._settings.hold_s, self._retrieve)
        elif shown.stage is not Stage.CONNECTED:
            self._intend(at, self._settings.consult_s, self._end_consult)

    def _retrieve(self, _at: Instant) -> None:
        self._ask(RetrieveAsked(self._agent))

    def _end_consult(self, _at: Instant) -> None:
        """Give the caller away, or talk on together, or alone again; of a party that hasn't come, the last."""
        stage, answered = self._shown
        ways: list[AgentRequest] = [ReconnectAsked(self._agent)]
        if answered:
            ways.append(TransferAsked(self._agent))
            if stage is Stage.CONSULTING:
                ways.append(ConferenceAsked(self._agent))
        self._ask(self._rng.choice(ways))

    # --- both -----------------------------------------------------------------------------------------------------

    def _intend(self, at: Instant, after_s: Distribution, do: Action, *what: object) -> None:
        self._plan = self._agenda.at(self._after(at, after_s), do, *what)

    def _drop_plan(self) -> None:
        if self._plan is not None:
            self._agenda.cancel(self._plan)
            self._plan = None

    def _after(self, at: Instant, after_s: Distribution) -> Instant:
        return Instant(at + sample_ms(after_s, self._rng))
