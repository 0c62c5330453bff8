"""The agent's companion at the terminal, against the real server: it says what happens and does what is typed."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from rich.console import Console

from acd import agent_client
from acd import events as ev
from acd.agent_client import AgentClient, LogInRefused
from acd.commands import OfferCall
from acd.web import sessions
from tests.integration.running import PASSWORD, WITHIN_S, Acd, running, until


class Terminal:
    """A keyboard that types when told to, and a screen that can be read."""

    def __init__(self) -> None:
        self.screen = io.StringIO()
        self.console = Console(file=self.screen, width=80)
        self.type_, self._keyboard = trio.open_memory_channel[str](100)
        self._seen = 0

    def types(self, *lines: str) -> None:
        for line in lines:
            self.type_.send_nowait(line + "\n")

    def ends(self) -> None:
        """No more input: the script is over, or Ctrl-D."""
        self.type_.close()

    async def read_line(self) -> str:
        try:
            return await self._keyboard.receive()
        except trio.EndOfChannel:
            return ""

    async def shows(self, words: str) -> None:
        """Wait until `words` come up on the screen, behind what was waited for before."""
        try:
            await until(lambda: words in self.screen.getvalue()[self._seen :])
        except trio.TooSlowError:
            raise AssertionError(f"no {words!r} in {self.screen.getvalue()[self._seen :]!r}") from None
        self._seen = self.screen.getvalue().index(words, self._seen) + len(words)


@asynccontextmanager
async def at_work(
    acd: Acd, terminal: Terminal, *, user: str = "ann", password: str = PASSWORD, take_over: bool = False
) -> AsyncIterator[None]:
    """The client; the block must see to it that it ends by itself."""
    client = AgentClient(acd.url, user, password, terminal.console, terminal.read_line)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(client.run, take_over)
        yield
        nursery.cancel_scope.deadline = trio.current_time() + WITHIN_S
    assert not nursery.cancel_scope.cancelled_caught, f"it did not end:\n{terminal.screen.getvalue()}"


async def test_a_working_day_from_log_in_to_log_out(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path) as acd, at_work(acd, terminal):
        await terminal.shows("logged in as ann")
        await terminal.shows("not-ready (logged-in)")
        terminal.types("r")
        await terminal.shows(" ready\n")
        acd.pbx.call("c1", caller_name="张伟 [VIP]", caller_number="010")
        await terminal.shows("rings: 张伟 [VIP] 010 for desk, waited 0 s")
        acd.pbx.accept("c1")
        await terminal.shows("talking")
        terminal.types("n lunch")
        await terminal.shows("talking, then not-ready lunch")
        terminal.types("h")
        await until(lambda: len(acd.pbx.commands) == 2)
        acd.pbx.tell(ev.CallerLeft("c1"))
        await terminal.shows("call over: released-by-agent")
        await terminal.shows("wrap-up, then not-ready lunch")
        terminal.types("q")
        await terminal.shows("logged-out")
        await terminal.shows("goodbye: you have logged out")


async def test_lines_given_beforehand_are_done_in_order_and_their_end_logs_out(tmp_path: Path) -> None:
    """`printf 'r\\nn lunch\\n' | acd agent`"""
    terminal = Terminal()
    terminal.types("r", "", "n lunch")
    terminal.ends()
    async with running(tmp_path) as acd, at_work(acd, terminal):
        await terminal.shows("goodbye")
        assert acd.journaled()[1:5] == [
            ev.LoggedIn("ann"),
            ev.ReadyAsked("ann"),
            ev.NotReadyAsked("ann", "lunch"),
            ev.LogOutAsked("ann"),
        ]


async def test_not_ready_without_a_reason_takes_the_first(tmp_path: Path) -> None:
    terminal = Terminal()
    terminal.types("n")
    async with running(tmp_path) as acd, at_work(acd, terminal):
        await terminal.shows("not-ready (break)")
        terminal.ends()


async def test_what_is_refused_says_why_and_what_is_not_understood_gets_help(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path) as acd, at_work(acd, terminal):
        terminal.types("h")
        await terminal.shows("release refused: the agent is not-ready and has no call")
        terminal.types("n [red]tea[/]")
        await terminal.shows("not_ready refused: '[red]tea[/]' is no reason")
        terminal.types("sing")
        await terminal.shows("reasons: break, lunch, training")
        terminal.ends()


async def test_a_talk_is_put_on_hold_discussed_and_given_away(tmp_path: Path) -> None:
    """Every word of call control has its effect, and the screen says what came of it."""
    terminal, colleague = Terminal(), Terminal()
    async with running(tmp_path) as acd, at_work(acd, terminal), at_work(acd, colleague, user="bob"):
        terminal.types("r")
        await terminal.shows(" ready\n")
        acd.pbx.call("c1", caller_name="李娜", caller_number="030")
        await acd.pbx.offered("c1")
        acd.pbx.accept("c1")
        await terminal.shows("talking")
        terminal.types("hold")
        await terminal.shows("the caller is on hold")
        colleague.types("r")
        await colleague.shows(" ready\n")
        terminal.types("consult agent:bob")
        await terminal.shows("consulting agent:bob: waiting for an answer")
        await colleague.shows("rings: ann consults you about 李娜 030")
        acd.pbx.accept("c1+1")
        await terminal.shows("consulting agent:bob (bob): talking")
        terminal.types("conference")
        await terminal.shows("all three talk")
        await colleague.shows("the caller takes part")
        terminal.types("transfer")
        await terminal.shows("transferred to agent:bob")
        await terminal.shows("wrap-up")
        acd.pbx.tell(ev.CallerLeft("c1"))
        await colleague.shows("call over: released-by-caller")
        terminal.types("q")
        colleague.types("q")


async def test_a_number_is_dialled_and_why_it_was_not_reached_is_said(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path) as acd, at_work(acd, terminal):
        terminal.types("dial 0571")
        await terminal.shows("calling 0571: pick up your phone")
        await terminal.shows("rings: your own phone, to call 0571")
        call = next(each.call for each in acd.pbx.commands if isinstance(each, OfferCall))
        acd.pbx.accept(call)
        await terminal.shows("talking")
        acd.pbx.tell(ev.NumberFailed(call, ev.OfferFailure.BUSY))
        await terminal.shows("call over: not-reached (busy)")
        terminal.ends()


async def test_who_may_be_consulted_is_shown(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path) as acd, at_work(acd, terminal):
        terminal.types("who")
        await terminal.shows("group:desk Desk 服务台")
        await terminal.shows("agent:bob logged-out")
        terminal.types("who nobody")
        await terminal.shows("nobody of that name or id")
        terminal.types("consult bob")
        await terminal.shows('consult refused: to: Input should be "agent:ID", "group:ID" or "number:DIGITS"')
        terminal.types("sing")
        await terminal.shows("transfer [TO]")
        terminal.ends()


async def test_other_reasons_are_said_and_taken(tmp_path: Path) -> None:
    """The snapshot that tells them comes in the middle of the day, and is no second log-in."""
    terminal = Terminal()
    async with running(tmp_path) as acd, acd.client("sue") as sue, at_work(acd, terminal):
        await terminal.shows("not-ready (logged-in)")
        await sue.does("change", patch={"routing": {"client_grace_s": 9}})
        await sue.does("change", patch={"routing": {"not_ready_reasons": ["tea", "coffee"]}})
        await terminal.shows("the reasons for not ready are now tea, coffee")
        terminal.types("n")
        await terminal.shows("not-ready (tea)")
        terminal.ends()
    assert terminal.screen.getvalue().count("logged in as") == 1
    assert terminal.screen.getvalue().count("the reasons") == 1


async def test_who_is_removed_from_the_configuration_is_told_so_and_stays_out(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path) as acd, acd.client("sue") as sue, at_work(acd, terminal):
        await terminal.shows("not-ready (logged-in)")
        await sue.does("change", patch={"agents": [{"id": "ann", "gone": True}]})
        await terminal.shows("goodbye: your account isn't in the configuration any more")


async def test_a_quit_during_a_talk_waits_for_its_end(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path) as acd, at_work(acd, terminal):
        terminal.types("r")
        await terminal.shows(" ready\n")
        acd.pbx.call("c1")
        await acd.pbx.offered("c1")
        acd.pbx.accept("c1")
        await terminal.shows("talking")
        terminal.types("q")
        await terminal.shows("talking, then logged-out")
        acd.pbx.tell(ev.CallerLeft("c1"))
        await terminal.shows("goodbye: you have logged out")


async def test_a_wrong_password_ends_it_with_the_servers_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "WRONG_PASSWORD_PAUSE_S", 0)
    async with running(tmp_path) as acd:
        with pytest.raises(ExceptionGroup) as caught:
            async with at_work(acd, Terminal(), password="guess"):
                pass
    assert caught.group_contains(LogInRefused, match="^user or password is wrong$", depth=None)


async def test_an_agent_at_work_elsewhere_is_left_there_unless_taken_over(tmp_path: Path) -> None:
    first, second, third = Terminal(), Terminal(), Terminal()
    async with running(tmp_path) as acd, at_work(acd, first):
        await first.shows("logged in")
        with pytest.raises(ExceptionGroup) as caught:
            async with at_work(acd, second):
                pass
        assert caught.group_contains(LogInRefused, match="ann is logged in from 127.0.0.1:")
        async with at_work(acd, third, take_over=True):
            await third.shows("logged in")
            await first.shows("goodbye: ann has logged in from")
            third.ends()


async def test_it_comes_back_after_a_lost_connection_even_before_the_server_missed_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may still hold the old connection: coming back takes it over."""
    monkeypatch.setattr(agent_client, "PAUSE_S_MIN", 0.02)
    terminal = Terminal()
    async with running(tmp_path) as acd, Relay(acd) as relay, at_work(relay.acd, terminal):
        await terminal.shows("not-ready (logged-in)")
        terminal.types("r")
        await terminal.shows(" ready\n")
        relay.cut()
        await terminal.shows("no connection")
        await terminal.shows("logged in as ann")
        await terminal.shows(" ready\n")
        acd.pbx.call("c1")
        await terminal.shows("rings")
        terminal.ends()
        acd.pbx.tell(ev.CallerLeft("c1"))
        await terminal.shows("goodbye")


