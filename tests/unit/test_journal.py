"""What was written is read again, in the same words; what is torn or damaged is seen, and told by file and line."""

from __future__ import annotations

import json
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd import __version__
from acd import events as ev
from acd.errors import JournalDamaged
from acd.ids import OfferId
from acd.journal import End, Line, Segment, Torn, read, read_segment, segments
from acd.journal.lines import Reader, line_of
from acd.router import Router
from acd.rules import Rules
from acd.snapshot import take
from tests.conversation import arrives
from tests.properties.centres import Seeded, some_centre
from tests.unit.journals import DAY, Diary, day, heads, told, written

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.integers(0, 2**53)
LEVELS = st.dictionaries(WORDS, st.integers(1, 10), max_size=3).map(lambda levels: tuple(sorted(levels.items())))
st.register_type_strategy(OfferId, st.builds(OfferId, WORDS, st.integers(1, 99)))
EVENTS = st.one_of(
    *(
        st.builds(kind, needs=LEVELS, caller_name=WORDS, caller_number=WORDS, waiting_since=st.none() | INSTANTS)
        if kind is ev.CallArrived
        else st.from_type(kind)
        for kind in get_args(ev.Event)
    )
)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return written(tmp_path / "journal")


# --- round trip -----------------------------------------------------------------------------------------------


@settings(max_examples=300, deadline=None)
@given(at=INSTANTS, event=EVENTS, proof=st.integers(0, 2**32 - 1))
def test_every_event_comes_back_as_it_was(at: int, event: ev.Event, proof: int) -> None:
    text = line_of(at, event, proof)
    assert text.count(b"\n") == 1
    assert Reader(Path("j")).line(text) == Line(at, event, proof, Path("j"), 1, len(text))


@settings(max_examples=50, deadline=None)
@given(seed=INSTANTS)
def test_all_that_rules_can_say_comes_back_in_a_segments_head(seed: int) -> None:
    rules = some_centre(Seeded(seed))
    head = Segment(run=5, number=1, missing=0, snapshot=take(Router(rules)))
    item = Reader(Path("j")).line(line_of(7, head, 0)).item
    assert item == head
    assert isinstance(item, Segment)
    assert [*item.snapshot.rules.agents] == [*rules.agents], "their order decides"


def test_a_line_is_one_line_whatever_it_holds(tmp_path: Path) -> None:
    """Readable by people and by grep: Chinese stands as it is, line ends and NULs are escaped."""
    path = written(tmp_path / "journal", steps=[(1, arrives("c1", caller_name="李\n\r\0\u2028娜"))])
    lines = path.read_bytes().split(b"\n")
    assert len(lines) == 4
    assert "李".encode() in lines[1]


def test_a_journal_begins_with_what_the_router_is_and_ends_with_a_word(journal: Path) -> None:
    lines = list(read(journal))
    assert lines[0].item == Segment(run=0, number=1, missing=0, snapshot=take(Router(DAY)))
    assert [(line.at, line.item) for line in lines[1:-1]] == day()
    assert (lines[-1].item, lines[-1].at) == (End(), day()[-1][0])
    assert [line.number for line in lines] == [*range(1, len(lines) + 1)]
    assert lines[1].where == f"{journal}, line 2"


def test_what_is_appended_is_in_the_file_at_once(tmp_path: Path) -> None:
    """It outlives a sudden end of the daemon."""
    diary = Diary(tmp_path / "deep" / "down" / "journal").write([(5, ev.PbxFound())])
    assert told(tmp_path / "deep" / "down" / "journal") == [(5, ev.PbxFound())]
    diary.close()


def test_the_proof_of_a_line_is_of_the_commands_before_it(journal: Path) -> None:
    """It changes behind an event that rang somebody, and behind no other."""
    lines = list(read(journal))
    moves = [type(a.item).__name__ for a, b in pairwise(lines[1:]) if a.proof != b.proof]
    assert lines[1].proof == 0
    assert moves == ["CallArrived", "CallArrived"]


