"""The oracle itself, by examples small enough to be worked out on paper: so that it isn't wrong as a router may be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from acd import events as ev
from acd.ids import OfferId
from acd.rules import (
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    Rules,
    SkillGroup,
    Strategy,
    SupervisorRecord,
    VipClass,
    difference,
)
from acd.skills import normalized
from tests.conversation import answered, arrives, centre, consults, failed, group, ready, transfers
from tests.properties.centres import hours
from tests.properties.oracle import Model
from tests.properties.oracle_choice import Open

NUMBER = Destination(DestinationKind.NUMBER, "1")


def to_group(name: str) -> Destination:
    return Destination(DestinationKind.GROUP, name)


def steps(*instants: int, **others: Any) -> tuple[OverflowStep, ...]:
    return tuple(OverflowStep(at, **others) for at in instants)


class Story:
    """A model with the PBX linked at 0, told of events one after another."""

    def __init__(self, rules: Rules) -> None:
        self.model = Model(rules)
        self.model.hear(ev.PbxFound(), 0)

    def at(self, now: int, *events: ev.Event | list[ev.Event]) -> Story:
        for event in events:
            for each in event if isinstance(event, list) else [event]:
                self.model.hear(each, now)
        self.model.pass_time(now)
        return self

    def forget(self) -> None:
        """Who was rung until now."""
        self.model.commands.clear()

    @property
    def rung(self) -> list[tuple[str, str]]:
        """Who was rung for what since the last look: (call, agent)."""
        offers = [(each[1], each[3]) for each in self.model.commands if each[0] == "OfferCall"]
        self.forget()
        return offers

    def place(self, call: str) -> str:
        caller = self.model.callers[call]
        return f"{caller.place} in {caller.group.id}"


def all_ready(rules: Rules) -> Story:
    """Everybody logs in, and becomes ready in the order of names, from 1 on."""
    story = Story(rules)
    for now, agent in enumerate(sorted(rules.agents), 1):
        story.at(now, ready(agent))
    return story


def desk(strategy: str = "longest-idle", **others: Any) -> SkillGroup:
    return replace(group("desk", wrap_up_ms=0), strategy=Strategy(strategy), **others)


# --- one for each strategy ------------------------------------------------------------------------------------

SKILLED = {"cy": {"de": 5, "en": 1}, "ann": {"de": 7}, "ben": {"de": 6, "en": 9}}
"""In the order of the file; they become ready in the order of their names."""


@pytest.mark.parametrize(
    ("strategy", "first"),
    [
        ("longest-idle", "ann"),
        ("fixed-order", "cy"),
        ("round-robin", "cy"),
        ("most-skilled", "ann"),
        ("least-skilled", "ann"),
        ("fewest-calls", "ann"),
        ("least-occupied", "ann"),
    ],
)
def test_who_is_first_when_nobody_has_done_anything(strategy: str, first: str) -> None:
    """What ties goes to the longest idle; fixed-order and round-robin begin with the file's first."""
    story = all_ready(centre(desk(strategy, needs=normalized({"de": 2})), agents=SKILLED))
    assert story.at(10, arrives("c1")).rung == [("c1", first)]


def test_most_skilled_sums_the_levels_over_the_needs() -> None:
    """ben has 6 + 9, ann has 7 + 8, cy 1 + 15 too much of one that isn't needed."""
    agents = {"ann": {"de": 7, "en": 7}, "ben": {"de": 6, "en": 9}, "cy": {"de": 7, "en": 7, "fr": 10}}
    story = all_ready(centre(desk("most-skilled", needs=normalized({"de": 1, "en": 1})), agents=agents))
    assert story.at(10, arrives("c1")).rung == [("c1", "ben")]


def test_least_skilled_counts_skills_first_and_levels_then() -> None:
    agents = {"ann": {"de": 1, "en": 1}, "ben": {"de": 9}, "cy": {"de": 8}}
    story = all_ready(centre(desk("least-skilled"), agents=agents))
    assert story.at(10, arrives("c1"), arrives("c2"), arrives("c3")).rung == [
        ("c1", "cy"),
        ("c2", "ben"),
        ("c3", "ann"),
    ]


