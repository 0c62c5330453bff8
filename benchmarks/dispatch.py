"""How fast a free agent gets the next caller: our daemon, Asterisk's app_queue and a bare script, in turns.

All calls are real SIP. Phones answer at once, talk (ten: 0.5 to 1.0 s; more: so long that some fifty calls a second are
asked for) and hang up; there are always at least so many callers waiting as planned. A
dispatch lasts from a phone's BYE as it is sent to the next INVITE as the kernel received it at the same phone; an
arrival, with all phones idle, from a caller's INVITE to the phone's. The three take turns on one Asterisk with the same
phones, so that what else the machine does hits all alike. Times are in ms.

A new caller dials at a random moment within the second after one was served. Were it at once, the floor would fall
into step with app_queue, whose waiting calls look for an agent once a second: its figures would be those of the talk
times.
"""

from __future__ import annotations

import gc
import math
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import trio

from benchmarks.sides import NUMBERS, all_sides, pbx_settings
from tests.pbx.asterisk import running_asterisk
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import SipPhone, Telephones, telephones
from tests.pbx.tree import AsteriskTree

SHORT_TALK_S = 0.1
"""Outside the rush. None at all would be no talk: a phone that hangs up before the bridge has refused the call."""
WARM_UP_S = 1.0
"""Dispatches in a round's first second don't count."""
REDIAL_S_MAX = 1.0
ARRIVAL_PAUSE_S = (0.05, 0.15)
"""Between the end of a call and the next arrival, so that nobody is still busy with the end."""
ON_THEIR_WAY = 1.2
"""Callers for each phone beyond those that must be waiting: who is served is replaced half a second later."""
ROUND_S_MAX = 120.0
DRAIN_S_MAX = 30.0
Figures = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is measured; of each round one turn for every side."""

    agents: int = 10
    waiting: int = 20
    rounds: int = 4
    dispatches_per_round: int = 80
    arrivals_per_round: int = 12
    talk_s: tuple[float, float] = (0.5, 1.0)
    seed: int = 1


LARGER = (
    Plan(agents=100, waiting=100, rounds=3, dispatches_per_round=400, arrivals_per_round=12, talk_s=(1.6, 2.6)),
    Plan(agents=200, waiting=200, rounds=3, dispatches_per_round=400, arrivals_per_round=12, talk_s=(3.2, 5.2)),
)
"""At a hundred dispatches a second Asterisk, with the phones beside it on four cores, is full with any of them: how
many calls a second are held is what `rates` asks."""
QUICK = Plan(rounds=2, dispatches_per_round=30, arrivals_per_round=6)


@dataclass
class Samples:
    """What was measured of one side, ms."""

    dispatch_ms: list[float] = field(default_factory=list)
    arrival_ms: list[float] = field(default_factory=list)
    round_median_ms: list[float] = field(default_factory=list)
    waiting_min: int = sys.maxsize
    """The shortest line at a counted dispatch."""


class Floor:
    """The phones and the callers. `rush` and `arrivals` are one turn each: they begin and end without any call."""

    def __init__(self, sip: Telephones, phones: Sequence[SipPhone], plan: Plan) -> None:
        self._sip = sip
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._number = ""
        self._callers: list[OutgoingCall] = []
        self._last: dict[str, IncomingCall] = {}
        self._is_rush = False
        self._counts_from = float("inf")
        self._gaps_ms: list[float] = []
        self.waiting_min = sys.maxsize
        self._came, self._coming = trio.open_memory_channel[IncomingCall](float("inf"))
        for phone in phones:
            phone.behaviour = partial(self._serve, phone.number)

    async def arrivals(self, number: str) -> list[float]:
        """Callers one by one, each to phones that are all idle: from the caller's INVITE to a phone's, ms."""
        self._number = number
        waits_ms = []
        for _ in range(self._plan.arrivals_per_round):
            await trio.sleep(self._rng.uniform(*ARRIVAL_PAUSE_S))
            await self._dial()
            call = await self._next_ring()
            [caller] = self._callers
            waits_ms.append(_ms_between(caller.times.invite_at, call.times.invite_at))
            await self._drained()
        return waits_ms

    async def rush(self, number: str) -> list[float]:
        """A turn with always `waiting` callers in the line: each phone's times from BYE to INVITE, ms."""
        self._number, self._gaps_ms, self._is_rush, self.waiting_min = number, [], True, sys.maxsize
        with trio.fail_after(ROUND_S_MAX):
            async with trio.open_nursery() as nursery:
                for _ in range(self._plan.waiting + round(self._plan.agents * ON_THEIR_WAY)):
                    nursery.start_soon(self._dial_soon)
                await trio.sleep(REDIAL_S_MAX)
                self._counts_from = time.monotonic() + WARM_UP_S
                while len(self._gaps_ms) < self._plan.dispatches_per_round:
                    await self._next_ring()
                    nursery.start_soon(self._dial_soon)
                self._is_rush, self._counts_from = False, float("inf")
        await self._drained()
        return self._gaps_ms

    async def _dial_soon(self) -> None:
        await trio.sleep(self._rng.uniform(0, REDIAL_S_MAX))
        await self._dial()

    async def _serve(self, phone: str, call: IncomingCall) -> None:
        """What a phone does with a call; once the rush is over talks are short, and the line is soon empty."""
        self._note(phone, call)
        call.ring()
        await call.answer()
        await trio.sleep(self._rng.uniform(*self._plan.talk_s) if self._is_rush else SHORT_TALK_S)
        await call.hang_up()

    def _note(self, phone: str, call: IncomingCall) -> None:
        last, self._last[phone] = self._last.get(phone), call
        self._came.send_nowait(call)
        if last is not None and (last.times.bye_sent_at or 0) > self._counts_from:
            self._gaps_ms.append(_ms_between(last.times.bye_sent_at, call.times.invite_at))
            self.waiting_min = min(self.waiting_min, self._waiting())

    def _waiting(self) -> int:
        """Callers that have got through and that no phone rings or rang for."""
        got_through = sum(caller.is_talking for caller in self._callers)
        return got_through - sum(call.ending is None for call in self._last.values())

    async def _next_ring(self) -> IncomingCall:
        with trio.fail_after(DRAIN_S_MAX):
            return await self._coming.receive()

    async def _dial(self) -> None:
        self._callers.append(await self._sip.dial(self._number, rtp=False))

    async def _drained(self) -> None:
        """Every caller has been served and let go."""
        for caller in self._callers:
            await caller.ended(DRAIN_S_MAX)
        self._callers.clear()
        while self._coming.statistics().current_buffer_used:
            self._coming.receive_nowait()


