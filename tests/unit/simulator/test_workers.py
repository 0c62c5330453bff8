"""A recorded person in a day lived again asks for what is wanted when it makes sense."""

import pytest

from acd.agents import AgentState, Pending
from acd.events import LogOutAsked, NotReadyAsked, ReadyAsked
from acd.notices import AgentChanged
from simulator.agenda import Agenda
from simulator.recorded import Talk, Wish
from simulator.workers import Worker

READY, LUNCH, OUT = ReadyAsked("ann"), NotReadyAsked("ann", "lunch"), LogOutAsked("ann")


class Desk:
    """Ann, and all that she asked: (second, what)."""

    def __init__(self, wish=Wish.WORK):
        self.agenda, self.asked, self.now = Agenda(), [], 0
        self.ann = Worker("ann", ("break", "lunch"), self.agenda, self._asks)
        self.ann.wishes(wish, "", 0)

    def _asks(self, request):
        self.asked.append((self.now / 1000, request))

    def at(self, s):
        while (due := self.agenda.next_due()) is not None and due <= s * 1000:
            self.now = due
            self.agenda.advance(due)
        self.now = round(s * 1000)
        return self

    def shows(self, state, reason="", pending=None):
        self.ann.sees(AgentChanged("ann", state, reason, pending, "", None, since=self.now), self.now)
        return self

    def wishes(self, wish, reason=""):
        self.ann.wishes(wish, reason, self.now)
        return self

    def talks(self, wrap_up_ms):
        self.shows(AgentState.TALKING)
        self.ann.talks(Talk(self.now, wrap_up_ms=wrap_up_ms))
        return self

    def all(self):
        self.at(10_000)
        return self.asked


def test_ready_is_asked_for_when_it_is_wanted():
    assert Desk(Wish.NOTHING).shows(AgentState.NOT_READY, "logged-in").at(9).wishes(Wish.WORK).all() == [(9, READY)]


def test_nothing_is_asked_for_that_is_so():
    assert Desk().shows(AgentState.READY).at(3).wishes(Wish.WORK).all() == []
    assert Desk(Wish.REST).shows(AgentState.NOT_READY, "no-answer").all() == []


@pytest.mark.parametrize(("wish", "request_"), [(Wish.REST, LUNCH), (Wish.LEAVE, OUT)])
@pytest.mark.parametrize("state", [AgentState.READY, AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP])
def test_a_break_or_the_way_home_is_asked_for_at_once_where_no_work_is_known_to_be_done(wish, request_, state):
    assert Desk().shows(state).at(3).wishes(wish, "lunch").all() == [(3, request_)]


def test_wrap_up_is_finished_first_when_its_length_is_known():
    desk = Desk().talks(wrap_up_ms=8_000).at(10).shows(AgentState.WRAP_UP).at(12).wishes(Wish.REST, "lunch")
    assert desk.all() == [(18, LUNCH)]


@pytest.mark.parametrize(("wrap_up_ms", "asked"), [(8_000, [(18, READY)]), (None, [])])
def test_wrap_up_ends_by_a_word_or_uses_up_its_time(wrap_up_ms, asked):
    assert Desk().talks(wrap_up_ms).at(10).shows(AgentState.WRAP_UP).all() == asked


def test_a_wrap_up_over_before_is_not_ended_again():
    desk = Desk().talks(wrap_up_ms=8_000).at(10).shows(AgentState.WRAP_UP).at(15).shows(AgentState.READY)
    assert desk.all() == []


def test_a_break_that_is_over_before_it_could_begin_is_taken_back():
    desk = Desk().shows(AgentState.TALKING).at(3).wishes(Wish.REST, "lunch").at(4)
    desk.shows(AgentState.TALKING, pending=Pending(AgentState.NOT_READY, "lunch")).at(9).wishes(Wish.WORK)
    assert desk.all() == [(3, LUNCH), (9, READY)]


def test_a_supervisors_pending_word_is_not_taken_back():
    desk = Desk(Wish.NOTHING).shows(AgentState.TALKING, pending=Pending(AgentState.NOT_READY, "forced", "super"))
    assert desk.at(9).wishes(Wish.WORK).all() == []


@pytest.mark.parametrize("reason", ["no-answer", "rejected", "busy", "device-unavailable"])
def test_back_after_trouble_when_the_record_says(reason):
    desk = Desk().shows(AgentState.RINGING)
    desk.ann.stays_away(14_000)
    assert desk.at(10).shows(AgentState.NOT_READY, reason).all() == [(24, READY)]


def test_who_goes_home_meanwhile_doesnt_come_back():
    desk = Desk().shows(AgentState.RINGING)
    desk.ann.stays_away(14_000)
    desk.at(10).shows(AgentState.NOT_READY, "no-answer").at(12).wishes(Wish.LEAVE)
    assert desk.at(13).shows(AgentState.LOGGED_OUT).all() == [(12, OUT)]


def test_made_ready_against_the_wish_the_break_is_asked_for():
    """A wrap-up that ran out, where the break was wanted in the midst of it."""
    assert Desk(Wish.REST).at(3).shows(AgentState.READY).all() == [(3, NotReadyAsked("ann", "break"))]


def test_a_reason_that_the_rules_dont_have_is_told_as_one_they_have():
    assert Desk().shows(AgentState.READY).wishes(Wish.REST, "yoga").all() == [(0, NotReadyAsked("ann", "break"))]


def test_without_a_wish_nothing_is_asked():
    desk = Desk(Wish.NOTHING).talks(wrap_up_ms=5_000).at(10).shows(AgentState.WRAP_UP)
    desk.at(40).shows(AgentState.NOT_READY, "forced").at(50).shows(AgentState.READY)
    assert desk.all() == []
