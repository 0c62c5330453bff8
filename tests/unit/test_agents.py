"""The states of an agent: both tables walked over the full product, and what becomes of a pending state."""

from dataclasses import astuple
from itertools import product

import pytest

from acd.agents import IN_CALL, PENDINGS, PHONE_REASONS, TRANSITIONS, Agent, AgentInput, AgentState, Pending, Reason
from acd.errors import ImpossibleTransition
from acd.events import PhoneState
from acd.rules import AgentRecord
from tests.conversation import LOGGED_OUT, NOT_READY, READY, RINGING, TALKING, WRAP_UP

AT_ONCE = {  # both tables once more, by hand: a slip in a table is not a slip in the test
    LOGGED_OUT: {"log-in": NOT_READY, "found": TALKING},
    NOT_READY: {"go-ready": READY, "go-not-ready": NOT_READY, "log-out": LOGGED_OUT, "client-gone": NOT_READY}
    | {"dial": RINGING, "found": TALKING, "phone-gone": NOT_READY, "phone-back": READY},
    READY: {"go-not-ready": NOT_READY, "log-out": LOGGED_OUT, "client-gone": NOT_READY, "offered": RINGING}
    | {"dial": RINGING, "found": TALKING, "phone-gone": NOT_READY},
    RINGING: {"accepted": TALKING, "failed": NOT_READY, "withdrawn": READY},
    TALKING: {"call-over": WRAP_UP, "failed": NOT_READY},
    WRAP_UP: {"wrap-up-over": READY, "go-ready": READY, "go-not-ready": NOT_READY, "log-out": LOGGED_OUT}
    | {"dial": RINGING, "found": TALKING},
}
AFTERWARDS = {
    RINGING: {"go-ready": READY, "go-not-ready": NOT_READY, "log-out": LOGGED_OUT, "client-gone": NOT_READY},
    TALKING: {"go-ready": READY, "go-not-ready": NOT_READY, "log-out": LOGGED_OUT, "client-gone": NOT_READY},
    WRAP_UP: {"client-gone": NOT_READY},
}
PENDING_STATES = [Pending(READY, "", "boss"), Pending(NOT_READY, "lunch", "boss"), Pending(LOGGED_OUT, "", "boss")]


def agent_in(state: AgentState, pending: Pending | None = None) -> Agent:
    agent = Agent(AgentRecord("ann", "PJSIP/ann"))
    agent.state, agent.reason, agent.by, agent.pending = state, "was", "who", pending
    return agent


@pytest.mark.parametrize(("state", "word"), [*product(AgentState, AgentInput)], ids=str)
def test_every_pair_of_state_and_input(state: AgentState, word: AgentInput) -> None:
    """A row leads to its state at once or notes it for later; without a row in either table, nothing changes."""
    agent = agent_in(state)
    following, later = AT_ONCE[state].get(str(word)), AFTERWARDS.get(state, {}).get(str(word))
    assert (TRANSITIONS.get((state, word)), PENDINGS.get((state, word))) == (following, later)
    assert agent.allows(word) is (following is not None or later is not None)
    if following is not None:
        agent.step(word, "why", "boss")
        assert (agent.state, agent.reason, agent.by, agent.pending) == (following, "why", "boss", None)
    elif later is not None:
        agent.step(word, "why", "boss")
        assert (agent.state, agent.reason, agent.by) == (state, "was", "who")
        assert agent.pending == Pending(later, "why", "boss")
    else:
        with pytest.raises(ImpossibleTransition, match=f"agent ann is {state}, which knows no {word}"):
            agent.step(word)
        assert (agent.state, agent.reason, agent.by, agent.pending) == (state, "was", "who", None)


@pytest.mark.parametrize(("phone", "reason"), [*PHONE_REASONS.items()])
@pytest.mark.parametrize(("state", "word"), [pair for pair, following in TRANSITIONS.items() if following is READY])
def test_nothing_leads_to_ready_while_the_phone_cannot_be_rung(
    state: AgentState, word: AgentInput, phone: PhoneState, reason: Reason
) -> None:
    """Not a supervisor's word either; the reason is the phone's, and nobody's else."""
    agent = agent_in(state)
    agent.phone = phone
    agent.step(word, "", "boss")
    assert (agent.state, agent.reason, agent.by) == (NOT_READY, reason, "")


