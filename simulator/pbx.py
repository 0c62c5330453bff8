"""The simulated PBX: callers on music, phones that ring, and who is connected with whom.

It keeps the contract of :mod:`acd.cti_adapters.base` as a real one must: an offer withdrawn never connects, a phone
that is busy or out of reach fails, and a caller who is gone is told once. It decides nothing: callers and people
(whoever hears it, see `Hearers`) tell it what they do, the core commands the rest. What the core may do with a talk
stands in :mod:`simulator.talks`, with its listeners in :mod:`simulator.monitors`.

Of several phones that ring for one caller the first that is answered wins. One answered before the core has withdrawn
it hangs up again, and nothing is told of it; the others ring until they are withdrawn.
"""

from collections.abc import Callable
from typing import Any

from acd import events as ev
from acd.commands import (
    AnswerOffer,
    Command,
    KeepWaiting,
    OfferCall,
    OfferCallback,
    PlayPrompt,
    RefuseCall,
    ReleaseCall,
    SendElsewhere,
    TellPosition,
    WithdrawOffer,
)
from acd.events import OfferFailure, PbxEvent
from acd.ids import CallId, Instant
from acd.rules import DestinationKind
from simulator.agenda import Agenda
from simulator.legs import (
    CallerLeg,
    Hearers,
    LegState,
    Phone,
    PhoneLeg,
)
from simulator.monitors import Monitors
from simulator.numbers import Numbers
from simulator.talks import Talks
from simulator.wires import Wires

RING_LIMIT_MS = 5_000
"""How much longer than asked a phone rings before the PBX itself gives up: the safety net."""


