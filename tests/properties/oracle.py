"""What should be: the rules of routing told once more, as simply as can be and apart from the code they check.

Nothing here is fast, indexed or sorted: every question is answered by looking at all calls and all agents. It knows
the values that pass into and out of the core (events, commands, notices, ids, rules) and nothing of what is inside.

`Model` foretells from the events alone. `Told` follows what the router says, and objects to what can't be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.rules import Rules

REASONS = {"unanswered": "no-answer", "rejected": "rejected", "busy": "busy", "unreachable": "device-unavailable"}
UNHEARD = ("logged-out", "not-ready", "ready")


@dataclass(eq=False)
class Caller:
    id: str
    group: Any
    needs: list[tuple[str, int]]
    tier: int
    credit_ms: int
    since: int
    number: int
    """Of arrival."""
    place: str = "waiting"
    returned: bool = False
    agent: Person | None = None
    rung: int = 0
    declined_by: set[str] = field(default_factory=set)
    talked_from: int | None = None
    release: str | None = None


@dataclass(eq=False)
class Person:
    id: str
    skills: dict[str, int]
    state: str = "logged-out"
    since: int = 0
    reason: str = ""
    by: str = ""
    pending: tuple[str, str, str] | None = None
    idle_number: int = 0
    caller: Caller | None = None
    alarms: dict[str, tuple[int, int]] = field(default_factory=dict)
    """What is due ("ring", "wrap-up", "grace"): when, and in which order it was set."""


class Model:
    """A call centre in the head: `hear` an event, `pass_time` to an instant; then look at everybody."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = 0
        self.linked = False
        self.callers: dict[str, Caller] = {}
        self.people = {each.id: Person(each.id, dict(each.skills)) for each in rules.agents.values()}
        self.commands: list[tuple[Any, ...]] = []
        self.finished: list[tuple[Any, ...]] = []
        self.refused: list[tuple[str, str]] = []
        self._count = 0

    # --- time -----------------------------------------------------------------------------------------------------

    def next_due(self) -> int | None:
        return min((at for person in self.people.values() for at, _ in person.alarms.values()), default=None)

    def pass_time(self, now: int) -> None:
        """Everything that is due by `now` happens, each at its instant."""
        while (due := self.next_due()) is not None and due <= now:
            self.now = due
            _, name, person = min(
                (alarm, name, person.id) for person in self.people.values() for name, alarm in person.alarms.items()
            )
            del self.people[person].alarms[name]
            getattr(self, f"_{name}_over")(self.people[person])
            self._match()
        self.now = now

    def hear(self, event: ev.Event, now: int) -> None:
        self.pass_time(now)
        getattr(self, "_" + type(event).__name__)(event)
        self._match()

    def _ring_over(self, person: Person) -> None:
        assert person.caller is not None
        self._withdraw(person.caller)
        self._decline(person, "no-answer")

    def _wrap_up_over(self, person: Person) -> None:
        self._go_idle(person)

    def _grace_over(self, person: Person) -> None:
        if person.state == "ready":
            self._become(person, "not-ready", "connection-lost")
        elif person.state in ("ringing", "talking", "wrap-up") and (not person.pending or person.pending[0] == "ready"):
            person.pending = ("not-ready", "connection-lost", "")

    # --- who serves whom ------------------------------------------------------------------------------------------

    def may_serve(self, person: Person, caller: Caller) -> bool:
        return all(person.skills.get(skill, 0) >= level for skill, level in caller.needs)

    def pairs(self) -> list[tuple[Caller, Person]]:
        """Every waiting call with every ready agent who may serve it."""
        waiting = [caller for caller in self.callers.values() if caller.place == "waiting"]
        ready = [person for person in self.people.values() if person.state == "ready"]
        return [(caller, person) for caller in waiting for person in ready if self.may_serve(person, caller)]

    def _match(self) -> None:
        while self.linked and (pairs := self.pairs()):
            caller, person = min(pairs, key=lambda pair: (*self._service(pair[0]), *_idleness(*pair)))
            caller.place, caller.agent, person.caller = "offered", person, caller
            caller.rung += 1
            self._become(person, "ringing")
            self._set(person, "ring", caller.group.ring_ms)
            self.commands.append(("OfferCall", caller.id, caller.rung, person.id, self.now - caller.since))

    def _service(self, caller: Caller) -> tuple[int, ...]:
        wait = self.now - caller.since
        return (0 if caller.returned else 1, -caller.tier, -(wait + caller.credit_ms), caller.number)

    # --- what happens to people and callers -----------------------------------------------------------------------

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _set(self, person: Person, name: str, after_ms: int) -> None:
        person.alarms[name] = (self.now + after_ms, self._number())

    def _become(self, person: Person, state: str, reason: str = "", by: str = "") -> None:
        if state != person.state:
            person.since = self.now
        person.state, person.reason, person.by = state, reason, by
        if state in UNHEARD:
            person.pending = person.caller = None
        if state != "ringing":
            person.alarms.pop("ring", None)
        if state != "wrap-up":
            person.alarms.pop("wrap_up", None)
        if state == "logged-out":
            person.alarms.pop("grace", None)

    def _go_idle(self, person: Person, *, keep_place: bool = False) -> None:
        """Ready, or what is pending instead."""
        self._become(person, *(person.pending or ("ready", "", "")))
        if person.state == "ready" and not keep_place:
            person.idle_number = self._number()

    def _decline(self, person: Person, reason: str, by: str = "") -> None:
        """The offer didn't lead to talk, by the agent's side."""
        assert person.caller is not None
        person.caller.declined_by.add(person.id)
        self._give_back(person, reason, by)

    def _give_back(self, person: Person, reason: str, by: str = "") -> None:
        caller = person.caller
        assert caller is not None
        caller.place, caller.returned, caller.agent = "waiting", True, None
        out = person.pending if person.pending and person.pending[0] == "logged-out" else ("not-ready", reason, by)
        self._become(person, *out)

    def _withdraw(self, caller: Caller) -> None:
        self.commands.append(("WithdrawOffer", caller.id, caller.rung))

    def _end(self, caller: Caller, outcome: str) -> None:
        del self.callers[caller.id]
        talked_from = self.now if caller.talked_from is None else caller.talked_from
        agent = caller.agent.id if caller.agent and caller.place == "talking" else None
        waited, talked = talked_from - caller.since, self.now - talked_from
        self.finished.append((caller.id, caller.group.id, agent, outcome, waited, talked))

    def _hang_up(self, caller: Caller, outcome: str) -> None:
        """A talk is over."""
        person = caller.agent
        assert person is not None
        self._end(caller, caller.release or outcome)
        person.caller = None
        if caller.group.wrap_up_ms and not (person.pending and person.pending[0] == "logged-out"):
            self._become(person, "wrap-up")
            self._set(person, "wrap_up", caller.group.wrap_up_ms)
        else:
            self._go_idle(person)

    # --- the PBX --------------------------------------------------------------------------------------------------

    def _PbxFound(self, _: ev.PbxFound) -> None:
        if self.linked:
            return
        self.linked = True
        for caller in self.callers.values():
            if caller.place == "offered":
                assert caller.agent is not None
                self._set(caller.agent, "ring", caller.group.ring_ms)
            elif caller.release:
                self.commands.append(("ReleaseCall", caller.id))

    def _PbxLost(self, _: ev.PbxLost) -> None:
        self.linked = False
        for person in self.people.values():
            person.alarms.pop("ring", None)

    def _CallArrived(self, event: ev.CallArrived) -> None:
        if event.call in self.callers:
            return
        entry = self.rules.entries.get(event.entry)
        group = self.rules.groups.get(event.group or (entry.group if entry else ""))
        if group is None:
            self.commands.append(("RefuseCall", event.call))
            self.finished.append((event.call, None, None, "refused", 0, 0))
            return
        vip = self.rules.vips.get(event.caller_number)
        granting = [each for each in (event, entry, vip) if each is not None]
        self.callers[event.call] = Caller(
            event.call,
            group,
            needs=[*group.needs, *(entry.needs if entry else ()), *event.needs],
            tier=max(0, *(each.tier for each in granting)),
            credit_ms=max(0, *(each.credit_ms for each in granting)),
            since=self.now if event.waiting_since is None else min(event.waiting_since, self.now),
            number=self._number(),
        )

    def _CallerLeft(self, event: ev.CallerLeft) -> None:
        caller = self.callers.get(event.call)
        if caller is None:
            return
        if caller.place == "talking":
            self._hang_up(caller, "released-by-caller")
            return
        self._end(caller, "abandoned")
        if caller.place == "offered":
            assert caller.agent is not None
            self._withdraw(caller)
            self._go_idle(caller.agent, keep_place=True)

    def _offered(self, offer: tuple[str, int], place: str) -> Caller | None:
        """Who is in `place` through this very offer."""
        caller = self.callers.get(offer[0])
        return caller if caller is not None and caller.rung == offer[1] and caller.place == place else None

    def _OfferAccepted(self, event: ev.OfferAccepted) -> None:
        if caller := self._offered(event.offer, "offered"):
            assert caller.agent is not None
            caller.place, caller.talked_from = "talking", self.now
            self._become(caller.agent, "talking")
        elif not self._offered(event.offer, "talking"):
            self.commands.append(("WithdrawOffer", *event.offer))

    def _OfferFailed(self, event: ev.OfferFailed) -> None:
        if caller := self._offered(event.offer, "offered"):
            assert caller.agent is not None
            self._decline(caller.agent, REASONS[event.why])

    def _PhoneLeft(self, event: ev.PhoneLeft) -> None:
        known = self.callers.get(event.offer.call)
        if known is None:
            self.commands.append(("ReleaseCall", event.offer.call))
        elif known.place != "talking":
            self.commands.append(("KeepWaiting", known.id))
        elif not self._offered(event.offer, "talking"):
            pass
        elif event.lost and not known.release:
            assert known.agent is not None
            assert known.talked_from is not None
            self.commands.append(("KeepWaiting", known.id))
            known.since += self.now - known.talked_from
            known.talked_from = None
            self._give_back(known.agent, "device-unavailable")
        else:
            self.commands.append(("ReleaseCall", known.id))
            self._hang_up(known, "released-by-agent")

    # --- words ----------------------------------------------------------------------------------------------------

    def _known(self, agent: str) -> Person | None:
        if agent not in self.people:
            self.refused.append((agent, "unknown-agent"))
        return self.people.get(agent)

    def _LoggedIn(self, event: ev.LoggedIn) -> None:
        person = self._known(event.agent)
        if person is None:
            return
        person.alarms.pop("grace", None)
        if person.state == "logged-out":
            self._become(person, "not-ready", "logged-in")
        elif person.pending and person.pending[1] == "connection-lost":
            person.pending = None

    def _ClientLost(self, event: ev.ClientLost) -> None:
        person = self._known(event.agent)
        if person is not None and person.state != "logged-out" and "grace" not in person.alarms:
            self._set(person, "grace", self.rules.client_grace_ms)

    def _asked(self, agent: str, state: str, reason: str = "", by: str = "") -> bool:
        """Go to `state`, now or after the call; False where that means nothing."""
        person = self._known(agent)
        if person is None:
            return False
        if person.state == "logged-out" or person.state == state == "ready":
            self.refused.append((agent, "not-now"))
            return False
        own_ready_against_forced = state == "ready" and not by and person.pending and person.pending[2]
        if person.state in ("ringing", "talking"):
            person.pending = person.pending if own_ready_against_forced else (state, reason, by)
        elif own_ready_against_forced:
            self._go_idle(person)
        else:
            self._become(person, state, reason, by)
            if state == "ready":
                person.idle_number = self._number()
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
            self._withdraw(person.caller)
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


