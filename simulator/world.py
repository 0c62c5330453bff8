"""The whole world outside the core: callers, the PBX with its phones, and the agents' people. Sans-IO, in any time.

    world = World(settings, rules, seed)
    world.advance(now)         -> the events that are due: PbxFound, CallArrived, LoggedIn...
    world.handle(output, now)  what the router answered: a command for the PBX, or a notice for the people
    world.next_due()           -> the instant of the next `advance` that will do something

The same seed and the same answers at the same instants give the same events, on any machine.
"""

from collections.abc import Callable
from typing import Any

from acd.commands import Command
from acd.events import AgentRequest, PbxEvent
from acd.ids import CallId, Instant
from acd.notices import AgentChanged, Notice, TalkChanged
from acd.rules import Destination, Rules
from simulator.agenda import Agenda
from simulator.agents import Person
from simulator.callers import Callers
from simulator.distributions import sample_ms
from simulator.legs import MonitorLeg, PhoneLeg
from simulator.manners import Manners, Places, mannered
from simulator.pbx import Pbx
from simulator.seeds import Streams
from simulator.settings import SimulatorSettings, arrivals, simulated_agents

COMMANDS = frozenset(Command.__args__)

LINGERS_MS = 10_000
"""How long a caller stays on the line after the agent's word to end the call, should nothing come of it."""

MIDNIGHT = Instant(0)


class World:
    """Begins at `begin` with no calls and everybody logged out. The ids of its calls begin with `name`.

    It is midnight at 0 ms; so `begin` is the time of the day at the beginning.
    """

    def __init__(
        self, settings: SimulatorSettings, rules: Rules, seed: int, name: str = "sim", begin: Instant = MIDNIGHT
    ) -> None:
        """Raises ValueError when the settings name an agent or an entry point that the rules don't have."""
        settings = settings.in_scale()
        self._settings = settings
        self._told: list[PbxEvent | AgentRequest] = []
        self._agenda = agenda = Agenda()
        streams = Streams(seed)
        self._phone_rng = streams.of("phones")
        self._outside_rng = streams.of("outside")
        self.pbx = Pbx(agenda, self._told.append, self, settings.pbx_latency_ms)
        agents = simulated_agents(settings, rules)
        self.callers = Callers(settings, arrivals(settings, rules), tuple(rules.vips), streams, agenda, self.pbx, name)
        callers = self.callers
        self.music, self.held, self.resumed, self.gone = callers.music, callers.held, callers.resumed, callers.gone
        self.callback_offered, self.dialled = callers.callback_offered, callers.dialled
        self.people = {
            agent: Person(agent, settings, rules.not_ready_reasons, streams, agenda, self.pbx, self._told.append)
            for agent in agents
        }
        places = Places(tuple(rules.agents), tuple(rules.groups))
        self.manners = {
            agent: Manners(agent, settings, places, streams.of(f"manners {agent}"), agenda, self._told.append)
            for agent in (agents if mannered(settings) else ())
        }
        self._takes: dict[type, Callable[[Any, Instant], None]] = {
            **self.pbx.commands,
            AgentChanged: self._show,
            TalkChanged: self._show_talk,
        }
        assert self._takes.keys() >= COMMANDS
        self.begins = self._now = begin
        self._begin(begin)

    def _begin(self, at: Instant) -> None:
        self.pbx.begin(at)
        self.callers.begin(at)
        for person in self.people.values():
            person.begin(at)
        for manners in self.manners.values():
            manners.begin(at)

    def handle(self, output: Command | Notice, now: Instant) -> None:
        """Take one of the router's outputs; what follows from it comes by `advance`, at once or later."""
        takes = self._takes.get(type(output))
        if takes is not None:
            self._now = now
            takes(output, now)

    def _show(self, shown: AgentChanged, now: Instant) -> None:
        person = self.people.get(shown.agent)
        if person is not None:
            person.sees(shown, now)
        if self.manners and (manners := self.manners.get(shown.agent)) is not None:
            manners.is_in(shown.state)

    def _show_talk(self, shown: TalkChanged, now: Instant) -> None:
        if (manners := self.manners.get(shown.agent)) is not None:
            manners.sees(shown, now)

    def next_due(self) -> Instant | None:
        """When `advance` will do something next; None: never, unless something is handled."""
        return self._now if self._told else self._agenda.next_due()

    def advance(self, now: Instant) -> list[PbxEvent | AgentRequest]:
        """Let everything happen that is due by `now`, each thing at its own instant; the events that came of it."""
        self._agenda.advance(now)
        told = self._told[:]
        self._told.clear()
        return told

    # --- what the people hear from the PBX ------------------------------------------------------------------------

    def takes(self, call: CallId, to: Destination) -> bool:  # noqa: ARG002 - all destinations are alike here
        return self._outside_rng.random() >= self._settings.sending_failed_probability

    def rings(self, leg: PhoneLeg, at: Instant) -> None:
        """A simulated person does as they like; the phone of an agent left to a human answers by itself."""
        person = self.people.get(leg.agent)
        if person is not None:
            person.hears_ring(leg, at)
        else:
            after_ms = sample_ms(self._settings.human_phone_answers_s, self._phone_rng)
            self._agenda.at(at + after_ms, self.pbx.pick_up, leg)

    def talks(self, leg: PhoneLeg, at: Instant) -> None:
        person = self.people.get(leg.agent)
        agent_ends = person.ends_call() if person is not None else None
        over, wrap_up_ms = self.callers.talks(leg.caller.call, at, LINGERS_MS if agent_ends is not None else 0)
        if agent_ends is not None:
            self._agenda.at(over, _unless_busy, agent_ends, leg)
        if person is not None:
            person.talks(wrap_up_ms)
        if self.manners and (manners := self.manners.get(leg.agent)) is not None:
            manners.talks(leg, at)

    def intercepted(self, call: CallId, at: Instant) -> None:
        self.callers.talks(call, at, 0)

    def monitor_rings(self, leg: MonitorLeg, at: Instant) -> None:
        """There are no simulated supervisors: the phone of a human one answers by itself."""
        after_ms = sample_ms(self._settings.supervisor_phone_answers_s, self._phone_rng)
        self._agenda.at(at + after_ms, self.pbx.monitors.pick_up, leg)


def _unless_busy(end: Callable[[PhoneLeg, Instant], None], leg: PhoneLeg, at: Instant) -> None:
    """Who has the caller on hold, or talks with a third, doesn't end the call: the caller will, later."""
    if not leg.caller.held and leg.caller.consult is None:
        end(leg, at)
