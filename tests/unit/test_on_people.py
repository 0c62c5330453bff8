"""What agents and supervisors ask: done, noted for after the call, or refused with the reason."""

from itertools import product

import pytest

from acd import events as ev
from acd.agents import PENDINGS, TRANSITIONS, AgentInput, AgentState, Pending, Reason
from acd.calls import Outcome
from acd.commands import ReleaseCall
from acd.events import CallerLeft, ClientLost, LoggedIn, PhoneLeft, ReadyAsked
from acd.ids import OfferId
from acd.notices import AgentChanged, OfferEnd, RefusalCode, TierChanged
from tests.conversation import (
    ANN_AND_BEN,
    LOGGED_OUT,
    NOT_READY,
    NOTHING,
    READY,
    RINGING,
    TALKING,
    WRAP_UP,
    Conversation,
    Like,
    answered,
    arrives,
    becomes,
    centre,
    group,
    no_talk,
    over,
    ready,
    refuses,
    rings,
    scene,
    waits,
    withdraws,
)

WRAP_UP_MS, GRACE_MS = 30_000, 30_000


# --- every request in every state -----------------------------------------------------------------------------

REQUESTS = {
    "log out": (ev.LogOutAsked("ann"), AgentInput.LOG_OUT, "", ""),
    "ready": (ev.ReadyAsked("ann"), AgentInput.GO_READY, "", ""),
    "not ready": (ev.NotReadyAsked("ann", "lunch"), AgentInput.GO_NOT_READY, "lunch", ""),
    "forced log-out": (ev.ForcedLogOut("ann", "boss"), AgentInput.LOG_OUT, "", "boss"),
    "forced ready": (ev.ForcedReady("ann", "boss"), AgentInput.GO_READY, "", "boss"),
    "forced not ready": (ev.ForcedNotReady("ann", "boss"), AgentInput.GO_NOT_READY, "forced", "boss"),
}


@pytest.mark.parametrize(("state", "name"), [*product(AgentState, REQUESTS)])
def test_every_request_in_every_state(state: AgentState, name: str) -> None:
    """What the tables know is done or noted, with who forced it; the rest is refused and changes nothing."""
    event, word, reason, by = REQUESTS[name]
    talk = scene(state)
    call = "c1" if state in (RINGING, TALKING) else None
    talk << event
    if (following := TRANSITIONS.get((state, word))) is not None:
        talk >> becomes("ann", following, reason, by=by)
    elif (later := PENDINGS.get((state, word))) is not None:
        talk >> becomes("ann", state, pending=Pending(later, reason, by), call=call)
    else:
        talk >> refuses("ann", RefusalCode.NOT_NOW)
        assert talk.state("ann") is state


