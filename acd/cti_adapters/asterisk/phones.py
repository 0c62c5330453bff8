"""The agents' phones as Asterisk sees them: device states in, `PhoneChanged` out. Pure.

    event -> does it differ from what was told, and is no leg of ours on the phone? -> ask -> answer -> told

An event is no more than a hint: where an old Asterisk filters none, a caller can forge it. What is told is the answer
to a question of ours. A phone in use by a leg of ours says nothing of other calls on it; that is looked at when the
last leg has gone, and a little later still, for Asterisk frees the phone some milliseconds before or after it tells so.

Every leg counts that was ever dialled by an Originate of ours, whatever it is for.

Devices of which Asterisk knows no state that is the phone's own (Local channels, a number over a trunk) are free.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from acd.cti_adapters.asterisk import words
from acd.cti_adapters.asterisk.actions import Writer
from acd.cti_adapters.asterisk.ami import Action
from acd.events import PhoneChanged, PhoneState
from acd.ids import AgentId

QUIET_S = 1.0
"""How long after our last leg a phone that is still in use may be so by that leg: a busy Asterisk tells late."""
FREE = PhoneState.FREE
MEANINGS = {
    **dict.fromkeys(("INUSE", "BUSY", "RINGING", "RINGINUSE", "ONHOLD"), PhoneState.BUSY),
    **dict.fromkeys(("UNAVAILABLE", "INVALID"), PhoneState.UNREACHABLE),
}
"""Of device states; all others are free."""


@dataclass(slots=True, eq=False)
class Phone:
    """The phone of one agent."""

    agent: AgentId
    device: str
    key: str
    """The device, however it is written."""
    told: PhoneState | None = FREE
    """What the core knows; None: nothing of this phone."""
    seen: PhoneState | None = None
    """What it was by Asterisk's last word; None: not known."""
    is_asked: bool = False
    is_hinted: bool = False
    """Whether an event came since it was asked, or since the list began to come in."""
    quiet_until: float = 0.0


