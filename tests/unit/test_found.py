"""A talk that is found in the PBX, and of which nothing was known: it goes on as if it had always been."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.agents import Pending, Reason
from acd.calls import Outcome
from acd.ids import OfferId
from acd.notices import Refused
from acd.rules import OverflowStep
from tests.conversation import (
    LOGGED_OUT,
    NOT_READY,
    NOTHING,
    READY,
    TALKING,
    VOICEMAIL,
    WRAP_UP,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    consults,
    group,
    over,
    phone_left,
    place,
    ready,
    scene,
    talks,
    waits,
)

RULES = centre(group("desk"), agents=["ann", "ben"])


def found(call: str = "c1", n: int = 3, since: int = 7_000, agent: str = "ann", **others: object) -> ev.TalkFound:
    return ev.TalkFound(arrives(call, **others), OfferId(call, n), agent, since)  # type: ignore[arg-type]


def adopted(*before: ev.Event, rules: object = RULES, **others: object) -> Conversation:
    """At 10000 c1 is found in talk with ann since 7000, whose third offer it was."""
    talk = Conversation(rules) << before  # type: ignore[arg-type]
    return talk.at(10_000) << found(**others)  # type: ignore[arg-type]


def test_caller_and_agent_talk_since_then_and_the_caller_waited_before() -> None:
    talk = adopted(*ready("ann"), waiting_since=5_000)
    talk >> (talks("c1", "ann", group="desk", waited_ms=2_000), becomes("ann", TALKING, call="c1"))
    talk << ev.CallerLeft("c1")
    assert over("c1", Outcome.RELEASED_BY_CALLER, agent="ann", waited_ms=2_000, talked_ms=3_000) in talk.heard


@pytest.mark.parametrize("state", [LOGGED_OUT, NOT_READY, READY, WRAP_UP])
def test_whatever_the_agent_was_without_a_call_he_or_she_talks(state: object) -> None:
    talk = scene(state) << found("c9", since=500)  # type: ignore[arg-type]
    assert talk.state("ann") is TALKING
    assert talk.due is None, "no wrap-up any more"


def test_who_is_not_logged_in_by_the_end_becomes_not_ready_after_it() -> None:
    talk = adopted()
    assert talk.router.agents["ann"].pending == Pending(NOT_READY, Reason.CONNECTION_LOST)
    talk << ev.CallerLeft("c1")
    talk.at(40_000).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


def test_who_has_logged_in_by_then_is_ready_after_it() -> None:
    talk = adopted() << ev.LoggedIn("ann") << ev.CallerLeft("c1")
    talk.at(40_000).tick()
    assert talk.state("ann") is READY


def test_who_was_not_ready_is_so_again() -> None:
    talk = adopted(ev.LoggedIn("ann"), ev.NotReadyAsked("ann", "lunch")) << ev.CallerLeft("c1")
    talk.at(40_000).tick() >> becomes("ann", NOT_READY, "lunch")


def test_who_talks_counts_as_logged_in_and_after_logging_out_no_more() -> None:
    rules = centre(replace(group("desk", wrap_up_ms=0), when_nobody=VOICEMAIL), agents=["ann"])
    talk = adopted(rules=rules) << arrives("c2")
    talk >> waits("c2")
    talk << ev.LogOutAsked("ann") << ev.CallerLeft("c1")
    assert talk.state("ann") is LOGGED_OUT
    assert talk.heard[-1] == cmd.SendElsewhere("c2", VOICEMAIL)


def test_telling_of_a_known_talk_changes_nothing() -> None:
    adopted(*ready("ann")) << found() >> NOTHING
    scene(TALKING) << found("c1", 1, 0) >> NOTHING


def test_a_waiting_call_is_not_found_in_talk() -> None:
    talk = Conversation(RULES) << arrives("c1") << found() >> NOTHING
    assert talk.router.calls["c1"].talk is None


def test_an_agent_has_no_second_call() -> None:
    scene(TALKING) << found("c9") >> NOTHING


@pytest.mark.parametrize("unknown", [{"agent": "nobody"}, {"group": "nogroup"}, {"entry": "999"}])
def test_what_nobody_knows_cannot_be_adopted(unknown: dict[str, str]) -> None:
    talk = Conversation(RULES) << found(**unknown)  # type: ignore[arg-type]
    assert talk.router.calls == {}
    assert not any(isinstance(each, Refused) for each in talk.heard)


def test_an_instant_that_has_not_come_yet_is_now() -> None:
    talk = adopted(*ready("ann"), since=99_000)
    assert talks("c1", "ann", waited_ms=0) in talk.heard
    assert talk.router.calls["c1"].talking_since == 10_000


def test_its_phone_is_known_by_the_offer_that_led_to_it_and_the_next_offer_has_the_next_number() -> None:
    talk = adopted(*ready("ann", "ben"))
    talk << phone_left("c1", 2) >> NOTHING
    talk << phone_left("c1", 3, lost=True)
    assert talk.offered() == [("c1", "ben")]
    assert talk.heard[0] == cmd.KeepWaiting("c1")
    talk << answered("c1", 4)
    assert talk.state("ben") is TALKING


def test_steps_go_on_where_they_were_if_it_comes_back() -> None:
    """It had waited for 2000 of the step's 3000; the talk doesn't count."""
    desk = replace(group("desk"), steps=(OverflowStep(3_000, tier=1),))
    talk = adopted(ev.LoggedIn("ann"), rules=centre(desk, agents=["ann"]), waiting_since=5_000)
    talk.at(20_000) << phone_left("c1", 3, lost=True)
    assert talk.due == 21_000


def test_all_may_be_done_with_it() -> None:
    talk = adopted(*ready("ann", "ben")) << consults("ann", "agent:ben")
    assert talk.offered() == [("c1+1", "ben")]
    talk << [answered("c1+1"), ev.TransferAsked("ann")]
    assert cmd.ConnectCall("c1", OfferId("c1", 4), "c1+1", OfferId("c1+1", 1)) in talk.heard


def test_who_talks_is_the_last_agent_of_the_caller() -> None:
    rules = centre(replace(group("desk"), last_agent_ms=5_000), agents=["ann"])
    assert adopted(rules=rules, caller_number="7").router.flow.last_agents == {"7": "ann"}


def test_its_entry_and_caller_grant_what_they_always_do() -> None:
    talk = adopted(*ready("ann"), tier=4) << ev.TransferAsked("ann", place("group:desk"))
    assert waits("c1", tier=4) in talk.heard


def test_at_a_pbx_that_is_not_linked_yet_it_is_offered_to_nobody() -> None:
    """It comes back to its line there, and is served when that PBX is found."""
    talk = adopted(*ready("ann", "ben"), pbx="west") << phone_left("c1", 3, lost=True)
    assert talk.offered() == []
    talk << ev.PbxFound("west")
    assert talk.offered() == [("c1", "ben")]
