"""The port between the core and a PBX: events out, commands in. An adapter decides nothing."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import trio

from acd.calls import Call, CallKind, CallState
from acd.commands import Command
from acd.events import AgentRequest, PbxEvent, PhoneState
from acd.ids import AgentId, CallId, OfferId
from acd.messages import message
from acd.rules import DestinationKind

NUMBER = DestinationKind.NUMBER


@message
class Held:
    """A call that the core holds from an earlier life: `state`, the offers that ring, and the one that talks."""

    call: CallId
    state: CallState
    rings: tuple[OfferId, ...] = ()
    talk: OfferId | None = None
    about: CallId | None = None
    """Of a consult: the call that it belongs to, which is told before it."""
    is_dialled: bool = False
    """Whether its caller is a number that the PBX dials, or has dialled: an outgoing call, a consult with one."""
    is_awaited: bool = False
    """Whether that number hasn't answered yet."""
    pbx: str = ""
    """Where it is, if there are several PBXs."""


def held(calls: Iterable[Call]) -> list[Held]:
    """What an adapter is told of the core's calls."""
    return [
        Held(
            call.id,
            call.state,
            tuple(offer.id for offer in call.offers),
            call.talk.id if call.talk else None,
            call.about.id if call.about else None,
            call.kind is CallKind.OUTGOING or (call.asked_to is not None and call.asked_to.kind is NUMBER),
            bool(call.number),
            call.arrival.pbx,
        )
        for call in calls
    ]


class Tell(Protocol):
    """Hand an event to the core. Never blocks, never fails; events are handled in the order told.

    Only a PBX with people of its own, a simulated one, tells agents' requests.
    """

    def __call__(self, event: PbxEvent | AgentRequest) -> None: ...


class PbxAdapter(Protocol):
    """One PBX.

    `run` lives as long as the daemon. It keeps the PBX linked by itself and tells `PbxFound` whenever it can be
    driven, `PbxLost` with the reason when it can't (once for each change); it raises only for bugs. Before each
    `PbxFound` it tells what happened meanwhile: `CallArrived` for every caller that waits (known or not),
    `CallerLeft` for every known call that is gone, `SentElsewhere` for every call that has gone where it was sent
    (one that still waits is told as `CallArrived`, and the core sends it again), how each offer made before has
    ended, if it has, and `PhoneChanged` for every agent's phone that isn't as it was told last.

    Commands that come while the PBX is lost are dropped: the core repeats what still matters. It returns when
    `commands` is closed by the other side, and leaves every call of the PBX as it is.
    """

    def adopt(self, calls: Sequence[Held]) -> None:
        """Take these calls, which an earlier life made or found, for known ones. Called before `run`, or never.

        So the first `PbxFound` is one after an absence: what became of these calls and their offers is told before it.
        """
        ...

    async def run(self, tell: Tell, commands: trio.MemoryReceiveChannel[Command]) -> None: ...

    def obey(self, commands: Sequence[Command]) -> bool:
        """Take the commands of one step here and now, without waiting; False: they shall come by `commands`."""
        ...

    def follow_phones(self, devices: Mapping[AgentId, str], known: Mapping[AgentId, PhoneState]) -> None:
        """These are the agents' phones from now: called before `run`, and whenever other rules hold.

        `known` are those that the core doesn't take for free at the beginning. `PhoneChanged` is told of what is
        otherwise, and of a phone that an agent didn't have before however it is.
        """
        ...
