"""How talks are arranged: who hears whom, by moving the caller and the agent's phone in one word. Pure.

    stage        the caller is                   the agent's phone is
    connected    in a bridge with the phone      there
    held         in acd-hold: music              in acd-idle: silence
    consulting   in acd-hold: music              in acd-consult: hears it ring; then in a bridge with the party
    conference   in the bridge of these two      there

In a consult with an agent the phone plays the caller of the consult: phones are rung for it, and claim it, as for any
caller. In one with a number it is the number that plays the caller (see `numbers`), and joins the phone. When a bridge
of more than two is left by one it comes apart, and everybody waits some seconds in the dialplan for a word of ours.

What Asterisk can't do this moment, because it is just moving one of the two, is asked for again; the end of either is
told as always, by what is heard of its channel.
"""

from acd.commands import BeginConsult, Confer, ConnectCall, HoldCall, LeaveWith, ResumeCall, SendDigits
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import CONFER, CONSULT, HOLD, JOIN, PATIENCE_S, SEND
from acd.cti_adapters.asterisk.ami import Action
from acd.cti_adapters.asterisk.memory import LATER, LEAVE_S_MAX, NOT_NOW_S, SEND_S_MAX, Memory
from acd.cti_adapters.asterisk.numbers import Numbers
from acd.cti_adapters.asterisk.parties import CONSULT_HOME, Caller, Leg, LegState, Place, Stage, Wish
from acd.events import PhoneLeft, SendingFailed
from acd.ids import CallId, OfferId

ARRANGE_S_MAX = 1.0
"""How long Asterisk is asked again for an arrangement that it can't make this moment."""
APART_S = 0.3
"""After this time a talk that came apart, though nobody left it, is put together again."""
VERBS = {Stage.CONNECTED: JOIN, Stage.HELD: HOLD, Stage.CONSULTING: CONSULT, Stage.CONFERENCE: CONFER}
PLACES = {HOLD: Place.HELD, CONSULT: Place.HELD, CONFER: Place.CONFERENCE}
HUNG_UP = "the number that was consulted has hung up"


