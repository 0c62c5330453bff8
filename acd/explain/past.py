"""What the journal says: the story of a call, and what an agent did at some instant, by routing the events anew.

Only those segments of the journal are routed in which the call's id stands at all: each can be routed by itself.
"""

import json
import mmap
import re
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from acd import events as ev
from acd.errors import JournalDamaged
from acd.explain import present
from acd.explain.answers import AgentWhy, CallWhy
from acd.explain.entries import AnyEntry, Lost
from acd.explain.witness import Witness
from acd.ids import AgentId, CallId, Instant
from acd.journal import End, Line, Segment, Torn, segments
from acd.journal.reading import read_segment
from acd.router import Router
from acd.snapshot import restore

HEAD_BYTES, TAIL_BYTES = 64, 65_536
CALLS_MAX = 20
_INSTANT = re.compile(rb"[0-9a-f]{8} \[(\d+),")


class Moment(NamedTuple):
    """A router after an event, or (first) as the segment began."""

    router: Router
    witness: Witness
    at: Instant


class Damage:
    """What could not be read, once it was met."""

    text = ""


# --- segments ---------------------------------------------------------------------------------------------------------


def begun(path: Path, until: Instant | None) -> list[Path]:
    """The journal's segments that were begun by then, the oldest first. Raises FileNotFoundError."""
    return [each for each in segments(path) if until is None or (_begins(each) or 0) <= until]


def holds(segment: Path, word: str) -> bool:
    """Whether `word` stands in the segment at all, as a JSON string."""
    with segment.open("rb") as file:
        if not segment.stat().st_size:
            return False
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(json.dumps(word, ensure_ascii=False).encode()) >= 0


def ends(path: Path) -> Instant | None:
    """The instant of the journal's last whole line; None: there is none. Raises FileNotFoundError."""
    found = (_ends(segment) for segment in reversed(segments(path)))
    return next((at for at in found if at is not None), None)


def _ends(segment: Path) -> Instant | None:
    """A segment's first line may be longer than what is looked at; then it stands for the last."""
    with segment.open("rb") as file:
        file.seek(max(0, segment.stat().st_size - TAIL_BYTES))
        lines = [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
    found = [at for line in lines if (at := _instant_of(line)) is not None]
    return found[-1] if found else _begins(segment)


def _begins(segment: Path) -> Instant | None:
    with segment.open("rb") as file:
        return _instant_of(file.read(HEAD_BYTES))


def _instant_of(line: bytes) -> Instant | None:
    found = _INSTANT.match(line)
    return Instant(int(found[1])) if found is not None else None


# --- replaying --------------------------------------------------------------------------------------------------------


def replayed(segment: Path, call: CallId | None, until: Instant | None, damage: Damage) -> Iterator[Moment]:
    """The segment's beginning, and the state after each event up to `until`. What is damaged ends it."""
    moment = None
    for line in _whole(segment, damage):
        if until is not None and line.at > until:
            return
        if isinstance(line.item, Segment):
            witness = Witness(line.item.snapshot.rules, lambda each: each == call)
            moment = Moment(restore(line.item.snapshot, witness), witness, line.at)
        elif moment is not None and not isinstance(line.item, End | Torn):
            moment.witness.event = line.item
            moment.router.handle(line.item, line.at)
            moment = moment._replace(at=line.at)
        if moment is not None:
            yield moment


def _whole(segment: Path, damage: Damage) -> Iterator[Line]:
    try:
        yield from read_segment(segment)
    except JournalDamaged as error:
        damage.text = str(error)


def _come_to(moment: Moment, until: Instant | None) -> Moment:
    """Let what was due by `until` happen, which no event may have told of."""
    if until is None:
        return moment
    moment.router.handle(ev.DeadlineReached(), until)
    return moment._replace(at=until)


# --- the questions ----------------------------------------------------------------------------------------------------


def of_call(path: Path, call: CallId, until: Instant | None = None) -> CallWhy | None:
    """The call's story up to `until` or the journal's end; None: the journal knows no such call by then.

    Raises FileNotFoundError where there is no journal.
    """
    files, damage, entries = begun(path, until), Damage(), list[AnyEntry]()
    holding = _holding(files, call)
    last = _followed(holding, call, until, damage, entries)
    if last is None:
        return None
    standing = None
    if call in last.router.calls and holding[-1] != files[-1]:
        entries.append(Lost(at=last.at))
    elif call in last.router.calls:
        standing = present.standing(last.router, last.router.calls[call], last.at)
    if not entries and standing is None:
        return None
    return CallWhy(call=call, at=last.at, entries=tuple(entries), standing=standing, damaged=damage.text)


def _holding(files: list[Path], call: CallId) -> list[Path]:
    """The segments in which the call may have lived.

    What an agent began has its id from the core, and stands in the journal only once a phone has answered: a consult
    lived where its call did, and an agent's own call that nobody answered is known from the newest segment alone.
    """
    about = call.rpartition("+")[0]
    found = [each for each in files if holds(each, call) or (about and holds(each, about))]
    return found or (files[-1:] if call.startswith("out-") else [])


def _followed(
    holding: list[Path], call: CallId, until: Instant | None, damage: Damage, entries: list[AnyEntry]
) -> Moment | None:
    """Append what became of the call in these segments; the last moment."""
    last: Moment | None = None
    for segment in holding:
        for n, moment in enumerate(replayed(segment, call, until, damage)):
            if n == 0 and last is not None and call in last.router.calls and call not in moment.router.calls:
                entries.append(Lost(at=last.at))
            last = moment
        if last is not None:
            last = _come_to(last, until) if segment == holding[-1] else last
            entries += last.witness.entries.pop(call, [])
    return last


def of_agent(path: Path, agent: AgentId, at: Instant | None = None) -> AgentWhy | None:
    """What the agent did at that instant, or at the journal's end; None: no such agent then.

    Raises FileNotFoundError where there is no journal.
    """
    files = begun(path, at)
    moments = replayed(files[-1], None, at, Damage()) if files else iter(())
    last = next(iter(deque(moments, maxlen=1)), None)
    if last is None:
        return None
    last = _come_to(last, at)
    return present.of_agent(last.router, agent, last.at) if agent in last.router.agents else None


def calls_of(path: Path, number: str) -> list[tuple[Instant, CallId]]:
    """The latest calls of that caller's number, the last one last. Raises FileNotFoundError."""
    found: dict[CallId, Instant] = {}
    for segment in segments(path):
        if holds(segment, number):
            with suppress(JournalDamaged):
                for line in read_segment(segment):
                    if isinstance(line.item, ev.CallArrived) and line.item.caller_number == number:
                        found.setdefault(line.item.call, line.at)
    return [(at, call) for call, at in found.items()][-CALLS_MAX:]
