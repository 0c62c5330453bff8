"""A study against Erlang A, where that has something to say: one line of like agents and like callers.

Each interval is taken as if it had always been so (the pointwise stationary approximation), with the mean rate of its
calls and its agents at work, rounded. Callers of the formula are answered as soon as an agent is free. Here it rings
first, so the mean ring is added to its waits and taken from its T; in the handling time it is anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from acd.agents import AgentState
from acd.rules import Rules, SkillGroup
from acd.skills import cover
from simulator.arrivals import MS_PER_H
from simulator.erlang.formulas import erlang_a
from simulator.study.counts import STATES, Cell, together
from simulator.study.findings import Study

_RINGING = STATES.index(AgentState.RINGING)


@dataclass(frozen=True, slots=True)
class Steady:
    """By Erlang A, of one interval."""

    agents: int
    service_level: float
    mean_wait_s: float
    abandonment: float


@dataclass(frozen=True, slots=True)
class Against:
    """What Erlang A says of a study."""

    aht_s: float
    patience_s: float
    ring_s: float
    intervals: tuple[Steady | None, ...]
    """None: no calls, or nobody at work."""


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Why it says nothing: a key of the words, and how many."""

    why: str
    n: int = 0


def against(study: Study) -> Against | NotApplicable:
    """Erlang A's figures, interval by interval."""
    why = _why_not(study)
    if why is not None:
        return why
    days = [each.all.day for each in study.replications]
    day = together(days)
    if not day.answered:
        return NotApplicable("empty")
    aht_s, ring_s = (ms / 1000 / day.answered for ms in (day.handling_ms, day.agents_ms[_RINGING]))
    patience_s = study.scenario.people.patience_s.mean_s
    within_s = max(study.within_ms[0] / 1000 - ring_s, 0.0)
    cells = [together(each.all.cells[n] for each in study.replications) for n in range(study.intervals)]
    return Against(
        aht_s, patience_s, ring_s, tuple(_steady(cell, aht_s, patience_s, within_s, ring_s) for cell in cells)
    )


def _steady(cell: Cell, aht_s: float, patience_s: float, within_s: float, ring_s: float) -> Steady | None:
    agents = round((cell.handling_ms + cell.ready_ms) / cell.time_ms)
    if not agents or not cell.offered:
        return None
    found = erlang_a(cell.offered / cell.time_ms * MS_PER_H, aht_s, agents, patience_s)
    return Steady(agents, found.service_level(within_s), found.asa_s + ring_s, found.abandonment)


def _why_not(study: Study) -> NotApplicable | None:
    rules, people = study.scenario.rules, study.scenario.people
    groups = list(rules.groups.values())
    if len(groups) != 1:
        return NotApplicable("groups", len(groups))
    reasons = {
        "skills": not _all_serve(rules, groups[0]),
        "flow": _winds(groups),
        "ways": bool(people.callers),
        "lines": people.lines is not None,
    }
    return next((NotApplicable(why) for why, holds in reasons.items() if holds), None)


def _all_serve(rules: Rules, group: SkillGroup) -> bool:
    needs = [group.needs, *(entry.needs for entry in rules.entries.values())]
    return all(cover(agent.skills, each) for agent in rules.agents.values() for each in needs)


def _winds(groups: Sequence[SkillGroup]) -> bool:
    return any(group.steps or group.calls_max or group.when_nobody or group.hours for group in groups)
