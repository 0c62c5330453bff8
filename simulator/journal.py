"""A journal as a `Record`: the only module here that knows how journals are read."""

from pathlib import Path
from typing import Protocol

from acd.errors import JournalDamaged
from acd.events import Event
from acd.ids import Instant
from acd.journal import End, Line, Segment, Torn, read
from acd.journal.proof import proof_after
from acd.router import Output, Router
from acd.snapshot import restore
from simulator.recorded import Record
from simulator.recorder import Recorder


class Watcher(Protocol):
    """Sees the straight replay."""

    def begin(self, router: Router, now: Instant) -> None:
        """From now it is this router."""

    def watch(self, event: Event, outputs: Output, now: Instant) -> None:
        """One event, and what came of it."""


def recorded(path: Path, watcher: Watcher, since: Instant | None = None, until: Instant | None = None) -> Record:
    """What the journal holds between the two instants, as far as it can be read; `watcher` is shown its replay.

    Raises JournalDamaged when nothing of it can be read, and FileNotFoundError.
    """
    reading = _Reading(watcher, since)
    try:
        for line in read(path, since):
            if until is not None and line.at > until:
                break
            reading.take(line)
    except JournalDamaged as error:
        reading.remark(str(error))
    return reading.record(path)


class _Reading:
    """Follows the segments: one that goes on where the last ended changes nothing, any other is a new beginning."""

    def __init__(self, watcher: Watcher, since: Instant | None) -> None:
        self._watcher, self._since = watcher, since
        self._head: Segment | None = None
        self._router: Router | None = None
        self._recorder: Recorder | None = None
        self._proof = 0
        self._remarks: list[str] = []

    def remark(self, text: str) -> None:
        self._remarks.append(text)

    def record(self, path: Path) -> Record:
        if self._recorder is None:
            raise JournalDamaged("\n".join([f"{path}: nothing can be read", *self._remarks]))
        record = self._recorder.finished()
        record.remarks += self._remarks
        return record

    def take(self, line: Line) -> None:
        item = line.item
        if isinstance(item, Segment):
            self._begin(line, item)
        elif isinstance(item, Torn):
            self.remark(f"{line.where}: is torn, as a crash leaves it; what stands before counts")
        elif not isinstance(item, End):
            self._compare(line)
            self._route(line.at, item)

    def _begin(self, line: Line, head: Segment) -> None:
        before, self._head = self._head, head
        if before is not None and (head.run, head.number, head.missing) == (before.run, before.number + 1, 0):
            return
        self._router, self._proof = restore(head.snapshot), line.proof
        if self._recorder is not None:
            self._recorder.go_on_with(self._router, line.at)
            self._watcher.begin(self._router, line.at)
            restarted = before is not None and before.run != head.run
            self.remark(
                f"{line.where}: {'the daemon was started again' if restarted else 'events before it are missing'}"
            )
        elif self._since is None or line.at >= self._since:
            self._begin_record(self._router, line.at)

    def _begin_record(self, router: Router, now: Instant) -> None:
        self._recorder = Recorder(router, now)
        self._watcher.begin(router, now)

    def _route(self, now: Instant, event: Event) -> None:
        router = self._router
        assert router is not None, "a segment begins with its head"
        if self._recorder is None and (self._since is None or now >= self._since):
            self._begin_record(router, now)
        if self._recorder is None:
            outputs = router.handle(event, now)
        else:
            outputs = self._recorder.take(event, now)
            self._watcher.watch(event, outputs, now)
        self._proof = proof_after(self._proof, outputs)

    def _compare(self, line: Line) -> None:
        if line.proof != self._proof and self._head is not None:
            by = self._head.version
            self.remark(f"{line.where}: this version routes otherwise than {by}, which wrote it; see acd replay")
            self._proof = line.proof
