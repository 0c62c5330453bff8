"""A router on trial: each event goes to it and to the model, and both must agree on everything, at every instant.

Two routers hear the same events. The *prompt* one is told the time at each of its deadlines; the *late* one never, but
by the next event. What the late one says at once must be all that the prompt one said on the way.
"""

from __future__ import annotations

from typing import Any

from acd import events as ev
from acd.ids import Instant
from acd.router import Output, Router
from acd.rules import Rules
from tests.properties.oracle import Model, Told


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
            said += self._step(ev.DeadlineReached(), due)
        said += self._step(event, now)
        late = self.late.handle(event, Instant(now))
        assert late == tuple(said), "told late, it answers otherwise"
        assert self.late.next_deadline() == self.prompt.next_deadline()
        self.journal.append((event, now, late))
        return late

    def _step(self, event: ev.Event, now: int) -> Output:
        self.now = now
        outputs = self.prompt.handle(event, Instant(now))
        self.model.hear(event, now)
        self.told.follow(event, outputs)
        self.agree()
        return outputs

    def agree(self) -> None:
        """The invariants of routing, by an oracle and by plain looking."""
        model, told, router = self.model, self.told, self.prompt
        assert told.picture() == model.picture()
        for name in ("commands", "finished", "refused"):
            assert getattr(told, name) == getattr(model, name), name
            getattr(told, name).clear()
            getattr(model, name).clear()
        assert [*told.contradictions()] == []
        assert not (told.linked and model.pairs()), "work is not conserved"
        places = {call.id: str(call.state) for call in router.calls.values()}
        assert places == {call: place for call, (place, _) in told.calls.items()}
        assert {each.id: str(each.state) for each in router.agents.values()} == {
            agent: each[0] for agent, each in told.agents.items()
        }
        due = model.next_due()
        if due is not None:
            deadline = router.next_deadline()
            assert deadline is not None, "something is due that the router has forgotten"
            assert deadline <= due, "something is due behind the next deadline"

    def early(self, now: int) -> None:
        """Tell the time at `now`, before anything is due: nothing may change."""
        before = (self.prompt.next_deadline(), self.model.picture())
        assert self.say(ev.DeadlineReached(), now) == ()
        assert (self.prompt.next_deadline(), self.model.picture()) == before

    def replay(self) -> None:
        """A new router that hears the same answers the same."""
        again = Router(self.rules)
        for event, now, outputs in self.journal:
            assert again.handle(event, Instant(now)) == outputs
