"""Days with faults: a centre, a router that is watched at every step, and what must be so when the faults are over."""

from acd.agents import AgentState
from acd.calls import CallState
from acd.ids import Instant
from acd.router import Router
from simulator.faults import Faults, Faulty
from simulator.legs import LegState
from simulator.run import VirtualTime
from simulator.world import World
from tests.properties.told import Told
from tests.properties.trial import Trial, live_dues
from tests.simulation.centres import LIVELY, TALKATIVE, WINDING, lively_rules, winding_rules

MIN_MS = 60_000
FAULTY_MIN, SETTLING_MIN, CALM_MIN = 15, 3, 10
CENTRES = {
    "lively": (LIVELY, lively_rules),
    "winding": (WINDING, winding_rules),
    "talkative": (TALKATIVE, winding_rules),
}
UNTIL_S = FAULTY_MIN * 60.0
KINDS = {
    "late": Faults(late=0.2, until_s=UNTIL_S),
    "duplicate": Faults(duplicate=0.3, until_s=UNTIL_S),
    "reordered": Faults(reordered=0.4, until_s=UNTIL_S),
    "lost": Faults(lost=0.05, until_s=UNTIL_S),
    "link": Faults(link_drops_per_h=60, until_s=UNTIL_S),
    "clock": Faults(clock_jumps_per_h=60, until_s=UNTIL_S),
    "sockets": Faults(socket_drops_per_agent_h=20, swizzles_per_h=20, until_s=UNTIL_S),
}
ALL = Faults(
    late=0.1,
    duplicate=0.1,
    reordered=0.1,
    lost=0.02,
    link_drops_per_h=30,
    clock_jumps_per_h=30,
    socket_drops_per_agent_h=10,
    swizzles_per_h=10,
    until_s=UNTIL_S,
)


class Watched:
    """A router whose every word is followed; what it says must be possible, and what it forgets is seen."""

    def __init__(self, rules, router=None):
        self.router = Router(rules) if router is None else router
        self.told = Told(rules)

    def handle(self, event, now):
        outputs = self.router.handle(event, now)
        self.told.follow(event, outputs)
        assert [*self.told.contradictions()] == []
        live_dues(self.router)
        return outputs

    def next_deadline(self):
        return self.router.next_deadline()


class Tried(Trial):
    """A router that is compared with the model of the properties at every step."""

    @property
    def router(self):
        return self.prompt

    def handle(self, event, now):
        return self.say(event, now)

    def next_deadline(self):
        return self.prompt.next_deadline()


class Day:
    """A world with faults before it, and the steps of the core."""

    def __init__(self, centre, faults, seed, watched=None, layer=Faulty):
        settings, rules = CENTRES[centre]
        self.rules = rules()
        self.core = Watched(self.rules) if watched is None else watched(self.rules)
        self.world = World(settings, self.rules, seed)
        self.outside = layer(self.world, faults, seed)
        self.steps = []
        self.time = VirtualTime(self.outside, self.core, self._watch, Instant(0))

    def _watch(self, event, outputs, now):
        self.steps.append((event, outputs, now))

    @property
    def router(self):
        return self.core.router

    def until_min(self, minute):
        self.time.until(Instant(round(minute * MIN_MS)))

    def outputs(self, kind):
        return [out for _, outputs, _ in self.steps for out in outputs if type(out) is kind]

    def events(self, kind):
        return [event for event, _, _ in self.steps if type(event) is kind]

    # --- when the faults are over -------------------------------------------------------------------------------------

    def disagreements(self):
        """What router and PBX hold otherwise, by whom it concerns."""
        callers = self.world.pbx.callers
        legs = {leg.offer: leg for caller in callers.values() for leg in caller.legs}
        calls = self.router.calls
        found = {("call", call) for call in callers.keys() ^ calls.keys() if not self._is_unborn(call)}
        rings = {offer.id for call in calls.values() for offer in call.offers}
        talks = {call.talk.id for call in calls.values() if call.talk is not None}
        found |= {("ring", offer) for offer in rings ^ self._legs_in(legs, LegState.RINGING)}
        found |= {("talk", offer) for offer in talks ^ self._legs_in(legs, LegState.TALKING)}
        for agent in self.router.agents.values():
            if agent.state in (AgentState.RINGING, AgentState.TALKING) and agent.offer.id not in legs:
                found.add(("agent", agent.id))
        return found

    def _is_unborn(self, call):
        there = self.router.calls.get(call)
        return there is not None and there.state is CallState.OFFERED and bool(there.number)

    @staticmethod
    def _legs_in(legs, state):
        return {offer for offer, leg in legs.items() if leg.state is state}

    def lasting_disagreements(self):
        """Those that are there at several instants: what is just being told isn't among them."""
        lasting = self.disagreements()
        for _ in range(3):
            self.time.until(Instant(self.time.now + 700))
            lasting &= self.disagreements()
        return lasting


def a_day(centre, faults, seed, watched=None, layer=Faulty):
    """Faults, then peace; raises AssertionError if anything doesn't come right again."""
    day = Day(centre, faults, seed, watched, layer)
    day.until_min(FAULTY_MIN + SETTLING_MIN)
    assert day.lasting_disagreements() == set()
    there = {*day.router.calls, *day.world.pbx.callers}
    begin = len(day.steps)
    day.until_min(FAULTY_MIN + SETTLING_MIN + CALM_MIN)
    assert day.lasting_disagreements() == set()
    assert there & {*day.router.calls, *day.world.pbx.callers} == set(), "somebody is there for ever"
    served = {
        out.agent
        for _, outputs, _ in day.steps[begin:]
        for out in outputs
        if hasattr(out, "ring_ms") and hasattr(out, "agent")
    }
    assert served == set(day.rules.agents), "somebody isn't rung any more"
    return day
