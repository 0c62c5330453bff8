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

A caller who is to go elsewhere is ours until the dialplan says that it has gone; if it can't go, or nothing is heard of
it, that word is taken back. Whoever goes although no such word holds is fetched back: the core was told otherwise.
"""

from collections.abc import Callable
from typing import Any

from acd.commands import (
    Command,
    KeepWaiting,
    OfferCall,
    PlayPrompt,
    RefuseCall,
    ReleaseCall,
    SendElsewhere,
    TellPosition,
    WithdrawOffer,
)
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import AGAIN, PLAY, SEND, Writer
from acd.cti_adapters.asterisk.ami import Action
from acd.cti_adapters.asterisk.parties import Caller, Leg, LegState, Place, Wish
from acd.events import (
    CallArrived,
    CallerLeft,
    OfferAccepted,
    OfferFailed,
    PbxEvent,
    PhoneLeft,
    SendingFailed,
    SentElsewhere,
)
from acd.ids import CallId, OfferId
from acd.rules import Destination

OFFER_RESERVE_S = 10.0
"""How long after its ringing time an offer may stay without an end before it is given up."""
FACT_S_MAX = 0.1
"""How far apart the two facts about a dead leg (Originate's end, the channel's end) may come."""
APART_S_MAX = 0.25
"""How long a leg may outlive its caller or its withdrawal. Asterisk moves the phone from one thread to another
when it bridges; a hang-up in that very moment is lost, and must be repeated."""
SETTLE_S_MAX = 1.0
"""How long a conversation may take to come apart."""
RELEASE_S_MAX = 2.0
"""How long a hung-up channel may take to be gone before it is hung up again."""
SEND_S_MAX, LEAVE_S_MAX = 1.0, 4.0
"""How long a caller may take to go elsewhere before it is sent again, and before that is given up."""
YOU_ARE_NEXT, YOUR_PLACE = "queue-youarenext", "queue-thereare"
"""Asterisk's own sounds; after the second one comes the number."""
NO_CHANNEL = ("No such channel", "Channel does not exist")
NOT_NOW, NOT_NOW_S = "Redirect failed, channel not up.", 0.05
"""Asterisk's word for a channel that ends, or that is just being moved by somebody: ask again so much later."""
TRIES_AT_ONCE, TRIES_MAX = 20, 60
"""How often a leg that isn't there (yet) is hung up at each answer, then at each RELEASE_S_MAX."""


