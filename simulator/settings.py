"""What the simulated people and phones are like, as plain frozen values.

The defaults are an ordinary centre in its own time: three minutes of talk, patience of four. A demo that shows a
day's life in minutes sets `time_scale`.
"""
# ruff: noqa: RUF009 - the distributions are frozen

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

from acd.ids import AgentId
from acd.rules import Rules
from simulator.arrivals import DAY_MS, Arrivals, Poisson
from simulator.distributions import Constant, Distribution, Exponential, Lognormal, Uniform, parse
from simulator.kinds import Kind
from simulator.shifts import Shift

CONTROL = ("hold_s", "consult_s", "control_after_s", "dial_every_s")
"""What agents do with a talk besides talking, and how often they call somebody."""
SCALED = ("talk_s", "patience_s", "retry_after_s", "ready_after_s", "wrap_up_s", "break_every_s", "break_s", *CONTROL)
"""What `time_scale` shortens. Ringing it leaves: the router's ring time knows nothing of it."""


@dataclass(frozen=True, slots=True)
class SimulatorSettings:
    """Distributions are of seconds, probabilities from 0 to 1."""

    simulated_agents: tuple[AgentId, ...] | None = None
    """Whose agents the simulator acts for; None: everybody's. The others are left to people with real clients."""
    time_scale: float = 1.0
    """How many times faster than described people talk, call, lose patience, wrap up and have breaks."""

    calls_per_h: Mapping[str, float] = field(default_factory=dict)
    """By entry point; one not named has no calls. Empty: every entry point has the same, as many as `load` takes."""
    load: float = 0.9
    """With `calls_per_h` and `arrivals` empty: the share of the simulated agents' time that calls are to take."""
    arrivals: Mapping[str, Arrivals] = field(default_factory=dict)
    """By entry point, instead of `calls_per_h` there."""
    callers: Mapping[str, Kind] = field(default_factory=dict)
    """By entry point, how its callers differ from what is said of all here."""
    lines: int | None = None
    """How many callers the PBX can have at once; one more hears it busy, and nobody is told. None: any number."""
    vip_share: float = 0.05
    """The probability that a caller is one of the configured VIPs."""
    patience_s: Distribution = Exponential(240)
    """How long a caller waits and hears it ring before giving up."""
    retry_probability: float = 0.2
    """The probability that a caller who gave up calls again."""
    retry_after_s: Distribution = Exponential(300)
    talk_s: Distribution = Lognormal(180, 120)

    shifts: Mapping[AgentId, tuple[Shift, ...]] = field(default_factory=dict)
    """When an agent works; one not named always does. Who talks as a shift ends logs out after that call."""
    day_ms: int = DAY_MS
    """How long the day is that shifts are told of."""
    log_in_after_s: Distribution = Uniform(0, 10)
    """From the beginning, and that of each shift, to an agent's log-in."""
    ready_after_s: Distribution = Uniform(20, 60)
    """How long an agent stays not ready after the log-in, a missed or rejected call, or trouble with the phone."""
    answer_s: Distribution = Uniform(1, 6)
    """From the first ring to the agent's hand on the phone."""
    miss_probability: float = 0.02
    """The probability that an agent lets a call ring in vain."""
    reject_probability: float = 0.005
    agent_ends_probability: float = 0.25
    """The probability that it is the agent who ends the call, by the client or by hanging up."""
    wrap_up_s: Distribution = Uniform(15, 90)
    """The work after a call; the agent says when it is done, if the group's wrap-up is not over before."""
    break_every_s: Distribution | None = Exponential(5400)
    """From one break's end to the next break; None (in a file: "never"): no breaks."""
    break_s: Distribution = Uniform(180, 900)

    hold_probability: float = 0.0
    """The probability that an agent puts the caller on hold for a while; of consults and transfers likewise."""
    hold_s: Distribution = Uniform(10, 60)
    consult_probability: float = 0.0
    """An agent, a group or a number is asked: the caller is given away, or all talk together, or neither."""
    consult_s: Distribution = Uniform(10, 60)
    """How long the agent talks with who is asked, or waits for that."""
    transfer_probability: float = 0.0
    """The probability that an agent gives the caller to somebody else without asking before."""
    control_after_s: Distribution = Uniform(5, 30)
    """From the beginning of a talk to what the agent does with it."""
    dial_every_s: Distribution | None = None
    """From one call of the agent's own to the next; None (in a file: "never"): no such calls."""

    callback_accept_probability: float = 0.0
    """The probability that a waiting caller who is offered a callback wants it."""
    callback_accept_s: Distribution = Uniform(3, 10)
    """From the offer to the caller's word."""
    callback_answer_s: Distribution = Uniform(5, 20)
    """How long the phone of a caller who is called back rings, answered or not."""
    callback_unanswered_probability: float = 0.1
    number_answers_s: Distribution = Uniform(3, 10)
    """How long a number rings that an agent calls or consults, answered or not."""
    number_unanswered_probability: float = 0.15
    sending_failed_probability: float = 0.0
    """The probability that a destination outside doesn't take a caller."""

    human_phone_answers_s: Distribution = Uniform(2, 4)
    """The simulated phone of an agent left to a human answers by itself after so long."""
    supervisor_phone_answers_s: Distribution = Constant(2)
    """So does a supervisor's."""
    pbx_latency_ms: int = 20
    """From what happens in the PBX to our hearing of it."""

    def __post_init__(self) -> None:
        if self.time_scale <= 0:
            raise ValueError(f"time_scale is above 0, not {self.time_scale:g}")
        for each in fields(self):
            value = getattr(self, each.name)
            if each.name.endswith(("_probability", "_share")) and not 0 <= value <= 1:
                raise ValueError(f"{each.name} is from 0 to 1, not {value:g}")

    def in_scale(self) -> "SimulatorSettings":
        """The same with `time_scale` 1: every duration and rate as it will be."""
        shorter = 1 / self.time_scale
        durations = {name: value.scaled(shorter) for name in SCALED if (value := getattr(self, name)) is not None}
        rates = {entry: per_h * self.time_scale for entry, per_h in self.calls_per_h.items()}
        return replace(
            self,
            time_scale=1.0,
            calls_per_h=rates,
            arrivals={entry: each.scaled(self.time_scale) for entry, each in self.arrivals.items()},
            callers={entry: kind.scaled(shorter) for entry, kind in self.callers.items()},
            shifts={agent: tuple(each.scaled(shorter) for each in shifts) for agent, shifts in self.shifts.items()},
            day_ms=round(self.day_ms * shorter),
            **durations,
        )


