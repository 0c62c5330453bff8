"""Answers to a supervisor's "why": the live state says where things stand, the journal what happened before.

The journal is read by a process of its own, for routing a day's events anew takes seconds of work.
"""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import structlog
import trio
from pydantic import ValidationError

from acd.expected_wait import ExpectedWait
from acd.expected_wait.estimates import Estimate, Withheld
from acd.explain import present
from acd.explain.answers import CallWhy, Why, as_json, from_json, merged
from acd.explain.text import texts
from acd.explain.wait import in_words
from acd.ids import AgentId, CallId, Instant
from acd.notices import RefusalCode
from acd.protocol.views import ExpectedWaitView, ExplanationView, Problem
from acd.router import Router

READ_S_MAX = 20
WAITING_MAX = 5
AFTER_OTHERS = ["nice", "-n", "10"] if shutil.which("nice") else []
"""A supervisor's question may wait, a call may not."""
log = structlog.get_logger()

Reply = Callable[[ExplanationView | Problem], None]


@dataclass(frozen=True, slots=True)
class _Past:
    """What the journal knows of a call, or why it couldn't be asked."""

    story: CallWhy | None = None
    unread: str = ""


class Explainer:
    """Explains one call after another; `journal` is where the daemon writes its own."""

    def __init__(self, router: Router, expected: ExpectedWait, now: Callable[[], Instant], journal: Path) -> None:
        self._router = router
        self._expected = expected
        self._now = now
        self._journal = journal
        self._send, self._asked = trio.open_memory_channel[tuple[CallId, Reply]](WAITING_MAX)

    def agent(self, agent: AgentId, reply: Reply) -> None:
        """Why has this agent no call?"""
        if agent in self._router.agents:
            reply(_view(present.of_agent(self._router, agent, self._now())))
        else:
            reply(Problem(code=RefusalCode.UNKNOWN_AGENT, message=f"no agent has the id {agent!r}"))

    def call(self, call: CallId, reply: Reply) -> None:
        """Why does this call wait, or went where it went?"""
        try:
            self._send.send_nowait((call, reply))
        except trio.WouldBlock:
            reply(Problem(code="not-now", message=f"{WAITING_MAX} calls wait to be explained; try again in a while"))

    async def run(self) -> None:
        """Explain the calls asked for until cancelled."""
        async for call, reply in self._asked:
            past = await self._past(call)
            reply(self._explained(call, past))

    def _explained(self, call: CallId, past: _Past) -> ExplanationView | Problem:
        live = present.of_call(self._router, call, self._now()) if call in self._router.calls else None
        if live is not None:
            whole = merged(live, past.story)
            return self._with_wait(call, _view(replace(whole, damaged=past.unread or whole.damaged)))
        if past.story is not None:
            return _view(past.story)
        if past.unread:
            return Problem(code="not-now", message=f"the call is over, and {past.unread}")
        return Problem(
            code=RefusalCode.UNKNOWN_CALL, message=f"neither the journal nor the server knows a call {call!r}"
        )

    def _with_wait(self, call: CallId, view: ExplanationView) -> ExplanationView:
        """Add how long it will wait yet, if it waits."""
        expected = self._expected.estimate(call, self._now())
        if expected is Withheld.NOT_WAITING:
            return view
        text = {language: f"{words}\n{in_words(expected, language)}" for language, words in view.text.items()}
        return view.model_copy(update={"text": text, "expected_wait": _wait_view(expected)})

    async def _past(self, call: CallId) -> _Past:
        """Ask the journal. The process is ended when it takes too long, and with the daemon."""
        command = [sys.executable, "-m", "acd", "why", "--journal", str(self._journal), "--json", "--", call]
        run = partial(trio.run_process, capture_stdout=True, capture_stderr=True, check=False, deliver_cancel=_kill)
        with trio.move_on_after(READ_S_MAX):
            done = await run([*AFTER_OTHERS, *command])
            return _read(done.returncode, done.stdout, done.stderr)
        return _Past(unread=f"the journal was not read within {READ_S_MAX} s; ask it by `acd why --journal`")


async def _kill(process: trio.Process) -> None:
    process.kill()


def _read(code: int, out: bytes, errors: bytes) -> _Past:
    if code == 1 and b"Traceback" not in errors:
        return _Past()  # it knows no such call
    try:
        story = from_json(json.loads(out)) if code == 0 else None
    except (ValueError, ValidationError) as error:
        log.error("an explanation can't be read", error=str(error))
        story = None
    if isinstance(story, CallWhy):
        return _Past(story)
    last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return _Past(unread=f"the journal can't be read: {last or f'code {code}'}")


def _wait_view(expected: Estimate | Withheld) -> ExpectedWaitView:
    if isinstance(expected, Withheld):
        return ExpectedWaitView(withheld=expected)
    return ExpectedWaitView(low_ms=expected.low_ms, median_ms=expected.median_ms, high_ms=expected.high_ms)


def _view(why: Why) -> ExplanationView:
    return ExplanationView(facts=as_json(why), text=texts(why))
