"""Who gets in, who doesn't, and who has to make room."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from structlog.testing import capture_logs

from acd import events as ev
from acd.journal import read
from acd.web import accounts, sessions
from tests.integration.running import PASSWORD, running, until


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "WRONG_PASSWORD_PAUSE_S", 0)


async def test_the_server_greets_first_and_says_which_protocol_it_speaks(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        hello = await client.read()
        assert (hello["type"], hello["version"]) == ("hello", 1)
        assert hello["server"].startswith("switchyard ")


async def test_an_agent_logs_in_and_is_shown_the_present_state(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        assert (await client.log_in("ann"))["ok"]
        snapshot = await client.sees("snapshot")
        assert snapshot["seq"] == 1
        assert (snapshot["user"], snapshot["role"]) == ("ann", "agent")
        assert snapshot["groups"] == [{"id": "desk", "name": "Desk 服务台", "gone": False, "recording": "none"}]
        assert [(agent["agent"], agent["state"], agent["reason"]) for agent in snapshot["agents"]] == [
            ("ann", "not-ready", "logged-in")
        ]
        assert snapshot["not_ready_reasons"] == ["break", "lunch", "training"]
        assert snapshot["pbx"] == {"type": "pbx", "why_lost": None, "lost": []}


async def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        wrong = await client.log_in("ann", "guess")
        unknown = await client.log_in("nobody", "guess")
        assert wrong["error"] == unknown["error"] == {"code": "wrong-password", "message": "user or password is wrong"}
        assert acd.journaled() == [ev.PbxFound()], "nobody was logged in"


async def test_after_a_wrong_password_the_right_one_still_gets_in(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        await client.log_in("ann", "typo")
        assert (await client.log_in("ann"))["ok"]


async def test_three_wrong_passwords_end_the_connection(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        for _ in range(3):
            await client.log_in("ann", "guess")
        assert (await client.sees("goodbye"))["code"] == "wrong-password"
        assert await client.is_closed() == (4001, "wrong-password")


async def test_a_password_is_neither_logged_nor_journaled(tmp_path: Path) -> None:
    with capture_logs() as lines:
        async with running(tmp_path) as acd, acd.stranger() as client:
            await client.log_in("ann", "a secret guess")
            await client.frame('{"type": "log_in", "id": 9, "password": "a secret guess"}')
            await client.answer(9)
            await client.log_in("ann")
            await client.sees("snapshot")
            text = acd.journal.read_text()
    everything = repr(lines) + text
    assert "wrong user or password" in everything
    assert "a secret guess" not in everything
    assert PASSWORD not in everything


async def test_another_version_is_refused_with_the_one_spoken_here(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        answer = await client.log_in("ann", version=2)
        assert answer["error"] == {
            "code": "wrong-version",
            "message": "version 2 is asked for; this server speaks 1",
        }
        assert (await client.log_in("ann"))["ok"], "and the connection may try again"


async def test_nothing_is_done_for_who_has_not_logged_in(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.stranger() as client:
        for kind, fields in {"ready": {}, "log_out": {}, "force_ready": {"agent": "ann"}}.items():
            assert (await client.refused(kind, **fields))["code"] == "not-logged-in"
        assert acd.journaled() == [ev.PbxFound()]


async def test_who_is_removed_in_the_moment_of_logging_in_is_not_let_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof was good, but the core knows the agent no more; the connection may be another's then."""
    prove = accounts.Accounts.prove

    async def prove_zoe(self: accounts.Accounts, user: str, password: str) -> accounts.Account | None:
        return accounts.Account("zoe", "", "agent", "") if user == "zoe" else await prove(self, user, password)

    monkeypatch.setattr(accounts.Accounts, "prove", prove_zoe)
    async with running(tmp_path) as acd, acd.stranger() as client:
        assert (await client.log_in("zoe"))["error"]["code"] == "unknown-agent"
        assert (await client.log_in("ann"))["ok"]


