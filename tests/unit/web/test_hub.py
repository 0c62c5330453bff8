"""Who is told what: supervisors everything, an agent what concerns that agent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from acd import events as ev
from acd.owner import Step
from acd.settings import parse
from acd.web.hub import Hub
from tests.conversation import Conversation, answered, arrives, centre, group, ready

STEP = Step(0, ev.DeadlineReached(), 0.0)


class FakeSession:
    """What the hub sees of a session."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.told: list[dict[str, Any]] = []
        self.ended: list[str] = []

    def push(self, body: str) -> None:
        self.told.append(json.loads(body))

    def end(self, code: str, message: str) -> None:
        self.ended.append(f"{code}: {message}")

    def types(self) -> list[str]:
        return [event["type"] for event in self.told]


class Centre:
    def __init__(self) -> None:
        self.talk = Conversation(centre(group("desk"), agents=["ann", "bob"]))
        self.hub = Hub(self.talk.router, parse({"adapter": "simulator", "groups": [{"id": "desk"}]}, "the test"))
        self.ann, self.bob, self.sue = FakeSession("agent"), FakeSession("agent"), FakeSession("supervisor")
        for name in ("ann", "bob", "sue"):
            self.hub.attach(getattr(self, name), name)

    def say(self, *events: ev.Event) -> None:
        for event in events:
            self.talk << event
            self.hub.publish(tuple(self.talk.heard), STEP)


@pytest.fixture
def acd() -> Centre:
    return Centre()


def test_an_agent_hears_of_the_own_call_and_state_only(acd: Centre) -> None:
    acd.say(*ready("ann"), arrives("c1"), answered("c1"), ev.CallerLeft("c1"))
    assert acd.ann.types() == ["agent", "agent", "offer", "agent", "connected", "agent", "finished", "agent"]
    assert acd.bob.types() == []


def test_a_supervisor_hears_of_all(acd: Centre) -> None:
    acd.say(*ready("ann"), arrives("c1"), answered("c1"), ev.CallerLeft("c1"))
    assert acd.sue.types() == ["agent", "agent", "call", "offer", "agent", "connected", "agent", "finished", "agent"]


def test_a_caller_who_gave_up_is_no_agents_business(acd: Centre) -> None:
    acd.say(arrives("c1"), ev.CallerLeft("c1"))
    assert (acd.ann.types(), acd.sue.types()) == ([], ["call", "finished"])


def test_everybody_hears_of_the_pbx(acd: Centre) -> None:
    acd.say(ev.PbxLost("out"))
    for session in (acd.ann, acd.bob, acd.sue):
        assert session.told == [{"type": "pbx", "why_lost": "out"}]


def test_who_is_logged_out_is_told_first_and_then_let_go(acd: Centre) -> None:
    acd.say(ev.LoggedIn("ann"), ev.LoggedIn("bob"), ev.ForcedLogOut("ann", "sue"), ev.LogOutAsked("bob"))
    assert acd.ann.told[-1]["state"] == "logged-out"
    assert acd.ann.ended == ["logged-out: sue has logged you out"]
    assert acd.bob.ended == ["logged-out: you have logged out"]
    assert len(acd.hub) == 1
    acd.say(*ready("ann"))
    assert acd.ann.told[-1]["state"] == "logged-out", "nothing more"


def test_who_is_detached_hears_no_more_and_another_may_take_the_place(acd: Centre) -> None:
    assert acd.hub.detach(acd.ann, "ann")
    assert not acd.hub.detach(acd.ann, "ann"), "gone already"
    other = FakeSession("agent")
    acd.hub.attach(other, "ann")
    assert not acd.hub.detach(acd.ann, "ann"), "the place is another's now"
    acd.say(*ready("ann"))
    assert (acd.ann.types(), other.types()) == ([], ["agent", "agent"])
    assert acd.hub.of("ann") is other


def test_snapshots_hold_what_the_user_may_know(acd: Centre) -> None:
    acd.say(*ready("ann"), arrives("c1"), arrives("c2"))
    own = acd.hub.snapshot(acd.ann, "ann", 9)
    assert [agent.agent for agent in own.agents] == ["ann"]
    assert [call.call for call in own.calls] == ["c1"]
    assert [entry.id for entry in own.names] == ["ann"]
    everything = acd.hub.snapshot(acd.sue, "sue", 9)
    assert [agent.agent for agent in everything.agents] == ["ann", "bob"]
    assert [call.call for call in everything.calls] == ["c1", "c2"]
    assert everything.now == 9
    assert acd.hub.snapshot(acd.bob, "bob", 9).calls == []


def test_the_same_text_goes_to_all_who_are_told(acd: Centre) -> None:
    """It is written once, however many watch."""
    bodies: list[int] = []
    acd.ann.push = acd.sue.push = lambda body: bodies.append(id(body))  # type: ignore[method-assign]
    acd.say(ev.LoggedIn("ann"))
    assert len(bodies) == 2
    assert len(set(bodies)) == 1