@pytest.mark.parametrize(
    "event",
    [
        ev.LoggedIn("zoe"),
        ev.LogOutAsked("zoe"),
        ev.ReadyAsked("zoe"),
        ev.NotReadyAsked("zoe", "lunch"),
        ev.ReleaseAsked("zoe"),
        ev.ClientLost("zoe"),
        ev.ForcedReady("zoe", "boss"),
        ev.ForcedNotReady("zoe", "boss"),
        ev.ForcedLogOut("zoe", "boss"),
        ev.ForcedLogOut("zoe", "boss", release=True),
        ev.ForcedRelease("zoe", "boss"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_unknown_agent_is_answered(event: ev.Event) -> None:
    talk = Conversation(ANN_AND_BEN) << event
    talk >> refuses("zoe", RefusalCode.UNKNOWN_AGENT)
    assert talk.due is None


@pytest.mark.parametrize("reason", ["", "siesta", Reason.FORCED, Reason.NO_ANSWER])
@pytest.mark.parametrize("state", AgentState)
def test_a_reason_that_is_not_configured_is_answered_with_those_that_are(state: AgentState, reason: str) -> None:
    """Our own words are not the agents' either."""
    talk = scene(state) << ev.NotReadyAsked("ann", reason)
    talk >> refuses("ann", RefusalCode.UNKNOWN_REASON)
    assert "break, lunch, training" in talk.heard[0].detail
    assert talk.state("ann") is state


def test_the_reasons_are_those_of_the_rules() -> None:
    talk = Conversation(centre(agents=["ann"], not_ready_reasons=("siesta",))) << ready("ann")
    talk << ev.NotReadyAsked("ann", "lunch") >> refuses("ann", RefusalCode.UNKNOWN_REASON)
    talk << ev.NotReadyAsked("ann", "siesta") >> becomes("ann", NOT_READY, "siesta")


def test_another_reason_is_told_and_the_state_goes_on() -> None:
    """From training to lunch is still the same time away."""
    talk = scene(NOT_READY) << ev.NotReadyAsked("ann", "lunch")
    talk >> becomes("ann", NOT_READY, "lunch", since=0)


def test_an_agent_who_went_away_is_not_rung() -> None:
    """Whatever the way."""
    for event, _, _, _ in (REQUESTS["log out"], REQUESTS["not ready"], REQUESTS["forced log-out"]):
        talk = scene(READY) << event << arrives("c1") >> waits("c1")
        assert talk.router.calls["c1"].placed


# --- log in and out -------------------------------------------------------------------------------------------


def test_logging_in_is_not_yet_ready() -> None:
    talk = Conversation(ANN_AND_BEN) << arrives("c1")
    talk.at(5) << LoggedIn("ann") >> becomes("ann", NOT_READY, Reason.LOGGED_IN, since=5)


@pytest.mark.parametrize("state", [NOT_READY, READY, RINGING, TALKING, WRAP_UP])
def test_logging_in_twice_changes_nothing(state: AgentState) -> None:
    talk = scene(state) << LoggedIn("ann") >> NOTHING
    assert talk.state("ann") is state


def test_a_day_of_log_in_and_log_out() -> None:
    talk = Conversation(ANN_AND_BEN) << ready("ann") << ev.LogOutAsked("ann") >> becomes("ann", LOGGED_OUT)
    talk << ReadyAsked("ann") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << LoggedIn("ann") >> becomes("ann", NOT_READY, Reason.LOGGED_IN)
    talk << ReadyAsked("ann") >> becomes("ann", READY)


# --- release --------------------------------------------------------------------------------------------------

RELEASES = {
    "agent": (ev.ReleaseAsked("ann"), Outcome.RELEASED_BY_AGENT, Reason.REJECTED, ""),
    "supervisor": (ev.ForcedRelease("ann", "boss"), Outcome.RELEASED_BY_SUPERVISOR, Reason.FORCED, "boss"),
}


@pytest.mark.parametrize("who", RELEASES)
@pytest.mark.parametrize("state", [LOGGED_OUT, NOT_READY, READY, WRAP_UP])
def test_without_a_call_there_is_nothing_to_release(state: AgentState, who: str) -> None:
    talk = scene(state) << RELEASES[who][0] >> refuses("ann", RefusalCode.NO_CALL)
    assert talk.state("ann") is state


@pytest.mark.parametrize("who", RELEASES)
def test_a_release_in_talk_hangs_up_and_is_over_when_the_pbx_says_so(who: str) -> None:
    event, outcome, _, _ = RELEASES[who]
    talk = scene(TALKING) << event >> ReleaseCall("c1")
    assert talk.state("ann") is TALKING
    talk.at(1_200) << CallerLeft("c1")
    talk >> (over("c1", outcome, agent="ann", talked_ms=1_200), becomes("ann", WRAP_UP, call="c1"))


@pytest.mark.parametrize("who", RELEASES)
def test_a_release_that_the_phone_does_first_is_still_a_release_by_who_asked(who: str) -> None:
    event, outcome, _, _ = RELEASES[who]
    talk = scene(TALKING) << event << PhoneLeft(OfferId("c1", 1))
    talk >> (ReleaseCall("c1"), over("c1", outcome, agent="ann"), becomes("ann", WRAP_UP, call="c1"))


@pytest.mark.parametrize("who", RELEASES)
def test_a_release_while_it_rings_sends_the_call_on(who: str) -> None:
    """The agent isn't ready then; by the agent it is a rejection, by a supervisor forced, and who is kept."""
    event, _, reason, by = RELEASES[who]
    talk = scene(RINGING) << ready("ben")
    (
        talk
        << event
        >> (
            withdraws("c1"),
            no_talk("c1", "ann", OfferEnd.REJECTED),
            becomes("ann", NOT_READY, reason, by=by),
            waits("c1", returned=True),
            rings("c1", "ben", n=2),
            becomes("ben", RINGING, call="c1"),
        )
    )


def test_a_forced_log_out_in_talk_ends_the_session_after_the_call() -> None:
    talk = scene(TALKING) << ev.ForcedLogOut("ann", "boss")
    talk >> becomes("ann", TALKING, pending=Pending(LOGGED_OUT, "", "boss"), call="c1")
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", LOGGED_OUT, by="boss"))


def test_a_forced_log_out_with_release_ends_the_talk_too() -> None:
    talk = scene(TALKING) << ev.ForcedLogOut("ann", "boss", release=True)
    talk >> (becomes("ann", TALKING, pending=Pending(LOGGED_OUT, "", "boss"), call="c1"), ReleaseCall("c1"))
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_SUPERVISOR), becomes("ann", LOGGED_OUT, by="boss"))


def test_a_forced_log_out_with_release_takes_the_ring_away() -> None:
    talk = scene(RINGING) << ev.ForcedLogOut("ann", "boss", release=True)
    talk >> (
        becomes("ann", RINGING, pending=Pending(LOGGED_OUT, "", "boss"), call="c1"),
        withdraws("c1"),
        no_talk("c1", "ann", OfferEnd.REJECTED),
        becomes("ann", LOGGED_OUT, by="boss"),
        waits("c1", returned=True),
    )


@pytest.mark.parametrize("state", [NOT_READY, READY, WRAP_UP])
def test_a_forced_log_out_with_release_but_without_a_call_is_a_log_out(state: AgentState) -> None:
    scene(state) << ev.ForcedLogOut("ann", "boss", release=True) >> becomes("ann", LOGGED_OUT, by="boss")


def test_a_forced_log_out_with_release_of_who_is_logged_out_is_refused_once() -> None:
    talk = scene(LOGGED_OUT) << ev.ForcedLogOut("ann", "boss", release=True)
    talk >> refuses("ann", RefusalCode.NOT_NOW)


def test_forced_ready_brings_the_next_call_at_once() -> None:
    """Out of not ready and out of wrap-up."""
    for state in (NOT_READY, WRAP_UP):
        talk = scene(state) << arrives("c2") << ev.ForcedReady("ann", "boss")
        talk >> (becomes("ann", READY, by="boss"), rings("c2", "ann"), becomes("ann", RINGING, call="c2"))


def test_the_call_of_a_released_talk_is_not_ended_by_the_next_ones_release() -> None:
    """A release is remembered with its call, not with its agent."""
    talk = scene(TALKING) << ev.ReleaseAsked("ann") << CallerLeft("c1") << ReadyAsked("ann")
    talk << arrives("c2") << answered("c2") << CallerLeft("c2")
    talk >> (over("c2", Outcome.RELEASED_BY_CALLER), becomes("ann", WRAP_UP, call="c2"))


# --- the client is lost ---------------------------------------------------------------------------------------


def test_a_ready_agent_without_a_client_is_not_ready_after_the_grace_time() -> None:
    """Until then calls ring on."""
    talk = scene(READY) << ClientLost("ann") >> NOTHING
    assert talk.due == 1_000 + GRACE_MS
    talk.at(1_000 + GRACE_MS - 1).tick() >> NOTHING
    talk.at(1_000 + GRACE_MS).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)
    assert talk.due is None


