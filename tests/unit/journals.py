"""Journals for tests: a day to write, the writing of it, and a disk that is full when the test says so."""

from __future__ import annotations

from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from acd import events as ev
from acd.journal import Journal, Limits, Segment, places, read, writing
from acd.router import Router
from acd.rules import Rules
from tests.conversation import answered, arrives, centre, failed, group, ready

DAY = centre(group("desk"), agents=["ann", "bob"])
Steps = list[tuple[int, ev.Event]]


def day(first: int = 0, step: int = 1_000) -> Steps:
    events = [
        ev.PbxFound(),
        *ready("ann", "bob"),
        arrives("c1", caller_name="张伟"),
        arrives("c2"),
        failed("c1"),
        answered("c2"),
        ev.DeadlineReached(),
        ev.CallerLeft("c2"),
        ev.CallerLeft("c1"),
    ]
    return [(first + step * n, event) for n, event in enumerate(events)]


class Diary:
    """A router with its journal, as the daemon has them. `close` it, or leave it as `kill -9` would."""

    def __init__(self, path: Path, rules: Rules = DAY, now: int = 0, **limits: int) -> None:
        self.router = Router(rules)
        self.journal = Journal.create(path, self.router, now, Limits(**limits))
        self.lost: list[ev.Event] = []

    def write(self, steps: Iterable[tuple[int, ev.Event]]) -> Diary:
        """Write and route; what can't be written is routed all the same, as the owner does."""
        for now, event in steps:
            try:
                self.journal.append(event, now)
            except OSError:
                self.lost.append(event)
            self.journal.answered(self.router.handle(event, now))
        return self

    def close(self) -> None:
        self.journal.close()

    def crash(self) -> None:
        """End without a word: the lock and the file go, as the system sees to."""
        self.journal._sealer.shutdown()
        if self.journal._file is not None:
            self.journal._file.close()
        self.journal._place.release()


def written(path: Path, rules: Rules = DAY, steps: Steps | None = None, now: int = 0, **limits: int) -> Path:
    """A journal of these steps that was closed in the end."""
    Diary(path, rules, now, **limits).write(day() if steps is None else steps).close()
    return path


def told(path: Path) -> Steps:
    """The events that the journal holds."""
    return [(line.at, line.item) for line in read(path) if isinstance(line.item, ev.Event)]


def heads(path: Path) -> list[Segment]:
    return [line.item for line in read(path) if isinstance(line.item, Segment)]


class Disk:
    """Takes what is written while there is `room` for it, in bytes; None: any amount."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: int | None = None
        self.longest: int | None = None
        """Longer lines don't fit; what was taken of them is given back with their file."""
        self.no_room_for: bytes | None = None
        """A line that holds this is torn in its middle."""
        self.tries = 0
        self._write_all: Any = places.write_all
        monkeypatch.setattr(places, "write_all", self.write_all)
        monkeypatch.setattr(writing, "write_all", self.write_all)

    def write_all(self, file: FileIO, line: bytes) -> None:
        """A full disk takes the beginning of a line and refuses the rest."""
        self.tries += 1
        if self.longest is not None and len(line) > self.longest:
            raise OSError(28, "No space left on device")
        if self.no_room_for is not None and self.no_room_for in line:
            self.room = len(line) // 2
        if self.room is None or len(line) <= self.room:
            self._write_all(file, line)
            self.room = None if self.room is None else self.room - len(line)
            return
        self._write_all(file, line[: self.room])
        self.room = None if self.no_room_for else 0
        raise OSError(28, "No space left on device")
