"""Small centres for simulations: the textbook's, where chance has the least part, a lively one, and a winding one."""

from dataclasses import replace

from acd.rules import (
    AgentRecord,
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    Rules,
    SkillGroup,
    Strategy,
    VipClass,
)
from acd.skills import normalized
from simulator.distributions import Exponential, Uniform
from simulator.settings import SimulatorSettings
from simulator.validation.textbook import ENTRY, FOREVER, textbook, textbook_rules

__all__ = [
    "ENTRY",
    "FOREVER",
    "LIVELY",
    "TALKATIVE",
    "WINDING",
    "lively_rules",
    "textbook",
    "textbook_rules",
    "winding_rules",
]


def lively_rules() -> Rules:
    """Three groups, seven agents with overlapping skills, a VIP."""
    groups = {
        name: SkillGroup(name, needs=normalized({name: 1}), ring_ms=8_000, wrap_up_ms=20_000) for name in ("x", "y")
    }
    groups["any"] = SkillGroup("any", ring_ms=8_000, wrap_up_ms=0)
    skills: list[dict[str, int]] = [{"x": 3}, {"x": 1}, {"y": 1}, {"y": 5}, {"x": 2, "y": 2}, {"x": 1, "y": 1}, {}]
    return Rules(
        groups=groups,
        entries={f"80{name}": EntryPoint(f"80{name}", name) for name in groups},
        vips={"13800000001": VipClass("gold", tier=2)},
        agents={f"a{n}": AgentRecord(f"a{n}", f"PJSIP/{n}", skills=normalized(s)) for n, s in enumerate(skills)},
    )


LIVELY = SimulatorSettings(
    time_scale=6,
    load=1.0,
    patience_s=Exponential(150),
    miss_probability=0.1,
    reject_probability=0.05,
    log_in_after_s=Uniform(0, 120),
    answer_s=Uniform(0, 9),
    break_every_s=Exponential(1200),
    retry_probability=0.5,
)
"""Everything that may go otherwise does so often."""


def winding_rules() -> Rules:
    """The lively centre with every way that a call may take: doors, steps, destinations, callbacks, ring-all."""
    rules = lively_rules()
    voicemail, outside = Destination(DestinationKind.VOICEMAIL, "1"), Destination(DestinationKind.NUMBER, "10010")
    x = replace(
        rules.groups["x"],
        strategy=Strategy.RING_ALL,
        calls_max=2,
        when_full=Destination(DestinationKind.GROUP, "y"),
        steps=(OverflowStep(5_000, prompt="sorry", groups=("y",)), OverflowStep(15_000, to=voicemail)),
    )
    y = replace(
        rules.groups["y"],
        last_agent_ms=20_000,
        when_nobody=outside,
        steps=(
            OverflowStep(3_000, callback=True),
            OverflowStep(20_000, tier=1),
            OverflowStep(40_000, to=Destination(DestinationKind.HANG_UP)),
        ),
    )
    hurried = replace(rules.groups["any"], calls_max=2, steps=(OverflowStep(4_000, callback=True, tier=3),))
    return replace(rules, groups={"x": x, "y": y, "any": hurried})


WINDING = replace(
    LIVELY,
    load=0.75,
    vip_share=0.3,
    callback_accept_probability=0.5,
    callback_unanswered_probability=0.3,
    sending_failed_probability=0.4,
)
"""So few VIPs call so often that some wait for a callback already."""

TALKATIVE = replace(
    WINDING,
    hold_probability=0.2,
    consult_probability=0.4,
    transfer_probability=0.2,
    control_after_s=Uniform(5, 60),
    dial_every_s=Exponential(600),
    number_unanswered_probability=0.3,
)
"""Agents do with their talks whatever can be done."""
