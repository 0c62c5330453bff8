"""Journals of several segments and daemons, and parts of them, as one record."""

import pytest

from acd import events as ev
from acd.errors import JournalDamaged
from acd.ids import OfferId
from acd.journal import Limits
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from simulator.journal import recorded
from simulator.whatif import what_if
from tests.simulation.journals import write_steps

RULES = Rules(
    groups={"desk": SkillGroup("desk")},
    entries={"1": EntryPoint("1", "desk")},
    agents={"ann": AgentRecord("ann", "P/1")},
)
STEPS = [
    (0, ev.PbxFound()),
    (1_000, ev.LoggedIn("ann")),
    (2_000, ev.ReadyAsked("ann")),
    (3_000, ev.CallArrived("c1", "1")),
    (5_000, ev.OfferAccepted(OfferId("c1", 1))),
    (6_000, ev.CallArrived("c2", "1")),
    (9_000, ev.CallerLeft("c1")),
    (12_000, ev.ReadyAsked("ann")),
    (14_000, ev.OfferAccepted(OfferId("c2", 1))),
    (20_000, ev.CallerLeft("c2")),
]


class Watcher:
    def __init__(self):
        self.begun, self.events = [], []

    def begin(self, router, now):
        self.begun.append(now)

    def watch(self, event, outputs, now):
        self.events.append((now, event))


def read(path, **span):
    watcher = Watcher()
    return recorded(path, watcher, **span), watcher


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def test_all_segments_of_a_run_are_one_day(path):
    write_steps(path, RULES, STEPS, limits=Limits(events_max=2))
    assert len(list(path.parent.glob("journal.jsonl.0*"))) > 3
    record, watcher = read(path)
    assert watcher.begun == [0]
    assert watcher.events == STEPS
    assert [call.talks[0].ms for call in record.calls()] == [4_000, 6_000]
    assert (record.begin, record.end, record.remarks) == (0, 20_000, [])


def test_a_daemon_started_again_goes_on_with_who_is_there(path):
    write_steps(path, RULES, STEPS[:6])
    again = [
        (31_000, ev.CallArrived("c2", "1", waiting_since=6_000)),
        (31_000, ev.PbxFound()),
        (32_000, ev.LoggedIn("ann")),
        (33_000, ev.ReadyAsked("ann")),
        (34_000, ev.OfferAccepted(OfferId("c2", 1))),
        (40_000, ev.CallerLeft("c2")),
    ]
    write_steps(path, RULES, again, begin=30_000)
    record, watcher = read(path)
    assert watcher.begun == [0, 30_000]
    first, second = record.calls()
    assert (first.talks[0].ms, first.talks[0].at_least_ms) == (None, 25_000)
    assert (second.waited_ms, second.talks[0].ms) == (28_000, 6_000)
    assert "the daemon was started again" in record.remarks[0]
    found = what_if(path, RULES)
    assert (found.recorded.all.offered, found.recorded.all.answered) == (2, 2)
    assert (found.modelled.all.offered, found.modelled.all.answered) == (2, 2)


def test_a_segment_that_is_missing_is_said(path):
    write_steps(path, RULES, STEPS, limits=Limits(events_max=2))
    sorted(path.parent.glob("journal.jsonl.0*"))[2].unlink()
    record, _ = read(path)
    assert "events before it are missing" in record.remarks[0]
    assert [call.arrival.call for call in record.calls()] == ["c1", "c2"]


def test_a_part_of_the_day(path):
    """The beginning is routed, too, so the state is known, but belongs to no record."""
    write_steps(path, RULES, STEPS)
    record, watcher = read(path, since=8_000, until=14_000)
    assert watcher.begun == [9_000]
    assert watcher.events == STEPS[6:9]
    [call] = record.calls()
    assert (call.arrival.call, call.at, call.arrival.waiting_since, call.waited_ms) == ("c2", 9_000, 6_000, 5_000)
    assert (record.begin, record.end) == (9_000, 14_000)


def test_another_version_that_routes_otherwise_is_said_once(path):
    """Here the journal is of two agents, and its head was made to know one."""
    two = Rules(RULES.groups, RULES.entries, agents={**RULES.agents, "bob": AgentRecord("bob", "P/2")})
    write_steps(path, two, [(0, ev.LoggedIn("bob")), (0, ev.ReadyAsked("bob")), *STEPS])
    other = path.with_name("other.jsonl")
    write_steps(other, RULES, [])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(other.read_bytes().splitlines(keepends=True)[0] + b"".join(lines[1:]))
    record, _ = read(path)
    assert len(record.remarks) > 0
    assert "this version routes otherwise than" in record.remarks[0]


def test_a_journal_of_which_nothing_can_be_read(path):
    path.write_bytes(b"nonsense\n")
    with pytest.raises(JournalDamaged, match="nothing can be read"):
        read(path)
    with pytest.raises(FileNotFoundError):
        read(path.with_name("other.jsonl"))
