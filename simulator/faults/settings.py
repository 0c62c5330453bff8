"""Which faults there are and how often, as plain frozen values. By default none."""
# ruff: noqa: RUF009 - the distributions are frozen

from collections.abc import Mapping
from dataclasses import dataclass, fields

from simulator.distributions import Distribution, Exponential, Uniform, parse
from simulator.settings import number

SHARES = ("late", "duplicate", "reordered", "lost")


@dataclass(frozen=True, slots=True)
class Faults:
    """Shares are of the PBX's messages, from 0 to 1; distributions are of seconds."""

    late: float = 0.0
    """The share told late, and with each all that the same channel says after it."""
    late_s: Distribution = Exponential(2)
    duplicate: float = 0.0
    """The share told twice."""
    reordered: float = 0.0
    """The share told after the next message of another channel, of the same call or another."""
    lost: float = 0.0
    """The share never told: what the PBX or the adapter finds out by itself is told then."""

    link_drops_per_h: float = 0.0
    link_down_s: Distribution = Exponential(10)
    """From the word that the link is lost to its return."""
    link_silent_s: Distribution = Uniform(0, 4)
    """Before that word: nothing is heard any more, and commands go nowhere."""

    clock_jumps_per_h: float = 0.0
    """The clock runs ahead alone, or the machine sleeps and wakes, or the clock stands while the world goes on."""
    clock_jump_s: Distribution = Exponential(20)

    socket_drops_per_agent_h: float = 0.0
    """How often the connection of an agent's client is cut, while there is one."""
    socket_down_s: Distribution = Exponential(20)
    """From the cut to the log-in of a new client."""
    swizzles_per_h: float = 0.0
    """How often the clients of a random set are cut one after another, and come back in another order."""
    swizzle_gap_s: Distribution = Exponential(1)
    """From one of them to the next."""

    until_s: float | None = None
    """No fault begins later than so long after the beginning, but one last drop of the link if messages got lost."""

    def __post_init__(self) -> None:
        for name in SHARES:
            if not 0 <= (value := getattr(self, name)) <= 1:
                raise ValueError(f"{name} is from 0 to 1, not {value:g}")
        for each in fields(self):
            if each.name.endswith("_h") and not 0 <= (value := getattr(self, each.name)) < float("inf"):
                raise ValueError(f"{each.name} is a number of at least 0, not {value:g}")
        if self.until_s is not None and not 0 <= self.until_s < float("inf"):
            raise ValueError(f"until_s is a number of at least 0, not {self.until_s:g}")


def from_table(table: Mapping[str, object]) -> Faults:
    """The faults of a plain table, as a scenario's `[faults]` gives them; what is None or left out has its default.

    Raises ValueError for an unknown key or a value that can't be used, naming the key.
    """
    known = {each.name for each in fields(Faults)}
    for key in table:
        if key not in known:
            raise ValueError(f"faults.{key} is no fault; there are {', '.join(sorted(known))}")
    given = {key: _value(key, value) for key, value in table.items() if value is not None}
    try:
        return Faults(**given)  # type: ignore[arg-type]
    except ValueError as error:
        raise ValueError(f"faults.{error}") from None


def _value(key: str, given: object) -> object:
    try:
        return parse(given) if key.endswith("_s") and key != "until_s" else number(given)
    except ValueError as error:
        raise ValueError(f"faults.{key}: {error}") from None
