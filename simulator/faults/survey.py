"""What an adapter tells when the link is back: the PBX as it is, against what the core was told of it.

So :mod:`acd.cti_adapters.asterisk.census` does it: first who is gone, then who waits and who talks, then the phones
that ring no more, then callers whose phone has left. Who rings or talks by an offer that the core has withdrawn
meanwhile is let go.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from acd import events as ev
from acd.commands import Command, WithdrawOffer
from acd.events import OfferFailure, PbxEvent
from acd.ids import CallId, Instant, OfferId
from simulator.faults.clock import Clocks
from simulator.faults.memory import Memory
from simulator.legs import CallerLeg, LegState, PhoneLeg
from simulator.pbx import Pbx

RECORDING = (ev.RecordingStarted, ev.RecordingFailed)
WORDS_OF_CALLS = (ev.NumberAnswered, ev.CallbackAccepted, *RECORDING)
MONITORING = (ev.MonitorStarted, ev.MonitorEnded, ev.Intercepted)


class Obeys(Protocol):
    """Hands a command to the PBX."""

    def __call__(self, command: Command) -> None: ...


def survey(pbx: Pbx, memory: Memory, clocks: Clocks, obey: Obeys) -> list[PbxEvent]:
    """The words before `PbxFound`; with them all is told that was missed."""
    for connect in memory.connects:
        obey(connect)
    told = [*_survey(pbx, memory, clocks)]
    for leg in [leg for leg in _legs(pbx).values() if leg.offer not in memory.offers]:
        obey(WithdrawOffer(leg.offer))
    memory.surveyed()
    return told


def _survey(pbx: Pbx, memory: Memory, clocks: Clocks) -> Iterator[PbxEvent]:
    legs = _legs(pbx)
    yield from [end for call, end in memory.ends.items() if call in memory.known]
    for caller in pbx.callers.values():
        yield from _of_caller(caller, memory, clocks)
    for offer, talks in list(memory.offers.items()):
        if offer in memory.unrung or offer.call in pbx.callers:
            yield from _of_offer(offer, talks, legs.get(offer), memory)
    for call, offer in memory.forsaken.items():
        is_left = call in pbx.callers and not pbx.callers[call].talks
        if is_left and not memory.offers.get(offer, False):  # else told just now
            yield ev.PhoneLeft(offer)
    for word in memory.words:
        if isinstance(word, MONITORING) or (isinstance(word, WORDS_OF_CALLS) and word.call in pbx.callers):
            yield word


def _legs(pbx: Pbx) -> dict[OfferId, PhoneLeg]:
    return {leg.offer: leg for caller in pbx.callers.values() for leg in caller.legs}


def _of_caller(caller: CallerLeg, memory: Memory, clocks: Clocks) -> Iterator[PbxEvent]:
    """Who waits is told as waiting, known or not; a talk if nothing is known of it."""
    if caller.call not in memory.arrivals or caller.call in memory.forsaken:
        return
    again = arrival_again(caller.call, memory, clocks)
    talk = caller.talk
    if talk is None or caller.call in memory.known:
        if talk is None:
            yield again
    else:
        yield ev.TalkFound(again, talk.offer, talk.agent, again.waiting_since or Instant(0))


def arrival_again(call: CallId, memory: Memory, clocks: Clocks) -> ev.CallArrived:
    """What a caller who still waits says of itself."""
    arrival, since = memory.arrivals[call]
    return replace(arrival, waiting_since=clocks.date(since))


def _of_offer(offer: OfferId, talked: bool, leg: PhoneLeg | None, memory: Memory) -> Iterator[PbxEvent]:
    talks = leg is not None and leg.state is LegState.TALKING
    if talks and not talked:
        yield ev.OfferAccepted(offer)
    elif leg is None and talked:
        lost = any(isinstance(word, ev.PhoneLeft) and word.offer == offer and word.lost for word in memory.words)
        yield ev.PhoneLeft(offer, lost)
    elif leg is None:
        yield ev.OfferFailed(offer, OfferFailure.UNREACHABLE)
