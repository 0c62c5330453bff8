"""Supervisors take part in talks, and talks are recorded, while agents hold, consult and transfer: the whole daemon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trio

from tests.asterisk.house import House, house
from tests.asterisk.scripted_core import acd_pbx
from tests.asterisk.talk_scene import MUSIC, play_tone_as_music
from tests.asterisk.talks import Parties
from tests.daemon import Centre, Client
from tests.pbx.fixtures import BootPbx
from tests.pbx.incoming import IncomingCall
from tests.pbx.outgoing import OutgoingCall
from tests.pbx.recordings import tones_of

pytestmark = pytest.mark.asterisk

CALLER = 1210
LEAD = {"device": "PJSIP/1003"}
OUTSIDE = """
[acd-outside-own]
exten => _55XX,1,Dial(PJSIP/${EXTEN}@trunk)
"""
PART_S = 1.0
"""How long each part of a recorded talk lasts."""


@dataclass
class Room(Parties):
    """A house in which 1001 talks with a caller, 1002 is ready, and 1003 is the supervisor's phone."""

    at: House
    lead: Client
    ann: Client
    bob: Client

    async def answered(self, place: int, name: str) -> IncomingCall:
        """The next ring at that phone, answered, by a party so called."""
        ring = await self.at.sip.phones[str(1001 + place)].ringing()
        await ring.answer()
        self.parties[name] = ring
        return ring

    async def begin(self) -> OutgoingCall:
        """A caller and ann talk."""
        caller = self.parties["caller"] = await self.at.sip.dial("8001", tone=CALLER)
        await self.answered(0, "ann")
        await self.ann.is_in("talking")
        await self.is_heard(caller="ann", ann="caller")
        return caller

    async def monitored(self, mode: str, agent: str = "1001") -> None:
        """The supervisor's phone takes part in the agent's talk."""
        await self.lead.does("monitor", agent=agent, mode=mode)
        await self.answered(2, "lead")
        await self.lead.sees("monitor", state="on")

    async def consulted(self, *, lead: bool = False) -> None:
        """Ann talks with bob about the caller, and `lead` with both."""
        await self.bob.does("ready")
        await self.ann.does("consult", to="agent:1002")
        await self.answered(1, "bob")
        await self.bob.is_in("talking")
        await self.is_heard(ann="bob lead" if lead else "bob", caller="music")


@asynccontextmanager
async def room(boot_pbx: BootPbx, folder: Path, **group: Any) -> AsyncIterator[Room]:
    """All are there; nobody talks yet."""
    centre = Centre(agents={"1001": {}, "1002": {}}, groups={"desk": {"wrap_up_s": 600, **group}}, keys_of_lead=LEAD)
    async with house(boot_pbx, centre, folder, settings=acd_pbx(3, OUTSIDE)) as at:
        await play_tone_as_music(at.pbx)
        await at.sip.phone("1003")
        tones = {name: at.sip.phones[str(1001 + place)].tone for place, name in enumerate(("ann", "bob", "lead"))}
        tones |= {"caller": CALLER, "music": MUSIC}
        async with at.acd.client("lead") as lead, at.acd.agents("1001", "1002", ready=False) as [ann, bob]:
            await ann.does("ready")
            yield Room({}, tones, at, lead, ann, bob)


# --- supervisors ------------------------------------------------------------------------------------------------------


