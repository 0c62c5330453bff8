"""The tables of the file that are not about routing alone."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from acd.settings.kinds import Device, Duration, Id, Levels, Number, PasswordHash, Section, Share, Text, Trunk


class ServerSettings(Section):
    """Where agents' clients and the pages are served, and where the journal is kept."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    journal: str = "var/journal.jsonl"
    journal_mb_max: Annotated[int, Field(ge=1, le=10_000)] = 4
    """Then the journal goes on in a new segment, which begins with a snapshot; a start reads the newest one."""
    journal_events_max: Annotated[int, Field(ge=0)] = 0
    """Likewise; 0: as many as there is room for."""
    journal_keep: Annotated[int, Field(ge=0)] = 0
    """How many older segments are kept; 0: all."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"


class AsteriskSettings(Section):
    """How to reach Asterisk's manager interface."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 5038
    user: Annotated[str, Field(min_length=1)] = "switchyard"
    secret: SecretStr
    answer_s_max: Annotated[float, Field(gt=0, le=60)] = 5.0
    """How long it may leave an action unanswered before the link counts as dead."""
    retry_s_max: Annotated[float, Field(ge=0.1, le=300)] = 3.0
    """The longest pause between two tries to link; the first is 0.1 s, each next one twice as long."""
    number_codec: Annotated[str, Field(pattern=r"^[a-z0-9]+$")] = "ulaw"
    """In what the numbers outside speak that are dialled for agents."""


class PbxSettings(AsteriskSettings):
    """One of several Asterisks."""

    name: Id
    trunks: dict[Id, Trunk] = Field(default_factory=dict)
    """How it rings a phone of another one, by that one's name."""


class AgentSettings(Section):
    id: Id
    name: Text = ""
    device: Device
    pbx: Id | None = None
    """The name of the one of several PBXs where the device is; not set: of the first."""
    confirm: bool = False
    """Whether who answers there must press 1 before the caller is connected: a mailbox doesn't."""
    skills: Levels = Field(default_factory=dict)
    password_hash: PasswordHash


class SupervisorSettings(Section):
    id: Id
    name: Text = ""
    device: Device | None = None
    """The phone with which they listen."""
    pbx: Id | None = None
    """As agents'."""
    groups: tuple[Id, ...] = Field(default=(), strict=False)
    """Whose agents and calls they supervise; none given: all."""
    password_hash: PasswordHash


class SimulatorSettings(Section):
    """The built-in callers, phones and agents; what is left out is as simulator/settings.py says.

    Durations are seconds or a distribution: 30, {exponential = 30}, {uniform = [15, 90]}, {lognormal = [180, 120]},
    {empirical = [30, 45, 45]} or with counts {empirical = [[30, 1], [45, 2]]}.
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
    hold_probability: Share | None = None
    hold_s: Duration | None = None
    consult_probability: Share | None = None
    consult_s: Duration | None = None
    transfer_probability: Share | None = None
    control_after_s: Duration | None = None
    dial_every_s: Duration | Literal["never"] | None = None
    human_phone_answers_s: Duration | None = None
    supervisor_phone_answers_s: Duration | None = None
    callback_accept_probability: Share | None = None
    callback_accept_s: Duration | None = None
    callback_answer_s: Duration | None = None
    callback_unanswered_probability: Share | None = None
    number_answers_s: Duration | None = None
    number_unanswered_probability: Share | None = None
    sending_failed_probability: Share | None = None
    pbx_latency_ms: Annotated[int, Field(ge=0)] | None = None
