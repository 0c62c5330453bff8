"""A simulated person asks what a client would ask, and only what follows from the state shown."""

import pytest

from acd.agents import AgentState, Pending
from acd.events import LoggedIn, LogOutAsked, NotReadyAsked, ReadyAsked, ReleaseAsked
from acd.ids import OfferId
from acd.notices import AgentChanged
from simulator.agenda import Agenda
from simulator.agents import Person
from simulator.distributions import Constant
from simulator.legs import CallerLeg, LegState, Phone, PhoneLeg
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings
from simulator.shifts import Shift

ALWAYS, NEVER = 1.0, 0.0
PLAIN = {
    "log_in_after_s": Constant(5),
    "ready_after_s": Constant(20),
    "answer_s": Constant(3),
    "wrap_up_s": Constant(10),
    "break_s": Constant(300),
    "break_every_s": None,
    "miss_probability": NEVER,
    "reject_probability": NEVER,
    "agent_ends_probability": NEVER,
}


class Desk:
    """One person, and all that was asked and done: (instant, what)."""

    def __init__(self, **settings):
        self.agenda, self.done, self.now = Agenda(), [], 0
        plain = SimulatorSettings(**PLAIN | settings)
        self.ann = Person("ann", plain, ("break",), Streams(1), self.agenda, self, self._asks)

    def _asks(self, request):
        self.done.append((self.now, request))

    def pick_up(self, leg, at):
        self.done.append((at, "picks up"))

    def put_down(self, leg, at):
        self.done.append((at, "puts down"))

    def shows(self, state, reason="", pending=None, by=""):
        self.ann.sees(AgentChanged("ann", state, reason, pending, by, None, since=0), self.now)

    def at(self, now):
        while (due := self.agenda.next_due()) is not None and due <= now:
            self.now = due
            self.agenda.advance(due)
        self.now = now
        return self

    def rings(self):
        leg = PhoneLeg(OfferId("c1", 1), "ann", Phone("P/1"), CallerLeg("c1", []))
        self.ann.hears_ring(leg, self.now)
        return leg


def test_comes_to_work_and_is_ready_after_a_while():
    desk = Desk()
    desk.ann.begin(0)
    desk.at(5_000).shows(AgentState.NOT_READY, "logged-in")
    desk.at(100_000)
    assert desk.done == [(5_000, LoggedIn("ann")), (25_000, ReadyAsked("ann"))]


@pytest.mark.parametrize("reason", ["no-answer", "rejected", "busy", "device-unavailable", "connection-lost"])
def test_comes_back_after_trouble(reason):
    desk = Desk()
    desk.shows(AgentState.NOT_READY, reason)
    assert desk.at(100_000).done == [(20_000, ReadyAsked("ann"))]


def test_obeys_a_supervisor():
    desk = Desk()
    desk.shows(AgentState.NOT_READY, "forced", by="super")
    desk.at(10_000_000).shows(AgentState.LOGGED_OUT, by="super")
    assert desk.at(20_000_000).done == []


def test_leaves_wrap_up_by_its_own_word():
    desk = Desk()
    desk.shows(AgentState.WRAP_UP)
    assert desk.at(100_000).done == [(10_000, ReadyAsked("ann"))]


def test_does_not_undo_what_a_supervisor_has_pending():
    """Ready, said now, would be the newest word and count."""
    desk = Desk()
    desk.shows(AgentState.WRAP_UP, pending=Pending(AgentState.NOT_READY, "forced", "super"))
    assert desk.at(100_000).done == []


def test_a_plan_is_dropped_when_the_state_changes():
    desk = Desk()
    desk.shows(AgentState.WRAP_UP)
    desk.at(9_000).shows(AgentState.READY)
    assert desk.at(100_000).done == []


def test_a_plan_is_kept_when_only_the_pending_state_changes():
    desk = Desk()
    desk.shows(AgentState.WRAP_UP)
    desk.at(9_000).shows(AgentState.WRAP_UP, pending=Pending(AgentState.NOT_READY, "connection-lost"))
    assert desk.at(100_000).done == [(10_000, ReadyAsked("ann"))]


def test_answers_after_a_moment():
    desk = Desk()
    desk.rings()
    assert desk.at(10_000).done == [(3_000, "picks up")]


def test_misses_a_ring():
    desk = Desk(miss_probability=ALWAYS)
    desk.rings()
    assert desk.at(100_000).done == []


def test_rejects_by_the_client():
    desk = Desk(reject_probability=ALWAYS)
    desk.rings()
    assert desk.at(10_000).done == [(3_000, ReleaseAsked("ann"))]


def test_rejects_nothing_that_rings_no_more():
    desk = Desk(reject_probability=ALWAYS)
    desk.rings().state = LegState.GONE
    assert desk.at(10_000).done == []


def test_ends_calls_by_client_and_by_phone_or_leaves_it_to_the_caller():
    desk = Desk(agent_ends_probability=ALWAYS)
    leg = desk.rings()
    leg.state = LegState.TALKING
    for _ in range(20):
        desk.ann.ends_call()(leg, 0)
    assert {what for _, what in desk.done} == {ReleaseAsked("ann"), "puts down"}
    assert Desk().ann.ends_call() is None


