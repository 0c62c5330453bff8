"""Configuration files to plain frozen values, with messages that name file, key, value and what is allowed.

A file is TOML. `load` reads it, checks every value and every reference between its tables, and returns `Settings`;
`Settings.rules()` is what the core routes by. config/acd.toml is the commented example.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from acd.agents import AgentRecord, Reason
from acd.errors import SettingsError
from acd.ids import AgentId, GroupId, SkillId
from acd.queues import SkillGroup
from acd.rules import EntryPoint, Rules, VipClass
from acd.skills import LEVEL_MAX, LEVEL_MIN, normalized

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.@-]+$")]
Text = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
Number = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[0-9+*#]+$")]
Device = Annotated[str, Field(min_length=3, max_length=100, pattern=r"^[A-Za-z0-9]+/[A-Za-z0-9_.@:/+*#-]+$")]
Level = Annotated[int, Field(ge=LEVEL_MIN, le=LEVEL_MAX)]
Levels = dict[Id, Level]
Seconds = Annotated[float, Field(ge=0, le=86_400)]
Share = Annotated[float, Field(ge=0, le=1)]
Duration = Seconds | dict[str, Seconds | list[Seconds]]


def _is_hash(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith("$argon2id$"):
        raise ValueError("this is no hash of a password; `acd hash-password` makes one")
    return value


PasswordHash = Annotated[SecretStr, AfterValidator(_is_hash)]


class Section(BaseModel):
    """What holds for every table of the file: no unknown keys, no silent conversions (but 15 for 15.0)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class ServerSettings(Section):
    """Where agents' clients and the pages are served, and where the journal is kept."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    journal: str = "var/journal.jsonl"
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class AsteriskSettings(Section):
    """How to reach Asterisk's manager interface."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 5038
    user: Annotated[str, Field(min_length=1)] = "switchyard"
    secret: SecretStr
    answer_s_max: Annotated[float, Field(gt=0, le=60)] = 5.0
    """How long it may leave an action unanswered before the link counts as dead."""
    retry_s_max: Annotated[float, Field(ge=0.1, le=300)] = 10.0
    """The longest pause between two tries to link; the first is 0.1 s, each next one twice as long."""


class RoutingSettings(Section):
    not_ready_reasons: tuple[Id, ...] = Field(default=("break", "lunch", "training"), min_length=1, strict=False)
    client_grace_s: Seconds = 30

    @field_validator("not_ready_reasons")
    @classmethod
    def _are_the_agents_words(cls, reasons: tuple[str, ...]) -> tuple[str, ...]:
        for reason in reasons:
            if reason in set(Reason):
                raise ValueError(f"{reason!r} is a reason that Switchyard itself gives; the agents need another word")
            if reasons.count(reason) > 1:
                raise ValueError(f"{reason!r} is given twice")
        return reasons


class GroupSettings(Section):
    id: Id
    name: Text = ""
    needs: Levels = {}
    ring_s: Annotated[float, Field(ge=1, le=300)] = 15
    wrap_up_s: Seconds = 30


class EntrySettings(Section):
    number: Number
    group: Id
    needs: Levels = {}
    tier: Annotated[int, Field(ge=0, le=1000)] = 0
    credit_s: Seconds = 0


class VipSettings(Section):
    name: Id
    tier: Annotated[int, Field(ge=0, le=1000)] = 0
    credit_s: Seconds = 0
    numbers: tuple[Number, ...] = Field(default=(), strict=False)


class AgentSettings(Section):
    id: Id
    name: Text = ""
    device: Device
    skills: Levels = {}
    password_hash: PasswordHash


class SupervisorSettings(Section):
    id: Id
    name: Text = ""
    password_hash: PasswordHash


class SimulatorSettings(Section):
    """The built-in callers, phones and agents; what is left out is as simulator/settings.py says.

    Durations are seconds or a distribution: 30, {exponential = 30}, {uniform = [15, 90]}, {lognormal = [180, 120]}.
    """

    seed: int = 1
    simulated_agents: tuple[Id, ...] | None = Field(default=None, strict=False)
    time_scale: Annotated[float, Field(gt=0)] | None = None
    calls_per_h: dict[Number, Annotated[float, Field(ge=0)]] | None = None
    load: Annotated[float, Field(ge=0)] | None = None
    vip_share: Share | None = None
    patience_s: Duration | None = None
    retry_probability: Share | None = None
    retry_after_s: Duration | None = None
    talk_s: Duration | None = None
    log_in_after_s: Duration | None = None
    ready_after_s: Duration | None = None
    answer_s: Duration | None = None
    miss_probability: Share | None = None
    reject_probability: Share | None = None
    agent_ends_probability: Share | None = None
    wrap_up_s: Duration | None = None
    break_every_s: Duration | Literal["never"] | None = None
    break_s: Duration | None = None
    human_phone_answers_s: Duration | None = None
    pbx_latency_ms: Annotated[int, Field(ge=0)] | None = None


