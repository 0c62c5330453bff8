"""Writing the journal. Routing goes on whatever the disk does; what is missing is told in the next segment's head."""

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Self

from acd import events as ev
from acd.ids import Instant
from acd.journal.lines import Segment, end_line, line_of
from acd.journal.places import Place, write_all
from acd.journal.proof import proof_after
from acd.router import Output, Router
from acd.snapshot import take

RETRY_MS = 1_000
"""How long a journal that could not be written is left alone: a snapshot for every event would hold up the calls."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a segment is followed by the next, and how many are kept."""

    bytes_max: int = 4 * 2**20
    """Or twice the length of its snapshot, if that is more: else a great centre's journal were all snapshots."""
    events_max: int = 0
    """0: as many as there is room for."""
    keep: int = 0
    """How many older segments; 0: all."""


class Journal:
    """Records what `router` is told. A line is handed to the system before `append` returns: it outlives the daemon.

    It isn't forced to the disk, which would take longer than the call: what a power failure leaves of the newest
    segment is up to the system. A segment's end is.
    """

    def __init__(self, place: Place, router: Router, run: Instant, limits: Limits) -> None:
        self._place, self._router, self._run, self._limits = place, router, run, limits
        self._sealer = ThreadPoolExecutor(1, "journal")
        """Forcing to the disk may take a second, and routing must not wait."""
        self._file: FileIO | None = None
        """None: the disk failed, and the next segment is not begun."""
        self._proof = 0
        self._number = self._missing = 0
        self._bytes = self._bytes_max = self._events = 0
        self._last = run
        self._rests_until = Instant(0)
        self._failed: tuple[int | None, str | None] = (None, None)

    @classmethod
    def create(cls, path: Path, router: Router, now: Instant, limits: Limits | None = None) -> Self:
        """Begin a journal of what `router` is told from now; the one that is there already is kept beside it.

        Raises OSError when the file can't be had, BlockingIOError when another daemon writes it.
        """
        place = Place.locked(path)
        journal = cls(place, router, now, limits or Limits())
        try:
            journal._begin(now)
        except OSError:
            place.release()
            raise
        return journal

    def append(self, event: ev.Event, now: Instant) -> None:
        """Record `event` before it is handled. Raises OSError when it can't be; the next may be.

        After that the events that follow are refused for `RETRY_MS`; then they go to a new segment.
        """
        line = line_of(now, event, self._proof)
        try:
            self._write(line, now)
        except OSError:
            self._missing += 1
            raise

    def answered(self, outputs: Output) -> None:
        """Note what the router put out, for the lines to come."""
        self._proof = proof_after(self._proof, outputs)

    def close(self) -> None:
        """End the segment and force it to the disk. A disk that fails now changes nothing any more."""
        if self._file is not None:
            self._retire(self._file)
            self._file = None
        self._sealer.shutdown()
        self._place.release()

    def _write(self, line: bytes, now: Instant) -> None:
        if self._file is None or self._is_full():
            self._begin_in_time(now)
        if self._file is None:
            raise OSError(*self._failed)
        try:
            write_all(self._file, line)
        except OSError as error:
            self._abandon(error, now)
            raise
        self._last = now
        self._bytes += len(line)
        self._events += 1

    def _is_full(self) -> bool:
        limits = self._limits
        if self._place.is_device:
            return False
        return self._bytes >= self._bytes_max or 0 < limits.events_max <= self._events

    def _abandon(self, error: OSError, now: Instant) -> None:
        """The last line may be torn: it is cut off, and nothing is written behind it."""
        if self._file is not None:
            with suppress(OSError), self._file:
                self._file.truncate(self._bytes)
        self._file = None
        self._rest(error, now)

    def _begin_in_time(self, now: Instant) -> None:
        """Begin the next segment, unless that failed just now. A full one that can't be followed is written on."""
        if now < self._rests_until:
            return
        try:
            self._begin(now)
        except OSError as error:
            self._rest(error, now)

    def _rest(self, error: OSError, now: Instant) -> None:
        self._failed, self._rests_until = (error.errno, error.strerror), Instant(now + RETRY_MS)

    def _begin(self, now: Instant) -> None:
        head = Segment(self._run, self._number + 1, self._missing, take(self._router))
        line = line_of(now, head, self._proof)
        following = self._place.begin(line, now)
        if self._file is not None:
            self._retire(self._file)
        self._sealer.submit(self._place.drop_oldest, self._limits.keep)
        self._file, self._last = following, now
        self._number, self._missing = head.number, 0
        self._bytes, self._events = len(line), 0
        self._bytes_max = max(self._limits.bytes_max, 2 * len(line))

    def _retire(self, file: FileIO) -> None:
        """End a segment: with a word, if there is room for it, and forced to the disk."""
        try:
            write_all(file, end_line(self._last, self._proof))
        except OSError:
            with suppress(OSError):
                file.truncate(self._bytes)
        self._sealer.submit(self._seal, file)

    def _seal(self, file: FileIO) -> None:
        with suppress(OSError), file:
            os.fsync(file.fileno())
            self._place.settle()
