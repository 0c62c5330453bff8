"""The log: one JSON object a line on standard error, from structlog and from the libraries' own loggers alike.

Lines are written by a thread behind a bounded queue, for a stalled reader of standard error must not stall routing.
When the queue is full lines are dropped, and the next line that gets through says how many.

The thread rests between two writes and then writes all that has come: were it woken for every line, owner and thread
would hand the interpreter to and fro, which takes longer than the line.
"""

import atexit
import json
import logging
import sys
import threading
from collections import deque
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from pydantic_core import PydanticSerializationError, to_json
from structlog.processors import format_exc_info

QUEUE_MAX = 10_000
REST_S = 0.05
"""How long a line may wait to be written, if standard error is read."""
STOP_S_MAX = 2.0


class QueuedFile:
    """A text file whose `write` never waits."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._queue: deque[str] = deque()
        self._dropped = 0
        self._news, self._ends = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, line: str) -> None:
        """Queue `line`, whole and with its end."""
        if len(self._queue) >= QUEUE_MAX:
            self._dropped += 1
            return
        if self._dropped:
            self._queue.append(f'{{"event":"log lines dropped","level":"warning","lines":{self._dropped}}}\n')
            self._dropped = 0
        self._queue.append(line)
        if not self._news.is_set():
            self._news.set()

    def flush(self) -> None:
        """Lines are flushed as they are written."""

    def close(self) -> None:
        """Write what is queued, for as long as somebody reads it."""
        self._ends.set()
        self._news.set()
        self._thread.join(STOP_S_MAX)

    def _run(self) -> None:
        while not self._ends.is_set():
            self._news.wait()
            self._ends.wait(REST_S)
            self._news.clear()  # before the queue is looked at: what comes meanwhile is news again
            self._write_all()
        self._write_all()

    def _write_all(self) -> None:
        """What is queued now, as one text."""
        lines = [self._queue.popleft() for _ in range(len(self._queue))]
        if not lines:
            return
        try:
            self._file.write("".join(lines))
            self._file.flush()
        except (OSError, ValueError):  # the disk is full, say: later lines may get through
            self._dropped += len(lines)


class _Lines:
    """What structlog hands a finished line to, whatever its level."""

    def __init__(self, file: QueuedFile) -> None:
        self._write = file.write

    def msg(self, line: str) -> None:
        self._write(f"{line}\n")

    debug = info = warning = error = critical = msg


def line_of(_logger: object, level: str, facts: MutableMapping[str, Any]) -> str:
    """One line of the log: all that structlog's own processors do for it, in one step."""
    facts["level"] = level
    facts["timestamp"] = datetime.now(UTC).isoformat()[:-6] + "Z"
    if "exc_info" in facts:
        facts = format_exc_info(None, level, facts)
    try:
        return to_json(facts, fallback=repr).decode()
    except PydanticSerializationError:  # half a sign in a file's name, say
        return json.dumps(facts, ensure_ascii=False, default=repr)


@contextmanager
def written_at_the_end() -> Iterator[None]:
    """Before anything is said of how the block has ended, all that it logged is written; it is the end of the log."""
    try:
        yield
    finally:
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and isinstance(handler.stream, QueuedFile):
                handler.stream.close()


def configure(level: str) -> None:
    """Send all logging from `level` up to standard error."""
    file: Any = QueuedFile(sys.stderr)
    structlog.configure(
        processors=[line_of],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(file),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(file)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=line_of))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
