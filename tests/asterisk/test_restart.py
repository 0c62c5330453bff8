"""The daemon is killed and starts again: callers, rings, talks and agents are as they were, and so is the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.asterisk.house import House, finish, house
from tests.daemon import Centre, Client
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall

pytestmark = pytest.mark.asterisk

DESK = Centre(agents={"1001": {}, "1002": {}}, groups={"desk": {"wrap_up_s": 600}})


@asynccontextmanager
async def talk(at: House, agent: Client, caller: OutgoingCall, place: int = 0) -> AsyncIterator[IncomingCall]:
    """The agent's phone has answered the caller; in the end both have heard each other all the time."""
    ring = await at.phones[place].ringing()
    await ring.answer()
    await agent.is_in("talking")
    assert await caller.hears(at.phones[place].tone)
    yield ring
    assert await caller.hears(at.phones[place].tone)
    assert await ring.hears(at.sip.outside.tone)


def state(client: Client) -> tuple[str, str]:
    """What the agent is, as its client is told at the log-in."""
    [agent] = client.snapshot["agents"]
    return agent["state"], agent["reason"]


LINE = Centre(
    agents={"1001": {"desk": 5, "claims": 5}, "1002": {"claims": 5}},
    groups={group: {"needs": {group: 1}, "wrap_up_s": 600} for group in ("desk", "claims")},
    entries={
        "8001": {"group": "desk"},
        "8002": {"group": "desk", "tier": 1},
        "8003": {"group": "desk", "tier": 2},
        "8004": {"group": "desk", "credit_s": 300},
        "8005": {"group": "claims", "tier": 1},
    },
)
DIALLED = ["8001", "8005", "8001", "8003", "8002", "8004", "8001", "8001", "8003", "8002", "8004", "8005"]
SERVED = [2, 1, 4, 9, 5, 10, 12, 6, 11, 3, 7, 8]
"""The first two were declined; then by tier; then by wait, credit included."""


