"""An agent's companion for the terminal: says what the phone rings for, takes the agent's words."""

import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import trio
from rich.console import Console
from rich.markup import escape
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.trio.client import ClientConnection, connect
from websockets.uri import parse_uri

from acd import agent_screen
from acd.agent_verbs import HELP, HELP_OF_TALKS, request
from acd.errors import SwitchyardError
from acd.protocol import FRAME_BYTES_MAX, VERSION

PAUSE_S_MIN, PAUSE_S_MAX = 0.5, 10.0
STATE_STYLE = {"ready": "green", "ringing": "bold yellow", "talking": "bold cyan", "wrap-up": "magenta"}
SNAPSHOT_BYTES_MAX = 16 * FRAME_BYTES_MAX

ReadLine = Callable[[], Awaitable[str]]


_OF_TALKS: dict[str, Callable[[dict[str, Any]], str]] = {
    "talk": agent_screen.talk,
    "transferred": agent_screen.transferred,
    "intercepted": agent_screen.intercepted,
    "dialled": agent_screen.dialled,
    "recording": agent_screen.recording,
}


class LogInRefused(SwitchyardError):
    """The server would not let us in; the text says why."""


async def _line_from_stdin() -> str:
    return await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)


class AgentClient:
    """One agent at one terminal. It comes back by itself after a lost connection."""

    def __init__(self, url: str, user: str, password: str, console: Console, read_line: ReadLine) -> None:
        self._url = url
        self._user = user
        self._password = password
        self._console = console
        self._read_line = read_line
        self._connection: ClientConnection | None = None
        """Where we are logged in; None while we aren't."""
        self._requests: dict[int, str] = {}
        self._number = 0
        self._reasons: list[str] = []
        self._began = trio.Event()
        self._done = False
        self._scope = trio.CancelScope()

    async def run(self, take_over: bool) -> None:
        """Converse until the agent quits. Raises LogInRefused."""
        with self._scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._obey)
                await self._stay_connected(take_over)
                nursery.cancel_scope.cancel()

    async def _stay_connected(self, take_over: bool) -> None:
        pause_s = PAUSE_S_MIN
        while not self._done:
            try:
                async with connect(self._url, max_size=SNAPSHOT_BYTES_MAX) as connection:
                    await self._log_in(connection, take_over)
                    take_over, pause_s = True, PAUSE_S_MIN
                    await self._listen(connection)
            except (OSError, ConnectionClosed, InvalidHandshake) as error:
                if not self._done:
                    self._say(f"[red]no connection[/]: {escape(str(error))}; trying again in {pause_s:g} s")
                    await trio.sleep(pause_s)
                    pause_s = min(2 * pause_s, PAUSE_S_MAX)
            finally:
                self._connection = None

    def _say(self, text: str) -> None:
        self._console.print(f"[dim]{datetime.now():%H:%M:%S}[/] {text}", highlight=False, soft_wrap=True)

    # --- the server's side ----------------------------------------------------------------------------------------

    async def _log_in(self, connection: ClientConnection, take_over: bool) -> None:
        request = {"version": VERSION, "user": self._user, "password": self._password, "take_over": take_over}
        await self._send(connection, "log_in", **request)
        while True:
            message = json.loads(await connection.recv())
            if message["type"] == "answer":
                break
        if not message["ok"]:
            raise LogInRefused(message["error"]["message"])
        self._requests.clear()
        self._connection = connection

    async def _listen(self, connection: ClientConnection) -> None:
        async for frame in connection:
            message = json.loads(frame)
            show = self._SHOWS.get(message["type"])
            if show is not None:
                show(self, message)
        if not self._done:
            raise ConnectionResetError("the server closed the connection")

    def _answer(self, message: dict[str, Any]) -> None:
        asked = self._requests.pop(message["id"], "request")
        if not message["ok"]:
            self._done = self._done and asked != "log_out"
            self._say(f"[red]{asked} refused[/]: {escape(message['error']['message'])}")
        elif asked == "directory":
            for line in agent_screen.directory(message["result"]):
                self._say(line)

    def _snapshot(self, message: dict[str, Any]) -> None:
        before, self._reasons = self._reasons, message["not_ready_reasons"]
        if message["seq"] > 1:  # the configuration has changed; of what it tells anew only this is the agent's business
            if self._reasons != before:
                self._say(f"the reasons for not ready are now {escape(', '.join(self._reasons))}")
            return
        self._say(f"logged in as [bold]{escape(self._user)}[/]. {HELP}")
        for agent in message["agents"]:
            self._agent(agent)
        if message["pbx"]["why_lost"] or message["pbx"]["lost"]:
            self._pbx(message["pbx"])
        self._began.set()

    def _agent(self, message: dict[str, Any]) -> None:
        state, reason, by, pending = (message[key] for key in ("state", "reason", "by", "pending"))
        text = f"[{STATE_STYLE.get(state, 'white')}]{state}[/]"
        text += f" ({escape(reason)})" if reason else ""
        text += f" by {escape(by)}" if by else ""
        text += f", then {pending['state']} {escape(pending['reason'])}".rstrip() if pending else ""
        self._say(text)

    def _offer(self, message: dict[str, Any]) -> None:
        who = f"{message['caller_name']} {message['caller_number']}".strip() or "an unknown caller"
        waited_s = message["waited_ms"] / 1000
        text = f"{escape(who)} for {escape(message['group'])}, waited {waited_s:.0f} s"
        if message["about"]:
            text = agent_screen.asked(message["about"])
        elif message["kind"] == "outgoing":
            text = f"your own phone, to call {escape(message['number'])}"
        self._say(f"[bold yellow]rings[/]: {text}")

    def _offer_ended(self, message: dict[str, Any]) -> None:
        self._say(f"offer over: {message['how']}")

    def _finished(self, message: dict[str, Any]) -> None:
        why = f" ({message['why']})" if message["why"] else ""
        self._say(f"call over: {message['outcome']}{why}, talked {message['talked_ms'] / 1000:.0f} s")

    def _told(self, message: dict[str, Any]) -> None:
        is_others = message["type"] == "talk" and message["agent"] != self._user
        text = agent_screen.of_others_talk(message) if is_others else _OF_TALKS[message["type"]](message)
        if text:
            self._say(text)

    def _pbx(self, message: dict[str, Any]) -> None:
        why = message["why_lost"]
        for each in message["lost"]:
            self._say(f"[yellow]{escape(each['name'])} can't be reached[/]: {escape(each['why'])}")
        if not message["lost"]:
            self._say(f"[red]no calls for now[/]: {escape(why)}" if why else "the PBX is there")

    def _goodbye(self, message: dict[str, Any]) -> None:
        self._say(f"goodbye: {escape(message['message'])}")
        self._done = message["code"] != "too-slow"

    _SHOWS: dict[str, Callable[["AgentClient", dict[str, Any]], None]] = {  # noqa: RUF012
        "answer": _answer,
        "snapshot": _snapshot,
        "agent": _agent,
        "offer": _offer,
        "offer_ended": _offer_ended,
        "finished": _finished,
        **dict.fromkeys(_OF_TALKS, _told),
        "pbx": _pbx,
        "goodbye": _goodbye,
    }

    # --- the agent's side -----------------------------------------------------------------------------------------

    async def _obey(self) -> None:
        await self._began.wait()
        while line := await self._read_line():
            word, _, rest = line.strip().partition(" ")
            await self._do(word, rest.strip())
        await self._quit()

    async def _quit(self) -> None:
        """Log out and stay until the server says goodbye, after a call perhaps; without a connection, just go."""
        self._done = True
        if self._connection is None:
            self._scope.cancel()
        else:
            await self._ask("log_out")

    async def _do(self, word: str, rest: str) -> None:
        match word:
            case "":
                return
            case "r":
                await self._ask("ready")
            case "n":
                await self._ask("not_ready", reason=rest or next(iter(self._reasons), ""))
            case "h":
                await self._ask("release")
            case "q":
                await self._quit()
            case _:
                await self._ask_of_talk(word, rest)

    async def _ask_of_talk(self, word: str, rest: str) -> None:
        asked = request(word, rest)
        if asked is not None:
            await self._ask(asked.kind, **asked.fields)
            return
        self._say(f"{HELP}; reasons: {escape(', '.join(self._reasons))}")
        for line in HELP_OF_TALKS.splitlines():
            self._say(escape(line))

    async def _ask(self, kind: str, **fields: object) -> None:
        if self._connection is None:
            self._say("[red]no connection now[/]: not sent")
            return
        try:
            await self._send(self._connection, kind, **fields)
        except ConnectionClosed:
            self._say("[red]no connection now[/]: not sent")

    async def _send(self, connection: ClientConnection, kind: str, **fields: object) -> None:
        self._number += 1
        self._requests[self._number] = kind
        await connection.send(json.dumps({"type": kind, "id": self._number, **fields}))


async def run(url: str, user: str, password: str, take_over: bool) -> None:
    """Work as `user` at the terminal until the agent quits. Raises LogInRefused."""
    try:
        parse_uri(url)
    except (InvalidURI, ValueError):
        raise LogInRefused(f"{url!r} is no address of a server; it looks like ws://127.0.0.1:8080/ws") from None
    await AgentClient(url, user, password, Console(), _line_from_stdin).run(take_over)