@pytest.mark.parametrize("now", [1_000, 1_000 + GRACE_MS - 1])
def test_back_within_the_grace_time_nothing_happened(now: int) -> None:
    """Not even the place in the idle order is lost."""
    talk = scene(READY) << ready("ben") << ClientLost("ann")
    talk.at(now) << LoggedIn("ann") >> NOTHING
    assert talk.due is None
    talk.at(1_000 + GRACE_MS) << arrives("c1")
    assert talk.offered() == [("c1", "ann")]


@pytest.mark.parametrize("late_ms", [0, 1])
def test_back_at_the_end_of_the_grace_time_is_too_late(late_ms: int) -> None:
    """The agent says ready again."""
    talk = scene(READY) << ClientLost("ann")
    talk.at(1_000 + GRACE_MS + late_ms) << LoggedIn("ann") >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)
    talk << ReadyAsked("ann") >> becomes("ann", READY)


def test_a_client_lost_twice_has_one_grace_time() -> None:
    """Counted from the first: a second word of the same absence doesn't lengthen it."""
    talk = scene(READY) << ClientLost("ann")
    talk.at(20_000) << ClientLost("ann")
    talk.at(1_000 + GRACE_MS).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


def test_lost_again_after_a_return_the_grace_time_begins_anew() -> None:
    talk = scene(READY) << ClientLost("ann")
    talk.at(20_000) << LoggedIn("ann") << ClientLost("ann")
    talk.at(1_000 + GRACE_MS).tick() >> NOTHING
    talk.at(20_000 + GRACE_MS).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_call_goes_on_without_the_client(state: AgentState) -> None:
    """After the grace time it is the agent's last."""
    talk = Conversation(centre(group("desk", ring_ms=90_000), agents=["ann"])) << ready("ann") << arrives("c1")
    talk << ([answered("c1")] if state is TALKING else []) << ClientLost("ann")
    lost = Pending(NOT_READY, Reason.CONNECTION_LOST)
    talk.at(GRACE_MS).tick() >> becomes("ann", state, pending=lost, call="c1")
    if state is RINGING:
        talk << answered("c1")
    talk.at(40_000) << CallerLeft("c1")
    talk.at(40_000 + WRAP_UP_MS).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


