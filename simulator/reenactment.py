"""A recorded day lived again: the same callers and agents around a router that may have other rules.

It is a world as `simulator.world.World` is one, in the record's own instants. Its PBX tells everything at once: how
long that took is in the recorded times already. What the record doesn't tell is left to a seeded chance
(:class:`simulator.donors.Donors`).
"""

from dataclasses import dataclass, field, replace
from functools import partial

from acd.commands import Command
from acd.events import Event, RulesChanged
from acd.ids import CallId, Instant
from acd.notices import AgentChanged, Notice
from acd.rules import Destination, Rules
from simulator.agenda import Agenda, Appointment
from simulator.donors import Donors
from simulator.legs import MonitorLeg, NumberLeg, PhoneLeg
from simulator.pbx import Pbx
from simulator.recorded import Deed, Record, RecordedCall, Ring, RingEnd
from simulator.workers import Worker
from simulator.world import COMMANDS


@dataclass(slots=True, eq=False)
class Caller:
    """A recorded caller, during the call."""

    recorded: RecordedCall
    patience_ms: int | None
    waits_since: Instant
    waited_ms: int = 0
    """Before the present wait, talks left out."""
    talks: int = 0
    sendings: int = 0
    plan: Appointment | None = field(default=None)


class Reenactment:
    """`changes_rules` tells whether changes of rules in the record are made again, too."""

    def __init__(self, record: Record, rules: Rules, donors: Donors, changes_rules: bool) -> None:
        self._agenda = Agenda()
        self._told: list[Event] = []
        self._donors = donors
        self.pbx = Pbx(self._agenda, self._tell, self, latency_ms=0)
        self._callers: dict[CallId, Caller] = {}
        agents = {deed.agent: None for deed in record.deeds() if deed.agent is not None}
        self._workers = {agent: Worker(agent, rules.not_ready_reasons, self._agenda, self._tell) for agent in agents}
        self._now = record.begin
        self._plan(record, changes_rules)

    def _plan(self, record: Record, changes_rules: bool) -> None:
        for each in record.happenings:
            if isinstance(each, RecordedCall):
                self._agenda.at(each.at, self._arrive, each)
            elif changes_rules or not isinstance(each.event, RulesChanged):
                self._agenda.at(each.at, self._happen, each)

    def _happen(self, deed: Deed, at: Instant) -> None:
        if deed.event is not None:
            self._tell(deed.event)
        if deed.agent is not None and deed.wish is not None:
            self._workers[deed.agent].wishes(deed.wish, deed.reason, at)

    # --- as the run sees it ---------------------------------------------------------------------------------------

    def handle(self, output: Command | Notice, now: Instant) -> None:
        """Take one of the router's outputs; what follows from it comes by `advance`, at once or later."""
        self._now = now
        if type(output) in COMMANDS:
            self.pbx.handle(output, now)  # type: ignore[arg-type]
        elif type(output) is AgentChanged and (worker := self._workers.get(output.agent)) is not None:
            worker.sees(output, now)

    def next_due(self) -> Instant | None:
        return self._now if self._told else self._agenda.next_due()

    def advance(self, now: Instant) -> list[Event]:
        self._agenda.advance(now)
        told = self._told[:]
        self._told.clear()
        return told

    def _tell(self, event: Event) -> None:
        self._told.append(event)

    # --- callers --------------------------------------------------------------------------------------------------

    def _arrive(self, recorded: RecordedCall, at: Instant) -> None:
        """The id of a call that the record tells of twice, long apart, may still live here: it is called otherwise."""
        arrival = recorded.arrival
        while arrival.call in self._callers:
            arrival = replace(arrival, call=CallId(f"{arrival.call}'"))
        self._callers[arrival.call] = Caller(recorded, self._donors.patience_ms(recorded), at)
        self.pbx.call_in(arrival, at)

    def music(self, call: CallId, at: Instant) -> None:
        """Wait as long as patience lasts."""
        caller = self._callers[call]
        caller.waits_since = at
        if caller.patience_ms is None:
            self._intend(caller, None)
        else:
            until = at + caller.patience_ms - caller.waited_ms
            self._intend(caller, self._agenda.at(until, self.pbx.hang_up, call))

    def callback_offered(self, call: CallId, at: Instant) -> None:
        """Only who accepted one in the record does so again."""
        recorded = self._callers[call].recorded
        if recorded.callback_after_ms is not None:
            self._agenda.at(at + recorded.callback_after_ms, self._accept_callback, call)

    def _accept_callback(self, call: CallId, at: Instant) -> None:
        caller = self._callers.get(call)
        if caller is not None and self.pbx.accept_callback(call, caller.recorded.callback_number, at):
            self._intend(caller, None)

    def takes(self, call: CallId, to: Destination) -> bool:  # noqa: ARG002 - it may have been another
        """As the sending of the same number went in the record; any further one works."""
        caller = self._callers[call]
        caller.sendings += 1
        known = caller.recorded.sendings[caller.sendings - 1 : caller.sendings]
        return known != [False]

    def gone(self, call: CallId, at: Instant) -> None:  # noqa: ARG002 - a hearer is told when
        self._intend(self._callers.pop(call), None)

    # --- phones ---------------------------------------------------------------------------------------------------

    def rings(self, leg: PhoneLeg, at: Instant) -> None:
        """As the ring of the same number for the same call went in the record; else it is answered after a while."""
        recorded = self._callers[leg.caller.call].recorded
        ring = recorded.rings.get(leg.offer.number, Ring(at))
        self._workers[leg.agent].stays_away(self._or_usual(ring.away_ms))
        if ring.end is RingEnd.ANSWERED:
            self._agenda.at(at + ring.after_ms, self.pbx.pick_up, leg)
        elif ring.end is RingEnd.OPEN:
            after_ms = self._donors.answer_ms(recorded, leg.offer.number)
            self._agenda.at(at + after_ms, self.pbx.pick_up, leg)
        elif ring.end is RingEnd.FAILED:
            self._agenda.at(at + ring.after_ms, partial(self.pbx.decline, why=ring.why), leg)

    def dialled(self, party: NumberLeg, at: Instant) -> None:
        """The ringing, and whether anybody answered, is in the talk as recorded."""
        self.pbx.numbers.answers(party, at)

    def talks(self, leg: PhoneLeg, at: Instant) -> None:
        call, worker = leg.caller.call, self._workers[leg.agent]
        caller = self._callers[call]
        talk = self._donors.talk(caller.recorded, caller.talks)
        caller.talks += 1
        caller.waited_ms += at - caller.waits_since
        worker.talks(talk)
        worker.stays_away(self._or_usual(talk.away_ms))
        does = partial(self.pbx.put_down, leg, lost=True) if talk.lost else partial(self.pbx.hang_up, call)
        self._intend(caller, self._agenda.at(at + (talk.ms or 0), does))

    def held(self, call: CallId, at: Instant) -> None:
        """Nobody asks for it here: how long a caller was on hold is in the talk as recorded."""

    def resumed(self, call: CallId, at: Instant) -> None:
        """Likewise."""

    def intercepted(self, call: CallId, at: Instant) -> None:
        """Likewise."""

    def monitor_rings(self, leg: MonitorLeg, at: Instant) -> None:
        """Likewise."""

    def _intend(self, caller: Caller, plan: Appointment | None) -> None:
        if caller.plan is not None:
            self._agenda.cancel(caller.plan)
        caller.plan = plan

    def _or_usual(self, away_ms: int | None) -> int:
        return self._donors.away_ms if away_ms is None else away_ms
