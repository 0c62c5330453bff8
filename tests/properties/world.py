"""A hostile world in which everything happens: centres, events and instants, drawn from a seed or by Hypothesis.

`python -m tests.properties.world SEED COUNT` routes COUNT events and prints a digest of all that was answered.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Any

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.ids import Instant, OfferId
from acd.router import Output, Router
from acd.rules import Destination, DestinationKind, Rules, difference
from tests.properties.centres import (
    AGENTS,
    DESTINATIONS,
    ENTRIES,
    GROUPS,
    NEEDS,
    NUMBERS,
    SUPERVISORS,
    Dice,
    Seeded,
    one_change,
    one_of,
    some_centre,
)


class World:
    """Draws events that fit, late ones, wrong ones and absurd ones; `seen` makes it remember what was offered."""

    def __init__(self, dice: Dice, rules: Rules) -> None:
        self.dice = dice
        self.rules = rules
        self.arrived = 0
        self.calls: list[str] = []
        self.gone: list[str] = []
        self.offers: list[OfferId] = []
        self.over: list[OfferId] = []
        self.sent: list[str] = []
        self.dialled: list[str] = []
        """Calls for which a number is dialled, or was."""
        self.monitors: list[str] = []
        self.recorded: list[str] = []
        self.found = 0
        self.phones: dict[str, ev.PhoneState] = {}
        self.away: dict[str, str] = dict.fromkeys(AGENTS, "logged-out")
        self.ready: list[str] = []
        self.talking: dict[str, str] = {}
        """Who talks, and in which stage; "answered": consulting, and the party is there."""
        self.plots: list[Callable[[int], ev.Event]] = [
            *[self.call] * 4,
            self.call_again,
            *[self.leave] * 3,
            *[self.answer] * 6,
            *[self.pick_up] * 8,
            *[self.failure] * 2,
            *[self.phone] * 2,
            *[self.condition] * 2,
            *[self.work] * 12,
            *[self.word] * 3,
            *[self.forced] * 3,
            *[self.sending] * 3,
            *[self.talk] * 24,
            *[self.number] * 4,
            *[self.watch] * 4,
            *[self.monitor] * 3,
            *[self.recording] * 3,
            self.find,
            self.callback,
            self.moved,
            self.link,
        ]

    def draw(self, now: int) -> ev.Event:
        """Now and then other rules."""
        if self.dice.upto(59) == 0:
            return self.reload(now)
        return one_of(self.plots, self.dice)(now)

    def seen(self, outputs: tuple[object, ...]) -> None:
        """Remember what is going on, and a little of what is over."""
        for each in outputs:
            if isinstance(each, cmd.Command):
                self._asked_for(each)
            else:
                self._see(each)

    def _asked_for(self, command: cmd.Command) -> None:
        match command:
            case cmd.OfferCall() | cmd.ConnectCall():
                self.offers.append(command.offer)
            case cmd.SendElsewhere():
                self._here(command.call)
                self.sent = [*self.sent, command.call][-6:]
            case cmd.BeginConsult():
                self.dialled = [*self.dialled, command.consult][-4:] if command.number else self.dialled
            case cmd.Record():
                self.recorded = [*self.recorded, command.call][-3:]
            case cmd.StartMonitor():
                self.monitors = [*self.monitors, command.monitor][-3:]

    def _see(self, notice: object) -> None:
        match notice:
            case say.CallQueued():
                self._here(notice.call)
            case say.CallDialled():
                self._here(notice.call)
                self.dialled = [*self.dialled, notice.call][-4:]
            case say.TalkChanged():
                self._see_talk(notice)
            case say.CallFinished():
                self.calls = [call for call in self.calls if call != notice.call]
                self.gone = [*self.gone[-3:], notice.call]
                self._ended([offer for offer in self.offers if offer.call == notice.call])
            case say.AgentChanged():
                self._see_agent(notice)
            case say.OfferEnded():
                self._ended([notice.offer])

    def _see_talk(self, notice: say.TalkChanged) -> None:
        answered = notice.stage == "consulting" and notice.answered
        self.talking[notice.agent] = "answered" if answered else notice.stage
        if notice.consult is not None:
            self._here(notice.consult)

    def _see_agent(self, notice: say.AgentChanged) -> None:
        agent, state = notice.agent, notice.state
        self.away.pop(agent, None)
        if state in ("logged-out", "not-ready", "wrap-up"):
            self.away[agent] = state
        self.ready = [each for each in self.ready if each != agent] + ([agent] if state == "ready" else [])
        if state == "talking":
            self.talking.setdefault(agent, "connected")
        else:
            self.talking.pop(agent, None)

    def _here(self, call: str) -> None:
        if call not in self.calls:
            self.calls.append(call)

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

    def pick_up(self, now: int) -> ev.OfferAccepted:
        """What has just begun to ring is answered."""
        return ev.OfferAccepted(self.offers[-1]) if self.offers else self.answer(now)

    def failure(self, _now: int) -> ev.OfferFailed:
        return ev.OfferFailed(self._offer(), one_of([*ev.OfferFailure], self.dice))

    def phone(self, _now: int) -> ev.PhoneLeft:
        return ev.PhoneLeft(self._offer(), lost=bool(self.dice.upto(1)))

    def condition(self, _now: int) -> ev.PhoneChanged:
        """Mostly of one that wasn't free."""
        mended = [agent for agent, state in self.phones.items() if state != "free"]
        if mended and self.dice.upto(2):
            changed = ev.PhoneChanged(one_of(mended, self.dice), ev.PhoneState.FREE)
        else:
            changed = ev.PhoneChanged(self._agent(), one_of([*ev.PhoneState], self.dice))
        self.phones[changed.agent] = changed.state
        return changed

    def work(self, _now: int) -> ev.Event:
        """What a good agent does next who is away."""
        away = [agent for agent in self.away if agent in self.rules.agents]
        if not away:
            return ev.DeadlineReached()
        agent = one_of(away, self.dice)
        return ev.LoggedIn(agent) if self.away[agent] == "logged-out" else ev.ReadyAsked(agent)

    def word(self, _now: int) -> ev.Event:
        agent = self._agent()
        lunch = ev.NotReadyAsked(agent, one_of(["break", "break", "siesta"], self.dice))
        words = [ev.LoggedIn(agent), ev.LogOutAsked(agent), lunch, ev.ReleaseAsked(agent), ev.ClientLost(agent)]
        return one_of([*words, ev.LoggedIn(agent), ev.ReadyAsked(agent)], self.dice)

    def forced(self, _now: int) -> ev.Event:
        agent, release = self._agent(), bool(self.dice.upto(1))
        by = one_of(["eve", "eve", *SUPERVISORS], self.dice)
        words = [ev.ForcedReady(agent, by), ev.ForcedNotReady(agent, by), ev.ForcedRelease(agent, by)]
        return one_of([*words, ev.ForcedReady(agent, by), ev.ForcedLogOut(agent, by, release)], self.dice)

    def link(self, _now: int) -> ev.Event:
        return one_of([*[ev.PbxFound()] * 4, ev.PbxLost("no route")], self.dice)

    def sending(self, _now: int) -> ev.Event:
        """What became of a call sent elsewhere."""
        call = one_of([*self.sent[-2:] * 5, self._call()], self.dice)
        return one_of([ev.SentElsewhere(call), ev.SendingFailed(call, "busy")], self.dice)

    def talk(self, _now: int) -> ev.Event:
        """What somebody asks about a talk: mostly what is possible in its stage, by who has it."""
        with_party = [agent for agent, stage in self.talking.items() if stage in ("answered", "conference")]
        agent = one_of([*[*self.talking] * 3, *with_party * 12, self._agent(), self._agent()], self.dice)
        stage = self.talking.get(agent, "")
        words: dict[str, list[Callable[[str], ev.Event]]] = {
            "": [ev.AnswerAsked, self._dial, self._dial],
            "connected": [ev.HoldAsked, self._consult, self._consult, self._consult, self._transfer],
            "held": [ev.RetrieveAsked, self._consult, self._consult, self._consult, self._transfer],
            "consulting": [ev.ReconnectAsked, self._digits],
            "answered": [ev.ConferenceAsked, ev.ConferenceAsked, ev.TransferAsked, ev.ReconnectAsked, ev.ReleaseAsked],
            "conference": [ev.ReconnectAsked, ev.TransferAsked, ev.TransferAsked, ev.ReleaseAsked],
        }
        every = [*[word for each in words.values() for word in each], ev.ReleaseAsked]
        others = [self._digits, self._recording, self._recording, one_of(every, self.dice)]
        return one_of([*words[stage] * 3, *others], self.dice)(agent)

    def _consult(self, agent: str) -> ev.Event:
        return ev.ConsultAsked(agent, self._target())

    def _transfer(self, agent: str) -> ev.Event:
        return ev.TransferAsked(agent, self._target())

    def _target(self) -> Destination:
        """Mostly an agent who is ready, or a number."""
        agents = [*self.ready, *self.ready, *self.ready, *self.ready, *self.rules.agents, "nobody"]
        agents = [Destination(DestinationKind.AGENT, agent) for agent in agents]
        numbers = [Destination(DestinationKind.NUMBER, "0301")] * 6
        groups = [Destination(DestinationKind.GROUP, group) for group in self.rules.groups] * 3
        return one_of([*agents, *numbers, *groups, *DESTINATIONS], self.dice)

    def _dial(self, agent: str) -> ev.Event:
        group = one_of([None, None, *GROUPS, "nogroup"], self.dice)
        return ev.DialAsked(agent, one_of(["0171", *NUMBERS], self.dice), group)

    def _digits(self, agent: str) -> ev.Event:
        return ev.DigitsAsked(agent, "1#")

    def _recording(self, agent: str) -> ev.Event:
        return ev.RecordingAsked(agent, one_of([*ev.RecordingWord], self.dice))

    def number(self, _now: int) -> ev.Event:
        """What became of a number that was dialled; now and then of a call that has none."""
        call = one_of([*self.dialled[-2:] * 5, *self.dialled, self._call()], self.dice)
        failed = ev.NumberFailed(call, one_of([*ev.OfferFailure], self.dice))
        return one_of([ev.NumberAnswered(call), ev.NumberAnswered(call), failed], self.dice)

    def watch(self, _now: int) -> ev.Event:
        """What a supervisor wants of a talk."""
        agent = one_of([*[*self.talking] * 6, self._agent()], self.dice)
        by = one_of([*SUPERVISORS * 3, "eve"], self.dice)
        modes = [ev.MonitorMode.INTERCEPT, *ev.MonitorMode]
        return one_of([ev.MonitorAsked(agent, one_of(modes, self.dice), by)] * 5 + [ev.MonitorEndAsked(by)], self.dice)  # type: ignore[list-item]

    def monitor(self, _now: int) -> ev.Event:
        """What the PBX tells of a supervisor's phone."""
        monitor = one_of([*self.monitors[-1:] * 4, *self.monitors, "mon-never"], self.dice)
        ended = ev.MonitorEnded(monitor, one_of([None, *ev.OfferFailure], self.dice))
        return one_of([ev.MonitorStarted(monitor), ev.Intercepted(monitor), ev.Intercepted(monitor), ended], self.dice)

    def recording(self, _now: int) -> ev.Event:
        call = one_of([*self.recorded[-2:] * 3, self._call()], self.dice)
        return one_of([ev.RecordingStarted(call, f"/{call}.wav"), ev.RecordingFailed(call, "disk full")], self.dice)

    def find(self, now: int) -> ev.TalkFound:
        """A talk nobody knows of; or one that is known."""
        self.found += 1
        call = one_of([f"found-{self.found}", f"found-{self.found}", self._call()], self.dice)
        number = one_of([1, 2], self.dice)
        since = now - one_of([700, 0, 90_000, -1_000], self.dice)
        return ev.TalkFound(self._arrival(call, now), OfferId(call, number), self._agent(), since)

    def callback(self, _now: int) -> ev.CallbackAccepted:
        return ev.CallbackAccepted(self._call(), one_of(["0171", "0171", "0172"], self.dice))

    def moved(self, _now: int) -> ev.Event:
        call, tier = self._call(), one_of([0, 1, 5], self.dice)
        by = one_of(["eve", "eve", *SUPERVISORS], self.dice)
        move = ev.ForcedMove(call, one_of([*GROUPS, "nogroup"], self.dice), by)
        return one_of([ev.ForcedTier(call, tier, by), move, move], self.dice)

    def reload(self, _now: int) -> ev.RulesChanged:
        """Mostly one thing differs; sometimes everything, or nothing."""
        dice: Dice = Seeded(self.dice.upto(255))
        new = one_of([one_change(self.rules, dice)] * 5 + [some_centre(dice), self.rules], self.dice)
        change, self.rules = difference(self.rules, new), new
        return ev.RulesChanged(change, by=one_of(["", "eve"], self.dice))

    def time(self, _now: int) -> ev.DeadlineReached:
        return ev.DeadlineReached()

    # --- parts ----------------------------------------------------------------------------------------------------

    def _agent(self) -> str:
        """Mostly one who is there; sometimes one who isn't any more, or never was."""
        there = [*self.rules.agents]
        return one_of([*there, *there, *there, *AGENTS, "nobody"], self.dice)

    def _call(self) -> str:
        """Mostly one that is here, the oldest by preference; sometimes one that is gone or never was."""
        here = [*self.calls, *self.calls[:2] * 3]
        return one_of([*here, *here, *self.gone[-1:], "never"], self.dice)

    def _offer(self) -> OfferId:
        """Mostly a live one; sometimes one that is over, wrongly numbered, or never made."""
        offer = one_of([*self.offers * 6, *self.over, OfferId(self._call(), 1)], self.dice)
        return OfferId(offer.call, offer.number + one_of([0] * 14 + [-1, 1], self.dice))

    def _arrival(self, call: str, now: int) -> ev.CallArrived:
        plain = ev.CallArrived(
            call,
            entry=one_of([*self.rules.entries, *ENTRIES, "999"], self.dice),
            caller_number=one_of(["", *NUMBERS, "140"], self.dice),
            group=one_of([None, *self.rules.groups, None, *self.rules.groups, *GROUPS, "nogroup"], self.dice),
        )
        if not self.dice.upto(2):
            return plain
        others: dict[str, Any] = {
            "needs": one_of(NEEDS, self.dice),
            "tier": one_of([0, 0, 0, 1, 3], self.dice),
            "credit_ms": one_of([0, 0, 300, 1_000], self.dice),
            "waiting_since": one_of([None, None, None, None, now - 700, now - 90_000, now + 5_000], self.dice),
            "agent": one_of([None, None, *AGENTS, "nobody"], self.dice),
            "agent_wait_ms": one_of([1_000, 5_000, 0, 700], self.dice),
        }
        return replace(plain, **others)


