"""Transfers and outgoing calls, and talks that are found: who has the caller next."""

from __future__ import annotations

from acd import events as ev
from acd.rules import Destination, SkillGroup
from tests.properties.oracle_choice import Caller, Person
from tests.properties.oracle_talks import WITH_CALLER, WITH_PARTY, Talking
from tests.properties.oracle_waiting import THERE, Place

PERSONAL_MS = 30_000
"""How long a caller who is given to an agent waits for that agent alone."""


class Giving(Talking):
    """What `Model` knows about giving a caller to somebody else."""

    # --- after a consult ------------------------------------------------------------------------------------------

    def transfer_attended(self, call: Caller, *, lost: bool = False) -> None:
        giver, consult, wrap_up_ms = call.agent, call.consult, call.group.wrap_up_ms
        assert giver is not None
        assert consult is not None
        self.news.append(("CallTransferred", call.id, giver.id, str(consult.asked), True))
        if consult.agent is None:
            self._leave_with(call, consult)
        else:
            self._hand_over(call, consult, consult.agent)
        self.let_go(giver, wrap_up_ms, lost=lost)

    def _leave_with(self, call: Caller, consult: Caller) -> None:
        self.news.append(("CallSent", call.id, call.group.id, str(consult.asked), "transfer"))
        self.commands.append(("LeaveWith", call.id, consult.id))
        self.close_consult(call, "transferred")
        call.place, call.sent_to, call.left_with, call.transferred = "elsewhere", consult.asked, consult.id, True
        call.agent, call.stage = None, "connected"

    def _hand_over(self, call: Caller, consult: Caller, party: Person) -> None:
        call.rung += 1
        self.commands.append(("ConnectCall", call.id, (call.id, call.rung), consult.id, (consult.id, consult.won)))
        self.close_consult(call, "transferred")
        call.agent, call.won, call.stage, party.caller = party, call.rung, "connected", call
        call.talked_with = party.id
        assert consult.asked is not None
        assert call.talked_from is not None
        if consult.asked.kind == "group":
            call.group, call.in_group_since, call.steps = consult.group, call.talked_from, 0
        for monitor in self.monitors.values():
            monitor.call = call.id if monitor.agent == party.id else monitor.call
        self.tell_connected(call)
        self.remember(call)
        self.begin_recording(call)

    def remember(self, call: Caller) -> None:
        """For last-agent routing."""
        if call.agent is not None and call.group.last_agent_ms > 0 and call.event.caller_number:
            self.last_agents[call.event.caller_number] = call.agent.id

    def tell_connected(self, call: Caller) -> None:
        assert call.agent is not None
        assert call.talked_from is not None
        waited = call.talked_from - call.since
        self.news.append(("CallConnected", call.id, call.agent.id, call.group.id, waited, call.kind))

    # --- without --------------------------------------------------------------------------------------------------

    def _TransferAsked(self, event: ev.TransferAsked) -> None:
        to = event.to
        call = self.talk_of(event.agent, *(WITH_PARTY if to is None else WITH_CALLER))
        if call is None:
            return
        if to is None:
            if self.has_answered(call):
                self.transfer_attended(call)
        elif to.kind == "agent":
            self._to_agent(call, to, event.agent)
        elif to.is_inside:
            self._inside(call, to, event.agent)
        elif to.kind in ("number", "voicemail"):
            self._outside(call, to)
        else:
            self.refused.append((event.agent, "bad-target"))

    def _to_agent(self, call: Caller, to: Destination, giver: str) -> None:
        person = self.named(to, giver)
        if person is None:
            return
        if person.state not in THERE or person.id == giver:
            self.refused.append((giver, "not-now"))
            return
        self._give_away(call, str(to))
        call.place, call.returned, call.personal = "waiting", False, person
        self.set(call, "personal", self.now + PERSONAL_MS)
        self.steps_on(call)
        self.tell_places(call)

    def _inside(self, call: Caller, to: Destination, giver: str) -> None:
        if to.kind == "group" and to.name not in self.rules.groups:
            self.refused.append((giver, "unknown-group"))
            return
        place = self.way(call, to, "transfer", set())
        if place is None:
            self.refused.append((giver, "bad-target"))
        elif place.outside is not None:
            self._outside(call, place.outside)
        else:
            self._to_line(call, place)

    def _to_line(self, call: Caller, place: Place) -> None:
        self._give_away(call, f"group:{place.group.id}")
        call.place, call.returned = "waiting", False
        if place.group.id != call.group.id:
            self.news.append(("CallMoved", call.id, call.group.id, place.group.id, "transfer"))
        call.group, call.entry, call.in_group_since, call.steps = place.group, place.entry, self.now, 0
        call.left_just_now, call.unasked = set(), self.number()
        self.steps_on(call)
        self.tell_places(call)

    def _outside(self, call: Caller, to: Destination) -> None:
        giver = call.agent
        talked_from = call.talked_from
        since, in_group_since = call.since, call.in_group_since
        assert giver is not None
        self._give_away(call, str(to))
        call.talked_from, call.since, call.in_group_since = talked_from, since, in_group_since
        self.send(call, to, "transfer")
        call.transferred = True

    def _give_away(self, call: Caller, to: str) -> None:
        giver = call.agent
        assert giver is not None
        self.news.append(("CallTransferred", call.id, giver.id, to, False))
        self.commands.append(("WithdrawOffer", call.id, call.won))
        call.declined_by.add(giver.id)
        self.forget_talk(call)
        self.let_go(giver, call.group.wrap_up_ms)

    def _SendingFailed(self, event: ev.SendingFailed) -> None:
        """A transfer that can't be made brings the call back ahead of the line."""
        caller = self.callers.get(event.call)
        if caller is None or not caller.transferred or caller.place != "elsewhere" or caller.release:
            super()._SendingFailed(event)
            return
        caller.transferred, caller.left_with, caller.sent_to = False, "", None
        self.forget_talk(caller)
        self.come_back(caller)
        self.steps_on(caller)

    # --- outgoing calls -------------------------------------------------------------------------------------------

    def _DialAsked(self, event: ev.DialAsked) -> None:
        person = self.linked_to(event.agent)
        if person is None:
            return
        group = self._group_to_dial_for(person, event.group)
        if person.removed or person.state not in ("ready", "not-ready", "wrap-up"):
            self.refused.append((event.agent, "not-now"))
        elif group is None:
            self.refused.append((event.agent, "unknown-group"))
        else:
            self._dial(person, event.number, group)

    def _group_to_dial_for(self, person: Person, named: str | None) -> SkillGroup | None:
        groups = self.rules.groups
        if named is not None:
            return groups.get(named)  # type: ignore[call-overload,no-any-return]
        may = [group for group in groups.values() if self.covers(person, group)]
        return next(iter([*may, *groups.values()]), None)

    def _dial(self, person: Person, number: str, group: SkillGroup) -> None:
        name = self.open.call
        event = ev.CallArrived(name, "", number, group=group.id)  # type: ignore[arg-type]
        call = Caller(name, event, "", group, self.now, self.now, self.number(), kind="outgoing")
        call.number_to_dial = number
        self.callers[call.id] = call
        self.news.append(("CallDialled", call.id, person.id, group.id, number))
        if person.state == "not-ready" and not self.awaits_phone(person):
            reason = "logged-in" if person.reason == "connection-lost" else person.reason
            person.pending = ("not-ready", reason, person.by)
        if person.state != "ready":
            person.idle_number = self.number()
        self.ring(call, person)

    # --- talks that are found -------------------------------------------------------------------------------------

    def _TalkFound(self, event: ev.TalkFound) -> None:
        came, entry = event.arrival, self.rules.entries.get(event.arrival.entry)
        group = self.rules.groups.get(came.group or (entry.group if entry else ""))  # type: ignore[call-overload]
        person = self.people.get(event.agent)
        if came.call in self.callers or group is None or person is None or person.caller is not None:
            return
        since = min(event.since, self.now)
        waited_from = since if came.waiting_since is None else min(came.waiting_since, since)
        call = Caller(came.call, came, came.entry, group, waited_from, waited_from, self.number())
        call.served_tier = self.tier(call)
        call.place, call.agent, call.talked_from, call.talked_with = "talking", person, since, person.id
        call.won = call.rung = event.offer.number
        self.callers[call.id] = call
        person.caller = call
        if person.state not in THERE and not person.pending:
            person.pending = ("not-ready", person.reason or "connection-lost", person.by)
        self.tell_connected(call)
        self.become(person, "talking")
        self.remember(call)
