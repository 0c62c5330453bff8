"""Commands for the PBX are queued, never waited for."""

from __future__ import annotations

import pytest
import trio
from structlog.testing import capture_logs

from acd import events as ev
from acd import outbox
from acd.commands import KeepWaiting, RefusalCause, RefuseCall, ReleaseCall, WithdrawOffer
from acd.ids import OfferId
from acd.notices import PbxChanged
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
    monkeypatch.setattr(outbox, "COMMANDS_MAX", 2)
    box = PbxOutbox()
    with capture_logs() as lines:
        box.watch((ReleaseCall("c1"), ReleaseCall("c2"), ReleaseCall("c3")), STEP)
    assert [box.commands.receive_nowait().call for _ in range(2)] == ["c1", "c2"]
    assert [(line["log_level"], line["command"]) for line in lines] == [("error", repr(ReleaseCall("c3")))]
