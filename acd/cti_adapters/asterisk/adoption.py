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
from acd.cti_adapters.asterisk.parties import CONSULT_HOME, Caller, Leg, LegState, Place, Stage, Wish
from acd.cti_adapters.asterisk.words import NUMBER_PREFIX, Dialled, Surveyed
from acd.cti_adapters.base import Held
from acd.events import TalkFound
from acd.ids import AgentId, CallId, Instant, OfferId

Rows = Mapping[str, Surveyed]


def adopt(legs: Legs, write: Writer, calls: Iterable[Held]) -> None:
    """Know these calls and their offers from now."""
    for each in calls:
        caller = legs.callers[each.call] = _caller(legs, write, each)
        for offer in each.rings:
            name = write.next_leg()
            legs.keep(Leg(name, offer, inf, dialled=_not_there(name)))  # without end: the core's own limit begins anew
        if each.talk is not None:
            caller.leg = Leg(write.next_leg(), each.talk, inf, LegState.TALKING)
            legs.keep(caller.leg)


def _caller(legs: Legs, write: Writer, each: Held) -> Caller:
    caller = Caller(each.call, Place.TALKING if each.talk else Place.WAITING)
    talk = legs.callers.get(each.about) if each.about is not None else None
    if talk is not None:
        talk.consult, caller.talk, talk.stage = caller, talk, Stage.CONSULTING
    if each.is_dialled:
        _dial_no_more(legs, write, each, caller) if each.is_awaited else _plays(legs, write, caller)
    elif talk is not None:
        caller.home = CONSULT_HOME
    elif each.state is CallState.ELSEWHERE:
        caller.wish = Wish.LEAVE  # where to, the core says again
    return caller


def _dial_no_more(legs: Legs, write: Writer, each: Held, caller: Caller) -> None:
    """A number that hasn't answered, or a phone for which it would be dialled then, has failed."""
    caller.place = Place.AWAY
    if not each.rings:
        name = write.next_number()
        caller.number = legs.legs[name] = Leg(name, OfferId(each.call, 0), inf, dialled=_not_there(name))


def _plays(legs: Legs, write: Writer, caller: Caller) -> None:
    name = write.next_number()
    caller.place = Place.TALKING
    caller.number = legs.legs[name] = Leg(name, OfferId(caller.id, 0), inf, LegState.TALKING)


def _not_there(name: str) -> Dialled:
    return Dialled(name, answered=False, timed_out=False)


def with_consults(callers: Rows, phones: Rows) -> tuple[Rows, Rows]:
    """Who is a caller: besides those from outside the agents' phones that consult, by the consult that they name."""
    consults = {row.channel: row.consult for row in phones.values() if row.consult is not None}
    asking: Rows = {call: replace(phones[channel], call=call) for channel, call in consults.items()}
    asked = {channel: replace(row, call=consults.get(row.call, row.call)) for channel, row in phones.items()}
    return {**callers, **asking}, asked


def name_legs(legs: Legs, callers: Rows, phones: Rows) -> None:
    """Give legs that aren't in the survey the names of the channels that were dialled for their offers.

    Of several channels of one offer it is the one that has the caller, or else the one dialled last.
    """
    names = {_offer(row): row.channel for row in sorted(phones.values(), key=lambda row: row.channel)}
    names |= {OfferId(row.call, row.talk_offer): row.talk for row in callers.values() if row.talk}
    names |= {
        OfferId(CallId(call), 0): row.channel for call, row in callers.items() if row.channel.startswith(NUMBER_PREFIX)
    }
    for leg in [leg for leg in legs.legs.values() if leg.id not in phones]:
        caller, name = legs.callers.get(leg.offer.call), names.get(leg.offer)
        if name is not None and name not in legs.legs and not (caller and caller.place is Place.AWAY):
            del legs.legs[leg.id]
            leg.id, leg.dialled = name, None
            legs.legs[name] = leg
    for call, row in callers.items():
        if (caller := legs.callers.get(CallId(call))) is not None:
            caller.channel = row.channel


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
    if phone.call and phone.call not in legs.callers:  # else `stop` marks it
        legs.asked.append(write.mark_stale(phone.call, phone.channel))
    legs.stop(leg, now)


def _offer(row: Surveyed) -> OfferId:
    return OfferId(row.call, row.offer)
