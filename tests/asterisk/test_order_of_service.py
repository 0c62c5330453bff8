"""Who is served by whom, and in which order, on real phones."""

from pathlib import Path

import pytest

from tests.asterisk.house import finish, first_ring, house
from tests.daemon import Centre
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk

GROUPS = {
    "tickets": {"needs": {"tickets": 1}, "wrap_up_s": 600},
    "timetable": {"needs": {"timetable": 1}, "wrap_up_s": 600},
    "claims": {"needs": {"claims": 5}, "wrap_up_s": 600},
}
ENTRIES = {
    "8001": {"group": "tickets"},
    "8002": {"group": "timetable"},
    "8003": {"group": "claims"},
    "8004": {"group": "tickets", "needs": {"english": 3}},
    "8005": {"group": "tickets", "tier": 1},
    "8006": {"group": "tickets", "credit_s": 300},
}
AGENTS = {
    "1001": {"tickets": 5},
    "1002": {"tickets": 3, "timetable": 5, "english": 5},
    "1003": {"claims": 7, "english": 9},
}


async def test_six_callers_of_different_needs_and_tiers_reach_three_agents_in_order(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """All wait first; then each agent becomes ready and serves the first in the order whom the agent may serve."""
    vip = '[[vip_classes]]\nname = "gold"\ntier = 2\nnumbers = ["13800000005"]'
    centre = Centre(agents=AGENTS, groups=GROUPS, entries=ENTRIES, tables=vip)
    async with (
        house(boot_pbx, centre, tmp_path) as at,
        at.acd.client("lead") as lead,
        at.acd.agents(*AGENTS, ready=False) as clients,
    ):
        numbers = ["8001", "8002", "8003", "8004", "8005", "8006", "8001"]
        callers = [f"1380000000{n}" for n in (1, 2, 3, 4, 6, 7, 5)]
        for number, caller in zip(numbers, callers, strict=True):
            await at.waiting(number, seen_by=lead, from_number=caller)

        async def served_by(agent: int, first: bool = False) -> str:
            if first:
                await clients[agent].does("ready")
            ring = await at.phones[agent].ringing()
            await ring.answer()
            await clients[agent].is_in("talking")
            await finish(ring, clients[agent])
            return ring.caller_number

        # tier 2, tier 1, then by wait and credit; 1001 knows neither English nor timetables nor claims
        assert await served_by(0, first=True) == "13800000005"
        assert [await served_by(0) for _ in range(3)] == ["13800000006", "13800000007", "13800000001"]
        # 1002 knows timetables and English; the claims caller is beyond both
        assert [await served_by(1, first=True), await served_by(1)] == ["13800000002", "13800000004"]
        assert await served_by(2, first=True) == "13800000003"
        assert [len(phone.calls) for phone in at.phones] == [4, 2, 1]


async def test_longest_idle_agent_rings_and_no_two_get_the_same_call(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Three callers, three idle agents: each phone rings with its caller's number, in the order of idling."""
    agents: dict[str, dict[str, int]] = {"1001": {}, "1002": {}, "1003": {}}
    async with house(boot_pbx, Centre(agents=agents), tmp_path) as at:
        async with at.acd.agents("1003", "1001", "1002") as clients:
            for n in range(3):
                await at.waiting(from_number=f"1390000000{n}")
                ring = await first_ring(at.phones)
                await ring.answer()
                await clients[n].is_in("talking")
            numbers = [phone.calls[0].caller_number for phone in (at.phones[2], at.phones[0], at.phones[1])]
            assert numbers == ["13900000000", "13900000001", "13900000002"]
            assert [len(phone.calls) for phone in at.phones] == [1, 1, 1]
