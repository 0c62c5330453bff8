"""The supervisors' phones: facts and commands in, events and actions out, beside those of `Legs`. Pure.

    ringing --answered--> spying --intercept--> taking --the caller comes--> talking
       |                    |                     |                            |
       +--------------------+---------------------+------- ended --------------+--> ending --gone--> MonitorEnded

A phone spies by itself, and only on the very channel it was given; when that is gone it ends, whether we are there
or not. To take a caller over it waits, and the caller's channel fetches it; not before that is done the agent's phone
is let go, for if the supervisor's phone has gone meanwhile caller and agent find each other again.
"""

from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from acd.commands import ChangeMonitor, EndMonitor, StartMonitor
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import SPY, TAKE, Writer
from acd.cti_adapters.asterisk.legs import FACT_S_MAX, OFFER_RESERVE_S, TRIES_AT_ONCE, TRIES_MAX, Legs
from acd.cti_adapters.asterisk.memory import APART_S_MAX, NOT_NOW, NOT_NOW_S, RELEASE_S_MAX
from acd.cti_adapters.asterisk.parties import Leg, LegState, Stage
from acd.cti_adapters.asterisk.talks import VERBS
from acd.events import Intercepted, MonitorEnded, MonitorMode, MonitorStarted, OfferFailure
from acd.ids import CallId, MonitorId

MOVE_S_MAX, TAKE_S_MAX = 1.0, 3.0
"""How long a phone or a caller may take to be where it was sent before it is sent again, and then given up."""

PAST_MAX = 100
"""How many phones that have gone are remembered."""


class MonitorState(Enum):
    RINGING = auto()
    SPYING = auto()
    TAKING = auto()
    TALKING = auto()
    ENDING = auto()


@dataclass(slots=True, eq=False)
class Monitor:
    """One supervisor's phone; `until` is when the next fact about it is overdue."""

    id: MonitorId
    leg: str
    spied: Leg
    """The agent's phone; the offer it talks for is another one after a transfer."""
    mode: MonitorMode
    """The one that is wanted."""
    until: float
    state: MonitorState = MonitorState.RINGING
    dialled: words.Dialled | None = None
    gone: words.PhoneGone | None = None
    tries: int = 0
    has_answered: bool = False
    why: OfferFailure | None = None
    """Why it is to end although nobody wanted so."""
    takes_until: float = 0.0
    """When taking the caller over is given up."""

    @property
    def call(self) -> CallId:
        return self.spied.offer.call


