"""The settings in force, and the one way to change them while calls are served.

    changes = Changes(settings, path, owner, follow)
    changes.reload("sue", dry_run=False, reply=print)      -> Difference(("groups.desk.ring_s: 15 -> 20",), ...)

Whoever asks is answered by `reply`; askers are served one after another. What is asked for is read, checked whole and
compared in a thread (5,000 agents take a while), then told to the owner: either all of it holds, or nothing does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import trio

from acd.errors import SettingsError
from acd.events import RulesChanged
from acd.owner import Owner
from acd.router import Output
from acd.rules import RulesChange, difference
from acd.settings import Settings, differences, load, merged, parse
from acd.settings.differences import RESTART

WAITING_MAX = 10
LOGGED_MAX = 200
"""So many lines of one change are logged: more would hold up the calls, and the asker is told them all."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new set of settings comes to, a line for each thing that differs.

    `applied`: it holds now, but for the `need_restart` lines of what can only change with a restart.
    """

    lines: tuple[str, ...]
    need_restart: int
    applied: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """Nothing has changed. The message may have several lines, one for each problem."""

    code: str
    message: str


Reply = Callable[[Difference | Refusal], None]
Follow = Callable[[Settings], Callable[[], None]]
"""Told in a thread of settings that are about to hold; what it returns is called when they do."""


@dataclass(frozen=True, slots=True)
class _Ask:
    name: str
    by: str
    make: Callable[[Settings], Settings]
    """The new settings of the present ones. Raises SettingsError."""
    dry_run: bool
    reply: Reply


@dataclass(frozen=True, slots=True)
class _Plan:
    settings: Settings
    lines: tuple[str, ...]
    change: RulesChange
    follow: Callable[[], None]


class Changes:
    """Keeps the settings in force. `path` is the file they came from; None: there is nothing to read again."""

    def __init__(self, settings: Settings, path: Path | None, owner: Owner, follow: Follow) -> None:
        self._settings = settings
        self._path = path
        self._owner = owner
        self._follow = follow
        self._send, self._asked = trio.open_memory_channel[_Ask](WAITING_MAX)

    def reload(self, by: str, dry_run: bool = False, reply: Reply = lambda _: None) -> None:
        """Let the file hold as it is now; what was changed by requests since is gone where the file says otherwise."""
        path = self._path
        if path is None:
            reply(Refusal("not-now", "the server was started without a file that could be read again"))
        else:
            self._put(_Ask("reload", by, lambda _: load(path), dry_run, reply))

    def change(self, patch: dict[str, Any], by: str, dry_run: bool = False, reply: Reply = lambda _: None) -> None:
        """Let `patch` hold, a part of the file's tables (:func:`acd.settings.merged`), until the file is read again."""
        self._put(_Ask("change", by, lambda now: parse(merged(now.table(), patch), "the change"), dry_run, reply))

    def _put(self, ask: _Ask) -> None:
        try:
            self._send.send_nowait(ask)
        except trio.WouldBlock:
            ask.reply(Refusal("not-now", f"{WAITING_MAX} changes wait to be made already; try again in a while"))

    async def run(self) -> None:
        """Serve the askers until cancelled."""
        async for ask in self._asked:
            ask.reply(await self._answer(ask))

    async def _answer(self, ask: _Ask) -> Difference | Refusal:
        try:
            plan = await trio.to_thread.run_sync(self._planned, ask)
        except SettingsError as error:
            _log_refusal(ask, str(error))
            return Refusal("bad-settings", str(error))
        except Exception:  # a bug in checking settings is no reason to end the calls
            log.exception("settings can't be checked", ask=ask.name, by=ask.by)
            return Refusal("bad-settings", "checking failed by a fault of the server's own; its log tells more")
        outcome = Difference(plan.lines, sum(map(_needs_restart, plan.lines)), applied=not ask.dry_run)
        if outcome.applied:
            await self._let_hold(plan, ask.by)
            _log_difference(ask, outcome)
        return outcome

    def _planned(self, ask: _Ask) -> _Plan:
        """All that takes long; in a thread, while the rules stay as they are, for only we change them."""
        asked_for = ask.make(self._settings)
        lines = differences(self._settings, asked_for)
        settings = _without_restart(self._settings, asked_for)
        change = difference(self._owner.router.rules, settings.rules())
        return _Plan(settings, tuple(lines), change, self._follow(settings))

    async def _let_hold(self, plan: _Plan, by: str) -> None:
        """All at one moment: the core's rules, the settings that later changes start from, and who follows them."""
        held = trio.Event()

        def hold(_outputs: Output = ()) -> None:
            self._settings = plan.settings
            plan.follow()
            held.set()

        if plan.change:
            self._owner.tell(RulesChanged(plan.change, by), hold)
            await held.wait()
        else:
            hold()


def _without_restart(running: Settings, asked_for: Settings) -> Settings:
    """What of `asked_for` can hold without a restart. Raises SettingsError where that doesn't hang together."""
    if all(getattr(running, key) == getattr(asked_for, key) for key in RESTART):
        return asked_for
    stays = {key: value for key, value in running.table().items() if key in RESTART}
    comes = {key: value for key, value in asked_for.table().items() if key not in RESTART}
    return parse(stays | comes, "with what needs a restart left as it is")


def _needs_restart(line: str) -> bool:
    """The first part of a line is a key of the file's."""
    return line.partition(":")[0].partition(".")[0] in RESTART


# --- the log ----------------------------------------------------------------------------------------------------------


def _log_difference(ask: _Ask, of: Difference) -> None:
    for line in of.lines[:LOGGED_MAX]:
        log.info("settings differ", by=ask.by, difference=line)
    log.info("settings in force", ask=ask.name, by=ask.by, differences=len(of.lines), need_restart=of.need_restart)


def _log_refusal(ask: _Ask, message: str) -> None:
    say = log.error if ask.name == "reload" else log.warning
    problems = message.splitlines()
    for line in problems[:LOGGED_MAX]:
        say("settings refused", by=ask.by, problem=line)
    say("settings stay as they are", ask=ask.name, by=ask.by, problems=len(problems))
