"""Callers: in the line, on their way elsewhere, to be released. Pure.

What is wished for a caller is repeated until it is so.

A caller who is to go elsewhere is ours until the dialplan says that it has gone; if it can't go, or nothing is heard of
it, that word is taken back. Whoever goes although no such word holds is fetched back: the core was told otherwise.
"""

from acd.commands import KeepWaiting, PlayPrompt, RefuseCall, ReleaseCall, SendElsewhere, TellPosition, WithdrawOffer
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import AGAIN, PLAY, SEND, Writer
from acd.cti_adapters.asterisk.memory import (
    APART_S_MAX,
    LATER,
    LEAVE_S_MAX,
    NOT_NOW,
    NOT_NOW_S,
    RELEASE_S_MAX,
    SEND_S_MAX,
    SETTLE_S_MAX,
    Memory,
)
from acd.cti_adapters.asterisk.numbers import Numbers
from acd.cti_adapters.asterisk.parties import Caller, Leg, LegState, Place, Wish
from acd.cti_adapters.asterisk.talks import HUNG_UP, Talks
from acd.events import CallArrived, CallerLeft, SendingFailed, SentElsewhere
from acd.ids import CallId

ON_HOLD = (Place.HELD, Place.CONFERENCE)
"""Where the end of the phone doesn't move the caller, or not alone."""
YOU_ARE_NEXT, YOUR_PLACE = "queue-youarenext", "queue-thereare"
"""Asterisk's own sounds; after the second one comes the number."""
NOBODY = "the number that was dialled hasn't answered"