def test_a_pending_ready_is_not_ready_while_the_phone_cannot_be_rung() -> None:
    agent = agent_in(WRAP_UP, Pending(READY, "", "boss"))
    agent.phone = PhoneState.BUSY
    agent.step(AgentInput.WRAP_UP_OVER)
    assert (agent.state, agent.reason, agent.by, agent.pending) == (NOT_READY, "busy", "", None)


def test_no_pair_stands_in_both_tables() -> None:
    assert not TRANSITIONS.keys() & PENDINGS.keys()


def test_a_pending_state_can_be_noted_only_where_it_waits() -> None:
    assert {state for state, _ in PENDINGS} == IN_CALL


@pytest.mark.parametrize("pending", PENDING_STATES, ids=lambda pending: pending.state)
@pytest.mark.parametrize(("state", "word"), [(RINGING, AgentInput.WITHDRAWN), (WRAP_UP, AgentInput.WRAP_UP_OVER)])
def test_a_pending_state_takes_the_place_of_ready(state: AgentState, word: AgentInput, pending: Pending) -> None:
    """After wrap-up and after a withdrawn offer, with its reason and who asked for it."""
    agent = agent_in(state, pending)
    agent.step(word)
    assert (agent.state, agent.reason, agent.by, agent.pending) == (pending.state, pending.reason, "boss", None)


@pytest.mark.parametrize("pending", PENDING_STATES, ids=lambda pending: pending.state)
@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_failure_beats_every_pending_state_but_logging_out(state: AgentState, pending: Pending) -> None:
    agent = agent_in(state, pending)
    agent.step(AgentInput.FAILED, "no-answer")
    expected = (LOGGED_OUT, "", "boss") if pending.state is LOGGED_OUT else (NOT_READY, "no-answer", "")
    assert (agent.state, agent.reason, agent.by) == expected
    assert agent.pending is None


@pytest.mark.parametrize("pending", PENDING_STATES, ids=lambda pending: pending.state)
@pytest.mark.parametrize(("state", "word"), [(RINGING, AgentInput.ACCEPTED), (TALKING, AgentInput.CALL_OVER)])
def test_a_pending_state_goes_on_waiting_through_the_call(
    state: AgentState, word: AgentInput, pending: Pending
) -> None:
    agent = agent_in(state, pending)
    agent.step(word)
    assert agent.pending == pending


@pytest.mark.parametrize("pending", PENDING_STATES, ids=lambda pending: pending.state)
@pytest.mark.parametrize("word", [AgentInput.GO_READY, AgentInput.GO_NOT_READY, AgentInput.LOG_OUT])
def test_a_word_in_wrap_up_beats_the_pending_state(word: AgentInput, pending: Pending) -> None:
    """The newest word counts, but for an agent's own ready against what a supervisor forced; nothing stays pending."""
    agent = agent_in(WRAP_UP, pending)
    agent.step(word, "why")
    if word is AgentInput.GO_READY and pending.by:
        assert (agent.state, agent.reason, agent.by, agent.pending) == (*astuple(pending), None)
    else:
        assert (agent.state, agent.reason, agent.pending) == (AT_ONCE[WRAP_UP][str(word)], "why", None)


@pytest.mark.parametrize(("first", "second"), [*product(PENDING_STATES, PENDING_STATES)])
def test_the_newest_pending_state_counts(first: Pending, second: Pending) -> None:
    agent = agent_in(TALKING, first)
    word = {READY: AgentInput.GO_READY, NOT_READY: AgentInput.GO_NOT_READY, LOGGED_OUT: AgentInput.LOG_OUT}
    agent.step(word[second.state], second.reason, second.by)
    own_ready_against_forced = second.state is READY and first.by and not second.by
    assert agent.pending == (first if own_ready_against_forced else second)


@pytest.mark.parametrize("state", sorted(IN_CALL))
@pytest.mark.parametrize("pending", [None, *PENDING_STATES])
def test_a_lost_client_undoes_only_a_pending_ready(state: AgentState, pending: Pending | None) -> None:
    """What the agent or a supervisor asked for while the client was there stays."""
    agent = agent_in(state, pending)
    agent.step(AgentInput.CLIENT_GONE, "connection-lost")
    kept = pending is not None and pending.state is not READY
    assert agent.pending == (pending if kept else Pending(NOT_READY, "connection-lost"))
