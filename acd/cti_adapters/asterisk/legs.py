"""The channels of each call, and what becomes of them: facts and commands in, events and actions out. Pure.

    offer:  ringing --claimed--> talking --phone gone--> over (PhoneLeft)
               |                    |
               +--gone--> over      +--withdrawn too late--> withdrawn
               |   (OfferFailed)                                 |
               +--withdrawn------------------------------------> +--gone--> over

Every OfferCall ends in exactly one event, every ReleaseCall in CallerLeft: what Asterisk owes is watched by deadlines.
A withdrawn offer never connects: first the caller is marked (the answered leg looks there before it fetches), then the
leg is hung up, again and again until it is gone, for Originate may not have made the channel yet. A claim that was
quicker by microseconds is undone: the leg is hung up all the same and the caller sent back to the line.
"""

from collections.abc import Callable
from typing import Any

from acd.commands import (
    AnswerOffer,
    BeginConsult,
    Command,
    Confer,
    ConnectCall,
    HoldCall,
    KeepWaiting,
    LeaveWith,
    OfferCall,
    PlayPrompt,
    RefuseCall,
    ReleaseCall,
    ResumeCall,
    SendDigits,
    SendElsewhere,
    TellPosition,
    WithdrawOffer,
)
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import AGAIN, PLAY, SEND, Writer
from acd.cti_adapters.asterisk.callers import Callers
from acd.cti_adapters.asterisk.memory import APART_S_MAX, RELEASE_S_MAX, SETTLE_S_MAX
from acd.cti_adapters.asterisk.parties import Caller, Leg, LegState, Place, Wish
from acd.cti_adapters.asterisk.talks import VERBS
from acd.events import OfferAccepted, OfferFailed, PhoneLeft

OFFER_RESERVE_S = 10.0
"""How long after its ringing time an offer may stay without an end before it is given up."""
FACT_S_MAX = 0.1
"""How far apart the two facts about a dead leg (Originate's end, the channel's end) may come."""
TRIES_AT_ONCE, TRIES_MAX = 20, 60
"""How often a leg that isn't there (yet) is hung up at each answer, then at each RELEASE_S_MAX."""


