"""Who is at work, away or busy, and who may serve which line, as sets of bits: who is both is one `&`, and a count.

Each agent has a bit. With 5,000 agents a set is 625 bytes, and an intersection takes a fraction of a microsecond: so
nothing that changes with every call is kept in step, and nobody is walked over to make an estimate.
"""

from typing import TypeVar

from acd.agents import AWAY, Agent, AgentState, Pending
from acd.ids import AgentId, GroupId
from acd.queues import Line
from acd.router import Router

HANDLING = frozenset({AgentState.RINGING, AgentState.TALKING, AgentState.WRAP_UP})
AT_WORK = HANDLING | {AgentState.READY}

Bits = int


class Staffing:
    """Follows the agents; is told when rules have changed."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._bit: dict[AgentId, Bits] = {}
        self._members: dict[Line, Bits] = {}
        """Whoever may serve a line, at work or not. Made when asked for."""
        self.at_work: Bits = 0
        """Who takes calls, and will go on to after the present one."""
        self.busy: dict[GroupId, Bits] = {}
        """Whom a call of each group rings, talks with or has left in wrap-up."""
        self.away: dict[str, Bits] = {}
        """Who isn't ready, by the reason given."""
        self._group: dict[AgentId, GroupId] = {}
        self._reason: dict[AgentId, str] = {}
        for agent in router.agents.values():
            self.becomes(agent.id, agent.state, agent.reason, agent.pending)
            if agent.call is not None and agent.state in HANDLING:
                self.handles(agent.id, agent.call.group.id)

    def becomes(self, agent: AgentId, state: AgentState, reason: str, pending: Pending | None) -> None:
        """The agent is in `state`, for `reason`, with that pending."""
        bit = self._bit_of(agent)
        leaves = pending is not None and pending.state in AWAY
        if state in AT_WORK and not leaves:
            self.at_work |= bit
        else:
            self.at_work &= ~bit
        if state not in HANDLING:
            _clear(self.busy, self._group.pop(agent, None), bit)
        _clear(self.away, self._reason.pop(agent, None), bit)
        if state is AgentState.NOT_READY:
            self._reason[agent] = reason
            self.away[reason] = self.away.get(reason, 0) | bit

    def handles(self, agent: AgentId, group: GroupId) -> None:
        """A call of `group` rings the agent."""
        bit = self._bit_of(agent)
        _clear(self.busy, self._group.pop(agent, None), bit)
        self._group[agent] = group
        self.busy[group] = self.busy.get(group, 0) | bit

    def of(self, lines: tuple[Line, ...]) -> Bits:
        """Whoever may serve one of `lines`, at work or not."""
        members = 0
        for line in lines:
            known = self._members.get(line)
            members |= known if known is not None else self._look(line)
        return members

    def forget_lines(self) -> None:
        """Other rules hold: who may serve whom is to be found anew."""
        self._members.clear()

    # --- finding members --------------------------------------------------------------------------------------------

    def _look(self, line: Line) -> Bits:
        """All lines at once when none is known; else this one, which is new: needs never seen before."""
        if not self._members:
            self._look_at_all()
        if line not in self._members:
            self._members[line] = self._together([each for each in self._candidates(line) if line in each.lines])
        return self._members[line]

    def _look_at_all(self) -> None:
        members: dict[Line, list[Agent]] = {}
        for agent in self._router.agents.values():
            for line in agent.lines:
                members.setdefault(line, []).append(agent)
        self._members = {line: self._together(agents) for line, agents in members.items()}

    def _candidates(self, line: Line) -> list[Agent]:
        waits = line.calls.chunks[0]
        personal = waits[0][1].personal if waits else None
        return [personal] if personal is not None else [*self._router.agents.values()]

    def _together(self, agents: list[Agent]) -> Bits:
        """One number of many bits, made from its bytes: to add the bits one by one would copy it each time."""
        if not agents:
            return 0
        places = [self._bit_of(agent.id).bit_length() - 1 for agent in agents]
        octets = bytearray(max(places) // 8 + 1)
        for place in places:
            octets[place // 8] |= 1 << place % 8
        return int.from_bytes(octets, "little")

    def _bit_of(self, agent: AgentId) -> Bits:
        bit = self._bit.get(agent)
        if bit is None:
            bit = self._bit[agent] = 1 << len(self._bit)
        return bit


K = TypeVar("K", bound=str)


def _clear(sets: dict[K, Bits], key: K | None, bit: Bits) -> None:
    if key is not None:
        sets[key] &= ~bit
