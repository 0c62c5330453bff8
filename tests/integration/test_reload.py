"""Other settings while calls are served, on a real process: by SIGHUP, by `acd reload`, by a supervisor's request."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import trio
from websockets.trio.client import connect

from acd.shipped import config_folder
from tests.daemon import PASSWORD, WITHIN_S, Centre, Client, Daemon, Message, daemon

ADAPTER = 'adapter = "simulator"'
SIMULATOR = """
[simulator]                      # a call a second, nobody gives up; our agents' phones answer at once
simulated_agents = []
calls_per_h = {"8001" = 3600}
patience_s = 3600
talk_s = 3600
retry_probability = 0
human_phone_answers_s = 0.02
[routing]
not_ready_reasons = ["break", "lunch"]
"""
PLAIN = Centre({"1001": {"desk": 3}, "1002": {"other": 1}}, {"desk": {"needs": {"desk": 3}}}, tables=SIMULATOR)
STRICT = replace(PLAIN, groups={"desk": {"needs": {"desk": 5}}})
"""Nobody may serve its calls."""


@asynccontextmanager
async def serving(centre: Centre, folder: Path) -> AsyncIterator[Daemon]:
    async with daemon(centre, ADAPTER, folder) as acd:
        yield acd


def rewrite(acd: Daemon, centre: Centre) -> None:
    acd.config.write_text(centre.toml(ADAPTER, acd.journal), encoding="utf-8")


async def hang_up(acd: Daemon, until: str = "settings in force") -> list[Message]:
    """SIGHUP; what is logged up to the result, when that comes."""
    before = len(acd.logged())
    acd.running.send_signal(signal.SIGHUP)
    with trio.fail_after(WITHIN_S):
        while True:
            new = acd.logged()[before:]
            for n, line in enumerate(new):
                if line["event"] == until:
                    return [each for each in new[: n + 1] if str(each["event"]).startswith("settings")]
            await trio.sleep(0.01)


async def command(acd: Daemon, *words: str, user: str = "lead", password: str = PASSWORD) -> CompletedProcess[bytes]:
    """`acd reload` against the daemon."""
    url = acd.address.replace("http", "ws") + "ws"
    line = [sys.executable, "-m", "acd", "reload", "--url", url, "--user", user, *words]
    run = partial(trio.run_process, capture_stdout=True, capture_stderr=True, check=False)
    with trio.fail_after(2 * WITHIN_S):
        return await run(line, env={**os.environ, "ACD_PASSWORD": password})


# --- SIGHUP ---------------------------------------------------------------------------------------------------


async def test_a_call_that_waits_is_served_when_a_reload_lowers_its_need(tmp_path: Path) -> None:
    async with serving(STRICT, tmp_path) as acd, acd.client("lead") as lead, acd.client("1001") as agent:
        await agent.does("ready")
        call = (await lead.sees("call", state="waiting"))["call"]
        rewrite(acd, PLAIN)
        lines = await hang_up(acd)
        assert [line.get("difference") for line in lines] == ["groups.desk.needs.desk: 5 -> 3", None]
        assert (await lead.sees("rules"))["by"] == "SIGHUP"
        assert (await agent.sees("offer"))["call"] == call, "the longest wait comes first"
        await agent.is_in("talking", call=call)


async def test_a_bad_file_changes_nothing_and_is_logged_with_file_and_key(tmp_path: Path) -> None:
    async with serving(STRICT, tmp_path) as acd, acd.client("lead") as lead, acd.client("1001") as agent:
        await agent.does("ready")
        await lead.sees("call", state="waiting")
        rewrite(acd, replace(PLAIN, groups={"desk": {"needs": {"desk": 3}, "ring_s": 0, "rings": 1}}))
        lines = await hang_up(acd, until="settings stay as they are")
        assert [line.get("problem") for line in lines[:2]] == [
            f"{acd.config}: groups.0.ring_s: Input should be greater than or equal to 1 (it is 0)",
            f"{acd.config}: groups.0.rings: there is no such key; look for a misspelling",
        ]
        assert {line["level"] for line in lines} == {"error"}
        await agent.does("ping")
        assert not [event for event in (*lead.events, *agent.events) if event["type"] in ("rules", "offer")]
        rewrite(acd, PLAIN)
        await hang_up(acd)
        await agent.is_in("talking")


async def test_who_talks_and_is_removed_talks_on_and_is_let_go_afterwards(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("lead") as lead, acd.client("1001") as agent:
        await agent.does("ready")
        call = (await agent.is_in("talking"))["call"]
        rewrite(acd, replace(PLAIN, agents={"1002": {"desk": 3}}))
        await hang_up(acd)
        noted = await agent.is_in("talking")
        assert (noted["call"], noted["pending"]["state"]) == (call, "logged-out")
        snapshot = await agent.sees("snapshot")
        assert [each["state"] for each in snapshot["calls"]] == ["talking"]
        assert (await agent.ask("not_ready", reason="lunch"))["error"]["code"] == "not-now"
        await agent.does("release")
        finished = await agent.sees("finished", call=call)
        assert finished["outcome"] == "released-by-agent"
        goodbye = await agent.sees("goodbye")
        assert (goodbye["code"], goodbye["message"]) == ("removed", "your account isn't in the configuration any more")
        await lead.sees("agent", agent="1001", state="logged-out")
        shown = await lead.sees("snapshot")
        assert [each["agent"] for each in shown["agents"]] == ["1002"]


async def test_a_password_and_a_supervisor_of_the_new_file_count_at_once(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("lead") as lead:
        text = PLAIN.toml(ADAPTER, acd.journal).replace('id = "lead"', 'id = "boss"')
        acd.config.write_text(text, encoding="utf-8")
        lines = await hang_up(acd)
        assert [line.get("difference") for line in lines[:-1]] == ["supervisors.lead: gone", "supervisors.boss: new"]
        assert (await lead.sees("goodbye"))["code"] == "removed"
        async with acd.client("boss") as boss:
            assert boss.snapshot["role"] == "supervisor"
        assert (await command(acd)).returncode == 2, "and lead can't log in any more"


# --- a supervisor's request -----------------------------------------------------------------------------------


async def test_a_reload_by_request_answers_with_the_differences(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("lead") as lead:
        rewrite(acd, replace(PLAIN, groups={"desk": {"needs": {"desk": 3}, "ring_s": 20}, "night": {}}))
        result = (await lead.ask("reload", dry_run=True))["result"]
        lines = ["groups.desk.ring_s: 15 -> 20", "groups.night: new"]
        assert result == {"lines": lines, "need_restart": 0, "applied": False}
        await lead.does("ping")
        assert not [event for event in lead.events if event["type"] == "rules"]
        assert (await lead.ask("reload"))["result"] == result | {"applied": True}
        await lead.sees("rules", by="lead")
        assert [each["id"] for each in (await lead.sees("snapshot"))["groups"]] == ["desk", "night"]
        assert (await lead.ask("reload"))["result"] == {"lines": [], "need_restart": 0, "applied": True}


async def test_a_change_by_request_holds_until_the_file_is_read_again(tmp_path: Path) -> None:
    async with serving(STRICT, tmp_path) as acd, acd.client("lead") as lead, acd.client("1001") as agent:
        await agent.does("ready")
        await lead.sees("call", state="waiting")
        patch = {"groups": [{"id": "desk", "needs": {"desk": 2}}]}
        assert (await lead.ask("change", patch=patch))["result"]["lines"] == ["groups.desk.needs.desk: 5 -> 2"]
        await agent.is_in("talking")
        assert (await lead.ask("reload"))["result"]["lines"] == ["groups.desk.needs.desk: 2 -> 5"]
        said = ["groups.desk.needs.desk: 5 -> 2", "groups.desk.needs.desk: 2 -> 5"]
        with trio.fail_after(5):
            while _differences(acd) != said:  # noqa: ASYNC110  a line of another process's file has no event
                await trio.sleep(0.01)


def _differences(acd: Daemon) -> list[str]:
    return [line["difference"] for line in acd.logged() if line.get("event") == "settings differ"]


async def test_a_bad_change_is_refused_with_every_problem(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("lead") as lead:
        patch = {"groups": [{"id": "desk", "ring_s": 0, "weight": 0.001}]}
        error = (await lead.ask("change", patch=patch))["error"]
        assert error["code"] == "bad-settings"
        assert [line.partition(": Input")[0] for line in error["message"].splitlines()[:2]] == [
            "the change: groups.0.ring_s",
            "the change: groups.0.weight",
        ]
        error = (await lead.ask("change", patch={"server": {"port": 1}}))["error"]
        assert error["message"].startswith("server: can't be changed by a request")


async def test_an_agent_may_change_nothing(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("1001") as agent:
        for kind, fields in REQUESTS.items():
            assert (await agent.ask(kind, **fields))["error"]["code"] == "not-allowed", kind
        assert not [line for line in acd.logged() if str(line["event"]).startswith("settings")]


REQUESTS: dict[str, dict[str, Any]] = {
    "reload": {},
    "change": {"patch": {}},
    "set_tier": {"call": "c", "tier": 1},
    "move_call": {"call": "c", "group": "desk"},
    "why": {"call": "c"},
}


async def test_other_reasons_for_not_ready_are_shown_and_count(tmp_path: Path) -> None:
    async with serving(STRICT, tmp_path) as acd, acd.client("lead") as lead, acd.client("1001") as agent:
        await lead.does("change", patch={"routing": {"not_ready_reasons": ["tea"]}})
        assert (await agent.sees("snapshot"))["not_ready_reasons"] == ["tea"]
        await agent.does("not_ready", reason="tea")
        assert (await agent.ask("not_ready", reason="lunch"))["error"]["code"] == "unknown-reason"


# --- the command ----------------------------------------------------------------------------------------------


async def test_the_command_prints_the_differences_and_leaves_the_supervisors_page_alone(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("lead") as lead:
        rewrite(acd, replace(PLAIN, groups={"desk": {"needs": {"desk": 3}, "ring_s": 20}}))
        done = await command(acd, "--dry-run")
        assert (done.returncode, done.stdout.decode().splitlines()) == (
            0,
            ["groups.desk.ring_s: 15 -> 20", "1 difference; a dry run, nothing was changed"],
        )
        done = await command(acd)
        assert done.stdout.decode().splitlines()[-1] == "1 difference; the file holds now"
        assert (await command(acd)).stdout.decode() == "no differences; the file holds now\n"
        acd.config.write_text(acd.config.read_text().replace("port = 0", "port = 1"))
        assert (await command(acd)).stdout.decode().splitlines() == [
            "server.port: 0 -> 1 (needs a restart)",
            "1 difference, 1 needing a restart; nothing else differs",
        ]
        await lead.sees("rules", by="lead")
        await lead.does("ping")


async def test_the_command_ends_with_code_2_and_the_problems(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd:
        rewrite(acd, replace(PLAIN, groups={"desk": {"ring_s": 0}}))
        done = await command(acd)
        assert (done.returncode, done.stdout) == (2, b"")
        said = done.stderr.decode().splitlines()
        assert said[0] == f"{acd.config}: groups.0.ring_s: Input should be greater than or equal to 1 (it is 0)"
        assert said[-1] == "nothing was changed"
        done = await command(acd, password="guess")
        assert (done.returncode, done.stderr) == (2, b"user or password is wrong\n")
        done = await command(acd, user="1001")
        assert (done.returncode, done.stderr) == (2, b"a user with the role agent can't be logged in quietly\n")
        await acd.stop()
        done = await command(acd)
        assert done.returncode == 2
        assert b"can't be reached" in done.stderr
        assert b"refused" in done.stderr
        assert done.stderr.count(b"\n") == 1


async def test_the_command_knows_what_is_no_address(tmp_path: Path) -> None:
    line = [sys.executable, "-m", "acd", "reload", "--url", "http://x/", "--user", "a", "--password", "b"]
    done = await trio.run_process(line, capture_stderr=True, check=False)
    assert done.returncode == 2
    assert b"it looks like ws://127.0.0.1:8080/ws" in done.stderr


# --- quiet connections ----------------------------------------------------------------------------------------


async def test_a_quiet_connection_asks_and_is_told_nothing(tmp_path: Path) -> None:
    async with serving(PLAIN, tmp_path) as acd, acd.client("lead") as lead, quiet(acd) as script:
        await lead.sees("call", state="waiting")
        assert (await script.ask("force_ready", agent="1001"))["error"]["code"] == "not-now"
        assert script.events[1:] == []
        text = PLAIN.toml(ADAPTER, acd.journal).replace('id = "lead"', 'id = "boss"')
        acd.config.write_text(text, encoding="utf-8")
        await hang_up(acd)
        await script.connection.send('{"type":"reload","id":99}')
        assert (await script.sees("goodbye"))["code"] == "removed"


@asynccontextmanager
async def quiet(acd: Daemon) -> AsyncIterator[Client]:
    url = acd.address.replace("http", "ws") + "ws"
    async with connect(url, max_size=None) as connection, trio.open_nursery() as nursery:
        client = Client(connection)
        nursery.start_soon(client.listen)
        await client.does("log_in", version=1, user="lead", password=PASSWORD, quiet=True)
        yield client
        nursery.cancel_scope.cancel()


def test_systemd_reloads_by_the_same_signal() -> None:
    unit = (config_folder() / "switchyard.service").read_text(encoding="utf-8")
    assert "ExecReload=/bin/kill -HUP $MAINPID" in unit


async def test_a_signal_before_it_serves_does_not_end_it(tmp_path: Path) -> None:
    """Systemd counts it as running from the first moment on."""
    async with daemon(PLAIN, ADAPTER, tmp_path, start=False) as acd, trio.open_nursery() as nursery:
        nursery.start_soon(acd.start)
        with trio.fail_after(WITHIN_S):
            while acd._process is None:
                await trio.lowlevel.checkpoint()
            ignores = 1 << (signal.SIGHUP - 1)
            while not int(_status(acd._process.pid, "SigIgn"), 16) & ignores:  # noqa: ASYNC110
                await trio.sleep(0.001)
        acd.running.send_signal(signal.SIGHUP)


def _status(pid: int, field: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))