async def test_a_quiet_log_in_is_for_supervisors_and_in_nobodys_way(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue, acd.stranger() as script, acd.stranger() as other:
        assert (await other.log_in("ann", quiet=True))["error"]["code"] == "not-allowed"
        for client in (script, other):
            assert (await client.log_in("sue", quiet=True))["ok"]
        assert (await script.refused("force_ready", agent="ann"))["code"] == "not-now"
        await script.does("log_out")
        assert (await script.sees("goodbye"))["seq"] == 1
        await sue.does("ping")


async def test_requests_sent_right_behind_the_log_in_are_done(tmp_path: Path) -> None:
    """A script need not wait for the answer before it sends the next line."""
    async with running(tmp_path) as acd, acd.stranger() as client:
        await client.frame(f'{{"type":"log_in","id":1,"version":1,"user":"ann","password":"{PASSWORD}"}}')
        await client.frame('{"type":"ready","id":2}')
        assert (await client.answer(1))["ok"]
        assert (await client.answer(2))["ok"]


async def test_one_connection_logs_in_once(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        error = await ann.log_in("bob")
        assert error["error"] == {"code": "already-logged-in", "message": "this connection is logged in as ann"}


async def test_who_never_logs_in_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are counted, so a stranger's isn't kept."""
    monkeypatch.setattr(sessions, "LOG_IN_S_MAX", 0.05)
    async with running(tmp_path) as acd, acd.stranger() as client, acd.client("ann") as ann:
        assert (await client.sees("goodbye"))["code"] == "no-log-in"
        assert (await client.is_closed())[0] == 4001
        await ann.does("ready")


# --- a second place -------------------------------------------------------------------------------------------


async def test_a_second_log_in_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as first, acd.stranger() as second:
        host, port = first.connection.local_address[:2]
        answer = await second.log_in("ann")
        assert answer["error"]["code"] == "already-logged-in"
        assert f"{host}:{port}" in answer["error"]["message"]
        await first.does("ready")


async def test_take_over_replaces_the_first_who_is_told_so_and_closed(tmp_path: Path) -> None:
    """The agent stays as before: nothing was lost, so the journal tells of no lost client."""
    async with running(tmp_path) as acd, acd.client("ann") as first:
        await first.does("ready")
        async with acd.stranger() as second:
            assert (await second.log_in("ann", take_over=True))["ok"]
            snapshot = await second.sees("snapshot")
            assert snapshot["agents"][0]["state"] == "ready"
            goodbye = await first.sees("goodbye", code="taken-over")
            host, port = second.connection.local_address[:2]
            assert f"{host}:{port}" in goodbye["message"]
            assert await first.is_closed() == (4001, "taken-over")
            await second.does("not_ready", reason="lunch")
            assert not [event for event in acd.journaled() if isinstance(event, ev.ClientLost)]


async def test_take_over_where_nobody_is_is_a_plain_log_in(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann", take_over=True) as ann:
        await ann.does("ready")


async def test_a_supervisor_is_replaced_in_the_same_way(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as first, acd.client("sue", take_over=True):
        assert await first.is_closed() == (4001, "taken-over")


async def test_of_many_who_log_in_as_one_agent_at_once_one_gets_in(tmp_path: Path) -> None:
    """Whatever the order of their steps, the others are refused and can go on asking."""
    outcomes: list[bool] = []
    async with running(tmp_path) as acd:
        done = trio.Event()

        async def rival() -> None:
            async with acd.stranger() as client:
                outcomes.append((await client.log_in("ann"))["ok"])
                await done.wait()

        async with trio.open_nursery() as nursery:
            for _ in range(20):
                nursery.start_soon(rival)
            await until(lambda: len(outcomes) == 20)
            done.set()
    assert sorted(outcomes) == [False] * 19 + [True]


# --- leaving --------------------------------------------------------------------------------------------------


async def test_log_out_while_ready_answers_says_goodbye_and_closes(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.does("ready")
        await ann.does("log_out")
        assert await ann.sees("agent", state="logged-out")
        assert await ann.sees("goodbye", code="logged-out", message="you have logged out")
        assert await ann.is_closed() == (4001, "logged-out")
        assert ev.ClientLost("ann") not in acd.journaled()


async def test_log_out_while_talking_waits_for_the_end_of_the_call(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        await ann.does("ready")
        acd.pbx.call("c1")
        await acd.pbx.offered("c1")
        acd.pbx.accept("c1")
        await ann.sees("agent", state="talking")
        await ann.does("log_out")
        noted = await ann.sees("agent", state="talking")
        assert noted["pending"] == {"state": "logged-out", "reason": "", "by": ""}
        acd.pbx.tell(ev.CallerLeft("c1"))
        await ann.sees("finished", call="c1")
        await ann.sees("agent", state="logged-out")
        await ann.sees("goodbye", code="logged-out")
        assert await ann.is_closed() == (4001, "logged-out")


async def test_a_supervisor_logs_out(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        await sue.does("log_out")
        await sue.sees("goodbye", code="logged-out")
        assert await sue.is_closed() == (4001, "logged-out")


async def test_a_client_that_is_gone_leaves_the_agent_ready_for_the_grace_time(tmp_path: Path) -> None:
    async with running(tmp_path, client_grace_s=0.05) as acd, acd.client("sue") as sue:
        async with acd.client("ann") as ann:
            await ann.does("ready")
        await sue.sees("agent", agent="ann", state="ready")
        lost = await sue.sees("agent", agent="ann", state="not-ready")
        assert lost["reason"] == "connection-lost"
        (gone,) = [line.at for line in read(acd.journal) if isinstance(line.item, ev.ClientLost)]
        assert 50 <= lost["since"] - gone < 1000


async def test_back_within_the_grace_time_the_agent_is_still_ready(tmp_path: Path) -> None:
    async with running(tmp_path, client_grace_s=30) as acd:
        async with acd.client("ann") as ann:
            await ann.does("ready")
        await until(lambda: ev.ClientLost("ann") in acd.journaled())
        async with acd.stranger() as again:
            assert (await again.log_in("ann"))["ok"]
            assert (await again.sees("snapshot"))["agents"][0]["state"] == "ready"
            acd.pbx.call("c1")
            await again.sees("offer", call="c1")


async def test_a_connection_torn_without_a_word_is_a_lost_client_and_is_logged(tmp_path: Path) -> None:
    with capture_logs() as lines:
        async with running(tmp_path) as acd, acd.stranger() as client:
            await client.log_in("ann")
            host, port = client.connection.local_address[:2]
            client.connection.stream.socket.setsockopt(1, 13, b"\1\0\0\0\0\0\0\0")  # SO_LINGER 0: a reset
            client.connection.stream.socket.close()
            await until(lambda: ev.ClientLost("ann") in acd.journaled())
            await until(lambda: any(line["event"] == "client left" for line in lines))
    left = next(line for line in lines if line["event"] == "client left")
    assert (left["user"], left["peer"]) == ("ann", f"{host}:{port}")
    assert not [line for line in lines if line["event"] == "session failed"]
