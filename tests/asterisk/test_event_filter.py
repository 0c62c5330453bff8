"""What the shipped event filter lets through of a call, as /metrics counts it, and when a change of it counts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.asterisk.house import house
from tests.asterisk.manager import by_hand, change_account
from tests.asterisk.scripted_core import acd_pbx
from tests.daemon import Centre, Daemon, http_get
from tests.pbx.fixtures import BootPbx
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

DESK = Centre(agents={"1001": {}}, groups={"desk": {"wrap_up_s": 0.1}})


async def counted(acd: Daemon) -> dict[str, float]:
    page = (await http_get(acd.address, "/metrics")).decode()
    return {name: float(count) for name, count in re.findall(r'acd_ami_events_total\{event="(\w+)"\} (\S+)', page)}


async def test_a_call_costs_six_events(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """It waits, is answered, is claimed, ends: five words of our dialplan, and the end of one ringing; and the phone's
    hang-up, if it is the phone's."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        before = await counted(at.acd)
        assert before["other"] <= 3, "the list by which the dialplan was looked for"
        for by_phone in (False, True):
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
            await ring.answer()
            await agent.is_in("talking")
            await (ring if by_phone else caller).hang_up()
            await agent.is_in("ready")
        after = await counted(at.acd)
    assert after["other"] == before["other"]
    assert after["OriginateResponse"] == 2
    assert after["UserEvent"] <= 2 * 5
    assert after["HangupRequest"] == 1


async def test_who_is_logged_in_keeps_the_filter_of_the_login(boot_pbx: BootPbx) -> None:
    """So after a change of it the daemon is to be restarted, as operations.md and the doctor say."""
    async with boot_pbx(acd_pbx()) as pbx, telephones(pbx) as sip, by_hand(pbx) as old:
        await change_account(pbx, {"\neventfilter": "\n;eventfilter"})
        async with by_hand(pbx) as new:
            caller = await sip.dial("8001")
            await caller.answered()
            for manager, hears in ((old, False), (new, True)):
                await manager.ask("Ping")
                assert (b"Event: Newchannel" in manager.heard) is hears
