"""An agent who doesn't answer becomes not ready, and the caller goes on ahead of the whole line."""

from pathlib import Path

import pytest

from tests.asterisk.house import finish, house
from tests.daemon import Centre
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk

RING_S = 1.0
GROUPS = {"desk": {"ring_s": RING_S}, "other": {"needs": {"other": 1}}}
ENTRIES = {"8001": {"group": "desk"}}


async def test_unanswered_ring_makes_not_ready_and_the_next_agent_rings_at_once(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """The caller hears music on; the silent phone is cancelled; the second agent talks with the caller."""
    centre = Centre(agents={"1001": {}, "1002": {}}, groups=GROUPS, entries=ENTRIES)
    async with house(boot_pbx, centre, tmp_path) as at, at.acd.agents("1001", "1002") as [silent, prompt]:
        caller = await at.waiting(from_number="13800000001")
        ring = await at.phones[0].ringing()
        assert await caller.hears_music()
        await silent.is_in("not-ready", reason="no-answer")
        second = await at.phones[1].ringing()
        await ring.cancelled()
        assert second.caller_number == "13800000001"
        gap_s = second.times.invite_at - ring.times.invite_at
        assert RING_S - 0.1 < gap_s < RING_S + 1  # the first INVITE of all may take some ms longer than the second
        await second.answer()
        await prompt.is_in("talking")
        assert await caller.hears(at.phones[1].tone)


async def test_returned_call_goes_ahead_of_those_that_waited_less_and_longer(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A caller with credit (who counts as waiting longer) and one who came later both stand behind the returned one."""
    vip = '[[vip_classes]]\nname = "patient"\ncredit_s = 600\nnumbers = ["13800000009"]'
    centre = Centre(agents={"1001": {}, "1002": {}}, groups=GROUPS, entries=ENTRIES, tables=vip)
    async with (
        house(boot_pbx, centre, tmp_path) as at,
        at.acd.client("lead") as lead,
        at.acd.agents("1001", "1002", ready=False) as [silent, prompt],
    ):
        await at.waiting(seen_by=lead, from_number="13800000001")
        await silent.does("ready")
        assert (await at.phones[0].ringing()).caller_number == "13800000001"
        await at.waiting(seen_by=lead, from_number="13800000009")
        await at.waiting(seen_by=lead, from_number="13800000002")
        await silent.is_in("not-ready", reason="no-answer")
        assert (await lead.sees("call", returned=True))["caller_number"] == "13800000001"
        served = []
        await prompt.does("ready")
        for _ in range(3):
            ring = await at.phones[1].ringing()
            served.append(ring.caller_number)
            await ring.answer()
            await prompt.is_in("talking")
            await finish(ring, prompt)
        assert served == ["13800000001", "13800000009", "13800000002"]


async def test_supervisor_forces_the_agent_ready_again(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The forced agent is rung at once for the caller who waits; who forced is shown."""
    centre = Centre(agents={"1001": {}}, groups=GROUPS, entries=ENTRIES)
    async with (
        house(boot_pbx, centre, tmp_path) as at,
        at.acd.client("lead") as lead,
        at.acd.agents("1001") as [agent],
    ):
        caller = await at.waiting()
        await at.phones[0].ringing()
        await agent.is_in("not-ready", reason="no-answer")
        await lead.does("force_ready", agent="1001")
        assert (await agent.is_in("ready"))["by"] == "lead"
        ring = await at.phones[0].ringing()
        await ring.answer()
        await agent.is_in("talking")
        await lead.does("force_not_ready", agent="1001")
        pending = await agent.sees("agent", state="talking")
        assert pending["pending"] == {"state": "not-ready", "reason": "forced", "by": "lead"}
        await lead.does("force_release", agent="1001")
        await caller.ended()
        assert (await agent.sees("finished"))["outcome"] == "released-by-supervisor"
