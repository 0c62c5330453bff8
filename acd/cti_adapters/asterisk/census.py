"""After an absence: what Asterisk holds, against what we knew. Pure.

The survey lists every channel of ours. While it comes in things go on, and the list may be older than the events that
come between its lines: so those are noted too.
"""

from dataclasses import dataclass, field, replace

from acd.commands import ResumeCall
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.adoption import Rows, end_stranger, find_talk, name_legs, with_consults
from acd.cti_adapters.asterisk.legs import Legs
from acd.cti_adapters.asterisk.parties import Leg, LegState, Place, Wish
from acd.events import PhoneLeft
from acd.ids import CallId, OfferId

WAITING_CONTEXTS = ("acd-start", "acd-wait", "acd-prompt")
AFTER_CONTEXT = "acd-after"
PLACES = {"acd-hold": Place.HELD, "acd-confer": Place.CONFERENCE}
"""By context; in any other one a caller in a talk hears the phone."""


@dataclass(slots=True)
class Census:
    """One survey in the making: `note` every fact that comes meanwhile, `settle` at its end."""

    callers: dict[str, words.Surveyed] = field(default_factory=dict)
    phones: dict[str, words.Surveyed] = field(default_factory=dict)
    announced: set[CallId] = field(default_factory=set)
    after: set[CallId] = field(default_factory=set)
    claims: dict[CallId, str] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    there: set[str] = field(default_factory=set)
    """Every channel of ours."""
    left: set[CallId] = field(default_factory=set)
    """Callers sent elsewhere; those of whom we wanted it aren't known any more."""

    def note(self, fact: words.Fact) -> None:
        """Keep what the survey lists, and what happens during it."""
        match fact:
            case words.Surveyed():
                self._list(fact)
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

    def _list(self, row: words.Surveyed) -> None:
        self.there.add(row.channel)
        if row.arrival is None:
            self.phones[row.channel] = row
        else:
            self.callers[row.call] = row

    def legs_there(self) -> set[str]:
        """All phones that there are."""
        return self.phones.keys() - self.gone

    def legs_talking(self) -> set[str]:
        """Those that have a caller, or had one last."""
        return {self._with_claim(row).talk for row in self.callers.values() if row.channel not in self.gone}

    def settle(self, legs: Legs, write: Writer, now: float) -> None:
        """Bring `legs` up to date, and with it the core: callers that went, that wait, offers that ended, talks.

        Legs that ring for nobody whom the core holds are ended; those that talk are left alone, and told of.
        """
        for channel in self.gone:
            self.callers.pop(channel, None)
            self.phones.pop(channel, None)
            self.there.discard(channel)
        callers, phones = with_consults(self.callers, self.phones)
        known = {*callers, *self.announced}
        for call in [call for call, caller in legs.callers.items() if call not in known and caller.is_itself]:
            legs.caller_left(call, now)
        for call in self.left:
            _settle_absent(call, legs, now)
        here = {call: self._with_claim(row) for call, row in callers.items() if call not in self.left}
        name_legs(legs, here, phones)
        self._settle_callers(here, phones, legs, now)
        talks = {row.talk for row in here.values()}
        for row in phones.values():
            if row.channel not in legs.legs and row.channel not in talks and row.channel not in legs.guests:
                end_stranger(legs, write, row, now)

    def _settle_callers(self, callers: Rows, phones: Rows, legs: Legs, now: float) -> None:
        """Callers first: with a caller's end all is told of its legs, and a talk begins before it is over."""
        for row in sorted(callers.values(), key=_arrival_order):
            self._settle_caller(row, phones.get(row.talk), legs, now)
        for leg in list(legs.legs.values()):
            self._settle_leg(leg, legs, now)
        for row in filter(self._is_after, callers.values()):
            _settle_forsaken(row, legs)

    def _with_claim(self, row: words.Surveyed) -> words.Surveyed:
        """The row, with the leg that has this caller, or had it last."""
        return replace(row, talk=self.claims.get(row.call, row.talk))

    def _settle_caller(self, row: words.Surveyed, phone: words.Surveyed | None, legs: Legs, now: float) -> None:
        if row.elsewhere:
            _settle_absent(row.call, legs, now)
            return
        is_news = row.talk not in legs.legs
        if row.talk:
            self._settle_talk(row, phone, legs, now)
        if self._is_after(row):
            if row.call not in self.after:  # else heard already
                legs.hear(words.AfterTalk(row.call), now)
        elif row.talk:
            legs.talks.found(row.call, PLACES.get(row.context, Place.TALKING))
            if is_news:  # for the core it is one without hold, consult or conference
                legs.obey(ResumeCall(row.call, OfferId(row.call, row.talk_offer)), now)
        elif not row.bridged and row.context in WAITING_CONTEXTS and row.arrival is not None:
            legs.arrived(row.arrival)
            legs.stays(row.call)

    def _is_after(self, row: words.Surveyed) -> bool:
        return row.context == AFTER_CONTEXT or row.call in self.after

    def _settle_talk(self, row: words.Surveyed, phone: words.Surveyed | None, legs: Legs, now: float) -> None:
        if row.talk in legs.legs:
            legs.hear(words.Talking(row.talk, row.call), now)
        elif phone is not None and phone.offer and not self._is_after(row):  # no supervisor's
            find_talk(legs, row, phone, now)

    def _settle_leg(self, leg: Leg, legs: Legs, now: float) -> None:
        is_there = leg.id in self.there
        if leg.state is LegState.WITHDRAWN:
            legs.stop(leg, now) if is_there else legs.forget(leg)
        elif leg.is_number and leg.state is LegState.TALKING:
            return  # its caller was looked at
        elif not is_there and leg.state is LegState.TALKING:
            legs.phone_left(leg, now)
        elif not is_there and leg.is_over:
            legs.failed(leg, now)
        elif not is_there:
            legs.give_up(leg, now)


def _settle_forsaken(row: words.Surveyed, legs: Legs) -> None:
    """This caller's talk is over for the core, too; but its way back to the line, or out, was never heard of."""
    caller = legs.callers.get(row.call)
    if caller is None or caller.wish is not None:
        return
    talks = any(leg.offer.call == row.call and leg.state is LegState.TALKING for leg in legs.legs.values())
    told = any(isinstance(event, PhoneLeft) and event.offer.call == row.call for event in legs.told)
    if not talks and not told:
        legs.told.append(PhoneLeft(OfferId(row.call, row.talk_offer)))


def _settle_absent(call: CallId, legs: Legs, now: float) -> None:
    """This caller is elsewhere: by our word, or (what nobody reckons with) by somebody else's."""
    caller = legs.callers.get(call)
    if caller and caller.wish is Wish.LEAVE:
        legs.sent_elsewhere(caller)
    else:
        legs.caller_left(call, now)


def _arrival_order(row: words.Surveyed) -> int:
    return (row.arrival and row.arrival.waiting_since) or 0
