"""What a daemon begins with: the router as its last life left it, from the newest segment of the journal.

    found = resumed(path)
    found.router            # None: there is nothing that can be taken up
    found.last              # the instant up to which it has lived: time goes on from there
    first_events(found.router, rules)     # what the new life is told before anything else

A daemon must start whatever the journal holds. So nothing here fails: what can't be taken up is said in `problem`.
"""

from dataclasses import dataclass
from pathlib import Path

from acd import events as ev
from acd import garbage, monitors
from acd.agents import AgentState
from acd.errors import JournalDamaged
from acd.ids import NEVER, Instant
from acd.journal import End, Line, Segment, Torn, read_segment, segments
from acd.router import Router
from acd.rules import Rules, difference
from acd.snapshot import restore

BY = "restart"
"""Who changes the rules that the file has otherwise than the journal."""
WHY_LOST = "the daemon has just started"


@dataclass(slots=True)
class Resumed:
    """What was found; `router` hears nothing of the PBX, as the dead one does."""

    router: Router | None = None
    last: Instant = NEVER
    file: Path | None = None
    """The segment that was read."""
    events: int = 0
    """How many of them it was routed anew from."""
    remark: str = ""
    problem: str = ""
    """What could not be taken up, why, and what to do."""


def resumed(path: Path) -> Resumed:
    """What the journal at `path` says of the last life: all of it, or what stands before a damage, or nothing."""
    try:
        files = segments(path) if path.is_file() or not path.exists() else []  # a device keeps nothing
    except OSError:
        return Resumed()
    for file in reversed(files):
        with garbage.resting():  # thousands of lines become objects that stay: to search them takes as long again
            found = _resumed_from(file)
        if found.router is not None or found.problem:
            return found
    return Resumed()


def first_events(router: Router, rules: Rules) -> list[ev.Event]:
    """What has happened to a resumed `router` meanwhile: `rules` hold now, no agent's client is connected.

    And no supervisor listens: adapters let such phones go, but for one that has taken a caller over.
    """
    change = difference(router.rules, rules)
    people = [agent for agent in router.agents.values() if agent.id in rules.agents]
    changes = [ev.RulesChanged(change, BY)] if change else []
    lost = [ev.ClientLost(agent.id) for agent in people if agent.state is not AgentState.LOGGED_OUT]
    listened = [each for each in router.flow.monitors.values() if not monitors.has_taken(router.flow, each)]
    return [*changes, *lost, *(ev.MonitorEnded(each.id) for each in listened)]


def _resumed_from(file: Path) -> Resumed:
    """From this segment alone. Nothing and no problem: a crash came before its first line was whole."""
    found = Resumed(file=file)
    try:
        for line in read_segment(file):
            _take(found, line)
        _lose_pbx(found)
    except (JournalDamaged, OSError) as error:
        return _kept_before(found, str(error))
    except Exception as error:  # whatever it is, it ended the last life, or would end this one
        return Resumed(file=file, problem=f"routing fails at {_place(found)}: {error!r}; {EMPTY}")
    return found


def _take(found: Resumed, line: Line) -> None:
    if isinstance(line.item, Torn):
        found.remark = f"{line.where} is torn, as a crash leaves it"
        return
    found.last = max(found.last, line.at)
    if isinstance(line.item, Segment):
        found.router = restore(line.item.snapshot)
    elif found.router is not None and not isinstance(line.item, End):
        found.events += 1
        found.router.handle(line.item, line.at)


def _lose_pbx(found: Resumed) -> None:
    """The last life ended at its last word: from then on nobody was rung, whatever became due since.

    Agents whose clients were away at that moment couldn't come back: their time to do so begins anew, too.
    """
    router = found.router
    if router is None:
        return
    for agent in list(router.agents.values()):
        if agent.client_grace_until is not None and not agent.retired:
            router.handle(ev.LoggedIn(agent.id), found.last)
    for pbx in [*router.flow.pbxs] or [""]:
        router.handle(ev.PbxLost(WHY_LOST, pbx), found.last)


def _kept_before(found: Resumed, why: str) -> Resumed:
    """A damaged segment: the state before the damage was true once, and the PBX tells what has changed since."""
    if found.router is None:
        return Resumed(file=found.file, problem=f"{why}; {EMPTY}")
    try:
        _lose_pbx(found)
    except Exception as error:
        return Resumed(file=found.file, problem=f"{why}; and routing fails before it: {error!r}; {EMPTY}")
    found.problem = f"{why}; taken up is what stands before: {KEPT}"
    return found


def _place(found: Resumed) -> str:
    return f"{found.file}, line {found.events + 1}"


KEPT = "the file is kept beside the new one, please report it with what `acd replay` says of it"
EMPTY = f"the daemon begins empty, callers are found in the PBX, agents log in anew; {KEPT}"
