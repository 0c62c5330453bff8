"""What the PBX's word means: one method an event. What comes late, twice, or for another offer changes nothing."""

from acd import events as ev
from acd.agents import Reason
from acd.callflow import CallFlow
from acd.calls import Call, CallState, Offer, Outcome
from acd.commands import KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, SendElsewhere, WithdrawOffer
from acd.ids import OfferId
from acd.notices import CallFinished, OfferEnd, PbxChanged
from acd.overflow import first_group

FAILURES: dict[ev.OfferFailure, tuple[OfferEnd, Reason]] = {
    ev.OfferFailure.UNANSWERED: (OfferEnd.UNANSWERED, Reason.NO_ANSWER),
    ev.OfferFailure.REJECTED: (OfferEnd.REJECTED, Reason.REJECTED),
    ev.OfferFailure.BUSY: (OfferEnd.FAILED, Reason.BUSY),
    ev.OfferFailure.UNREACHABLE: (OfferEnd.FAILED, Reason.DEVICE_UNAVAILABLE),
}

OFFERED, TALKING, ELSEWHERE = CallState.OFFERED, CallState.TALKING, CallState.ELSEWHERE


class OnPbx:
    """Handles the PBX's events."""

    def __init__(self, flow: CallFlow) -> None:
        self._do = flow

    # --- the link -------------------------------------------------------------------------------------------------

    def pbx_found(self, _event: ev.PbxFound) -> None:
        do = self._do
        if do.pbx_lost is None:
            return
        do.pbx_lost = None
        do.may_offer = True
        do.out.append(PbxChanged(None))
        for call in do.calls.values():
            self._repeat(call)
        do.match_all()

    def _repeat(self, call: Call) -> None:
        """What was asked before may not have been heard; rings begin anew."""
        do = self._do
        for offer in call.offers:
            do.arm(offer)
        if call.released is not None:
            do.release(call, call.released)
        elif call.state is ELSEWHERE and call.leaving is not None:
            do.out.append(SendElsewhere(call.id, call.leaving.to))

    def pbx_lost(self, event: ev.PbxLost) -> None:
        do = self._do
        do.pbx_lost = event.why
        do.may_offer = False
        do.out.append(PbxChanged(event.why))
        for call in do.calls.values():
            for offer in call.offers:
                offer.rings_until = None

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
        if call.state is ELSEWHERE:
            self._do.gone_elsewhere(call)
        else:
            self._do.caller_left(call)

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
            self._do.out.append(KeepWaiting(call.id))
        elif self._talking(event.offer) is not None:
            self._talk_left(call, event.lost and call.released is None)

    def _talk_left(self, call: Call, lost: bool) -> None:
        """The phone in the talk is gone; a caller whom nobody asked to release, and whose phone died, waits again."""
        if lost:
            self._do.out.append(KeepWaiting(call.id))
            self._do.lose_phone(call)
        else:
            self._do.out.append(ReleaseCall(call.id))
            self._do.finish_talk(call, call.released or Outcome.RELEASED_BY_AGENT)

    def talk_found(self, _event: ev.TalkFound) -> None:
        """A talk that isn't held goes on in the PBX; when its phone has left, the caller is released."""

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
