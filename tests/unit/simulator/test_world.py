from dataclasses import replace

import pytest

from acd.agents import AgentState
from acd.commands import OfferCall, OfferCallback, SendElsewhere
from acd.events import (
    CallArrived,
    CallbackAccepted,
    LoggedIn,
    OfferAccepted,
    PbxFound,
    ReadyAsked,
    SendingFailed,
    SentElsewhere,
)
from acd.ids import OfferId
from acd.notices import AgentChanged, PbxChanged
from acd.rules import Destination, DestinationKind
from simulator.settings import SimulatorSettings
from simulator.world import World
from tests.simulation.centres import ENTRY, textbook, textbook_rules

MIN_MS = 60_000
RULES = textbook_rules(2)


def events(world, until):
    told = []
    while (due := world.next_due()) is not None and due <= until:
        told += [(due, event) for event in world.advance(due)]
    return told


def test_begins_with_the_pbx_found_and_everybody_logging_in():
    world = World(textbook(per_h=60, talk_s=60), RULES, seed=1)
    assert [event for _, event in events(world, 0)] == [PbxFound(), LoggedIn("a0"), LoggedIn("a1")]


def test_is_the_same_by_the_same_seed():
    def day(seed):
        return events(World(SimulatorSettings(), RULES, seed), 60 * MIN_MS)

    assert day(1) == day(1)
    assert day(1) != day(2)


def test_nothing_is_due_when_nobody_calls_and_nobody_works():
    world = World(replace(textbook(per_h=0, talk_s=60), simulated_agents=()), RULES, seed=1)
    assert world.advance(0) == [PbxFound()]
    assert world.next_due() is None


def offered(world, agent):
    """Have the first call offered to `agent`; the instant, and the call."""
    at, call = next((at, event.call) for at, event in events(world, 60 * MIN_MS) if type(event) is CallArrived)
    world.handle(OfferCall(OfferId(call, 1), agent, f"PJSIP/{agent}", "desk", ENTRY, "", "", 0, 15_000), at)
    return at, call


def test_the_phone_of_an_agent_left_to_a_human_answers_by_itself():
    world = World(replace(textbook(per_h=1, talk_s=60), simulated_agents=("a0",)), RULES, seed=1)
    at, call = offered(world, "a1")
    [(answered, event)] = [each for each in events(world, at + MIN_MS) if type(each[1]) is OfferAccepted]
    assert event == OfferAccepted(OfferId(call, 1))
    assert 2_000 <= answered - at <= 4_000


def test_people_act_on_notices_and_only_for_agents_that_are_theirs():
    world = World(replace(textbook(per_h=0, talk_s=60), simulated_agents=("a0",)), RULES, seed=1)
    events(world, 0)
    for agent in ("a0", "a1"):
        world.handle(AgentChanged(agent, AgentState.NOT_READY, "logged-in", None, "", None, since=0), 10)
    world.handle(PbxChanged(None), 10)
    assert events(world, MIN_MS) == [(10, ReadyAsked("a0"))]


def test_settings_that_name_unknown_agents_are_refused():
    with pytest.raises(ValueError, match="no agent has the id 'eve'"):
        World(SimulatorSettings(simulated_agents=("eve",)), RULES, seed=1)


@pytest.mark.parametrize(("probability", "told"), [(0, SentElsewhere), (1, SendingFailed)])
def test_destinations_outside_take_callers_or_dont(probability, told):
    world = World(replace(textbook(per_h=1, talk_s=60), sending_failed_probability=probability), RULES, seed=1)
    at, call = next((at, event.call) for at, event in events(world, 60 * MIN_MS) if type(event) is CallArrived)
    world.handle(SendElsewhere(call, Destination(DestinationKind.NUMBER, "10010")), at)
    assert told in [type(event) for _, event in events(world, at + 100)]


def test_a_callback_is_offered_and_accepted():
    world = World(replace(textbook(per_h=1, talk_s=60), callback_accept_probability=1), RULES, seed=1)
    at, call = next((at, event) for at, event in events(world, 60 * MIN_MS) if type(event) is CallArrived)
    world.handle(OfferCallback(call.call), at)
    accepted = [event for _, event in events(world, at + MIN_MS) if type(event) is CallbackAccepted]
    assert accepted == [CallbackAccepted(call.call, call.caller_number)]
