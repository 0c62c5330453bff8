"""The call centre that the core's benchmarks share: 200 groups of one skill each, agents with 1 to 5 of the skills."""

import random

from acd.ids import AgentId, GroupId, SkillId
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from acd.skills import normalized

GROUPS = 200
WRAP_UP_MS = 30_000
SKILLS = [SkillId(f"skill-{n}") for n in range(GROUPS)]


def rules_for(agents: int, rng: random.Random, everybody: tuple[SkillId, ...] = ()) -> Rules:
    """Every agent has 1 to 5 of the 200 groups' skills, and those of `everybody` besides, at levels 1 to 10."""
    groups = {GroupId(s): SkillGroup(GroupId(s), needs=((s, 1),), wrap_up_ms=WRAP_UP_MS) for s in SKILLS}
    entries = {str(8000 + n): EntryPoint(str(8000 + n), GroupId(s)) for n, s in enumerate(SKILLS)}
    records = {}
    for n in range(agents):
        mine = *everybody, *rng.sample(SKILLS, rng.randint(1, 5))
        record = AgentRecord(AgentId(f"a{n}"), f"PJSIP/{n}", skills=normalized({s: rng.randint(1, 10) for s in mine}))
        records[record.id] = record
    return Rules(groups=groups, entries=entries, agents=records)


def percentile(ordered: list[float], share: int) -> float:
    """The value below which `share` percent of the `ordered` lie."""
    return ordered[len(ordered) * share // 100]
