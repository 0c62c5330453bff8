"""Whatever the core says and people do, in any order, the simulated PBX keeps every promise of the contract.

The promises are reckoned here from what was said, done and told alone; the PBX is looked into only to find somebody who
may do something, and at the end to see that nobody is left.
"""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from acd import commands as cmd
from acd import events as ev
from acd.events import MonitorMode, OfferFailure, RecordingWord
from acd.ids import OfferId
from acd.rules import Destination, DestinationKind
from simulator.agenda import Agenda
from simulator.legs import LegState
from simulator.pbx import Pbx

PHONES = 5
OVER = (ev.CallerLeft, ev.SentElsewhere, ev.NumberFailed)
OUTSIDE = Destination(DestinationKind.NUMBER, "10010")


class Contract:
    """What must hold of the events told so far."""

    def __init__(self) -> None:
        self.offered: set[OfferId] = set()
        self.withdrawn: set[OfferId] = set()
        self.ended: Counter[OfferId] = Counter()
        self.talking: set[OfferId] = set()
        self.left: Counter[OfferId] = Counter()
        self.over: Counter[str] = Counter()
        self.dialled: Counter[str] = Counter()
        self.monitors: dict[str, list[type]] = {}
        self.answers: Counter[type] = Counter()

    def said(self, command: object) -> None:
        if isinstance(command, cmd.OfferCall):
            self.offered.add(command.offer)
        elif isinstance(command, cmd.WithdrawOffer):
            self.withdrawn.add(command.offer)
        elif isinstance(command, cmd.ConnectCall):
            self.talking.add(command.offer)
        elif isinstance(command, cmd.StartMonitor):
            self.monitors[command.monitor] = []

    def told(self, event: object) -> None:
        self.answers[type(event)] += 1
        if isinstance(event, ev.OfferAccepted | ev.OfferFailed):
            self._offer_ended(event)
        elif isinstance(event, ev.PhoneLeft):
            assert event.offer in self.talking, "who never talked can't leave"
            assert event.offer not in self.withdrawn, "whom the core let go isn't told"
            self.left[event.offer] += 1
            assert self.left[event.offer] == 1
        elif isinstance(event, OVER):
            self.over[event.call] += 1
            assert self.over[event.call] == 1, f"{event.call} is over once"
        elif isinstance(event, ev.NumberAnswered):
            assert not self.over[event.call]
            self.dialled[event.call] += 1
            assert self.dialled[event.call] == 1
        elif isinstance(event, ev.MonitorStarted | ev.MonitorEnded | ev.Intercepted):
            self._monitor_told(self.monitors[event.monitor], type(event))

    def _offer_ended(self, event: ev.OfferAccepted | ev.OfferFailed) -> None:
        assert event.offer in self.offered
        assert event.offer not in self.withdrawn, "an offer withdrawn never connects"
        assert not self.over[event.offer.call], "nobody is connected with a call that is over"
        self.ended[event.offer] += 1
        assert self.ended[event.offer] == 1, f"{event.offer} ends once"
        if isinstance(event, ev.OfferAccepted):
            self.talking.add(event.offer)

    @staticmethod
    def _monitor_told(so_far: list[type], kind: type) -> None:
        assert ev.MonitorEnded not in so_far, "nothing comes after the end"
        assert kind not in so_far
        so_far.append(kind)


