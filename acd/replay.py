"""Replay: the events of a journal routed anew, and proof that the same commands come out.

    replay = Replay(read(path))
    for step in replay:           # each event, with the outputs that it has now
        ...
    replay.difference             # None: the same commands as written, at every line

Every segment is begun from its own snapshot. Where it follows on the one before, the router that was replayed must be
what the snapshot says.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from typing import NamedTuple

from acd import __version__
from acd import events as ev
from acd.ids import Instant
from acd.journal import End, Line, Segment, Torn
from acd.journal.proof import commands_among, proof_after
from acd.router import Output, Router
from acd.snapshot import Snapshot, restore, take


class Step(NamedTuple):
    """An event, and what the router answers."""

    line: Line
    event: ev.Event
    outputs: Output
    is_new_call: bool


@dataclass(slots=True)
class Tally:
    """What was replayed, between the two instants if they were given."""

    segments: int = 0
    runs: int = 0
    events: int = 0
    calls: int = 0
    commands: int = 0
    missing: int = 0
    """Events that could not be written when they happened."""
    first: Instant | None = None
    last: Instant | None = None
    remarks: list[str] = field(default_factory=list)
    """What a reader should know of the journal, though nothing is wrong with it."""


class Replay:
    """Yields each event with its outputs, until the journal's end or the first difference."""

    def __init__(
        self,
        lines: Iterable[Line],
        since: Instant | None = None,
        until: Instant | None = None,
        router_of: Callable[[Snapshot], Router] = restore,
    ) -> None:
        """What was before `since` is replayed and compared, but not yielded; what comes after `until` is not read."""
        self._lines, self._router_of = lines, router_of
        self._since, self._until = since, until
        self.tally = Tally()
        self.difference: str | None = None
        self.router: Router | None = None
        """As it is after the step yielded last."""
        self._head: Segment | None = None
        self._proof = 0
        self._last: Step | None = None

    def __iter__(self) -> Iterator[Step]:
        for line in self._lines:
            if self._until is not None and line.at > self._until:
                return
            step = self._take(line)
            if self.difference is not None:
                return
            if step is not None and (self._since is None or line.at >= self._since):
                self._count(step)
                yield step

    def _take(self, line: Line) -> Step | None:
        item = line.item
        if isinstance(item, Segment):
            self._begin(line, item)
        elif isinstance(item, Torn):
            self.tally.remarks.append(f"{line.where}: is torn; the segment ends before it, as a crash left it")
            self._head = None
        else:
            self._compare(line)
            if not isinstance(item, End) and self.difference is None:
                return self._route(line, item)
        return None

    def _begin(self, line: Line, head: Segment) -> None:
        before, self._head = self._head, head
        tally = self.tally
        tally.segments += 1
        tally.runs += before is None or before.run != head.run
        tally.missing += head.missing
        if head.missing:
            tally.remarks.append(f"{line.where}: {head.missing} events before it could not be written")
        elif before is not None and before.run == head.run and before.number + 1 == head.number:
            self._compare(line)
            self._compare_state(line, head.snapshot)
        elif before is not None and before.run == head.run:
            tally.remarks.append(f"{line.where}: the segments {before.number + 1} to {head.number - 1} are not there")
        self.router, self._proof, self._last = self._router_of(head.snapshot), line.proof, None

    def _route(self, line: Line, event: ev.Event) -> Step:
        assert self.router is not None, "a segment begins with its head"
        is_new = isinstance(event, ev.CallArrived) and event.call not in self.router.calls
        try:
            outputs = self.router.handle(event, line.at)
        except Exception as error:
            error.add_note(f"{line.where}: the core fails at {event}; if the daemon ended there, this is why")
            raise
        self._proof = proof_after(self._proof, outputs)
        self._last = Step(line, event, outputs, is_new)
        return self._last

    def _count(self, step: Step) -> None:
        tally = self.tally
        tally.events += 1
        tally.calls += step.is_new_call
        tally.commands += len(commands_among(step.outputs))
        tally.first = step.line.at if tally.first is None else tally.first
        tally.last = step.line.at

    def _compare(self, line: Line) -> None:
        """The commands of the events before `line`, with what it says of them."""
        if line.proof == self._proof or self._head is None:
            return
        written, replayed = f"commands whose CRC-32 is {line.proof:08x}", f"those of {self._proof:08x}"
        if self._last is None:
            self.difference = f"{line.where}: the commands before it are other ones: {written}, and not {replayed}"
            return
        commands = "".join(f"\n    {command}" for command in commands_among(self._last.outputs)) or " none"
        self.difference = (
            f"{self._last.line.where}: the commands differ, after {self._last.event}"
            f"\n  written, by version {self._head.version}: {written}"
            f"\n  replayed, by version {__version__}: {replayed}, the last of them:{commands}"
        )

    def _compare_state(self, line: Line, written: Snapshot) -> None:
        if self.router is None or self.difference is not None:
            return
        replayed = take(self.router)
        for each in fields(Snapshot):
            before, now = getattr(written, each.name), getattr(replayed, each.name)
            if before != now:
                self.difference = f"{line.where}: the state differs, in {each.name}:{_first_other(before, now)}"
                return


def _first_other(written: object, replayed: object) -> str:
    """Both sides of the first that differs, if they are sequences of the same length."""
    if isinstance(written, tuple) and isinstance(replayed, tuple) and len(written) == len(replayed):
        written, replayed = next(pair for pair in zip(written, replayed, strict=True) if pair[0] != pair[1])
    return f"\n  written:  {written}\n  replayed: {replayed}"
