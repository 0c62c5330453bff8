"""The agents' clients: connections that are cut, and come back as new ones.

Who is cut off sees nothing and can ask nothing; the phone on the desk rings on. A new client shows what it is told at
its log-in: how the agent stands now. What the person wanted meanwhile to be (ready, not ready, logged out) is asked
then; what was wanted of a talk has passed.
"""

from collections.abc import Callable
from functools import partial
from random import Random

from acd import events as ev
from acd.agents import AgentState
from acd.events import AgentRequest
from acd.ids import AgentId, Instant
from acd.notices import AgentChanged, Notice, TalkChanged
from simulator.agenda import Agenda
from simulator.distributions import sample_ms
from simulator.faults.settings import Faults

WORDS_ON_STATE = (ev.ReadyAsked, ev.NotReadyAsked, ev.LogOutAsked)
MS_PER_H = 3_600_000


class Sockets:
    """`tell` the core of clients; `show` a notice to the people."""

    def __init__(
        self,
        faults: Faults,
        stream: Callable[[str], Random],
        agenda: Agenda,
        tell: Callable[[AgentRequest], None],
        show: Callable[[Notice], None],
        until: float,
    ) -> None:
        self._faults, self._agenda, self._tell, self._show, self._until = faults, agenda, tell, show, until
        self._stream = stream
        self._rngs: dict[AgentId, Random] = {}
        self._rng = stream("swizzles")
        self._here: set[AgentId] = set()
        """Who is logged in, as far as anybody was told."""
        self._held: dict[AgentId, list[AgentRequest]] = {}
        """By each agent who is cut off: what will be asked."""
        self._unseen: dict[AgentId, dict[type, Notice]] = {}
        self.cuts = 0

    # --- what passes --------------------------------------------------------------------------------------------------

    def ask(self, request: AgentRequest) -> None:
        """The person asks for it, if there is a client to ask by."""
        held = self._held.get(request.agent)
        if held is None:
            self._tell(request)
        elif isinstance(request, WORDS_ON_STATE):
            held.append(request)

    def sees(self, notice: AgentChanged | TalkChanged, now: Instant) -> None:
        """The client shows it, if there is one."""
        agent = notice.agent
        if isinstance(notice, AgentChanged):
            self._comes_or_goes(agent, notice.state is not AgentState.LOGGED_OUT, now)
        if agent in self._held:
            self._unseen[agent][type(notice)] = notice
        else:
            self._show(notice)

    def _comes_or_goes(self, agent: AgentId, is_here: bool, now: Instant) -> None:
        if not is_here:
            self._here.discard(agent)
            return
        self._here.add(agent)
        if agent not in self._rngs and self._faults.socket_drops_per_agent_h > 0:
            self._rngs[agent] = self._stream(f"socket {agent}")
            self._plan_cut(agent, now)

    # --- cut and back -------------------------------------------------------------------------------------------------

    def _plan_cut(self, agent: AgentId, now: Instant) -> None:
        after_h = self._rngs[agent].expovariate(self._faults.socket_drops_per_agent_h)
        at = now + round(after_h * MS_PER_H)
        if at < self._until:
            self._agenda.at(at, partial(self._cut_by_chance, agent))

    def _cut_by_chance(self, agent: AgentId, at: Instant) -> None:
        self.cut(agent, at)
        back = Instant(at + sample_ms(self._faults.socket_down_s, self._rngs[agent]))
        self._agenda.at(back, partial(self.back, agent))
        self._plan_cut(agent, back)

    def cut(self, agent: AgentId, _at: Instant) -> None:
        """The connection is gone, if there was one."""
        if agent in self._here and agent not in self._held:
            self.cuts += 1
            self._held[agent], self._unseen[agent] = [], {}
            self._tell(ev.ClientLost(agent))

    def back(self, agent: AgentId, _at: Instant) -> None:
        """A new client logs in, shows how the agent stands, and what the person wanted is asked."""
        if agent not in self._held:
            return
        held, unseen = self._held.pop(agent), self._unseen.pop(agent)
        self._tell(ev.LoggedIn(agent))
        for notice in unseen.values():
            self._show(notice)
        for request in held:
            self._tell(request)

    def swizzle(self, at: Instant) -> None:
        """Cut a random set of clients one after another; they come back one after another in another order."""
        rng, gap_s = self._rng, self._faults.swizzle_gap_s
        chosen = [agent for agent in sorted(self._here - self._held.keys()) if rng.random() < 0.5]
        rng.shuffle(chosen)
        for agent in chosen:
            self._agenda.at(at, partial(self.cut, agent))
            at = Instant(at + sample_ms(gap_s, rng))
        at = Instant(at + sample_ms(self._faults.socket_down_s, rng))
        rng.shuffle(chosen)
        for agent in chosen:
            self._agenda.at(at, partial(self.back, agent))
            at = Instant(at + sample_ms(gap_s, rng))
