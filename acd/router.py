"""The core's one step: an outside event and the time go in, commands and notices come out.

    router = Router(rules)
    router.handle(PbxFound(), now)            -> (PbxChanged(None),)
    router.handle(LoggedIn("1001"), now)      -> (AgentChanged("1001", not ready),)
    router.next_deadline()                    -> the instant by which to call handle(DeadlineReached(), now)

Synchronous and deterministic: no clock, no randomness, no I/O. Time is an argument that never goes backwards. What is
due by then happens first, each thing at its own instant, then the event. The same events at the same instants give
the same answer, on any machine.
"""

from collections.abc import Callable
from typing import Any

from acd import events as ev
from acd.agents import Agent, AgentInput, AgentState, Reason
from acd.calls import Call, CallState, Offer, Outcome, ServiceRank
from acd.commands import Command, KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.dispatcher import WRAP_UP_OVER, Dispatcher
from acd.errors import TimeWentBackwards
from acd.ids import AgentId, CallId, GroupId, Instant, OfferId, new_tuple
from acd.notices import CallFinished, Notice, OfferEnd, PbxChanged, RefusalCode, Refused
from acd.queues import SkillGroup
from acd.rules import EntryPoint, Rules, VipClass
from acd.skills import combined

Output = tuple[Command | Notice, ...]

FAILURES: dict[ev.OfferFailure, tuple[OfferEnd, Reason]] = {
    ev.OfferFailure.UNANSWERED: (OfferEnd.UNANSWERED, Reason.NO_ANSWER),
    ev.OfferFailure.REJECTED: (OfferEnd.REJECTED, Reason.REJECTED),
    ev.OfferFailure.BUSY: (OfferEnd.FAILED, Reason.BUSY),
    ev.OfferFailure.UNREACHABLE: (OfferEnd.FAILED, Reason.DEVICE_UNAVAILABLE),
}

OFFERED = CallState.OFFERED
NO_ENTRY = EntryPoint("", GroupId(""))
NO_VIP = VipClass("")


