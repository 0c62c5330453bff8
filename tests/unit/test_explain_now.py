"""Where a live call stands and who could have it; why an agent has none: from the live state alone."""

from __future__ import annotations

from dataclasses import replace

from acd import events as ev
from acd.agents import AgentState
from acd.explain import present
from acd.explain.answers import CallWhy, from_json, merged
from acd.explain.facts import Need
from acd.rules import OverflowStep
from tests.conversation import answered, arrives, centre, failed, group, ready
from tests.unit.explaining import S, Seen

STAFF = {"ann": {"de": 5}, "ben": {"de": 2, "en": 5}, "cy": {"en": 9}}
GERMAN, ENGLISH, SPANISH = group("german", de=3), group("english", en=3), group("spanish", es=1)


def centre_of_three() -> Seen:
    return Seen(centre(GERMAN, ENGLISH, SPANISH, agents=STAFF))


# --- a call -----------------------------------------------------------------------------------------------------------


def test_nobody_logged_in_is_the_first_line_and_what_is_missing_the_next() -> None:
    seen = centre_of_three()
    seen << ready("ben", "cy") << arrives("c1", "german")
    standing = seen.standing("c1")
    assert (standing.logged_in, [each.state for each in standing.staff]) == (0, [AgentState.LOGGED_OUT])
    assert [(each.needs, each.count) for each in standing.lacking] == [((Need(skill="de", level=3),), 2)]
    first, _, asks, missing, *_ = seen.said("c1").splitlines()
    assert first.endswith("Nobody who is logged in may serve this call.")
    assert asks.strip() == "It asks for de at least 3."
    assert missing.strip() == "Logged in, but lacking skills: 2 without de at least 3: ben (de 2), cy (no de)."


def test_a_call_for_which_there_is_no_agent_at_all_says_so() -> None:
    seen = centre_of_three()
    seen << arrives("c1", "spanish")
    assert seen.said("c1").splitlines()[0].endswith("No agent in the configuration may serve this call.")
    assert "Nobody at all is logged in." in seen.said("c1")


def test_the_place_counts_all_groups_that_the_same_agents_serve_and_no_others() -> None:
    seen = centre_of_three()
    seen << ready("cy", "ben") << arrives("t1", "english") << arrives("t2", "english") << ready("ann")
    seen << arrives("t3", "german") << arrives("c1", "english") << arrives("c2", "german")
    seen.at(S) << arrives("c3", "english") << arrives("c4", "english", tier=1)
    standing = seen.standing("c3")
    assert (standing.ahead, standing.competing) == (2, 3)
    assert [each.call for each in standing.ahead_some] == ["c4", "c1"]
    assert "Of 3 calls for the same agents it is number 3 in the order of service." in seen.said("c3")
    assert (seen.standing("c2").ahead, seen.standing("c2").competing) == (0, 1)


def test_what_is_to_come_is_said() -> None:
    seen = Seen(centre(replace(group("desk"), steps=(OverflowStep(60 * S, tier=1),)), agents=["ann"]))
    seen << ready("ann") << arrives("c0") << arrives("c1", agent="ann", agent_wait_ms=20 * S)
    standing = seen.standing("c1")
    assert standing.next is not None
    assert standing.personal is not None
    assert (standing.next.step, standing.next.at, standing.personal.until) == (1, 60 * S, 20 * S)
    assert "It waits for ann alone (ringing), until" in seen.said("c1")


def test_a_lost_pbx_a_ring_and_a_talk_are_said() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]))
    seen << ready("ann") << arrives("c1")
    assert "It rings at ann." in seen.said("c1")
    seen << answered("c1") << ev.PbxLost("no route") << arrives("c2")
    assert "It talks with ann since" in seen.said("c1")
    assert "The PBX is out of reach (no route)" in seen.said("c2")


def test_ready_agents_are_shown_while_the_pbx_is_lost() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]), linked=False)
    seen << ready("ann") << arrives("c1")
    assert [each.state for each in seen.standing("c1").staff] == [AgentState.READY]


