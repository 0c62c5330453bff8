"""What the core may do with a talk in the simulated PBX: hold, consult, conference, give it to somebody else.

A command for a party that is gone does nothing, but for those that give the caller away: the end of that party is
told already, or is told now.
"""

from collections.abc import Callable
from typing import Any

from acd import events as ev
from acd.commands import BeginConsult, Confer, ConnectCall, HoldCall, LeaveWith, Record, ResumeCall, SendDigits
from acd.events import RecordingWord
from acd.ids import CallId, Instant, OfferId
from simulator.legs import CallerLeg, LegState, PhoneLeg
from simulator.numbers import Numbers
from simulator.wires import Wires


class Talks:
    """Obeys what is asked of calls that are talked in."""

    def __init__(self, wires: Wires, numbers: Numbers) -> None:
        self._wires, self._numbers = wires, numbers
        self.commands: dict[type, Callable[[Any, Instant], None]] = {
            HoldCall: self._hold,
            ResumeCall: self._resume,
            BeginConsult: self._begin_consult,
            Confer: self._confer,
            ConnectCall: self._connect,
            LeaveWith: self._leave_with,
            SendDigits: self._send_digits,
            Record: self._record,
        }

    def _talking(self, call: CallId, offer: OfferId) -> PhoneLeg | None:
        """The phone that talks in the call by that offer; None: the one or the other is gone, or nobody there yet."""
        leg = self._wires.legs.get(offer)
        if leg is None or leg.state is not LegState.TALKING or leg.caller.call != call:
            return None
        return None if leg.caller.away or leg.caller.about is not None else leg

    def _hold(self, command: HoldCall, now: Instant) -> None:
        leg = self._talking(command.call, command.offer)
        if leg is not None and leg.caller.consult is None:
            self._set_aside(leg.caller, now)

    def _set_aside(self, caller: CallerLeg, now: Instant) -> None:
        if not caller.held:
            caller.held = True
            self._wires.hearers.held(caller.call, now)

    def _take_back(self, caller: CallerLeg, now: Instant) -> None:
        if caller.held:
            caller.held = False
            self._wires.hearers.resumed(caller.call, now)

    def _resume(self, command: ResumeCall, now: Instant) -> None:
        leg = self._talking(command.call, command.offer)
        if leg is not None:
            self._wires.end_consult(leg.caller, now)
            self._take_back(leg.caller, now)

    def _begin_consult(self, command: BeginConsult, now: Instant) -> None:
        leg = self._talking(command.call, command.offer)
        if leg is None or command.consult in self._wires.callers:
            return
        self._wires.end_consult(leg.caller, now)
        self._set_aside(leg.caller, now)
        consult = CallerLeg(command.consult, [], about=leg.caller)
        leg.caller.consult = self._wires.callers[command.consult] = consult
        if command.number:
            party = self._numbers.dial(consult, command.number, now)
            self._wires.agenda.at(now + command.ring_ms, self._numbers.fails, party)

    def _confer(self, command: Confer, now: Instant) -> None:
        leg = self._talking(command.call, command.offer)
        if leg is not None and self._consult(leg.caller, command.consult) is not None:
            self._take_back(leg.caller, now)

    def _consult(self, caller: CallerLeg, consult: CallId) -> CallerLeg | None:
        """The consult about the call, if its party has answered and is there."""
        found = caller.consult
        return found if found is not None and found.call == consult and found.reached else None

    # --- giving the caller away -----------------------------------------------------------------------------------

    def _connect(self, command: ConnectCall, now: Instant) -> None:
        """Where the second phone is gone the caller hears music, and the end of that phone is told by its new name."""
        caller = self._wires.callers.get(command.call)
        if caller is None or caller.about is not None:
            return
        consult = self._consult(caller, command.consult)
        second = consult.talk if consult is not None else None
        if second is not None and second.offer == command.was:
            self._detach(second)
        else:
            second = None
        self._part(caller, now)
        if second is None:
            self._wires.music(caller, now)
            self._wires.report(ev.PhoneLeft(command.offer), now)
        else:
            self._attach(second, command.offer, caller, now)

    def _detach(self, leg: PhoneLeg) -> None:
        leg.caller.legs.remove(leg)
        del self._wires.legs[leg.offer]

    def _attach(self, leg: PhoneLeg, offer: OfferId, caller: CallerLeg, now: Instant) -> None:
        leg.offer, leg.caller = offer, caller
        caller.legs.append(leg)
        self._wires.legs[offer] = leg
        self._wires.hearers.talks(leg, now)

    def _part(self, caller: CallerLeg, now: Instant) -> None:
        """Let everybody go who is with the caller."""
        self._wires.end_consult(caller, now)
        for leg in list(caller.legs):
            self._wires.let_go(leg, now)
        caller.held = False

    def _leave_with(self, command: LeaveWith, now: Instant) -> None:
        caller = self._wires.callers.get(command.call)
        if caller is None or caller.about is not None:
            return
        consult = self._consult(caller, command.consult)
        if consult is not None and consult.number is not None:
            self._wires.forget(caller.call, now)
            self._wires.report(ev.SentElsewhere(caller.call), now)
        else:
            self._part(caller, now)
            self._wires.music(caller, now)
            self._wires.report(ev.SendingFailed(caller.call, "the other side has hung up"), now)

    # --- what is heard and kept -----------------------------------------------------------------------------------

    def _send_digits(self, command: SendDigits, _now: Instant) -> None:
        caller = self._wires.callers.get(command.call)
        if caller is not None:
            caller.digits += command.digits

    def _record(self, command: Record, now: Instant) -> None:
        """Made-up calls are recorded in made-up files."""
        caller = self._wires.callers.get(command.call)
        if caller is not None and command.word is RecordingWord.START and caller.talks:
            caller.recorded = True
            self._wires.report(ev.RecordingStarted(command.call, f"simulated/{command.call}.wav"), now)
        elif caller is None or not caller.recorded:
            why = "nobody talks" if command.word is RecordingWord.START else "it isn't recorded"
            self._wires.report(ev.RecordingFailed(command.call, why), now)
        elif command.word is RecordingWord.STOP:
            caller.recorded = False
