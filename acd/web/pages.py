"""What is served to plain GETs: the page, health, metrics. Everything else is the agents' socket or not there."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.trio.server import ServerConnection

SOCKET_PATH = "/ws"
METHODS = ("GET", "HEAD")
CONTENT_TYPES = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

Answer = tuple[HTTPStatus, str, bytes]
"""Status, content type, body."""
Source = Callable[[], Awaitable[Answer]]


def response(status: HTTPStatus, content_type: str, body: bytes, method: str = "GET") -> Response:
    """A whole answer, but to HEAD without the body; the connection is closed after it."""
    headers = Headers(SECURITY)
    headers["Content-Type"] = content_type
    headers["Content-Length"] = str(len(body))
    headers["Cache-Control"] = "no-cache"
    headers["Connection"] = "close"
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(METHODS)
    return Response(status.value, status.phrase, headers, b"" if method == "HEAD" else body)


def _text(status: HTTPStatus, text: str) -> Answer:
    return status, "text/plain; charset=utf-8", f"{text}\n".encode()


def page_files() -> dict[str, Answer]:
    """The page's files by the path they are served at."""
    folder = files("acd.web") / "page"
    served = {}
    for file in folder.iterdir():
        content_type = CONTENT_TYPES.get(file.name.rpartition(".")[2])
        if content_type is not None:
            served[f"/page/{file.name}"] = (HTTPStatus.OK, content_type, file.read_bytes())
    served["/"] = served["/page/index.html"]
    return served


class Pages:
    """Answers GETs: files as they were at the start, `sources` made anew for each."""

    def __init__(self, sources: dict[str, Source]) -> None:
        self._files = page_files()
        self._sources = sources

    async def process_request(self, _connection: ServerConnection, request: Request) -> Response | None:
        """The answer to a plain GET; None for the agents' socket."""
        path = urlsplit(request.path).path
        if path == SOCKET_PATH:
            return None
        if request.method not in METHODS:
            return response(*_text(HTTPStatus.METHOD_NOT_ALLOWED, f"only {' and '.join(METHODS)} are answered here"))
        return response(*await self._answer(path), request.method)

    async def _answer(self, path: str) -> Answer:
        if path in self._files:
            return self._files[path]
        if path in self._sources:
            return await self._sources[path]()
        there = ", ".join(sorted(["/", SOCKET_PATH, *self._sources]))
        return _text(HTTPStatus.NOT_FOUND, f"there is nothing at this path; there is: {there}")
