"""Several PBXs: a lost one takes its own calls and agents out, and nobody else's."""

from dataclasses import replace

import pytest

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd import reach
from acd.calls import CallState
from acd.ids import OfferId
from acd.notices import RefusalCode
from acd.protocol import views
from acd.rules import AgentRecord, Rules, Strategy
from acd.snapshot import restore, take
from tests.conversation import (
    NOT_READY,
    READY,
    RINGING,
    TALKING,
    VOICEMAIL,
    Conversation,
    answered,
    arrives,
    becomes,
    centre,
    group,
    phone_left,
    ready,
    refuses,
    rings,
    talks,
    waits,
)


def two_houses(*groups: object, agents: dict[str, str] | None = None, **others: object) -> Rules:
    """ann's phone is at the PBX a, ben's at b."""
    rules = centre(*(groups or (group("desk"),)), **others)  # type: ignore[arg-type]
    homes = agents or {"ann": "a", "ben": "b"}
    return replace(rules, agents={name: AgentRecord(name, f"PJSIP/{name}", pbx=home) for name, home in homes.items()})


def linked(rules: Rules, *pbxs: str) -> Conversation:
    return Conversation(rules, linked=False) << [ev.PbxFound(pbx) for pbx in pbxs or ("a", "b")]


def comes(call: str, pbx: str, **others: object) -> ev.CallArrived:
    return arrives(call, pbx=pbx, **others)


def test_an_agent_at_one_pbx_takes_a_caller_of_another() -> None:
    talk = linked(two_houses()) << ready("ben")
    talk << comes("a1", "a") >> (waits("a1"), rings("a1", "ben"), becomes("ben", RINGING, call="a1"))
    talk << answered("a1") >> (talks("a1", "ben"), becomes("ben", TALKING, call="a1"))


def test_one_order_over_all() -> None:
    talk = linked(two_houses()) << [comes("b1", "b"), comes("a1", "a")]
    talk << ready("ann")
    assert talk.offered() == [("b1", "ann")]


def test_a_lost_pbx_takes_its_agents_out() -> None:
    """Those of the others are rung; when it is back its own are, too."""
    talk = linked(two_houses()) << ready("ben", "ann")
    talk << ev.PbxLost("cut", "b") >> say.PbxChanged("cut", "b")
    talk << comes("a1", "a")
    assert talk.offered() == [("a1", "ann")], "ben was idle for longer"
    talk << comes("a2", "a") >> waits("a2")
    talk << ev.PbxFound("b")
    assert talk.offered() == [("a2", "ben")]


def test_a_lost_pbx_takes_its_callers_out_and_they_keep_their_place() -> None:
    talk = linked(two_houses()) << [comes("b1", "b"), comes("a1", "a"), comes("a2", "a")]
    talk << ev.PbxLost("cut", "b")
    talk << ready("ann")
    assert talk.offered() == [("a1", "ann")]
    talk << ev.PbxFound("b") >> say.PbxChanged(None, "b")
    talk << [answered("a1"), ev.CallerLeft("a1"), ev.ReadyAsked("ann")]
    assert talk.offered() == [("b1", "ann")], "longest wait"


def test_who_becomes_ready_at_a_lost_pbx_waits_for_it() -> None:
    talk = linked(two_houses()) << ev.PbxLost("cut", "b")
    talk << ready("ben")
    talk << comes("a1", "a") >> waits("a1")
    talk << ev.PbxFound("b")
    assert talk.offered() == [("a1", "ben")]


def test_a_caller_whose_agent_leaves_while_the_pbx_is_lost_waits_for_it() -> None:
    """The phone was at the other PBX."""
    talk = linked(two_houses()) << [*ready("ann"), comes("b1", "b"), ev.PbxLost("cut", "b")]
    talk << ev.OfferFailed(OfferId("b1", 1), ev.OfferFailure.REJECTED)
    assert talk.state("ann") is NOT_READY
    talk << ev.ReadyAsked("ann")
    assert not talk.offered()
    talk << ev.PbxFound("b")
    assert talk.offered() == [("b1", "ann")]


def test_what_was_asked_of_the_lost_one_is_repeated_to_it_alone() -> None:
    talk = linked(two_houses()) << [*ready("ann"), comes("a1", "a"), answered("a1"), ev.ReleaseAsked("ann")]
    talk << ev.PbxLost("cut", "b")
    talk << ev.PbxFound("b") >> say.PbxChanged(None, "b")
    talk << ev.PbxLost("cut", "a")
    talk << ev.PbxFound("a") >> (say.PbxChanged(None, "a"), cmd.ReleaseCall("a1"))


def test_rings_of_the_lost_one_begin_anew() -> None:
    talk = linked(two_houses()) << [*ready("ann"), comes("a1", "a")]
    assert talk.due == 15_000
    talk << ev.PbxLost("cut", "b")
    assert talk.due == 15_000
    talk << ev.PbxLost("cut", "a")
    assert talk.due is None
    talk.at(5_000) << ev.PbxFound("a")
    assert talk.due == 20_000


def test_all_are_lost_and_nobody_moves() -> None:
    talk = linked(two_houses()) << [*ready("ben"), ev.PbxLost("cut", "b"), ev.PbxLost("cut", "a")]
    assert talk.router.pbx_lost == "cut"
    talk << comes("a1", "a") >> waits("a1")
    talk << ev.PbxFound("a") >> say.PbxChanged(None, "a")
    assert talk.state("ben") is READY
    talk << ev.PbxFound("b")
    assert talk.offered() == [("a1", "ben")]


