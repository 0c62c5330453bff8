"""A whole configuration, and the rules that it comes to."""

from copy import deepcopy
from typing import Any, Literal, Self

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from acd.ids import AgentId, GroupId, SkillId, named
from acd.rules import AgentRecord, EntryPoint, OverflowStep, Rules, SkillGroup, SupervisorRecord, VipClass
from acd.settings import references
from acd.settings.kinds import Section, complain
from acd.settings.opening import HoursSettings, hours
from acd.settings.recording import RecordingSettings
from acd.settings.routing import EntrySettings, GroupSettings, RoutingSettings, StepSettings, VipSettings
from acd.settings.sections import (
    AgentSettings,
    AsteriskSettings,
    PbxSettings,
    ServerSettings,
    SimulatorSettings,
    SupervisorSettings,
)
from acd.skills import Needs, normalized


class Settings(Section):
    """A whole configuration file."""

    adapter: Literal["asterisk", "simulator"]
    server: ServerSettings = ServerSettings()
    asterisk: AsteriskSettings | None = None
    pbx: tuple[PbxSettings, ...] = Field(default=(), strict=False)
    recording: RecordingSettings = RecordingSettings()
    simulator: SimulatorSettings = SimulatorSettings()
    routing: RoutingSettings = RoutingSettings()
    hours: tuple[HoursSettings, ...] = Field(default=(), strict=False)
    groups: tuple[GroupSettings, ...] = Field(min_length=1, strict=False)
    entry_points: tuple[EntrySettings, ...] = Field(default=(), strict=False)
    vip_classes: tuple[VipSettings, ...] = Field(default=(), strict=False)
    agents: tuple[AgentSettings, ...] = Field(default=(), strict=False)
    supervisors: tuple[SupervisorSettings, ...] = Field(default=(), strict=False)
    _table: dict[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _keeps_its_table(cls, table: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        settings = handler(table)
        settings._table = deepcopy(table)
        return settings

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        complain(references.problems(self))
        return self

    def table(self) -> dict[str, Any]:
        """The table that this was read from, the caller's own; with secrets and hashes in plain text: don't show it."""
        return deepcopy(self._table)

    def rules(self) -> Rules:
        """What the core routes by."""
        return Rules(
            groups={GroupId(each.id): _group(each) for each in self.groups},
            entries={each.number: _entry(each) for each in self.entry_points},
            vips={number: _vip(each) for each in self.vip_classes for number in each.numbers},
            agents={AgentId(each.id): _agent(each, self._first_pbx()) for each in self.agents},
            supervisors={each.id: _supervisor(each, self._first_pbx()) for each in self.supervisors},
            hours={each.id: hours(each) for each in self.hours},
            not_ready_reasons=self.routing.not_ready_reasons,
            client_grace_ms=_ms(self.routing.client_grace_s),
            recent_ms=_ms(self.routing.recent_s),
            seed=self.routing.seed,
        )

    def pbx_names(self) -> tuple[str, ...]:
        """What the PBXs are called that are driven; the only one has no name."""
        return tuple(each.name for each in self.pbx) if self.pbx and self.adapter == "asterisk" else ("",)

    def _first_pbx(self) -> str:
        return self.pbx[0].name if self.pbx else ""


def _ms(seconds: float | None) -> int:
    return round((seconds or 0) * 1000)


def _levels(levels: dict[str, int]) -> Needs:
    return normalized({SkillId(skill): level for skill, level in levels.items()})


def _group(each: GroupSettings) -> SkillGroup:
    return SkillGroup(
        GroupId(each.id),
        each.name,
        _levels(each.needs),
        _ms(each.ring_s),
        _ms(each.wrap_up_s),
        strategy=each.strategy,
        weight_percent=round(each.weight * 100),
        last_agent_ms=_ms(each.last_agent_s),
        steps=_steps(each),
        calls_max=each.calls_max,
        when_full=each.when_full,
        when_nobody=each.when_nobody,
        hours=each.hours or "",
        when_closed=each.when_closed,
        when_holiday=each.when_holiday,
        clear_at_closing=each.clear_at_closing,
        recording=each.recording,
        recording_percent=round(each.recording_share * 100),
        tell_position_ms=_ms(each.tell_position_s),
    )


def _steps(group: GroupSettings) -> tuple[OverflowStep, ...]:
    """By time, and in the file's order where that is the same; the greatest wait comes last of its time."""
    steps = [_step(each) for each in group.steps]
    if group.wait_s_max is not None:
        steps.append(OverflowStep(_ms(group.wait_s_max), to=group.when_late))
    return tuple(sorted(steps, key=lambda step: step.after_ms))


def _step(each: StepSettings) -> OverflowStep:
    groups = None if each.groups is None else tuple(GroupId(group) for group in each.groups)
    needs = tuple(sorted(each.needs.items()))
    return OverflowStep(_ms(each.after_s), needs, groups, each.tier, each.prompt or "", each.callback, each.to)


def _entry(each: EntrySettings) -> EntryPoint:
    return EntryPoint(each.number, GroupId(each.group), _levels(each.needs), each.tier, _ms(each.credit_s))


def _vip(each: VipSettings) -> VipClass:
    agent = None if each.agent is None else AgentId(each.agent)
    return VipClass(each.name, each.tier, _ms(each.credit_s), agent, _ms(each.agent_wait_s))


def _agent(each: AgentSettings, first_pbx: str) -> AgentRecord:
    pbx = each.pbx or first_pbx
    device = named(each.device, pbx)
    return AgentRecord(AgentId(each.id), device, each.name, _levels(each.skills), pbx, confirm=each.confirm)


def _supervisor(each: SupervisorSettings, first_pbx: str) -> SupervisorRecord:
    device = named(each.device or "", each.pbx or first_pbx)
    return SupervisorRecord(each.id, each.name, device, tuple(GroupId(group) for group in each.groups))
