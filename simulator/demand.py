"""The demand of a recorded day, for a made-up one: when its calls came, by entry point."""

from pathlib import Path

from acd.events import Event
from acd.ids import Instant
from acd.router import Output, Router
from simulator.arrivals import Recorded
from simulator.journal import recorded
from simulator.recorded import Record


class _Nobody:
    """Watches a replay of which only the record is wanted."""

    def begin(self, router: Router, now: Instant) -> None: ...

    def watch(self, event: Event, outputs: Output, now: Instant) -> None: ...


def recorded_demand(
    path: Path, since: Instant | None = None, until: Instant | None = None, moved_to: Instant | None = None
) -> dict[str, Recorded]:
    """The arrivals in the journal at `path` between the two instants.

    They keep their instants, or (`moved_to`) are moved so that what is recorded begins at that one. Who gave up and
    called again is in the record twice: a world that lives by it has callers who don't (`retry_probability` 0).

    Raises JournalDamaged when nothing of the journal can be read, and FileNotFoundError.
    """
    return demand(recorded(path, _Nobody(), since, until), moved_to)


def demand(record: Record, moved_to: Instant | None = None) -> dict[str, Recorded]:
    """Likewise, of a record. A call given away by an agent, or found waiting as the record began, didn't come then."""
    by_ms = moved_to - record.begin if moved_to is not None else 0
    instants: dict[str, list[Instant]] = {}
    for call in record.calls():
        if call.arrival.waiting_since is None:
            instants.setdefault(call.arrival.entry, []).append(Instant(call.at + by_ms))
    return {entry: Recorded(tuple(each)) for entry, each in instants.items()}
