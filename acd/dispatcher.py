"""The verbs of routing: offer, connect, return, finish. Each moves agent and call together and says what it did.

Only here and in :mod:`acd.callflow`, which knows the rules of waiting, do agents and calls change; :mod:`acd.router`
decides which verb an event means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from acd.agents import Agent, AgentInput, AgentState, Reason
from acd.calls import Call, CallInput, CallKind, CallState, Monitor, Offer, Outcome, Stage
from acd.commands import Command, OfferCall, ReleaseCall, WithdrawOffer
from acd.deadlines import Deadlines
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.lot import Lot
from acd.matching import (
    best_agent,
    best_call,
    best_ring,
    close_ring,
    first_match,
    fresh_agents,
    open_ring,
    place_agent,
    place_call,
    take_agent,
    take_call,
    weighted,
)
from acd.notices import AgentChanged, CallConnected, CallFinished, CallQueued, Notice, OfferEnd, OfferEnded
from acd.queues import Lines
from acd.rules import RecordingRule, Rules, Strategy
from acd.tickets import Tickets

# The words that every call meets, as plain names: an enum's attribute is looked up through its metaclass each time.
LOGGED_OUT, NOT_READY, READY, _RINGING, _TALKING, WRAP_UP = AgentState
WAITING, CALL_OFFERED, TALKING = CallState.WAITING, CallState.OFFERED, CallState.TALKING
OFFERED, ACCEPTED, WITHDRAWN = AgentInput.OFFERED, AgentInput.ACCEPTED, AgentInput.WITHDRAWN
CALL_OVER, WRAP_UP_OVER = AgentInput.CALL_OVER, AgentInput.WRAP_UP_OVER
OFFER, ACCEPT, END = CallInput.OFFER, CallInput.ACCEPT, CallInput.END
RELEASED_BY_CALLER = Outcome.RELEASED_BY_CALLER
INCOMING, NO_RECORDING = CallKind.INCOMING, RecordingRule.NONE
RING_ALL, CONNECTED = Strategy.RING_ALL, Stage.CONNECTED

NEVER_HEARD_OF = "not linked yet"

LAST_AGENTS_MAX = 100_000
"""How many callers' last agents are remembered."""

REASON_OF_END = {
    OfferEnd.UNANSWERED: Reason.NO_ANSWER,
    OfferEnd.REJECTED: Reason.REJECTED,
}
OCCUPIED = {AgentState.READY: False, AgentState.RINGING: False, AgentState.TALKING: True, AgentState.WRAP_UP: True}


