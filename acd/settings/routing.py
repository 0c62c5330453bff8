"""The tables of the file by which calls are routed; docs/routing.md says what each key means."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from acd.agents import Reason
from acd.rules import RecordingRule, Strategy
from acd.settings.kinds import (
    Id,
    LevelOrNone,
    Levels,
    Number,
    Percentage,
    Prompt,
    Seconds,
    Section,
    Text,
    Tier,
    To,
    Weight,
    complain,
    together,
    twice,
)


class RoutingSettings(Section):
    not_ready_reasons: tuple[Id, ...] = Field(default=("break", "lunch", "training"), min_length=1, strict=False)
    client_grace_s: Seconds = 30
    recent_s: Annotated[float, Field(ge=1, le=86_400)] = 1_800
    seed: Annotated[int, Field(ge=0)] = 1

    @field_validator("not_ready_reasons")
    @classmethod
    def _are_the_agents_words(cls, reasons: tuple[str, ...]) -> tuple[str, ...]:
        for reason in reasons:
            if reason in set(Reason):
                raise ValueError(f"{reason!r} is a reason that Switchyard itself gives; the agents need another word")
        complain(f"{reason!r} is given twice" for reason in twice(reasons))
        return reasons


class StepSettings(Section):
    after_s: Seconds
    needs: dict[Id, LevelOrNone] = Field(default_factory=dict)
    groups: tuple[Id, ...] | None = Field(default=None, strict=False)
    tier: Tier | None = None
    prompt: Prompt | None = None
    callback: bool = False
    to: To | None = None

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        others = (self.groups, self.tier, self.prompt, self.to)
        if not self.needs and not self.callback and others == (None,) * len(others):
            raise ValueError("does nothing; it needs at least one of needs, groups, tier, prompt, callback, to")
        return self


class GroupSettings(Section):
    id: Id
    name: Text = ""
    needs: Levels = Field(default_factory=dict)
    ring_s: Annotated[float, Field(ge=1, le=300)] = 15
    wrap_up_s: Seconds = 30
    strategy: Annotated[Strategy, Field(strict=False)] = Strategy.LONGEST_IDLE
    weight: Weight = 1
    last_agent_s: Seconds = 0
    steps: tuple[StepSettings, ...] = Field(default=(), strict=False)
    wait_s_max: Seconds | None = None
    when_late: To | None = None
    calls_max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    when_full: To | None = None
    when_nobody: To | None = None
    hours: Id | None = None
    when_closed: To | None = None
    when_holiday: To | None = None
    clear_at_closing: bool = False
    recording: Annotated[RecordingRule, Field(strict=False)] = RecordingRule.NONE
    recording_share: Percentage = 0.1
    tell_position_s: Annotated[float, Field(ge=10, le=3600)] | Literal[0] = 0

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        complain(together(self, _TOGETHER))
        return self


_TOGETHER = (
    ("wait_s_max", "when_late"),
    ("when_late", "wait_s_max"),
    ("when_full", "calls_max"),
    ("when_closed", "hours"),
    ("when_holiday", "hours"),
    ("clear_at_closing", "hours"),
    ("clear_at_closing", "when_closed"),
)


class EntrySettings(Section):
    number: Number
    group: Id
    needs: Levels = Field(default_factory=dict)
    tier: Tier = 0
    credit_s: Seconds = 0


class VipSettings(Section):
    name: Id
    tier: Tier = 0
    credit_s: Seconds = 0
    numbers: tuple[Number, ...] = Field(default=(), strict=False)
    agent: Id | None = None
    agent_wait_s: Annotated[float, Field(gt=0, le=86_400)] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        complain(together(self, (("agent", "agent_wait_s"), ("agent_wait_s", "agent"))))
        return self
