"""Who is told what: supervisors everything, an agent what concerns that agent."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from acd import events as ev
from acd import notices as say
from acd.calls import Call, CallKind, Monitor, MonitorState, RecordingState, Stage
from acd.owner import Step
from acd.protocol import views
from acd.rules import Destination, DestinationKind, Rules, difference
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


RULES = centre(group("desk"), agents=["ann", "bob"])


class Centre:
    def __init__(self) -> None:
        self.talk = Conversation(RULES)
        self.hub = Hub(self.talk.router, lambda: 9)
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
        assert session.told == [{"type": "pbx", "why_lost": "out", "lost": []}]


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


def test_nothing_is_written_down_that_nobody_is_told_of(acd: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """A centre without a supervisor's page pays nothing for what only supervisors see."""
    acd.hub.detach(acd.sue, "sue")
    monkeypatch.setitem(views.VIEWS, type(acd.talk.router.handle(arrives("c0"), 0)[0]), None)
    acd.say(arrives("c1"))
    assert acd.bob.types() == []


# --- talks ----------------------------------------------------------------------------------------------------

KNOWN = Destination(DestinationKind.AGENT, "bob")
OF_ANN = [
    say.TalkChanged("c1", "ann", Stage.HELD),
    say.CallDialled("c1", "ann", "desk", "0571"),
    say.CallTransferred("c1", "ann", KNOWN, False),
    say.CallIntercepted("c1", "ann", "sue"),
    say.RecordingChanged("c1", "ann", RecordingState.ON, "rec/c1.wav"),
]


@pytest.mark.parametrize("notice", OF_ANN, ids=lambda each: type(each).__name__)
def test_what_becomes_of_a_talk_is_told_to_its_agent_and_to_supervisors(acd: Centre, notice: say.Notice) -> None:
    acd.hub.publish((notice,), STEP)
    assert (len(acd.ann.told), acd.bob.told, acd.sue.told) == (1, [], acd.ann.told)


def test_who_is_consulted_is_told_how_that_talk_is_arranged(acd: Centre) -> None:
    acd.hub.publish((say.TalkChanged("c1", "ann", Stage.CONFERENCE, "k1", KNOWN, True, "bob"),), STEP)
    assert acd.ann.types() == acd.bob.types() == acd.sue.types() == ["talk"]


def test_no_agent_is_told_who_listens(acd: Centre) -> None:
    """Neither by events nor by a snapshot; nor is one who is recorded without an agent."""
    monitor = Monitor("m1", "sue", "ann", arrived(acd).id, ev.MonitorMode.LISTEN)
    acd.talk.router.flow.monitors["sue"] = monitor
    acd.ann.told.clear()
    changed = say.MonitorChanged("m1", "sue", "ann", "c1", ev.MonitorMode.LISTEN, MonitorState.ON)
    acd.hub.publish((changed, say.RecordingChanged("c1", None, RecordingState.OFF)), STEP)
    assert (acd.ann.told, acd.bob.told) == ([], [])
    assert acd.sue.types()[-2:] == ["monitor", "recording"]
    assert acd.hub.snapshot(acd.ann, "ann", 9).monitors == []
    assert [each.by for each in acd.hub.snapshot(acd.sue, "sue", 9).monitors] == ["sue"]


def arrived(acd: Centre) -> Call:
    acd.say(*ready("ann"), arrives("c1"), answered("c1"))
    return acd.talk.router.calls["c1"]


def test_a_snapshot_holds_the_consult_of_the_own_talk_and_what_is_recorded(acd: Centre) -> None:
    own = arrived(acd)
    acd.say(*ready("bob"), arrives("k1"))
    consult = acd.talk.router.calls["k1"]
    own.stage, own.consult = Stage.CONSULTING, consult
    consult.about, consult.asked_to, consult.kind = own, KNOWN, CallKind.CONSULT
    (shown,) = acd.hub.snapshot(acd.ann, "ann", 9).calls
    assert (shown.stage, shown.consult and shown.consult.party) == ("consulting", "bob")
    (asked,) = acd.hub.snapshot(acd.bob, "bob", 9).calls
    assert (asked.kind, asked.about and asked.about.by) == ("consult", "ann")
    assert [group.recording for group in acd.hub.snapshot(acd.ann, "ann", 9).groups] == ["none"]


# --- other rules ----------------------------------------------------------------------------------------------


@pytest.fixture
async def living(acd: Centre, nursery: trio.Nursery) -> Centre:
    nursery.start_soon(acd.hub.run)
    return acd


