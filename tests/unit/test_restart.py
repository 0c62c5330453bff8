"""What a new life takes up from the journal: everything, or what can be read; and it begins whatever stands there."""

from __future__ import annotations

import gc
import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from acd import events as ev
from acd.agents import AgentState
from acd.calls import CallState
from acd.commands import OfferCall
from acd.cti_adapters.base import Held, held
from acd.ids import Instant, OfferId
from acd.journal import Journal
from acd.journal.lines import line_of
from acd.restart import BY, WHY_LOST, first_events, resumed
from acd.router import Router
from acd.rules import NO_CHANGE, Rules, SupervisorRecord, difference
from acd.snapshot import Snapshot, restore, take
from tests.conversation import answered, arrives, centre, group, ready
from tests.unit.journals import DAY, Diary, Steps, day, written

TALK: Steps = [
    (0, ev.PbxFound()),
    *[(10, event) for event in ready("ann", "bob")],
    (1_000, arrives("c1")),
    (2_000, answered("c1")),
    (3_000, arrives("c2")),
    (4_000, arrives("c3")),
]
"""ann talks with c1, bob rings for c2, c3 waits."""
WATCHED = replace(DAY, supervisors={by: SupervisorRecord(by, device="PJSIP/1900") for by in ("sue", "tom")})


def crashed(path: Path, steps: Steps, rules: Rules = DAY, **limits: int) -> Diary:
    """A journal as `kill -9` leaves it, and the router that died."""
    diary = Diary(path, rules, **limits).write(steps)
    diary.crash()
    return diary


def alike(router: Router | None, dead: Router) -> None:
    """Whether `router` is the dead one, but that it hears nothing of the PBX since then."""
    assert router is not None
    twin = restore(take(dead))
    for pbx in [*dead.flow.pbxs] or [""]:
        twin.handle(ev.PbxLost(WHY_LOST, pbx), dead.flow.now)
    assert take(router) == take(twin)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


# --- what is there ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("events_max", [0, 1, 3])
def test_the_router_is_what_it_was_when_the_daemon_was_killed(path: Path, events_max: int) -> None:
    """However many segments there are: the newest is enough."""
    dead = crashed(path, TALK, events_max=events_max)
    found = resumed(path)
    alike(found.router, dead.router)
    assert (found.last, found.problem, found.remark) == (4_000, "", "")
    assert events_max == 0 or found.events <= events_max


def test_a_clean_stop_is_taken_up_as_well(path: Path) -> None:
    written(path, steps=TALK)
    twin = Router(DAY)
    for now, event in TALK:
        twin.handle(event, Instant(now))
    alike(resumed(path).router, twin)


def test_what_falls_due_while_the_daemon_is_away_rings_nobody(path: Path) -> None:
    """It happens, at its own instant: bob's wrap-up ends, and he is ready; but c3 isn't offered into the void."""
    crashed(path, [*TALK, (5_000, answered("c2")), (6_000, ev.CallerLeft("c2"))])
    router = resumed(path).router
    assert router is not None
    assert router.pbx_lost == WHY_LOST
    outputs = router.handle(ev.DeadlineReached(), Instant(100_000))
    assert router.agents["bob"].state is AgentState.READY
    assert not [output for output in outputs if isinstance(output, OfferCall)]
    offers = [output for output in router.handle(ev.PbxFound(), Instant(100_001)) if isinstance(output, OfferCall)]
    assert [(offer.call, offer.agent) for offer in offers] == [("c3", "bob")]


def test_of_several_pbxs_all_are_lost_until_they_are_found(path: Path) -> None:
    crashed(path, [(0, ev.PbxFound("east")), (0, ev.PbxFound("west")), (1, ev.PbxLost("cut", "west"))])
    router = resumed(path).router
    assert router is not None
    assert router.flow.pbxs == {"east": WHY_LOST, "west": WHY_LOST}
    assert (router.pbx_lost, router.flow.may_offer) == (WHY_LOST, False)


def test_a_ring_does_not_run_out_while_the_daemon_is_away(path: Path) -> None:
    """It begins anew when the PBX is found, if the PBX doesn't tell that it is over."""
    crashed(path, TALK)
    router = resumed(path).router
    assert router is not None
    router.handle(ev.DeadlineReached(), Instant(3_600_000))
    assert router.calls["c2"].state is CallState.OFFERED
    router.handle(ev.PbxFound(), Instant(3_600_000))
    router.handle(ev.DeadlineReached(), Instant(3_600_000 + DAY.groups["desk"].ring_ms))
    assert router.agents["bob"].state is AgentState.NOT_READY


def test_an_agent_whose_client_was_away_has_the_whole_time_again(path: Path) -> None:
    """Nobody could come back to a daemon that was dead."""
    crashed(path, [*TALK, (5_000, ev.ClientLost("bob"))])
    router = resumed(path).router
    assert router is not None
    router.handle(ev.DeadlineReached(), Instant(3_600_000))
    assert router.agents["bob"].pending is None
    assert router.agents["bob"].client_grace_until is None


