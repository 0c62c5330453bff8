"""The log: one JSON object a line on standard error, from structlog and from the libraries' own loggers alike.

Lines are written by a thread behind a bounded queue, for a stalled reader of standard error must not stall routing.
When the queue is full lines are dropped, and the next line that gets through says how many.
"""

import atexit
import logging
import queue
import sys
import threading
from typing import Any, TextIO

import structlog

QUEUE_MAX = 10_000
STOP_S_MAX = 2.0


class QueuedFile:
    """A text file whose `write` never waits."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._queue: queue.Queue[str | None] = queue.Queue(QUEUE_MAX)
        self._dropped = 0
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, line: str) -> None:
        try:
            if self._dropped:
                self._queue.put_nowait(f'{{"event":"log lines dropped","level":"warning","lines":{self._dropped}}}\n')
                self._dropped = 0
            self._queue.put_nowait(line)
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Lines are flushed as they are written."""

    def close(self) -> None:
        """Write what is queued, for as long as somebody reads it."""
        try:
            self._queue.put(None, timeout=STOP_S_MAX)
        except queue.Full:
            return
        self._thread.join(STOP_S_MAX)

    def _run(self) -> None:
        while (line := self._queue.get()) is not None:
            try:
                self._file.write(line)
                if self._queue.empty():
                    self._file.flush()
            except (OSError, ValueError):  # the disk is full, say: later lines may get through
                self._dropped += 1


def configure(level: str) -> None:
    """Send all logging from `level` up to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    file: Any = QueuedFile(sys.stderr)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(file)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
