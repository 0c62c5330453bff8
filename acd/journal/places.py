"""Where segments lie, and what they are called; and how one takes the place of another without losing anything."""

import fcntl
import os
import re
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Self, TextIO

from acd.ids import Instant


def segments(path: Path) -> list[Path]:
    """The files of the journal at `path`, the oldest first; `path` alone if it is an older segment by its name.

    `path` is the configured one, or the folder in which that journal is the only one. Raises FileNotFoundError where
    there is none.
    """
    path = _only_one_in(path) if path.is_dir() else path
    found = [path] if _number(path.name) is not None and path.is_file() else _all(path)
    if not found:
        raise FileNotFoundError(f"{path}: no journal is there; give the path that the configuration has as its journal")
    return found


def _only_one_in(folder: Path) -> Path:
    """Where a journal is written, there is its lock."""
    found = sorted(each.with_suffix("") for each in folder.glob("*.lock"))
    if len(found) != 1:
        which = ", ".join(map(str, found)) or "none"
        raise FileNotFoundError(f"{folder}: name one journal in this folder; those here are: {which}")
    return found[0]


def _all(path: Path) -> list[Path]:
    return [*older(path), path] if path.exists() and not path.is_dir() else older(path)


def older(path: Path) -> list[Path]:
    """All segments of the journal at `path` but the newest, the oldest first."""
    numbered = {each: _number(each.name, path.name) for each in path.parent.glob(f"{_escaped(path.name)}.*")}
    return sorted(
        (each for each, number in numbered.items() if number is not None), key=lambda each: numbered[each] or 0
    )


def _number(name: str, of: str | None = None) -> int | None:
    stem, _, digits = name.rpartition(".")
    return int(digits) if re.fullmatch(r"\d{13,}", digits) and of in (None, stem) and stem else None


def _escaped(name: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", name)


class Place:
    """Where a journal is written: a file, and its older segments and lock beside it; or a device, which never moves."""

    def __init__(self, path: Path, lock: TextIO | None) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def locked(cls, path: Path) -> Self:
        """The place, held until `release`. Raises BlockingIOError when another daemon holds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not path.is_file():  # a device is shared by whoever likes
            return cls(path, None)
        lock = path.with_name(f"{path.name}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise BlockingIOError(error.errno, "another daemon writes it", str(path)) from None
        return cls(path, lock)

    @property
    def is_device(self) -> bool:
        return self._lock is None

    def begin(self, head: bytes, now: Instant) -> FileIO:
        """Begin a segment with the line `head`; the one that was newest is kept beside it.

        The head is written under another name first, so a crash leaves the events before it where they can be found,
        and a full disk changes nothing. Raises OSError.
        """
        if self.is_device:
            return _begun(self.path.open("ab", buffering=0), head)
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            file = _begun(new.open("wb", buffering=0), head)
        except OSError:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise
        try:
            self._move_aside(now)
            new.rename(self.path)
        except OSError:
            file.close()
            raise
        return file

    def _move_aside(self, now: Instant) -> None:
        """Name the newest by `now`, or by what comes after the last name: a clock set back doesn't change the order."""
        if self.path.exists():
            last = max((_number(each.name) or 0 for each in older(self.path)), default=0)
            self.path.rename(self.path.with_name(f"{self.path.name}.{max(now, last + 1):013d}"))

    def drop_oldest(self, keep: int) -> None:
        """Remove older segments, but for the newest `keep` of them; 0: keep all."""
        for path in older(self.path)[:-keep] if keep and not self.is_device else ():
            with suppress(OSError):
                path.unlink()

    def settle(self) -> None:
        """Have the names outlive a power failure."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def release(self) -> None:
        if self._lock is not None:
            self._lock.close()


def _begun(file: FileIO, head: bytes) -> FileIO:
    try:
        write_all(file, head)
    except OSError:
        file.close()
        raise
    return file


def write_all(file: FileIO, line: bytes) -> None:
    """Hand `line` to the system: in one call, unless the disk is nearly full or the line very long."""
    written = file.write(line)
    while written < len(line):
        line = line[written:]
        written = file.write(line)
