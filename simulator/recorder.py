"""Takes a journal apart into what is its callers' and its agents' own, while the real router routes it anew.

Consults and the agents' own calls are nobody's arrival: of them it is noted how long they kept agents from the callers.
A caller given away by an agent waits anew as another call: what came before is over.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from acd import events as ev
from acd.calls import IN_LINE, CallKind, Outcome
from acd.commands import OfferCall, OfferCallback
from acd.ids import AgentId, CallId, Instant
from acd.notices import (
    AgentChanged,
    CallConnected,
    CallFinished,
    CallIntercepted,
    CallQueued,
    CallTransferred,
    OfferEnd,
    OfferEnded,
    Refused,
)
from acd.router import Output, Router
from acd.rules import difference
from simulator.attendance import Attendance, Before
from simulator.recorded import Deed, Record, RecordedCall, Ring, RingEnd, Talk

OUTSIDE = (ev.PbxFound, ev.PbxLost, ev.RulesChanged, ev.ForcedTier, ev.ForcedMove)
"""What is told again at its instant, and is no agent's."""


class Recorder:
    """Lets a router handle a journal's events, and notes what becomes of calls; of agents its `Attendance` does."""

    def __init__(self, router: Router, begin: Instant) -> None:
        self._router = router
        self.record = Record(begin, begin, router.rules)
        self._attendance = Attendance(self.record)
        self._live: dict[CallId, RecordedCall] = {}
        self._event: ev.Event = ev.DeadlineReached()
        self._now = begin
        if router.pbx_lost is None:
            self.record.happenings.append(Deed(begin, ev.PbxFound()))
        self._look()

    def go_on_with(self, router: Router, now: Instant) -> None:
        """A daemon began anew, or events are missing: the state is what `router` has now, however it came to that."""
        change = difference(self._router.rules, router.rules)
        if router.pbx_lost is not None and self._router.pbx_lost is None:  # as the last life ended
            self.record.happenings.append(Deed(self._now, ev.PbxLost(router.pbx_lost)))
        self._router, self._now = router, now
        if change:
            self.record.happenings.append(Deed(now, ev.RulesChanged(change)))
        for call in [each for each in self._live.values() if each.arrival.call not in router.calls]:
            self._lose_sight(call)
        self._look()

    def _look(self) -> None:
        """Take those who are here already. Of a talk that goes on only the agent is missed."""
        self._attendance.look(self._router, self._now)
        for call in self._router.calls.values():
            if call.id not in self._live and call.state in IN_LINE and call.kind is CallKind.INCOMING:
                self._arrived(replace(call.arrival, group=call.group.id, waiting_since=call.waiting_since))

    def _lose_sight(self, call: RecordedCall) -> None:
        """Nobody knows how it ended. One who waited is told again soon, or has gone."""
        if not call.talks or call.talks[-1].lost:
            call.waited_ms, call.gave_up = self._waited(call), True

    def take(self, event: ev.Event, now: Instant) -> Output:
        """Let the router handle the event, and note what it meant."""
        due = self._router.next_deadline()
        outputs: Output = ()
        if due is not None and due <= now:  # else the event would seem to meet an agent as it no longer was
            outputs = self._handle(ev.DeadlineReached(), now)
        before = self._before(event)
        answers = self._handle(event, now)
        if not any(type(output) is Refused for output in answers):
            self._note_event(event, before)
        return outputs + answers

    def finished(self) -> Record:
        """The record; of what still rings and talks it is known how long it has done so."""
        self.record.end = self._now
        for call in self._live.values():
            self._leave_open(call)
            if not call.gave_up and (not call.talks or call.talks[-1].lost):
                call.waited_ms = self._waited(call)
        return self.record

    def _waited(self, call: RecordedCall) -> int:
        return self._now - call.at - sum(talk.ms or 0 for talk in call.talks)

    def _leave_open(self, call: RecordedCall) -> None:
        """Whatever still rings or talks has done so until now, at least."""
        for ring in call.rings.values():
            if ring.end is RingEnd.OPEN and not ring.after_ms:
                ring.after_ms = self._now - ring.began
        for talk in call.talks:
            if talk.ms is None and not talk.at_least_ms:
                talk.at_least_ms = self._now - talk.began

    def _before(self, event: ev.Event) -> Before | None:
        """What the agent is of whom the event tells."""
        agent = self._router.agents.get(getattr(event, "agent", None) or AgentId(""))
        return None if agent is None else Before(agent.state, agent.reason)

    def _handle(self, event: ev.Event, now: Instant) -> Output:
        self._event, self._now = event, now
        if isinstance(event, ev.CallArrived) and event.call not in self._router.calls:
            self._arrived(event)
        outputs = self._router.handle(event, now)
        for output in outputs:
            note = NOTES.get(type(output))
            if note is not None:
                note(self, output)
        return outputs

    def _note_event(self, event: ev.Event, before: Before | None) -> None:
        if isinstance(event, OUTSIDE):
            self.record.happenings.append(Deed(self._now, event))
        elif isinstance(event, ev.PhoneChanged):
            self._attendance.phone_changed(event, self._now)
        elif isinstance(event, ev.SendingFailed) and event.call in self._live:
            self._live[event.call].sendings.append(False)
        elif isinstance(event, ev.CallbackAccepted):
            call = self._live.get(event.call)
            if call is not None and call.callback_asked is not None and not call.callback_number:
                call.callback_number, call.callback_after_ms = event.number, self._now - call.callback_asked
        elif before is not None and isinstance(event, ev.AgentRequest | ev.Forced):
            self._attendance.word(event, before, self._now)

    # --- what became of it ----------------------------------------------------------------------------------------

    def _arrived(self, arrival: ev.CallArrived) -> None:
        """A new call; or, to a daemon begun anew, one that waits on and is known to us."""
        known = self._live.get(arrival.call)
        if known is not None and arrival.waiting_since is not None:
            known.gave_up = False
            return
        call = self._live[arrival.call] = RecordedCall(self._now, arrival)
        self.record.happenings.append(call)

    def _queued(self, notice: CallQueued) -> None:
        call = self._live.get(notice.call)
        if call is None:
            return
        call.group = notice.group
        if call.talks and not call.talks[-1].lost:
            self._end_talk(call)
            self._come_anew(call, notice)

    def _come_anew(self, call: RecordedCall, notice: CallQueued) -> None:
        arrival = replace(call.arrival, group=notice.group, tier=notice.tier, waiting_since=notice.waiting_since)
        anew = self._live[notice.call] = RecordedCall(self._now, arrival, notice.group)
        anew.offers_before = self._router.calls[notice.call].offers_made
        self.record.happenings.append(anew)

    def _given_away(self, notice: CallTransferred | CallIntercepted) -> None:
        call = self._live.get(notice.call)
        if call is not None:
            self._end_talk(call)

    def _end_talk(self, call: RecordedCall) -> None:
        """With this agent; who talks with the caller now is occupied by a consult, or nobody of ours."""
        if call.talks and call.talks[-1].ms is None:
            call.talks[-1].ms = self._now - call.talks[-1].began

    def _offered(self, command: OfferCall) -> None:
        call = self._live.get(command.call)
        if call is not None:
            call.rings[command.offer.number - call.offers_before] = Ring(self._now)

    def _callback_offered(self, command: OfferCallback) -> None:
        if command.call in self._live:
            self._live[command.call].callback_asked = self._now

    def _offer_ended(self, notice: OfferEnded) -> None:
        call = self._live.get(notice.offer.call)
        ring = call.rings.get(notice.offer.number - call.offers_before) if call is not None else None
        if ring is None:
            return
        ring.after_ms = self._now - ring.began
        if notice.how is OfferEnd.WITHDRAWN:
            return
        self._attendance.rang_in_vain(notice.agent, ring)
        if isinstance(self._event, ev.OfferFailed):
            ring.end, ring.why = RingEnd.FAILED, self._event.why
        else:
            ring.end = RingEnd.MISSED if notice.how is OfferEnd.UNANSWERED else RingEnd.FAILED

    def _connected(self, notice: CallConnected) -> None:
        call = self._live.get(notice.call)
        if call is None or not isinstance(self._event, ev.OfferAccepted):
            return
        number = self._event.offer.number - call.offers_before
        ring = call.rings.setdefault(number, Ring(self._now))  # one that the record began in
        ring.end, ring.after_ms = RingEnd.ANSWERED, self._now - ring.began
        call.group, call.waited_ms = notice.group, self._waited(call)
        call.talks.append(Talk(self._now))
        self._attendance.talks(notice.agent, call.talks[-1])

    def _finished(self, notice: CallFinished) -> None:
        call = self._live.pop(notice.call, None)
        if call is None:
            return
        call.group = notice.group
        self._leave_open(call)
        if notice.outcome is Outcome.SENT_ELSEWHERE:
            call.sendings.append(True)
        if notice.talked_ms and not call.talks:  # its answer is among the events that are missing
            call.talks.append(Talk(Instant(self._now - notice.talked_ms)))
        if call.talks and call.talks[-1].ms is None:
            call.talks[-1].ms = notice.talked_ms
        elif not call.talks or call.talks[-1].lost:
            call.waited_ms, call.gave_up = self._waited(call), notice.outcome is Outcome.ABANDONED

    def _agent_changed(self, notice: AgentChanged) -> None:
        call = self._router.calls.get(notice.call) if notice.call is not None else None
        if call is not None and call.kind is not CallKind.INCOMING:
            self._attendance.occupied(notice.agent, self._now)
        self._attendance.changed(notice, self._event, self._now)


NOTES: dict[type, Callable[[Recorder, Any], None]] = {
    CallQueued: Recorder._queued,
    OfferCall: Recorder._offered,
    OfferCallback: Recorder._callback_offered,
    OfferEnded: Recorder._offer_ended,
    CallConnected: Recorder._connected,
    CallTransferred: Recorder._given_away,
    CallIntercepted: Recorder._given_away,
    CallFinished: Recorder._finished,
    AgentChanged: Recorder._agent_changed,
}
