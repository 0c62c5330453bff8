"""A real daemon, killed in the midst of its work: its journal replays to the very commands that it gave."""

from __future__ import annotations

import re
import signal
from contextlib import suppress
from pathlib import Path

import trio

from acd import events as ev
from acd.journal import End, Segment, Torn, read, segments
from acd.replay import Replay
from acd.shipped import config_folder
from tests.integration.running import until
from tests.integration.test_process import acd, served

LINES_MIN = 800
WORKS_S_MAX = 60.0


def busy_centre(folder: Path) -> Path:
    """The demonstration's centre in a great hurry: hundreds of events a second."""
    text = (config_folder() / "demo.toml").read_text(encoding="utf-8")
    for pattern, value in {
        r"port = 8080": "port = 0",
        r'"var/demo-journal.jsonl"': f'"{folder}/journal.jsonl"',
        r"(?m)^time_scale = .*$": "time_scale = 400",
        r"(?m)^log_in_after_s = .*$": "log_in_after_s = {uniform = [0, 0.5]}",
        r"(?m)^ready_after_s = .*$": "ready_after_s = {uniform = [0.1, 0.4]}",
        r"(?m)^answer_s = .*$": "answer_s = {uniform = [0.02, 0.3]}",
        r"(?m)^ring_s = .*$": "ring_s = 1",
        r"(?m)^wrap_up_s = \d+.*$": "wrap_up_s = 1",
    }.items():
        text, times = re.subn(pattern, value, text)
        assert times, pattern
    path = folder / "demo.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def killed_at_work(folder: Path, config: Path) -> None:
    """Serve until many more events are journaled; then end as a power cut would, had the system outlived it."""
    journal = folder / "journal.jsonl"
    async with served(folder, config) as (process, _, _log):
        begun = lines_of(journal)
        await until(lambda: lines_of(journal) - begun > LINES_MIN, WORKS_S_MAX)
        process.send_signal(signal.SIGKILL)
        await process.wait()


def lines_of(journal: Path) -> int:
    """Of all segments: one may be just moving."""
    count = 0
    for file in segments(journal):
        with suppress(FileNotFoundError):
            count += file.read_bytes().count(b"\n")
    return count


async def test_a_daemon_killed_at_work_twice_replays_to_the_same_commands(tmp_path: Path) -> None:
    config = busy_centre(tmp_path)
    for _ in range(2):
        await killed_at_work(tmp_path, config)
    journal = tmp_path / "journal.jsonl"
    assert not any(isinstance(line.item, End | Torn) for line in read(journal)), "it was killed between two lines"
    replay = Replay(read(journal))
    answered = sum(isinstance(step.event, ev.OfferAccepted) for step in replay)
    assert replay.difference is None
    assert replay.tally.runs == 2
    assert replay.tally.events > 2 * LINES_MIN
    assert min(answered, replay.tally.calls) > 50
    assert replay.tally.commands > answered
    result = await acd("replay", journal)
    assert result.returncode == 0, result.stderr
    assert result.stdout.decode().splitlines()[-1] == "the same commands as written"
    assert result.stderr == b"", "without a terminal there is no bar"


async def test_a_line_torn_by_a_crash_of_the_machine_is_a_note(tmp_path: Path) -> None:
    await killed_at_work(tmp_path, busy_centre(tmp_path))
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-9])
    result = await acd("replay", journal)
    assert result.returncode == 0
    assert b"is torn; the segment ends before it" in result.stdout


async def test_a_daemon_that_is_stopped_ends_its_journal_with_a_word(tmp_path: Path) -> None:
    async with served(tmp_path, busy_centre(tmp_path)) as (process, _, _log):
        await until(lambda: lines_of(tmp_path / "journal.jsonl") > 100, WORKS_S_MAX)
        process.send_signal(signal.SIGTERM)
        with trio.fail_after(10):
            assert await process.wait() == 0
    *_, last = read(tmp_path / "journal.jsonl")
    assert last.item == End()


async def test_a_journal_in_many_segments_replays_from_each(tmp_path: Path) -> None:
    """Each alone, and all together, where one must begin with what the one before ended with."""
    config = busy_centre(tmp_path)
    config.write_text(config.read_text().replace("[server]", "[server]\njournal_events_max = 100"))
    await killed_at_work(tmp_path, config)
    journal = tmp_path / "journal.jsonl"
    files = segments(journal)
    assert len(files) >= LINES_MIN // 110
    assert [line.item.number for line in read(journal) if isinstance(line.item, Segment)] == [*range(1, len(files) + 1)]
    for path in (journal, *files[:-1]):
        replay = Replay(read(path))
        assert sum(1 for _ in replay) > 0
        assert (replay.difference, replay.tally.remarks) == (None, [])