class Legs:
    """The adapter's memory. `told` and `asked` collect what comes of each step, in order, for the adapter to take."""

    def __init__(self, write: Writer) -> None:
        self.told: list[PbxEvent] = []
        self.asked: list[Action] = []
        self.is_linked = False
        """Whether what is asked reaches Asterisk; kept by the adapter."""
        self.callers: dict[CallId, Caller] = {}
        self.legs: dict[str, Leg] = {}
        self.guests: set[str] = set()
        """Legs that aren't agents' phones; somebody else looks after them."""
        self._write = write
        self._by_offer: dict[OfferId, Leg] = {}
        self._wishing: dict[CallId, Caller] = {}
        self._on_fact: dict[type, Callable[[Any, float], None]] = {
            words.Announced: self._announced,
            words.CallerGone: self._caller_gone,
            words.Talking: self._talking,
            words.AfterTalk: self._after_talk,
            words.Elsewhere: self._elsewhere,
            words.Stays: self._stays,
            words.PhoneGone: self._phone_gone,
            words.Dialled: self._dialled,
            words.Answer: self._answer,
        }
        self._on_command: dict[type, Callable[[Any, float], None]] = {
            OfferCall: self._offer,
            WithdrawOffer: self._withdraw,
            KeepWaiting: self._keep_waiting,
            ReleaseCall: self._release,
            RefuseCall: self._refuse,
            SendElsewhere: self._send_elsewhere,
            PlayPrompt: self._play,
            TellPosition: self._tell_position,
        }

    def hear(self, fact: words.Fact, now: float) -> None:
        """Asterisk says so at `now` (seconds of any clock that doesn't go back)."""
        self._on_fact[type(fact)](fact, now)

    def obey(self, command: Command, now: float) -> None:
        """The core wants so."""
        self._on_command[type(command)](command, now)

    def look_at_the_clock(self, now: float) -> None:
        """Do what is overdue; to be called a few times a second while Asterisk is linked."""
        for leg in [leg for leg in self.legs.values() if leg.until <= now]:
            self._leg_overdue(leg, now)
        for caller in [caller for caller in self._wishing.values() if caller.until <= now]:
            self._fulfil(caller, now)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _announced(self, fact: words.Announced, _now: float) -> None:
        arrival = fact.arrival if fact.again else words.fresh(fact.arrival)
        caller = self.callers.get(arrival.call)
        if caller is None:
            self.arrived(arrival)
        else:
            caller.place = Place.WAITING

    def arrived(self, arrival: CallArrived) -> None:
        """Tell of a waiting caller, and know it from now."""
        caller = self.callers.setdefault(arrival.call, Caller(arrival.call))
        caller.place, caller.arrival = Place.WAITING, arrival
        self.told.append(arrival)

    def _caller_gone(self, fact: words.CallerGone, now: float) -> None:
        self.caller_left(fact.call, now)

    def caller_left(self, call: CallId, now: float) -> None:
        """Forget the caller and tell, once. Legs that ring for it are left to the core's WithdrawOffer."""
        caller = self.callers.pop(call, None)
        if caller is None:
            return
        self._wishing.pop(call, None)
        self.told.append(CallerLeft(call))
        if (leg := self._talking_leg(caller)) is not None:
            leg.until = now + APART_S_MAX

    def _talking_leg(self, caller: Caller) -> Leg | None:
        leg = caller.leg
        return leg if leg and leg.id in self.legs and leg.state is LegState.TALKING else None

    def _talking(self, fact: words.Talking, now: float) -> None:
        leg, caller = self.legs.get(fact.leg), self.callers.get(fact.call)
        if leg is not None and leg.state is LegState.RINGING:
            leg.state, leg.until = LegState.TALKING, float("inf") if caller else now + APART_S_MAX
            if caller:
                caller.place, caller.leg = Place.TALKING, leg
                self._unwish_line(caller)
                self.told.append(OfferAccepted(leg.offer))
        elif leg is not None and leg.state is LegState.TALKING:
            if caller:  # torn from it for a moment
                caller.place = Place.TALKING
        elif fact.leg not in self.guests:
            self._claimed_too_late(fact, caller, now)

    def talks(self, call: CallId) -> bool:
        """Whether the caller talks, and nothing else is wished for it."""
        caller = self.callers.get(call)
        return caller is not None and caller.place is Place.TALKING and caller.wish is None

    def talking_leg(self, offer: OfferId) -> Leg | None:
        """The phone of `offer`, if it talks."""
        leg = self._by_offer.get(offer)
        return leg if leg and leg.state is LegState.TALKING else None

    def let_go(self, leg: Leg, now: float) -> None:
        """Another phone, a guest, talks with the leg's caller now: end the leg, and tell nothing."""
        self._by_offer.pop(leg.offer, None)
        leg.state = LegState.WITHDRAWN
        if (caller := self.callers.get(leg.offer.call)) is not None:
            caller.place = Place.TALKING
        self.forget(leg) if leg.is_over else self.stop(leg, now)

    def _unwish_line(self, caller: Caller) -> None:
        """What was wished for a caller in the line is over when a phone has fetched it."""
        if caller.wish in (Wish.BACK, Wish.HEAR):
            caller.wish = None
            self._wishing.pop(caller.id, None)

    def _claimed_too_late(self, fact: words.Talking, caller: Caller | None, now: float) -> None:
        if self._write.is_own(fact.leg):  # one of an earlier life may talk on
            self.asked.append(self._write.hang_up(fact.leg))
            if fact.leg in self.legs:
                self.legs[fact.leg].until = now + APART_S_MAX
            if caller:
                self._undo_talk(caller, now)

    def _undo_talk(self, caller: Caller, now: float) -> None:
        """The talk isn't wanted (any more): its caller goes back to the line as soon as it has come apart."""
        caller.place = Place.TALKING
        if caller.wish not in (Wish.RELEASE, Wish.LEAVE):
            self._wish(caller, Wish.BACK, now + SETTLE_S_MAX)

    def _after_talk(self, fact: words.AfterTalk, now: float) -> None:
        caller = self.callers.get(fact.call)
        if caller is None:  # a talk that began before our time: nobody will decide about its caller
            self.asked.append(self._write.hang_up(fact.call))
            return
        caller.place = Place.AFTER
        leg = self._talking_leg(caller)
        if caller.wish is Wish.BACK:
            self._fulfil(caller, now)
        elif leg is not None and leg.gone is not None:
            self.phone_left(leg)

    def _elsewhere(self, fact: words.Elsewhere, _now: float) -> None:
        caller = self.callers.get(fact.call)
        if caller is None:
            return
        if caller.wish is Wish.LEAVE:
            self.sent_elsewhere(caller)
        elif caller.wish is not Wish.RELEASE:
            self.asked.append(self._write.send_back(caller.id))

    def sent_elsewhere(self, caller: Caller) -> None:
        """Forget the caller, who is no longer ours, and tell."""
        del self.callers[caller.id]
        self._wishing.pop(caller.id, None)
        self.told.append(SentElsewhere(caller.id))

    def _stays(self, fact: words.Stays, _now: float) -> None:
        caller = self.callers.get(fact.call)
        if caller and caller.wish is Wish.LEAVE and caller.to:
            self._sending_failed(caller, words.no_such_place(caller.to))

    def _sending_failed(self, caller: Caller, why: str) -> None:
        """The caller is to stay in the line after all; take the word back, and tell."""
        self.stays(caller.id)
        self.told.append(SendingFailed(caller.id, why))

    def stays(self, call: CallId) -> None:
        """Take the word to go elsewhere back, if there was one."""
        caller = self.callers[call]
        if caller.wish is Wish.LEAVE:
            caller.wish = None
            self._wishing.pop(call, None)
            self.asked.append(self._write.send_nowhere(call))

    def _phone_gone(self, fact: words.PhoneGone, now: float) -> None:
        leg = self.legs.get(fact.leg)
        if leg is None:
            return
        leg.gone = fact
        if leg.state is LegState.WITHDRAWN:
            self.forget(leg)
        elif leg.state is LegState.RINGING:
            self._settle_or_wait(leg, now, leg.dialled is not None)
        else:
            self._talk_over(leg, now)

    def _talk_over(self, leg: Leg, now: float) -> None:
        """Who left? The next fact tells: the caller's end, or the caller after the talk."""
        caller = self.callers.get(leg.offer.call)
        if caller is not None and caller.place is Place.TALKING:
            leg.until = now + SETTLE_S_MAX
        else:
            self.phone_left(leg)

    def phone_left(self, leg: Leg) -> None:
        """The talk is over for the phone; tell if the caller is still there."""
        self.forget(leg)
        if leg.offer.call in self.callers:
            lost = leg.gone is not None and leg.gone.cause == words.LOST_SOUND
            self.told.append(PhoneLeft(leg.offer, lost))

    def _dialled(self, fact: words.Dialled, now: float) -> None:
        leg = self.legs.get(fact.leg)
        if leg is None:
            return
        leg.dialled = fact
        if leg.state is LegState.WITHDRAWN and leg.is_over:
            self.forget(leg)
        elif leg.state is LegState.WITHDRAWN:
            self.asked.append(self._write.hang_up(leg.id))
        elif leg.state is LegState.RINGING and not fact.answered:
            self._settle_or_wait(leg, now, leg.gone is not None or fact.timed_out)
        elif leg.state is LegState.RINGING and leg.gone is not None:
            self.failed(leg)

    def _settle_or_wait(self, leg: Leg, now: float, is_settled: bool) -> None:
        if is_settled:
            self.failed(leg)
        else:
            leg.until = min(leg.until, now + FACT_S_MAX)

    def failed(self, leg: Leg) -> None:
        """The offer is over without talk; tell if the caller is still there."""
        self.forget(leg)
        if leg.offer.call in self.callers:
            self.told.append(OfferFailed(leg.offer, words.failure(leg.dialled, leg.gone)))

    def forget(self, leg: Leg) -> None:
        """Its channel is gone, or never was."""
        self.legs.pop(leg.id, None)
        if self._by_offer.get(leg.offer) is leg:
            del self._by_offer[leg.offer]

    def _answer(self, fact: words.Answer, now: float) -> None:
        if fact.ok:
            return
        leg = self.legs.get(fact.target)
        if fact.verb == "originate" and leg is not None:
            self.forget(leg) if leg.state is LegState.WITHDRAWN else self.failed(leg)
        elif fact.verb == "hangup" and leg is not None:
            self._not_there(leg)
        elif fact.verb in ("hangup", AGAIN, PLAY, SEND) and fact.text.startswith(NO_CHANNEL):
            self.caller_left(CallId(fact.target), now)
        elif (caller := self.callers.get(CallId(fact.target))) is not None:
            self._not_moved(caller, fact, now)

    def _not_moved(self, caller: Caller, fact: words.Answer, now: float) -> None:
        is_later = fact.text == NOT_NOW
        if fact.verb == SEND and caller.wish is Wish.LEAVE:
            if is_later:
                caller.until = now + NOT_NOW_S
            else:
                self._sending_failed(caller, fact.text)
        elif is_later and fact.verb in (AGAIN, PLAY) and caller.wish is None and caller.place is Place.WAITING:
            self._wish(caller, Wish.BACK if fact.verb == AGAIN else Wish.HEAR, now + NOT_NOW_S)

    def _not_there(self, leg: Leg) -> None:
        """The leg to be hung up isn't there: not made yet, or gone."""
        leg.tries += 1
        if leg.state is LegState.TALKING:
            self.phone_left(leg)
        elif leg.tries < TRIES_AT_ONCE:
            self.asked.append(self._write.hang_up(leg.id))
        elif leg.tries > TRIES_MAX:
            self.forget(leg)

    # --- commands -----------------------------------------------------------------------------------------------------

    def _offer(self, command: OfferCall, now: float) -> None:
        if command.call not in self.callers:
            return  # CallerLeft was told before
        until = now + command.ring_ms / 1000 + OFFER_RESERVE_S
        leg = Leg(self._write.next_leg(), command.offer, until)
        if not self.is_linked:  # told as failed as soon as Asterisk is found
            leg.dialled = words.Dialled(leg.id, answered=False, timed_out=False)
        self.legs[leg.id] = self._by_offer[command.offer] = leg
        self.asked.append(self._write.dial(leg.id, command))

    def _withdraw(self, command: WithdrawOffer, now: float) -> None:
        leg = self._by_offer.pop(command.offer, None)
        if leg is None:
            return
        if leg.is_over:
            self.forget(leg)
            return
        caller = self.callers.get(command.offer.call)
        if caller and leg.state is LegState.TALKING:  # the claim and this command crossed
            self._undo_talk(caller, now)
        leg.state = LegState.WITHDRAWN
        self.stop(leg, now)

    def stop(self, leg: Leg, now: float) -> None:
        """End a withdrawn leg: no claim from now, then no channel."""
        if leg.offer.call in self.callers:
            self.asked.append(self._write.mark_stale(leg.offer.call, leg.id))
        self.asked.append(self._write.hang_up(leg.id))
        leg.until = now + RELEASE_S_MAX

    def _keep_waiting(self, command: KeepWaiting, now: float) -> None:
        caller = self.callers.get(command.call)
        if caller is None or caller.wish is Wish.LEAVE or self._talks_with_another(command.call):
            return
        if caller.place is not Place.WAITING:
            self._wish(caller, Wish.BACK, now + SETTLE_S_MAX)
            if caller.place is Place.AFTER:
                self._fulfil(caller, now)

    def _talks_with_another(self, call: CallId) -> bool:
        """Whether a phone has fetched the caller since the one that left; its acceptance is on its way to the core."""
        return any(leg.state is LegState.TALKING and leg.offer.call == call for leg in self.legs.values())

    def _release(self, command: ReleaseCall, now: float) -> None:
        caller = self.callers.get(command.call)
        if caller:
            self._wish(caller, Wish.RELEASE, now)
            self._fulfil(caller, now)

    def _send_elsewhere(self, command: SendElsewhere, now: float) -> None:
        caller = self.callers.get(command.call)
        if caller is None or caller.wish is Wish.RELEASE:
            return  # CallerLeft was told before, or will be
        if not words.is_place(command.to):
            self.told.append(SendingFailed(command.call, words.no_such_place(command.to)))
            return
        for offer in [offer for offer in self._by_offer if offer.call == command.call]:
            self._withdraw(WithdrawOffer(offer), now)  # of no use any more; the core has done so before
        caller.to, caller.leaves_until = command.to, now + LEAVE_S_MAX
        self._wish(caller, Wish.LEAVE, now)
        self._fulfil(caller, now)

    def _play(self, command: PlayPrompt, now: float) -> None:
        self._let_hear(command.call, command.prompt, "", now)

    def _tell_position(self, command: TellPosition, now: float) -> None:
        is_next = command.position <= 1
        number = "" if is_next else str(command.position)
        self._let_hear(command.call, YOU_ARE_NEXT if is_next else YOUR_PLACE, number, now)

    def _let_hear(self, call: CallId, prompt: str, position: str, now: float) -> None:
        caller = self.callers.get(call)
        if caller and caller.place is Place.WAITING and caller.wish in (None, Wish.HEAR):
            caller.prompt, caller.position = prompt, position
            self._wish(caller, Wish.HEAR, caller.is_settled_at)
            if caller.until <= now:
                self._fulfil(caller, now)

    def _refuse(self, command: RefuseCall, _now: float) -> None:
        self.callers.pop(command.call, None)
        self._wishing.pop(command.call, None)
        self.asked += self._write.refuse(command.call, command.cause)

    # --- what is due --------------------------------------------------------------------------------------------------

    def _wish(self, caller: Caller, wish: Wish, until: float) -> None:
        caller.wish, caller.until = wish, until
        self._wishing[caller.id] = caller

    def _fulfil(self, caller: Caller, now: float) -> None:
        if caller.wish is Wish.BACK:
            self.asked.append(self._write.send_back(caller.id))
            caller.place, caller.is_settled_at = Place.WAITING, now + NOT_NOW_S
            self._unwish_line(caller)
        elif caller.wish is Wish.HEAR:
            self.asked += self._write.play(caller.id, caller.prompt, caller.position)
            self._unwish_line(caller)
        elif caller.wish is Wish.LEAVE and caller.to:
            self._send(caller, caller.to, now)
        else:
            self.asked.append(self._write.hang_up(caller.id))
            caller.until = now + RELEASE_S_MAX

    def _send(self, caller: Caller, to: Destination, now: float) -> None:
        if now < caller.leaves_until:
            caller.until = now + SEND_S_MAX
            self.asked += self._write.send_elsewhere(caller.id, to)
        else:
            self._sending_failed(caller, words.SENT_NOWHERE)
            self.asked.append(self._write.send_back(caller.id))

    def _leg_overdue(self, leg: Leg, now: float) -> None:
        if leg.state is LegState.TALKING and leg.gone is None:
            self._end_ghost(leg, now)
        elif leg.state is LegState.TALKING:
            self.phone_left(leg)
        elif leg.state is LegState.WITHDRAWN:
            self.stop(leg, now)
        elif leg.is_over:
            self.failed(leg)
        else:
            self.give_up(leg, now)

    def _end_ghost(self, leg: Leg, now: float) -> None:
        """The caller was told as gone, but the leg talks on."""
        self.asked += [self._write.hang_up(leg.id), self._write.hang_up(leg.offer.call)]
        leg.until = now + RELEASE_S_MAX

    def give_up(self, leg: Leg, now: float) -> None:
        """Nothing is known of a ringing leg: the offer has failed, and the phone shall not ring on."""
        self.failed(leg)
        leg.state = LegState.WITHDRAWN
        self.legs[leg.id] = leg
        self.stop(leg, now)
