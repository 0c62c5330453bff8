"""Plain requests: files as they were at the start, sources made anew, everything else is not there."""

from __future__ import annotations

from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from acd.web.pages import CONTENT_TYPES, Answer, Pages, page_files, response

CONNECTION = None


async def ask(pages: Pages, path: str, method: str = "GET") -> Response | None:
    return await pages.process_request(CONNECTION, Request(path, Headers(), method))  # type: ignore[arg-type]


async def test_the_sockets_path_is_left_to_the_socket() -> None:
    assert await ask(Pages({}), "/ws") is None
    assert await ask(Pages({}), "/ws?lang=zh") is None


async def test_a_source_is_asked_each_time() -> None:
    asked: list[int] = []

    async def source() -> Answer:
        asked.append(1)
        return HTTPStatus.OK, "text/plain", str(len(asked)).encode()

    pages = Pages({"/count": source})
    assert [(await ask(pages, "/count")).body for _ in range(3)] == [b"1", b"2", b"3"]  # type: ignore[union-attr]


async def test_only_what_a_browser_needs_is_served() -> None:
    """By a list of types: what else may lie in the folder stays there."""
    files = page_files()
    assert files["/"] == files["/page/index.html"]
    assert {path.rpartition(".")[2] for path in files if path != "/"} <= {*CONTENT_TYPES}
    assert all(path == "/" or path.startswith("/page/") for path in files)


async def test_paths_out_of_the_folder_lead_nowhere() -> None:
    pages = Pages({})
    for path in (
        "/page/../pages.py",
        "/page/..%2fpages.py",
        "/etc/passwd",
        "//etc/passwd",
        "/page",
        "",
        "*",
        "http://x/ws2",
    ):
        answer = await ask(pages, path)
        assert answer is not None
        assert answer.status_code == 404, path


def test_an_answer_says_its_length_and_that_it_is_the_last() -> None:
    answer = response(HTTPStatus.OK, "text/plain", "芝麻".encode())
    assert (answer.headers["Content-Length"], answer.headers["Connection"]) == ("6", "close")


async def test_head_has_the_same_headers_and_no_body() -> None:
    get, head = await ask(Pages({}), "/"), await ask(Pages({}), "/", "HEAD")
    assert get is not None
    assert head is not None
    assert [*get.headers.raw_items()] == [*head.headers.raw_items()]
    assert head.body == b""
