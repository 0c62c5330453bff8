"""The `acd serve` that is driven: one of our own, in a process of its own, or one that runs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from acd.errors import SwitchyardError
from simulator.load.machine import is_there

START_S_MAX, STOP_S_MAX, ANSWER_S_MAX = 60.0, 15.0, 60.0
POLL_S = 0.05
SESSIONS = b"acd_client_sessions "


class LoadFailed(SwitchyardError):
    """There is nothing to measure; the text says why, and what to do."""


@dataclass(frozen=True)
class Driven:
    """Where it is, and what may be known of it."""

    url: str
    """Of the agents' socket."""
    pid: int | None = None
    journal: Path | None = None
    ended: Callable[[], str] = lambda: ""
    """How it has ended; empty while it runs."""

    def must_run(self) -> None:
        """Raises LoadFailed when it has ended."""
        if how := self.ended():
            raise LoadFailed(f"the daemon has ended by itself: {how}")

    async def sessions(self) -> int:
        """How many clients it counts, by /metrics."""
        host, port = address_of(self.url)
        try:
            with trio.fail_after(ANSWER_S_MAX):
                async with await trio.open_tcp_stream(host, port) as stream:
                    await stream.send_all(f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
                    page = b"".join([chunk async for chunk in stream])
        except (OSError, trio.TooSlowError) as error:
            raise LoadFailed(f"no answer from {host}:{port}: {error}; see the daemon's log") from None
        for line in page.splitlines():
            if line.startswith(SESSIONS):
                return round(float(line.removeprefix(SESSIONS)))
        raise LoadFailed(f"what answers at {host}:{port} is no `acd serve`: its /metrics doesn't tell of sessions")


def address_of(url: str) -> tuple[str, int]:
    """Host and port of ws://host:port/ws. Raises LoadFailed."""
    scheme, _, rest = url.partition("://")
    host, _, port = rest.partition("/")[0].rpartition(":")
    if scheme != "ws" or not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise LoadFailed(f"--url {url}: it looks like ws://127.0.0.1:8080/ws")
    return host.strip("[]"), int(port)


def running(url: str, pid: int | None) -> Driven:
    """One that somebody else has started. Raises LoadFailed when there is no such process."""
    address_of(url)
    driven = Driven(url, pid, ended=lambda: "" if pid is None or is_there(pid) else f"there is no process {pid}")
    if driven.ended():
        raise LoadFailed(f"--pid {pid}: there is no such process here; `pgrep -af 'acd serve'` tells which it is")
    return driven


@asynccontextmanager
async def served(config: Path, journal: Path) -> AsyncIterator[Driven]:
    """`acd serve` on that configuration, for the length of the block. Raises LoadFailed."""
    log = config.with_suffix(".log")
    with log.open("wb") as sink:
        command = [sys.executable, "-m", "acd", "serve", "-c", str(config), "--fresh"]
        process = subprocess.Popen(command, stdout=sink, stderr=sink)  # noqa: ASYNC220, S603 - our own; it only starts
    try:
        url = f"{await _address(process, log)}ws".replace("http", "ws", 1)
        yield Driven(url, process.pid, journal, lambda: "" if process.poll() is None else _end_of(log))
    finally:
        with trio.CancelScope(shield=True):
            await _end(process)


async def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    with trio.move_on_after(START_S_MAX):
        while process.poll() is None:
            if (address := _told_address(log)) is not None:
                return address
            await trio.sleep(POLL_S)
    raise LoadFailed(f"`acd serve` didn't begin to serve:\n{_end_of(log)}")


def _told_address(log: Path) -> str | None:
    """Where it says in its log that it serves."""
    lines = [line for line in log.read_bytes().splitlines() if b'"serving"' in line]
    return str(json.loads(lines[0])["address"]) if lines else None


def _end_of(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-2000:]


async def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    with trio.move_on_after(STOP_S_MAX):
        while process.poll() is None:  # noqa: ASYNC110 - another process has no event to wait for
            await trio.sleep(POLL_S)
    if process.poll() is None:
        process.kill()
        process.wait()