def day(seed: int, count: int) -> Iterator[tuple[int, Router, Output]]:
    """`count` events drawn from `seed`, and what a router answers to each: when, who, what."""
    dice = Seeded(seed)
    rules = some_centre(dice)
    world, router, now = World(dice, rules), Router(rules), 0
    for _ in range(count):
        now = world.instant(now, router.next_deadline())
        outputs = router.handle(world.draw(now), Instant(now))
        world.seen(outputs)
        yield now, router, outputs


def digest(seed: int, count: int) -> str:
    """One number for all that is answered on a day."""
    sum_ = sha256()
    for now, router, outputs in day(seed, count):
        sum_.update(repr((now, outputs, router.next_deadline())).encode())
    return sum_.hexdigest()


def heard(seed: int, count: int) -> Counter[str]:
    """How often each kind of thing is said on a day: kinds of messages, causes, outcomes, strategies."""
    counts: Counter[str] = Counter()
    for _, router, outputs in day(seed, count):
        for each in outputs:
            kind = type(each).__name__
            values = ("cause", "outcome", "how", "code", "stage", "kind", "mode", "state")
            names = [name for name in values if hasattr(each, name)]
            counts.update([kind, *[f"{kind} {getattr(each, name)}" for name in names]])
            counts[f"{kind} ended {getattr(each, 'ended', None)}"] += 1
            counts[f"{kind} attended"] += getattr(each, "attended", False)
            counts["a talk found"] += isinstance(each, say.CallConnected) and each.call.startswith("found")
            if isinstance(each, cmd.OfferCall):
                counts["a callback offered"] += bool(each.callback)
                if call := router.calls.get(each.call):
                    counts.update([f"by {call.group.strategy}", "for one agent alone" if call.personal else ""])
    return counts


if __name__ == "__main__":
    print(digest(int(sys.argv[1]), int(sys.argv[2])))  # noqa: T201