def _idleness(caller: Caller, person: Person) -> tuple[bool, int]:
    """Longest idle first; who declined this very call last of all."""
    return (person.id in caller.declined_by, person.idle_number)


def _place(caller: Caller) -> tuple[str, str | None]:
    return (caller.place, caller.agent.id if caller.agent else None)


class Told:
    """What the router says, followed message by message. Raises AssertionError at the first that can't be."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.calls: dict[str, tuple[str, str | None]] = {}
        self.agents = dict.fromkeys(rules.agents, ("logged-out", "", None, "", None, 0))
        self.offers: dict[tuple[str, int], str] = {}
        """Every offer made in the life of a live call, and to whom."""
        self.live: dict[str, tuple[str, int]] = {}
        """The offer that rings at an agent, or led to the present talk."""
        self.linked = False
        self.arrived = 0
        self.outcomes: Counter[str] = Counter()
        self.commands: list[tuple[Any, ...]] = []
        self.finished: list[tuple[Any, ...]] = []
        self.refused: list[tuple[str, str]] = []

    def follow(self, event: ev.Event, outputs: tuple[Any, ...]) -> None:
        if isinstance(event, ev.CallArrived) and event.call not in self.calls:
            self.arrived += 1
        for output in outputs:
            getattr(self, "_" + type(output).__name__, self._other)(output, event)

    def _other(self, command: Any, _: ev.Event) -> None:
        self.commands.append((type(command).__name__, *getattr(command, "offer", [getattr(command, "call", None)])))

    def _KeepWaiting(self, command: cmd.KeepWaiting, event: ev.Event) -> None:
        self.commands.append(("KeepWaiting", command.call))
        place, agent = self.calls[command.call]
        assert isinstance(event, ev.PhoneLeft)
        assert place != "talking" or (agent is not None and self.live[agent] == event.offer)

    def _OfferCall(self, command: cmd.OfferCall, _: ev.Event) -> None:
        assert self.linked, "an offer while the PBX is lost"
        assert self.calls[command.call] == ("waiting", None), "a second offer for one call"
        assert self.agents[command.agent][0] == "ready", "an offer to who isn't ready"
        assert command.agent not in self.live, "a second offer to one agent"
        assert command.offer not in self.offers, "an offer's name used twice"
        record, group = self.rules.agents[command.agent], self.rules.groups[command.group]
        assert (command.device, command.ring_ms) == (record.device, group.ring_ms)
        self.offers[command.offer], self.live[command.agent] = command.agent, command.offer
        self.calls[command.call] = ("offered", command.agent)
        self.commands.append(("OfferCall", *command.offer, command.agent, command.waited_ms))

    def _PbxChanged(self, notice: say.PbxChanged, _: ev.Event) -> None:
        self.linked = notice.why_lost is None

    def _AgentChanged(self, notice: say.AgentChanged, _: ev.Event) -> None:
        pending = notice.pending and (notice.pending.state, notice.pending.reason, notice.pending.by)
        call = notice.call if notice.state in ("ringing", "talking") else None
        self.agents[notice.agent] = (notice.state, notice.reason, pending, notice.by, call, notice.since)

    def _CallQueued(self, notice: say.CallQueued, _: ev.Event) -> None:
        assert notice.returned is (notice.call in self.calls)
        before, agent = self.calls.get(notice.call, ("nowhere", None))
        assert before in (("returning", "talking") if notice.returned else ("nowhere",))
        if agent is not None:
            self.live.pop(agent)
        self.calls[notice.call] = ("waiting", None)

    def _OfferEnded(self, notice: say.OfferEnded, _: ev.Event) -> None:
        assert self.live.pop(notice.agent) == notice.offer
        if notice.how != "withdrawn":
            assert self.calls[notice.offer.call] == ("offered", notice.agent)
            self.calls[notice.offer.call] = ("returning", None)

    def _CallConnected(self, notice: say.CallConnected, _: ev.Event) -> None:
        assert self.calls[notice.call] == ("offered", notice.agent), "two winners, or the wrong one"
        self.calls[notice.call] = ("talking", notice.agent)

    def _CallFinished(self, notice: say.CallFinished, _: ev.Event) -> None:
        place, agent = self.calls.pop(notice.call, ("nowhere", None))
        assert (place == "nowhere") is (notice.outcome == "refused"), "an end without a beginning"
        if place == "talking":
            assert notice.agent == agent
            assert agent is not None
            del self.live[agent]
        self.offers = {offer: to for offer, to in self.offers.items() if offer[0] != notice.call}
        self.outcomes[notice.outcome] += 1
        self.finished.append(tuple(getattr(notice, name) for name in say.CallFinished.__slots__))

    def _Refused(self, notice: say.Refused, _: ev.Event) -> None:
        assert notice.detail, "a refusal that doesn't say why"
        self.refused.append((notice.agent, notice.code))

    def picture(self) -> dict[str, Any]:
        return {"calls": self.calls, "agents": self.agents}

    def contradictions(self) -> Iterator[str]:
        """What is wrong with the picture as it is, between two events."""
        in_call = {agent: each for agent, each in self.agents.items() if each[0] in ("ringing", "talking")}
        held = {(agent, call) for call, (_, agent) in self.calls.items() if agent is not None}
        if held != {(agent, each[4]) for agent, each in in_call.items()}:
            yield f"agents hold {in_call}, calls say {self.calls}"
        if self.live.keys() != in_call.keys():
            yield f"offers live at {[*self.live]}, agents in calls are {[*in_call]}"
        if "returning" in {place for place, _ in self.calls.values()}:
            yield "a call is in no place"
        if self.arrived != len(self.calls) + self.outcomes.total():
            yield f"{self.arrived} calls came, {len(self.calls)} are here, {self.outcomes} are over"