class Trial:
    """A PBX, and what may be said to it and done in it, by number."""

    def __init__(self) -> None:
        self.agenda, self.contract, self.now, self.made = Agenda(), Contract(), 0, 0
        self.pbx = Pbx(self.agenda, self.contract.told, self, 0)
        self.offers: list[OfferId] = [OfferId("c0", 99)]
        self.calls = ["none"]
        self.legs, self.parties, self.listeners = [], [], []

    # --- what people hear: they do something about it when they are told to ---------------------------------------

    def rings(self, leg, at):
        assert leg.state is LegState.RINGING
        self.legs.append(leg)

    def dialled(self, party, at):
        self.parties.append(party)

    def monitor_rings(self, leg, at):
        self.listeners.append(leg)

    def music(self, call, at):
        assert not self.pbx.callers[call].talks

    def talks(self, leg, at):
        assert leg.state is LegState.TALKING
        assert leg.caller.talk is leg

    def takes(self, call, to):
        return self.now % 3 > 0

    def callback_offered(self, call, at):
        self.pbx.accept_callback(call, "139", at)

    def resumed(self, call, at):
        assert self.pbx.callers[call].talks

    def held(self, call, at):
        assert self.pbx.callers[call].talks

    intercepted = resumed

    def gone(self, call, at):
        assert call not in self.pbx.callers

    # --- what is said and done ------------------------------------------------------------------------------------

    def new(self, name: str) -> str:
        self.made += 1
        self.calls.append(f"{name}{self.made}")
        return self.calls[-1]

    def an_offer(self, n: int) -> OfferId:
        """Mostly one that rings or talks."""
        alive = [leg.offer for leg in self.legs if leg.state is not LegState.GONE]
        return one(alive, n) if alive and n % 5 else one(self.offers, n)

    def do(self, which: int, a: int, b: int) -> None:
        self.now += 100
        self.agenda.advance(self.now)
        step = STEPS[which % len(STEPS)]
        done = step(self, a, b)
        if done is not None:
            before = dict(self.pbx.callers)
            self.contract.said(done)
            self.pbx.handle(done, self.now)
            self.agenda.advance(self.now)
            self.check(done, before)
        self.agenda.advance(self.now)
        self.nobody_is_left_over()

    def nobody_is_left_over(self) -> None:
        """Whoever rings or talks does so for a call that lives; a consult lives with its asker, or has its party."""
        callers = self.pbx.callers
        for leg in self.legs:
            assert leg.state is LegState.GONE or callers.get(leg.caller.call) is leg.caller
        for call, caller in callers.items():
            assert sum(leg.state is LegState.TALKING for leg in caller.legs) + (caller.intercepted is not None) <= 1
            if caller.about is not None:
                assert callers.get(caller.about.call) is caller.about, f"{call} is about a call that is over"
                assert caller.about.consult is caller
                assert caller.reached or caller.about.talk is not None
        for listener in self.listeners:
            talks_on = listener.caller is not None or listener.leg.state is LegState.TALKING
            assert talks_on or listener.state is LegState.GONE

    def check(self, command, before) -> None:
        """The commands that must have had an end by now, as nobody else is asked."""
        over, call = self.contract.over, getattr(command, "call", None)
        if isinstance(command, cmd.ReleaseCall) and call in before:
            assert over[call] == 1
        if isinstance(command, cmd.SendElsewhere | cmd.LeaveWith) and call in before:
            assert over[call] == 1 or self.contract.answers[ev.SendingFailed]
        if isinstance(command, cmd.EndMonitor) and command.monitor in self.contract.monitors:
            assert ev.MonitorEnded in self.contract.monitors[command.monitor]

    def arrive(self, a, b):
        self.pbx.call_in(ev.CallArrived(self.new("c"), "8000"), self.now)

    def offer(self, a, b):
        call = one(self.calls, a)
        if call == "none" or self.contract.over[call] or (call not in self.pbx.callers):
            return None
        return self._offer(call, b, "139" if self.pbx.callers[call].away else "")

    def _offer(self, call, b, number):
        offer = OfferId(call, len(self.offers))
        self.offers.append(offer)
        return cmd.OfferCall(offer, "ann", f"P/{b % PHONES}", "desk", "8000", "", "", 0, 1_000, number)

    def dial(self, a, b):
        return self._offer(self.new("o"), b, "10010")

    def consult(self, a, b):
        offer = self.an_offer(a)
        return cmd.BeginConsult(offer.call, offer, self.new("k"), "10086" if b % 2 else "", "", 2_000)

    def connect(self, a, b):
        was = self.an_offer(a)
        consult = self.pbx.callers.get(was.call)
        if consult is None or consult.about is None:
            return None
        self.offers.append(OfferId(consult.about.call, len(self.offers)))
        return cmd.ConnectCall(consult.about.call, self.offers[-1], was.call, was)

    def with_consult(self, kind, a):
        about = [(each.about, each) for each in self.pbx.callers.values() if each.about is not None]
        if not about:
            return None
        call, consult = one(about, a)
        if kind is cmd.LeaveWith:
            return cmd.LeaveWith(call.call, consult.call)
        return cmd.Confer(call.call, call.talk.offer, consult.call) if call.talk is not None else None

    def monitor(self, a, b):
        self.made += 1
        mode = one(list(MonitorMode), b)
        return cmd.StartMonitor(f"m{self.made}", self.an_offer(a), f"P/{b % PHONES}", mode, 1_000)

    def end_everything(self) -> None:
        for call in list(self.pbx.callers):
            self.pbx.handle(cmd.ReleaseCall(call), self.now)
        self.agenda.advance(self.now + 100_000)
        assert self.pbx.callers == {}
        assert {self.pbx.phone(f"P/{n}").leg for n in range(PHONES)} == {None}
        assert {party.state for party in self.parties} <= {LegState.GONE}
        for monitor, told in self.contract.monitors.items():
            assert told[-1:] == [ev.MonitorEnded], f"{monitor} has no end"
        self.every_offer_had_an_end()

    def every_offer_had_an_end(self) -> None:
        """By its own event, or by one that ended its call, or the talk that its consult was about."""
        ended = self.contract
        silent = {offer for offer in ended.offered if not ended.ended[offer] and offer not in ended.withdrawn}
        for leg in self.legs:
            assert leg.state is LegState.GONE
            silent.discard(leg.offer)
        assert silent == set(), "what never rang has failed"


