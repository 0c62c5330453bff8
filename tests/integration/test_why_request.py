"""A supervisor's "why", answered by the live state and by the journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd import events as ev
from acd.web import explainer
from tests.integration.running import Acd, Client, Message, running


async def why(client: Client, **about: str) -> Message:
    """The answer; a process has to start for it."""
    return await client.ask("why", 20, **about)


async def waiting(acd: Acd, sue: Client, call: str = "c1") -> None:
    acd.pbx.call(call, caller_number="010", caller_name="张伟")
    await sue.sees("call", call=call)


async def test_a_waiting_call_is_explained_by_its_story_and_by_where_it_stands(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        await waiting(acd, sue)
        answer = await why(sue, call="c1")
        assert answer["ok"], answer
        facts, text = answer["result"]["facts"], answer["result"]["text"]
        assert (facts["kind"], facts["call"]) == ("call", "c1")
        assert [entry["kind"] for entry in facts["entries"]] == ["arrived", "waits"]
        assert facts["standing"]["state"] == "waiting"
        assert facts["damaged"] == ""
        assert "张伟" in text["en"]
        assert set(text) == {"en", "zh"}
        assert answer["result"]["expected_wait"]["withheld"] == "nobody-at-work"
        assert text["en"].endswith("No expected wait: nobody at work can take the call.")


async def test_a_call_that_is_over_is_explained_by_the_journal(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        await waiting(acd, sue)
        acd.pbx.tell(ev.CallerLeft("c1"))
        await sue.sees("finished", call="c1")
        facts = (await why(sue, call="c1"))["result"]["facts"]
        assert facts["standing"] is None
        assert facts["entries"][0]["kind"] == "arrived"


async def test_an_agent_is_explained_by_the_live_state(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue, acd.client("ann") as ann:
        await ann.does("ready")
        answer = await why(sue, agent="ann")
        assert answer["result"]["facts"]["state"] == "ready"


@pytest.mark.parametrize(("about", "code"), [({"call": "c9"}, "unknown-call"), ({"agent": "zoe"}, "unknown-agent")])
async def test_what_is_not_known_is_said(tmp_path: Path, about: dict[str, str], code: str) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        assert (await why(sue, **about))["error"]["code"] == code


async def test_a_call_that_looks_like_an_option_is_only_a_call(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        for call in ("--agent", "--help", "-"):
            assert (await why(sue, call=call))["error"]["code"] == "unknown-call"


async def test_a_journal_that_takes_too_long_leaves_the_live_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the process that read it is gone."""
    monkeypatch.setattr(explainer, "READ_S_MAX", 0.05)
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        await waiting(acd, sue)
        facts = (await why(sue, call="c1"))["result"]["facts"]
        assert facts["standing"]["state"] == "waiting"
        assert "not read within" in facts["damaged"]
        error = (await why(sue, call="c9"))["error"]
        assert error["code"] == "not-now"
        assert "acd why --journal" in error["message"]
    assert not any(b"--journal" in command for command in _children()), "no process is left behind"


async def test_other_requests_are_answered_meanwhile(tmp_path: Path) -> None:
    """A page asks for signs of life while it waits."""
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        await sue.frame('{"type":"why","id":900,"call":"c1"}')
        await sue.does("ping")
        assert 900 not in sue._answers


async def test_too_many_questions_are_sent_away(tmp_path: Path) -> None:
    async with running(tmp_path) as acd, acd.client("sue") as sue:
        for n in range(explainer.WAITING_MAX + 2):
            await sue.frame(f'{{"type":"why","id":{900 + n},"call":"c1"}}')
        last = await sue.answer(900 + explainer.WAITING_MAX + 1)
        assert last["error"]["code"] == "not-now"


def _children() -> list[bytes]:
    """The command lines of all processes that this one has started."""
    listed = Path("/proc/self/task").glob("*/children")
    pids = [pid for each in listed for pid in each.read_text().split()]
    return [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids if Path(f"/proc/{pid}").exists()]
