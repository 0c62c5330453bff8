"""The journal: every event the core was handed, with its instant, one JSON text a line; and its replay.

    8d2f03a1 [1763760000123,"CallArrived",{"call":"pbx-1","entry":"12306",...}]

Each line begins with the CRC-32 of what follows, so that a line torn or damaged is seen. The first line holds the
rules (kind `Rules`) by which the events were routed: the same rules and events give the same outputs.
"""

import fcntl
import json
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedWriter
from pathlib import Path
from typing import Any, Self, TextIO

from pydantic import TypeAdapter, ValidationError

from acd import events as ev
from acd.errors import JournalDamaged
from acd.ids import Instant
from acd.router import Output, Router
from acd.rules import Rules

_EVENTS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in ev.Event.__args__}
_RULES = TypeAdapter(Rules)


class Journal:
    """An append-only file. A line is handed to the system before `append` returns: it outlives the daemon."""

    def __init__(self, file: BufferedWriter, lock: TextIO | None) -> None:
        self._file = file
        self._lock = lock

    @classmethod
    def create(cls, path: Path, rules: Rules, now: Instant) -> Self:
        """Begin a new journal at `path`; one that is there already is kept beside it, named by `now`.

        Raises OSError when the file can't be had, BlockingIOError when another daemon writes it.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(path)
        if path.is_file():  # a device is not to be renamed, and a folder is an error
            path.rename(path.with_name(f"{path.name}.{now}"))
        journal = cls(path.open("ab"), lock)
        try:
            journal._write(now, "Rules", _RULES.dump_python(rules, mode="json"))
        except OSError:
            with suppress(OSError):  # what could not be written can't be written now
                journal.close()
            raise
        return journal

    def append(self, event: ev.Event, now: Instant) -> None:
        """Record `event` before it is handled."""
        kind = type(event).__name__
        self._write(now, kind, _EVENTS[kind].dump_python(event, mode="json"))

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()
        self._file.close()

    def _write(self, now: Instant, kind: str, value: Any) -> None:
        text = json.dumps([now, kind, value], ensure_ascii=False, separators=(",", ":")).encode()
        self._file.write(b"%08x %s\n" % (zlib.crc32(text), text))
        self._file.flush()


def _locked(path: Path) -> TextIO | None:
    """The lock beside the journal, held until it is closed; a device is shared by whoever likes."""
    if path.exists() and not path.is_file():
        return None
    lock = path.with_name(f"{path.name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise BlockingIOError(error.errno, "another daemon writes it", str(path)) from None
    return lock


def read(path: Path) -> Iterator[tuple[Instant, Rules | ev.Event]]:
    """What a journal holds: the rules, then the events, each with its instant.

    Raises JournalDamaged, naming the line, where one is not what was written.
    """
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            yield _parsed(line, f"{path}, line {number}")


def _parsed(line: bytes, where: str) -> tuple[Instant, Rules | ev.Event]:
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        raise JournalDamaged(f"{where}: is torn or damaged; what stands before it can be replayed")
    now, kind, value = json.loads(text)
    adapter = _RULES if kind == "Rules" else _EVENTS.get(kind)
    if adapter is None:
        raise JournalDamaged(f"{where}: holds a {kind!r}, which this version doesn't know")
    try:
        return Instant(now), adapter.validate_python(value)
    except ValidationError as error:
        raise JournalDamaged(f"{where}: holds a {kind} that this version can't read: {error}") from None


def replay(path: Path) -> Iterator[tuple[Instant, ev.Event, Output]]:
    """Route the events of a journal anew; yield each with the outputs that it had."""
    router: Router | None = None
    for now, item in read(path):
        if isinstance(item, Rules):
            router = Router(item)
        elif router is None:
            raise JournalDamaged(f"{path}: does not begin with the rules")
        else:
            yield now, item, router.handle(item, now)