def test_the_adapter_is_told_what_is_held(path: Path) -> None:
    crashed(path, TALK)
    router = resumed(path).router
    assert router is not None
    assert held(router.calls.values()) == [
        Held("c1", CallState.TALKING, talk=OfferId("c1", 1)),
        Held("c2", CallState.OFFERED, rings=(OfferId("c2", 1),)),
        Held("c3", CallState.WAITING),
    ]


def test_garbage_is_collected_again_afterwards(path: Path) -> None:
    crashed(path, TALK)
    resumed(path)
    assert gc.isenabled()


# --- the new life -----------------------------------------------------------------------------------------------------


def test_every_agent_who_is_logged_in_has_lost_the_client(path: Path) -> None:
    crashed(path, TALK)
    router = resumed(path).router
    assert router is not None
    assert first_events(router, DAY) == [ev.ClientLost("ann"), ev.ClientLost("bob")]


def test_an_empty_router_is_told_nothing() -> None:
    assert first_events(Router(DAY), DAY) == []


def test_no_supervisor_listens_any_more_but_one_who_has_taken_a_caller_over_talks_on(path: Path) -> None:
    steps: Steps = [
        *TALK,
        (5_000, answered("c2")),
        (6_000, ev.MonitorAsked("ann", ev.MonitorMode.LISTEN, by="sue")),
        (6_000, ev.MonitorAsked("bob", ev.MonitorMode.INTERCEPT, by="tom")),
    ]
    diary = Diary(path, WATCHED).write(steps)
    listening, taking = (diary.router.flow.monitors[by].id for by in ("sue", "tom"))
    diary.write([(7_000, ev.MonitorStarted(listening)), (7_000, ev.Intercepted(taking))])
    diary.crash()
    router = resumed(path).router
    assert router is not None
    assert ev.MonitorEnded(listening) in first_events(router, WATCHED)
    assert ev.MonitorEnded(taking) not in first_events(router, WATCHED)


def test_other_rules_in_the_file_are_told_as_a_change(path: Path) -> None:
    """Groups changed, an agent removed and one new: as by a reload. The removed agent isn't asked for a client."""
    now_held = replace(centre(group("desk", ring_ms=5_000), agents=["ann", "cid"]), client_grace_ms=7_000)
    dead = crashed(path, TALK)
    router = resumed(path).router
    assert router is not None
    events = first_events(router, now_held)
    assert events == [ev.RulesChanged(difference(DAY, now_held), BY), ev.ClientLost("ann")]
    for event in events:
        router.handle(event, Instant(10_000))
    assert router.rules == now_held
    assert router.agents["bob"].retired, "rung, and gone after that"
    assert router.agents["ann"].client_grace_until is not None
    assert router.agents["ann"].client_grace_until.at == 17_000
    assert {*router.calls} == {*dead.router.calls}


def test_the_new_lifes_journal_can_be_replayed_and_taken_up_again(path: Path) -> None:
    """A daemon that is killed time and again has what the first one had."""
    crashed(path, TALK)
    for life in range(1, 4):
        found = resumed(path)
        assert found.router is not None
        now = Instant(found.last + 1_000)
        journal = Journal.create(path, found.router, now)
        diary = Diary.__new__(Diary)
        diary.router, diary.journal, diary.lost = found.router, journal, []
        diary.write([(now, event) for event in first_events(found.router, DAY)])
        diary.write([(now + 1, ev.LoggedIn("ann")), (now + 1, ev.LoggedIn("bob"))])
        diary.crash()
        assert found.last == 4_000 + (life - 1) * 1_001
    router = resumed(path).router
    assert router is not None
    assert [agent.state for agent in router.agents.values()] == [AgentState.TALKING, AgentState.RINGING]
    assert [call.waiting_since for call in router.calls.values()] == [1_000, 3_000, 4_000]


# --- what isn't there -------------------------------------------------------------------------------------------------


def test_without_a_journal_there_is_nothing_to_take_up(path: Path) -> None:
    assert (resumed(path).router, resumed(path).problem) == (None, "")
    assert (resumed(path.parent / "no" / "folder").router, resumed(path).problem) == (None, "")


def test_a_device_keeps_nothing() -> None:
    assert (resumed(Path("/dev/null")).router, resumed(Path("/dev/null")).problem) == (None, "")


def test_a_crash_between_two_segments_loses_nothing(path: Path) -> None:
    """The new one was written under another name, and the old one moved aside already."""
    dead = crashed(path, TALK)
    path.rename(path.with_name("journal.0000000004001"))
    path.with_name("journal.new").write_bytes(b"half a li")
    alike(resumed(path).router, dead.router)


def test_a_last_line_that_is_torn_is_left_out_and_told_of(path: Path) -> None:
    """The event was never handled: the line is written before."""
    dead = crashed(path, TALK)
    whole = path.read_bytes()
    next_line = line_of(Instant(5_000), ev.CallerLeft("c3"), 0)
    for length in (1, 9, len(next_line) - 1):
        path.write_bytes(whole + next_line[:length])
        found = resumed(path)
        alike(found.router, dead.router)
        assert found.problem == ""
        assert "journal, line 11 is torn" in found.remark


