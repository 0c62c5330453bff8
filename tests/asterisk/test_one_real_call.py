"""One real call, end to end: a SIP caller, Asterisk, our daemon, an agent's SIP phone and client."""

from pathlib import Path

import pytest
import trio

from tests.asterisk.house import answer_if_it_rings, house
from tests.daemon import Centre
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx

pytestmark = pytest.mark.asterisk

DESK = Centre(agents={"1001": {}}, groups={"desk": {"wrap_up_s": 0.5}})


async def test_caller_waits_with_music_talks_and_hangs_up_first(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The agent goes through ringing, talking, wrap-up, and by time to ready; both hear each other."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001", ready=False) as [agent]:
        caller = await at.waiting(from_number="13800000001", name="张三")
        assert await caller.hears_music()
        await agent.does("ready")
        ring = await at.phones[0].ringing()
        assert ring.caller_number == "13800000001"
        offer = await agent.sees("offer")
        assert (offer["caller_number"], offer["caller_name"]) == ("13800000001", "张三")
        await agent.is_in("ringing", call=offer["call"])
        await ring.answer()
        await agent.is_in("talking", call=offer["call"])
        assert await caller.hears(at.phones[0].tone)
        assert await ring.hears(at.sip.outside.tone)
        await caller.hang_up()
        assert await ring.ended() is Ending.FAR_HUNG_UP
        assert (await agent.sees("finished"))["outcome"] == "released-by-caller"
        await agent.is_in("wrap-up")
        await agent.is_in("ready")


async def test_agents_phone_hangs_up_first_and_the_agents_word_ends_wrap_up(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The caller is let go too; wrap-up ends when the agent says so."""
    centre = Centre(agents={"1001": {}}, groups={"desk": {"wrap_up_s": 600}})
    async with house(boot_pbx, centre, tmp_path) as at, at.acd.agents("1001") as [agent]:
        caller = await at.waiting()
        ring = await at.phones[0].ringing()
        await ring.answer()
        await agent.is_in("talking")
        await ring.hang_up()
        assert await caller.ended() is Ending.FAR_HUNG_UP
        assert (await agent.sees("finished"))["outcome"] == "released-by-agent"
        await agent.is_in("wrap-up")
        await agent.does("ready")
        await agent.is_in("ready")


async def test_the_client_releases_the_call(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A release ends both legs."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        caller = await at.waiting()
        ring = await at.phones[0].ringing()
        await ring.answer()
        await agent.is_in("talking")
        await agent.does("release")
        assert await caller.ended() is Ending.FAR_HUNG_UP
        assert await ring.ended() is Ending.FAR_HUNG_UP
        assert (await agent.sees("finished"))["outcome"] == "released-by-agent"


async def test_caller_who_leaves_while_waiting_rings_nobody(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The call counts as abandoned, and an agent who becomes ready stays ready."""
    async with (
        house(boot_pbx, DESK, tmp_path) as at,
        at.acd.client("lead") as lead,
        at.acd.agents("1001", ready=False) as [agent],
    ):
        caller = await at.waiting()
        await lead.sees("call", state="waiting")
        await caller.hang_up()
        assert (await lead.sees("finished"))["outcome"] == "abandoned"
        await agent.does("ready")
        await agent.is_in("ready")
        assert at.phones[0].calls == []


async def test_caller_who_leaves_while_it_rings_stops_the_ringing(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The phone gets a CANCEL, and the agent is ready as before."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        caller = await at.waiting()
        ring = await at.phones[0].ringing()
        await agent.is_in("ringing")
        await caller.hang_up()
        await ring.cancelled()
        assert (await agent.sees("offer_ended"))["how"] == "withdrawn"
        await agent.is_in("ready")


async def test_caller_who_leaves_in_the_second_of_answering_leaves_no_ghost(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Whoever was quicker: the agent's phone ends, and the agent takes the next call."""
    async with house(boot_pbx, DESK, tmp_path) as at, at.acd.agents("1001") as [agent]:
        for _ in range(10):
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
            async with trio.open_nursery() as at_once:
                at_once.start_soon(caller.hang_up)
                at_once.start_soon(answer_if_it_rings, ring)
            await ring.ended()
            await agent.is_in("ready")


async def test_every_answer_of_a_phone_has_its_reason(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Rejecting, busy and unreachable phones make not ready, each with its reason, and the call goes on."""
    agents = {"1001": {}, "1002": {}, "1003": {}, "1004": {}}
    async with (
        house(boot_pbx, Centre(agents=agents), tmp_path) as at,
        at.acd.agents(*agents) as [rejects, is_busy, is_gone, answers],
    ):
        await at.phones[2].unregister()
        caller = await at.waiting(from_number="13900000009")
        ring = await at.phones[0].ringing()
        await ring.reject(603)
        await rejects.is_in("not-ready", reason="rejected")
        ring = await at.phones[1].ringing()
        await ring.reject(486)
        await is_busy.is_in("not-ready", reason="busy")
        await is_gone.is_in("not-ready", reason="device-unavailable")
        ring = await at.phones[3].ringing()
        assert ring.caller_number == "13900000009"
        assert await caller.hears_music()
        await ring.answer()
        await answers.is_in("talking")
        assert await caller.hears(at.phones[3].tone)
