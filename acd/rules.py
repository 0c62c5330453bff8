"""Everything that is configured about routing, as plain frozen values: what :mod:`acd.settings` makes of the files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.agents import AgentRecord
from acd.ids import AgentId, GroupId
from acd.queues import SkillGroup
from acd.skills import Needs


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


@dataclass(frozen=True, slots=True)
class Rules:
    """The whole of routing's configuration. Mappings are keyed by the id or number of what they hold."""

    groups: Mapping[GroupId, SkillGroup] = field(default_factory=dict)
    entries: Mapping[str, EntryPoint] = field(default_factory=dict)
    vips: Mapping[str, VipClass] = field(default_factory=dict)
    """By caller number."""
    agents: Mapping[AgentId, AgentRecord] = field(default_factory=dict)
    not_ready_reasons: tuple[str, ...] = ("break", "lunch", "training")
    """What an agent may give as a reason for not ready."""
    client_grace_ms: int = 30_000
    """How long an agent stays ready after the client's connection is lost."""
