"""After an absence: what Asterisk holds, against what we knew. Pure.

The survey lists every channel of ours. While it comes in things go on, and the list may be older than the events that
come between its lines: so those are noted too.
"""

from dataclasses import dataclass, field

from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.legs import Legs
from acd.cti_adapters.asterisk.parties import Leg, LegState, Wish
from acd.ids import CallId

WAITING_CONTEXTS = ("acd-start", "acd-wait", "acd-prompt")
AFTER_CONTEXT = "acd-after"


@dataclass(slots=True)
class Census:
    """One survey in the making: `note` every fact that comes meanwhile, `settle` at its end."""

    callers: dict[str, words.Surveyed] = field(default_factory=dict)
    phones: dict[str, words.Surveyed] = field(default_factory=dict)
    announced: set[CallId] = field(default_factory=set)
    after: set[CallId] = field(default_factory=set)
    claims: dict[CallId, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    left: set[CallId] = field(default_factory=set)
    """Callers sent elsewhere; those of whom we wanted it aren't known any more."""

    def note(self, fact: words.Fact) -> None:
        """Keep what the survey lists, and what happens during it."""
        match fact:
            case words.Surveyed():
                rows = self.phones if fact.arrival is None else self.callers
                rows[fact.channel] = fact
            case words.Announced():
                self.announced.add(fact.arrival.call)
                self.left.discard(fact.arrival.call)
            case words.Elsewhere():
                self.left.add(fact.call)
            case words.AfterTalk():
                self.after.add(fact.call)
            case words.Talking():
                self.claims[fact.call] = fact.leg
            case words.CallerGone():
                self.gone.add(fact.call)
            case words.PhoneGone():
                self.gone.add(fact.leg)

    def legs_there(self) -> set[str]:
        """All phones that there are."""
        return self.phones.keys() - self.gone

    def legs_talking(self) -> set[str]:
        """Those that have a caller, or had one last."""
        return {self._talk_of(call) for call in (row.call for row in self.callers.values()) if call not in self.gone}

    def settle(self, legs: Legs, write: Writer, now: float) -> None:
        """Bring `legs` up to date, and with it the core: callers that went, that wait, offers that ended.

        Legs that an earlier life of ours left ringing are ended; those that talk are left alone.
        """
        for channel in self.gone:
            self.callers.pop(channel, None)
            self.phones.pop(channel, None)
        for call in [call for call in legs.callers if call not in self.callers and call not in self.announced]:
            legs.caller_left(call, now)
        for call in self.left:
            self.callers.pop(call, None)
            _settle_absent(call, legs, now)
        for row in sorted(self.callers.values(), key=_arrival_order):
            self._settle_caller(row, legs, now)
        for leg in list(legs.legs.values()):
            self._settle_leg(leg, legs, now)
        for row in self.phones.values():
            is_known = row.channel in legs.legs or row.channel in legs.guests
            if not is_known and self._talk_of(row.call) != row.channel:
                legs.asked.append(write.mark_stale(row.call, row.channel))
                legs.asked.append(write.hang_up(row.channel))

    def _talk_of(self, call: CallId) -> str:
        """The leg that has this caller, or had it last."""
        row = self.callers.get(call)
        return self.claims.get(call, row.talk if row else "")

    def _settle_caller(self, row: words.Surveyed, legs: Legs, now: float) -> None:
        talk = self._talk_of(row.call)
        if row.elsewhere:
            _settle_absent(row.call, legs, now)
        elif row.context == AFTER_CONTEXT or row.call in self.after:
            if row.call not in self.after:  # else heard already
                legs.hear(words.AfterTalk(row.call), now)
        elif talk or row.bridged:
            if talk:
                legs.hear(words.Talking(talk, row.call), now)
        elif row.context in WAITING_CONTEXTS and row.arrival is not None:
            legs.arrived(row.arrival)
            legs.stays(row.call)

    def _settle_leg(self, leg: Leg, legs: Legs, now: float) -> None:
        is_there = leg.id in self.phones
        if leg.state is LegState.WITHDRAWN:
            legs.stop(leg, now) if is_there else legs.forget(leg)
        elif not is_there and leg.state is LegState.TALKING:
            legs.phone_left(leg)
        elif not is_there and leg.is_over:
            legs.failed(leg)
        elif not is_there:
            legs.give_up(leg, now)


def _settle_absent(call: CallId, legs: Legs, now: float) -> None:
    """This caller is elsewhere: by our word, or (what nobody reckons with) by somebody else's."""
    caller = legs.callers.get(call)
    if caller and caller.wish is Wish.LEAVE:
        legs.sent_elsewhere(caller)
    else:
        legs.caller_left(call, now)


def _arrival_order(row: words.Surveyed) -> int:
    return (row.arrival and row.arrival.waiting_since) or 0
