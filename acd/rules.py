"""Everything that is configured about routing, as plain frozen values, and what changes from one set to another.

:mod:`acd.settings` makes them of the files; docs/routing.md says what each means. All times are whole milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

from acd.hours import Hours
from acd.ids import AgentId, GroupId
from acd.messages import message
from acd.skills import Needs, Skills


class Strategy(StrEnum):
    """How a group chooses among several ready agents."""

    LONGEST_IDLE = "longest-idle"
    LEAST_OCCUPIED = "least-occupied"
    FEWEST_CALLS = "fewest-calls"
    ROUND_ROBIN = "round-robin"
    MOST_SKILLED = "most-skilled"
    LEAST_SKILLED = "least-skilled"
    FIXED_ORDER = "fixed-order"
    RANDOM = "random"
    RING_ALL = "ring-all"

    __hash__ = str.__hash__


class DestinationKind(StrEnum):
    GROUP = "group"
    ENTRY = "entry"
    NUMBER = "number"
    VOICEMAIL = "voicemail"
    HANG_UP = "hang-up"
    AGENT = "agent"
    """A person: only for transfers and consults."""


class RecordingRule(StrEnum):
    """Which talks of a group are recorded."""

    NONE = "none"
    ALL = "all"
    SHARE = "share"
    """So many of a hundred, drawn by lot; the others on demand."""
    ON_DEMAND = "on-demand"


@message
class Destination:
    """Where a call may be sent. `name`: a group's or agent's id, a number, a box; empty for hang-up."""

    kind: DestinationKind
    name: str = ""

    @property
    def is_inside(self) -> bool:
        """Whether the call goes on waiting with us."""
        return self.kind in (DestinationKind.GROUP, DestinationKind.ENTRY)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


@dataclass(frozen=True, slots=True)
class OverflowStep:
    """What happens to a call that has been in its group for `after_ms`."""

    after_ms: int
    needs: tuple[tuple[str, int], ...] = ()
    """Levels set from now on; 0 drops the need."""
    groups: tuple[GroupId, ...] | None = None
    """Whose agents serve too from now on; None leaves that as it is."""
    tier: int | None = None
    prompt: str = ""
    callback: bool = False
    to: Destination | None = None


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """A queue as configured. `wrap_up_ms` 0 means: ready at once after the call."""

    id: GroupId
    name: str = ""
    needs: Needs = ()
    ring_ms: int = 15_000
    wrap_up_ms: int = 30_000
    strategy: Strategy = Strategy.LONGEST_IDLE
    weight_percent: int = 100
    last_agent_ms: int = 0
    """How long a call waits for the agent who talked last with its caller; 0: not at all."""
    steps: tuple[OverflowStep, ...] = ()
    """By `after_ms`."""
    calls_max: int | None = None
    when_full: Destination | None = None
    when_nobody: Destination | None = None
    hours: str = ""
    """The id of its opening hours; empty: always open."""
    when_closed: Destination | None = None
    when_holiday: Destination | None = None
    clear_at_closing: bool = False
    recording: RecordingRule = RecordingRule.NONE
    recording_percent: int = 10
    """Of the rule `share`."""
    tell_position_ms: int = 0
    """How often a waiting caller is told the place in the line; 0: never."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A dialled number and where its calls go."""

    number: str
    group: GroupId
    needs: Needs = ()
    tier: int = 0
    credit_ms: int = 0


@dataclass(frozen=True, slots=True)
class VipClass:
    """What a class of customers is granted."""

    name: str
    tier: int = 0
    credit_ms: int = 0
    agent: AgentId | None = None
    """The personal agent, waited for `agent_wait_ms`."""
    agent_wait_ms: int = 0


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """An agent as configured: `device` is the phone in the PBX's own notation (PJSIP/1001), or `number:DIGITS`."""

    id: AgentId
    device: str
    name: str = ""
    skills: Skills = ()
    pbx: str = ""
    """Where the device is, if there are several."""
    confirm: bool = False
    """Whether who answers the phone must press 1 before it counts."""


