"""A snapshot keeps every part of a router, or the part follows from others; and all comes back as it was."""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from acd import events as ev
from acd.agents import Agent, AgentState
from acd.calls import Call, CallState, Offer
from acd.deadlines import Deadlines
from acd.images import FOLLOWS, AgentImage, CallImage, LoadImage, OfferImage
from acd.lot import Lot
from acd.occupancy import Load
from acd.queues import Line, Lines
from acd.router import Router
from acd.rules import OverflowStep, Rules, Strategy, difference
from acd.snapshot import Snapshot, restore, take
from acd.tickets import Tickets
from tests.conversation import answered, arrives, centre, group, ready

SNAPSHOT = TypeAdapter(Snapshot)


def told(router: Router, *events: ev.Event, at: int = 0) -> Router:
    for event in events:
        router.handle(event, at)
    return router


def again(router: Router) -> Router:
    """The twin of `router`, by way of a text."""
    return restore(SNAPSHOT.validate_json(SNAPSHOT.dump_json(take(router))))


# --- nothing is forgotten -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "image", "besides"),
    [(Agent, AgentImage, set()), (Call, CallImage, set()), (Offer, OfferImage, {"number"}), (Load, LoadImage, set())],
)
def test_an_image_keeps_every_field_that_does_not_follow(original: type, image: type, besides: set[str]) -> None:
    """A new field of an agent, call, offer or load: keep it in its image, or say in FOLLOWS how it comes back."""
    kept = {each.name for each in fields(image)} - besides
    assert kept | FOLLOWS[original] == {each.name for each in fields(original)}
    assert not kept & FOLLOWS[original]


KEPT = {
    *("rules", "now", "pbx_lost", "may_offer", "agents", "calls", "ringing_all", "noted", "present"),
    *("monitors", "pbxs", "heard_until", "last_agents", "callbacks", "tickets", "deadlines", "lot"),
}
FOLLOW = {
    "ticket": "of tickets",
    "out": "empty between two events",
    "matches_later": "False between two events",
    "divided": "of pbxs, agents and calls",
    "lines": "of rules, agents and calls",
    "home_lines": "a cache",
    "tracks_load": "of the rules",
    "counts_answers": "of the rules",
    "notes_answers": "of the rules",
    "vips_name_agents": "of the rules",
}


def test_every_part_of_the_core_is_kept_or_follows() -> None:
    """Something new in Router, CallFlow or Dispatcher: keep it in Snapshot, or write down here what it follows from."""
    router = Router(Rules())
    assert vars(router.flow).keys() == KEPT | FOLLOW.keys()
    assert vars(router).keys() == {"flow", "calls", "agents", "_handlers"}
    assert all(vars(each.__self__).keys() == {"_do"} for each in router._handlers.values() if each.__self__ != router)
    assert vars(Deadlines()).keys() == {"_heap", "tickets"}
    assert vars(Lines()).keys() == {"_lines", "_by_first_need", "_agents_by_skill", "_personal"}
    assert {*Line.__slots__} == {*("needs", "strategy", "weight", "measure", "calls", "ringing", "agents", "staff")}
    assert {*Tickets.__slots__} == {"_numbers", "draw"}
    assert {each.name for each in fields(Lot)} == {"seed", "draws"}


def test_a_snapshot_has_a_value_for_all_that_is_kept() -> None:
    names = {each.name for each in fields(Snapshot)}
    assert names - KEPT == {"due_tickets", "draws", "removed_groups"}
    assert KEPT - names == {"deadlines", "lot"}


# --- and comes back -----------------------------------------------------------------------------------------------


@pytest.fixture
def router() -> Router:
    """ann talks, ben rings, c3 waits with a step taken; everybody is measured."""
    rules = centre(
        replace(
            group("desk"), strategy=Strategy.LEAST_OCCUPIED, steps=(OverflowStep(1_000, tier=3), OverflowStep(9_000))
        ),
        agents=["ann", "ben", "cy"],
    )
    begun = told(Router(rules), ev.PbxFound(), *ready("ann", "ben"), arrives("c1"), answered("c1"))
    told(begun, arrives("c2"), arrives("c3"), at=500)
    return told(begun, ev.ClientLost("ann"), at=2_000)


