"""Which call, and which agent: needs, tiers, the order of service and the nine strategies, told by plain looking.

The people and the callers of the oracle are here too, and nothing that happens to them (that is in
:mod:`tests.properties.oracle_waiting` and :mod:`tests.properties.oracle`).
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from math import exp
from typing import Any

from acd import events as ev
from acd.rules import Destination, OverflowStep, Rules, SkillGroup

AS_GOOD = 1e-9
"""Shares of time that differ by less are the same: here and there they are reckoned in another order."""


@dataclass(eq=False)
class Caller:
    id: str
    event: ev.CallArrived
    """What it asked for by itself."""
    entry: str
    group: SkillGroup
    since: int
    in_group_since: int
    number: int
    """Of arrival."""
    place: str = "waiting"
    returned: bool = False
    rings: dict[str, int] = field(default_factory=dict)
    """Who is rung for it now, and the number of that offer."""
    agent: Person | None = None
    """Who talks with it."""
    rung: int = 0
    talked_with: str | None = None
    """Who talks with it, or did last."""
    won: int = 0
    """The number of the offer that led to talk."""
    declined_by: set[str] = field(default_factory=set)
    talked_from: int | None = None
    release: str | None = None
    """How it will have ended, once the PBX was asked to end it."""
    steps: int = 0
    """How many of the group's steps are taken."""
    left_just_now: set[str] = field(default_factory=set)
    """The groups it left at the instant at which it came to its present one."""
    forced_tier: int | None = None
    personal: Person | None = None
    unasked: int = 0
    """A number: somebody has gone, and nobody has looked yet who else is there; the lowest is the first."""
    notes: list[tuple[Destination, str]] = field(default_factory=list)
    """Where it goes as soon as it waits and nobody is ready, and why: the latest that leads anywhere counts."""
    held: bool = False
    """Whether that has to wait for the PBX."""
    sent_to: Destination | None = None
    door: str | None = None
    """Why it was sent elsewhere before it ever waited."""
    callback: str = ""
    was_callback: bool = False
    kind: str = "incoming"
    stage: str = "connected"
    rearranged: bool = False
    """Whether the PBX was ever asked for another stage."""
    served_tier: int = 0
    """The tier with which it came to its talk."""
    consult: Caller | None = None
    consults: int = 0
    about: Caller | None = None
    asked: Destination | None = None
    """Of a consult: the call to which it belongs, and who is asked."""
    number_to_dial: str = ""
    """Of a consult or an outgoing call: until it is reached."""
    unreached: str | None = None
    left_with: str = ""
    """The consult whose number it was sent to."""
    transferred: bool = False
    """Whether an agent has given it to a place outside, where it isn't yet."""
    recording: str | None = None
    path: str = ""
    recording_before: tuple[str | None] | None = None
    """What it was before the latest word, which may fail."""
    taken_by: str = ""
    alarms: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(eq=False)
