"""What is wrong between a scenario's tables: names that nothing has, skills that nobody asks for or has."""

from collections.abc import Iterable, Iterator
from itertools import chain

from acd.rules import Rules
from acd.settings.kinds import listed, twice
from acd.settings.references import unless_known
from acd.skills import combined, cover
from simulator.scenarios.sections import ScenarioFile

Named = Iterable[tuple[str, str]]
"""A key, and the name given there."""


def problems(file: ScenarioFile, rules: Rules) -> Iterator[str]:
    """All of it, each in one line that names the key and says what there is."""
    if not file.crews and not file.agents:
        yield "nobody works here; it needs [[crews]] or [[agents]]"
    for entry in twice(each.entry for each in file.demand):
        yield f"demand: entry {entry!r} is given twice; each must be there once"
    for crew in twice(each.id for each in file.crews):
        yield f"crews: id {crew!r} is given twice; each must be there once"
    demanded = [(f"demand.{n}.entry", each.entry) for n, each in enumerate(file.demand)]
    promised = [(f"promises.{n}.group", each.group) for n, each in enumerate(file.promises) if each.group is not None]
    yield from unknown(rules, demanded, promised)
    yield from _useless_skills(file, rules)
    for key, entry in demanded:
        yield from _beyond_everybody(key, entry, rules)


def unknown(rules: Rules, demanded: Named, promised: Named) -> Iterator[str]:
    """Entry points that are called, and groups of which something is promised, that the rules don't have."""
    for key, entry in demanded:
        yield from unless_known(f"{key} is {entry!r}, which", entry, "entry point's number", rules.entries)
    for key, group in promised:
        yield from unless_known(f"{key} is {group!r}, which", group, "group's id", rules.groups)


def strangers(rules: Rules, scenario: str) -> Iterator[str]:
    """Personal agents whom the scenario doesn't have."""
    for agent in {vip.agent: None for vip in rules.vips.values() if vip.agent is not None}:
        yield from unless_known(
            f"vip_classes: agent is {agent!r}, which in {scenario}", agent, "agent's id", rules.agents
        )


def _useless_skills(file: ScenarioFile, rules: Rules) -> Iterator[str]:
    asked = _asked_for(rules)
    for name, tables in (("crews", file.crews), ("agents", file.agents)):
        for n, work in enumerate(tables):
            for skill in work.skills:
                if skill not in asked:
                    yield (
                        f"{name}.{n}.skills: {skill!r} is needed by no group, step or entry point; "
                        f"these are: {listed(asked)}"
                    )


def _asked_for(rules: Rules) -> set[str]:
    groups, entries = rules.groups.values(), rules.entries.values()
    of_steps = (step.needs for group in groups for step in group.steps)
    asked = chain((group.needs for group in groups), (entry.needs for entry in entries), of_steps)
    return {skill for needs in asked for skill, _ in needs}


def _beyond_everybody(key: str, number: str, rules: Rules) -> Iterator[str]:
    """Calls that nobody could ever serve are a misspelling; a rule that leads elsewhere shows that they are meant."""
    entry = rules.entries.get(number)
    if entry is None:
        return
    group = rules.groups[entry.group]
    needs = combined(group.needs, entry.needs)
    may_go_elsewhere = group.steps or group.when_nobody is not None
    if not may_go_elsewhere and not any(cover(agent.skills, needs) for agent in rules.agents.values()):
        wanted = ", ".join(f"{skill} {level}" for skill, level in needs)
        yield f"{key}: calls to {number!r} need {wanted}, which no crew and no agent has"
