"""The link breaks again and again, is silent, or Asterisk itself is gone: nothing is lost, nothing is stuck."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from tests.asterisk.house import House, adapter_toml, first_ring, house
from tests.asterisk.relay import Relay, relay_to
from tests.asterisk.scripted_core import SECRET, acd_pbx
from tests.daemon import Centre, Client, daemon, http_status, until_true
from tests.pbx.call import Ending
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import answering
from tests.pbx.loopback import AMI_PORT
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.phone import telephones

pytestmark = pytest.mark.asterisk

PEOPLE = ["1001", "1002", "1003", "1004"]
CENTRE = Centre(agents={each: {} for each in PEOPLE}, groups={"desk": {"wrap_up_s": 0}})
CUTS, KILLS = 20, 8
WAITING_MAX = 40
"""More callers at once would make Asterisk slow where the machine is busy, and the daemon's next start later still."""
LATE_S = 0.5


@asynccontextmanager
async def wired(boot_pbx: BootPbx, folder: Path, answer_s_max: float = 5.0) -> AsyncIterator[tuple[House, Relay]]:
    """A house whose daemon is linked by way of a relay."""
    async with boot_pbx(acd_pbx(phones=len(PEOPLE))) as pbx, telephones(pbx, rtp=False) as sip:
        phones = [await sip.phone(agent) for agent in PEOPLE]
        async with relay_to(pbx.address, AMI_PORT) as wire:
            toml = f'adapter = "asterisk"\n[asterisk]\nhost = "127.0.0.1"\nport = {wire.port}\nsecret = "{SECRET}"\n'
            assert toml.split("\n")[0] in adapter_toml(pbx)
            async with daemon(CENTRE, f"{toml}answer_s_max = {answer_s_max}", folder) as acd:
                yield House(pbx, sip, acd, phones), wire


async def _stay_ready(client: Client) -> None:
    """An agent who wants to work, whatever happens to a ring."""
    if client.snapshot["agents"][0]["state"] == "not-ready":
        await client.does("ready")
    while True:
        await client.is_in("not-ready", within_s=float("inf"))
        await client.ask("ready")


@asynccontextmanager
async def dialling(at: House, callers: list[OutgoingCall]) -> AsyncIterator[None]:
    """Callers come, one after the other, for the length of the block; in the end all have been served."""
    is_over = trio.Event()

    async def dial() -> None:
        while not is_over.is_set():
            if sum(caller.ending is None for caller in callers) < WAITING_MAX:
                callers.append(await at.waiting(from_number=f"1380000{len(callers):04}"))
            await trio.sleep(0.06)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(dial)
        yield
        is_over.set()


