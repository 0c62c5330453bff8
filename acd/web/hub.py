"""Who is connected, and who is told what: supervisors everything, an agent what concerns that agent."""

from typing import TYPE_CHECKING

from acd.agents import AgentState
from acd.ids import AgentId
from acd.owner import Step
from acd.protocol import views
from acd.router import Output, Router
from acd.settings import Settings

if TYPE_CHECKING:
    from acd.web.sessions import Session

AGENTS_OWN = views.AgentView | views.OfferView | views.OfferEndedView | views.ConnectedView | views.FinishedView


class Hub:
    """The live sessions by user, and what they see."""

    def __init__(self, router: Router, settings: Settings) -> None:
        self._router = router
        self._settings = settings
        self._sessions: dict[str, Session] = {}
        self._supervisors: set[Session] = set()

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
        if self._sessions.get(user) is not session:
            return False
        del self._sessions[user]
        return True

    def publish(self, outputs: Output, _step: Step) -> None:
        """Tell those whom it concerns. Never waits: a session that doesn't keep up ends itself."""
        if not self._sessions:
            return
        for output in outputs:
            event = views.view(output)
            if event is None:
                continue
            targets = list(self._targets(event))
            if targets:
                body = event.model_dump_json()
                for session in targets:
                    session.push(body)
            if isinstance(event, views.AgentView) and event.state == AgentState.LOGGED_OUT:
                self._log_out(event)

    def _log_out(self, event: views.AgentView) -> None:
        session = self._sessions.get(event.agent)
        if session is not None:
            self.detach(session, event.agent)
            session.end("logged-out", f"{event.by} has logged you out" if event.by else "you have logged out")

    def _targets(self, event: views.Event) -> "set[Session]":
        if isinstance(event, views.PbxView):
            return set(self._sessions.values())
        own = self._sessions.get(event.agent) if isinstance(event, AGENTS_OWN) and event.agent else None
        return self._supervisors | {own} if own is not None else self._supervisors

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
            groups=[views.GroupView(id=group.id, name=group.name) for group in router.rules.groups.values()],
            names=[views.AgentEntry(id=agent.id, name=agent.record.name) for agent in agents],
            agents=[views.agent_now(agent) for agent in agents],
            calls=[views.call_now(call) for call in calls if call.state in views.LIVE],
            pbx=views.PbxView(why_lost=router.pbx_lost),
        )