def test_a_client_lost_in_wrap_up_is_not_ready_after_it() -> None:
    talk = scene(WRAP_UP) << ClientLost("ann")
    talk.at(WRAP_UP_MS).tick() >> becomes("ann", READY)
    talk.at(1_000 + GRACE_MS).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


def test_grace_over_in_wrap_up_is_pending() -> None:
    rules = centre(group("desk", wrap_up_ms=60_000), agents=["ann"])
    talk = Conversation(rules) << ready("ann") << arrives("c1") << answered("c1") << CallerLeft("c1")
    talk << ClientLost("ann")
    lost = Pending(NOT_READY, Reason.CONNECTION_LOST)
    talk.at(GRACE_MS).tick() >> Like(AgentChanged, agent="ann", state=WRAP_UP, pending=lost)
    talk.at(60_000).tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


def test_a_client_that_comes_back_in_the_talk_undoes_what_its_loss_had_noted() -> None:
    talk = scene(TALKING) << ClientLost("ann")
    talk.at(1_000 + GRACE_MS).tick()
    talk.at(50_000) << LoggedIn("ann") >> becomes("ann", TALKING, call="c1")
    talk << CallerLeft("c1")
    talk.at(50_000 + WRAP_UP_MS).tick() >> becomes("ann", READY)


def test_a_client_that_comes_back_undoes_nothing_else() -> None:
    """What was asked for before the loss stays asked for."""
    talk = scene(TALKING) << ev.NotReadyAsked("ann", "lunch") << ClientLost("ann")
    talk.at(1_000 + GRACE_MS).tick()
    talk << LoggedIn("ann") << CallerLeft("c1")
    talk.at(1_000 + GRACE_MS + WRAP_UP_MS).tick() >> becomes("ann", NOT_READY, "lunch")


@pytest.mark.parametrize("state", [LOGGED_OUT, NOT_READY])
def test_who_is_not_ready_stays_so_without_a_client(state: AgentState) -> None:
    """And keeps the reason."""
    talk = scene(state) << ClientLost("ann") >> NOTHING
    talk.at(90_000).tick() >> NOTHING
    assert talk.state("ann") is state


def test_logging_out_ends_the_grace_time() -> None:
    talk = scene(READY) << ClientLost("ann") << ev.ForcedLogOut("ann", "boss") >> becomes("ann", LOGGED_OUT, by="boss")
    assert talk.due is None
    talk << ready("ann")
    talk.at(90_000).tick() >> NOTHING


def test_no_grace_at_all() -> None:
    talk = Conversation(centre(agents=["ann"], client_grace_ms=0)) << ready("ann") << ClientLost("ann")
    assert talk.due == 0
    talk.tick() >> becomes("ann", NOT_READY, Reason.CONNECTION_LOST)


# --- waiting calls --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [RINGING, TALKING, WRAP_UP])
@pytest.mark.parametrize("word", [ev.ForcedTier("c1", 3, "boss"), ev.ForcedMove("c1", "other", "boss")], ids=str)
def test_only_a_waiting_call_is_raised_or_moved(state: AgentState, word: ev.Event) -> None:
    """Otherwise the answer says what the call is now."""
    talk = scene(state).reload(centre(group("desk"), group("other"), agents=["ann", "ben"]))
    talk << word >> refuses("", RefusalCode.UNKNOWN_CALL if state is WRAP_UP else RefusalCode.NOT_NOW)
    says = {RINGING: "is offered, and not waiting", TALKING: "is talking", WRAP_UP: "no live call has the id 'c1'"}
    assert says[state] in talk.heard[0].detail


def test_a_forced_tier_may_lower_a_call_too_and_goes_with_it_to_another_group() -> None:
    talk = Conversation(centre(group("desk"), group("other"), agents=["ann"]))
    talk << [arrives("gold", tier=5), arrives("plain")]
    talk << ev.ForcedTier("gold", 0, "boss") >> TierChanged("gold", 0, "boss")
    talk << ev.ForcedTier("plain", 1, "boss")
    talk << ev.ForcedMove("plain", "other", "boss")
    assert waits("plain", group="other", tier=1) in talk.heard
    talk << ready("ann")
    assert talk.offered() == [("plain", "ann")]


def test_a_forced_tier_that_the_call_has_already_is_nothing_new() -> None:
    talk = Conversation(ANN_AND_BEN) << arrives("c1", tier=2)
    talk << ev.ForcedTier("c1", 2, "boss") >> NOTHING
