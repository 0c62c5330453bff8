"""What people and callers do together: ring, be free again, come back, end. Each changes all who are concerned."""

from __future__ import annotations

from typing import Any

from tests.properties.oracle_change import Changing
from tests.properties.oracle_choice import Caller, Person

PHONES = {"busy": "busy", "unreachable": "device-unavailable"}
UNHEARD = ("logged-out", "not-ready", "ready")


class Verbs(Changing):
    """What `Model` can do to people and callers."""

    _count: int

    def number(self) -> int:
        self._count += 1
        return self._count

    # --- people ---------------------------------------------------------------------------------------------------

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

    def go_idle(self, person: Person, *, keep_place: bool = False) -> None:
        """Ready, or what is pending instead."""
        self.become(person, *(person.pending or ("ready", "", "")))
        if person.state == "ready" and not keep_place:
            person.idle_number = self.number()

    def awaits_phone(self, person: Person) -> bool:
        return person.state == "not-ready" and person.reason in PHONES.values()

    def step_back(self, person: Person, reason: str, by: str = "") -> None:
        """Not ready, unless he or she wanted to leave anyway."""
        out = person.pending if person.pending and person.pending[0] == "logged-out" else ("not-ready", reason, by)
        self.become(person, *out)

    def wrap_up(self, person: Person, wrap_up_ms: int) -> None:
        """After a talk."""
        person.caller = None
        if wrap_up_ms and not (person.pending and person.pending[0] == "logged-out"):
            self.become(person, "wrap-up")
            self.set(person, "wrap_up", self.now + wrap_up_ms)
        else:
            self.go_idle(person)

    # --- callers --------------------------------------------------------------------------------------------------

    def ring(self, caller: Caller, person: Person) -> None:
        caller.place, caller.unasked, person.caller = "offered", 0, caller
        caller.rung += 1
        caller.rings[person.id] = caller.rung
        self.become(person, "ringing")
        self.set(person, "ring", self.now + caller.group.ring_ms)
        dial = caller.callback or caller.number_to_dial
        offer = (caller.id, caller.rung, person.id, self.now - caller.since, caller.group.ring_ms, dial)
        self.commands.append(("OfferCall", *offer))

    def come_back(self, caller: Caller) -> None:
        """Ahead of the line."""
        caller.place, caller.returned, caller.unasked = "waiting", True, self.number()
        self.tell_places(caller)

    def forget_talk(self, caller: Caller) -> None:
        """The talk is over, doesn't count, and the call goes on."""
        talked = 0 if caller.talked_from is None else self.now - caller.talked_from
        caller.since += talked
        caller.in_group_since += talked
        caller.agent, caller.talked_from, caller.stage = None, None, "connected"

    def withdraw(self, person: Person) -> None:
        assert person.caller is not None
        self.commands.append(("WithdrawOffer", person.caller.id, person.caller.rings[person.id]))

    def withdraw_all(self, caller: Caller) -> None:
        """Nobody who rings for it has to any more."""
        for name in [*caller.rings]:
            self.withdraw(self.people[name])
            del caller.rings[name]
            self.go_idle(self.people[name], keep_place=True)
        if caller.place == "offered":
            caller.place = "waiting"

    def end(self, caller: Caller, outcome: str) -> None:
        del self.callers[caller.id]
        talked_from = self.now if caller.talked_from is None else caller.talked_from
        waited, talked = talked_from - caller.since, self.now - talked_from
        about: tuple[Any, ...] = (caller.id, caller.group.id, caller.talked_with, outcome, waited, talked)
        self.finished.append((*about, caller.kind, caller.path, caller.unreached))