class Talks:
    """The talks' arrangements, in the adapter's memory."""

    def __init__(self, memory: Memory, numbers: Numbers) -> None:
        self._of = memory
        self._numbers = numbers

    # --- commands -----------------------------------------------------------------------------------------------------

    def hold(self, command: HoldCall, now: float) -> None:
        caller, leg = self._talk(command.call, command.offer)
        if caller and leg and caller.stage is not Stage.HELD:
            self._end_consult_after(caller, leg, Stage.HELD, now)

    def resume(self, command: ResumeCall, now: float) -> None:
        caller, leg = self._talk(command.call, command.offer)
        if caller and leg and caller.stage is not Stage.CONNECTED:
            self._end_consult_after(caller, leg, Stage.CONNECTED, now)

    def consult(self, command: BeginConsult, now: float) -> None:
        caller, leg = self._talk(command.call, command.offer)
        if caller is None or leg is None or (caller.consult and caller.consult.id == command.consult):
            return
        self.end_consult(caller, now)
        consult = caller.consult = self._consult_of(command, caller, leg)
        self._set(leg.id, "ACD_PATIENCE", str(PATIENCE_S))
        if consult.is_phone:
            self._set(leg.id, "ACD_CALL_ID", consult.id)
        self._arrange(caller, leg, Stage.CONSULTING, now)
        if command.number:
            facts = {"PATIENCE": str(PATIENCE_S)}
            self._numbers.dial(consult, leg, command.number, command.caller_number, command.ring_ms, facts, now)

    def _consult_of(self, command: BeginConsult, caller: Caller, leg: Leg) -> Caller:
        if command.number:
            consult = self._numbers.caller_of(command.consult)
        else:
            consult = self._of.callers[command.consult] = Caller(command.consult, channel=leg.id, home=CONSULT_HOME)
        consult.talk = caller
        return consult

    def confer(self, command: Confer, now: float) -> None:
        caller, leg = self._talk(command.call, command.offer)
        consult = caller.consult if caller and caller.stage is Stage.CONSULTING else None
        if caller and leg and consult and consult.id == command.consult and consult.place is Place.TALKING:
            self._arrange(caller, leg, Stage.CONFERENCE, now)

    def connect(self, command: ConnectCall, now: float) -> None:
        caller = self._of.callers.get(command.call)
        if caller is None:
            return  # CallerLeft was told before, and everybody let go
        first, leg = caller.leg, self._of.by_offer.pop(command.was, None)
        if leg is None or leg.is_over:
            self._of.told.append(PhoneLeft(command.offer))
            self.end_consult(caller, now)
        else:
            self._hand_over(caller, leg, command.offer, now)
        if first and first is not leg and first.id in self._of.legs:
            self._of.let_go(first, now)

    def _hand_over(self, caller: Caller, leg: Leg, offer: OfferId, now: float) -> None:
        if caller.consult:
            self._of.forget_caller(caller.consult)
            caller.consult = None
        leg.offer = offer
        self._of.by_offer[offer] = leg
        for name, value in {"CALLER": caller.channel, "OFFER": str(offer.number)}.items():
            self._set(leg.id, f"ACD_{name}", value)
        self._arrange(caller, leg, Stage.CONNECTED, now)

    def leave(self, command: LeaveWith, now: float) -> None:
        caller = self._of.callers.get(command.call)
        if caller is None:
            return
        consult, first = caller.consult, caller.leg
        if consult and consult.id == command.consult and consult.number and consult.place is not Place.AWAY:
            caller.partner, caller.to, caller.leaves_until = consult.number, None, now + LEAVE_S_MAX
            self._of.wish(caller, Wish.LEAVE, now + SEND_S_MAX)
            self._of.asked += self.leaving(caller)
        else:
            self._of.told.append(SendingFailed(caller.id, HUNG_UP))
            self._of.wish(caller, Wish.BACK, now)
        if first and first.id in self._of.legs:
            self._of.let_go(first, now)

    def leaving(self, caller: Caller) -> list[Action]:
        """The caller leaves us with the number that is its partner, and that is silent from now."""
        partner, write = caller.partner, self._of.write
        assert partner is not None
        return [
            write.set_variable(partner.id, "ACD_GONE", "1"),
            write.set_variable(partner.id, "ACD_CALL_ID", ""),
            write.set_variable(caller.channel, "ACD_TALK", partner.id),
            write.move(SEND, caller.id, (caller.channel, "acd-leave", "s"), (partner.id, "acd-parted", "s")),
        ]

    def digits(self, command: SendDigits, _now: float) -> None:
        caller = self._of.callers.get(command.call)
        if caller:
            self._of.asked.append(self._of.write.send_digits(caller.channel, command.digits))

    # --- facts --------------------------------------------------------------------------------------------------------

    def moved(self, answer: words.Answer, now: float) -> None:
        """Asterisk's answer to an arrangement."""
        caller = self._of.callers.get(CallId(answer.target))
        if caller is None:
            return
        if answer.ok:
            caller.place = PLACES.get(answer.verb, caller.place)
        elif answer.text in LATER and answer.verb == VERBS[caller.stage] and now < caller.arranged_until:
            self._arrange_later(caller, now + NOT_NOW_S)

    def found(self, call: CallId, place: Place) -> None:
        """After an absence: so the talk is; if another word got lost the core repeats it."""
        caller = self._of.callers.get(call)
        if caller is None or caller.talk is not None:
            return
        caller.place = place
        on_hold = Stage.CONSULTING if caller.consult else Stage.HELD
        caller.stage = {Place.HELD: on_hold, Place.CONFERENCE: Stage.CONFERENCE}.get(place, Stage.CONNECTED)

    def came_apart(self, caller: Caller, now: float) -> None:
        """The caller has left a bridge. If nobody has gone, some late word has moved one: all are put back."""
        talk = caller.talk or caller
        if caller.talk is None or talk.stage is Stage.CONSULTING:
            talk.arranged_until = now + ARRANGE_S_MAX
            self._arrange_later(caller, now + APART_S)

    def _arrange_later(self, caller: Caller, at: float) -> None:
        if caller.wish in (None, Wish.ARRANGE):
            self._of.wish(caller, Wish.ARRANGE, at)

    def phone_gone(self, leg: Leg, now: float) -> None:
        """The agent's phone is gone; a party who has answered waits for a word of ours."""
        caller = self._of.callers.get(leg.offer.call)
        consult = caller.consult if caller and caller.leg is leg else None
        if caller is None or consult is None:
            return
        if consult.is_phone:
            self._of.forget_caller(consult)
            caller.consult = None
        elif consult.place is Place.AWAY:
            self._numbers.let_go(consult, now)
            caller.consult = None

    # --- arrangements -------------------------------------------------------------------------------------------------

    def _talk(self, call: CallId, offer: OfferId) -> tuple[Caller | None, Leg | None]:
        """Caller and phone, as far as they are there."""
        leg = self._of.by_offer.get(offer)
        return self._of.callers.get(call), leg if leg and leg.state is LegState.TALKING else None

    def _arrange(self, caller: Caller, leg: Leg, stage: Stage, now: float) -> None:
        caller.leg, caller.stage, caller.arranged_until = leg, stage, now + ARRANGE_S_MAX
        if caller.wish is not Wish.RELEASE:
            self._of.unwish(caller)
        self.move(caller)

    def move(self, caller: Caller) -> None:
        """Ask Asterisk for the arrangement that is wanted, unless the phone is gone meanwhile."""
        leg, stage = self._of.talking_leg(caller), caller.stage
        if leg is None:
            return
        if stage in (Stage.CONNECTED, Stage.HELD) and caller.talk is None:
            self._set(leg.id, "ACD_CALL_ID", "")
            self._set(leg.id, "ACD_PATIENCE", "")
        if stage is Stage.CONNECTED:
            self._set(caller.channel, "ACD_TALK", leg.id)
            context, extension, other = "acd-join", "s", "acd-idle"
        elif stage is Stage.CONFERENCE:
            context, extension, other = "acd-confer", "s", ""
        else:
            is_held = stage is Stage.HELD
            context, extension = "acd-hold", "held" if is_held else "consulting"
            other = "acd-idle" if is_held else "acd-consult"
        places = [(caller.channel, context, extension)] + [(leg.id, other, "s")] * bool(other)
        self._of.asked.append(self._of.write.move(VERBS[stage], caller.id, *places))

    def _end_consult_after(self, caller: Caller, leg: Leg, stage: Stage, now: float) -> None:
        """First the two, then the others: whoever is hung up in a bridge would move them too."""
        self._arrange(caller, leg, stage, now)
        self.end_consult(caller, now)

    def end_consult(self, caller: Caller, now: float) -> None:
        """The consult, if there is one, is over for all its parties; nothing is told of it."""
        consult, caller.consult = caller.consult, None
        if consult is None:
            return
        for leg in [leg for leg in self._of.legs.values() if leg.offer.call == consult.id]:
            self._of.let_go(leg, now)
        self._of.forget_caller(consult)

    def over(self, caller: Caller, now: float) -> None:
        """Nothing of the talk is left but the caller, who may be gone as well."""
        self.end_consult(caller, now)
        caller.stage = Stage.CONNECTED

    def _set(self, channel: str, name: str, value: str) -> None:
        self._of.asked.append(self._of.write.set_variable(channel, name, value))
