"""The simulated PBX: callers on music, phones that ring, and who is connected with whom.

It keeps the contract of :mod:`acd.cti_adapters.base` as a real one must: an offer withdrawn never connects, a phone
that is busy or out of reach fails, and a caller who is gone is told once. It decides nothing: callers and people
(whoever hears it, see `Hearers`) tell it what they do, the core commands the rest.

    caller: on music -> connected -> on music (the phone died) ... -> gone
    phone leg: ringing -> talking -> gone
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from functools import partial
from typing import Any, Protocol

from acd.commands import Command, KeepWaiting, OfferCall, RefuseCall, ReleaseCall, WithdrawOffer
from acd.events import CallArrived, CallerLeft, OfferAccepted, OfferFailed, OfferFailure, PbxEvent, PbxFound, PhoneLeft
from acd.ids import AgentId, CallId, Instant, OfferId
from simulator.agenda import Agenda

RING_LIMIT_MS = 5_000
"""How much longer than asked a phone rings before the PBX itself gives up: the safety net."""


class PhoneCondition(StrEnum):
    """What keeps a phone from ringing, apart from a call of ours."""

    FREE = "free"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


FAILURES = {
    PhoneCondition.BUSY: OfferFailure.BUSY,
    PhoneCondition.UNREACHABLE: OfferFailure.UNREACHABLE,
}


class LegState(Enum):
    RINGING = auto()
    TALKING = auto()
    GONE = auto()


@dataclass(slots=True, eq=False)
class Phone:
    device: str
    condition: PhoneCondition = PhoneCondition.FREE
    leg: "PhoneLeg | None" = None


@dataclass(slots=True, eq=False)
class CallerLeg:
    """A caller in the PBX; `legs` are the phones that ring for the caller, or the one that talks."""

    call: CallId
    legs: "list[PhoneLeg]"
    gone: bool = False

    @property
    def talks(self) -> bool:
        return any(leg.state is LegState.TALKING for leg in self.legs)


@dataclass(slots=True, eq=False)
class PhoneLeg:
    """One phone's part in one offer."""

    offer: OfferId
    agent: AgentId
    phone: Phone
    caller: CallerLeg
    state: LegState = LegState.RINGING


class Hearers(Protocol):
    """The people on both sides, who hear what the PBX does at the instant it does it."""

    def music(self, call: CallId, at: Instant) -> None:
        """The caller waits (again)."""

    def rings(self, leg: PhoneLeg, at: Instant) -> None:
        """A phone begins to ring."""

    def talks(self, leg: PhoneLeg, at: Instant) -> None:
        """Caller and agent hear each other."""

    def gone(self, call: CallId, at: Instant) -> None:
        """The PBX's part in the call is over."""


