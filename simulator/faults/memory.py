"""What an adapter remembers: what the core was told, what it asked for, and what it hasn't heard of.

It follows the words on both sides; :mod:`simulator.faults.survey` compares it with what the PBX holds.
"""

from collections.abc import Callable
from typing import Any

from acd import commands as cmd
from acd import events as ev
from acd.commands import Command
from acd.events import PbxEvent
from acd.ids import CallId, Instant, OfferId

ENDS = ev.CallerLeft | ev.SentElsewhere | ev.NumberFailed
"""After these a call is over in the PBX."""


class Memory:
    """`happened` all that the PBX says, `missed` what of it isn't told, `told` what is; `asked` what the core wants."""

    def __init__(self) -> None:
        self.arrivals: dict[CallId, tuple[ev.CallArrived, Instant]] = {}
        """Of callers from outside, with the world's instant."""
        self.known: set[CallId] = set()
        """The calls that the core was told of, or made, and not told the end of."""
        self.offers: dict[OfferId, bool] = {}
        """Those that the core holds: does it talk (or ring)?"""
        self.dialled: set[CallId] = set()
        """Calls whose number is dialled, or will be as soon as an agent's phone has answered."""
        self.leaving: set[CallId] = set()
        """Calls that the core has released or sent elsewhere."""
        self.being_sent: set[CallId] = set()
        """Calls of which the PBX hasn't said yet whether they could be sent elsewhere."""
        self.forsaken: dict[CallId, OfferId] = {}
        """Callers whose phone has left, and of whom the PBX hasn't heard since."""
        self.unrung: set[OfferId] = set()
        """Offers of which the PBX never heard."""
        self.connects: list[cmd.ConnectCall] = []
        """Likewise."""
        self.ends: dict[CallId, PbxEvent] = {}
        """What ended a call, and wasn't told."""
        self.words: list[PbxEvent] = []
        """Others that weren't told."""
        self._asked: dict[type, Callable[[Any, bool], None]] = {
            cmd.OfferCall: self._offer,
            cmd.WithdrawOffer: self._withdraw,
            cmd.ConnectCall: self._connect,
            cmd.SendElsewhere: self._send,
            cmd.LeaveWith: self._send,
            cmd.ReleaseCall: self._release,
            cmd.RefuseCall: self._refuse,
            cmd.BeginConsult: self._begin_consult,
            cmd.KeepWaiting: self._keep_waiting,
        }

    # --- from the PBX -------------------------------------------------------------------------------------------------

    def happened(self, event: PbxEvent, world: Instant) -> None:
        """It is so in the PBX, told or not."""
        if isinstance(event, ev.CallArrived):
            self.arrivals[event.call] = (event, world)
        elif isinstance(event, ev.PhoneLeft):
            self.forsaken[event.offer.call] = event.offer
        elif isinstance(event, ev.OfferAccepted):
            self.forsaken.pop(event.offer.call, None)
        elif isinstance(event, ev.CallbackAccepted):
            self.dialled.add(event.call)
        elif isinstance(event, ev.SendingFailed | ENDS):
            self.forsaken.pop(event.call, None)
            self.being_sent.discard(event.call)

    def missed(self, event: PbxEvent) -> None:
        """The core won't hear of it, for now."""
        if not isinstance(event, ENDS):
            self.words.append(event)
        elif event.call in self.arrivals and event.call not in self.leaving:
            self.ends[event.call] = ev.CallerLeft(event.call)
        else:
            self.ends[event.call] = event

    def told(self, event: PbxEvent) -> None:
        """The core hears of it."""
        if isinstance(event, ev.CallArrived):
            self.known.add(event.call)
        elif isinstance(event, ev.OfferAccepted):
            if event.offer in self.offers:
                self.offers[event.offer] = True
        elif isinstance(event, ev.OfferFailed | ev.PhoneLeft):
            self._forget(event.offer)
        elif isinstance(event, ENDS):
            self._over(event.call)
        elif isinstance(event, ev.SendingFailed):
            self.leaving.discard(event.call)

    def surveyed(self) -> None:
        """All that was missed is told."""
        for call in self.ends:
            self.arrivals.pop(call, None)
        self.ends.clear()
        self.words.clear()
        self.connects.clear()

    def is_repeated(self, command: Command) -> bool:
        """Whether the PBX is just doing it."""
        return isinstance(command, cmd.SendElsewhere | cmd.LeaveWith) and command.call in self.being_sent

    def dials(self, event: PbxEvent) -> bool:
        """Whether it is the answer of a phone for which a number is dialled then: it must be heard for that."""
        return isinstance(event, ev.OfferAccepted) and event.offer.call in self.dialled

    def _over(self, call: CallId) -> None:
        self.arrivals.pop(call, None)
        self.dialled.discard(call)
        self.known.discard(call)
        self.leaving.discard(call)
        self.ends.pop(call, None)
        self._forget_offers(call)

    def _forget_offers(self, call: CallId) -> None:
        for offer in [offer for offer in self.offers if offer.call == call]:
            self._forget(offer)

    def _forget(self, offer: OfferId) -> None:
        self.offers.pop(offer, None)
        self.unrung.discard(offer)

    # --- from the core ------------------------------------------------------------------------------------------------

    def asked(self, command: Command, reaches: bool) -> None:
        """The core asks for it; `reaches`: the PBX hears of it."""
        keep = self._asked.get(type(command))
        if keep is not None:
            keep(command, reaches)

    def _offer(self, command: cmd.OfferCall, reaches: bool) -> None:
        self.offers[command.offer] = False
        if command.callback:
            self.known.add(command.call)
            self.dialled.add(command.call)
        if not reaches:
            self.unrung.add(command.offer)

    def _withdraw(self, command: cmd.WithdrawOffer, _reaches: bool) -> None:
        self._forget(command.offer)

    def _connect(self, command: cmd.ConnectCall, reaches: bool) -> None:
        self._forget_offers(command.call)
        self._forget_offers(command.consult)
        self.known.discard(command.consult)
        self.offers[command.offer] = True
        if not reaches:
            self.connects.append(command)

    def _send(self, command: cmd.SendElsewhere | cmd.LeaveWith, reaches: bool) -> None:
        self.leaving.add(command.call)
        if reaches:
            self.being_sent.add(command.call)
        self._forget_offers(command.call)

    def _release(self, command: cmd.ReleaseCall, _reaches: bool) -> None:
        self.leaving.add(command.call)

    def _refuse(self, command: cmd.RefuseCall, _reaches: bool) -> None:
        self._over(command.call)

    def _begin_consult(self, command: cmd.BeginConsult, _reaches: bool) -> None:
        self.known.add(command.consult)

    def _keep_waiting(self, command: cmd.KeepWaiting, reaches: bool) -> None:
        if reaches:
            self.forsaken.pop(command.call, None)
