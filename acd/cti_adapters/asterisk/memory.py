"""What the adapter remembers of Asterisk's channels, and what comes of each step. Pure."""

from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.ami import Action
from acd.cti_adapters.asterisk.parties import Caller, Leg, LegState, Place, Stage, Wish
from acd.events import PbxEvent
from acd.ids import CallId, OfferId

APART_S_MAX = 0.25
"""How long a leg may outlive its caller or its withdrawal. Asterisk moves the phone from one thread to another
when it bridges; a hang-up in that very moment is lost, and must be repeated."""
SETTLE_S_MAX = 1.0
"""How long a conversation may take to come apart."""
RELEASE_S_MAX = 2.0
"""How long a hung-up channel may take to be gone before it is hung up again."""

NOT_NOW, NOT_NOW_S = "Redirect failed, channel not up.", 0.05
"""Asterisk's word for a channel that ends, or that is just being moved by somebody: ask again so much later."""
LATER = (NOT_NOW, "Redirect failed, extra channel not up.")
SEND_S_MAX, LEAVE_S_MAX = 1.0, 4.0
"""How long a caller may take to go elsewhere before it is sent again, and before that is given up."""


class Memory:
    """`told` and `asked` collect what comes of each step, in order, for the adapter to take."""

    def __init__(self, write: Writer) -> None:
        self.told: list[PbxEvent] = []
        self.asked: list[Action] = []
        self.is_linked = False
        """Whether what is asked reaches Asterisk; kept by the adapter."""
        self.callers: dict[CallId, Caller] = {}
        self.legs: dict[str, Leg] = {}
        self.by_offer: dict[OfferId, Leg] = {}
        """The legs of offers that aren't withdrawn."""
        self.wishing: dict[CallId, Caller] = {}
        self.guests: set[str] = set()
        """Legs that aren't agents' phones; somebody else looks after them."""
        self.write = write

    def wish(self, caller: Caller, wish: Wish, until: float) -> None:
        """Let that become of the caller, at `until` or when Asterisk is ready for it."""
        caller.wish, caller.until = wish, until
        self.wishing[caller.id] = caller

    def unwish(self, caller: Caller) -> None:
        """Nothing is to become of the caller any more."""
        caller.wish = None
        self.wishing.pop(caller.id, None)

    def talking_leg(self, caller: Caller) -> Leg | None:
        """The phone that the caller talks with."""
        leg = caller.leg
        return leg if leg and leg.id in self.legs and leg.state is LegState.TALKING else None

    def phone_of(self, offer: OfferId) -> Leg | None:
        """The phone of `offer`, if it talks."""
        leg = self.by_offer.get(offer)
        return leg if leg and leg.state is LegState.TALKING else None

    def talks_with(self, call: CallId) -> Caller | None:
        """The caller, if it talks with a phone, and nothing else is wished for it."""
        caller = self.callers.get(call)
        is_so = caller and caller.place is Place.TALKING and caller.stage is Stage.CONNECTED and caller.wish is None
        return caller if is_so else None

    def keep(self, leg: Leg) -> None:
        """Know a leg and its offer from now."""
        self.legs[leg.id] = self.by_offer[leg.offer] = leg

    def forget(self, leg: Leg) -> None:
        """Its channel is gone, or never was."""
        self.legs.pop(leg.id, None)
        if self.by_offer.get(leg.offer) is leg:
            del self.by_offer[leg.offer]

    def stop(self, leg: Leg, now: float) -> None:
        """End a withdrawn leg: no claim from now, then no channel."""
        caller = self.callers.get(leg.offer.call)
        if caller and not leg.is_number:
            self.asked.append(self.write.mark_stale(caller.channel, leg.id))
        self.asked.append(self.write.hang_up(leg.id))
        leg.until = now + RELEASE_S_MAX

    def let_go(self, leg: Leg, now: float) -> None:
        """The phone or number isn't wanted any more, and nothing is told of it from now."""
        if self.by_offer.get(leg.offer) is leg:
            del self.by_offer[leg.offer]
        if leg.is_over:
            self.forget(leg)
        else:
            leg.state = LegState.WITHDRAWN
            self.stop(leg, now)

    def forget_caller(self, caller: Caller) -> None:
        """The call is none of ours any more."""
        self.callers.pop(caller.id, None)
        self.wishing.pop(caller.id, None)

    def caller_at(self, name: str) -> Caller | None:
        """The caller so called, or at the channel so called."""
        caller = self.callers.get(CallId(name))
        return caller or next((caller for caller in self.callers.values() if caller.channel == name), None)
