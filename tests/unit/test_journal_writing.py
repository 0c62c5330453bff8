"""Segments follow each other without a gap, whatever fails; and where there is a gap, it is told."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from acd import events as ev
from acd.journal import End, Journal, Torn, places, read, segments
from acd.journal.writing import RETRY_MS
from acd.router import Router
from acd.rules import Rules
from acd.snapshot import take
from tests.conversation import arrives
from tests.unit.journals import DAY, Diary, Disk, day, heads, told, written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def states_at_heads(rules: Rules, starts: list[int]) -> list[object]:
    """What a router is before the events number `starts` of the day."""
    router, states = Router(rules), []
    for n, (now, event) in enumerate(day()):
        if n in starts:
            states.append(take(router))
        router.handle(event, now)
    return states


DAYS = [step for n in range(20) for step in day(20_000 * n)]


# --- one after another ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("events_max", [1, 2, 3, 5, 11, 12, 13])
def test_a_segment_ends_after_so_many_events_and_the_next_begins_with_what_the_router_is(
    path: Path, events_max: int
) -> None:
    written(path, events_max=events_max)
    starts = [*range(0, len(day()), events_max)]
    assert told(path) == day()
    assert [head.snapshot for head in heads(path)] == states_at_heads(DAY, starts)
    assert [head.number for head in heads(path)] == [*range(1, len(starts) + 1)]
    assert {head.run for head in heads(path)} == {0}
    assert sum(isinstance(line.item, End) for line in read(path)) == len(starts)


def test_a_segment_ends_when_it_is_long_enough(path: Path) -> None:
    """Its head counts, too; the line that makes it so long still belongs to it."""
    head = len(written(path.with_name("other"), steps=[]).read_bytes().splitlines(keepends=True)[0])
    bytes_max = 2 * head + 300
    written(path, steps=DAYS, bytes_max=bytes_max)
    *older, _newest = segments(path)
    assert len(older) > 3
    for lines in [file.read_bytes().splitlines(keepends=True) for file in older]:
        assert sum(map(len, lines[:-1])) >= bytes_max, "ended too early"
        assert sum(map(len, lines[:-2])) < max(bytes_max, 2 * len(lines[0])), "ended too late"


def test_however_short_the_limit_events_are_as_long_as_the_snapshot_before_them(path: Path) -> None:
    """Else the snapshot of a great centre would be written for every event."""
    written(path, steps=DAYS, bytes_max=1)
    *older, _newest = segments(path)
    assert len(older) > 3
    for lines in [file.read_bytes().splitlines(keepends=True) for file in older]:
        assert sum(map(len, lines[1:-1])) >= len(lines[0])


def test_a_segment_carries_the_proof_on(path: Path) -> None:
    lines = list(read(written(path, events_max=1)))
    alone = {line.at: line.proof for line in read(written(path.with_name("other")))}
    assert [line.proof for line in lines if line.item in [event for _, event in day()]] == [
        alone[at] for at, _ in day()
    ]


def test_segments_begun_within_a_millisecond_or_after_the_clock_was_set_back_keep_their_order(path: Path) -> None:
    written(path, steps=[(50_000, event) for _, event in day()], now=50_000, events_max=2)
    written(path, steps=day(), now=0, events_max=2)
    assert told(path) == [*((50_000, event) for _, event in day()), *day()]


def test_the_journal_before_is_kept_under_the_instant(path: Path) -> None:
    before = written(path).read_bytes()
    Diary(path, now=1_763_760_000_123).close()
    assert (path.parent / "journal.1763760000123").read_bytes() == before
    assert told(path) == day()


@pytest.mark.parametrize(("keep", "left"), [(0, 12), (1, 2), (3, 4), (100, 12)])
def test_so_many_older_segments_are_kept(path: Path, keep: int, left: int) -> None:
    others = [path.with_name("journal.bak"), path.with_name("journal.2.1000000000000")]
    for other in others:
        other.touch()
    written(path, events_max=1, keep=keep)
    assert len(segments(path)) == left
    assert told(path) == day()[-left:]
    assert all(other.exists() for other in others)


# --- who writes -----------------------------------------------------------------------------------------------


def test_a_second_daemon_is_refused_and_changes_nothing(path: Path) -> None:
    diary = Diary(path).write(day())
    before = path.read_bytes()
    with pytest.raises(BlockingIOError, match="another daemon writes it"):
        Diary(path, now=99)
    assert path.read_bytes() == before
    assert segments(path) == [path]
    diary.close()
    Diary(path, now=100).close()


def test_the_lock_is_let_go_when_the_head_can_not_be_written(path: Path, disk: Disk) -> None:
    disk.room = 10
    with pytest.raises(OSError, match="No space left"):
        Diary(path)
    assert not path.exists()
    disk.room = None
    Diary(path).close()


def test_a_folder_is_an_error(path: Path) -> None:
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        Diary(path)


def test_a_pipe_is_written_to_and_never_moves(path: Path) -> None:
    """As a device: what is there isn't ours to rename."""
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    diary = Diary(path, events_max=2).write(day())
    diary.close()
    lines = os.read(reader, 100_000).splitlines()
    os.close(reader)
    assert len(lines) == len(day()) + 2
    assert [file.name for file in path.parent.iterdir()] == ["journal"]


