"""Who is connected, and who is told what: supervisors everything, an agent what concerns that agent."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import trio

from acd.agents import AgentState
from acd.calls import Call
from acd.commands import Command, OfferCall
from acd.ids import AgentId, Instant
from acd.notices import (
    AgentChanged,
    CallConnected,
    CallDialled,
    CallFinished,
    CallIntercepted,
    CallTransferred,
    Notice,
    OfferEnded,
    PbxChanged,
    RecordingChanged,
    RulesInForce,
    TalkChanged,
)
from acd.owner import Step
from acd.protocol import views
from acd.protocol.talk_views import monitor_now
from acd.router import Output, Router

if TYPE_CHECKING:
    from acd.web.accounts import Role
    from acd.web.sessions import Session

AGENTS_OWN: frozenset[type] = frozenset({
    AgentChanged, OfferCall, OfferEnded, CallConnected, CallFinished,
    TalkChanged, CallDialled, CallTransferred, CallIntercepted, RecordingChanged,
})  # fmt: skip
"""What the agent named in it is told of; who listens is not in it."""
REMOVED = "your account isn't in the configuration any more"


class Hub:
    """The live sessions by user, and what they see."""

    def __init__(self, router: Router, now: Callable[[], Instant]) -> None:
        self._router = router
        self._now = now
        self._sessions: dict[str, Session] = {}
        self._supervisors: set[Session] = set()
        self._stale: dict[Session, str] = {}
        """Those (with their users) who need a fresh snapshot, for other rules hold."""
        self._news = trio.Event()

    def __len__(self) -> int:
        return len(self._sessions)

    def of(self, user: str) -> "Session | None":
        """The live session of `user`."""
        return self._sessions.get(user)

    def attach(self, session: "Session", user: str) -> None:
        """From now on `session` is told of events. There must be no other of the same user."""
        assert user not in self._sessions
        self._sessions[user] = session
        if session.role == "supervisor":
            self._supervisors.add(session)

    def detach(self, session: "Session", user: str) -> bool:
        """Tell `session` no more; return whether it was the live one of `user`."""
        self._supervisors.discard(session)
        self._stale.pop(session, None)
        if self._sessions.get(user) is not session:
            return False
        del self._sessions[user]
        return True

    def keep_supervisors(self, may_stay: "Callable[[str, Role], bool]") -> None:
        """End the sessions of supervisors who may not stay; of an agent's end the core decides, after the call."""
        for user, session in list(self._sessions.items()):
            if session.role == "supervisor" and not may_stay(user, "supervisor"):
                self.detach(session, user)
                session.end("removed", REMOVED)

    # --- events ---------------------------------------------------------------------------------------------------

    def publish(self, outputs: Output, _step: Step) -> None:
        """Tell those whom it concerns. Never waits: a session that doesn't keep up ends itself."""
        if not self._sessions:
            return
        for output in outputs:
            if type(output) in views.VIEWS:
                self._tell(output)
            if isinstance(output, RulesInForce):
                self._refresh({session: user for user, session in self._sessions.items()})
            elif isinstance(output, AgentChanged) and output.state is AgentState.LOGGED_OUT:
                self._log_out(output)

    def _tell(self, output: Command | Notice) -> None:
        """Nothing is written down that nobody is told of."""
        targets = self._targets(output)
        event = views.view(output, self._router) if targets else None
        if event is not None:
            body = event.model_dump_json()
            for session in targets:
                session.push(body)

    def _targets(self, output: Command | Notice) -> "set[Session]":
        if isinstance(output, PbxChanged):
            return set(self._sessions.values())
        own = {each for agent in _concerned(output) if (each := self._sessions.get(agent)) is not None}
        return self._supervisors | own if own else self._supervisors

    def _log_out(self, agent: AgentChanged) -> None:
        if agent.agent not in self._router.agents:  # gone for good: who watches needn't see the agent any more
            self._refresh({each: user for user, each in self._sessions.items() if each in self._supervisors})
        session = self._sessions.get(agent.agent)
        if session is None:
            return
        self.detach(session, agent.agent)
        if agent.agent not in self._router.rules.agents:
            session.end("removed", REMOVED)
        else:
            session.end("logged-out", f"{agent.by} has logged you out" if agent.by else "you have logged out")

    def _refresh(self, sessions: "dict[Session, str]") -> None:
        self._stale |= sessions
        self._news.set()

    # --- snapshots ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Show the present state to those who need it whenever other rules hold.

        Agents one after another, for a large centre's together would hold up the calls: each snapshot is as true as
        the events before it, whenever it is made.
        """
        while True:
            await self._news.wait()
            self._news = trio.Event()
            self._show_supervisors()
            for session, user in list(self._stale.items()):
                if self._stale.pop(session, None) is not None:
                    session.push(self.snapshot(session, user, self._now()).model_dump_json())
                await trio.lowlevel.checkpoint()

    def _show_supervisors(self) -> None:
        """All at once: theirs is large, and the same for all."""
        users = {session: user for session, user in self._stale.items() if session in self._supervisors}
        if users:
            one = self.snapshot(next(iter(users)), "", self._now())
            for session, text in zip(users, views.addressed(one, users.values()), strict=True):
                del self._stale[session]
                session.push(text)

    def snapshot(self, session: "Session", user: str, now: int) -> views.Snapshot:
        """All that `user` may know at this moment."""
        router = self._router
        everything = session.role == "supervisor"
        own = router.agents.get(AgentId(user))
        agents = list(router.agents.values()) if everything else [own] if own else []
        calls = list(router.calls.values()) if everything else [own.call] if own and own.call else []
        return views.Snapshot(
            user=user,
            role=session.role,
            now=now,
            not_ready_reasons=list(router.rules.not_ready_reasons),
            groups=self._groups(calls),
            monitors=[monitor_now(each) for each in router.flow.monitors.values()] if everything else [],
            names=[views.AgentEntry(id=agent.id, name=agent.record.name) for agent in agents],
            agents=[views.agent_now(agent) for agent in agents],
            calls=[views.call_now(call, router) for call in calls if call.state in views.LIVE],
            pbx=views.pbx_now(router),
        )

    def _groups(self, calls: Iterable[Call]) -> list[views.GroupView]:
        """Those in the rules, and those gone from them that still have calls."""
        there = self._router.rules.groups
        gone = {call.group.id: call.group for call in calls if call.group.id not in there}
        return [
            *(views.GroupView(id=each.id, name=each.name, recording=each.recording) for each in there.values()),
            *(
                views.GroupView(id=each.id, name=each.name, recording=each.recording, gone=True)
                for each in gone.values()
            ),
        ]


def _concerned(output: Any) -> tuple[str, ...]:
    """The agents who are told: the one it is about, and whom that agent consults."""
    if type(output) not in AGENTS_OWN or output.agent is None:
        return ()
    if type(output) is TalkChanged and output.party is not None:
        return output.agent, output.party
    return (output.agent,)
