"""What each event means: requests, forced changes, the PBX's reports, and whatever comes late, twice or wrong."""

from itertools import product

import pytest

from acd import events as ev
from acd.agents import PENDINGS, TRANSITIONS, AgentInput, AgentState, Pending, Reason
from acd.calls import Outcome
from acd.commands import KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.errors import TimeWentBackwards
from acd.events import CallerLeft, ClientLost, DeadlineReached, LoggedIn, PbxFound, PbxLost, PhoneLeft, ReadyAsked
from acd.ids import OfferId
from acd.notices import AgentChanged, OfferEnd, PbxChanged, RefusalCode
from acd.router import Router
from tests.conversation import (
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
    failed,
    group,
    no_talk,
    over,
    ready,
    refuses,
    rings,
    talks,
    waits,
    withdraws,
)

RULES = centre(group("desk"), agents=["ann", "ben"])
RING_MS, WRAP_UP_MS, GRACE_MS = 15_000, 30_000, 30_000


def scene(state: AgentState) -> Conversation:
    """ann is in `state` at 1000, with c1 if she has a call; ben is logged out."""
    talk = Conversation(RULES)
    script = {
        LOGGED_OUT: [],
        NOT_READY: [LoggedIn("ann")],
        READY: ready("ann"),
        RINGING: [*ready("ann"), arrives("c1")],
        TALKING: [*ready("ann"), arrives("c1"), answered("c1")],
        WRAP_UP: [*ready("ann"), arrives("c1"), answered("c1"), CallerLeft("c1")],
    }
    talk << script[state]
    assert talk.state("ann") is state
    return talk.at(1_000)


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
    talk = Conversation(RULES) << event
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
    talk = Conversation(RULES) << arrives("c1")
    talk.at(5) << LoggedIn("ann") >> becomes("ann", NOT_READY, Reason.LOGGED_IN, since=5)


@pytest.mark.parametrize("state", [NOT_READY, READY, RINGING, TALKING, WRAP_UP])
def test_logging_in_twice_changes_nothing(state: AgentState) -> None:
    talk = scene(state) << LoggedIn("ann") >> NOTHING
    assert talk.state("ann") is state


def test_a_day_of_log_in_and_log_out() -> None:
    talk = Conversation(RULES) << ready("ann") << ev.LogOutAsked("ann") >> becomes("ann", LOGGED_OUT)
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


# --- the PBX is lost ------------------------------------------------------------------------------------------


def test_nothing_is_offered_before_the_pbx_is_found() -> None:
    talk = Conversation(RULES, linked=False) << ready("ann") << arrives("c1") >> waits("c1")
    talk.at(7_000) << PbxFound()
    talk >> (PbxChanged(None), rings("c1", "ann", waited_ms=7_000), becomes("ann", RINGING, call="c1"))


def test_nothing_is_offered_while_the_pbx_is_lost() -> None:
    """Neither to who arrives, nor to who becomes ready, nor a returned call."""
    talk = scene(RINGING) << PbxLost("no route") >> PbxChanged("no route")
    assert talk.router.pbx_lost == "no route"
    talk << ready("ben")
    assert talk.offered() == []
    talk << arrives("c2") >> waits("c2")
    (
        talk
        << failed("c1")
        >> (
            no_talk("c1", "ann", OfferEnd.UNANSWERED),
            becomes("ann", NOT_READY, Reason.NO_ANSWER),
            waits("c1", returned=True),
        )
    )


def test_found_again_all_who_wait_are_matched_in_the_order_of_service() -> None:
    """Over all lines; who is left over waits on."""
    rules = centre(group("desk"), group("german", de=3), agents={"ann": {}, "ben": {"de": 5}, "cy": {"de": 1}})
    talk = Conversation(rules) << PbxLost() << ready("ann", "ben", "cy")
    talk.at(10) << arrives("d1") << arrives("d2", tier=1)
    talk.at(20) << arrives("g1", "german", tier=1) << arrives("g2", "german") << arrives("d3")
    talk.at(30) << PbxFound()
    assert talk.offered() == [("d2", "ann"), ("g1", "ben"), ("d1", "cy")]


