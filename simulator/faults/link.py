"""The link to the PBX: it falls silent, is given up, and comes back with a survey."""

from collections.abc import Callable
from enum import Enum, auto
from random import Random

from acd import events as ev
from acd.events import PbxEvent
from acd.ids import Instant
from simulator.agenda import Action, Agenda
from simulator.distributions import Distribution, sample_ms
from simulator.faults.settings import Faults

WHY = "the simulated PBX doesn't answer"


class LinkState(Enum):
    UP = auto()
    SILENT = auto()
    DOWN = auto()


class Link:
    """`falls` when nothing is heard any more, `tell` what is told then, `look` at the PBX when it is back.

    Each of its steps takes time of the core's, by `now`: what the core says of the one comes before the next.
    """

    def __init__(
        self,
        faults: Faults,
        rng: Random,
        agenda: Agenda,
        tell: Callable[[PbxEvent], None],
        falls: Callable[[], None],
        look: Callable[[], None],
        now: Callable[[], Instant],
    ) -> None:
        self._faults, self._rng, self._agenda = faults, rng, agenda
        self._tell, self._falls, self._look, self._now = tell, falls, look, now
        self.state = LinkState.UP
        self.drops = 0

    @property
    def is_up(self) -> bool:
        return self.state is LinkState.UP

    def drop(self, _at: Instant) -> None:
        """It falls silent, if it stands."""
        if not self.is_up:
            return
        self.drops += 1
        self.state = LinkState.SILENT
        self._falls()
        self._after(self._faults.link_silent_s, self._give_up)

    def _give_up(self, _at: Instant) -> None:
        self.state = LinkState.DOWN
        self._tell(ev.PbxLost(WHY))
        self._after(self._faults.link_down_s, self._return)

    def _return(self, _at: Instant) -> None:
        """From now commands reach the PBX; what it holds is told before it is said to be found."""
        self.state = LinkState.UP
        self._look()
        self._tell(ev.PbxFound())

    def _after(self, how_long: Distribution, do: Action) -> None:
        self._agenda.at(self._now() + max(1, sample_ms(how_long, self._rng)), do)
