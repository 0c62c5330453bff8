"""What may happen to one message of the PBX on its way to the core: it comes late, twice, behind another, or never.

What one channel says comes in its order, as in Asterisk: a late word holds up those after it. Channels are the
caller's (a number's, too, that plays the caller), each phone's of each offer, each supervisor's phone's. A phone whose
answer lets a number be dialled counts as that number's: who dials has heard the answer.
"""

from collections.abc import Callable, Hashable
from itertools import count
from random import Random

from acd import events as ev
from acd.events import PbxEvent
from acd.ids import Instant
from simulator.agenda import Agenda, Appointment
from simulator.distributions import sample_ms
from simulator.faults.settings import Faults

STEPS_BACK_MS = 200
"""How long a message that is to come after another waits for that at most."""
KEPT = (ev.CallbackAccepted, ev.MonitorStarted, ev.MonitorEnded, ev.Intercepted, ev.TalkFound, ev.PhoneChanged)
"""Never lost by themselves: nothing in the PBX would ever say them again."""


def channel_of(event: PbxEvent) -> Hashable:
    """Who says it."""
    for name in ("offer", "call", "monitor", "agent"):
        if hasattr(event, name):
            return name, getattr(event, name)
    return type(event).__name__


def _channel_of_call(event: PbxEvent) -> Hashable:
    return "call", event.offer.call if isinstance(event, ev.OfferAccepted) else getattr(event, "call", None)


class Messages:
    """Takes what the PBX says by `send`; tells it by `tell` (the second time by `repeat`), or loses it by `lose`."""

    def __init__(
        self,
        faults: Faults,
        rng: Random,
        agenda: Agenda,
        tell: Callable[[PbxEvent], None],
        repeat: Callable[[PbxEvent], None],
        lose: Callable[[PbxEvent, Instant], None],
    ) -> None:
        self._faults, self._rng, self._agenda = faults, rng, agenda
        self._tell, self._repeat, self._lose = tell, repeat, lose
        self._numbers = count()
        self._on_the_way: dict[int, tuple[PbxEvent, Appointment]] = {}
        self._copies: dict[int, Appointment] = {}
        """On their way for the second time."""
        self._latest: dict[Hashable, Instant] = {}
        """When the last word of a channel will come, if there are any on the way."""
        self._behind: list[tuple[PbxEvent, Appointment]] = []
        """Those that wait for another to come first."""

    def send(self, event: PbxEvent, now: Instant, faulty: bool, dials: bool = False) -> None:
        """The PBX says it; `faulty`: something may happen to it; `dials`: a number is dialled when it is heard."""
        faults, rng = self._faults, self._rng
        if faulty and rng.random() < faults.lost and not dials and not isinstance(event, KEPT):
            self._lose(event, now)
            return
        late_ms = sample_ms(faults.late_s, rng) if faulty and rng.random() < faults.late else 0
        if faulty and rng.random() < faults.duplicate:
            self._copy(event, now + late_ms + sample_ms(faults.late_s, rng))
        channel = _channel_of_call(event) if dials else channel_of(event)
        at = max(Instant(now + late_ms), self._latest.get(channel, now))
        if at > now or channel in self._latest:
            self._latest[channel] = at
            self._post(event, at)
        elif faulty and rng.random() < faults.reordered and not dials:
            self._step_back(event, now)
        else:
            self._come(event)

    def lose_all(self) -> list[PbxEvent]:
        """Nothing that is on its way comes any more: what that is."""
        lost = [event for event, _ in self._behind]
        for _, flush in self._behind:
            self._agenda.cancel(flush)
        for event, appointment in self._on_the_way.values():
            self._agenda.cancel(appointment)
            lost.append(event)
        self._behind.clear()
        for copy in self._copies.values():
            self._agenda.cancel(copy)
        self._on_the_way.clear()
        self._copies.clear()
        self._latest.clear()
        return lost

    # --- late ---------------------------------------------------------------------------------------------------------

    def _post(self, event: PbxEvent, at: int) -> None:
        number = next(self._numbers)
        self._on_the_way[number] = event, self._agenda.at(at, self._arrives, number)

    def _copy(self, event: PbxEvent, at: int) -> None:
        number = next(self._numbers)
        self._copies[number] = self._agenda.at(at, self._comes_again, number, event)

    def _comes_again(self, number: int, event: PbxEvent, _at: Instant) -> None:
        del self._copies[number]
        self._repeat(event)

    def _arrives(self, number: int, at: Instant) -> None:
        event, _ = self._on_the_way.pop(number)
        for channel in (channel_of(event), _channel_of_call(event)):
            if self._latest.get(channel, at) <= at:
                self._latest.pop(channel, None)
        self._come(event)

    # --- behind another -----------------------------------------------------------------------------------------------

    def _step_back(self, event: PbxEvent, now: Instant) -> None:
        self._let_come([each for each in self._behind if channel_of(each[0]) == channel_of(event)])
        flush = self._agenda.at(now + STEPS_BACK_MS, self._waited_long_enough, event)
        self._behind.append((event, flush))

    def _waited_long_enough(self, event: PbxEvent, _at: Instant) -> None:
        self._let_come([each for each in self._behind if each[0] is event])

    def _come(self, event: PbxEvent) -> None:
        """It is told: before it those of its own channel that wait, after it all others that do."""
        channel = channel_of(event)
        self._let_come([each for each in self._behind if channel_of(each[0]) == channel])
        self._tell(event)
        self._let_come(list(self._behind))

    def _let_come(self, those: list[tuple[PbxEvent, Appointment]]) -> None:
        self._behind = [each for each in self._behind if each not in those]
        for event, flush in those:
            self._agenda.cancel(flush)
            self._tell(event)
