"""A hostile world in which everything happens: centres, events and instants, drawn from a seed or by Hypothesis.

`python -m tests.properties.world SEED COUNT` routes COUNT events and prints a digest of all that was answered.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from random import Random
from typing import Protocol

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.ids import OfferId
from acd.router import Router
from acd.rules import EntryPoint, Rules, VipClass
from acd.skills import Needs, normalized
from tests.conversation import centre, group

AGENTS: dict[str, dict[str, int]] = {
    "ann": {},
    "ben": {"de": 3},
    "cy": {"de": 7, "en": 2},
    "di": {"en": 9},
    "ed": {"de": 5, "en": 5},
}
NEEDS: list[Needs] = [normalized(each) for each in ({}, {}, {"de": 2}, {"de": 5}, {"de": 9}, {"en": 2}, {"zz": 1})]
ENTRIES = {
    "100": EntryPoint("100", "desk"),
    "200": EntryPoint("200", "german", needs=normalized({"de": 4}), tier=1, credit_ms=300),
}
VIPS = {"138": VipClass("gold", tier=2, credit_ms=500), "139": VipClass("slow", credit_ms=900)}
TIMES = [1_000, 1_000, 5_000, 5_000, 700, 700, 0, 1]
"""Few and round, so that much falls due in one millisecond."""


class Dice(Protocol):
    """What draws: at random from a seed, or as Hypothesis wants."""

    def upto(self, n: int) -> int:
        """A whole number from 0 to n, both included."""


class Seeded:
    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def upto(self, n: int) -> int:
        return self._random.randint(0, n)


def some_centre(dice: Dice) -> Rules:
    """Three groups and five agents with times of their own."""

    def time() -> int:
        return one_of(TIMES, dice)

    groups = (
        group("desk", ring_ms=time(), wrap_up_ms=time()),
        group("german", ring_ms=time(), wrap_up_ms=time(), de=3),
        group("both", ring_ms=time(), wrap_up_ms=time(), de=4, en=2),
    )
    return centre(*groups, agents=AGENTS, entries=ENTRIES, vips=VIPS, client_grace_ms=time())


def one_of(many: list, dice: Dice):  # type: ignore[no-untyped-def, type-arg]
    return many[dice.upto(len(many) - 1)]


class World:
    """Draws events that fit, late ones, wrong ones and absurd ones; `seen` makes it remember what was offered."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        self.arrived = 0
        self.calls: list[str] = []
        self.gone: list[str] = []
        self.offers: list[OfferId] = []
        self.over: list[OfferId] = []
        self.away: dict[str, str] = dict.fromkeys(AGENTS, "logged-out")
        self.plots: list[Callable[[int], ev.Event]] = [
            *[self.call] * 5,
            self.call_again,
            *[self.leave] * 4,
            *[self.answer] * 8,
            *[self.failure] * 2,
            *[self.phone] * 2,
            *[self.work] * 8,
            *[self.word] * 3,
            *[self.forced] * 3,
            self.link,
        ]

    def draw(self, now: int) -> ev.Event:
        return one_of(self.plots, self.dice)(now)

    def seen(self, outputs: tuple[object, ...]) -> None:
        """Remember what is going on, and a little of what is over."""
        for each in outputs:
            match each:
                case say.CallQueued(returned=False):
                    self.calls.append(each.call)
                case say.CallFinished():
                    self.calls = [call for call in self.calls if call != each.call]
                    self.gone = [*self.gone[-3:], each.call]
                    self._ended([offer for offer in self.offers if offer.call == each.call])
                case say.AgentChanged():
                    self.away.pop(each.agent, None)
                    if each.state in ("logged-out", "not-ready", "wrap-up"):
                        self.away[each.agent] = each.state
                case cmd.OfferCall():
                    self.offers.append(each.offer)
                case say.OfferEnded():
                    self._ended([each.offer])

    def _ended(self, offers: list[OfferId]) -> None:
        self.offers = [offer for offer in self.offers if offer not in offers]
        self.over = [*self.over, *offers][-4:]

    def instant(self, now: int, due: int | None) -> int:
        """Mostly now; a little or much later; or at, before or after what is due next."""
        pauses = [*[now] * 50, now + 1, now + 50, now + self.dice.upto(250), now + self.dice.upto(9) * 1_000]
        return one_of(pauses if due is None else [*pauses, max(now, due - 1), due, due + 1], self.dice)

    # --- what happens ---------------------------------------------------------------------------------------------

    def call(self, now: int) -> ev.CallArrived:
        self.arrived += 1
        return self._arrival(f"{self.arrived * 37 % 101}-{self.arrived}", now)  # spelt in another order than they came

    def call_again(self, now: int) -> ev.CallArrived:
        return self._arrival(self._call(), now)

    def leave(self, _now: int) -> ev.CallerLeft:
        return ev.CallerLeft(self._call())

    def answer(self, _now: int) -> ev.OfferAccepted:
        return ev.OfferAccepted(self._offer())

    def failure(self, _now: int) -> ev.OfferFailed:
        return ev.OfferFailed(self._offer(), one_of([*ev.OfferFailure], self.dice))

    def phone(self, _now: int) -> ev.PhoneLeft:
        return ev.PhoneLeft(self._offer(), lost=bool(self.dice.upto(1)))

    def work(self, _now: int) -> ev.Event:
        """What a good agent does next who is away."""
        if not self.away:
            return ev.DeadlineReached()
        agent = one_of([*self.away], self.dice)
        return ev.LoggedIn(agent) if self.away[agent] == "logged-out" else ev.ReadyAsked(agent)

    def word(self, _now: int) -> ev.Event:
        agent = self._agent()
        lunch = ev.NotReadyAsked(agent, one_of(["break", "break", "siesta"], self.dice))
        words = [ev.LoggedIn(agent), ev.LogOutAsked(agent), lunch, ev.ReleaseAsked(agent), ev.ClientLost(agent)]
        return one_of([*words, ev.LoggedIn(agent), ev.ReadyAsked(agent)], self.dice)

    def forced(self, _now: int) -> ev.Event:
        agent, release = self._agent(), bool(self.dice.upto(1))
        words = [ev.ForcedReady(agent, "eve"), ev.ForcedNotReady(agent, "eve"), ev.ForcedRelease(agent, "eve")]
        return one_of([*words, ev.ForcedReady(agent, "eve"), ev.ForcedLogOut(agent, "eve", release)], self.dice)

    def link(self, _now: int) -> ev.Event:
        return one_of([*[ev.PbxFound()] * 4, ev.PbxLost("no route")], self.dice)

    def time(self, _now: int) -> ev.DeadlineReached:
        return ev.DeadlineReached()

    # --- parts ----------------------------------------------------------------------------------------------------

    def _agent(self) -> str:
        return one_of([*AGENTS, *AGENTS, "nobody"], self.dice)

    def _call(self) -> str:
        """Mostly one that is here, the oldest by preference; sometimes one that is gone or never was."""
        here = [*self.calls, *self.calls[:2] * 3]
        return one_of([*here, *here, *self.gone[-1:], "never"], self.dice)

    def _offer(self) -> OfferId:
        """Mostly a live one; sometimes one that is over, wrongly numbered, or never made."""
        offer = one_of([*self.offers * 6, *self.over, OfferId(self._call(), 1)], self.dice)
        return OfferId(offer.call, offer.number + one_of([0] * 14 + [-1, 1], self.dice))

    def _arrival(self, call: str, now: int) -> ev.CallArrived:
        return ev.CallArrived(
            call,
            entry=one_of(["100", "100", "200", "999"], self.dice),
            caller_number=one_of(["", "", "138", "139"], self.dice),
            group=one_of([None, None, None, "desk", "both", "german", "nogroup"], self.dice),
            needs=one_of(NEEDS, self.dice),
            tier=one_of([0, 0, 0, 1, 3], self.dice),
            credit_ms=one_of([0, 0, 300, 1_000], self.dice),
            waiting_since=one_of([None, None, None, now - 700, now - 90_000, now + 5_000], self.dice),
        )


def digest(seed: int, count: int) -> str:
    """One number for all that a router answers to `count` events drawn from `seed`."""
    dice = Seeded(seed)
    world, router, now, sum_ = World(dice), Router(some_centre(dice)), 0, sha256()
    for _ in range(count):
        now = world.instant(now, router.next_deadline())
        outputs = router.handle(world.draw(now), now)
        world.seen(outputs)
        sum_.update(repr((now, outputs, router.next_deadline())).encode())
    return sum_.hexdigest()


if __name__ == "__main__":
    print(digest(int(sys.argv[1]), int(sys.argv[2])))  # noqa: T201
