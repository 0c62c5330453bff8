"""A router on trial: each event goes to it and to the model, and both must agree on everything, at every instant.

Two routers hear the same events. The *prompt* one is told the time at each of its deadlines; the *late* one never, but
by the next event. What the late one says at once must be all that the prompt one said on the way.
"""

from __future__ import annotations

from typing import Any

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.ids import Instant
from acd.router import Output, Router
from acd.rules import Rules
from acd.snapshot import AGENT_DUES, CALL_DUES
from tests.properties.oracle import Model
from tests.properties.oracle_choice import Open
from tests.properties.told import Told


class Trial:
    """Raises AssertionError at the first disagreement."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.now = 0
        self.prompt, self.late = Router(rules), Router(rules)
        self.model, self.told = Model(rules), Told(rules)
        self.journal: list[tuple[ev.Event, int, Output]] = []

    def say(self, event: ev.Event, now: int) -> Output:
        """Let `event` happen at `now`; return what the late router answered."""
        said: list[Any] = []
        while (due := self.prompt.next_deadline()) is not None and due <= now:
            said += self._step(ev.DeadlineReached(), max(due, self.now))
        said += self._step(event, now)
        late = self.late.handle(event, Instant(now))
        assert late == tuple(said), "told late, it answers otherwise"
        assert self.late.next_deadline() == self.prompt.next_deadline()
        self.journal.append((event, now, late))
        return late

    def _step(self, event: ev.Event, now: int) -> Output:
        self.now = now
        outputs = self.prompt.handle(event, Instant(now))
        self.model.hear(event, now, _chosen(outputs))
        self.told.follow(event, outputs)
        self.agree()
        return outputs

    def agree(self) -> None:
        """The invariants of routing, by an oracle and by plain looking."""
        model, told = self.model, self.told
        assert told.picture() == model.picture()
        assert [each for each in told.commands if each[0] == "OfferCall"] == [
            each for each in model.commands if each[0] == "OfferCall"
        ], "offers"
        for name in ("commands", "news", "finished", "refused"):
            assert _by_call(getattr(told, name)) == _by_call(getattr(model, name)), name
            getattr(told, name).clear()
            getattr(model, name).clear()
        assert [*told.contradictions()] == []
        assert not (told.reached and (model.pairs() or model.joining())), "work is not conserved"
        self._agree_on_agents()
        for call in told.calls:
            self._agree_on(call)
        due = model.next_due()
        if due is not None:
            deadline = self.prompt.next_deadline()
            assert deadline is not None, "something is due that the router has forgotten"
            assert deadline <= due, "something is due behind the next deadline"
        live_dues(self.prompt)

    def _agree_on_agents(self) -> None:
        agents = self.prompt.agents
        assert {each.id: str(each.state) for each in agents.values()} == {
            agent: each[0] for agent, each in self.told.agents.items()
        }
        assert {each.id: str(each.phone) for each in agents.values()} == {
            person.id: person.phone for person in self.model.people.values()
        }
        assert {each.id: each.record for each in agents.values() if each.id in self.model.rules.agents} == dict(
            self.model.rules.agents
        )

    def _agree_on(self, call: str) -> None:
        """What the router's own state says of a call."""
        there, (place, agents) = self.prompt.calls[call], self.told.picture()["calls"][call]
        assert str(there.state) == place
        assert sorted(each.agent.id for each in (there.talk, *there.offers) if each is not None) == agents
        seen = {name: getattr(there, name) for name in ("group", "waiting_since", "in_group_since")}
        seen |= {name: getattr(there, name) for name in ("number", "stage", "recording", "recording_path", "taken_by")}
        seen["consult"] = there.consult and there.consult.id
        seen["personal"] = there.personal and there.personal.id
        seen["tier"] = there.tier if place in ("waiting", "offered") else None
        seen["leaving"] = there.leaving is not None and place == "waiting" and not there.callback
        assert seen == self.model.details(call)
        if place in ("waiting", "offered"):
            assert self.told.tiers.get(call, there.tier) == there.tier, "a tier that nobody was told of"

    def early(self, now: int) -> None:
        """Tell the time at `now`, before anything is due: nothing may change."""
        before = (self.prompt.next_deadline(), self.model.picture())
        assert self.say(ev.DeadlineReached(), now) == (), "early, and yet something happened"
        assert (self.prompt.next_deadline(), self.model.picture()) == before

    def replay(self) -> None:
        """A new router that hears the same answers the same."""
        again = Router(self.rules)
        for event, now, outputs in self.journal:
            assert again.handle(event, Instant(now)) == outputs


def live_dues(router: Router) -> list[tuple[int, int, str]]:
    """All that will come up, in order; every one of them is a due of somebody who is here."""
    calls, agents = router.calls.values(), router.agents.values()
    fields = [getattr(call, name) for call in calls for name in CALL_DUES]
    fields += [getattr(agent, name) for agent in agents for name in AGENT_DUES]
    fields += [offer.rings_until for call in calls for offer in call.offers]
    here = sorted(due[:3] for due in fields if due is not None)
    heap = router.flow.deadlines._heap
    assert here == sorted(due[:3] for due in heap if getattr(due.subject, due.field) is due)
    return here


def _chosen(outputs: Output) -> Open:
    """What the rules leave open: whom offers went to, names, and lots."""
    names = [each.call for each in outputs if isinstance(each, say.CallDialled)]
    monitors = [each.monitor for each in outputs if isinstance(each, cmd.StartMonitor)]
    drawn = [each.call for each in outputs if isinstance(each, cmd.Record) and each.word == "start"]
    offers = {each.offer: each.agent for each in outputs if isinstance(each, cmd.OfferCall)}
    return Open(offers, "".join(names), "".join(monitors), frozenset(drawn))


def _by_call(said: list[Any]) -> list[Any]:
    """What is said of each call, in order; of several calls at one instant, anyone may be the first."""
    return sorted(said, key=lambda each: str(each[1]))
