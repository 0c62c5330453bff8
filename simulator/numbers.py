"""Phones outside that the simulated PBX dials: for a callback, an agent's own call, a consult."""

from acd import events as ev
from acd.events import OfferFailure
from acd.ids import Instant
from simulator.legs import CallerLeg, LegState, NumberLeg
from simulator.wires import Wires


class Numbers:
    """Of each one dialled it is told that it answered, or didn't; or nothing, when the dialling was stopped."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires

    def dial(self, caller: CallerLeg, number: str, at: Instant) -> NumberLeg:
        """Let the phone ring for the call until somebody stops it."""
        party = caller.number = NumberLeg(number, caller)
        self._wires.hearers.dialled(party, at)
        return party

    def answers(self, party: NumberLeg, at: Instant) -> None:
        """The phone is answered, and connected with the agent for whom it rings."""
        if party.state is not LegState.RINGING:
            return
        caller = party.caller
        party.state = LegState.TALKING
        self._wires.report(ev.NumberAnswered(caller.call), at)
        if caller.about is None:
            caller.away = False
            self._wires.stop_dialling(caller)  # who answered is the caller from now
            assert caller.talk is not None, "with the agent's phone the dialling stops"
            self._wires.hearers.talks(caller.talk, at)

    def fails(self, party: NumberLeg, at: Instant, why: OfferFailure = OfferFailure.UNANSWERED) -> None:
        """The phone isn't answered: the call is over. The phone that asked for a consult stays, and hears nothing."""
        if party.state is LegState.RINGING:
            self._wires.forget(party.caller.call, at)
            self._wires.report(ev.NumberFailed(party.caller.call, why), at)

    def hangs_up(self, party: NumberLeg, at: Instant) -> None:
        """Who talks in a consult hangs up: the consult is over."""
        if party.state is LegState.TALKING and party.caller.number is party:
            self._wires.forget(party.caller.call, at)
            self._wires.report(ev.CallerLeft(party.caller.call), at)
