"""What becomes of a message that was lost while the link stands: who finds it out, and when.

A caller who waits says so again every 30 s. What Asterisk owes an adapter is watched: the end of a call that was to be
ended, a phone left alone, a number that doesn't answer. A command for a caller who is gone is answered by that. All
else is told by the next survey, or never matters: the core itself ends rings that nobody answers.
"""

from collections.abc import Callable
from functools import partial

from acd import commands as cmd
from acd import events as ev
from acd.commands import Command
from acd.events import PbxEvent
from acd.ids import CallId, Instant
from simulator.agenda import Agenda
from simulator.faults.clock import Clocks
from simulator.faults.memory import ENDS, Memory
from simulator.faults.survey import arrival_again
from simulator.pbx import Pbx

ANNOUNCED_MS = 30_000
"""How often a waiting caller says so."""
ANSWER_MS = 20
"""Until a command for a channel that is gone is answered."""
RELEASE_MS = 2_000
APART_MS = 1_000
"""How long a phone may stay behind whose caller has left."""
OWED_MS = 10_000
SENDING_MS = 4_000
OF_CALLERS = (
    cmd.KeepWaiting,
    cmd.PlayPrompt,
    cmd.TellPosition,
    cmd.ReleaseCall,
    cmd.SendElsewhere,
    cmd.LeaveWith,
)
"""What is asked of a caller's channel, which answers."""


class Healing:
    """`lost` a message; `asked` a command. What is found out is told by `tell`, as long as the link stands."""

    def __init__(
        self, pbx: Pbx, memory: Memory, clocks: Clocks, agenda: Agenda, tell: Callable[[PbxEvent], None]
    ) -> None:
        self._pbx, self._memory, self._clocks, self._agenda, self._tell = pbx, memory, clocks, agenda, tell
        self.is_linked: Callable[[], bool] = lambda: True

    def lost(self, event: PbxEvent, now: Instant) -> None:
        """The core doesn't hear of it."""
        self._memory.missed(event)
        if isinstance(event, ev.CallArrived):
            self._agenda.at(now + ANNOUNCED_MS, partial(self._announce, event.call))
        elif isinstance(event, ev.PhoneLeft):
            self._owe_phone(event, now + OWED_MS)
        elif isinstance(event, ev.SendingFailed):
            self._owe(event, now + SENDING_MS, lambda: event.call in self._memory.leaving)
        elif isinstance(event, ev.NumberFailed):
            self._owe_end(event.call, event, now + OWED_MS)
        elif isinstance(event, ENDS):
            self._end_lost(event.call, now)

    def _end_lost(self, call: CallId, now: Instant) -> None:
        """Of a talk the phone is left alone; whom we wanted to leave is asked for again."""
        memory = self._memory
        if call in memory.leaving:
            self._owe_end(call, ev.CallerLeft(call), now + RELEASE_MS)
            return
        for offer in [offer for offer, talks in memory.offers.items() if talks and offer.call == call]:
            self._owe_phone(ev.PhoneLeft(offer), now + APART_MS)

    def _announce(self, call: CallId, _at: Instant) -> None:
        """The caller's next word, if it is there and nothing is known of it yet."""
        caller, memory = self._pbx.callers.get(call), self._memory
        if caller is None or call in memory.known or call not in memory.arrivals or not self.is_linked():
            return
        self._tell(arrival_again(call, memory, self._clocks))

    def asked(self, command: Command, now: Instant) -> None:
        """A command for a caller of whose end nothing was heard finds it out."""
        if isinstance(command, OF_CALLERS) and command.call in self._memory.ends:
            self._owe_end(command.call, ev.CallerLeft(command.call), now + ANSWER_MS)

    def _owe_end(self, call: CallId, event: PbxEvent, at: int) -> None:
        self._owe(event, at, lambda: call in self._memory.ends and call in self._memory.known)

    def _owe_phone(self, event: ev.PhoneLeft, at: int) -> None:
        self._owe(event, at, lambda: event.offer in self._memory.offers)

    def _owe(self, event: PbxEvent, at: int, is_owed: Callable[[], bool]) -> None:
        def pay(_at: Instant) -> None:
            if self.is_linked() and is_owed():
                self._tell(event)

        self._agenda.at(at, pay)
