"""How the daemon begins and ends, for those who run it: with clear words, and without a call dropped."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest
import trio

from acd import events as ev
from acd import server
from acd.commands import ReleaseCall, WithdrawOffer
from acd.errors import AdapterEnded, SettingsError
from acd.settings import parse
from tests.integration.running import Acd, ScriptedPbx, running, table, until
from tests.integration.test_hostile import deaf

KEPT = (ReleaseCall, WithdrawOffer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stop_tells_every_client_and_drops_no_call(tmp_path: Path, number: int) -> None:
    """Who talks, who rings and who waits stay as they are in the PBX; the clients know that they may come back."""
    settings, pbx = parse(table(tmp_path), "the test"), ScriptedPbx()
    closed = []
    async with trio.open_nursery() as nursery:
        acd = Acd(settings, pbx, await nursery.start(server.serve, settings, pbx))
        pbx.tell(ev.PbxFound())
        async with acd.client("ann") as ann, acd.client("bob") as bob, acd.client("sue") as sue, acd.stranger() as who:
            await ann.does("ready")
            pbx.call("talks")
            await pbx.offered("talks")
            pbx.accept("talks")
            await ann.sees("agent", state="talking")
            await bob.does("ready")
            pbx.call("rings")
            pbx.call("waits")
            await bob.sees("offer", call="rings")
            await sue.sees("call", call="waits")
            with trio.fail_after(4):
                os.kill(os.getpid(), number)
                for client in (ann, bob, sue, who):
                    closed.append(await client.is_closed())
    assert closed == [(1012, "the server stops; connect again")] * 4
    assert not [command for command in pbx.commands if isinstance(command, KEPT)]


async def test_a_client_that_does_not_read_cannot_hold_up_the_stop(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, deaf(acd, "sue"), acd.client("ann") as ann:
        for n in range(300):
            acd.pbx.call(f"c{n}", caller_name="x" * 500)
        await ann.caught_up()
        begun = trio.current_time()
        os.kill(os.getpid(), signal.SIGTERM)
        assert (await ann.is_closed())[0] == 1012
        with trio.fail_after(server.STOP_S_MAX + 1):
            await until_refused(acd)
    assert trio.current_time() - begun < server.STOP_S_MAX + 1


async def until_refused(acd: Acd) -> None:
    while True:
        try:
            stream = await acd.raw()
        except OSError:
            return
        await stream.aclose()


async def test_an_address_taken_already_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"^server: can't listen on 127\.0\.0\.1 port {port}: .*in use"):
            await server.serve(parse(table(tmp_path, port=port), "the test"), ScriptedPbx())


async def test_a_second_daemon_by_mistake_leaves_the_firsts_journal_alone(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("ann") as ann:
        with pytest.raises(SettingsError, match="in use"):
            await server.serve(parse(table(tmp_path, port=acd.port), "the test"), ScriptedPbx())
        await ann.does("ready")
        assert acd.journaled() == [ev.PbxFound(), ev.LoggedIn("ann"), ev.ReadyAsked("ann")]
        assert acd.files() == {"journal.jsonl", "journal.jsonl.lock"}


async def test_a_second_daemon_on_the_same_journal_is_told_so(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        with pytest.raises(SettingsError, match="another daemon writes it"):
            await server.serve(parse(table(tmp_path), "the test"), ScriptedPbx())
        assert acd.files() == {"journal.jsonl", "journal.jsonl.lock"}


@pytest.mark.parametrize("host", ["no.such.host.invalid", "999.1.1.1", "a..b", "192.0.2.1"])
async def test_an_address_that_is_not_ours_is_said(tmp_path: Path, host: str) -> None:
    settings = table(tmp_path)
    settings["server"]["host"] = host
    with pytest.raises(SettingsError, match=rf"^server: can't listen on {host} port 0: "):
        await server.serve(parse(settings, "the test"), ScriptedPbx())


@pytest.mark.parametrize("place", ["/proc/none/journal", "a file/journal", "a folder"])
async def test_a_journal_that_cannot_be_written_is_said(tmp_path: Path, place: str) -> None:
    """And nothing listens any more: the address is free for the next try."""
    (tmp_path / "a file").touch()
    (tmp_path / "a folder").mkdir()
    settings = table(tmp_path)
    settings["server"]["journal"] = str(tmp_path / place)
    with pytest.raises(SettingsError, match=r"^server.journal: can't write .*: [A-Z]"):
        await server.serve(parse(settings, "the test"), ScriptedPbx())
    assert (tmp_path / "a folder").is_dir()


async def test_a_full_disk_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "full").symlink_to("/dev/full")
    settings = table(tmp_path)
    settings["server"]["journal"] = str(tmp_path / "full")
    with pytest.raises(SettingsError, match="No space left on device"):
        await server.serve(parse(settings, "the test"), ScriptedPbx())


async def test_a_journal_may_be_no_file_at_all(tmp_path: Path) -> None:
    """A device stays where it is, whoever runs the daemon. Named by a link, which is all that a fault could move."""
    settings, nowhere = table(tmp_path), tmp_path / "nowhere"
    nowhere.symlink_to("/dev/null")
    settings["server"]["journal"] = str(nowhere)
    async with trio.open_nursery() as nursery:
        await nursery.start(server.serve, parse(settings, "the test"), ScriptedPbx())
        nursery.cancel_scope.cancel()
    assert os.listdir(tmp_path) == ["nowhere"]  # noqa: PTH208


async def test_the_journal_of_the_last_run_is_kept(tmp_path: Path) -> None:
    async with running(tmp_path) as acd:
        await until(lambda: acd.journaled())
        first = acd.journal.read_bytes()
    async with running(tmp_path) as acd:
        (kept,) = acd.files() - {"journal.jsonl", "journal.jsonl.lock"}
        assert (tmp_path / kept).read_bytes().startswith(first)


async def test_an_adapter_that_just_ends_ends_the_daemon_too(tmp_path: Path) -> None:
    """A daemon without its PBX would look alive and route nothing."""

    class Ends(ScriptedPbx):
        async def run(self, *_: object) -> None:
            return

    with trio.fail_after(5), pytest.RaisesGroup(AdapterEnded):
        await server.serve(parse(table(tmp_path), "the test"), Ends())


async def test_an_adapters_fault_ends_the_daemon_loudly(tmp_path: Path) -> None:
    """A daemon without its PBX would look alive and route nothing."""

    async def day() -> None:
        async with running(tmp_path) as acd, acd.client("ann"):
            acd.pbx.crash()
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup) as caught:
        await day()
    assert caught.group_contains(RuntimeError, match="the adapter has a bug")


async def test_a_fault_of_the_core_ends_the_daemon_loudly(tmp_path: Path) -> None:
    def watcher(_outputs: object, step: object) -> None:
        if isinstance(step.event, ev.PbxLost):  # type: ignore[attr-defined]
            raise ZeroDivisionError("a bug")

    async def day() -> None:
        async with running(tmp_path, watchers=(watcher,)) as acd:
            acd.pbx.tell(ev.PbxLost("x"))
            await trio.sleep_forever()

    with pytest.raises(ExceptionGroup) as caught:
        await day()
    assert caught.group_contains(ZeroDivisionError)
