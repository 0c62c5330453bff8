"""Callers, and the ears and hands at the agents' phones, for the simulated Asterisk. Pure.

Half of the calls come at random (Poisson) to a group in which agents are idle: so each is a decision. The other half
goes to a group in which more callers wait than there are agents: talks end at random, each end frees a phone for the
next caller, and somebody new takes the place of who has gone: so each is a dispatch, at the same rate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from simulator.load.asterisk import Asterisk
from simulator.load.channels import Caller, Leg, Place
from simulator.load.ledger import Ledger
from simulator.load.timers import Timers

OPEN, BUSY = "8001", "8002"
"""The entry points: where agents are idle, and where callers wait."""
ANSWER_S = (0.05, 0.25)
NEW_S = 0.2
"""Who takes the place of a caller who has gone comes within this time."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many there are."""

    busy_agents: int
    backlog: int
    """How many callers are to wait at any time."""


class Bag:
    """Talks, from which one is chosen by chance in no time."""

    def __init__(self) -> None:
        self._legs: list[Leg] = []
        self._places: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._legs)

    def __contains__(self, leg: Leg) -> bool:
        return leg.id in self._places

    def add(self, leg: Leg) -> None:
        self._places[leg.id] = len(self._legs)
        self._legs.append(leg)

    def remove(self, leg: Leg) -> None:
        place, last = self._places.pop(leg.id), self._legs.pop()
        if last is not leg:
            self._legs[place] = last
            self._places[last.id] = place

    def choice(self, rng: Random) -> Leg:
        return rng.choice(self._legs)


