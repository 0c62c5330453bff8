"""Changes of the settings in force: all of a set or nothing of it, one after another, each difference said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio
from structlog.testing import capture_logs
from trio.testing import wait_all_tasks_blocked

from acd import changes
from acd import events as ev
from acd.changes import Changes, Difference, Refusal
from acd.router import Router
from acd.settings import Settings, parse
from acd.web.accounts import hashed

HASH = hashed("x")
TOML = f"""
adapter = "simulator"
[[groups]]
id = "desk"
ring_s = 15
[[groups]]
id = "night"
[[agents]]
id = "ann"
device = "PJSIP/ann"
password_hash = "{HASH}"
[[supervisors]]
id = "sue"
password_hash = "{HASH}"
"""


class FakeOwner:
    """Handles what it is told when the test says so."""

    def __init__(self, settings: Settings) -> None:
        self.router = Router(settings.rules())
        self.told: list[ev.RulesChanged] = []
        self._replies: list[Any] = []

    def tell(self, event: Any, reply: Any) -> None:
        self.told.append(event)
        self._replies.append(reply)

    def handle(self) -> None:
        replies, self._replies = self._replies, []
        for event, reply in zip(self.told[-len(replies) :], replies):
            reply(self.router.handle(event, 0))


class Desk:
    """The settings of a file, and what became of the changes asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text(TOML)
        settings = changes.load(path)
        self.owner = FakeOwner(settings)
        self.followed: list[Settings] = []
        self.answers: list[Difference | Refusal] = []
        follow = lambda settings: lambda: self.followed.append(settings)  # noqa: E731
        self.changes = Changes(settings, path, self.owner, follow)  # type: ignore[arg-type]

    def writes(self, *words: str) -> None:
        """Replace each first word in the file by the second."""
        text = self.path.read_text()
        for old, new in zip(words[::2], words[1::2]):
            assert old in text
            text = text.replace(old, new, 1)
        self.path.write_text(text)

    async def settles(self) -> Difference | Refusal:
        """Let the changes asked for be made; the latest answer."""
        with trio.fail_after(5):
            count = len(self.answers)
            while len(self.answers) == count:
                await trio.sleep(0.001)
                self.owner.handle()
        return self.answers[-1]

    async def reloads(self, **options: Any) -> Difference | Refusal:
        self.changes.reload("sue", reply=self.answers.append, **options)
        return await self.settles()

    async def changes_(self, patch: Any, **options: Any) -> Difference | Refusal:
        self.changes.change(patch, "sue", reply=self.answers.append, **options)
        return await self.settles()

    @property
    def ring_ms(self) -> int:
        return self.owner.router.rules.groups["desk"].ring_ms  # type: ignore[index]


@pytest.fixture
async def desk(tmp_path: Path, nursery: trio.Nursery) -> Desk:
    made = Desk(tmp_path / "acd.toml")
    nursery.start_soon(made.changes.run)
    return made


# --- the file -------------------------------------------------------------------------------------------------


async def test_a_reload_lets_the_file_hold_and_says_what_differs(desk: Desk) -> None:
    desk.writes("ring_s = 15", "ring_s = 20", '"night"', '"day"')
    with capture_logs() as lines:
        answer = await desk.reloads()
    assert answer == Difference(
        ("groups.desk.ring_s: 15 -> 20", "groups.night: gone", "groups.day: new"), 0, applied=True
    )
    assert desk.ring_ms == 20_000
    assert [(event.by, [each.id for each in event.change.groups]) for event in desk.owner.told] == [
        ("sue", ["desk", "day"])
    ]
    assert [line.get("difference") for line in lines] == [*answer.lines, None]
    assert lines[-1] | {"log_level": "info"} == {
        "event": "settings in force",
        "ask": "reload",
        "by": "sue",
        "differences": 3,
        "need_restart": 0,
        "log_level": "info",
    }


async def test_a_dry_run_says_the_same_and_changes_nothing(desk: Desk) -> None:
    desk.writes("ring_s = 15", "ring_s = 20")
    assert await desk.reloads(dry_run=True) == Difference(("groups.desk.ring_s: 15 -> 20",), 0, applied=False)
    assert (desk.owner.told, desk.followed) == ([], [])
    assert await desk.reloads() == Difference(("groups.desk.ring_s: 15 -> 20",), 0, applied=True)


async def test_a_bad_file_changes_nothing_and_every_problem_is_said(desk: Desk) -> None:
    desk.writes("ring_s = 15", 'ring_s = 999\nneed = {a = 1}\nwhen_full = "group:nigth"')
    with capture_logs() as lines:
        answer = await desk.reloads()
    assert isinstance(answer, Refusal)
    assert answer.code == "bad-settings"
    assert len(answer.message.splitlines()) >= 2
    assert all(line.startswith(f"{desk.path}: groups.0.") for line in answer.message.splitlines())
    assert "(it is 999)" in answer.message
    assert (desk.owner.told, desk.followed, desk.ring_ms) == ([], [], 15_000)
    assert [line.get("problem") for line in lines] == [*answer.message.splitlines(), None]
    assert {line["log_level"] for line in lines} == {"error"}


async def test_a_file_that_is_gone_changes_nothing(desk: Desk) -> None:
    desk.path.unlink()
    answer = await desk.reloads()
    assert answer == Refusal("bad-settings", f"{desk.path}: can't be read: No such file or directory")


async def test_what_needs_a_restart_is_said_each_time_and_left_as_it_is(desk: Desk) -> None:
    desk.writes('adapter = "simulator"', 'adapter = "simulator"\nserver = {port = 9090}', "ring_s = 15", "ring_s = 20")
    said = "server.port: 8080 -> 9090 (needs a restart)"
    assert await desk.reloads() == Difference((said, "groups.desk.ring_s: 15 -> 20"), 1, applied=True)
    assert desk.ring_ms == 20_000
    assert desk.followed[-1].server.port == 8080
    assert await desk.reloads() == Difference((said,), 1, applied=True)


