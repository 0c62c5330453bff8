"""What a call asks for, and what its group's overflow steps have made of that. Pure functions of values."""

from collections.abc import Mapping
from typing import NamedTuple

from acd.events import CallArrived
from acd.ids import GroupId, new_tuple
from acd.rules import EntryPoint, OverflowStep, Rules, SkillGroup, VipClass
from acd.skills import Needs, combined

NO_ENTRY = EntryPoint("", GroupId(""))
NO_VIP = VipClass("")


class Grants(NamedTuple):
    """What a call brings to any group it comes to."""

    needs: Needs
    tier: int
    credit_ms: int


def first_group(arrival: CallArrived, rules: Rules) -> GroupId:
    """Where the call comes to first: the group that it names, else its entry point's; empty when there is none."""
    return arrival.group or rules.entries.get(arrival.entry, NO_ENTRY).group


def grants(arrival: CallArrived, entry: str, rules: Rules) -> Grants:
    """What PBX, entry point and VIP class grant together: all needs, the highest tier, the highest credit."""
    door = rules.entries.get(entry, NO_ENTRY)
    vip = rules.vips.get(arrival.caller_number)
    needs = combined(door.needs, arrival.needs) if door.needs or arrival.needs else ()
    tier = arrival.tier if arrival.tier > door.tier else door.tier
    credit_ms = arrival.credit_ms if arrival.credit_ms > door.credit_ms else door.credit_ms
    if vip is not None:
        tier, credit_ms = max(tier, vip.tier), max(credit_ms, vip.credit_ms)
    return new_tuple(Grants, (needs, tier, credit_ms))


def asked(group: SkillGroup, own: Needs, steps_done: int, groups: Mapping[GroupId, SkillGroup]) -> tuple[Needs, ...]:
    """The sets of needs of which an agent must cover one: the group's own first, then those of added groups."""
    needs = combined(group.needs, own) if own else group.needs
    if not steps_done:
        return (needs,)
    steps = group.steps[:steps_done]
    levels = {skill: level for step in steps for skill, level in step.needs}
    home = _with_levels({**dict(needs), **levels})
    others = _with_levels({skill: levels.get(skill, level) for skill, level in own})
    added = next((step.groups for step in reversed(steps) if step.groups is not None), ())
    sets = [home, *(combined(groups[each].needs, others) for each in added if each in groups)]
    return tuple(dict.fromkeys(sets))


def tier_after(own: int, steps: tuple[OverflowStep, ...]) -> int:
    """The tier of its own, or the one that the last step to name one has raised it to."""
    raised = next((step.tier for step in reversed(steps) if step.tier is not None), own)
    return max(own, raised)


def steps_due(group: SkillGroup, in_group_ms: int) -> int:
    """How many of the group's steps are taken by a call that has been in it so long."""
    return sum(step.after_ms <= in_group_ms for step in group.steps)


def _with_levels(levels: Mapping[str, int]) -> Needs:
    return tuple(sorted((skill, level) for skill, level in levels.items() if level > 0))  # type: ignore[misc]