async def test_without_a_server_it_goes_on_trying_and_a_quit_still_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent_client, "PAUSE_S_MIN", 0.02)
    terminal = Terminal()
    async with running(tmp_path) as acd, Relay(acd) as relay, at_work(relay.acd, terminal):
        await terminal.shows("logged in")
        relay.refuse()
        await terminal.shows("trying again in 0.02 s")
        await terminal.shows("trying again in 0.04 s")
        terminal.types("r")
        await terminal.shows("no connection now: not sent")
        terminal.types("q")


async def test_it_says_when_no_calls_can_come(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path, found=False) as acd, at_work(acd, terminal):
        await terminal.shows("no calls for now: not linked yet")
        acd.pbx.tell(ev.PbxFound())
        await terminal.shows("the PBX is there")
        terminal.ends()


async def test_it_names_the_lost_one_of_several_pbxs(tmp_path: Path) -> None:
    terminal = Terminal()
    async with running(tmp_path, found=False) as acd, at_work(acd, terminal):
        await terminal.shows("no calls for now: not linked yet")
        acd.pbx.tell(ev.PbxFound("north"))
        acd.pbx.tell(ev.PbxLost("cut", "south"))
        await terminal.shows("south can't be reached: cut")
        acd.pbx.tell(ev.PbxLost("fire", "north"))
        await terminal.shows("no calls for now: fire")
        terminal.ends()