def test_ends_no_call_that_is_over():
    desk = Desk(agent_ends_probability=ALWAYS)
    leg = desk.rings()
    leg.state = LegState.GONE
    for _ in range(20):
        desk.ann._release(leg, 0)
    assert desk.done == []


def test_has_breaks_and_comes_back():
    desk = Desk(break_every_s=Constant(1000))
    desk.ann.begin(0)
    desk.at(5_000).shows(AgentState.READY)
    desk.at(1_000_000).shows(AgentState.NOT_READY, "break")
    desk.at(2_000_000)
    assert desk.done[1:] == [(1_000_000, NotReadyAsked("ann", "break")), (1_300_000, ReadyAsked("ann"))]


def test_a_break_due_in_a_call_is_asked_for_and_kept_in_mind():
    """The pending state would be undone by the word that ends wrap-up; so that word is the break."""
    desk = Desk(break_every_s=Constant(1000))
    desk.ann.begin(0)
    desk.at(900_000).shows(AgentState.TALKING)
    desk.at(1_100_000).shows(AgentState.WRAP_UP, pending=Pending(AgentState.NOT_READY, "break"))
    desk.at(1_110_000)
    assert desk.done[1:] == [(1_000_000, NotReadyAsked("ann", "break")), (1_110_000, NotReadyAsked("ann", "break"))]


def test_who_is_away_already_has_the_break_later():
    desk = Desk(break_every_s=Constant(1000))
    desk.ann.begin(0)
    desk.shows(AgentState.NOT_READY, "forced")
    desk.at(1_500_000).shows(AgentState.READY)
    desk.at(2_000_000)
    assert desk.done[1:] == [(2_000_000, NotReadyAsked("ann", "break"))]


# --- shifts -----------------------------------------------------------------------------------------------------------

SHIFTS = {"ann": (Shift(1_000_000, 2_000_000), Shift(3_000_000, 4_000_000))}


def on_shift(**settings):
    desk = Desk(shifts=SHIFTS, **settings)
    desk.ann.begin(0)
    return desk


def test_comes_when_the_shift_begins_and_goes_when_it_ends():
    desk = on_shift()
    desk.at(1_005_000).shows(AgentState.READY)
    desk.at(2_000_000).shows(AgentState.LOGGED_OUT)
    desk.at(3_005_000)
    assert desk.done == [(1_005_000, LoggedIn("ann")), (2_000_000, LogOutAsked("ann")), (3_005_000, LoggedIn("ann"))]


def test_who_begins_in_the_middle_of_a_shift_comes_at_once():
    desk = Desk(shifts=SHIFTS)
    desk.ann.begin(1_500_000)
    assert desk.at(1_600_000).done == [(1_505_000, LoggedIn("ann"))]


def test_who_would_come_after_the_end_doesnt_come():
    assert on_shift(log_in_after_s=Constant(1_000)).at(2_900_000).done == []


def test_who_has_no_shift_never_comes():
    desk = Desk(shifts={"ann": ()})
    desk.ann.begin(0)
    assert desk.agenda.next_due() is None


@pytest.mark.parametrize("state", [AgentState.RINGING, AgentState.TALKING])
def test_who_has_a_call_at_the_end_does_the_work_after_it_and_goes(state):
    desk = on_shift()
    desk.at(1_900_000).shows(state)
    desk.at(2_500_000).shows(AgentState.WRAP_UP, pending=Pending(AgentState.LOGGED_OUT))
    desk.at(2_600_000)
    assert desk.done[1:] == [(2_000_000, LogOutAsked("ann")), (2_510_000, LogOutAsked("ann"))]


def test_who_still_talks_when_the_next_shift_begins_stays():
    desk = on_shift()
    desk.at(1_900_000).shows(AgentState.TALKING)
    desk.at(3_100_000).shows(AgentState.WRAP_UP)
    desk.at(3_200_000)
    assert desk.done[2:] == [(3_005_000, ReadyAsked("ann")), (3_110_000, ReadyAsked("ann"))]


@pytest.mark.parametrize("state", [AgentState.WRAP_UP, AgentState.NOT_READY])
def test_whatever_else_was_planned_ends_with_the_shift(state):
    desk = on_shift()
    desk.at(1_995_000).shows(state)
    desk.at(2_000_000).shows(AgentState.LOGGED_OUT)
    assert desk.at(2_900_000).done[1:] == [(2_000_000, LogOutAsked("ann"))]


def test_breaks_are_within_shifts():
    desk = on_shift(break_every_s=Constant(900))
    desk.at(1_005_000).shows(AgentState.READY)
    desk.at(1_900_000).shows(AgentState.NOT_READY, "break")
    desk.at(2_000_000).shows(AgentState.LOGGED_OUT)
    desk.at(3_005_000).shows(AgentState.READY)
    desk.at(3_900_000)
    assert [each for each in desk.done if type(each[1]) is NotReadyAsked] == [
        (1_900_000, NotReadyAsked("ann", "break")),
        (3_900_000, NotReadyAsked("ann", "break")),
    ]


def test_the_caller_makes_the_work_after_the_talk():
    desk = Desk()
    desk.ann.talks(wrap_up_ms=42_000)
    desk.shows(AgentState.WRAP_UP)
    assert desk.at(100_000).done == [(42_000, ReadyAsked("ann"))]
