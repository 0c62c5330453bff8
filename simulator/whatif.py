"""What if the day had had other rules: the real router three times, over the same callers and agents.

Once as recorded; once by the recorded rules among the recorded people lived again, which shows how far that model is
off; once by the other rules. What is compared is the third with the second.
"""

from dataclasses import dataclass
from pathlib import Path

from acd.ids import Instant
from acd.router import Router
from acd.rules import Rules
from simulator.assumptions import assumptions
from simulator.donors import Donors
from simulator.figures import Count, Result
from simulator.journal import recorded
from simulator.recorded import Record
from simulator.reenactment import Reenactment
from simulator.run import VirtualTime


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Three days, and what is assumed about the last two."""

    begin: Instant
    end: Instant
    within_s: float
    """T of the service level."""
    seed: int
    assumptions: tuple[str, ...]
    remarks: tuple[str, ...]
    """What is wrong with the journal."""
    recorded: Result
    modelled: Result
    """By the recorded rules."""
    other: Result


def what_if(
    path: Path,
    rules: Rules,
    within_ms: int = 20_000,
    seed: int = 1,
    since: Instant | None = None,
    until: Instant | None = None,
) -> WhatIf:
    """Compare the journal at `path` with the same day by `rules`. The same arguments give the same answer.

    Raises JournalDamaged when nothing of the journal can be read, and FileNotFoundError.
    """
    straight = Count(within_ms)
    record = recorded(path, straight, since, until)
    donors = Donors(record, seed)
    return WhatIf(
        record.begin,
        record.end,
        within_ms / 1000,
        seed,
        assumptions(record, rules, seed),
        tuple(record.remarks),
        straight.result(record.end),
        _lived_again(record, record.rules, donors, within_ms, changes_rules=True),
        _lived_again(record, rules, donors, within_ms, changes_rules=False),
    )


def _lived_again(record: Record, rules: Rules, donors: Donors, within_ms: int, *, changes_rules: bool) -> Result:
    router, count = Router(rules), Count(within_ms)
    count.begin(router, record.begin)
    world = Reenactment(record, rules, donors, changes_rules)
    VirtualTime(world, router, count.watch, record.begin).until(Instant(record.end + 1))
    return count.result(record.end)