class Router:
    """Routes calls to agents. `agents` and `calls` may be looked at by others, but are changed only by `handle`."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.pbx_lost: str | None = "not linked yet"
        """Why the PBX is out of reach; None when it can be driven."""
        self._do = Dispatcher()
        self.calls: dict[CallId, Call] = self._do.calls
        """The live calls."""
        self.agents: dict[AgentId, Agent] = {}
        for record in rules.agents.values():
            agent = self.agents[record.id] = Agent(record)
            self._do.lines.enlist(agent)
        for group in rules.groups.values():
            self._do.lines.of(group.needs)
        self._handlers = _handlers(self)

    def handle(self, event: ev.Event, now: Instant) -> Output:
        """Take in what happened at `now`; return what is to be done and what became of it, in order.

        Raises TimeWentBackwards for a `now` before that of an earlier event, ImpossibleTransition for a bug of ours.
        """
        do = self._do
        if now < do.now:
            raise TimeWentBackwards(f"{type(event).__name__} at {now}, but it was {do.now} already")
        while (due := do.deadlines.pop(now)) is not None:
            do.now, _, field, subject = due
            self._expiries[field](self, subject)
        do.now = now
        self._handlers[type(event)](event)
        out = tuple(do.out)
        do.out.clear()
        return out

    def next_deadline(self) -> Instant | None:
        """The earliest instant at which something will be due without any event."""
        return self._do.deadlines.next()

    # --- the clock ------------------------------------------------------------------------------------------------

    def _ring_over(self, offer: Offer) -> None:
        self._do.out.append(WithdrawOffer(offer.id))
        self._do.fail(offer, OfferEnd.UNANSWERED)

    def _wrap_up_over(self, agent: Agent) -> None:
        self._do.move(agent, WRAP_UP_OVER)

    def _grace_over(self, agent: Agent) -> None:
        if agent.state not in (AgentState.LOGGED_OUT, AgentState.NOT_READY):
            self._do.move(agent, AgentInput.CLIENT_GONE, Reason.CONNECTION_LOST)

    _expiries: dict[str, Callable[["Router", Any], None]] = {  # noqa: RUF012
        "rings_until": _ring_over,
        "wrap_up_until": _wrap_up_over,
        "client_grace_until": _grace_over,
    }

    # --- the PBX --------------------------------------------------------------------------------------------------

    def _pbx_found(self, _event: ev.PbxFound) -> None:
        if self.pbx_lost is None:
            return
        self.pbx_lost = None
        self._do.may_offer = True
        self._do.out.append(PbxChanged(None))
        for call in self.calls.values():
            if call.state is OFFERED and call.offer is not None:
                self._do.arm(call.offer)
            elif call.released is not None:
                self._do.release(call, call.released)
        self._do.match_all()

    def _pbx_lost(self, event: ev.PbxLost) -> None:
        self.pbx_lost = event.why
        self._do.may_offer = False
        self._do.out.append(PbxChanged(event.why))
        for call in self.calls.values():
            if call.state is OFFERED and call.offer is not None:
                call.offer.rings_until = None

    def _call_arrived(self, event: ev.CallArrived) -> None:
        if event.call in self.calls:
            return
        entry = self.rules.entries.get(event.entry, NO_ENTRY)
        group = self.rules.groups.get(event.group or entry.group)
        if group is None:
            self._refuse_call(event)
            return
        call = self.calls[event.call] = self._new_call(event, group, entry)
        self._do.enqueue(call)

    def _refuse_call(self, event: ev.CallArrived) -> None:
        if event.group:
            cause, detail = RefusalCause.UNKNOWN_GROUP, f"no group is called {event.group!r}"
        else:
            cause, detail = RefusalCause.UNKNOWN_ENTRY, f"no entry point has the number {event.entry!r}"
        self._do.out.append(RefuseCall(event.call, cause, detail))
        self._do.out.append(CallFinished(event.call, None, None, Outcome.REFUSED, 0, 0))

    def _new_call(self, event: ev.CallArrived, group: SkillGroup, entry: EntryPoint) -> Call:
        do = self._do
        tier, credit_ms = event.tier, event.credit_ms
        for grant in (entry, self.rules.vips.get(event.caller_number, NO_VIP)):
            if grant.tier > tier:
                tier = grant.tier
            if grant.credit_ms > credit_ms:
                credit_ms = grant.credit_ms
        since = do.now if event.waiting_since is None else min(event.waiting_since, do.now)
        needs = group.needs
        if entry.needs or event.needs:
            needs = combined(needs, entry.needs, event.needs)
        ticket = do.ticket()
        return Call(  # in the order of its fields: naming them costs as much again
            event.call,
            group,
            event.entry,
            event.caller_number,
            event.caller_name,
            needs,
            do.lines.of(needs),
            tier,
            credit_ms,
            since,
            ticket,
            new_tuple(ServiceRank, (True, -tier, since - credit_ms, ticket)),
        )

    def _caller_left(self, event: ev.CallerLeft) -> None:
        call = self.calls.get(event.call)
        if call is not None:
            self._do.caller_left(call)

    def _offer_accepted(self, event: ev.OfferAccepted) -> None:
        offer = self._current(event.offer)
        if offer is None:
            self._do.out.append(WithdrawOffer(event.offer))
        elif offer.call.state is OFFERED:
            self._do.connect(offer)

    def _offer_failed(self, event: ev.OfferFailed) -> None:
        offer = self._current(event.offer)
        if offer is not None and offer.call.state is OFFERED:
            self._do.fail(offer, *FAILURES[event.why])

    def _phone_left(self, event: ev.PhoneLeft) -> None:
        call = self.calls.get(event.offer.call)
        if call is None:
            self._do.out.append(ReleaseCall(event.offer.call))
        elif call.state is not CallState.TALKING:
            self._do.out.append(KeepWaiting(call.id))
        elif self._current(event.offer) is not None:
            self._talk_left(call, event.lost and call.released is None)

    def _talk_left(self, call: Call, lost: bool) -> None:
        """The phone in the talk is gone; a caller whom nobody asked to release, and whose phone died, waits again."""
        if lost:
            self._do.out.append(KeepWaiting(call.id))
            self._do.lose_phone(call)
        else:
            self._do.out.append(ReleaseCall(call.id))
            self._do.finish_talk(call, call.released or Outcome.RELEASED_BY_AGENT)

    def _current(self, offer_id: OfferId) -> Offer | None:
        """The offer, if it is what its call is in now; what comes for another is late."""
        call = self.calls.get(offer_id.call)
        offer = call.offer if call is not None else None
        return offer if offer is not None and offer.id == offer_id else None

    # --- the agent's word -----------------------------------------------------------------------------------------

    def _logged_in(self, event: ev.LoggedIn) -> None:
        agent = self._known(event.agent)
        if agent is None:
            return
        agent.client_grace_until = None
        if agent.state is AgentState.LOGGED_OUT:
            self._do.move(agent, AgentInput.LOG_IN, Reason.LOGGED_IN)
        elif agent.pending and agent.pending.reason == Reason.CONNECTION_LOST:
            self._do.drop_pending(agent)

    def _log_out_asked(self, event: ev.LogOutAsked) -> None:
        self._ask(event.agent, AgentInput.LOG_OUT)

    def _ready_asked(self, event: ev.ReadyAsked) -> None:
        self._ask(event.agent, AgentInput.GO_READY)

    def _not_ready_asked(self, event: ev.NotReadyAsked) -> None:
        allowed = self.rules.not_ready_reasons
        if event.reason not in allowed:
            detail = f"{event.reason!r} is no reason for not ready; the reasons are {', '.join(allowed)}"
            self._refuse(event.agent, RefusalCode.UNKNOWN_REASON, detail)
        else:
            self._ask(event.agent, AgentInput.GO_NOT_READY, event.reason)

    def _release_asked(self, event: ev.ReleaseAsked) -> None:
        self._release(event.agent, Outcome.RELEASED_BY_AGENT, Reason.REJECTED, by="")

    def _client_lost(self, event: ev.ClientLost) -> None:
        agent = self._known(event.agent)
        gone_already = agent is not None and agent.client_grace_until is not None
        if agent is not None and agent.state is not AgentState.LOGGED_OUT and not gone_already:
            until = Instant(self._do.now + self.rules.client_grace_ms)
            self._do.deadlines.set(agent, "client_grace_until", until)

    # --- the supervisor's word ------------------------------------------------------------------------------------

    def _forced_ready(self, event: ev.ForcedReady) -> None:
        self._ask(event.agent, AgentInput.GO_READY, by=event.by)

    def _forced_not_ready(self, event: ev.ForcedNotReady) -> None:
        self._ask(event.agent, AgentInput.GO_NOT_READY, Reason.FORCED, event.by)

    def _forced_log_out(self, event: ev.ForcedLogOut) -> None:
        agent = self._ask(event.agent, AgentInput.LOG_OUT, by=event.by)
        if agent is not None and event.release and agent.offer is not None:
            self._release(agent.id, Outcome.RELEASED_BY_SUPERVISOR, Reason.FORCED, event.by)

    def _forced_release(self, event: ev.ForcedRelease) -> None:
        self._release(event.agent, Outcome.RELEASED_BY_SUPERVISOR, Reason.FORCED, event.by)

    # --- both -----------------------------------------------------------------------------------------------------

    def _ask(self, agent_id: AgentId, word: AgentInput, reason: str = "", by: str = "") -> Agent | None:
        """Do what is asked, or refuse; return the agent when it was done."""
        agent = self._known(agent_id)
        if agent is None:
            return None
        if not agent.allows(word):
            self._refuse(agent_id, RefusalCode.NOT_NOW, f"{word.replace('-', ' ')}: the agent is {agent.state} now")
            return None
        self._do.move(agent, word, reason, by)
        if agent.state is AgentState.LOGGED_OUT:
            agent.client_grace_until = None
        return agent

    def _release(self, agent_id: AgentId, outcome: Outcome, reason: Reason, by: str) -> None:
        """End the agent's talk, or send the call that rings on to another agent."""
        agent = self._known(agent_id)
        if agent is None:
            return
        offer = agent.offer
        if offer is None:
            self._refuse(agent_id, RefusalCode.NO_CALL, f"the agent is {agent.state} and has no call to release")
        elif offer.call.state is CallState.TALKING:
            self._do.release(offer.call, outcome)
        else:
            self._do.out.append(WithdrawOffer(offer.id))
            self._do.fail(offer, OfferEnd.REJECTED, reason, by)

    def _known(self, agent_id: AgentId) -> Agent | None:
        agent = self.agents.get(agent_id)
        if agent is None:
            self._refuse(agent_id, RefusalCode.UNKNOWN_AGENT, f"no agent has the id {agent_id!r}")
        return agent

    def _refuse(self, agent: AgentId, code: RefusalCode, detail: str) -> None:
        self._do.out.append(Refused(agent, code, detail))

    def _deadline_reached(self, _event: ev.DeadlineReached) -> None:
        """All that was due has been done before any event."""


def _handlers(router: Router) -> dict[type, Callable[[Any], None]]:
    """The handler of each event is the method of its name: CallArrived -> _call_arrived."""
    kinds = ev.Event.__args__
    names = {kind: "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__) for kind in kinds}
    return {kind: getattr(router, name) for kind, name in names.items()}