def test_round_robin_goes_round_by_answers_and_by_rings_not_answered() -> None:
    """Both are back and idle for different times, and it doesn't matter."""
    story = all_ready(centre(desk("round-robin"), agents=["ann", "ben", "cy"]))
    assert story.at(10, arrives("c1"), answered("c1"), ev.CallerLeft("c1")).rung == [("c1", "ann")]
    assert story.at(11, arrives("c2"), failed("c2")).rung == [("c2", "ben"), ("c2", "cy")]
    story.at(12, ev.CallerLeft("c2"), ev.ReadyAsked("ben"))
    assert story.at(13, arrives("c3")).rung == [("c3", "cy")], "a withdrawn ring was no turn"
    assert story.at(14, arrives("c4")).rung == [("c4", "ann")]


def test_fewest_calls_forgets_what_is_not_recent() -> None:
    """ann has answered one more, until that is 1000 ms ago."""
    rules = centre(desk("fewest-calls"), agents=["ann", "ben"], recent_ms=1_000)
    story = all_ready(rules).at(10, arrives("c1"), answered("c1"), ev.CallerLeft("c1"))
    story.at(20, ev.NotReadyAsked("ben", "break"), ev.ReadyAsked("ben")).forget()
    assert story.at(1_009, arrives("c2"), ev.CallerLeft("c2")).rung == [("c2", "ben")]
    assert story.at(1_010, arrives("c3")).rung == [("c3", "ann")]


def test_least_occupied_weighs_talk_by_how_long_it_is_ago() -> None:
    """ann talked for 500 ms until 510, ben for 100 ms until 610: by τ = 1000 ms ann's share is still the greater."""
    rules = centre(desk("least-occupied"), agents=["ann", "ben"], recent_ms=1_000)
    story = all_ready(rules).at(10, arrives("c1"), answered("c1")).at(510, arrives("c2"), answered("c2"))
    story.at(510, ev.CallerLeft("c1")).at(610, ev.CallerLeft("c2")).forget()
    ann, ben = story.model.people["ann"], story.model.people["ben"]
    assert ann.share == pytest.approx(0.3935 * 0.9048, abs=1e-4)
    assert ben.share == pytest.approx(0.0952, abs=1e-4)
    assert story.at(620, arrives("c3")).rung == [("c3", "ben")], "though ann is idle for longer"


def test_random_takes_whom_the_router_took_if_that_is_possible() -> None:
    model = all_ready(centre(desk("random"), agents=["ann", "ben"])).model
    model.hear(arrives("c1"), 10, Open({OfferId("c1", 1): "ben"}))
    assert model.people["ben"].state == "ringing"
    model.hear(arrives("c2"), 10, Open({OfferId("c2", 1): "ben"}))
    assert model.people["ann"].state == "ringing", "ben wasn't possible"


def test_ring_all_rings_everybody_and_one_wins() -> None:
    """dee joins, ann doesn't answer, ben wins; the others are ready again in their old places."""
    story = all_ready(centre(desk("ring-all"), agents=["ann", "ben", "cy"]))
    story.at(10, ev.NotReadyAsked("cy", "break"))
    assert story.at(11, arrives("c1")).rung == [("c1", "ann"), ("c1", "ben")]
    assert story.at(12, ev.ReadyAsked("cy")).rung == [("c1", "cy")]
    story.at(13, failed("c1"))
    assert story.place("c1") == "offered in desk", "the others ring on"
    story.at(14, answered("c1", 2))
    assert story.model.commands == [("WithdrawOffer", "c1", 3)]
    assert {each.id: each.state for each in story.model.people.values()} == {
        "ann": "not-ready",
        "ben": "talking",
        "cy": "ready",
    }


# --- which call -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("now", "first"), [(1_999, "slow"), (2_001, "fast")])
def test_a_weight_multiplies_the_wait(now: int, first: str) -> None:
    """`slow` waits since 0 with weight 1, `fast` since 1000 with weight 2: at 2000 they are even."""
    fast = replace(group("fast"), weight_percent=200)
    story = Story(centre(group("slow"), fast, agents=["ann"]))
    story.at(0, arrives("slow", "slow")).at(1_000, arrives("fast", "fast"))
    assert story.at(now, ready("ann")).rung == [(first, "ann")]


def test_a_tier_goes_before_every_wait_and_a_returned_call_before_every_tier() -> None:
    story = Story(centre(desk(), agents=["ann", "ben"])).at(0, arrives("old")).at(500, arrives("high", tier=1))
    story.at(600, ready("ann"), failed("high"))
    story.at(700, arrives("highest", tier=9))
    assert story.at(800, ready("ben")).rung == [("high", "ann"), ("high", "ben")]
    assert story.at(900, failed("high", n=2), ready("ben")).rung == [("high", "ben")]


