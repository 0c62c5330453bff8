"""What happens to those who wait: doors and destinations, overflow steps, closing time, personal agents, callbacks."""

from __future__ import annotations

from typing import Any, NamedTuple

from acd import events as ev
from acd.ids import Instant
from acd.rules import Destination, DestinationKind, OverflowStep, SkillGroup
from tests.properties.oracle_choice import Caller, Choosing, Person

THERE = ("ready", "ringing", "talking", "wrap-up")
"""The states in which a call waits for its personal agent."""


class Place(NamedTuple):
    """Where a way leads: a group to wait in, or one whose door sends the caller `outside`."""

    group: SkillGroup
    entry: str
    cause: str
    """Of the last turn on the way."""
    outside: Destination | None = None


class Waiting(Choosing):
    """What `Model` knows about waiting. A note on a call tells where it goes as soon as nobody is ready for it."""

    linked: bool
    commands: list[tuple[Any, ...]]
    news: list[tuple[Any, ...]]
    finished: list[tuple[Any, ...]]
    refused: list[tuple[str, str]]
    last_agents: dict[str, str]

    def number(self) -> int:
        raise NotImplementedError

    def set(self, subject: Caller | Person, name: str, at: int) -> None:
        subject.alarms[name] = (at, self.number())

    def waiting(self) -> list[Caller]:
        return [caller for caller in self.callers.values() if caller.place == "waiting"]

    # --- doors ----------------------------------------------------------------------------------------------------

    def turned_away(self, caller: Caller) -> tuple[str, Destination | None] | None:
        """What the door of its group says to a call that comes: why not, and where to instead."""
        group = caller.group
        opening = self.opening(group)
        if opening == "closed":
            return "closed", group.when_closed
        if opening == "holiday":
            return "holiday", group.when_holiday or group.when_closed
        if group.when_nobody and not self.anybody_for(caller):
            return "no-agents", group.when_nobody
        inside = [
            each for each in self.callers.values() if each.group.id == group.id and not self.rings_one_phone(each)
        ]
        if group.calls_max is not None and (
            sum(each.place in ("waiting", "offered") for each in inside) >= group.calls_max
        ):
            return "full", group.when_full
        return None

    def opening(self, group: SkillGroup) -> str:
        return str(self.rules.hours[group.hours].at(Instant(self.now))) if group.hours else "open"

    def door(self, caller: Caller, cause: str, been: set[str]) -> Place | None:
        """Where the call ends up that comes to the door of its group; None: nowhere."""
        answer = self.turned_away(caller)
        if answer is None:
            return Place(caller.group, caller.entry, cause)
        cause, to = answer
        return self.way(caller, to, cause, been | {caller.group.id})

    def way(self, caller: Caller, to: Destination | None, cause: str, been: set[str]) -> Place | None:
        """Where `to` leads in the end; None: nowhere, or in a circle. Who isn't in the PBX can't be sent outside."""
        if to is None or (caller.callback and not to.is_inside):
            return None
        if not to.is_inside:
            return Place(caller.group, caller.entry, cause, to)
        entry, name = caller.entry, to.name
        if to.kind is DestinationKind.ENTRY:
            if to.name not in self.rules.entries:
                return None
            entry, name = to.name, self.rules.entries[to.name].group
        group = self.rules.groups.get(name)
        if group is None or group.id in been:
            return None
        return self.door(self.as_if(caller, group, entry), cause, been)

    # --- going ----------------------------------------------------------------------------------------------------

    def move(self, caller: Caller, group: SkillGroup, entry: str, cause: str) -> None:
        """It waits in another group from now."""
        self.news.append(("CallMoved", caller.id, caller.group.id, group.id, cause))
        caller.left_just_now = {caller.group.id, *self.left_just_now(caller)}
        caller.group, caller.entry, caller.in_group_since = group, entry, self.now
        caller.steps, caller.notes, caller.held, caller.unasked = 0, [], False, 0
        self.forget_personal(caller)
        caller.alarms.pop("position", None)
        self.steps_on(caller)
        self.tell_places(caller)

    def left_just_now(self, caller: Caller) -> set[str]:
        return caller.left_just_now if caller.in_group_since == self.now else set()

    def send(self, caller: Caller, to: Destination, cause: str) -> None:
        self.commands.append(("SendElsewhere", caller.id, str(to)))
        self.news.append(("CallSent", caller.id, caller.group.id, str(to), cause))
        caller.place, caller.sent_to, caller.notes, caller.unasked = "elsewhere", to, [], 0
        self.forget_waiting(caller)

    def forget_waiting(self, caller: Caller) -> None:
        """Nothing of what happens to those who wait happens to it any more."""
        caller.alarms.pop("step", None)
        caller.alarms.pop("position", None)
        self.forget_personal(caller)

    # --- positions ------------------------------------------------------------------------------------------------

    def tell_places(self, caller: Caller) -> None:
        """From now it is told its place in the line, now and then. What isn't a caller's isn't told."""
        if caller.group.tell_position_ms and caller.kind != "consult" and "position" not in caller.alarms:
            self.set(caller, "position", self.now + caller.group.tell_position_ms)

    def _position_over(self, caller: Caller) -> None:
        if caller.place == "waiting" and self.linked and not caller.callback:
            self.commands.append(("TellPosition", caller.id, self.position(caller)))
        self.tell_places(caller)

    def go(self, caller: Caller) -> None:
        """Follow the latest note."""
        to, cause = caller.notes[-1]
        place = self.way(caller, to, cause, {caller.group.id, *self.left_just_now(caller)})
        if place is None:
            caller.notes.pop()
            caller.held = bool(caller.notes) and not self.linked
        elif place.outside is None:
            self.move(caller, place.group, place.entry, place.cause)
        elif self.linked:
            self.send(caller, place.outside, place.cause)
        else:
            caller.notes, caller.held = caller.notes[-1:], True

    def going(self) -> Caller | None:
        """The first who has to go now."""
        notes = [caller for caller in self.waiting() if caller.notes and not caller.held]
        return min(notes, key=lambda caller: caller.number, default=None)

    def unasked(self) -> Caller | None:
        """The first for whom nobody may be left who is logged in."""
        return min((each for each in self.waiting() if each.unasked), key=lambda each: each.unasked, default=None)

    # --- coming ---------------------------------------------------------------------------------------------------

    def _CallArrived(self, event: ev.CallArrived) -> None:
        if event.call in self.callers:
            return
        entry = self.rules.entries.get(event.entry)
        group = self.rules.groups.get(event.group or (entry.group if entry else ""))
        if group is None:
            self.refuse(event.call, None, "unknown-group" if event.group else "unknown-entry")
            return
        since = self.now if event.waiting_since is None else min(event.waiting_since, self.now)
        if self.linked and event.waiting_since is None:
            self.last_heard = self.now
        elif not self.linked and self.last_heard is not None:
            since = max(since, self.last_heard)
        caller = Caller(event.call, event, event.entry, group, since, since, self.number())
        caller.personal = self._personal(caller)
        if event.waiting_since is not None:
            self._come_in(caller)
        else:
            self._come_to_the_door(caller)

    def _come_to_the_door(self, caller: Caller) -> None:
        answer, place = self.turned_away(caller), self.door(caller, "", set())
        if answer is None:
            self._come_in(caller)
        elif place is None:
            self.refuse(caller.id, caller.group.id, answer[0])
        elif place.outside is None:
            self.callers[caller.id] = caller
            self.move(caller, place.group, place.entry, place.cause)
            caller.left_just_now = set()
        else:
            self._come_to_be_sent(caller, place, place.outside)

    def _come_to_be_sent(self, caller: Caller, place: Place, to: Destination) -> None:
        self.callers[caller.id] = caller
        caller.group, caller.entry, caller.personal = place.group, place.entry, None
        if self.linked:
            caller.door = place.cause
            self.send(caller, to, place.cause)
        else:
            caller.notes, caller.held = [(to, place.cause)], True
            self._come_in(caller)

    def _come_in(self, caller: Caller) -> None:
        self.callers[caller.id] = caller
        if caller.personal is not None:
            self.set(caller, "personal", self.now + self._named(caller)[1])
        self.steps_on(caller)
        self.tell_places(caller)

    def refuse(self, call: str, group: str | None, cause: str) -> None:
        self.commands.append(("RefuseCall", call, cause))
        self.finished.append((call, group, None, "refused", 0, 0, "incoming", "", None))

    # --- a personal agent -----------------------------------------------------------------------------------------

    def _named(self, caller: Caller) -> tuple[str | None, int]:
        """The first who is named for it, and how long it waits for him or her."""
        event, vip = caller.event, self.rules.vips.get(caller.event.caller_number)
        if event.agent:
            return event.agent, event.agent_wait_ms
        if vip and vip.agent:
            return vip.agent, vip.agent_wait_ms
        last = self.last_agents.get(event.caller_number) if caller.group.last_agent_ms > 0 else None
        return last, caller.group.last_agent_ms

    def _personal(self, caller: Caller) -> Person | None:
        name, wait_ms = self._named(caller)
        person = self.people.get(name or "")
        return person if person is not None and person.state in THERE and wait_ms > 0 else None

    def forget_personal(self, caller: Caller) -> None:
        caller.personal = None
        caller.alarms.pop("personal", None)

    def end_personal(self, caller: Caller) -> None:
        """The wait for one agent is over: from now it is the group's."""
        self.forget_personal(caller)
        if caller.place == "waiting":
            caller.unasked = self.number()

    def _personal_over(self, caller: Caller) -> None:
        self.end_personal(caller)

    def ask_for_somebody(self, caller: Caller) -> None:
        """Where nobody who may serve it is logged in, it goes where the group says."""
        caller.unasked = 0
        if not self.anybody_for(caller):
            self.note(caller, caller.group.when_nobody, "no-agents")

    # --- steps ----------------------------------------------------------------------------------------------------

    def steps_on(self, caller: Caller) -> None:
        """Wait for the next of the group's steps, or for closing time; what is overdue is due at once.

        A consult takes no steps.
        """
        if caller.kind == "consult":
            return
        instants = [self.closing(caller.group)]
        if caller.steps < len(caller.group.steps):
            instants.append(caller.in_group_since + caller.group.steps[caller.steps].after_ms)
        coming = [at for at in instants if at is not None]
        at, _ = caller.alarms.pop("step", (None, 0)) if not coming else caller.alarms.get("step", (None, 0))
        if coming and at != max(min(coming), self.now):
            self.set(caller, "step", max(min(coming), self.now))

    def _step_over(self, caller: Caller) -> None:
        """Its next step is due, or its group closes, or both."""
        group = caller.group
        while self._is_in(caller, group) and (step := self._due_step(caller)):
            self._take(caller, step)
        if self._is_in(caller, group) and group.clear_at_closing and self._closes(group):
            cause, to = self.turned_away(caller) or ("", None)
            self.note(caller, to, cause)
            self.settle()
        if self._is_in(caller, group):
            self.steps_on(caller)

    def _is_in(self, caller: Caller, group: SkillGroup) -> bool:
        return caller.group is group and caller.place in ("waiting", "offered")

    def _due_step(self, caller: Caller) -> OverflowStep | None:
        left = caller.group.steps[caller.steps :]
        return left[0] if left and caller.in_group_since + left[0].after_ms <= self.now else None

    def _take(self, caller: Caller, step: OverflowStep) -> None:
        """Somebody found so gets the call; then the caller hears what there is to hear, and goes where it says."""
        group, caller.steps, caller.held = caller.group, caller.steps + 1, False
        self.news.append(("StepTaken", caller.id, caller.group.id, caller.steps))
        self.settle()
        in_time = self._is_in(caller, group) and caller.in_group_since + step.after_ms == self.now
        if self.linked and in_time and not caller.callback and step.prompt:
            self.commands.append(("PlayPrompt", caller.id, step.prompt))
        if self.linked and in_time and not caller.callback and step.callback:
            self.commands.append(("OfferCallback", caller.id))
        if self._is_in(caller, group):
            self.note(caller, step.to, "step")
        self.settle()

    def note(self, caller: Caller, to: Destination | None, cause: str) -> None:
        if to is not None:
            caller.notes = [*(caller.notes if caller.place == "waiting" else []), (to, cause)]
            caller.held = False

    def closing(self, group: SkillGroup) -> int | None:
        """When those who wait in the group are cleared next."""
        if not group.clear_at_closing or not group.hours:
            return None
        return self.rules.hours[group.hours].closes_at(Instant(self.now))

    def _closes(self, group: SkillGroup) -> bool:
        """Whether this is the very instant."""
        if not group.hours or self.opening(group) == "open":
            return False
        return str(self.rules.hours[group.hours].at(Instant(self.now - 1))) == "open"

    # --- what the PBX and supervisors say of waiting calls --------------------------------------------------------

    def _SentElsewhere(self, event: ev.SentElsewhere) -> None:
        caller = self.callers.get(event.call)
        if caller is not None and caller.place == "elsewhere" and caller.sent_to is not None and not caller.release:
            self.end(caller, "sent-elsewhere")

    def _SendingFailed(self, event: ev.SendingFailed) -> None:
        caller = self.callers.get(event.call)
        if caller is None or caller.place != "elsewhere" or caller.sent_to is None or caller.release:
            return
        caller.sent_to = None
        if caller.door:
            self.commands.append(("RefuseCall", caller.id, caller.door))
            del self.callers[caller.id]
            self.finished.append((caller.id, caller.group.id, None, "refused", 0, 0, "incoming", "", None))
            return
        caller.place = "waiting"
        self.steps_on(caller)
        self.tell_places(caller)

    def _CallbackAccepted(self, event: ev.CallbackAccepted) -> None:
        caller = self.callers.get(event.call)
        if caller is None or caller.kind == "consult" or caller.number_to_dial:
            return
        if caller.place not in ("waiting", "offered") or caller.callback:
            caller.was_callback |= caller.place == "talking"
            return
        there = [each for each in self.callers.values() if each.callback == event.number]
        if any(each.place in ("waiting", "offered") for each in there):
            caller.release = "merged"
            self.withdraw_all(caller)
            self.commands.append(("ReleaseCall", caller.id))
            caller.place, caller.notes = "elsewhere", []
            self.forget_waiting(caller)
        else:
            caller.callback = event.number

    def _ForcedTier(self, event: ev.ForcedTier) -> None:
        if caller := self._for_supervisor(event):
            caller.forced_tier = event.tier

    def _ForcedMove(self, event: ev.ForcedMove) -> None:
        caller = self._for_supervisor(event)
        if caller is None:
            return
        if caller.kind == "consult":
            self.refused.append(("", "not-now"))
            return
        if event.group not in self.rules.groups:
            self.refused.append(("", "unknown-group"))
        elif caller.group.id == event.group:
            self.refused.append(("", "not-now"))
        else:
            self.move(caller, self.rules.groups[event.group], caller.entry, "supervisor")

    def _for_supervisor(self, event: ev.ForcedTier | ev.ForcedMove) -> Caller | None:
        caller = self.callers.get(event.call)
        if caller is None:
            self.refused.append(("", "unknown-call"))
        elif not self.may(event.by, {caller.group.id}):
            self.refused.append(("", "not-yours"))
        elif caller.place != "waiting":
            self.refused.append(("", "not-now"))
        else:
            return caller
        return None

    def may(self, by: str, groups: set[str]) -> bool:
        raise NotImplementedError

    def settle(self) -> None:
        raise NotImplementedError

    def end(self, caller: Caller, outcome: str) -> None:
        raise NotImplementedError

    def withdraw_all(self, caller: Caller) -> None:
        raise NotImplementedError