class Legs(Callers):
    """The adapter's memory of calls and phones, and what it makes of what it hears and is told."""

    def __init__(self, write: Writer) -> None:
        super().__init__(write)
        self.on_fact: dict[type, Callable[[Any, float], None]] = {
            words.Announced: self._announced,
            words.CallerGone: self._caller_gone,
            words.Talking: self._talking,
            words.AfterTalk: self._after_talk,
            words.Elsewhere: self._elsewhere,
            words.Stays: self._stays,
            words.PhoneGone: self._phone_gone,
            words.HangsUp: self._hangs_up,
            words.Dialled: self._dialled,
            words.Answer: self._answer,
        }
        self.on_command: dict[type, Callable[[Any, float], None]] = {
            OfferCall: self._offer,
            WithdrawOffer: self._withdraw,
            KeepWaiting: self._keep_waiting,
            ReleaseCall: self._release,
            RefuseCall: self._refuse,
            SendElsewhere: self._send_elsewhere,
            PlayPrompt: self._play,
            TellPosition: self._tell_position,
            AnswerOffer: self._answer_offer,
            HoldCall: self.talks.hold,
            ResumeCall: self.talks.resume,
            BeginConsult: self.talks.consult,
            Confer: self.talks.confer,
            ConnectCall: self.talks.connect,
            LeaveWith: self.talks.leave,
            SendDigits: self.talks.digits,
        }

    def hear(self, fact: words.Fact, now: float) -> None:
        """Asterisk says so at `now` (seconds of any clock that doesn't go back)."""
        self.on_fact[type(fact)](fact, now)

    def obey(self, command: Command, now: float) -> None:
        """The core wants so."""
        self.on_command[type(command)](command, now)

    def look_at_the_clock(self, now: float) -> None:
        """Do what is overdue; to be called a few times a second while Asterisk is linked."""
        for leg in [leg for leg in self.legs.values() if leg.until <= now]:
            self._leg_overdue(leg, now)
        for caller in [caller for caller in self.wishing.values() if caller.until <= now]:
            self._fulfil(caller, now)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _talking(self, fact: words.Talking, now: float) -> None:
        leg, caller = self.legs.get(fact.leg), self.callers.get(fact.call)
        if fact.leg in self.guests:
            return
        if leg is None or leg.state is LegState.WITHDRAWN:
            self._claimed_too_late(fact, caller, now)
        elif leg.state is LegState.RINGING:
            lasts = caller and not leg.hangs_up
            leg.state, leg.until = LegState.TALKING, float("inf") if lasts else now + APART_S_MAX
            if caller:
                self._connected(caller, leg)
                self.told.append(OfferAccepted(leg.offer))
        elif caller:
            self.numbers.joins(caller)
            self._connected(caller, leg)

    def _connected(self, caller: Caller, leg: Leg) -> None:
        caller.place, caller.leg = Place.TALKING, leg
        self._unwish_line(caller)

    def _claimed_too_late(self, fact: words.Talking, caller: Caller | None, now: float) -> None:
        """Undo it; but what a survey finds of an earlier life's talks isn't too late."""
        if self.write.is_own(fact.leg) or fact.leg in self.legs or (caller and self.is_linked):
            self.asked.append(self.write.hang_up(fact.leg))
            if fact.leg in self.legs:
                self.legs[fact.leg].until = now + APART_S_MAX
            if caller:
                self._undo_talk(caller, now)

    def _after_talk(self, fact: words.AfterTalk, now: float) -> None:
        caller = self.callers.get(fact.call)
        if caller is None:  # a talk that began before our time: nobody will decide about its caller
            self.asked.append(self.write.hang_up(fact.call))
            return
        caller.place = Place.AFTER
        leg = self.talking_leg(caller)
        if caller.wish is Wish.BACK:
            self._fulfil(caller, now)
        elif leg is not None and leg.gone is not None:
            self.phone_left(leg, now)
        elif leg is not None:
            self.talks.came_apart(caller, now)

    def _phone_gone(self, fact: words.PhoneGone, now: float) -> None:
        leg = self.legs.get(fact.leg)
        if fact.leg.startswith(words.NUMBER_PREFIX) and not (leg and leg.state is LegState.RINGING):
            self.asked.append(self.write.hang_up(fact.leg))  # said by its far half; the near one may have missed it
        if leg is None:
            return
        leg.gone = fact
        if leg.state is LegState.WITHDRAWN:
            self.forget(leg)
        elif leg.state is LegState.RINGING:
            self._settle_or_wait(leg, now, leg.dialled is not None)
        else:
            self._talk_over(leg, now)

    def _hangs_up(self, fact: words.HangsUp, now: float) -> None:
        leg = self.legs.get(fact.leg)
        if leg and not leg.is_over:
            leg.hangs_up = True
            if leg.state is LegState.TALKING:
                leg.until = min(leg.until, now + APART_S_MAX)

    def _talk_over(self, leg: Leg, now: float) -> None:
        """Who left? The next fact tells: the caller's end, or the caller after the talk."""
        if leg.is_number:  # its end as a caller comes by itself
            leg.until = now + SETTLE_S_MAX
            return
        caller = self.callers.get(leg.offer.call)
        if caller is not None and caller.place is Place.TALKING:
            leg.until = now + SETTLE_S_MAX
        else:
            self.phone_left(leg, now)

    def phone_left(self, leg: Leg, now: float) -> None:
        """The talk is over for the phone; tell if the caller is still there."""
        self.forget(leg)
        if leg.offer.call in self.callers:
            lost = leg.gone is not None and leg.gone.cause == words.LOST_SOUND
            self.told.append(PhoneLeft(leg.offer, lost))
            self.talks.phone_gone(leg, now)

    def _dialled(self, fact: words.Dialled, now: float) -> None:
        leg = self.legs.get(fact.leg)
        if leg is None:
            return
        leg.dialled = fact
        if leg.state is LegState.WITHDRAWN and leg.is_over:
            self.forget(leg)
        elif leg.state is LegState.WITHDRAWN:
            self.asked.append(self.write.hang_up(leg.id))
        elif leg.state is LegState.RINGING and not fact.answered:
            self._settle_or_wait(leg, now, leg.gone is not None or fact.timed_out)
        elif leg.state is LegState.RINGING and leg.gone is not None:
            self.failed(leg, now)
        elif leg.state is LegState.RINGING and leg.order and leg.order.callback:
            leg.state, leg.until = LegState.TALKING, float("inf")
            self.told.append(OfferAccepted(leg.offer))
            self.numbers.dial_for(leg, leg.order, now)

    def _settle_or_wait(self, leg: Leg, now: float, is_settled: bool) -> None:
        if is_settled:
            self.failed(leg, now)
        else:
            leg.until = min(leg.until, now + FACT_S_MAX)

    def failed(self, leg: Leg, now: float) -> None:
        """The offer is over without talk; tell if the caller is still there. One to be called isn't, from now."""
        if leg.is_number:
            self.numbers.failed(leg, now)
            return
        self.forget(leg)
        caller = self.callers.get(leg.offer.call)
        if caller and caller.place is Place.AWAY:
            self.forget_caller(caller)
        if caller:
            self.told.append(OfferFailed(leg.offer, words.failure(leg.dialled, leg.gone)))

    def _answer(self, fact: words.Answer, now: float) -> None:
        if fact.verb in VERBS.values():
            self.talks.moved(fact, now)
        elif not fact.ok and (leg := self.legs.get(fact.target)) is not None:
            self._leg_refused(leg, fact, now)
        elif not fact.ok and (caller := self.caller_at(fact.target)) is not None:
            self._caller_refused(caller, fact, now)

    def _leg_refused(self, leg: Leg, fact: words.Answer, now: float) -> None:
        if fact.verb == "originate":
            self.forget(leg) if leg.state is LegState.WITHDRAWN else self.failed(leg, now)
        elif fact.verb == "hangup":
            self._not_there(leg, now)

    def _caller_refused(self, caller: Caller, fact: words.Answer, now: float) -> None:
        if fact.verb in ("hangup", AGAIN, PLAY, SEND) and fact.text.startswith(words.NO_CHANNEL):
            self.caller_left(caller.id, now)
        else:
            self._not_moved(caller, fact, now)

    def _not_there(self, leg: Leg, now: float) -> None:
        """The leg to be hung up isn't there: not made yet, or gone."""
        leg.tries += 1
        if leg.state is LegState.TALKING:
            self._talk_ended(leg, now)
        elif leg.tries < TRIES_AT_ONCE:
            self.asked.append(self.write.hang_up(leg.id))
        elif leg.tries > TRIES_MAX:
            self.forget(leg)

    # --- commands and what is due -------------------------------------------------------------------------------------

    def _offer(self, command: OfferCall, now: float) -> None:
        if command.callback:
            self.numbers.caller_of(command.call)
        if command.call in self.callers:  # else CallerLeft was told before
            self._ring(command, now)

    def _ring(self, order: OfferCall, now: float) -> None:
        self._dial(self._new_leg(order, now), order)

    def _new_leg(self, order: OfferCall, now: float) -> Leg:
        """One that isn't dialled yet."""
        leg = Leg(self.write.next_leg(), order.offer, now + order.ring_ms / 1000 + OFFER_RESERVE_S, order=order)
        leg.dialled = words.Dialled(leg.id, answered=False, timed_out=False)
        self.keep(leg)
        return leg

    def _dial(self, leg: Leg, order: OfferCall, *, answers: bool = False) -> None:
        if self.is_linked:  # else told as failed as soon as Asterisk is found
            leg.dialled = None
        caller = self.callers[order.call]
        dial = self.write.dial(leg.id, order, caller.channel, is_consult=caller.is_phone, answers=answers)
        self.asked.append(dial)

    def _answer_offer(self, command: AnswerOffer, now: float) -> None:
        """The ring ends, then begins anew with the word to answer: most phones obey that only when they are idle.

        Asked for both at once Asterisk may ring anew before it ends the old ring: each has a thread of its own.
        """
        leg = self.by_offer.get(command.offer)
        rings = leg is not None and leg.state is LegState.RINGING and not leg.is_over
        if leg and leg.order and rings and command.offer.call in self.callers:
            self.let_go(leg, now)
            leg.heir = self._new_leg(leg.order, now)

    def forget(self, leg: Leg) -> None:
        """See `Memory.forget`; and the ring that is to follow begins, if it is wanted still."""
        super().forget(leg)
        heir = leg.heir
        if heir and heir.order and heir.id in self.legs and self.is_linked and heir.offer.call in self.callers:
            self._dial(heir, heir.order, answers=True)

    def _leg_overdue(self, leg: Leg, now: float) -> None:
        if leg.state is LegState.TALKING and leg.gone is None:
            self._end_ghost(leg, now)
        elif leg.state is LegState.TALKING:
            self._talk_ended(leg, now)
        elif leg.state is LegState.WITHDRAWN:
            self.stop(leg, now)
        elif leg.is_over:
            self.failed(leg, now)
        else:
            self.give_up(leg, now)

    def _talk_ended(self, leg: Leg, now: float) -> None:
        if leg.is_number:
            self.caller_left(leg.offer.call, now)
        else:
            self.phone_left(leg, now)

    def _end_ghost(self, leg: Leg, now: float) -> None:
        """The caller was told as gone, or the phone has hung up, but the leg talks on."""
        ghosts = [leg.id] if leg.offer.call in self.callers else [leg.id, leg.offer.call]
        self.asked += map(self.write.hang_up, ghosts)
        leg.until = now + RELEASE_S_MAX

    def give_up(self, leg: Leg, now: float) -> None:
        """Nothing is known of a ringing leg: the offer has failed, and the phone shall not ring on."""
        self.failed(leg, now)
        leg.state = LegState.WITHDRAWN
        self.legs[leg.id] = leg
        self.stop(leg, now)
