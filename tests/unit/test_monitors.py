"""Supervisors: whose talks they may take part in, and how; and that they may take the caller."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.calls import MonitorState, Outcome
from acd.ids import OfferId
from acd.notices import CallIntercepted, MonitorChanged, RefusalCode
from acd.rules import SupervisorRecord
from tests.conversation import (
    NOT_READY,
    NOTHING,
    READY,
    TALKING,
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
    ready,
    refuses,
    scene,
    talking,
    transfers,
    withdraws,
)

LISTEN, WHISPER, BARGE, INTERCEPT = ev.MonitorMode
RINGING, ON, OVER = MonitorState
SUPERVISORS = {
    "sue": SupervisorRecord("sue", device="PJSIP/sue"),
    "tom": SupervisorRecord("tom", device="PJSIP/tom", groups=("tech",)),
    "una": SupervisorRecord("una"),
}
RULES = replace(
    centre(group("desk"), group("tech", tech=1), agents={"ann": {}, "ben": {"tech": 1}, "cat": {}}),
    supervisors=SUPERVISORS,
)
OFFER = OfferId("c1", 1)


def watched(mode: ev.MonitorMode = LISTEN, *others: str) -> tuple[Conversation, str]:
    """ann talks with c1, sue takes part; and the name of that. It is 1000."""
    talk = talking(RULES, *others) << ev.MonitorAsked("ann", mode, "sue")
    return talk, next(each.monitor for each in talk.heard if isinstance(each, MonitorChanged))


def taken() -> tuple[Conversation, str]:
    """sue has taken c1 from ann."""
    talk, monitor = watched(INTERCEPT)
    return talk << ev.Intercepted(monitor), monitor


# --- listen, whisper, barge -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [LISTEN, WHISPER, BARGE])
def test_the_supervisors_device_rings_and_then_takes_part(mode: ev.MonitorMode) -> None:
    talk, monitor = watched(mode)
    talk >> (
        cmd.StartMonitor(monitor, OFFER, "PJSIP/sue", mode, 30_000),
        MonitorChanged(monitor, "sue", "ann", "c1", mode, RINGING),
    )
    talk << ev.MonitorStarted(monitor) >> MonitorChanged(monitor, "sue", "ann", "c1", mode, ON)
    talk << ev.MonitorStarted(monitor) >> NOTHING


def test_asked_again_the_same_phone_does_it_the_other_way() -> None:
    talk, monitor = watched()
    talk << ev.MonitorAsked("ann", BARGE, "sue")
    talk >> (cmd.ChangeMonitor(monitor, BARGE), MonitorChanged(monitor, "sue", "ann", "c1", BARGE, RINGING))


def test_to_listen_to_another_agent_first_end_the_one() -> None:
    talk, monitor = watched(LISTEN, "cat")
    talk << [arrives("c2"), answered("c2")]
    talk << ev.MonitorAsked("cat", LISTEN, "sue") >> refuses("cat", RefusalCode.NOT_NOW)
    talk << ev.MonitorEndAsked("sue") >> cmd.EndMonitor(monitor)
    talk << ev.MonitorAsked("cat", LISTEN, "sue") >> refuses("cat", RefusalCode.NOT_NOW)
    talk << ev.MonitorEnded(monitor) >> MonitorChanged(monitor, "sue", "ann", "c1", LISTEN, OVER)
    talk << ev.MonitorAsked("cat", LISTEN, "sue")
    assert any(isinstance(each, cmd.StartMonitor) for each in talk.heard)


def test_two_supervisors_may_listen_to_one_agent() -> None:
    talk, first = watched()
    rules = replace(RULES, supervisors=SUPERVISORS | {"tom": replace(SUPERVISORS["tom"], groups=("desk",))})
    talk.reload(rules) << ev.MonitorAsked("ann", LISTEN, "tom")
    assert isinstance(talk.heard[0], cmd.StartMonitor)
    talk << ev.CallerLeft("c1")
    assert {each.monitor for each in talk.heard if isinstance(each, cmd.EndMonitor)} >= {first}


def test_a_supervisor_takes_part_through_every_stage() -> None:
    talk, monitor = watched(LISTEN, "ben")
    talk << [ev.HoldAsked("ann"), consults("ann", "agent:ben"), answered("c1+1"), ev.ConferenceAsked("ann")]
    talk << ev.ReconnectAsked("ann")
    assert talk.router.flow.monitors["sue"].state is RINGING
    talk << ev.MonitorStarted(monitor)
    assert talk.router.flow.monitors["sue"].state is ON


@pytest.mark.parametrize(
    "end",
    [ev.CallerLeft("c1"), phone_left("c1"), phone_left("c1", lost=True), transfers("ann", "number:1"), "attended"],
)
def test_until_the_agents_part_of_the_talk_is_over(end: object) -> None:
    talk, monitor = watched(LISTEN, "ben")
    if end == "attended":
        talk << [consults("ann", "agent:ben"), answered("c1+1")]
        end = transfers("ann")
    talk << end
    assert cmd.EndMonitor(monitor) in talk.heard
    talk << ev.CallerLeft("c1")
    assert cmd.EndMonitor(monitor) not in talk.heard, "once is enough"


def test_who_listens_to_the_party_hears_on_when_the_party_has_the_caller() -> None:
    talk = talking(RULES, "ben") << consults("ann", "agent:ben") << answered("c1+1")
    talk << ev.MonitorAsked("ben", LISTEN, "sue") << transfers("ann")
    assert not any(isinstance(each, cmd.EndMonitor) for each in talk.heard)
    assert talk.router.flow.monitors["sue"].call == "c1"


@pytest.mark.parametrize("state", [NOT_READY, READY, WRAP_UP])
def test_who_does_not_talk_is_not_listened_to(state: object) -> None:
    talk = scene(state)  # type: ignore[arg-type]
    talk << ev.MonitorAsked("ann", LISTEN, "sue") >> refuses("ann", RefusalCode.NO_CALL)


def test_a_supervisor_without_a_device_is_told_so() -> None:
    talk = talking(RULES)
    talk << ev.MonitorAsked("ann", LISTEN, "una") >> refuses("ann", RefusalCode.NO_DEVICE)
    talk << ev.MonitorAsked("nobody", LISTEN, "sue") >> refuses("nobody", RefusalCode.UNKNOWN_AGENT)


@pytest.mark.parametrize("why", ev.OfferFailure)
def test_a_phone_that_never_comes_says_why(why: ev.OfferFailure) -> None:
    talk, monitor = watched()
    talk << ev.MonitorEnded(monitor, why) >> MonitorChanged(monitor, "sue", "ann", "c1", LISTEN, OVER, why)
    talk << ev.MonitorEnded(monitor, why) >> NOTHING
    assert talk.state("ann") is TALKING


def test_a_phone_that_nobody_knows_of_is_let_go() -> None:
    talking(RULES) << ev.MonitorStarted("mon-x") >> cmd.EndMonitor("mon-x")  # type: ignore[arg-type]


# --- own groups -----------------------------------------------------------------------------------------------------

ABOUT_ANN = [
    ev.MonitorAsked("ann", LISTEN, "tom"),
    ev.ForcedReady("ann", "tom"),
    ev.ForcedNotReady("ann", "tom"),
    ev.ForcedLogOut("ann", "tom"),
    ev.ForcedRelease("ann", "tom"),
]


@pytest.mark.parametrize("asked", ABOUT_ANN, ids=lambda each: type(each).__name__)
def test_what_a_supervisor_asks_about_an_agent_needs_one_of_the_supervisors_groups(asked: ev.Event) -> None:
    """ann serves desk alone, and tom has tech; una, without groups, has all."""
    talking(RULES) << asked >> refuses("ann", RefusalCode.NOT_YOURS)
    talk = talking(RULES) << replace(asked, by="una")  # type: ignore[type-var]
    assert refuses("ann", RefusalCode.NOT_YOURS) != talk.heard[0]


def test_a_group_that_the_agent_may_serve_is_enough() -> None:
    talk = talking(RULES) << ready("ben") << ev.ForcedNotReady("ben", "tom")
    assert talk.state("ben") is NOT_READY


def test_the_group_of_the_present_call_is_enough() -> None:
    """cat, who has no tech, talks with a call of tech that was transferred to her."""
    talk = Conversation(RULES) << [*ready("ben"), arrives("c1", "tech"), answered("c1"), *ready("cat")]
    talk << [transfers("ben", "agent:cat"), answered("c1", 2)] << ev.MonitorAsked("cat", LISTEN, "tom")
    assert isinstance(talk.heard[0], cmd.StartMonitor)


@pytest.mark.parametrize("asked", [ev.ForcedTier("c1", 5, "tom"), ev.ForcedMove("c1", "tech", "tom")])
def test_a_waiting_call_needs_its_group_to_be_the_supervisors(asked: ev.Event) -> None:
    talk = Conversation(RULES) << arrives("c1")
    talk << asked >> refuses("", RefusalCode.NOT_YOURS)
    talk << arrives("c2", "tech") << replace(asked, call="c2", by="tom", **_other(asked))  # type: ignore[type-var]
    assert refuses("", RefusalCode.NOT_YOURS) != talk.heard[0]


def _other(asked: ev.Event) -> dict[str, str]:
    return {"group": "desk"} if isinstance(asked, ev.ForcedMove) else {}


# --- intercept ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("held", [False, True])
def test_intercepted_the_caller_talks_with_the_supervisor_and_the_agent_has_wrap_up(held: bool) -> None:
    talk = talking(RULES) << ([ev.HoldAsked("ann")] if held else [])
    talk << ev.MonitorAsked("ann", INTERCEPT, "sue")
    monitor = talk.heard[0].monitor
    (
        talk
        << ev.Intercepted(monitor)
        >> (
            CallIntercepted("c1", "ann", "sue"),
            MonitorChanged(monitor, "sue", "ann", "c1", INTERCEPT, ON),
            becomes("ann", WRAP_UP, call="c1"),
        )
    )


def test_a_listener_may_intercept() -> None:
    """Told when it is done: until then the phone listens."""
    talk, monitor = watched()
    talk << ev.MonitorAsked("ann", INTERCEPT, "sue") >> cmd.ChangeMonitor(monitor, INTERCEPT)
    assert talk.router.flow.monitors["sue"].mode is LISTEN
    talk << ev.Intercepted(monitor)
    assert talk.router.flow.monitors["sue"].mode is INTERCEPT


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_in_a_consult_nobody_can_be_intercepted(stages: int) -> None:
    asked = [consults("ann", "agent:ben"), answered("c1+1"), ev.ConferenceAsked("ann")][:stages]
    talk = talking(RULES, "ben") << asked
    talk << ev.MonitorAsked("ann", INTERCEPT, "sue") >> refuses("ann", RefusalCode.NOT_NOW)
    if stages > 1:
        talk << ev.MonitorAsked("ben", INTERCEPT, "sue") >> refuses("ben", RefusalCode.NOT_NOW)


def test_a_number_that_is_not_reached_cannot_be_intercepted() -> None:
    talk = Conversation(RULES) << ready("ann") << ev.DialAsked("ann", "0571")
    call = talk.heard[0].call
    talk << answered(call)
    talk << ev.MonitorAsked("ann", INTERCEPT, "sue") >> refuses("ann", RefusalCode.NOT_NOW)


def test_it_ends_intercepted_when_the_caller_hangs_up_and_the_supervisors_phone_is_let_go() -> None:
    talk, monitor = taken()
    talk.at(4_000) << ev.CallerLeft("c1")
    talk >> (over("c1", Outcome.INTERCEPTED, agent="ann", talked_ms=4_000), cmd.EndMonitor(monitor))


def test_it_ends_intercepted_when_the_supervisor_hangs_up() -> None:
    talk, monitor = taken()
    talk << ev.MonitorEnded(monitor)
    talk >> (MonitorChanged(monitor, "sue", "ann", "c1", INTERCEPT, OVER), cmd.ReleaseCall("c1"))
    talk << ev.CallerLeft("c1") >> over("c1", Outcome.INTERCEPTED)


def test_the_end_asked_for_after_an_intercept_ends_the_call() -> None:
    talk, monitor = taken()
    talk << ev.MonitorEndAsked("sue") >> cmd.EndMonitor(monitor)
    talk << ev.MonitorEnded(monitor)
    assert talk.heard[-1] == cmd.ReleaseCall("c1")


def test_others_who_listened_are_let_go_by_an_intercept() -> None:
    rules = replace(RULES, supervisors=SUPERVISORS | {"tom": SupervisorRecord("tom", device="PJSIP/tom")})
    talk = talking(rules) << ev.MonitorAsked("ann", LISTEN, "tom")
    listener = talk.heard[0].monitor
    talk << ev.MonitorAsked("ann", INTERCEPT, "sue")
    talk << ev.Intercepted(talk.heard[0].monitor)
    assert [each for each in talk.heard if isinstance(each, cmd.EndMonitor)] == [cmd.EndMonitor(listener)]


def test_intercepted_told_twice_or_when_the_talk_is_over_takes_nobody() -> None:
    talk, monitor = taken()
    talk << ev.Intercepted(monitor) >> NOTHING
    talk << phone_left("c1") >> NOTHING
    talk, monitor = watched(INTERCEPT)
    talk << ev.CallerLeft("c1") << ev.Intercepted(monitor) >> NOTHING
    assert talk.router.flow.monitors["sue"].state is OVER
    talk << ev.Intercepted("mon-x") >> NOTHING  # type: ignore[arg-type]


def test_a_consult_begun_meanwhile_ends_when_the_caller_is_taken() -> None:
    talk, monitor = watched(INTERCEPT, "ben")
    talk << [consults("ann", "agent:ben"), answered("c1+1")] << ev.Intercepted(monitor)
    assert cmd.ReleaseCall("c1+1") in talk.heard
    assert talk.state("ben") is READY
    assert talk.router.calls.keys() == {"c1"}


def test_the_party_of_a_consult_is_taken_from_nobody() -> None:
    talk = talking(RULES, "ben") << [consults("ann", "agent:ben"), answered("c1+1")]
    talk << ev.MonitorAsked("ben", LISTEN, "sue")
    monitor = talk.heard[0].monitor
    talk << ev.Intercepted(monitor) >> cmd.EndMonitor(monitor)
    assert talk.state("ben") is TALKING


def test_the_end_of_a_taken_call_is_not_the_end_of_the_supervisors_next_talk() -> None:
    talk, monitor = taken()
    talk << ev.MonitorEnded(monitor) << [*ready("cat"), arrives("c2"), answered("c2")]
    talk << ev.MonitorAsked("cat", LISTEN, "sue")
    talk << ev.CallerLeft("c1") >> over("c1", Outcome.INTERCEPTED)


# --- while the PBX is out of reach ----------------------------------------------------------------------------------


def test_without_the_pbx_nothing_is_asked_of_it() -> None:
    talk, monitor = watched()
    talk << ev.PbxLost("gone")
    talk << ev.MonitorAsked("ann", BARGE, "sue") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << ev.MonitorEndAsked("sue") >> refuses("", RefusalCode.NOT_NOW)
    talk << ev.MonitorEnded(monitor) << ev.MonitorEndAsked("sue") >> refuses("", RefusalCode.NO_CALL)


def test_what_was_to_end_meanwhile_is_ended_when_the_pbx_is_found() -> None:
    talk, monitor = watched()
    talk << ev.PbxLost("gone") << ev.CallerLeft("c1") << ev.PbxFound()
    assert cmd.EndMonitor(monitor) in talk.heard


def test_the_call_that_a_supervisor_let_go_is_released_when_the_pbx_is_found() -> None:
    talk, monitor = taken()
    talk << ev.MonitorEnded(monitor) << ev.PbxLost("gone") << ev.PbxFound()
    assert cmd.ReleaseCall("c1") in talk.heard


def test_a_forced_release_of_who_only_rings_lets_the_next_one_ring() -> None:
    talk = Conversation(RULES) << ready("ann", "cat") << arrives("c1") << ev.ForcedRelease("ann", "sue")
    assert withdraws("c1") in talk.heard
    assert talk.offered() == [("c1", "cat")]
