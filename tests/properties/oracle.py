"""What should be: the rules of routing told once more, as simply as can be and apart from the code they check.

Nothing here is fast, indexed or sorted: every question is answered by looking at all calls and all agents. It knows
the values that pass into and out of the core (events, commands, notices, ids, rules) and nothing of what is inside.

`Model` foretells from the events alone; :mod:`tests.properties.told` follows what the router says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from acd import events as ev
from acd.rules import Destination, DestinationKind, Rules
from tests.properties.oracle_change import Changing
from tests.properties.oracle_choice import Caller, Person

REASONS = {"unanswered": "no-answer", "rejected": "rejected", "busy": "busy", "unreachable": "device-unavailable"}
PHONES = {"busy": "busy", "unreachable": "device-unavailable"}
UNHEARD = ("logged-out", "not-ready", "ready")


class Model(Changing):
    """A call centre in the head: `hear` an event, `pass_time` to an instant; then look at everybody."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.former: dict[str, Any] = {}
        self.now = 0
        self.linked = False
        self.callers: dict[str, Caller] = {}
        self.people = {agent: Person(agent) for agent in rules.agents}
        self.last_agents: dict[str, str] = {}
        self.commands: list[tuple[Any, ...]] = []
        self.news: list[tuple[Any, ...]] = []
        self.finished: list[tuple[Any, ...]] = []
        self.refused: list[tuple[str, str]] = []
        self.hints: dict[tuple[str, int], str] = {}
        self._count = 0

    # --- time -----------------------------------------------------------------------------------------------------

    def alarms(self) -> list[tuple[tuple[int, int], str, Caller | Person]]:
        """All that is due, and whose it is."""
        subjects = [*self.people.values(), *self.callers.values()]
        return [(alarm, name, each) for each in subjects for name, alarm in each.alarms.items()]

    def next_due(self) -> int | None:
        return min((at for (at, _), _, _ in self.alarms()), default=None)

    def pass_time(self, now: int) -> None:
        """Everything that is due by `now` happens, each at its instant."""
        while (due := self.next_due()) is not None and due <= now:
            self.go_to(max(due, self.now))
            _, name, subject = min(self.alarms(), key=lambda each: each[0])
            del subject.alarms[name]
            getattr(self, f"_{name}_over")(subject)
            self.settle()
        self.go_to(now)

    def hear(self, event: ev.Event, now: int, hints: Mapping[tuple[str, int], str] | None = None) -> None:
        """`hints` tell whom the router chose, where the rules leave it open."""
        self.hints = dict(hints or {})
        self.pass_time(now)
        getattr(self, "_" + type(event).__name__)(event)
        self.settle()

    def _ring_over(self, person: Person) -> None:
        self._withdraw(person)
        self._decline(person, "no-answer")

    def _wrap_up_over(self, person: Person) -> None:
        self._go_idle(person)

    def _grace_over(self, person: Person) -> None:
        if person.state == "ready" or self._awaits_phone(person):
            self.become(person, "not-ready", "connection-lost")
        elif person.state in ("ringing", "talking", "wrap-up") and (not person.pending or person.pending[0] == "ready"):
            person.pending = ("not-ready", "connection-lost", "")

    # --- who serves whom ------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Who can be served is, in the order of service; who then has to go elsewhere goes, and may be served there."""
        self._match()
        while caller := self.going() or self.unasked():
            if caller.notes and not caller.held:
                self.go(caller)
            else:
                self.ask_for_somebody(caller)
            self._match()

    def _match(self) -> None:
        while self.linked and (pairs := self.pairs()):
            caller = min((caller for caller, _ in pairs), key=self.service)
            for person in self.chosen(caller, [person for each, person in pairs if each is caller]):
                self._ring(caller, person)
        while self.linked and (pairs := self.joining()):
            self._ring(*min(pairs, key=lambda pair: (self.service(pair[0]), pair[1].idle_number)))

    def _ring(self, caller: Caller, person: Person) -> None:
        caller.place, caller.unasked, person.caller = "offered", 0, caller
        caller.rung += 1
        caller.rings[person.id] = caller.rung
        self.become(person, "ringing")
        self.set(person, "ring", self.now + caller.group.ring_ms)
        offer = (caller.id, caller.rung, person.id, self.now - caller.since, caller.group.ring_ms, caller.callback)
        self.commands.append(("OfferCall", *offer))

    # --- what happens to people and callers -----------------------------------------------------------------------

    def number(self) -> int:
        self._count += 1
        return self._count

    def become(self, person: Person, state: str, reason: str = "", by: str = "") -> None:
        if state == "ready" and person.phone in PHONES:
            state, reason, by = "not-ready", PHONES[person.phone], ""
        if state != person.state:
            person.since = self.now
        person.state, person.reason, person.by = state, reason, by
        if state in UNHEARD:
            person.pending = person.caller = None
        if state != "ringing":
            person.alarms.pop("ring", None)
        if state != "wrap-up":
            person.alarms.pop("wrap_up", None)
        if state in ("logged-out", "not-ready"):
            self.nobody_waits_for(person)
        if state == "logged-out":
            person.alarms.pop("grace", None)
            self.logged_out(person)

    def _go_idle(self, person: Person, *, keep_place: bool = False) -> None:
        """Ready, or what is pending instead."""
        self.become(person, *(person.pending or ("ready", "", "")))
        if person.state == "ready" and not keep_place:
            person.idle_number = self.number()

    def _decline(self, person: Person, reason: str, by: str = "") -> None:
        """The offer didn't lead to talk, by the agent's side."""
        caller = person.caller
        assert caller is not None
        del caller.rings[person.id]
        caller.declined_by.add(person.id)
        person.turn = self.number()
        if not caller.rings:
            self._return(caller)
        self._step_back(person, reason, by)

    def _return(self, caller: Caller) -> None:
        caller.place, caller.returned, caller.unasked = "waiting", True, self.number()

    def _step_back(self, person: Person, reason: str, by: str = "") -> None:
        out = person.pending if person.pending and person.pending[0] == "logged-out" else ("not-ready", reason, by)
        self.become(person, *out)

    def _withdraw(self, person: Person) -> None:
        assert person.caller is not None
        self.commands.append(("WithdrawOffer", person.caller.id, person.caller.rings[person.id]))

    def withdraw_all(self, caller: Caller) -> None:
        """Nobody who rings for it has to any more."""
        for name in [*caller.rings]:
            self._withdraw(self.people[name])
            del caller.rings[name]
            self._go_idle(self.people[name], keep_place=True)
        if caller.place == "offered":
            caller.place = "waiting"

    def end(self, caller: Caller, outcome: str) -> None:
        del self.callers[caller.id]
        talked_from = self.now if caller.talked_from is None else caller.talked_from
        agent = caller.agent.id if caller.agent else None
        waited, talked = talked_from - caller.since, self.now - talked_from
        self.finished.append((caller.id, caller.group.id, agent, outcome, waited, talked))

    def _hang_up(self, caller: Caller, outcome: str) -> None:
        """A talk is over."""
        person = caller.agent
        assert person is not None
        self.end(caller, caller.release or outcome)
        person.caller = None
        if caller.group.wrap_up_ms and not (person.pending and person.pending[0] == "logged-out"):
            self.become(person, "wrap-up")
            self.set(person, "wrap_up", self.now + caller.group.wrap_up_ms)
        else:
            self._go_idle(person)

    # --- the PBX --------------------------------------------------------------------------------------------------

    def _PbxFound(self, _: ev.PbxFound) -> None:
        if self.linked:
            return
        self.linked = True
        for caller in self.callers.values():
            caller.held = False
            for name in caller.rings:
                self.set(self.people[name], "ring", self.now + caller.group.ring_ms)
            if caller.release:
                self.commands.append(("ReleaseCall", caller.id))
            elif caller.place == "elsewhere":
                self.commands.append(("SendElsewhere", caller.id, str(caller.sent_to)))

    def _PbxLost(self, _: ev.PbxLost) -> None:
        self.linked = False
        for person in self.people.values():
            person.alarms.pop("ring", None)

    def _CallerLeft(self, event: ev.CallerLeft) -> None:
        caller = self.callers.get(event.call)
        if caller is None:
            return
        if caller.place == "talking":
            self._hang_up(caller, "released-by-caller")
        else:
            hung_up = caller.place == "elsewhere" and caller.sent_to == Destination(DestinationKind.HANG_UP)
            self.end(caller, caller.release or ("sent-elsewhere" if hung_up else "abandoned"))
            self.withdraw_all(caller)

    def _rung(self, offer: tuple[str, int]) -> Person | None:
        """Who rings through this very offer."""
        caller = self.callers.get(offer[0])
        names = [name for name, number in caller.rings.items() if number == offer[1]] if caller else []
        return self.people[names[0]] if names else None

    def _talks(self, offer: tuple[str, int]) -> bool:
        caller = self.callers.get(offer[0])
        return caller is not None and caller.place == "talking" and caller.won == offer[1]

    def _OfferAccepted(self, event: ev.OfferAccepted) -> None:
        if person := self._rung(event.offer):
            self._connect(person, event.offer[1])
        elif not self._talks(event.offer):
            self.commands.append(("WithdrawOffer", *event.offer))

    def _connect(self, person: Person, won: int) -> None:
        caller = person.caller
        assert caller is not None
        del caller.rings[person.id]
        caller.place, caller.agent, caller.talked_from, caller.won = "talking", person, self.now, won
        caller.notes, caller.held, caller.unasked, caller.callback = [], False, 0, ""
        caller.alarms.pop("step", None)
        self.forget_personal(caller)
        self.become(person, "talking")
        person.turn = self.number()
        if self.asks_for("fewest-calls"):
            person.answered.append(self.now)
        if caller.group.last_agent_ms > 0 and caller.event.caller_number:
            self.last_agents[caller.event.caller_number] = person.id
        self.withdraw_all(caller)

    def _OfferFailed(self, event: ev.OfferFailed) -> None:
        if person := self._rung(event.offer):
            self._decline(person, REASONS[event.why])

    def _PhoneLeft(self, event: ev.PhoneLeft) -> None:
        known = self.callers.get(event.offer.call)
        if known is None:
            self.commands.append(("ReleaseCall", event.offer.call))
        elif known.place != "talking":
            self.commands.append(("KeepWaiting", known.id))
        elif not self._talks(event.offer):
            pass
        elif event.lost and not known.release:
            self._lose(known)
        else:
            self.commands.append(("ReleaseCall", known.id))
            self._hang_up(known, "released-by-agent")

    def _lose(self, caller: Caller) -> None:
        """The talk broke off by the agent's side, and doesn't count."""
        assert caller.agent is not None
        assert caller.talked_from is not None
        self.commands.append(("KeepWaiting", caller.id))
        talked = self.now - caller.talked_from
        caller.since += talked
        caller.in_group_since += talked
        person, caller.agent, caller.talked_from = caller.agent, None, None
        self._return(caller)
        self._step_back(person, "device-unavailable")
        self.steps_on(caller)

    def _awaits_phone(self, person: Person) -> bool:
        return person.state == "not-ready" and person.reason in PHONES.values()

    def _PhoneChanged(self, event: ev.PhoneChanged) -> None:
        person = self.people.get(event.agent)
        if person is None or person.phone == event.state:
            return
        person.phone = str(event.state)
        if person.state == "ready" or self._awaits_phone(person):
            self._go_idle(person)

    # --- words ----------------------------------------------------------------------------------------------------

    def _known(self, agent: str) -> Person | None:
        if agent not in self.people:
            self.refused.append((agent, "unknown-agent"))
        return self.people.get(agent)

    def _LoggedIn(self, event: ev.LoggedIn) -> None:
        person = self._known(event.agent)
        if person is None:
            return
        if person.removed:
            self.refused.append((event.agent, "not-now"))
            return
        person.alarms.pop("grace", None)
        if person.state == "logged-out":
            self.become(person, "not-ready", "logged-in")
        elif person.pending and person.pending[1] == "connection-lost":
            person.pending = None

    def _ClientLost(self, event: ev.ClientLost) -> None:
        person = self._known(event.agent)
        if person is not None and person.state != "logged-out" and "grace" not in person.alarms:
            self.set(person, "grace", self.now + self.rules.client_grace_ms)

    def _asked(self, agent: str, state: str, reason: str = "", by: str = "") -> bool:
        """Go to `state`, now or after the call; False where that means nothing."""
        person = self._known(agent)
        if person is None:
            return False
        if person.state == "logged-out" or person.state == state == "ready" or person.removed:
            self.refused.append((agent, "not-now"))
            return False
        own_ready_against_forced = state == "ready" and not by and person.pending and person.pending[2]
        if person.state in ("ringing", "talking"):
            person.pending = person.pending if own_ready_against_forced else (state, reason, by)
        elif own_ready_against_forced:
            self._go_idle(person)
        else:
            self.become(person, state, reason, by)
            if state == "ready":
                person.idle_number = self.number()
        return True

    def _ReadyAsked(self, event: ev.ReadyAsked) -> None:
        self._asked(event.agent, "ready")

    def _NotReadyAsked(self, event: ev.NotReadyAsked) -> None:
        if event.reason not in self.rules.not_ready_reasons:
            self.refused.append((event.agent, "unknown-reason"))
        else:
            self._asked(event.agent, "not-ready", event.reason)

    def _LogOutAsked(self, event: ev.LogOutAsked) -> None:
        self._asked(event.agent, "logged-out")

    def _ForcedReady(self, event: ev.ForcedReady) -> None:
        self._asked(event.agent, "ready", by=event.by)

    def _ForcedNotReady(self, event: ev.ForcedNotReady) -> None:
        self._asked(event.agent, "not-ready", "forced", event.by)

    def _ForcedLogOut(self, event: ev.ForcedLogOut) -> None:
        done = self._asked(event.agent, "logged-out", by=event.by)
        if done and event.release and self.people[event.agent].caller:
            self._release(event.agent, "released-by-supervisor", "forced", event.by)

    def _ReleaseAsked(self, event: ev.ReleaseAsked) -> None:
        self._release(event.agent, "released-by-agent", "rejected", "")

    def _ForcedRelease(self, event: ev.ForcedRelease) -> None:
        self._release(event.agent, "released-by-supervisor", "forced", event.by)

    def _release(self, agent: str, outcome: str, reason: str, by: str) -> None:
        person = self._known(agent)
        if person is None:
            return
        if person.caller is None:
            self.refused.append((agent, "no-call"))
        elif person.state == "talking":
            person.caller.release = outcome
            self.commands.append(("ReleaseCall", person.caller.id))
        else:
            self._withdraw(person)
            self._decline(person, reason, by)

    def _DeadlineReached(self, _: ev.DeadlineReached) -> None:
        pass

    # --- to be compared -------------------------------------------------------------------------------------------

    def picture(self) -> dict[str, Any]:
        """Everybody's place: to be equal to `Told.picture`."""
        return {
            "calls": {each.id: _place(each) for each in self.callers.values()},
            "agents": {
                each.id: (each.state, each.reason, each.pending, each.by, each.caller and each.caller.id, each.since)
                for each in self.people.values()
            },
        }

    def details(self, call: str) -> dict[str, Any]:
        """What else is to be seen of a call."""
        caller = self.callers[call]
        return {
            "group": caller.group,
            "waiting_since": caller.since,
            "in_group_since": caller.in_group_since,
            "personal": caller.personal and caller.personal.id,
            "leaving": bool(caller.notes) and caller.place == "waiting" and not caller.callback,
            "tier": self.tier(caller) if caller.place in ("waiting", "offered") else None,
        }


def _place(caller: Caller) -> tuple[str, list[str]]:
    return (caller.place, [caller.agent.id] if caller.agent else sorted(caller.rings))
