"""A conversation of which everything is seen, and scenes for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from acd import events as ev
from acd.explain import present
from acd.explain.answers import AgentWhy, CallWhy, Standing
from acd.explain.entries import Offered
from acd.explain.text import lines_of
from acd.explain.witness import Witness
from acd.explain.words import Words
from acd.ids import OfferId
from acd.router import Router
from acd.rules import Rules, Strategy
from tests.conversation import Conversation, answered, arrives, centre, group

S = 1_000


class Seen(Conversation):
    """A conversation of which everything is seen."""

    def __init__(self, rules: Rules, *, linked: bool = True) -> None:
        super().__init__(rules, linked=False)
        self.witness = Witness(rules)
        self.router = Router(rules, self.witness)
        if linked:
            self << ev.PbxFound()

    def __lshift__(self, said: Any) -> Seen:
        heard: list[Any] = []
        for self.witness.event in said if isinstance(said, (list, tuple)) else [said]:
            super().__lshift__(self.witness.event)
            heard += self.heard
        self.heard = heard
        return self

    def offers(self, call: str) -> list[Offered]:
        return [each for each in self.witness.entries[call] if isinstance(each, Offered)]

    def offer(self, call: str) -> Offered:
        """The call's last."""
        return self.offers(call)[-1]

    def kinds(self, call: str) -> list[str]:
        return [each.kind for each in self.witness.entries[call]]

    def standing(self, call: str) -> Standing:
        return present.standing(self.router, self.router.calls[call], self.now)

    def said(self, call: str, language: str = "en") -> str:
        """The call's story, and where it stands."""
        standing = self.standing(call) if call in self.router.calls else None
        why = CallWhy(call=call, at=self.now, entries=tuple(self.witness.entries[call]), standing=standing)
        return "\n".join(lines_of(why, Words(language)))

    def agent(self, agent: str) -> AgentWhy:
        return present.of_agent(self.router, agent, self.now)

    def said_of_agent(self, agent: str, language: str = "en") -> str:
        return "\n".join(lines_of(self.agent(agent), Words(language)))


def order(offer: Offered) -> list[str]:
    """Who was chosen, and the runners-up."""
    return [offer.rings[0].agent.id, *(each.agent.id for each in offer.next)]


def by(strategy: Strategy, **others: Any) -> Rules:
    """A desk that chooses by `strategy`, without wrap-up."""
    desk = replace(group("desk", wrap_up_ms=0), strategy=strategy)
    return centre(desk, agents=others.pop("agents", ["ann", "ben", "cy"]), **others)


def talk(seen: Seen, call: str, from_s: float, to_s: float) -> None:
    seen.at(int(from_s * S)) << arrives(call) << answered(call)
    seen.at(int(to_s * S)) << ev.CallerLeft(call)


def phone_dies(call: str, n: int = 1) -> ev.PhoneLeft:
    return ev.PhoneLeft(OfferId(call, n), lost=True)