class Callers:
    """The people of `asterisk.People`; `pbx` is given to them afterwards."""

    pbx: Asterisk

    def __init__(self, crowd: Crowd, timers: Timers, now: Callable[[], float], rng: Random) -> None:
        self._crowd, self._timers, self._now, self._rng = crowd, timers, now, rng
        self.ledger = Ledger()
        self.is_heard = False
        """Whether somebody has logged in and asked for all channels."""
        self._per_s, self._talk_s, self._turn = 0.0, 1.0, 0
        self._unrung: set[str] = set()
        """Callers of the busy group who wait and for whom no phone rings."""
        self._busy_talks = Bag()
        self._dialled = 13_800_000_000
        self._to_come = 0
        self._ringing = 0
        """Phones of the busy group that ring."""
        self._wanted_busy = 0
        self.counts = {"arrived": 0, "talks": 0, "over": 0, "lost": 0}

    # --- what is asked of them ----------------------------------------------------------------------------------------

    def fill(self, per_s: float) -> None:
        """Let callers of the busy group come, until each of its agents has one and the backlog waits."""
        self._wanted_busy = self._crowd.busy_agents + self._crowd.backlog
        self._fill_one(per_s)

    def go_on(self, per_s: float, talk_s: float) -> None:
        """From now so many calls a second, half of each kind; those of the first kind talk about so long."""
        self._per_s, self._talk_s = per_s, talk_s
        self._turn += 1
        if per_s:
            self._each_time(self._turn, self._arrives)
            self._each_time(self._turn, self._one_ends)

    def drain(self, per_s: float) -> None:
        """Nobody comes any more, and talks end so fast."""
        self._wanted_busy = 0
        self.go_on(0.0, self._talk_s)
        self._drain_one(per_s)

    def report(self) -> dict[str, Any]:
        """What the ledger says, the counts since the beginning, and how many there are now."""
        waiting = sum(caller.place is Place.WAITING for caller in self.pbx.callers.values())
        there = {
            "waiting": waiting,
            "talking": len(self.pbx.callers) - waiting,
            "heard": self.is_heard,
            "refused": self.pbx.refused,
        }
        failed = {"not_simulated": self.pbx.not_simulated}
        return {**self.ledger.collect(self._now()), **self.counts, **there, **failed}

    # --- how they come and go -----------------------------------------------------------------------------------------

    def _each_time(self, turn: int, do: Callable[[], None]) -> None:
        def next_one() -> None:
            if turn == self._turn:
                do()
                self._each_time(turn, do)

        self._timers.at(self._now() + self._rng.expovariate(self._per_s / 2), next_one)

    def _fill_one(self, per_s: float) -> None:
        if self._busy_there() < self._wanted_busy:
            self._dial(BUSY)
            self._timers.at(self._now() + 1 / per_s, lambda: self._fill_one(per_s))

    def _busy_there(self) -> int:
        return len(self._unrung) + len(self._busy_talks) + self._to_come + self._ringing

    def _arrives(self) -> None:
        caller = self._dial(OPEN)
        self.ledger.arrived(caller.id, self._now())

    def _dial(self, entry: str) -> Caller:
        self._dialled += 1
        self.counts["arrived"] += 1
        caller = self.pbx.arrive(entry, str(self._dialled))
        if entry == BUSY:
            self._unrung.add(caller.id)
        return caller

    def _one_ends(self) -> None:
        """A talk of the busy group, chosen by chance, and somebody new is on the way."""
        if self._busy_talks:
            self._end(self._busy_talks.choice(self._rng))
        if self._busy_there() < self._wanted_busy:
            self._to_come += 1
            self._timers.at(self._now() + self._rng.uniform(0, NEW_S), self._new_one)

    def _new_one(self) -> None:
        self._to_come -= 1
        if self._wanted_busy:
            self._dial(BUSY)

    def _drain_one(self, per_s: float) -> None:
        if self._busy_talks:
            self._end(self._busy_talks.choice(self._rng))
        self._timers.at(self._now() + 1 / per_s, lambda: self._drain_one(per_s))

    def _end(self, leg: Leg) -> None:
        """One of the two hangs up."""
        caller = leg.talks_with
        if caller is None or leg.id not in self.pbx.legs:
            return
        self.counts["over"] += 1
        if caller.entry == BUSY and len(self._unrung) > self.ledger.awaited():
            self.ledger.freed(leg.device, self._now())
        if self._rng.random() < 0.5:
            self.pbx.hang_up_phone(leg)
        else:
            self.pbx.hang_up_caller(caller)

    # --- see asterisk.People ------------------------------------------------------------------------------------------

    def surveyed(self) -> None:
        """See there."""
        self.is_heard = True

    def rings(self, leg: Leg) -> None:
        """See there."""
        now = self._now()
        self.ledger.rang(leg.caller, leg.offer, leg.device, now)
        if leg.caller in self._unrung:
            self._unrung.discard(leg.caller)
            self._ringing += 1
        self._timers.at(now + self._rng.uniform(*ANSWER_S), lambda: self.pbx.answer(leg))

    def talks(self, leg: Leg, caller: Caller) -> None:
        """See there."""
        now = self._now()
        self.counts["talks"] += 1
        self.ledger.talks(caller.id, leg.agent, now)
        if caller.entry == BUSY:
            self._ringing -= 1
            self._busy_talks.add(leg)
        else:
            self._timers.at(now + self._talk_s * self._rng.uniform(0.5, 1.5), lambda: self._end(leg))

    def phone_gone(self, leg: Leg) -> None:
        """See there."""
        caller = self.pbx.callers.get(leg.caller)
        if leg in self._busy_talks:
            self._busy_talks.remove(leg)
        elif not leg.is_up and caller is not None and caller.entry == BUSY:
            self._ringing -= 1
            self._unrung.add(caller.id)

    def waits_again(self, caller: Caller) -> None:
        """See there."""
        if caller.entry == BUSY:
            self._unrung.add(caller.id)

    def caller_gone(self, caller: Caller) -> None:
        """See there."""
        self.ledger.gone(caller.id)
        self._unrung.discard(caller.id)
        if not caller.has_talked:
            self.counts["lost"] += 1