async def test_what_only_another_adapter_could_do_is_refused_until_the_restart(desk: Desk) -> None:
    asterisk = 'adapter = "asterisk"\nasterisk = {secret = "s"}'
    desk.changes._settings = parse(
        changes.load(desk.path).table() | {"adapter": "asterisk", "asterisk": {"secret": "s"}}, ""
    )
    desk.writes("ring_s = 15", "steps = [{after_s = 5, callback = true}]")
    answer = await desk.reloads()
    assert answer == Refusal(
        "bad-settings",
        "with what needs a restart left as it is: groups.0.steps.0.callback: the Asterisk adapter can't call back yet",
    )
    assert asterisk not in answer.message


async def test_accounts_alone_are_followed_without_a_word_to_the_core(desk: Desk) -> None:
    desk.writes(f'"sue"\npassword_hash = "{HASH}"', f'"sue"\npassword_hash = "{HASH}new"')
    assert await desk.reloads() == Difference(("supervisors.sue.password_hash: changed",), 0, applied=True)
    assert desk.owner.told == []
    assert [each.id for each in desk.followed[-1].supervisors] == ["sue"]


async def test_without_a_file_there_is_nothing_to_reload(desk: Desk) -> None:
    answers: list[Any] = []
    other = Changes(changes.load(desk.path), None, desk.owner, lambda _: lambda: None)  # type: ignore[arg-type]
    other.reload("sue", reply=answers.append)
    assert answers[0].code == "not-now"


# --- a supervisor's change ------------------------------------------------------------------------------------


async def test_a_change_starts_from_what_holds_and_the_next_from_that(desk: Desk) -> None:
    patch = {"groups": [{"id": "desk", "ring_s": 20}]}
    assert await desk.changes_(patch) == Difference(("groups.desk.ring_s: 15 -> 20",), 0, applied=True)
    patch = {"groups": [{"id": "desk", "wrap_up_s": 5}]}
    assert await desk.changes_(patch) == Difference(("groups.desk.wrap_up_s: 30 -> 5",), 0, applied=True)
    assert desk.ring_ms == 20_000


async def test_a_reload_takes_the_files_values_again_and_says_so(desk: Desk) -> None:
    await desk.changes_({"groups": [{"id": "desk", "ring_s": 20}]})
    assert await desk.reloads() == Difference(("groups.desk.ring_s: 20 -> 15",), 0, applied=True)
    assert desk.ring_ms == 15_000


@pytest.mark.parametrize(
    ("patch", "says"),
    [
        ({"server": {"port": 1}}, "server: can't be changed by a request"),
        ({"groups": [{"id": "desk", "ring_s": 0}]}, "the change: groups.0.ring_s: "),
        ({"groups": [{"id": "desk", "gone": True}, {"id": "night", "gone": True}]}, "the change: groups: "),
        ({"agents": [{"id": "ann", "password_hash": "x"}]}, "agents.ann.password_hash: can't be changed"),
    ],
)
async def test_a_bad_change_changes_nothing(desk: Desk, patch: Any, says: str) -> None:
    answer = await desk.changes_(patch)
    assert isinstance(answer, Refusal)
    assert answer.code == "bad-settings"
    assert says in answer.message
    assert (desk.owner.told, desk.followed) == ([], [])


# --- together -------------------------------------------------------------------------------------------------


async def test_changes_are_made_one_after_another(desk: Desk) -> None:
    """The second is compared with what the first made, however long the core takes for that."""
    for ring_s in (20, 25):
        desk.changes.change({"groups": [{"id": "desk", "ring_s": ring_s}]}, "sue", reply=desk.answers.append)
    with trio.fail_after(5):
        while not desk.owner.told:  # noqa: ASYNC110 - a thread has no event to wait for
            await trio.sleep(0.001)
    await wait_all_tasks_blocked()
    assert len(desk.owner.told) == 1
    while len(desk.answers) < 2:
        await desk.settles()
    assert [each.lines for each in desk.answers] == [  # type: ignore[union-attr]
        ("groups.desk.ring_s: 15 -> 20",),
        ("groups.desk.ring_s: 20 -> 25",),
    ]


async def test_too_many_askers_are_sent_away(desk: Desk) -> None:
    await wait_all_tasks_blocked()
    for _ in range(changes.WAITING_MAX + 2):  # one of them is being served
        desk.changes.change({}, "sue", reply=desk.answers.append)
    assert [type(each) for each in desk.answers] == [Refusal]
    assert desk.answers[0].code == "not-now"  # type: ignore[union-attr]


async def test_a_fault_of_ours_in_checking_ends_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> Any:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(changes, "differences", fails)
    with capture_logs() as lines:
        answer = await desk.changes_({})
    assert isinstance(answer, Refusal)
    assert lines[0]["event"] == "settings can't be checked"
    monkeypatch.undo()
    assert isinstance(await desk.changes_({}), Difference)


async def test_a_long_difference_is_told_whole_and_logged_in_part(desk: Desk) -> None:
    patch = {"groups": [{"id": f"g{n}"} for n in range(changes.LOGGED_MAX + 50)]}
    with capture_logs() as lines:
        answer = await desk.changes_(patch)
    assert isinstance(answer, Difference)
    assert len(answer.lines) == changes.LOGGED_MAX + 50
    assert len(lines) == changes.LOGGED_MAX + 1
    assert lines[-1]["differences"] == changes.LOGGED_MAX + 50
