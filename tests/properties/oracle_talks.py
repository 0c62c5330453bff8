"""Talks and their stages, told once more by docs/call-control.md alone: hold, consult, conference, and every end."""

from __future__ import annotations

from acd import events as ev
from acd.ids import CallId
from acd.rules import Destination, SkillGroup
from tests.properties.oracle_choice import Caller, Person
from tests.properties.oracle_verbs import Verbs

CONSULT_ENDS = {"no-answer": "unanswered", "device-unavailable": "unreachable", "forced": "rejected"}
WITH_CALLER = ("connected", "held")
WITH_PARTY = ("consulting", "conference")


class Talking(Verbs):
    """What `Model` knows about the stages of talks, and about consults."""

    # --- stages ---------------------------------------------------------------------------------------------------

    def arrange(self, call: Caller, stage: str, ended: str | None = None) -> None:
        call.stage, call.rearranged = stage, True
        self.commands.append(self.arrangement(call))
        self.tell_talk(call, ended)

    def arrangement(self, call: Caller) -> tuple[object, ...]:
        """What the PBX is asked for in the present stage."""
        at, consult = (call.id, (call.id, call.won)), call.consult
        if call.stage == "held":
            return ("HoldCall", *at)
        if consult is None:
            return ("ResumeCall", *at)
        if call.stage == "conference":
            return ("Confer", *at, consult.id)
        assert consult.asked is not None
        dialled = consult.asked.name if consult.asked.kind == "number" else ""
        return ("BeginConsult", *at, consult.id, dialled, call.entry if dialled else "", call.group.ring_ms)

    def tell_talk(self, call: Caller, ended: str | None = None) -> None:
        consult, agent = call.consult, call.agent and call.agent.id
        about: tuple[object, ...] = (None, None, False, None)
        if consult is not None:
            about = (consult.id, str(consult.asked), consult.place == "talking", consult.agent and consult.agent.id)
        self.news.append(("TalkChanged", call.id, agent, call.stage, *about, ended))

    def talk_of(self, agent: str, *stages: str) -> Caller | None:
        """The talk of which somebody asks something that is possible in these stages; refused if there is none."""
        person = self.linked_to(agent)
        if person is None:
            return None
        call = person.caller
        if person.state != "talking" or call is None:
            self.refused.append((agent, "no-call"))
        elif call.kind == "consult" or call.number_to_dial or call.release or call.stage not in stages:
            self.refused.append((agent, "not-now"))
        else:
            return call
        return None

    def linked_to(self, agent: str) -> Person | None:
        """Who asks, if the PBX can be asked."""
        person = self.known(agent)
        if person is not None and not self.linked:
            self.refused.append((agent, "not-now"))
        return person if self.linked else None

    def known(self, agent: str) -> Person | None:
        if agent not in self.people:
            self.refused.append((agent, "unknown-agent"))
        return self.people.get(agent)

    def _AnswerAsked(self, event: ev.AnswerAsked) -> None:
        person = self.linked_to(event.agent)
        if person is not None and person.state == "ringing" and person.caller is not None:
            self.commands.append(("AnswerOffer", (person.caller.id, person.caller.rings[person.id])))
        elif person is not None:
            self.refused.append((event.agent, "no-call"))

    def _HoldAsked(self, event: ev.HoldAsked) -> None:
        if call := self.talk_of(event.agent, "connected"):
            self.arrange(call, "held")

    def _RetrieveAsked(self, event: ev.RetrieveAsked) -> None:
        if call := self.talk_of(event.agent, "held"):
            self.arrange(call, "connected")

    def _ReconnectAsked(self, event: ev.ReconnectAsked) -> None:
        if call := self.talk_of(event.agent, *WITH_PARTY):
            self.end_consult(call, "reconnected")

    def _ConferenceAsked(self, event: ev.ConferenceAsked) -> None:
        call = self.talk_of(event.agent, "consulting")
        if call is not None and self.has_answered(call):
            self.arrange(call, "conference")

    def has_answered(self, call: Caller) -> bool:
        """Whether the party is there; refused if not."""
        there = call.consult is not None and call.consult.place == "talking"
        if not there and call.agent is not None:
            self.refused.append((call.agent.id, "not-now"))
        return there

    def _DigitsAsked(self, event: ev.DigitsAsked) -> None:
        call = self.talk_of(event.agent, "connected", *WITH_PARTY)
        if call is None:
            return
        to = call.consult if call.stage == "consulting" else call
        if to is None or (to is not call and (to.place != "talking" or to.agent is not None)):
            self.refused.append((event.agent, "not-now"))
        else:
            self.commands.append(("SendDigits", to.id, event.digits))

    # --- consults -------------------------------------------------------------------------------------------------

    def _ConsultAsked(self, event: ev.ConsultAsked) -> None:
        call, to = self.talk_of(event.agent, *WITH_CALLER), event.to
        if call is None:
            return
        if to.kind == "agent":
            self._consult_agent(call, to, event.agent)
        elif to.kind == "group":
            self._consult_group(call, to, event.agent)
        elif to.kind == "number":
            consult = self._begin(call, to, call.group)
            consult.place, consult.number_to_dial = "elsewhere", to.name
            self.arrange(call, "consulting")
        else:
            self.refused.append((event.agent, "bad-target"))

    def _consult_agent(self, call: Caller, to: Destination, asker: str) -> None:
        party = self.named(to, asker)
        if party is None:
            return
        if party.state != "ready":
            self.refused.append((asker, "not-now"))
        else:
            consult = self._begin(call, to, call.group)
            self.arrange(call, "consulting")
            self.ring(consult, party)

    def named(self, to: Destination, asker: str) -> Person | None:
        """The agent whom somebody asks for."""
        person = self.people.get(to.name)
        if person is None or person.removed:
            self.refused.append((asker, "bad-target"))
            return None
        return person

    def _consult_group(self, call: Caller, to: Destination, asker: str) -> None:
        group = self.rules.groups.get(to.name)  # type: ignore[call-overload]
        if group is None:
            self.refused.append((asker, "unknown-group"))
            return
        consult = self._would_be(call, to, group)
        if self.turned_away(consult) is not None or not self.anybody_for(consult):
            self.refused.append((asker, "not-now"))
        else:
            self._begin(call, to, group)
            self.arrange(call, "consulting")

    def _would_be(self, call: Caller, to: Destination, group: SkillGroup) -> Caller:
        name = CallId(f"{call.id}+{call.consults + 1}")
        event = ev.CallArrived(name, "", call.event.caller_number, group=group.id, tier=call.served_tier)
        return Caller(name, event, "", group, self.now, self.now, 0, kind="consult", about=call, asked=to)

    def _begin(self, call: Caller, to: Destination, group: SkillGroup) -> Caller:
        consult = call.consult = self._would_be(call, to, group)
        call.consults += 1
        consult.number = self.number()
        self.callers[consult.id] = consult
        return consult

    def end_consult(self, call: Caller, why: str, *, lost: bool = False) -> None:
        """The agent is back with the caller; `lost`: the party's phone died."""
        self.close_consult(call, "consult-over", lost=lost)
        if not call.release:
            self.arrange(call, "connected", ended=why)

    def close_consult(self, call: Caller, outcome: str, *, lost: bool = False) -> None:
        """Nobody rings for it any more; the party, unless it has the caller now, is free without wrap-up."""
        consult = call.consult
        assert consult is not None
        call.consult, party = None, consult.agent
        self.withdraw_all(consult)
        self.end(consult, outcome)
        if party is not None and outcome == "consult-over":
            self.let_go(party, 0, lost=lost)

    def let_go(self, person: Person, wrap_up_ms: int, *, lost: bool = False) -> None:
        """His or her part of a talk is over; `lost`: because the phone died."""
        self.part(person)
        if lost:
            person.caller = None
            self.step_back(person, "device-unavailable")
        else:
            self.wrap_up(person, wrap_up_ms)

    def drop_consult(self, call: Caller) -> None:
        """Whatever comes of the call, its consult is over."""
        if call.consult is not None:
            self.commands.append(("ReleaseCall", call.consult.id))
            self.close_consult(call, "consult-over")

    def ask_for_somebody(self, caller: Caller) -> None:
        if caller.kind != "consult":
            super().ask_for_somebody(caller)
        elif not self.anybody_for(caller):
            assert caller.about is not None
            self.end_consult(caller.about, "nobody")
        else:
            caller.unasked = 0

    def decline(self, person: Person, reason: str, by: str = "") -> None:
        """The offer didn't lead to talk, by the agent's side."""
        caller = person.caller
        assert caller is not None
        del caller.rings[person.id]
        if caller.number_to_dial:
            self.end(caller, "not-reached")
            self.go_idle(person, keep_place=True)
            return
        caller.declined_by.add(person.id)
        person.turn = self.number()
        if caller.about is not None and caller.asked is not None and caller.asked.kind == "agent":
            caller.place = "waiting"
            self.end_consult(caller.about, CONSULT_ENDS.get(reason, reason))
        elif not caller.rings:
            self.come_back(caller)
        self.step_back(person, reason, by)

    # --- numbers --------------------------------------------------------------------------------------------------

    def _NumberAnswered(self, event: ev.NumberAnswered) -> None:
        caller = self.callers.get(event.call)
        if caller is None or not caller.number_to_dial:
            if caller is not None:
                caller.was_callback = False
            return
        if caller.about is not None:
            caller.place, caller.number_to_dial, caller.talked_from, caller.won = "talking", "", self.now, -1
            self.tell_talk(caller.about)
        elif caller.place == "talking":
            caller.number_to_dial = ""
            self.talk_begins(caller)

    def _NumberFailed(self, event: ev.NumberFailed) -> None:
        caller = self.callers.get(event.call)
        if caller is None:
            return
        if caller.about is not None:
            if caller.number_to_dial:
                self.end_consult(caller.about, str(event.why))
        elif caller.place == "talking" and caller.number_to_dial:
            caller.unreached = str(event.why)
            self.commands.append(("ReleaseCall", caller.id))
            self.hang_up(caller, "not-reached")
        elif caller.place == "talking" and caller.was_callback:
            self.hang_up(caller, "released-by-caller")

    # --- ends -----------------------------------------------------------------------------------------------------

    def hang_up(self, caller: Caller, outcome: str) -> None:
        """A talk is over."""
        person = caller.agent
        assert person is not None
        self.drop_consult(caller)
        unreached = bool(caller.number_to_dial)
        self.end(caller, "not-reached" if unreached else caller.release or outcome)
        self.let_go(person, 0 if unreached else caller.group.wrap_up_ms)

    def _CallerLeft(self, event: ev.CallerLeft) -> None:
        caller = self.callers.get(event.call)
        if caller is None:
            return
        if caller.about is not None:
            self.end_consult(caller.about, "unreachable" if caller.number_to_dial else "left")
        elif caller.place == "talking":
            self.hang_up(caller, "released-by-caller")
        else:
            self._end_untalked(caller)

    def _end_untalked(self, caller: Caller) -> None:
        hung_up = caller.place == "elsewhere" and caller.sent_to is not None and caller.sent_to.kind == "hang-up"
        outcome = "sent-elsewhere" if hung_up else "intercepted" if caller.taken_by else "abandoned"
        outcome = "not-reached" if caller.number_to_dial else outcome
        self.end(caller, caller.release or outcome)
        self.withdraw_all(caller)
        self.taken_is_over(caller)

    def _PhoneLeft(self, event: ev.PhoneLeft) -> None:
        known = self.callers.get(event.offer.call)
        if known is None:
            self.commands.append(("ReleaseCall", event.offer.call))
        elif known.place != "talking":
            if not known.taken_by and not known.transferred:
                self.commands.append(("KeepWaiting", known.id))
        elif known.won == event.offer.number:
            self._phone_gone(known, lost=event.lost and not known.release)

    def _phone_gone(self, call: Caller, *, lost: bool) -> None:
        if call.about is not None:
            self.end_consult(call.about, "left", lost=lost)
        elif call.number_to_dial:
            self._own_phone_gone(call, lost)
        elif call.release or (call.stage == "connected" and not lost):
            self.commands.append(("ReleaseCall", call.id))
            self.hang_up(call, "released-by-agent")
        elif call.consult is not None and call.consult.place == "talking":
            self.transfer_attended(call, lost=lost)
        else:
            self._keep_caller(call, lost)

    def _own_phone_gone(self, call: Caller, lost: bool) -> None:
        """Before the number is reached."""
        person = call.agent
        assert person is not None
        self.commands.append(("ReleaseCall", call.id))
        self.hang_up(call, "not-reached")
        if lost and person.state == "ready":
            self.become(person, "not-ready", "device-unavailable")

    def _keep_caller(self, call: Caller, lost: bool) -> None:
        """The caller comes back ahead of the line."""
        self.drop_consult(call)
        self.commands.append(("KeepWaiting", call.id))
        person = call.agent
        assert person is not None
        self.forget_talk(call)
        if not lost:
            call.declined_by.add(person.id)
        self.come_back(call)
        self.let_go(person, call.group.wrap_up_ms, lost=lost)
        self.steps_on(call)

    # --- told elsewhere -------------------------------------------------------------------------------------------

    def transfer_attended(self, call: Caller, *, lost: bool = False) -> None:
        raise NotImplementedError

    def talk_begins(self, call: Caller) -> None:
        raise NotImplementedError

    def part(self, person: Person) -> None:
        raise NotImplementedError

    def taken_is_over(self, call: Caller) -> None:
        raise NotImplementedError