def test_a_supervisors_tier_replaces_what_the_steps_have_raised() -> None:
    story = Story(centre(desk(steps=steps(100, tier=5)))).at(0, arrives("c1", tier=2)).at(100)
    caller = story.model.callers["c1"]
    assert story.model.tier(caller) == 5
    story.at(101, ev.ForcedTier("c1", 1, "eve"))
    assert story.model.tier(caller) == 1


# --- who may serve --------------------------------------------------------------------------------------------


def test_steps_set_levels_and_let_other_groups_agents_in() -> None:
    """The level that a step sets counts for the call's own needs in the other group too, not for that group's."""
    german = group("german", de=6)
    asked = desk(
        needs=normalized({"en": 3}), steps=(OverflowStep(1, needs=(("en", 1),)), OverflowStep(2, groups=("german",)))
    )
    story = Story(centre(asked, german)).at(0, arrives("c1", needs=normalized({"en": 2, "fr": 1})))
    caller, model = story.model.callers["c1"], story.model
    assert (model.needs(caller), model.needs_of_others(caller)) == ({"en": 3, "fr": 1}, [])
    story.at(1)
    assert (model.needs(caller), model.needs_of_others(caller)) == ({"en": 1, "fr": 1}, [])
    story.at(2)
    assert model.needs_of_others(caller) == [{"de": 6, "en": 1, "fr": 1}]


def test_a_personal_agent_is_waited_for_and_then_the_group_serves() -> None:
    vips = {"138": VipClass("gold", agent="ann", agent_wait_ms=500)}
    story = all_ready(centre(desk(), agents=["ann", "ben"], vips=vips))
    story.at(10, arrives("c1"), answered("c1")).forget()
    assert story.at(20, arrives("c2", caller_number="138")).rung == []
    assert story.at(519).rung == []
    assert story.at(520).rung == [("c2", "ben")]


def test_the_last_agent_is_waited_for() -> None:
    story = all_ready(centre(desk(last_agent_ms=300), agents=["ann", "ben"]))
    story.at(10, arrives("c1", caller_number="7"), answered("c1"), ev.CallerLeft("c1")).forget()
    assert story.at(20, arrives("c2", caller_number="7")).rung == [("c2", "ann")], "though ben is idle for longer"


# --- doors, steps and callbacks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("door", "cause"),
    [
        ({"hours": "never"}, "closed"),
        ({"calls_max": 0}, "full"),
        ({"calls_max": 0, "when_full": to_group("other")}, "full"),
        ({"when_nobody": to_group("other")}, "no-agents"),
    ],
)
def test_a_call_with_nowhere_to_go_is_refused_with_the_first_cause(door: dict[str, Any], cause: str) -> None:
    """`other` is full, and sends its calls back in a circle."""
    other = replace(group("other"), calls_max=0, when_full=to_group("desk"))
    story = Story(centre(desk(**door), other, hours={"never": hours()})).at(0, arrives("c1"))
    assert story.model.commands == [("RefuseCall", "c1", cause)]
    assert story.model.finished == [("c1", "desk", None, "refused", 0, 0, "incoming", "", None)]


def test_a_door_leads_through_other_doors() -> None:
    """desk is full, 200 leads to a group that is full too, and that one sends to a number."""
    third = replace(group("third"), calls_max=0, when_full=NUMBER)
    first = desk(calls_max=0, when_full=Destination(DestinationKind.ENTRY, "200"))
    story = Story(centre(first, third, entries={"200": EntryPoint("200", "third")})).at(0, arrives("c1"))
    assert story.model.commands == [("SendElsewhere", "c1", "number:1")]
    assert story.place("c1") == "elsewhere in third"


def test_a_destination_waits_for_the_ring_and_a_failed_one_for_nothing() -> None:
    story = all_ready(centre(desk(steps=steps(100, to=NUMBER)), agents=["ann"])).at(10, arrives("c1")).at(200)
    assert story.place("c1") == "offered in desk"
    assert story.at(300, failed("c1")).place("c1") == "elsewhere in desk"
    story.at(400, ev.SendingFailed("c1"))
    assert story.place("c1") == "waiting in desk"
    assert story.at(500, ready("ann")).rung[-1] == ("c1", "ann")


