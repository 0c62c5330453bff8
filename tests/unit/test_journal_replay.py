"""A journal routed anew gives the same commands; and where it doesn't, the first difference is told with both sides."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from acd import cli
from acd import commands as cmd
from acd.errors import ImpossibleTransition
from acd.events import MonitorMode, RecordingWord
from acd.ids import OfferId
from acd.journal import read, segments
from acd.journal.proof import commands_among, proof_after
from acd.notices import PbxChanged
from acd.replay import Replay
from acd.router import Output, Router
from acd.rules import Destination, DestinationKind
from acd.snapshot import Snapshot, restore
from tests.conversation import arrives
from tests.properties.centres import Seeded, some_centre
from tests.properties.world import World
from tests.unit.journals import DAY, Diary, Disk, day, written


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return written(tmp_path / "journal")


def run(path: Path, **options: Any) -> tuple[Replay, list[Output]]:
    replay = Replay(read(path), **options)
    return replay, [step.outputs for step in replay]


def acd(*words: str | Path) -> Result:
    return CliRunner().invoke(cli.main, ["replay", *map(str, words)])


def rewritten(path: Path, number: int, change: Any) -> None:
    """Another value in that line, and a checksum that fits: what only another program could have written."""
    lines = path.read_bytes().splitlines(keepends=True)
    at, kind, value, proof = json.loads(lines[number - 1][9:])
    text = json.dumps([at, kind, change(value), proof]).encode()
    lines[number - 1] = b"%08x %s\n" % (zlib.crc32(text), text)
    path.write_bytes(b"".join(lines))


# --- the same -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("events_max", [0, 1, 3])
def test_a_replay_gives_the_outputs_that_the_events_had(tmp_path: Path, events_max: int) -> None:
    router = Router(DAY)
    lived = [router.handle(event, now) for now, event in day()]
    replay, outputs = run(written(tmp_path / "journal", events_max=events_max))
    assert outputs == lived
    assert replay.difference is None
    tally = replay.tally
    assert (tally.events, tally.calls, tally.runs, tally.missing) == (12, 2, 1, 0)
    assert tally.segments == (12 // events_max if events_max else 1)
    assert tally.commands == sum(isinstance(each, cmd.Command) for outputs in lived for each in outputs) > 1
    assert (tally.first, tally.last, tally.remarks) == (0, 11_000, [])


@pytest.mark.parametrize("seed", range(6))
def test_hostile_days_of_many_segments_replay_to_the_same_commands(tmp_path: Path, seed: int) -> None:
    dice = Seeded(seed)
    world, now = World(dice, rules := some_centre(dice)), 0
    diary, lived = Diary(tmp_path / "journal", rules, events_max=70), []
    for _ in range(700):
        now = world.instant(now, diary.router.next_deadline())
        event = world.draw(now)
        diary.journal.append(event, now)
        lived.append(diary.router.handle(event, now))
        diary.journal.answered(lived[-1])
        world.seen(lived[-1])
    diary.close()
    replay, outputs = run(tmp_path / "journal")
    assert (replay.difference, outputs, replay.tally.segments) == (None, lived, 10)
    assert replay.tally.commands > 50


def test_between_two_instants_only_those_events_are_given_and_all_before_are_compared(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", events_max=4)
    replay = Replay(read(path, 5_500), since=5_500, until=8_000)
    assert [step.line.at for step in replay] == [6_000, 7_000, 8_000]
    assert (replay.tally.first, replay.tally.last, replay.tally.segments) == (6_000, 8_000, 2)


def test_a_torn_end_a_gap_and_missing_segments_are_remarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    disk = Disk(monkeypatch)
    diary = Diary(path, events_max=3).write(day()[:4])
    disk.room = 9
    diary.write(day()[4:6])
    disk.room = None
    diary.write(day(20_000))
    diary.crash()
    path.write_bytes(path.read_bytes()[:-1])
    third, fourth = segments(path)[2:4]
    fourth.unlink()
    replay, _ = run(path)
    assert replay.difference is None
    assert replay.tally.missing == 2
    gap, gone, torn = replay.tally.remarks
    assert gap == f"{third}, line 1: 2 events before it could not be written"
    assert gone == f"{segments(path)[3]}, line 1: the segments 4 to 4 are not there"
    assert torn.startswith(f"{path}, line ")


def test_two_runs_are_two(tmp_path: Path) -> None:
    written(tmp_path / "journal")
    written(tmp_path / "journal", now=50_000, steps=day(50_000))
    replay, outputs = run(tmp_path / "journal")
    assert (replay.tally.runs, replay.tally.segments, replay.difference) == (2, 2, None)
    router = Router(DAY)
    assert outputs[:12] == [router.handle(event, now) for now, event in day()]
    assert len(outputs) == 24


# --- other commands -------------------------------------------------------------------------------------------


def test_the_first_event_with_other_commands_is_told_with_both_sides(journal: Path) -> None:
    """The line, the event, what was written of its commands, and what they are now."""
    rewritten(journal, 7, lambda value: value | {"entry": "999"})
    assert [line.item for line in read(journal)][6] == arrives("c1", "999", caller_name="张伟")
    replay, outputs = run(journal)
    assert replay.difference is not None
    first, *others = replay.difference.splitlines()
    assert first.startswith(f"{journal}, line 7: the commands differ, after CallArrived(call='c1', entry='999'")
    assert any("written, by version" in line for line in others)
    assert "RefuseCall(call='c1'" in others[-1]
    assert len(outputs) == 6


def test_a_state_that_is_not_what_the_next_segment_begins_with_is_told(tmp_path: Path) -> None:
    """Though the commands are the same so far."""
    path = written(tmp_path / "journal", events_max=4)
    old = segments(path)[1]
    rewritten(old, 1, lambda head: head | {"snapshot": head["snapshot"] | {"tickets": 77}})
    replay, _ = run(path)
    assert replay.difference == f"{old}, line 1: the state differs, in tickets:\n  written:  77\n  replayed: 1"


def test_of_many_agents_only_the_one_that_differs_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "journal", events_max=4)

    def with_another_bob(head: dict[str, Any]) -> dict[str, Any]:
        head["snapshot"]["agents"][1]["turn"] = 5
        return head

    rewritten(segments(path)[1], 1, with_another_bob)
    replay, _ = run(path)
    assert replay.difference is not None
    assert "in agents" in replay.difference
    assert "ann" not in replay.difference
    assert replay.difference.count("bob") == 2


def test_a_fault_of_the_core_is_told_with_its_line(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that ended by a bug leaves the event in the journal: the replay ends by the same bug, seen at work."""

    def broken(_router: Router, _event: object, _now: int) -> Output:
        raise ImpossibleTransition("a bug")

    monkeypatch.setattr(Router, "handle", broken)
    with pytest.raises(ImpossibleTransition) as caught:
        run(journal)
    assert caught.value.__notes__ == [
        f"{journal}, line 2: the core fails at PbxFound(pbx=''); if the daemon ended there, this is why"
    ]