def test_a_ring_is_not_timed_while_the_pbx_is_lost() -> None:
    """What the phone did is told when the PBX is back; from then it rings its full time again."""
    talk = scene(RINGING) << PbxLost()
    assert talk.due is None
    talk.at(500_000).tick() >> NOTHING
    assert talk.state("ann") is RINGING
    talk << PbxFound() >> PbxChanged(None)
    assert talk.due == 500_000 + RING_MS
    talk.at(500_000 + RING_MS).tick()
    assert talk.state("ann") is NOT_READY


def test_found_again_without_having_been_lost_a_ring_goes_on_as_it_was() -> None:
    """A second word of the same link doesn't lengthen the ring."""
    talk = scene(RINGING)
    talk.at(10_000) << PbxFound()
    assert talk.due == RING_MS


def test_wrap_up_and_grace_are_ours_and_go_on_while_the_pbx_is_lost() -> None:
    talk = scene(WRAP_UP) << PbxLost() << ready("ben") << ClientLost("ben")
    talk.at(WRAP_UP_MS).tick() >> becomes("ann", READY)
    talk.at(1_000 + GRACE_MS).tick() >> becomes("ben", NOT_READY, Reason.CONNECTION_LOST)


def test_what_happened_while_the_pbx_was_lost_is_taken_in() -> None:
    """A talk begun or ended in our absence is told late and counts."""
    talk = scene(RINGING) << PbxLost()
    talk.at(40_000) << answered("c1") >> (talks("c1", "ann", waited_ms=40_000), becomes("ann", TALKING, call="c1"))
    talk << PbxFound() >> PbxChanged(None)
    talk << PbxLost() << CallerLeft("c1")
    talk >> (over("c1", Outcome.RELEASED_BY_CALLER), becomes("ann", WRAP_UP, call="c1"))


def test_a_release_asked_while_the_pbx_was_lost_is_asked_again() -> None:
    talk = scene(TALKING) << PbxLost() << ev.ReleaseAsked("ann")
    talk << PbxFound() >> (PbxChanged(None), ReleaseCall("c1"))
    talk << CallerLeft("c1") >> (over("c1", Outcome.RELEASED_BY_AGENT), becomes("ann", WRAP_UP, call="c1"))


def test_waiting_goes_on_while_the_pbx_is_lost() -> None:
    """Time lost is time waited."""
    talk = Conversation(RULES).at(1_000) << arrives("c1") << PbxLost()
    talk.at(61_000) << PbxFound() << ready("ann")
    assert talk.heard[-2] == rings("c1", "ann", waited_ms=60_000)


# --- late, duplicate, wrong owner -----------------------------------------------------------------------------

STALE = [OfferId("c1", 0), OfferId("c1", 2), OfferId("nobody", 1)]


@pytest.mark.parametrize("offer", STALE)
@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_an_answer_to_an_offer_that_is_not_there_is_never_connected(state: AgentState, offer: OfferId) -> None:
    talk = scene(state) << ev.OfferAccepted(offer) >> WithdrawOffer(offer)
    assert talk.state("ann") is state


@pytest.mark.parametrize("offer", STALE)
@pytest.mark.parametrize("why", ev.OfferFailure)
@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_failure_of_an_offer_that_is_not_there_changes_nothing(
    state: AgentState, why: ev.OfferFailure, offer: OfferId
) -> None:
    talk = scene(state) << ev.OfferFailed(offer, why) >> NOTHING
    assert talk.state("ann") is state


def test_an_answer_told_twice_is_one_talk() -> None:
    talk = scene(TALKING) << answered("c1") >> NOTHING
    assert talk.state("ann") is TALKING


@pytest.mark.parametrize("why", ev.OfferFailure)
def test_a_failure_told_after_the_answer_changes_nothing(why: ev.OfferFailure) -> None:
    talk = scene(TALKING) << failed("c1", why) >> NOTHING
    assert talk.state("ann") is TALKING


def test_a_failure_told_twice_is_one_return() -> None:
    talk = scene(RINGING) << failed("c1") << failed("c1") >> NOTHING
    assert talk.router.calls["c1"].placed


