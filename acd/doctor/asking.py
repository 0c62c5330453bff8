"""Asks Asterisk, over a link of its own: what the checks want to know, and nothing that would change anything there.

The answers to a running daemon's questions, and its events, are untouched: only who logs in twice is seen twice.
"""

import secrets
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

import trio

from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.ami import Action, Framer, Message
from acd.cti_adapters.asterisk.link import Link, LinkLost, asyncio_beside_trio, open_link
from acd.cti_adapters.asterisk.rights import NEEDED_EVENTS
from acd.doctor import questions
from acd.doctor.heard import GREETING, Heard, Reach, Reached, Reply, Trial
from acd.doctor.of_link import is_loopback
from acd.settings import AsteriskSettings

LIST_S_MAX = 30.0
"""How long all answers together may take: a dialplan of a hundred thousand lines comes in a list."""
TRIAL_S_MAX = 5.0
LATE_S_MAX = 1.5
"""How much later than the other the last of a trial call's events may come: to answer takes Asterisk half a second."""
GREETING_BYTES = 200


async def ask(at: AsteriskSettings, expressions: Sequence[str]) -> Heard:
    """Everything that Asterisk has to say, as far as it lets us in; `expressions` are of its dialplan."""
    heard = Heard(await reached(at.host, at.port, at.answer_s_max))
    if heard.reached.how is not Reach.OK:
        return heard
    talk = _Talk(heard)
    with suppress(LinkLost):  # it was there a moment ago; what hasn't been said by then isn't known
        async with (
            asyncio_beside_trio(),
            open_link(at.host, at.port, at.answer_s_max, talk.hear, lambda _: True, Framer(None)) as link,
        ):
            await talk.run(link, at, expressions)
    return heard


async def reached(host: str, port: int, within_s: float) -> Reached:
    """Connect, hear the greeting, and go."""
    try:
        with trio.fail_after(within_s):
            async with await trio.open_tcp_stream(host, port) as stream:
                ours, theirs = stream.socket.getsockname()[0], stream.socket.getpeername()[0]
                greeting = (await stream.receive_some(GREETING_BYTES)).decode("utf-8", "replace")
    except trio.TooSlowError:
        return Reached(Reach.SILENT)
    except socket.gaierror as error:
        return Reached(Reach.UNKNOWN_HOST, error.strerror or "")
    except OSError as error:
        return _failed(error)
    how = Reach.OK if greeting.startswith(GREETING) else Reach.STRANGER
    return Reached(how, " ".join(greeting.split())[:60], ours, is_here=ours == theirs or is_loopback(theirs))


def _failed(error: OSError) -> Reached:
    """Trio tells of several addresses at once."""
    causes = [error, *getattr(error.__cause__, "exceptions", (error.__cause__,))]
    if any(isinstance(each, ConnectionRefusedError) for each in causes):
        return Reached(Reach.REFUSED)
    if any(isinstance(each, ConnectionResetError) for each in causes):
        return Reached(Reach.STRANGER)
    return Reached(Reach.FAILED, str(error))


class _Talk:
    """The conversation: what is asked, and whose answer a message is."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._run = secrets.token_hex(6)
        self._token = secrets.token_hex(8)
        self._replies: dict[str, Reply] = {}
        self._news = trio.Event()
        self._tries = False

    async def run(self, link: Link, at: AsteriskSettings, expressions: Sequence[str]) -> None:
        writer = Writer(self._run)
        self._heard.login = await self._ask(link, writer.log_in(at.user, at.secret.get_secret_value()), at.answer_s_max)
        if not self._heard.login.ok:
            return
        sent = time.time()
        pong = await self._ask(link, writer.ping(), at.answer_s_max)
        self._heard.clock_ahead_s = questions.clock_ahead_s(pong.header("Timestamp"), (sent + time.time()) / 2)
        await self._ask_all(link, questions.of(expressions))
        await self._try(link)

    async def _ask(self, link: Link, action: Action, within_s: float) -> Reply:
        reply = self._replies.setdefault(str(action["ActionID"]), Reply())
        link.send([action])
        await self._wait(lambda: reply.is_over, within_s)
        return reply

    async def _ask_all(self, link: Link, asked: Mapping[str, Action]) -> None:
        """All at once; what isn't answered in time stays open."""
        replies = self._heard.replies = {name: Reply() for name in asked}
        for number, (name, action) in enumerate(asked.items()):
            action_id = f"{self._run}/ask/{number}"
            self._replies[action_id] = replies[name]
            link.send([{**action, "ActionID": action_id}])
        await self._wait(lambda: all(reply.is_over for reply in replies.values()), LIST_S_MAX)

    async def _try(self, link: Link) -> None:
        """Let Asterisk call itself."""
        self._tries = True
        trial, action_id = self._heard.trial, f"{self._run}/try/"
        action = {**questions.trial(self._token), "ActionID": action_id}
        reply = self._replies[action_id] = Reply()
        link.send([action])
        await self._wait(lambda: (reply.is_over and not reply.ok) or _is_near_its_end(trial), TRIAL_S_MAX)
        if _is_near_its_end(trial):
            await self._wait(lambda: _is_complete(self._heard, trial), LATE_S_MAX)

    async def _wait(self, until: Callable[[], bool], within_s: float) -> None:
        with trio.move_on_after(within_s):
            while not until():
                self._news = trio.Event()
                await self._news.wait()

    def hear(self, messages: Sequence[Message]) -> None:
        """See link.Hear."""
        for message in messages:
            self._hear(message)
        self._news.set()

    def _hear(self, message: Message) -> None:
        event = message.get("Event")
        reply = self._replies.get(message.get("ActionID", ""))
        if event == "OriginateResponse" and reply is not None:
            self._heard.trial.responded = True
        elif reply is not None:
            _take(reply, message)
        elif event is not None and self._tries:
            self._notice(event, message)

    def _notice(self, event: str, message: Message) -> None:
        trial = self._heard.trial
        if event == "UserEvent" and message.get("Token") == self._token:
            step = message.get("Step", "")
            trial.steps[step], trial.at[step] = message, trio.current_time()
        elif not _gets_through(event, message):
            trial.events[event] += 1


def _gets_through(event: str, message: Message) -> bool:
    """Whether the shipped filter lets this through."""
    return event in NEEDED_EVENTS and (event != "UserEvent" or message.get("UserEvent", "").startswith("ACD"))


def _is_near_its_end(trial: Trial) -> bool:
    """The last step's word and OriginateResponse come in either order; of a call that ended early only the latter."""
    return trial.responded or questions.LAST_STEP in trial.steps


def _is_complete(heard: Heard, trial: Trial) -> bool:
    """Whether nothing more is to come: without our dialplan there are no steps."""
    return trial.responded and (questions.LAST_STEP in trial.steps or not questions.knows_trial(heard))


def _take(reply: Reply, message: Message) -> None:
    if "Event" not in message:
        reply.response = message
        reply.is_over = message.get("EventList") != "start"
    elif message.get("EventList") == "Complete":
        reply.is_over = True
    else:
        reply.items.append(message)
