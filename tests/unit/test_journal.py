"""What was written is read again, or the damage is seen; and events replayed give the outputs they gave."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acd import events as ev
from acd.errors import JournalDamaged
from acd.ids import OfferId
from acd.journal import Journal, read, replay
from acd.router import Router
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup, VipClass
from tests.conversation import answered, arrives, centre, failed, group, ready

WORDS = st.text(max_size=20)
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
RULES = st.builds(
    Rules,
    groups=st.dictionaries(WORDS, st.builds(SkillGroup, WORDS, WORDS, LEVELS, INSTANTS, INSTANTS), max_size=2),
    entries=st.dictionaries(WORDS, st.builds(EntryPoint, WORDS, WORDS, LEVELS, INSTANTS, INSTANTS), max_size=2),
    vips=st.dictionaries(WORDS, st.builds(VipClass, WORDS, INSTANTS, INSTANTS), max_size=2),
    agents=st.dictionaries(WORDS, st.builds(AgentRecord, WORDS, WORDS, WORDS, LEVELS), max_size=2),
    not_ready_reasons=st.lists(WORDS, max_size=3).map(tuple),
    client_grace_ms=INSTANTS,
)
DAY = centre(group("desk"), agents=["ann", "bob"])


def written(path: Path, rules: Rules, steps: list[tuple[int, ev.Event]]) -> Path:
    path.unlink(missing_ok=True)
    journal = Journal.create(path, rules, 0)
    for now, event in steps:
        journal.append(event, now)
    journal.close()
    return path


def day() -> list[tuple[int, ev.Event]]:
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
    return [(1_000 * n, event) for n, event in enumerate(events)]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return written(tmp_path / "journal", DAY, day())


# --- round trip -----------------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=RULES, steps=st.lists(st.tuples(INSTANTS, EVENTS), max_size=5))
def test_every_event_and_all_rules_come_back_as_they_were(
    tmp_path: Path, rules: Rules, steps: list[tuple[int, ev.Event]]
) -> None:
    assert list(read(written(tmp_path / "journal", rules, steps))) == [(0, rules), *steps]


def test_a_line_is_one_line_whatever_it_holds(journal: Path) -> None:
    """Readable by people and by grep: Chinese stands as it is, line ends and NULs are escaped."""
    path = written(journal, DAY, [(1, arrives("c1", caller_name="李\n\r\0\u2028娜"))])
    lines = path.read_bytes().split(b"\n")
    assert len(lines) == 3
    assert "李".encode() in lines[1]


def test_what_is_appended_is_in_the_file_at_once(tmp_path: Path) -> None:
    """It outlives a sudden end of the daemon."""
    journal = Journal.create(tmp_path / "deep" / "down" / "journal", DAY, 0)
    journal.append(ev.PbxFound(), 5)
    assert list(read(tmp_path / "deep" / "down" / "journal")) == [(0, DAY), (5, ev.PbxFound())]
    journal.close()


def test_the_journal_before_is_kept_under_the_instant(journal: Path) -> None:
    before = journal.read_bytes()
    Journal.create(journal, DAY, 1234).close()
    assert (journal.parent / "journal.1234").read_bytes() == before
    assert len(list(read(journal))) == 1


# --- damage ---------------------------------------------------------------------------------------------------


def collect(got: list[Any], path: Path) -> None:
    """Keep each as it is read, so that what stands before a damage is kept."""
    for each in read(path):
        got.append(each)


@pytest.mark.parametrize("cut", [1, 2, 10, 40])
def test_a_torn_last_line_is_seen_and_what_stands_before_it_is_read(journal: Path, cut: int) -> None:
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-cut])
    got: list[Any] = []
    with pytest.raises(JournalDamaged, match=rf"^{journal}, line {len(day()) + 1}: is torn or damaged"):
        collect(got, journal)
    assert got == [(0, DAY), *day()[:-1]]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_flipped_bit_is_seen_and_never_read_as_something_else(tmp_path: Path, data: st.DataObject) -> None:
    path = written(tmp_path / "journal", DAY, day())
    whole = bytearray(path.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1), label="byte")] ^= 1 << data.draw(st.integers(0, 7), label="bit")
    path.write_bytes(whole)
    got: list[Any] = []
    with pytest.raises(JournalDamaged):
        collect(got, path)
    assert got == [(0, DAY), *day()][: len(got)]


def line(now: int, kind: str, value: Any) -> bytes:
    text = json.dumps([now, kind, value]).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def test_an_event_that_this_version_does_not_know_is_named(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes() + line(9, "CallParked", {}))
    with pytest.raises(JournalDamaged, match="holds a 'CallParked', which this version doesn't know"):
        list(read(journal))


def test_an_event_of_another_form_is_named(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes() + line(9, "CallerLeft", {"call": 3}))
    with pytest.raises(JournalDamaged, match="holds a CallerLeft that this version can't read"):
        list(read(journal))


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "journal").touch()
    assert list(read(tmp_path / "journal")) == []


# --- replay ---------------------------------------------------------------------------------------------------


def test_replay_gives_the_outputs_that_the_events_had(journal: Path) -> None:
    router = Router(DAY)
    lived = [(now, event, router.handle(event, now)) for now, event in day()]
    assert list(replay(journal)) == lived
    assert sum(len(outputs) for _, _, outputs in lived) > 15


def test_replay_needs_the_rules_first(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(line(0, "PbxFound", {}))
    with pytest.raises(JournalDamaged, match="does not begin with the rules"):
        list(replay(tmp_path / "journal"))