class Pbx:
    """Takes commands by `handle`, people's deeds by the other methods; each event is told `latency_ms` later."""

    def __init__(self, agenda: Agenda, tell: Callable[[PbxEvent], None], hearers: Hearers, latency_ms: int) -> None:
        self._agenda = agenda
        self._hearers = hearers
        self._wires = Wires(agenda, tell, hearers, latency_ms)
        self._report = self._wires.report
        self.callers = self._wires.callers
        """Those in the PBX, on music or connected; and consults."""
        self.numbers = Numbers(self._wires)
        self.monitors = Monitors(self._wires)
        self.commands: dict[type, Callable[[Any, Instant], None]] = {
            OfferCall: self._offer_call,
            WithdrawOffer: self._withdraw_offer,
            KeepWaiting: self._keep_waiting,
            ReleaseCall: self._release_call,
            RefuseCall: self._refuse_call,
            SendElsewhere: self._send_elsewhere,
            PlayPrompt: self._play_prompt,
            TellPosition: self._tell_position,
            OfferCallback: self._offer_callback,
            AnswerOffer: self._answer_offer,
            **Talks(self._wires, self.numbers).commands,
            **self.monitors.commands,
        }
        self.prompts_played = 0
        self.positions_told = 0

    def begin(self, at: Instant) -> None:
        """Tell that the PBX can be driven, before anything else."""
        self._report(ev.PbxFound(), at)

    def phone(self, device: str) -> Phone:
        """The phone so called; there is one for every device the core rings."""
        return self._wires.phone(device)

    # --- the core's commands --------------------------------------------------------------------------------------

    def handle(self, command: Command, now: Instant) -> None:
        self.commands[type(command)](command, now)

    def _offer_call(self, command: OfferCall, now: Instant) -> None:
        """A number to dial for a call that isn't here: an agent's own call, which begins with the agent's phone."""
        wires = self._wires
        caller, phone = self.callers.get(command.call), wires.phone(command.device)
        if caller is None and not command.callback:
            return  # that the caller left is being told
        why = wires.engaged(phone)
        if why is not None:
            self._report(ev.OfferFailed(command.offer, why), now)
            return
        if caller is None:
            caller = self.callers[command.call] = CallerLeg(command.call, [], away=True, outgoing=True)
        caller.call_back = command.callback or caller.call_back
        leg = wires.legs[command.offer] = phone.leg = PhoneLeg(command.offer, command.agent, phone, caller)
        caller.legs.append(leg)
        leg.limit = self._agenda.at(now + command.ring_ms + RING_LIMIT_MS, self._rings_in_vain, leg)
        self._hearers.rings(leg, now)

    def _withdraw_offer(self, command: WithdrawOffer, now: Instant) -> None:
        leg = self._wires.legs.get(command.offer)
        if leg is None:
            return
        talked = leg.state is LegState.TALKING
        self._wires.let_go(leg, now)
        self._forget_unborn(leg.caller, now)
        if talked and not leg.caller.gone:
            self._wires.end_consult(leg.caller, now)
            self._wires.music(leg.caller, now)

    def _keep_waiting(self, command: KeepWaiting, now: Instant) -> None:
        """Not for a caller who talks: the word was for a phone that left before, and crossed a new answer."""
        caller = self.callers.get(command.call)
        if caller is not None and not caller.talks:
            self._wires.end_consult(caller, now)
            self._wires.music(caller, now)

    def _release_call(self, command: ReleaseCall, now: Instant) -> None:
        self.hang_up(command.call, now)

    def _refuse_call(self, command: RefuseCall, now: Instant) -> None:
        self._wires.forget(command.call, now)

    def _send_elsewhere(self, command: SendElsewhere, now: Instant) -> None:
        """A caller who is away can't be sent to anybody, only forgotten."""
        caller = self.callers.get(command.call)
        if caller is None:
            return
        if command.to.kind is DestinationKind.HANG_UP:
            why = ""
        elif caller.away or caller.about is not None:
            why = "the caller is away"
        else:
            why = "" if self._hearers.takes(command.call, command.to) else f"{command.to} doesn't answer"
        if not why:
            self._wires.forget(command.call, now)
            self._report(ev.SentElsewhere(command.call), now)
            return
        self._report(ev.SendingFailed(command.call, why), now)
        if caller.talk is not None:
            self._withdraw_offer(WithdrawOffer(caller.talk.offer), now)

    def _play_prompt(self, command: PlayPrompt, _now: Instant) -> None:
        self.prompts_played += command.call in self.callers

    def _tell_position(self, command: TellPosition, _now: Instant) -> None:
        self.positions_told += command.call in self.callers

    def _offer_callback(self, command: OfferCallback, now: Instant) -> None:
        caller = self.callers.get(command.call)
        if caller is not None and self._waits(caller):
            self._hearers.callback_offered(caller.call, now)

    def _answer_offer(self, command: AnswerOffer, now: Instant) -> None:
        leg = self._wires.legs.get(command.offer)
        if leg is not None:
            self.pick_up(leg, now)

    # --- the callers' deeds ---------------------------------------------------------------------------------------

    def call_in(self, arrival: ev.CallArrived, at: Instant) -> None:
        """A caller enters and hears music."""
        self.callers[arrival.call] = CallerLeg(arrival.call, [])
        self._report(arrival, at)
        self._hearers.music(arrival.call, at)

    def has_line(self, lines: int) -> bool:
        """Whether one more caller gets in where there are so many lines: as many as there are people outside."""
        callers = self.callers
        return len(callers) < lines or sum(leg.outside for leg in callers.values()) < lines

    def hang_up(self, call: CallId, at: Instant) -> None:
        """The caller's side ends, and every phone's with it. For a call that is gone: nothing."""
        if self._wires.forget(call, at):
            self._report(ev.CallerLeft(call), at)

    def accept_callback(self, call: CallId, number: str, at: Instant) -> bool:
        """The caller hangs up, and waits to be called at `number`. False: one who talks or is gone, and stays so."""
        caller = self.callers.get(call)
        if caller is None or not self._waits(caller):
            return False
        caller.away, caller.call_back = True, number
        self._report(ev.CallbackAccepted(call, number), at)
        return True

    @staticmethod
    def _waits(caller: CallerLeg) -> bool:
        return not caller.away and not caller.talks and caller.about is None

    # --- the agents' deeds ----------------------------------------------------------------------------------------

    def pick_up(self, leg: PhoneLeg, at: Instant) -> None:
        """The phone is answered; connected with the caller, if it still rings and nobody was faster."""
        if leg.state is not LegState.RINGING:
            return
        caller = leg.caller
        if caller.talks:
            self._wires.let_go(leg, at)
            return
        leg.state = LegState.TALKING
        self._wires.end_limit(leg)
        self._report(ev.OfferAccepted(leg.offer), at)
        if caller.away:
            self.numbers.dial(caller, caller.call_back, at)
        elif caller.about is None:
            self._hearers.talks(leg, at)

    def decline(self, leg: PhoneLeg, at: Instant, why: OfferFailure = OfferFailure.REJECTED) -> None:
        """The phone that rings is told to stop, or stops by itself for the reason `why`."""
        if leg.state is LegState.RINGING:
            self._wires.let_go(leg, at)
            self._report(ev.OfferFailed(leg.offer, why), at)
            self._forget_unborn(leg.caller, at)

    def put_down(self, leg: PhoneLeg, at: Instant, *, lost: bool = False) -> None:
        """The phone that talks hangs up, or (`lost`) dies; who else talked stays, and waits for the core to act."""
        if leg.state is LegState.TALKING:
            self._wires.let_go(leg, at)
            self._report(ev.PhoneLeft(leg.offer, lost), at)
            self._wires.end_unanswered_consult(leg.caller, at)

    # --- within ---------------------------------------------------------------------------------------------------

    def _rings_in_vain(self, leg: PhoneLeg, at: Instant) -> None:
        self.decline(leg, at, OfferFailure.UNANSWERED)

    def _forget_unborn(self, caller: CallerLeg, at: Instant) -> None:
        """Of an outgoing call nothing is left in the PBX when the agent's phone isn't in it and nobody was reached."""
        if caller.outgoing and caller.away and not caller.legs:
            self._wires.forget(caller.call, at)
