"""The Trio shell: Asterisk behind the port of `base.PbxAdapter`."""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
import trio

from acd.channels import there_already
from acd.commands import ChangeMonitor, Command, EndMonitor, OfferCallback, Record, StartMonitor
from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import DIALPLAN_VERSION, Writer
from acd.cti_adapters.asterisk.adoption import adopt
from acd.cti_adapters.asterisk.ami import OTHER_EVENT, Action, Framer, Message
from acd.cti_adapters.asterisk.census import Census
from acd.cti_adapters.asterisk.legs import Legs
from acd.cti_adapters.asterisk.link import Link, LinkLost, asyncio_beside_trio, open_link
from acd.cti_adapters.asterisk.monitors import Monitors
from acd.cti_adapters.asterisk.phones import Phones
from acd.cti_adapters.asterisk.recordings import Recordings
from acd.cti_adapters.base import Held, Tell
from acd.events import PbxFound, PbxLost, PhoneState, RecordingFailed, SendingFailed
from acd.ids import AgentId
from acd.settings import AsteriskSettings, RecordingSettings

log = structlog.get_logger()
Hear = Callable[[Any, float], bool | None]
PAUSE_S_MIN = 0.1
CLOCK_S = 0.1
"""How often what is overdue is looked for."""
FOR_DEVICES = "res_manager_devicestate.so and func_devstate.so, in Asterisk's modules.conf; then restart it"
INCLUDES = '#include "switchyard/extensions-acd.conf"'


