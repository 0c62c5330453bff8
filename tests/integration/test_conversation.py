"""Calls, forced changes, and who is told of what: the protocol as agents and supervisors live with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd import events as ev
from acd.commands import OfferCall, ReleaseCall, WithdrawOffer
from acd.journal import read
from acd.replay import Replay
from tests.integration.running import Acd, Client, running

FORCES = ("force_ready", "force_not_ready", "force_log_out", "force_release")


async def talking(acd: Acd, ann: Client, call: str = "c1") -> None:
    """Bring ann into a talk."""
    await ann.does("ready")
    acd.pbx.call(call)
    await acd.pbx.offered(call)
    acd.pbx.accept(call)
    await ann.sees("agent", state="talking", call=call)


# --- a call ---------------------------------------------------------------------------------------------------


async def test_an_offer_tells_the_agent_all_of_the_caller(tmp_path: Path) -> None:
    """The caller's name comes whole, whatever script it is in."""
    name = "北京铁路局 张伟 “VIP” 🚄"
    async with running(tmp_path, ring_s=20) as acd, acd.client("ann") as ann:
        await ann.does("ready")
        acd.pbx.call("c1", caller_number="01012306", caller_name=name)
        offer = await ann.sees("offer")
        assert offer["waited_ms"] >= 0
        assert {key: offer[key] for key in offer if key not in ("seq", "waited_ms")} == {
            "type": "offer",
            "call": "c1",
            "offer": 1,
            "agent": "ann",
            "group": "desk",
            "entry": "100",
            "caller_number": "01012306",
            "caller_name": name,
            "ring_ms": 20_000,
            "kind": "incoming",
            "about": None,
            "number": "",
        }
        command = await acd.pbx.offered("c1")
        assert (command.device, command.caller_name) == ("PJSIP/ann", name)


async def test_a_call_from_offer_to_the_end_of_wrap_up(tmp_path: Path) -> None:
    async with running(tmp_path, wrap_up_s=30) as acd, acd.client("ann") as ann:
        await talking(acd, ann)
        await ann.does("release")
        await acd.pbx.commanded(ReleaseCall, "c1")
        acd.pbx.tell(ev.CallerLeft("c1"))
        finished = await ann.sees("finished", call="c1")
        assert (finished["outcome"], finished["agent"]) == ("released-by-agent", "ann")
        await ann.sees("agent", state="wrap-up", call="c1")
        await ann.does("ready")
        await ann.sees("agent", state="ready", call=None)