class Dispatcher:
    """Lines, deadlines and live calls, and the verbs that change them."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = Instant(0)
        self.out: list[Command | Notice] = []
        self.lines = Lines()
        self.deadlines = Deadlines()
        self.calls: dict[CallId, Call] = {}
        self.ringing_all: dict[CallId, Call] = {}
        """The ring-all calls that ring."""
        self.present: Counter[GroupId] = Counter()
        """How many calls wait or ring in each group with a greatest length."""
        self.last_agents: dict[str, AgentId] = {}
        """Who talked last with a caller's number; the latest last."""
        self.callbacks: dict[str, Call] = {}
        """By the number to call."""
        self.monitors: dict[str, Monitor] = {}
        """By the supervisor: one phone each."""
        self.pbxs: dict[str, str | None] = {}
        """The PBXs that have been heard of, and why each is out of reach; None when it can be driven."""
        self.heard_until: dict[str, Instant] = {}
        """By PBX: when a new caller was last heard of while it could be driven."""
        self.divided = False
        """Whether some of those who are here can be reached and others can't."""
        self.pbx_lost: str | None = NEVER_HEARD_OF
        """Why no PBX can be reached; None when one can be driven."""
        self.may_offer = False
        """False while no PBX can be reached: calls and agents wait for each other."""
        self.matches_later = False
        """Whether many things are being changed, and nothing may be decided yet."""
        self.tickets = Tickets()
        self.ticket = self.tickets.draw
        """The next number of arrival: whatever else ties, who came first goes first."""
        self.lot = Lot(rules.seed)
        self.tracks_load = self.counts_answers = self.notes_answers = False
        """Whether any group's strategy asks for it; for one or the other."""

    # --- agents ---------------------------------------------------------------------------------------------------

    def move(self, agent: Agent, word: AgentInput, reason: str = "", by: str = "") -> None:
        """Let `word` act on the agent, tell it, and if the agent is ready now, find a call."""
        if agent.placed:
            take_agent(agent)
        before = agent.state
        agent.step(word, reason, by)
        state = agent.state
        if state is not before:
            agent.since = self.now
            if self.tracks_load:
                self.note_load(agent)
        if state is not WRAP_UP:
            agent.wrap_up_until = None
        self.tell(agent)
        if state is READY:
            if word is not WITHDRAWN:
                agent.idle_rank = self.ticket()
            self._seek_call(agent)
        elif state is NOT_READY or state is LOGGED_OUT:
            self.come_or_go(agent, before)

    def come_or_go(self, agent: Agent, before: AgentState) -> None:
        """Somebody has logged in, or can't be counted on any more."""
        for line in agent.lines:
            line.staff += (agent.state is not LOGGED_OUT) - (before is not LOGGED_OUT)

    def drop_pending(self, agent: Agent) -> None:
        """Forget the pending state: its cause is gone."""
        agent.pending = None
        self.tell(agent)

    def note_load(self, agent: Agent) -> None:
        assert agent.load is not None, "whoever comes while loads are tracked is given one"
        agent.load.become(OCCUPIED.get(agent.state), self.now, self.rules.recent_ms)

    def reaches(self, pbx: str) -> bool:
        """Whether the calls and phones of that PBX may stand in line."""
        return not self.divided or self.pbxs.get(pbx, NEVER_HEARD_OF) is None

    def _seek_call(self, agent: Agent) -> None:
        if self.divided and not self.reaches(agent.record.pbx):
            return
        call = None
        if self.may_offer:
            call = best_call(agent, self.now)
            if call is None and self.ringing_all:
                call = best_ring(agent, self.now)
        if call is None:
            place_agent(agent)
        elif call.group.strategy is RING_ALL and call.state is WAITING:
            place_agent(agent)
            self.ring_all(call)
        else:
            self.offer(call, agent)

    def tell(self, agent: Agent) -> None:
        """Tell what the agent is now."""
        call = agent.call
        call_id = call.id if call is not None else None
        self.out.append(
            AgentChanged(agent.id, agent.state, agent.reason, agent.pending, agent.by, call_id, agent.since)
        )

    # --- waiting --------------------------------------------------------------------------------------------------

    def enqueue(self, call: Call) -> None:
        """Tell that the call waits, and ring the best agent who is ready, if there is one."""
        arrival = call.arrival
        self.out.append(
            CallQueued(
                call.id,
                call.group.id,
                call.entry,
                arrival.caller_number,
                arrival.caller_name,
                call.tier,
                call.waiting_since,
                call.returned,
                call.kind,
            )
        )
        self.seek_agent(call)

    def seek_agent(self, call: Call) -> None:
        """Ring whom the strategy says, of those who are ready, or let the call wait."""
        may_offer = self.may_offer and (not self.divided or self.reaches(call.arrival.pbx))
        agent = best_agent(call, self.lot) if may_offer else None
        if agent is None:
            self.hold(call)
        elif call.group.strategy is RING_ALL:
            self.ring_all(call)
        else:
            self.offer(call, agent)

    def hold(self, call: Call) -> None:
        """Nobody is ready for it: let the call wait, in its lines if it can be reached."""
        if not self.divided or self.reaches(call.arrival.pbx):
            place_call(call)

    def match_all(self) -> None:
        """Offer, in the order of service, every call for which an agent is ready."""
        if not self.may_offer:
            return
        while (call := first_match(self.lines, self.now)) is not None:
            take_call(call)
            self.seek_agent(call)
        for call in sorted(self.ringing_all.values(), key=self.order_of_service):
            self.join(call)

    def order_of_service(self, call: Call) -> tuple[bool, int, int, int]:
        """A key by which to sort calls: the first is served first."""
        return weighted(call.rank, call.group.weight_percent, self.now)

    # --- offers ---------------------------------------------------------------------------------------------------

    def offer(self, call: Call, agent: Agent, word: AgentInput = OFFERED) -> None:
        """Ring `agent` for `call`."""
        if call.placed:
            take_call(call)
        if agent.placed:
            take_agent(agent)
        now, group, arrival = self.now, call.group, call.arrival
        call.step(OFFER)
        agent.step(word)
        agent.since = now
        offer = agent.offer = Offer(call.next_offer(), call, agent)
        call.offers = (*call.offers, offer) if call.offers else (offer,)
        agent.call = call
        self.deadlines.set(offer, "rings_until", now + group.ring_ms)
        self.out.append(
            OfferCall(
                offer.id,
                agent.id,
                agent.record.device,
                group.id,
                call.entry,
                arrival.caller_number,
                arrival.caller_name,
                now - call.waiting_since,
                group.ring_ms,
                call.callback or call.number,
                agent.record.confirm,
            )
        )
        self.tell(agent)

    def ring_all(self, call: Call) -> None:
        """Ring everybody who is ready for `call`, and whoever becomes ready while it rings."""
        agents = fresh_agents(call)
        if not agents:
            last = best_agent(call, self.lot)
            assert last is not None
            agents = [last]
        for agent in agents:
            self.offer(call, agent)
        self.start_joining(call)

    def join(self, call: Call) -> None:
        """Ring those, too, who have become ready for a ring-all call that rings."""
        for agent in fresh_agents(call) if self.may_offer else ():
            self.offer(call, agent)

    def start_joining(self, call: Call) -> None:
        """Let agents who become ready join the ringing of `call`."""
        self.ringing_all[call.id] = call
        open_ring(call)

    def stop_joining(self, call: Call) -> None:
        """Let nobody join any more."""
        if self.ringing_all.pop(call.id, None) is not None:
            close_ring(call)

    def arm(self, offer: Offer) -> None:
        """Let an offer made earlier ring for the group's ring time from now."""
        self.deadlines.set(offer, "rings_until", self.now + offer.call.group.ring_ms)

    def connect(self, offer: Offer) -> None:
        """The agent's phone answered and talks with the caller; whoever else rings for it is let go."""
        call, agent, now = offer.call, offer.agent, self.now
        offer.rings_until = None
        if self.ringing_all:
            self.stop_joining(call)
        if call.group.calls_max is not None:
            self.count(call, -1)
        others = call.offers if len(call.offers) > 1 else ()
        call.offers = ()
        call.talk, call.talked_with = offer, agent.id
        if call.callback:
            self.forget_callback(call)
            call.dialled_back = True
        call.step(ACCEPT)
        call.stage, call.stage_since = CONNECTED, now
        call.step_due = call.position_due = call.personal = call.personal_until = call.leaving = None
        agent.step(ACCEPTED)
        agent.since = now
        agent.turn = self.ticket()
        if self.notes_answers or call.group.last_agent_ms:
            self._note_answer(call, agent)
        if not call.number:
            call.talking_since = now
            self.out.append(CallConnected(call.id, agent.id, call.group.id, now - call.waiting_since, call.kind))
        self.tell(agent)
        if others:
            self._withdraw_each(tuple(each for each in others if each is not offer))
        if call.kind is not INCOMING or call.group.recording is not NO_RECORDING or call.recording is not None:
            self.talk_began(call)

    def talk_began(self, call: Call) -> None:
        """A talk began of a call with more to it: :class:`acd.talks.Talks` knows."""

    def forget_callback(self, call: Call) -> None:
        """The number isn't to be called any more."""
        del self.callbacks[call.callback]
        call.callback = ""

    def _note_answer(self, call: Call, agent: Agent) -> None:
        if self.tracks_load:
            self.note_load(agent)
        if self.counts_answers:
            agent.answered.append(self.now)
            if agent.answered_until is None:
                self.deadlines.set(agent, "answered_until", self.now + self.rules.recent_ms)
        if not call.number:
            self.remember_agent(call, agent)

    def remember_agent(self, call: Call, agent: Agent) -> None:
        """For last-agent routing: who talks with this caller."""
        caller_number = call.arrival.caller_number
        if not call.group.last_agent_ms or not caller_number or call.kind is CallKind.CONSULT:
            return
        self.last_agents.pop(caller_number, None)
        self.last_agents[caller_number] = agent.id
        if len(self.last_agents) > LAST_AGENTS_MAX:
            del self.last_agents[next(iter(self.last_agents))]

    def forget_answers(self, agent: Agent) -> None:
        """Drop the answered calls that aren't recent any more, and be woken for the next."""
        was_placed = agent.placed
        take_agent(agent)
        while agent.answered and agent.answered[0] + self.rules.recent_ms <= self.now:
            del agent.answered[0]
        agent.answered_until = None
        if agent.answered:
            self.deadlines.set(agent, "answered_until", agent.answered[0] + self.rules.recent_ms)
        if was_placed:
            place_agent(agent)

    def fail(self, offer: Offer, how: OfferEnd, reason: Reason | None = None, by: str = "") -> None:
        """The offer did not lead to talk, by the agent's side: not ready for the agent, and the call comes back.

        While others ring for the call, it stays with them.
        """
        call, agent = offer.call, offer.agent
        self.end_offer(offer, how)
        call.offers = tuple(each for each in call.offers if each is not offer)
        call.declined |= {agent.id}
        agent.turn = self.ticket()
        reason = reason or REASON_OF_END[how]
        if call.offers:
            agent.call = agent.offer = None
            self.move(agent, AgentInput.FAILED, reason, by)
        else:
            self.stop_joining(call)
            self.give_back(call, agent, reason, by)

    def give_back(self, call: Call, agent: Agent, reason: Reason, by: str = "") -> None:
        """Not ready for the agent; the call comes back ahead of all, those too who waited for that agent alone."""
        self.return_call(call)
        agent.call = agent.offer = None
        if any(line.calls for line in agent.personal_lines):
            with self.nobody_matched():
                self.move(agent, AgentInput.FAILED, reason, by)
                self.enqueue(call)
        else:
            self.move(agent, AgentInput.FAILED, reason, by)
            self.enqueue(call)

    def withdraw(self, offer: Offer) -> None:
        """The caller left first, or somebody else was quicker: the agent is blameless and keeps the place."""
        agent = offer.agent
        self.out.append(WithdrawOffer(offer.id))
        self.end_offer(offer, OfferEnd.WITHDRAWN)
        agent.call = agent.offer = None
        self.move(agent, WITHDRAWN)

    def withdraw_all(self, call: Call) -> None:
        """Nobody rings for `call` any more, which is gone or going."""
        self.stop_joining(call)
        offers, call.offers = call.offers, ()
        self._withdraw_each(offers)

    def _withdraw_each(self, offers: tuple[Offer, ...]) -> None:
        """All are free at the same moment: only then is it asked who of them gets which call."""
        if len(offers) == 1:
            self.withdraw(offers[0])
            return
        with self.nobody_matched():
            for offer in offers:
                self.withdraw(offer)

    @contextmanager
    def nobody_matched(self) -> Iterator[None]:
        """Change many things at once; only then calls and agents are matched, and who is to leave leaves."""
        if self.matches_later:
            yield
            return
        may_offer, self.may_offer, self.matches_later = self.may_offer, False, True
        yield
        self.may_offer, self.matches_later = may_offer, False
        self.match_all()

    def end_offer(self, offer: Offer, how: OfferEnd) -> None:
        offer.rings_until = None
        self.out.append(OfferEnded(offer.id, offer.agent.id, how))

    def return_call(self, call: Call) -> None:
        """Bring it back ahead of the line."""
        call.step(CallInput.RETURN)
        call.returned = True
        call.rank = call.present_rank()

    # --- ends -----------------------------------------------------------------------------------------------------

    def caller_left(self, call: Call, outcome: Outcome = Outcome.ABANDONED) -> None:
        """The caller is gone: what rang stops, who talked has wrap-up. `outcome` is for one who didn't talk."""
        if call.state is TALKING:
            self.finish_talk(call, call.released or RELEASED_BY_CALLER)
            return
        take_call(call)
        if call.state is WAITING or call.state is CALL_OFFERED:
            self.count(call, -1)
        self.finish(call, call.released or outcome)
        if call.offers:
            self.withdraw_all(call)

    def finish_talk(self, call: Call, outcome: Outcome, wrap_up_ms: int | None = None) -> None:
        """Caller and agent have parted: the call is over and the agent goes to wrap-up, the group's if not given."""
        assert call.talk is not None
        if call.consult is not None or call.number:
            self.close_talk(call, outcome)
            return
        agent = call.talk.agent
        self.finish(call, outcome)
        call.talk = None  # else the two hold each other in memory until the next collection
        self.wrap_up(agent, call.group.wrap_up_ms if wrap_up_ms is None else wrap_up_ms)
        if self.monitors:
            self.part(agent)

    def close_talk(self, call: Call, outcome: Outcome) -> None:
        """`finish_talk` with a consult, or a number not reached (:class:`acd.talks.Talks`)."""

    def part(self, agent: Agent) -> None:
        """The agent's part of a talk is over (:class:`acd.talks.Talks`)."""

    def lose_phone(self, call: Call) -> None:
        """The agent's phone died in the talk: the caller goes ahead of the line, the agent becomes not ready."""
        assert call.talk is not None
        agent = call.talk.agent
        self.forget_talk(call)
        self.count(call, 1)
        self.give_back(call, agent, Reason.DEVICE_UNAVAILABLE)

    def forget_talk(self, call: Call) -> None:
        """The talk is over and the call goes on: the talk doesn't count as waiting."""
        talked_ms = self.now - call.talking_since if call.talking_since is not None else 0
        call.waiting_since = Instant(call.waiting_since + talked_ms)
        call.in_group_since = Instant(call.in_group_since + talked_ms)
        call.talk = call.talking_since = None
        call.stage = CONNECTED

    def release(self, call: Call, outcome: Outcome) -> None:
        """Ask the PBX to end the call; it is over when the PBX says that the caller left."""
        call.released = outcome
        self.out.append(ReleaseCall(call.id))

    def count(self, call: Call, change: int) -> None:
        """The call waits in its group now (1), or no longer (-1)."""
        if call.group.calls_max is not None and call.waits_in_line:
            self.present[call.group.id] += change

    def finish(self, call: Call, outcome: Outcome) -> None:
        """The call is over."""
        call.step_due = call.position_due = call.personal_until = None
        call.step(END)
        del self.calls[call.id]
        if call.callback:
            self.forget_callback(call)
        now, talked_from = self.now, call.talking_since
        if talked_from is None:
            talked_from = now
        waited, talked = talked_from - call.waiting_since, now - talked_from
        self.out.append(
            CallFinished(
                call.id,
                call.group.id,
                call.talked_with,
                outcome,
                waited,
                talked,
                call.kind,
                call.recording_path,
                call.unreached,
            )
        )

    def wrap_up(self, agent: Agent, wrap_up_ms: int) -> None:
        """Wrap-up of `wrap_up_ms`; none at all for an agent who is to be logged out after this call."""
        agent.offer = None
        if wrap_up_ms and not (agent.pending and agent.pending.state is LOGGED_OUT):
            self.move(agent, CALL_OVER)
            agent.call = None
            self.deadlines.set(agent, "wrap_up_until", self.now + wrap_up_ms)
        else:
            agent.call = None
            agent.step(CALL_OVER)
            self.move(agent, WRAP_UP_OVER)
