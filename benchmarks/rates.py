"""How many calls a second find an idle agent at once: our daemon, Asterisk's app_queue and a bare script, in turns.

All calls are real SIP, without sound. Callers dial at random (Poisson) at a rate that rises from turn to turn; phones
answer at once, talk 0.5 to 1.0 s and hang up, so that enough of them are always idle. A call's delay lasts from the
caller's INVITE to the INVITE at a phone, ms; a rate is held when 95 of 100 delays are within `HELD_MS`. A side that has
broken down once isn't asked for more.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import trio

from benchmarks.dispatch import summary, without_gc
from benchmarks.sides import NUMBERS, all_sides, pbx_settings
from tests.pbx.asterisk import running_asterisk
from tests.pbx.incoming import IncomingCall, answering
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import SipPhone, Telephones, telephones
from tests.pbx.tree import AsteriskTree

HELD_MS = 100.0
DRAIN_S_MAX = 30.0
TALK_S = (0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is asked for: calls a second, for so long each."""

    agents: int = 200
    rates: tuple[int, ...] = (25, 50, 100, 150, 200, 250)
    for_s: float = 5.0
    seed: int = 1


QUICK = Plan(agents=40, rates=(10, 20), for_s=2.0)
Delays = dict[str, dict[int, dict[str, float]]]
"""Side -> rate -> the summary of its delays."""


async def measure(tree: AsteriskTree, plan: Plan) -> Delays:
    """Every side at every rate, as long as it holds."""
    delays: Delays = {side: {} for side in NUMBERS}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        async with running_asterisk(tree, pbx_settings(plan.agents)) as pbx, telephones(pbx, rtp=False) as sip:
            floor = _Floor(sip, await sip.all_phones(), plan.seed)
            async with all_sides(pbx, Path(folder)):
                for rate in plan.rates:
                    for side in [side for side in NUMBERS if _holds(delays[side])]:
                        with without_gc():
                            delays[side][rate] = summary(await floor.turn(NUMBERS[side], rate, plan.for_s))
    return delays


def _holds(told: Mapping[int, Mapping[str, float]]) -> bool:
    return all(each["p95"] <= HELD_MS for each in told.values())


def report(delays: Delays) -> dict[str, int]:
    """The highest rate that each side held, calls a second; 0: none."""
    return {
        side: max((rate for rate, each in told.items() if each["p95"] <= HELD_MS), default=0)
        for side, told in delays.items()
    }


class _Floor:
    """The phones and the callers of one turn after another."""

    def __init__(self, sip: Telephones, phones: Sequence[SipPhone], seed: int) -> None:
        self._sip = sip
        self._dice = random.Random(seed)
        self._rang_at: dict[str, float] = {}
        self._callers: dict[str, OutgoingCall] = {}
        self._dialled = 13_800_000_000
        for phone in phones:
            phone.behaviour = self._serve

    async def turn(self, number: str, rate: int, for_s: float) -> list[float]:
        """Dial for so long, let everybody be served, and say how long each call took to a phone, ms."""
        self._callers.clear()
        self._rang_at.clear()
        until = trio.current_time() + for_s
        while trio.current_time() < until:
            await trio.sleep(self._dice.expovariate(rate))
            self._dialled += 1
            caller = str(self._dialled)
            self._callers[caller] = await self._sip.dial(number, from_number=caller, rtp=False)
        for call in self._callers.values():
            with trio.move_on_after(DRAIN_S_MAX):
                await call.ended(float("inf"))
            await call.hang_up()
        return [self._delay_ms(caller) for caller in self._callers]

    async def _serve(self, call: IncomingCall) -> None:
        assert call.times.invite_at is not None
        self._rang_at.setdefault(call.caller_number, call.times.invite_at)
        await answering(talk_s=self._dice.uniform(*TALK_S))(call)

    def _delay_ms(self, caller: str) -> float:
        """A caller who never rang anywhere counts as one who waited to the end."""
        dialled = self._callers[caller].times.invite_at
        assert dialled is not None
        rang = self._rang_at.get(caller)
        return DRAIN_S_MAX * 1000 if rang is None else (rang - dialled) * 1000