# --- crashes --------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", ["_begun", "older", "rename"])
@pytest.mark.parametrize("nth", [1, 2])
def test_after_a_crash_in_the_midst_of_a_rotation_nothing_is_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, nth: int
) -> None:
    """Before or after each of its steps: the head written, the newest moved aside, the new one put in its place."""
    diary = Diary(path, events_max=5).write(day()[:5])
    with monkeypatch.context() as patch:
        crash = Crash(nth)
        if name == "rename":
            patch.setattr(Path, "rename", crash.instead_of(Path.rename))
        else:
            patch.setattr(places, name, crash.instead_of(getattr(places, name)))
        with suppress(KeyboardInterrupt):
            diary.write(day()[5:6])
    diary.crash()
    assert told(path) == (day()[:5] if crash.came else day()[:6])
    written(path, steps=day(20_000), now=20_000)
    assert told(path) == [*(day()[:5] if crash.came else day()[:6]), *day(20_000)]
    assert not path.with_name("journal.new").exists()


class Crash:
    """The end of the process, at the n-th call."""

    def __init__(self, nth: int) -> None:
        self.nth = nth
        self.came = False

    def instead_of(self, call):  # type: ignore[no-untyped-def]
        def crashing(*args, **kwargs):  # type: ignore[no-untyped-def]
            self.nth -= 1
            if self.nth == 0:
                self.came = True
                raise KeyboardInterrupt
            return call(*args, **kwargs)

        return crashing


# --- a full disk ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", [0, 1, 60])
def test_what_a_full_disk_refuses_is_marked_and_the_rest_begins_anew(path: Path, disk: Disk, room: int) -> None:
    """The events missing are counted in the next head, whose snapshot knows what they did."""
    diary = Diary(path).write(day()[:4])
    disk.room = room
    diary.write(day()[4:7])
    disk.room = None
    diary.write(day()[7:])
    diary.close()
    lost = len(diary.lost)
    assert diary.lost == [event for _, event in day()[7 - lost : 7]]
    assert lost == (2 if room == 60 else 3)
    first, second = heads(path)
    assert (first.missing, second.missing) == (0, lost)
    assert second.number == 2
    assert second.snapshot == states_at_heads(DAY, [7])[0]
    assert told(path) == [*day()[: 7 - lost], *day()[7:]]


def test_a_full_disk_is_tried_again_once_a_second_and_no_file_is_left_by_trying(path: Path, disk: Disk) -> None:
    diary = Diary(path).write(day()[:1])
    disk.room, disk.tries = 5, 0
    diary.write([(1_000 + n, ev.LoggedIn("ann")) for n in range(3 * RETRY_MS)])
    assert disk.tries == 3
    assert len(diary.lost) == 3 * RETRY_MS
    assert {file.name for file in path.parent.iterdir()} == {"journal", "journal.lock"}
    disk.room = None
    diary.write([(9_000, ev.LoggedIn("ann"))])
    diary.close()
    assert [head.missing for head in heads(path)] == [0, 3 * RETRY_MS]


def test_every_refusal_says_why(path: Path, disk: Disk) -> None:
    diary = Diary(path)
    disk.room = 0
    for now in (1, 2, 2_000):
        with pytest.raises(OSError, match="No space left on device") as caught:
            diary.journal.append(ev.PbxFound(), now)
        assert caught.value.errno == 28
    diary.close()


def test_a_segment_that_can_not_be_followed_is_written_on(path: Path, disk: Disk) -> None:
    """There is room for a line, and none for a snapshot: no event is lost."""
    diary = Diary(path, events_max=2).write(day()[:2])
    disk.longest = 200
    diary.write(day()[2:4])
    assert diary.lost == []
    disk.longest = None
    diary.write(day()[4:])
    diary.close()
    assert told(path) == day()
    assert [head.missing for head in heads(path)] == [0] * len(heads(path))


def test_a_full_disk_at_the_end_is_no_error(path: Path, disk: Disk) -> None:
    diary = Diary(path).write(day())
    disk.room = 0
    diary.close()
    assert told(path) == day()


def test_no_room_for_the_last_word_leaves_no_torn_line(path: Path, disk: Disk) -> None:
    """The next segment is there already: a torn line in the midst would look like damage."""
    diary = Diary(path, events_max=5).write(day()[:5])
    disk.no_room_for = b'"End"'
    diary.write(day()[5:])
    diary.close()
    assert told(path) == day()
    assert not any(isinstance(line.item, End | Torn) for line in read(path))


def test_a_gap_is_a_gap_when_nothing_was_told_meanwhile(path: Path, disk: Disk) -> None:
    """The very last event is lost: the next start can't know, but the segment has no end."""
    diary = Diary(path).write(day())
    disk.room = 3
    diary.write([(20_000, arrives("c9"))])
    diary.close()
    assert not any(isinstance(line.item, End | Torn) for line in read(path))


# --- forced to the disk ---------------------------------------------------------------------------------------


def test_a_line_is_not_forced_to_the_disk_but_the_end_of_a_segment_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[str] = []
    monkeypatch.setattr("os.fsync", lambda fd: forced.append(str(Path(f"/proc/self/fd/{fd}").readlink())))
    diary = Diary(path, events_max=11).write(day()[:11])
    diary.journal._sealer.submit(int).result()
    assert forced == []
    diary.write(day()[11:])
    diary.close()
    assert forced == [f"{path}.0000000011000", str(path.parent), str(path), str(path.parent)]


def test_create_makes_the_folders_on_the_way(path: Path) -> None:
    Journal.create(path / "deep" / "journal", Router(DAY), 0).close()
    assert segments(path / "deep" / "journal") == [path / "deep" / "journal"]