def test_a_newest_segment_without_a_whole_line_is_passed_over(path: Path) -> None:
    """A power failure may leave that of a segment begun just before; the older one was true just before."""
    dead = crashed(path, TALK)
    whole = path.read_bytes()
    path.rename(path.with_name("journal.0000000004001"))
    for left in (b"", whole[:100]):
        path.write_bytes(left)
        alike(resumed(path).router, dead.router)


def test_what_stands_before_a_damage_is_taken_up(path: Path) -> None:
    """And said as a problem, with the place; the rest the PBX tells."""
    crashed(path, TALK)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[8] = lines[8].replace(b"c2", b"c9")
    path.write_bytes(b"".join(lines))
    found = resumed(path)
    twin = Router(DAY)
    for now, event in TALK[:7]:
        twin.handle(event, Instant(now))
    alike(found.router, twin)
    assert found.problem.startswith(f"{path}, line 9: is damaged")
    assert "taken up is what stands before" in found.problem
    assert "acd replay" in found.problem


@pytest.mark.parametrize(
    "content", [b"\0" * 4096, b"nonsense\n" * 3, "汉字\n".encode(), b"00000000 [1]\n", b"\xff\xfe\n\n\n"]
)
def test_what_is_no_journal_at_all_is_said_and_the_daemon_begins_empty(path: Path, content: bytes) -> None:
    path.write_bytes(content + b"\n")
    found = resumed(path)
    assert found.router is None
    assert found.problem.startswith(f"{path}, line 1: ")
    assert "begins empty" in found.problem
    assert path.read_bytes() == content + b"\n"


def test_a_format_of_another_version_is_said(path: Path) -> None:
    crashed(path, TALK)
    _rewrite_head(path, format=0, version="0.0.1")
    found = resumed(path)
    assert found.router is None
    assert "was written by version 0.0.1 in format 0" in found.problem


def test_a_snapshot_that_cannot_be_read_is_said(path: Path) -> None:
    crashed(path, TALK)
    _rewrite_head(path, snapshot={"rules": 1})
    found = resumed(path)
    assert found.router is None
    assert f"{path}, line 1: holds a Segment that this version" in found.problem


def _rewrite_head(path: Path, **values: object) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    at, kind, head, proof = json.loads(lines[0][9:])
    text = json.dumps([at, kind, head | values, proof]).encode()
    lines[0] = b"%08x %s\n" % (zlib.crc32(text), text)
    path.write_bytes(b"".join(lines))


def test_a_core_that_fails_at_the_journal_is_said_with_the_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ended the last life must not end each one after it."""
    crashed(path, TALK)
    handle = Router.handle

    def fails(self: Router, event: ev.Event, now: Instant) -> object:
        if isinstance(event, ev.OfferAccepted):
            raise ZeroDivisionError("a bug")
        return handle(self, event, now)

    monkeypatch.setattr(Router, "handle", fails)
    found = resumed(path)
    assert (found.router, found.last) == (None, 0)
    assert f"routing fails at {path}, line 8: ZeroDivisionError('a bug')" in found.problem
    assert "begins empty" in found.problem


def test_a_core_that_fails_at_the_snapshot_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed(path, TALK)

    def fails(_snapshot: Snapshot) -> Router:
        raise KeyError("an agent")

    monkeypatch.setattr("acd.restart.restore", fails)
    assert f"routing fails at {path}, line 1: KeyError('an agent')" in resumed(path).problem


def test_a_core_that_fails_before_a_damage_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed(path, TALK)
    path.write_bytes(path.read_bytes() + b"nonsense\n")
    handle = Router.handle

    def fails(self: Router, event: ev.Event, now: Instant) -> object:
        if isinstance(event, ev.PbxLost):
            raise ZeroDivisionError("a bug")
        return handle(self, event, now)

    monkeypatch.setattr(Router, "handle", fails)
    found = resumed(path)
    assert found.router is None
    assert "routing fails before it: ZeroDivisionError('a bug')" in found.problem


def test_a_file_that_may_not_be_read_is_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crashed(path, TALK)

    def fails(_file: Path) -> object:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("acd.restart.read_segment", fails)
    found = resumed(path)
    assert found.router is None
    assert "Permission denied" in found.problem


def test_events_that_could_not_be_written_are_made_good_by_the_next_segment(path: Path) -> None:
    """It begins with what the router was by then."""
    diary = Diary(path).write(TALK)
    diary.journal._abandon(OSError(28, "No space left on device"), Instant(4_000))
    diary.write([(4_500, arrives("c4")), (9_000, arrives("c5"))])
    assert [type(event) for event in diary.lost] == [ev.CallArrived]
    diary.crash()
    alike(resumed(path).router, diary.router)


def test_a_whole_day_is_taken_up_after_each_of_its_events(path: Path) -> None:
    for length in range(len(day()) + 1):
        folder = path.with_name(str(length))
        dead = crashed(folder / "journal", day()[:length])
        alike(resumed(folder / "journal").router, dead.router)
        assert difference(dead.router.rules, DAY) == NO_CHANGE
