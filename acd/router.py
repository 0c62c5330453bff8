"""The core's one step: an outside event and the time go in, commands and notices come out.

    router = Router(rules)
    router.handle(PbxFound(), now)            -> (PbxChanged(None),)
    router.handle(LoggedIn("1001"), now)      -> (AgentChanged("1001", not ready),)
    router.next_deadline()                    -> the instant by which to call handle(DeadlineReached(), now)

Synchronous and deterministic: no clock, no chance but a seeded one, no I/O. Time is an argument that never goes
backwards. What is due by then happens first, each thing at its own instant, then the event. The same events at the same
instants give the same answer, on any machine.

What an event means stands in :mod:`acd.on_pbx` (calls and offers), :mod:`acd.on_people` (agents and supervisors) and
:mod:`acd.on_talks` (what they ask about talks).
"""

from collections.abc import Callable, Mapping
from typing import Any

from acd import events as ev
from acd import reach, reconfigure
from acd.agents import AWAY, Agent, AgentInput, Reason
from acd.calls import Call, Offer
from acd.commands import Command, WithdrawOffer
from acd.dispatcher import WRAP_UP_OVER
from acd.errors import TimeWentBackwards
from acd.ids import AgentId, CallId, Instant
from acd.notices import Notice, OfferEnd
from acd.on_pbx import OnPbx
from acd.on_people import OnPeople
from acd.on_talks import OnTalks
from acd.rules import Rules
from acd.talks import Talks

Output = tuple[Command | Notice, ...]


class Router:
    """Routes calls to agents. `agents` and `calls` may be looked at by others, but are changed only by `handle`."""

    def __init__(self, rules: Rules, flow: Talks | None = None) -> None:
        """`flow` is given by those who want to see into its verbs."""
        self.flow = Talks(rules) if flow is None else flow
        self.calls: dict[CallId, Call] = self.flow.calls
        """The live calls."""
        self.agents: dict[AgentId, Agent] = self.flow.agents
        reconfigure.begin(self.flow)
        on_pbx, on_people, on_talks = OnPbx(self.flow), OnPeople(self.flow), OnTalks(self.flow)
        on_talk = (*ev.TalkRequest.__args__, *ev.MonitorRequest.__args__)
        others = tuple(each for each in (*ev.AgentRequest.__args__, *ev.Forced.__args__) if each not in on_talk)
        self._handlers: dict[type, Callable[[Any], None]] = {
            **_handlers(on_pbx, ev.PbxEvent.__args__),
            **_handlers(on_people, others),
            **_handlers(on_talks, on_talk),
            ev.RulesChanged: self._rules_changed,
            ev.DeadlineReached: self._deadline_reached,
        }

    @property
    def rules(self) -> Rules:
        """Those in force."""
        return self.flow.rules

    @property
    def pbx_lost(self) -> str | None:
        """Why the PBX is out of reach; None when it can be driven."""
        return self.flow.pbx_lost

    @property
    def pbxs_lost(self) -> Mapping[str, str]:
        """Of several PBXs those out of reach while another can be driven, and why; in the order of their names."""
        return reach.lost_ones(self.flow)

    def handle(self, event: ev.Event, now: Instant) -> Output:
        """Take in what happened at `now`; return what is to be done and what became of it, in order.

        Raises TimeWentBackwards for a `now` before that of an earlier event, ImpossibleTransition for a bug of ours.
        """
        flow = self.flow
        if now < flow.now:
            raise TimeWentBackwards(f"{type(event).__name__} at {now}, but it was {flow.now} already")
        while (due := flow.deadlines.pop(now)) is not None:
            flow.now, _, field, subject = due
            self._expiries[field](self, subject)
        flow.now = now
        self._handlers[type(event)](event)
        out = tuple(flow.out)
        flow.out.clear()
        return out

    def next_deadline(self) -> Instant | None:
        """The earliest instant at which something will be due without any event."""
        return self.flow.deadlines.next()

    def _rules_changed(self, event: ev.RulesChanged) -> None:
        reconfigure.apply(self.flow, event.change, event.by)

    def _deadline_reached(self, _event: ev.DeadlineReached) -> None:
        """All that was due has been done before any event."""

    # --- the clock ------------------------------------------------------------------------------------------------

    def _ring_over(self, offer: Offer) -> None:
        self.flow.out.append(WithdrawOffer(offer.id))
        self.flow.fail(offer, OfferEnd.UNANSWERED)

    def _wrap_up_over(self, agent: Agent) -> None:
        self.flow.move(agent, WRAP_UP_OVER)

    def _grace_over(self, agent: Agent) -> None:
        if agent.state not in AWAY or agent.awaits_phone:
            self.flow.move(agent, AgentInput.CLIENT_GONE, Reason.CONNECTION_LOST)

    def _answers_aged(self, agent: Agent) -> None:
        self.flow.forget_answers(agent)

    def _step_due(self, call: Call) -> None:
        self.flow.take_steps(call)

    def _position_due(self, call: Call) -> None:
        self.flow.tell_position(call)

    def _personal_over(self, call: Call) -> None:
        self.flow.end_personal(call)

    _expiries: dict[str, Callable[["Router", Any], None]] = {  # noqa: RUF012
        "rings_until": _ring_over,
        "wrap_up_until": _wrap_up_over,
        "client_grace_until": _grace_over,
        "answered_until": _answers_aged,
        "step_due": _step_due,
        "position_due": _position_due,
        "personal_until": _personal_over,
    }


def _handlers(of: object, kinds: tuple[type, ...]) -> dict[type, Callable[[Any], None]]:
    """The handler of each event is the method of its name: CallArrived -> call_arrived."""
    names = {kind: "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__)[1:] for kind in kinds}
    return {kind: getattr(of, name) for kind, name in names.items()}