# --- an agent ---------------------------------------------------------------------------------------------------------


def test_an_idle_agent_without_waiting_calls() -> None:
    seen = centre_of_three()
    seen << ready("ann")
    assert seen.said_of_agent("ann").splitlines()[-1] == "No call waits."


def test_calls_that_the_agent_lacks_skills_for_are_grouped_in_the_order_of_service() -> None:
    seen = centre_of_three()
    seen << ready("cy") << arrives("c1", "german") << arrives("c2", "spanish") << arrives("c3", "german")
    why = seen.agent("cy")
    assert [(each.group.id, each.count, each.missing, each.first.call) for each in why.passed] == [
        ("german", 2, (("de", 3, 0),), "c1"),
        ("spanish", 1, (("es", 1, 0),), "c2"),
    ]
    assert "2 in german ask for de at least 3 (the agent has none); the first is c1 (german, waited 0:00)." in (
        seen.said_of_agent("cy")
    )


def test_calls_kept_for_a_personal_agent_are_said_with_until_when() -> None:
    seen = Seen(centre(group("desk"), agents=["ann", "ben"]))
    seen << ready("ann") << arrives("c0") << arrives("c1", agent="ann", agent_wait_ms=9 * S) << ready("ben")
    (passed,) = seen.agent("ben").passed
    assert (passed.reason, passed.personal and passed.personal.id, passed.until) == ("personal", "ann", 9 * S)
    assert "1 in desk waits for ann alone, until" in seen.said_of_agent("ben")


def test_who_is_not_ready_is_told_that_first_and_who_wanted_it() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]))
    seen.at(S) << ready("ann")
    seen.at(2 * S) << ev.ForcedNotReady("ann", "eve") << arrives("c1")
    lines = seen.said_of_agent("ann").splitlines()
    assert lines[1].startswith("Not ready since")
    assert lines[1].endswith("Reason: forced. By eve.")
    assert (
        lines[2] == "The agent may serve 1 of 1 waiting call. When free, the agent gets c1 (desk, waited 0:00) first."
    )


def test_wrap_up_pending_state_and_a_lost_client_are_said() -> None:
    seen = Seen(centre(group("desk", wrap_up_ms=9 * S), agents=["ann"]))
    seen << ready("ann") << arrives("c1") << answered("c1") << ev.ForcedNotReady("ann", "eve") << ev.ClientLost("ann")
    assert "Afterwards: not ready, by eve." in seen.said_of_agent("ann")
    assert "The agent's program has lost its connection; not ready from" in seen.said_of_agent("ann")
    seen.at(S) << ev.CallerLeft("c1")
    assert seen.agent("ann").wrap_up_until == 10 * S
    assert "In wrap-up since" in seen.said_of_agent("ann")


def test_a_ready_agent_behind_a_lost_pbx_is_told_so() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]), linked=False)
    seen << ready("ann") << arrives("c1")
    assert "no phone rings before it is back" in seen.said_of_agent("ann")


# --- for programs -----------------------------------------------------------------------------------------------------


def test_why_live_answers_of_who_is_here_and_is_silent_of_others() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]))
    seen << arrives("c1") << failed("c9")
    call, agent = (present.why_live(seen.router, S, call="c1"), present.why_live(seen.router, S, agent="ann"))
    assert from_json(call) == present.of_call(seen.router, "c1", S)
    assert from_json(agent) == present.of_agent(seen.router, "ann", S)
    assert present.why_live(seen.router, S, call="c9") is None
    assert present.why_live(seen.router, S, agent="no") is None


def test_the_past_and_the_present_are_one_answer() -> None:
    seen = Seen(centre(group("desk"), agents=["ann"]))
    seen << arrives("c1")
    live = present.of_call(seen.router, "c1", 9 * S)
    past = CallWhy(call="c1", at=S, entries=tuple(seen.witness.entries["c1"]))
    both = merged(live, past)
    assert (both.at, both.entries, both.standing) == (9 * S, past.entries, live.standing)
    assert merged(live, None) == live
