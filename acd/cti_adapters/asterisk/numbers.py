"""Numbers outside that are dialled for an agent: for a consult, an outgoing call, a callback. Pure.

Such a number is a channel of ours like a phone's, with an id of our own; once it has answered it plays the caller of
its call, and everything that can be done with a caller can be done with it. It joins the agent's phone by itself.
"""

import re

from acd.commands import OfferCall
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.memory import Memory
from acd.cti_adapters.asterisk.parties import Caller, Leg, LegState, Place
from acd.events import NumberAnswered, NumberFailed, OfferFailure
from acd.ids import CallId, OfferId

DIAL_RESERVE_S = 10.0
"""How long after its ringing time a number may stay without an end before it is given up."""
UNANSWERED = (18, 19)
"""By hangup cause: a phone with them can't be reached, but a number has rung and nobody came."""
DIGITS = re.compile(r"[0-9+*#]+")


class Numbers:
    """The numbers that are dialled, in the adapter's memory."""

    def __init__(self, memory: Memory) -> None:
        self._of = memory

    def caller_of(self, call: CallId) -> Caller:
        """The caller of a call whose caller is to be dialled; nobody is there yet."""
        caller = self._of.callers.get(call)
        if caller is None:
            caller = self._of.callers[call] = Caller(call, Place.AWAY, channel=self._of.write.next_number())
        return caller

    def dial_for(self, leg: Leg, order: OfferCall, now: float) -> None:
        """The agent's phone has answered: dial the number for it."""
        facts = {"ENTRY": order.entry, "GROUP": order.group}
        self.dial(self.caller_of(order.call), leg, order.callback, "", order.ring_ms, facts, now)

    def dial(
        self, caller: Caller, joins: Leg, number: str, shown: str, ring_ms: int, facts: dict[str, str], now: float
    ) -> None:
        """Dial `number` as that caller, who is to join the phone."""
        leg = Leg(caller.channel, OfferId(caller.id, 0), now + ring_ms / 1000 + DIAL_RESERVE_S)
        caller.number, caller.leg = leg, joins
        self._of.legs[leg.id] = leg
        if not DIGITS.fullmatch(number):
            leg.dialled = words.Dialled(leg.id, answered=False, timed_out=False)
            self.failed(leg, now)
            return
        if not self._of.is_linked:  # told as failed as soon as Asterisk is found
            leg.dialled = words.Dialled(leg.id, answered=False, timed_out=False)
        facts = {"ID": leg.id, "CALL": caller.id, "LEG": joins.id, "NUMBER": number, **facts}
        self._of.asked.append(self._of.write.dial_number(leg.id, shown, ring_ms, facts))

    def joins(self, caller: Caller) -> None:
        """The number has answered, and is connected with the phone."""
        if self.has_come(caller, Place.TALKING):
            self._of.told.append(NumberAnswered(caller.id))

    def has_come(self, caller: Caller, place: Place) -> bool:
        """Whether the number has answered only now; the caller is at that place."""
        number = caller.number
        is_new = caller.place is Place.AWAY and number is not None and number.state is LegState.RINGING
        if number and is_new:
            number.state, number.until = LegState.TALKING, float("inf")
        caller.place = place
        return is_new

    def failed(self, leg: Leg, now: float) -> None:
        """The number hasn't answered: its call is over, and with an outgoing one the agent's phone is let go."""
        self._of.forget(leg)
        caller = self._of.callers.get(leg.offer.call)
        if caller is None:
            return
        self._of.forget_caller(caller)
        self._of.told.append(NumberFailed(caller.id, failure(leg)))
        if caller.talk:
            caller.talk.consult = None
        elif caller.leg and caller.leg.id in self._of.legs:
            self._of.let_go(caller.leg, now)

    def let_go(self, caller: Caller, now: float) -> None:
        """Nobody wants the number any more, which may ring or not be dialled yet; nothing is told of it."""
        self._of.forget_caller(caller)
        if caller.number and caller.number.id in self._of.legs:
            self._of.let_go(caller.number, now)


def failure(leg: Leg) -> OfferFailure:
    """Why the number didn't answer."""
    if leg.gone and leg.gone.cause in UNANSWERED:
        return OfferFailure.UNANSWERED
    return words.failure(leg.dialled, leg.gone)
