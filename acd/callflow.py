"""What becomes of a call that nobody takes at once: doors of groups, overflow steps, destinations, personal agents.

A call comes to a group by :meth:`CallFlow.admit` (from outside) or :meth:`CallFlow.enter` (from another group). While
it waits, one deadline of its own (`step_due`) wakes the next overflow step. Where it goes from here is found first, by
following destinations through the doors of groups without changing anything (:meth:`CallFlow.way`), and gone then.
"""

from __future__ import annotations

from typing import NamedTuple

from acd import events as ev
from acd.agents import AWAY, Agent, AgentState, Reason
from acd.calls import IN_LINE, Call, CallInput, CallKind, CallState, Cause, Leave, Outcome
from acd.commands import OfferCallback, PlayPrompt, RefusalCause, RefuseCall, SendElsewhere, TellPosition
from acd.dispatcher import NEVER_HEARD_OF, Dispatcher
from acd.hours import Opening
from acd.ids import AgentId, CallId, GroupId, Instant
from acd.matching import place_call, take_call
from acd.notices import CallFinished, CallMoved, CallSent, StepTaken, TierChanged
from acd.overflow import NO_ENTRY, NO_VIP, asked, grants, tier_after
from acd.queues import Line
from acd.rules import Destination, DestinationKind, OverflowStep, Rules, SkillGroup
from acd.skills import Needs

WAITING, OFFERED, ELSEWHERE = CallState.WAITING, CallState.OFFERED, CallState.ELSEWHERE
TALKING = CallState.TALKING


class Way(NamedTuple):
    """Where a destination leads in the end: into a group, through that entry point, or outside; and by which rule."""

    group: SkillGroup
    entry: str
    outside: Destination | None
    cause: Cause