@dataclass(frozen=True, slots=True)
class SupervisorRecord:
    """A supervisor as configured."""

    id: str
    name: str = ""
    device: str = ""
    """The phone that listens, in the PBX's own notation; empty: none."""
    groups: tuple[GroupId, ...] = ()
    """Whose agents and calls may be supervised; empty: all."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole of routing's configuration. Mappings are keyed by the id or number of what they hold."""

    groups: Mapping[GroupId, SkillGroup] = field(default_factory=dict)
    entries: Mapping[str, EntryPoint] = field(default_factory=dict)
    vips: Mapping[str, VipClass] = field(default_factory=dict)
    """By caller number."""
    agents: Mapping[AgentId, AgentRecord] = field(default_factory=dict)
    """In the order of `fixed-order` and, at first, of `round-robin`."""
    supervisors: Mapping[str, SupervisorRecord] = field(default_factory=dict)
    hours: Mapping[str, Hours] = field(default_factory=dict)
    not_ready_reasons: tuple[str, ...] = ("break", "lunch", "training")
    """What an agent may give as a reason for not ready."""
    client_grace_ms: int = 30_000
    """How long an agent stays ready after the client's connection is lost."""
    recent_ms: int = 1_800_000
    """What `least-occupied` and `fewest-calls` count as recent."""
    seed: int = 1
    """Of the strategy `random`."""


_MAPPINGS = ("groups", "entries", "vips", "agents", "supervisors", "hours")


@message
class RulesChange:
    """What differs between two sets of rules: what is new or changed, what is gone, and the single values."""

    groups: tuple[SkillGroup, ...] = ()
    entries: tuple[EntryPoint, ...] = ()
    vips: tuple[tuple[str, VipClass], ...] = ()
    agents: tuple[AgentRecord, ...] = ()
    supervisors: tuple[SupervisorRecord, ...] = ()
    hours: tuple[tuple[str, Hours], ...] = ()
    gone: tuple[tuple[str, str], ...] = ()
    """(name of the mapping, key)"""
    agents_in_order: tuple[AgentId, ...] | None = None
    """All agents, where the order of those who stay has changed or somebody comes before others; None: as before."""
    not_ready_reasons: tuple[str, ...] | None = None
    client_grace_ms: int | None = None
    recent_ms: int | None = None
    seed: int | None = None

    def __bool__(self) -> bool:
        return self != NO_CHANGE


NO_CHANGE = RulesChange()
_SINGLE = ("not_ready_reasons", "client_grace_ms", "recent_ms", "seed")


def difference(old: Rules, new: Rules) -> RulesChange:
    """What must be changed in `old` to have `new`: `changed(old, difference(old, new)) == new`."""
    put: dict[str, Any] = {}
    gone: list[tuple[str, str]] = []
    for name in _MAPPINGS:
        before, after = getattr(old, name), getattr(new, name)
        news = {key: value for key, value in after.items() if before.get(key) != value}
        put[name] = tuple(news.items() if name in ("vips", "hours") else news.values())
        gone += [(name, key) for key in before if key not in after]
    stay = [agent for agent in old.agents if agent in new.agents]
    come = [agent for agent in new.agents if agent not in old.agents]
    order = None if [*stay, *come] == [*new.agents] else tuple(new.agents)
    single = {name: getattr(new, name) for name in _SINGLE if getattr(new, name) != getattr(old, name)}
    return RulesChange(gone=tuple(gone), agents_in_order=order, **put, **single)


def changed(rules: Rules, change: RulesChange) -> Rules:
    """`rules` with `change` made."""
    gone = set(change.gone)
    mappings: dict[str, Any] = {
        name: {key: value for key, value in getattr(rules, name).items() if (name, key) not in gone}
        for name in _MAPPINGS
    }
    mappings["groups"] |= {each.id: each for each in change.groups}
    mappings["entries"] |= {each.number: each for each in change.entries}
    mappings["agents"] |= {each.id: each for each in change.agents}
    mappings["supervisors"] |= {each.id: each for each in change.supervisors}
    mappings["vips"] |= dict(change.vips)
    mappings["hours"] |= dict(change.hours)
    if change.agents_in_order is not None:
        mappings["agents"] = {agent: mappings["agents"][agent] for agent in change.agents_in_order}
    single = {name: value for name in _SINGLE if (value := getattr(change, name)) is not None}
    return replace(rules, **mappings, **single)


assert {each.name for each in fields(Rules)} == {*_MAPPINGS, *_SINGLE}, (
    "difference() and changed() must know every field"
)
