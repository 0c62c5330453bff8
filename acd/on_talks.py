"""What agents and supervisors ask about a talk: one method a request, which is done or refused with a reason."""

from acd import consults, monitors, outgoing, recordings, transfers
from acd import events as ev
from acd.agents import AWAY, Agent, AgentState
from acd.asked import Asked
from acd.calls import Call, CallKind, CallState, Cause, MonitorState, Stage
from acd.commands import AnswerOffer, SendDigits
from acd.ids import AgentId, GroupId
from acd.notices import ConsultEnd, RefusalCode
from acd.rules import Destination, DestinationKind, RecordingRule, SkillGroup
from acd.skills import cover

CONNECTED, HELD, CONSULTING, CONFERENCE = Stage
WITH_CALLER = (CONNECTED, HELD)
NOT_NOW, BAD_TARGET = RefusalCode.NOT_NOW, RefusalCode.BAD_TARGET
INSIDE = (DestinationKind.GROUP, DestinationKind.ENTRY)
OUTSIDE = (DestinationKind.NUMBER, DestinationKind.VOICEMAIL)


class OnTalks(Asked):
    """Handles the requests about talks."""

    # --- the agent's word -------------------------------------------------------------------------------------------

    def answer_asked(self, event: ev.AnswerAsked) -> None:
        agent = self._linked(event.agent)
        if agent is None:
            return
        if agent.state is AgentState.RINGING and agent.offer is not None:
            self._do.out.append(AnswerOffer(agent.offer.id))
        else:
            self._refuse(agent.id, RefusalCode.NO_CALL, f"the agent is {agent.state}, and no call rings")

    def hold_asked(self, event: ev.HoldAsked) -> None:
        call = self._talk(event.agent, "hold", (CONNECTED,))
        if call is not None:
            self._do.arrange(call, HELD)

    def retrieve_asked(self, event: ev.RetrieveAsked) -> None:
        call = self._talk(event.agent, "retrieve", (HELD,))
        if call is not None:
            self._do.arrange(call, CONNECTED)

    def reconnect_asked(self, event: ev.ReconnectAsked) -> None:
        call = self._talk(event.agent, "reconnect", (CONSULTING, CONFERENCE))
        if call is not None and call.consult is not None:
            consults.over(self._do, call.consult, ConsultEnd.RECONNECTED)

    def conference_asked(self, event: ev.ConferenceAsked) -> None:
        call = self._talk(event.agent, "conference", (CONSULTING,))
        if call is not None and self._is_answered(call):
            self._do.arrange(call, CONFERENCE)

    def _is_answered(self, call: Call) -> bool:
        if not call.is_answered_consult and call.talk is not None:
            self._refuse(call.talk.agent.id, NOT_NOW, "who is consulted hasn't answered yet")
        return call.is_answered_consult

    def digits_asked(self, event: ev.DigitsAsked) -> None:
        call = self._talk(event.agent, "digits", (CONNECTED, CONSULTING, CONFERENCE))
        if call is None:
            return
        to = call.consult if call.stage is CONSULTING else call
        if to is None or to.number or (to is not call and to.talk is not None) or to.state is not CallState.TALKING:
            self._refuse(event.agent, NOT_NOW, "digits are for a caller or a number that has answered")
        else:
            self._do.out.append(SendDigits(to.id, event.digits))

    def recording_asked(self, event: ev.RecordingAsked) -> None:
        call = self._talk(event.agent, f"recording: {event.word}", tuple(Stage))
        if call is None:
            return
        states, _ = recordings.MAY[event.word]
        rule = call.group.recording
        if rule is RecordingRule.NONE:
            self._refuse(event.agent, NOT_NOW, f"talks of group {call.group.id!r} aren't recorded")
        elif event.word is ev.RecordingWord.STOP and rule is RecordingRule.ALL:
            self._refuse(event.agent, NOT_NOW, f"all talks of group {call.group.id!r} are recorded; pause is possible")
        elif call.recording not in states:
            now = call.recording or recordings.OFF
            self._refuse(event.agent, NOT_NOW, f"{event.word}: the recording is {now} now")
        else:
            recordings.turn(self._do, call, event.word)

    # --- consults ---------------------------------------------------------------------------------------------------

    def consult_asked(self, event: ev.ConsultAsked) -> None:
        call, to = self._talk(event.agent, "consult", WITH_CALLER), event.to
        if call is None:
            return
        if to.kind is DestinationKind.AGENT:
            self._consult_agent(call, event)
        elif to.kind is DestinationKind.GROUP:
            self._consult_group(call, event)
        elif to.kind is DestinationKind.NUMBER:
            consults.to_number(self._do, call, to)
        else:
            self._refuse(event.agent, BAD_TARGET, f"{to} can't be consulted; an agent, a group or a number can")

    def _consult_agent(self, call: Call, event: ev.ConsultAsked) -> None:
        named = self._named(event)
        if named is None:
            return
        if named.state is AgentState.READY and not self._do.reaches(named.record.pbx):
            self._refuse(event.agent, NOT_NOW, f"the PBX of agent {named.id!r} is out of reach")
        elif named.state is AgentState.READY:
            consults.to_agent(self._do, call, event.to, named)
        else:
            self._refuse(event.agent, NOT_NOW, f"agent {named.id!r} is {named.state}, and not ready")

    def _consult_group(self, call: Call, event: ev.ConsultAsked) -> None:
        group = self._group(event)
        if group is None:
            return
        consult = consults.made(self._do, call, event.to, group)
        shut = self._do.shut(consult, group, "")
        lines = self._do.lines_of(group, (), 0)
        cause = Cause.NO_AGENTS if shut is None and not consults.is_staffed(consult, lines) else shut and shut[0]
        if cause is None:
            consults.to_group(self._do, call, consult)
        else:
            self._refuse(event.agent, NOT_NOW, f"group {group.id!r} takes no call now ({cause})")

    # --- transfers --------------------------------------------------------------------------------------------------

    def transfer_asked(self, event: ev.TransferAsked) -> None:
        if event.to is None:
            call = self._talk(event.agent, "transfer", (CONSULTING, CONFERENCE))
            if call is not None and self._is_answered(call):
                transfers.attended(self._do, call)
        else:
            call = self._talk(event.agent, "transfer", WITH_CALLER)
            if call is not None:
                self._transfer_to(call, event, event.to)

    def _transfer_to(self, call: Call, event: ev.TransferAsked, to: Destination) -> None:
        if to.kind is DestinationKind.AGENT:
            self._transfer_to_agent(call, event, to)
        elif to.kind in INSIDE:
            self._transfer_inside(call, event, to)
        elif to.kind in OUTSIDE:
            transfers.outside(self._do, call, to)
        else:
            self._refuse(event.agent, BAD_TARGET, f"{to} is no place for a transfer; release ends the call")

    def _transfer_to_agent(self, call: Call, event: ev.TransferAsked, to: Destination) -> None:
        named = self._named(event)
        if named is None:
            return
        if named.state in AWAY or named.id == event.agent:
            self._refuse(event.agent, NOT_NOW, f"agent {named.id!r} is {named.state}, and can't be waited for")
        else:
            transfers.to_agent(self._do, call, to, named)

    def _transfer_inside(self, call: Call, event: ev.TransferAsked, to: Destination) -> None:
        if to.kind is DestinationKind.GROUP and self._group(event) is None:
            return
        way = self._do.way(call, to, Cause.TRANSFER, set())
        if way is None:
            self._refuse(event.agent, BAD_TARGET, f"{to} takes no call now, and has nowhere to send it")
        elif way.outside is None:
            transfers.to_line(self._do, call, way)
        else:
            transfers.outside(self._do, call, way.outside)

    # --- outgoing calls ---------------------------------------------------------------------------------------------

    def dial_asked(self, event: ev.DialAsked) -> None:
        agent = self._linked(event.agent)
        if agent is None:
            return
        group = self._group_to_dial_for(agent, event.group)
        if agent.retired or agent.state not in outgoing.MAY_DIAL:
            self._refuse(agent.id, NOT_NOW, f"dial: the agent is {agent.state} now")
        elif group is None:
            self._refuse(agent.id, RefusalCode.UNKNOWN_GROUP, f"no group is called {event.group!r}")
        else:
            outgoing.dial(self._do, agent, event.number, group)

    def _group_to_dial_for(self, agent: Agent, named: GroupId | None) -> SkillGroup | None:
        groups = self._do.rules.groups
        if named is not None:
            return groups.get(named)
        own = (each for each in groups.values() if cover(agent.record.skills, each.needs))
        return next(own, next(iter(groups.values()), None))

    # --- the supervisor's word --------------------------------------------------------------------------------------

    def monitor_asked(self, event: ev.MonitorAsked) -> None:
        agent = self._supervised(event.agent, event.by)
        if agent is None or self._is_lost(agent):
            return
        monitor = self._do.monitors.get(event.by)
        if agent.state is not AgentState.TALKING or agent.call is None or agent.offer is None:
            self._refuse(agent.id, RefusalCode.NO_CALL, f"the agent is {agent.state} and doesn't talk")
        elif event.mode is ev.MonitorMode.INTERCEPT and not self._may_take(agent.call):
            self._refuse(agent.id, NOT_NOW, "only a talk with a caller can be intercepted, and not in a consult")
        elif monitor is None:
            self._start_monitor(agent, event)
        elif monitor.agent != agent.id or monitor.state is MonitorState.OVER or monitors.has_taken(self._do, monitor):
            self._refuse(agent.id, NOT_NOW, f"your phone takes part in the talk of {monitor.agent!r}; end that first")
        else:
            monitors.change(self._do, monitor, event.mode)

    def _may_take(self, call: Call) -> bool:
        return call.stage in WITH_CALLER and monitors.is_with_caller(call)

    def _start_monitor(self, agent: Agent, event: ev.MonitorAsked) -> None:
        supervisor = self._do.rules.supervisors.get(event.by)
        if supervisor is None or not supervisor.device:
            detail = f"supervisor {event.by!r} has no device in the configuration; give one to listen with"
            self._refuse(agent.id, RefusalCode.NO_DEVICE, detail)
        else:
            monitors.start(self._do, agent, supervisor.device, event.mode, event.by)

    def monitor_end_asked(self, event: ev.MonitorEndAsked) -> None:
        monitor = self._do.monitors.get(event.by)
        if monitor is None:
            self._refuse(AgentId(""), RefusalCode.NO_CALL, "your phone takes part in no talk")
        elif self._do.pbx_lost is not None:
            self._refuse(AgentId(""), NOT_NOW, f"the PBX is out of reach ({self._do.pbx_lost})")
        else:
            monitors.end(self._do, monitor)

    # --- who and what is there --------------------------------------------------------------------------------------

    def _linked(self, agent_id: AgentId) -> Agent | None:
        """The agent, while the PBX can be asked for something."""
        agent = self._known(agent_id)
        return None if agent is None or self._is_lost(agent) else agent

    def _talk(self, agent_id: AgentId, word: str, stages: tuple[Stage, ...]) -> Call | None:
        """The agent's talk, if it is in one of these stages."""
        agent = self._linked(agent_id)
        if agent is None:
            return None
        call = agent.call
        if agent.state is not AgentState.TALKING or call is None:
            self._refuse(agent.id, RefusalCode.NO_CALL, f"{word}: the agent is {agent.state} and doesn't talk")
        elif call.kind is CallKind.CONSULT:
            self._refuse(agent.id, NOT_NOW, f"{word}: this is a consult; who asked for it decides about the call")
        elif call.number or call.released is not None:
            now = "is being ended" if call.released is not None else "hasn't been answered yet"
            self._refuse(agent.id, NOT_NOW, f"{word}: the call {now}")
        elif call.stage not in stages:
            self._refuse(agent.id, NOT_NOW, f"{word}: the talk is {call.stage} now")
        else:
            return call
        return None

    def _named(self, event: ev.ConsultAsked | ev.TransferAsked) -> Agent | None:
        """The agent who is asked for."""
        assert event.to is not None
        named = self._do.agents.get(AgentId(event.to.name))
        if named is None or named.retired:
            self._refuse(event.agent, BAD_TARGET, f"no agent has the id {event.to.name!r}")
            return None
        return named

    def _group(self, event: ev.ConsultAsked | ev.TransferAsked) -> SkillGroup | None:
        assert event.to is not None
        group = self._do.rules.groups.get(GroupId(event.to.name))
        if group is None:
            self._refuse(event.agent, RefusalCode.UNKNOWN_GROUP, f"no group is called {event.to.name!r}")
        return group