async def test_the_order_of_service_is_what_it_would_have_been(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Twelve wait: returned calls, tiers, credit and arrival decide. The daemon is killed before, and once between."""
    async with house(boot_pbx, LINE, tmp_path) as at:
        async with at.acd.client("lead") as lead, at.acd.agents("1001", "1002", ready=False) as agents:
            for n, number in enumerate(DIALLED):
                if n < 2:
                    await agents[n].does("ready")
                await at.waiting(number, seen_by=lead, from_number=f"138000000{n + 1:02}")
                if n < 2:
                    await (await at.phones[n].ringing()).reject(603)
                    await agents[n].is_in("not-ready", reason="rejected")
            await at.acd.kill()
        served: list[int] = []
        for some in (5, 7):
            await at.acd.start()
            async with at.acd.agents("1001") as [agent]:
                for _ in range(some):
                    ring = await at.phones[0].ringing()
                    await ring.answer()
                    await agent.is_in("talking")
                    served.append(int(ring.caller_number[-2:]))
                    if len(served) == 5:
                        await ring.hang_up()
                        await agent.is_in("wrap-up")
                        await at.acd.kill()
                    else:
                        await finish(ring, agent)
        assert served == SERVED


async def test_a_ring_rings_on_and_is_answered(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The caller hears music through it all; nobody is rung twice."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.agents("1001"):
            caller = await at.waiting(from_number="13800000007")
            ring = await at.phones[0].ringing()
            await at.acd.kill()
        assert await caller.hears_music()
        await at.acd.start()
        async with at.acd.client("lead") as lead, at.acd.agents("1001", ready=False) as [agent]:
            assert state(agent) == ("ringing", "")
            [call] = lead.snapshot["calls"]
            assert (call["state"], call["agent"], call["caller_number"]) == ("offered", "1001", "13800000007")
            await ring.answer()
            await agent.is_in("talking")
            assert await caller.hears(at.phones[0].tone)
            await caller.hang_up()
            await agent.is_in("wrap-up")
            finished = await lead.sees("finished", call=call["call"])
            assert (finished["outcome"], finished["agent"]) == ("released-by-caller", "1001")
        assert len(at.phones[0].calls) == 1


@pytest.mark.parametrize("how", ["declined", "rings out", "the caller leaves"])
async def test_a_ring_that_rings_on_may_end_in_vain(boot_pbx: BootPbx, tmp_path: Path, how: str) -> None:
    """As it would have: the reason is right, and the call is offered to the next."""
    centre = Centre(agents=DESK.agents, groups={"desk": {"ring_s": 3 if how == "rings out" else 20}})
    async with house(boot_pbx, centre, tmp_path) as at:
        async with at.acd.agents("1001"):
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
            await at.acd.kill()
        await at.acd.start()
        async with at.acd.client("lead") as lead, at.acd.agents("1001", "1002", ready=False) as agents:
            if how == "the caller leaves":
                await caller.hang_up()
                await ring.cancelled()
                await agents[0].is_in("ready")
                assert (await lead.sees("finished"))["outcome"] == "abandoned"
                return
            await agents[1].does("ready")
            if how == "declined":
                await ring.reject(603)
            await agents[0].is_in("not-ready", reason="rejected" if how == "declined" else "no-answer")
            await (await at.phones[1].ringing()).answer()
            await agents[1].is_in("talking")


async def test_what_happened_meanwhile_is_taken_in(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """A phone has answered, one has declined; a talk was ended by its agent, one by its caller; one who waited left."""
    agents = {f"100{n}": {} for n in range(1, 5)}
    async with house(boot_pbx, Centre(agents=agents, groups=DESK.groups), tmp_path) as at:
        async with at.acd.client("lead") as lead, at.acd.agents(*agents) as clients:
            callers, rings = [], []
            for n in range(4):
                callers.append(await at.waiting(seen_by=lead, from_number=f"1380000000{n}"))
                rings.append(await at.phones[n].ringing())
            for n in (2, 3):
                await rings[n].answer()
                await clients[n].is_in("talking")
            leaves = await at.waiting(seen_by=lead, from_number="13800000004")
            waits = await at.waiting(seen_by=lead, from_number="13800000005")
            await at.acd.kill()
        await rings[0].answer()
        await rings[1].reject(603)
        await rings[2].hang_up()
        await callers[3].hang_up()
        await leaves.hang_up()
        assert await callers[0].hears(at.phones[0].tone)
        await at.acd.start()
        async with at.acd.client("lead") as lead, at.acd.agents(*agents, ready=False) as clients:
            assert [state(client)[0] for client in clients] == ["talking", "not-ready", "wrap-up", "wrap-up"]
            calls = {call["caller_number"][-1]: (call["state"], call["agent"]) for call in lead.snapshot["calls"]}
            assert calls == {"0": ("talking", "1001"), "1": ("waiting", None), "5": ("waiting", None)}
            assert await callers[2].ended() is Ending.FAR_HUNG_UP
            assert await waits.hears_music()
            await rings[0].hang_up()
            await clients[0].is_in("wrap-up")
            assert (await lead.sees("finished", agent="1001"))["outcome"] == "released-by-agent"
            await clients[0].does("ready")
            assert (await at.phones[0].ringing()).caller_number == "13800000001"


async def test_agents_are_what_they_were_when_their_clients_return(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Talking, in wrap-up, ready, not ready for the same reason; who doesn't return is away when the grace is over."""
    people = ["1001", "1002", "1003", "1004", "1005"]
    centre = Centre(agents={each: {} for each in people}, groups=DESK.groups, tables="[routing]\nclient_grace_s = 3")
    async with house(boot_pbx, centre, tmp_path) as at:
        async with at.acd.agents(*people, ready=False) as clients:
            talks, wraps_up, on_break, ready, away = clients
            callers = []
            for n, client in enumerate((talks, wraps_up)):
                await client.does("ready")
                callers.append(await at.waiting())
                ring = await at.phones[n].ringing()
                await ring.answer()
                await client.is_in("talking")
            await callers[1].hang_up()
            await wraps_up.is_in("wrap-up")
            await on_break.does("not_ready", reason="lunch")
            for client in (ready, away):
                await client.does("ready")
                await client.is_in("ready")
            await at.acd.kill()
        await at.acd.start()
        async with at.acd.client("lead") as lead, at.acd.agents(*people[:4], ready=False) as clients:
            seen = [("talking", ""), ("wrap-up", ""), ("not-ready", "lunch"), ("ready", "")]
            assert [state(client) for client in clients] == seen
            await lead.sees("agent", agent="1005", state="not-ready", reason="connection-lost")
            [call] = lead.snapshot["calls"]
            assert await callers[0].hears(at.phones[0].tone)
            await clients[0].does("release")
            await clients[0].is_in("wrap-up")
            finished = await lead.sees("finished", call=call["call"])
            assert (finished["outcome"], finished["agent"]) == ("released-by-agent", "1001")
            assert await callers[0].ended() is Ending.FAR_HUNG_UP


async def test_begun_empty_on_purpose_nothing_breaks(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Who waits is found; a talk goes on and ends; a phone that rings for nobody whom we know rings no more."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.client("lead") as lead, at.acd.agents("1001") as [agent]:
            talker = await at.waiting(seen_by=lead)
            async with talk(at, agent, talker) as ring, at.acd.agents("1002"):
                await at.waiting(seen_by=lead, from_number="13800000002")
                rings = await at.phones[1].ringing()
                await at.acd.kill()
                await at.acd.start("--fresh")
                await rings.cancelled()
        async with at.acd.agents("1002") as [agent]:
            again = await at.phones[1].ringing()
            assert again.caller_number == "13800000002"
            await ring.hang_up()
            await talker.ended()


async def test_other_rules_in_the_file_hold_for_what_is_taken_up(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The daemon was dead, the file was edited: tiers, and an agent gone from it, whose talk goes on."""
    async with house(boot_pbx, LINE, tmp_path) as at:
        async with at.acd.client("lead") as lead, at.acd.agents("1002") as [agent]:
            talker = await at.waiting("8005", seen_by=lead)
            async with talk(at, agent, talker, place=1) as ring:
                await at.waiting("8001", seen_by=lead, from_number="13800000001")
                await at.waiting("8004", seen_by=lead, from_number="13800000004")
                await at.acd.kill()
                text = at.acd.config.read_text()
                text = text.replace('number = "8001"', 'number = "8001"\ntier = 9')
                before, agents, after = text.partition('[[agents]]\nid = "1002"')
                at.acd.config.write_text(before + after[after.index("[[supervisors]]") :])
                assert agents
                await at.acd.start()
        async with at.acd.agents("1001"):
            assert (await at.phones[0].ringing()).caller_number == "13800000001"
        await ring.hang_up()
        await talker.ended()


async def test_a_caller_on_hold_is_still_on_hold_and_is_retrieved(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Music for the caller, silence for the agent, through the daemon's death."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.agents("1001") as [agent]:
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
            await ring.answer()
            await agent.is_in("talking")
            assert await caller.hears(at.phones[0].tone)
            await agent.does("hold")
            assert await caller.hears_music()
            await at.acd.kill()
        await at.acd.start()
        async with at.acd.agents("1001", ready=False) as [agent]:
            assert state(agent) == ("talking", "")
            assert await caller.hears_music()
            await agent.does("retrieve")
            assert await caller.hears(at.phones[0].tone)
            await ring.hang_up()
            await agent.is_in("wrap-up")
        await caller.ended()


@pytest.mark.parametrize("answered", ["before", "meanwhile", "after"])
async def test_a_consult_goes_on(boot_pbx: BootPbx, tmp_path: Path, answered: str) -> None:
    """Ringing or answered: the party is the same agent, and the agent comes back to the caller."""
    async with house(boot_pbx, DESK, tmp_path) as at:
        async with at.acd.agents("1001", "1002") as [agent, party]:
            caller = await at.waiting()
            ring = await at.phones[0].ringing()
            await ring.answer()
            await agent.is_in("talking")
            await agent.does("consult", to="agent:1002")
            asked = await at.phones[1].ringing()
            if answered == "before":
                await asked.answer()
                await party.is_in("talking")
            await at.acd.kill()
        if answered == "meanwhile":
            await asked.answer()
        await at.acd.start()
        async with at.acd.agents("1001", "1002", ready=False) as [agent, party]:
            if answered == "after":
                assert state(party) == ("ringing", "")
                await asked.answer()
                await party.is_in("talking")
            assert await ring.hears(at.phones[1].tone)
            assert await caller.hears_music()
            await agent.does("reconnect")
            assert await caller.hears(at.phones[0].tone)
            await asked.ended()
            await party.is_in("ready")
            await ring.hang_up()
            await agent.is_in("wrap-up")
