"""The tables of a scenario's file; docs/simulator-scenarios.md says what each key means."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, PlainValidator, model_validator

from acd.settings.kinds import Id, Levels, Number, Section, Share, Text, Zone, complain
from acd.settings.opening import HoursSettings, Span
from acd.settings.routing import EntrySettings, GroupSettings, RoutingSettings, VipSettings
from simulator.distributions import AnyDistribution, parse
from simulator.scenarios.times import ByTime, minute_of_day, numbers_by_time
from simulator.scenarios.values import SHARES, Figure

HOW_MANY = ("calls_per_day", "calls_per_h", "journal")


def _time(text: str) -> str:
    minute_of_day(text)
    return text


def _rate(given: Any) -> ByTime:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return numbers_by_time({"00:00": given})
    return numbers_by_time(given)


def _local(at: datetime) -> datetime:
    if at.tzinfo is not None:
        raise ValueError("Input should be a time without an offset, such as 2017-03-01T00:00:00: zone says whose it is")
    return at


Time = Annotated[str, AfterValidator(_time)]
Local = Annotated[datetime, AfterValidator(_local)]
Spread = Annotated[AnyDistribution, PlainValidator(parse)]
Shape = Annotated[ByTime, PlainValidator(numbers_by_time)]
Rate = Annotated[ByTime, PlainValidator(_rate)]
Often = Annotated[float, Field(ge=0, le=100_000)]


class BurstSettings(Section):
    """So many times the ordinary number of calls for a while, every day."""

    at: Time
    for_min: Annotated[float, Field(gt=0, le=1440)]
    times: Annotated[float, Field(ge=0, le=1000)]


class CallersSettings(Section):
    """What the callers are like."""

    patience_s: Spread | None = None
    talk_s: Spread | None = None
    wrap_up_s: Spread | None = None
    retry_probability: Share | None = None
    retry_after_s: Spread | None = None
    vip_share: Share | None = None


class DemandSettings(CallersSettings):
    """Who calls an entry point; where its callers aren't like everybody else, how they are."""

    entry: Number
    calls_per_day: Annotated[float, Field(gt=0, le=100_000_000)] | None = None
    shape: Shape | None = None
    calls_per_h: Rate | None = None
    journal: str | None = None
    day_to_day: Annotated[float, Field(ge=0, le=3)] = 0
    bursts: tuple[BurstSettings, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _says_how_many_once(self) -> Self:
        given = [key for key in HOW_MANY if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(f"needs one of {', '.join(HOW_MANY)}; it has {' and '.join(given) or 'none'}")
        if self.shape is not None and self.calls_per_day is None:
            raise ValueError("shape has no effect without calls_per_day")
        if self.journal is not None and (self.day_to_day or self.bursts):
            raise ValueError("day_to_day and bursts have no effect on a journal, whose calls come as they did")
        return self


class WorkSettings(Section):
    """What somebody can do, and when."""

    id: Id
    name: Text = ""
    skills: Levels = Field(default_factory=dict)
    shifts: tuple[Span, ...] = Field(default=(), strict=False)
    breaks: tuple[Span, ...] = Field(default=(), strict=False)


class CrewSettings(WorkSettings):
    """So many agents alike."""

    agents: Annotated[int, Field(ge=1, le=20_000)]
    present: Annotated[int, Field(ge=0)] | None = None

    @model_validator(mode="after")
    def _has_so_many(self) -> Self:
        if self.present is not None and self.present > self.agents:
            raise ValueError(f"present is {self.present}, but there are only {self.agents} agents")
        return self


class PromiseSettings(Section):
    """A bound that a figure is to keep."""

    figure: Annotated[Figure, Field(strict=False)]
    group: Id | None = None
    at_least: Annotated[float, Field(ge=0)] | None = None
    at_most: Annotated[float, Field(ge=0)] | None = None
    within_s: Annotated[float, Field(ge=0, le=86_400)] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        complain(self._complaints())
        return self

    def _complaints(self) -> list[str]:
        bounds = [bound for bound in (self.at_least, self.at_most) if bound is not None]
        wrong = {
            "promises nothing; it needs at_least or at_most": not bounds,
            "at_least is above at_most": bounds != sorted(bounds),
            f"{self.figure} is a share from 0 to 1, such as 0.85 for 85 %": self.figure in SHARES
            and any(bound > 1 for bound in bounds),
            "service_level needs within_s, the seconds within which calls are to be answered": self.within_s is None
            and self.figure is Figure.SERVICE_LEVEL,
            f"within_s has no effect on {self.figure}, only on service_level": self.within_s is not None
            and self.figure is not Figure.SERVICE_LEVEL,
        }
        return [complaint for complaint, holds in wrong.items() if holds]


class FaultSettings(Section):
    """How often things go wrong between the PBX, the clients and the router."""

    late: Share = 0
    duplicate: Share = 0
    reordered: Share = 0
    lost: Share = 0
    link_drops_per_h: Often = 0
    clock_jumps_per_h: Often = 0
    socket_drops_per_agent_h: Often = 0


class ScenarioFile(Section):
    """A whole file, with what it is based on."""

    title: Annotated[Text, Field(min_length=1)]
    about: Annotated[str, Field(min_length=1, max_length=10_000)]
    begins: Local
    zone: Zone
    days: Annotated[int, Field(ge=1, le=3660)] = 1
    warm_up_days: Annotated[int, Field(ge=0, le=366)] = 0
    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    interval_min: Annotated[int, Field(ge=1, le=1440)] = 30
    seats: Annotated[int, Field(ge=1)] | None = None
    lines: Annotated[int, Field(ge=1)] | None = None
    demand: tuple[DemandSettings, ...] = Field(min_length=1, strict=False)
    people: dict[str, Any] = Field(default_factory=dict)
    crews: tuple[CrewSettings, ...] = Field(default=(), strict=False)
    agents: tuple[WorkSettings, ...] = Field(default=(), strict=False)
    promises: tuple[PromiseSettings, ...] = Field(default=(), strict=False)
    faults: FaultSettings = FaultSettings()
    routing: RoutingSettings = RoutingSettings()
    hours: tuple[HoursSettings, ...] = Field(default=(), strict=False)
    groups: tuple[GroupSettings, ...] = Field(min_length=1, strict=False)
    entry_points: tuple[EntrySettings, ...] = Field(min_length=1, strict=False)
    vip_classes: tuple[VipSettings, ...] = Field(default=(), strict=False)