class Callers(Memory):
    """What becomes of the callers."""

    def __init__(self, write: Writer) -> None:
        super().__init__(write)
        self.numbers = Numbers(self)
        self.talks = Talks(self, self.numbers)

    # --- facts --------------------------------------------------------------------------------------------------------

    def arrived(self, arrival: CallArrived) -> None:
        """Tell of a waiting caller, and know it from now."""
        caller = self.callers.setdefault(arrival.call, Caller(arrival.call))
        caller.place, caller.arrival = Place.WAITING, arrival
        self.told.append(arrival)

    def caller_left(self, call: CallId, now: float) -> None:
        """Forget the caller and tell, once. Legs that ring for it are left to the core's WithdrawOffer."""
        caller = self.callers.get(call)
        if caller is None:
            return
        self.forget_caller(caller)
        self.told.append(CallerLeft(call))
        if caller.number:
            self.forget(caller.number)
        if caller.talk:
            caller.talk.consult = None
            return
        self.talks.over(caller, now)
        if (leg := self.talking_leg(caller)) is not None:
            leg.until = now + APART_S_MAX
            if caller.place in ON_HOLD:
                self.asked.append(self.write.hang_up(leg.id))

    def sent_elsewhere(self, caller: Caller) -> None:
        """Forget the caller, who is no longer ours, and tell."""
        for gone in (caller, caller.consult):
            if gone:
                self.forget_caller(gone)
                if gone.number:
                    self.forget(gone.number)
        self.told.append(SentElsewhere(caller.id))

    def taken(self, leg: Leg, now: float) -> None:
        """Another phone, a guest, talks with the leg's caller now: end the leg, and tell nothing."""
        caller = self.callers.get(leg.offer.call)
        if caller is not None:
            self.talks.over(caller, now)
            caller.place = Place.TALKING
            if caller.wish is Wish.ARRANGE:
                self.unwish(caller)
        self.let_go(leg, now)

    def stays(self, call: CallId) -> None:
        """Take the word to go elsewhere back, if there was one."""
        caller = self.callers[call]
        if caller.wish is Wish.LEAVE:
            self.unwish(caller)
            self.asked.append(self.write.send_nowhere(caller.channel))

    def _announced(self, fact: words.Announced, _now: float) -> None:
        arrival = fact.arrival if fact.again else words.fresh(fact.arrival)
        caller = self.callers.get(arrival.call)
        if caller is None and self.write.is_own_number(fact.channel):
            self.asked.append(self.write.hang_up(fact.channel))  # it was let go in the moment of its answer
        elif caller is None:
            self.arrived(arrival)
        else:
            self.numbers.has_come(caller, Place.WAITING)

    def _caller_gone(self, fact: words.CallerGone, now: float) -> None:
        self.caller_left(fact.call, now)

    def _elsewhere(self, fact: words.Elsewhere, _now: float) -> None:
        caller = self.callers.get(fact.call)
        if caller is None:
            return
        if caller.wish is Wish.LEAVE:
            self.sent_elsewhere(caller)
        elif caller.wish is not Wish.RELEASE:
            self.asked.append(self.write.send_back(caller.channel, caller.home))

    def _stays(self, fact: words.Stays, now: float) -> None:
        caller = self.callers.get(fact.call)
        if caller and caller.wish is Wish.LEAVE:
            self._sending_failed(caller, words.no_such_place(caller.to) if caller.to else HUNG_UP, now)

    def _sending_failed(self, caller: Caller, why: str, now: float) -> None:
        """The caller is to stay in the line after all; take the word back, and tell."""
        self.stays(caller.id)
        self.told.append(SendingFailed(caller.id, why))
        if caller.partner:
            caller.partner = None
            self.talks.over(caller, now)
            self._give_back(caller, now)

    def _unwish_line(self, caller: Caller) -> None:
        """What was wished for a caller in the line is over when a phone has fetched it."""
        if caller.wish in (Wish.BACK, Wish.HEAR):
            self.unwish(caller)

    def _undo_talk(self, caller: Caller, now: float) -> None:
        """The talk isn't wanted (any more): its caller goes back to the line as soon as it has come apart."""
        if caller.place not in ON_HOLD:
            caller.place = Place.TALKING
        self.talks.over(caller, now)
        if caller.wish not in (Wish.RELEASE, Wish.LEAVE):
            self._give_back(caller, now)

    def _give_back(self, caller: Caller, now: float) -> None:
        """The caller goes back to the line: as soon as it has left its talk, at once if it has none."""
        self.wish(caller, Wish.BACK, now + SETTLE_S_MAX)
        if caller.place in (Place.AFTER, *ON_HOLD):
            self._fulfil(caller, now)

    def _not_moved(self, caller: Caller, fact: words.Answer, now: float) -> None:
        is_later = fact.text == NOT_NOW
        if fact.verb == SEND and caller.wish is Wish.LEAVE:
            if fact.text in LATER:
                caller.until = now + NOT_NOW_S
            else:
                self._sending_failed(caller, HUNG_UP if caller.partner else fact.text, now)
        elif is_later and fact.verb in (AGAIN, PLAY) and caller.wish is None and caller.place is Place.WAITING:
            self.wish(caller, Wish.BACK if fact.verb == AGAIN else Wish.HEAR, now + NOT_NOW_S)

    # --- commands -----------------------------------------------------------------------------------------------------

    def _withdraw(self, command: WithdrawOffer, now: float) -> None:
        leg = self.by_offer.pop(command.offer, None)
        if leg is None:
            return
        if leg.is_over:
            self.forget(leg)
            return
        caller = self.callers.get(command.offer.call)
        if caller and caller.place is Place.AWAY:
            self.numbers.let_go(caller, now)
        elif caller and leg.state is LegState.TALKING:
            self._undo_talk(caller, now)
        leg.state = LegState.WITHDRAWN
        self.stop(leg, now)

    def _keep_waiting(self, command: KeepWaiting, now: float) -> None:
        caller = self.callers.get(command.call)
        if caller is None or caller.wish is Wish.LEAVE or self._talks_with_another(command.call):
            return
        if caller.place is Place.AWAY:
            self.numbers.let_go(caller, now)
        elif caller.place is not Place.WAITING:
            self.talks.over(caller, now)
            self._give_back(caller, now)

    def _talks_with_another(self, call: CallId) -> bool:
        """Whether a phone has fetched the caller since the one that left; its acceptance is on its way to the core."""
        return any(
            leg.state is LegState.TALKING and leg.offer.call == call and not leg.is_number for leg in self.legs.values()
        )

    def _release(self, command: ReleaseCall, now: float) -> None:
        caller = self.callers.get(command.call)
        if caller is None:
            return
        if caller.is_phone and caller.talk:
            self.talks.end_consult(caller.talk, now)
        elif caller.place is Place.AWAY:
            self._release_nobody(caller, now)
        else:
            self.wish(caller, Wish.RELEASE, now)
            self._fulfil(caller, now)

    def _release_nobody(self, caller: Caller, now: float) -> None:
        """The number that was to be the caller rings no more, nor does the phone that waits for it."""
        if caller.talk is None:
            for leg in [leg for leg in self.by_offer.values() if leg.offer.call == caller.id]:
                self.let_go(leg, now)
        self.numbers.let_go(caller, now)
        self.told.append(CallerLeft(caller.id))

    def _send_elsewhere(self, command: SendElsewhere, now: float) -> None:
        caller = self.callers.get(command.call)
        if caller is None or caller.wish is Wish.RELEASE:
            return  # CallerLeft was told before, or will be
        if not words.is_place(command.to):
            self.told.append(SendingFailed(command.call, words.no_such_place(command.to)))
            return
        if caller.place is Place.AWAY:
            self.told.append(SendingFailed(command.call, NOBODY))
            return
        caller.to, caller.partner, caller.leaves_until = command.to, None, now + LEAVE_S_MAX
        self.wish(caller, Wish.LEAVE, now)
        for offer in [offer for offer in self.by_offer if offer.call == command.call]:
            self._withdraw(WithdrawOffer(offer), now)  # of no use any more; the core has done so before
        self._fulfil(caller, now)

    def _play(self, command: PlayPrompt, now: float) -> None:
        self._let_hear(command.call, command.prompt, "", now)

    def _tell_position(self, command: TellPosition, now: float) -> None:
        is_next = command.position <= 1
        number = "" if is_next else str(command.position)
        self._let_hear(command.call, YOU_ARE_NEXT if is_next else YOUR_PLACE, number, now)

    def _let_hear(self, call: CallId, prompt: str, position: str, now: float) -> None:
        caller = self.callers.get(call)
        if caller and caller.place is Place.WAITING and not caller.is_phone and caller.wish in (None, Wish.HEAR):
            caller.prompt, caller.position = prompt, position
            self.wish(caller, Wish.HEAR, caller.is_settled_at)
            if caller.until <= now:
                self._fulfil(caller, now)

    def _refuse(self, command: RefuseCall, _now: float) -> None:
        self.callers.pop(command.call, None)
        self.wishing.pop(command.call, None)
        self.asked += self.write.refuse(command.call, command.cause)

    # --- what is due --------------------------------------------------------------------------------------------------

    def _fulfil(self, caller: Caller, now: float) -> None:
        if caller.wish is Wish.BACK:
            self.asked.append(self.write.send_back(caller.channel, caller.home))
            caller.place, caller.is_settled_at = Place.WAITING, now + NOT_NOW_S
            self._unwish_line(caller)
        elif caller.wish is Wish.HEAR:
            self.asked += self.write.play(caller.channel, caller.prompt, caller.position)
            self._unwish_line(caller)
        elif caller.wish is Wish.ARRANGE:
            self.unwish(caller)
            self.talks.move(caller)
        elif caller.wish is Wish.LEAVE:
            self._send(caller, now)
        else:
            self.asked.append(self.write.hang_up(caller.channel))
            caller.until = now + RELEASE_S_MAX

    def _send(self, caller: Caller, now: float) -> None:
        if now >= caller.leaves_until:
            self._sending_failed(caller, words.SENT_NOWHERE, now)
            self.asked.append(self.write.send_back(caller.channel))
            return
        caller.until = now + SEND_S_MAX
        if caller.to:
            self.asked += self.write.send_elsewhere(caller.channel, caller.to)
        elif caller.partner:
            self.asked += self.talks.leaving(caller)
