"""What clients ask: parsing with messages that help, and what each request means to the core."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import ErrorDetails

from acd import events as ev
from acd.ids import AgentId, CallId, GroupId
from acd.protocol.call_control import MonitorRequest, TalkRequest, monitor_event, talk_event
from acd.protocol.wire import RequestId, Wire, Word

Tier = Annotated[int, Field(ge=0, le=1000)]


class LogIn(Wire):
    """The first request of every connection. `take_over` replaces another connection of the same user.

    A supervisor's script logs in `quiet`: it asks, but is told of nothing, and is in nobody's way.
    """

    type: Literal["log_in"]
    id: RequestId
    version: int
    user: Word
    password: Annotated[str, Field(max_length=200)] = Field(repr=False)
    take_over: bool = False
    quiet: bool = False


class Ping(Wire):
    """Is the server there? Browsers' pages can't send WebSocket's own ping."""

    type: Literal["ping"]
    id: RequestId


class Ready(Wire):
    type: Literal["ready"]
    id: RequestId


class NotReady(Wire):
    type: Literal["not_ready"]
    id: RequestId
    reason: Word


class Release(Wire):
    """End the present call, or reject the one that rings."""

    type: Literal["release"]
    id: RequestId


class LogOut(Wire):
    type: Literal["log_out"]
    id: RequestId


class ForceReady(Wire):
    type: Literal["force_ready"]
    id: RequestId
    agent: Word


class ForceNotReady(Wire):
    type: Literal["force_not_ready"]
    id: RequestId
    agent: Word


class ForceLogOut(Wire):
    type: Literal["force_log_out"]
    id: RequestId
    agent: Word
    release: bool = False


class ForceRelease(Wire):
    type: Literal["force_release"]
    id: RequestId
    agent: Word


class SetTier(Wire):
    """Serve this waiting call with another tier."""

    type: Literal["set_tier"]
    id: RequestId
    call: Word
    tier: Tier


class MoveCall(Wire):
    """Let this waiting call wait in another group."""

    type: Literal["move_call"]
    id: RequestId
    call: Word
    group: Word


class Reload(Wire):
    """Read the configuration file again, and let it hold; or (`dry_run`) only say what would differ."""

    type: Literal["reload"]
    id: RequestId
    dry_run: bool = False


class Change(Wire):
    """Let what `patch` gives, in the words of the configuration file, hold instead of what holds now."""

    type: Literal["change"]
    id: RequestId
    patch: dict[str, Any]
    dry_run: bool = False


class Why(Wire):
    """Why does this call wait, or went where it went? Or: why has this agent no call?"""

    type: Literal["why"]
    id: RequestId
    call: Word | None = None
    agent: Word | None = None

    @model_validator(mode="after")
    def _is_about_one(self) -> Self:
        if (self.call is None) == (self.agent is None):
            raise ValueError("needs either call or agent")
        return self


class Directory(Wire):
    """Whom may I consult? The agents and groups with `search` in their id or name, those first who are ready."""

    type: Literal["directory"]
    id: RequestId
    search: Word = ""


StateRequest = Ready | NotReady | Release | LogOut
AgentRequest = StateRequest | TalkRequest
ForceRequest = ForceReady | ForceNotReady | ForceLogOut | ForceRelease | SetTier | MoveCall | MonitorRequest
SupervisorRequest = ForceRequest | Reload | Change | Why
Request = LogIn | Ping | AgentRequest | Directory | SupervisorRequest

TYPES = ", ".join(kind.model_fields["type"].annotation.__args__[0] for kind in Request.__args__)
_REQUESTS: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="type")])


class BadRequest(Exception):
    """A frame that is no request of this protocol; `request_id` when the frame told one."""

    def __init__(self, message: str, request_id: int | None = None) -> None:
        super().__init__(message)
        self.request_id = request_id


class _Envelope(BaseModel):
    model_config = ConfigDict(strict=True)

    id: RequestId | None = None


def parse(frame: str | bytes) -> Request:
    """The request in `frame`. Raises BadRequest with a text that names the field, its value and what is allowed."""
    if isinstance(frame, bytes):
        raise BadRequest("a binary frame; send JSON as a text frame")
    try:
        return _REQUESTS.validate_json(frame)
    except ValidationError as error:
        raise BadRequest(_explained(error), _id_of(frame)) from None


def _explained(error: ValidationError) -> str:
    problems = error.errors(include_url=False)
    return "; ".join(_problem(each) for each in problems[:5])


def _problem(each: ErrorDetails) -> str:
    where = ".".join(str(part) for part in each["loc"][1:])[:80]
    match each["type"]:
        case "json_invalid":
            return f"this is not JSON: {each['ctx']['error']}"
        case "union_tag_not_found":
            return f"the message has no type; the types are {TYPES}"
        case "union_tag_invalid":
            return f"type: {each['ctx']['tag']:.80} is no request; the types are {TYPES}"
        case "missing":
            return f"{where}: is missing"
        case "extra_forbidden":
            return f"{where}: there is no such field in this request"
    if not where and each["type"] == "value_error":
        return each["msg"].removeprefix("Value error, ")
    if not where:
        return f"a message is a JSON object; this is {each['input']!r:.80}"
    return f"{where}: {each['msg'].removeprefix('Value error, ')}" + (
        "" if where == "password" else f" (it is {each['input']!r:.80})"
    )


def _id_of(frame: str) -> int | None:
    try:
        return _Envelope.model_validate_json(frame).id
    except ValidationError:
        return None


def agent_event(request: AgentRequest, agent: AgentId) -> ev.Event:
    """What an agent's request means to the core."""
    match request:
        case Ready():
            return ev.ReadyAsked(agent)
        case NotReady(reason=reason):
            return ev.NotReadyAsked(agent, reason)
        case Release():
            return ev.ReleaseAsked(agent)
        case LogOut():
            return ev.LogOutAsked(agent)
        case _:
            return talk_event(request, agent)


def supervisor_event(request: ForceRequest, by: str) -> ev.Event:
    """What a supervisor's request about an agent or a waiting call means to the core."""
    match request:
        case ForceReady(agent=agent):
            return ev.ForcedReady(AgentId(agent), by)
        case ForceNotReady(agent=agent):
            return ev.ForcedNotReady(AgentId(agent), by)
        case ForceLogOut(agent=agent, release=release):
            return ev.ForcedLogOut(AgentId(agent), by, release)
        case ForceRelease(agent=agent):
            return ev.ForcedRelease(AgentId(agent), by)
        case SetTier(call=call, tier=tier):
            return ev.ForcedTier(CallId(call), tier, by)
        case MoveCall(call=call, group=group):
            return ev.ForcedMove(CallId(call), GroupId(group), by)
        case _:
            return monitor_event(request, by)