def test_closing_time_clears_those_who_wait() -> None:
    """It closes at 2000, a minute before local 00:02."""
    rules = centre(
        desk(hours="short", when_closed=to_group("night"), clear_at_closing=True),
        group("night"),
        hours={"short": hours((0, 1), offset=58_000)},
    )
    story = Story(rules).at(0, arrives("c1")).at(1_999)
    assert story.place("c1") == "waiting in desk"
    assert story.at(2_000).place("c1") == "waiting in night"
    assert story.model.callers["c1"].since == 0


def test_the_last_who_logs_out_sends_the_waiting_elsewhere() -> None:
    story = all_ready(centre(desk(when_nobody=NUMBER), agents=["ann", "ben"]))
    story.at(10, ev.NotReadyAsked("ann", "break"), ev.NotReadyAsked("ben", "break"), arrives("c1"))
    assert story.at(11, ev.LogOutAsked("ann")).place("c1") == "waiting in desk"
    assert story.at(12, ev.LogOutAsked("ben")).place("c1") == "elsewhere in desk"


def test_a_second_callback_to_the_same_number_is_merged() -> None:
    story = Story(centre(desk(), agents=["ann"])).at(0, arrives("c1"), arrives("c2"))
    story.at(1, ev.CallbackAccepted("c2", "7"), ev.CallbackAccepted("c1", "7"), ev.CallerLeft("c1"))
    assert story.model.finished == [("c1", "desk", None, "merged", 1, 0, "incoming", "", None)]
    story.at(2, ready("ann"))
    assert story.model.commands[-1] == ("OfferCall", "c2", 1, "ann", 2, 15_000, "7")


# --- other rules ----------------------------------------------------------------------------------------------


def test_other_rules_count_for_those_who_wait() -> None:
    """The step's time has passed under the new rules, and so it counts as taken."""
    old = centre(desk(needs=normalized({"de": 9})), agents={"ann": {"de": 3}})
    new = centre(desk(needs=normalized({"de": 9}), steps=steps(50, needs=(("de", 3),))), agents={"ann": {"de": 3}})
    story = all_ready(old).at(10, arrives("c1"))
    assert story.rung == []
    assert story.at(100, ev.RulesChanged(difference(old, new))).rung == [("c1", "ann")]


def test_a_removed_agent_goes_after_the_call() -> None:
    old, new = centre(desk(), agents=["ann", "ben"]), centre(desk(), agents=["ben"])
    story = all_ready(old).at(10, arrives("c1"), answered("c1"), ev.RulesChanged(difference(old, new), "eve"))
    assert story.model.people["ann"].pending == ("logged-out", "", "eve")
    assert [*story.at(20, ev.CallerLeft("c1")).model.people] == ["ben"]


# --- phones ---------------------------------------------------------------------------------------------------


def test_a_phone_that_cannot_be_rung_lets_the_next_one_ring_and_serves_when_it_is_free() -> None:
    story = all_ready(centre(desk(), agents=["ann", "ben"])).at(10, ev.PhoneChanged("ann", ev.PhoneState.BUSY))
    assert story.model.people["ann"].reason == "busy"
    story.at(20, arrives("c1"), arrives("c2"))
    assert story.rung == [("c1", "ben")]
    story.at(30, ev.PhoneChanged("ann", ev.PhoneState.FREE))
    assert story.rung == [("c2", "ann")]


def test_a_phone_in_a_talk_counts_after_it_and_a_break_stays_a_break() -> None:
    story = all_ready(centre(desk(), agents=["ann"])).at(10, arrives("c1"), answered("c1"))
    story.at(20, ev.PhoneChanged("ann", ev.PhoneState.UNREACHABLE))
    assert story.model.people["ann"].state == "talking"
    story.at(30, ev.CallerLeft("c1"))
    assert story.model.people["ann"].reason == "device-unavailable"
    story.at(40, ev.NotReadyAsked("ann", "break"), ev.PhoneChanged("ann", ev.PhoneState.FREE))
    assert story.model.people["ann"].reason == "break"


# --- talks ----------------------------------------------------------------------------------------------------


def in_talk(*others: str, **more: Any) -> Story:
    """ann talks with c1 since 10; the others are ready."""
    story = all_ready(centre(desk(**more), agents=["ann", *others]))
    story.at(10, arrives("c1"), answered("c1"))
    story.forget()
    return story