class Monitors:
    """The adapter's memory of supervisors' phones. What comes of each step is added to `told` and `asked` of `legs`."""

    def __init__(self, write: Writer, legs: Legs) -> None:
        self._write = write
        self._legs = legs
        self._monitors: dict[MonitorId, Monitor] = {}
        self._by_leg: dict[str, Monitor] = {}
        self._past: deque[str] = deque()
        self.on_fact: dict[type, Callable[[Any, float], bool]] = {
            words.Watching: self._watching,
            words.Talking: self._talking,
            words.CallerGone: self._caller_gone,
            words.PhoneGone: self._phone_gone,
            words.Dialled: self._dialled,
            words.Answer: self._answer,
        }
        self._on_command: dict[type, Callable[[Any, float], None]] = {
            StartMonitor: self._start,
            ChangeMonitor: self._change,
            EndMonitor: self._end,
        }

    def hear(self, fact: words.Fact, now: float) -> bool:
        """Asterisk says so at `now`; whether it speaks of a supervisor's phone alone."""
        on_fact = self.on_fact.get(type(fact))
        return on_fact is not None and on_fact(fact, now)

    def obey(self, command: StartMonitor | ChangeMonitor | EndMonitor, now: float) -> None:
        """The core wants so."""
        self._on_command[type(command)](command, now)

    def look_at_the_clock(self, now: float) -> None:
        """Do what is overdue; to be called a few times a second while Asterisk is linked."""
        for monitor in [monitor for monitor in self._monitors.values() if monitor.until <= now]:
            self._overdue(monitor, now)

    def settle(self, channels: Container[str], talks: Container[str], now: float) -> None:
        """After an absence: these channels are there, and these legs have a caller."""
        for monitor in list(self._monitors.values()):
            if monitor.leg not in channels:
                self._over(monitor)
            elif monitor.leg in talks:
                self._has_taken(monitor, now)
            elif monitor.state is MonitorState.ENDING:
                self._hang_up(monitor, now)
            elif monitor.state is MonitorState.TALKING:
                monitor.until = now  # its caller is gone
            else:
                self._spy(monitor, now)

    # --- commands -----------------------------------------------------------------------------------------------------

    def _start(self, command: StartMonitor, now: float) -> None:
        spied = self._legs.phone_of(command.offer)
        caller = self._legs.callers.get(command.offer.call)
        if spied is None or spied.gone is not None or caller is None:
            self._legs.told.append(MonitorEnded(command.monitor))
            return
        until = now + command.ring_ms / 1000 + OFFER_RESERVE_S
        monitor = Monitor(command.monitor, self._write.next_leg(), spied, command.mode, until)
        self._monitors[monitor.id] = self._by_leg[monitor.leg] = monitor
        self._legs.guests.add(monitor.leg)
        self._legs.asked.append(self._write.dial_supervisor(monitor.leg, spied.id, caller.channel, command))

    def _change(self, command: ChangeMonitor, now: float) -> None:
        monitor = self._known(command.monitor)
        if monitor and monitor.state in (MonitorState.RINGING, MonitorState.SPYING):
            monitor.mode = command.mode
            if monitor.state is MonitorState.SPYING:
                self._spy(monitor, now)

    def _end(self, command: EndMonitor, now: float) -> None:
        monitor = self._known(command.monitor)
        if monitor is not None:
            self._hang_up(monitor, now)

    def _known(self, monitor_id: MonitorId) -> Monitor | None:
        """One of an earlier life is over: the phone was hung up, or has a caller with whom we let it talk."""
        monitor = self._monitors.get(monitor_id)
        if monitor is None:
            self._legs.told.append(MonitorEnded(monitor_id))
        return monitor

    def _spied(self, monitor: Monitor) -> Leg | None:
        """The agent's phone, if it talks."""
        leg = monitor.spied
        return leg if leg.id in self._legs.legs and leg.state is LegState.TALKING else None

    def _spy(self, monitor: Monitor, now: float) -> None:
        """Send the phone to where it takes part as wanted; one that still rings can't be sent, and does no harm."""
        self._legs.asked.append(self._write.spy(monitor.leg, monitor.mode))
        if monitor.state is not MonitorState.RINGING:
            monitor.until = now + MOVE_S_MAX

    def _hang_up(self, monitor: Monitor, now: float) -> None:
        monitor.state, monitor.until = MonitorState.ENDING, now + RELEASE_S_MAX
        if words.is_over(monitor.dialled, monitor.gone):
            self._over(monitor)
        else:
            self._legs.asked.append(self._write.hang_up(monitor.leg))

    def _take(self, monitor: Monitor, now: float) -> None:
        """Let the caller come."""
        caller = self._legs.callers.get(monitor.call)
        if self._spied(monitor) is None or caller is None:
            self._hang_up(monitor, now)
            return
        if monitor.state is not MonitorState.TAKING:
            monitor.state, monitor.takes_until = MonitorState.TAKING, now + TAKE_S_MAX
        monitor.until = now + MOVE_S_MAX
        self._legs.asked += self._write.take(caller.channel, monitor.leg)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _watching(self, fact: words.Watching, now: float) -> bool:
        monitor = self._by_leg.get(fact.leg)
        if monitor is None or monitor.state is MonitorState.ENDING:
            self._legs.asked.append(self._write.hang_up(fact.leg))
            return True
        monitor.has_answered, monitor.until = True, float("inf")
        if monitor.state is MonitorState.RINGING and fact.mode is not MonitorMode.INTERCEPT:
            monitor.state = MonitorState.SPYING
            self._legs.told.append(MonitorStarted(monitor.id))
        if monitor.mode is not fact.mode:
            self._spy(monitor, now)
        elif monitor.mode is MonitorMode.INTERCEPT and monitor.state is not MonitorState.TALKING:
            self._take(monitor, now)
        return True

    def _talking(self, fact: words.Talking, now: float) -> bool:
        monitor = self._by_leg.get(fact.leg)
        if monitor is not None:
            self._has_taken(monitor, now)
        elif (caller := self._legs.callers.get(fact.call)) is not None:
            self._barge_anew((fact.leg, caller.channel), now)
        return monitor is not None

    def _barge_anew(self, legs: Container[str], now: float) -> None:
        """These phones are in another talk: who has barged in is heard there only when told again."""
        for monitor in self._monitors.values():
            is_in = monitor.mode is MonitorMode.BARGE and monitor.state is MonitorState.SPYING
            if is_in and monitor.spied.id in legs:
                self._spy(monitor, now)

    def _has_taken(self, monitor: Monitor, now: float) -> None:
        """The caller has come; the agent's phone waits for it in vain.

        If that was told as gone before, what is to become of the caller is being decided: it is no more to be had.
        """
        spied = self._spied(monitor)
        if spied is not None:
            self._legs.taken(spied, now)
            self._legs.told.append(Intercepted(monitor.id))
        is_late = spied is None and monitor.state is not MonitorState.TALKING
        if is_late or monitor.state is MonitorState.ENDING:
            self._hang_up(monitor, now)
        else:
            monitor.state, monitor.until = MonitorState.TALKING, float("inf")

    def _caller_gone(self, fact: words.CallerGone, now: float) -> bool:
        for monitor in self._monitors.values():
            if monitor.call == fact.call and monitor.state in (MonitorState.TAKING, MonitorState.TALKING):
                monitor.until = now + APART_S_MAX
        return False

    def _phone_gone(self, fact: words.PhoneGone, now: float) -> bool:
        monitor = self._by_leg.get(fact.leg)
        if monitor is None:
            return False
        monitor.gone = fact
        if monitor.state is MonitorState.RINGING and monitor.dialled is None:
            monitor.until = min(monitor.until, now + FACT_S_MAX)
        else:
            self._over(monitor)
        return True

    def _dialled(self, fact: words.Dialled, now: float) -> bool:
        monitor = self._by_leg.get(fact.leg)
        if monitor is None:
            return False
        monitor.dialled = fact
        is_settled = monitor.gone is not None or fact.timed_out or monitor.state is MonitorState.ENDING
        if not fact.answered and not is_settled:
            monitor.until = min(monitor.until, now + FACT_S_MAX)
        elif not fact.answered or monitor.gone is not None:
            self._over(monitor)
        elif monitor.state is MonitorState.ENDING:
            self._legs.asked.append(self._write.hang_up(monitor.leg))
        return True

    def _over(self, monitor: Monitor) -> None:
        """Its channel is gone, or never was."""
        del self._monitors[monitor.id]
        del self._by_leg[monitor.leg]
        self._remember(monitor.leg)
        if monitor.takes_until:
            self._give_back(monitor)
        has_come = monitor.has_answered or (monitor.dialled is not None and monitor.dialled.answered)
        if monitor.state is MonitorState.RINGING and not has_come:
            monitor.why = words.failure(monitor.dialled, monitor.gone)
        self._legs.told.append(MonitorEnded(monitor.id, monitor.why))

    def _give_back(self, monitor: Monitor) -> None:
        """The caller was on its way, and would find nobody: back to the agent, or on hold."""
        spied, caller = self._spied(monitor), self._legs.callers.get(monitor.call)
        if spied is None or caller is None:
            return
        if caller.stage is Stage.CONNECTED:
            self._legs.asked += self._write.take(caller.channel, spied.id)
        else:
            self._legs.asked.append(self._write.set_variable(caller.channel, "ACD_TALK", spied.id))
            self._legs.talks.move(caller)

    def _remember(self, leg: str) -> None:
        """A caller may still be told as come to a phone that has just gone."""
        self._past.append(leg)
        if len(self._past) > PAST_MAX:
            self._legs.guests.discard(self._past.popleft())

    def _answer(self, fact: words.Answer, now: float) -> bool:
        if fact.ok and fact.verb in VERBS.values() and (caller := self._legs.caller_at(fact.target)) and caller.leg:
            self._barge_anew((caller.leg.id,), now)
        monitor = self._taking(fact.target) if fact.verb == TAKE else self._by_leg.get(fact.target)
        if monitor is None or fact.ok:
            return monitor is not None
        if fact.verb == "originate":
            self._over(monitor)
        elif fact.verb == "hangup":
            self._not_there(monitor)
        elif fact.verb in (SPY, TAKE) and fact.text == NOT_NOW and monitor.state is not MonitorState.RINGING:
            monitor.until = now + NOT_NOW_S
        return True

    def _taking(self, channel: str) -> Monitor | None:
        caller, monitors = self._legs.caller_at(channel), self._monitors.values()
        return next((each for each in monitors if caller and each.call == caller.id and each.takes_until), None)

    def _not_there(self, monitor: Monitor) -> None:
        """The phone to be hung up isn't there: not made yet, or gone."""
        monitor.tries += 1
        if monitor.has_answered or monitor.tries > TRIES_MAX:
            self._over(monitor)
        elif monitor.tries < TRIES_AT_ONCE:
            self._legs.asked.append(self._write.hang_up(monitor.leg))

    # --- what is due --------------------------------------------------------------------------------------------------

    def _overdue(self, monitor: Monitor, now: float) -> None:
        if words.is_over(monitor.dialled, monitor.gone):
            self._over(monitor)
        elif monitor.state is MonitorState.SPYING:
            self._spy(monitor, now)
        elif monitor.state is MonitorState.TAKING and now < monitor.takes_until:
            self._take(monitor, now)
        else:
            if monitor.state is MonitorState.RINGING:
                monitor.why = OfferFailure.UNANSWERED
            self._hang_up(monitor, now)
