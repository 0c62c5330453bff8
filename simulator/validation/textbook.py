"""The textbook's call centre: one group of like agents who do nothing but talk."""

from collections.abc import Mapping
from typing import Any

from acd.ids import AgentId, GroupId
from acd.rules import AgentRecord, EntryPoint, Rules, SkillGroup
from simulator.distributions import Constant, Exponential
from simulator.settings import SimulatorSettings

ENTRY = "8000"
GROUP = GroupId("desk")
FOREVER = Constant(10_000_000)


def textbook_rules(agents: int, of_group: Mapping[str, Any] | None = None, **others: Any) -> Rules:
    """One group, no wrap-up, all agents alike."""
    group = SkillGroup(GROUP, wrap_up_ms=0, **of_group or {})
    ids = [AgentId(f"a{n}") for n in range(agents)]
    return Rules(
        groups={group.id: group},
        entries={ENTRY: EntryPoint(ENTRY, group.id)},
        agents={agent: AgentRecord(agent, f"PJSIP/{n}") for n, agent in enumerate(ids)},
        **others,
    )


def textbook(per_h: float, talk_s: float, **others: Any) -> SimulatorSettings:
    """Nobody misses, rejects, rests or hesitates; nobody leaves but for want of patience."""
    at_once = Constant(0)
    plain: dict[str, Any] = {
        "calls_per_h": {ENTRY: per_h},
        "talk_s": Exponential(talk_s),
        "patience_s": FOREVER,
        "retry_probability": 0,
        "log_in_after_s": at_once,
        "ready_after_s": at_once,
        "answer_s": at_once,
        "miss_probability": 0,
        "reject_probability": 0,
        "agent_ends_probability": 0,
        "break_every_s": None,
        "pbx_latency_ms": 0,
    }
    return SimulatorSettings(**plain | others)
