"""Looks at this machine, and changes nothing there."""

import errno
import os
import shutil
import socket
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import trio

from acd.doctor.case import Machine
from acd.settings import Settings
from acd.shipped import config_folder

WEB_S_MAX = 3.0


async def look(path: Path, settings: Settings) -> Machine:
    """What the checks want to know, but for sounds."""
    web, why = await _web(settings.server.host, settings.server.port)
    return _look(path, settings, web, why)


def _look(path: Path, settings: Settings, web: str, why: str) -> Machine:
    folder = _nearest(Path(settings.server.journal).absolute().parent)
    return Machine(
        mode=path.stat().st_mode & 0o777,
        journal_folder=folder,
        journal_writable=_writable(Path(settings.server.journal), folder),
        journal_free_bytes=shutil.disk_usage(folder).free,
        web=web,
        web_why=why,
        zones={each.zone: f"{datetime.now(ZoneInfo(each.zone)):%Y-%m-%d %H:%M}" for each in settings.hours},
        example_hashes=frozenset(_example_hashes()),
    )


def _nearest(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.is_dir())


def _writable(journal: Path, folder: Path) -> bool:
    """Also what is there already: somebody else's journal can't be gone on with, and a device needs no folder."""
    if journal.exists() and not journal.is_file():
        return os.access(journal, os.W_OK)
    there = [each for each in (journal, journal.with_name(f"{journal.name}.lock")) if each.exists()]
    return os.access(folder, os.W_OK | os.X_OK) and all(os.access(each, os.W_OK) for each in there)


def sounds(data_folder: Path | None, names: Iterable[str]) -> Mapping[str, bool] | None:
    """Which of `names` are there, in any language and any format. None if Asterisk isn't here, or we may not look."""
    if data_folder is None:
        return None
    folder = data_folder / "sounds"
    if not os.access(folder, os.R_OK | os.X_OK):
        return None
    return {name: any(True for _ in _files(folder, name)) for name in names}


def _files(folder: Path, name: str) -> Iterator[Path]:
    yield from folder.glob(f"{name}.*")
    yield from folder.glob(f"*/{name}.*")


def _example_hashes() -> Iterator[str]:
    table: dict[str, Any] = tomllib.loads((config_folder() / "acd.toml").read_text(encoding="utf-8"))
    for kind in ("agents", "supervisors"):
        yield from (str(each["password_hash"]) for each in table[kind])


async def _web(host: str, port: int) -> tuple[str, str]:
    """Who has the address of our pages, and why it can't be had."""
    if port and await _is_ours(host, port):
        return "ours", ""
    try:
        for each in await trio.open_tcp_listeners(port, host=host):
            await each.aclose()
    except (OSError, UnicodeError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        return "somebody" if taken else "unavailable", str(error)
    return "free", ""


async def _is_ours(host: str, port: int) -> bool:
    """Whether a Switchyard answers there."""
    to = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104 - not listened at
    answer = b""
    try:
        with trio.fail_after(WEB_S_MAX):
            async with await trio.open_tcp_stream(to, port) as stream:
                await stream.send_all(f"GET /healthz HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n\r\n".encode())
                async for chunk in stream:
                    answer += chunk
    except (OSError, trio.TooSlowError, trio.BrokenResourceError, socket.gaierror):
        return False
    return answer.rstrip().endswith(b"alive")
