"""One client's conversation: log in first, then requests and their answers, and events as they come.

A session has a reader (the handler of its connection) and a writer; between the core and the writer stands a bounded
outbox. A client that doesn't read is told goodbye and let go: it costs nobody else anything, and finds everything in
the snapshot when it comes back.
"""

from __future__ import annotations

from functools import partial

import structlog
import trio
from websockets.exceptions import ConnectionClosed

from acd import __version__
from acd.changes import Changes, Difference, Refusal
from acd.channels import there_already
from acd.events import ClientLost, Event, LoggedIn
from acd.ids import AgentId, CallId
from acd.notices import Refused
from acd.owner import Owner
from acd.protocol import VERSION, requests, views
from acd.router import Output
from acd.web.accounts import Account, Accounts, Role
from acd.web.directory import directory
from acd.web.explainer import Explainer, Reply
from acd.web.hub import REMOVED, Hub
from acd.web.sockets import AgentSocket

OUTBOX_MAX = 1_000
TOGETHER_MAX = 20
"""How many messages are sent as one: what is taken from the outbox is no longer counted there."""
SEND_S_MAX = 10
LOG_IN_S_MAX = 60
"""A stranger's connection is not kept longer: connections are counted."""
WRONG_PASSWORDS_MAX = 3
WRONG_PASSWORD_PAUSE_S = 1
log = structlog.get_logger()


