"""`acd why`: asks the journal or the running server, and says the answer in words or as JSON."""

import json
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path

import click
import trio

from acd import supervisor_client
from acd.errors import SwitchyardError
from acd.explain import past
from acd.explain.answers import Why, as_json, from_json
from acd.explain.text import lines_of
from acd.explain.words import LANGUAGES, Words
from acd.ids import AgentId, CallId, Instant


class NotKnown(SwitchyardError):
    """There is no such call or agent; the text says what there is instead."""


@click.command("why")
@click.argument("call", required=False)
@click.option("--agent", help="Why has this agent no call?")
@click.option("--at", help="As it was then: 10:31:05, 2026-03-01T10:31 or milliseconds. Only with --journal.")
@click.option("--journal", type=click.Path(path_type=Path), help="Ask this journal instead of the running server.")
@click.option("--url", default="ws://127.0.0.1:8080/ws", show_default=True, help="The server's socket.")
@click.option("--user", help="A supervisor's id. Asked for when not given.")
@click.option("--password", envvar="ACD_PASSWORD", help="Or in ACD_PASSWORD. Asked for when not given.")
@click.option("--lang", type=click.Choice(LANGUAGES), default="en", envvar="ACD_LANG", help="Or in ACD_LANG.")
@click.option("--json", "as_data", is_flag=True, help="Print the facts as JSON.")
def command(
    call: str | None,
    agent: str | None,
    at: str | None,
    journal: Path | None,
    url: str,
    user: str | None,
    password: str | None,
    lang: str,
    as_data: bool,
) -> None:
    """Say why a call went where it went, or why an agent has none.

    CALL is the call's id. Asks the running server, or with --journal a journal, of which no server need be left.
    """
    if (call is None) == (agent is None):
        raise click.UsageError("say either CALL or --agent")
    if at is not None and journal is None:
        raise click.UsageError("--at looks back, and needs --journal")
    try:
        if journal is not None:
            answer = by_journal(journal, call, agent, at)
        else:
            user = user or click.prompt("User")
            password = password or click.prompt("Password", hide_input=True)
            answer = trio.run(partial(by_server, url, user, password, call, agent))
    except (NotKnown, FileNotFoundError, supervisor_client.NotDone) as error:
        click.echo(str(error), err=True)
        raise SystemExit(1 if isinstance(error, NotKnown) else 2) from None
    click.echo(as_text(answer) if as_data else said(answer, lang))


# --- whom is asked ----------------------------------------------------------------------------------------------------


def by_journal(path: Path, call: str | None, agent: str | None, at: str | None) -> Why:
    """What the journal at `path` says of a call or an agent, at its end or at that time.

    Raises NotKnown, FileNotFoundError where there is no journal, and click's UsageError for what is no time.
    """
    until = when(at, past.ends(path)) if at is not None else None
    if agent is not None:
        of_agent = past.of_agent(path, AgentId(agent), until)
        if of_agent is None:
            raise NotKnown(f"{path}: no agent has the id {agent!r}" + (f" at {at}" if at is not None else ""))
        return of_agent
    of_call = past.of_call(path, CallId(call or ""), until)
    if of_call is None:
        raise NotKnown(f"{path}: no call has the id {call!r}{_others(path, call or '')}")
    return of_call


async def by_server(url: str, user: str, password: str, call: str | None, agent: str | None) -> Why:
    """What the running server says. Raises :class:`acd.supervisor_client.NotDone`."""
    about = {"call": call} if agent is None else {"agent": agent}
    result = await supervisor_client.ask(url, user, password, "why", **about)
    return from_json(result["facts"])


def _others(path: Path, number: str) -> str:
    """People often know the caller's number, and not the call's id."""
    calls = past.calls_of(path, number)
    if not calls:
        return ""
    listed = "".join(f"\n    {call}, {datetime.fromtimestamp(at / 1000):%Y-%m-%d %H:%M:%S}" for at, call in calls)
    return f". That caller's latest calls:{listed}"


# --- how it is said ---------------------------------------------------------------------------------------------------


def said(why: Why, language: str) -> str:
    """The answer in words."""
    return "\n".join(lines_of(why, Words(language)))


def as_text(why: Why) -> str:
    """The answer as JSON."""
    return json.dumps(as_json(why), ensure_ascii=False, indent=2)


def when(text: str, end: Instant | None) -> Instant:
    """The instant that people write as 10:31, 10:31:05, 2026-03-01T10:31 (this machine's time), or in milliseconds.

    A time of day is the last such before the journal's end. Raises click's UsageError.
    """
    try:
        return Instant(int(text)) if text.isdigit() else _instant(_local(text, end))
    except ValueError:
        raise click.UsageError(f"{text!r} is no time; write 10:31:05, 2026-03-01T10:31 or milliseconds") from None


def _local(text: str, end: Instant | None) -> datetime:
    if "-" in text:
        return datetime.fromisoformat(text)
    last = datetime.now() if end is None else datetime.fromtimestamp(end / 1000)
    then = datetime.combine(last.date(), time.fromisoformat(text))
    return then if then <= last else then - timedelta(days=1)


def _instant(local: datetime) -> Instant:
    return Instant(round(local.timestamp() * 1000))
