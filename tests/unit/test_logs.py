"""One JSON object a line, written by a thread that nobody waits for."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from acd import logs
from acd.logs import QueuedFile

WITHIN_S = 5


class Stuck(io.StringIO):
    """A file whose every write waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.begun = threading.Event()

    def write(self, text: str) -> int:
        self.begun.set()
        assert self.go.wait(WITHIN_S)
        return super().write(text)


def said(code: str) -> list[dict[str, Any]]:
    """What a process of its own logs: logging is configured once for a process."""
    run = [sys.executable, "-c", f"from acd import logs; logs.configure('info')\n{code}"]
    result = subprocess.run(run, capture_output=True, check=True, timeout=20)
    assert result.stdout == b"", "standard output is for those who ask, not for the log"
    return [json.loads(line) for line in result.stderr.decode().splitlines()]


def test_a_line_is_one_json_object_with_level_and_time() -> None:
    (line,) = said("import structlog; structlog.get_logger().info('call waits', call='c1', waited_ms=3)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "call waits", "call": "c1", "waited_ms": 3, "level": "info"}


def test_names_are_written_as_they_are_and_line_ends_are_not() -> None:
    """grep finds 张伟, and a caller's name can't forge a line."""
    code = "import structlog; structlog.get_logger().info('x', name='张伟 \\n{\"event\":\"forged\"}')"
    run = [sys.executable, "-c", f"from acd import logs; logs.configure('info')\n{code}"]
    raw = subprocess.run(run, capture_output=True, check=True, timeout=20).stderr
    assert "张伟".encode() in raw
    assert raw.count(b"\n") == 1


def test_levels_below_the_configured_one_are_left_out() -> None:
    code = "import structlog; log = structlog.get_logger(); log.debug('a'); log.info('b'); log.error('c')"
    assert [line["event"] for line in said(code)] == ["b", "c"]


def test_the_libraries_own_loggers_come_out_in_the_same_form() -> None:
    (line,) = said("import logging; log = logging.getLogger('lib'); log.warning('odd: %s', 'x'); log.info('y')")
    assert (line["event"], line["level"]) == ("odd: x", "warning")


@pytest.mark.parametrize(
    "call",
    ["import structlog; structlog.get_logger().exception('failed')", "import logging; logging.exception('failed')"],
)
def test_a_traceback_stands_in_the_same_line(call: str) -> None:
    (line,) = said(f"try:\n    1/0\nexcept ZeroDivisionError:\n    {call}")
    assert line["event"] == "failed"
    assert line["exception"].startswith("Traceback")
    assert "ZeroDivisionError" in line["exception"]


def test_what_was_logged_last_is_written_before_the_process_ends() -> None:
    code = "import structlog\nfor n in range(3000): structlog.get_logger().info('n', n=n)"
    assert [line["n"] for line in said(code)] == [*range(3000)]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("'half \\udcff a sign'", "half \udcff a sign"),
        ("ValueError('x')", "ValueError('x')"),
        ("object", "<class 'object'>"),
        ("{'a': (1, None, 2.5)}", {"a": [1, None, 2.5]}),
    ],
)
def test_what_json_does_not_know_is_written_all_the_same(value: str, written: Any) -> None:
    """A file's name, say, may hold bytes that are no sign of any script."""
    (line,) = said(f"import structlog; structlog.get_logger().info('x', value={value})")
    assert line["value"] == written


# --- the queue ------------------------------------------------------------------------------------------------


class Writes(io.StringIO):
    """A file that remembers each write."""

    def __init__(self) -> None:
        super().__init__()
        self.each: list[str] = []

    def write(self, text: str) -> int:
        self.each.append(text)
        return super().write(text)


def test_lines_that_come_shortly_after_each_other_are_one_write_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every line would wake the thread."""
    monkeypatch.setattr(logs, "REST_S", 60)
    writes = Writes()
    file = QueuedFile(writes)
    for n in range(500):
        file.write(f"{n}\n")
    file.close()  # doesn't wait for the rest's end
    assert writes.each == ["".join(f"{n}\n" for n in range(500))]


def test_no_line_waits_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is written by itself, and soon, whenever it comes: also while the one before is being written."""
    monkeypatch.setattr(logs, "REST_S", 0.0005)
    writes = Writes()
    file = QueuedFile(writes)
    for n in range(300):
        file.write(f"{n}\n")
        if n % 3:
            _until(lambda n=n: "".join(writes.each).endswith(f"{n}\n"))  # type: ignore[misc]
    file.close()
    assert "".join(writes.each) == "".join(f"{n}\n" for n in range(300))


def test_a_stuck_reader_is_not_waited_for_and_what_is_dropped_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "QUEUE_MAX", 3)
    stuck = Stuck()
    file = QueuedFile(stuck)
    file.write("0\n")
    assert stuck.begun.wait(WITHIN_S)
    for n in range(1, 9):
        file.write(f"{n}\n")
    stuck.go.set()
    _until(lambda: "3" in stuck.getvalue())
    file.write("later\n")
    file.close()
    *before, dropped, later = stuck.getvalue().splitlines()
    assert before == ["0", "1", "2", "3"]
    assert json.loads(dropped) == {"event": "log lines dropped", "level": "warning", "lines": 5}
    assert later == "later"


def test_closing_does_not_wait_for_ever_for_a_stuck_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "STOP_S_MAX", 0.05)
    for queue_max in (1, 10):
        monkeypatch.setattr(logs, "QUEUE_MAX", queue_max)
        stuck = Stuck()
        file = QueuedFile(stuck)
        file.write("0\n")
        assert stuck.begun.wait(WITHIN_S)
        file.write("1\n")
        file.close()
        assert stuck.getvalue() == ""
        stuck.go.set()


def test_a_full_disk_costs_lines_and_not_the_log() -> None:
    """When there is room again lines are written again, and the lost ones were counted."""

    class Full(io.StringIO):
        full = True

        def write(self, text: str) -> int:
            if self.full:
                raise OSError(28, "No space left on device")
            return super().write(text)

    disk = Full()
    file = QueuedFile(disk)
    file.write("lost\n")
    file.write("lost\n")
    _until(lambda: file._dropped == 2)
    disk.full = False
    file.write("kept\n")
    file.close()
    dropped, kept = disk.getvalue().splitlines()
    assert json.loads(dropped)["lines"] == 2
    assert kept == "kept"


def _until(condition: Callable[[], bool]) -> None:
    """Wait for the writer's thread, which tells nobody."""
    waiting = threading.Event()
    for _ in range(WITHIN_S * 1000):
        if condition():
            return
        waiting.wait(0.001)
    raise AssertionError("it did not come about")
