"""A busy centre on a real Asterisk, and whether three who watched it agree: the phones, our journal, Asterisk's CDR.

Callers dial at random, wait, and some give up; agents answer, talk, and one of both hangs up. Each caller has a number
of his own, by which the phones' calls, the journal's and Asterisk's are the same call.
"""

from __future__ import annotations

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import trio

from acd import events as ev
from acd.calls import Outcome
from acd.commands import OfferCall
from acd.journal import read
from acd.notices import CallConnected, CallFinished
from acd.replay import Replay
from tests.asterisk.house import House, house
from tests.daemon import Centre
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How busy, for how long. Times in seconds, from one to the other with equal chances."""

    agents: int
    calls_per_s: float
    for_s: float
    talk_s: tuple[float, float]
    answer_s: tuple[float, float] = (0.2, 1.0)
    patience_s: tuple[float, float] = (2.0, 60.0)
    wrap_up_s: float = 1.0
    seed: int = 1


@dataclass
class Seen:
    """What the phones saw: by the caller's number."""

    callers: dict[str, OutgoingCall] = field(default_factory=dict)
    rings: defaultdict[str, list[tuple[str, IncomingCall]]] = field(default_factory=lambda: defaultdict(list))
    refused: list[str] = field(default_factory=list)


@dataclass
class Told:
    """What the journal tells of a call."""

    number: str
    offers: int = 0
    agent: str = ""
    outcome: Outcome | None = None
    lived_ms: int = 0
    """From its arrival to its end."""


@dataclass
class Report:
    """What came of it; `problems` is empty when all agree and nothing was lost."""

    calls: int
    answered: int
    abandoned: int
    calls_per_s: float
    problems: list[str]


async def busy_day(boot_pbx: BootPbx, plan: Plan, folder: Path) -> Report:
    """Live through `plan`, and compare."""
    names = [str(1001 + n) for n in range(plan.agents)]
    centre = Centre(agents={name: {} for name in names}, groups={"desk": {"wrap_up_s": plan.wrap_up_s, "ring_s": 30}})
    seen = Seen()
    async with house(boot_pbx, centre, folder, rtp=False) as at:
        async with at.acd.agents(*names):
            for phone in at.phones:
                phone.behaviour = _Agent(phone.number, seen, plan).serve
            await _callers(at, seen, plan)
        await at.acd.stop()
        told = _told(at.acd.journal)
        await at.pbx.cli("cdr submit")
        records = _records(at.pbx.folder / "log/cdr-csv/Master.csv")
    problems = [*_lost(seen, told), *_doubled(seen, told), *_disagreements(told, records)]
    outcomes = Counter(each.outcome for each in told.values())
    answered = sum(bool(each.agent) for each in told.values())
    return Report(len(told), answered, outcomes[Outcome.ABANDONED], round(len(told) / plan.for_s, 2), problems)


# --- the people -------------------------------------------------------------------------------------------------------


class _Agent:
    """What an agent's phone does with calls."""

    def __init__(self, name: str, seen: Seen, plan: Plan) -> None:
        self._name, self._seen, self._plan = name, seen, plan
        self._dice = random.Random(f"{plan.seed}/{name}")

    async def serve(self, call: IncomingCall) -> None:
        self._seen.rings[call.caller_number].append((self._name, call))
        call.ring()
        await trio.sleep(self._dice.uniform(*self._plan.answer_s))
        await call.answer()
        await trio.sleep(self._dice.uniform(*self._plan.talk_s))
        await call.hang_up()


async def _callers(at: House, seen: Seen, plan: Plan) -> None:
    """Dial as often as planned, and wait until everybody has hung up or been served."""
    dice = random.Random(plan.seed)
    async with trio.open_nursery() as nursery:
        until = trio.current_time() + plan.for_s
        number = 13_800_000_000
        while trio.current_time() < until:
            await trio.sleep(dice.expovariate(plan.calls_per_s))
            number += 1
            talk_s, patience_s = dice.uniform(*plan.talk_s), dice.uniform(*plan.patience_s)
            nursery.start_soon(_caller, at, seen, str(number), talk_s, patience_s)


async def _caller(at: House, seen: Seen, number: str, talk_s: float, patience_s: float) -> None:
    """Wait for so long; once an agent has answered, talk for so long."""
    call = seen.callers[number] = await at.sip.dial("8001", from_number=number)
    with trio.move_on_after(patience_s):
        await call.ended(float("inf"))
    if any(ring.is_talking for _, ring in seen.rings[number]):
        with trio.move_on_after(talk_s):
            await call.ended(float("inf"))
    await call.hang_up()