async def test_a_refused_request_says_what_is_possible(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        reason = await ann.refused("not_ready", reason="coffee")
        assert reason["code"] == "unknown-reason"
        assert "break, lunch, training" in reason["message"]
        assert (await ann.refused("release"))["code"] == "no-call"
        await ann.does("ready")
        assert (await ann.refused("ready"))["code"] == "not-now"


async def test_an_agent_who_comes_back_during_a_talk_finds_it_in_the_snapshot(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await talking(acd, ann)
        async with acd.stranger() as again:
            assert (await again.log_in("ann", take_over=True))["ok"]
            snapshot = await again.sees("snapshot")
            assert [(call["call"], call["state"], call["agent"]) for call in snapshot["calls"]] == [
                ("c1", "talking", "ann")
            ]
            assert snapshot["agents"][0]["call"] == "c1"


# --- who is told ----------------------------------------------------------------------------------------------


async def test_an_agent_is_told_of_no_other_agent(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("bob") as bob, acd.client("sue"):
        await talking(acd, ann)
        acd.pbx.tell(ev.CallerLeft("c1"))
        await ann.sees("finished", call="c1")
        kinds = [event["type"] for event in await bob.caught_up()]
        assert kinds == ["snapshot"]
        assert [view["agent"] for view in bob.events[0]["agents"]] == ["bob"]
        assert bob.events[0]["calls"] == []


async def test_a_supervisor_is_told_of_everything_in_order(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue, acd.client("ann") as ann:
        await talking(acd, ann)
        acd.pbx.tell(ev.CallerLeft("c1"))
        await sue.sees("agent", state="wrap-up")
        told = [(event["type"], event.get("state", event.get("how"))) for event in sue.events[1:]]
        assert told == [
            ("agent", "not-ready"),
            ("agent", "ready"),
            ("call", "waiting"),
            ("offer", None),
            ("agent", "ringing"),
            ("connected", None),
            ("agent", "talking"),
            ("finished", None),
            ("agent", "wrap-up"),
        ]


async def test_a_supervisors_snapshot_holds_all_agents_and_live_calls(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await talking(acd, ann)
        acd.pbx.call("c2", caller_name="等待")
        await ann.caught_up()
        async with acd.stranger() as client:
            await client.log_in("sue")
            snapshot = await client.sees("snapshot")
        assert {view["agent"]: view["state"] for view in snapshot["agents"]} == {"ann": "talking", "bob": "logged-out"}
        assert [(call["call"], call["state"], call["caller_name"]) for call in snapshot["calls"]] == [
            ("c1", "talking", ""),
            ("c2", "waiting", "等待"),
        ]
        assert snapshot["role"] == "supervisor"


async def test_the_adapter_is_shown_the_agents_phones_at_the_start_and_when_they_change(tmp_path: Path) -> None:
    """And what it tells of them counts."""
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        [before] = acd.pbx.devices
        await sue.does("change", patch={"agents": [{"id": "ann", "device": "PJSIP/9"}]})
        assert acd.pbx.devices == [before, before | {"ann": "PJSIP/9"}]
        await ann.does("ready")
        acd.pbx.tell(ev.PhoneChanged("ann", ev.PhoneState.UNREACHABLE))
        await ann.sees("agent", state="not-ready", reason="device-unavailable")
        acd.pbx.tell(ev.PhoneChanged("ann", ev.PhoneState.FREE))
        await ann.sees("agent", state="ready")


async def test_everybody_is_told_when_the_pbx_is_lost_and_found(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        acd.pbx.tell(ev.PbxLost("the cable is out"))
        acd.pbx.tell(ev.PbxFound())
        for client in (ann, sue):
            await client.sees("pbx", why_lost="the cable is out")
            await client.sees("pbx", why_lost=None)


# --- forced ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", FORCES)
async def test_an_agent_can_force_nobody(tmp_path: Path, kind: str) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        for whom in ("bob", "ann"):
            assert (await ann.refused(kind, agent=whom))["code"] == "not-allowed"
        assert [type(event) for event in acd.journaled()] == [ev.PbxFound, ev.LoggedIn]


@pytest.mark.parametrize("kind", ["ready", "log_out", "release"])
async def test_an_agent_acts_for_nobody_else(tmp_path: Path, kind: str) -> None:
    """There is no field by which to name another agent."""
    async with running(tmp_path) as acd, acd.client("bob"), acd.client("ann") as ann:
        error = await ann.refused(kind, agent="bob")
        assert error == {"code": "bad-request", "message": "agent: there is no such field in this request"}


async def test_a_supervisor_is_no_agent(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        for kind, fields in {"ready": {}, "not_ready": {"reason": "lunch"}, "release": {}}.items():
            assert (await sue.refused(kind, **fields))["code"] == "not-allowed"


async def test_forced_states_are_done_and_show_who_forced(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await sue.does("force_ready", agent="ann")
        for client in (ann, sue):
            assert (await client.sees("agent", agent="ann", state="ready"))["by"] == "sue"
        await sue.does("force_not_ready", agent="ann")
        assert (await ann.sees("agent", state="not-ready", reason="forced"))["by"] == "sue"
        await ann.does("ready")
        assert (await ann.sees("agent", state="ready"))["by"] == "", "the agent's own word takes it off again"


async def test_forced_not_ready_in_a_talk_is_pending(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await talking(acd, ann)
        await sue.does("force_not_ready", agent="ann")
        noted = await ann.sees(
            "agent", state="talking", pending={"state": "not-ready", "reason": "forced", "by": "sue"}
        )
        assert noted["call"] == "c1"


async def test_forced_log_out_tells_the_agents_client_and_closes_it(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await sue.does("force_log_out", agent="ann")
        assert (await ann.sees("goodbye"))["message"] == "sue has logged you out"
        assert await ann.is_closed() == (4001, "logged-out")
        assert (await sue.sees("agent", agent="ann", state="logged-out"))["by"] == "sue"


async def test_forced_log_out_with_release_ends_the_call_too(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await talking(acd, ann)
        await sue.does("force_log_out", agent="ann", release=True)
        await acd.pbx.commanded(ReleaseCall, "c1")
        acd.pbx.tell(ev.CallerLeft("c1"))
        assert (await sue.sees("finished", call="c1"))["outcome"] == "released-by-supervisor"
        assert await ann.is_closed() == (4001, "logged-out")


async def test_forced_release_of_a_ring_sends_the_call_to_another(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("bob") as bob, acd.client("sue") as sue:
        await ann.does("ready")
        await bob.does("ready")
        acd.pbx.call("c1")
        await ann.sees("offer", call="c1")
        await sue.does("force_release", agent="ann")
        await acd.pbx.commanded(WithdrawOffer, "c1")
        await bob.sees("offer", call="c1", offer=2)
        assert (await ann.sees("agent", state="not-ready"))["by"] == "sue"


async def test_forcing_an_agent_who_is_not_there_is_an_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        for kind in FORCES:
            assert (await sue.refused(kind, agent="nobody"))["code"] == "unknown-agent"
        assert (await sue.refused("force_ready", agent="ann"))["code"] == "not-now", "logged out"
        assert (await sue.refused("force_release", agent="ann"))["code"] == "no-call"


# --- the journal ----------------------------------------------------------------------------------------------


async def test_an_event_is_in_the_journal_before_its_commands_go_out(tmp_path: Path) -> None:
    """Whatever the PBX was asked to do, the journal can explain, even after a sudden end."""
    seen: list[bool] = []
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        acd.pbx.on_command = lambda command: seen.append(
            isinstance(command, OfferCall) and ev.CallArrived("c1", "100") in acd.journaled()
        )
        await ann.does("ready")
        acd.pbx.call("c1")
        await ann.sees("offer")
        await acd.pbx.offered("c1")
    assert seen == [True]


async def test_the_journal_of_a_live_day_replays_to_the_same_outputs(tmp_path: Path) -> None:
    lived = []
    watch = [lambda outputs, step: lived.append((step.at, step.event, outputs))]
    async with (
        running(tmp_path, watchers=tuple(watch), wrap_up_s=0.03, ring_s=1, client_grace_s=0.02) as acd,
        acd.client("ann") as ann,
        acd.client("sue") as sue,
    ):
        await talking(acd, ann)
        acd.pbx.tell(ev.CallerLeft("c1"))
        await ann.sees("agent", state="ready")
        await sue.does("force_not_ready", agent="ann")
        acd.pbx.tell(ev.PbxLost("gone"))
        acd.pbx.call("c2", caller_name="李娜")
        await sue.does("change", patch={"groups": [{"id": "desk", "wrap_up_s": 5}, {"id": "night", "name": "夜班"}]})
        await sue.does("set_tier", call="c2", tier=3)
        acd.pbx.tell(ev.PbxFound())
        async with acd.client("bob") as bob:
            await bob.does("ready")
            await bob.sees("offer", call="c2")
            acd.pbx.tell(ev.OfferFailed(acd.pbx.commands[-1].offer, ev.OfferFailure.BUSY))
            await bob.sees("agent", state="not-ready", reason="busy")
        await sue.sees("agent", agent="bob", reason="busy")
        acd.pbx.tell(ev.CallerLeft("c2"))
        await sue.sees("finished", call="c2")
    replay = Replay(read(acd.journal))
    assert [(step.line.at, step.event, step.outputs) for step in replay] == lived
    assert replay.difference is None
    assert replay.tally.events > 12


# --- waiting calls --------------------------------------------------------------------------------------------


async def test_a_supervisor_lets_a_call_be_served_before_others_and_in_another_group(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue, acd.client("ann") as ann:
        await sue.does("change", patch={"groups": [{"id": "night", "needs": {"night": 1}}]})
        acd.pbx.call("c1")
        acd.pbx.call("c2")
        await sue.does("set_tier", call="c2", tier=2)
        assert (await sue.sees("tier"))["by"] == "sue"
        await sue.does("move_call", call="c1", group="night")
        moved = await sue.sees("moved", call="c1")
        assert (moved["group"], moved["to"], moved["cause"]) == ("desk", "night", "supervisor")
        waits = await sue.sees("call", call="c1")
        assert (waits["group"], waits["state"]) == ("night", "waiting")
        await ann.does("ready")
        assert (await ann.sees("offer"))["call"] == "c2"
        assert (await ann.caught_up())[-1]["type"] == "agent"


async def test_what_cannot_be_done_with_a_call_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue, acd.client("ann") as ann:
        assert (await sue.refused("set_tier", call="c9", tier=2))["code"] == "unknown-call"
        acd.pbx.call("c1")
        assert (await sue.refused("move_call", call="c1", group="x"))["code"] == "unknown-group"
        assert (await sue.refused("move_call", call="c1", group="desk"))["code"] == "not-now"
        await talking(acd, ann, "c1")
        assert (await sue.refused("set_tier", call="c1", tier=2))["code"] == "not-now"


async def test_a_step_and_where_a_call_is_sent_are_told_to_supervisors(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue, acd.client("ann") as ann:
        steps = [{"after_s": 0, "tier": 3}, {"after_s": 0.05, "to": "voicemail:12"}]
        await sue.does("change", patch={"groups": [{"id": "desk", "steps": steps}]})
        await ann.sees("snapshot")
        acd.pbx.call("c1")
        assert (await sue.sees("step"))["step"] == 1
        assert (await sue.sees("tier"))["tier"] == 3
        sent = await sue.sees("sent")
        assert (sent["call"], sent["to"], sent["cause"]) == ("c1", "voicemail:12", "step")
        async with acd.stranger() as again:
            assert (await again.log_in("sue", take_over=True))["ok"]
            (call,) = (await again.sees("snapshot"))["calls"]
            assert (call["state"], call["sent_to"]) == ("elsewhere", "voicemail:12")
        acd.pbx.tell(ev.SentElsewhere("c1"))
        assert [event["type"] for event in await ann.caught_up()] == ["snapshot", "snapshot"]


# --- is anybody there -----------------------------------------------------------------------------------------


async def test_a_ping_is_answered_to_anybody_and_changes_nothing(tmp_path: Path) -> None:
    """A page can't send WebSocket's own ping, and wants to know after a silence."""
    async with running(tmp_path) as acd, acd.stranger() as who, acd.client("ann") as ann, acd.client("sue") as sue:
        for client in (who, ann, sue):
            await client.does("ping")
        assert acd.journaled() == [ev.PbxFound(), ev.LoggedIn("ann")]