def test_the_proof_is_the_same_on_every_machine_and_version(journal: Path) -> None:
    """Else no journal could be replayed elsewhere. Who changes a command changes this number, and knows it."""
    assert list(read(journal))[-1].proof == PROOF_OF_THE_DAY


PROOF_OF_THE_DAY = 3590412934


# --- a torn end -----------------------------------------------------------------------------------------------


def test_a_last_line_torn_at_any_byte_ends_the_journal_before_it(tmp_path: Path) -> None:
    """A crash of the machine: what stands before the line is read, and the line is told as torn."""
    diary = Diary(tmp_path / "journal").write(day())
    diary.crash()
    whole = (tmp_path / "journal").read_bytes()
    last = len(whole) - whole.rindex(b"\n", 0, -1) - 1
    for cut in range(1, last):
        (tmp_path / "journal").write_bytes(whole[:-cut])
        lines = list(read(tmp_path / "journal"))
        assert lines[-1].item == Torn()
        assert lines[-1].where == f"{tmp_path}/journal, line {len(day()) + 1}"
        assert [line.item for line in lines[1:-1]] == [event for _, event in day()][:-1]
    (tmp_path / "journal").write_bytes(whole[:-last])
    assert told(tmp_path / "journal") == day()[:-1]


@pytest.mark.parametrize("length", [0, 1, 9, 500])
def test_a_head_that_is_torn_holds_nothing(journal: Path, length: int) -> None:
    journal.write_bytes(journal.read_bytes()[:length])
    assert [line.item for line in read(journal)] == [Torn()]


def test_a_daemon_started_after_a_crash_writes_behind_no_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    Diary(path).write(day()).crash()
    path.write_bytes(path.read_bytes()[:-7])
    written(path, now=20_000, steps=day(20_000))
    items = [line.item for line in read(path)]
    assert items.count(Torn()) == 1
    assert told(path) == [*day()[:-1], *day(20_000)]


# --- damage ---------------------------------------------------------------------------------------------------


def collect(got: list[Any], path: Path) -> None:
    """Keep each as it is read, so that what stands before a damage is kept."""
    for each in read(path):
        got.append((each.at, each.item))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_seen_and_never_read_as_something_else(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "journal"
    if not path.exists():
        written(path)
        (tmp_path / "whole").write_bytes(path.read_bytes())
    whole = bytearray((tmp_path / "whole").read_bytes())
    place = data.draw(st.integers(0, len(whole) - 2), label="byte")
    whole[place] ^= 1 << data.draw(st.integers(0, 7), label="bit")
    path.write_bytes(whole)
    got: list[Any] = []
    with pytest.raises(JournalDamaged, match=rf"^{path}, line \d+: is damaged"):
        collect(got, path)
    assert [each for each in got if not isinstance(each[1], Segment)] == day()[: max(0, len(got) - 1)]


def test_damage_in_the_middle_is_told_by_file_and_line(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", events_max=3)
    old = segments(path)[1]
    lines = old.read_bytes().split(b"\n")
    old.write_bytes(b"\n".join([lines[0], lines[1][:-1], *lines[2:]]))
    got: list[Any] = []
    with pytest.raises(JournalDamaged, match=rf"^{old}, line 2: is damaged: its checksum"):
        collect(got, path)
    assert sum(isinstance(item, ev.Event) for _, item in got) == 3


def test_a_torn_segment_that_the_same_daemon_wrote_on_after_is_damage(tmp_path: Path) -> None:
    """No crash does that: somebody cut the file."""
    path = written(tmp_path / "journal", events_max=3)
    old = segments(path)[1]
    old.write_bytes(old.read_bytes()[:-5])
    with pytest.raises(JournalDamaged, match=rf"^{old}, line 5: is torn, though the daemon wrote on in {path}"):
        list(read(path))


def framed(*values: Any) -> bytes:
    text = json.dumps(values).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (framed(9, "CallParked", {}, 0), r"holds a 'CallParked', which this version \(.*\) doesn't know"),
        (framed(9, "CallerLeft", {"call": 3}, 0), r"holds a CallerLeft that this version \(.*\) can't read"),
        (framed(9, "PbxFound", {}), r"isn't \[instant, kind, value, proof\], as this version"),
        (b"%08x 7\n" % zlib.crc32(b"7"), r"isn't \[instant, kind, value, proof\], as this version"),
        (framed("9", "PbxFound", {}, 0), r"isn't \[instant, kind, value, proof\], as this version"),
        (framed(9, "PbxFound", {}, "0"), r"isn't \[instant, kind, value, proof\], as this version"),
        (framed(9, ["PbxFound"], {}, 0), r"isn't \[instant, kind, value, proof\], as this version"),
        (framed(9, "Segment", 5, 0), "holds a Segment that this version"),
        (
            framed(9, "Segment", {"format": 7, "version": "9.9"}, 0),
            "was written by version 9.9 in format 7; this version reads 1",
        ),
    ],
)
def test_a_line_that_this_version_does_not_understand_is_told(journal: Path, line: bytes, said: str) -> None:
    journal.write_bytes(journal.read_bytes() + line)
    with pytest.raises(JournalDamaged, match=rf"^{journal}, line {len(day()) + 3}: {said}"):
        list(read(journal))