def test_the_first_agents_late_answer_does_not_take_the_call_from_the_second() -> None:
    talk = scene(RINGING) << ready("ben") << failed("c1")
    talk << answered("c1", 1) >> withdraws("c1", 1)
    talk << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))
    talk << answered("c1", 1) >> withdraws("c1", 1)
    assert (talk.state("ann"), talk.state("ben")) == (NOT_READY, TALKING)


def test_an_answer_after_the_caller_left_is_never_connected() -> None:
    talk = scene(RINGING) << CallerLeft("c1") << answered("c1") >> withdraws("c1")
    assert talk.state("ann") is READY


def test_an_answer_after_the_caller_left_does_not_touch_the_next_ring() -> None:
    talk = scene(RINGING) << arrives("c2") << CallerLeft("c1")
    assert talk.offered() == [("c2", "ann")]
    talk << answered("c1") >> withdraws("c1")
    assert talk.router.agents["ann"].state is RINGING


def test_a_caller_who_left_twice_or_never_came_changes_nothing() -> None:
    talk = scene(TALKING) << CallerLeft("c1") << [CallerLeft("c1"), CallerLeft("nobody")] >> NOTHING
    assert talk.state("ann") is WRAP_UP


@pytest.mark.parametrize("state", [RINGING, TALKING])
def test_a_call_that_is_told_again_is_the_same_call(state: AgentState) -> None:
    """Whatever it is told with."""
    talk = scene(state) << arrives("c1", "nowhere", tier=9, needs=(("de", 5),)) >> NOTHING
    assert talk.state("ann") is state
    assert len(talk.router.calls) == 1


def test_a_call_that_is_told_again_keeps_its_place() -> None:
    talk = Conversation(RULES) << arrives("c1") << arrives("c2") << arrives("c1") << arrives("c2", tier=5) >> NOTHING
    talk << ready("ann")
    assert talk.offered() == [("c1", "ann")]


# --- the phone leaves -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_a_call_we_do_not_know_leaves_nobody_behind(lost: bool) -> None:
    """A caller whose call is over for us is hung up."""
    talk = scene(READY) << PhoneLeft(OfferId("nobody", 1), lost) >> ReleaseCall("nobody")
    assert talk.state("ann") is READY


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_a_waiting_call_gives_the_caller_back_to_the_music(lost: bool) -> None:
    """It was connected by a late answer; the call waits on, or rings at another."""
    talk = scene(RINGING) << failed("c1") << PhoneLeft(OfferId("c1", 1), lost) >> KeepWaiting("c1")
    talk << ready("ben") << PhoneLeft(OfferId("c1", 1), lost) >> KeepWaiting("c1")
    assert talk.state("ben") is RINGING
    talk << answered("c1", 2) >> (talks("c1", "ben"), becomes("ben", TALKING, call="c1"))


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("offer", [OfferId("c1", 1), OfferId("c1", 3), OfferId("c1", 0)])
def test_a_stale_phone_that_leaves_does_not_touch_the_talk_with_another(offer: OfferId, lost: bool) -> None:
    """The caller isn't torn from the agent to whom it talks."""
    talk = scene(RINGING) << ready("ben") << failed("c1") << answered("c1", 2)
    talk << PhoneLeft(offer, lost) >> NOTHING
    assert talk.state("ben") is TALKING


@pytest.mark.parametrize("lost", [False, True])
def test_a_phone_that_leaves_twice_leaves_once(lost: bool) -> None:
    """The second word hangs up or keeps waiting again, and changes nothing else."""
    talk = scene(TALKING) << PhoneLeft(OfferId("c1", 1), lost)
    state = talk.state("ann")
    talk << PhoneLeft(OfferId("c1", 1), lost) >> (KeepWaiting("c1") if lost else ReleaseCall("c1"))
    assert talk.state("ann") is state


# --- calls that can't be taken --------------------------------------------------------------------------------


def test_a_call_to_an_unknown_entry_is_refused_and_is_over() -> None:
    talk = Conversation(RULES) << arrives("c1", "nowhere")
    talk >> (
        Like(RefuseCall, call="c1", cause=RefusalCause.UNKNOWN_ENTRY),
        over("c1", Outcome.REFUSED, group=None, agent=None, waited_ms=0, talked_ms=0),
    )
    assert "'nowhere'" in talk.heard[0].detail
    assert not talk.router.calls