def test_agents_calls_and_offers_stand_to_each_other_as_before(router: Router) -> None:
    twin = again(router)
    ann, ben = twin.agents["ann"], twin.agents["ben"]
    c1, c2, c3 = twin.calls.values()
    assert (ann.state, ann.call, ann.offer) == (AgentState.TALKING, c1, c1.talk)
    assert (ben.state, ben.call, (ben.offer,)) == (AgentState.RINGING, c2, c2.offers)
    assert (c3.state, c3.placed, c3.tier) == (CallState.WAITING, True, 3)
    assert c1.group is twin.rules.groups["desk"]


def test_the_due_in_the_field_is_the_one_that_comes_up(router: Router) -> None:
    twin = again(router)
    dues = [twin.agents["ann"].client_grace_until, twin.agents["ben"].offer.rings_until, twin.calls["c3"].step_due]
    heap = twin.flow.deadlines._heap
    assert all(any(due is each for each in heap) for due in dues)
    assert twin.next_deadline() == router.next_deadline()


def test_what_was_called_off_is_not_kept(router: Router) -> None:
    told(router, ev.CallerLeft("c3"), ev.LoggedIn("ann"), at=2_500)
    assert len(again(router).flow.deadlines._heap) < len(router.flow.deadlines._heap)


def test_a_load_comes_back_to_the_last_digit(router: Router) -> None:
    told(router, ev.CallerLeft("c1"), at=7_777)
    told(router, ev.DeadlineReached(), at=60_000)
    load, twin = router.agents["ann"].load, again(router).agents["ann"].load
    assert load is not None
    assert load.share > Decimal("0.001")
    assert twin == load


def test_a_retired_agent_and_a_removed_group_live_on_as_they_did(router: Router) -> None:
    rest = centre(group("other"), agents=["cy"])
    told(router, ev.RulesChanged(difference(router.rules, rest)), at=2_500)
    twin = again(router)
    assert twin.agents["ann"].retired
    assert twin.agents["ann"].record == router.agents["ann"].record
    assert "desk" not in twin.rules.groups
    assert twin.calls["c1"].group == router.calls["c1"].group
    assert twin.calls["c1"].group is twin.calls["c3"].group, "whoever asks whether two are the same group asks by `is`"
    for event in (answered("c2"), ev.CallerLeft("c2"), ev.CallerLeft("c1"), ev.CallerLeft("c3")):
        assert twin.handle(event, 3_000) == router.handle(event, 3_000)
    assert [*twin.agents] == ["cy"]


def test_tickets_are_drawn_on_from_where_they_were(router: Router) -> None:
    twin = again(router)
    assert twin.flow.ticket() == router.flow.ticket() > 3


def test_a_group_that_was_changed_by_hand_is_not_mistaken(router: Router) -> None:
    """The image names the group; its value is that of the rules."""
    snapshot = take(router)
    rules = replace(snapshot.rules, groups={"desk": replace(snapshot.rules.groups["desk"], name="new")})
    assert restore(replace(snapshot, rules=rules)).calls["c1"].group.name == "new"


def test_a_router_nobody_has_spoken_to_comes_back(router: Router) -> None:
    assert take(again(Router(router.rules))) == take(Router(router.rules))


# --- tickets --------------------------------------------------------------------------------------------------------


def test_tickets_count_from_one_and_tell_what_was_drawn() -> None:
    tickets = Tickets()
    assert tickets.drawn == 0
    assert [tickets.draw() for _ in range(3)] == [1, 2, 3]
    assert tickets.drawn == 3
    assert Tickets(41).draw() == 42


def test_flow_given_is_the_one_restored_into(router: Router) -> None:
    class Seen(type(router.flow)):  # type: ignore[misc]
        pass

    flow: Any = Seen(router.rules)
    assert restore(take(router), flow).flow is flow