def test_which_are_lost_is_told_while_another_is_linked() -> None:
    talk = linked(two_houses()) << ev.PbxLost("cut", "b")
    assert views.pbx_now(talk.router) == views.PbxView(why_lost=None, lost=[views.LostPbx(name="b", why="cut")])
    talk << ev.PbxLost("fire", "a")
    assert views.pbx_now(talk.router) == views.PbxView(why_lost="fire")
    talk << ev.PbxFound("b")
    assert dict(talk.router.pbxs_lost) == {"a": "fire"}
    talk << ev.PbxFound("a")
    assert views.pbx_now(talk.router) == views.PbxView(why_lost=None)


def test_a_pbx_that_is_not_in_the_configuration_any_more_is_nobodys_loss() -> None:
    talk = linked(two_houses()) << [ev.PbxLost("cut", "b"), *ready("ann")]
    reach.keep(talk.router.flow, ["a"])
    assert dict(talk.router.pbxs_lost) == {}
    talk << comes("a1", "a")
    assert talk.offered() == [("a1", "ann")]


def test_callers_told_of_before_their_pbx_is_found_wait_for_that() -> None:
    talk = linked(two_houses(), "a") << ready("ann")
    talk << comes("b1", "b", waiting_since=0) >> waits("b1")
    talk << ev.PbxFound("b")
    assert talk.offered() == [("b1", "ann")]


def test_a_destination_outside_waits_for_the_pbx() -> None:
    rules = two_houses(replace(group("desk"), when_nobody=VOICEMAIL))
    talk = linked(rules) << [*ready("ann"), ev.ForcedNotReady("ann", "lead"), comes("b1", "b"), ev.PbxLost("cut", "b")]
    talk << ev.LogOutAsked("ann")
    assert talk.router.calls["b1"].state is CallState.WAITING
    talk << ev.PbxFound("b")
    assert cmd.SendElsewhere("b1", VOICEMAIL) in talk.heard


def test_a_caller_who_waited_for_one_agent_alone_goes_to_the_group_afterwards() -> None:
    """That agent left while the PBX was lost."""
    talk = linked(two_houses()) << [*ready("ben"), comes("b0", "b"), answered("b0"), comes("b1", "b", agent="ben")]
    talk << [ev.PbxLost("cut", "b"), *ready("ann"), phone_left("b0"), ev.NotReadyAsked("ben", "lunch")]
    assert talk.router.calls["b1"].personal is not None
    talk << ev.PbxFound("b")
    assert talk.offered() == [("b1", "ann")]


def test_ring_all_lets_nobody_join_while_its_pbx_is_lost() -> None:
    rules = two_houses(replace(group("desk"), strategy=Strategy.RING_ALL))
    talk = linked(rules) << [*ready("ann"), comes("b1", "b"), ev.PbxLost("cut", "b"), ev.PbxLost("cut", "a")]
    talk << ev.PbxFound("a")
    talk << ready("ben")
    assert not talk.offered()
    talk << ev.PbxFound("b")
    assert talk.offered() == [("b1", "ben")]


def test_an_agent_whose_phone_moves_to_another_pbx_is_reached_there() -> None:
    """Also when neither was to be reached at that moment."""
    for lost in (["b"], ["b", "a"]):
        talk = linked(two_houses()) << [ev.PbxLost("cut", pbx) for pbx in lost]
        talk << ready("ben")
        talk.reload(two_houses(agents={"ann": "a", "ben": "a"}))
        talk << comes("a1", "a")
        if "a" in lost:
            talk << ev.PbxFound("a")
        assert talk.state("ben") is RINGING


def test_what_a_talk_is_asked_for_needs_the_callers_pbx() -> None:
    talk = linked(two_houses()) << [*ready("ann", "ben"), comes("b1", "b"), answered("b1"), ev.PbxLost("cut", "b")]
    talk << ev.HoldAsked("ann") >> refuses("ann", RefusalCode.NOT_NOW)
    talk << ev.DialAsked("ben", "0571") >> refuses("ben", RefusalCode.NOT_NOW)
    talk << ev.PbxFound("b")
    talk << ev.HoldAsked("ann")
    assert talk.heard[0] == cmd.HoldCall("b1", OfferId("b1", 1))


@pytest.mark.parametrize("lost", [(), ("a",), ("b",), ("a", "b")])
def test_a_snapshot_keeps_who_can_be_reached(lost: tuple[str, ...]) -> None:
    rules = two_houses(group("desk"), group("tech", tech=1))
    talk = linked(rules) << [*ready("ann", "ben"), comes("a1", "a", group="tech"), comes("b1", "b", group="tech")]
    talk << [ev.PbxLost("cut", pbx) for pbx in lost]
    twin = restore(take(talk.router))
    for event in (comes("a2", "a"), comes("b2", "b"), ev.PbxFound("a"), ev.PbxFound("b"), comes("a3", "a")):
        assert twin.handle(event, 10) == talk.router.handle(event, 10), event
        assert take(twin) == take(talk.router)


def test_a_call_moved_while_its_pbx_is_lost_stays_apart() -> None:
    talk = linked(two_houses(group("desk"), group("night"))) << [comes("b1", "b"), ev.PbxLost("cut", "b")]
    talk << ev.ForcedMove("b1", "night", "lead")
    assert talk.router.calls["b1"].group.id == "night"
    talk << ready("ann")
    assert not talk.offered()
    talk << ev.PbxFound("b")
    assert talk.offered() == [("b1", "ann")]
