"""Commands for the PBX are queued, never waited for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import trio
from structlog.testing import capture_logs

from acd import events as ev
from acd.commands import Command, KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.cti_adapters import outlet
from acd.ids import OfferId
from acd.notices import PbxChanged, RefusalCode, Refused
from acd.outbox import PbxOutbox
from acd.owner import Step

STEP = Step(0, ev.PbxFound(), 0.0)


async def test_commands_come_out_in_order_and_notices_stay_behind() -> None:
    box = PbxOutbox()
    commands = (
        ReleaseCall("c1"),
        KeepWaiting("c2"),
        WithdrawOffer(OfferId("c3", 1)),
        RefuseCall("c4", RefusalCause.UNKNOWN_ENTRY, ""),
    )
    box.watch((commands[0], PbxChanged(None), *commands[1:]), STEP)
    assert [await box.commands.receive() for _ in commands] == [*commands]
    with pytest.raises(trio.WouldBlock):
        box.commands.receive_nowait()


async def test_what_a_stuck_adapter_does_not_take_is_dropped_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Routing goes on for those whom it can still serve; the log names what was lost."""
    monkeypatch.setattr(outlet, "COMMANDS_MAX", 2)
    box = PbxOutbox()
    with capture_logs() as lines:
        box.watch((ReleaseCall("c1"), ReleaseCall("c2"), ReleaseCall("c3")), STEP)
    assert [box.commands.receive_nowait().call for _ in range(2)] == ["c1", "c2"]
    assert [(line["log_level"], line["command"]) for line in lines] == [("error", repr(ReleaseCall("c3")))]


def test_what_is_obeyed_at_once_is_not_queued_too() -> None:
    taken: list[Command] = []

    def take(commands: Sequence[Command]) -> bool:
        taken.extend(commands)
        return True

    box = PbxOutbox(take)
    box.watch((ReleaseCall("c1"), Refused("ann", RefusalCode.NO_CALL, ""), ReleaseCall("c2")), STEP)
    assert taken == [ReleaseCall("c1"), ReleaseCall("c2")]
    assert box.commands.statistics().current_buffer_used == 0


def test_behind_a_queue_everything_is_queued_so_that_the_order_stays() -> None:
    """The adapter wouldn't obey the first; the second must not overtake it when it would again."""
    asked: list[Sequence[Command]] = []

    def take(commands: Sequence[Command]) -> bool:
        asked.append(commands)
        return len(asked) > 1

    box = PbxOutbox(take)
    for call in ("c1", "c2"):
        box.watch((ReleaseCall(call),), STEP)
    assert len(asked) == 1
    assert [box.commands.receive_nowait() for _ in range(2)] == [ReleaseCall("c1"), ReleaseCall("c2")]
