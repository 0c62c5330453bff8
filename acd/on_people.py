"""What agents and supervisors ask: one method an event. What can't be done is answered by a refusal that says why."""

from acd import consults, transfers
from acd import events as ev
from acd.agents import Agent, AgentInput, AgentState, Reason
from acd.asked import Asked
from acd.callflow import Way
from acd.calls import Call, CallKind, CallState, Cause, Outcome, Stage
from acd.commands import WithdrawOffer
from acd.ids import AgentId, Instant
from acd.notices import ConsultEnd, OfferEnd, RefusalCode

GONE = "the agent is no longer in the configuration, and logged out after the present call"


class OnPeople(Asked):
    """Handles the requests of agents and supervisors."""

    # --- the agent's word -----------------------------------------------------------------------------------------

    def logged_in(self, event: ev.LoggedIn) -> None:
        agent = self._known(event.agent)
        if agent is None:
            return
        if agent.retired:
            self._refuse(agent.id, RefusalCode.NOT_NOW, GONE)
            return
        agent.client_grace_until = None
        if agent.state is AgentState.LOGGED_OUT:
            self._do.move(agent, AgentInput.LOG_IN, Reason.LOGGED_IN)
        elif agent.pending and agent.pending.reason == Reason.CONNECTION_LOST:
            self._do.drop_pending(agent)

    def log_out_asked(self, event: ev.LogOutAsked) -> None:
        self._ask(event.agent, AgentInput.LOG_OUT)

    def ready_asked(self, event: ev.ReadyAsked) -> None:
        self._ask(event.agent, AgentInput.GO_READY)

    def not_ready_asked(self, event: ev.NotReadyAsked) -> None:
        allowed = self._do.rules.not_ready_reasons
        if event.reason not in allowed:
            detail = f"{event.reason!r} is no reason for not ready; the reasons are {', '.join(allowed)}"
            self._refuse(event.agent, RefusalCode.UNKNOWN_REASON, detail)
        else:
            self._ask(event.agent, AgentInput.GO_NOT_READY, event.reason)

    def release_asked(self, event: ev.ReleaseAsked) -> None:
        agent = self._known(event.agent)
        if agent is not None and not self._parts(agent):
            self._release(agent, Outcome.RELEASED_BY_AGENT, Reason.REJECTED, by="")

    def _parts(self, agent: Agent) -> bool:
        """In a consult or conference to release means to leave that, and not to end the call."""
        call = agent.call
        if call is None or call.released is not None or call.consult is None:
            return False
        if self._is_lost(agent):
            return True
        if call.stage is Stage.CONSULTING:
            consults.over(self._do, call.consult, ConsultEnd.RECONNECTED)
        elif call.stage is Stage.CONFERENCE and call.is_answered_consult:
            transfers.attended(self._do, call)
        else:
            return False
        return True

    def client_lost(self, event: ev.ClientLost) -> None:
        agent = self._known(event.agent)
        gone_already = agent is not None and agent.client_grace_until is not None
        if agent is not None and agent.state is not AgentState.LOGGED_OUT and not gone_already:
            until = Instant(self._do.now + self._do.rules.client_grace_ms)
            self._do.deadlines.set(agent, "client_grace_until", until)

    # --- the supervisor's word on agents --------------------------------------------------------------------------

    def forced_ready(self, event: ev.ForcedReady) -> None:
        self._force(event, AgentInput.GO_READY)

    def forced_not_ready(self, event: ev.ForcedNotReady) -> None:
        self._force(event, AgentInput.GO_NOT_READY, Reason.FORCED)

    def forced_log_out(self, event: ev.ForcedLogOut) -> None:
        agent = self._force(event, AgentInput.LOG_OUT)
        if agent is not None and event.release and agent.offer is not None:
            self._release(agent, Outcome.RELEASED_BY_SUPERVISOR, Reason.FORCED, event.by)

    def forced_release(self, event: ev.ForcedRelease) -> None:
        agent = self._supervised(event.agent, event.by)
        if agent is not None:
            self._release(agent, Outcome.RELEASED_BY_SUPERVISOR, Reason.FORCED, event.by)

    def _force(
        self, event: ev.ForcedReady | ev.ForcedNotReady | ev.ForcedLogOut, word: AgentInput, reason: str = ""
    ) -> Agent | None:
        agent = self._supervised(event.agent, event.by)
        return None if agent is None else self._ask(agent.id, word, reason, event.by)

    # --- the supervisor's word on waiting calls -------------------------------------------------------------------

    def forced_tier(self, event: ev.ForcedTier) -> None:
        call = self._waiting(event)
        if call is not None:
            call.forced_tier = event.tier
            self._do.reread_terms(call, event.by)

    def forced_move(self, event: ev.ForcedMove) -> None:
        group = self._do.rules.groups.get(event.group)
        call = self._waiting(event)
        if call is None:
            return
        if call.kind is CallKind.CONSULT:
            self._refuse(AgentId(""), RefusalCode.NOT_NOW, f"call {call.id!r} is a consult; only its agent can end it")
        elif group is None:
            self._refuse(AgentId(""), RefusalCode.UNKNOWN_GROUP, f"no group is called {event.group!r}")
        elif group.id == call.group.id:
            self._refuse(AgentId(""), RefusalCode.NOT_NOW, f"the call waits in {event.group!r} already")
        else:
            self._do.enter(call, Way(group, call.entry, None, Cause.SUPERVISOR))

    def _waiting(self, event: ev.ForcedTier | ev.ForcedMove) -> Call | None:
        call_id = event.call
        call = self._do.calls.get(call_id)
        if call is None:
            self._refuse(AgentId(""), RefusalCode.UNKNOWN_CALL, f"no live call has the id {call_id!r}")
            return None
        if not self._owns(call, event.by):
            return None
        if call.state is not CallState.WAITING:
            self._refuse(AgentId(""), RefusalCode.NOT_NOW, f"call {call_id!r} is {call.state}, and not waiting")
            return None
        return call

    # --- both -----------------------------------------------------------------------------------------------------

    def _ask(self, agent_id: AgentId, word: AgentInput, reason: str = "", by: str = "") -> Agent | None:
        """Do what is asked, or refuse; return the agent when it was done."""
        agent = self._known(agent_id)
        if agent is None:
            return None
        if agent.retired:
            self._refuse(agent_id, RefusalCode.NOT_NOW, GONE)
            return None
        if not agent.allows(word):
            self._refuse(agent_id, RefusalCode.NOT_NOW, f"{word.replace('-', ' ')}: the agent is {agent.state} now")
            return None
        self._do.move(agent, word, reason, by)
        if agent.state is AgentState.LOGGED_OUT:
            agent.client_grace_until = None
        return agent

    def _release(self, agent: Agent, outcome: Outcome, reason: Reason, by: str) -> None:
        """End the agent's talk, or send the call that rings on to another agent."""
        offer = agent.offer
        if offer is None:
            self._refuse(agent.id, RefusalCode.NO_CALL, f"the agent is {agent.state} and has no call to release")
        elif offer.call.kind is CallKind.CONSULT and offer.call.state is CallState.TALKING:
            consults.over(self._do, offer.call, ConsultEnd.LEFT)
        elif offer.call.state is CallState.TALKING:
            self._do.release(offer.call, outcome)
        else:
            self._do.out.append(WithdrawOffer(offer.id))
            self._do.fail(offer, OfferEnd.REJECTED, reason, by)
