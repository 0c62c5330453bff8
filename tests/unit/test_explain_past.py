"""A journal tells a call's story over all its segments, and what an agent did at any instant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner

from acd import cli, why
from acd import events as ev
from acd.agents import AgentState
from acd.explain import past
from acd.explain.answers import from_json
from acd.ids import Instant
from acd.journal import Journal, Limits, segments
from acd.router import Router
from tests.conversation import answered, arrives, centre, failed, group, ready
from tests.unit.explaining import S

DAY = centre(group("desk", wrap_up_ms=0), agents=["ann", "ben"])
BEGIN = 1_763_760_000_000
Said = list[tuple[float, ev.Event | list[ev.Event]]]


class Run:
    """A daemon's run: what is said is journaled and routed."""

    def __init__(self, path: Path, at_s: float = 0, events_max: int = 0) -> None:
        self.router = Router(DAY)
        limits = Limits(events_max=events_max)
        self.journal = Journal.create(path, self.router, Instant(BEGIN + int(at_s * S)), limits)

    def say(self, *said: tuple[float, ev.Event | list[ev.Event]]) -> Run:
        for at_s, events in said:
            for event in events if isinstance(events, list) else [events]:
                now = Instant(BEGIN + int(at_s * S))
                self.journal.append(event, now)
                self.journal.answered(self.router.handle(event, now))
        return self

    def end(self) -> None:
        self.journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def kinds(path: Path, call: str, until: int | None = None) -> list[str]:
    told = past.of_call(path, call, Instant(BEGIN + until * S) if until is not None else None)
    return [each.kind for each in told.entries] if told is not None else []


def acd(*words: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, ["why", *map(str, words)])
    return result.exit_code, result.output


STORY: Iterable[tuple[float, ev.Event | list[ev.Event]]] = (
    (0, [ev.PbxFound(), *ready("ann")]),
    (1, arrives("c1", caller_number="138")),
    (5, failed("c1")),
    (60, ready("ben")),
    (62, answered("c1", 2)),
    (70, arrives("c2")),
    (90, ev.CallerLeft("c1")),
)


def test_a_journal_tells_the_whole_story(path: Path) -> None:
    Run(path).say(*STORY).end()
    assert kinds(path, "c1") == ["arrived", "offered", "offer-over", "waits", "offered", "talks", "ended"]
    told = past.of_call(path, "c1")
    assert told is not None
    assert (told.standing, told.damaged) == (None, "")
    assert past.of_call(path, "c") is None, "part of an id is no id"
    assert past.of_call(path, "ann") is None, "an agent is no call"


def test_until_an_instant_only_what_was_due_by_then_has_happened(path: Path) -> None:
    Run(path).say(*STORY).end()
    assert kinds(path, "c1", until=4) == ["arrived", "offered"]
    told = past.of_call(path, "c2", Instant(BEGIN + 80 * S))
    assert told is not None
    assert told.standing is not None
    assert told.standing.terms.wait_ms == 10 * S
    Run(path, 100).say((100, [ev.PbxFound(), *ready("ann")]), (101, arrives("c9"))).end()
    assert kinds(path, "c9", until=117)[-2:] == ["offer-over", "waits"], "the ring ended without any event"


def test_the_story_goes_on_over_segments(path: Path) -> None:
    Run(path, events_max=2).say(*STORY).end()
    assert len(segments(path)) > 3
    assert kinds(path, "c1") == ["arrived", "offered", "offer-over", "waits", "offered", "talks", "ended"]


def test_a_segment_without_the_call_is_not_even_read(path: Path) -> None:
    Run(path, events_max=3).say(*STORY, (100, [arrives(f"d{n}") for n in range(9)])).end()
    last = segments(path)[-1]
    last.write_bytes(last.read_bytes().splitlines(keepends=True)[0] + b"rubbish\n")
    told = past.of_call(path, "c1")
    assert told is not None
    assert (told.entries[-1].kind, told.damaged) == ("ended", "")
    assert not past.holds(last, "c1")