def test_a_consult_rings_its_agent_and_ends_without_wrap_up() -> None:
    story = in_talk("ben", wrap_up_ms=500).at(20, consults("ann", "agent:ben"))
    assert story.model.commands == [
        ("BeginConsult", "c1", ("c1", 1), "c1+1", "", "", 15_000),
        ("OfferCall", "c1+1", 1, "ben", 0, 15_000, ""),
    ]
    story.at(30, answered("c1+1"), ev.ReconnectAsked("ann"))
    assert story.model.people["ben"].state == "ready"
    assert story.model.callers["c1"].stage == "connected"
    assert story.model.finished == [("c1+1", "desk", "ben", "consult-over", 10, 0, "consult", "", None)]


def test_a_consult_of_a_group_needs_somebody_else() -> None:
    story = in_talk().at(20, consults("ann", "group:desk"))
    assert story.model.refused == [("ann", "not-now")]


def test_an_attended_transfer_gives_the_call_with_its_wait_to_the_party() -> None:
    story = in_talk("ben", wrap_up_ms=500)
    story.at(20, consults("ann", "agent:ben"), answered("c1+1"), ev.TransferAsked("ann"))
    assert story.model.commands[-1] == ("ConnectCall", "c1", ("c1", 2), "c1+1", ("c1+1", 1))
    assert {each.id: each.state for each in story.model.people.values()} == {"ann": "wrap-up", "ben": "talking"}
    story.at(60, ev.CallerLeft("c1"))
    assert story.model.finished[-1] == ("c1", "desk", "ben", "released-by-caller", 0, 50, "incoming", "", None)


def test_a_blind_transfer_waits_with_its_wait_but_without_the_talk() -> None:
    """From 10 to 40 it talked; ben is ready, and so it rings him and not ann, who gave it away."""
    story = in_talk("ben").at(40, transfers("ann", "group:desk"))
    assert story.model.callers["c1"].since == 40
    assert story.rung == [("c1", "ben")]


def test_a_phone_that_dies_on_hold_brings_the_caller_back() -> None:
    story = in_talk().at(20, ev.HoldAsked("ann"), ev.PhoneLeft(OfferId("c1", 1), lost=True))
    assert story.place("c1") == "waiting in desk"
    assert story.model.callers["c1"].returned
    assert story.model.people["ann"].reason == "device-unavailable"


def test_who_dials_is_afterwards_what_he_was() -> None:
    story = Story(centre(desk(), agents=["ann"])).at(1, ev.LoggedIn("ann"), ev.NotReadyAsked("ann", "lunch"))
    story.model.hear(ev.DialAsked("ann", "0571"), 2, Open(call="out"))
    assert story.rung == [("out", "ann")]
    story.at(3, answered("out"), ev.NumberFailed("out", ev.OfferFailure.BUSY))
    assert (story.model.people["ann"].state, story.model.people["ann"].reason) == ("not-ready", "lunch")
    assert story.model.finished == [("out", "desk", "ann", "not-reached", 1, 0, "outgoing", "", "busy")]


def test_an_intercepted_caller_is_the_supervisors() -> None:
    sue = {"sue": SupervisorRecord("sue", device="PJSIP/sue")}
    story = all_ready(centre(desk(wrap_up_ms=500), agents=["ann"], supervisors=sue)).at(
        10, arrives("c1"), answered("c1")
    )
    story.model.hear(ev.MonitorAsked("ann", ev.MonitorMode.INTERCEPT, "sue"), 20, Open(monitor="m"))
    story.at(30, ev.Intercepted("m"))
    assert story.place("c1") == "elsewhere in desk"
    assert story.model.people["ann"].state == "wrap-up"
    story.at(40, ev.CallerLeft("c1"))
    assert story.model.finished == [("c1", "desk", "ann", "intercepted", 0, 30, "incoming", "", None)]
    assert story.model.commands[-1] == ("EndMonitor", "m")


def test_a_place_in_the_line_is_told_again_and_again() -> None:
    story = Story(centre(desk(tell_position_ms=100), agents=["ann"])).at(0, arrives("c1"), arrives("c2")).at(200)
    told = [each for each in story.model.commands if each[0] == "TellPosition"]
    assert told == [("TellPosition", "c1", 1), ("TellPosition", "c2", 2)] * 2
