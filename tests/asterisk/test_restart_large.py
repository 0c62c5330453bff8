"""A busy centre whose daemon is killed time and again: no dialog is lost, the order stays, and it routes on."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import trio

from tests.asterisk.house import House, house
from tests.daemon import Centre, Client
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall, answering
from tests.pbx.outgoing import OutgoingCall

pytestmark = pytest.mark.asterisk

TALKING, WAITING, KILLS = 20, 50, 5
WRAP_UP_S = 1.0
ROUTES_S_MAX = 8.0
"""Generous: the machine is shared. docs/figures.md has what was measured."""
PEOPLE = [str(1001 + n) for n in range(TALKING + 1)]
CENTRE = Centre(
    agents={agent: {"desk": 5} for agent in PEOPLE},
    groups={"desk": {"needs": {"desk": 1}, "wrap_up_s": WRAP_UP_S}},
    tables="[routing]\nclient_grace_s = 300",
)


Talk = tuple[OutgoingCall, str, IncomingCall]
"""The caller, the agent, and the call at the agent's phone."""


async def test_fifty_wait_and_twenty_talk_through_five_kills(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """The one agent who isn't talking serves the line: rung once before the first kill, and then after each start."""
    async with house(boot_pbx, CENTRE, tmp_path, rtp=False) as at:
        async with at.acd.client("lead") as lead, at.acd.agents(*PEOPLE[:TALKING]):
            talks = await _talks(at, lead)
            async with at.acd.agents(PEOPLE[-1]):
                line = [await _waits(at, lead, n) for n in range(WAITING)]
                await at.acd.kill()
        took = [await _one_life(at, line) for _ in range(KILLS)][1:]
        print(f"from start to first ring, s: {[round(each, 2) for each in took]}")  # noqa: T201 - a figure
        await at.acd.start()
        await _all_are_there(at, talks, line)
    assert max(took) < ROUTES_S_MAX


async def _talks(at: House, lead: Client) -> list[Talk]:
    talks = []
    for n in range(TALKING):
        at.phones[n].behaviour = answering()
        caller = await at.sip.dial("8001", from_number=f"1390000{n:04}")
        await lead.sees("connected")
        [phone] = [phone for phone in at.phones if phone.calls and phone.calls[-1].caller_number == f"1390000{n:04}"]
        talks.append((caller, phone.number, phone.calls[-1]))
    return talks


async def _waits(at: House, lead: Client, n: int) -> OutgoingCall:
    return await at.waiting(seen_by=lead, from_number=f"1380000{n:04}")


async def _one_life(at: House, line: list[OutgoingCall]) -> float:
    """Start, let the last agent serve the first in the line, and die in the wrap-up; the time until the phone rang."""
    begun = time.monotonic()
    await at.acd.start()
    ring = await at.phones[-1].ringing()
    took = ring.times.invite_at - begun
    served = int(ring.caller_number) - 13800000000
    async with at.acd.client("lead") as lead:
        assert served == WAITING - len(line), "not the first in the line"
        states = [call["state"] for call in lead.snapshot["calls"]]
        assert (states.count("talking"), states.count("waiting")) == (TALKING, len(line) - 1)
        await ring.answer()
        await lead.sees("connected", agent=PEOPLE[-1])
        await ring.hang_up()
        await lead.sees("finished", agent=PEOPLE[-1])
        await at.acd.kill()
    await line.pop(0).ended()
    await trio.sleep(WRAP_UP_S)  # it is over when the next life begins
    return took


async def _all_are_there(at: House, talks: list[Talk], line: list[OutgoingCall]) -> None:
    """Every talk is the same agent's and ends as one; whoever still waits is served in order."""
    ring = await at.phones[-1].ringing()
    assert int(ring.caller_number) == 13800000000 + WAITING - len(line)
    assert not any(caller._over.is_set() for caller in line)
    async with at.acd.client("lead") as lead:
        there = {call["caller_number"]: call["agent"] for call in lead.snapshot["calls"] if call["state"] == "talking"}
        assert len(there) == TALKING
        for n, (caller, agent, phone) in enumerate(talks):
            assert caller.is_talking
            assert phone.is_talking
            assert there[f"1390000{n:04}"] == agent
            await phone.hang_up()
            assert (await lead.sees("finished", agent=agent))["outcome"] == "released-by-agent"
            await caller.ended()
