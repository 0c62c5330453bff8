"""One request of a supervisor's from the terminal: logged in quietly, so that the supervisor's page stays as it is."""

import json
from typing import Any

import trio
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI
from websockets.trio.client import ClientConnection, connect
from websockets.uri import parse_uri

from acd.errors import SwitchyardError
from acd.protocol import VERSION

ANSWERS_S_MAX = 60


class NotDone(SwitchyardError):
    """The server was not reached, or refused; the text says why, one line for each problem."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code
        """The server's own word for its refusal."""


async def ask(url: str, user: str, password: str, kind: str, **fields: object) -> dict[str, Any]:
    """Send the request `kind` as `user`; the `result` of its answer. Raises NotDone."""
    try:
        parse_uri(url)
    except (InvalidURI, ValueError):
        raise NotDone(f"{url!r} is no address of a server; it looks like ws://127.0.0.1:8080/ws") from None
    try:
        with trio.fail_after(ANSWERS_S_MAX):
            async with connect(url, max_size=None, proxy=None) as connection:
                who = {"version": VERSION, "user": user, "password": password, "quiet": True}
                await _answer(connection, {"type": "log_in", "id": 1, **who})
                return await _answer(connection, {"type": kind, "id": 2, **fields})
    except trio.TooSlowError:
        raise NotDone(f"{url} has not answered within {ANSWERS_S_MAX} s; whether it was done, its log says") from None
    except (OSError, ConnectionClosed, InvalidHandshake) as error:
        raise NotDone(f"{url} can't be reached, or the connection was lost: {_root(error)}") from None


def _root(error: BaseException) -> BaseException:
    """What is behind it; of several addresses tried, the last one's."""
    cause = error.__cause__
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[-1]
    return cause or error


async def _answer(connection: ClientConnection, request: dict[str, object]) -> dict[str, Any]:
    await connection.send(json.dumps(request))
    while True:
        message = json.loads(await connection.recv())
        if message["type"] == "answer" and message["id"] == request["id"]:
            break
    if not message["ok"]:
        raise NotDone(message["error"]["message"], message["error"]["code"])
    return message["result"] or {}


async def reload(url: str, user: str, password: str, dry_run: bool) -> list[str]:
    """Let the server read its file again; what to tell the operator. Raises NotDone."""
    try:
        result = await ask(url, user, password, "reload", dry_run=dry_run)
    except NotDone as error:
        if error.code == "bad-settings":
            raise NotDone(f"{error}\nnothing was changed") from None
        raise
    return [*result["lines"], _summary(len(result["lines"]), result["need_restart"], dry_run)]


def _summary(differences: int, need_restart: int, dry_run: bool) -> str:
    said = ["1 difference" if differences == 1 else f"{differences or 'no'} differences"]
    if need_restart:
        said.append(f"{need_restart} needing a restart")
    holds = "the file holds now"
    if need_restart:
        holds = "the others hold now" if need_restart < differences else "nothing else differs"
    return f"{', '.join(said)}; {'a dry run, nothing was changed' if dry_run else holds}"
