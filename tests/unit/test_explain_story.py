"""The story of a call says everything that happened to it, in order, and where it came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from acd import events as ev
from acd.agents import AgentState
from acd.calls import Cause
from acd.explain import entries
from acd.explain.answers import CallWhy, as_json, from_json
from acd.explain.facts import Asked, Granted, Named
from acd.hours import Hours
from acd.ids import AgentId
from acd.rules import Destination, DestinationKind, EntryPoint, OverflowStep, Rules, SkillGroup, VipClass
from tests.conversation import answered, arrives, centre, failed, group, ready
from tests.unit.explaining import S, Seen, phone_dies

K = DestinationKind
GOLD = Destination(K.GROUP, "gold")
OUTSIDE = Destination(K.NUMBER, "0049301")
CLOSED = Hours(week=((),) * 7)


def desk(**others: Any) -> SkillGroup:
    return replace(group("desk", wrap_up_ms=0), **others)


def only(seen: Seen, call: str, kind: type[Any]) -> Any:
    (found,) = [each for each in seen.witness.entries[call] if isinstance(each, kind)]
    return found


# --- coming in --------------------------------------------------------------------------------------------------------


def test_a_plain_day_of_a_call() -> None:
    seen = Seen(centre(desk(name="Desk"), agents=["ann"]))
    seen << ready("ann")
    seen.at(S) << arrives("c1", caller_number="138", caller_name="张三")
    seen.at(3 * S) << answered("c1")
    seen.at(63 * S) << ev.CallerLeft("c1")
    assert seen.kinds("c1") == ["arrived", "offered", "talks", "ended"]
    said = seen.said("c1").splitlines()
    assert said[0].startswith("Call c1 from 138 张三, ")
    assert said[-2].endswith("ann answers and talks with the caller, who waited 0:02.")
    assert said[-1].endswith("Over: the caller hung up. Waited 0:02, talked 1:00 with ann.")


def test_needs_tier_and_credit_say_where_they_are_from() -> None:
    rules = centre(
        group("desk", de=3, en=2),
        entries={"desk": EntryPoint("desk", "desk", (("en", 5),), tier=1, credit_ms=10 * S)},
        vips={"138": VipClass("gold", tier=2)},
    )
    seen = Seen(rules)
    seen << arrives("c1", caller_number="138", needs=(("fr", 1), ("en", 4)), credit_ms=20 * S)
    came = only(seen, "c1", entries.Arrived)
    assert came.needs == (
        Asked(skill="de", level=3, source="group"),
        Asked(skill="en", level=5, source="entry"),
        Asked(skill="fr", level=1, source="call"),
    )
    assert came.tier == Granted(value=2, source="vip")
    assert came.credit_ms == Granted(value=20 * S, source="call")
    assert "VIP class gold. Tier 2 (from the VIP class). Credit 0:20 (from the call)." in seen.said("c1")


def test_the_dialplans_group_and_an_earlier_wait_are_said() -> None:
    seen = Seen(centre(desk(), group("gold")))
    seen.at(60 * S) << arrives("c1", group="gold", waiting_since=10 * S)
    assert "the dialplan put it into gold. It was found waiting, since" in seen.said("c1")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (arrives("c1", "999"), "Refused: no entry point has that number."),
        (arrives("c1", group="no"), "Refused: there is no such group."),
    ],
)
def test_a_call_that_leads_nowhere_is_said_to_be_refused(event: ev.CallArrived, said: str) -> None:
    seen = Seen(centre(desk()))
    seen << event
    assert seen.kinds("c1") == ["arrived", "refused", "ended"]
    assert said in seen.said("c1")


# --- the door ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "cause"),
    [
        ({"hours": "never", "when_closed": GOLD}, Cause.CLOSED),
        ({"when_nobody": GOLD}, Cause.NO_AGENTS),
        ({"calls_max": 0, "when_full": GOLD}, Cause.FULL),
    ],
)
def test_a_shut_door_says_why_and_where_it_points(door: dict[str, Any], cause: Cause) -> None:
    seen = Seen(centre(desk(**door), group("gold"), hours={"never": CLOSED}))
    seen << arrives("c1")
    shut = only(seen, "c1", entries.DoorShut)
    assert (shut.cause, shut.to.to, shut.present) == (cause, GOLD, 0 if cause is Cause.FULL else None)
    assert seen.kinds("c1") == ["arrived", "door-shut", "moved", "waits"]
    assert "It points to gold." in seen.said("c1")


def test_a_shut_door_that_points_nowhere_refuses() -> None:
    seen = Seen(centre(desk(calls_max=1)))
    seen << arrives("c1") << arrives("c2")
    assert seen.kinds("c2") == ["arrived", "door-shut", "refused", "ended"]
    assert "The door of desk is shut: the group is full. It points nowhere. 1 call waits or rings there." in seen.said(
        "c2"
    )


def test_doors_in_a_circle_are_all_said() -> None:
    to_desk = Destination(K.GROUP, "desk")
    seen = Seen(centre(desk(calls_max=0, when_full=GOLD), replace(group("gold"), calls_max=0, when_full=to_desk)))
    seen << arrives("c1")
    assert seen.kinds("c1") == ["arrived", "door-shut", "door-shut", "refused", "ended"]


# --- personal agents --------------------------------------------------------------------------------------------------


def personal(**others: Any) -> Rules:
    return centre(desk(**others), agents=["ann", "ben"], vips={"138": VipClass("g", agent="ben", agent_wait_ms=9 * S)})


def test_the_wait_for_a_personal_agent_and_its_end() -> None:
    seen = Seen(personal())
    seen << ready("ann", "ben") << arrives("c0") << arrives("c1", caller_number="138")
    assert seen.offer("c1").personal
    seen << arrives("c2", caller_number="138")
    assert only(seen, "c2", entries.Waits).personal == Named(id="ben")
    seen.at(9 * S).tick()
    assert only(seen, "c2", entries.PersonalOver).why == "time"
    said = seen.said("c2")
    assert "The VIP class names ben as personal agent. It waits for that agent alone (ringing), at most 0:09." in said
    assert "It has waited long enough for ben: the group's agents may serve it now." in said


@pytest.mark.parametrize(
    ("event", "why"), [(ev.NotReadyAsked("ben", "lunch"), "away"), (ev.LogOutAsked("ben"), "away")]
)
def test_a_personal_agent_who_goes_away_is_said(event: ev.Event, why: str) -> None:
    seen = Seen(personal(), linked=False)
    seen << ready("ben") << arrives("c1", caller_number="138") << event
    assert only(seen, "c1", entries.PersonalOver).why == why


def test_a_personal_agent_who_does_not_take_it_is_said() -> None:
    seen = Seen(personal())
    seen << ready("ben") << arrives("c1", caller_number="138") << failed("c1")
    assert only(seen, "c1", entries.PersonalOver).why == "not-taken"


@pytest.mark.parametrize(
    ("others", "state", "said"),
    [
        (
            {"agent": AgentId("ben")},
            AgentState.LOGGED_OUT,
            "That agent is logged out, so it goes to the group's agents",
        ),
        ({"agent": AgentId("no")}, None, "There is no such agent"),
        ({"agent": AgentId("ann"), "agent_wait_ms": 0}, AgentState.NOT_READY, "It isn't to wait for that agent"),
    ],
)
def test_a_personal_agent_who_is_not_waited_for_is_said_with_the_reason(
    others: dict[str, Any], state: AgentState | None, said: str
) -> None:
    seen = Seen(personal())
    seen << ev.LoggedIn("ann") << arrives("c1", **others)
    assert (only(seen, "c1", entries.Personal).state, only(seen, "c1", entries.Personal).waits) == (state, False)
    assert said in seen.said("c1")


def test_the_agent_who_talked_last_with_the_caller_is_said() -> None:
    seen = Seen(centre(desk(last_agent_ms=5 * S), agents=["ann"]))
    seen << ready("ann") << arrives("c1", caller_number="1") << answered("c1") << ev.CallerLeft("c1")
    seen << arrives("c2", caller_number="1")
    assert "ann talked last with this caller. It waits for that agent alone (ready), at most 0:05." in seen.said("c2")


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_waiting_says_who_may_serve_it_and_how_many_calls_come_first() -> None:
    seen = Seen(centre(desk(), group("gold", de=1), agents={"ann": {}, "ben": {"de": 1}}))
    seen << ready("ann") << arrives("c0") << arrives("c1") << arrives("c2") << arrives("c3", "gold")
    waits = only(seen, "c2", entries.Waits)
    assert waits.ahead == 1
    assert [(each.state, each.count) for each in waits.staff] == [
        (AgentState.RINGING, 1),
        (AgentState.LOGGED_OUT, 1),
    ]
    assert only(seen, "c3", entries.Waits).ahead == 2, "nobody being logged in, those count whom ben could have, too"
    assert "Waits in gold: nobody who may serve it is logged in." in seen.said("c3")


def test_each_step_says_what_it_changes() -> None:
    steps = (
        OverflowStep(S, groups=("gold",), tier=3, prompt="sorry", callback=True),
        OverflowStep(2 * S, groups=()),
        OverflowStep(3 * S, to=OUTSIDE),
    )
    seen = Seen(centre(desk(needs=(("de", 1),), steps=steps), group("gold", fr=1)))
    seen << arrives("c1")
    seen.at(9 * S).tick()
    taken = [each for each in seen.witness.entries["c1"] if isinstance(each, entries.StepTaken)]
    assert [(each.at, each.step, len(each.needs_before), len(each.needs)) for each in taken] == [
        (S, 1, 1, 2),
        (2 * S, 2, 2, 1),
        (3 * S, 3, 1, 1),
    ]
    said = seen.said("c1")
    for part in (
        "The agents of gold may serve it, too. It is raised to tier 3",
        "The caller hears sorry.",
        "The caller is asked whether to be called back.",
        "Only the agents of its own group may serve it now.",
        "Is sent to the number 0049301: an overflow step says so.",
        "It is on its way to the number 0049301",
    ):
        assert part in said


def test_a_step_that_finds_no_way_says_that_the_call_stays() -> None:
    nowhere = Destination(K.GROUP, "nogroup")
    seen = Seen(centre(desk(steps=(OverflowStep(S, to=nowhere),))))
    seen << arrives("c1")
    seen.at(S).tick()
    assert only(seen, "c1", entries.Leaving).why_not == "no-way"


def test_a_call_that_is_to_leave_while_it_rings_says_so() -> None:
    seen = Seen(centre(desk(steps=(OverflowStep(S, to=OUTSIDE),)), agents=["ann"]))
    seen << ready("ann") << arrives("c1")
    seen.at(S).tick()
    assert only(seen, "c1", entries.Leaving).why_not == "rings"
    assert "It goes to the number 0049301 as soon as it can" in seen.said("c1")
    seen << failed("c1") << ev.SendingFailed("c1", "busy")
    assert "The PBX could not send it (busy): it is back where it was." in seen.said("c1")


def test_a_call_that_waits_for_the_pbx_to_be_sent_says_so() -> None:
    seen = Seen(centre(desk(steps=(OverflowStep(S, to=OUTSIDE),))))
    seen << arrives("c1") << ev.PbxLost("no route")
    seen.at(S).tick()
    assert only(seen, "c1", entries.Leaving).why_not == "pbx-lost"


def test_a_supervisors_tier_is_said_with_the_supervisor() -> None:
    seen = Seen(centre(desk()))
    seen << arrives("c1") << ev.ForcedTier("c1", 7, "eve")
    changed = only(seen, "c1", entries.Changed)
    assert (changed.by, changed.rules, changed.tier_before, changed.tier) == ("eve", False, 0, 7)
    assert "Changed by eve. Its tier is 7, no longer 0." in seen.said("c1")


def test_a_callback_is_said_and_one_that_is_there_already() -> None:
    seen = Seen(centre(desk()))
    seen << arrives("c1") << arrives("c2") << ev.CallbackAccepted("c1", "17") << ev.CallbackAccepted("c2", "17")
    assert not only(seen, "c1", entries.CallbackTaken).merged
    assert only(seen, "c2", entries.CallbackTaken).merged


# --- ends -------------------------------------------------------------------------------------------------------------


def test_a_phone_that_died_is_said() -> None:
    seen = Seen(centre(desk(), agents=["ann"]))
    seen << ready("ann") << arrives("c1") << answered("c1")
    seen.at(30 * S) << phone_dies("c1")
    assert "The phone of ann failed after 0:30 of talk" in seen.said("c1")


def test_a_supervisor_who_takes_a_ring_away_is_said() -> None:
    seen = Seen(centre(desk(), agents=["ann"]))
    seen << ready("ann") << arrives("c1") << ev.ForcedRelease("ann", "eve")
    assert "eve took the ring from ann, who is not ready now." in seen.said("c1")


def test_who_wanted_to_log_out_and_misses_a_ring_is_said_to_be_logged_out() -> None:
    seen = Seen(centre(desk(), agents=["ann"]))
    seen << ready("ann") << arrives("c1") << ev.LogOutAsked("ann") << failed("c1")
    assert "ann didn't answer and is logged out now." in seen.said("c1")


def test_a_caller_who_gives_up_is_said() -> None:
    seen = Seen(centre(desk(), agents=["ann"]))
    seen << ready("ann") << arrives("c1")
    seen.at(4 * S) << ev.CallerLeft("c1")
    assert seen.kinds("c1") == ["arrived", "offered", "ended", "offer-over"]
    assert "Over after 0:04 of waiting: the caller gave up." in seen.said("c1")


def test_a_story_without_end_is_cut() -> None:
    """Two groups that send their calls to each other every second."""
    to_desk, to_gold = (OverflowStep(S, to=Destination(K.GROUP, each)) for each in ("desk", "gold"))
    seen = Seen(centre(desk(steps=(to_gold,)), replace(group("gold"), steps=(to_desk,))))
    seen << arrives("c1")
    seen.at(1_000 * S).tick()
    assert (seen.kinds("c1")[-1], len(seen.kinds("c1"))) == ("cut", 1_001)


def test_every_entry_goes_to_json_and_back() -> None:
    seen = Seen(personal(steps=(OverflowStep(S, needs=(("de", 1),), tier=2, to=GOLD),)))
    seen << ready("ben", "ann") << arrives("c1", caller_number="138") << failed("c1") << ev.ForcedTier("c1", 7, "eve")
    seen.at(20 * S).tick()
    why = CallWhy(call="c1", at=seen.now, entries=tuple(seen.witness.entries["c1"]), standing=seen.standing("c1"))
    assert from_json(as_json(why)) == why
