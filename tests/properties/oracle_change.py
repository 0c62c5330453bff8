"""What happens when other rules come into force while calls wait."""

from __future__ import annotations

from acd import events as ev
from acd.rules import SkillGroup, changed
from tests.properties.oracle_choice import Caller, Person
from tests.properties.oracle_waiting import Waiting


class Changing(Waiting):
    """What `Model` knows about new rules, and about who can't be there any more."""

    def become(self, person: Person, state: str, reason: str = "", by: str = "") -> None:
        raise NotImplementedError

    # --- who leaves -----------------------------------------------------------------------------------------------

    def nobody_waits_for(self, person: Person) -> None:
        for caller in self.callers.values():
            if caller.personal is person:
                self.end_personal(caller)

    def logged_out(self, person: Person) -> None:
        """A removed one is gone; calls that nobody else may serve go where the group says."""
        for caller in sorted(self.waiting(), key=self.service):
            if self.has_skills_for(person, caller):
                caller.unasked = self.number()
        if person.removed:
            del self.people[person.id]

    # --- other rules ----------------------------------------------------------------------------------------------

    def _RulesChanged(self, event: ev.RulesChanged) -> None:
        before = self.rules
        for person in self.people.values():
            self.calls_lately(person)
        self.rules = changed(before, event.change)
        self._forget_what_nobody_asks_for()
        self._change_people(dict(before.agents), event.by)
        for caller in self.callers.values():
            caller.held = False
            self._follow(caller, self.rules.groups.get(caller.group.id, caller.group))
        for caller in self.waiting():
            caller.unasked = self.number()

    def _follow(self, caller: Caller, group: SkillGroup) -> None:
        before, caller.group = caller.group, group
        if caller.kind == "consult" or caller.number_to_dial:
            return
        if group != before:
            self._catch_up(caller)
        elif caller.place in ("waiting", "offered"):
            self.steps_on(caller)
        if not group.tell_position_ms:
            caller.alarms.pop("position", None)
        elif caller.place in ("waiting", "offered"):
            self.tell_places(caller)

    def _forget_what_nobody_asks_for(self) -> None:
        """When a group asks for it again, everybody begins anew."""
        for person in self.people.values():
            person.share = person.share if self.asks_for("least-occupied") else 0.0
            person.answered = person.answered if self.asks_for("fewest-calls") else []

    def _change_people(self, before: dict, by: str) -> None:  # type: ignore[type-arg]
        self.former |= before
        for name in before:
            if name not in self.rules.agents:
                self._remove(self.people[name], by)
        for name in self.rules.agents:
            person = self.people.setdefault(name, Person(name))
            if person.removed:
                person.removed, person.pending = False, None

    def _remove(self, person: Person, by: str) -> None:
        person.removed = True
        if person.state in ("ringing", "talking"):
            person.pending = ("logged-out", "", by)
        else:
            self.become(person, "logged-out", "", by)

    def _catch_up(self, caller: Caller) -> None:
        """Steps whose time has passed count as taken; of where they send the call, the last counts now."""
        until = self.now if caller.talked_from is None else caller.talked_from
        caller.steps = sum(caller.in_group_since + step.after_ms <= until for step in caller.group.steps)
        if caller.place in ("waiting", "offered"):
            caller.notes = [(to, cause) for to, cause in caller.notes if cause != "step"]
            ways = [step.to for step in self.taken(caller) if step.to is not None]
            if ways:
                caller.notes, caller.held = [(ways[-1], "step")], False
            self.steps_on(caller)