async def test_calls_come_and_go_through_twenty_cuts(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Each caller talks with exactly one agent, and nobody is rung before one who came earlier."""
    callers: list[OutgoingCall] = []
    async with wired(boot_pbx, tmp_path) as (at, wire), at.acd.agents(*PEOPLE, ready=False) as clients:
        for phone in at.phones:
            phone.behaviour = answering(0.05, talk_s=0.25)
        async with trio.open_nursery() as nursery:
            for client in clients:
                nursery.start_soon(_stay_ready, client)
            async with dialling(at, callers):
                for n in range(CUTS):
                    await trio.sleep(0.02 * (n % 7))
                    links = _links(at)
                    await wire.cut()
                    await until_true(lambda: _linked_again(at, links), True)  # noqa: B023 - awaited in the same turn
            for caller in callers:
                assert await caller.ended(within_s=30) is Ending.FAR_HUNG_UP
            nursery.cancel_scope.cancel()
        _check(at, wire, len(callers))


async def test_calls_come_and_go_while_the_daemon_is_killed_again_and_again(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """At any instant: each caller talks with exactly one agent, in order, and agents' clients come back to work."""
    callers: list[OutgoingCall] = []
    async with wired(boot_pbx, tmp_path) as (at, wire):
        for phone in at.phones:
            phone.behaviour = answering(0.05, talk_s=0.25)
        async with dialling(at, callers):
            for n in range(KILLS):
                async with at.acd.agents(*PEOPLE, ready=False) as clients:
                    async with trio.open_nursery() as nursery:
                        for client in clients:
                            nursery.start_soon(_stay_ready, client)
                        await trio.sleep(0.3 + 0.037 * n)
                        nursery.cancel_scope.cancel()
                    await at.acd.kill()
                await at.acd.start()
        async with at.acd.agents(*PEOPLE, ready=False) as clients, trio.open_nursery() as nursery:
            for client in clients:
                nursery.start_soon(_stay_ready, client)
            for caller in callers:
                assert await caller.ended(within_s=30) is Ending.FAR_HUNG_UP
            nursery.cancel_scope.cancel()
        _check(at, wire, len(callers))


def _links(at: House) -> int:
    return sum(line.get("event") == "pbx found" for line in at.acd.logged())


async def _linked_again(at: House, before: int) -> bool:
    return _links(at) > before


def _check(at: House, wire: Relay, came: int) -> None:
    calls = [call for phone in at.phones for call in phone.calls]
    talked = Counter(call.caller_number for call in calls if call.times.ack_at and call.status == 200)
    assert talked == {f"1380000{n:04}": 1 for n in range(came)}
    rung: dict[str, float] = {}
    for call in sorted(calls, key=lambda call: call.times.invite_at):
        rung.setdefault(call.caller_number, call.times.invite_at)
    _check_order(wire.calls_asked_for(), rung)


def _check_order(asked: list[tuple[int, str]], rung: dict[str, float]) -> None:
    """Asterisk was asked to ring for each caller before it was asked for the next.

    It dials in a thread for each: those asked for at once ring in any order. But nobody may ring before one who came
    earlier and for whom it had to be asked once more.
    """
    first: dict[str, int] = {}
    for place, (_, number) in enumerate(asked):
        first.setdefault(number, place)
    assert [*first] == sorted(first), "somebody was to be rung before one who came earlier"
    for later, earlier in ((a, b) for a in rung for b in rung if b < a and rung[b] > rung[a]):
        place = first[later]
        is_at_once = (asked[place][0], earlier) in asked[:place]
        again = any(number == earlier for _, number in asked[place:])
        assert is_at_once or not again, f"{later} was rung before {earlier}, who came earlier"


async def test_who_was_heard_of_late_goes_before_one_who_is_found_after_a_cut(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """The daemon counts the wait of one from when it heard of it, and of the other from when it came."""
    async with wired(boot_pbx, tmp_path) as (at, wire), at.acd.client("lead") as lead:
        wire.lag_s = LATE_S
        await at.waiting(from_number="13800000001")
        await at.waiting(from_number="13800000002")
        assert (await lead.sees("call"))["caller_number"] == "13800000001"
        wire.lag_s = 0
        await wire.cut()
        assert (await lead.sees("call"))["caller_number"] == "13800000002"
        await lead.sees("pbx", why_lost=None)
        async with at.acd.agents("1001"):
            assert (await first_ring(at.phones)).caller_number == "13800000001"


@pytest.mark.parametrize("only_down", [True, False])
async def test_a_link_over_which_nothing_comes_back_is_noticed(
    boot_pbx: BootPbx, tmp_path: Path, only_down: bool
) -> None:
    """Half open: asked after half the time for an answer, it is given up; what happened meanwhile is taken in."""
    async with wired(boot_pbx, tmp_path, answer_s_max=1.0) as (at, wire), at.acd.client("lead") as lead:
        gone = await at.waiting(seen_by=lead)
        wire.hold(only_down=only_down)
        begun = time.monotonic()
        await gone.hang_up()
        new = await at.waiting(from_number="13800000002")
        lost = await lead.sees("pbx", within_s=4)
        assert "no answer for 1 s" in lost["why_lost"]
        assert time.monotonic() - begun < 2.5
        wire.release()
        await lead.sees("finished")
        assert (await lead.sees("call"))["caller_number"] == "13800000002"
        await lead.sees("pbx", why_lost=None)
        assert not new._over.is_set()


async def test_after_asterisk_itself_has_died_agents_and_lines_are_clean(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Within five seconds of its return; and the next caller is served."""
    centre = Centre(agents={"1001": {}, "1002": {}}, groups={"desk": {"wrap_up_s": 600}})
    async with house(boot_pbx, centre, tmp_path, rtp=False) as at:
        async with at.acd.client("lead") as lead, at.acd.agents(*centre.agents) as [talks, rings]:
            await at.waiting(seen_by=lead)
            await (await at.phones[0].ringing()).answer()
            await talks.is_in("talking")
            await at.waiting(seen_by=lead)
            await at.phones[1].ringing()
            await rings.is_in("ringing")
            await at.waiting(seen_by=lead)
            await at.pbx.kill()
            await lead.sees("pbx")
            await trio.sleep(4)  # long enough for the longest pause between two tries
            await at.pbx.start()
            begun = time.monotonic()
            await lead.sees("pbx", why_lost=None)
            await talks.is_in("wrap-up")
            await rings.is_in("ready")
            took = time.monotonic() - begun
            print(f"clean after Asterisk's return, s: {took:.2f}")  # noqa: T201 - a figure
            assert took < 5
            outcomes = [event["outcome"] for event in lead.events if event["type"] == "finished"]
            assert sorted(outcomes) == ["abandoned", "abandoned", "released-by-caller"]
            assert await http_status(at.acd.address, "/readyz") == 200
        async with at.acd.client("lead") as lead:
            assert lead.snapshot["calls"] == []
        await at.phones[1].register()
        async with at.acd.agents("1002", ready=False) as [agent]:
            await at.waiting(from_number="13800000009")
            assert (await at.phones[1].ringing()).caller_number == "13800000009"
            await agent.is_in("ringing")
