"""What the PBX's word means: one method an event. What comes late, twice, or for another offer changes nothing."""

from acd import consults, found, monitors, outgoing, reach, recordings
from acd import events as ev
from acd.agents import FREE, PHONE_REASONS, AgentInput, AgentState, Reason
from acd.calls import Call, CallKind, CallState, Cause, Offer, Outcome
from acd.commands import (
    EndMonitor,
    KeepWaiting,
    LeaveWith,
    RefusalCause,
    RefuseCall,
    ReleaseCall,
    SendElsewhere,
    WithdrawOffer,
)
from acd.ids import OfferId
from acd.notices import CallFinished, ConsultEnd, OfferEnd, PbxChanged
from acd.overflow import first_group
from acd.talks import Talks

FAILURES: dict[ev.OfferFailure, tuple[OfferEnd, Reason]] = {
    ev.OfferFailure.UNANSWERED: (OfferEnd.UNANSWERED, Reason.NO_ANSWER),
    ev.OfferFailure.REJECTED: (OfferEnd.REJECTED, Reason.REJECTED),
    ev.OfferFailure.BUSY: (OfferEnd.FAILED, Reason.BUSY),
    ev.OfferFailure.UNREACHABLE: (OfferEnd.FAILED, Reason.DEVICE_UNAVAILABLE),
}

OFFERED, TALKING, ELSEWHERE = CallState.OFFERED, CallState.TALKING, CallState.ELSEWHERE


