"""Every offer says why this agent and why this call, by every strategy and every rule of the order of service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from acd import events as ev
from acd.agents import AgentState
from acd.calls import Cause
from acd.explain.facts import Named, Need
from acd.rules import OverflowStep, Rules, Strategy, difference
from tests.conversation import answered, arrives, centre, failed, group, ready
from tests.unit.explaining import S, Seen, by, order, phone_dies, talk

# --- strategies -------------------------------------------------------------------------------------------------------


def test_longest_idle_says_for_how_long() -> None:
    seen = Seen(by(Strategy.LONGEST_IDLE))
    for n, agent in enumerate(["ben", "ann", "cy"]):
        seen.at(n * 10 * S) << ready(agent)
    seen.at(60 * S) << arrives("c1")
    offer = seen.offer("c1")
    assert order(offer) == ["ben", "ann", "cy"]
    assert [offer.chosen.idle_ms, *(each.idle_ms for each in offer.next)] == [60 * S, 50 * S, 40 * S]
    assert offer.ready == 3
    said = seen.said("c1")
    assert "Rings at ben: the call came in." in said
    assert "Chosen of 3 ready agents as the longest idle: 1:00. Next would have been ann (0:50), cy (0:40)." in said


def test_a_withdrawn_ring_takes_no_idle_time_away() -> None:
    seen = Seen(by(Strategy.LONGEST_IDLE))
    seen << ready("ann")
    seen.at(5 * S) << ready("ben")
    seen.at(10 * S) << arrives("c1")
    seen.at(12 * S) << ev.CallerLeft("c1")
    seen.at(20 * S) << arrives("c2")
    assert seen.offer("c2").chosen.idle_ms == 20 * S


def test_least_occupied_says_the_share_of_recent_time() -> None:
    seen = Seen(by(Strategy.LEAST_OCCUPIED, agents=["ann", "ben"], recent_ms=100 * S))
    seen << ready("ann")
    talk(seen, "c1", 0, 100)
    seen << ready("ben")
    seen.at(100 * S) << arrives("c2")
    offer = seen.offer("c2")
    assert order(offer) == ["ben", "ann"]
    assert (offer.chosen.share, offer.next[0].share) == (0.0, pytest.approx(0.632, abs=0.001))
    assert "the least occupied lately: 0.0 % of the time. Next would have been ann (63.2 % of the time)." in seen.said(
        "c2"
    )


def test_fewest_calls_says_how_many_and_that_the_longer_idle_decides_a_tie() -> None:
    seen = Seen(by(Strategy.FEWEST_CALLS))
    seen << ready("ann")
    talk(seen, "c1", 0, 5)
    seen.at(10 * S) << ready("ben") << ready("cy")
    seen.at(40 * S) << arrives("c2")
    offer = seen.offer("c2")
    assert order(offer) == ["ben", "cy", "ann"]
    assert [offer.chosen.calls, *(each.calls for each in offer.next)] == [0, 0, 1]
    assert "There was a tie, and ben has been idle for longer: 0:30 against 0:30." in seen.said("c2")


def test_round_robin_says_when_the_last_turn_was() -> None:
    seen = Seen(by(Strategy.ROUND_ROBIN))
    seen << ready("cy", "ben", "ann")
    seen.at(S) << arrives("c1")
    offer = seen.offer("c1")
    assert order(offer) == ["ann", "ben", "cy"]
    assert (offer.chosen.has_had_turn, offer.chosen.position) == (False, 1)
    seen.at(2 * S) << answered("c1") << ev.CallerLeft("c1")
    seen.at(3 * S) << arrives("c2")
    offer = seen.offer("c2")
    assert order(offer) == ["ben", "cy", "ann"]
    assert (offer.next[1].has_had_turn, offer.next[1].turn_at) == (True, 2 * S)
    assert "by turns: place 2 in the configuration, no turn yet. Next" in seen.said("c2")


@pytest.mark.parametrize(
    ("strategy", "line", "measure"),
    [
        (Strategy.MOST_SKILLED, ["cy", "ben", "ann"], "9 in sum. Next would have been ben (5 in sum), ann (4 in sum)"),
        (
            Strategy.LEAST_SKILLED,
            ["ben", "cy", "ann"],
            "1 skill, level 5. Next would have been cy (1 skill, level 9), ",
        ),
        (Strategy.FIXED_ORDER, ["ann", "ben", "cy"], "place 1. Next would have been ben (place 2), cy (place 3)"),
    ],
)
def test_skills_and_places_are_said(strategy: Strategy, line: list[str], measure: str) -> None:
    desk = replace(group("desk", de=2), strategy=strategy)
    seen = Seen(centre(desk, agents={"ann": {"de": 4, "en": 9}, "ben": {"de": 5}, "cy": {"de": 9}}))
    seen << ready("ann", "ben", "cy") << arrives("c1")
    assert order(seen.offer("c1")) == line
    assert measure in seen.said("c1")


def test_random_is_said_to_be_a_draw_and_names_no_next() -> None:
    seen = Seen(by(Strategy.RANDOM))
    seen << ready("ann", "ben", "cy") << arrives("c1")
    assert "Drawn by lot from 3 ready agents." in seen.said("c1")
    assert "Next" not in seen.said("c1")


def test_ring_all_is_one_entry_for_everybody_who_rings_and_one_for_who_joins() -> None:
    seen = Seen(by(Strategy.RING_ALL))
    seen << ready("ann", "ben") << arrives("c1")
    assert [(each.number, each.agent.id) for each in seen.offer("c1").rings] == [(1, "ann"), (2, "ben")]
    seen.at(3 * S) << ready("cy")
    joined = seen.offer("c1")
    assert ([each.agent.id for each in joined.rings], joined.joins) == (["cy"], True)
    said = seen.said("c1")
    assert "Rings at 2 agents at once (ann, ben): the call came in." in said
    assert "Everybody who is ready rings; the first to answer wins." in said
    assert "Rings at cy, too: the agent went ready." in said


def test_ring_all_says_who_is_let_go_and_why() -> None:
    seen = Seen(by(Strategy.RING_ALL))
    seen << ready("ann", "ben", "cy") << arrives("c1") << failed("c1", n=2) << answered("c1", 3)
    said = seen.said("c1")
    assert "ben didn't answer and is not ready now. The others ring on." in said
    assert "ann rings no longer: somebody else answered." in said


# --- who else ---------------------------------------------------------------------------------------------------------


def test_an_only_agent_is_said_to_be_the_only_one() -> None:
    seen = Seen(by(Strategy.LONGEST_IDLE))
    seen << ready("ann") << arrives("c1")
    assert seen.offer("c1").ready == 1
    assert "Nobody else who may serve it was ready." in seen.said("c1")


def test_the_others_are_said_with_what_they_do() -> None:
    seen = Seen(by(Strategy.LONGEST_IDLE, agents=["ann", "ben", "cy", "di", "ed"]))
    seen << ready("ann") << arrives("c1") << answered("c1") << ready("ben", "cy")
    seen.at(5 * S) << ev.NotReadyAsked("cy", "lunch") << ready("di") << ev.ForcedNotReady("di", "eve") << arrives("c2")
    staff = seen.offer("c2").staff
    assert {each.state: [(one.agent.id, one.call, one.reason, one.by) for one in each.some] for each in staff} == {
        AgentState.TALKING: [("ann", "c1", "", "")],
        AgentState.NOT_READY: [("cy", "", "lunch", ""), ("di", "", "forced", "eve")],
        AgentState.LOGGED_OUT: [("ed", "", "", "")],
    }
    assert "1 logged out" in seen.said("c2")


def test_who_lacks_skills_is_counted_by_what_is_missing() -> None:
    staff = {"ann": {"de": 5}, "ben": {"de": 2}, "cy": {"de": 3}, "di": {"en": 9}, "ed": {}}
    seen = Seen(centre(group("desk", de=5), agents=staff))
    seen << ready(*staff) << arrives("c1")
    (lacking,) = seen.offer("c1").lacking
    assert (lacking.needs, lacking.count) == ((Need(skill="de", level=5),), 4)
    assert [(each.agent.id, each.has[0].level) for each in lacking.some] == [
        ("ben", 2),
        ("cy", 3),
        ("di", 0),
        ("ed", 0),
    ]
    assert "4 without de at least 5: ben (de 2), cy (de 3), di (no de), ed (no de)." in seen.said("c1")


def test_at_most_ten_are_named_and_all_are_counted() -> None:
    seen = Seen(centre(group("desk", de=5), agents={"ann": {"de": 5}} | {f"b{n}": {} for n in range(25)}))
    seen << ready("ann", *(f"b{n}" for n in range(25))) << arrives("c1")
    (lacking,) = seen.offer("c1").lacking
    assert (lacking.count, len(lacking.some)) == (25, 10)
    assert "b9 (no de), 15 more." in seen.said("c1")


def test_who_did_not_take_it_comes_last_and_that_is_said() -> None:
    seen = Seen(by(Strategy.LONGEST_IDLE))
    seen << ready("ann", "ben") << arrives("c1") << failed("c1")
    assert order(seen.offer("c1")) == ["ben"]
    seen << failed("c1", n=2) << ev.ReadyAsked("ann")
    offer = seen.offer("c1")
    assert (offer.chosen.declined, offer.trigger.kind, offer.trigger.agent) == (True, "agent-ready", Named(id="ann"))
    assert "ann didn't take it before, but nobody else was ready." in seen.said("c1")


def test_a_ready_runner_up_who_did_not_take_it_is_marked() -> None:
    """However long idle; while the PBX is lost, two may be ready for a call that waits."""
    seen = Seen(by(Strategy.LONGEST_IDLE))
    seen << ready("ann") << arrives("c1") << failed("c1") << ev.PbxLost("gone") << ready("ann", "ben") << ev.PbxFound()
    assert order(seen.offer("c1")) == ["ben", "ann"]
    assert seen.offer("c1").next[0].declined
    assert "Next would have been ann (didn't take it before)." in seen.said("c1")


# --- which call -------------------------------------------------------------------------------------------------------


def two_groups(**others: Any) -> Rules:
    return centre(group("desk"), replace(group("gold"), **others), agents=["ann"])


@pytest.mark.parametrize(
    ("because", "first", "second", "said"),
    [
        ("tier", {"tier": 2}, {"tier": 1}, "has a lower tier (1 against 2)"),
        ("wait", {"credit_ms": 20 * S}, {}, "has waited less (0:09 against 0:28)"),
        ("arrival", {"credit_ms": S}, {}, "has waited as long and came later"),
    ],
)
def test_the_rule_that_decided_between_two_calls_is_named(
    because: str, first: dict[str, Any], second: dict[str, Any], said: str
) -> None:
    seen = Seen(two_groups())
    if because == "arrival":
        seen.at(2 * S) << arrives("c1") << arrives("c2")
    else:
        seen.at(S) << arrives("c2", **second)
        seen.at(2 * S) << arrives("c1", **first)
    seen.at(10 * S) << ready("ann")
    offer = seen.offer("c1")
    assert [(each.terms.call, each.because) for each in offer.instead] == [("c2", because)]
    assert offer.instead_count == 1
    assert said in seen.said("c1")


def test_a_returned_call_comes_first_and_that_is_said() -> None:
    seen = Seen(two_groups())
    seen << ready("ann") << arrives("c1") << arrives("c2", tier=9) << failed("c1") << ev.ReadyAsked("ann")
    offer = seen.offer("c1")
    assert [(each.terms.call, each.because) for each in offer.instead] == [("c2", "returned")]
    assert "which isn't a returned call" in seen.said("c1")


def test_the_weight_of_a_group_is_counted() -> None:
    seen = Seen(two_groups(weight_percent=300))
    seen << arrives("c1")
    seen.at(5 * S) << arrives("c2", "gold")
    seen.at(10 * S) << ready("ann")
    assert [each.because for each in seen.offer("c2").instead] == ["wait"]
    assert "c1 (desk, waited 0:10) has waited less (0:10 against 0:15)" in seen.said("c2")


def test_many_other_calls_are_counted_and_the_first_are_shown() -> None:
    seen = Seen(two_groups())
    seen << [arrives(f"c{n}") for n in range(9)] << ready("ann")
    offer = seen.offer("c0")
    assert (offer.instead_count, [each.terms.call for each in offer.instead]) == (8, ["c1", "c2", "c3"])


# --- what led to it ---------------------------------------------------------------------------------------------------


def test_a_step_that_widens_the_needs_is_named() -> None:
    desk = replace(group("desk", de=5), steps=(OverflowStep(20 * S, needs=(("de", 2),)),))
    seen = Seen(centre(desk, agents={"ann": {"de": 3}}))
    seen << ready("ann") << arrives("c1")
    seen.at(20 * S).tick()
    offer = seen.offer("c1")
    assert (offer.at, offer.trigger.kind, offer.trigger.step) == (20 * S, "step", 1)
    assert "It asks for de at least 2 now, no longer for de at least 5." in seen.said("c1")
    assert "Rings at ann: overflow step 1 let this agent serve it." in seen.said("c1")


def test_the_end_of_wrap_up_is_named_with_its_own_instant() -> None:
    seen = Seen(centre(group("desk", wrap_up_ms=7 * S), agents=["ann"]))
    seen << ready("ann") << arrives("c1") << answered("c1")
    seen.at(10 * S) << ev.CallerLeft("c1") << arrives("c2")
    seen.at(60 * S).tick()
    assert (seen.offer("c2").at, seen.offer("c2").trigger.word) == (17 * S, "wrap-up-over")


def test_a_supervisor_who_sets_an_agent_ready_is_named() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]))
    seen << arrives("c1") << ev.LoggedIn("ann") << ev.ForcedReady("ann", "eve")
    assert "Rings at ann: the agent was set ready by eve." in seen.said("c1")


def test_the_return_of_the_pbx_is_named() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]))
    seen << ready("ann") << ev.PbxLost("no route") << arrives("c1")
    assert "Waits in “desk”" not in seen.said("c1")
    assert "Waits in desk: the PBX is out of reach (no route)." in seen.said("c1")
    seen << ev.PbxFound()
    assert seen.offer("c1").trigger.kind == "pbx-found"


def test_other_rules_are_named_with_who_brought_them() -> None:
    rules = centre(group("desk", de=5), agents={"ann": {"de": 3}})
    seen = Seen(rules)
    seen << ready("ann") << arrives("c1")
    easier = centre(group("desk", de=2), agents={"ann": {"de": 3}})
    seen << ev.RulesChanged(difference(rules, easier), by="eve")
    assert (seen.offer("c1").trigger.kind, seen.offer("c1").trigger.by) == ("rules", "eve")
    assert (
        "Other rules came into force, by eve. It asks for de at least 2 now, no longer for de at least 5."
        in seen.said("c1")
    )


def test_a_phone_that_died_and_a_ring_in_vain_are_named() -> None:
    seen = Seen(by(Strategy.LONGEST_IDLE))
    seen << ready("ann", "ben") << arrives("c1") << answered("c1")
    seen << phone_dies("c1")
    assert (seen.offer("c1").trigger.kind, order(seen.offer("c1"))) == ("phone-lost", ["ben"])
    seen << ready("cy") << failed("c1", ev.OfferFailure.BUSY, n=2)
    assert (seen.offer("c1").trigger.kind, order(seen.offer("c1"))) == ("returned", ["cy"])
    assert "ben could not be rung (the phone was busy) and is not ready now." in seen.said("c1")


def test_agents_who_are_set_free_together_are_named_so() -> None:
    ringing = replace(group("all"), strategy=Strategy.RING_ALL)
    seen = Seen(centre(ringing, group("desk", de=9), agents={"ann": {"de": 9}, "ben": {"de": 9}, "cy": {}}))
    seen << ready("ann", "ben", "cy") << arrives("c1", "all") << arrives("c2", "desk") << answered("c1", 3)
    offer = seen.offer("c2")
    assert (offer.trigger.kind, offer.ready, order(offer)) == ("set-free", 2, ["ann", "ben"])


def test_a_call_moved_by_a_supervisor_says_so() -> None:
    seen = Seen(centre(group("desk", de=9), group("gold"), agents=["ann"]))
    seen << ready("ann") << arrives("c1") << ev.ForcedMove("c1", "gold", "eve")
    assert (seen.offer("c1").trigger.kind, seen.offer("c1").trigger.word) == ("moved", Cause.SUPERVISOR)
    assert "eve moves it from desk to gold. The wait so far counts." in seen.said("c1")