class Person:
    id: str
    state: str = "logged-out"
    since: int = 0
    reason: str = ""
    by: str = ""
    pending: tuple[str, str, str] | None = None
    idle_number: int = 0
    caller: Caller | None = None
    phone: str = "free"
    removed: bool = False
    """From the rules; gone when the call is over."""
    turn: int = 0
    answered: list[int] = field(default_factory=list)
    """When calls were answered."""
    share: float = 0.0
    """Of recent time in calls and wrap-up."""
    alarms: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What is due ("ring", "wrap_up", "grace"): when, and in which order it was set."""


@dataclass(eq=False)
class Monitor:
    """A supervisor's phone in an agent's talk."""

    id: str
    by: str
    agent: str
    call: str
    mode: str
    state: str = "ringing"


@dataclass(frozen=True)
class Open:
    """What the router chose where the rules leave it open."""

    offers: Mapping[tuple[str, int], str] = field(default_factory=dict)
    """Whom each offer went to."""
    call: str = ""
    monitor: str = ""
    """The names of an outgoing call and of a monitor."""
    drawn: frozenset[str] = frozenset()
    """The calls whose recording was begun: those drawn by lot are among them."""


class Choosing:
    """What follows from the rules and from where everybody is."""

    rules: Rules
    now: int
    people: dict[str, Person]
    callers: dict[str, Caller]
    monitors: dict[str, Monitor]
    open: Open

    # --- what a call asks for -------------------------------------------------------------------------------------

    def taken(self, caller: Caller) -> tuple[OverflowStep, ...]:
        return caller.group.steps[: caller.steps]

    def own_needs(self, caller: Caller) -> dict[str, int]:
        entry = self.rules.entries.get(caller.entry)
        return _highest(caller.event.needs, entry.needs if entry else ())

    def needs(self, caller: Caller) -> dict[str, int]:
        """Those of its group and its own, with the levels that the steps have set."""
        asked = _highest(caller.group.needs, self.own_needs(caller).items())
        return _dropped(asked | _set_by(self.taken(caller)))

    def needs_of_others(self, caller: Caller) -> list[dict[str, int]]:
        """For each group whose agents serve too."""
        added = [step.groups for step in self.taken(caller) if step.groups is not None]
        levels, own = _set_by(self.taken(caller)), self.own_needs(caller)
        own = _dropped({skill: levels.get(skill, level) for skill, level in own.items()})
        groups = [self.rules.groups[name] for name in (added[-1] if added else ()) if name in self.rules.groups]
        return [_highest(group.needs, own.items()) for group in groups]

    def skills(self, person: Person) -> dict[str, int]:
        return dict(self.record(person).skills)

    def record(self, person: Person) -> Any:
        """As it is in the rules, or was there at the last."""
        return self.rules.agents.get(person.id) or self.former[person.id]

    former: dict[str, Any]

    def may_serve(self, person: Person, caller: Caller) -> bool:
        if caller.personal is not None:
            return caller.personal is person
        return self.has_skills_for(person, caller)

    def has_skills_for(self, person: Person, caller: Caller) -> bool:
        return any(self._has(person, needs) for needs in [self.needs(caller), *self.needs_of_others(caller)])

    def covers(self, person: Person, group: SkillGroup) -> bool:
        """Whether the agent may serve the group's calls that ask for nothing of their own."""
        return self._has(person, dict(group.needs))

    def _has(self, person: Person, needs: Mapping[str, int]) -> bool:
        skills = self.skills(person)
        return all(skills.get(skill, 0) >= level for skill, level in needs.items())

    def anybody_for(self, caller: Caller) -> bool:
        """Whether somebody who may serve it is logged in: of a consult, besides who asks."""
        asker = caller.about and caller.about.agent
        there = [each for each in self.people.values() if each.state != "logged-out" and each is not asker]
        return any(self.may_serve(each, caller) for each in there)

    def as_if(self, caller: Caller, group: SkillGroup, entry: str) -> Caller:
        """The same call, had it just come to `group`."""
        other = copy(caller)
        other.group, other.entry, other.steps, other.personal = group, entry, 0, None
        return other

    # --- which call -----------------------------------------------------------------------------------------------

    def granting(self, caller: Caller) -> list[Any]:
        if caller.kind != "incoming" and not caller.entry:
            return [caller.event]
        entry, vip = self.rules.entries.get(caller.entry), self.rules.vips.get(caller.event.caller_number)
        return [each for each in (caller.event, entry, vip) if each is not None]

    def tier(self, caller: Caller) -> int:
        if caller.forced_tier is not None:
            return caller.forced_tier
        raised = [step.tier for step in self.taken(caller) if step.tier is not None]
        return max(0, *(each.tier for each in self.granting(caller)), *raised[-1:])

    def service(self, caller: Caller) -> tuple[int, ...]:
        """The smaller, the sooner."""
        wait = self.now - caller.since + max(0, *(each.credit_ms for each in self.granting(caller)))
        return (0 if caller.returned else 1, -self.tier(caller), -wait * caller.group.weight_percent, caller.number)

    def pairs(self) -> list[tuple[Caller, Person]]:
        """Every waiting call with every ready agent who may serve it."""
        return [
            (caller, person)
            for caller in self.callers.values()
            for person in self.people.values()
            if caller.place == "waiting"
            if person.state == "ready" and self.may_serve(person, caller)
        ]

    def joining(self) -> list[tuple[Caller, Person]]:
        """Every call that rings at all with every ready agent who may join."""
        return [
            (caller, person)
            for caller in self.callers.values()
            for person in self.people.values()
            if caller.place == "offered" and caller.group.strategy == "ring-all"
            if person.state == "ready" and person.id not in caller.declined_by and self.may_serve(person, caller)
            if not self.rings_one_phone(caller)
        ]

    def rings_one_phone(self, caller: Caller) -> bool:
        """Whether nobody else can take it: the phone of who dials, or of the agent who is asked in a consult."""
        return bool(caller.number_to_dial) or (caller.asked is not None and caller.asked.kind == "agent")

    # --- lines ----------------------------------------------------------------------------------------------------

    def position(self, caller: Caller) -> int:
        """How many are served before it who stand in the same line, plus one."""
        line = self.lines(caller)[0]
        others = [each for each in self.callers.values() if each.place == "waiting" and line in self.lines(each)]
        return 1 + sum(self.service(each) < self.service(caller) for each in others)

    def lines(self, caller: Caller) -> list[tuple[Any, ...]]:
        """What all share who wait in one line; the first is that of its own needs."""
        group = caller.group
        if caller.personal is not None:
            return [(caller.personal.id, group.strategy, group.weight_percent)]
        sets = [sorted(needs.items()) for needs in [self.needs(caller), *self.needs_of_others(caller)]]
        measure = sets[0] if group.strategy == "most-skilled" else []
        return [(needs, group.strategy, group.weight_percent, measure) for needs in sets]

    # --- which agent ----------------------------------------------------------------------------------------------

    def chosen(self, caller: Caller, ready: list[Person]) -> list[Person]:
        """Who of those `ready` is rung for the call: one, but for ring-all."""
        ready = sorted(ready, key=lambda person: person.idle_number)
        fresh = [person for person in ready if person.id not in caller.declined_by]
        if caller.group.strategy == "ring-all":
            return fresh or ready[:1]
        open_to = getattr(self, "_" + caller.group.strategy.replace("-", "_"))(caller, fresh or ready)
        rung = self.open.offers.get((caller.id, caller.rung + 1))
        return [next((person for person in open_to if person.id == rung), open_to[0])]

    def _longest_idle(self, _: Caller, ready: list[Person]) -> list[Person]:
        return ready[:1]

    def _least_occupied(self, _: Caller, ready: list[Person]) -> list[Person]:
        least = min(person.share for person in ready)
        best = [person for person in ready if person.share <= least + AS_GOOD]
        return best if any(person.share for person in best) else best[:1]

    def _fewest_calls(self, _: Caller, ready: list[Person]) -> list[Person]:
        return [min(ready, key=self.calls_lately)]

    def _round_robin(self, _: Caller, ready: list[Person]) -> list[Person]:
        return [min(ready, key=lambda person: (person.turn, self._position(person)))]

    def _most_skilled(self, caller: Caller, ready: list[Person]) -> list[Person]:
        return [max(ready, key=lambda person: sum(self.skills(person).get(skill, 0) for skill in self.needs(caller)))]

    def _least_skilled(self, _: Caller, ready: list[Person]) -> list[Person]:
        return [min(ready, key=lambda person: (len(self.skills(person)), sum(self.skills(person).values())))]

    def _fixed_order(self, _: Caller, ready: list[Person]) -> list[Person]:
        return [min(ready, key=self._position)]

    def _random(self, _: Caller, ready: list[Person]) -> list[Person]:
        return ready

    def calls_lately(self, person: Person) -> int:
        """What isn't recent any more is forgotten, and doesn't come back when other rules reach further."""
        person.answered = [at for at in person.answered if self.now < at + self.rules.recent_ms]
        return len(person.answered)

    def _position(self, person: Person) -> int:
        names = [*self.rules.agents]
        return names.index(person.id) if person.id in names else len(names)

    # --- shares of time -------------------------------------------------------------------------------------------

    def asks_for(self, strategy: str) -> bool:
        return any(group.strategy == strategy for group in self.rules.groups.values())

    def go_to(self, now: int) -> None:
        """Time passes, and nothing happens."""
        past = exp((self.now - now) / self.rules.recent_ms)
        for person in self.people.values():
            if not self.asks_for("least-occupied") or person.state in ("logged-out", "not-ready"):
                continue
            busy = person.state in ("talking", "wrap-up")
            person.share = 1 - (1 - person.share) * past if busy else person.share * past
        self.now = now


def _highest(*needs: Any) -> dict[str, int]:
    asked: dict[str, int] = {}
    for skill, level in (pair for each in needs for pair in each):
        asked[skill] = max(level, asked.get(skill, 0))
    return asked


def _set_by(steps: tuple[OverflowStep, ...]) -> dict[str, int]:
    """The levels that `steps` have set, the later over the earlier."""
    return {skill: level for step in steps for skill, level in step.needs}


def _dropped(needs: dict[str, int]) -> dict[str, int]:
    return {skill: level for skill, level in needs.items() if level}