class Session:
    """A connection, and the user it belongs to once logged in."""

    def __init__(
        self,
        connection: AgentSocket,
        hub: Hub,
        owner: Owner,
        accounts: Accounts,
        changes: Changes,
        explainer: Explainer,
    ) -> None:
        self._connection = connection
        self.peer = _peer(connection)
        self._hub = hub
        self._owner = owner
        self._accounts = accounts
        self._changes = changes
        self._explainer = explainer
        self._account: Account | None = None
        self._logged_in = False
        self._gone = False
        self._wrong_passwords = 0
        self._seq = 0
        self._outbox, self._outgoing = trio.open_memory_channel[str](OUTBOX_MAX)
        self._goodbye: views.Goodbye | None = None
        self._stuck = False
        self._scope = trio.CancelScope()

    @property
    def role(self) -> Role:
        assert self._account is not None
        return self._account.role

    # --- the life of a session ------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Converse until the client goes, or is told to."""
        self._reply(views.Hello(server=f"switchyard {__version__}"))
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write)
                self._scope.deadline = trio.current_time() + LOG_IN_S_MAX
                with self._scope:
                    await self._read()
                if self._scope.cancelled_caught and not self._logged_in:
                    self.end("no-log-in", f"nobody logged in within {LOG_IN_S_MAX} s")
                self._outbox.close()
                nursery.cancel_scope.deadline = trio.current_time() + SEND_S_MAX
            self._stuck = self._stuck or nursery.cancel_scope.cancelled_caught
        finally:
            self._leave()
        if self._stuck:
            await trio.aclose_forcefully(self._connection.stream)  # half a frame may be out: nothing can follow it
        elif self._goodbye is not None:
            await self._connection.aclose(4001, self._goodbye.code)

    async def _read(self) -> None:
        try:
            while True:
                await self._take(await self._connection.recv())
        except ConnectionClosed:
            pass

    async def _write(self) -> None:
        """Send what is in the outbox, and the goodbye last."""
        try:
            async for text in self._outgoing:
                with trio.fail_after(SEND_S_MAX):
                    await self._connection.send_together([text, *there_already(self._outgoing, TOGETHER_MAX - 1)])
            if self._goodbye is not None:
                with trio.fail_after(SEND_S_MAX):
                    await self._connection.send(self._numbered(self._goodbye.model_dump_json()))
        except trio.TooSlowError:
            self._stuck = True
            self._scope.cancel()
        except ConnectionClosed:
            self._scope.cancel()

    def _leave(self) -> None:
        self._gone = True
        if self._logged_in and self._account is not None:
            if self._hub.detach(self, self._account.user):
                self._lose(self._account)
            log.info("client left", user=self._account.user, peer=self.peer)

    def _lose(self, account: Account) -> None:
        if account.role == "agent":
            self._owner.tell(ClientLost(AgentId(account.user)))

    def end(self, code: str, message: str) -> None:
        """Say goodbye after what is in the outbox, and close."""
        self._goodbye = self._goodbye or views.Goodbye(code=code, message=message)
        self._scope.cancel()

    # --- out ------------------------------------------------------------------------------------------------------

    def push(self, body: str) -> None:
        """Queue the event whose JSON is `body`."""
        if self._put(self._numbered(body)):
            self._seq += 1

    def _numbered(self, body: str) -> str:
        return f'{{"seq":{self._seq + 1},{body[1:]}'

    def _reply(self, reply: views.Reply) -> None:
        self._put(reply.model_dump_json())

    def _put(self, text: str) -> bool:
        """Queue `text`, unless the session is at its end."""
        try:
            self._outbox.send_nowait(text)
        except trio.WouldBlock:
            self.end("too-slow", f"{OUTBOX_MAX} messages waited to be read; log in again for the present state")
            return False
        except trio.ClosedResourceError:
            return False
        return True

    def _answer(
        self, request_id: int | None, code: str = "", message: str = "", result: views.Result | None = None
    ) -> None:
        problem = views.Problem(code=code, message=message) if code else None
        self._reply(views.Answer(id=request_id, ok=problem is None, error=problem, result=result))

    # --- in -------------------------------------------------------------------------------------------------------

    async def _take(self, frame: str | bytes) -> None:
        try:
            request = requests.parse(frame)
        except requests.BadRequest as bad:
            self._answer(bad.request_id, "bad-request", str(bad))
            return
        if isinstance(request, requests.LogIn):
            await self._log_in(request)
        elif isinstance(request, requests.Ping):
            self._answer(request.id)
        elif not self._logged_in or self._account is None:
            self._answer(request.id, "not-logged-in", "log in first: send log_in with user and password")
        else:
            self._ask(request, self._account)

    def _ask(
        self, request: requests.AgentRequest | requests.Directory | requests.SupervisorRequest, account: Account
    ) -> None:
        if isinstance(request, requests.AgentRequest) and account.role == "agent":
            self._tell(requests.agent_event(request, AgentId(account.user)), request.id)
        elif isinstance(request, requests.Directory) and account.role == "agent":
            self._answer(request.id, result=directory(self._owner.router, request.search, account.user))
        elif isinstance(request, requests.SupervisorRequest) and account.role == "supervisor":
            self._supervise(request, account.user)
        elif isinstance(request, requests.LogOut):
            self._answer(request.id)
            self.end("logged-out", "you have logged out")
        else:
            self._answer(request.id, "not-allowed", f"{request.type} is not for a user with the role {account.role}")

    def _supervise(self, request: requests.SupervisorRequest, by: str) -> None:
        if not self._accounts.holds(by, "supervisor"):
            self.end("removed", REMOVED)
        elif isinstance(request, requests.Reload):
            self._changes.reload(by, request.dry_run, partial(self._changed, request.id))
        elif isinstance(request, requests.Change):
            self._changes.change(request.patch, by, request.dry_run, partial(self._changed, request.id))
        elif isinstance(request, requests.Why):
            self._explain(request, partial(self._explained, request.id))
        else:
            self._tell(requests.supervisor_event(request, by), request.id)

    def _explain(self, request: requests.Why, reply: Reply) -> None:
        if request.call is not None:
            self._explainer.call(CallId(request.call), reply)
        else:
            self._explainer.agent(AgentId(request.agent or ""), reply)

    def _explained(self, request_id: int, outcome: views.ExplanationView | views.Problem) -> None:
        if isinstance(outcome, views.Problem):
            self._answer(request_id, outcome.code, outcome.message)
        else:
            self._answer(request_id, result=outcome)

    def _changed(self, request_id: int, outcome: Difference | Refusal) -> None:
        if isinstance(outcome, Refusal):
            self._answer(request_id, outcome.code, outcome.message)
        else:
            result = views.DifferenceView(
                lines=list(outcome.lines), need_restart=outcome.need_restart, applied=outcome.applied
            )
            self._answer(request_id, result=result)

    def _tell(self, event: Event, request_id: int) -> None:
        def reply(outputs: Output) -> None:
            refused = next((output for output in outputs if isinstance(output, Refused)), None)
            self._answer(request_id, refused.code if refused else "", refused.detail if refused else "")

        self._owner.tell(event, reply)

    # --- logging in -----------------------------------------------------------------------------------------------

    async def _log_in(self, request: requests.LogIn) -> None:
        if self._account is not None:
            self._answer(request.id, "already-logged-in", f"this connection is logged in as {self._account.user}")
            return
        if request.version != VERSION:
            self._answer(
                request.id, "wrong-version", f"version {request.version} is asked for; this server speaks {VERSION}"
            )
            return
        account = await self._accounts.prove(request.user, request.password)
        if account is None:
            await self._wrong_password(request)
        elif request.quiet:
            self._enter_quietly(request.id, account)
        elif self._may_take_place_of(self._hub.of(account.user), request):
            await self._welcome(request.id, account)

    async def _wrong_password(self, request: requests.LogIn) -> None:
        log.warning("wrong user or password", user=request.user, peer=self.peer)
        self._wrong_passwords += 1
        await trio.sleep(WRONG_PASSWORD_PAUSE_S)
        self._answer(request.id, "wrong-password", "user or password is wrong")
        if self._wrong_passwords >= WRONG_PASSWORDS_MAX:
            self.end("wrong-password", f"{WRONG_PASSWORDS_MAX} wrong passwords; connect again to try further")

    def _may_take_place_of(self, other: Session | None, request: requests.LogIn) -> bool:
        if other is None:
            return True
        if not request.take_over:
            where = f"{request.user} is logged in from {other.peer} already; log in with take_over to replace it"
            self._answer(request.id, "already-logged-in", where)
            return False
        self._hub.detach(other, request.user)
        other.end("taken-over", f"{request.user} has logged in from {self.peer}")
        return True

    async def _welcome(self, request_id: int, account: Account) -> None:
        """Enter; a request sent right behind the log-in is read afterwards."""
        self._account = account
        if account.role == "supervisor":
            self._enter(request_id, account)
        else:
            entered = trio.Event()

            def enter(outputs: Output) -> None:
                self._enter(request_id, account, next((each for each in outputs if isinstance(each, Refused)), None))
                entered.set()

            self._owner.tell(LoggedIn(AgentId(account.user)), enter)
            await entered.wait()

    def _enter_quietly(self, request_id: int, account: Account) -> None:
        """Ask without being told of anything, whoever else of this user is logged in."""
        if account.role != "supervisor":
            self._answer(request_id, "not-allowed", f"a user with the role {account.role} can't be logged in quietly")
            return
        self._account = account
        self._begin(account)
        self._answer(request_id)

    def _enter(self, request_id: int, account: Account, refused: Refused | None = None) -> None:
        """Attach, and show the present state; what comes after is told by events."""
        if self._gone:
            self._lose(account)
            return
        if refused is not None:
            self._account = None
            self._answer(request_id, refused.code, refused.detail)
            return
        if self._hub.of(account.user) is not None:
            self._account = None
            self._answer(request_id, "already-logged-in", f"{account.user} has logged in elsewhere this moment")
            return
        self._hub.attach(self, account.user)
        self._begin(account)
        self._answer(request_id)
        self.push(self._hub.snapshot(self, account.user, self._owner.clock.now()).model_dump_json())

    def _begin(self, account: Account) -> None:
        self._logged_in = True
        self._scope.deadline = float("inf")
        log.info("client logged in", user=account.user, role=account.role, peer=self.peer)


def _peer(connection: AgentSocket) -> str:
    """Where the other side is, asked while it is there: a closed socket doesn't know any more."""
    try:
        host, port = connection.remote_address[:2]
    except OSError:
        return "an unknown address"
    return f"{host}:{port}"
