"""Supervisors and recordings: whose they may supervise, whom they listen to, what is recorded."""

from __future__ import annotations

from acd import events as ev
from tests.properties.oracle_choice import Caller, Monitor, Person
from tests.properties.oracle_talks import WITH_CALLER, WITH_PARTY
from tests.properties.oracle_transfers import Giving

RING_MS = 30_000
"""How long a supervisor's phone rings."""
MAY_RECORD = {
    "start": ((None, "off"), "on"),
    "pause": (("on",), "paused"),
    "resume": (("paused",), "on"),
    "stop": (("on", "paused"), "off"),
}


class Watching(Giving):
    """What `Model` knows about supervisors' phones and about recordings."""

    # --- whose ----------------------------------------------------------------------------------------------------

    def may(self, by: str, groups: set[str]) -> bool:
        supervisor = self.rules.supervisors.get(by)
        own = supervisor.groups if supervisor is not None else ()
        return not own or bool(groups & {*own})

    def supervised(self, agent: str, by: str) -> Person | None:
        person = self.known(agent)
        if person is None:
            return None
        groups: set[str] = {group.id for group in self.rules.groups.values() if self.covers(person, group)}
        if person.caller is not None:
            groups.add(person.caller.group.id)
        if self.may(by, groups):
            return person
        self.refused.append((agent, "not-yours"))
        return None

    # --- monitors -------------------------------------------------------------------------------------------------

    def _MonitorAsked(self, event: ev.MonitorAsked) -> None:
        person = self.supervised(event.agent, event.by)
        if person is None:
            return
        if not self.linked:
            self.refused.append((event.agent, "not-now"))
            return
        call, monitor = person.caller, self.monitors.get(event.by)
        if person.state != "talking" or call is None:
            self.refused.append((event.agent, "no-call"))
        elif event.mode == "intercept" and not self._may_be_taken(call):
            self.refused.append((event.agent, "not-now"))
        elif monitor is None:
            self._start(event, call)
        elif monitor.agent != person.id or monitor.state == "over" or self.has_taken(monitor):
            self.refused.append((event.agent, "not-now"))
        else:
            self.commands.append(("ChangeMonitor", monitor.id, str(event.mode)))
            if event.mode != "intercept":
                monitor.mode = str(event.mode)
                self._tell(monitor)

    def _may_be_taken(self, call: Caller) -> bool:
        return call.kind != "consult" and call.stage in WITH_CALLER and not call.number_to_dial

    def _start(self, event: ev.MonitorAsked, call: Caller) -> None:
        supervisor = self.rules.supervisors.get(event.by)
        if supervisor is None or not supervisor.device:
            self.refused.append((event.agent, "no-device"))
            return
        monitor = Monitor(self.open.monitor, event.by, event.agent, call.id, str(event.mode))
        self.monitors[event.by] = monitor
        offer = (call.id, call.won)
        self.commands.append(("StartMonitor", monitor.id, offer, supervisor.device, monitor.mode, RING_MS))
        self._tell(monitor)

    def _MonitorEndAsked(self, event: ev.MonitorEndAsked) -> None:
        monitor = self.monitors.get(event.by)
        if monitor is None:
            self.refused.append(("", "no-call"))
        elif not self.linked:
            self.refused.append(("", "not-now"))
        else:
            self._end_monitor(monitor)

    def _end_monitor(self, monitor: Monitor) -> None:
        if monitor.state != "over":
            monitor.state = "over"
            self.commands.append(("EndMonitor", monitor.id))

    def part(self, person: Person) -> None:
        """Nobody listens to this talk any more, but who has taken it goes on."""
        for monitor in self.monitors.values():
            if monitor.agent == person.id and not self.has_taken(monitor):
                self._end_monitor(monitor)

    def has_taken(self, monitor: Monitor) -> bool:
        call = self.callers.get(monitor.call)
        return call is not None and call.taken_by == monitor.by

    def _found(self, monitor: str) -> Monitor | None:
        return next((each for each in self.monitors.values() if each.id == monitor), None)

    def _MonitorStarted(self, event: ev.MonitorStarted) -> None:
        monitor = self._found(event.monitor)
        if monitor is None:
            self.commands.append(("EndMonitor", event.monitor))
        elif monitor.state == "ringing":
            monitor.state = "on"
            self._tell(monitor)

    def _MonitorEnded(self, event: ev.MonitorEnded) -> None:
        monitor = self._found(event.monitor)
        if monitor is None:
            return
        del self.monitors[monitor.by]
        monitor.state = "over"
        self._tell(monitor, event.why and str(event.why))
        if self.has_taken(monitor):
            self.callers[monitor.call].release = "intercepted"
            self.commands.append(("ReleaseCall", monitor.call))

    def _Intercepted(self, event: ev.Intercepted) -> None:
        monitor = self._found(event.monitor)
        if monitor is None or self.has_taken(monitor):
            return
        call = self.callers.get(monitor.call)
        if (
            call is None
            or call.place != "talking"
            or call.agent is None
            or call.agent.id != monitor.agent
            or call.kind == "consult"
            or call.number_to_dial
        ):
            self._end_monitor(monitor)
        else:
            self._intercept(call, monitor, call.agent)

    def _intercept(self, call: Caller, monitor: Monitor, person: Person) -> None:
        self.news.append(("CallIntercepted", call.id, person.id, monitor.by))
        self.drop_consult(call)
        call.place, call.taken_by, call.agent, call.stage = "elsewhere", monitor.by, None, "connected"
        monitor.state, monitor.mode = "on", "intercept"
        self._tell(monitor)
        self.let_go(person, call.group.wrap_up_ms)

    def taken_is_over(self, call: Caller) -> None:
        """The supervisor's phone that had the caller is let go."""
        monitor = self.monitors.get(call.taken_by)
        if monitor is not None and monitor.call == call.id:
            self._end_monitor(monitor)

    def _tell(self, monitor: Monitor, why: str | None = None) -> None:
        about = (monitor.by, monitor.agent, monitor.call, monitor.mode, monitor.state, why)
        self.news.append(("MonitorChanged", monitor.id, *about))

    # --- recordings -----------------------------------------------------------------------------------------------

    def begin_recording(self, call: Caller) -> None:
        """A talk begins."""
        rule = call.group.recording
        if call.recording == "paused":
            self._turn(call, "resume")
        elif rule == "all" and call.recording != "on":
            self._turn(call, "start")
        elif rule == "share" and call.recording is None:
            if call.id in self.open.drawn:
                self._turn(call, "start")
            else:
                call.recording = "off"

    def _turn(self, call: Caller, word: str) -> None:
        call.recording_before = (call.recording or "off",)
        call.recording = MAY_RECORD[word][1]
        call.path = "" if word == "start" else call.path
        agent = call.agent and call.agent.id
        self.commands.append(("Record", call.id, word, call.group.id, agent))
        if word != "start":
            self.news.append(("RecordingChanged", call.id, agent, call.recording, call.path, ""))

    def _RecordingAsked(self, event: ev.RecordingAsked) -> None:
        call = self.talk_of(event.agent, *WITH_CALLER, *WITH_PARTY)
        if call is None:
            return
        rule = call.group.recording
        if (
            rule == "none"
            or (event.word == "stop" and rule == "all")
            or call.recording not in MAY_RECORD[event.word][0]
        ):
            self.refused.append((event.agent, "not-now"))
        else:
            self._turn(call, str(event.word))

    def _RecordingStarted(self, event: ev.RecordingStarted) -> None:
        if call := self.callers.get(event.call):
            call.path, call.recording_before = event.path, None
            self._tell_recording(call, "")

    def _RecordingFailed(self, event: ev.RecordingFailed) -> None:
        """The latest word, if it isn't known to be obeyed, is taken back."""
        call = self.callers.get(event.call)
        if call is not None and call.recording_before is not None:
            (call.recording,), call.recording_before = call.recording_before, None
            self._tell_recording(call, event.why)

    def _tell_recording(self, call: Caller, why: str) -> None:
        agent = call.agent and call.agent.id
        self.news.append(("RecordingChanged", call.id, agent, call.recording or "off", call.path, why))