def other_rules(acd: Centre, rules: Rules) -> ev.RulesChanged:
    return ev.RulesChanged(difference(acd.talk.router.rules, rules), "sue")


async def test_other_rules_bring_everybody_a_fresh_snapshot_of_the_own(living: Centre) -> None:
    living.say(other_rules(living, centre(group("desk"), group("night"), agents=["ann", "bob"])))
    await wait_all_tasks_blocked()
    assert living.sue.types() == ["rules", "snapshot"]
    assert living.ann.types() == living.bob.types() == ["snapshot"]
    assert [each["id"] for each in living.ann.told[0]["groups"]] == ["desk", "night"]
    assert [each["agent"] for each in living.ann.told[0]["agents"]] == ["ann"]
    assert (living.ann.told[0]["user"], living.ann.told[0]["now"]) == ("ann", 9)


async def test_each_supervisor_gets_it_under_the_own_name(living: Centre) -> None:
    """One is made for all, for it is large."""
    lee = FakeSession("supervisor")
    living.hub.attach(lee, "lee")
    living.say(other_rules(living, centre(group("desk"), group("night"), agents=["ann", "bob"])))
    await wait_all_tasks_blocked()
    told, others = living.sue.told[-1], lee.told[-1]
    assert (told.pop("user"), others.pop("user")) == ("sue", "lee")
    assert told == others
    assert views.Snapshot.model_validate(told | {"user": "sue"})


async def test_a_snapshot_is_as_true_as_the_events_before_it(living: Centre) -> None:
    """It is made after the step; what happened meanwhile is in it, and was told before it."""
    living.say(other_rules(living, centre(group("desk"), group("night"), agents=["ann", "bob"])), arrives("c1"))
    await wait_all_tasks_blocked()
    assert living.sue.types() == ["rules", "call", "snapshot"]
    assert [each["call"] for each in living.sue.told[-1]["calls"]] == ["c1"]


async def test_two_changes_at_once_bring_one_snapshot(living: Centre) -> None:
    living.say(other_rules(living, centre(group("desk"), group("night"), agents=["ann", "bob"])))
    living.say(other_rules(living, RULES))
    await wait_all_tasks_blocked()
    assert living.ann.types() == ["snapshot"]


async def test_who_logs_in_or_leaves_meanwhile_gets_none(living: Centre) -> None:
    living.say(other_rules(living, centre(group("desk"), group("night"), agents=["ann", "bob"])))
    living.hub.detach(living.ann, "ann")
    again = FakeSession("agent")
    living.hub.attach(again, "ann")
    await wait_all_tasks_blocked()
    assert (living.ann.told, again.told) == ([], [])


async def test_a_removed_group_is_shown_until_its_last_call_is_over(living: Centre) -> None:
    living.say(arrives("c1"), other_rules(living, centre(group("night"), agents=["ann", "bob"])))
    await wait_all_tasks_blocked()
    groups = living.sue.told[-1]["groups"]
    assert [(each["id"], each["gone"]) for each in groups] == [("night", False), ("desk", True)]


async def test_a_removed_agent_is_let_go_at_once_or_after_the_call(living: Centre) -> None:
    living.say(*ready("ann"), arrives("c1"), answered("c1"), ev.LoggedIn("bob"))
    living.say(other_rules(living, centre(group("desk"))))
    assert living.bob.ended == ["removed: your account isn't in the configuration any more"]
    assert living.ann.ended == []
    await wait_all_tasks_blocked()
    assert [each["agent"] for each in living.sue.told[-1]["agents"]] == ["ann"]
    living.talk.at(1) << ev.CallerLeft("c1")
    living.hub.publish(tuple(living.talk.heard), STEP)
    living.say(ev.ReadyAsked("ann"))
    living.talk.at(60_000).tick()
    living.hub.publish(tuple(living.talk.heard), STEP)
    await wait_all_tasks_blocked()
    assert living.ann.ended == ["removed: your account isn't in the configuration any more"]
    assert living.sue.told[-1]["agents"] == [], "who watches is shown that the agent is gone"


def test_supervisors_who_may_not_stay_are_let_go(acd: Centre) -> None:
    acd.hub.keep_supervisors(lambda user, role: False)
    assert acd.sue.ended == ["removed: your account isn't in the configuration any more"]
    assert acd.ann.ended == [], "of agents the core decides"
    assert len(acd.hub) == 2
