"""Centres drawn from a family: everything that rules can say, in few and round numbers, so that much coincides."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any, Protocol, TypeVar

from acd.hours import Holiday, Hours
from acd.rules import (
    AgentRecord,
    Destination,
    DestinationKind,
    EntryPoint,
    OverflowStep,
    RecordingRule,
    Rules,
    SkillGroup,
    Strategy,
    SupervisorRecord,
    VipClass,
)
from acd.skills import Needs, Skills, normalized

T = TypeVar("T")


class Dice(Protocol):
    """What draws: at random from a seed, or as Hypothesis wants."""

    def upto(self, n: int) -> int:
        """A whole number from 0 to n, both included."""


class Seeded:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def upto(self, n: int) -> int:
        return self._random.randint(0, n)


def one_of(many: list[T], dice: Dice) -> T:
    return many[dice.upto(len(many) - 1)]


AGENTS: dict[str, dict[str, int]] = {
    "ann": {},
    "ben": {"de": 3},
    "cy": {"de": 7, "en": 2},
    "di": {"en": 9},
    "ed": {"de": 5, "en": 5},
    "flo": {"de": 9, "en": 9},
}
SKILLS: list[Skills] = [normalized(each) for each in ({}, {"de": 3}, {"de": 7, "en": 2}, {"en": 9}, {"de": 9, "en": 9})]
NEEDS: list[Needs] = [normalized(each) for each in ({}, {}, {"de": 2}, {"de": 5}, {"de": 9}, {"en": 2}, {"zz": 1})]
GROUPS: dict[str, Needs] = {
    "desk": normalized({}),
    "german": normalized({"de": 3}),
    "both": normalized({"de": 4, "en": 2}),
    "deutsch": normalized({"de": 3}),
}
ENTRIES = ["100", "200", "300"]
SUPERVISORS = ["sue", "tom"]
NUMBERS = ["138", "139"]
"""Of callers."""

TIMES = [1_000, 1_000, 5_000, 5_000, 700, 700, 0, 1]
"""Few and round, so that much falls due in one millisecond."""

K = DestinationKind
DESTINATIONS = [
    *[Destination(K.GROUP, group) for group in (*GROUPS, "nogroup")],
    *[Destination(K.ENTRY, entry) for entry in (*ENTRIES, "999")],
    Destination(K.NUMBER, "0049301"),
    Destination(K.VOICEMAIL, "12"),
    Destination(K.HANG_UP),
]


def hours(*times: tuple[int, int], offset: int = 0, **others: Any) -> Hours:
    return Hours(week=(times,) * 7, zone=((0, offset),), **others)  # type: ignore[arg-type]


HOURS = {
    "minutes": hours(*[(minute, minute + 1) for minute in range(0, 1440, 2)], offset=55_000),
    "soon": hours((0, 2), (4, 5), (7, 1440), offset=118_300),
    "never": hours(),
    "feast": hours(
        (0, 1440),
        offset=86_400_000 - 61_000,
        holidays=(
            Holiday(0),
            Holiday(1, times=((0, 1), (3, 4), *[(minute, minute + 1) for minute in range(6, 1440, 3)])),
        ),
    ),
}


def some_step(dice: Dice, after_ms: int) -> OverflowStep:
    return OverflowStep(
        after_ms,
        needs=one_of([(), (), (("de", 1),), (("de", 0),), (("de", 8),), (("en", 3),), (("de", 0), ("zz", 0))], dice),
        groups=one_of([None, None, (), ("desk",), ("german", "both"), ("nogroup", "deutsch")], dice),
        tier=one_of([None, None, None, 0, 1, 4], dice),
        prompt=one_of(["", "", "sorry"], dice),
        callback=one_of([False, False, True], dice),
        to=one_of([None, None, None, *DESTINATIONS], dice),
    )


def some_group(dice: Dice, name: str) -> SkillGroup:
    """Half of them plain, half with everything."""
    plain = SkillGroup(
        name,
        needs=GROUPS[name],
        ring_ms=one_of(TIMES, dice),
        wrap_up_ms=one_of(TIMES, dice),
        strategy=one_of([*Strategy, Strategy.RING_ALL], dice),
        weight_percent=one_of([100, 100, 50, 300], dice),
        last_agent_ms=one_of([0, 0, 700, 5_000], dice),
        recording=one_of([RecordingRule.NONE, *RecordingRule], dice),
        recording_percent=one_of([50, 10, 90], dice),
        tell_position_ms=one_of([0, 0, 0, 700, 2_000], dice),
    )
    return replace(plain, steps=some_steps(dice), **some_door(dice)) if dice.upto(2) else plain


def some_steps(dice: Dice) -> tuple[OverflowStep, ...]:
    instants = one_of([(), (), (700,), (1_000,), (1_000, 5_000), (0, 700, 5_000), (1, 1_000, 1_001, 6_000)], dice)
    return tuple(some_step(dice, after_ms) for after_ms in instants)


def some_door(dice: Dice) -> dict[str, Any]:
    def destination() -> Destination | None:
        return one_of([None, None, *DESTINATIONS], dice)

    return {
        "calls_max": one_of([None, None, None, 0, 1, 2, 5], dice),
        "when_full": destination(),
        "when_nobody": destination(),
        "hours": one_of(["", "", "", "", *HOURS], dice),
        "when_closed": destination(),
        "when_holiday": destination(),
        "clear_at_closing": bool(dice.upto(1)),
    }


def some_entry(dice: Dice, number: str) -> EntryPoint:
    needs = one_of([(), (), normalized({"de": 4}), normalized({"en": 2})], dice)
    group = one_of([*GROUPS, *GROUPS, "nogroup"], dice)
    return EntryPoint(number, group, needs, tier=one_of([0, 0, 1], dice), credit_ms=one_of([0, 0, 300], dice))  # type: ignore[arg-type]


def some_vip(dice: Dice) -> VipClass:
    agent = one_of([None, None, "cy", "nobody"], dice)
    tier, credit_ms = one_of([0, 0, 2], dice), one_of([0, 500, 900], dice)
    return VipClass("gold", tier, credit_ms, agent, agent_wait_ms=one_of([0, 1_000, 5_000], dice))  # type: ignore[arg-type]


def some_agent(dice: Dice, name: str) -> AgentRecord:
    skills = one_of([normalized(AGENTS[name]), normalized(AGENTS[name]), *SKILLS], dice)
    return AgentRecord(name, one_of([f"PJSIP/{name}", f"PJSIP/{name}", "PJSIP/other"], dice), skills=skills)  # type: ignore[arg-type]


def some_supervisor(dice: Dice, name: str) -> SupervisorRecord:
    groups = one_of([(), (), ("desk",), ("german", "both"), ("nogroup",)], dice)
    return SupervisorRecord(name, device=one_of([f"PJSIP/{name}", f"PJSIP/{name}", ""], dice), groups=groups)  # type: ignore[arg-type]


def some_centre(dice: Dice) -> Rules:
    """A whole set of rules; not every group, entry point and agent is in each."""
    groups = [name for name in GROUPS if name == "desk" or dice.upto(7)]
    agents = [name for name in AGENTS if name == "ann" or dice.upto(7)]
    return Rules(
        groups={name: some_group(dice, name) for name in groups},
        entries={number: some_entry(dice, number) for number in ENTRIES if dice.upto(7)},
        vips={number: some_vip(dice) for number in NUMBERS if dice.upto(3)},
        agents={name: some_agent(dice, name) for name in (agents if dice.upto(3) else agents[::-1])},
        supervisors={name: some_supervisor(dice, name) for name in SUPERVISORS if dice.upto(3)},
        hours=HOURS,
        not_ready_reasons=one_of([("break", "lunch"), ("break",), ("siesta",)], dice),
        client_grace_ms=one_of(TIMES, dice),
        recent_ms=one_of([5_000, 1_000, 60_000], dice),
        seed=dice.upto(2),
    )  # type: ignore[arg-type]


def one_change(rules: Rules, dice: Dice) -> Rules:
    """The same rules but for one thing."""
    name = one_of(["groups", "groups", "groups", "agents", "agents", "entries", "vips", "order", "supervisors"], dice)
    if name == "order":
        return replace(rules, agents=dict(reversed(rules.agents.items())))
    makers: dict[str, tuple[Any, Any]] = {
        "groups": ([*GROUPS], some_group),
        "agents": ([*AGENTS], some_agent),
        "entries": (ENTRIES, some_entry),
        "supervisors": (SUPERVISORS, some_supervisor),
        "vips": (NUMBERS, lambda dice, _: some_vip(dice)),
    }
    keys, maker = makers[name]
    key, values = one_of(keys, dice), dict(getattr(rules, name))
    if key in values and not dice.upto(3):
        del values[key]
    else:
        values[key] = maker(dice, key)
    return replace(rules, **{name: values})
