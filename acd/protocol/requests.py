"""What clients ask: parsing with messages that help, and what each request means to the core."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from acd import events as ev
from acd.ids import AgentId
from acd.protocol.wire import Wire

Word = Annotated[str, Field(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
RequestId = Annotated[int, Field(ge=0, lt=2**53)]


class LogIn(Wire):
    """The first request of every connection. `take_over` replaces another connection of the same user."""

    type: Literal["log_in"]
    id: RequestId
    version: int
    user: Word
    password: Annotated[str, Field(max_length=200)] = Field(repr=False)
    take_over: bool = False


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


AgentRequest = Ready | NotReady | Release | LogOut
SupervisorRequest = ForceReady | ForceNotReady | ForceLogOut | ForceRelease
Request = LogIn | Ping | AgentRequest | SupervisorRequest

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
    if not where:
        return f"a message is a JSON object; this is {each['input']!r:.80}"
    return f"{where}: {each['msg']}" + ("" if where == "password" else f" (it is {each['input']!r:.80})")


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


def supervisor_event(request: SupervisorRequest, by: str) -> ev.Event:
    """What a supervisor's request means to the core."""
    agent = AgentId(request.agent)
    match request:
        case ForceReady():
            return ev.ForcedReady(agent, by)
        case ForceNotReady():
            return ev.ForcedNotReady(agent, by)
        case ForceLogOut(release=release):
            return ev.ForcedLogOut(agent, by, release)
        case ForceRelease():
            return ev.ForcedRelease(agent, by)