class OnPbx:
    """Handles the PBX's events."""

    def __init__(self, flow: Talks) -> None:
        self._do = flow

    # --- the link -------------------------------------------------------------------------------------------------

    def pbx_found(self, event: ev.PbxFound) -> None:
        do = self._do
        if event.pbx in do.pbxs and do.pbxs[event.pbx] is None:
            return
        do.out.append(PbxChanged(None, event.pbx))
        for call in do.calls.values():
            if call.arrival.pbx == event.pbx:
                self._repeat(call)
        monitors.repeat(do)
        reach.found(do, event.pbx)

    def _repeat(self, call: Call) -> None:
        """What was asked before may not have been heard; rings begin anew."""
        do = self._do
        for offer in call.offers:
            do.arm(offer)
        if call.released is not None:
            do.release(call, call.released)
        elif call.state is ELSEWHERE and call.leaving is not None:
            to, _, consult = call.leaving
            do.out.append(SendElsewhere(call.id, to) if consult is None else LeaveWith(call.id, consult))
        elif call.state is TALKING:
            do.repeat_talk(call)

    def pbx_lost(self, event: ev.PbxLost) -> None:
        self._do.out.append(PbxChanged(event.why, event.pbx))
        reach.lost(self._do, event.pbx, event.why)

    # --- callers --------------------------------------------------------------------------------------------------

    def call_arrived(self, event: ev.CallArrived) -> None:
        do = self._do
        if event.call in do.calls:
            return
        group = do.rules.groups.get(first_group(event, do.rules))
        if group is None:
            self._refuse_unknown(event)
        else:
            do.admit(event, group)

    def _refuse_unknown(self, event: ev.CallArrived) -> None:
        if event.group:
            cause, detail = RefusalCause.UNKNOWN_GROUP, f"no group is called {event.group!r}"
        else:
            cause, detail = RefusalCause.UNKNOWN_ENTRY, f"no entry point has the number {event.entry!r}"
        self._do.out.append(RefuseCall(event.call, cause, detail))
        self._do.out.append(CallFinished(event.call, None, None, Outcome.REFUSED, 0, 0))

    def caller_left(self, event: ev.CallerLeft) -> None:
        call = self._do.calls.get(event.call)
        if call is None:
            return
        if call.kind is CallKind.CONSULT:
            consults.over(self._do, call, ConsultEnd.UNREACHABLE if call.number else ConsultEnd.LEFT)
        elif call.state is ELSEWHERE:
            self._do.gone_elsewhere(call)
        else:
            self._do.caller_left(call, Outcome.NOT_REACHED if call.number else Outcome.ABANDONED)

    def sent_elsewhere(self, event: ev.SentElsewhere) -> None:
        call = self._on_the_way(event)
        if call is not None:
            self._do.sent(call)

    def sending_failed(self, event: ev.SendingFailed) -> None:
        call = self._on_the_way(event)
        if call is not None:
            self._do.sending_failed(call)

    def _on_the_way(self, event: ev.SentElsewhere | ev.SendingFailed) -> Call | None:
        call = self._do.calls.get(event.call)
        return call if call is not None and call.state is ELSEWHERE and call.leaving is not None else None

    def callback_accepted(self, event: ev.CallbackAccepted) -> None:
        call = self._do.calls.get(event.call)
        if call is not None:
            self._do.accept_callback(call, event.number)

    # --- offers ---------------------------------------------------------------------------------------------------

    def offer_accepted(self, event: ev.OfferAccepted) -> None:
        offer = self._ringing(event.offer)
        if offer is not None:
            self._do.connect(offer)
        elif self._talking(event.offer) is None:
            self._do.out.append(WithdrawOffer(event.offer))

    def offer_failed(self, event: ev.OfferFailed) -> None:
        offer = self._ringing(event.offer)
        if offer is not None:
            self._do.fail(offer, *FAILURES[event.why])

    def phone_left(self, event: ev.PhoneLeft) -> None:
        call = self._do.calls.get(event.offer.call)
        if call is None:
            self._do.out.append(ReleaseCall(event.offer.call))
        elif call.state is not TALKING:
            is_let_go = call.taken_by or (call.leaving is not None and call.leaving.cause is Cause.TRANSFER)
            if call.state is not ELSEWHERE or not is_let_go:
                self._do.out.append(KeepWaiting(call.id))
        elif self._talking(event.offer) is not None:
            self._do.phone_gone(call, lost=event.lost and call.released is None)

    # --- talks ----------------------------------------------------------------------------------------------------

    def talk_found(self, event: ev.TalkFound) -> None:
        group = self._do.rules.groups.get(first_group(event.arrival, self._do.rules))
        agent = self._do.agents.get(event.agent)
        if event.arrival.call in self._do.calls or group is None or agent is None or agent.call is not None:
            return
        found.talk(self._do, event, group, agent)
        self._do.divided = reach.is_divided(self._do)

    def number_answered(self, event: ev.NumberAnswered) -> None:
        call = self._do.calls.get(event.call)
        if call is None:
            return
        call.dialled_back = False
        if call.number and call.kind is CallKind.CONSULT:
            consults.number_answered(self._do, call)
        elif call.number and call.state is TALKING:
            outgoing.number_answered(self._do, call)

    def number_failed(self, event: ev.NumberFailed) -> None:
        call = self._do.calls.get(event.call)
        if call is None:
            return
        if call.number and call.kind is CallKind.CONSULT:
            consults.number_failed(self._do, call, event.why)
        elif call.number:
            outgoing.number_failed(self._do, call, event.why)
        elif call.dialled_back and call.state is TALKING:
            self._do.caller_left(call)

    # --- supervision ----------------------------------------------------------------------------------------------

    def monitor_started(self, event: ev.MonitorStarted) -> None:
        monitor = monitors.find(self._do, event.monitor)
        if monitor is None:
            self._do.out.append(EndMonitor(event.monitor))
        else:
            monitors.started(self._do, monitor)

    def monitor_ended(self, event: ev.MonitorEnded) -> None:
        monitor = monitors.find(self._do, event.monitor)
        if monitor is not None:
            monitors.ended(self._do, monitor, event.why)

    def intercepted(self, event: ev.Intercepted) -> None:
        monitor = monitors.find(self._do, event.monitor)
        if monitor is not None:
            monitors.intercepted(self._do, monitor)

    def recording_started(self, event: ev.RecordingStarted) -> None:
        call = self._do.calls.get(event.call)
        if call is not None:
            recordings.started(self._do, call, event.path)

    def recording_failed(self, event: ev.RecordingFailed) -> None:
        call = self._do.calls.get(event.call)
        if call is not None:
            recordings.failed(self._do, call, event.why)

    def _ringing(self, offer_id: OfferId) -> Offer | None:
        """The offer, if it rings; what comes for another is late."""
        call = self._do.calls.get(offer_id.call)
        if call is not None:
            for offer in call.offers:
                if offer.id == offer_id:
                    return offer
        return None

    def _talking(self, offer_id: OfferId) -> Offer | None:
        call = self._do.calls.get(offer_id.call)
        talk = call.talk if call is not None else None
        return talk if talk is not None and talk.id == offer_id else None

    # --- phones -------------------------------------------------------------------------------------------------------

    def phone_changed(self, event: ev.PhoneChanged) -> None:
        """Who is ready, or not ready because of the phone, follows it at once; for others it counts later."""
        agent = self._do.agents.get(event.agent)
        if agent is None or agent.phone is event.state:
            return
        agent.phone = event.state
        if agent.state is not AgentState.READY and not agent.awaits_phone:
            return
        if event.state is FREE:
            self._do.move(agent, AgentInput.PHONE_BACK)
        else:
            self._do.move(agent, AgentInput.PHONE_GONE, PHONE_REASONS[event.state])