class Pbx:
    """Takes commands by `handle`, people's deeds by the other methods; each event is told `latency_ms` later."""

    def __init__(self, agenda: Agenda, tell: Callable[[PbxEvent], None], hearers: Hearers, latency_ms: int) -> None:
        self._agenda = agenda
        self._tell = tell
        self._hearers = hearers
        self._latency_ms = latency_ms
        self.callers: dict[CallId, CallerLeg] = {}
        """Those in the PBX, on music or connected."""
        self._phones: dict[str, Phone] = {}
        self._legs: dict[OfferId, PhoneLeg] = {}

    def begin(self, at: Instant) -> None:
        """Tell that the PBX can be driven, before anything else."""
        self._report(PbxFound(), at)

    def phone(self, device: str) -> Phone:
        """The phone so called; there is one for every device the core rings."""
        if device not in self._phones:
            self._phones[device] = Phone(device)
        return self._phones[device]

    # --- the core's commands --------------------------------------------------------------------------------------

    def handle(self, command: Command, now: Instant) -> None:
        self._commands[type(command)](self, command, now)

    def _offer_call(self, command: OfferCall, now: Instant) -> None:
        caller, phone = self.callers.get(command.call), self.phone(command.device)
        if caller is None:
            return  # that the caller left is being told
        condition = PhoneCondition.BUSY if phone.leg is not None else phone.condition
        if condition is not PhoneCondition.FREE:
            self._report(OfferFailed(command.offer, FAILURES[condition]), now)
            return
        leg = self._legs[command.offer] = phone.leg = PhoneLeg(command.offer, command.agent, phone, caller)
        caller.legs.append(leg)
        self._agenda.at(now + command.ring_ms + RING_LIMIT_MS, partial(self._rings_in_vain, leg))
        self._hearers.rings(leg, now)

    def _withdraw_offer(self, command: WithdrawOffer, now: Instant) -> None:
        leg = self._legs.get(command.offer)
        if leg is None:
            return
        talked = leg.state is LegState.TALKING
        self._end(leg)
        if talked:
            self._hearers.music(leg.caller.call, now)

    def _keep_waiting(self, command: KeepWaiting, now: Instant) -> None:
        """Not for a caller who talks: the word was for a phone that left before, and crossed a new answer."""
        caller = self.callers.get(command.call)
        if caller is not None and not caller.talks:
            self._hearers.music(caller.call, now)

    def _release_call(self, command: ReleaseCall, now: Instant) -> None:
        self.hang_up(command.call, now)

    def _refuse_call(self, command: RefuseCall, now: Instant) -> None:
        self._forget(command.call, now)

    _commands: dict[type[Command], Callable[["Pbx", Any, Instant], None]] = {  # noqa: RUF012
        OfferCall: _offer_call,
        WithdrawOffer: _withdraw_offer,
        KeepWaiting: _keep_waiting,
        ReleaseCall: _release_call,
        RefuseCall: _refuse_call,
    }

    # --- the callers' deeds ---------------------------------------------------------------------------------------

    def call_in(self, arrival: CallArrived, at: Instant) -> None:
        """A caller enters and hears music."""
        self.callers[arrival.call] = CallerLeg(arrival.call, [])
        self._report(arrival, at)
        self._hearers.music(arrival.call, at)

    def hang_up(self, call: CallId, at: Instant) -> None:
        """The caller's side ends, and every phone's with it. For a call that is gone: nothing."""
        if self._forget(call, at):
            self._report(CallerLeft(call), at)

    # --- the agents' deeds ----------------------------------------------------------------------------------------

    def pick_up(self, leg: PhoneLeg, at: Instant) -> None:
        """The phone is answered; connected with the caller, if it still rings and nobody was faster."""
        if leg.state is LegState.RINGING and not leg.caller.talks:
            leg.state = LegState.TALKING
            self._report(OfferAccepted(leg.offer), at)
            self._hearers.talks(leg, at)

    def decline(self, leg: PhoneLeg, at: Instant, why: OfferFailure = OfferFailure.REJECTED) -> None:
        """The phone that rings is told to stop, or stops by itself for the reason `why`."""
        if leg.state is LegState.RINGING:
            self._end(leg)
            self._report(OfferFailed(leg.offer, why), at)

    def put_down(self, leg: PhoneLeg, at: Instant, *, lost: bool = False) -> None:
        """The phone that talks hangs up, or (`lost`) dies; the caller stays and hears nothing until the core acts."""
        if leg.state is LegState.TALKING:
            self._end(leg)
            self._report(PhoneLeft(leg.offer, lost), at)

    # --- within ---------------------------------------------------------------------------------------------------

    def _rings_in_vain(self, leg: PhoneLeg, at: Instant) -> None:
        self.decline(leg, at, OfferFailure.UNANSWERED)

    def _forget(self, call: CallId, at: Instant) -> bool:
        caller = self.callers.pop(call, None)
        if caller is None:
            return False
        caller.gone = True
        for leg in list(caller.legs):
            self._end(leg)
        self._hearers.gone(call, at)
        return True

    def _end(self, leg: PhoneLeg) -> None:
        leg.state = LegState.GONE
        leg.phone.leg = None
        leg.caller.legs.remove(leg)
        del self._legs[leg.offer]

    def _report(self, event: PbxEvent, at: Instant) -> None:
        self._agenda.at(at + self._latency_ms, lambda _: self._tell(event))