def one(many, n):
    """One of the latest, mostly: they are alive."""
    return many[-1 - n % min(len(many), 6)]


def of_offer(kind):
    return lambda t, a, b: kind(t.an_offer(a).call, t.an_offer(a))


def of_call(kind, *rest):
    return lambda t, a, b: kind(one(t.calls, a), *rest)


def deed(people, does):
    def step(t, a, b):
        crowd = getattr(t, people)
        alive = [each for each in crowd if getattr(each, "state", None) is not LegState.GONE]
        crowd = alive if a % 5 else crowd
        if crowd:
            does(t.pbx, one(crowd, a), t.now, b)

    return step


STEPS = [
    Trial.arrive,
    Trial.offer,
    Trial.offer,
    Trial.offer,
    Trial.dial,
    Trial.consult,
    Trial.consult,
    Trial.connect,
    Trial.monitor,
    lambda t, a, b: t.with_consult(cmd.LeaveWith, a),
    lambda t, a, b: t.with_consult(cmd.Confer, a),
    of_offer(cmd.HoldCall),
    of_offer(cmd.ResumeCall),
    lambda t, a, b: cmd.WithdrawOffer(t.an_offer(a)),
    lambda t, a, b: cmd.AnswerOffer(t.an_offer(a)),
    of_call(cmd.KeepWaiting),
    of_call(cmd.ReleaseCall),
    of_call(cmd.SendElsewhere, OUTSIDE),
    of_call(cmd.PlayPrompt, "sorry"),
    of_call(cmd.TellPosition, 1),
    of_call(cmd.OfferCallback),
    of_call(cmd.SendDigits, "1#"),
    lambda t, a, b: cmd.Record(one(t.calls, a), one(list(RecordingWord), b), "desk", "ann"),
    lambda t, a, b: cmd.ChangeMonitor(f"m{t.made - a % 4}", one(list(MonitorMode), b)),
    lambda t, a, b: cmd.EndMonitor(f"m{t.made - a % 4}"),
    deed("legs", lambda pbx, leg, now, b: pbx.pick_up(leg, now)),
    deed("legs", lambda pbx, leg, now, b: pbx.pick_up(leg, now)),
    deed("legs", lambda pbx, leg, now, b: pbx.decline(leg, now)),
    deed("legs", lambda pbx, leg, now, b: pbx.put_down(leg, now, lost=b % 2 > 0)),
    deed("calls", lambda pbx, call, now, b: pbx.hang_up(call, now)),
    deed("parties", lambda pbx, party, now, b: pbx.numbers.answers(party, now)),
    deed("parties", lambda pbx, party, now, b: pbx.numbers.answers(party, now)),
    deed("parties", lambda pbx, party, now, b: pbx.numbers.fails(party, now, OfferFailure.BUSY)),
    deed("parties", lambda pbx, party, now, b: pbx.numbers.hangs_up(party, now)),
    deed("listeners", lambda pbx, leg, now, b: pbx.monitors.pick_up(leg, now)),
    deed("listeners", lambda pbx, leg, now, b: pbx.monitors.decline(leg, now)),
    deed("listeners", lambda pbx, leg, now, b: pbx.monitors.put_down(leg, now)),
]

NUMBERS = st.integers(0, 999)


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS), min_size=40, max_size=150))
def test_no_order_of_commands_and_deeds_breaks_a_promise(steps):
    trial = Trial()
    trial.arrive(0, 0)
    for step in steps:
        trial.do(*step)
    trial.end_everything()