async def measure(tree: AsteriskTree, plan: Plan) -> dict[str, Samples]:
    """All three sides by `plan`, in turns whose order changes from round to round."""
    samples = {side: Samples() for side in NUMBERS}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_asterisk(tree, pbx_settings(plan.agents)) as pbx, telephones(pbx, rtp=False) as sip:
            floor = Floor(sip, await sip.all_phones(), plan)
            async with all_sides(pbx, Path(folder)):
                for number in range(plan.rounds):
                    await _round(floor, samples, number)
    return samples


async def _round(floor: Floor, samples: Mapping[str, Samples], number: int) -> None:
    sides = list(samples)
    begin = number % len(sides)
    for side in sides[begin:] + sides[:begin]:
        with without_gc():
            samples[side].arrival_ms += await floor.arrivals(NUMBERS[side])
            gaps_ms = await floor.rush(NUMBERS[side])
        samples[side].waiting_min = min(samples[side].waiting_min, floor.waiting_min)
        samples[side].dispatch_ms += gaps_ms
        samples[side].round_median_ms.append(round(statistics.median(gaps_ms), 3))


@contextmanager
def without_gc() -> Iterator[None]:
    """No collection in this process, the phones', between a BYE's time stamp and its sending."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def report(samples: Mapping[str, Samples], plan: Plan) -> dict[str, Any]:
    """The figures as they are printed: dispatch by side, the ratios of the medians, arrivals."""
    dispatch = {side: summary(each.dispatch_ms) for side, each in samples.items()}
    ours, app_queue, bare = (dispatch[side]["median"] for side in ("ours", "app_queue", "bare_script"))
    return {
        **dispatch,
        "app_queue_over_ours": round(app_queue / ours, 1),
        "ours_over_bare": round(ours / bare, 2),
        "round_medians": {side: each.round_median_ms for side, each in samples.items()},
        "waiting_min": {side: each.waiting_min for side, each in samples.items()},
        "arrival_ms": {side: summary(each.arrival_ms) for side, each in samples.items()},
        "plan": asdict(plan),
    }


def summary(values_ms: Sequence[float]) -> Figures:
    """Count, extremes and percentiles (nearest rank), ms."""
    ordered = sorted(values_ms)

    def rank(share: float) -> float:
        return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3)

    figures = {"min": rank(0), "median": rank(0.5), "p95": rank(0.95), "p99": rank(0.99), "max": rank(1)}
    return {"n": len(ordered), **figures}


def _ms_between(begin: float | None, end: float | None) -> float:
    assert begin is not None
    assert end is not None
    return (end - begin) * 1000
