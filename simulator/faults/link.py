"""The link to the PBX: it falls silent, is given up, and comes back with a survey."""

from collections.abc import Callable
from enum import Enum, auto
from random import Random

from acd import events as ev
from acd.events import PbxEvent
from acd.ids import Instant
from simulator.agenda import Agenda
from simulator.distributions import sample_ms
from simulator.faults.settings import Faults

WHY = "the simulated PBX doesn't answer"


class LinkState(Enum):
    UP = auto()
    SILENT = auto()
    DOWN = auto()


class Link:
    """`falls` when nothing is heard any more, `tell` what is told then, `look` at the PBX when it is back."""

    def __init__(
        self,
        faults: Faults,
        rng: Random,
        agenda: Agenda,
        tell: Callable[[PbxEvent], None],
        falls: Callable[[], None],
        look: Callable[[Instant], None],
    ) -> None:
        self._faults, self._rng, self._agenda = faults, rng, agenda
        self._tell, self._falls, self._look = tell, falls, look
        self.state = LinkState.UP
        self.drops = 0

    @property
    def is_up(self) -> bool:
        return self.state is LinkState.UP

    def drop(self, at: Instant) -> None:
        """It falls silent, if it stands."""
        if not self.is_up:
            return
        self.drops += 1
        self.state = LinkState.SILENT
        self._falls()
        self._agenda.at(at + sample_ms(self._faults.link_silent_s, self._rng), self._give_up)

    def _give_up(self, at: Instant) -> None:
        self.state = LinkState.DOWN
        self._tell(ev.PbxLost(WHY))
        self._agenda.at(at + sample_ms(self._faults.link_down_s, self._rng), self._return)

    def _return(self, at: Instant) -> None:
        """From now commands reach the PBX; what it holds is told before it is said to be found."""
        self.state = LinkState.UP
        self._look(at)
        self._tell(ev.PbxFound())
