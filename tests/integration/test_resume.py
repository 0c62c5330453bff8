"""What a start takes up of the last life: the whole daemon, with a PBX that tells what the test says."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from acd import events as ev
from acd.calls import CallState
from acd.commands import OfferCall, ReleaseCall
from acd.cti_adapters.base import Held
from acd.ids import OfferId
from acd.journal import read
from acd.replay import Replay
from tests.integration.running import Client, running, until


@contextmanager
def logged() -> Iterator[list[Any]]:
    with structlog.testing.capture_logs() as entries:
        yield entries


async def lived(folder: Path, **others: Any) -> None:
    """A life at whose end ann talks with c1, bob rings for c2, and c3 waits."""
    async with running(folder, **others) as acd, acd.client("ann") as ann, acd.client("bob") as bob:
        await ann.does("ready")
        acd.pbx.call("c1", caller_number="138")
        await acd.pbx.offered("c1")
        acd.pbx.accept("c1")
        await ann.sees("agent", state="talking")
        await bob.does("ready")
        acd.pbx.call("c2")
        await acd.pbx.offered("c2")
        acd.pbx.call("c3")
        await until(lambda: any(isinstance(each, ev.CallArrived) and each.call == "c3" for each in acd.journaled()))


async def seen_by(client: Client) -> tuple[dict[str, Any], dict[str, Any]]:
    """Calls and agents of the snapshot, by id."""
    snapshot = next(event for event in client.events if event["type"] == "snapshot")
    return {each["call"]: each for each in snapshot["calls"]}, {each["agent"]: each for each in snapshot["agents"]}


async def test_a_start_knows_calls_and_agents_and_tells_them_to_adapter_clients_and_metrics(tmp_path: Path) -> None:
    await lived(tmp_path)
    with logged() as log:
        async with running(tmp_path, found=False, resume=True) as acd, acd.client("sue") as sue:
            assert acd.pbx.held == [
                Held("c1", CallState.TALKING, talk=OfferId("c1", 1)),
                Held("c2", CallState.OFFERED, rings=(OfferId("c2", 1),)),
                Held("c3", CallState.WAITING),
            ]
            calls, agents = await seen_by(sue)
            assert {call: each["state"] for call, each in calls.items()} == {
                "c1": "talking",
                "c2": "offered",
                "c3": "waiting",
            }
            assert {agent: each["state"] for agent, each in agents.items()} == {"ann": "talking", "bob": "ringing"}
            body = (await acd.get("/metrics"))[2].decode()
            assert 'acd_waiting_calls{group="desk"} 2.0' in body
            assert 'acd_agents{state="talking"} 1.0' in body
            assert "acd_ami_connected 0.0" in body
            assert (await acd.get("/readyz"))[2] == b"the daemon has just started\n"
            async with acd.client("ann") as ann:
                acd.pbx.tell(ev.PbxFound())
                await ann.does("release")
                await acd.pbx.commanded(ReleaseCall, "c1")
                acd.pbx.tell(ev.CallerLeft("c1"))
                await ann.sees("agent", state="wrap-up")
                finished = await sue.sees("finished", call="c1")
                assert (finished["agent"], finished["outcome"]) == ("ann", "released-by-agent")
    [told] = [entry for entry in log if entry["event"] == "taken up from the journal"]
    assert (told["calls"], told["agents"], told["remark"]) == (3, 2, "")
    assert told["file"] == str(tmp_path / "journal.jsonl")


async def test_both_lives_can_be_replayed(tmp_path: Path) -> None:
    """The second is a run of its own, and begins with what the first had come to."""
    await lived(tmp_path)
    async with running(tmp_path, resume=True) as acd, acd.client("bob"):
        acd.pbx.accept("c2")
        acd.pbx.tell(ev.CallerLeft("c3"))
        await until(lambda: ev.CallerLeft("c3") in acd.journaled())
    replay = Replay(read(tmp_path / "journal.jsonl"))
    steps = list(replay)
    assert replay.difference is None
    assert (replay.tally.runs, replay.tally.calls) == (2, 3)
    assert [step.event for step in steps].count(ev.ClientLost("bob")) >= 2, "cut off twice"


async def test_what_is_offered_then_is_offered_by_the_journals_numbers(tmp_path: Path) -> None:
    """No offer's name is used twice, over all lives."""
    await lived(tmp_path)
    async with running(tmp_path, resume=True) as acd:
        acd.pbx.tell(ev.OfferFailed(OfferId("c2", 1), ev.OfferFailure.REJECTED))
        async with acd.client("bob") as bob:
            await bob.does("ready")
            assert (await acd.pbx.commanded(OfferCall, "c2")).offer == OfferId("c2", 2)


async def test_begun_empty_on_purpose(tmp_path: Path) -> None:
    await lived(tmp_path)
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        assert acd.pbx.held == []
        calls, agents = await seen_by(sue)
        assert calls == {}
        assert {each["state"] for each in agents.values()} == {"logged-out"}


async def test_a_damaged_journal_is_an_error_in_the_log_and_no_reason_not_to_start(tmp_path: Path) -> None:
    """The file is kept."""
    await lived(tmp_path)
    journal = tmp_path / "journal.jsonl"
    whole = journal.read_bytes()
    damaged = (b"1" if whole.startswith(b"0") else b"0") + whole[1:]
    journal.write_bytes(damaged)
    with logged() as log:
        async with running(tmp_path, resume=True) as acd, acd.client("ann") as ann:
            await ann.does("ready")
            acd.pbx.call("c9")
            await acd.pbx.offered("c9")
    [problem] = [entry for entry in log if entry["log_level"] == "error"]
    assert problem["event"] == "the journal can't be taken up as it is"
    assert f"{journal}, line 1: is damaged" in problem["problem"]
    [kept] = acd.files() - {"journal.jsonl", "journal.jsonl.lock"}
    assert (tmp_path / kept).read_bytes() == damaged


@pytest.mark.parametrize("ahead_s", [0.0, 3600.0])
async def test_time_goes_on_from_the_journal_where_the_clock_is_behind(tmp_path: Path, ahead_s: float) -> None:
    """And the log says so; waits go on from there."""
    await lived(tmp_path)
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    at, kind, _, proof = json.loads(lines[-1][9:])
    assert kind == "End"
    at += int(ahead_s * 1000)
    text = json.dumps([at, "DeadlineReached", {}, proof], separators=(",", ":")).encode()
    journal.write_bytes(b"".join(lines[:-1]) + b"%08x %s\n" % (zlib.crc32(text), text))
    with logged() as log:
        async with running(tmp_path, resume=True) as acd, acd.client("sue") as sue:
            snapshot = next(event for event in sue.events if event["type"] == "snapshot")
            assert snapshot["now"] >= at
            acd.pbx.call("c9")
            assert (await sue.sees("call", call="c9"))["waiting_since"] >= at
    warnings = [entry for entry in log if entry["log_level"] == "warning"]
    assert len(warnings) == (ahead_s > 0)
    if warnings:
        assert "behind the journal" in warnings[0]["event"]
        assert 3500 < warnings[0]["by_s"] <= 3600
        assert "--fresh" in warnings[0]["todo"]
    assert abs(snapshot["now"] / 1000 - time.time() - ahead_s) < 30
