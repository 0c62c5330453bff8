"""A simulated PBX with one caller, and nobody but the test to do anything."""

from acd.commands import OfferCall
from acd.events import CallArrived
from acd.ids import OfferId
from simulator.agenda import Agenda
from simulator.pbx import Pbx

LATENCY_MS = 10
FIRST = OfferId("c1", 1)
SECOND = OfferId("c1", 2)


class Bench:
    """A PBX with one caller, c1, and a note of all that was told and heard: (instant, what)."""

    def __init__(self):
        self.agenda = Agenda()
        self.now = 0
        self.told, self.heard = [], []
        self.legs, self.parties, self.listeners = [], [], []
        self.outside_takes = True
        self.pbx = Pbx(self.agenda, lambda event: self.told.append((self.now, event)), self, LATENCY_MS)
        self.pbx.call_in(CallArrived("c1", "8000", "139"), 0)
        self.at(LATENCY_MS)
        self.told.clear()

    def at(self, now):
        while (due := self.agenda.next_due()) is not None and due <= now:
            self.now = due
            self.agenda.advance(due)
        self.now = now
        return self

    def do(self, command):
        self.pbx.handle(command, self.now)

    def ring(self, offer=FIRST, device="P/1"):
        self.do(OfferCall(offer, "ann", device, "desk", "8000", "139", "", 0, 15_000))
        return self.legs[-1] if self.legs else None

    def end(self):
        """What has been told once everything is over."""
        self.at(10_000_000)
        return [event for _, event in self.told]

    def music(self, call, at):
        self.heard.append(("music", at))

    def rings(self, leg, at):
        self.legs.append(leg)

    def callback_offered(self, call, at):
        self.heard.append(("callback?", at))

    def dialled(self, party, at):
        self.parties.append(party)
        self.heard.append(("dialled", at))

    def takes(self, call, to):
        return self.outside_takes

    def talks(self, leg, at):
        self.heard.append(("talk", at))

    def gone(self, call, at):
        self.heard.append(("gone", at))

    def held(self, call, at):
        self.heard.append(("held", at))

    def resumed(self, call, at):
        self.heard.append(("resumed", at))

    def intercepted(self, call, at):
        self.heard.append(("intercepted", at))

    def monitor_rings(self, leg, at):
        self.listeners.append(leg)
