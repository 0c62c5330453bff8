"""Chromium, pages that must not misbehave, and the servers they look at."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from tests.browser.server import Server
from tests.browser.stub import Stub

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WITHIN_MS = 15_000
OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        why = "there is no chromium on the path; `apt-get install chromium` brings it"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    if "trio_asyncio" in sys.modules:
        pytest.fail("Playwright's asyncio and the AMI link's can't share a process: run tests/browser by itself")
    expect.set_options(timeout=WITHIN_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Opens an address in a browser context of its own. At the end, no page may have failed or been held by the CSP."""
    faults: list[str] = []
    contexts = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def failed(error: Error) -> None:
        faults.append(f"{error.message}\n{error.stack}")

    def open_(address: str, *, locale: str = "en-US", clock: bool = False, width: int = 1280) -> Page:
        context = chromium.new_context(locale=locale, viewport={"width": width, "height": 720})
        contexts.append(context)
        context.set_default_timeout(WITHIN_MS)
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", failed)
        if clock:
            page.clock.install()
        page.goto(address)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not faults


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real daemon, shared by the tests of a module: they must leave it as they found it."""
    yield from _running(Server(tmp_path_factory.mktemp("acd")))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """The real daemon for one test alone, which may stop and start it."""
    yield from _running(Server(tmp_path))


@pytest.fixture
def patient_server(tmp_path: Path) -> Iterator[Server]:
    """The real daemon for one test alone, with callers who talk for as long as a test takes."""
    yield from _running(Server(tmp_path, talk_s="300"))


def _running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.stop()