def test_another_maker_of_routers_is_asked_for_each_segment(tmp_path: Path) -> None:
    asked: list[int] = []

    def maker(snapshot: Snapshot) -> Router:
        asked.append(snapshot.now)
        return restore(snapshot)

    run(written(tmp_path / "journal", events_max=4), router_of=maker)
    assert asked == [0, 3_000, 7_000]


# --- the proof ------------------------------------------------------------------------------------------------

ONE_OF_EACH: tuple[cmd.Command, ...] = (
    cmd.OfferCall(OfferId("c1", 2), "ann", "PJSIP/ann", "desk", "100", "138", "张伟", 7, 15_000, "0171"),
    cmd.WithdrawOffer(OfferId("c1", 2)),
    cmd.KeepWaiting("c1"),
    cmd.ReleaseCall("c1"),
    cmd.RefuseCall("c1", cmd.RefusalCause.HOLIDAY, "why"),
    cmd.SendElsewhere("c1", Destination(DestinationKind.VOICEMAIL, "12")),
    cmd.PlayPrompt("c1", "sorry"),
    cmd.OfferCallback("c1"),
    cmd.TellPosition("c1", 3),
    cmd.AnswerOffer(OfferId("c1", 2)),
    cmd.HoldCall("c1", OfferId("c1", 2)),
    cmd.ResumeCall("c1", OfferId("c1", 2)),
    cmd.BeginConsult("c1", OfferId("c1", 2), "c1+1", "0171", "100", 15_000),
    cmd.Confer("c1", OfferId("c1", 2), "c1+1"),
    cmd.ConnectCall("c1", OfferId("c1", 3), "c1+1", OfferId("c1+1", 1)),
    cmd.LeaveWith("c1", "c1+1"),
    cmd.SendDigits("c1", "1#"),
    cmd.StartMonitor("mon-1-2", OfferId("c1", 2), "PJSIP/lead", MonitorMode.LISTEN, 30_000),
    cmd.ChangeMonitor("mon-1-2", MonitorMode.BARGE),
    cmd.EndMonitor("mon-1-2"),
    cmd.Record("c1", RecordingWord.START, "desk", "ann"),
)  # type: ignore[arg-type]


