"""What simulated agents do with talks, when the settings say that they do it."""

from random import Random

import pytest

from acd.agents import AgentState
from acd.calls import Stage
from acd.events import (
    ConferenceAsked,
    ConsultAsked,
    DialAsked,
    HoldAsked,
    ReconnectAsked,
    RetrieveAsked,
    TransferAsked,
)
from acd.ids import OfferId
from acd.notices import TalkChanged
from acd.rules import DestinationKind
from simulator.agenda import Agenda
from simulator.distributions import Constant
from simulator.legs import CallerLeg, LegState, Phone, PhoneLeg
from simulator.manners import Manners, Places
from simulator.settings import SimulatorSettings

PLACES = Places(("ann", "ben"), ("desk",))


class Desk:
    """ann's manners, and what was asked: (instant, request)."""

    def __init__(self, places=PLACES, seed=1, **settings):
        self.agenda, self.asked, self.now = Agenda(), [], 0
        times = {"control_after_s": Constant(5), "hold_s": Constant(20), "consult_s": Constant(30)}
        plain = SimulatorSettings(**times | settings)
        self.ann = Manners("ann", plain, places, Random(seed), self.agenda, self._asks)
        self.ann.begin(0)
        self.leg = PhoneLeg(OfferId("c1", 1), "ann", Phone("P/1"), CallerLeg("c1", []), LegState.TALKING)

    def _asks(self, request):
        self.asked.append((self.now, request))

    def at(self, now):
        while (due := self.agenda.next_due()) is not None and due <= now:
            self.now = due
            self.agenda.advance(due)
        self.now = now
        return self

    def talks(self):
        self.ann.talks(self.leg, self.now)
        return self

    def shows(self, stage, answered=False):
        self.ann.sees(TalkChanged("c1", "ann", stage, answered=answered), self.now)
        return self


def test_by_default_a_talk_is_only_talk_and_nobody_is_called():
    desk = Desk()
    desk.ann.is_in(AgentState.READY)
    assert desk.talks().at(10_000_000).asked == []


def test_holds_for_a_while():
    desk = Desk(hold_probability=1).talks().at(5_000)
    assert desk.asked == [(5_000, HoldAsked("ann"))]
    assert desk.shows(Stage.HELD).shows(Stage.HELD).at(25_000).asked[1:] == [(25_000, RetrieveAsked("ann"))]
    assert desk.shows(Stage.CONNECTED).at(100_000).asked[2:] == []


def test_a_talk_that_is_over_is_let_be():
    desk = Desk(hold_probability=1).talks()
    desk.leg.state = LegState.GONE
    assert desk.at(10_000).asked == []


@pytest.mark.parametrize("seed", range(20))
def test_transfers_to_anybody_but_oneself(seed):
    [(_, request)] = Desk(seed=seed, transfer_probability=1).talks().at(5_000).asked
    assert type(request) is TransferAsked
    assert request.to.kind in (DestinationKind.AGENT, DestinationKind.GROUP, DestinationKind.NUMBER)
    assert request.to.name != "ann"


def test_who_works_alone_asks_groups_and_numbers():
    alone = Places(("ann",), ("desk",))
    kinds = {alone.any("ann", Random(seed)).kind for seed in range(20)}
    assert kinds == {DestinationKind.GROUP, DestinationKind.NUMBER}


def consulting(seed, answered):
    """What is asked after the consult has gone on for its time."""
    desk = Desk(seed=seed, consult_probability=1).talks().at(5_000)
    assert type(desk.asked.pop()[1]) is ConsultAsked
    desk.shows(Stage.CONSULTING)
    if answered:
        desk.at(10_000).shows(Stage.CONSULTING, answered=True)
    return desk.at(40_000)


def test_a_consult_ends_in_every_way():
    asked = [consulting(seed, answered=True).asked[0] for seed in range(30)]
    assert {type(request) for _, request in asked} == {ConferenceAsked, ReconnectAsked, TransferAsked}
    assert {at for at, _ in asked} == {40_000}
    assert {request.to for _, request in asked if type(request) is TransferAsked} == {None}


def test_a_party_who_doesnt_come_is_not_waited_for_for_ever():
    assert {consulting(seed, answered=False).asked[0] for seed in range(10)} == {(35_000, ReconnectAsked("ann"))}


def test_a_conference_ends_too():
    asked = set()
    for seed in range(20):
        desk = consulting(seed, answered=True)
        desk.asked.clear()
        asked |= {type(each) for _, each in desk.shows(Stage.CONFERENCE, answered=True).at(80_000).asked}
    assert asked == {ReconnectAsked, TransferAsked}


def test_calls_somebody_now_and_then_when_there_is_time():
    desk = Desk(dial_every_s=Constant(60))
    assert desk.at(60_000).asked == []
    desk.ann.is_in(AgentState.TALKING)
    assert desk.at(120_000).asked == []
    desk.ann.is_in(AgentState.READY)
    [(at, request)] = desk.at(180_000).asked
    assert (at, type(request)) == (180_000, DialAsked)
    assert request.number.isdigit()