# --- what the others say ----------------------------------------------------------------------------------------------


def _told(journal: Path) -> dict[str, Told]:
    """Every call of the journal, by its id, as the core answered to it."""
    calls: dict[str, Told] = {}
    replay = Replay(read(journal))
    for step in replay:
        if isinstance(step.event, ev.CallArrived):
            calls.setdefault(step.event.call, Told(step.event.caller_number))
        for output in step.outputs:
            match output:
                case OfferCall():
                    calls[output.call].offers += 1
                case CallConnected():
                    calls[output.call].agent = output.agent
                case CallFinished():
                    calls[output.call].outcome = output.outcome
                    calls[output.call].lived_ms = output.waited_ms + output.talked_ms
    assert replay.difference is None, replay.difference
    return calls


@dataclass
class Record:
    """What Asterisk's CDR says of a caller: the phone that the channel was bridged with, and how long it lived, s."""

    phone: str = ""
    lived_s: float = 0.0


def _records(path: Path) -> Mapping[str, Record]:
    """By the caller's number. A channel has a record for each part of its life: to the end of a bridge, and after."""
    records: dict[str, Record] = defaultdict(Record)
    with path.open(newline="", encoding="utf-8") as lines:
        for row in csv.reader(lines):
            if not row[CHANNEL].startswith("PJSIP/trunk-"):
                continue
            record = records[row[NUMBER]]
            record.lived_s += float(row[DURATION])
            if row[OTHER_CHANNEL]:
                record.phone = row[OTHER_CHANNEL].removeprefix("PJSIP/").rpartition("-")[0]
    return records


NUMBER, CHANNEL, OTHER_CHANNEL, DURATION = 1, 5, 6, 12
"""Columns of cdr_csv."""


# --- whether they agree -----------------------------------------------------------------------------------------------


def _lost(seen: Seen, told: Mapping[str, Told]) -> Sequence[str]:
    """Callers of whom nobody knows, or whose call never ended."""
    known = {each.number for each in told.values()}
    return [
        *(f"{number} dialled and isn't in the journal" for number in seen.callers.keys() - known),
        *(f"{number} is in the journal and didn't dial" for number in known - seen.callers.keys()),
        *(f"{call} has no end" for call, each in told.items() if each.outcome is None),
    ]


def _doubled(seen: Seen, told: Mapping[str, Told]) -> Sequence[str]:
    """Callers who were rung for twice at once, or answered twice, at the phones."""
    problems = []
    for number, rings in seen.rings.items():
        answered = [name for name, ring in rings if ring.times.answered_at is not None]
        if len(answered) > 1:
            problems.append(f"{number} was answered by {answered}")
        problems += [f"{number} rang at {rings[n][0]} and {rings[n + 1][0]}" for n in _overlaps(rings)]
    offers = {each.number: each.offers for each in told.values()}
    for number, count in offers.items():
        if count != len(seen.rings[number]):
            problems.append(f"{number} was offered {count} times, and rang {len(seen.rings[number])} times")
    return problems


def _overlaps(rings: Sequence[tuple[str, IncomingCall]]) -> Sequence[int]:
    """The rings during which the next one began."""
    spans = [(ring.times.invite_at or 0.0, ring.times.over_at or float("inf")) for _, ring in rings]
    return [n for n in range(len(spans) - 1) if spans[n + 1][0] < spans[n][1]]


def _disagreements(told: Mapping[str, Told], records: Mapping[str, Record]) -> Sequence[str]:
    """Where journal and CDR say different things of a caller."""
    numbers = {each.number for each in told.values()}
    problems = [f"{number} is in the journal or the CDR alone" for number in numbers ^ records.keys()]
    for each in told.values():
        record = records.get(each.number, Record())
        if record.phone != each.agent:
            problems.append(f"{each.number} talked with {each.agent!r} by the journal, {record.phone!r} by the CDR")
        elif abs(record.lived_s - each.lived_ms / 1000) > LIVED_S_APART:
            problems.append(f"{each.number} lived {each.lived_ms} ms by the journal, {record.lived_s} s by the CDR")
    return problems


LIVED_S_APART = 2.5
"""The CDR counts whole seconds in each of the parts."""
