"""What is connected with what in the simulated PBX, and how it comes apart.

    caller                 on music -> connected -> held, consulting, in conference -> connected ... -> gone
    away                   (a callback, an outgoing call) -> dialled -> connected ... -> gone
    phone, number          ringing -> talking -> gone

A consult is a call whose caller is a phone that talks: it ends with that phone's talk, unless its party has answered.
"""

from collections.abc import Callable

from acd import events as ev
from acd.events import OfferFailure, PbxEvent
from acd.ids import CallId, Instant, MonitorId, OfferId
from simulator.agenda import Agenda
from simulator.legs import (
    CallerLeg,
    Hearers,
    LegState,
    MonitorLeg,
    Phone,
    PhoneCondition,
    PhoneLeg,
)

FAILURES = {
    PhoneCondition.BUSY: OfferFailure.BUSY,
    PhoneCondition.UNREACHABLE: OfferFailure.UNREACHABLE,
}


class Wires:
    """Callers, phones and who rings for or talks with whom. It lets go; it never connects."""

    def __init__(self, agenda: Agenda, tell: Callable[[PbxEvent], None], hearers: Hearers, latency_ms: int) -> None:
        self.agenda = agenda
        self.hearers = hearers
        self._tell = tell
        self._latency_ms = latency_ms
        self.callers: dict[CallId, CallerLeg] = {}
        """Those in the PBX, on music or connected; and consults."""
        self.legs: dict[OfferId, PhoneLeg] = {}
        self.monitors: dict[MonitorId, MonitorLeg] = {}
        self._phones: dict[str, Phone] = {}

    def report(self, event: PbxEvent, at: Instant) -> None:
        """Tell it, as late as the PBX does."""
        if not self._latency_ms:
            self._tell(event)
            return
        self.agenda.at(at + self._latency_ms, self._tell_late, event)

    def _tell_late(self, event: PbxEvent, _at: Instant) -> None:
        self._tell(event)

    def phone(self, device: str) -> Phone:
        """The phone so called; there is one for every device the core rings."""
        phone = self._phones.get(device)
        if phone is None:
            phone = self._phones[device] = Phone(device)
        return phone

    def engaged(self, phone: Phone) -> OfferFailure | None:
        """Why the phone can't ring."""
        if phone.leg is not None:
            return OfferFailure.BUSY
        return None if phone.condition is PhoneCondition.FREE else FAILURES[phone.condition]

    def music(self, caller: CallerLeg, at: Instant) -> None:
        """Let a caller who is there hear music."""
        caller.held = False
        if not caller.away and caller.about is None:
            self.hearers.music(caller.call, at)

    # --- letting go -----------------------------------------------------------------------------------------------

    def let_go(self, leg: PhoneLeg, at: Instant) -> None:
        """The phone is free, and those who listened to it are, too."""
        caller = leg.caller
        if leg.state is LegState.TALKING:
            caller.held = False
            if caller.away:
                self.stop_dialling(caller)
        leg.state = LegState.GONE
        if leg.limit is not None:
            self.end_limit(leg)
        leg.phone.leg = None
        caller.legs.remove(leg)
        del self.legs[leg.offer]
        if leg.monitors:
            for monitor in list(leg.monitors):
                self.let_monitor_go(monitor, at)

    def end_limit(self, leg: PhoneLeg) -> None:
        """The phone rings no more."""
        if leg.limit is not None:
            self.agenda.cancel(leg.limit)
            leg.limit = None

    def let_monitor_go(self, monitor: MonitorLeg, at: Instant, why: OfferFailure | None = None) -> None:
        """The supervisor's phone is free, and that is told."""
        monitor.state = LegState.GONE
        monitor.phone.leg = None
        if monitor.caller is None:
            monitor.leg.monitors.remove(monitor)
        else:
            monitor.caller.intercepted = None
        del self.monitors[monitor.monitor]
        self.report(ev.MonitorEnded(monitor.monitor, why), at)

    def stop_dialling(self, caller: CallerLeg) -> None:
        """Whoever is dialled for the call, or talks in the consult, is let go."""
        if caller.number is not None:
            caller.number.state = LegState.GONE
            caller.number = None

    def end_consult(self, caller: CallerLeg, at: Instant) -> None:
        """The consult about the call is over, if there is one."""
        if caller.consult is not None:
            self.forget(caller.consult.call, at)

    def end_unanswered_consult(self, caller: CallerLeg, at: Instant) -> None:
        """The phone that asked is gone: only a party who has answered is kept, to be given the caller."""
        if caller.consult is not None and not caller.consult.reached:
            self.forget(caller.consult.call, at)

    def forget(self, call: CallId, at: Instant) -> bool:
        """The call is over, and everybody in it is let go. False: it is gone already."""
        caller = self.callers.pop(call, None)
        if caller is None:
            return False
        caller.gone = True
        if caller.consult is not None:
            self.end_consult(caller, at)
        for leg in list(caller.legs):
            self.let_go(leg, at)
        if caller.number is not None:
            self.stop_dialling(caller)
        if caller.intercepted is not None:
            self.let_monitor_go(caller.intercepted, at)
        if caller.about is None:
            self.hearers.gone(call, at)
        else:
            caller.about.consult = None
        return True
