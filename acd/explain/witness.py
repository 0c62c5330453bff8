"""The witness: a call flow that looks before each decision and writes down what it saw. It decides nothing itself.

    witness = Witness(rules, wanted={"c1"}.__contains__)
    router = Router(rules, witness)
    ...
    witness.entries["c1"]       what became of the call, in the order of time

Handed to a router in place of the plain flow; the same events give the same outputs. What has a command or a notice of
its own is taken from that (:mod:`acd.explain.hearing`); only what has none is seen by looking into the verbs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from acd import events as ev
from acd.agents import Agent, AgentInput, AgentState, Reason
from acd.callflow import Way
from acd.calls import Call, CallState, Cause, Leave, Offer
from acd.commands import Command
from acd.dispatcher import REASON_OF_END
from acd.explain import choice, entries, looks, names
from acd.explain.facts import Trigger, TriggerKind
from acd.explain.hearing import Ear, entry_of
from acd.explain.hearing_of_talks import consult_begun
from acd.ids import AgentId, CallId, Instant
from acd.matching import best_agent, fresh_agents
from acd.notices import AgentChanged, Notice, OfferEnd, TalkChanged
from acd.rules import Destination, OverflowStep, Rules, SkillGroup
from acd.talks import Talks

ENTRIES_MAX = 1_000
UNKNOWN = Trigger(kind="unknown")


class Witness(Talks):
    """A call flow that keeps the stories of the calls that are `wanted`."""

    def __init__(self, rules: Rules, wanted: Callable[[CallId], bool] = lambda _: True) -> None:
        super().__init__(rules)
        self.entries: defaultdict[CallId, list[entries.AnyEntry]] = defaultdict(list)
        self.idle_since: dict[AgentId, Instant] = {}
        self.turn_at: dict[AgentId, Instant] = {}
        self.event: ev.Event | None = None
        """What is being handled, if somebody says so before."""
        self.out: list[Command | Notice] = Ear(self._hear)
        self._wanted = wanted
        self._trigger = UNKNOWN
        self._noted_together = False
        """Several rings begin that have been written down as one."""

    def _hear(self, message: Command | Notice) -> None:
        if isinstance(message, AgentChanged):
            self._note_idle(message)
            return
        if isinstance(message, TalkChanged) and message.consult is not None and message.to is not None:
            self._note_consult(message, message.consult, message.to)
        call = getattr(message, "call", None)
        if call is not None and self._sees(call):
            for entry in entry_of(message, self):
                self._note(call, entry)

    def _note_idle(self, message: AgentChanged) -> None:
        """Whose ring was withdrawn has been idle since before it."""
        if message.state is AgentState.READY and self._trigger.word != AgentInput.WITHDRAWN:
            self.idle_since[message.agent] = self.now

    def _note_consult(self, talk: TalkChanged, call: CallId, to: Destination) -> None:
        """Its story begins with who asks; it may have been offered before that is told."""
        consult = self.calls.get(call)
        begins = consult is not None and consult.waiting_since == self.now
        story = self.entries[call] if begins and self._sees(call) else None
        if story is not None and not any(isinstance(entry, entries.ConsultBegun) for entry in story):
            story.insert(0, consult_begun(talk, to, self))

    def _sees(self, call: CallId) -> bool:
        """A call that goes in a circle for hours has a story without end: enough is enough."""
        return self._wanted(call) and (call not in self.entries or len(self.entries[call]) < ENTRIES_MAX)

    def _note(self, call: CallId, entry: entries.AnyEntry | None) -> None:
        """Write it down, unless it is what was written down last."""
        story = self.entries[call]
        if entry is not None and (not story or story[-1] != entry):
            story.append(entry)
            if len(story) == ENTRIES_MAX:
                story.append(entries.Cut(at=self.now))

    @contextmanager
    def _because(
        self, kind: TriggerKind, agent: Agent | None = None, word: str = "", step: int = 0, by: str = ""
    ) -> Iterator[None]:
        """What is decided within was led to by this; of several, the innermost."""
        named = names.of_agent(agent) if agent is not None else None
        before, self._trigger = self._trigger, Trigger(kind=kind, agent=named, word=word, step=step, by=by)
        try:
            yield
        finally:
            self._trigger = before

    # --- coming in ------------------------------------------------------------------------------------------------

    def admit(self, event: ev.CallArrived, group: SkillGroup) -> None:
        if self._sees(event.call):
            self._note(event.call, looks.arrived(self, event, group))
        with self._because("arrived"):
            super().admit(event, group)

    def _personal_agent(self, call: Call) -> Agent | None:
        agent = super()._personal_agent(call)
        if self._sees(call.id):
            self._note(call.id, looks.personal(self, call, agent))
        return agent

    def shut(self, call: Call, group: SkillGroup, entry: str) -> tuple[Cause, Destination | None] | None:
        shut = super().shut(call, group, entry)
        if shut is not None and self._sees(call.id):
            self._note(call.id, looks.door(self, group, *shut))
        return shut

    # --- waiting --------------------------------------------------------------------------------------------------

    def hold(self, call: Call) -> None:
        if self._sees(call.id):
            self._note(call.id, looks.waits(self, call))
        super().hold(call)

    def reread_terms(self, call: Call, by: str = "") -> None:
        before = looks.Before(call)
        super().reread_terms(call, by)
        if self._trigger.kind not in ("step", "personal-over") and self._sees(call.id):
            self._note(call.id, before.changed(self, call, by))

    def _take_step(self, call: Call, step: OverflowStep) -> None:
        with self._because("step", step=call.steps_done + 1):
            super()._take_step(call, step)

    def end_personal(self, call: Call) -> None:
        agent = call.personal
        self._note_personal_over(call, "away" if agent is not None and looks.is_away(agent) else "time")
        with self._because("personal-over", agent):
            super().end_personal(call)

    def return_call(self, call: Call) -> None:
        self._note_personal_over(call, "not-taken")
        super().return_call(call)

    def _note_personal_over(self, call: Call, why: entries.WhyPersonalOver) -> None:
        if call.personal is not None and self._sees(call.id):
            agent = names.of_agent(call.personal)
            self._note(call.id, entries.PersonalOver(at=self.now, agent=agent, why=why))

    def accept_callback(self, call: Call, number: str) -> None:
        before = call.callback
        super().accept_callback(call, number)
        if self._sees(call.id) and (call.callback != before or call.state is CallState.ELSEWHERE):
            merged = not call.callback
            self._note(call.id, entries.CallbackTaken(at=self.now, number=number, merged=merged))

    # --- leaving --------------------------------------------------------------------------------------------------

    def enter(self, call: Call, way: Way) -> None:
        with self._because("moved", word=way.cause):
            super().enter(call, way)

    def depart(self, call: Call, leave: Leave) -> None:
        was_waiting, group = call.state is CallState.WAITING, call.group
        super().depart(call, leave)
        if self._sees(call.id) and call.group is group and call.state is not CallState.ELSEWHERE:
            self._note(call.id, looks.leaving(self, call, leave, was_waiting))

    def sending_failed(self, call: Call) -> None:
        if self._sees(call.id):
            why = self.event.why if isinstance(self.event, ev.SendingFailed) else ""
            self._note(call.id, entries.NotSent(at=self.now, why=why))
        with self._because("not-sent"):
            super().sending_failed(call)

    # --- offers ---------------------------------------------------------------------------------------------------

    def match_all(self) -> None:
        kind, by = looks.led_to_matching(self.out)
        with self._because(kind, by=by):
            super().match_all()

    def offer(self, call: Call, agent: Agent, word: AgentInput = AgentInput.OFFERED) -> None:
        if not self._noted_together and word is AgentInput.OFFERED:
            self._note_offers(call, [agent])
        super().offer(call, agent, word)

    def ring_all(self, call: Call) -> None:
        agents = fresh_agents(call)
        last = best_agent(call, self.lot) if not agents else None
        with self._together(call, agents or ([last] if last is not None else [])):
            super().ring_all(call)

    def join(self, call: Call) -> None:
        with self._together(call, fresh_agents(call) if self.may_offer else []):
            super().join(call)

    @contextmanager
    def _together(self, call: Call, agents: list[Agent]) -> Iterator[None]:
        """The rings of `agents` are one entry."""
        if agents:
            self._note_offers(call, agents)
        self._noted_together = True
        yield
        self._noted_together = False

    def _note_offers(self, call: Call, agents: list[Agent]) -> None:
        if self._sees(call.id):
            trigger = looks.asked(call) if self._trigger is UNKNOWN else self._trigger
            self._note(call.id, choice.explained(self, self, call, agents, trigger or UNKNOWN))

    def connect(self, offer: Offer) -> None:
        self.turn_at[offer.agent.id] = self.now
        super().connect(offer)

    def fail(self, offer: Offer, how: OfferEnd, reason: Reason | None = None, by: str = "") -> None:
        self.turn_at[offer.agent.id] = self.now
        if self._sees(offer.call.id):
            self._note(offer.call.id, looks.failed(self, offer, how, reason or REASON_OF_END[how], by))
        with self._because("returned", offer.agent, word=how):
            super().fail(offer, how, reason, by)

    def withdraw(self, offer: Offer) -> None:
        if self._sees(offer.call.id):
            self._note(offer.call.id, looks.withdrawn(self, offer))
        super().withdraw(offer)

    def lose_phone(self, call: Call) -> None:
        agent = call.talk.agent if call.talk is not None else None
        if self._sees(call.id):
            self._note(call.id, looks.phone_lost(self, call))
        with self._because("phone-lost", agent):
            super().lose_phone(call)

    # --- agents ---------------------------------------------------------------------------------------------------

    def move(self, agent: Agent, word: AgentInput, reason: str = "", by: str = "") -> None:
        with self._because("agent-ready", agent, word=word, by=by):
            super().move(agent, word, reason, by)