class AsteriskAdapter:
    """One Asterisk, driven over its manager interface; config/asterisk/ says what it needs there.

    Made anew for each life of the daemon: the names of its legs are never used again. See `base.PbxAdapter`.
    """

    def __init__(self, settings: AsteriskSettings, recording: RecordingSettings | None = None) -> None:
        run = secrets.token_hex(6)
        self._settings = settings
        self._token = secrets.token_hex(8)
        self._write = Writer(run, settings.number_codec)
        self._read = words.Reader(run, self._token)
        self._legs = Legs(self._write)
        self._monitors = Monitors(self._write, self._legs)
        self._recordings = _recordings(self._write, self._legs, recording or RecordingSettings())
        self._phones = Phones(self._write)
        hearers = (self._phones, self._monitors, self._recordings, self._legs)
        self._hearers = _by_kind(*(each.on_fact for each in hearers))
        self._link: Link | None = None
        self._why_lost: str | None = None
        self._refusal: str | None = None
        """Why Asterisk, being there, doesn't let us work: trying again soon won't mend that."""
        self.events_seen = Counter(dict.fromkeys((*sorted(words.WANTED_EVENTS), OTHER_EVENT), 0))
        """How many events Asterisk has sent by name; those that are none of ours count as `ami.OTHER_EVENT`."""
        self._census = Census()
        self._answers: dict[str, words.Answer] = {}
        self._news = trio.Event()

    def adopt(self, calls: Sequence[Held]) -> None:
        """See `base.PbxAdapter`."""
        adopt(self._legs, self._write, calls)

    async def run(self, tell: Tell, commands: trio.MemoryReceiveChannel[Command]) -> None:
        """See `base.PbxAdapter.run`."""
        self._tell = tell
        async with asyncio_beside_trio(), trio.open_nursery() as nursery:
            nursery.start_soon(self._keep_linked)
            await self._obey_all(commands)
            nursery.cancel_scope.cancel()

    def follow_phones(self, devices: Mapping[AgentId, str], known: Mapping[AgentId, PhoneState]) -> None:
        """See `base.PbxAdapter.follow_phones`."""
        self._phones.follow(devices, known)
        if self._legs.is_linked:
            self._flush()

    # --- commands -----------------------------------------------------------------------------------------------------

    async def _obey_all(self, commands: trio.MemoryReceiveChannel[Command]) -> None:
        async for first in commands:
            self._obey([first, *there_already(commands)])

    def obey(self, commands: Sequence[Command]) -> bool:
        """See `base.PbxAdapter.obey`."""
        if self._legs.is_linked:
            self._obey(commands)
        return self._legs.is_linked

    def _obey(self, commands: Sequence[Command]) -> None:
        now = trio.current_time()
        for command in commands:
            if isinstance(command, OfferCallback):  # the settings refuse it for Asterisk
                log.error("callbacks aren't possible with Asterisk yet", call=command.call)
            elif isinstance(command, StartMonitor | ChangeMonitor | EndMonitor):
                self._monitors.obey(command, now)
            elif isinstance(command, Record):
                self._recordings.obey(command, now)
            else:
                self._legs.obey(command, now)
        self._flush()

    def _flush(self) -> None:
        """Hand over what the last steps brought: events to the core, actions to Asterisk (to nobody while lost)."""
        told, asked = [*self._legs.told, *self._phones.told], [*self._legs.asked, *self._phones.asked]
        if not told and not asked:
            return
        for source in (self._legs, self._phones):
            source.told.clear()
            source.asked.clear()
        for event in told:
            if isinstance(event, SendingFailed):
                log.warning("a call can't be sent elsewhere", call=event.call, why=event.why)
            elif isinstance(event, RecordingFailed):
                log.warning("a call isn't recorded as asked", call=event.call, why=event.why)
            self._tell(event)
        if self._legs.is_linked and self._link and asked:
            self._link.send(asked)
            self._phones.sent(asked)

    # --- facts --------------------------------------------------------------------------------------------------------

    def _hear(self, messages: Sequence[Message]) -> None:
        now = trio.current_time()
        for message in messages:
            fact = self._fact(message)
            if fact is None:
                continue
            if not self._legs.is_linked:
                self._note(fact)
            for hear in self._hearers.get(type(fact), ()):
                if hear(fact, now):
                    break
        self._flush()

    def _fact(self, message: Message) -> words.Fact | None:
        try:
            return self._read.fact(message)
        except (KeyError, ValueError) as error:
            log.warning("unreadable AMI message", event_name=message.get("Event"), error=repr(error))
            return None

    def _note(self, fact: words.Fact) -> None:
        self._census.note(fact)
        if isinstance(fact, words.Answer):
            self._answers[fact.verb] = fact
            if fact.verb == words.DEVICES and not fact.ok:
                log.warning("private calls and lost phones aren't seen", why=fact.text, needed=FOR_DEVICES)
        elif isinstance(fact, words.SurveyOver):
            self._settle(trio.current_time())
            self._read.adopted = frozenset(leg for leg in self._legs.legs if not self._write.is_own(leg))
            self._found()
        self._news.set()

    def _settle(self, now: float) -> None:
        self._monitors.settle(self._census.legs_there(), self._census.legs_talking(), now)
        self._census.settle(self._legs, self._write, now)
        self._recordings.settle(self._census.callers.values(), now)
        self._phones.found(now)

    def _found(self) -> None:
        """Everything is told: from now commands get through. First what the survey asked for."""
        self._legs.is_linked, self._why_lost = True, None
        self._flush()
        self._tell(PbxFound())
        log.info("pbx found", host=self._settings.host, port=self._settings.port, calls=len(self._legs.callers))

    # --- the link -----------------------------------------------------------------------------------------------------

    async def _keep_linked(self) -> None:
        pause_s = PAUSE_S_MIN
        while True:
            try:
                why = await self._one_link()
            except LinkLost as loss:
                why = str(loss)
            if self._legs.is_linked:
                pause_s = PAUSE_S_MIN
            if self._refusal is not None:
                pause_s = self._settings.retry_s_max
            self._lost(self._refusal or f"{self._where()}: {why}")
            await trio.sleep(pause_s)
            pause_s = min(pause_s * 2, self._settings.retry_s_max)

    def _lost(self, why: str) -> None:
        self._legs.is_linked, self._link = False, None
        if why != self._why_lost:
            self._why_lost = why
            log.warning("pbx lost", why=why)
            self._tell(PbxLost(why))

    async def _one_link(self) -> str:
        """From the connection to its loss; why it was lost. Raises LinkLost if there is no connection to be had."""
        at = self._settings
        self._census, self._answers, self._refusal = Census(), {}, None
        self._phones.lost()
        framer = Framer(words.WANTED_EVENTS, self.events_seen)
        async with open_link(at.host, at.port, at.answer_s_max, self._hear, self._read.is_answer, framer) as link:
            self._link = link
            async with trio.open_nursery() as nursery:
                nursery.start_soon(link.watch, self._write.ping())
                nursery.start_soon(self._settle_in, link)
                nursery.start_soon(self._watch_the_clock)
                why = await link.lost()
                nursery.cancel_scope.cancel()
        return why

    async def _settle_in(self, link: Link) -> None:
        """Log in, give Asterisk the token, look for the dialplan, ask what it holds; lose the link at a refusal."""
        at = self._settings
        steps = {
            "login": self._write.log_in(at.user, at.secret.get_secret_value()),
            "setvar": self._write.set_variable("", "ACD_TOKEN", self._token),
            "dialplan": self._write.look_for_dialplan(),
        }
        for verb, action in steps.items():
            answer = await self._ask(link, verb, action)
            if not answer.ok:
                self._refusal = REFUSALS[verb].format(where=self._where(), user=at.user, text=answer.text)
                link.lose(answer.text)
                return
        link.send([self._write.list_devices(), self._write.survey()])

    async def _ask(self, link: Link, verb: str, action: Action) -> words.Answer:
        link.send([action])
        while verb not in self._answers:
            await self._news.wait()
            self._news = trio.Event()
        return self._answers[verb]

    async def _watch_the_clock(self) -> None:
        while True:
            await trio.sleep(CLOCK_S)
            if self._legs.is_linked:
                for each in (self._legs, self._monitors, self._recordings, self._phones):
                    each.look_at_the_clock(trio.current_time())
                self._flush()

    def _where(self) -> str:
        return f"Asterisk's manager interface at {self._settings.host}:{self._settings.port}"


def _recordings(write: Writer, legs: Legs, settings: RecordingSettings) -> Recordings:
    zone = ZoneInfo(settings.zone) if settings.zone else None
    return Recordings(write, legs, settings, lambda: datetime.now(zone))


def _by_kind(*ears: Mapping[type, Hear]) -> dict[type, list[Hear]]:
    """Who hears a kind of fact, in this order, until one of them says that it spoke of nothing of the others'."""
    kinds = {kind for each in ears for kind in each}
    return {kind: [each[kind] for each in ears if kind in each] for kind in kinds}


REFUSALS = {
    "login": "{where} refuses user {user!r} ({text}): user and secret must be those of its manager.conf, where "
    '`#include "switchyard/manager-acd.conf"` makes the user; then `manager reload`',
    "setvar": "{where} gives user {user!r} too few rights ({text}): it needs those of manager-acd.conf",
    "dialplan": "{where} has no dialplan of ours, " + DIALPLAN_VERSION + " ({text}): add `" + INCLUDES + "` to its "
    "extensions.conf (after an update of Switchyard: copy that file anew), then `dialplan reload`; user {user!r} needs "
    "the rights of manager-acd.conf",
}