def test_a_daemon_that_ended_with_the_call_is_said(path: Path) -> None:
    Run(path).say(*STORY[:3]).end()
    Run(path, 30).say((30, ev.PbxFound())).end()
    assert kinds(path, "c1")[-1] == "lost"
    told = past.of_call(path, "c1")
    assert told is not None
    assert told.standing is None


def test_a_call_found_again_after_a_restart_goes_on(path: Path) -> None:
    Run(path).say(*STORY[:3]).end()
    Run(path, 30).say((30, ev.PbxFound()), (31, arrives("c1", waiting_since=BEGIN + S))).end()
    assert kinds(path, "c1")[-3:] == ["lost", "arrived", "waits"]
    told = past.of_call(path, "c1")
    assert told is not None
    assert told.standing is not None


def test_what_stands_before_a_damage_is_told(path: Path) -> None:
    Run(path).say(*STORY).end()
    lines = path.read_bytes().splitlines(keepends=True)
    lines[6] = lines[6].replace(b"]", b"}")
    path.write_bytes(b"".join(lines))
    told = past.of_call(path, "c1")
    assert told is not None
    assert (len(told.entries), "line 7" in told.damaged) == (4, True)


def test_a_torn_last_line_is_the_end(path: Path) -> None:
    Run(path).say(*STORY).end()
    path.write_bytes(path.read_bytes()[:-70])
    told = past.of_call(path, "c1")
    assert told is not None
    assert told.damaged == ""


def test_an_agent_is_shown_as_of_then(path: Path) -> None:
    Run(path).say(*STORY).end()
    states = [past.of_agent(path, "ann", Instant(BEGIN + at * S)) for at in (0, 2, 6)]
    assert [each and each.state for each in states] == [AgentState.READY, AgentState.RINGING, AgentState.NOT_READY]
    assert past.of_agent(path, "nobody") is None
    last = past.of_agent(path, "ben")
    assert last is not None
    assert (last.at, last.state) == (BEGIN + 90 * S, AgentState.RINGING)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_says_it_in_both_languages_and_as_data(path: Path) -> None:
    Run(path).say(*STORY).end()
    assert "Rings at ben: the agent went ready." in acd("c1", "--journal", path)[1]
    assert "向 ben 振铃：该座席示闲。" in acd("c1", "--journal", path, "--lang", "zh")[1]
    code, text = acd("c1", "--journal", path, "--json")
    assert (code, from_json(json.loads(text))) == (0, past.of_call(path, "c1"))


def test_the_command_answers_for_an_agent_at_a_time(path: Path) -> None:
    Run(path).say(*STORY).end()
    code, text = acd("--agent", "ann", "--journal", path, "--at", str(BEGIN + 2 * S))
    assert code == 0
    assert text.splitlines()[1].startswith("Ringing since")


def test_whoever_knows_only_the_callers_number_is_told_the_calls(path: Path) -> None:
    Run(path).say(*STORY).end()
    code, text = acd("138", "--journal", path)
    assert code == 1
    assert text.startswith(f"{path}: no call has the id '138'. That caller's latest calls:\n    c1, ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "say either CALL or --agent"),
        (["c1", "--agent", "ann"], "say either CALL or --agent"),
        (["c1", "--at", "10:31"], "--at looks back, and needs --journal"),
    ],
)
def test_what_makes_no_sense_is_refused(words: list[str], said: str) -> None:
    code, text = acd(*words)
    assert (code, said in text) == (2, True)


def test_no_journal_no_agent_and_no_time(path: Path) -> None:
    assert acd("c1", "--journal", path)[0] == 2
    Run(path).say(*STORY).end()
    code, text = acd("--agent", "nobody", "--journal", path)
    assert (code, text) == (1, f"{path}: no agent has the id 'nobody'\n")
    code, text = acd("c1", "--journal", path, "--at", "half past ten")
    assert (code, "is no time; write 10:31:05" in text) == (2, True)


def test_a_time_of_day_is_the_last_such_before_the_end() -> None:
    end = why.when("2026-03-02T10:00:00", None)
    assert why.when("09:59:59", end) == end - S
    assert why.when("10:00", end) == end
    assert why.when("10:00:01", end) == why.when("2026-03-01 10:00:01", None)
    assert why.when(str(end), None) == end
