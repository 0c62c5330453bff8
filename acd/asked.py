"""What the requests of agents and supervisors have in common: who is known, who may, and the refusal."""

from acd.agents import Agent
from acd.calls import Call
from acd.dispatcher import NEVER_HEARD_OF
from acd.ids import AgentId, GroupId
from acd.notices import RefusalCode, Refused
from acd.skills import cover
from acd.talks import Talks


class Asked:
    """Handles requests; a method that returns None has refused."""

    def __init__(self, flow: Talks) -> None:
        self._do = flow

    def _known(self, agent_id: AgentId) -> Agent | None:
        agent = self._do.agents.get(agent_id)
        if agent is None:
            self._refuse(agent_id, RefusalCode.UNKNOWN_AGENT, f"no agent has the id {agent_id!r}")
        return agent

    def _supervised(self, agent_id: AgentId, by: str) -> Agent | None:
        """The agent, if the supervisor may do something about him or her."""
        agent = self._known(agent_id)
        if agent is None or self._may(by, self._groups_of(agent)):
            return agent
        self._refuse(agent_id, RefusalCode.NOT_YOURS, f"agent {agent_id!r} serves none of the groups of {by!r}")
        return None

    def _groups_of(self, agent: Agent) -> set[GroupId]:
        """Those that the agent may serve, and that of the present call."""
        skills, rules = agent.record.skills, self._do.rules
        groups = {each.id for each in rules.groups.values() if cover(skills, each.needs)}
        return groups | ({agent.call.group.id} if agent.call is not None else set())

    def _owns(self, call: Call, by: str) -> bool:
        """Whether the supervisor may do something about the call; refused if not."""
        if self._may(by, {call.group.id}):
            return True
        detail = f"call {call.id!r} is in group {call.group.id!r}, which is none of those of {by!r}"
        self._refuse(AgentId(""), RefusalCode.NOT_YOURS, detail)
        return False

    def _may(self, by: str, groups: set[GroupId]) -> bool:
        supervisor = self._do.rules.supervisors.get(by)
        return supervisor is None or not supervisor.groups or not groups.isdisjoint(supervisor.groups)

    def _is_lost(self, agent: Agent) -> bool:
        """Whether the PBX of the agent's call, or phone, can't be asked for anything now; refused if so."""
        pbx = agent.call.arrival.pbx if agent.call is not None else agent.record.pbx
        lost = self._do.pbxs.get(pbx, NEVER_HEARD_OF)
        if lost is not None:
            self._refuse(agent.id, RefusalCode.NOT_NOW, f"the PBX is out of reach ({lost})")
        return lost is not None

    def _refuse(self, agent: AgentId, code: RefusalCode, detail: str) -> None:
        self._do.out.append(Refused(agent, code, detail))
