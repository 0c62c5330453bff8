"""What the daemon itself says of its agents, in the snapshot for a supervisor of ours who logs in for a moment."""

from __future__ import annotations

import json
from typing import Any

import trio
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.trio.client import ClientConnection, connect

from acd.protocol import VERSION
from simulator.load.centre import ONLOOKER, PASSWORD, Centre
from simulator.load.daemon import LoadFailed

ANSWER_S_MAX = 15.0
UNBOUNDED = None
"""A supervisor is told everything: with a bounded queue that nobody reads any more, websockets 17.4 never closes."""
SERVE = "start `acd serve` on the file that `acd load --write-config` wrote, and give its --url"
SAME = "serve the file that `acd load --write-config` wrote for the same --agents, --supervisors and --slow"


async def agents_of(url: str, user: str = ONLOOKER) -> dict[str, str]:
    """Each agent's state, as that supervisor sees it.

    Raises LoadFailed when that isn't a daemon with our configuration, or doesn't answer.
    """
    try:
        with trio.fail_after(ANSWER_S_MAX):
            async with connect(url, max_size=None, max_queue=UNBOUNDED, proxy=None) as connection:
                return await _log_in(connection, url, user)
    except trio.TooSlowError:
        raise LoadFailed(f"{url} hasn't answered within {ANSWER_S_MAX:g} s; see its log") from None
    except OSError as error:
        raise LoadFailed(f"nobody answers at {url} ({_root(error)}): {SERVE}") from None
    except (InvalidHandshake, ConnectionClosed, ValueError, KeyError, TypeError) as error:
        what = f"what answers at {url} isn't an agents' socket of `acd serve` ({error})"
        raise LoadFailed(f"{what}: the address looks like ws://127.0.0.1:8080/ws") from None


async def must_be_ours(url: str, centre: Centre) -> None:
    """Raise LoadFailed when there is no daemon, or it has other people than `centre`."""
    agents = await agents_of(url)
    for supervisors in (centre.watchers(), centre.slow_ones()):
        if supervisors:
            await agents_of(url, supervisors[-1])
    if agents.keys() != set(centre.ids()):
        raise LoadFailed(f"the daemon at {url} has {len(agents)} agents, and --agents says {centre.agents}: {SAME}")


def _root(error: BaseException) -> str:
    """What is behind it; of several addresses tried, the last one's."""
    cause = error.__cause__
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[-1]
    return getattr(cause or error, "strerror", None) or str(cause or error)


async def _log_in(connection: ClientConnection, url: str, user: str) -> dict[str, str]:
    who = {"version": VERSION, "user": user, "password": PASSWORD, "take_over": True}
    await connection.send(json.dumps({"type": "log_in", "id": 1, **who}))
    while True:
        message: dict[str, Any] = json.loads(await connection.recv())
        if message["type"] == "answer" and not message["ok"]:
            why = message["error"]["message"]
            raise LoadFailed(f"the daemon at {url} serves another configuration ({user}: {why}): {SAME}")
        if message["type"] == "snapshot":
            return {agent["agent"]: agent["state"] for agent in message["agents"]}
