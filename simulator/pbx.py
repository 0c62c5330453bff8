"""The simulated PBX: callers on music, phones that ring, and who is connected with whom.

It keeps the contract of :mod:`acd.cti_adapters.base` as a real one must: an offer withdrawn never connects, a phone
that is busy or out of reach fails, and a caller who is gone is told once. It decides nothing: callers and people
(whoever hears it, see `Hearers`) tell it what they do, the core commands the rest.

    caller: on music -> connected -> on music (the phone died) ... -> gone
            on music -> away (waits to be called back) -> connected ...
    phone leg: ringing -> talking -> gone

Of several phones that ring for one caller the first that is answered wins. One answered before the core has withdrawn
it hangs up again, and nothing is told of it; the others ring until they are withdrawn.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from acd import events as ev
from acd.commands import (
    Command,
    KeepWaiting,
    OfferCall,
    OfferCallback,
    PlayPrompt,
    RefuseCall,
    ReleaseCall,
    SendElsewhere,
    WithdrawOffer,
)
from acd.events import OfferFailure, PbxEvent
from acd.ids import CallId, Instant, OfferId
from acd.rules import DestinationKind
from simulator.agenda import Agenda
from simulator.legs import CallerLeg, Hearers, LegState, Phone, PhoneCondition, PhoneLeg

RING_LIMIT_MS = 5_000
"""How much longer than asked a phone rings before the PBX itself gives up: the safety net."""

FAILURES = {
    PhoneCondition.BUSY: OfferFailure.BUSY,
    PhoneCondition.UNREACHABLE: OfferFailure.UNREACHABLE,
}


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
        self.prompts_played = 0

    def begin(self, at: Instant) -> None:
        """Tell that the PBX can be driven, before anything else."""
        self._report(ev.PbxFound(), at)

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
            self._report(ev.OfferFailed(command.offer, FAILURES[condition]), now)
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
            self._music(leg.caller, now)

    def _keep_waiting(self, command: KeepWaiting, now: Instant) -> None:
        """Not for a caller who talks: the word was for a phone that left before, and crossed a new answer."""
        caller = self.callers.get(command.call)
        if caller is not None and not caller.talks:
            self._music(caller, now)

    def _release_call(self, command: ReleaseCall, now: Instant) -> None:
        self.hang_up(command.call, now)

    def _refuse_call(self, command: RefuseCall, now: Instant) -> None:
        self._forget(command.call, now)

    def _send_elsewhere(self, command: SendElsewhere, now: Instant) -> None:
        """A caller who is away can't be sent to anybody, only forgotten."""
        caller = self.callers.get(command.call)
        if caller is None:
            return
        if command.to.kind is DestinationKind.HANG_UP:
            why = ""
        elif caller.away:
            why = "the caller is away"
        else:
            why = "" if self._hearers.takes(command.call, command.to) else f"{command.to} doesn't answer"
        if why:
            self._report(ev.SendingFailed(command.call, why), now)
        else:
            self._forget(command.call, now)
            self._report(ev.SentElsewhere(command.call), now)

    def _play_prompt(self, command: PlayPrompt, _now: Instant) -> None:
        self.prompts_played += command.call in self.callers

    def _offer_callback(self, command: OfferCallback, now: Instant) -> None:
        caller = self.callers.get(command.call)
        if caller is not None and not caller.away and not caller.talks:
            self._hearers.callback_offered(caller.call, now)

    _commands: dict[type[Command], Callable[["Pbx", Any, Instant], None]] = {  # noqa: RUF012
        OfferCall: _offer_call,
        WithdrawOffer: _withdraw_offer,
        KeepWaiting: _keep_waiting,
        ReleaseCall: _release_call,
        RefuseCall: _refuse_call,
        SendElsewhere: _send_elsewhere,
        PlayPrompt: _play_prompt,
        OfferCallback: _offer_callback,
    }

    # --- the callers' deeds ---------------------------------------------------------------------------------------

    def call_in(self, arrival: ev.CallArrived, at: Instant) -> None:
        """A caller enters and hears music."""
        self.callers[arrival.call] = CallerLeg(arrival.call, [])
        self._report(arrival, at)
        self._hearers.music(arrival.call, at)

    def hang_up(self, call: CallId, at: Instant) -> None:
        """The caller's side ends, and every phone's with it. For a call that is gone: nothing."""
        if self._forget(call, at):
            self._report(ev.CallerLeft(call), at)

    def accept_callback(self, call: CallId, number: str, at: Instant) -> bool:
        """The caller hangs up, and waits to be called at `number`. False: one who talks or is gone, and stays so."""
        caller = self.callers.get(call)
        if caller is None or caller.away or caller.talks:
            return False
        caller.away = True
        self._report(ev.CallbackAccepted(call, number), at)
        return True

    def answer_callback(self, leg: PhoneLeg, at: Instant) -> None:
        """The caller who was away answers, and is connected with the agent who has the number dialled."""
        if leg.state is LegState.TALKING and leg.caller.away:
            leg.caller.away = False
            self._hearers.talks(leg, at)

    def miss_callback(self, leg: PhoneLeg, at: Instant) -> None:
        """The caller who was away doesn't answer: the call is over."""
        if leg.state is LegState.TALKING and leg.caller.away:
            self.hang_up(leg.caller.call, at)

    # --- the agents' deeds ----------------------------------------------------------------------------------------

    def pick_up(self, leg: PhoneLeg, at: Instant) -> None:
        """The phone is answered; connected with the caller, if it still rings and nobody was faster."""
        if leg.state is not LegState.RINGING:
            return
        if leg.caller.talks:
            self._end(leg)
            return
        leg.state = LegState.TALKING
        self._report(ev.OfferAccepted(leg.offer), at)
        if leg.caller.away:
            self._hearers.dialled(leg, at)
        else:
            self._hearers.talks(leg, at)

    def decline(self, leg: PhoneLeg, at: Instant, why: OfferFailure = OfferFailure.REJECTED) -> None:
        """The phone that rings is told to stop, or stops by itself for the reason `why`."""
        if leg.state is LegState.RINGING:
            self._end(leg)
            self._report(ev.OfferFailed(leg.offer, why), at)

    def put_down(self, leg: PhoneLeg, at: Instant, *, lost: bool = False) -> None:
        """The phone that talks hangs up, or (`lost`) dies; the caller stays and hears nothing until the core acts."""
        if leg.state is LegState.TALKING:
            self._end(leg)
            self._report(ev.PhoneLeft(leg.offer, lost), at)

    # --- within ---------------------------------------------------------------------------------------------------

    def _rings_in_vain(self, leg: PhoneLeg, at: Instant) -> None:
        self.decline(leg, at, OfferFailure.UNANSWERED)

    def _music(self, caller: CallerLeg, at: Instant) -> None:
        if not caller.away:
            self._hearers.music(caller.call, at)

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