class Settings(Section):
    """A whole configuration file."""

    adapter: Literal["asterisk", "simulator"]
    server: ServerSettings = ServerSettings()
    asterisk: AsteriskSettings | None = None
    simulator: SimulatorSettings = SimulatorSettings()
    routing: RoutingSettings = RoutingSettings()
    groups: tuple[GroupSettings, ...] = Field(min_length=1, strict=False)
    entry_points: tuple[EntrySettings, ...] = Field(default=(), strict=False)
    vip_classes: tuple[VipSettings, ...] = Field(default=(), strict=False)
    agents: tuple[AgentSettings, ...] = Field(default=(), strict=False)
    supervisors: tuple[SupervisorSettings, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.adapter == "asterisk" and self.asterisk is None:
            raise ValueError('adapter is "asterisk", but there is no [asterisk] table with at least a secret')
        _unique("groups", "id", [group.id for group in self.groups])
        _unique("entry_points", "number", [entry.number for entry in self.entry_points])
        _unique("vip_classes", "numbers", [number for vip in self.vip_classes for number in vip.numbers])
        _unique("agents", "device", [agent.device for agent in self.agents])
        people = [*(agent.id for agent in self.agents), *(each.id for each in self.supervisors)]
        _unique("agents and supervisors", "id", people)
        known = {group.id for group in self.groups}
        for n, entry in enumerate(self.entry_points):
            if entry.group not in known:
                allowed = ", ".join(sorted(known))
                raise ValueError(
                    f"entry_points.{n}.group is {entry.group!r}, which is no group's id; there are: {allowed}"
                )
        return self

    def rules(self) -> Rules:
        """What the core routes by."""
        return Rules(
            groups={GroupId(each.id): _group(each) for each in self.groups},
            entries={each.number: _entry(each) for each in self.entry_points},
            vips={number: _vip(each) for each in self.vip_classes for number in each.numbers},
            agents={AgentId(each.id): _agent(each) for each in self.agents},
            not_ready_reasons=self.routing.not_ready_reasons,
            client_grace_ms=_ms(self.routing.client_grace_s),
        )


def load(path: Path) -> Settings:
    """The configuration in the file at `path`. Raises SettingsError with one line for each thing that is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path}: is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}") from None
    return parse(table, str(path))


def parse(table: dict[str, Any], source: str) -> Settings:
    """The configuration in `table`; `source` names it in messages. Raises SettingsError."""
    try:
        return Settings.model_validate(table)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise SettingsError("\n".join(f"{source}: {_explained(each)}" for each in problems)) from None


def _explained(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"])
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not key:
        return message
    if problem["type"] == "extra_forbidden":
        return f"{key}: there is no such key; look for a misspelling"
    if problem["type"] == "missing":
        return f"{key}: is missing"
    shown = "" if _secret(key) or isinstance(problem["input"], dict | list) else f" (it is {problem['input']!r:.80})"
    return f"{key}: {message}{shown}"


def _secret(key: str) -> bool:
    return key.endswith(("secret", "password_hash"))


def _unique(table: str, key: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ValueError(f"{table}: {key} {value!r} is given twice; each must be there once")
        seen.add(value)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _levels(levels: Levels) -> tuple[tuple[SkillId, int], ...]:
    return normalized({SkillId(skill): level for skill, level in levels.items()})


def _group(each: GroupSettings) -> SkillGroup:
    return SkillGroup(GroupId(each.id), each.name, _levels(each.needs), _ms(each.ring_s), _ms(each.wrap_up_s))


def _entry(each: EntrySettings) -> EntryPoint:
    return EntryPoint(each.number, GroupId(each.group), _levels(each.needs), each.tier, _ms(each.credit_s))


def _vip(each: VipSettings) -> VipClass:
    return VipClass(each.name, each.tier, _ms(each.credit_s))


def _agent(each: AgentSettings) -> AgentRecord:
    return AgentRecord(AgentId(each.id), each.device, each.name, _levels(each.skills))
