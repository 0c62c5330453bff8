"""What the router says, followed message by message, apart from what it is foretold to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from acd import commands as cmd
from acd import events as ev
from acd import notices as say
from acd.rules import Destination, Rules, changed

LOGGED_OUT = ("logged-out", "", None, "", None, 0)
FINISHED = ("call", "group", "agent", "outcome", "waited_ms", "talked_ms", "kind", "recording", "why")
SPELT = (cmd.TalkCommand | cmd.SupervisionCommand | cmd.TellPosition).__args__
"""The commands that are compared as they are."""


class Told:
    """Raises AssertionError at the first word that can't be."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.ring_ms = {group.id: group.ring_ms for group in rules.groups.values()}
        """Of the groups that were removed too."""
        self.calls: dict[str, str] = {}
        self.tiers: dict[str, int] = {}
        self.agents = dict.fromkeys(rules.agents, LOGGED_OUT)
        self.offers: dict[tuple[str, int], str] = {}
        """Every offer made in the life of a live call, and to whom."""
        self.live: dict[str, tuple[str, int]] = {}
        """The offer that rings at an agent, or led to the present talk."""
        self.stages: dict[str, tuple[str, str | None]] = {}
        """Of the talks that were ever arranged: how, and their consult."""
        self.dialled: set[str] = set()
        """The outgoing calls whose number isn't reached yet."""
        self.consults: set[str] = set()
        """Those that live."""
        self.with_numbers: set[str] = set()
        """The consults that talk with a number."""
        self.phones: dict[str, str] = {}
        """Those that were told of."""
        self.pbxs: dict[str, str] = {}
        """Where each call is."""
        self.reached: set[str] = set()
        """The PBXs that can be driven."""
        self.arrived = 0
        self.outcomes: Counter[str] = Counter()
        self.commands: list[tuple[Any, ...]] = []
        self.news: list[tuple[Any, ...]] = []
        self.finished: list[tuple[Any, ...]] = []
        self.refused: list[tuple[str, str]] = []

    def follow(self, event: ev.Event, outputs: tuple[Any, ...]) -> None:
        if isinstance(event, ev.CallArrived) and event.call not in self.calls:
            self.arrived += 1
            self.pbxs[event.call] = event.pbx
        if isinstance(event, ev.PhoneChanged):
            self.phones[event.agent] = event.state
        for output in outputs:
            getattr(self, "_" + type(output).__name__, self._other)(output, event)
        self.agents = {
            agent: each for agent, each in self.agents.items() if each[0] != "logged-out" or agent in self.rules.agents
        }
        self.phones = {agent: state for agent, state in self.phones.items() if agent in self.agents}

    # --- commands -------------------------------------------------------------------------------------------------

    def _other(self, command: Any, _: ev.Event) -> None:
        if isinstance(command, SPELT):
            self.commands.append((type(command).__name__, *_spelt(command)))
            return
        about = [*getattr(command, "offer", [getattr(command, "call", None)])]
        about += [str(getattr(command, name)) for name in ("cause", "to", "prompt") if hasattr(command, name)]
        self.commands.append((type(command).__name__, *about))

    def _KeepWaiting(self, command: cmd.KeepWaiting, event: ev.Event) -> None:
        self.commands.append(("KeepWaiting", command.call))
        assert isinstance(event, ev.PhoneLeft)
        assert self.calls[command.call] != "talking" or event.offer in self.live.values()

    def _OfferCall(self, command: cmd.OfferCall, _: ev.Event) -> None:
        there = {self.pbxs[command.call], self.rules.agents[command.agent].pbx}
        assert there <= self.reached, "an offer while a PBX is lost"
        dialling = self.calls[command.call] == "dialled"
        assert self.calls[command.call] in ("waiting", "offered", "dialled"), "an offer of who doesn't wait"
        state = self.agents[command.agent][0]
        assert state == "ready" or (dialling and state in ("not-ready", "wrap-up")), "an offer to who isn't ready"
        assert command.agent not in self.live, "a second offer to one agent"
        assert dialling or self.phones.get(command.agent, "free") == "free", "an offer to a phone that can't be rung"
        assert command.offer not in self.offers, "an offer's name used twice"
        assert command.device == self.rules.agents[command.agent].device
        assert command.ring_ms == self.ring_ms[command.group]
        self.offers[command.offer], self.live[command.agent] = command.agent, command.offer
        self.calls[command.call] = "offered"
        offer = (*command.offer, command.agent, command.waited_ms, command.ring_ms, command.callback)
        self.commands.append(("OfferCall", *offer))

    def _ReleaseCall(self, command: cmd.ReleaseCall, event: ev.Event) -> None:
        self._other(command, event)
        if self.calls.get(command.call) in ("waiting", "offered"):
            self.calls[command.call] = "elsewhere"

    def _SendElsewhere(self, command: cmd.SendElsewhere, _: ev.Event) -> None:
        assert self.pbxs[command.call] in self.reached, "a call sent by a PBX that is lost"
        self.commands.append(("SendElsewhere", command.call, str(command.to)))

    # --- notices --------------------------------------------------------------------------------------------------

    def _PbxChanged(self, notice: say.PbxChanged, _: ev.Event) -> None:
        self.reached = self.reached - {notice.pbx} | ({notice.pbx} if notice.why_lost is None else set())

    def _RulesInForce(self, notice: say.RulesInForce, event: ev.Event) -> None:
        assert isinstance(event, ev.RulesChanged)
        assert notice.by == event.by
        self.rules = changed(self.rules, event.change)
        self.ring_ms |= {group.id: group.ring_ms for group in self.rules.groups.values()}
        self.agents = dict.fromkeys(self.rules.agents, LOGGED_OUT) | self.agents

    def _AgentChanged(self, notice: say.AgentChanged, _: ev.Event) -> None:
        pending = notice.pending and (notice.pending.state, notice.pending.reason, notice.pending.by)
        call = notice.call if notice.state in ("ringing", "talking") else None
        if notice.state == "talking" and call in self.dialled and self.calls[call] == "offered":
            self.calls[call] = "talking"
        self.agents[notice.agent] = (notice.state, notice.reason, pending, notice.by, call, notice.since)

    def _CallQueued(self, notice: say.CallQueued, _: ev.Event) -> None:
        before = self.calls.get(notice.call, "nowhere")
        assert before in ("nowhere", "moving", "returning", "talking", "elsewhere", "given", "waiting")
        assert before != "waiting" or (notice.kind == "consult" and notice.call not in self.tiers)
        if before == "talking":
            self._unhand(notice.call)
        self.calls[notice.call], self.tiers[notice.call] = "waiting", notice.tier

    def _CallMoved(self, notice: say.CallMoved, _: ev.Event) -> None:
        self.news.append(("CallMoved", notice.call, notice.group, notice.to, str(notice.cause)))
        assert self.calls.get(notice.call, "waiting") in ("waiting", "given"), "moved from where it doesn't wait"
        if notice.call in self.calls:
            self.calls[notice.call] = "moving"

    def _CallSent(self, notice: say.CallSent, _: ev.Event) -> None:
        self.news.append(("CallSent", notice.call, notice.group, str(notice.to), str(notice.cause)))
        assert self.calls.get(notice.call, "waiting") in ("waiting", "given"), "sent from where it doesn't wait"
        self.calls[notice.call] = "elsewhere"

    def _StepTaken(self, notice: say.StepTaken, _: ev.Event) -> None:
        self.news.append(("StepTaken", notice.call, notice.group, notice.step))
        assert self.calls[notice.call] in ("waiting", "offered")

    def _TierChanged(self, notice: say.TierChanged, _: ev.Event) -> None:
        self.tiers[notice.call] = notice.tier

    def _OfferEnded(self, notice: say.OfferEnded, _: ev.Event) -> None:
        assert self.live.pop(notice.agent) == notice.offer
        call = notice.offer.call
        if notice.how != "withdrawn":
            assert self.calls[call] == "offered"
            self.calls[call] = "offered" if self._holding(call) else "returning"

    def _CallConnected(self, notice: say.CallConnected, event: ev.Event) -> None:
        if isinstance(event, ev.TalkFound) and notice.call not in self.calls:
            self._found(notice, event)
        before = self.calls[notice.call]
        assert before in ("offered", "given") or notice.call in self.dialled, "two winners"
        assert notice.agent in self._holding(notice.call), "the wrong winner"
        self.calls[notice.call] = "talking"
        self.dialled.discard(notice.call)
        about = (notice.call, notice.agent, notice.group, notice.waited_ms, notice.kind)
        self.news.append(("CallConnected", *about))

    def _found(self, notice: say.CallConnected, event: ev.TalkFound) -> None:
        self.arrived += 1
        assert notice.agent not in self.live, "found in a second talk"
        self.pbxs[notice.call] = event.arrival.pbx
        self.calls[notice.call], self.live[notice.agent] = "offered", event.offer

    # --- talks ----------------------------------------------------------------------------------------------------

    def _TalkChanged(self, notice: say.TalkChanged, event: ev.Event) -> None:
        self.news.append(("TalkChanged", *_spelt(notice)))
        assert self.calls[notice.call] == "talking"
        assert self._holding(notice.call) == [notice.agent]
        self.stages[notice.call] = (notice.stage, notice.consult)
        if notice.consult is not None and notice.consult not in self.calls:
            assert isinstance(event, ev.ConsultAsked), "a consult that nobody asked for"
            self.arrived += 1
            self.consults.add(notice.consult)
            self.pbxs[notice.consult] = self.pbxs[notice.call]
            self.calls[notice.consult] = "elsewhere" if str(notice.to).startswith("number") else "waiting"
        if notice.answered and notice.consult is not None and notice.party is None:
            self.calls[notice.consult] = "talking"
            self.with_numbers.add(notice.consult)

    def _CallDialled(self, notice: say.CallDialled, event: ev.Event) -> None:
        self.news.append(("CallDialled", *_spelt(notice)))
        assert isinstance(event, ev.DialAsked)
        assert notice.call not in self.calls, "a call's name used twice"
        self.arrived += 1
        self.calls[notice.call] = "dialled"
        self.dialled.add(notice.call)
        self.pbxs[notice.call] = self.rules.agents[notice.agent].pbx

    def _CallTransferred(self, notice: say.CallTransferred, _: ev.Event) -> None:
        self.news.append(("CallTransferred", *_spelt(notice)))
        self._give(notice.call, notice.agent, "given")

    def _CallIntercepted(self, notice: say.CallIntercepted, _: ev.Event) -> None:
        self.news.append(("CallIntercepted", *_spelt(notice)))
        self._give(notice.call, notice.agent, "elsewhere")

    def _give(self, call: str, agent: str, place: str) -> None:
        assert self.calls[call] == "talking", "given away by who hasn't it"
        assert self._holding(call) == [agent]
        self._unhand(call)
        self.calls[call] = place

    def _ConnectCall(self, command: cmd.ConnectCall, event: ev.Event) -> None:
        self._other(command, event)
        party = self._holding(command.consult)
        assert [self.live[each] for each in party] == [command.was]
        assert command.offer not in self.offers, "an offer's name used twice"
        self.offers[command.offer], self.live[party[0]] = party[0], command.offer

    def _MonitorChanged(self, notice: say.MonitorChanged, _: ev.Event) -> None:
        self.news.append(("MonitorChanged", *_spelt(notice)))

    def _RecordingChanged(self, notice: say.RecordingChanged, _: ev.Event) -> None:
        self.news.append(("RecordingChanged", *_spelt(notice)))

    def _CallFinished(self, notice: say.CallFinished, _: ev.Event) -> None:
        place = self.calls.pop(notice.call, "nowhere")
        assert (place == "nowhere") <= (notice.outcome == "refused"), "an end without a beginning"
        if place == "talking":
            assert self._holding(notice.call) in ([notice.agent], []), "ended by who hadn't it"
            self._unhand(notice.call)
        self.offers = {offer: to for offer, to in self.offers.items() if offer[0] != notice.call}
        self.tiers.pop(notice.call, None)
        self.pbxs.pop(notice.call, None)
        self.stages.pop(notice.call, None)
        self.dialled.discard(notice.call)
        self.consults.discard(notice.call)
        self.stages = {call: each for call, each in self.stages.items() if each[1] != notice.call}
        self.with_numbers.discard(notice.call)
        self.outcomes[notice.outcome] += 1
        self.finished.append(tuple(getattr(notice, name) for name in FINISHED))

    def _Refused(self, notice: say.Refused, _: ev.Event) -> None:
        assert notice.detail, "a refusal that doesn't say why"
        self.refused.append((notice.agent, notice.code))

    def _holding(self, call: str) -> list[str]:
        """Who rings for the call, or talks with it."""
        return sorted(agent for agent, offer in self.live.items() if offer[0] == call)

    def _unhand(self, call: str) -> None:
        for agent in self._holding(call):
            del self.live[agent]
        self.stages.pop(call, None)

    # --- to be compared -------------------------------------------------------------------------------------------

    def picture(self) -> dict[str, Any]:
        return {
            "calls": {call: (place, self._holding(call)) for call, place in self.calls.items()},
            "agents": self.agents,
        }

    def contradictions(self) -> Iterator[str]:
        """What is wrong with the picture as it is, between two events."""
        in_call = {agent: each[4] for agent, each in self.agents.items() if each[0] in ("ringing", "talking")}
        if in_call != {agent: offer[0] for agent, offer in self.live.items()}:
            yield f"offers live at {self.live}, agents are in calls {in_call}"
        yield from self._lost_consults()
        for call in [*self.calls.keys() - self.with_numbers]:
            place, hands = self.calls[call], len(self._holding(call))
            if (hands == 0) is (place in ("offered", "talking")) or (place == "talking" and hands > 1):
                yield f"{call} is {place} with {hands} agents"
        if not {*self.calls.values()} <= {"waiting", "offered", "talking", "elsewhere"}:
            yield "a call is in no place"
        for agent, state in self.phones.items():
            if state != "free" and self.agents[agent][0] == "ready":
                yield f"{agent} is ready with a phone that is {state}"
        if self.arrived != len(self.calls) + self.outcomes.total():
            yield f"{self.arrived} calls came, {len(self.calls)} are here, {self.outcomes} are over"

    def _lost_consults(self) -> Iterator[str]:
        """A consult lives in the stages consulting and conference of one talk, and nowhere else."""
        consults = {consult: (call, stage) for call, (stage, consult) in self.stages.items() if consult is not None}
        for call, (stage, consult) in self.stages.items():
            if (consult is None) is (stage in ("consulting", "conference")):
                yield f"{call} is {stage} with the consult {consult}"
        if {*consults} != self.consults:
            yield f"the live consults are {self.consults}, and of {consults}"


def _spelt(message: Any) -> list[Any]:
    """The values of a message, plain, in their order."""
    values = [getattr(message, name) for name in message.__slots__]
    return [str(each) if isinstance(each, (StrEnum, Destination)) else each for each in values]