def test_the_proof_is_the_same_for_ever() -> None:
    """A journal is replayed by later versions, too: who adds a field to a command changes this, and tells the users."""
    assert {type(each) for each in ONE_OF_EACH} == {*cmd.Command.__args__}
    assert proof_after(0, ONE_OF_EACH) == 1083873503


@pytest.mark.parametrize("n", range(len(ONE_OF_EACH)))
def test_every_command_counts(n: int) -> None:
    assert proof_after(0, ONE_OF_EACH[:n] + ONE_OF_EACH[n + 1 :]) != proof_after(0, ONE_OF_EACH)


def test_their_order_counts_and_notices_do_not() -> None:
    assert proof_after(0, ONE_OF_EACH[::-1]) != proof_after(0, ONE_OF_EACH)
    assert proof_after(9, (PbxChanged(None),)) == 9
    assert proof_after(proof_after(0, ONE_OF_EACH[:3]), ONE_OF_EACH[3:]) == proof_after(0, ONE_OF_EACH)
    assert commands_among((PbxChanged(None), ONE_OF_EACH[2])) == [ONE_OF_EACH[2]]


# --- the command ----------------------------------------------------------------------------------------------


def test_acd_replay_says_what_the_journal_holds_and_that_the_commands_are_the_same(journal: Path) -> None:
    result = acd(journal)
    assert result.exit_code == 0
    head, counts, verdict = result.output.splitlines()
    assert head.startswith(f"{journal}: 1 segments of 1 runs; 1970-01-0")
    assert counts == "12 events, 2 calls, 2 commands"
    assert verdict == "the same commands as written"


def test_acd_replay_ends_with_code_1_at_a_difference(journal: Path) -> None:
    rewritten(journal, 7, lambda value: value | {"entry": "999"})
    result = acd(journal)
    assert result.exit_code == 1
    assert "line 7: the commands differ" in result.output


def test_acd_replay_ends_with_code_1_at_damage(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes().replace(b"c1", b"c7"))
    result = acd(journal)
    assert result.exit_code == 1
    assert f"{journal}, line 7: is damaged" in result.output


def test_acd_replay_prints_events_and_what_the_router_answers(journal: Path) -> None:
    result = acd(journal, "--print", "--from", "5000", "--to", "1970-01-01T00:00:05+00:00")
    lines = result.output.splitlines()
    assert lines[0].startswith("5000 CallArrived(call='c1'")
    assert lines[2].startswith("    -> OfferCall(")
    assert "1 events, 1 calls, 1 commands" in lines


def test_acd_replay_of_what_is_no_journal_is_one_clear_line(tmp_path: Path) -> None:
    result = acd(tmp_path / "nothing")
    assert result.exit_code == 2
    assert "no journal is there" in result.stderr
    assert result.stderr.count("\n") == 1


def test_acd_replay_says_how_to_write_an_instant(journal: Path) -> None:
    result = acd(journal, "--from", "noon")
    assert result.exit_code == 2
    assert "'noon' is no instant; write 2026-03-01T09:30:00" in result.stderr


def test_a_torn_end_is_a_note_and_not_an_error(tmp_path: Path) -> None:
    Diary(tmp_path / "journal").write(day()).crash()
    (tmp_path / "journal").write_bytes((tmp_path / "journal").read_bytes()[:-3])
    result = acd(tmp_path / "journal")
    assert result.exit_code == 0
    assert f"note: {tmp_path}/journal, line 13: is torn" in result.output
