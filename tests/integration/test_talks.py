"""Call control by the protocol: what agents and supervisors ask, what the PBX is told, and who hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from acd import commands as cmd
from acd import events as ev
from acd.rules import Destination, DestinationKind
from tests.integration.running import Acd, Client, running


@asynccontextmanager
async def in_talk(folder: Path, **others: Any) -> AsyncIterator[tuple[Acd, Client, Client, Client]]:
    """Ann talks with a caller, Bob is ready, Sue watches."""
    async with (
        running(folder, **others) as acd,
        acd.client("sue") as sue,
        acd.client("ann") as ann,
        acd.client("bob") as bob,
    ):
        await ann.does("ready")
        acd.pbx.call("c1", caller_number="030", caller_name="李娜")
        await acd.pbx.offered("c1")
        acd.pbx.accept("c1")
        await ann.sees("connected", call="c1")
        await bob.does("ready")
        yield acd, ann, bob, sue


async def test_what_rings_is_answered_by_the_client(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        assert (await ann.refused("answer"))["code"] == "no-call"
        await ann.does("ready")
        acd.pbx.call("c1")
        offer = await ann.sees("offer")
        await ann.does("answer")
        command = await acd.pbx.commanded(cmd.AnswerOffer, "c1")
        assert command.offer.number == offer["offer"]


async def test_hold_is_told_to_both_sides_and_found_by_a_client_that_comes_back(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, _, sue):
        await ann.does("hold")
        await acd.pbx.commanded(cmd.HoldCall, "c1")
        for client in (ann, sue):
            told = await client.sees("talk", call="c1")
            assert (told["stage"], told["consult"], told["ended"]) == ("held", None, None)
        assert (await ann.refused("hold"))["code"] == "not-now"
        async with acd.stranger() as again:
            assert (await again.log_in("ann", take_over=True))["ok"]
            (shown,) = (await again.sees("snapshot"))["calls"]
            assert (shown["state"], shown["stage"]) == ("talking", "held")
            await again.does("retrieve")
            assert (await again.sees("talk"))["stage"] == "connected"


async def test_a_consult_with_an_agent_from_the_question_to_the_transfer(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, bob, sue):
        await ann.does("consult", to="agent:bob")
        told = await ann.sees("talk", stage="consulting")
        consult = told["consult"]["call"]
        assert told["consult"] | {"call": ""} == {
            "call": "",
            "to": "agent:bob",
            "name": "",
            "answered": False,
            "party": None,
            "party_name": "",
        }
        offer = await bob.sees("offer", call=consult)
        about = {
            "call": "c1",
            "by": "ann",
            "by_name": "",
            "group": "desk",
            "caller_number": "030",
            "caller_name": "李娜",
        }
        assert (offer["kind"], offer["about"]) == ("consult", about)
        acd.pbx.accept(consult)
        answered = await ann.sees("talk", stage="consulting")
        assert (answered["consult"]["answered"], answered["consult"]["party"]) == (True, "bob")
        assert (await bob.sees("connected", call=consult))["about"] == about
        async with acd.stranger() as again:
            assert (await again.log_in("bob", take_over=True))["ok"]
            (shown,) = (await again.sees("snapshot"))["calls"]
            assert (shown["call"], shown["kind"], shown["about"]) == (consult, "consult", about)
            await ann.does("conference")
            assert (await again.sees("talk", call="c1"))["stage"] == "conference"
            await ann.does("transfer")
            given = await ann.sees("transferred")
            assert (given["to"], given["attended"]) == ("agent:bob", True)
            connected = await again.sees("connected", call="c1")
            assert (connected["agent"], connected["caller_number"], connected["caller_name"]) == ("bob", "030", "李娜")
            assert (await again.sees("agent", call="c1"))["state"] == "talking"
        assert (await ann.sees("agent"))["state"] == "wrap-up"
        assert (await sue.sees("finished", call=consult))["outcome"] == "transferred"


async def test_a_consult_that_nobody_takes_says_why(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, bob, _):
        await ann.does("consult", to="agent:bob")
        consult = (await bob.sees("offer"))["call"]
        await bob.does("release")
        over = await ann.sees("talk", stage="connected")
        assert (over["ended"], over["consult"]) == ("rejected", None)
        assert (await bob.sees("agent", state="not-ready"))["reason"] == "rejected"
        error = await ann.refused("consult", to="agent:bob")
        assert (error["code"], error["message"]) == ("not-now", "agent 'bob' is not-ready, and not ready")
        assert acd.pbx.kinds().count(cmd.BeginConsult) == 1
        assert consult.startswith("c1")


async def test_a_number_is_consulted_and_told_digits(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, bob, _):
        await ann.does("consult", to="number:0571")
        consult = (await ann.sees("talk", stage="consulting"))["consult"]["call"]
        assert (await ann.refused("digits", digits="1"))["code"] == "not-now"
        acd.pbx.tell(ev.NumberAnswered(consult))
        assert (await ann.sees("talk"))["consult"]["answered"]
        await ann.does("digits", digits="12#")
        assert await acd.pbx.commanded(cmd.SendDigits, consult) == cmd.SendDigits(consult, "12#")
        await ann.does("reconnect")
        assert (await ann.sees("talk"))["ended"] == "reconnected"
        assert [event["type"] for event in bob.events if event["type"] in ("talk", "offer")] == []


async def test_a_blind_transfer_leaves_the_agent_and_is_told_to_supervisors(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, bob, sue):
        await ann.does("transfer", to="group:desk")
        assert (await ann.sees("transferred"))["name"] == "Desk 服务台"
        await bob.sees("offer", call="c1")
        assert (await sue.sees("transferred"))["to"] == "group:desk"
        acd.pbx.accept("c1", 2)
        await bob.sees("connected")
        assert (await bob.refused("transfer"))["code"] == "not-now"
        await bob.does("transfer", to="voicemail:sales")
        sent = await acd.pbx.commanded(cmd.SendElsewhere, "c1")
        assert sent.to == Destination(DestinationKind.VOICEMAIL, "sales")
        assert (await sue.sees("sent"))["cause"] == "transfer"


@pytest.mark.parametrize(
    ("kind", "fields", "code"),
    [
        ("consult", {"to": "agent:nobody"}, "bad-target"),
        ("consult", {"to": "group:nowhere"}, "unknown-group"),
        ("transfer", {"to": "agent:ann"}, "not-now"),
        ("reconnect", {}, "not-now"),
        ("conference", {}, "not-now"),
        ("record", {"word": "start"}, "not-now"),
        ("dial", {"number": "0571"}, "not-now"),
        ("dial", {"number": "phone"}, "bad-request"),
        ("digits", {"digits": "E"}, "bad-request"),
        ("monitor", {"agent": "bob", "mode": "listen"}, "not-allowed"),
    ],
)
async def test_what_can_t_be_is_refused_and_changes_nothing(
    tmp_path: Path, kind: str, fields: dict[str, str], code: str
) -> None:
    async with in_talk(tmp_path) as (acd, ann, _, _):
        before = len(acd.pbx.commands)
        assert (await ann.refused(kind, **fields))["code"] == code
        assert len(acd.pbx.commands) == before
        assert not [event for event in await ann.caught_up() if event["type"] == "talk"]


async def test_an_agent_s_own_call(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.does("dial", number="0571")
        dialled = await ann.sees("dialled")
        call = dialled["call"]
        offer = await ann.sees("offer", call=call)
        assert (offer["kind"], offer["number"], offer["group"]) == ("outgoing", "0571", "desk")
        acd.pbx.accept(call)
        await ann.sees("agent", state="talking")
        assert (await ann.refused("hold"))["message"].endswith("hasn't been answered yet")
        acd.pbx.tell(ev.NumberFailed(call, ev.OfferFailure.BUSY))
        finished = await ann.sees("finished")
        assert (finished["outcome"], finished["kind"], finished["why"]) == ("not-reached", "outgoing", "busy")
        await ann.sees("agent", state="not-ready")


async def test_a_recording_is_followed_and_its_file_told_at_the_end(tmp_path: Path) -> None:
    async with in_talk(tmp_path, recording="on-demand") as (acd, ann, _, sue):
        await ann.does("record", word="start")
        await acd.pbx.commanded(cmd.Record, "c1")
        acd.pbx.tell(ev.RecordingStarted("c1", "2026/c1.wav"))
        assert (await ann.sees("recording"))["state"] == "on"
        await ann.does("record", word="pause")
        assert (await ann.sees("recording"))["state"] == "paused"
        async with acd.stranger() as again:
            assert (await again.log_in("ann", take_over=True))["ok"]
            shown = await again.sees("snapshot")
            assert shown["calls"][0]["recording"] == "paused"
            assert shown["groups"][0]["recording"] == "on-demand"
        acd.pbx.tell(ev.CallerLeft("c1"))
        assert (await sue.sees("finished"))["recording"] == "2026/c1.wav"


async def test_a_supervisor_takes_part_and_the_agent_hears_nothing_of_it(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, bob, sue):
        assert (await sue.refused("monitor", agent="bob", mode="listen"))["code"] == "no-call"
        assert (await sue.refused("end_monitor"))["code"] == "no-call"
        await sue.does("monitor", agent="ann", mode="listen")
        rings = await sue.sees("monitor")
        assert (rings["by"], rings["agent"], rings["mode"], rings["state"]) == ("sue", "ann", "listen", "ringing")
        acd.pbx.tell(ev.MonitorStarted(rings["monitor"]))
        await sue.sees("monitor", state="on")
        await sue.does("monitor", agent="ann", mode="whisper")
        await sue.sees("monitor", mode="whisper")
        async with acd.stranger() as again:
            assert (await again.log_in("sue", take_over=True))["ok"]
            shown = await again.sees("snapshot")
            assert [(each["by"], each["mode"]) for each in shown["monitors"]] == [("sue", "whisper")]
            await again.does("monitor", agent="ann", mode="intercept")
            assert not [event for event in await ann.caught_up() if event["type"] in ("monitor", "intercepted")]
    assert "monitor" not in {event["type"] for event in (*ann.events, *bob.events)}


async def test_an_interception_is_told_to_the_agent_whose_caller_it_was(tmp_path: Path) -> None:
    async with in_talk(tmp_path) as (acd, ann, _, sue):
        await sue.does("monitor", agent="ann", mode="intercept")
        monitor = (await sue.sees("monitor"))["monitor"]
        acd.pbx.tell(ev.Intercepted(monitor))
        assert (await ann.sees("intercepted"))["by"] == "sue"
        await ann.sees("agent", state="wrap-up")
        await sue.does("end_monitor")
        acd.pbx.tell(ev.MonitorEnded(monitor))
        await acd.pbx.commanded(cmd.ReleaseCall, "c1")
        acd.pbx.tell(ev.CallerLeft("c1"))
        assert (await sue.sees("finished"))["outcome"] == "intercepted"


async def test_agents_are_found_by_a_part_of_their_id(tmp_path: Path) -> None:
    async with running(tmp_path, agents=3) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        found = (await ann.ask("directory", search="A"))["result"]
        assert [each["id"] for each in found["agents"]] == ["a0", "a1", "a2"]
        everybody = (await ann.ask("directory"))["result"]
        assert {each["id"] for each in everybody["agents"]} == {"bob", "a0", "a1", "a2"}
        assert [(each["id"], each["name"]) for each in everybody["groups"]] == [("desk", "Desk 服务台")]
        assert (await sue.refused("directory"))["code"] == "not-allowed"


async def test_why_tells_of_a_consult(tmp_path: Path) -> None:
    """From the journal: who asked, about which call."""
    async with in_talk(tmp_path) as (_, ann, bob, sue):
        await ann.does("consult", to="agent:bob")
        consult = (await bob.sees("offer"))["call"]
        text = (await sue.ask("why", within_s=30, call=consult))["result"]["text"]
        assert text["en"].startswith(f"Consult of ann about call c1: {consult}")
        assert "ann consults bob about call c1." in text["en"]
        assert text["zh"].startswith("座席 ann 就呼叫 c1 的咨询")


async def test_why_tells_of_a_call_that_an_agent_makes_while_the_own_phone_rings(tmp_path: Path) -> None:
    """Its id stands in no event yet."""
    async with running(tmp_path) as acd, acd.client("ann") as ann, acd.client("sue") as sue:
        await ann.does("dial", number="0571")
        call = (await ann.sees("dialled"))["call"]
        text = (await sue.ask("why", within_s=30, call=call))["result"]["text"]["en"]
        assert "ann calls 0571, for Desk 服务台 (desk)." in text
