"""Several PBXs behind one port: each with its own link, all with one core.

A call of the PBX "b" has "b:" before its id in the core, so that ids are unique over all; its PBX knows it without. So
with devices. A call of the core's own (an agent calls somebody) is remembered with the PBX where it lives. An agent
whose phone is at another PBX than the caller is rung over a trunk between the two.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from typing import Any, cast

import trio

from acd import events as ev
from acd.commands import BeginConsult, Command, OfferCall, StartMonitor
from acd.cti_adapters.base import Held, PbxAdapter, Tell
from acd.cti_adapters.outlet import Outlet
from acd.ids import AgentId, CallId, MonitorId, OfferId, named

OVER = (ev.CallerLeft, ev.SentElsewhere, ev.NumberFailed)


@dataclass(frozen=True, slots=True)
class NamedPbx:
    """One of several. `trunks`: how it reaches the phones of another PBX, as PJSIP/{phone}@to-b, by that one's name."""

    name: str
    adapter: PbxAdapter
    trunks: Mapping[str, str]

    def rings(self, pbx: str, device: str) -> str:
        """What is rung here for a device that is at `pbx`; {phone} stands for it without its technology.

        What is no phone but a number (number:10010) is dialled from here as from everywhere.
        """
        _, slash, phone = device.partition("/")
        return device if pbx == self.name or not slash else self.trunks[pbx].replace("{phone}", phone)


class SeveralPbxs:
    """All of `pbxs`, which trust each other's names: see `base.PbxAdapter`."""

    def __init__(self, pbxs: Sequence[NamedPbx]) -> None:
        self._pbxs = {each.name: each for each in pbxs}
        self._outlets = {each.name: Outlet(each.adapter.obey) for each in pbxs}
        self._homes: dict[CallId, str] = {}
        """Where the core's own calls live."""
        self._monitors: dict[MonitorId, str] = {}

    async def run(self, tell: Tell, commands: trio.MemoryReceiveChannel[Command]) -> None:
        """See `base.PbxAdapter.run`."""
        async with trio.open_nursery() as nursery:
            for name, pbx in self._pbxs.items():
                hear = partial(self._hear, tell, name)
                nursery.start_soon(pbx.adapter.run, hear, self._outlets[name].commands)
            async for command in commands:
                self.obey([command])
            for outlet in self._outlets.values():
                outlet.close()

    def adopt(self, calls: Sequence[Held]) -> None:
        """See `base.PbxAdapter.adopt`: each PBX its own."""
        shares: dict[str, list[Held]] = {name: [] for name in self._pbxs}
        for call in calls:
            if call.pbx in shares:
                if self._home(call.call) is None:
                    self._homes[call.call] = call.pbx
                shares[call.pbx].append(_held_inside(call))
        for name, share in shares.items():
            self._pbxs[name].adapter.adopt(share)

    def follow_phones(self, devices: Mapping[AgentId, str], known: Mapping[AgentId, ev.PhoneState]) -> None:
        """See `base.PbxAdapter.follow_phones`: each PBX its own."""
        for name, pbx in self._pbxs.items():
            begin = f"{name}:"
            own = {agent: each.removeprefix(begin) for agent, each in devices.items() if each.startswith(begin)}
            pbx.adapter.follow_phones(own, {agent: state for agent, state in known.items() if agent in own})

    # --- commands -----------------------------------------------------------------------------------------------------

    def obey(self, commands: Sequence[Command]) -> bool:
        """Each to its PBX, in order; see `base.PbxAdapter.obey`."""
        shares: dict[str, list[Command]] = {}
        for command in commands:
            name = self._home_of(command)
            if name is not None:
                shares.setdefault(name, []).append(self._inside(command, name))
        for name, share in shares.items():
            self._outlets[name].put(share)
        return True

    def _home_of(self, command: Command) -> str | None:
        """The PBX that has the call; None: it is over, and nobody's any more."""
        if hasattr(command, "monitor") and not isinstance(command, StartMonitor):
            return self._monitors.get(command.monitor, next(iter(self._pbxs)))  # an earlier life's: any says it is over
        name = self._home(call_of(command))
        if isinstance(command, OfferCall) and name is None:
            name = self._homes[command.call] = command.device.partition(":")[0]
        elif isinstance(command, BeginConsult) and name is not None and self._home(command.consult) is None:
            self._homes[command.consult] = name
        elif isinstance(command, StartMonitor) and name is not None:
            self._monitors[command.monitor] = name
        return name

    def _home(self, call: CallId) -> str | None:
        name, colon, _ = call.partition(":")
        return name if colon and name in self._pbxs else self._homes.get(call)

    def _inside(self, command: Command, name: str) -> Command:
        """The command as its PBX understands it."""
        if isinstance(command, OfferCall | StartMonitor):
            pbx, _, device = command.device.partition(":")
            command = replace(command, device=self._pbxs[name].rings(pbx, device))
        inside: Command = renamed(command, lambda call: CallId(call.removeprefix(f"{name}:")))
        return inside

    # --- events -------------------------------------------------------------------------------------------------------

    def _hear(self, tell: Tell, name: str, event: ev.PbxEvent | ev.AgentRequest) -> None:
        outside = renamed(event, partial(self._outside_name, name))
        if isinstance(outside, ev.PbxFound | ev.PbxLost | ev.CallArrived):
            outside = replace(outside, pbx=name)
        elif isinstance(outside, ev.TalkFound):
            arrival = renamed(outside.arrival, partial(self._outside_name, name))
            outside = replace(outside, arrival=replace(arrival, pbx=name))
        elif isinstance(outside, ev.MonitorEnded):
            self._monitors.pop(outside.monitor, None)
        elif isinstance(outside, OVER):
            self._forget(outside.call)
        tell(outside)

    def _outside_name(self, name: str, call: CallId) -> CallId:
        return call if self._homes.get(call) == name else CallId(named(call, name))

    def _forget(self, call: CallId) -> None:
        """With an own call its consults are over, too."""
        if self._homes.pop(call, None) is not None:
            for consult in [each for each in self._homes if each.startswith(f"{call}+")]:
                del self._homes[consult]


