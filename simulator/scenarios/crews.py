"""From crews to agents: who they are, when each is at work, and what is wrong with that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from acd.hours import DAY_MINUTES
from acd.ids import AgentId
from acd.settings.opening import minutes
from simulator.scenarios.sections import CrewSettings, ScenarioFile, WorkSettings
from simulator.scenarios.times import clock

NOBODYS_HASH = "$argon2id$"
"""Agents of a scenario are looked after by the simulator: nobody logs in with a password."""

Span = tuple[int, int]
"""Minutes of a day, from and to; past 1440 on the next one."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One agent. `spans` are those of every day; None: there all the time."""

    id: AgentId
    name: str
    skills: dict[str, int]
    spans: tuple[Span, ...] | None
    present: bool = True

    def table(self) -> dict[str, Any]:
        """As a configuration has it."""
        return {
            "id": self.id,
            "name": self.name,
            "device": f"PJSIP/{self.id}",
            "skills": self.skills,
            "password_hash": NOBODYS_HASH,
        }


def workers(file: ScenarioFile) -> tuple[Worker, ...]:
    """Everybody, crew by crew in the file's order, then the single agents."""
    of_crews = (worker for crew in file.crews for worker in _crew(crew))
    return (*of_crews, *(Worker(AgentId(each.id), each.name, each.skills, _spans(each, 0)) for each in file.agents))


def _crew(crew: CrewSettings) -> Iterator[Worker]:
    digits = max(3, len(str(crew.agents)))
    present = crew.agents if crew.present is None else crew.present
    for n in range(crew.agents):
        number = f"{n + 1:0{digits}}"
        name = f"{crew.name} {number}" if crew.name else ""
        yield Worker(AgentId(f"{crew.id}-{number}"), name, crew.skills, _spans(crew, n), n < present)


def _spans(work: WorkSettings, n: int) -> tuple[Span, ...] | None:
    """The shifts of the `n`th to have a break, less the break; the breaks are had in turns."""
    shifts = [minutes(shift) for shift in work.shifts]
    if not shifts:
        return None
    if work.breaks:
        pause = minutes(work.breaks[n % len(work.breaks)])
        shifts = [span for shift in shifts for span in _less(shift, _within(shift, pause))]
    return tuple(shifts)


def _less(shift: Span, pause: Span | None) -> list[Span]:
    parts = [shift] if pause is None else [(shift[0], pause[0]), (pause[1], shift[1])]
    return [(start, end) for start, end in parts if start < end]


def _within(shift: Span, pause: Span) -> Span | None:
    """The break on the day on which it lies in the shift, if it does."""
    for day in (0, DAY_MINUTES):
        start, end = pause[0] + day, pause[1] + day
        if shift[0] <= start and end <= shift[1]:
            return start, end
    return None


def problems(file: ScenarioFile) -> Iterator[str]:
    """All that is wrong with who works when."""
    for name, tables in (("crews", file.crews), ("agents", file.agents)):
        for n, work in enumerate(tables):
            yield from _of_work(f"{name}.{n}", work)
    yield from _seats(file)


def _of_work(key: str, work: WorkSettings) -> Iterator[str]:
    for one, other in combinations(work.shifts, 2):
        if _overlap(minutes(one), minutes(other)):
            yield f"{key}.shifts: {one} and {other} overlap; an agent works one shift at a time"
    if work.breaks and not work.shifts:
        yield f"{key}: breaks has no effect without shifts"
    for pause in work.breaks if work.shifts else ():
        if not any(_within(minutes(shift), minutes(pause)) for shift in work.shifts):
            yield f"{key}.breaks: {pause} lies in none of its shifts; these are {', '.join(work.shifts)}"


def _overlap(one: Span, other: Span) -> bool:
    days = (-DAY_MINUTES, 0, DAY_MINUTES)
    return any(one[0] < other[1] + day and other[0] + day < one[1] for day in days)


def _seats(file: ScenarioFile) -> Iterator[str]:
    if file.seats is None:
        return
    most, minute = _most_at_work(workers(file))
    if most > file.seats:
        yield f"seats is {file.seats}, but at {clock(minute)} there are {most} agents at work"


def _most_at_work(everybody: Sequence[Worker]) -> tuple[int, int]:
    """How many there are at most at the same time, and the first minute of the day at which there are."""
    there = [0] * DAY_MINUTES
    for worker in everybody:
        for start, end in worker.spans or ((0, DAY_MINUTES),):
            for minute in range(start, end) if worker.present else ():
                there[minute % DAY_MINUTES] += 1
    most = max(there)
    return most, there.index(most)
