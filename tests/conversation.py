"""Tests that read as a conversation with the router.

    talk = Conversation(centre(group("desk"), agents=["ann"]))      # the PBX is linked at 0
    talk << ready("ann")                                            # not followed by >>: only sets the scene
    talk.at(1_000) << arrives("c1") >> (waits("c1"), rings("c1", "ann"), becomes("ann", RINGING, call="c1"))

`<<` says one event, or several, at the present instant (milliseconds); `>>` demands exactly what the router answered
to that, in order. Where they differ, both are shown line by line, kind beside kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from difflib import SequenceMatcher
from typing import Any

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.agents import AgentState
from acd.calls import Outcome, Stage
from acd.ids import OfferId
from acd.router import Router
from acd.rules import AgentRecord, Destination, DestinationKind, EntryPoint, Rules, SkillGroup, difference
from acd.skills import normalized

LOGGED_OUT, NOT_READY, READY, RINGING, TALKING, WRAP_UP = AgentState
NOTHING: tuple[Any, ...] = ()


class Like:
    """Equal to every message of `kind` that has these values in these fields, whatever stands in the others."""

    def __init__(self, kind: type, /, **values: Any) -> None:
        self.kind, self.values = kind, values
        assert values.keys() <= {field.name for field in fields(kind)}, f"{kind.__name__} has not all of {[*values]}"

    def __eq__(self, other: object) -> bool:
        return type(other) is self.kind and all(getattr(other, name) == want for name, want in self.values.items())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{self.kind.__name__}({', '.join(f'{name}={want!r}' for name, want in self.values.items())}, ...)"


class Conversation:
    """A router, the present instant, and what it answered to the latest `<<`."""

    def __init__(self, rules: Rules, *, linked: bool = True) -> None:
        self.router = Router(rules)
        self.now = 0
        self.heard: list[Any] = []
        if linked:
            self << ev.PbxFound()

    def at(self, now: int) -> Conversation:
        self.now = now
        return self

    def __lshift__(self, said: Any) -> Conversation:
        events = said if isinstance(said, (list, tuple)) else [said]
        self.heard = [answer for event in events for answer in self.router.handle(event, self.now)]
        return self

    def __rshift__(self, expected: Any) -> Conversation:
        wanted = list(expected) if isinstance(expected, (list, tuple)) else [expected]
        assert wanted == self.heard, "\n".join(
            [f"at {self.now} the router answered otherwise:", *diff(wanted, self.heard)]
        )
        return self

    def tick(self) -> Conversation:
        """Time has come to the present instant, and nothing else."""
        return self << ev.DeadlineReached()

    def reload(self, rules: Rules, by: str = "lead") -> Conversation:
        """Other rules hold from the present instant: what differs is handed over, as a reload does."""
        return self << ev.RulesChanged(difference(self.router.rules, rules), by)

    @property
    def due(self) -> int | None:
        return self.router.next_deadline()

    def state(self, agent: str) -> AgentState:
        return self.router.agents[agent].state

    def offered(self) -> list[tuple[str, str]]:
        """Who was rung for what in the latest answer: (call, agent)."""
        return [(each.call, each.agent) for each in self.heard if isinstance(each, cmd.OfferCall)]


def diff(expected: list[Any], heard: list[Any]) -> list[str]:
    """Both lists line by line, kind beside kind: `-` before what is missing, `+` before what is too much."""
    kinds = [[each.kind if isinstance(each, Like) else type(each) for each in side] for side in (expected, heard)]
    rows: list[str] = []
    for _, a, b, c, d in SequenceMatcher(None, *kinds, autojunk=False).get_opcodes():
        pairs = list(zip(expected[a:b], heard[c:d])) if b - a == d - c else []
        for want, got in pairs:
            rows += (
                [f"    {got!r}"]
                if want == got
                else [f"  - {want!r}", f"  + {got!r}", f"    {' ' * 4}{_unlike(want, got)}"]
            )
        if not pairs:
            rows += [f"  - {want!r}" for want in expected[a:b]] + [f"  + {got!r}" for got in heard[c:d]]
    return rows


def _unlike(want: Any, got: Any) -> str:
    if not is_dataclass(got) or (want.kind if isinstance(want, Like) else type(want)) is not type(got):
        return "another kind"
    values = (
        want.values if isinstance(want, Like) else {field.name: getattr(want, field.name) for field in fields(want)}
    )
    return "differs in " + ", ".join(name for name, value in values.items() if getattr(got, name) != value)


# --- the centre -----------------------------------------------------------------------------------------------


def group(name: str, ring_ms: int = 15_000, wrap_up_ms: int = 30_000, **needs: int) -> SkillGroup:
    return SkillGroup(name, needs=normalized(needs), ring_ms=ring_ms, wrap_up_ms=wrap_up_ms)


def centre(*groups: SkillGroup, agents: Mapping[str, Mapping[str, int]] | Iterable[str] = (), **others: Any) -> Rules:
    """Rules with these groups, each behind an entry point of its own name, and these agents (with skills)."""
    skills = agents if isinstance(agents, Mapping) else {name: {} for name in agents}
    return Rules(
        groups={each.id: each for each in groups},
        entries={each.id: EntryPoint(each.id, each.id) for each in groups} | others.pop("entries", {}),
        agents={name: AgentRecord(name, f"PJSIP/{name}", skills=normalized(skills[name])) for name in skills},
        **others,
    )


def to_group(name: str) -> Destination:
    return Destination(DestinationKind.GROUP, name)


VOICEMAIL = Destination(DestinationKind.VOICEMAIL, "box")


# --- what is said ---------------------------------------------------------------------------------------------


def ready(*agents: str) -> list[ev.Event]:
    return [event for agent in agents for event in (ev.LoggedIn(agent), ev.ReadyAsked(agent))]


def arrives(call: str, entry: str = "desk", **others: Any) -> ev.CallArrived:
    return ev.CallArrived(call, entry, **others)


def answered(call: str, n: int = 1) -> ev.OfferAccepted:
    return ev.OfferAccepted(OfferId(call, n))


def failed(call: str, why: ev.OfferFailure = ev.OfferFailure.UNANSWERED, n: int = 1) -> ev.OfferFailed:
    return ev.OfferFailed(OfferId(call, n), why)


ANN_AND_BEN = centre(group("desk"), agents=["ann", "ben"])


def scene(state: AgentState) -> Conversation:
    """ann is in `state` at 1000, with c1 if she has a call; ben is logged out."""
    talk = Conversation(ANN_AND_BEN)
    script = {
        LOGGED_OUT: [],
        NOT_READY: [ev.LoggedIn("ann")],
        READY: ready("ann"),
        RINGING: [*ready("ann"), arrives("c1")],
        TALKING: [*ready("ann"), arrives("c1"), answered("c1")],
        WRAP_UP: [*ready("ann"), arrives("c1"), answered("c1"), ev.CallerLeft("c1")],
    }
    talk << script[state]
    assert talk.state("ann") is state
    return talk.at(1_000)


# --- what is answered -----------------------------------------------------------------------------------------


def becomes(agent: str, state: AgentState, reason: str = "", **others: Any) -> Like:
    """Without a pending state, a supervisor or a call, unless they are given."""
    return Like(say.AgentChanged, agent=agent, state=state, reason=reason, **(_PLAIN | others))


_PLAIN: dict[str, Any] = {"pending": None, "by": "", "call": None}


def waits(call: str, returned: bool = False, **others: Any) -> Like:
    return Like(say.CallQueued, call=call, returned=returned, **others)


def rings(call: str, agent: str, n: int = 1, **others: Any) -> Like:
    return Like(cmd.OfferCall, offer=OfferId(call, n), agent=agent, **others)


def withdraws(call: str, n: int = 1) -> cmd.WithdrawOffer:
    return cmd.WithdrawOffer(OfferId(call, n))


def no_talk(call: str, agent: str, how: say.OfferEnd, n: int = 1) -> say.OfferEnded:
    return say.OfferEnded(OfferId(call, n), agent, how)


def talks(call: str, agent: str, **others: Any) -> Like:
    return Like(say.CallConnected, call=call, agent=agent, **others)


def over(call: str, outcome: Outcome, **others: Any) -> Like:
    return Like(say.CallFinished, call=call, outcome=outcome, **others)


def refuses(agent: str, code: say.RefusalCode) -> Like:
    return Like(say.Refused, agent=agent, code=code)


# --- talks ----------------------------------------------------------------------------------------------------


def place(text: str) -> Destination:
    """`kind:name` as a destination."""
    kind, _, name = text.partition(":")
    return Destination(DestinationKind(kind), name)


def consults(agent: str, to: str) -> ev.ConsultAsked:
    return ev.ConsultAsked(agent, place(to))


def transfers(agent: str, to: str = "") -> ev.TransferAsked:
    return ev.TransferAsked(agent, place(to) if to else None)


def phone_left(call: str, n: int = 1, *, lost: bool = False) -> ev.PhoneLeft:
    return ev.PhoneLeft(OfferId(call, n), lost)


def stage(call: str, agent: str, stage: Stage, **others: Any) -> say.TalkChanged:
    """Without a consult, unless it is given."""
    return say.TalkChanged(call, agent, stage, **others)


def talking(rules: Rules, *others: str, agent: str = "ann") -> Conversation:
    """`agent` talks in c1 since 0, and `others` are ready; it is 1000."""
    talk = Conversation(rules) << [*ready(agent), arrives("c1"), answered("c1"), *ready(*others)]
    assert talk.state(agent) is TALKING
    return talk.at(1_000)