class Together(Mapping[str, int]):
    """Counts of several, as one: what is counted by each name."""

    def __init__(self, counts: Sequence[Mapping[str, int]]) -> None:
        self._counts = counts

    def __getitem__(self, name: str) -> int:
        return sum(each[name] for each in self._counts)

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts[0])

    def __len__(self) -> int:
        return len(self._counts[0])


# --- messages by their fields -----------------------------------------------------------------------------------------


def call_of(command: Any) -> CallId:
    """Whose command it is."""
    return command.call if hasattr(command, "call") else command.offer.call  # type: ignore[no-any-return]


@cache
def _names(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a message that hold a call's id (False) or an offer's (True)."""
    return tuple((each.name, each.type is OfferId) for each in fields(kind) if each.type in (CallId, OfferId))


def renamed(message: Any, rename: Any) -> Any:
    """The same message with every call's name changed, alone and in offers."""
    changes, kind = {}, cast(Hashable, type(message))
    for name, is_offer in _names(kind):
        value = getattr(message, name)
        changes[name] = OfferId(rename(value.call), value.number) if is_offer else rename(value)
    return replace(message, **changes) if changes else message


def _held_inside(held: Held) -> Held:
    """As its PBX knows it."""

    def inside(call: CallId) -> CallId:
        return CallId(call.removeprefix(f"{held.pbx}:"))

    rings = tuple(OfferId(inside(offer.call), offer.number) for offer in held.rings)
    talk = None if held.talk is None else OfferId(inside(held.talk.call), held.talk.number)
    about = None if held.about is None else inside(held.about)
    return replace(held, call=inside(held.call), rings=rings, talk=talk, about=about)
