"""Who calls one entry point, and what they are like.

All that belongs to a caller is drawn as the call comes, each thing from a stream of the entry point's own: so the same
people call under any rules, and another patience leaves their talks as they were. What few callers need (a second wait,
a callback's luck, another try) is drawn when it is needed, from a stream that is the caller's own.
"""

from dataclasses import dataclass
from random import Random

from simulator.agenda import Appointment
from simulator.distributions import sample_ms
from simulator.kinds import Kind
from simulator.names import caller_name, caller_number
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings


@dataclass(slots=True, eq=False)
class Caller:
    """A person with a phone number, during one call."""

    crowd: "Crowd"
    born: int
    """How many came before, and this one."""
    tries: int
    """How often they called before."""
    number: str
    name: str
    patience_ms: int
    talk_ms: int
    wrap_up_ms: int
    again_after_ms: int | None
    """From giving up to calling again; None: never."""
    waited: bool = False
    """Whether that patience is spent."""
    talked: bool = False
    """Whether that talk, and the wrap-up after it, was with another agent already."""
    plan: Appointment | None = None
    """When they will give up, or have said everything."""
    talk_left_ms: int = 0
    """On hold: how much there is still to say."""
    own: Random | None = None

    @property
    def key(self) -> str:
        """Names the caller's own chances."""
        return f"{self.crowd.entry} {self.born}{' again' * self.tries}"

    @property
    def chance(self) -> Random:
        """For what isn't drawn as the call comes."""
        if self.own is None:
            self.own = self.crowd.streams.of(f"caller {self.key}")
        return self.own

    def next_patience_ms(self) -> int:
        """Counted afresh for each wait."""
        if not self.waited:
            self.waited = True
            return self.patience_ms
        return sample_ms(self.crowd.patience_s, self.chance)

    def next_talk_ms(self) -> int:
        """What there is to say to the next agent; and to do afterwards."""
        if self.talked:
            self.talk_ms = sample_ms(self.crowd.talk_s, self.chance)
            self.wrap_up_ms = sample_ms(self.crowd.wrap_up_s, self.chance)
        self.talked = True
        return self.talk_ms


class Crowd:
    """Everybody who may call `entry`, or be called by an agent where that is empty."""

    def __init__(self, entry: str, settings: SimulatorSettings, vips: tuple[str, ...], streams: Streams) -> None:
        self.entry = entry
        self.streams = streams
        kind = settings.callers.get(entry, EVERYBODY)
        self.patience_s = kind.patience_s or settings.patience_s
        self.talk_s = kind.talk_s or settings.talk_s
        self.wrap_up_s = kind.wrap_up_s or settings.wrap_up_s
        self._retry_after_s = kind.retry_after_s or settings.retry_after_s
        self._retry_probability = _given(kind.retry_probability, settings.retry_probability)
        self._vip_share = _given(kind.vip_share, settings.vip_share) if vips else 0.0
        self._vips = vips
        self._who, self._patience, self._talk, self._wrap_up, self._retry = (
            streams.of(f"{thing} {entry}") for thing in ("who", "patience", "talk", "wrap-up", "retry")
        )
        self._drawn = 0

    def somebody(self, number: str = "") -> Caller:
        """The next one, who may be one of the VIPs; or who has that number."""
        who = self._who
        if not number:
            is_vip = self._vip_share > 0 and who.random() < self._vip_share
            number = who.choice(self._vips) if is_vip else caller_number(who)
        self._drawn += 1
        return Caller(
            self,
            self._drawn,
            0,
            number,
            caller_name(who),
            sample_ms(self.patience_s, self._patience),
            sample_ms(self.talk_s, self._talk),
            sample_ms(self.wrap_up_s, self._wrap_up),
            self._again_after_ms(self._retry),
        )

    def again(self, caller: Caller) -> Caller:
        """The same person at another try."""
        chance = self.streams.of(f"try {caller.key} again")
        return Caller(
            self,
            caller.born,
            caller.tries + 1,
            caller.number,
            caller.name,
            sample_ms(self.patience_s, chance),
            sample_ms(self.talk_s, chance),
            sample_ms(self.wrap_up_s, chance),
            self._again_after_ms(chance),
        )

    def _again_after_ms(self, rng: Random) -> int | None:
        return sample_ms(self._retry_after_s, rng) if rng.random() < self._retry_probability else None


EVERYBODY = Kind()


def _given(special: float | None, usual: float) -> float:
    return usual if special is None else special
