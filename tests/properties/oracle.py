"""What should be: the rules of routing told once more, as simply as can be and apart from the code they check.

Nothing here is fast, indexed or sorted: every question is answered by looking at all calls and all agents. It knows
the values that pass into and out of the core (events, commands, notices, ids, rules) and nothing of what is inside.

`Model` foretells from the events alone; :mod:`tests.properties.told` follows what the router says.
"""

from __future__ import annotations

from typing import Any

from acd import events as ev
from acd.rules import Rules
from tests.properties.oracle_choice import Caller, Monitor, Open, Person
from tests.properties.oracle_supervision import Watching

REASONS = {"unanswered": "no-answer", "rejected": "rejected", "busy": "busy", "unreachable": "device-unavailable"}


class Model(Watching):
    """A call centre in the head: `hear` an event, `pass_time` to an instant; then look at everybody."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.former: dict[str, Any] = {}
        self.now = 0
        self.linked = False
        self.last_heard: int | None = None
        """When somebody new came last while the PBX was linked."""
        self.callers: dict[str, Caller] = {}
        self.people = {agent: Person(agent) for agent in rules.agents}
        self.monitors: dict[str, Monitor] = {}
        """By the supervisor."""
        self.last_agents: dict[str, str] = {}
        self.commands: list[tuple[Any, ...]] = []
        self.news: list[tuple[Any, ...]] = []
        self.finished: list[tuple[Any, ...]] = []
        self.refused: list[tuple[str, str]] = []
        self.open = Open()
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

    def hear(self, event: ev.Event, now: int, chosen: Open | None = None) -> None:
        """`chosen` tells what the router chose where the rules leave it open."""
        self.open = chosen or Open()
        self.pass_time(now)
        getattr(self, "_" + type(event).__name__)(event)
        self.settle()

    def _ring_over(self, person: Person) -> None:
        self.withdraw(person)
        self.decline(person, "no-answer")

    def _wrap_up_over(self, person: Person) -> None:
        self.go_idle(person)

    def _grace_over(self, person: Person) -> None:
        if person.state == "ready" or self.awaits_phone(person):
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
                self.ring(caller, person)
        while self.linked and (pairs := self.joining()):
            self.ring(*min(pairs, key=lambda pair: (self.service(pair[0]), pair[1].idle_number)))

    # --- the PBX --------------------------------------------------------------------------------------------------

    def _PbxFound(self, _: ev.PbxFound) -> None:
        if self.linked:
            return
        self.linked = True
        for caller in self.callers.values():
            caller.held = False
            for name in caller.rings:
                self.set(self.people[name], "ring", self.now + caller.group.ring_ms)
            self._repeat(caller)
        for monitor in self.monitors.values():
            if monitor.state == "over":
                self.commands.append(("EndMonitor", monitor.id))

    def _repeat(self, caller: Caller) -> None:
        """What was asked for may not have been heard."""
        if caller.release:
            self.commands.append(("ReleaseCall", caller.id))
        elif caller.left_with:
            self.commands.append(("LeaveWith", caller.id, caller.left_with))
        elif caller.place == "elsewhere" and caller.sent_to is not None:
            self.commands.append(("SendElsewhere", caller.id, str(caller.sent_to)))
        elif caller.place == "talking" and caller.kind != "consult":
            if caller.rearranged:
                self.commands.append(self.arrangement(caller))
            if caller.recording == "on" and not caller.path:
                agent = caller.agent and caller.agent.id
                self.commands.append(("Record", caller.id, "start", caller.group.id, agent))

    def _PbxLost(self, _: ev.PbxLost) -> None:
        self.linked = False
        for person in self.people.values():
            person.alarms.pop("ring", None)

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
        caller.served_tier = self.tier(caller)
        caller.place, caller.agent, caller.won, caller.stage = "talking", person, won, "connected"
        caller.notes, caller.held, caller.unasked = [], False, 0
        caller.was_callback, caller.callback = caller.was_callback or bool(caller.callback), ""
        self.forget_waiting(caller)
        self.become(person, "talking")
        person.turn = self.number()
        if self.asks_for("fewest-calls"):
            person.answered.append(self.now)
        caller.talked_with = person.id
        if caller.number_to_dial:
            self.withdraw_all(caller)
        else:
            self.talk_begins(caller)

    def talk_begins(self, call: Caller) -> None:
        """The caller, or who was dialled, hears the agent from now."""
        call.talked_from = self.now
        self.tell_connected(call)
        self.withdraw_all(call)
        if call.about is not None:
            self.tell_talk(call.about)
        else:
            self.remember(call)
            self.begin_recording(call)

    def _OfferFailed(self, event: ev.OfferFailed) -> None:
        if person := self._rung(event.offer):
            self.decline(person, REASONS[event.why])

    def _PhoneChanged(self, event: ev.PhoneChanged) -> None:
        person = self.people.get(event.agent)
        if person is None or person.phone == event.state:
            return
        person.phone = str(event.state)
        if person.state == "ready" or self.awaits_phone(person):
            self.go_idle(person)

    # --- words ----------------------------------------------------------------------------------------------------

    def _LoggedIn(self, event: ev.LoggedIn) -> None:
        person = self.known(event.agent)
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
        person = self.known(event.agent)
        if person is not None and person.state != "logged-out" and "grace" not in person.alarms:
            self.set(person, "grace", self.now + self.rules.client_grace_ms)

    def _asked(self, agent: str, state: str, reason: str = "", by: str = "") -> bool:
        """Go to `state`, now or after the call; False where that means nothing."""
        person = self.supervised(agent, by) if by else self.known(agent)
        if person is None:
            return False
        if person.state == "logged-out" or person.state == state == "ready" or person.removed:
            self.refused.append((agent, "not-now"))
            return False
        own_ready_against_forced = state == "ready" and not by and person.pending and person.pending[2]
        if person.state in ("ringing", "talking"):
            person.pending = person.pending if own_ready_against_forced else (state, reason, by)
        elif own_ready_against_forced:
            self.go_idle(person)
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
        person = self.people.get(event.agent)
        if done and event.release and person is not None and person.caller:
            self._release(person, "released-by-supervisor", "forced", event.by)

    def _ReleaseAsked(self, event: ev.ReleaseAsked) -> None:
        person = self.known(event.agent)
        if person is not None and not self._parts(person):
            self._release(person, "released-by-agent", "rejected", "")

    def _parts(self, person: Person) -> bool:
        """In a consult or conference to release means to leave that; while the PBX is lost it can't be left."""
        call = person.caller
        if call is None or call.release or call.consult is None:
            return False
        if not self.linked:
            self.refused.append((person.id, "not-now"))
        elif call.stage == "consulting":
            self.end_consult(call, "reconnected")
        else:
            self.transfer_attended(call)
        return True

    def _ForcedRelease(self, event: ev.ForcedRelease) -> None:
        person = self.supervised(event.agent, event.by)
        if person is not None:
            self._release(person, "released-by-supervisor", "forced", event.by)

    def _release(self, person: Person, outcome: str, reason: str, by: str) -> None:
        call = person.caller
        if call is None:
            self.refused.append((person.id, "no-call"))
        elif person.state != "talking":
            self.withdraw(person)
            self.decline(person, reason, by)
        elif call.about is not None:
            self.end_consult(call.about, "left")
        else:
            call.release = outcome
            self.commands.append(("ReleaseCall", call.id))

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
            "number": caller.number_to_dial,
            "stage": caller.stage,
            "recording": caller.recording,
            "recording_path": caller.path,
            "taken_by": caller.taken_by,
            "personal": caller.personal and caller.personal.id,
            "consult": caller.consult and caller.consult.id,
            "leaving": bool(caller.notes) and caller.place == "waiting" and not caller.callback,
            "tier": self.tier(caller) if caller.place in ("waiting", "offered") else None,
        }


def _place(caller: Caller) -> tuple[str, list[str]]:
    return (caller.place, [caller.agent.id] if caller.agent else sorted(caller.rings))
