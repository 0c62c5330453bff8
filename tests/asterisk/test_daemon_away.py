"""The daemon stops and comes back: no caller notices."""

from pathlib import Path

import pytest

from tests.asterisk.house import house
from tests.daemon import Centre
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk

DESK = Centre(agents={"1001": {}})


async def test_caller_waits_on_with_music_and_is_routed_when_the_daemon_is_back(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """The wait counts from the arrival, not from our return."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.client("lead") as lead:
            caller = await at.waiting(seen_by=lead, from_number="13800000001")
        async with at.acd.client("lead") as lead:
            [call] = lead.snapshot["calls"]
        assert await at.acd.stop() == 0
        assert await caller.hears_music()
        await at.acd.start()
        async with at.acd.agents("1001") as [agent]:
            ring = await at.phones[0].ringing()
            assert ring.caller_number == "13800000001"
            assert await caller.hears_music()
            await ring.answer()
            await agent.is_in("talking")
            assert await caller.hears(at.phones[0].tone)
            offer = next(event for event in agent.events if event["type"] == "offer")
            offered_at = next(event["since"] for event in agent.events if event.get("state") == "ringing")
            assert abs(offered_at - offer["waited_ms"] - call["waiting_since"]) < 1000


async def test_phone_answered_while_the_daemon_is_away_is_connected(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The dialplan connects the two, and the daemon that is back knows it."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.agents("1001"):
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
        await at.acd.kill()
        await ring.answer()
        assert await caller.hears(at.phones[0].tone)
        await at.acd.start()
        async with at.acd.client("lead") as lead:
            [call] = lead.snapshot["calls"]
            assert (call["state"], call["agent"]) == ("talking", "1001")
        assert await ring.hears(at.sip.outside.tone)
        await ring.hang_up()
        await caller.ended()


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_phone_that_rings_while_the_daemon_goes_rings_on(boot_pbx: BootPbx, tmp_path: Path, how: str) -> None:
    """And is the same agent's when the daemon is back; the caller hears music through it all."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.agents("1001"):
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
        await (at.acd.stop() if how == "stopped" else at.acd.kill())
        assert await caller.hears_music()
        await at.acd.start()
        async with at.acd.agents("1001", ready=False) as [agent]:
            await ring.answer()
            await agent.is_in("talking")
            assert await caller.hears(at.phones[0].tone)
        assert len(at.phones[0].calls) == 1