async def test_who_listens_hears_the_agent_through_every_stage(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """On hold, in a consult, in a conference; until the agent's part of the talk is over, and nobody hears a thing."""
    async with room(boot_pbx, tmp_path) as here:
        await here.begin()
        await here.monitored("listen")
        await here.is_heard(lead="ann caller", ann="caller", caller="ann")
        await here.ann.does("hold")
        await here.is_heard(lead="ann", ann="", caller="music")
        await here.ann.does("retrieve")
        await here.is_heard(lead="ann caller", ann="caller", caller="ann")
        await here.consulted()
        await here.is_heard(lead="ann bob", ann="bob", bob="ann", caller="music")
        await here.ann.does("conference")
        await here.is_heard(lead="ann bob caller", ann="bob caller", bob="ann caller", caller="ann bob")
        await here.ann.does("transfer")
        await here.ann.is_in("wrap-up")
        await here.lead.sees("monitor", state="over")
        await here.parties["lead"].ended()
        await here.is_heard(bob="caller", caller="bob")


async def test_who_listens_to_the_consulted_agent_listens_on_after_the_transfer(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    """And takes the caller over there."""
    async with room(boot_pbx, tmp_path) as here:
        await here.begin()
        await here.consulted()
        await here.monitored("listen", agent="1002")
        await here.is_heard(lead="ann bob")
        await here.ann.does("transfer")
        await here.is_heard(lead="bob caller", bob="caller", caller="bob")
        await here.lead.does("monitor", agent="1002", mode="intercept")
        await here.bob.is_in("wrap-up")
        await here.is_heard(lead="caller", caller="lead")


async def test_who_barges_in_is_heard_by_whom_the_agent_talks_with(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """By the caller, then by the party and not by the caller, then by the caller again."""
    async with room(boot_pbx, tmp_path) as here:
        await here.begin()
        await here.monitored("barge")
        await here.is_heard(lead="ann caller", ann="caller lead", caller="ann lead")
        await here.consulted(lead=True)
        await here.is_heard(lead="ann bob", ann="bob lead", bob="ann lead", caller="music")
        await here.ann.does("reconnect")
        await here.is_heard(lead="ann caller", ann="caller lead", caller="ann lead")
        await here.ann.does("hold")
        await here.is_heard(caller="music")
        await here.ann.does("retrieve")
        await here.is_heard(lead="ann caller", ann="caller lead", caller="ann lead")


@pytest.mark.parametrize("stage", ["connected", "held"])
@pytest.mark.parametrize("rule", ["none", "all"])
async def test_intercept(boot_pbx: BootPbx, tmp_path: Path, stage: str, rule: str) -> None:
    """The caller talks with the supervisor, on hold or not, recorded or not; the agent has wrap-up."""
    async with room(boot_pbx, tmp_path, recording=rule) as here:
        caller = await here.begin()
        if stage == "held":
            await here.ann.does("hold")
            await here.is_heard(caller="music", ann="")
        await here.lead.does("monitor", agent="1001", mode="intercept")
        await here.answered(2, "lead")
        await here.ann.is_in("wrap-up")
        await here.is_heard(lead="caller", caller="lead")
        await here.parties["ann"].ended()
        await here.parties["lead"].hang_up()
        assert (await here.lead.sees("finished"))["outcome"] == "intercepted"
        await caller.ended()


async def test_a_new_life_lets_listeners_go_but_not_who_has_a_caller(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """Both may be asked for again."""
    async with room(boot_pbx, tmp_path) as here:
        caller = await here.begin()
        await here.monitored("listen")
        await here.at.acd.kill()
        listener = here.parties["lead"]
        await here.at.acd.start()
        await listener.ended()
        await here.is_heard(ann="caller", caller="ann")
        async with here.at.acd.client("lead") as lead:
            await lead.does("monitor", agent="1001", mode="intercept")
            await here.answered(2, "lead")
            await here.is_heard(lead="caller", caller="lead")
            await here.at.acd.kill()
        await here.at.acd.start()
        async with here.at.acd.client("lead") as lead:
            await here.is_heard(lead="caller", caller="lead")
            await caller.hang_up()
            await here.parties["lead"].ended()
            assert (await lead.sees("finished"))["outcome"] == "intercepted"
            assert (await lead.ask("end_monitor"))["ok"] is False, "nothing is left of it"


# --- recordings -------------------------------------------------------------------------------------------------------


async def test_one_file_holds_both_agents_of_a_transfer_by_consult(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """And neither music nor the consult."""
    async with room(boot_pbx, tmp_path, recording="all") as here:
        caller = await here.begin()
        await trio.sleep(PART_S)
        await here.consulted()
        await trio.sleep(PART_S)
        await here.ann.does("transfer")
        await here.is_heard(bob="caller", caller="bob")
        await trio.sleep(PART_S)
        await caller.hang_up()
        path = Path((await here.lead.sees("finished", outcome="released-by-caller"))["recording"])
        assert await sounds(path, here.tones) == ["ann+caller", "bob+caller"]
        assert _beside(path) == [path]


async def test_hold_and_conference_are_recorded_as_the_caller_hears_them(boot_pbx: BootPbx, tmp_path: Path) -> None:
    async with room(boot_pbx, tmp_path, recording="all") as here:
        caller = await here.begin()
        await trio.sleep(PART_S)
        await here.ann.does("hold")
        await here.is_heard(caller="music")
        await here.ann.does("retrieve")
        await here.is_heard(ann="caller", caller="ann")
        await here.consulted()
        await here.ann.does("conference")
        await here.is_heard(ann="bob caller", bob="ann caller", caller="ann bob")
        await trio.sleep(PART_S)
        await caller.hang_up()
        path = Path((await here.lead.sees("finished", outcome="released-by-caller"))["recording"])
        assert await sounds(path, here.tones) == ["ann+caller", "ann+bob+caller"]


async def test_the_agent_pauses_and_resumes(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """What is said meanwhile isn't in the file; nor after a hold in the pause."""
    async with room(boot_pbx, tmp_path, recording="all") as here:
        caller = await here.begin()
        await here.ann.sees("recording", state="on")
        await trio.sleep(PART_S)
        await here.ann.does("record", word="pause")
        assert (await here.lead.sees("recording", state="paused"))["agent"] == "1001"
        await here.consulted()
        await here.ann.does("reconnect")
        await here.parties["bob"].ended()
        await here.is_heard(ann="caller", caller="ann")
        await here.ann.does("consult", to="number:5501")
        here.parties["outside"] = number = await here.at.sip.outside.ringing()
        await number.answer()
        await here.ann.does("record", word="resume")
        await here.ann.does("reconnect")
        await here.is_heard(ann="caller", caller="ann")
        await trio.sleep(PART_S)
        await caller.hang_up()
        path = Path((await here.lead.sees("finished", outcome="released-by-caller"))["recording"])
        assert await sounds(path, here.tones) == ["ann+caller"]


async def test_a_recording_goes_on_in_a_new_life_which_can_pause_and_resume_it(
    boot_pbx: BootPbx, tmp_path: Path
) -> None:
    async with room(boot_pbx, tmp_path, recording="all") as here:
        caller = await here.begin()
        told = await here.lead.sees("recording", state="on")
        path = Path(told["path"])
        await trio.sleep(PART_S)
        await here.at.acd.kill()
        await here.at.acd.start()
        async with here.at.acd.client("lead") as lead, here.at.acd.agents("1001", ready=False) as [ann]:
            await ann.does("record", word="pause")
            await lead.sees("recording", state="paused")
            paused = await stays_so_long(path)
            await ann.does("record", word="resume")
            await here.is_heard(ann="caller", caller="ann")
            await trio.sleep(PART_S)
            await caller.hang_up()
            assert Path((await lead.sees("finished"))["recording"]) == path
        assert await sounds(path, here.tones) == ["ann+caller"]
        assert _size(path) > paused


async def test_an_outgoing_call_is_recorded(boot_pbx: BootPbx, tmp_path: Path) -> None:
    """From the moment in which the number has answered."""
    async with room(boot_pbx, tmp_path, recording="all") as here:
        here.at.sip.outside.tone = CALLER
        await here.ann.does("dial", number="5501", group="desk")
        await here.answered(0, "ann")
        number = here.parties["caller"] = await here.at.sip.outside.ringing()
        await number.answer()
        await here.is_heard(ann="caller", caller="ann")
        await here.lead.sees("recording", state="on")
        await trio.sleep(PART_S)
        await here.monitored("listen")
        await here.is_heard(lead="ann caller")
        await number.hang_up()
        path = Path((await here.lead.sees("finished"))["recording"])
        assert await sounds(path, here.tones) == ["ann+caller"]


async def sounds(path: Path, tones: dict[str, int]) -> list[str]:
    """Who is heard in the file when nothing more is written to it, silence between left out."""
    await stays_so_long(path)
    heard = [who for who in tones_of(path, tones) if who]
    return [who for n, who in enumerate(heard) if n == 0 or heard[n - 1] != who]


async def stays_so_long(path: Path) -> int:
    """The file's size when that has been the same for some time."""
    with trio.fail_after(5):
        size, since = -1, trio.current_time()
        while trio.current_time() - since < 0.5:
            if size != (size := _size(path)):
                since = trio.current_time()
            await trio.sleep(0.05)
    return size


def _size(path: Path) -> int:
    return path.stat().st_size


def _beside(path: Path) -> list[Path]:
    return [*path.parent.iterdir()]
