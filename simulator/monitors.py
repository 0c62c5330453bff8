"""Supervisors' phones in the simulated PBX: they take part in an agent's talk until one of the two is over."""

from collections.abc import Callable
from functools import partial
from typing import Any

from acd import events as ev
from acd.commands import ChangeMonitor, EndMonitor, StartMonitor
from acd.events import MonitorMode, OfferFailure
from acd.ids import Instant, MonitorId
from simulator.legs import LegState, MonitorLeg
from simulator.wires import Wires


class Monitors:
    """Each one begun ends once, however often its mode changes; an intercept ends with the caller's call, too."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self.commands: dict[type, Callable[[Any, Instant], None]] = {
            StartMonitor: self._start,
            ChangeMonitor: self._change,
            EndMonitor: self._end,
        }

    def of(self, monitor: MonitorId) -> MonitorLeg | None:
        """The phone that rings or takes part."""
        return self._wires.monitors.get(monitor)

    def _start(self, command: StartMonitor, now: Instant) -> None:
        leg, phone = self._wires.legs.get(command.offer), self._wires.phone(command.device)
        if leg is None or leg.state is not LegState.TALKING:
            self._wires.report(ev.MonitorEnded(command.monitor), now)
            return
        why = self._wires.engaged(phone)
        if why is not None:
            self._wires.report(ev.MonitorEnded(command.monitor, why), now)
            return
        monitor = phone.leg = MonitorLeg(command.monitor, phone, leg, command.mode)
        self._wires.monitors[command.monitor] = monitor
        leg.monitors.append(monitor)
        self._wires.agenda.at(now + command.ring_ms, partial(self.decline, monitor, why=OfferFailure.UNANSWERED))
        self._wires.hearers.monitor_rings(monitor, now)

    def _change(self, command: ChangeMonitor, now: Instant) -> None:
        monitor = self.of(command.monitor)
        if monitor is None or monitor.caller is not None:
            return
        monitor.mode = command.mode
        if monitor.state is LegState.TALKING and command.mode is MonitorMode.INTERCEPT:
            self._intercept(monitor, now)

    def _end(self, command: EndMonitor, now: Instant) -> None:
        monitor = self.of(command.monitor)
        if monitor is not None:
            self._wires.let_monitor_go(monitor, now)

    def _intercept(self, monitor: MonitorLeg, now: Instant) -> None:
        """The agent's phone is let go, and all who listened to it but this one."""
        caller = monitor.leg.caller
        if caller.away or caller.about is not None:
            self._wires.let_monitor_go(monitor, now)  # there is no caller to be taken
            return
        monitor.leg.monitors.remove(monitor)
        monitor.caller, caller.intercepted = caller, monitor
        self._wires.let_go(monitor.leg, now)
        self._wires.end_consult(caller, now)
        self._wires.report(ev.Intercepted(monitor.monitor), now)
        self._wires.hearers.intercepted(caller.call, now)

    # --- the supervisors' deeds -----------------------------------------------------------------------------------

    def pick_up(self, monitor: MonitorLeg, at: Instant) -> None:
        """The supervisor's phone is answered."""
        if monitor.state is not LegState.RINGING:
            return
        monitor.state = LegState.TALKING
        if monitor.mode is MonitorMode.INTERCEPT:
            self._intercept(monitor, at)
        else:
            self._wires.report(ev.MonitorStarted(monitor.monitor), at)

    def decline(self, monitor: MonitorLeg, at: Instant, why: OfferFailure = OfferFailure.REJECTED) -> None:
        """The phone stops ringing, for the reason `why`."""
        if monitor.state is LegState.RINGING:
            self._wires.let_monitor_go(monitor, at, why)

    def put_down(self, monitor: MonitorLeg, at: Instant) -> None:
        """The supervisor hangs up; a caller who was intercepted stays, and hears nothing until the core acts."""
        if monitor.state is LegState.TALKING:
            self._wires.let_monitor_go(monitor, at)