def test_a_call_for_an_unknown_group_is_refused_even_from_a_known_entry() -> None:
    """Who names a group means it."""
    talk = Conversation(RULES) << arrives("c1", "desk", group="nobody")
    talk >> (Like(RefuseCall, call="c1", cause=RefusalCause.UNKNOWN_GROUP), over("c1", Outcome.REFUSED))
    assert "'nobody'" in talk.heard[0].detail


def test_the_group_that_the_dialplan_names_beats_the_entrys() -> None:
    talk = Conversation(centre(group("desk"), group("german"))) << arrives("c1", "desk", group="german")
    talk >> waits("c1", group="german", entry="desk")


def test_a_known_group_needs_no_known_entry() -> None:
    Conversation(RULES) << arrives("c1", "nowhere", group="desk") >> waits("c1", group="desk", entry="nowhere")


# --- time -----------------------------------------------------------------------------------------------------


def test_time_that_goes_backwards_is_our_own_fault() -> None:
    """It is said loudly, and nothing has happened."""
    talk = scene(RINGING)
    talk.at(1_000).tick()
    with pytest.raises(TimeWentBackwards, match="CallerLeft at 999, but it was 1000 already"):
        talk.router.handle(CallerLeft("c1"), 999)
    assert talk.state("ann") is RINGING
    talk.at(1_000) << answered("c1")
    assert talk.state("ann") is TALKING


@pytest.mark.parametrize("state", AgentState)
def test_being_told_the_time_early_or_twice_is_harmless(state: AgentState) -> None:
    talk = scene(state)
    due = talk.due
    for now in (1_000, 1_000, 1_001, (due or 9_000) - 1):
        talk.at(now).tick() >> NOTHING
        assert (talk.due, talk.state("ann")) == (due, state)


def test_what_is_due_happens_first_and_at_its_own_instant() -> None:
    """A minute late: the ring ended, the wrap-up ended, each when it was due; then the event."""
    talk = Conversation(centre(group("desk"), agents=["ann", "ben", "cy"])) << ready("ann", "ben")
    talk << arrives("c1") << answered("c1") << CallerLeft("c1")  # ann's wrap-up ends at 30_000
    talk.at(20_000) << arrives("c2")  # rings at ben until 35_000
    (
        talk.at(90_000)
        << arrives("c3")
        >> (
            becomes("ann", READY, since=30_000),
            withdraws("c2"),
            no_talk("c2", "ben", OfferEnd.UNANSWERED),
            becomes("ben", NOT_READY, Reason.NO_ANSWER, since=35_000),
            waits("c2", returned=True),
            rings("c2", "ann", n=2, waited_ms=15_000),
            becomes("ann", RINGING, call="c2", since=35_000),
            withdraws("c2", 2),
            no_talk("c2", "ann", OfferEnd.UNANSWERED, n=2),
            becomes("ann", NOT_READY, Reason.NO_ANSWER, since=50_000),
            waits("c2", returned=True),
            waits("c3", waiting_since=90_000),
        )
    )


def test_asking_for_the_next_deadline_changes_nothing() -> None:
    """Else a replay, which doesn't ask, would answer otherwise than the day that is replayed."""
    heard = []
    for asks in (False, True):
        talk = Conversation(RULES) << ready("ann", "ben") << arrives("c1")
        talk.at(1) << arrives("c2") << PbxLost()  # rings until 15_000 and 15_001, called off
        assert not asks or talk.due is None
        talk << PbxFound()  # both ring until 15_001
        talk.at(1 + RING_MS).tick()
        heard.append(talk.heard)
    assert heard[0] == heard[1]


def test_every_event_has_a_handler() -> None:
    """Nothing that can be said is met with silence by mistake."""
    router = Router(RULES)
    assert router._handlers.keys() == set(ev.Event.__args__)


def test_nothing_is_kept_from_one_step_to_the_next() -> None:
    talk = scene(READY) << arrives("c1")
    assert talk.heard
    talk << DeadlineReached() >> NOTHING
