"""What agents do with a talk: the dispatcher's verbs, as far as they mean something else where a talk has stages.

A consult is a call of its own whose caller is the agent's phone: it waits, is offered and found an agent for by the
same verbs as any other (:mod:`acd.consults`); what makes it different is said here and there. An outgoing call is
offered to the agent who dials it, and has a number until that is reached (:mod:`acd.outgoing`).
"""

from acd import consults, monitors, outgoing, recordings, transfers
from acd.agents import Agent, AgentInput, Reason
from acd.callflow import CallFlow
from acd.calls import Call, CallKind, Offer, Outcome, Stage
from acd.commands import BeginConsult, Command, Confer, HoldCall, KeepWaiting, Record, ReleaseCall, ResumeCall
from acd.events import RecordingWord
from acd.notices import ConsultEnd, OfferEnd, TalkChanged
from acd.rules import DestinationKind

CONSULT = CallKind.CONSULT


class Talks(CallFlow):
    """The call flow with the stages of talks."""

    # --- beginning --------------------------------------------------------------------------------------------------

    def talk_began(self, call: Call) -> None:
        """A consult is answered, a recording begins."""
        if call.kind is CONSULT:
            consults.answered(self, call)
        elif not call.number:
            recordings.begin(self, call)

    def fail(self, offer: Offer, how: OfferEnd, reason: Reason | None = None, by: str = "") -> None:
        """Besides: who dials and doesn't answer is blameless; a consult that asked for one agent alone is over."""
        call = offer.call
        if call.number:
            outgoing.not_taken(self, offer, how)
        elif call.asked_to is not None and call.asked_to.kind is DestinationKind.AGENT:
            consults.not_taken(self, offer, how, reason, by)
        else:
            super().fail(offer, how, reason, by)

    # --- stages -----------------------------------------------------------------------------------------------------

    def arrange(self, call: Call, stage: Stage, ended: ConsultEnd | None = None) -> None:
        """Let the PBX arrange the talk so, and tell."""
        call.stage, call.stage_since, call.rearranged = stage, self.now, True
        self.out.append(self.arrangement(call))
        self.tell_talk(call, ended)

    def arrangement(self, call: Call) -> Command:
        """What asks the PBX for the present stage."""
        assert call.talk is not None
        offer, consult = call.talk.id, call.consult
        if call.stage is Stage.HELD:
            return HoldCall(call.id, offer)
        if consult is None:
            return ResumeCall(call.id, offer)
        if call.stage is Stage.CONFERENCE:
            return Confer(call.id, offer, consult.id)
        to = consult.asked_to
        number = to.name if to is not None and to.kind is DestinationKind.NUMBER else ""
        return BeginConsult(call.id, offer, consult.id, number, call.entry if number else "", call.group.ring_ms)

    def tell_talk(self, call: Call, ended: ConsultEnd | None = None) -> None:
        """Tell how the talk is arranged."""
        assert call.talk is not None
        agent, consult = call.talk.agent.id, call.consult
        if consult is None:
            self.out.append(TalkChanged(call.id, agent, call.stage, ended=ended))
            return
        party = consult.talk.agent.id if consult.talk is not None else None
        answered = call.is_answered_consult
        self.out.append(TalkChanged(call.id, agent, call.stage, consult.id, consult.asked_to, answered, party))

    # --- ends -------------------------------------------------------------------------------------------------------

    def part(self, agent: Agent) -> None:
        """The agent's part of a talk is over: nobody listens any more."""
        if self.monitors:
            monitors.end_of(self, agent)

    def let_go(self, agent: Agent, wrap_up_ms: int, *, lost: bool = False) -> None:
        """The agent has wrap-up, and the talk goes on without; `lost`: the phone died."""
        self.part(agent)
        if lost:
            agent.call = agent.offer = None
            self.move(agent, AgentInput.FAILED, Reason.DEVICE_UNAVAILABLE)
        else:
            self.wrap_up(agent, wrap_up_ms)

    def close_talk(self, call: Call, outcome: Outcome) -> None:
        """The consult ends with the talk; an outgoing call that reached nobody has no wrap-up."""
        with self.nobody_matched():
            self.end_consult(call)
            number, call.number = call.number, ""
            if number:
                self.finish_talk(call, Outcome.NOT_REACHED, 0)
            else:
                self.finish_talk(call, outcome)

    def end_consult(self, call: Call) -> None:
        """The consult, if there is one, has lost its talk: all who belong to it are let go."""
        if call.consult is not None:
            self.out.append(ReleaseCall(call.consult.id))
            consults.close(self, call, Outcome.CONSULT_OVER)

    def lose_phone(self, call: Call) -> None:
        """Besides: nobody listens any more."""
        assert call.talk is not None
        self.part(call.talk.agent)
        super().lose_phone(call)

    def phone_gone(self, call: Call, *, lost: bool) -> None:
        """The agent's phone has left the talk, and the caller hasn't; `lost`: it died, and nobody had hung up."""
        if call.kind is CONSULT:
            consults.over(self, call, ConsultEnd.LEFT, lost=lost)
        elif call.number:
            outgoing.phone_gone(self, call, lost=lost)
        elif call.released is not None or (call.stage is Stage.CONNECTED and not lost):
            self.out.append(ReleaseCall(call.id))
            self.finish_talk(call, call.released or Outcome.RELEASED_BY_AGENT)
        elif call.is_answered_consult:
            transfers.attended(self, call, lost=lost)
        else:
            self._keep_caller(call, lost)

    def _keep_caller(self, call: Call, lost: bool) -> None:
        if lost and call.consult is None:
            self.out.append(KeepWaiting(call.id))
            self.lose_phone(call)
            return
        with self.nobody_matched():
            self.end_consult(call)
            self.out.append(KeepWaiting(call.id))
            if lost:
                self.lose_phone(call)
            else:
                transfers.bring_back(self, call)
        if call.placed:
            self.leave_if_nobody(call)

    def gone_elsewhere(self, call: Call) -> None:
        """Besides: the supervisor who had taken the caller is let go."""
        super().gone_elsewhere(call)
        if call.taken_by:
            monitors.taken_is_over(self, call)

    def leave_if_nobody(self, call: Call) -> None:
        """Besides: a consult that nobody can take any more is over."""
        if call.kind is CONSULT:
            consults.leave_if_nobody(self, call)
        else:
            super().leave_if_nobody(call)

    # --- a link that is found again ---------------------------------------------------------------------------------

    def repeat_talk(self, call: Call) -> None:
        """What was asked about the talk may not have been heard."""
        if call.rearranged and call.kind is not CONSULT:
            self.out.append(self.arrangement(call))
        if call.talk is not None and call.recording is recordings.ON and not call.recording_path:
            self.out.append(Record(call.id, RecordingWord.START, call.group.id, call.talk.agent.id))
