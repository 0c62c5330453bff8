"""Calls of an earlier life: known ones from the start, though nobody knows yet what their legs are called. Pure.

What the core holds is taken into :class:`Legs` as if it had never been away (`adopt`), with names of our own for the
legs. The first survey tells the names that they have in Asterisk (`name_legs`): a leg carries its offer. From then on
all is as after any absence. A talk that the core doesn't hold is told as found (`find_talk`); a leg that rings for
nobody whom it holds is ended (`end_stranger`), and if it is answered in that very moment, that is undone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf

from acd.calls import CallState
from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.legs import Legs
from acd.cti_adapters.asterisk.parties import CONSULT_HOME, Caller, Leg, LegState, Place, Wish
from acd.cti_adapters.asterisk.words import Dialled, Surveyed
from acd.cti_adapters.base import Held
from acd.events import TalkFound
from acd.ids import AgentId, Instant, OfferId

Rows = Mapping[str, Surveyed]


def adopt(legs: Legs, write: Writer, calls: Iterable[Held]) -> None:
    """Know these calls and their offers from now."""
    for each in calls:
        caller = legs.callers[each.call] = Caller(each.call)
        if each.state is CallState.ELSEWHERE:
            caller.wish = Wish.LEAVE  # where to, the core says again
        for offer in each.rings:
            name = write.next_leg()
            not_there = Dialled(name, answered=False, timed_out=False)
            legs.keep(Leg(name, offer, inf, dialled=not_there))  # without end: the core's own limit begins anew
        if each.talk is not None:
            caller.place, caller.leg = Place.TALKING, Leg(write.next_leg(), each.talk, inf, LegState.TALKING)
            legs.keep(caller.leg)


def with_consults(callers: Rows, phones: Rows) -> tuple[Rows, Rows]:
    """Who is a caller: besides those from outside the agents' phones that consult, by the consult that they name."""
    numbers = {row.channel: row.call for row in callers.values()}
    consults = {row.channel: row.consult for row in phones.values() if row.consult is not None}
    asking: Rows = {call: replace(phones[channel], call=call) for channel, call in consults.items()}
    names = numbers | consults
    asked = {channel: replace(row, call=names.get(row.call, row.call)) for channel, row in phones.items()}
    return {**callers, **asking}, asked


def name_callers(legs: Legs, callers: Rows, phones: Rows) -> None:
    """Give callers whose channels aren't called as their calls the names of those: phones that consult, and numbers."""
    for call, row in callers.items():
        caller = legs.callers.get(row.call)
        if caller is None or caller.channel == row.channel or caller.number or caller.is_phone:
            continue
        caller.channel = row.channel
        phone = phones.get(row.channel if row.arrival is None else row.talk)
        talk = legs.callers.get(phone.call) if phone and phone.call != call else None
        if talk is not None:
            caller.talk, talk.consult = talk, caller
        if row.arrival is None:
            caller.home = CONSULT_HOME
        else:
            caller.number = Leg(row.channel, OfferId(caller.id, 0), inf, LegState.TALKING, is_number=True)
            legs.legs[row.channel] = caller.number


def name_legs(legs: Legs, callers: Rows, phones: Rows) -> None:
    """Give legs that aren't in the survey the names of the channels that were dialled for their offers.

    Of several channels of one offer it is the one that has the caller, or else the one dialled last.
    """
    names = {_offer(row): row.channel for row in sorted(phones.values(), key=lambda row: row.channel)}
    names |= {OfferId(row.call, row.talk_offer): row.talk for row in callers.values() if row.talk}
    for leg in [leg for leg in legs.legs.values() if leg.id not in phones]:
        name = names.get(leg.offer)
        if name is not None and name not in legs.legs:
            del legs.legs[leg.id]
            leg.id, leg.dialled = name, None
            legs.legs[name] = leg


def find_talk(legs: Legs, caller: Surveyed, phone: Surveyed, now: float) -> None:
    """Tell of a talk that the core may not know, and know it from now. For a call that waits it would be none."""
    if caller.arrival is None:
        return
    legs.caller_left(caller.call, now)
    party = legs.callers.setdefault(caller.call, Caller(caller.call))
    party.place, party.leg = Place.TALKING, Leg(phone.channel, _offer(phone), inf, LegState.TALKING)
    legs.keep(party.leg)
    since = caller.talk_since or caller.arrival.waiting_since or Instant(0)
    legs.told.append(TalkFound(caller.arrival, party.leg.offer, AgentId(phone.agent), since))


def end_stranger(legs: Legs, write: Writer, phone: Surveyed, now: float) -> None:
    """Let a phone ring no more that rings for an offer which the core doesn't hold."""
    leg = legs.legs[phone.channel] = Leg(phone.channel, _offer(phone), inf, LegState.WITHDRAWN)
    if phone.call not in legs.callers:  # else `stop` marks it
        legs.asked.append(write.mark_stale(phone.call, phone.channel))
    legs.stop(leg, now)


def _offer(row: Surveyed) -> OfferId:
    return OfferId(row.call, row.offer)