class CallFlow(Dispatcher):
    """The dispatcher with the rules of waiting."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self.agents: dict[AgentId, Agent] = {}
        self.home_lines: dict[GroupId, tuple[Line, ...]] = {}
        """Where a group's calls wait that ask for nothing of their own and have taken no steps; a cache."""
        self.noted: dict[CallId, Call] = {}
        """Waiting calls that were to go elsewhere and couldn't at once."""
        self.vips_name_agents = False
        """Whether any VIP class names a personal agent."""

    # --- coming in ------------------------------------------------------------------------------------------------

    def admit(self, event: ev.CallArrived, group: SkillGroup) -> None:
        """A call comes from outside: let it wait, or go where the group's door sends it, or refuse it."""
        if self.may_offer and self.pbxs.get(event.pbx, NEVER_HEARD_OF) is not None:
            self.divided = True  # found by a link that is just being made
        needs, tier, credit_ms = grants(event, event.entry, self.rules)
        since = self._waits_since(event)
        call = Call(  # in the order of its fields: naming them costs as much again
            event.call, event, event.entry, group, needs, tier, credit_ms, since, since, self.ticket(), tier
        )
        if event.agent is not None or group.last_agent_ms or self.vips_name_agents:
            call.personal = self._personal_agent(call)
        shut = None
        if (
            group.calls_max is not None or group.when_nobody is not None or group.hours
        ) and event.waiting_since is None:
            shut = self.shut(call, group, call.entry)
        if shut is None:
            self.calls[call.id] = call
            self.settle(call)
        else:
            self._turn_away(call, *shut)

    def _waits_since(self, event: ev.CallArrived) -> Instant:
        """Who is found after an absence came after all who were heard of before it.

        However late those were heard, and whatever another machine's clock says: the order must not depend on it.
        """
        is_linked = self.pbxs.get(event.pbx, NEVER_HEARD_OF) is None
        if event.waiting_since is None:
            if is_linked:
                self.heard_until[event.pbx] = self.now
            return self.now
        since = min(event.waiting_since, self.now)
        return since if is_linked else max(since, self.heard_until.get(event.pbx, since))

    def _turn_away(self, call: Call, cause: Cause, to: Destination | None) -> None:
        """The door is shut: let the call go where that door points to, or refuse it."""
        way = self.way(call, to, cause, {call.group.id})
        if way is None:
            self._refuse(call, cause)
        else:
            self.calls[call.id] = call
            self._go_from_door(call, way)

    def _refuse(self, call: Call, cause: Cause) -> None:
        call.personal_until = None
        detail = f"group {call.group.id!r} takes no call now ({cause}), and has nowhere to send it"
        self.out.append(RefuseCall(call.id, RefusalCause(cause), detail))
        self.out.append(CallFinished(call.id, call.group.id, None, Outcome.REFUSED, 0, 0))

    def _go_from_door(self, call: Call, way: Way) -> None:
        before = call.group
        self.change_group(call, way)
        if way.outside is None:
            self.out.append(CallMoved(call.id, before.id, way.group.id, way.cause))
            self.settle(call)
        elif self._can_send(call):
            call.at_door = way.cause
            self.send(call, Leave(way.outside, way.cause))
        else:
            self.note(call, Leave(way.outside, way.cause))
            self.settle(call)

    def settle(self, call: Call) -> None:
        """The call is in its group from now: let it wait there, or ring whoever is ready."""
        group = call.group
        if group.calls_max is not None:
            self.count(call, 1)
        self.read_terms(call)
        if group.steps or group.clear_at_closing:
            self.schedule(call)
        if group.tell_position_ms:
            self.tell_position_later(call)
        self.enqueue(call)

    def enter(self, call: Call, way: Way) -> None:
        """A waiting call goes to another group, with its wait."""
        self.out.append(CallMoved(call.id, call.group.id, way.group.id, way.cause))
        take_call(call)
        self.count(call, -1)
        call.came_through = self._left_just_now(call) | {call.group.id}
        self.change_group(call, way)
        self.settle(call)

    def change_group(self, call: Call, way: Way) -> None:
        call.group = way.group
        call.in_group_since, call.steps_done = self.now, 0
        call.step_due = call.position_due = call.personal = call.personal_until = call.leaving = None
        if way.entry != call.entry:
            call.entry = way.entry
            call.own_needs, call.own_tier, call.credit_ms = grants(call.arrival, call.entry, self.rules)

    # --- where it stands ------------------------------------------------------------------------------------------

    def read_terms(self, call: Call) -> None:
        """Find the lines and the rank that follow from rules, steps and grants. The call must not be placed."""
        group, done = call.group, call.steps_done
        home = self.home_lines.get(group.id)
        if home is not None and call.personal is None and not done and not call.own_needs:
            call.lines = home
        elif call.personal is not None:
            call.lines = (self.lines.personal(call.personal, group.strategy, group.weight_percent),)
        else:
            call.lines = self.lines_of(group, call.own_needs, done)
        call.tier = call.own_tier if not done else tier_after(call.own_tier, group.steps[:done])
        if call.forced_tier is not None:
            call.tier = call.forced_tier
        call.rank = call.present_rank()

    def lines_of(self, group: SkillGroup, own: Needs, steps_done: int) -> tuple[Line, ...]:
        """Where calls of `group` wait that ask for `own` besides, so many steps taken."""
        sets = asked(group, own, steps_done, self.rules.groups)
        lines = tuple([self.lines.of(needs, group.strategy, group.weight_percent, sets[0]) for needs in sets])
        if not own and not steps_done:
            self.home_lines[group.id] = lines
        return lines

    def reread_terms(self, call: Call, by: str = "") -> None:
        """Something has changed for a live call: let it stand, or ring, where it belongs now. Nobody is matched yet."""
        tier, was_placed = call.tier, call.placed
        take_call(call)
        self.stop_joining(call)
        self.read_terms(call)
        if call.may_be_joined:
            self.start_joining(call)
        if was_placed:
            place_call(call)
        if call.tier != tier:
            self.out.append(TierChanged(call.id, call.tier, by))

    def rematch(self, call: Call) -> None:
        """More agents may serve it than before: ring them."""
        if call.placed:
            take_call(call)
            self.seek_agent(call)
        elif call.id in self.ringing_all:
            self.join(call)

    def hold(self, call: Call) -> None:
        """Nobody is ready for it: let the call go where it is to go, or wait."""
        leave, call.leaving = call.leaving, None
        super().hold(call)
        if leave is not None:
            self.depart(call, leave)

    # --- leaving --------------------------------------------------------------------------------------------------

    def depart(self, call: Call, leave: Leave) -> None:
        """Let the call leave its group: now when it waits, after the ring when it rings. Without a way it stays."""
        if call.state is not WAITING:
            self.note(call, leave)
            return
        way = self.way(call, leave.to, leave.cause, {call.group.id, *self._left_just_now(call)})
        if way is None:
            return
        if self.matches_later:
            self.note(call, leave)
        elif way.outside is None:
            self.enter(call, way)
        elif self._can_send(call):
            take_call(call)
            self.count(call, -1)
            self.send(call, Leave(way.outside, way.cause))
        else:
            self.note(call, leave)

    def _can_send(self, call: Call) -> bool:
        """Whether its PBX would hear of it."""
        return self.may_offer and self.reaches(call.arrival.pbx)

    def _left_just_now(self, call: Call) -> frozenset[GroupId]:
        """Else two groups that send each other their calls at once would do so without end."""
        return call.came_through if call.in_group_since == self.now else frozenset()

    def note(self, call: Call, leave: Leave) -> None:
        """The call is to go there as soon as it can, unless somebody takes it before."""
        call.leaving = leave
        if call.state is WAITING:
            self.noted[call.id] = call

    def match_all(self) -> None:
        """Offer every call for which an agent is ready; of the others, those go that are to go elsewhere."""
        if self.matches_later:
            return
        super().match_all()
        noted, self.noted = self.noted, {}
        for call in sorted(noted.values(), key=lambda each: each.ticket):
            if call.state is WAITING and call.leaving is not None:
                leave, call.leaving = call.leaving, None
                self.depart(call, leave)

    def send(self, call: Call, leave: Leave) -> None:
        call.step(CallInput.SEND)
        call.leaving = leave
        call.step_due = call.position_due = call.personal = call.personal_until = None
        self.out.append(CallSent(call.id, call.group.id, leave.to, leave.cause))
        self.out.append(SendElsewhere(call.id, leave.to))

    def way(self, call: Call, to: Destination | None, cause: Cause, seen: set[str]) -> Way | None:
        """Where `to` leads for this call at this moment; None: nowhere, or in a circle. `seen` groups don't count."""
        group, entry = call.group, call.entry
        while to is not None:
            if not to.is_inside:
                return None if call.callback else Way(group, entry, to, cause)
            inside, entry = self._inside(to, entry)
            if inside is None or inside.id in seen:
                return None
            seen.add(inside.id)
            group = inside
            shut = self.shut(call, group, entry)
            if shut is None:
                return Way(group, entry, None, cause)
            cause, to = shut
        return None

    def _inside(self, to: Destination, entry: str) -> tuple[SkillGroup | None, str]:
        if to.kind is DestinationKind.ENTRY:
            return self.rules.groups.get(self.rules.entries.get(to.name, NO_ENTRY).group), to.name
        return self.rules.groups.get(GroupId(to.name)), entry

    def shut(self, call: Call, group: SkillGroup, entry: str) -> tuple[Cause, Destination | None] | None:
        """Why the group's door is shut for this call, and where it points to; None: it is open."""
        if group.hours and (closed := self._closed(group)) is not None:
            return closed
        waits_for_agent = group is call.group and call.personal is not None
        if group.when_nobody is not None and not waits_for_agent and not self._is_staffed(call, group, entry):
            return Cause.NO_AGENTS, group.when_nobody
        if group.calls_max is not None and self.present[group.id] >= group.calls_max:
            return Cause.FULL, group.when_full
        return None

    def _closed(self, group: SkillGroup) -> tuple[Cause, Destination | None] | None:
        hours = self.rules.hours.get(group.hours)
        opening = hours.at(self.now) if hours is not None else Opening.OPEN
        if opening is Opening.HOLIDAY:
            return Cause.HOLIDAY, group.when_holiday or group.when_closed
        return None if opening is Opening.OPEN else (Cause.CLOSED, group.when_closed)

    def _is_staffed(self, call: Call, group: SkillGroup, entry: str) -> bool:
        """Whether anybody who may serve the call in `group` is logged in."""
        own = call.own_needs if entry == call.entry else grants(call.arrival, entry, self.rules).needs
        return any(line.staff for line in self.lines_of(group, own, 0))

    def sent(self, call: Call) -> None:
        """The caller has left us for where we sent it."""
        self.caller_left(call, Outcome.SENT_ELSEWHERE)

    def sending_failed(self, call: Call) -> None:
        """The caller is still here: back to its place in the line, or refused, if it never had one."""
        assert call.leaving is not None
        transferred, call.leaving = call.leaving.cause is Cause.TRANSFER, None
        if call.at_door is not None:
            call.step(CallInput.END)
            del self.calls[call.id]
            self._refuse(call, call.at_door)
            return
        call.step(CallInput.RETURN)
        if transferred:
            call.returned = True
            self.forget_talk(call)
        self.count(call, 1)
        self.read_terms(call)
        self.schedule(call)
        self.tell_position_later(call)
        self.enqueue(call)
        if transferred and call.placed:
            self.leave_if_nobody(call)

    def gone_elsewhere(self, call: Call) -> None:
        """The caller of a call that was sent elsewhere is gone: hung up by us as asked, or before it got there."""
        hung_up = call.leaving is not None and call.leaving.to.kind is DestinationKind.HANG_UP
        outcome = Outcome.INTERCEPTED if call.taken_by else Outcome.ABANDONED
        self.caller_left(call, Outcome.SENT_ELSEWHERE if hung_up else outcome)

    def leave_if_nobody(self, call: Call) -> None:
        """Nobody who may serve the waiting call is logged in any more: let the group's rule for that take effect."""
        to = call.group.when_nobody
        if to is None or call.state is not WAITING or (self.matches_later and call.leaving is not None):
            return  # what other rules have just sent elsewhere goes there first
        if not any(line.staff for line in call.lines):
            self.depart(call, Leave(to, Cause.NO_AGENTS))

    # --- overflow steps -------------------------------------------------------------------------------------------

    def schedule(self, call: Call) -> None:
        """Be woken for the next step, or when the group closes. Consults take no steps, nor what is being dialled."""
        if not call.is_callers:
            return
        group = call.group
        dues: list[int] = []
        if call.steps_done < len(group.steps):
            dues.append(call.in_group_since + group.steps[call.steps_done].after_ms)
        if group.clear_at_closing and group.hours in self.rules.hours:
            closing = self.rules.hours[group.hours].closes_at(self.now)
            dues += [closing] if closing is not None else []
        due = max(min(dues), self.now) if dues else None
        if due is None:
            call.step_due = None
        elif call.step_due is None or call.step_due.at != due:
            self.deadlines.set(call, "step_due", due)

    def take_steps(self, call: Call) -> None:
        """Take the overflow steps that are due; if the group has just closed, clear the call from it."""
        group = call.group
        while call.steps_done < len(group.steps):
            step = group.steps[call.steps_done]
            if call.in_group_since + step.after_ms > self.now:
                break
            self._take_step(call, step)
            if call.group is not group or call.state is ELSEWHERE:
                return
        if group.clear_at_closing and (closed := self._closing(group)) is not None:
            self.depart(call, closed)
        if call.group is group and call.state is not ELSEWHERE:
            self.schedule(call)

    def _closing(self, group: SkillGroup) -> Leave | None:
        """Where those who still wait go, if the group closes at this instant."""
        hours = self.rules.hours.get(group.hours)
        closed = self._closed(group)
        if hours is None or closed is None or closed[1] is None or hours.at(Instant(self.now - 1)) is not Opening.OPEN:
            return None
        return Leave(closed[1], closed[0])

    def _take_step(self, call: Call, step: OverflowStep) -> None:
        group = call.group
        call.steps_done += 1
        self.out.append(StepTaken(call.id, group.id, call.steps_done))
        if step.needs or step.groups is not None or step.tier is not None:
            self.reread_terms(call)
            self.rematch(call)
            if call.group is not group:  # an older note has led it away
                return
        is_on_time = call.in_group_since + step.after_ms == self.now
        if is_on_time and self._can_send(call) and not call.callback:
            if step.prompt:
                self.out.append(PlayPrompt(call.id, step.prompt))
            if step.callback:
                self.out.append(OfferCallback(call.id))
        if step.to is not None:
            self.depart(call, Leave(step.to, Cause.STEP))

    # --- positions ------------------------------------------------------------------------------------------------

    def tell_position_later(self, call: Call) -> None:
        """Be woken when the caller is to be told the place in the line."""
        if call.group.tell_position_ms and call.is_callers:
            self.deadlines.set(call, "position_due", self.now + call.group.tell_position_ms)

    def tell_position(self, call: Call) -> None:
        """Tell the caller, if nobody rings for the call; and again later."""
        if call.placed and self.may_offer and not call.callback:
            before = call.lines[0].calls.index((call.rank, call))
            self.out.append(TellPosition(call.id, before + 1))
        self.tell_position_later(call)

    # --- personal agents ------------------------------------------------------------------------------------------

    def _personal_agent(self, call: Call) -> Agent | None:
        """Whom the call waits for alone, and from now how long; None when nobody is named or the named one is away."""
        arrival, group = call.arrival, call.group
        vip = self.rules.vips.get(arrival.caller_number, NO_VIP)
        if arrival.agent is not None:
            named, wait_ms = arrival.agent, arrival.agent_wait_ms
        elif vip.agent is not None:
            named, wait_ms = vip.agent, vip.agent_wait_ms
        elif group.last_agent_ms and arrival.caller_number in self.last_agents:
            named, wait_ms = self.last_agents[arrival.caller_number], group.last_agent_ms
        else:
            return None
        agent = self.agents.get(named)
        if agent is None or agent.state in AWAY or wait_ms <= 0:
            return None
        self.deadlines.set(call, "personal_until", self.now + wait_ms)
        return agent

    def end_personal(self, call: Call) -> None:
        """The wait for the personal agent is over: the group's agents may serve the call from now."""
        call.personal = call.personal_until = None
        self.reread_terms(call)
        self.rematch(call)
        if call.placed:
            self.leave_if_nobody(call)

    def return_call(self, call: Call) -> None:
        """Bring it back ahead of the line, and not to its personal agent again."""
        call.personal = call.personal_until = None
        super().return_call(call)
        self.read_terms(call)
        if call.step_due is None:
            self.schedule(call)
        if call.position_due is None:
            self.tell_position_later(call)

    def come_or_go(self, agent: Agent, before: AgentState) -> None:
        """Besides counting: those who wait for an agent who isn't there go to the group, or where nobody is needed."""
        super().come_or_go(agent, before)
        if agent.state in AWAY:
            alone = [call for line in agent.personal_lines for _, call in line.calls]
            if alone:
                with self.nobody_matched():
                    for call in alone:
                        self.end_personal(call)
        if agent.state is AgentState.LOGGED_OUT:
            left = [line for line in agent.lines if line.staff <= 1]  # the one who is left may be who asks in a consult
            entries = [(line, call) for line in left for _, call in line.calls]
            unstaffed = {call: None for line, call in entries if not line.staff or call.kind is CallKind.CONSULT}
            for call in sorted(unstaffed, key=self.order_of_service):
                self.leave_if_nobody(call)
            if agent.retired:
                self.remove(agent)

    def remove(self, agent: Agent) -> None:
        """The agent, logged out, is gone for good."""
        self.lines.strike(agent)
        self.lines.forget_personal(agent)
        agent.client_grace_until = agent.answered_until = None
        del self.agents[agent.id]

    def give_back(self, call: Call, agent: Agent, reason: Reason, by: str = "") -> None:
        """Besides: a call that comes back to wait leaves if nobody is logged in who may serve it."""
        super().give_back(call, agent, reason, by)
        if call.placed:
            self.leave_if_nobody(call)

    # --- callbacks ------------------------------------------------------------------------------------------------

    def accept_callback(self, call: Call, number: str) -> None:
        """The caller hangs up and waits on; whose number waits for a callback already has only that one.

        A word that crossed an answer: the number is being dialled for who has answered.
        """
        if call.state not in IN_LINE or call.callback or not call.is_callers:
            call.dialled_back |= call.state is TALKING and call.is_callers
            return
        other = self.callbacks.get(number)
        if other is not None and self.calls.get(other.id) is other:
            self.dismiss(call, Outcome.MERGED)
        else:
            call.callback = number
            self.callbacks[number] = call

    def dismiss(self, call: Call, outcome: Outcome) -> None:
        """End a call that waits or rings: it is over when the PBX says so."""
        if call.state is OFFERED:
            call.step(CallInput.RETURN)
            self.withdraw_all(call)
        take_call(call)
        self.count(call, -1)
        call.step(CallInput.SEND)
        call.step_due = call.position_due = call.personal = call.personal_until = call.leaving = None
        self.release(call, outcome)
