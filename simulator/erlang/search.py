"""The smallest crews that keep a scenario's promises, by simulation with the real router.

From where Erlang's formulas send it the search goes up until all promises are kept, by the crew that mends most; then
down, always by the crew whose loss hurts least, in steps that are halved when no crew can spare one. It ends where no
crew can spare a single agent. All sizes are tried on the same replications, seed by seed, so that differences are of
the crews and not of chance. It is a search from one side: where crews can stand in for each other, another mixture of
as many may keep the promises, too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from simulator.erlang.beginning import beginning
from simulator.erlang.crews import Crew, crews, sized
from simulator.scenarios import Promise, Scenario
from simulator.study.counts import Replication
from simulator.study.findings import Checked, Study, thresholds_ms
from simulator.study.replications import Life

Key = tuple[int, ...]
"""The crews' sizes, in their order."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Some sizes, and what became of the promises."""

    sizes: Key
    promises: tuple[Checked, ...]

    @property
    def kept(self) -> bool:
        """By the figures themselves; how sure that is, their intervals tell."""
        return all(each.promise.is_kept_by(each.estimate.value) for each in self.promises)

    @property
    def slack(self) -> float:
        """How far the promise nearest to its bound is within it; below 0: how far all that are broken are beyond."""
        slacks = [slack(each.promise, each.estimate.value) for each in self.promises]
        return sum(each for each in slacks if each < 0) if min(slacks) < 0 else min(slacks)

    @property
    def agents(self) -> int:
        return sum(self.sizes)


def slack(promise: Promise, value: float | None) -> float:
    """As a share of all; of seconds, as a share of the bound."""
    if value is None:
        return -1.0
    sides = []
    if promise.at_least is not None:
        sides.append((value - promise.at_least) / max(promise.at_least, 1.0))
    if promise.at_most is not None:
        sides.append((promise.at_most - value) / max(promise.at_most, 1.0))
    return min(sides)


@dataclass(slots=True)
class Search:
    """One search; `told` hears of every trial. The bounds are on trials and on agents."""

    scenario: Scenario
    seed: int
    days: int
    replications: int
    trials_max: int
    live_all: Callable[[Sequence[Life]], Sequence[Replication]]
    """All those lives, in their order."""
    told: Callable[[Trial], None]
    all_crews: list[Crew] = field(init=False)
    tried: dict[Key, Trial] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not self.scenario.promises:
            raise ValueError(f"{self.scenario.name}: promises nothing, so nobody is needed; add [[promises]]")
        self.all_crews = crews(self.scenario)

    @property
    def is_over(self) -> bool:
        return len(self.tried) >= self.trials_max

    def run(self) -> Trial:
        """The best found. Raises ValueError when nothing that was tried keeps the promises."""
        at = self.trial(tuple(beginning(self.scenario, self.all_crews).values()))
        at = self._up(at)
        return self._down(at)

    def _up(self, at: Trial) -> Trial:
        step = max(1, at.agents // STEPS)
        while not at.kept:
            if self.is_over or at.agents > AGENTS_MAX:
                raise ValueError(
                    f"{self.scenario.name}: after {len(self.tried)} trials no crews are found that keep all promises; "
                    f"the nearest is {self.text(at.sizes)}. Look whether agents can mend what is broken "
                    f"({self.broken(at)}), or allow more with --trials"
                )
            at = max(self._neighbours(at, step), key=lambda each: each.slack)
        return at

    def _down(self, at: Trial) -> Trial:
        step = max(1, at.agents // STEPS)
        while not self.is_over:
            kept = [each for each in self._neighbours(at, -step) if each.kept]
            if kept:
                at = max(kept, key=lambda each: each.slack)
            elif step == 1:
                return at
            else:
                step //= 2
        return at

    def _neighbours(self, at: Trial, by: int) -> list[Trial]:
        """One crew larger or smaller, each in turn."""
        return [self.trial(key) for key in self.neighbours(at.sizes, by) if key in self.tried or not self.is_over] or [
            at
        ]

    def neighbours(self, key: Key, by: int) -> Iterator[Key]:
        for n, size in enumerate(key):
            if size + by >= 0 and (self._may_grow(n) if by > 0 else size):
                yield (*key[:n], size + by, *key[n + 1 :])

    def _may_grow(self, n: int) -> bool:
        return bool(self.all_crews[n].serves(self.scenario))

    def is_smallest(self, at: Trial) -> bool:
        """Whether it was tried that no crew can spare anybody."""
        fewer = list(self.neighbours(at.sizes, -1))
        return all(key in self.tried and not self.tried[key].kept for key in fewer)

    def trial(self, key: Key) -> Trial:
        """Those sizes, lived once."""
        if key not in self.tried:
            self.tried[key] = self._lived(key)
            self.told(self.tried[key])
        return self.tried[key]

    def _lived(self, key: Key) -> Trial:
        return Trial(key, tuple(self._study(key, range(self.replications)).promises()))

    def confirmed(self, at: Trial) -> Trial:
        """The same sizes on twice as many other replications: those of the search have chosen them."""
        return Trial(at.sizes, tuple(self._study(at.sizes, range(self.replications, 3 * self.replications)).promises()))

    def _study(self, key: Key, numbers: Iterable[int]) -> Study:
        by_name = dict(zip((crew.name for crew in self.all_crews), key, strict=True))
        scenario, within_ms = sized(self.scenario, self.all_crews, by_name), thresholds_ms(self.scenario)
        lives = [Life(scenario, self.seed, self.days, n, within_ms) for n in numbers]
        return Study(scenario, "", self.seed, self.days, within_ms, tuple(self.live_all(lives)))

    def text(self, key: Sequence[int]) -> str:
        return ", ".join(f"{crew.name} {size}" for crew, size in zip(self.all_crews, key, strict=True))

    def broken(self, at: Trial) -> str:
        return "; ".join(
            each.promise.text() for each in at.promises if not each.promise.is_kept_by(each.estimate.value)
        )


STEPS = 20
"""The first step is so great a part of all agents."""
AGENTS_MAX = 20_000