def from_table(table: Mapping[str, object], name: str = "simulator") -> SimulatorSettings:
    """The settings of a plain table, as a file gives them by `name`; what is None or left out has its default.

    Distributions are described as :mod:`simulator.distributions` tells; no breaks: `break_every_s = "never"`.

    Raises ValueError for an unknown key or a value that can't be used, naming the key.
    """
    known = {each.name for each in fields(SimulatorSettings)} - PLAIN_VALUES
    for key in table:
        if key not in known:
            raise ValueError(f"{name}.{key} is no setting; there are {', '.join(sorted(known))}")
    return SimulatorSettings(**{key: _value(name, key, given) for key, given in table.items() if given is not None})  # type: ignore[arg-type]


def _value(name: str, key: str, given: object) -> object:
    try:
        return _reader(key)(given)
    except ValueError as error:
        raise ValueError(f"{name}.{key}: {error}") from None


def _reader(key: str) -> Callable[[object], object]:
    if key in READERS:
        return READERS[key]
    return parse if key.endswith("_s") else number


def number(given: object) -> float:
    """A plain number that is not negative."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 <= given < float("inf"):
        raise ValueError(f"a number of at least 0 is wanted, not {given!r}")
    return given


def _whole(given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise ValueError(f"a whole number of at least 0 is wanted, not {given!r}")
    return given


def _ids(given: object) -> tuple[AgentId, ...]:
    if not isinstance(given, list | tuple) or not all(isinstance(each, str) for each in given):
        raise ValueError(f"a list of agents' ids is wanted, not {given!r}")
    return tuple(given)


def _rates(given: object) -> dict[str, float]:
    if not isinstance(given, Mapping):
        raise ValueError(f"a table of calls per hour by entry point is wanted, not {given!r}")
    return {entry: number(per_h) for entry, per_h in given.items()}


def _every(given: object) -> Distribution | None:
    return None if given == "never" else parse(given)


READERS: dict[str, Callable[[object], object]] = {
    "simulated_agents": _ids,
    "calls_per_h": _rates,
    "break_every_s": _every,
    "dial_every_s": _every,
    "pbx_latency_ms": _whole,
    "lines": _whole,
}
"""How a key's value is read, where its name doesn't say it."""

PLAIN_VALUES = frozenset({"arrivals", "callers", "shifts", "day_ms"})
"""What is said by values alone, not by a table of settings."""


def simulated_agents(settings: SimulatorSettings, rules: Rules) -> tuple[AgentId, ...]:
    """Those the simulator acts for. Raises ValueError for one that is not configured."""
    for key in ("simulated_agents", "shifts"):
        for agent in getattr(settings, key) or ():
            if agent not in rules.agents:
                raise ValueError(f"simulator.{key}: no agent has the id {agent!r}")
    return tuple(rules.agents) if settings.simulated_agents is None else settings.simulated_agents


def arrivals(settings: SimulatorSettings, rules: Rules) -> dict[str, Arrivals]:
    """When calls come, by entry point. Raises ValueError for an entry point that is not configured."""
    for key in ("calls_per_h", "arrivals", "callers"):
        for entry in getattr(settings, key):
            if entry not in rules.entries:
                raise ValueError(f"simulator.{key}: no entry point has the number {entry!r}")
    rates = settings.calls_per_h
    if not rates and not settings.arrivals:
        rates = _rates_of_load(settings, rules)
    return {entry: Poisson(per_h) for entry, per_h in rates.items()} | dict(settings.arrivals)


def _rates_of_load(settings: SimulatorSettings, rules: Rules) -> dict[str, float]:
    if not rules.entries:
        return {}
    handling_s = settings.answer_s.mean_s + settings.talk_s.mean_s + _wrap_up_s(settings, rules)
    together = settings.load * len(simulated_agents(settings, rules)) * 3600 / max(handling_s, 1.0)
    return {entry: together / len(rules.entries) for entry in rules.entries}


def _wrap_up_s(settings: SimulatorSettings, rules: Rules) -> float:
    """Roughly how long wrap-up takes: the agents' own work, cut off by the groups' limit."""
    limits_s = [rules.groups[entry.group].wrap_up_ms / 1000 for entry in rules.entries.values()]
    return min(settings.wrap_up_s.mean_s, sum(limits_s) / len(limits_s))
