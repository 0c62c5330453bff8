"""A server that says what a test tells it to, in the words of :mod:`acd.protocol`, so that it can't drift from it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from acd.protocol import requests, views
from acd.web.pages import SOCKET_PATH, page_files, response

WITHIN_S = 10.0
LONG_AGO_MS = 30_000


def now_ms() -> int:
    return int(time.time() * 1000)


def agent(id_: str, state: str = "ready", **more: Any) -> views.AgentView:
    fields = {"reason": "", "pending": None, "by": "", "call": None, "since": now_ms() - LONG_AGO_MS, **more}
    return views.AgentView(agent=id_, state=state, **fields)


def call(id_: str, **more: Any) -> views.CallView:
    fields: dict[str, Any] = {
        "state": "waiting",
        "group": "desk",
        "entry": "8001",
        "caller_number": f"555{id_}",
        "caller_name": "",
        "tier": 0,
        "returned": False,
        "waiting_since": now_ms(),
        **more,
    }
    return views.CallView(call=id_, **fields)


def snapshot(agents: list[views.AgentView], calls: list[views.CallView], **more: Any) -> views.Snapshot:
    fields: dict[str, Any] = {
        "user": "super",
        "role": "supervisor",
        "not_ready_reasons": ["break", "lunch"],
        "groups": [views.GroupView(id="desk", name="Front desk"), views.GroupView(id="night", name="Night desk")],
        "names": [views.AgentEntry(id=each.agent, name=f"Agent {each.agent}") for each in agents],
        "monitors": [],
        "pbx": views.PbxView(why_lost=None),
        **more,
    }
    return views.Snapshot(now=now_ms(), agents=agents, calls=calls, **fields)


class Session:
    """One connection of a page."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._seq = 0
        self._lock = threading.Lock()

    def reply(self, reply: views.Reply) -> None:
        self._connection.send(reply.model_dump_json())

    def push(self, event: views.Event, skip: int = 0) -> None:
        with self._lock:
            self._seq += 1 + skip
            self._connection.send(f'{{"seq":{self._seq},{event.model_dump_json()[1:]}')

    def close(self) -> None:
        self._connection.close()


class Stub:
    """Serves the page's files and one user. `asked` are the requests heard, log-ins included."""

    def __init__(self) -> None:
        self.snapshot: Callable[[], views.Snapshot] = lambda: snapshot([agent("1001")], [])
        self.refusal: views.Problem | None = None
        """How every request but a log-in is answered."""
        self.result: views.Result | None = None
        """What every request but a log-in is answered with when it isn't refused."""
        self.directory = views.DirectoryView(agents=[], groups=[], left_out=0)
        """Who may be consulted."""
        self.login_refusal: views.Problem | None = None
        self.mute = False
        """Whether requests stay unanswered."""
        self.asked: list[requests.Request] = []
        """How many frames came that are no request of this version, a page's question whether we live."""
        self.sessions: list[Session] = []
        self._files = page_files()
        self._changed = threading.Condition()

    def __enter__(self) -> Stub:
        self._server = serve(self._converse, "127.0.0.1", 0, process_request=self._page, compression=None)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}/"
        self.login = f"{self.address}#user=super&password=secret"
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until what was heard from the page makes `until` true."""
        with self._changed:
            assert self._changed.wait_for(until, WITHIN_S), f"asked: {self.asked}"

    def log_ins(self) -> list[requests.LogIn]:
        return [each for each in self.asked if isinstance(each, requests.LogIn)]

    def pings(self) -> int:
        return sum(isinstance(each, requests.Ping) for each in self.asked)

    def push(self, *events: views.Event) -> None:
        """Tell the newest session."""
        for event in events:
            self.sessions[-1].push(event)

    def _page(self, _connection: ServerConnection, request: Request) -> Response | None:
        path = request.path.partition("?")[0]
        return None if path == SOCKET_PATH else response(*self._files[path])

    def _converse(self, connection: ServerConnection) -> None:
        session = Session(connection)
        try:
            session.reply(views.Hello(server="stub"))
            for frame in connection:
                self._take(session, frame)
                with self._changed:
                    self._changed.notify_all()
        except ConnectionClosed:
            pass

    def _take(self, session: Session, frame: str | bytes) -> None:
        try:
            request = requests.parse(frame)
        except requests.BadRequest as bad:
            self._answer(session, bad.request_id, views.Problem(code="bad-request", message=str(bad)))
            return
        self.asked.append(request)
        if isinstance(request, requests.Directory):
            self._answer(session, request.id, None, self.directory)
            return
        if not isinstance(request, requests.LogIn):
            self._answer(session, request.id, self.refusal, None if self.refusal else self.result)
            return
        self._answer(session, request.id, self.login_refusal)
        if self.login_refusal is None:
            self.sessions.append(session)  # before the page can show what it is told
            session.push(self.snapshot())

    def _answer(
        self,
        session: Session,
        request_id: int | None,
        problem: views.Problem | None,
        result: views.Result | None = None,
    ) -> None:
        if not self.mute:
            session.reply(views.Answer(id=request_id, ok=problem is None, error=problem, result=result))