def test_a_file_that_is_no_journal_is_told(journal: Path) -> None:
    journal.write_bytes(framed(0, "PbxFound", {}, 0))
    with pytest.raises(JournalDamaged, match=f"^{journal}, line 1: is not the beginning of a segment"):
        list(read(journal))


# --- which files ----------------------------------------------------------------------------------------------


def test_a_journal_is_all_its_segments_in_order(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", events_max=4)
    (tmp_path / "journal.bak").write_text("of somebody else")
    (tmp_path / "journal.2.1000000000000").write_text("of another journal")
    assert [file.name for file in segments(path)] == ["journal.0000000004000", "journal.0000000008000", "journal"]
    assert told(path) == day()


def test_an_older_segment_is_read_alone(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", events_max=4)
    assert told(tmp_path / "journal.0000000008000") == day()[4:8]
    assert told(path)[8:] == [(line.at, line.item) for line in read_segment(path) if isinstance(line.item, ev.Event)]


def test_a_folder_stands_for_the_one_journal_in_it(tmp_path: Path) -> None:
    written(tmp_path / "a.jsonl", events_max=4)
    assert told(tmp_path) == day()
    written(tmp_path / "b.jsonl")
    with pytest.raises(FileNotFoundError, match=r"name one journal in this folder; those here are: .*a\.jsonl, .*b"):
        list(read(tmp_path))


def test_a_journal_whose_newest_is_gone_is_read_from_its_older_segments(tmp_path: Path) -> None:
    """As a crash in the midst of a rotation leaves it."""
    path = written(tmp_path / "journal", events_max=4)
    path.unlink()
    assert told(path) == day()[:8]


def test_where_no_journal_is_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=f"{tmp_path}/journal: no journal is there"):
        list(read(tmp_path / "journal"))


def test_names_with_signs_of_the_shell_are_taken_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path / "j[1]*", events_max=4)
    written(tmp_path / "j1x", events_max=4)
    assert len(segments(path)) == 3
    assert told(path) == day()


def test_reading_since_begins_with_the_segment_that_was_newest_then(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", events_max=4)
    assert next(line.at for line in read(path, since=8_500) if isinstance(line.item, ev.Event)) == 8_000
    assert next(line.at for line in read(path, since=7_999) if isinstance(line.item, ev.Event)) == 4_000
    assert [line.item.number for line in read(path, since=-1) if isinstance(line.item, Segment)] == [1, 2, 3]


def test_a_head_says_which_version_wrote_it(journal: Path) -> None:
    assert heads(journal)[0].version == __version__


def test_rules_without_anybody_are_a_journal_too(tmp_path: Path) -> None:
    assert heads(written(tmp_path / "journal", Rules(), []))[0].snapshot.agents == ()