class Phones:
    """Whose phone is how. `told` and `asked` are taken by the adapter, as those of `legs.Legs`."""

    def __init__(self, write: Writer) -> None:
        self.told: list[PhoneChanged] = []
        self.asked: list[Action] = []
        self._write = write
        self._is_linked = False
        self._devices: dict[AgentId, str] = {}
        self._phones: dict[str, Phone] = {}
        self._legs: dict[str, str] = {}
        """Every leg of ours, and the device that it is on."""
        self._on: dict[str, set[str]] = {}
        """The other way round."""
        self._gone: set[str] = set()
        """Legs gone while Asterisk isn't linked: the list may be older."""
        self._due: dict[str, float] = {}
        """When a device is looked at again."""
        self.on_fact: dict[type, Callable[[Any, float], None]] = {
            words.DeviceChanged: self._changed,
            words.DeviceIs: self._is,
            words.Surveyed: self._surveyed,
            words.PhoneGone: self._phone_gone,
            words.Dialled: self._dialled,
            words.Answer: self._answer,
        }

    # --- the rules ----------------------------------------------------------------------------------------------------

    def follow(self, devices: Mapping[AgentId, str], known: Mapping[AgentId, PhoneState]) -> None:
        """From now these are the agents' devices. Of another phone than before the core is told however it is.

        At first it takes every phone for free, but for those `known` otherwise.
        """
        before, phones, at_first = self._devices, self._phones, not self._devices
        self._devices, self._phones = dict(devices), {}
        for agent, device in devices.items():
            key = _key(device)
            if before.get(agent) == device and (key not in phones or phones[key].agent == agent):
                if key in phones:
                    self._phones[key] = phones[key]
            elif _has_state(device):
                told = known.get(agent, FREE) if at_first else None
                phone = self._phones[key] = Phone(agent, device, key, told)
                self._judge(phone, 0.0)
            elif not at_first or agent in known:
                self.told.append(PhoneChanged(agent, FREE))
        self._due = {key: at for key, at in self._due.items() if key in self._phones}

    # --- the link -----------------------------------------------------------------------------------------------------

    def lost(self) -> None:
        """Nothing is heard and nobody can be asked, until `found`."""
        self._is_linked = False
        for key in self._on:
            if (phone := self._phones.get(key)) is not None:
                phone.quiet_until = float("inf")
        for phone in self._phones.values():
            phone.seen, phone.is_asked, phone.is_hinted = None, False, False
        self._legs, self._on, self._gone, self._due = {}, {}, set(), {}

    def found(self, now: float) -> None:
        """What Asterisk holds has been told since it was lost: legs and devices. What it didn't list is asked."""
        self._is_linked = True
        for leg in self._gone:
            self._leg_gone(leg, now)
        for phone in self._phones.values():
            phone.quiet_until = min(phone.quiet_until, now + QUIET_S)
            if phone.is_hinted:
                phone.seen = None
            self._settle(phone, now)

    def sent(self, actions: Iterable[Action]) -> None:
        """Asterisk was asked for this: among it may be legs to dial."""
        for action in actions:
            if action["Action"] == "Originate" and "ChannelId" in action:  # else it rings no phone
                self._leg_on(str(action["ChannelId"]), str(action["Channel"]))

    # --- facts --------------------------------------------------------------------------------------------------------

    def hear(self, fact: words.Fact, now: float) -> None:
        """Asterisk says so at `now`."""
        on_fact = self.on_fact.get(type(fact))
        if on_fact is not None:
            on_fact(fact, now)

    def _surveyed(self, fact: words.Surveyed, _now: float) -> None:
        if fact.arrival is None:
            self._leg_on(fact.channel, fact.device)

    def _phone_gone(self, fact: words.PhoneGone, now: float) -> None:
        self._leg_gone(fact.leg, now)

    def _dialled(self, fact: words.Dialled, now: float) -> None:
        if not fact.answered:
            self._leg_gone(fact.leg, now)

    def _answer(self, fact: words.Answer, now: float) -> None:
        if _tells_of_no_leg(fact):
            self._leg_gone(fact.target, now)

    def look_at_the_clock(self, now: float) -> None:
        """Look again at those that were in use when our last leg had just gone; to be called a few times a second."""
        for key in [key for key, at in self._due.items() if at <= now]:
            self._judge(self._phones[key], now)

    # --- our own legs -------------------------------------------------------------------------------------------------

    def _leg_on(self, leg: str, device: str) -> None:
        if _has_state(device):
            key = self._legs[leg] = _key(device)
            self._on.setdefault(key, set()).add(leg)

    def _leg_gone(self, leg: str, now: float) -> None:
        if not self._is_linked:
            self._gone.add(leg)
        key = self._legs.pop(leg, None)
        if key is None:
            return
        self._on[key].discard(leg)
        if not self._on[key]:
            del self._on[key]
            if (phone := self._phones.get(key)) is not None:
                phone.quiet_until = now + QUIET_S
                self._judge(phone, now)

    # --- device states ------------------------------------------------------------------------------------------------

    def _changed(self, fact: words.DeviceChanged, now: float) -> None:
        if (phone := self._phones.get(_key(fact.device))) is not None:
            phone.seen, phone.is_hinted = MEANINGS.get(fact.state, FREE), True
            self._judge(phone, now)

    def _is(self, fact: words.DeviceIs, now: float) -> None:
        phone = self._phones.get(_key(fact.device))
        if phone is None:
            return
        meant, phone.is_asked = MEANINGS.get(fact.state, FREE), False
        if self._is_linked and phone.is_hinted and phone.seen is not meant:  # which of the two is newer?
            self._ask(phone)
            return
        phone.seen = meant
        if self._is_linked:
            self._settle(phone, now)

    def _settle(self, phone: Phone, now: float) -> None:
        """What was seen was an answer: tell it, unless a leg of ours may be why it is so."""
        is_ours = phone.key in self._on or (phone.seen is PhoneState.BUSY and now < phone.quiet_until)
        if phone.seen is None or is_ours:
            self._judge(phone, now)
        elif phone.told is not phone.seen:
            phone.told = phone.seen
            self.told.append(PhoneChanged(phone.agent, phone.seen))

    def _judge(self, phone: Phone, now: float) -> None:
        """Ask, at once or when it is quiet, if the phone may be otherwise than the core knows."""
        self._due.pop(phone.key, None)
        is_known = phone.seen is not None and phone.seen is phone.told
        if not self._is_linked or phone.is_asked or is_known or phone.key in self._on:
            return
        if phone.seen is PhoneState.BUSY and now < phone.quiet_until:
            self._due[phone.key] = phone.quiet_until
        else:
            self._ask(phone)

    def _ask(self, phone: Phone) -> None:
        phone.is_asked, phone.is_hinted = True, False
        self.asked.append(self._write.ask_device(phone.device))


def _key(device: str) -> str:
    """Asterisk takes a technology's name in capitals or not."""
    technology, _, name = device.partition("/")
    return f"{technology.upper()}/{name}"


def _has_state(device: str) -> bool:
    """Whether Asterisk knows how this very phone is: not for a Local channel, a number over a trunk, a group."""
    technology, _, name = device.partition("/")
    return technology.upper() != "LOCAL" and name != "" and "@" not in name and "/" not in name


def _tells_of_no_leg(fact: words.Answer) -> bool:
    """What can't be dialled, or is to be hung up and isn't there."""
    return not fact.ok and (
        fact.verb == "originate" or (fact.verb == "hangup" and fact.text.startswith(words.NO_CHANNEL))
    )