@pytest.mark.parametrize("url", ["http://127.0.0.1/ws", "127.0.0.1:8080", "ws://127.0.0.1:port/ws", "", "ws://"])
async def test_an_address_that_is_none_is_said(url: str) -> None:
    with pytest.raises((LogInRefused, ExceptionGroup)) as caught:
        with trio.fail_after(WITHIN_S):
            await agent_client.run(url, "ann", "x", False)
    assert "is no address of a server; it looks like ws://127.0.0.1:8080/ws" in _said(caught.value)


def _said(error: BaseException) -> str:
    return "".join(map(_said, error.exceptions)) if isinstance(error, BaseExceptionGroup) else str(error)


class Relay:
    """Between client and server, to be cut by the test; the server doesn't see it at once."""

    def __init__(self, acd: Acd) -> None:
        self._acd = acd
        self._ends: list[trio.SocketStream] = []
        self._held: list[trio.SocketStream] = []
        self._refuses = False

    async def __aenter__(self) -> Relay:
        self._manager = trio.open_nursery()
        self._nursery = await self._manager.__aenter__()
        listeners = await self._nursery.start(trio.serve_tcp, self._serve, 0)
        port = listeners[0].socket.getsockname()[1]
        self.acd = Acd(self._acd.settings, self._acd.pbx, f"http://127.0.0.1:{port}/")
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._nursery.cancel_scope.cancel()
        await self._manager.__aexit__(None, None, None)
        for stream in self._held:
            await trio.aclose_forcefully(stream)

    def cut(self) -> None:
        """The client's side breaks; the server's stays as if nothing had been."""
        for stream in self._ends:
            stream.socket.close()
        self._ends.clear()

    def refuse(self) -> None:
        self._refuses = True
        self.cut()

    async def _serve(self, client: trio.SocketStream) -> None:
        if self._refuses:
            await client.aclose()
            return
        server = await self._acd.raw()
        self._held.append(server)
        self._ends.append(client)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._copy, client, server)
            await self._copy(server, client)
            await client.aclose()

    async def _copy(self, source: trio.SocketStream, sink: trio.SocketStream) -> None:
        try:
            async for data in source:
                await sink.send_all(data)
        except (trio.ClosedResourceError, trio.BrokenResourceError):
            pass
